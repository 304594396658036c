//! What a workbook's cell says, as the text that a CSV file would hold.

use crate::returns::columns::{self, Content};
use calamine::{DataRef, ExcelDateTime};
use chrono::{Datelike, NaiveDate, NaiveTime};

/// What a column's heading says of its cells, so far as a number or a date is written differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    /// Pounds and pence: at least two decimals.
    Money,
    /// Dates may stand for their month.
    Period,
    Other,
}

impl ColumnKind {
    pub(super) fn of(heading: &str) -> ColumnKind {
        let heading = heading.trim().to_lowercase();
        match columns::content(&heading) {
            Some(Content::Money) => ColumnKind::Money,
            Some(Content::Period) => ColumnKind::Period,
            // A plan's tables have columns such as `first_period`.
            None if heading.ends_with("_period") => ColumnKind::Period,
            Some(Content::Code | Content::Number) | None => ColumnKind::Other,
        }
    }
}

/// A cell's text. Strings stay as they stand; numbers are written out in decimals without thousands;
/// dates as `2015-04-01`; in the period column the first day of a month, or any day that is shown as a
/// month and year, as `2015-04`.
pub(super) fn text(cell: &DataRef<'_>, kind: ColumnKind, number_format: Option<&str>) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => in_column(number.to_string(), kind),
        DataRef::Float(number) => in_column(number_text(*number), kind),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(date) => date_text(date, kind, number_format),
        DataRef::DateTimeIso(text) => iso_date_text(text, kind, number_format),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A number in at most fifteen significant digits, which is what a spreadsheet keeps and shows: the
/// binary tail of a sum such as 0.1 + 0.2 is not part of it. No arithmetic is done on the number.
fn number_text(number: f64) -> String {
    let shortest = number.to_string();
    let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
    let text = if digits <= 15 {
        shortest
    } else {
        // Text and back: what was just written in fifteen digits reads as a number and writes out in no more.
        format!("{number:.14e}").parse::<f64>().map_or(shortest, |kept| kept.to_string())
    };
    if text == "-0" { "0".to_owned() } else { text }
}

/// Gives an amount of money the decimals it lacks of two; one with more keeps them, to be refused.
fn in_column(number: String, kind: ColumnKind) -> String {
    let digits_alone = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match (kind, decimals) {
        (ColumnKind::Money, 0) if digits_alone => number + ".00",
        (ColumnKind::Money, 1) if digits_alone => number + "0",
        (ColumnKind::Money | ColumnKind::Period | ColumnKind::Other, _) => number,
    }
}

/// The last day that spreadsheets know: 31 December 9999.
const LAST_DAY: f64 = 2_958_466.0;

fn date_text(date: &ExcelDateTime, kind: ColumnKind, number_format: Option<&str>) -> String {
    let days = date.as_f64();
    let day_and_time =
        (date.is_datetime() && (0.0..LAST_DAY).contains(&days)).then(|| date.as_datetime()).flatten();
    match day_and_time {
        Some(at) if at.time() == NaiveTime::MIN => day_text(at.date(), kind, number_format),
        Some(at) => at.format("%Y-%m-%dT%H:%M:%S").to_string(),
        None => number_text(days),
    }
}

fn iso_date_text(text: &str, kind: ColumnKind, number_format: Option<&str>) -> String {
    let day = text.split_once('T').map_or(text, |(day, time)| {
        let midnight = time.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.' | b'Z'));
        if midnight { day } else { text }
    });
    match NaiveDate::parse_from_str(day, "%Y-%m-%d") {
        Ok(day) => day_text(day, kind, number_format),
        Err(_) => text.to_owned(),
    }
}

fn day_text(day: NaiveDate, kind: ColumnKind, number_format: Option<&str>) -> String {
    let is_month = day.day() == 1 || number_format.is_some_and(shows_month_and_year);
    let form = if kind == ColumnKind::Period && is_month { "%Y-%m" } else { "%Y-%m-%d" };
    day.format(form).to_string()
}

/// Whether a number format such as `mmm-yy` or `[$-809]mmmm yyyy;@` shows a month and a year but no day.
fn shows_month_and_year(number_format: &str) -> bool {
    let mut letters = String::new();
    let mut characters = number_format.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => drop(characters.by_ref().find(|&closing| closing == '"')),
            '[' => drop(characters.by_ref().find(|&closing| closing == ']')),
            '\\' | '_' | '*' => drop(characters.next()),
            ';' => break,
            letter if letter.is_ascii_alphabetic() => letters.push(letter.to_ascii_lowercase()),
            _ => {}
        }
    }
    letters.contains('m') && letters.contains('y') && !letters.contains(['d', 'h', 's'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{CellErrorType, ExcelDateTimeType};

    fn number(number: f64, kind: ColumnKind) -> String {
        text(&DataRef::Float(number), kind, None)
    }

    fn date(days: f64, kind: ColumnKind, number_format: &str) -> String {
        let date = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, false);
        text(&DataRef::DateTime(date), kind, Some(number_format))
    }

    #[test]
    fn numbers_are_written_as_the_spreadsheet_keeps_them() {
        for (value, written) in [
            (42.0, "42"),
            (-1234.5, "-1234.5"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.3"),
            (1_234_567.89, "1234567.89"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (123_456_789_012.34, "123456789012.34"),
            (1e-7, "0.0000001"),
        ] {
            assert_eq!(number(value, ColumnKind::Other), written);
        }
    }

    #[test]
    fn an_amount_of_money_gets_two_decimals_unless_it_has_more() {
        for (value, written) in [
            (1234.5, "1234.50"),
            (1234.0, "1234.00"),
            (-0.01, "-0.01"),
            (0.0, "0.00"),
            (12.345, "12.345"),
            (19.99 * 3.0, "59.97"),
        ] {
            assert_eq!(number(value, ColumnKind::Money), written);
        }
        assert_eq!(text(&DataRef::Int(7), ColumnKind::Money, None), "7.00");
        assert_eq!(text(&DataRef::SharedString("7"), ColumnKind::Money, None), "7");
        assert_eq!(number(f64::INFINITY, ColumnKind::Money), "inf");
    }

    #[test]
    fn the_first_of_a_month_is_its_month_in_the_period_column_alone() {
        // Day 42,095 is 1 April 2015; 42,124 is 30 April 2015.
        assert_eq!(date(42_095.0, ColumnKind::Period, "dd/mm/yyyy"), "2015-04");
        assert_eq!(date(42_095.0, ColumnKind::Other, "mmm-yy"), "2015-04-01");
        assert_eq!(date(42_124.0, ColumnKind::Period, "dd/mm/yyyy"), "2015-04-30");
        assert_eq!(date(42_124.0, ColumnKind::Period, "mmm-yy"), "2015-04");
        assert_eq!(date(42_095.5, ColumnKind::Period, "dd/mm/yyyy hh:mm"), "2015-04-01T12:00:00");
        let iso = |found: &str, kind| text(&DataRef::DateTimeIso(found.into()), kind, None);
        assert_eq!(iso("2015-04-01T00:00:00.000", ColumnKind::Period), "2015-04");
        assert_eq!(iso("2015-04-01T09:30:00", ColumnKind::Period), "2015-04-01T09:30:00");
    }

    #[test]
    fn a_date_that_no_calendar_has_stays_a_number() {
        assert_eq!(date(-5.0, ColumnKind::Other, "dd/mm/yyyy"), "-5");
        assert_eq!(date(3e6, ColumnKind::Other, "dd/mm/yyyy"), "3000000");
    }

    #[test]
    fn a_format_shows_a_month_where_it_has_no_day() {
        for format in ["mmm-yy", "[$-809]mmmm yyyy;@", "yyyy\\-mm", "mmm\" d \"yy"] {
            assert!(shows_month_and_year(format), "{format}");
        }
        for format in ["dd/mm/yyyy", "d-mmm-yy", "yyyy", "h:mm", "General", "0.00"] {
            assert!(!shows_month_and_year(format), "{format}");
        }
    }

    #[test]
    fn truth_and_errors_are_written_as_the_spreadsheet_shows_them() {
        assert_eq!(text(&DataRef::Bool(true), ColumnKind::Money, None), "TRUE");
        assert_eq!(text(&DataRef::Error(CellErrorType::NA), ColumnKind::Money, None), "#N/A");
        assert_eq!(text(&DataRef::Empty, ColumnKind::Money, None), "");
    }
}
