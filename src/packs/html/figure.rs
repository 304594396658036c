//! Figures: a chart as inline SVG, with its message, its subtitle and its words for those who listen.
//!
//! Neighbouring marks of one look are written as one path or one group, which keeps a pack of thirty
//! charts small.

use super::ink::class_of;
use super::write::Page;
use crate::packs::chart::Size;
use crate::packs::document::{Anchor, Dash, Drawing, Figure, Mark, Point, Shape, Stroke};

/// Pixels on the screen for a point of the drawing, so that its small text can be read.
const PIXELS_PER_POINT: f32 = 1.8;

pub fn draw(page: &mut Page, figure: &Figure) {
    // As wide as a sheet: the service's pages do not shrink it below what can be read, but push it aside.
    let is_broad = page.links().is_some() && figure.drawing.width >= Size::FULL.width;
    page.raw("<figure id=\"");
    page.attribute(&figure.id);
    page.raw(if is_broad { "\" class=\"broad\" tabindex=\"0\">" } else { "\">" });
    page.raw("\n<figcaption>");
    for (class, words) in [("msg", &figure.headline), ("sub", &figure.subtitle)] {
        if !words.is_empty() {
            page.raw("<p class=\"");
            page.raw(class);
            page.raw("\">");
            page.text(words);
            page.raw("</p>");
        }
    }
    page.raw("</figcaption>\n<svg role=\"img\" ");
    page.raw("aria-labelledby=\"");
    page.attribute(&figure.id);
    page.raw("_title ");
    page.attribute(&figure.id);
    page.raw("_desc\" width=\"");
    page.tenth(figure.drawing.width * PIXELS_PER_POINT);
    page.raw("\" height=\"");
    page.tenth(figure.drawing.height * PIXELS_PER_POINT);
    page.raw("\" viewBox=\"0 0 ");
    pair(page, Point { x: figure.drawing.width, y: figure.drawing.height });
    page.raw("\"><title id=\"");
    page.attribute(&figure.id);
    page.raw("_title\">");
    page.text(if figure.headline.is_empty() { &figure.subtitle } else { &figure.headline });
    page.raw("</title><desc id=\"");
    page.attribute(&figure.id);
    page.raw("_desc\">");
    page.text(&figure.alternative);
    page.raw("</desc>\n");
    marks(page, &figure.drawing);
    page.raw("</svg>\n</figure>\n");
}

/// A small drawing within a line or a cell.
pub fn inline(page: &mut Page, drawing: &Drawing, alternative: &str) {
    page.raw("<svg class=\"spark\" role=\"img\" aria-label=\"");
    page.attribute(alternative);
    page.raw("\" width=\"");
    page.tenth(drawing.width * PIXELS_PER_POINT);
    page.raw("\" height=\"");
    page.tenth(drawing.height * PIXELS_PER_POINT);
    page.raw("\" viewBox=\"0 0 ");
    pair(page, Point { x: drawing.width, y: drawing.height });
    page.raw("\">\n");
    marks(page, drawing);
    page.raw("</svg>");
}

fn marks(page: &mut Page, drawing: &Drawing) {
    for alike in drawing.marks.chunk_by(look_alike) {
        match &alike[0] {
            Mark::Line { stroke, .. } | Mark::Polyline { stroke, .. } => stroked(page, *stroke),
            Mark::Polygon { fill, .. } => {
                page.raw("<path class=\"f ");
                page.raw(class_of(*fill));
                page.raw("\" d=\"");
            }
            Mark::Dot { radius, fill, shape, .. } => {
                page.raw("<path class=\"");
                page.raw(match shape {
                    Shape::Circle => "o ",
                    Shape::Square => "q ",
                    Shape::Diamond | Shape::TriangleUp | Shape::TriangleDown => "f ",
                });
                page.raw(class_of(*fill));
                if let Shape::Circle | Shape::Square = shape {
                    page.raw("\" stroke-width=\"");
                    page.hundredth(side(*shape, *radius));
                }
                page.raw("\" d=\"");
            }
            Mark::Label { anchor, size, ink, strong, .. } => {
                page.raw("<g class=\"");
                page.raw(class_of(*ink));
                page.raw(match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " m",
                    Anchor::End => " r",
                });
                page.raw(if *strong { " b\" font-size=\"" } else { "\" font-size=\"" });
                page.hundredth(*size);
                page.raw("\">");
            }
        }
        for mark in alike {
            draw_mark(page, mark);
        }
        page.raw(match alike[0] {
            Mark::Label { .. } => "</g>\n",
            Mark::Line { .. } | Mark::Polyline { .. } | Mark::Polygon { .. } | Mark::Dot { .. } => "\"/>\n",
        });
    }
}

fn look_alike(a: &Mark, b: &Mark) -> bool {
    match (a, b) {
        (
            Mark::Line { stroke: a, .. } | Mark::Polyline { stroke: a, .. },
            Mark::Line { stroke: b, .. } | Mark::Polyline { stroke: b, .. },
        ) => a == b,
        (Mark::Polygon { fill: a, .. }, Mark::Polygon { fill: b, .. }) => a == b,
        (
            Mark::Dot { radius: a, fill: a_fill, shape: a_shape, .. },
            Mark::Dot { radius: b, fill: b_fill, shape: b_shape, .. },
        ) => a == b && a_fill == b_fill && a_shape == b_shape,
        (
            Mark::Label { anchor: a, size: a_size, ink: a_ink, strong: a_strong, .. },
            Mark::Label { anchor: b, size: b_size, ink: b_ink, strong: b_strong, .. },
        ) => a == b && a_size == b_size && a_ink == b_ink && a_strong == b_strong,
        (
            Mark::Line { .. }
            | Mark::Polyline { .. }
            | Mark::Polygon { .. }
            | Mark::Dot { .. }
            | Mark::Label { .. },
            Mark::Line { .. }
            | Mark::Polyline { .. }
            | Mark::Polygon { .. }
            | Mark::Dot { .. }
            | Mark::Label { .. },
        ) => false,
    }
}

fn stroked(page: &mut Page, stroke: Stroke) {
    page.raw("<path class=\"");
    page.raw(class_of(stroke.ink));
    page.raw(match stroke.dash {
        Dash::Solid => "",
        Dash::Dashed => " da",
        Dash::Dotted => " do",
    });
    page.raw("\" stroke-width=\"");
    page.hundredth(stroke.width);
    page.raw("\" d=\"");
}

fn draw_mark(page: &mut Page, mark: &Mark) {
    match mark {
        Mark::Line { from, to, .. } => {
            page.raw("M");
            pair(page, *from);
            if from.y == to.y {
                page.raw("H");
                page.tenth(to.x);
            } else if from.x == to.x {
                page.raw("V");
                page.tenth(to.y);
            } else {
                page.raw("L");
                pair(page, *to);
            }
        }
        Mark::Polyline { points, .. } => path(page, points),
        Mark::Polygon { points, .. } => {
            path(page, points);
            page.raw("z");
        }
        Mark::Dot { at, radius, shape, .. } => dot(page, *at, *radius, *shape),
        Mark::Label { at, text, .. } => {
            page.raw("<text x=\"");
            page.tenth(at.x);
            page.raw("\" y=\"");
            page.tenth(at.y);
            page.raw("\">");
            page.text(text);
            page.raw("</text>");
        }
    }
}

/// The first pair after `M` is where the pen goes down; the pairs after it are lines.
fn path(page: &mut Page, points: &[Point]) {
    for (at, point) in points.iter().enumerate() {
        page.raw(if at == 0 { "M" } else { " " });
        pair(page, *point);
    }
}

/// Circles and squares are line ends without a line; the others are drawn round their edge.
fn dot(page: &mut Page, at: Point, radius: f32, shape: Shape) {
    let corner = |dx: f32, dy: f32| Point { x: at.x + dx * radius, y: at.y + dy * radius };
    match shape {
        Shape::Circle | Shape::Square => {
            page.raw("M");
            pair(page, at);
            page.raw("h0");
        }
        Shape::Diamond => {
            path(page, &[corner(0.0, -1.0), corner(1.0, 0.0), corner(0.0, 1.0), corner(-1.0, 0.0)]);
            page.raw("z");
        }
        Shape::TriangleUp => {
            path(page, &[corner(0.0, -1.0), corner(0.95, 0.75), corner(-0.95, 0.75)]);
            page.raw("z");
        }
        Shape::TriangleDown => {
            path(page, &[corner(0.0, 1.0), corner(-0.95, -0.75), corner(0.95, -0.75)]);
            page.raw("z");
        }
    }
}

/// How thick the line is whose end has this shape; a square has about a circle's area.
fn side(shape: Shape, radius: f32) -> f32 {
    match shape {
        Shape::Square => radius * 1.77,
        Shape::Circle | Shape::Diamond | Shape::TriangleUp | Shape::TriangleDown => radius * 2.0,
    }
}

fn pair(page: &mut Page, point: Point) {
    page.tenth(point.x);
    page.raw(" ");
    page.tenth(point.y);
}

/// A generous guess at how many bytes the figure takes.
pub fn length(figure: &Figure) -> usize {
    let marks = figure.drawing.marks.iter().map(|mark| match mark {
        Mark::Line { .. } => 30,
        Mark::Dot { .. } => 28,
        Mark::Polyline { points, .. } | Mark::Polygon { points, .. } => 60 + points.len() * 12,
        Mark::Label { text, .. } => 70 + text.len(),
    });
    700 + figure.headline.len() * 2 + figure.alternative.len() + marks.sum::<usize>()
}
