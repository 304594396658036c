//! The scorecard as other programs read it.

use super::text;
use crate::figures::{
    fraction::Fraction,
    measure::{MeasurePosition, Rag, TargetFigure},
    spc::{Assurance, Variation, letters},
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Card<'a> {
    assurance: &'static str,
    change: Option<String>,
    latest: CardLatest,
    measure_id: &'a str,
    points: String,
    prev_ytd: CardLastYear,
    rag: String,
    spc: Option<CardStatistics>,
    targets: Vec<Option<String>>,
    values: Vec<Option<String>>,
    variation: &'static str,
    ytd: CardYearToDate,
}

#[derive(Serialize)]
struct CardLatest {
    period: Option<String>,
    rag: char,
    target: Option<String>,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardLastYear {
    months: u32,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardYearToDate {
    months: u32,
    rag: char,
    target: Option<String>,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardStatistics {
    amr: String,
    lcl: String,
    mean: String,
    n: usize,
    ucl: String,
}

#[derive(Serialize)]
pub struct AnnualTarget {
    annual: Option<String>,
    state: &'static str,
}

impl<'a> Card<'a> {
    pub fn of(measure_id: &'a str, decimals: u32, position: &'a MeasurePosition) -> Card<'a> {
        let latest = position.latest.as_ref();
        let months = &position.months;
        let target = |target: Option<TargetFigure>| {
            text(target.and_then(TargetFigure::number).map(|number| Fraction::from(number).round(decimals)))
        };
        Card {
            assurance: match position.chart.assurance {
                Assurance::None => "none",
                Assurance::Pass => "pass",
                Assurance::Fail => "fail",
                Assurance::HitOrMiss => "hit_or_miss",
            },
            change: text(position.change),
            latest: CardLatest {
                period: latest.map(|latest| latest.month.to_string()),
                rag: latest.map_or(Rag::NotJudged, |latest| latest.rag).letter(),
                target: text(latest.and_then(|latest| latest.target)),
                value: text(latest.map(|latest| latest.value)),
            },
            measure_id,
            points: letters(&position.points()),
            prev_ytd: CardLastYear {
                months: position.last_year_to_date.months,
                value: text(position.last_year_to_date.value),
            },
            rag: months.iter().map(|figure| figure.rag.letter()).collect(),
            spc: position.chart.statistics().map(|statistics| CardStatistics {
                amr: statistics.average_moving_range.to_string(),
                lcl: statistics.lower_limit.to_string(),
                mean: statistics.mean.to_string(),
                n: statistics.points,
                ucl: statistics.upper_limit.to_string(),
            }),
            targets: months.iter().map(|figure| target(figure.target)).collect(),
            values: months.iter().map(|figure| text(figure.value.map(|value| value.published))).collect(),
            variation: match position.chart.variation {
                Variation::None => "none",
                Variation::Common => "common",
                Variation::Improvement => "improvement",
                Variation::Concern => "concern",
            },
            ytd: CardYearToDate {
                months: position.year_to_date.months,
                rag: position.year_to_date.rag.letter(),
                target: text(position.year_to_date.target),
                value: text(position.year_to_date.value),
            },
        }
    }
}

impl AnnualTarget {
    pub fn of(target: TargetFigure) -> AnnualTarget {
        AnnualTarget {
            annual: text(target.number()),
            state: match target {
                TargetFigure::Number(_) => "set",
                TargetFigure::ToBeConfirmed => "to be confirmed",
                TargetFigure::NotSet => "none",
            },
        }
    }
}
