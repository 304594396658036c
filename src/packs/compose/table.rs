//! Tables of values: what a pack's tables show and what its open data holds.

use super::value::{Show, Value};
use crate::packs::document::Cell;
use std::borrow::Cow;

/// A table with the field's names for its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable<'a> {
    /// What templates and files call it, such as `schemes`.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub title: String,
    pub fields: Vec<Field>,
    pub rows: Vec<DataRow<'a>>,
    /// The fields whose values together say which row it is, whatever rows stand beside it.
    pub key: &'static [&'static str],
    /// The fields that name a row to a reader.
    pub names: &'static [&'static str],
}

/// One row: one value for each field.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRow<'a> {
    pub kind: DataRowKind,
    pub values: Vec<Value<'a>>,
    /// What a reader is told in the place of a value, or after it; by the field's place. Open data, and
    /// what explains a figure, keep the value.
    pub said: Vec<(usize, Said)>,
}

/// What a reader is told where a value alone would mislead.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// In the place of the value, such as `–` where nothing can be.
    Instead(Cow<'static, str>),
    /// After the value, such as `[f]` where it holds a forecast.
    After(&'static str),
}

impl DataRow<'_> {
    /// Whether a reader sees the field's value, not words in its place.
    pub fn shows(&self, field: usize) -> bool {
        !self.said.iter().any(|(at, said)| *at == field && matches!(said, Said::Instead(_)))
    }

    /// The value of a field as a cell of a table that is shown.
    pub fn cell(&self, field: usize, show: Show) -> Cell {
        let cell = self.values[field].cell(show);
        match self.said.iter().find(|(at, _)| *at == field) {
            None => cell,
            Some((_, Said::Instead(words))) => Cell { missing: true, ..Cell::text(words.as_ref()) },
            // A space that does not break: the two are read as one.
            Some((_, Said::After(mark))) => Cell { text: format!("{}\u{a0}{mark}", cell.text), ..cell },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataRowKind {
    Body,
    /// A sum of the rows above; left out of the open data, which sums to it.
    Total,
    /// The first of `n` rows that speak of one thing, such as a measure's target and actual.
    FirstOf(u8),
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What templates and files call it, such as `budget_full_year`.
    pub name: Cow<'static, str>,
    /// What it is, in a few words.
    pub meaning: &'static str,
    pub kind: FieldKind,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Whole,
    /// Pounds and pence.
    Money,
    Number,
    Percent,
    /// A month, `2025-04`.
    Month,
    /// A RAG, or what a process chart shows, in a word.
    Judgement,
}

impl FieldKind {
    /// Numbers are set right-aligned.
    pub fn is_numeric(self) -> bool {
        match self {
            FieldKind::Text | FieldKind::Month | FieldKind::Judgement => false,
            FieldKind::Whole | FieldKind::Money | FieldKind::Number | FieldKind::Percent => true,
        }
    }
}

/// A column, shortly written.
pub fn field(name: &'static str, kind: FieldKind, meaning: &'static str) -> Field {
    Field { name: name.into(), meaning, kind }
}

impl<'a> DataTable<'a> {
    pub fn new(name: &'static str, title: impl Into<String>, fields: Vec<Field>) -> DataTable<'a> {
        DataTable { name, title: title.into(), fields, rows: Vec::new(), key: &[], names: &[] }
    }

    /// Says which fields tell one row from another, and which name it to a reader.
    pub fn keyed_by(self, key: &'static [&'static str], names: &'static [&'static str]) -> DataTable<'a> {
        DataTable { key, names, ..self }
    }

    pub fn push(&mut self, values: Vec<Value<'a>>) {
        self.push_as(DataRowKind::Body, values);
    }

    pub fn push_as(&mut self, kind: DataRowKind, values: Vec<Value<'a>>) {
        debug_assert_eq!(values.len(), self.fields.len(), "{}: a value for each field", self.name);
        self.rows.push(DataRow { kind, values, said: Vec::new() });
    }

    /// What a reader is told of a field of the row that was pushed last.
    pub fn say(&mut self, field: &str, said: Said) {
        let at = self.field_index(field);
        if let Some((row, at)) = self.rows.last_mut().zip(at) {
            row.said.push((at, said));
        }
    }

    /// Where the column of this name stands.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}
