//! What is found wrong with a plan, and the readers of single cells that find it.

use super::{forms::ColumnForm, tables::Row};
use crate::{
    figures::{
        money::Pence,
        period::{FinancialYear, Month},
    },
    returns::fault::{Fault, MOST_TOLD, Noted, is_unseen, noted},
};
use std::ops::RangeInclusive;

/// The longest id, in characters.
const LONGEST_ID: usize = 40;
/// The longest name.
pub const LONGEST_NAME: usize = 200;
/// The longest sentence or paragraph.
pub const LONGEST_TEXT: usize = 2_000;

/// The most faults that are kept: with the one that says how many more there are, as many as are told.
const MOST_FAULTS: usize = MOST_TOLD - 1;
const MOST_NOTES: usize = 10_000;

/// Everything found so far: faults refuse the plan, notes do not.
pub struct Findings {
    faults: Noted,
    notes: Noted,
    /// The plan was taken in before: rules of form, which may have come since, are not held against it.
    pub is_kept: bool,
}

impl Default for Findings {
    fn default() -> Findings {
        Findings { faults: Noted::at_most(MOST_FAULTS), notes: Noted::at_most(MOST_NOTES), is_kept: false }
    }
}

impl Findings {
    /// Of a plan that was taken in before.
    pub fn of_kept() -> Findings {
        Findings { is_kept: true, ..Findings::default() }
    }

    /// Faults and notes; where there were more than are kept, the last says how many.
    pub fn into_parts(self) -> (Vec<Fault>, Vec<Fault>) {
        (whole(self.faults, "fault"), whole(self.notes, "note"))
    }

    /// A fault of one cell; the remedy follows what stands there.
    pub fn at_cell(&mut self, row: Row<'_>, column: usize, code: &'static str, remedy: impl Into<String>) {
        self.faults.add(|| cell_fault(row, column, code, remedy.into()));
    }

    pub fn note_at_cell(
        &mut self,
        row: Row<'_>,
        column: usize,
        code: &'static str,
        remedy: impl Into<String>,
    ) {
        self.notes.add(|| cell_fault(row, column, code, remedy.into()));
    }

    /// A fault of a row, or of the whole table where the row is 0.
    pub fn at_row(&mut self, table: &str, row: u32, code: &'static str, remedy: impl Into<String>) {
        self.faults.add(|| row_fault(table, row, code, remedy.into()));
    }

    pub fn note_at_row(&mut self, table: &str, row: u32, code: &'static str, remedy: impl Into<String>) {
        self.notes.add(|| row_fault(table, row, code, remedy.into()));
    }

    /// A table without a column that it needs.
    pub fn missing_column(&mut self, table: &str, column: &ColumnForm) {
        self.at_row(
            table,
            1,
            "COLUMN",
            format!(
                "the column \"{}\" is missing. Add it and write {} in each row",
                column.name, column.write
            ),
        );
    }

    /// A code that other rows refer to.
    pub fn id<'t>(&mut self, row: Row<'t>, column: usize) -> Option<&'t str> {
        let text = row.text(column);
        self.is_sound_text(row, column, LONGEST_ID).then_some(text)
    }

    /// Words that must not be empty.
    pub fn words(&mut self, row: Row<'_>, column: usize, longest: usize) -> String {
        self.is_sound_text(row, column, longest);
        row.text(column).to_owned()
    }

    /// Words that may be left out.
    pub fn optional_words<'t>(&mut self, row: Row<'t>, column: usize, longest: usize) -> Option<&'t str> {
        let text = row.text(column);
        (!text.is_empty() && self.is_sound_text(row, column, longest)).then_some(text)
    }

    /// A whole number within the range.
    pub fn whole(&mut self, row: Row<'_>, column: usize, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.filled(row, column)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_whole.then(|| text.parse().ok()).flatten().filter(|number| range.contains(number));
        if number.is_none() {
            let (first, last) = (thousands(*range.start()), thousands(*range.end()));
            let write = row.table().form().columns[column].write;
            self.at_cell(
                row,
                column,
                "NUMBER",
                format!("is not a whole number from {first} to {last}. Write {write}"),
            );
        }
        number
    }

    /// One of the named choices.
    pub fn choice<T: Copy>(&mut self, row: Row<'_>, column: usize, choices: &[(&str, T)]) -> Option<T> {
        let text = self.filled(row, column)?;
        let chosen = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.at_cell(row, column, "CHOICE", format!("is not known here. Write {}", listed(&names, "or")));
        }
        chosen
    }

    /// Pounds and pence, nought or more.
    pub fn money(&mut self, row: Row<'_>, column: usize) -> Option<Pence> {
        let text = self.filled(row, column)?;
        let amount = Pence::parse(text.as_bytes()).filter(|amount| *amount >= Pence::ZERO);
        if amount.is_none() {
            self.at_cell(
                row,
                column,
                "MONEY",
                "is not an amount of money of nought or more. Write pounds and pence with two decimals, like 42.60",
            );
        }
        amount
    }

    /// A month; a spreadsheet's date of the first of a month is that month too.
    pub fn month(&mut self, row: Row<'_>, column: usize) -> Option<Month> {
        let text = self.filled(row, column)?;
        let month = Month::parse(text.strip_suffix("-01").unwrap_or(text).as_bytes())
            .or_else(|| Month::parse(text.as_bytes()));
        if month.is_none() {
            self.at_cell(row, column, "PERIOD", "is not a month. Write year and month, like 2025-12");
        }
        month
    }

    pub fn financial_year(&mut self, row: Row<'_>, column: usize) -> Option<FinancialYear> {
        let text = self.filled(row, column)?;
        let year = FinancialYear::parse(text);
        if year.is_none() {
            self.at_cell(row, column, "PERIOD", "is not a financial year. Write it like 2025-26");
        }
        year
    }

    /// The cell's text where it is not empty; else a fault that says what to write.
    pub fn filled<'t>(&mut self, row: Row<'t>, column: usize) -> Option<&'t str> {
        let text = row.text(column);
        if text.is_empty() {
            let write = row.table().form().columns[column].write;
            self.at_cell(row, column, "EMPTY", format!("needs an entry. Write {write}"));
        }
        (!text.is_empty()).then_some(text)
    }

    fn is_sound_text(&mut self, row: Row<'_>, column: usize, longest: usize) -> bool {
        let Some(text) = self.filled(row, column) else { return false };
        let remedy = if text.trim() != text {
            "begins or ends with a space. Take the space away".to_owned()
        } else if !self.is_kept && text.chars().any(is_unseen) {
            "holds a line break or another invisible character. Write it anew on one line".to_owned()
        } else if text.len() > longest && text.chars().count() > longest {
            format!("is longer than {} characters. Shorten it", thousands(longest as i64))
        } else {
            return true;
        };
        self.at_cell(row, column, "TEXT", remedy);
        false
    }
}

fn whole(found: Noted, noun: &str) -> Vec<Fault> {
    let (mut kept, more) = found.into_parts();
    if more > 0 {
        let remedy = format!("has {} more {noun}s. See to these first", thousands(more as i64));
        kept.push(row_fault("the plan", 0, "MORE", remedy));
    }
    kept
}

fn cell_fault(row: Row<'_>, column: usize, code: &'static str, remedy: String) -> Fault {
    Fault {
        table: row.table().name().to_owned(),
        row: row.number(),
        column: row.place(column),
        heading: row.table().form().columns[column].name.to_owned(),
        found: noted(row.text(column)),
        code,
        remedy,
    }
}

fn row_fault(table: &str, row: u32, code: &'static str, remedy: String) -> Fault {
    Fault {
        table: table.to_owned(),
        row,
        column: None,
        heading: String::new(),
        found: String::new(),
        code,
        remedy,
    }
}

/// A whole number with commas between thousands: `7,996`.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Names in a row: `a, b or c`.
pub fn listed<T: AsRef<str>>(names: &[T], last: &str) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        match names.len() - index {
            _ if index == 0 => {}
            1 => text.push_str(&format!(" {last} ")),
            _ => text.push_str(", "),
        }
        text.push_str(name.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_by_commas() {
        for (number, text) in [(0, "0"), (999, "999"), (7996, "7,996"), (-1_234_567, "-1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn names_are_listed_as_a_sentence_lists_them() {
        assert_eq!(listed(&["a"], "or"), "a");
        assert_eq!(listed(&["a", "b"], "or"), "a or b");
        assert_eq!(listed(&["a", "b", "c"], "and"), "a, b and c");
    }
}
