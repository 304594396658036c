//! The store: what was agreed, what was sent and what was published, kept on SQLite or PostgreSQL.
//!
//! Facts are added, each under its submission, and never changed; a later submission supersedes an
//! earlier one row by row, or retires it whole. What the facts amount to is worked out elsewhere and is
//! not kept; a pack that was published is kept whole. Only this room names diesel.
//!
//! A [`Store`] is one connection. Everything that writes is one durable transaction: when the call
//! comes back, all of it outlives a power failure; when it fails, or the program dies, none of it is
//! there.

mod audit;
mod backup;
mod bulk;
mod bytes;
mod commentary;
mod contents;
mod credentials;
mod db;
mod doctor;
mod drafts;
mod examine;
mod fact_reads;
mod fact_rows;
mod facts;
mod fault_rows;
mod file_system;
mod idempotency;
mod ids;
mod intake;
mod integrity;
mod jobs;
mod links;
mod message_sending;
mod messages;
mod month_locks;
mod packed;
mod part;
mod people;
mod plans;
mod pool;
mod provenance;
mod proposals;
mod publications;
mod restore;
mod return_drafts;
mod schema;
mod sent_lately;
mod sent_return_rows;
mod sent_returns;
mod sessions;
mod sign_ins;
mod submissions;
#[cfg(test)]
mod tests;
mod tokens;
mod url;
mod whose;
mod wiping;

pub use crate::digest::{Sha256, from_hex, hex, sha256};
pub use audit::{AuditChain, AuditEntry, AuditQuery, Deed};
pub use backup::{BackedUp, BackupError, back_up};
pub use bytes::{Encoding, StoredBytes};
pub use commentary::{Commentary, NewCommentary, standing};
pub use contents::TableContents;
pub use credentials::{Credentials, SecondFactorKept};
pub use doctor::{Finding, State, look_over};
pub use drafts::{Approval, Draft, DraftState, Edition, NewDraft, Release};
pub use examine::{Examination, Held, Schema};
pub use facts::FactsInForce;
pub use idempotency::{GivenKey, KeptAnswer, KeyState};
pub use intake::{Accepted, Intake, NewSubmission, RowFault, Severity, SubmissionFacts};
pub use jobs::{
    Claim, Claimed, Computation, Ending, Failing, JobCounts, JobRun, JobSlot, NewComputation, NewSlot,
    Origin, Outcome, PlannedTo, Skipped, SlotQuery, SlotState, Telling, Tidied,
};
pub use links::{LinkPurpose, OneTimeLink};
pub use message_sending::{HandedOver, MessageEnd};
pub use messages::{Message, MessageKind, MessageQuery, MessageState, NewMessage};
pub use month_locks::{LockReason, MonthLock};
pub use people::NewPerson;
pub use plans::{KeptPlan, PlanEdition};
pub use pool::{Pool, Pooled};
pub use proposals::{NewProposal, Proposal, ProposalState};
pub use provenance::{MeasureSaid, Provenance, SentThrough};
pub use publications::{NewPublication, PackFile, Publication, Published, PublishedFile};
pub use restore::{Restored, WhatIsThere, restore};
pub use return_drafts::{NamedDraft, NewReturnDraft, ReturnDraft};
pub use sent_lately::SendLimits;
pub use sent_returns::{
    Decided, NewSentReturn, Received, ReturnDecision, ReturnOutcome, ReturnWay, SentReturn,
};
pub use sessions::{NewSession, Session};
pub use sign_ins::{Attempt, AttemptLimits};
pub use submissions::{Input, Submission};
pub use tokens::ApiToken;
pub use url::{DatabaseUrl, DatabaseUrlError};

use chrono::TimeDelta;
use std::path::PathBuf;

/// An open store.
pub struct Store {
    db: db::Db,
}

/// Why the store could not do what was asked; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database cannot be opened: {0}")]
    Connection(#[from] diesel::ConnectionError),
    #[error("the database refused: {0}")]
    Query(#[from] diesel::result::Error),
    #[error("the database cannot be brought up to date: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    #[error("a later version of this program has changed the database ({0}): use that version")]
    NewerSchema(String),
    #[error("the database is not Outturn's: it has none of its tables")]
    Foreign,
    /// Its first few tables.
    #[error(
        "the database is not Outturn's: it has tables of another program ({0}). Nothing was written to it"
    )]
    Others(String),
    #[error(
        "an earlier version of this program made the database ({0}): back it up, then start the service or load \
         the plan, which brings it up to date"
    )]
    EarlierSchema(String),
    #[error("there is no database {}", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} cannot be made: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    #[error("the database's path is not Unicode")]
    FileName,
    #[error("{area_code} has no {return_type} submission {number} to replace")]
    NothingToReplace { area_code: String, return_type: &'static str, number: u32 },
    #[error("{area_code}: {file_name} has {facts} facts, but {accepted} rows are said to be accepted")]
    Miscounted { area_code: String, file_name: String, accepted: u32, facts: usize },
    /// Somebody else was first, or what was seen has changed since.
    #[error("it is not as it was: {0}")]
    Overtaken(&'static str),
    /// Somebody has sent as much within a day as one person may.
    #[error("as much was sent within a day as one person may send")]
    SentEnough { limits: SendLimits, wait: TimeDelta },
    #[error("no connection to the database was free: {0}")]
    Unavailable(String),
    #[error("a number is too large to be kept: {0}")]
    TooLarge(u64),
    #[error("the database holds what this program never wrote: {0}")]
    Damaged(String),
}

impl Store {
    /// Opens the database, making it if need be and bringing it up to date.
    ///
    /// Fails where a later version of the program has changed the database, and where it has tables of
    /// others alone; neither is touched.
    pub fn open(url: &DatabaseUrl) -> Result<Store, StoreError> {
        Ok(Store { db: db::Db::open(url)? })
    }

    /// Whether the database is there, answers and is of this version; changes nothing.
    pub fn look(url: &DatabaseUrl) -> Result<(), StoreError> {
        db::Db::look(url)
    }

    /// Whether the database answers.
    pub fn answers(&mut self) -> Result<(), StoreError> {
        self.db.answers()
    }

    fn is_left_open(&mut self) -> bool {
        self.db.is_left_open()
    }

    /// A number that grows whenever anything that pages show has been changed, by whichever program.
    pub fn mark(&mut self) -> Result<u64, StoreError> {
        self.db.mark()
    }

    /// Keeps little in memory: for one of many open stores.
    fn share_memory(&mut self) -> Result<(), StoreError> {
        self.db.share_memory()
    }
}

/// A number as the database's INTEGER.
fn integer(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| StoreError::TooLarge(number.into()))
}

/// A length as the database's BIGINT.
fn big_integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge(number))
}

/// A number that was written as [`integer`] writes it.
fn natural(number: i32) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Damaged(format!("the number {number}")))
}

/// A length that was written as [`big_integer`] writes it.
fn length(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Damaged(format!("the length {number}")))
}

/// A SHA-256 that was written in hexadecimal.
fn read_sha256(text: &str) -> Result<Sha256, StoreError> {
    from_hex(text).ok_or_else(|| StoreError::Damaged(format!("the SHA-256 {text:?}")))
}

/// A time as both databases keep it: to the microsecond.
fn kept_time(time: chrono::NaiveDateTime) -> chrono::NaiveDateTime {
    chrono::SubsecRound::trunc_subsecs(time, 6)
}
