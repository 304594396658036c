//! Rows into PostgreSQL by `COPY … FROM STDIN`, in its text format.

use super::{Rows, Table, Value};
use crate::store::schema;
use diesel::{ExecuteCopyFromDsl, PgConnection, QueryResult, pg::CopyFormat};
use std::io::Write;

/// Sent at a time.
const CHUNK: usize = 64 * 1024;

/// Adds `rows` to `table` and says how many were added.
pub(super) fn insert(connection: &mut PgConnection, table: Table, rows: &dyn Rows) -> QueryResult<usize> {
    macro_rules! copy_into {
        ($table:ident) => {
            diesel::copy_from(schema::$table::table)
                .from_raw_data(schema::$table::table, |server| write_rows(server, rows, table.columns()))
                .with_format(CopyFormat::Text)
                .execute(connection)
        };
    }
    match table {
        Table::MeasureFact => copy_into!(measure_fact),
        Table::TargetFact => copy_into!(target_fact),
        Table::FinanceLine => copy_into!(finance_line),
        Table::CapitationLine => copy_into!(capitation_line),
        Table::RowFault => copy_into!(row_fault),
        Table::IntakeCount => copy_into!(intake_count),
    }
}

fn write_rows(server: &mut dyn Write, rows: &dyn Rows, columns: usize) -> QueryResult<()> {
    let mut text = Vec::with_capacity(CHUNK + 1024);
    for row in 0..rows.count() {
        for column in 0..columns {
            if column > 0 {
                text.push(b'\t');
            }
            write_value(&mut text, rows.value(row, column));
        }
        text.push(b'\n');
        if text.len() >= CHUNK {
            send(server, &text)?;
            text.clear();
        }
    }
    send(server, &text)
}

fn send(server: &mut dyn Write, text: &[u8]) -> QueryResult<()> {
    server.write_all(text).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// Source: PostgreSQL's manual, COPY, "Text Format".
fn write_value(text: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => text.extend_from_slice(b"\\N"),
        Value::Integer(number) => write_integer(text, number),
        Value::Text(value) => {
            for &byte in value.as_bytes() {
                match byte {
                    b'\\' => text.extend_from_slice(b"\\\\"),
                    b'\t' => text.extend_from_slice(b"\\t"),
                    b'\n' => text.extend_from_slice(b"\\n"),
                    b'\r' => text.extend_from_slice(b"\\r"),
                    byte => text.push(byte),
                }
            }
        }
    }
}

fn write_integer(text: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_copy_reads_the_same() {
        let mut text = Vec::new();
        for value in [
            Value::Null,
            Value::Integer(0),
            Value::Integer(-10),
            Value::Integer(i64::MIN),
            Value::Integer(i64::MAX),
            Value::Text("a\tb\\N\r\n\"é'"),
        ] {
            write_value(&mut text, value);
            text.push(b'|');
        }
        let written = String::from_utf8(text).unwrap();
        assert_eq!(written, "\\N|0|-10|-9223372036854775808|9223372036854775807|a\\tb\\\\N\\r\\n\"é'|");
    }
}
