//! Open data: each table of a pack as CSV, described for other programs.
//!
//! CSV is UTF-8 with a heading and LF line ends (RFC 4180). Money is in pounds and pence, months are
//! `2025-04`, and a figure that is not there says why in square brackets. Text that a spreadsheet
//! would take for a formula is led by an apostrophe; numbers are never touched.

use super::compose::{
    table::{DataRowKind, DataTable, Field, FieldKind},
    value::{State, Value},
};
use crate::figures::{money::Pence, period::Month};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use std::borrow::Cow;

/// A table as CSV. Rows that sum others are left out.
pub fn csv(table: &DataTable<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 * (table.rows.len() + 1) * table.fields.len().max(1) / 4);
    push_row(&mut out, table.fields.iter().map(|field| Cow::Borrowed(field.name.as_ref())));
    for row in table.rows.iter().filter(|row| row.kind != DataRowKind::Total) {
        push_row(
            &mut out,
            row.values.iter().map(|value| match value {
                Value::Text(text) => safe_text(text),
                Value::Whole(_)
                | Value::Money(_)
                | Value::Number(_)
                | Value::Percent(_)
                | Value::Month(_)
                | Value::Year(_)
                | Value::Rag(_)
                | Value::Judged(..)
                | Value::Missing(_) => value.plain(),
            }),
        );
    }
    out
}

/// A cell of open data as a value again; what is not of its column's kind is a text.
pub fn read(kind: FieldKind, cell: &str) -> Value<'_> {
    let state = State::ALL.iter().find(|state| Value::Missing(**state).plain() == cell);
    let number = || cell.parse::<Decimal>().ok();
    let value = match kind {
        _ if state.is_some() => state.copied().map(Value::Missing),
        FieldKind::Money => Pence::parse(cell.as_bytes()).map(Value::Money),
        FieldKind::Whole => cell.parse().ok().map(Value::Whole),
        FieldKind::Number => number().map(Value::Number),
        FieldKind::Percent => number().map(Value::Percent),
        FieldKind::Month => Month::parse(cell.as_bytes()).map(Value::Month),
        FieldKind::Text | FieldKind::Judgement => None,
    };
    let text = cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULA_STARTS));
    value.unwrap_or(Value::text(text.unwrap_or(cell)))
}

const FORMULA_STARTS: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '|'];

/// Text that starts like a formula is led by an apostrophe.
pub fn safe_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn push_row<'a>(out: &mut Vec<u8>, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.push(b'\n');
}

/// The Frictionless descriptor of a pack's tables: names, types, units and missing-value codes.
pub fn datapackage(name: &str, title: &str, tables: &[DataTable<'_>]) -> Vec<u8> {
    let missing = State::ALL.map(|state| Value::Missing(state).plain().into_owned());
    let resources: Vec<Json> = tables
        .iter()
        .map(|table| {
            json!({
                "name": table.name.replace('_', "-"),
                "path": file_name(table),
                "title": table.title,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "profile": "tabular-data-resource",
                "schema": {
                    "fields": table.fields.iter().map(described).collect::<Vec<_>>(),
                    "missingValues": missing,
                },
            })
        })
        .collect();
    let package = json!({
        "name": name,
        "title": title,
        "profile": "tabular-data-package",
        "licenses": [{ "name": "OGL-UK-3.0", "title": "Open Government Licence v3.0" }],
        "resources": resources,
    });
    let mut bytes = serde_json::to_vec_pretty(&package).expect("a descriptor is plain values");
    bytes.push(b'\n');
    bytes
}

/// The file that holds a table's CSV.
pub fn file_name(table: &DataTable<'_>) -> String {
    format!("{}.csv", table.name)
}

fn described(field: &Field) -> Json {
    let (kind, unit) = match field.kind {
        FieldKind::Text | FieldKind::Judgement => ("string", None),
        FieldKind::Whole => ("integer", None),
        FieldKind::Money => ("number", Some("GBP")),
        FieldKind::Number => ("number", None),
        FieldKind::Percent => ("number", Some("%")),
        FieldKind::Month => ("yearmonth", None),
    };
    let mut described = json!({ "name": field.name, "type": kind, "description": field.meaning });
    if let Some(unit) = unit {
        described["unit"] = unit.into();
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{
        compose::{table::field, value::Show},
        example::Example,
    };

    #[test]
    fn what_was_written_is_read_again() {
        let example = Example::published();
        for table in &example.composed().tables {
            let kinds = table.fields.iter().map(|field| field.kind);
            let kinds: Vec<FieldKind> = kinds.collect();
            let csv = csv(table);
            let mut reader = csv::Reader::from_reader(csv.as_slice());
            let rows = table.rows.iter().filter(|row| row.kind != DataRowKind::Total);
            for (row, record) in rows.zip(reader.records()) {
                for ((value, kind), cell) in row.values.iter().zip(&kinds).zip(&record.unwrap()) {
                    let again = read(*kind, cell);
                    assert_eq!(again.plain(), value.plain(), "{}", table.name);
                    let is_year = matches!(value, Value::Year(_)); // a text in its column: shown as it is held
                    assert!(
                        is_year || again.shown(Show::Plain) == value.shown(Show::Plain),
                        "{}: {cell}",
                        table.name
                    );
                }
            }
        }
        assert_eq!(read(FieldKind::Text, "'=1+1"), Value::text("=1+1"));
        assert_eq!(read(FieldKind::Text, "'twas"), Value::text("'twas"));
    }

    #[test]
    fn text_like_a_formula_is_made_safe_and_negative_numbers_are_left_alone() {
        let fields = vec![field("name", FieldKind::Text, ""), field("amount", FieldKind::Money, "")];
        let mut table = DataTable::new("t", "", fields);
        table.push(vec![Value::text("=1+1"), Value::Money(Pence(-5))]);
        table.push(vec![Value::text("a \"b\", c"), Value::Missing(State::Late)]);
        table.push_as(DataRowKind::Total, vec![Value::text("Total"), Value::Money(Pence(-5))]);
        let csv = String::from_utf8(csv(&table)).unwrap();
        assert_eq!(csv, "name,amount\n'=1+1,-0.05\n\"a \"\"b\"\", c\",[late]\n");
    }
}
