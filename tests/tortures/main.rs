//! The clock and the post under torture: programs killed, stopped and cut off at random, with databases
//! restarted, disks full and mail servers that fail, each again by its seed.
//!
//! `tests/torture` runs these tests, in a short form and in longer ones; `cargo test` leaves them out.
//! `OUTTURN_TORTURE_SEED`, `_SLOTS`, `_KILLS` and `_MINUTES` are what its options say.

#[path = "../http/client.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
mod client;
#[path = "../web/post/mail_server.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
mod mail_server;

mod database;
mod example;
mod faults;
mod kills;
mod line;
mod many;
mod program;
mod random;
mod storm;
