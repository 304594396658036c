//! A page's marks as a content stream: few operators, whole tenths of a point, and a colour or a
//! font named only when it changes. Everything drawn stands inside marked content.

mod drawing;
mod numbers;

pub use self::numbers::number;
use self::numbers::{colour, hundredths};
use super::{
    super::document::{Dash, Ink, Point, Stroke},
    fonts::{Face, Fonts, fonts},
    measure::Span,
    page::{Mark, Owner, Page, paper},
    tree::{ElementId, Tree},
};

/// A page written: its operators, and whose each piece of marked content is, in order.
pub struct Stream {
    pub operators: Vec<u8>,
    pub owners: Vec<ElementId>,
}

/// Writes a page's marks. `codes` is the text of the whole pack.
pub fn stream(page: &Page<'_>, tree: &Tree, codes: &[u16]) -> Stream {
    let mut writer = Writer {
        out: Vec::with_capacity(page.marks.len() * 48 + 1024),
        owners: Vec::with_capacity(page.marks.len()),
        tree,
        fonts: fonts(),
        height: (paper(page.orientation).1 * 10.0) as i32,
        open: None,
        in_text: false,
        origin: (0, 0),
        fill: None,
        stroke: None,
        width: -1,
        dash: Dash::Solid,
        round: false,
        font: None,
        path: Path::None,
        label: Vec::new(),
    };
    writer.out.extend_from_slice(b".1 0 0 .1 0 0 cm\n");
    for placed in &page.marks {
        writer.mark(placed.owner, &placed.mark, codes);
    }
    writer.close();
    Stream { operators: writer.out, owners: writer.owners }
}

/// What the present path will be painted with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    None,
    Fill,
    Stroke,
}

struct Writer<'t> {
    out: Vec<u8>,
    owners: Vec<ElementId>,
    tree: &'t Tree,
    fonts: &'static Fonts,
    /// In tenths of a point, as all that is written.
    height: i32,
    /// Whose marked content is open, and whether it was opened within text.
    open: Option<(Owner, bool)>,
    in_text: bool,
    /// Where the last text began.
    origin: (i32, i32),
    fill: Option<Ink>,
    stroke: Option<Ink>,
    width: i32,
    dash: Dash,
    round: bool,
    font: Option<(Face, i32)>,
    path: Path,
    label: Vec<u16>,
}

fn tenths(value: f32) -> i32 {
    (value * 10.0).round() as i32
}

impl Writer<'_> {
    fn mark(&mut self, owner: Owner, mark: &Mark<'_>, codes: &[u16]) {
        match *mark {
            Mark::Text { x, y, face, size, ink, span } => {
                let Span { start, end } = span;
                self.text(owner, (x, y), face, size, ink, &codes[start as usize..end as usize]);
            }
            Mark::Rule { x, to, y, width, ink } => {
                self.enter(owner, false);
                self.pen(Stroke { ink, width, dash: Dash::Solid }, false);
                self.line(Point { x, y }, Point { x: to, y });
            }
            Mark::Leader { x, to, y, ink } => {
                if to > x {
                    self.enter(owner, false);
                    self.pen(Stroke { ink, width: 0.7, dash: Dash::Dotted }, true);
                    self.line(Point { x, y }, Point { x: to, y });
                }
            }
            Mark::Fill { x, y, width, height, ink } => {
                self.enter(owner, false);
                self.brush(ink);
                let (left, bottom) = (tenths(x), self.height - tenths(y + height));
                self.numbers(&[left, bottom, tenths(width), tenths(height)], b"re\n");
            }
            Mark::Sign { x, y, size, status } => {
                self.enter(owner, false);
                self.sign(x, y, size, status);
            }
            Mark::Drawing { x, y, scale, drawing } => {
                self.enter(owner, false);
                self.drawing(owner, (x, y), scale, drawing);
            }
        }
    }

    /// Makes sure that what follows belongs to `owner`, in text or outside it.
    fn enter(&mut self, owner: Owner, text: bool) {
        if let Some((open, opened_in_text)) = self.open
            && open == owner
            && (text == self.in_text || !opened_in_text)
        {
            self.turn(text);
            return;
        }
        self.paint();
        if let Some((_, opened_in_text)) = self.open.take() {
            if !opened_in_text {
                self.turn(false);
            }
            self.out.extend_from_slice(b"EMC\n");
        }
        self.turn(text);
        self.open = Some((owner, text));
        match owner {
            Owner::Layout => self.out.extend_from_slice(LAYOUT),
            Owner::Header => self.out.extend_from_slice(PAGINATION_HEADER),
            Owner::Footer => self.out.extend_from_slice(PAGINATION_FOOTER),
            Owner::Element(element) => {
                self.out.push(b'/');
                self.out.extend_from_slice(super::elements::name(self.tree.role(element)).as_bytes());
                self.out.extend_from_slice(b"<</MCID ");
                number(&mut self.out, self.owners.len() as i32);
                self.out.extend_from_slice(b">>BDC\n");
                self.owners.push(element);
            }
        }
    }

    fn turn(&mut self, text: bool) {
        if text == self.in_text {
            return;
        }
        self.paint();
        self.out.extend_from_slice(if text { b"BT\n" } else { b"ET\n" });
        self.origin = (0, 0);
        self.in_text = text;
    }

    /// Closes whatever is open at the page's end.
    fn close(&mut self) {
        self.paint();
        match self.open.take() {
            Some((_, true)) => self.out.extend_from_slice(b"EMC\nET\n"),
            Some((_, false)) => {
                self.turn(false);
                self.out.extend_from_slice(b"EMC\n");
            }
            None => self.turn(false),
        }
    }

    fn text(&mut self, owner: Owner, at: (f32, f32), face: Face, size: f32, ink: Ink, codes: &[u16]) {
        if codes.is_empty() {
            return;
        }
        self.enter(owner, true);
        let size = (size * 100.0).round() as i32;
        if self.font != Some((face, size)) {
            self.font = Some((face, size));
            self.out.extend_from_slice(match face {
                Face::Regular => b"/F1 ",
                Face::Bold => b"/F2 ",
                Face::Italic => b"/F3 ",
            });
            // Type sizes are in hundredths of a point, and the page in tenths.
            hundredths(&mut self.out, size);
            self.out.extend_from_slice(b" Tf\n");
        }
        self.fill_ink(ink);
        let place = (tenths(at.0), self.height - tenths(at.1));
        self.numbers(&[place.0 - self.origin.0, place.1 - self.origin.1], b"Td(");
        self.origin = place;
        for &code in codes {
            for byte in self.fonts.glyph(code).to_be_bytes() {
                match byte {
                    b'(' | b')' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                    b'\r' => self.out.extend_from_slice(b"\\r"),
                    _ => self.out.push(byte),
                }
            }
        }
        self.out.extend_from_slice(b")Tj\n");
    }

    fn points(&mut self, points: impl Iterator<Item = Point>) {
        let mut operator: &[u8] = b"m\n";
        for point in points {
            self.numbers(&[tenths(point.x), self.height - tenths(point.y)], operator);
            operator = b"l\n";
        }
    }

    fn line(&mut self, from: Point, to: Point) {
        self.points([from, to].into_iter());
    }

    /// Paints the path so far.
    fn paint(&mut self) {
        match std::mem::replace(&mut self.path, Path::None) {
            Path::None => {}
            Path::Fill => self.out.extend_from_slice(b"f\n"),
            Path::Stroke => self.out.extend_from_slice(b"S\n"),
        }
    }

    /// Begins or goes on with a path to be filled.
    fn brush(&mut self, ink: Ink) {
        if self.path != Path::Fill || self.fill != Some(ink) {
            self.paint();
            self.fill_ink(ink);
        }
        self.path = Path::Fill;
    }

    /// Begins or goes on with a path to be stroked.
    fn pen(&mut self, stroke: Stroke, round: bool) {
        let width = (stroke.width * 100.0).round() as i32;
        let same = self.stroke == Some(stroke.ink) && self.width == width && self.dash == stroke.dash;
        if self.path == Path::Stroke && same && self.round == round {
            return;
        }
        self.paint();
        self.path = Path::Stroke;
        if self.stroke != Some(stroke.ink) {
            self.stroke = Some(stroke.ink);
            colour(&mut self.out, stroke.ink, b"RG\n");
        }
        if self.dash != stroke.dash || (self.width != width && stroke.dash != Dash::Solid) {
            self.dash = stroke.dash;
            let unit = (width / 10).max(4);
            match stroke.dash {
                Dash::Solid => self.out.extend_from_slice(b"[]0 d\n"),
                Dash::Dashed => self.array(&[unit * 4, unit * 3]),
                Dash::Dotted => self.array(&[0, unit * 3]),
            }
        }
        if self.width != width {
            self.width = width;
            hundredths(&mut self.out, width);
            self.out.extend_from_slice(b" w\n");
        }
        if self.round != round {
            self.round = round;
            self.out.extend_from_slice(if round { b"1 J 1 j\n" } else { b"0 J 1 j\n" });
        }
    }

    fn array(&mut self, [on, off]: &[i32; 2]) {
        self.out.push(b'[');
        number(&mut self.out, *on);
        self.out.push(b' ');
        number(&mut self.out, *off);
        self.out.extend_from_slice(b"]0 d\n");
    }

    fn fill_ink(&mut self, ink: Ink) {
        if self.fill != Some(ink) {
            self.fill = Some(ink);
            colour(&mut self.out, ink, b"rg\n");
        }
    }

    fn numbers(&mut self, numbers: &[i32], operator: &[u8]) {
        for &value in numbers {
            number(&mut self.out, value);
            self.out.push(b' ');
        }
        self.out.extend_from_slice(operator);
    }
}

const LAYOUT: &[u8] = b"/Artifact<</Type/Layout>>BDC\n";
const PAGINATION_HEADER: &[u8] = b"/Artifact<</Type/Pagination/Subtype/Header>>BDC\n";
const PAGINATION_FOOTER: &[u8] = b"/Artifact<</Type/Pagination/Subtype/Footer>>BDC\n";
