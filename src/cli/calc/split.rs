//! `split`: an amount in shares, to the penny.

use super::{
    Fault, Function, read_fields,
    shares::{Shares, Whole, checked_amount},
    write_object,
};
use crate::figures::{money::Pence, split::largest_remainder};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

pub(super) const FUNCTION: Function = Function {
    name: "split",
    about: "An amount in pence split in shares by largest remainder: every penny is handed out.",
    example: r#"{"id": 1, "function": "split", "amount": 1000, "shares": [{"key": "P1", "bp": 3333}, {"key": "P2", "bp": 6667}]}"#,
    answer,
};

#[derive(Deserialize)]
struct Asked {
    amount: Whole,
    shares: Shares,
}

#[derive(Serialize)]
struct Answer<'a> {
    parts: Parts<'a>,
}

/// Keys and pence, written as an object in this order.
pub(super) struct Parts<'a>(pub Vec<(&'a str, Pence)>);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (key, part) in &self.0 {
            object.serialize_entry(key, &part.0)?;
        }
        object.end()
    }
}

fn answer(line: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
    let asked: Asked = read_fields(line, &FUNCTION)?;
    let amount = Pence(checked_amount("amount", asked.amount)?);
    let shares = asked.shares.checked()?;
    let keys = shares.iter().map(|(key, _)| key.as_str());
    write_object(&Answer { parts: Parts(keys.zip(largest_remainder(amount, shares)).collect()) }, output);
    Ok(())
}
