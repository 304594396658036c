//! Horizontal bars: how much of what there was to have, such as incentive earned of that available.

use super::plot::{NORMAL, fitted, text_width};
use super::scale::{Axis, Unit, short_label};
use crate::packs::document::{Anchor, Drawing, Ink, Mark, Point};

#[derive(Clone, Copy, Debug, Default)]
pub struct Bars<'a> {
    pub rows: &'a [BarRow<'a>],
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug)]
pub struct BarRow<'a> {
    pub label: &'a str,
    pub value: f64,
    /// What the value is part of; the pale bar behind it.
    pub of: f64,
}

const ROW: f32 = 13.0;
const BAR: f32 = 8.0;
const TOP: f32 = 2.0;
const LABELS_SHARE: f32 = 0.5;

/// Draws a row for each, all to one scale from nought, as high as the rows need.
pub fn draw(chart: &Bars, width: f32) -> Drawing {
    let height = (TOP * 2.0 + ROW * chart.rows.len() as f32).max(ROW);
    let mut drawing = Drawing { width, height, marks: Vec::with_capacity(chart.rows.len() * 4) };
    let sayings: Vec<String> = chart.rows.iter().map(|row| saying(row, chart.unit)).collect();
    let names = chart.rows.iter().map(|row| text_width(row.label, NORMAL)).fold(0.0, f32::max);
    let left = (names + 6.0).min(width * LABELS_SHARE);
    let right = width - sayings.iter().map(|words| text_width(words, NORMAL)).fold(0.0, f32::max) - 4.0;
    let extents = chart.rows.iter().flat_map(|row| [row.value, row.of]);
    let axis = Axis::holding(extents.map(|value| value.max(0.0)), true, 20);
    let longest = axis.as_ref().map_or(1.0, |axis| axis.high);
    let along = |value: f64| {
        let share = if value.is_finite() { (value / longest).clamp(0.0, 1.0) as f32 } else { 0.0 };
        (right - left).max(0.0) * share
    };
    for (at, (row, words)) in chart.rows.iter().zip(sayings).enumerate() {
        let top = TOP + ROW * at as f32 + (ROW - BAR) / 2.0;
        let baseline = top + BAR / 2.0 + NORMAL * 0.35;
        let name = fitted(row.label, NORMAL, left - 5.0);
        label(&mut drawing, left - 4.0, baseline, name, Anchor::End, Ink::Text);
        rectangle(&mut drawing, left, top, along(row.of), BAR, Ink::Rule);
        rectangle(&mut drawing, left, top, along(row.value), BAR, Ink::Accent);
        label(&mut drawing, width - 1.0, baseline, words, Anchor::End, Ink::Text);
    }
    drawing
}

fn saying(row: &BarRow, unit: Unit) -> String {
    let value = short_label(if row.value.is_finite() { row.value } else { 0.0 }, unit, 0);
    if row.of.is_finite() && row.of != 0.0 {
        format!("{value} of {}", short_label(row.of, unit, 0))
    } else {
        value
    }
}

fn rectangle(drawing: &mut Drawing, x: f32, y: f32, width: f32, height: f32, fill: Ink) {
    if width > 0.0 {
        let points = vec![
            Point { x, y },
            Point { x: x + width, y },
            Point { x: x + width, y: y + height },
            Point { x, y: y + height },
        ];
        drawing.marks.push(Mark::Polygon { points, fill });
    }
}

fn label(drawing: &mut Drawing, x: f32, y: f32, text: String, anchor: Anchor, ink: Ink) {
    let at = Point { x, y };
    drawing.marks.push(Mark::Label { at, text, anchor, size: NORMAL, ink, strong: false });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::chart::checks::{labels, stays_inside};

    #[test]
    fn a_row_says_its_value_and_what_it_is_part_of() {
        let rows = [BarRow { label: "Delayed transfers of care", value: 8_000.0, of: 12_500.0 }];
        let drawing = draw(&Bars { rows: &rows, unit: Unit::Pounds }, 510.0);
        stays_inside(&drawing);
        assert_eq!(labels(&drawing), ["Delayed transfers of care", "£8,000 of £12.5k"]);
    }

    #[test]
    fn any_figures_keep_their_labels_inside() {
        let long = "Proportion of older people still at home 91 days after discharge into reablement";
        let all = [
            BarRow { label: long, value: -5.0, of: 0.0 },
            BarRow { label: "", value: f64::NAN, of: 1e14 },
            BarRow { label: "<&>", value: 3e9, of: 1.0 },
        ];
        for rows in [&[][..], &all[..1], &all[..]] {
            for width in [250.0, 510.0] {
                stays_inside(&draw(&Bars { rows, unit: Unit::Pounds }, width));
            }
        }
    }
}
