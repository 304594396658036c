//! What a restated pack says otherwise than the version that it takes the place of.
//!
//! The version before is known by its open data, as it was published. Only the figures that a board looks at first are listed; pages compare all of them.
//!
//! Source: the Code of Practice for Statistics, on revisions: say what was revised, by how much and why.

use super::Composed;
use crate::packs::{
    data::csv,
    restated::{MAIN, Restated, restated},
};
use serde::Serialize;

/// A pack that takes the place of one that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restates {
    /// This pack's version.
    pub version: u32,
    /// The version that it takes the place of.
    pub replaces: u32,
    /// The entry of the audit record by which the month was opened again; none where it was not.
    pub opened_by_entry: Option<u64>,
    /// Why, as it was said then; empty where nobody did.
    pub reason: String,
    /// The tables of the version before, by name: its open data, as CSV.
    pub tables: Vec<(String, Vec<u8>)>,
}

/// How many revisions a pack lists.
const MOST_LISTED: usize = 60;

/// The words of a restated pack.
#[derive(Serialize)]
pub struct RestatedWords<'a> {
    pub version: u32,
    pub replaces: u32,
    /// Empty where nobody said why.
    pub reason: &'a str,
    /// How many of the figures compared are not what they were.
    pub count: usize,
    pub changes: Vec<Change>,
    /// How many are not listed.
    pub more: usize,
}

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part of the pack, such as `Fund by scheme`.
    pub table: &'static str,
    pub row: String,
    pub column: String,
    pub old: String,
    pub new: String,
    /// New less old, where both are numbers.
    pub difference: String,
}

pub fn words<'a>(composed: &Composed<'_>, restates: &'a Restates) -> RestatedWords<'a> {
    let compared = MAIN.iter().filter_map(|(name, ..)| {
        let now = composed.table(name)?;
        let (_, then) = restates.tables.iter().find(|(held, _)| held == name)?;
        Some(restated(name, then, &csv(now), composed))
    });
    let mut changes: Vec<Change> = compared.flatten().filter_map(change).collect();
    let count = changes.len();
    changes.truncate(MOST_LISTED);
    RestatedWords {
        version: restates.version,
        replaces: restates.replaces,
        reason: &restates.reason,
        count,
        more: count - changes.len(),
        changes,
    }
}

fn change(restated: Restated) -> Option<Change> {
    let table = restated.main_part()?;
    let [old, new, difference] = restated.shown();
    Some(Change { table, row: restated.row, column: restated.column, old, new, difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        figures::money::Pence,
        packs::{
            compose::value::{Show, Value},
            example::Example,
        },
    };

    #[test]
    fn a_revision_is_told_with_old_new_and_difference_in_pounds() {
        let example = Example::published();
        let composed = example.composed();
        let held = |name: &str| String::from_utf8(csv(composed.table(name).unwrap())).unwrap();
        let restates = |schemes: String| Restates {
            version: 2,
            replaces: 1,
            opened_by_entry: Some(7),
            reason: "Two invoices came in.".into(),
            tables: vec![("schemes".into(), schemes.into_bytes()), ("pools".into(), held("pools").into())],
        };
        // What is the same is not told.
        let same = restates(held("schemes"));
        assert_eq!(words(&composed, &same).count, 0);
        // Reablement's outturn is £3,709,411.97 in the example; £9,999.97 less was published before.
        let now = composed.figure("schemes.S03.outturn").unwrap().value.clone();
        let Value::Money(now) = now else { panic!("an outturn is money") };
        let was = now - Pence(999_997);
        let restated = restates(held("schemes").replace(&now.to_string(), &was.to_string()));
        let words = words(&composed, &restated);
        let change = &words.changes[0];
        assert_eq!(words.count, 1);
        assert_eq!((change.row.as_str(), change.column.as_str()), ("Reablement", "Outturn"));
        assert_eq!(change.difference, "+£9,999.97");
        assert_eq!(change.new, Value::Money(now).shown(Show::Plain));
        assert_eq!(change.old, Value::Money(was).shown(Show::Plain));
    }

    #[test]
    fn rows_that_came_or_went_are_told() {
        let example = Example::published();
        let composed = example.composed();
        let held = String::from_utf8(csv(composed.table("settlement").unwrap())).unwrap();
        let tables = vec![("settlement".to_owned(), held.replace("REDCROSS", "WHITECROSS").into_bytes())];
        let restates =
            Restates { version: 3, replaces: 2, opened_by_entry: None, reason: String::new(), tables };
        let words = words(&composed, &restates);
        let sides: Vec<[&str; 2]> = words.changes.iter().map(|one| [&*one.old, &*one.new]).collect();
        assert_eq!(sides, [["£4,580.68", "not there"], ["not there", "£4,580.68"]]);
    }
}
