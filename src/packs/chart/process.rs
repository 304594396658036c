//! The process chart (XmR): a measure by month, its target, its mean and its process limits, with the
//! points of special cause told apart by size, colour and shape.

use super::Size;
use super::plot::{EndLabel, Plot};
use super::scale::{Axis, Unit, short_label};
use crate::packs::document::{Dash, Drawing, Ink, Mark, Point, Shape, Stroke};

/// A measure over its months. Every slice has one entry a month; a shorter one is missing its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessChart<'a> {
    /// Short labels, such as "Apr 15".
    pub months: &'a [String],
    pub values: &'a [Option<f64>],
    pub targets: &'a [Option<f64>],
    pub mean: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub judgement: &'a [PointJudgement],
    /// Of the latest value's label.
    pub decimals: u8,
    pub unit: Unit,
}

/// What the rules of special cause say of one point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointJudgement {
    /// Not judged, as where there are too few points.
    #[default]
    None,
    Common,
    Improvement,
    Concern,
}

const AXIS_INTERVALS: u32 = 4;

/// Draws the chart. Lines are named at their right end; the latest value is written there too.
pub fn draw(chart: &ProcessChart, size: Size) -> Drawing {
    let levels = [chart.mean, chart.lower, chart.upper];
    let every = chart.values.iter().chain(chart.targets).chain(&levels).flatten().copied();
    let axis = Axis::holding(every, false, AXIS_INTERVALS);
    let labels = end_labels(chart);
    let end_width = labels.iter().map(EndLabel::width).fold(0.0, f32::max);
    let mut plot = Plot::start(size, axis, chart.unit, chart.months, end_width, chart.values.len() + 48);
    if plot.axis.is_none() {
        plot.say_no_data();
        return plot.drawing;
    }
    for limit in [chart.upper, chart.lower].into_iter().flatten().filter(|value| value.is_finite()) {
        plot.level(limit, Ink::Limit, 0.8, Dash::Dotted);
    }
    if let Some(mean) = chart.mean.filter(|value| value.is_finite()) {
        plot.level(mean, Ink::Mean, 0.6, Dash::Solid);
    }
    let months = chart.months.len();
    plot.through(chart.targets, 0..months, Stroke { ink: Ink::Target, width: 1.0, dash: Dash::Dashed });
    plot.through(chart.values, 0..months, Stroke { ink: Ink::Actual, width: 1.1, dash: Dash::Solid });
    dots(chart, &mut plot);
    plot.end_labels(labels);
    plot.drawing
}

fn end_labels(chart: &ProcessChart) -> Vec<EndLabel> {
    let last = |values: &[Option<f64>]| {
        values.iter().take(chart.months.len()).rev().find_map(|value| value.filter(|value| value.is_finite()))
    };
    let named = [
        ("Upper limit", chart.upper, Ink::Limit),
        ("Mean", chart.mean, Ink::Mean),
        ("Target", last(chart.targets), Ink::Target),
        ("Lower limit", chart.lower, Ink::Limit),
    ];
    let mut labels: Vec<EndLabel> = named
        .into_iter()
        .filter_map(|(name, value, ink)| {
            let value = value.filter(|value| value.is_finite())?;
            Some(EndLabel { text: name.to_string(), value, ink, strong: false })
        })
        .collect();
    if let Some(value) = last(chart.values) {
        let text = short_label(value, chart.unit, chart.decimals);
        labels.push(EndLabel { text, value, ink: Ink::Actual, strong: true });
    }
    labels
}

/// How the dots of one judgement look.
struct Layer {
    judgement: PointJudgement,
    radius: f32,
    fill: Ink,
    shape: Shape,
}

impl Layer {
    const fn new(judgement: PointJudgement, radius: f32, fill: Ink, shape: Shape) -> Layer {
        Layer { judgement, radius, fill, shape }
    }
}

/// Special causes come last, each on a ring of paper, so that nothing hides them.
const LAYERS: [Layer; 6] = [
    Layer::new(PointJudgement::None, 1.25, Ink::Actual, Shape::Circle),
    Layer::new(PointJudgement::Common, 1.25, Ink::Actual, Shape::Circle),
    Layer::new(PointJudgement::Improvement, 3.0, Ink::Paper, Shape::Circle),
    Layer::new(PointJudgement::Improvement, 2.4, Ink::Improvement, Shape::Circle),
    Layer::new(PointJudgement::Concern, 3.6, Ink::Paper, Shape::Diamond),
    Layer::new(PointJudgement::Concern, 2.9, Ink::Concern, Shape::Diamond),
];

/// Of a point that no line runs through.
const LONE_RADIUS: f32 = 1.9;

/// Neither the month before nor the month after has a value.
fn stands_alone(values: &[Option<f64>], month: usize) -> bool {
    let has_value = |month: usize| values.get(month).is_some_and(Option::is_some);
    !(month > 0 && has_value(month - 1) || has_value(month + 1))
}

fn dots(chart: &ProcessChart, plot: &mut Plot) {
    for Layer { judgement, radius, fill, shape } in LAYERS {
        for (month, value) in chart.values.iter().take(chart.months.len()).enumerate() {
            if let Some(value) = value.filter(|value| value.is_finite())
                && chart.judgement.get(month).copied().unwrap_or_default() == judgement
            {
                let at = Point { x: plot.x(month), y: plot.y(value) };
                let radius = if stands_alone(chart.values, month) { radius.max(LONE_RADIUS) } else { radius };
                plot.drawing.marks.push(Mark::Dot { at, radius, fill, shape });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::chart::checks::{labels, stays_inside};

    fn months(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("{} {}", ["Apr", "May", "Jun"][i % 3], 15 + i / 12)).collect()
    }

    #[test]
    fn a_chart_of_any_data_keeps_its_labels_inside() {
        let cases: [&[Option<f64>]; 6] = [
            &[],
            &[None, None, None],
            &[Some(652.0)],
            &[None, Some(-4.5), None],
            &[Some(86.0), Some(86.0), Some(86.0)],
            &[Some(-1e9), Some(f64::NAN), Some(f64::INFINITY), Some(2e12)],
        ];
        for values in cases {
            for size in [Size::TWO_UP, Size::FULL] {
                let months = months(values.len());
                let chart = ProcessChart { months: &months, values, targets: values, ..Default::default() };
                stays_inside(&draw(&chart, size));
                let mean = values.iter().flatten().next().copied();
                let chart = ProcessChart { mean, lower: mean, upper: mean, ..chart };
                stays_inside(&draw(&chart, size));
            }
        }
    }

    #[test]
    fn a_missing_month_breaks_the_line() {
        let months = months(5);
        let values = [Some(1.0), Some(2.0), None, Some(3.0), Some(4.0)];
        let drawing =
            draw(&ProcessChart { months: &months, values: &values, ..Default::default() }, Size::TWO_UP);
        let lines = drawing.marks.iter().filter(|mark| matches!(mark, Mark::Polyline { .. })).count();
        assert_eq!(lines, 2);
    }

    #[test]
    fn special_cause_differs_in_shape_or_size_as_well_as_colour() {
        let months = months(3);
        let values = [Some(1.0), Some(2.0), Some(3.0)];
        let judgement = [PointJudgement::Common, PointJudgement::Improvement, PointJudgement::Concern];
        let chart =
            ProcessChart { months: &months, values: &values, judgement: &judgement, ..Default::default() };
        let looks: Vec<(Ink, Shape, String)> = draw(&chart, Size::TWO_UP)
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Dot { fill, shape, radius, .. } if *fill != Ink::Paper => {
                    Some((*fill, *shape, radius.to_string()))
                }
                Mark::Dot { .. }
                | Mark::Line { .. }
                | Mark::Polyline { .. }
                | Mark::Polygon { .. }
                | Mark::Label { .. } => None,
            })
            .collect();
        assert_eq!(
            looks,
            [
                (Ink::Actual, Shape::Circle, "1.25".to_string()),
                (Ink::Improvement, Shape::Circle, "2.4".to_string()),
                (Ink::Concern, Shape::Diamond, "2.9".to_string())
            ]
        );
    }

    #[test]
    fn lines_are_named_where_they_end_and_months_where_there_is_room() {
        let months: Vec<String> = months(36);
        let values: Vec<Option<f64>> = (0..36).map(|i| Some(80.0 + f64::from(i % 7))).collect();
        let targets = vec![Some(90.0); 36];
        let chart = ProcessChart {
            months: &months,
            values: &values,
            targets: &targets,
            mean: Some(83.0),
            lower: Some(78.0),
            upper: Some(88.0),
            decimals: 1,
            unit: Unit::Percent,
            ..Default::default()
        };
        let drawing = draw(&chart, Size::TWO_UP);
        stays_inside(&drawing);
        let labels = labels(&drawing);
        for name in ["Target", "Mean", "Upper limit", "Lower limit", "80.0%", "75%", "90%", "Jun 17"] {
            assert!(labels.contains(&name), "{name} is not among {labels:?}");
        }
    }
}
