//! The whole service through the real program: plans and returns in, published packs out.
//!
//! Every journey is tried on SQLite, and on PostgreSQL where `OUTTURN_TEST_POSTGRES` names a server on
//! which databases may be made. What a test needs and does not find, it says, and is skipped.

mod bench;
mod example;

mod workload;
mod real_figures;
mod intake;
mod corrections;
mod explain;
mod repetition;
mod files_of_all_kinds;
mod folders;
mod locks;
mod schedules;
mod command_line;
mod templates;
mod pack;
mod crash;
mod backup;
mod doctor;
mod databases;
