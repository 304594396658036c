//! How far apart blocks stand: a little closer from one turn of the paper to the next where that spares
//! a page that would hardly be begun.

use super::{
    super::super::document::{Block, Document, Orientation},
    super::lines::Style,
    Flow, HEAD,
};

/// A stretch is set closer where its last page holds no more than this share.
const HARDLY_BEGUN: f32 = 0.2;

/// What lines and the white between blocks are left where they stand closer.
const CLOSER_LINES: f32 = 0.93;
const CLOSER_WHITE: f32 = 0.65;

/// Goes through a document's blocks, closer where that spares a page.
pub fn through(document: &Document) -> Flow<'_> {
    let loose = flow_through(document, &[]);
    let spills: Vec<bool> = loose.stretches().iter().map(|stretch| stretch.spills).collect();
    if !spills.contains(&true) {
        return loose;
    }
    let close = flow_through(document, &spills);
    let pairs = loose.stretches().into_iter().zip(close.stretches());
    let spared: Vec<bool> = pairs.map(|(loose, close)| close.pages < loose.pages).collect();
    // What is closer in vain is set loose again.
    match spared.contains(&true) {
        _ if spared == spills => close,
        true => flow_through(document, &spared),
        false => loose,
    }
}

fn flow_through<'a>(document: &'a Document, closer: &[bool]) -> Flow<'a> {
    let orientation = match document.blocks.first() {
        Some(Block::PageBreak(orientation) | Block::Paper(orientation)) => *orientation,
        _ => Orientation::Portrait,
    };
    let mut flow = Flow::new(document, orientation, closer);
    flow.blocks(&document.blocks);
    flow
}

/// The pages from one turn of the paper to the next.
#[derive(Clone, Copy)]
pub struct Stretch {
    pages: usize,
    /// Its last page is hardly begun, and not its only one.
    spills: bool,
}

impl Flow<'_> {
    /// Leaves white before a block, save at the head of a page.
    pub fn gap(&mut self, height: f32) {
        if !self.at_top() {
            self.after(height);
        }
    }

    /// Leaves white after a block.
    pub fn after(&mut self, height: f32) {
        self.y += height * if self.is_close() { CLOSER_WHITE } else { 1.0 };
    }

    /// A style with its lines as far apart as they stand here.
    pub fn spaced(&self, style: Style) -> Style {
        let leading = style.leading * if self.is_close() { CLOSER_LINES } else { 1.0 };
        Style { leading, ..style }
    }

    /// Whether blocks stand closer here.
    pub fn is_close(&self) -> bool {
        self.closer.get(self.ended.len()).is_some_and(|close| *close)
    }

    /// The stretches up to here.
    fn stretches(&self) -> Vec<Stretch> {
        self.ended.iter().copied().chain([self.stretch()]).collect()
    }

    pub fn stretch(&self) -> Stretch {
        let pages = self.pages.len() - self.began;
        let begun = (self.y - HEAD) / self.page_height();
        Stretch { pages, spills: pages > 1 && begun <= HARDLY_BEGUN }
    }
}
