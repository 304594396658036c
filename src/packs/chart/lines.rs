//! Lines over months: spend against budget, cost against rate.

use super::Size;
use super::plot::{EndLabel, Plot, SMALL, text_width};
use super::scale::{Axis, Unit};
use crate::packs::document::{Anchor, Dash, Drawing, Ink, Stroke};

#[derive(Clone, Copy, Debug, Default)]
pub struct LineChart<'a> {
    /// Short labels of the months, such as "Apr 15".
    pub labels: &'a [String],
    pub series: &'a [LineSeries<'a>],
    pub unit: Unit,
    /// The axis of values holds nought.
    pub y_from_zero: bool,
    /// The first month that is a forecast: solid lines are dashed from there on.
    pub forecast_from: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub struct LineSeries<'a> {
    /// Stands at the right end of the line.
    pub name: &'a str,
    pub values: &'a [Option<f64>],
    pub ink: Ink,
    pub dash: Dash,
}

const AXIS_INTERVALS: u32 = 4;
const LINE_WIDTH: f32 = 1.3;
/// The names at the right end have at most this part of the width.
const MOST_FOR_NAMES: f32 = 0.3;

pub fn draw(chart: &LineChart, size: Size) -> Drawing {
    let every = chart.series.iter().flat_map(|series| series.values).flatten().copied();
    let axis = Axis::holding(every, chart.y_from_zero, AXIS_INTERVALS);
    let months = chart.labels.len();
    let names: Vec<EndLabel> = chart.series.iter().filter_map(|series| end_label(series, months)).collect();
    let widest = names.iter().map(EndLabel::width).fold(0.0, f32::max);
    let end_width = widest.min(size.width * MOST_FOR_NAMES);
    let mut plot = Plot::start(size, axis, chart.unit, chart.labels, end_width, 40);
    if plot.axis.is_none() {
        plot.say_no_data();
        return plot.drawing;
    }
    let forecast_from = chart.forecast_from.filter(|month| *month < months);
    if let Some(month) = forecast_from {
        mark_forecast(&mut plot, month);
    }
    for series in chart.series.iter().rev() {
        let solid = Stroke { ink: series.ink, width: LINE_WIDTH, dash: series.dash };
        match forecast_from.filter(|_| series.dash == Dash::Solid) {
            Some(month) => {
                plot.through(series.values, 0..month, solid);
                // The dashes begin at the last month that is known, so that the line is whole.
                let dashed = Stroke { dash: Dash::Dashed, ..solid };
                plot.through(series.values, month.saturating_sub(1)..months, dashed);
            }
            None => plot.through(series.values, 0..months, solid),
        }
    }
    plot.end_labels(names);
    plot.drawing
}

fn mark_forecast(plot: &mut Plot, month: usize) {
    let x = if month == 0 { plot.left } else { (plot.x(month - 1) + plot.x(month)) / 2.0 };
    plot.line((x, plot.top - 5.0), (x, plot.bottom), Ink::Muted, 0.5, Dash::Dotted);
    let words = "Forecast";
    if x + 2.5 + text_width(words, SMALL) <= plot.drawing.width {
        plot.label(x + 2.5, plot.top - 1.5, words.to_string(), Anchor::Start, Ink::Muted, false);
    }
}

fn end_label(series: &LineSeries, months: usize) -> Option<EndLabel> {
    let known = series.values.iter().take(months).rev();
    let value = known.flatten().copied().find(|value| value.is_finite())?;
    Some(EndLabel { text: series.name.to_string(), value, ink: series.ink, strong: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::chart::checks::{labels, stays_inside};
    use crate::packs::document::Mark;

    fn chart<'a>(months: &'a [String], series: &'a [LineSeries<'a>]) -> LineChart<'a> {
        LineChart { labels: months, series, unit: Unit::Pounds, y_from_zero: true, forecast_from: Some(2) }
    }

    fn series<'a>(name: &'a str, values: &'a [Option<f64>]) -> LineSeries<'a> {
        LineSeries { name, values, ink: Ink::Actual, dash: Dash::Solid }
    }

    #[test]
    fn a_solid_line_is_dashed_from_the_first_forecast_month() {
        let months: Vec<String> = ["Apr", "May", "Jun", "Jul"].map(String::from).to_vec();
        let values = [Some(1.0), Some(2.0), Some(3.0), Some(4.0)];
        let lines = [series("Spend", &values)];
        let drawing = draw(&chart(&months, &lines), Size::TWO_UP);
        let dashes: Vec<(Dash, usize)> = drawing
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Polyline { points, stroke } => Some((stroke.dash, points.len())),
                Mark::Line { .. } | Mark::Polygon { .. } | Mark::Dot { .. } | Mark::Label { .. } => None,
            })
            .collect();
        // April and May are known; the dashes join May to June and July.
        assert_eq!(dashes, [(Dash::Solid, 2), (Dash::Dashed, 3)]);
        assert!(labels(&drawing).contains(&"Forecast"));
    }

    #[test]
    fn any_data_keeps_its_labels_inside() {
        let long = "Cost per member per month, whole population, all practices";
        let cases: [&[Option<f64>]; 5] = [
            &[],
            &[None],
            &[Some(-3.0)],
            &[Some(5.0), Some(5.0)],
            &[Some(-2e6), Some(4e6), None, Some(f64::NAN)],
        ];
        for values in cases {
            let months: Vec<String> = (0..values.len()).map(|i| format!("Month {i}")).collect();
            for forecast_from in [None, Some(0), Some(1), Some(99)] {
                let lines = [series(long, values), series("Budget", &[])];
                let chart = LineChart { forecast_from, ..chart(&months, &lines) };
                stays_inside(&draw(&chart, Size::TWO_UP));
            }
        }
    }
}
