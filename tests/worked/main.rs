//! Figures held against answers that others worked out, where the sibling folder with them is there.
//!
//! Each test says how many cases it held and how far the figures were apart; run with
//! `cargo test --test worked -- --nocapture` to read it.

mod oracle;
mod scorecard_charts;
mod spc;
