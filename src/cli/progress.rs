//! A progress bar on a terminal, and nothing in a pipe.

use std::io::{IsTerminal, Write, stderr};

const WIDTH: usize = 30;

/// Shows how many of `total` areas are done, where standard error is a terminal.
pub fn show(done: usize, total: usize) {
    let mut out = stderr();
    if !out.is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        return;
    }
    let filled = WIDTH * done / total.max(1);
    let end = if done == total { "\n" } else { "" };
    // A bar that cannot be shown stops nothing.
    let _ =
        write!(out, "\r[{}{}] {done} of {total} areas{end}", "#".repeat(filled), ".".repeat(WIDTH - filled));
}
