//! Targets that lie in the plan, and whether a year's profile adds up to its annual figure.

use super::{
    findings::Findings,
    index::{AreaIndex, Index},
    tables::{Row, Tables},
};
use crate::figures::{
    agreement::{Measure, Windows},
    facts::{Source, Target, TargetValue},
    period::{MonthRange, Period},
    profile::profiles,
};
use std::collections::HashMap;

/// Targets are kept in ten-thousandths.
const PLACES: u32 = 4;

/// Reads the targets of each area, in the plan's order.
pub fn targets(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    measures: (&[Vec<Measure>], &Index<'_>),
    windows: Option<&Windows>,
    findings: &mut Findings,
) -> Vec<Vec<Target>> {
    let (measures, measure_index) = measures;
    let table = tables.get("targets");
    let [area, period, measure, value] = table.columns(["area_code", "period", "measure_id", "target"]);
    let mut lists: Vec<Vec<Target>> = areas.lists();
    let mut first_rows: HashMap<(usize, usize, Period), u32> = HashMap::new();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let place = measure_index.find(area, areas, row, measure, findings);
        let months = period_of(row, period, windows, findings);
        let decimals = area.zip(place).map_or(PLACES, |(area, place)| measures[area][place].decimals);
        let number = target_value(row, value, decimals, findings);
        let (Some(area), Some(place), Some(months), Some(number)) = (area, place, months, number) else {
            continue;
        };
        if let Some(first) = first_rows.insert((area, place, months), row.number()) {
            findings.at_cell(
                row,
                period,
                "DUPLICATE",
                format!(
                    "has a target for {} in row {first} already. Keep one of the two rows",
                    row.text(measure)
                ),
            );
            continue;
        }
        lists[area].push(Target {
            source: Source { submission: 0, row: row.number() },
            measure: place as u16,
            period: months,
            value: number,
        });
    }
    for (area, targets) in lists.iter().enumerate() {
        compare_profiles(areas.code(area), &measures[area], targets, findings);
    }
    lists
}

fn period_of(
    row: Row<'_>,
    column: usize,
    windows: Option<&Windows>,
    findings: &mut Findings,
) -> Option<Period> {
    let text = findings.filled(row, column)?;
    let Some(period) = Period::parse(text) else {
        let write = row.table().form().columns[column].write;
        findings.at_cell(row, column, "PERIOD", format!("is not a period. Write {write}"));
        return None;
    };
    let overlaps = |window: MonthRange| {
        let months = period.months();
        months.first() <= window.last() && window.first() <= months.last()
    };
    if let Some(window) = windows.map(|windows| windows.targets).filter(|window| !overlaps(*window)) {
        findings.at_cell(
            row,
            column,
            "PERIOD",
            format!(
                "lies outside the months that targets may speak of, {} to {}. Correct it, or widen the \
                 window in windows",
                window.first(),
                window.last()
            ),
        );
        return None;
    }
    Some(period)
}

fn target_value(row: Row<'_>, column: usize, decimals: u32, findings: &mut Findings) -> Option<TargetValue> {
    let text = row.text(column);
    match text {
        "" => return Some(TargetValue::NotSet),
        "TBC" => return Some(TargetValue::ToBeConfirmed),
        _ => {}
    }
    match ten_thousandths(text) {
        None => {
            findings.at_cell(
                row,
                column,
                "NUMBER",
                "is neither a number nor TBC. Write a number like 652 or 95.9, TBC, or nothing",
            );
            None
        }
        Some((_, places)) if places > decimals => {
            let remedy = match decimals {
                0 => "has decimals, but the measure is shown without. Write a whole number".to_owned(),
                1 => "has more decimals than the measure, which is shown with 1. Write 1 at most".to_owned(),
                _ => format!(
                    "has more decimals than the measure, which is shown with {decimals}. Write {decimals} at most"
                ),
            };
            findings.at_cell(row, column, "NUMBER", remedy);
            None
        }
        Some((number, _)) => Some(TargetValue::Number(number)),
    }
}

/// Reads `-?`, one to twelve digits and up to four decimals, as ten-thousandths; with how many decimals.
fn ten_thousandths(text: &str) -> Option<(i64, u32)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let places = decimals.map_or(0, str::len) as u32;
    if !(1..=12).contains(&whole.len()) || !is_digits(whole) || places > PLACES {
        return None;
    }
    if decimals.is_some_and(|decimals| decimals.is_empty() || !is_digits(decimals)) {
        return None;
    }
    let digits = whole.bytes().chain(decimals.unwrap_or_default().bytes());
    let number = digits.fold(0i64, |number, digit| number * 10 + i64::from(digit - b'0'));
    Some((sign * number * 10i64.pow(PLACES - places), places))
}

/// Notes each target of a year or a quarter that its parts do not add up to, as far as the plan has them.
fn compare_profiles(area: &str, measures: &[Measure], targets: &[Target], findings: &mut Findings) {
    for ((measure, year), profile) in profiles(targets) {
        let measure = &measures[usize::from(measure)];
        if !measure.kind.adds_up() {
            continue;
        }
        for difference in profile.differences(measure.decimals) {
            let (words, id) = (difference.words(difference.whole()), &measure.id);
            findings.note_at_row(
                "targets",
                difference.set.source.row,
                "PROFILE",
                format!("{area}, {id}, {year}: {words}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_up_to_twelve_digits_and_four_decimals() {
        for (text, number) in [
            ("652", Some((6_520_000, 0))),
            ("95.9", Some((959_000, 1))),
            ("-0.0001", Some((-1, 4))),
            ("999999999999.9999", Some((9_999_999_999_999_999, 4))),
            ("1234567890123", None),
            ("1.23456", None),
            ("1.", None),
            (".5", None),
            ("1,234", None),
            ("+1", None),
            ("-", None),
            ("1e3", None),
        ] {
            assert_eq!(ten_thousandths(text), number, "{text}");
        }
    }
}
