//! Returns: what partners send, read, known by its headings and checked, row by row.
//!
//! Bytes in, values and faults out: nothing here touches the store.

pub mod changes;
pub mod check;
pub mod columns;
pub mod compare;
pub mod fault;
pub mod read;
pub mod recognise;
pub mod template;
