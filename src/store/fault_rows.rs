//! Faults and counts of a submission's intake as rows.

use super::{
    NewSubmission, RowFault, StoreError,
    bulk::{self, Rows, Table, Value},
    db::Db,
};
use std::borrow::Cow;

/// How severities are written.
pub(super) const REJECT: &str = "reject";
pub(super) const WARNING: &str = "warning";

/// Adds what was wrong with the rows of one submission, and how many rows each rule met.
pub(super) fn add_faults(db: &mut Db, new: &NewSubmission<'_>, submission: u32) -> Result<(), StoreError> {
    let area_code = new.plan.area.code.as_str();
    let submission = i64::from(submission);
    let texts =
        new.faults.iter().map(|fault| [shown(fault.heading), shown(fault.found), shown(fault.remedy)]);
    let faults = FaultRows { area_code, submission, faults: new.faults, texts: texts.collect() };
    bulk::insert(db, Table::RowFault, &faults)?;

    let rejects = new.counts.rejected.iter().map(|(code, rows)| (REJECT, *code, *rows));
    let warnings = new.counts.warnings.iter().map(|(code, rows)| (WARNING, *code, *rows));
    let counts = CountRows { area_code, submission, counts: rejects.chain(warnings).collect() };
    bulk::insert(db, Table::IntakeCount, &counts)
}

/// PostgreSQL cannot keep a NUL in a text; on either database it becomes the sign for what cannot be
/// shown. The original file has it still.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

struct FaultRows<'a> {
    area_code: &'a str,
    submission: i64,
    faults: &'a [RowFault<'a>],
    /// Heading, what was found and the remedy of each.
    texts: Vec<[Cow<'a, str>; 3]>,
}

impl Rows for FaultRows<'_> {
    fn count(&self) -> usize {
        self.faults.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let fault = &self.faults[row];
        match column {
            0 => Value::Text(self.area_code),
            1 => Value::Integer(self.submission),
            2 => Value::Integer(row as i64 + 1),
            3 => Value::Integer(fault.row.into()),
            4 => Value::Text(fault.code),
            5 => Value::Text(fault.severity.name()),
            6 => Value::from(fault.column.map(|column| column as i64)),
            7 => Value::Text(&self.texts[row][0]),
            8 => Value::Text(&self.texts[row][1]),
            _ => Value::Text(&self.texts[row][2]),
        }
    }
}

struct CountRows<'a> {
    area_code: &'a str,
    submission: i64,
    /// Severity, code and rows.
    counts: Vec<(&'static str, &'static str, u32)>,
}

impl Rows for CountRows<'_> {
    fn count(&self) -> usize {
        self.counts.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let (severity, code, rows) = self.counts[row];
        match column {
            0 => Value::Text(self.area_code),
            1 => Value::Integer(self.submission),
            2 => Value::Text(severity),
            3 => Value::Text(code),
            _ => Value::Integer(rows.into()),
        }
    }
}
