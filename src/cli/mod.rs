//! The command line: a file a command, no logic.

pub mod calc;
