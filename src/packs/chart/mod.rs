//! Charts: plain values become marks on a drawing, a file a chart kind.
//!
//! A chart knows nothing of measures, money or pages. Its numbers are for the eye alone, so they may
//! be floating point; every figure that is read stands in a table beside it.

pub mod bars;
pub mod lines;
pub mod process;
pub mod scale;
pub mod spark;
pub mod waterfall;

mod plot;

/// How much room a chart has, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub width: f32,
    pub height: f32,
}

impl Size {
    /// Two charts side by side on a portrait page.
    pub const TWO_UP: Size = Size { width: 250.0, height: 100.0 };
    /// One chart across a portrait page.
    pub const FULL: Size = Size { width: 510.0, height: 150.0 };
}

#[cfg(test)]
pub(crate) mod checks {
    use super::plot::{strong_width, text_width};
    use crate::packs::document::{Anchor, Drawing, Mark, Point};

    /// Every mark has finite coordinates inside the drawing, and every label ends inside it.
    pub fn stays_inside(drawing: &Drawing) {
        let inside = |p: &Point| {
            assert!(
                (-0.01..=drawing.width + 0.01).contains(&p.x)
                    && (-0.01..=drawing.height + 0.01).contains(&p.y),
                "{p:?} lies outside {} by {}",
                drawing.width,
                drawing.height
            )
        };
        for mark in &drawing.marks {
            match mark {
                Mark::Line { from, to, .. } => [from, to].into_iter().for_each(inside),
                Mark::Polyline { points, .. } | Mark::Polygon { points, .. } => {
                    points.iter().for_each(inside)
                }
                Mark::Dot { at, .. } => inside(at),
                Mark::Label { at, text, anchor, size, strong, .. } => {
                    let width = if *strong { strong_width(text, *size) } else { text_width(text, *size) };
                    let start = match anchor {
                        Anchor::Start => at.x,
                        Anchor::Middle => at.x - width / 2.0,
                        Anchor::End => at.x - width,
                    };
                    inside(&Point { x: start, y: at.y - size * 0.75 });
                    inside(&Point { x: start + width - 0.1, y: at.y });
                }
            }
        }
    }

    pub fn labels(drawing: &Drawing) -> Vec<&str> {
        drawing
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Label { text, .. } => Some(text.as_str()),
                Mark::Line { .. } | Mark::Polyline { .. } | Mark::Polygon { .. } | Mark::Dot { .. } => None,
            })
            .collect()
    }
}
