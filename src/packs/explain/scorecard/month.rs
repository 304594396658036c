//! A month's value and target, and how a value stands against a target.

use super::card::{Card, hundredths, no_target};
use crate::{
    figures::{
        agreement::{Better, Reported},
        facts::{Target, TargetValue},
        fraction::Fraction,
        measure::{MonthFigure, Rag, TargetFigure, published_units},
        period::{Month, Period},
    },
    packs::{
        compose::{
            month_without, standing,
            value::{State, Value, year_words},
        },
        explain::{
            sources::{self, Sources},
            step::{Input, Step, basis_points, number},
        },
    },
};
use rust_decimal::Decimal;

/// A month's value from what was counted.
pub fn month_value(card: &Card<'_>, figure: &MonthFigure) -> Vec<Step> {
    let Some(fact) = card.facts(|month| month == figure.month).last() else {
        return vec![missing_month(card, figure.month)];
    };
    let (measure, month) = (card.measure, figure.month);
    let units = published_units(measure, fact.numerator_hundredths, fact.denominator_hundredths);
    let value = units.map(|units| Decimal::from_i128_with_scale(units, measure.decimals));
    let numerator = hundredths(fact.numerator_hundredths);
    let counted = card.month_input("What was counted", month, Value::Number(numerator), "numerator");
    let Some(value) = value else { return vec![missing_month(card, month)] };
    let rounding = rounding(measure.decimals);
    if !measure.kind.needs_denominator() {
        let clause = format!("The value of the month is what was counted, {rounding}");
        return vec![
            Step::new(clause, number(numerator), Value::Number(value))
                .of([counted])
                .stands_in(card.place("kind")),
        ];
    }
    let denominator = hundredths(fact.denominator_hundredths.unwrap_or(0));
    let clause = format!(
        "The value of the month is the numerator times the multiplier over the denominator, {rounding}"
    );
    let sum = format!(
        "{} × {} ÷ {}",
        number(numerator),
        number(Decimal::from(measure.multiplier)),
        number(denominator)
    );
    let over = card.month_input("Counted over", month, Value::Number(denominator), "denominator");
    vec![
        Step::new(clause, sum, Value::Number(value))
            .of([counted, over, Input::new("Multiplier", Value::Number(measure.multiplier.into()))])
            .stands_in(card.place("kind and multiplier")),
    ]
}

pub fn missing_month(card: &Card<'_>, month: Month) -> Step {
    let (plan, as_at, name) = (card.source.plan, card.source.position.as_at, month.name());
    let state = month_without(plan, card.measure, month, as_at);
    let clause = match state {
        State::Late => format!("Nothing that counts was reported for {name}, and its return was due"),
        _ if month > as_at => format!("{name} has not closed by the reporting month"),
        _ if !card.measure.reported.expects(month) => {
            let often = match card.measure.reported {
                Reported::Yearly => "once a year, for March",
                Reported::Quarterly | Reported::Monthly => "once a quarter, for its last month",
            };
            format!("The measure is reported {often}: nothing is due for {name}")
        }
        _ => format!("The return for {name} was not due by the end of {}", as_at.name()),
    };
    Step::new(clause, "", Value::Missing(state))
}

/// `to 1 decimal, halves away from nought`.
pub fn rounding(decimals: u32) -> String {
    match decimals {
        0 => "to a whole number, halves away from nought".into(),
        1 => "to 1 decimal, halves away from nought".into(),
        many => format!("to {many} decimals, halves away from nought"),
    }
}

/// What was set for a month, rounded as the measure is.
pub fn set_target(card: &Card<'_>, month: Month, shown: Option<TargetFigure>) -> Vec<Step> {
    let set = card.targets(|period| period == Period::Month(month)).last().filter(|_| shown.is_some());
    vec![set_for(card, &month.name(), set)]
}

fn set_for(card: &Card<'_>, period: &str, set: Option<&Target>) -> Step {
    let (clause, sum, result) = match set.map(|target| target.value) {
        Some(TargetValue::Number(units)) => {
            let exact = Fraction::scaled(i128::from(units), 4);
            let decimals = card.measure.decimals;
            (
                format!("The target that was set for {period}, {}", rounding(decimals)),
                number(Decimal::from_i128_with_scale(i128::from(units), 4).normalize()),
                Value::Number(exact.round(decimals)),
            )
        }
        Some(TargetValue::ToBeConfirmed) => (
            format!("The target for {period} is still to be confirmed"),
            String::new(),
            Value::Missing(State::ToBeConfirmed),
        ),
        Some(TargetValue::NotSet) => (
            format!("The target for {period} was left blank"),
            String::new(),
            Value::Missing(State::NoTarget),
        ),
        None => (format!("No target is set for {period}"), String::new(), Value::Missing(State::NoTarget)),
    };
    Step::new(clause, sum, result).stands_in(format!("targets: {}", card.id()))
}

pub fn annual(card: &Card<'_>) -> (Vec<Step>, Sources) {
    let year = card.source.position.as_at.financial_year();
    let targets: Vec<&Target> = card.targets(|period| period == Period::Year(year)).collect();
    let step = set_for(card, &format!("the whole of {}", year_words(year)), targets.last().copied());
    (vec![step], Sources::of(targets.into_iter().map(|row| sources::target(card.source, row))))
}

pub fn month_status(card: &Card<'_>, figure: &MonthFigure) -> Vec<Step> {
    let value = figure.value.map(|value| value.published);
    let target = figure.target.and_then(TargetFigure::number);
    let of_value = match value {
        Some(value) => Value::Number(value),
        None => missing_month(card, figure.month).result,
    };
    let of_target = match figure.target {
        Some(TargetFigure::Number(target)) => Value::Number(target),
        Some(TargetFigure::ToBeConfirmed) => Value::Missing(State::ToBeConfirmed),
        Some(TargetFigure::NotSet) | None => Value::Missing(State::NoTarget),
    };
    let inputs = [
        card.month_input("Value", figure.month, of_value, "value"),
        card.month_input("Target", figure.month, of_target, "target"),
    ];
    status(card, value, target, inputs)
}

/// How the year to date stands against its target.
pub fn status_to_date(card: &Card<'_>) -> Vec<Step> {
    let year_to_date = &card.position.year_to_date;
    let value = Value::number(year_to_date.value, State::NotAvailable);
    let target = Value::number(year_to_date.target, no_target(card.position));
    let inputs = [
        card.input("Year to date", value, "year_to_date"),
        card.input("Its target", target, "year_to_date_target"),
    ];
    status(card, card.position.actual.value, year_to_date.target, inputs)
}

/// Red, amber or green of a value against a target, with the arithmetic of the tolerance.
pub fn status(
    card: &Card<'_>,
    value: Option<Decimal>,
    target: Option<Decimal>,
    inputs: [Input; 2],
) -> Vec<Step> {
    let measure = card.measure;
    let (Some(value), Some(target)) = (value, target) else {
        let clause = match (value, target) {
            (None, _) => "There is no value to judge",
            (Some(_), _) => "There is no number for a target to judge by",
        };
        return vec![Step::new(clause, "", standing(Rag::NotJudged, value.is_some())).of(inputs)];
    };
    let (wanted, met) = match measure.better {
        Better::Higher => ("at or above", value >= target),
        Better::Lower => ("at or below", value <= target),
    };
    let is = if met { "is" } else { "is not" };
    let against = Step::new(
        "A measure is on plan where it meets its target",
        format!("{} {is} {wanted} {}", number(value), number(target)),
        if met { Value::Rag(Rag::Green) } else { Value::text("target not met") },
    )
    .of(inputs)
    .stands_in(card.place("better"));
    if met {
        return vec![against];
    }
    let tolerance = (target.abs() * Decimal::from(measure.amber_bp) / Decimal::from(10_000)).normalize();
    let off = (value - target).abs();
    let held = if off <= tolerance { "is not more than" } else { "is more than" };
    let sum = format!(
        "{} is {} off; {} × {} = {}; {} {held} {}",
        number(value),
        number(off),
        number(target.abs()),
        basis_points(measure.amber_bp),
        number(tolerance),
        number(off),
        number(tolerance)
    );
    vec![
        against,
        Step::new(
            "Off target it is within tolerance up to this part of the target, and off plan beyond it",
            sum,
            Value::Rag(if off <= tolerance { Rag::Amber } else { Rag::Red }),
        )
        .stands_in(card.place("amber_bp")),
    ]
}
