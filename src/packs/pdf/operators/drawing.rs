//! Charts and signs as operators.

use super::{
    super::{
        super::document::{Anchor, Dash, Drawing, Ink, Mark, Point, Shape, Status, Stroke},
        fonts::{Face, SPACE, unseen},
        measure::points,
        page::Owner,
    },
    Writer, tenths,
};

impl Writer<'_> {
    pub(super) fn drawing(&mut self, owner: Owner, origin: (f32, f32), scale: f32, drawing: &Drawing) {
        let placed = |point: Point| Point { x: origin.0 + point.x * scale, y: origin.1 + point.y * scale };
        let scaled = |stroke: Stroke| Stroke { width: stroke.width * scale, ..stroke };
        for mark in &drawing.marks {
            match mark {
                Mark::Line { from, to, stroke } => {
                    self.enter(owner, false);
                    self.pen(scaled(*stroke), stroke.dash == Dash::Dotted);
                    self.line(placed(*from), placed(*to));
                }
                Mark::Polyline { points, stroke } => {
                    self.enter(owner, false);
                    self.pen(scaled(*stroke), stroke.dash == Dash::Dotted);
                    self.points(points.iter().map(|&point| placed(point)));
                }
                Mark::Polygon { points, fill } => {
                    self.enter(owner, false);
                    self.brush(*fill);
                    self.points(points.iter().map(|&point| placed(point)));
                    self.out.extend_from_slice(b"h\n");
                }
                Mark::Dot { at, radius, fill, shape } => {
                    self.enter(owner, false);
                    self.dot(placed(*at), radius * scale, *fill, *shape);
                }
                Mark::Label { at, text, anchor, size, ink, strong } => {
                    let face = if *strong { Face::Bold } else { Face::Regular };
                    self.label(owner, placed(*at), text, *anchor, (face, size * scale), *ink);
                }
            }
        }
    }

    fn label(
        &mut self,
        owner: Owner,
        at: Point,
        text: &str,
        anchor: Anchor,
        (face, size): (Face, f32),
        ink: Ink,
    ) {
        let query = self.fonts.code('?').unwrap_or_default();
        let mut codes = std::mem::take(&mut self.label);
        codes.clear();
        let shown = text.chars().filter(|&character| !unseen(character));
        codes.extend(shown.map(|character| self.fonts.code(character).unwrap_or(query)));
        let advances = self.fonts.advances(face);
        let width = points(codes.iter().map(|&code| u32::from(advances[usize::from(code)])).sum(), size);
        let x = match anchor {
            Anchor::Start => at.x,
            Anchor::Middle => at.x - width / 2.0,
            Anchor::End => at.x - width,
        };
        // A space after each label, so that those who read the text alone find its words apart.
        codes.push(SPACE);
        self.text(owner, (x, at.y), face, size, ink, &codes);
        self.label = codes;
    }

    fn dot(&mut self, at: Point, radius: f32, ink: Ink, shape: Shape) {
        let by = |x: f32, y: f32| Point { x: at.x + x * radius, y: at.y + y * radius };
        match shape {
            // A line of no length with round ends is a disc.
            Shape::Circle => {
                self.pen(Stroke { ink, width: radius * 2.0, dash: Dash::Solid }, true);
                self.line(at, at);
            }
            Shape::Square => self.polygon(ink, &[by(-1.0, -1.0), by(1.0, -1.0), by(1.0, 1.0), by(-1.0, 1.0)]),
            Shape::Diamond => self.polygon(ink, &[by(0.0, -1.2), by(1.2, 0.0), by(0.0, 1.2), by(-1.2, 0.0)]),
            Shape::TriangleUp => self.polygon(ink, &[by(0.0, -1.15), by(1.1, 0.85), by(-1.1, 0.85)]),
            Shape::TriangleDown => self.polygon(ink, &[by(0.0, 1.15), by(1.1, -0.85), by(-1.1, -0.85)]),
        }
    }

    /// A status's shape, as tall as a figure of the text beside it.
    pub(super) fn sign(&mut self, x: f32, y: f32, size: f32, status: Status) {
        let radius = size * 0.33;
        let at = Point { x: x + size * 0.4, y: y - size * 0.35 };
        let ink = status.ink();
        match status {
            Status::Good | Status::Improvement => self.dot(at, radius, ink, Shape::TriangleUp),
            Status::Watch => self.dot(at, radius, ink, Shape::Diamond),
            Status::Bad | Status::Concern => self.dot(at, radius, ink, Shape::TriangleDown),
            Status::Unknown => self.ring(at, radius, ink, size * 0.13),
        }
    }

    fn ring(&mut self, at: Point, radius: f32, ink: Ink, width: f32) {
        /// How far the handles of a quarter circle's curve stand from its ends.
        const HANDLE: f32 = 0.5523;
        self.pen(Stroke { ink, width, dash: Dash::Solid }, false);
        let by = |x: f32, y: f32| [tenths(at.x + x * radius), self.height - tenths(at.y + y * radius)];
        let quarters = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0f32]];
        let start = by(1.0, 0.0);
        let curves: Vec<[i32; 6]> = quarters
            .windows(2)
            .map(|pair| {
                let ([ax, ay], [bx, by_]) = (pair[0], pair[1]);
                let first = by(ax + bx * HANDLE, ay + by_ * HANDLE);
                let second = by(bx + ax * HANDLE, by_ + ay * HANDLE);
                let end = by(bx, by_);
                [first[0], first[1], second[0], second[1], end[0], end[1]]
            })
            .collect();
        self.numbers(&start, b"m\n");
        for curve in curves {
            self.numbers(&curve, b"c\n");
        }
    }

    fn polygon(&mut self, ink: Ink, corners: &[Point]) {
        self.brush(ink);
        self.points(corners.iter().copied());
        self.out.extend_from_slice(b"h\n");
    }
}
