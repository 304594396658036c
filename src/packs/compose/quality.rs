//! Tables of what was received, taken and turned away, and of the files that a pack rests on.

use super::{
    PackSource,
    table::{DataTable, FieldKind, field},
    value::Value,
};
use crate::figures::facts::ReturnType;
use std::collections::BTreeMap;

/// How many rows each code is on.
type Codes = BTreeMap<&'static str, u32>;

/// A return that a pack's figures rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReturnUsed {
    pub return_type: ReturnType,
    pub file_name: String,
    /// The area's submission, numbered from 1.
    pub submission: u32,
    /// Of the file's bytes, in hexadecimal.
    pub sha256: String,
}

pub fn tables<'a>(source: PackSource<'a>) -> [DataTable<'a>; 4] {
    [intake(source), codes(source), rejects(source), returns(source)]
}

fn intake<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "quality",
        "Rows received, accepted and turned away",
        vec![
            field("return", FieldKind::Text, "The type of return"),
            field("rows", FieldKind::Whole, "Rows received"),
            field("accepted", FieldKind::Whole, "Rows accepted"),
            field("rejected", FieldKind::Whole, "Rows turned away"),
            field("queried", FieldKind::Whole, "Queries on rows that were accepted"),
            field("reasons", FieldKind::Text, "Why rows were turned away, with how many"),
            field("queries", FieldKind::Text, "What was accepted but should be looked at"),
        ],
    )
    .keyed_by(&["return"], &["return"]);
    for (return_type, counts) in &source.facts.intake {
        table.push(vec![
            Value::text(return_type.name()),
            Value::Whole(i64::from(counts.rows)),
            Value::Whole(i64::from(counts.accepted)),
            Value::Whole(i64::from(counts.rows - counts.accepted)),
            Value::Whole(counts.warnings.values().copied().map(i64::from).sum()),
            Value::Text(counted(&counts.rejected).into()),
            Value::Text(counted(&counts.warnings).into()),
        ]);
    }
    table
}

/// What was wrong or is queried, how often, and what the code means: those codes alone that occur.
fn codes<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "codes",
        "Why rows were turned away or queried",
        vec![
            field("outcome", FieldKind::Text, "Turned away, or accepted with a query"),
            field("code", FieldKind::Text, "The rule's code"),
            field("meaning", FieldKind::Text, "What the rule says"),
            field("rows", FieldKind::Whole, "How many rows of all returns"),
        ],
    )
    .keyed_by(&["outcome", "code"], &["code", "outcome"]);
    let mut push = |outcome: &'static str, codes: Codes| {
        for (code, count) in codes {
            table.push(vec![
                Value::text(outcome),
                Value::text(code),
                Value::text(crate::returns::fault::meaning_of(code)),
                Value::Whole(i64::from(count)),
            ]);
        }
    };
    let counts = || source.facts.intake.values();
    push("Turned away", summed(counts().map(|counts| &counts.rejected)));
    push("Queried", summed(counts().map(|counts| &counts.warnings)));
    table
}

/// The codes of all returns together.
fn summed<'c>(returns: impl Iterator<Item = &'c Codes>) -> Codes {
    let mut sums = Codes::new();
    for (code, count) in returns.flatten() {
        *sums.entry(code).or_default() += count;
    }
    sums
}

/// `DUP 3, PERIOD 1`, or `none`.
fn counted(codes: &Codes) -> String {
    if codes.is_empty() {
        return "none".into();
    }
    codes.iter().map(|(code, count)| format!("{code} {count}")).collect::<Vec<_>>().join(", ")
}

fn rejects<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "rejects",
        "Rows turned away",
        vec![
            field("return", FieldKind::Text, "The type of return"),
            field("row", FieldKind::Whole, "The row as a spreadsheet numbers it"),
            field("code", FieldKind::Text, "The first rule that the row fails"),
            field("reason", FieldKind::Text, "What the rule says"),
        ],
    )
    .keyed_by(&["return", "row"], &["return", "row"]);
    for reject in &source.facts.rejects {
        table.push(vec![
            Value::text(reject.return_type.name()),
            Value::Whole(i64::from(reject.row)),
            Value::text(reject.code),
            Value::text(crate::returns::fault::meaning_of(reject.code)),
        ]);
    }
    table
}

fn returns<'a>(source: PackSource<'a>) -> DataTable<'a> {
    let mut table = DataTable::new(
        "returns",
        "The returns that the figures rest on",
        vec![
            field("return", FieldKind::Text, "The type of return"),
            field("submission", FieldKind::Whole, "The area's submission, numbered from 1"),
            field("file", FieldKind::Text, "The file's name as sent"),
            field("sha256", FieldKind::Text, "SHA-256 of the file's bytes"),
        ],
    )
    .keyed_by(&["return", "submission"], &["return", "file"]);
    for used in source.returns {
        table.push(vec![
            Value::text(used.return_type.name()),
            Value::Whole(i64::from(used.submission)),
            Value::text(&used.file_name),
            Value::text(&used.sha256),
        ]);
    }
    table
}
