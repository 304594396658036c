//! A document in its sections, for readers who take one at a time.

use super::{Block, Document, Heading, Text};

/// A part of a document under a heading of level 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section<'d> {
    /// The heading's id, which its template gives.
    pub id: &'d str,
    /// The heading as the pack shows it, with its number.
    pub title: &'d Text,
    /// What stands under the heading, up to the next of level 1.
    pub blocks: &'d [Block],
}

impl Document {
    /// What stands before the contents: the cover and its facts. All of a document without contents
    /// belongs to its sections.
    pub fn front(&self) -> &[Block] {
        &self.blocks[..self.contents_at().unwrap_or(0)]
    }

    /// The sections after the contents, in reading order. A section that an area's templates add is
    /// one of them.
    pub fn sections(&self) -> Vec<Section<'_>> {
        let mut rest = &self.blocks[self.contents_at().unwrap_or(0)..];
        let mut sections = Vec::new();
        while let Some(start) = rest.iter().position(|block| section_heading(block).is_some()) {
            let after = &rest[start + 1..];
            let end = after.iter().position(|block| section_heading(block).is_some()).unwrap_or(after.len());
            if let Some(Heading { id, text, .. }) = section_heading(&rest[start]) {
                sections.push(Section { id, title: text, blocks: &after[..end] });
            }
            rest = &after[end..];
        }
        sections
    }

    /// The section in which the heading, table or chart with this id stands.
    pub fn section_of(&self, id: &str) -> Option<Section<'_>> {
        self.sections()
            .into_iter()
            .find(|section| section.id == id || section.blocks.iter().any(|block| block.holds(id)))
    }

    fn contents_at(&self) -> Option<usize> {
        self.blocks.iter().position(|block| matches!(block, Block::Contents { .. }))
    }
}

fn section_heading(block: &Block) -> Option<&Heading> {
    block.heading().filter(|heading| heading.level == 1)
}

impl Block {
    /// The heading that the block is.
    pub fn heading(&self) -> Option<&Heading> {
        match self {
            Block::Heading(heading) => Some(heading),
            Block::Paragraph(_)
            | Block::List(_)
            | Block::Tiles(_)
            | Block::Table(_)
            | Block::Figure(_)
            | Block::FigureGrid(_)
            | Block::Callout { .. }
            | Block::Definitions(_)
            | Block::Contents { .. }
            | Block::PageBreak(_)
            | Block::Paper(_) => None,
        }
    }

    /// Whether what has this id is the block or stands in it.
    fn holds(&self, id: &str) -> bool {
        match self {
            Block::Heading(heading) => heading.id == id,
            Block::Table(table) => table.id == id,
            Block::Figure(figure) => figure.id == id,
            Block::FigureGrid(figures) => figures.iter().any(|figure| figure.id == id),
            Block::Callout { blocks, .. } => blocks.iter().any(|block| block.holds(id)),
            Block::Paragraph(_)
            | Block::List(_)
            | Block::Tiles(_)
            | Block::Definitions(_)
            | Block::Contents { .. }
            | Block::PageBreak(_)
            | Block::Paper(_) => false,
        }
    }
}
