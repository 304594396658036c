//! The program itself, as it is run: over sockets, with hostile clients, through faults, to its end.

mod client;
mod program;

mod headers;
mod jobs;
mod operating;
mod slow;
mod stopping;
mod uploads;
