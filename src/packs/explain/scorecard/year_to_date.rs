//! The year to date and its target, put together by the kind of measure.

use super::{
    card::{Card, Counted, no_target},
    month::rounding,
};
use crate::{
    figures::{agreement::MeasureKind, fraction::Fraction, period::Month},
    packs::{
        compose::{
            none_to_date,
            value::{State, Value, year_words},
            without_last_year,
        },
        explain::step::{Input, Step, minus, number, plus, span},
    },
};
use rust_decimal::Decimal;

/// The year to date to `as_at`, by the measure's kind.
pub fn year_to_date(card: &Card<'_>, as_at: Month) -> Vec<Step> {
    let none = format!(
        "No month of {} to {} has both a value and a number for a target",
        year_words(as_at.financial_year()),
        as_at.name()
    );
    put_together(card, card.counting(as_at), (none, State::NotAvailable))
}

/// What was reported to date, with a target or without.
pub fn actual_to_date(card: &Card<'_>) -> Vec<Step> {
    let (plan, as_at) = (card.source.plan, card.source.position.as_at);
    let none = format!("Nothing was reported for {} to {}", year_words(as_at.financial_year()), as_at.name());
    put_together(card, card.counting_actual(), (none, none_to_date(plan, card.measure, as_at)))
}

/// Last year's beside the actual to date.
pub fn actual_last_year(card: &Card<'_>) -> Vec<Step> {
    let as_at = card.source.position.as_at;
    if !card.counting(as_at).is_empty() && !card.counting(as_at.year_before()).is_empty() {
        return year_to_date(card, as_at.year_before());
    }
    let months = card.counting_actual();
    let before = card.year_before(&months);
    let state = without_last_year(&card.position.actual);
    if before.len() < months.len() {
        let clause = "Not every month that counts this year was reported last year";
        return vec![Step::new(clause, "", Value::Missing(state))];
    }
    put_together(card, before, ("No month counts this year: there is nothing to compare".into(), state))
}

/// The value over the months that count, by the measure's kind; where none counts, `none`.
fn put_together(card: &Card<'_>, counted: Vec<Counted<'_>>, none: (String, State)) -> Vec<Step> {
    let Some(last) = counted.last() else {
        return vec![Step::new(none.0, "", Value::Missing(none.1))];
    };
    let measure = card.measure;
    let decimals = measure.decimals;
    let months = span(counted[0].figure.month, last.figure.month);
    let numerators = sum_of(card, &counted, "numerator", "What was counted", |month| month.numerator);
    let denominators =
        || sum_of(card, &counted, "denominator", "What it was counted over", |month| month.denominator);
    let value = |exact: Option<Fraction>| {
        Value::number(exact.map(|exact| exact.round(decimals)), State::NotAvailable)
    };
    let (counts, multiplier) = (counted.len() as i64, measure.multiplier);
    let total = |of: fn(&Counted<'_>) -> Decimal| counted.iter().map(of).sum::<Decimal>();
    let (top, below) = (total(|month| month.numerator), total(|month| month.denominator));
    let place = card.place("kind");
    let (clause, sum, exact) = match measure.kind {
        MeasureKind::Count => (
            format!("Counts add up over {months}, {}", rounding(decimals)),
            number(top),
            Some(Fraction::from(top)),
        ),
        MeasureKind::Ratio => (
            format!("A ratio is that of the sums over {months}, {}", rounding(decimals)),
            format!("{} × {} ÷ {}", number(top), number(multiplier.into()), number(below)),
            (Fraction::from(top) * Fraction::whole(multiplier.into())).over(Fraction::from(below)),
        ),
        MeasureKind::PopulationRate => (
            format!(
                "A population rate is what was counted over {months} over the average population, {}",
                rounding(decimals)
            ),
            format!("{} × {} ÷ ({} ÷ {counts})", number(top), number(multiplier.into()), number(below)),
            (Fraction::from(top) * Fraction::whole(multiplier.into()) * Fraction::whole(counts.into()))
                .over(Fraction::from(below)),
        ),
        MeasureKind::Mean => {
            let sum = total(|month| month.published);
            (
                format!("A mean is that of the months' values over {months}, {}", rounding(decimals)),
                format!("({}) ÷ {counts}", terms(&counted, |month| month.published)),
                Fraction::from(sum).over(Fraction::whole(counts.into())),
            )
        }
        MeasureKind::Latest => (
            format!("A stock takes the last month that counts, {}", last.figure.month.name()),
            number(last.published),
            Some(Fraction::from(last.published)),
        ),
    };
    let step = Step::new(clause, sum, value(exact)).stands_in(place);
    let month_values = |months: &[Counted<'_>]| -> Vec<Input> {
        months
            .iter()
            .map(|month| {
                let of = month.figure.month;
                card.month_input(format!("{}: value", of.name()), of, Value::Number(month.published), "value")
            })
            .collect()
    };
    match measure.kind {
        MeasureKind::Count => vec![numerators, step],
        MeasureKind::Ratio | MeasureKind::PopulationRate => vec![numerators, denominators(), step],
        MeasureKind::Mean => vec![step.of(month_values(&counted))],
        MeasureKind::Latest => vec![step.of(month_values(&counted[counted.len() - 1..]))],
    }
}

/// A sum over the months that count, a term a month.
fn sum_of(
    card: &Card<'_>,
    counted: &[Counted<'_>],
    field: &str,
    clause: &str,
    of: impl Fn(&Counted<'_>) -> Decimal,
) -> Step {
    let inputs = counted.iter().map(|month| {
        let at = month.figure.month;
        card.month_input(format!("{}: {field}", at.name()), at, Value::Number(of(month)), field)
    });
    Step::new(
        format!("{clause}, added up over the months that count"),
        terms(counted, &of),
        Value::Number(counted.iter().map(&of).sum()),
    )
    .of(inputs)
}

fn terms(counted: &[Counted<'_>], of: impl Fn(&Counted<'_>) -> Decimal) -> String {
    plus(counted.iter().map(|month| number(of(month))))
}

/// The target to date, over the same months as the value.
pub fn target(card: &Card<'_>, as_at: Month) -> Vec<Step> {
    let counted = card.counting(as_at);
    let Some(last) = counted.last() else {
        return vec![Step::new(
            "No month to date has both a value and a number for a target",
            "",
            Value::Missing(no_target(card.position)),
        )];
    };
    let decimals = card.measure.decimals;
    let inputs = |months: &[Counted<'_>]| -> Vec<Input> {
        months
            .iter()
            .map(|month| {
                let at = month.figure.month;
                card.month_input(format!("{}: target", at.name()), at, Value::Number(month.target), "target")
            })
            .collect()
    };
    let rounded =
        |exact: Option<Fraction>| Value::number(exact.map(|exact| exact.round(decimals)), State::NoTarget);
    let sum = || counted.iter().map(|month| month.target).sum::<Decimal>();
    let place = card.place("kind");
    let months = span(counted[0].figure.month, last.figure.month);
    match card.measure.kind {
        MeasureKind::Count | MeasureKind::PopulationRate => {
            let clause = format!("The targets of the months that count add up over {months}");
            vec![
                Step::new(
                    clause,
                    terms(&counted, |month| month.target),
                    rounded(Some(Fraction::from(sum()))),
                )
                .of(inputs(&counted))
                .stands_in(place),
            ]
        }
        MeasureKind::Ratio => {
            let denominators =
                sum_of(card, &counted, "denominator", "What it was counted over", |month| month.denominator);
            let weighted = counted.iter().fold(Fraction::ZERO, |sum, month| {
                sum + Fraction::from(month.target) * Fraction::from(month.denominator)
            });
            let below: Decimal = counted.iter().map(|month| month.denominator).sum();
            let products = counted
                .iter()
                .map(|month| format!("{} × {}", number(month.target), number(month.denominator)));
            let clause = format!(
                "The target of a ratio is that of the months weighted by what they were counted over, {}",
                rounding(decimals)
            );
            vec![
                denominators,
                Step::new(
                    clause,
                    format!("({}) ÷ {}", plus(products), number(below)),
                    rounded(weighted.over(Fraction::from(below))),
                )
                .of(inputs(&counted))
                .stands_in(place),
            ]
        }
        MeasureKind::Mean => {
            let counts = counted.len() as i64;
            let exact = Fraction::from(sum()).over(Fraction::whole(counts.into()));
            vec![
                Step::new(
                    format!("The mean of the months' targets, {}", rounding(decimals)),
                    format!("({}) ÷ {counts}", terms(&counted, |month| month.target)),
                    rounded(exact),
                )
                .of(inputs(&counted))
                .stands_in(place),
            ]
        }
        MeasureKind::Latest => vec![
            Step::new(
                format!("A stock takes the last month that counts, {}", last.figure.month.name()),
                number(last.target),
                rounded(Some(Fraction::from(last.target))),
            )
            .of(inputs(&counted[counted.len() - 1..]))
            .stands_in(place),
        ],
    }
}

/// Year to date less last year's.
pub fn change(card: &Card<'_>) -> Step {
    let (now, then) = (&card.position.year_to_date, &card.position.last_year_to_date);
    let inputs = [
        card.input("Year to date", Value::number(now.value, State::NotAvailable), "year_to_date"),
        card.input("Last year", Value::number(then.value, State::NotAvailable), "last_year"),
    ];
    let step = match (now.value, then.value) {
        (Some(value), Some(before)) if now.months == then.months => Step::new(
            "Change is the year to date less the same months of last year",
            minus(value, before),
            Value::Number(value - before),
        ),
        (Some(_), Some(_)) => Step::new(
            format!(
                "The two do not count as many months: {} this year, {} last year",
                now.months, then.months
            ),
            "",
            Value::Missing(State::NotApplicable),
        ),
        (_, _) => Step::new("There are not two figures to compare", "", Value::Missing(State::NotApplicable)),
    };
    step.of(inputs)
}

/// The actual to date less last year's.
pub fn actual_change(card: &Card<'_>) -> Step {
    let (plan, actual) = (card.source.plan, &card.position.actual);
    let none = none_to_date(plan, card.measure, card.source.position.as_at);
    let inputs = [
        card.input("To date", Value::number(actual.value, none), "actual_to_date"),
        card.input(
            "Last year",
            Value::number(actual.last_year, without_last_year(actual)),
            "actual_last_year",
        ),
    ];
    let step = match (actual.value, actual.last_year, actual.change) {
        (Some(value), Some(before), Some(change)) => Step::new(
            "Change is the actual to date less the same months of last year",
            minus(value, before),
            Value::Number(change),
        ),
        (Some(_), Some(_), None) => {
            Step::new("The two do not count as many months", "", Value::Missing(State::NotApplicable))
        }
        (_, _, _) => {
            Step::new("There are not two figures to compare", "", Value::Missing(State::NotApplicable))
        }
    };
    step.of(inputs)
}
