//! Packs: a position becomes a document, every format draws that document, and the pack is frozen.

pub mod chart;
pub mod compose;
pub mod data;
pub mod positions;
pub mod document;
pub mod html;
pub mod pdf;
pub mod markup;
pub mod template;
