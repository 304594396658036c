//! Many rows into one table, as fast as each database takes them, inside the transaction under way.
//!
//! A row is read value by value from where it already lies ([`Rows`]); nothing is built in between.

mod postgresql;
pub(super) mod sqlite;

use super::{StoreError, db::Db};

/// One value of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Value::Null, Value::Integer)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Value::Null, Value::Text)
    }
}

/// Rows to be added. What cannot be told is [`Value::Null`]: the table refuses it, and all is undone.
pub(super) trait Rows {
    fn count(&self) -> usize;

    /// The value of a column, counted from 0 in the table's order. It must not panic.
    fn value(&self, row: usize, column: usize) -> Value<'_>;
}

/// The tables that take many rows at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    MeasureFact,
    TargetFact,
    FinanceLine,
    CapitationLine,
    RowFault,
    IntakeCount,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::MeasureFact => "measure_fact",
            Table::TargetFact => "target_fact",
            Table::FinanceLine => "finance_line",
            Table::CapitationLine => "capitation_line",
            Table::RowFault => "row_fault",
            Table::IntakeCount => "intake_count",
        }
    }

    fn columns(self) -> usize {
        match self {
            Table::MeasureFact | Table::CapitationLine => 8,
            Table::TargetFact => 7,
            Table::FinanceLine => 9,
            Table::RowFault => 10,
            Table::IntakeCount => 5,
        }
    }
}

/// Adds `rows` to `table`.
pub(super) fn insert(db: &mut Db, table: Table, rows: &dyn Rows) -> Result<(), StoreError> {
    if rows.count() == 0 {
        return Ok(());
    }
    let added = match db {
        Db::Sqlite(connection) => sqlite::insert(connection, table, rows)?,
        Db::Postgresql(connection) => postgresql::insert(connection, table, rows)?,
    };
    if added == rows.count() {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!("{} took {added} rows of {}", table.name(), rows.count())))
    }
}
