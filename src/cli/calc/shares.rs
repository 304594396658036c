//! Shares as they are sent: `[{"key": "P1", "bp": 6000}, …]`, or `{"P1": 6000, …}`.

use super::Fault;
use crate::figures::split::WHOLE_BP;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Unexpected, Visitor},
};
use std::fmt;

/// The largest amount that is taken, in pence either way: ten trillion pounds.
const LARGEST_AMOUNT: i64 = 1_000_000_000_000_000;

/// A whole number, however it is written: `1000`, `1000.0` and `1e3` are one number.
#[derive(Clone, Copy)]
pub(super) struct Whole(pub i64);

/// Keys and their basis points, in the order sent.
pub(super) struct Shares(pub Vec<(String, i64)>);

#[derive(Deserialize)]
struct Share {
    key: String,
    bp: Whole,
}

impl Shares {
    /// The shares, once they are known to be a split of the whole.
    pub(super) fn checked(&self) -> Result<&[(String, i64)], Fault> {
        let Shares(shares) = self;
        if let Some((key, bp)) = shares.iter().find(|(_, bp)| !(0..=WHOLE_BP).contains(bp)) {
            let message = format!("the share of “{key}” is {bp} bp: send 0 to {WHOLE_BP}");
            return Err(Fault::new("share_out_of_range", message));
        }
        let mut keys: Vec<&String> = shares.iter().map(|(key, _)| key).collect();
        keys.sort();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("“{}” has more than one share: send each key once", twice[0]);
            return Err(Fault::new("duplicate_key", message));
        }
        let sum: i64 = shares.iter().map(|(_, bp)| bp).sum();
        if sum != WHOLE_BP {
            let message = format!("the shares sum to {sum} bp: send shares that sum to {WHOLE_BP}");
            return Err(Fault::new("shares_not_whole", message));
        }
        Ok(shares)
    }
}

/// Refuses amounts that no budget holds, so that no sum on the way can overflow.
pub(super) fn checked_amount(field: &str, Whole(pence): Whole) -> Result<i64, Fault> {
    if (-LARGEST_AMOUNT..=LARGEST_AMOUNT).contains(&pence) {
        Ok(pence)
    } else {
        let message =
            format!("{field} is {pence}: send pence between -{LARGEST_AMOUNT} and {LARGEST_AMOUNT}");
        Err(Fault::new("amount_out_of_range", message))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Whole, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        // What is too large is larger than any amount that is taken, and is refused as such.
        Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        if number.fract() == 0.0 {
            Ok(Whole(number as i64)) // as near as there is: beyond 64 bits it is refused as too large
        } else {
            Err(E::invalid_type(Unexpected::Float(number), &self))
        }
    }
}

impl<'de> Deserialize<'de> for Shares {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shares, D::Error> {
        deserializer.deserialize_any(SharesVisitor)
    }
}

struct SharesVisitor;

impl<'de> Visitor<'de> for SharesVisitor {
    type Value = Shares;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of {key, bp}, or an object of key and bp")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Shares, A::Error> {
        let mut shares = Vec::new();
        while let Some(Share { key, bp: Whole(bp) }) = sequence.next_element()? {
            shares.push((key, bp));
        }
        Ok(Shares(shares))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shares, A::Error> {
        let mut shares = Vec::new();
        while let Some((key, Whole(bp))) = map.next_entry()? {
            shares.push((key, bp));
        }
        Ok(Shares(shares))
    }
}
