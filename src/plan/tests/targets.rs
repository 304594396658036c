//! Targets in the plan, and profiles against annual figures.

use super::*;
use crate::figures::{facts::TargetValue, period::Period};

const HEADING: &str = "area_code,period,measure_id,target\n";

/// Rows for the twelve months of 2015/16 and for the year.
fn profile(measure: &str, months: [i64; 12], annual: &str) -> String {
    let april = Month::new(2015, 4).unwrap();
    let mut rows: String = (0i32..)
        .zip(months)
        .map(|(index, target)| format!("E06000101,{},{measure},{target}\n", april.plus(index)))
        .collect();
    rows.push_str(&format!("E06000101,2015-16,{measure},{annual}\n"));
    rows
}

/// Months of four quarters, each quarter's three alike.
fn quarters([first, second, third, fourth]: [i64; 4]) -> [i64; 12] {
    [first, first, first, second, second, second, third, third, third, fourth, fourth, fourth]
}

#[test]
fn a_target_is_a_number_to_be_confirmed_or_not_set() {
    let plan = read(&base()).unwrap();
    let targets: Vec<_> =
        plan.areas[0].targets.iter().map(|target| (target.measure, target.period, target.value)).collect();
    let month = |month| Period::Month(Month::new(2015, month).unwrap());
    assert_eq!(
        targets,
        [
            (0, Period::Year(FinancialYear::starting(2015)), TargetValue::Number(79_960_000)),
            (2, month(4), TargetValue::ToBeConfirmed),
            (2, month(5), TargetValue::NotSet),
        ]
    );
    assert_eq!((plan.areas[0].targets[2].source.submission, plan.areas[0].targets[2].source.row), (0, 4));
}

#[test]
fn a_profile_that_falls_short_of_its_annual_figure_is_noted_with_the_difference() {
    // Buckinghamshire 2015/16: 652 × 3 + 672 × 3 + 679 × 3 + 660 × 3 = 7,989, against 7,996.
    let rows = profile("nea", quarters([652, 672, 679, 660]), "7996");
    assert_eq!(
        notes(&with("targets", &format!("{HEADING}{rows}"))),
        ["targets, row 14: E06000101, nea, 2015-16: the targets of the twelve months add up to 7,989.0, \
             7.0 short of the 7,996.0 set for the year"]
    );
}

#[test]
fn a_profile_that_adds_up_is_not_noted() {
    // Buckinghamshire 2015/16: 156 × 9 + 155 × 3 = 1,869.
    let rows = profile("FLW01", quarters([156, 156, 156, 155]), "1869");
    assert_eq!(notes(&with("targets", &format!("{HEADING}{rows}"))), [""; 0]);
}

#[test]
fn four_quarters_are_a_profile_too() {
    let rows = "E06000101,2015-16-Q1,nea,1.5\nE06000101,2015-16-Q2,nea,1\nE06000101,2015-16-Q3,nea,1\n\
                E06000101,2015-16-Q4,nea,1\nE06000101,2015-16,nea,4\n";
    assert_eq!(
        notes(&with("targets", &format!("{HEADING}{rows}"))),
        ["targets, row 6: E06000101, nea, 2015-16: the targets of the four quarters add up to 4.5, \
          0.5 over the 4.0 set for the year"]
    );
}

#[test]
fn only_measures_whose_months_sum_are_compared_and_only_whole_profiles() {
    let measures =
        TABLES[5].1.replace("FLW01,Bed days lost,Flow,bed days,count", "FLW01,Beds,Flow,beds,latest");
    let mut files = with("measures", &measures);
    files.retain(|file| file.name != "targets.csv");
    let stock = profile("FLW01", [100; 12], "100");
    let part = "E06000101,2015-04,nea,652\nE06000101,2015-16,nea,7996\n";
    files.push(file("targets", &format!("{HEADING}{stock}{part}")));
    assert_eq!(notes(&files), [""; 0]);
}

#[test]
fn a_target_is_for_a_known_measure_and_period_once() {
    let files = with(
        "targets",
        &format!(
            "{HEADING}E06000101,2015-04,nea,652\nE06000101,2015-04,nea,653\nE06000101,2015/04,nea,1\n\
             E06000101,2014-15,nea,1\nE06000102,2015-04,OWN01,1\nE06000101,2015-05,nea,tbc\n\
             E06000101,2015-06,nea,1.25\nE06000101,2015-06,FLW01,1.5\n"
        ),
    );
    assert_eq!(
        faults(&files),
        [
            "targets, row 3, column B \"period\": \"2015-04\" has a target for nea in row 2 already. Keep one \
             of the two rows",
            "targets, row 4, column B \"period\": \"2015/04\" is not a period. Write a month like 2015-04, a \
             quarter like 2015-16-Q1 or a year like 2015-16",
            "targets, row 5, column B \"period\": \"2014-15\" lies outside the months that targets may speak \
             of, 2015-04 to 2016-03. Correct it, or widen the window in windows",
            "targets, row 6, column C \"measure_id\": \"OWN01\" is no measure of area E06000102. Correct it, \
             or add the measure to measures",
            "targets, row 7, column D \"target\": \"tbc\" is neither a number nor TBC. Write a number like \
             652 or 95.9, TBC, or nothing",
            "targets, row 8, column D \"target\": \"1.25\" has more decimals than the measure, which is shown \
             with 1. Write 1 at most",
            "targets, row 9, column D \"target\": \"1.5\" has decimals, but the measure is shown without. \
             Write a whole number",
        ]
    );
}
