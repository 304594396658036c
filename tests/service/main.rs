//! The whole service through the real program: plans and returns in, published packs out.
//!
//! Every journey is tried on SQLite, and on PostgreSQL where `OUTTURN_TEST_POSTGRES` names a server on
//! which databases may be made. What a test needs and does not find, it says, and is skipped.

mod bench;
mod example;

mod workload;
