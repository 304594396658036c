//! The web service through its front door: requests in, answers out, on SQLite, and on PostgreSQL where
//! `OUTTURN_TEST_POSTGRES` names a server on which databases may be made.

mod site;
mod system;

mod figures;
mod guarding;
mod interface;
mod jobs;
mod about;
mod audit;
mod accounts;
mod plan;
mod post;
mod publication;
mod rates;
mod sealing;
mod returns;
mod permissions;
mod signing_in;
mod single_sign_on;
