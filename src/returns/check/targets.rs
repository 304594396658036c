//! Rows of a targets return: AREA, PERIOD, MEASURE, NUMBER, DUP.

use super::{Checker, Row, Sheet, forms};
use crate::figures::{
    agreement::Measure,
    facts::{Source, Target, TargetValue},
    period::{MonthRange, Period},
};
use std::collections::HashSet;

// Columns, in the order of the return's column list.
const AREA_CODE: usize = 0;
const PERIOD: usize = 1;
const MEASURE_ID: usize = 2;
const TARGET: usize = 3;

/// Decimals that a target is held with.
const TARGET_DECIMALS: usize = 4;

#[derive(Default)]
pub struct Rows {
    seen: HashSet<(u16, Period)>,
    pub facts: Vec<Target>,
}

impl Rows {
    pub fn check(&mut self, checker: &Checker<'_>, sheet: &mut Sheet<'_>, row: Row<'_>) {
        let faults_before = sheet.faults.count();
        sheet.area(row, AREA_CODE, checker);
        let period = period(sheet, row, checker.plan.windows.targets);
        let index = sheet.id(row, MEASURE_ID, &checker.measures, "MEASURE", "measure");
        let measure = index.map(|index| &checker.plan.measures[usize::from(index)]);
        let value = target(sheet, row, measure);

        let (Some(period), Some(index), Some(value)) = (period, index, value) else { return };
        if !sheet.is_sound_since(faults_before) {
            return;
        }
        if !self.seen.insert((index, period)) {
            return sheet.duplicate(row, MEASURE_ID, "measure and period");
        }
        self.facts.push(Target {
            source: Source { submission: 0, row: row.number },
            measure: index,
            period,
            value,
        });
    }
}

fn period(sheet: &mut Sheet<'_>, row: Row<'_>, window: MonthRange) -> Option<Period> {
    let text = std::str::from_utf8(sheet.field(row, PERIOD)).unwrap_or_default();
    let Some(period) = Period::parse(text) else {
        let remedy = "is not a month, quarter or year. Write 2025-04, 2025-26-Q1 or 2025-26";
        sheet.fault(row, PERIOD, "PERIOD", remedy);
        return None;
    };
    let months = period.months();
    if !window.contains(months.first()) || !window.contains(months.last()) {
        let remedy = format!(
            "is outside the months of this return. Write a period from {} to {}",
            window.first(),
            window.last()
        );
        sheet.fault(row, PERIOD, "PERIOD", remedy);
        return None;
    }
    Some(period)
}

/// A number with no more decimals than the measure, `TBC`, or nothing.
fn target(sheet: &mut Sheet<'_>, row: Row<'_>, measure: Option<&Measure>) -> Option<TargetValue> {
    let text = sheet.field(row, TARGET);
    match text {
        b"" => return Some(TargetValue::NotSet),
        b"TBC" => return Some(TargetValue::ToBeConfirmed),
        _ => {}
    }
    match (forms::decimal(text, TARGET_DECIMALS), measure) {
        (None, _) => {
            sheet.fault(
                row,
                TARGET,
                "NUMBER",
                "is not a target. Write a number like 652.1, or TBC, or leave it empty",
            );
            None
        }
        (Some((_, written)), Some(measure)) if written > measure.decimals as usize => {
            let remedy = format!("has more decimals than the measure. Write at most {}", measure.decimals);
            sheet.fault(row, TARGET, "NUMBER", remedy);
            None
        }
        (Some((units, _)), _) => Some(TargetValue::Number(units)),
    }
}
