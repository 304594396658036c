//! Packs: a position becomes a document, every format draws that document, and the pack is frozen.

pub mod compose;
pub mod template;
pub mod markup;
pub mod document;
pub mod chart;
pub mod pages;
pub mod html;
pub mod pdf;
pub mod difference;
pub mod explain;
pub mod positions;
pub mod data;
pub mod freeze;
pub mod restated;
#[cfg(test)]
pub(crate) mod example;

pub use difference::{Changed, difference};
