//! Rows of a measures return: AREA, PERIOD, ORG, MEASURE, NUMBER, NEGATIVE, DENOM, DUP.

use super::{Checker, Row, Seen, Sheet, forms};
use crate::figures::{
    agreement::Measure,
    facts::{MeasureFact, Source},
    fraction::power_of_ten,
    measure::published_units,
};
use rust_decimal::Decimal;

// Columns, in the order of the return's column list.
const ORG_CODE: usize = 0;
const AREA_CODE: usize = 1;
const PERIOD: usize = 2;
const MEASURE_ID: usize = 3;
const NUMERATOR: usize = 4;
const DENOMINATOR: usize = 5;
const VALUE: usize = 6;

const NOT_A_NUMBER: &str =
    "is not a number. Write digits with at most two decimals and no commas, like 1250 or 86.25";
const NOT_A_VALUE: &str =
    "is not a number. Write digits with at most four decimals and no commas, like 652.1";
const VALUE_DECIMALS: usize = 4;

pub struct Rows<'a> {
    measures: &'a [Measure],
    months: usize,
    seen: Seen,
    pub facts: Vec<MeasureFact>,
}

impl<'a> Rows<'a> {
    pub fn new(checker: &Checker<'a>) -> Rows<'a> {
        let (measures, months) = (checker.plan.measures.as_slice(), checker.plan.windows.measures.count());
        Rows { measures, months, seen: Seen::with_room_for(measures.len() * months), facts: Vec::new() }
    }

    pub fn check(&mut self, checker: &Checker<'_>, sheet: &mut Sheet<'_>, row: Row<'_>) {
        let faults_before = sheet.faults.count();
        let window = checker.plan.windows.measures;
        sheet.area(row, AREA_CODE, checker);
        let month = sheet.month(row, PERIOD, window, checker.as_at);
        let partner = sheet.organisation(row, ORG_CODE, checker);
        let index = sheet.id(row, MEASURE_ID, &checker.measures, "MEASURE", "measure");
        let measure = index.map(|index| &self.measures[usize::from(index)]);

        let numerator = number(sheet, row, NUMERATOR);
        let denominator_given = !sheet.field(row, DENOMINATOR).is_empty();
        let denominator = if denominator_given { number(sheet, row, DENOMINATOR) } else { None };
        let value = forms::decimal(sheet.field(row, VALUE), VALUE_DECIMALS);
        if value.is_none() {
            sheet.fault(row, VALUE, "NUMBER", NOT_A_VALUE);
        }
        if numerator.is_some_and(|numerator| numerator < 0) {
            sheet.fault(row, NUMERATOR, "NEGATIVE", "is less than nought. Write nought or more");
        }
        if measure.is_some_and(|measure| measure.kind.needs_denominator()) {
            let missing = !denominator_given;
            if missing || denominator.is_some_and(|denominator| denominator <= 0) {
                let remedy =
                    "must be more than nought for this measure. Write what the numerator is counted over";
                sheet.fault(row, DENOMINATOR, "DENOM", remedy);
            }
        }

        let (Some(month), Some(partner), Some(index), Some(measure)) = (month, partner, index, measure)
        else {
            return;
        };
        let (Some(numerator), Some((stated, _))) = (numerator, value) else { return };
        if !sheet.is_sound_since(faults_before) {
            return;
        }
        let place = window.position(month).expect("the month was checked against the window");
        if !self.seen.first(usize::from(index) * self.months + place) {
            return sheet.duplicate(row, MEASURE_ID, "measure and month");
        }
        let denominator = denominator.filter(|_| measure.kind.needs_denominator());
        if let Some(published) = published_units(measure, numerator, denominator)
            && differs(stated, published, measure.decimals)
        {
            let recomputed = Decimal::from_i128_with_scale(published, measure.decimals);
            sheet.query(
                row,
                VALUE,
                "W_VALUE",
                format!(
                    "differs from {recomputed}, which the numerator and denominator give; that figure is used"
                ),
            );
        }
        self.facts.push(MeasureFact {
            source: Source { submission: 0, row: row.number },
            measure: index,
            month,
            partner,
            numerator_hundredths: numerator,
            denominator_hundredths: denominator,
        });
    }
}

fn number(sheet: &mut Sheet<'_>, row: Row<'_>, column: usize) -> Option<i64> {
    let number = forms::decimal(sheet.field(row, column), 2);
    if number.is_none() {
        sheet.fault(row, column, "NUMBER", NOT_A_NUMBER);
    }
    number.map(|(units, _)| units)
}

/// Whether a stated value (in ten-thousandths) is more than one unit in the last place from the
/// published one (in units of `10^-decimals`).
fn differs(stated: i64, published: i128, decimals: u32) -> bool {
    let one_unit = power_of_ten(VALUE_DECIMALS as u32);
    (i128::from(stated) * power_of_ten(decimals) - published * one_unit).abs() > one_unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_be_one_unit_in_the_last_place_off() {
        // Published 12.3: 12.2 and 12.4 pass, 12.1999 and 12.4001 do not.
        for (stated, is_off) in [(122_000, false), (124_000, false), (121_999, true), (124_001, true)] {
            assert_eq!(differs(stated, 123, 1), is_off, "{stated}");
        }
    }
}
