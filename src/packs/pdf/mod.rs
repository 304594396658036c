//! A document as a PDF: accessible, and the same bytes from the same document on any day.
//!
//! Text is set and measured (`fonts`, `measure`), blocks become pages of placed marks and a tree of
//! elements (`layout` and the files of its blocks, which are pure), and pages become a file
//! (`write`, which alone names printpdf; `operators`, `tags`, `elements`, `properties` and `file` are its parts).

#[cfg(test)]
mod breaks;
#[cfg(test)]
mod checks;
mod contents;
mod elements;
mod figure;
mod file;
mod fonts;
mod furniture;
mod layout;
mod lines;
mod measure;
mod operators;
mod page;
mod properties;
mod prose;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod standards;
mod table;
mod tags;
mod tiles;
mod tree;
mod write;

use super::document::Document;

/// A pack drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    pub bytes: Vec<u8>,
    pub pages: usize,
    /// Characters that the typeface lacks; each was drawn as a question mark.
    pub missing_glyphs: Vec<char>,
}

/// Draws a document as a tagged PDF (PDF/UA-1 and PDF/A-2a).
///
/// The same document gives the same bytes, in any process, on any thread and at any time.
pub fn draw(document: &Document) -> Drawn {
    let laid = layout::lay_out(document);
    let bytes = write::write(document, &laid);
    Drawn { bytes, pages: laid.pages.len(), missing_glyphs: laid.missing }
}
