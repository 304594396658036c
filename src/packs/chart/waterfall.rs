//! From budget to outturn: what made the difference, step by step, read from top to bottom.

use super::plot::{NORMAL, SMALL, fitted, strong_width};
use super::scale::{Axis, Unit, short_label, signed_label};
use crate::packs::document::{Anchor, Dash, Drawing, Ink, Mark, Point, Stroke};

#[derive(Clone, Copy, Debug)]
pub struct Waterfall<'a> {
    pub start: (&'a str, f64),
    /// Each step adds to what stands above it, or takes away.
    pub steps: &'a [(&'a str, f64)],
    pub end: (&'a str, f64),
    pub unit: Unit,
}

const ROW: f32 = 14.0;
const BAR: f32 = 9.0;
const TOP: f32 = 2.0;
/// For the labels of the axis and the words on where it starts.
const FOOT: f32 = 20.0;
const LABELS_SHARE: f32 = 0.34;

struct Bar<'a> {
    label: &'a str,
    from: f64,
    to: f64,
    value: String,
    ink: Ink,
    whole: bool,
}

/// Draws the waterfall in rows, as high as its steps need.
///
/// Steps are small beside the whole, so the axis holds the differences and need not hold nought;
/// where it does not, the drawing says so and the bars of the whole are cut.
pub fn draw(chart: &Waterfall, width: f32) -> Drawing {
    let bars = bars(chart);
    let height = TOP + ROW * bars.len() as f32 + FOOT;
    let mut drawing = Drawing { width, height, marks: Vec::with_capacity(bars.len() * 5 + 20) };
    let names = bars.iter().map(|bar| strong_width(bar.label, NORMAL)).fold(0.0, f32::max);
    let left = (names + 6.0).min(width * LABELS_SHARE);
    let values = bars.iter().map(|bar| strong_width(&bar.value, NORMAL)).fold(0.0, f32::max);
    let right = width - values - 5.0;
    let Some(axis) = axis(&bars) else { return drawing };
    let x = |value: f64| left + (right - left) * axis.share(value);
    let foot = TOP + ROW * bars.len() as f32;
    foot_axis(&mut drawing, &axis, chart.unit, left, right, foot);
    for (row, bar) in bars.iter().enumerate() {
        let top = TOP + ROW * row as f32 + (ROW - BAR) / 2.0;
        let baseline = top + BAR / 2.0 + NORMAL * 0.35;
        let room = left - 5.0;
        // Strong words are an eighth wider than the others.
        let name = fitted(bar.label, NORMAL, if bar.whole { room * 0.88 } else { room });
        label(&mut drawing, left - 4.0, baseline, name, Anchor::End, Ink::Text, bar.whole);
        let base = if bar.whole { x(0f64.clamp(axis.low, axis.high)) } else { x(bar.from) };
        let (start, end) = (base.min(x(bar.to)), base.max(x(bar.to)));
        // A step of nought still shows where it stands.
        rectangle(&mut drawing, start, top, (end - start).max(0.8), BAR, bar.ink);
        if bar.whole && axis.low > 0.0 && end - start > 12.0 {
            cut(&mut drawing, start + 5.0, top);
        }
        if row + 1 < bars.len() {
            let (at, from, to) = (x(bar.to), top + BAR, top + ROW);
            let stroke = Stroke { ink: Ink::Muted, width: 0.5, dash: Dash::Solid };
            drawing.marks.push(Mark::Line {
                from: Point { x: at, y: from },
                to: Point { x: at, y: to },
                stroke,
            });
        }
        label(&mut drawing, end + 3.0, baseline, bar.value.clone(), Anchor::Start, Ink::Text, bar.whole);
    }
    drawing
}

fn bars<'a>(chart: &Waterfall<'a>) -> Vec<Bar<'a>> {
    let whole = |(label, value): (&'a str, f64)| {
        let value = if value.is_finite() { value } else { 0.0 };
        Bar {
            label,
            from: 0.0,
            to: value,
            value: short_label(value, chart.unit, 0),
            ink: Ink::Accent,
            whole: true,
        }
    };
    let mut bars = vec![whole(chart.start)];
    let mut level = bars[0].to;
    for (label, step) in chart.steps.iter().filter(|(_, step)| step.is_finite()) {
        let ink = if *step > 0.0 { Ink::Concern } else { Ink::Improvement };
        let value = signed_label(*step, chart.unit, 0);
        bars.push(Bar { label, from: level, to: level + step, value, ink, whole: false });
        level += step;
    }
    bars.push(whole(chart.end));
    bars
}

fn axis(bars: &[Bar]) -> Option<Axis> {
    let levels = || bars.iter().flat_map(|bar| if bar.whole { [bar.to, bar.to] } else { [bar.from, bar.to] });
    let (low, high) = levels().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    // Room below the lowest level, so that every bar of the whole has a body.
    let room = (high - low).max(high.abs() * 0.01) * 0.25;
    let below = if low > 0.0 { (low - room).max(0.0) } else { low.min(0.0) };
    let above = if high < 0.0 { 0.0 } else { high };
    Axis::holding([below, above].into_iter(), false, 4)
}

fn foot_axis(drawing: &mut Drawing, axis: &Axis, unit: Unit, left: f32, right: f32, foot: f32) {
    let x = |value: f64| left + (right - left) * axis.share(value);
    let stroke = Stroke { ink: Ink::Muted, width: 0.6, dash: Dash::Solid };
    let (from, to) = (Point { x: left, y: foot }, Point { x: right, y: foot });
    drawing.marks.push(Mark::Line { from, to, stroke });
    for tick in &axis.ticks {
        let (from, to) = (Point { x: x(*tick), y: foot }, Point { x: x(*tick), y: foot + 2.0 });
        drawing.marks.push(Mark::Line { from, to, stroke });
    }
    for (tick, text) in axis.ticks.iter().zip(axis.labels(unit)) {
        label(drawing, x(*tick), foot + 9.0, text, Anchor::Middle, Ink::Muted, false);
    }
    if axis.low > 0.0 {
        let words = fitted("The axis does not start at nought.", SMALL, right - left);
        label(drawing, left, foot + 17.5, words, Anchor::Start, Ink::Muted, false);
    }
}

/// Two strokes of paper across a bar that is not shown whole.
fn cut(drawing: &mut Drawing, x: f32, top: f32) {
    for x in [x, x + 3.0] {
        let stroke = Stroke { ink: Ink::Paper, width: 1.2, dash: Dash::Solid };
        let (from, to) = (Point { x, y: top + BAR }, Point { x: x + 2.5, y: top });
        drawing.marks.push(Mark::Line { from, to, stroke });
    }
}

fn rectangle(drawing: &mut Drawing, x: f32, y: f32, width: f32, height: f32, fill: Ink) {
    let points = vec![
        Point { x, y },
        Point { x: x + width, y },
        Point { x: x + width, y: y + height },
        Point { x, y: y + height },
    ];
    drawing.marks.push(Mark::Polygon { points, fill });
}

fn label(drawing: &mut Drawing, x: f32, y: f32, text: String, anchor: Anchor, ink: Ink, strong: bool) {
    let size = if ink == Ink::Muted { SMALL } else { NORMAL };
    drawing.marks.push(Mark::Label { at: Point { x, y }, text, anchor, size, ink, strong });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::chart::checks::{labels, stays_inside};

    fn waterfall<'a>(start: f64, steps: &'a [(&'a str, f64)], end: f64) -> Waterfall<'a> {
        Waterfall { start: ("Budget", start), steps, end: ("Forecast outturn", end), unit: Unit::Pounds }
    }

    #[test]
    fn each_step_starts_where_the_one_above_ended() {
        let steps = [("Home care", 310_000.0), ("Equipment", -85_000.0)];
        let chart = waterfall(27_960_000.0, &steps, 28_185_000.0);
        let bars = bars(&chart);
        // 27,960,000 and 310,000 are 28,270,000; less 85,000 are 28,185,000.
        let ends: Vec<f64> = bars.iter().map(|bar| bar.to).collect();
        assert_eq!(ends, [27_960_000.0, 28_270_000.0, 28_185_000.0, 28_185_000.0]);
        assert_eq!((bars[1].from, bars[2].from), (27_960_000.0, 28_270_000.0));
        let drawing = draw(&chart, 510.0);
        stays_inside(&drawing);
        for words in ["£27.96m", "+£310k", "−£85.0k", "£28.19m", "The axis does not start at nought."] {
            assert!(labels(&drawing).contains(&words), "{words} is not among {:?}", labels(&drawing));
        }
    }

    #[test]
    fn any_figures_keep_their_labels_inside() {
        let long = [("Protecting adult social care services in the community", -4.0), ("", 0.0)];
        let many: Vec<(&str, f64)> = (0..10).map(|i| ("Scheme", f64::from(i) - 5.0)).collect();
        for (start, steps, end) in [
            (0.0, &[][..], 0.0),
            (-5.0, &long[..], -9.0),
            (3.0, &long[..], -1.0),
            (100.0, &many[..], 95.0),
            (f64::NAN, &[("x", f64::INFINITY)][..], 1e12),
        ] {
            for width in [250.0, 510.0] {
                stays_inside(&draw(&waterfall(start, steps, end), width));
            }
        }
    }
}
