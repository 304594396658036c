//! What a restated pack says otherwise than the version that it takes the place of.
//!
//! The version before is known by its open data, as it was published: rows are matched by the columns that
//! tell them apart. Only the figures that a board looks at first are listed; pages compare all of them.
//!
//! Source: the Code of Practice for Statistics, on revisions: say what was revised, by how much and why.

use super::{
    table::{DataRow, DataRowKind, DataTable, FieldKind},
    value::{Show, Value},
};
use crate::{
    figures::money::Pence,
    packs::{data::safe_text, difference::less},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use std::collections::HashMap;

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

/// The figures that are compared, by table.
const COMPARED: [(&str, &[&str]); 7] = [
    ("scorecard", &["latest_value", "year_to_date", "rag"]),
    ("pools", &["actual_to_date", "outturn", "rag"]),
    ("partners", &["actual_to_date", "outturn", "rag"]),
    ("schemes", &["actual_to_date", "outturn", "rag"]),
    ("settlement", &["settlement"]),
    ("segments", &["cost", "surplus"]),
    ("incentive", &["earned"]),
];

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
    /// What the table holds, such as `The fund by scheme`.
    pub table: String,
    pub row: String,
    pub column: String,
    pub old: String,
    pub new: String,
    /// New less old, where both are numbers.
    pub difference: String,
}

pub fn words<'a>(tables: &[DataTable<'_>], restates: &'a Restates) -> RestatedWords<'a> {
    let mut changes = Vec::new();
    for (name, fields) in COMPARED {
        let now = tables.iter().find(|table| table.name == name);
        let then = restates.tables.iter().find(|(held, _)| held == name);
        if let Some((now, (_, then))) = now.zip(then) {
            compare(now, then, fields, &mut changes);
        }
    }
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

/// The rows of open data by what tells them apart: their cells by heading.
type Rows = HashMap<Vec<String>, HashMap<String, String>>;

fn compare(now: &DataTable<'_>, then: &[u8], fields: &[&str], changes: &mut Vec<Change>) {
    let mut then = rows_of(then, now.key);
    let places =
        |names: &[&str]| -> Vec<usize> { names.iter().filter_map(|name| now.field_index(name)).collect() };
    let (key, names) = (places(now.key), places(now.names));
    let change = |row: String, field: &str, old: String, new: String, difference: String| Change {
        table: now.title.clone(),
        row,
        column: now.field_index(field).map_or_else(String::new, |at| now.fields[at].words()),
        old,
        new,
        difference,
    };
    let gone = || "not there".to_owned();
    for row in now.rows.iter().filter(|row| row.kind != DataRowKind::Total) {
        let old_row = then.remove(&texts(row, &key));
        let name = names.iter().map(|at| row.values[*at].shown(Show::Plain)).collect::<Vec<_>>().join(", ");
        for (field, at) in fields.iter().filter_map(|field| Some((*field, now.field_index(field)?))) {
            let value = &row.values[at];
            let shown = value.shown(Show::Plain);
            match old_row.as_ref().and_then(|cells| cells.get(field)) {
                Some(old) if *old == safe_text(&value.plain()) => {}
                Some(old) if value.plain() == *old => {}
                Some(old) => {
                    let old = read(now.fields[at].kind, old);
                    let difference = less(value, &old).map(|less| less.signed()).unwrap_or_default();
                    changes.push(change(name.clone(), field, old.shown(Show::Plain), shown, difference));
                }
                None => changes.push(change(name.clone(), field, gone(), shown, String::new())),
            }
        }
    }
    // What is there no more, in an order that does not hang on the map.
    let mut left: Vec<_> = then.into_iter().collect();
    left.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, cells) in left {
        let name =
            now.names.iter().filter_map(|name| cells.get(*name)).cloned().collect::<Vec<_>>().join(", ");
        for (field, at) in fields.iter().filter_map(|field| Some((*field, now.field_index(field)?))) {
            let old =
                cells.get(field).map_or_else(gone, |old| read(now.fields[at].kind, old).shown(Show::Plain));
            changes.push(change(name.clone(), field, old, gone(), String::new()));
        }
    }
}

fn texts(row: &DataRow<'_>, fields: &[usize]) -> Vec<String> {
    fields
        .iter()
        .map(|field| match &row.values[*field] {
            Value::Text(text) => safe_text(text).into_owned(),
            value => value.plain().into_owned(),
        })
        .collect()
}

fn rows_of(csv: &[u8], key: &[&str]) -> Rows {
    let mut reader = csv::Reader::from_reader(csv);
    let Ok(headings) = reader.headers().cloned() else { return Rows::new() };
    let rows = reader.records().flatten().map(|record| {
        let cells: HashMap<String, String> =
            headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
        (key.iter().map(|name| cells.get(*name).cloned().unwrap_or_default()).collect(), cells)
    });
    rows.collect()
}

/// A value as open data holds it; what is not a number is a text, `[late]` without its brackets.
fn read(kind: FieldKind, text: &str) -> Value<'static> {
    let words = || Value::Text(text.trim_matches(['[', ']']).to_owned().into());
    let Ok(number) = text.parse::<Decimal>() else { return words() };
    match kind {
        FieldKind::Money => {
            let pence = number.checked_mul(Decimal::ONE_HUNDRED).and_then(|pence| pence.to_i64());
            pence.map_or_else(words, |pence| Value::Money(Pence(pence)))
        }
        FieldKind::Percent => Value::Percent(number),
        FieldKind::Whole | FieldKind::Number => Value::Number(number),
        FieldKind::Text | FieldKind::Month | FieldKind::Judgement => words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{data, example::Example};

    #[test]
    fn a_revision_is_told_with_old_new_and_difference_in_pounds() {
        let example = Example::published();
        let composed = example.composed();
        let csv = |name: &str| String::from_utf8(data::csv(composed.table(name).unwrap())).unwrap();
        let restates = |schemes: String| Restates {
            version: 2,
            replaces: 1,
            opened_by_entry: Some(7),
            reason: "Two invoices came in.".into(),
            tables: vec![("schemes".into(), schemes.into_bytes()), ("pools".into(), csv("pools").into())],
        };
        // What is the same is not told.
        let same = restates(csv("schemes"));
        assert_eq!(words(&composed.tables, &same).count, 0);
        // Reablement's outturn is £3,709,411.97 in the example; £9,999.97 less was published before.
        let now = composed.figure("schemes.S03.outturn").unwrap().value.clone();
        let Value::Money(now) = now else { panic!("an outturn is money") };
        let was = now - Pence(999_997);
        let restated = restates(csv("schemes").replace(&now.to_string(), &was.to_string()));
        let words = words(&composed.tables, &restated);
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
        let csv = String::from_utf8(data::csv(composed.table("settlement").unwrap())).unwrap();
        let tables = vec![("settlement".to_owned(), csv.replace("REDCROSS", "WHITECROSS").into_bytes())];
        let restates =
            Restates { version: 3, replaces: 2, opened_by_entry: None, reason: String::new(), tables };
        let words = words(&composed.tables, &restates);
        let sides: Vec<[&str; 2]> = words.changes.iter().map(|one| [&*one.old, &*one.new]).collect();
        assert_eq!(sides, [["not there", "£4,580.68"], ["£4,580.68", "not there"]]);
    }
}
