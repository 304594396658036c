//! Rows received, accepted and turned away.

use super::{
    Worked, named,
    step::{Input, Step, whole},
};
use crate::{
    figures::facts::ReturnType,
    packs::compose::{PackSource, figure_id::Located, value::Value},
};

/// A return's row.
pub(super) fn of_return(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let name = named(at, "return");
    let counts = source.facts.intake.get(&ReturnType::from_name(&name)?)?;
    let rejected = counts.rows - counts.accepted;
    let count = |number: u32| Value::Whole(i64::from(number));
    let input = |label: &str, number: u32, field: &str| {
        Input::figure(label, count(number), "quality", &[&name], field)
    };
    let codes = |codes: &std::collections::BTreeMap<&'static str, u32>| -> Vec<Input> {
        codes.iter().map(|(code, number)| Input::new(*code, count(*number))).collect()
    };
    let sum = |from: u32, less: u32| format!("{} \u{2212} {}", whole(from.into()), whole(less.into()));
    let step = match at.field.name.as_ref() {
        "accepted" => Step::new(
            "The rows that were received and not turned away",
            sum(counts.rows, rejected),
            count(counts.rows - rejected),
        )
        .of([input("Rows", counts.rows, "rows"), input("Turned away", rejected, "rejected")]),
        "rejected" => Step::new(
            "The rows that fail a rule, each by the first that it fails",
            sum(counts.rows, counts.accepted),
            count(rejected),
        )
        .of(codes(&counts.rejected)),
        "queried" => Step::new(
            "The queries on rows that were accepted",
            super::step::plus(counts.warnings.values().map(|number| whole((*number).into()))),
            Value::Whole(counts.warnings.values().copied().map(i64::from).sum()),
        )
        .of(codes(&counts.warnings)),
        _ => return None,
    };
    Some(Worked { steps: vec![step], ..Worked::default() })
}
