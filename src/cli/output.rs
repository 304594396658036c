//! What commands print: on standard output, which may be a pipe that somebody closes or a disk that is full.

use std::{
    fmt::Arguments,
    io::{self, Write, stdout},
    process::exit,
};

/// Prints a line, in place of the standard macro, which would break the program off.
macro_rules! println {
    ($($words:tt)*) => { $crate::cli::output::line(format_args!($($words)*)) };
}

/// Prints a line on standard output.
///
/// Whoever reads may have seen enough, as `head` has: then the command ends. Where it cannot be written for
/// another reason, the command has failed.
pub(super) fn line(words: Arguments<'_>) {
    ended(stdout().lock().write_fmt(format_args!("{words}\n")));
}

/// As [`line()`], of a text that has its line ends.
pub(super) fn text(text: &str) {
    let mut out = stdout().lock();
    ended(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

fn ended(written: io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            eprintln!("Failed: what was found cannot be printed: {error}");
            exit(3);
        }
    }
}
