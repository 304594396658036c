//! What a measure's process chart shows: its mean and limits, the latest point, and the target.

use super::{
    scorecard::Card,
    step::{Input, Step, number},
};
use crate::{
    figures::{
        agreement::Better,
        spc::{Assurance, SpecialCause, Statistics, Variation},
    },
    packs::{
        compose::value::{State, Value},
        document::Status,
    },
};

/// What the latest point shows.
pub(super) fn variation(card: &Card<'_>) -> Vec<Step> {
    let Some(statistics) = card.position.chart.statistics() else {
        return vec![Step::new("A process chart needs two points", "", Value::Missing(State::NotAvailable))];
    };
    let mut steps = limits(&statistics);
    let cause = match card.position.chart.latest {
        Some(SpecialCause::AboveUpperLimit) => "lies above the upper limit",
        Some(SpecialCause::BelowLowerLimit) => "lies below the lower limit",
        Some(SpecialCause::Increasing) => "is one of seven or more points that rise in turn",
        Some(SpecialCause::Decreasing) => "is one of seven or more points that fall in turn",
        Some(SpecialCause::TwoInThreeAbove) => "is one of two in three beyond the near limit above the mean",
        Some(SpecialCause::TwoInThreeBelow) => "is one of two in three beyond the near limit below the mean",
        Some(SpecialCause::ShiftAbove) => "is one of seven or more points above the mean",
        Some(SpecialCause::ShiftBelow) => "is one of seven or more points below the mean",
        None => "is no special cause: it is within the limits, and in no run, trend or pair near a limit",
    };
    let better = match card.measure.better {
        Better::Higher => "higher is better",
        Better::Lower => "lower is better",
    };
    let (words, result) = match card.position.chart.variation {
        Variation::None => (String::new(), Value::Missing(State::NotAvailable)),
        Variation::Common => (String::new(), Value::text("Common cause")),
        Variation::Improvement => {
            (format!(", and {better}"), Value::Judged(Status::Improvement, "Improvement"))
        }
        Variation::Concern => (format!(", and {better}"), Value::Judged(Status::Concern, "Concern")),
    };
    let mut inputs = vec![
        Input::new("Lower limit", Value::Number(statistics.lower_limit)),
        Input::new("Upper limit", Value::Number(statistics.upper_limit)),
    ];
    inputs.extend(
        card.position
            .latest
            .as_ref()
            .map(|latest| card.input("Latest value", Value::Number(latest.value), "latest_value")),
    );
    let latest = card.position.latest.as_ref().map_or(String::new(), |latest| {
        format!("{} of {} {cause}{words}", number(latest.value), latest.month.name())
    });
    steps.push(
        Step::new("The latest point against the mean and the limits", latest, result)
            .of(inputs)
            .stands_in(card.place("better")),
    );
    steps
}

/// Whether the process meets its target.
pub(super) fn assurance(card: &Card<'_>) -> Vec<Step> {
    let target = card.position.latest.as_ref().and_then(|latest| latest.target);
    let result = match card.position.chart.assurance {
        Assurance::None => Value::Missing(State::NotApplicable),
        Assurance::Pass => Value::Judged(Status::Good, "Pass"),
        Assurance::Fail => Value::Judged(Status::Bad, "Fail"),
        Assurance::HitOrMiss => Value::text("Hit or miss"),
    };
    let (Some(statistics), Some(target)) = (card.position.chart.statistics(), target) else {
        let clause = if target.is_none() {
            "The latest month has no number for a target"
        } else {
            "A process chart needs two points"
        };
        return vec![Step::new(clause, "", result)];
    };
    let mut steps = limits(&statistics);
    let (lower, upper) = (number(statistics.lower_limit), number(statistics.upper_limit));
    let sum = match card.position.chart.assurance {
        Assurance::HitOrMiss => format!("{} lies from {lower} to {upper}", number(target)),
        Assurance::Pass | Assurance::Fail | Assurance::None => {
            format!("{} lies outside {lower} to {upper}", number(target))
        }
    };
    steps.push(
        Step::new(
            "A target beyond the limits is met or missed whatever the noise; within them it is hit or miss",
            sum,
            result,
        )
        .of([
            card.input("Latest target", Value::Number(target), "latest_target"),
            Input::new("Lower limit", Value::Number(statistics.lower_limit)),
            Input::new("Upper limit", Value::Number(statistics.upper_limit)),
        ])
        .stands_in(card.place("better")),
    );
    steps
}

/// Mean, average moving range and limits, each printed with two decimals more than the measure.
fn limits(statistics: &Statistics) -> Vec<Step> {
    let (mean, range) = (number(statistics.mean), number(statistics.average_moving_range));
    vec![
        Step::new(
            format!("The mean of the {} points that were reported", statistics.points),
            "",
            Value::Number(statistics.mean),
        ),
        Step::new(
            "The mean of the steps from each point to the next, without those of 3.267 times it or more",
            "",
            Value::Number(statistics.average_moving_range),
        ),
        Step::new(
            "The lower limit is the mean less 2.66 times the mean step, both before they are rounded",
            format!("{mean} \u{2212} 2.66 × {range}"),
            Value::Number(statistics.lower_limit),
        ),
        Step::new(
            "The upper limit is the mean and 2.66 times the mean step, both before they are rounded",
            format!("{mean} + 2.66 × {range}"),
            Value::Number(statistics.upper_limit),
        ),
    ]
}
