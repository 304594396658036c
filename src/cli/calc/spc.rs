//! `spc`: a process chart of any series.

use super::{Fault, Function, read_fields};
use crate::figures::{
    agreement::Better,
    fraction::Fraction,
    spc::{
        Assurance, Baseline, Direction, Limits, Options, SHORTEST_FIXED_BASELINE, Scaled, Screening, Series,
        SpecialCause, TrendDirection, Variation, ZeroVariation, assurance, chart, nearest_float,
    },
};
use chrono::NaiveDate;
use serde::Deserialize;
use std::borrow::Cow;

pub(super) const FUNCTION: Function = Function {
    name: "spc",
    about: "A process chart (XmR, Making Data Count): limits, special causes, variation and assurance.",
    example: r#"{"id": 1, "function": "spc", "points": [{"date": "2025-04-01", "value": 71.2}, {"date": "2025-05-01", "value": null}], "improvement": "increase", "target": 75, "screen_outliers": true, "fix_after": null, "rebase": ["2025-04-01"]}"#,
    answer,
};

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    points: Vec<AskedPoint<'a>>,
    improvement: Option<Improvement>,
    target: Option<f64>,
    /// On where it is not sent.
    screen_outliers: Option<bool>,
    fix_after: Option<f64>,
    rebase: Option<Vec<String>>,
    /// What a baseline that never varies gives; `limits_on_mean` where it is not sent.
    zero_variation: Option<AskedZeroVariation>,
}

#[derive(Deserialize)]
struct AskedPoint<'a> {
    #[serde(borrow)]
    date: Cow<'a, str>,
    value: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Improvement {
    Increase,
    Decrease,
    Neutral,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AskedZeroVariation {
    LimitsOnMean,
    NoLimits,
}

fn answer(line: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
    let asked: Asked = read_fields(line, &FUNCTION)?;
    let options = options(&asked)?;
    let points = by_date(&asked.points)?;
    let rebase = asked.rebase.iter().flatten().map(|date| read_date(date)).collect::<Result<Vec<_>, _>>()?;
    let rebased_at: Vec<usize> =
        (0..points.len()).filter(|position| rebase.contains(&points[*position].0)).collect();

    let mut measured: Vec<Option<f64>> = points.iter().map(|(_, point)| point.value).collect();
    measured.push(asked.target.map(|target| within_reach(target, &measured)));
    let Scaled { mut units, exponent } = Scaled::of(&measured);
    let target = units.pop().flatten().map(Fraction::whole);
    let chart = chart(Series { values: &units, rebased_at: &rebased_at }, &options);
    let better = match asked.improvement {
        Some(Improvement::Increase) | None => Some(Better::Higher),
        Some(Improvement::Decrease) => Some(Better::Lower),
        Some(Improvement::Neutral) => None,
    };

    // A rebase on the very first date makes the first group number 1, as the package has it.
    let first_number = usize::from(rebased_at.first() == Some(&0));
    output.extend_from_slice(b"{\"points\":[");
    for (index, group) in chart.groups.iter().enumerate() {
        let end = chart.groups.get(index + 1).map_or(points.len(), |next| next.first);
        let limits = write_limits(first_number + index, group.limits.as_ref(), exponent);
        for (position, (_, point)) in points.iter().enumerate().take(end).skip(group.first) {
            let cause = chart.points[position];
            let separator = if position == 0 { "{\"date\":\"" } else { ",{\"date\":\"" };
            for text in [
                separator,
                &point.date,
                &limits,
                special_cause_label(cause),
                "\",\"point_type\":\"",
                variation_label(cause, better),
                "\"}",
            ] {
                output.extend_from_slice(text.as_bytes());
            }
        }
    }
    let latest = chart.points.last().copied().flatten();
    let limits = chart.groups.last().and_then(|group| group.limits.as_ref());
    let assured = better.zip(target).map(|(better, target)| assurance(limits, target, better));
    let quoted = |label: Option<&str>| label.map_or("null".to_owned(), |label| format!("\"{label}\""));
    output.extend_from_slice(
        format!(
            "],\"variation\":\"{}\",\"variation_icon\":\"{}\",\"assurance\":{},\"assurance_icon\":{}}}",
            variation_label(latest, better),
            variation_icon(latest, better),
            quoted(assured.and_then(assurance_label)),
            quoted(assured.and_then(assurance_icon)),
        )
        .as_bytes(),
    );
    Ok(())
}

/// The target, or where it is far from all values one that says the same of the chart: no limit lies
/// further out than seven times the largest value. So a far target takes no digits from the values.
fn within_reach(target: f64, values: &[Option<f64>]) -> f64 {
    let largest = values.iter().flatten().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let furthest = 10.0 * largest;
    if furthest > 0.0 { target.clamp(-furthest, furthest) } else { target }
}

fn options(asked: &Asked) -> Result<Options, Fault> {
    let baseline = asked
        .fix_after
        .map(|points| {
            Baseline::new(points as usize).ok_or_else(|| {
                let message =
                    format!("fix_after is {points}: send {SHORTEST_FIXED_BASELINE} points or more, or null");
                Fault::new("baseline_too_short", message)
            })
        })
        .transpose()?;
    Ok(Options {
        screening: if asked.screen_outliers.unwrap_or(true) { Screening::On } else { Screening::Off },
        baseline,
        zero_variation: match asked.zero_variation {
            Some(AskedZeroVariation::LimitsOnMean) | None => ZeroVariation::LimitsOnMean,
            Some(AskedZeroVariation::NoLimits) => ZeroVariation::NoLimits,
        },
        trend_direction: TrendDirection::NextPoint,
    })
}

/// The points in the order of their dates, each date once.
fn by_date<'p, 'a>(points: &'p [AskedPoint<'a>]) -> Result<Vec<(NaiveDate, &'p AskedPoint<'a>)>, Fault> {
    let mut dated = Vec::with_capacity(points.len());
    for point in points {
        dated.push((read_date(&point.date)?, point));
    }
    dated.sort_by_key(|(date, _)| *date);
    if let Some(twice) = dated.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let message = format!("{} has more than one point: send each date once", twice[0].0);
        return Err(Fault::new("duplicate_date", message));
    }
    if dated.is_empty() {
        return Err(Fault::new(
            "no_points",
            "points is empty: send one point or more, such as in the example",
        ));
    }
    Ok(dated)
}

/// Reads exactly `YYYY-MM-DD`.
fn read_date(text: &str) -> Result<NaiveDate, Fault> {
    let number = |part: &[u8]| {
        part.iter().try_fold(0u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let date = match text.as_bytes() {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => {
            number(y).zip(number(&[*m1, *m2])).zip(number(&[*d1, *d2]))
        }
        _ => None,
    };
    date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year as i32, month, day)).ok_or_else(|| {
        Fault::new("bad_date", format!("“{text}” is not a day: send dates such as 2025-04-01"))
    })
}

/// The fields of a group that all its points share, up to the label of the special cause.
fn write_limits(number: usize, limits: Option<&Limits>, exponent: i32) -> String {
    let written = |limit: Option<Fraction>| match limit {
        Some(limit) => {
            let nearest = nearest_float(limit.numerator(), limit.denominator(), exponent);
            serde_json::Number::from_f64(nearest).map_or("null".to_owned(), |number| number.to_string())
        }
        None => "null".to_owned(),
    };
    format!(
        "\",\"group\":{number},\"mean\":{},\"lower\":{},\"upper\":{},\"near_lower\":{},\"near_upper\":{},\
         \"special_cause\":\"",
        written(limits.map(Limits::mean)),
        written(limits.and_then(Limits::lower)),
        written(limits.and_then(Limits::upper)),
        written(limits.and_then(Limits::near_lower)),
        written(limits.and_then(Limits::near_upper)),
    )
}

fn special_cause_label(cause: Option<SpecialCause>) -> &'static str {
    match cause {
        None => "Common Cause",
        Some(SpecialCause::AboveUpperLimit) => "Above UCL",
        Some(SpecialCause::BelowLowerLimit) => "Below LCL",
        Some(SpecialCause::Increasing) => "7 Point Trend (Increasing)",
        Some(SpecialCause::Decreasing) => "7 Point Trend (Decreasing)",
        Some(SpecialCause::TwoInThreeAbove) => "2 in 3 Above CL",
        Some(SpecialCause::TwoInThreeBelow) => "2 in 3 Below CL",
        Some(SpecialCause::ShiftAbove) => "7 Points Above CL",
        Some(SpecialCause::ShiftBelow) => "7 Points Below CL",
    }
}

/// What a point says of the measure; the latest point's says it of the chart.
fn variation_label(cause: Option<SpecialCause>, better: Option<Better>) -> &'static str {
    match (cause, better) {
        (None, _) => "common_cause",
        (Some(cause), Some(better)) => match cause.variation(better) {
            Variation::Improvement => "special_cause_improvement",
            Variation::Concern => "special_cause_concern",
            Variation::Common | Variation::None => "common_cause",
        },
        (Some(cause), None) => match cause.direction() {
            Direction::High => "special_cause_neutral_high",
            Direction::Low => "special_cause_neutral_low",
        },
    }
}

fn variation_icon(cause: Option<SpecialCause>, better: Option<Better>) -> &'static str {
    let Some(cause) = cause else { return "common_cause" };
    match (cause.direction(), better) {
        (Direction::High, Some(Better::Higher)) => "improvement_high",
        (Direction::High, Some(Better::Lower)) => "concern_high",
        (Direction::High, None) => "neutral_high",
        (Direction::Low, Some(Better::Higher)) => "concern_low",
        (Direction::Low, Some(Better::Lower)) => "improvement_low",
        (Direction::Low, None) => "neutral_low",
    }
}

fn assurance_label(assurance: Assurance) -> Option<&'static str> {
    match assurance {
        Assurance::None => None,
        Assurance::Pass => Some("consistent_pass"),
        Assurance::Fail => Some("consistent_fail"),
        Assurance::HitOrMiss => Some("inconsistent"),
    }
}

fn assurance_icon(assurance: Assurance) -> Option<&'static str> {
    match assurance {
        Assurance::None => None,
        Assurance::Pass => Some("pass"),
        Assurance::Fail => Some("fail"),
        Assurance::HitOrMiss => Some("inconsistent"),
    }
}
