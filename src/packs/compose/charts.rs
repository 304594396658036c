//! Charts with their words: a headline that is true of the figures, a subtitle, and a text alternative.

mod fund;

use super::{
    PackSource,
    contract::not_assessed,
    headline,
    scorecard::tolerance,
    value::{Show, Value, money, year_words},
};
use crate::{
    figures::{
        agreement::{Better, Measure},
        capitation::CapitationSum,
        measure::{MeasurePosition, MonthFigure, Rag},
        money::Pence,
        period::Month,
        spc::{SpecialCause, Variation},
    },
    packs::{
        chart::{
            Size,
            bars::{self, BarRow, Bars},
            lines::{self, LineChart, LineSeries},
            process::{self, PointJudgement, ProcessChart},
            scale::Unit,
        },
        document::{Dash, Drawing, Figure, Ink},
    },
};
use rust_decimal::prelude::ToPrimitive;

/// The chart of this kind, of what `of` names; none where there is no such chart.
///
/// | kind | of |
/// |---|---|
/// | `process` | a measure's id |
/// | `fund` | `months`, `cumulative` or `waterfall` |
/// | `segment` | a segment's id |
/// | `incentive` | `kpis` |
pub fn chart(source: PackSource<'_>, kind: &str, of: &str) -> Option<Figure> {
    let id = format!("chart-{kind}-{of}");
    match (kind, of) {
        ("process", measure) => {
            let index = source.plan.measures.iter().position(|candidate| candidate.id == measure)?;
            Some(process_chart(source, id, &source.plan.measures[index], &source.position.scorecard[index]))
        }
        ("fund", "months") => Some(fund::months(source, id)),
        ("fund", "cumulative") => Some(fund::cumulative(source, id)),
        ("fund", "waterfall") => Some(fund::waterfall(source, id)),
        ("segment", segment) => {
            let index = source.plan.segments.iter().position(|candidate| candidate.id == segment)?;
            segment_chart(source, id, index)
        }
        ("incentive", "kpis") => incentive_chart(source, id),
        _ => None,
    }
}

fn process_chart(
    source: PackSource<'_>,
    id: String,
    measure: &Measure,
    position: &MeasurePosition,
) -> Figure {
    let as_at = source.position.as_at;
    let shown: Vec<_> = position.months.iter().filter(|figure| figure.month <= as_at).collect();
    let months: Vec<String> = shown.iter().map(|figure| figure.month.short_name()).collect();
    let values: Vec<Option<f64>> =
        shown.iter().map(|figure| figure.value.and_then(|value| value.published.to_f64())).collect();
    let targets: Vec<Option<f64>> = shown
        .iter()
        .map(|figure| figure.target.and_then(|target| target.number()).and_then(|target| target.to_f64()))
        .collect();
    let mut points = position.points().into_iter();
    let judgement: Vec<PointJudgement> = values
        .iter()
        .map(|value| {
            value.and_then(|_| points.next()).map_or(PointJudgement::None, |point| judged(point, measure))
        })
        .collect();
    let statistics = position.chart.statistics();
    let level = |level: fn(&crate::figures::spc::Statistics) -> rust_decimal::Decimal| {
        statistics.as_ref().map(level).and_then(|value| value.to_f64())
    };
    let chart = ProcessChart {
        months: &months,
        values: &values,
        targets: &targets,
        mean: level(|s| s.mean),
        lower: level(|s| s.lower_limit),
        upper: level(|s| s.upper_limit),
        judgement: &judgement,
        decimals: measure.decimals as u8,
        unit: if measure.unit == "%" { Unit::Percent } else { Unit::Number },
    };
    let headline = headline::of_process_chart(measure, position, as_at);
    let span = span(shown.first().map(|figure| figure.month), shown.last().map(|figure| figure.month));
    let limits = statistics.as_ref().map_or(String::new(), |statistics| {
        let number = |value| Value::Number(value).shown(Show::Plain);
        format!(
            "mean {}, limits {} to {}",
            number(statistics.mean),
            number(statistics.lower_limit),
            number(statistics.upper_limit)
        )
    });
    let better = match measure.better {
        Better::Higher => "higher is better",
        Better::Lower => "lower is better",
    };
    let judged_by = judged_by(measure, &shown, as_at);
    let subtitle = [better, &judged_by, &limits].into_iter().filter(|words| !words.is_empty());
    let subtitle: Vec<&str> = subtitle.collect();
    Figure {
        id,
        alternative: process_alternative(&chart, &measure.name, &span, &headline, &begun(&limits)),
        subtitle: format!("{}, {}", begun(&measure.unit), subtitle.join("; ")),
        headline,
        drawing: process::draw(&chart, Size::TWO_UP),
    }
}

/// `tolerance 2%; on target in 1 of 8 months of 2015/16`; empty where no month of the year is judged.
///
/// How many months met the target, as assurance tells only what chance may do.
fn judged_by(measure: &Measure, shown: &[&MonthFigure], as_at: Month) -> String {
    let this_year = shown.iter().filter(|figure| figure.month.financial_year() == as_at.financial_year());
    let judged: Vec<Rag> = this_year.map(|figure| figure.rag).filter(|rag| *rag != Rag::NotJudged).collect();
    if judged.is_empty() {
        return String::new();
    }
    let met = judged.iter().filter(|rag| **rag == Rag::Green).count();
    format!(
        "tolerance {}; on target in {met} of {} {} of {}",
        tolerance(measure).shown(Show::Plain),
        judged.len(),
        if judged.len() == 1 { "month" } else { "months" },
        year_words(as_at.financial_year())
    )
}

fn judged(point: Option<SpecialCause>, measure: &Measure) -> PointJudgement {
    match point.map(|cause| cause.variation(measure.better)) {
        Some(Variation::Improvement) => PointJudgement::Improvement,
        Some(Variation::Concern) => PointJudgement::Concern,
        Some(Variation::Common | Variation::None) | None => PointJudgement::Common,
    }
}

/// What the chart shows, in words: the lines that are there, the headline, the special causes.
fn process_alternative(
    drawn: &ProcessChart<'_>,
    name: &str,
    span: &str,
    headline: &str,
    limits: &str,
) -> String {
    let points = drawn.values.iter().flatten().count();
    let special =
        |point: &&PointJudgement| matches!(point, PointJudgement::Improvement | PointJudgement::Concern);
    let special = match (drawn.judgement.iter().filter(special).count(), points) {
        (_, 0 | 1) => String::new(),
        (0, _) => format!(" None of its {points} points shows special-cause variation."),
        (1, _) => format!(" 1 of {points} points shows special-cause variation."),
        (special, _) => format!(" {special} of {points} points show special-cause variation."),
    };
    let with = match (drawn.targets.iter().any(Option::is_some), drawn.mean.is_some()) {
        (true, true) => ", with its target, mean and process limits",
        (true, false) => ", with its target",
        (false, true) => ", with its mean and process limits",
        (false, false) => "",
    };
    let limits = if limits.is_empty() { String::new() } else { format!(" {limits}.") };
    format!("Line chart of {name} by month, {span}{with}. {headline}.{special}{limits}")
}

/// A unit as it begins a line: `Per 100,000`.
fn begun(unit: &str) -> String {
    let mut letters = unit.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn span(first: Option<Month>, last: Option<Month>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", first.name(), last.name()),
        (Some(_) | None, Some(_) | None) => "no months".into(),
    }
}

/// Pounds, for drawing alone.
fn drawn(amount: Pence) -> Option<f64> {
    Some(amount.0 as f64 / 100.0)
}

/// Says from when on a line is forecast, where any of it is.
fn forecast_after(as_at: Month, last: Month) -> String {
    if as_at < last { format!("; forecast after {}", as_at.name()) } else { String::new() }
}

fn two_lines(
    months: &[String],
    first: (&str, Vec<Option<f64>>),
    second: (&str, Vec<Option<f64>>),
    forecast_from: Option<usize>,
    from_zero: bool,
) -> Drawing {
    let series = [
        LineSeries { name: first.0, values: &first.1, ink: Ink::Actual, dash: Dash::Solid },
        LineSeries { name: second.0, values: &second.1, ink: Ink::Target, dash: Dash::Dashed },
    ];
    let chart = LineChart {
        labels: months,
        series: &series,
        unit: Unit::Pounds,
        y_from_zero: from_zero,
        forecast_from,
    };
    lines::draw(&chart, Size::TWO_UP)
}

fn segment_chart(source: PackSource<'_>, id: String, segment: usize) -> Option<Figure> {
    let contract = source.position.contract.as_ref()?;
    let name = &source.plan.segments[segment].name;
    let as_at = source.position.as_at;
    let shown: Vec<(Month, &CapitationSum)> = source
        .plan
        .windows
        .capitation
        .iter()
        .zip(&contract.capitation.months[segment])
        .filter(|(month, _)| *month <= as_at)
        .collect();
    let months: Vec<String> = shown.iter().map(|(month, _)| month.short_name()).collect();
    let drawing = two_lines(
        &months,
        ("Cost", shown.iter().map(|(_, sum)| sum.cost_per_member_month().and_then(drawn)).collect()),
        ("Rate", shown.iter().map(|(_, sum)| sum.rate_per_member_month().and_then(drawn)).collect()),
        None,
        false,
    );
    let year_to_date = &contract.capitation.segments[segment];
    let headline = match (year_to_date.cost_per_member_month(), year_to_date.rate_per_member_month()) {
        (Some(cost), Some(rate)) => {
            format!("{name}: {} a member a month to date against a rate of {}", money(cost), money(rate))
        }
        (Some(_) | None, Some(_) | None) => format!("{name}: no members to date"),
    };
    let span = span(shown.first().map(|(month, _)| *month), shown.last().map(|(month, _)| *month));
    let members = shown.last().map_or(0, |(_, sum)| sum.member_months);
    let members = Value::Whole(members).shown(Show::Plain);
    Some(Figure {
        id,
        alternative: format!(
            "Line chart of cost and rate per member per month, {span}. {headline}. {members} members in the last month."
        ),
        headline,
        subtitle: format!("Cost and rate per member per month, {span}; {members} members in the last month"),
        drawing,
    })
}

fn incentive_chart(source: PackSource<'_>, id: String) -> Option<Figure> {
    let incentive = &source.position.contract.as_ref()?.incentive;
    let labels: Vec<String> = source
        .plan
        .kpis
        .iter()
        .map(|kpi| {
            let name = &source.plan.measures[kpi.measure].name;
            match not_assessed(source, kpi.measure) {
                Some(why) => format!("{name} ({why})"),
                None => name.clone(),
            }
        })
        .collect();
    let rows: Vec<BarRow<'_>> = labels
        .iter()
        .zip(&incentive.kpis)
        .map(|(label, position)| BarRow {
            label,
            value: position.earned.0 as f64 / 100.0,
            of: position.available.0 as f64 / 100.0,
        })
        .collect();
    let whole = incentive.kpis.iter().filter(|kpi| kpi.earned == kpi.available).count();
    let headline = format!(
        "On results to date {whole} of {} KPIs would earn {} whole part",
        incentive.kpis.len(),
        if whole == 1 { "its" } else { "their" }
    );
    Some(Figure {
        id,
        alternative: format!("Bars of what each KPI would earn of the part available to it. {headline}."),
        headline,
        subtitle: "What would be earned of what is available, by KPI, on results to date".into(),
        drawing: bars::draw(&Bars { rows: &rows, unit: Unit::Pounds }, Size::FULL.width),
    })
}

#[cfg(test)]
mod tests {
    use crate::packs::example::Example;

    #[test]
    fn a_process_chart_says_the_tolerance_and_how_many_months_met_the_target() {
        let example = Example::published();
        let pack = example.composed();
        let subtitle = |measure: &str| pack.chart("process", measure).unwrap().subtitle;
        // Hit or miss by its limits, and missed in every month of the year.
        let delays = subtitle("DTOC");
        assert!(
            delays.contains("lower is better; tolerance 5%; on target in 0 of 8 months of 2015/16; mean"),
            "{delays}"
        );
        // Without a target there is nothing to meet.
        assert!(!subtitle("READMIT").contains("target"));
    }
}
