//! Pages of placed marks: what layout gives and the writer draws. Positions are in points from the
//! top left corner of the page; y runs down and is a text's baseline.

use std::borrow::Cow;

use super::super::document::{Drawing, Ink, Orientation, Status};
use super::{
    fonts::Face,
    measure::Span,
    tree::{ElementId, Tree},
};

/// The short and the long side of A4, in points.
const A4: (f32, f32) = (595.3, 841.9);

/// What a mark belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Content of this element.
    Element(ElementId),
    /// Decoration: a rule, a band, a repeated table heading.
    Layout,
    /// What stands at the head of each page.
    Header,
    /// What stands at the foot of each page.
    Footer,
}

#[derive(Clone, Copy, Debug)]
pub enum Mark<'a> {
    Text {
        x: f32,
        y: f32,
        face: Face,
        size: f32,
        ink: Ink,
        span: Span,
    },
    /// A level line.
    Rule {
        x: f32,
        to: f32,
        y: f32,
        width: f32,
        ink: Ink,
    },
    /// A level row of dots.
    Leader {
        x: f32,
        to: f32,
        y: f32,
        ink: Ink,
    },
    Fill {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
    /// A status's shape on the baseline of text of this size.
    Sign {
        x: f32,
        y: f32,
        size: f32,
        status: Status,
    },
    Drawing {
        x: f32,
        y: f32,
        scale: f32,
        drawing: &'a Drawing,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub owner: Owner,
    pub mark: Mark<'a>,
}

/// Where a page can be pressed to go elsewhere.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    pub element: ElementId,
    /// The id of a heading, a table or a figure.
    pub target: &'a str,
    /// What the link says it leads to.
    pub words: Cow<'a, str>,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// A place that links and bookmarks lead to.
#[derive(Clone, Copy, Debug)]
pub struct Anchor<'a> {
    pub id: &'a str,
    pub y: f32,
    /// Its place in the outline, if it is a heading.
    pub heading: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Page<'a> {
    pub orientation: Orientation,
    pub marks: Vec<Placed<'a>>,
    pub links: Vec<Link<'a>>,
    pub anchors: Vec<Anchor<'a>>,
}

/// A heading as the outline shows it.
#[derive(Clone, Debug)]
pub struct Bookmark {
    pub level: u8,
    pub title: String,
}

/// A drawing's text alternative and where it lies: left, top, right, bottom.
#[derive(Clone, Copy, Debug)]
pub struct Pictured<'a> {
    pub alternative: &'a str,
    pub page: usize,
    pub bounds: [f32; 4],
}

/// A whole pack, laid out.
pub struct Laid<'a> {
    pub pages: Vec<Page<'a>>,
    pub tree: Tree,
    pub codes: Vec<u16>,
    pub bookmarks: Vec<Bookmark>,
    pub figures: Vec<Pictured<'a>>,
    pub missing: Vec<char>,
}

/// Width and height of a page.
pub fn paper(orientation: Orientation) -> (f32, f32) {
    match orientation {
        Orientation::Portrait => A4,
        Orientation::Landscape => (A4.1, A4.0),
    }
}

impl<'a> Page<'a> {
    pub fn new(orientation: Orientation) -> Page<'a> {
        Page { orientation, marks: Vec::with_capacity(512), links: Vec::new(), anchors: Vec::new() }
    }
}

impl Mark<'_> {
    /// The same mark further down the page.
    pub fn lowered(self, by: f32) -> Self {
        let mut mark = self;
        match &mut mark {
            Mark::Text { y, .. }
            | Mark::Rule { y, .. }
            | Mark::Leader { y, .. }
            | Mark::Fill { y, .. }
            | Mark::Sign { y, .. }
            | Mark::Drawing { y, .. } => *y += by,
        }
        mark
    }
}
