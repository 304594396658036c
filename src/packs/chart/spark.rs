//! A sparkline: the shape of a measure's months in a line of words or a cell.
//!
//! It has no labels and no axis: the figures stand beside it. The lowest and the highest of values and
//! targets lie at its foot and its head.

use super::Size;
use crate::packs::document::{Dash, Drawing, Ink, Mark, Point, Shape, Stroke};

/// How much room a sparkline has, in points.
pub const SIZE: Size = Size { width: 66.0, height: 14.0 };
/// Room for the dot at the last point, and for half a line.
const MARGIN: f32 = 1.5;
const DOT: f32 = 1.3;
/// A month on its own: as of a measure that is reported each quarter.
const LONE_DOT: f32 = 0.9;

/// What is drawn, one each a month, first month first; none where there is no figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spark<'a> {
    pub values: &'a [Option<f64>],
    /// Dashed; as many as values, or none at all.
    pub targets: &'a [Option<f64>],
    /// The colour of the dot at the last value.
    pub last: Ink,
}

/// Draws a sparkline. A month without a figure breaks the line, and a value between two such is a dot.
pub fn draw(spark: &Spark<'_>, size: Size) -> Drawing {
    let mut drawing = Drawing { width: size.width, height: size.height, marks: Vec::with_capacity(4) };
    let figures = || spark.values.iter().chain(spark.targets).flatten().filter(|figure| figure.is_finite());
    let (lowest, highest) = figures()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lowest, highest), figure| {
            (lowest.min(*figure), highest.max(*figure))
        });
    if lowest > highest {
        return drawing;
    }
    let months = spark.values.len().max(spark.targets.len());
    let step = (size.width - 2.0 * MARGIN) / (months.max(2) - 1) as f32;
    let (height, range) = (size.height - 2.0 * MARGIN, highest - lowest);
    let at = |month: usize, figure: f64| {
        // Where nothing varies the line lies in the middle.
        let share = if range > 0.0 { ((figure - lowest) / range) as f32 } else { 0.5 };
        Point { x: MARGIN + month as f32 * step, y: MARGIN + (1.0 - share) * height }
    };
    let target = Stroke { ink: Ink::Target, width: 0.6, dash: Dash::Dashed };
    let actual = Stroke { ink: Ink::Actual, width: 1.0, dash: Dash::Solid };
    for (figures, stroke) in [(spark.targets, target), (spark.values, actual)] {
        lines(&mut drawing.marks, figures, stroke, &at);
    }
    for month in lone(spark.values) {
        if let Some(value) = spark.values[month].filter(|value| value.is_finite()) {
            let at = at(month, value);
            drawing.marks.push(Mark::Dot { at, radius: LONE_DOT, fill: Ink::Actual, shape: Shape::Circle });
        }
    }
    let last = spark.values.iter().enumerate().rev().find_map(|(month, value)| Some((month, (*value)?)));
    if let Some((month, value)) = last.filter(|(_, value)| value.is_finite()) {
        let dot = Mark::Dot { at: at(month, value), radius: DOT, fill: spark.last, shape: Shape::Circle };
        drawing.marks.push(dot);
    }
    drawing
}

/// The months with a figure between two without.
pub fn lone<T>(figures: &[Option<T>]) -> impl Iterator<Item = usize> {
    let has = |month: Option<usize>| month.and_then(|month| figures.get(month)).is_some_and(Option::is_some);
    (0..figures.len())
        .filter(move |&month| has(Some(month)) && !has(month.checked_sub(1)) && !has(Some(month + 1)))
}

/// A line through each run of figures.
fn lines(marks: &mut Vec<Mark>, figures: &[Option<f64>], stroke: Stroke, at: &impl Fn(usize, f64) -> Point) {
    let mut points = Vec::with_capacity(figures.len());
    for (month, figure) in figures.iter().enumerate() {
        match figure.filter(|figure| figure.is_finite()) {
            Some(figure) => points.push(at(month, figure)),
            None if points.len() > 1 => {
                marks.push(Mark::Polyline { points: std::mem::take(&mut points), stroke });
            }
            None => points.clear(),
        }
    }
    if points.len() > 1 {
        marks.push(Mark::Polyline { points, stroke });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::chart::checks::{labels, stays_inside};

    fn drawn(values: &[Option<f64>], targets: &[Option<f64>]) -> Drawing {
        draw(&Spark { values, targets, last: Ink::Bad }, SIZE)
    }

    fn polylines(drawing: &Drawing) -> Vec<(usize, Dash)> {
        drawing
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Polyline { points, stroke } => Some((points.len(), stroke.dash)),
                Mark::Line { .. } | Mark::Polygon { .. } | Mark::Dot { .. } | Mark::Label { .. } => None,
            })
            .collect()
    }

    #[test]
    fn the_target_is_dashed_and_a_missing_month_breaks_the_line() {
        let values = [Some(1.0), Some(3.0), None, Some(2.0), Some(2.5), None];
        let drawing = drawn(&values, &[Some(2.0); 6]);
        stays_inside(&drawing);
        assert_eq!(labels(&drawing), Vec::<&str>::new());
        assert_eq!(polylines(&drawing), [(6, Dash::Dashed), (2, Dash::Solid), (2, Dash::Solid)]);
        // The dot is at the last month that has a value, the fifth of six.
        let Some(Mark::Dot { at, fill: Ink::Bad, .. }) = drawing.marks.last() else { panic!() };
        assert!((at.x - (MARGIN + 4.0 * (SIZE.width - 2.0 * MARGIN) / 5.0)).abs() < 0.01);
    }

    #[test]
    fn months_of_a_quarterly_measure_are_dots() {
        let values = [None, Some(1.0), None, None, Some(2.0), None, None, Some(1.5)];
        let drawing = drawn(&values, &[]);
        let radii: Vec<f32> = drawing
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Dot { radius, .. } => Some(*radius),
                Mark::Line { .. } | Mark::Polygon { .. } | Mark::Polyline { .. } | Mark::Label { .. } => None,
            })
            .collect();
        // The last month's own dot lies on its small one.
        assert_eq!(radii, [LONE_DOT, LONE_DOT, LONE_DOT, DOT]);
    }

    #[test]
    fn few_months_and_figures_that_never_vary_are_drawn_inside() {
        for values in
            [&[][..], &[None, None], &[Some(5.0)], &[Some(5.0), Some(5.0)], &[Some(f64::NAN), Some(1.0)]]
        {
            stays_inside(&drawn(values, &[]));
        }
        assert_eq!(drawn(&[None], &[]).marks, []);
        assert_eq!(drawn(&[Some(5.0)], &[]).marks.len(), 2);
    }
}
