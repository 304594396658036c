//! What the charts over months share: the field of the plot, its axes and the labels at its right end.

use super::Size;
use super::scale::{Axis, Unit};
use crate::packs::document::{Anchor, Dash, Drawing, Ink, Mark, Point, Stroke};

/// Of tick labels, in points.
pub const SMALL: f32 = 7.5;
/// Of direct labels, in points.
pub const NORMAL: f32 = 8.0;
/// Least distance between the baselines of two direct labels.
const LABEL_GAP: f32 = 8.6;

/// The mean width of a character, as a part of the text size; strong characters are wider.
const CHARACTER: f32 = 0.52;
const STRONG_CHARACTER: f32 = 0.59;

pub fn text_width(text: &str, size: f32) -> f32 {
    text.chars().count() as f32 * CHARACTER * size
}

pub fn strong_width(text: &str, size: f32) -> f32 {
    text.chars().count() as f32 * STRONG_CHARACTER * size
}

/// The text, or as much of its beginning as fits in the width with an ellipsis after it.
pub fn fitted(text: &str, size: f32, width: f32) -> String {
    shortened(text, (width / (CHARACTER * size)).max(0.0) as usize)
}

fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_string();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    let mut kept = kept.trim_end().to_string();
    if room > 0 {
        kept.push('…');
    }
    kept
}

/// Words beside the right end of a line.
pub struct EndLabel {
    pub text: String,
    pub value: f64,
    pub ink: Ink,
    pub strong: bool,
}

impl EndLabel {
    /// With the space between the field and the words.
    pub fn width(&self) -> f32 {
        let words =
            if self.strong { strong_width(&self.text, NORMAL) } else { text_width(&self.text, SMALL) };
        words + 6.0
    }
}

/// The field in which months run to the right and values upward.
pub struct Plot {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
    pub axis: Option<Axis>,
    pub months: usize,
    pub drawing: Drawing,
}

impl Plot {
    /// Draws the axes and leaves the field free. `end_width` is kept at the right for labels.
    pub fn start(
        size: Size,
        axis: Option<Axis>,
        unit: Unit,
        months: &[String],
        end_width: f32,
        marks: usize,
    ) -> Plot {
        let tick_labels = axis.as_ref().map(|axis| axis.labels(unit)).unwrap_or_default();
        let widest = tick_labels.iter().map(|label| text_width(label, SMALL)).fold(0.0, f32::max);
        let drawing = Drawing { width: size.width, height: size.height, marks: Vec::with_capacity(marks) };
        let month_half = months.last().map_or(0.0, |month| text_width(month, SMALL) / 2.0);
        let mut plot = Plot {
            left: widest + 5.0,
            right: size.width - end_width.max(month_half + 1.0),
            top: 8.0,
            bottom: size.height - 13.0,
            axis,
            months: months.len(),
            drawing,
        };
        plot.value_axis(&tick_labels);
        plot.month_axis(months);
        plot
    }

    pub fn x(&self, month: usize) -> f32 {
        if self.months < 2 {
            return (self.left + self.right) / 2.0;
        }
        // Half a dot's width is kept clear at either end.
        let (first, last) = (self.left + 3.0, self.right - 3.0);
        first + (last - first) * month as f32 / (self.months - 1) as f32
    }

    pub fn y(&self, value: f64) -> f32 {
        let share = self.axis.as_ref().map_or(0.5, |axis| axis.share(value));
        self.bottom - (self.bottom - self.top) * share
    }

    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), ink: Ink, width: f32, dash: Dash) {
        let (from, to) = (Point { x: from.0, y: from.1 }, Point { x: to.0, y: to.1 });
        self.drawing.marks.push(Mark::Line { from, to, stroke: Stroke { ink, width, dash } });
    }

    /// A line across the whole field at one value.
    pub fn level(&mut self, value: f64, ink: Ink, width: f32, dash: Dash) {
        let y = self.y(value);
        self.line((self.left, y), (self.right, y), ink, width, dash);
    }

    /// A line through the values, broken where one is missing. A value with a gap on both sides has
    /// no line; its dot, if the chart draws dots, stands alone.
    pub fn through(&mut self, values: &[Option<f64>], months: std::ops::Range<usize>, stroke: Stroke) {
        let mut points: Vec<Point> = Vec::with_capacity(months.len());
        for month in months {
            match values.get(month).copied().flatten().filter(|value| value.is_finite()) {
                Some(value) => points.push(Point { x: self.x(month), y: self.y(value) }),
                None => self.finish(&mut points, stroke),
            }
        }
        self.finish(&mut points, stroke);
    }

    fn finish(&mut self, points: &mut Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.drawing.marks.push(Mark::Polyline { points: std::mem::take(points), stroke });
        } else {
            points.clear();
        }
    }

    pub fn label(&mut self, x: f32, y: f32, text: String, anchor: Anchor, ink: Ink, strong: bool) {
        let size = if strong { NORMAL } else { SMALL };
        self.drawing.marks.push(Mark::Label { at: Point { x, y }, text, anchor, size, ink, strong });
    }

    /// Words in the middle of a field that has nothing to show.
    pub fn say_no_data(&mut self) {
        let (x, y) = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        self.label(x, y, "No data".to_string(), Anchor::Middle, Ink::Muted, false);
    }

    /// Sets the labels at the right end, each as near its value as the others let it.
    pub fn end_labels(&mut self, mut labels: Vec<EndLabel>) {
        labels.sort_by(|a, b| b.value.total_cmp(&a.value));
        let wanted: Vec<f32> = labels.iter().map(|label| self.y(label.value) + SMALL * 0.35).collect();
        let set = spread(&wanted, LABEL_GAP, self.top, self.bottom + 2.0);
        for ((label, wanted), y) in labels.into_iter().zip(wanted).zip(set) {
            if (y - wanted).abs() > 1.5 {
                let (from, to) = (wanted - SMALL * 0.35, y - SMALL * 0.35);
                self.line((self.right + 0.5, from), (self.right + 4.0, to), Ink::Rule, 0.5, Dash::Solid);
            }
            let x = self.right + 5.0;
            let room = self.drawing.width - x;
            // A hundredth forgives the roundings of a width that was reckoned from this very text.
            let per_character = if label.strong { NORMAL * STRONG_CHARACTER } else { SMALL * CHARACTER };
            let text = shortened(&label.text, (room / per_character + 0.01).max(0.0) as usize);
            self.label(x, y, text, Anchor::Start, label.ink, label.strong);
        }
    }

    fn value_axis(&mut self, labels: &[String]) {
        let ticks = self.axis.as_ref().map(|axis| axis.ticks.clone()).unwrap_or_default();
        for tick in &ticks {
            self.level(*tick, Ink::Rule, 0.4, Dash::Solid);
        }
        for (tick, label) in ticks.iter().zip(labels) {
            let y = self.y(*tick) + SMALL * 0.35;
            self.label(self.left - 3.0, y, label.clone(), Anchor::End, Ink::Muted, false);
        }
    }

    /// Names as many months as there is room for at an even distance, the last always among them.
    fn month_axis(&mut self, months: &[String]) {
        self.line((self.left, self.bottom), (self.right, self.bottom), Ink::Muted, 0.6, Dash::Solid);
        let Some(widest) = months.iter().map(|month| text_width(month, SMALL)).reduce(f32::max) else {
            return;
        };
        let gap = if months.len() > 1 { self.x(1) - self.x(0) } else { f32::INFINITY };
        let every = [1, 2, 3, 6, 12, 24, 36, 60, 120]
            .into_iter()
            .find(|every| gap * *every as f32 >= widest + 5.0)
            .unwrap_or(months.len());
        let named: Vec<usize> = (0..months.len()).rev().step_by(every).collect();
        for month in &named {
            let x = self.x(*month);
            self.line((x, self.bottom), (x, self.bottom + 2.0), Ink::Muted, 0.6, Dash::Solid);
        }
        for month in named {
            let x = self.x(month);
            let half = text_width(&months[month], SMALL) / 2.0;
            if half <= x && x + half <= self.drawing.width {
                self.label(x, self.bottom + 9.0, months[month].clone(), Anchor::Middle, Ink::Muted, false);
            }
        }
    }
}

/// Moves positions, given from top to bottom, apart by at least the gap and keeps them within the
/// bounds as far as there is room.
fn spread(wanted: &[f32], gap: f32, top: f32, bottom: f32) -> Vec<f32> {
    let mut set: Vec<f32> = wanted.to_vec();
    for i in 0..set.len() {
        let least = if i == 0 { top } else { set[i - 1] + gap };
        set[i] = set[i].max(least);
    }
    let mut most = bottom;
    for y in set.iter_mut().rev() {
        *y = y.min(most);
        most = *y - gap;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_lie_on_one_another_move_apart() {
        assert_eq!(spread(&[50.0, 51.0, 90.0], 8.0, 7.0, 110.0), [50.0, 58.0, 90.0]);
        // Two at the bottom: the lower stays on the bound, the upper moves up.
        assert_eq!(spread(&[109.0, 110.0], 8.0, 7.0, 110.0), [102.0, 110.0]);
    }

    #[test]
    fn a_long_name_is_cut_with_an_ellipsis() {
        // 40 points at 6.5 hold 11 characters: ten and the ellipsis.
        assert_eq!(fitted("Reablement and intermediate care", 6.5, 40.0), "Reablement…");
        assert_eq!(fitted("Short", 6.5, 40.0), "Short");
        assert_eq!(fitted("Short", 6.5, 0.0), "");
    }
}
