//! The headline of a process chart: one sentence that is true of the latest point.
//!
//! Distance from a target is told in per cent of the target; for a measure that is itself in per
//! cent, in percentage points, as "5% below target" would leave open which is meant.

use super::value::{Show, Value};
use crate::figures::{
    agreement::Measure,
    fraction::Fraction,
    measure::{Latest, MeasurePosition, TargetFigure},
    period::Month,
    spc::Variation,
};
use rust_decimal::Decimal;

/// `Emergency admissions: 4.1% above target; special-cause concern`.
///
/// The month is named where the measure has no target to stand against, or where the latest value
/// is older than the reporting month `as_at`.
pub fn of_process_chart(measure: &Measure, position: &MeasurePosition, as_at: Month) -> String {
    let Some(latest) = &position.latest else {
        return format!("{}: nothing reported yet", measure.name);
    };
    let standing = match latest.target {
        Some(target) => {
            let month =
                if latest.month == as_at { String::new() } else { format!(" in {}", latest.month.name()) };
            format!("{}{month}", against_target(measure, latest.value, target))
        }
        None => {
            let value = in_unit(measure, latest.value);
            format!("{value} in {}; {}", latest.month.name(), without_target(position, latest))
        }
    };
    let cause = match position.chart.variation {
        Variation::Improvement => "; special-cause improvement",
        Variation::Concern => "; special-cause concern",
        Variation::Common | Variation::None => "",
    };
    format!("{}: {standing}{cause}", measure.name)
}

fn against_target(measure: &Measure, value: Decimal, target: Decimal) -> String {
    if value == target {
        return "exactly on target".into();
    }
    let side = if value > target { "above" } else { "below" };
    let distance = (value - target).abs();
    if is_percentage(measure) {
        let points = number(distance);
        let words = if points == "1" { "percentage point" } else { "percentage points" };
        return format!("{points} {words} {side} target");
    }
    match (Fraction::from(distance) * Fraction::whole(100)).over(Fraction::from(target.abs())) {
        Some(percent) if percent.round(1).is_zero() => format!("less than 0.1% {side} target"),
        Some(percent) => format!("{}% {side} target", number(percent.round(1))),
        None => format!("{} against a target of nought", number(value)),
    }
}

/// Why the latest month has no target.
fn without_target(position: &MeasurePosition, latest: &Latest) -> &'static str {
    let month =
        position.months.iter().find(|figure| figure.month == latest.month).and_then(|figure| figure.target);
    if [month, position.annual_target].contains(&Some(TargetFigure::ToBeConfirmed)) {
        return "target to be confirmed";
    }
    match position.annual_target {
        Some(TargetFigure::Number(_)) => "target set for the year alone",
        Some(TargetFigure::ToBeConfirmed | TargetFigure::NotSet) | None => "no target set",
    }
}

fn is_percentage(measure: &Measure) -> bool {
    measure.unit == "%"
}

fn in_unit(measure: &Measure, value: Decimal) -> String {
    format!("{}{}", number(value), if is_percentage(measure) { "%" } else { "" })
}

fn number(value: Decimal) -> String {
    Value::Number(value).shown(Show::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{
        agreement::{Better, MeasureKind, Reported},
        measure::{ActualToDate, MonthFigure, Rag, YearToDate},
        spc::ScorecardChart,
    };

    fn month(text: &str) -> Month {
        Month::parse(text.as_bytes()).unwrap()
    }

    fn measure(unit: &str) -> Measure {
        Measure {
            id: "M".into(),
            name: "Admissions".into(),
            domain: String::new(),
            unit: unit.into(),
            kind: MeasureKind::Count,
            multiplier: 1,
            decimals: 1,
            better: Better::Lower,
            amber_bp: 500,
            definition: String::new(),
            reported: Reported::Monthly,
        }
    }

    fn position(value: Option<&str>, target: Option<&str>) -> MeasurePosition {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let none = || YearToDate { months: 0, value: None, target: None, rag: Rag::NotJudged };
        MeasurePosition {
            months: Vec::new(),
            latest: value.map(|value| Latest {
                month: month("2015-11"),
                value: decimal(value),
                target: target.map(decimal),
                rag: Rag::NotJudged,
            }),
            year_to_date: none(),
            last_year_to_date: none(),
            change: None,
            actual: ActualToDate::default(),
            chart: ScorecardChart::NONE,
            profile: [None; 12],
            annual_target: None,
        }
    }

    fn headline(unit: &str, value: &str, target: &str) -> String {
        of_process_chart(&measure(unit), &position(Some(value), Some(target)), month("2015-11"))
    }

    #[test]
    fn a_count_or_a_rate_stands_so_many_per_cent_of_the_target_from_it() {
        // 706 less 679 is 27; 27 of 679 is 3.98%.
        assert_eq!(headline("per 100,000", "706", "679"), "Admissions: 4.0% above target");
        // 950 is 50 below 1,000, a twentieth.
        assert_eq!(headline("people", "950", "1000"), "Admissions: 5.0% below target");
        assert_eq!(headline("people", "679", "679.0"), "Admissions: exactly on target");
    }

    #[test]
    fn a_percentage_stands_so_many_percentage_points_from_its_target() {
        assert_eq!(headline("%", "61.1", "62.0"), "Admissions: 0.9 percentage points below target");
        assert_eq!(headline("%", "94", "93"), "Admissions: 1 percentage point above target");
    }

    #[test]
    fn a_distance_too_small_to_print_is_not_nought() {
        // 1 of 100,000 is 0.001%.
        assert_eq!(headline("people", "100001", "100000"), "Admissions: less than 0.1% above target");
    }

    #[test]
    fn nothing_stands_in_per_cent_of_a_target_of_nought() {
        assert_eq!(headline("people", "3", "0"), "Admissions: 3 against a target of nought");
    }

    #[test]
    fn a_measure_without_a_target_says_why() {
        let said = |unit: &str, month_target: Option<TargetFigure>, annual_target: Option<TargetFigure>| {
            let mut position = position(Some("84.0"), None);
            position.months = vec![MonthFigure {
                month: month("2015-11"),
                value: None,
                target: month_target,
                rag: Rag::NotJudged,
            }];
            position.annual_target = annual_target;
            of_process_chart(&measure(unit), &position, month("2015-11"))
        };
        let number = Some(TargetFigure::Number(Decimal::ONE));
        let confirmed_later = Some(TargetFigure::ToBeConfirmed);
        assert_eq!(said("%", None, None), "Admissions: 84.0% in November 2015; no target set");
        assert_eq!(
            said("days", None, number),
            "Admissions: 84.0 in November 2015; target set for the year alone"
        );
        for (of_month, of_year) in [(confirmed_later, None), (None, confirmed_later)] {
            assert_eq!(
                said("days", of_month, of_year),
                "Admissions: 84.0 in November 2015; target to be confirmed"
            );
        }
    }

    #[test]
    fn an_older_month_is_named() {
        let position = position(Some("706"), Some("679"));
        let headline = of_process_chart(&measure("people"), &position, month("2015-12"));
        assert_eq!(headline, "Admissions: 4.0% above target in November 2015");
    }

    #[test]
    fn a_special_cause_at_the_last_point_is_told() {
        let mut position = position(Some("706"), Some("679"));
        for (variation, words) in [
            (Variation::Concern, "; special-cause concern"),
            (Variation::Improvement, "; special-cause improvement"),
            (Variation::Common, ""),
            (Variation::None, ""),
        ] {
            position.chart.variation = variation;
            let headline = of_process_chart(&measure("people"), &position, month("2015-11"));
            assert_eq!(headline, format!("Admissions: 4.0% above target{words}"));
        }
    }

    #[test]
    fn a_measure_never_reported_says_so() {
        let headline = of_process_chart(&measure("people"), &position(None, None), month("2015-11"));
        assert_eq!(headline, "Admissions: nothing reported yet");
    }
}
