//! The service's own work: when each piece is due, who runs it, and how it ended.
//!
//! A slot is a time at which a job is due; there is one row a time, whoever makes it. Whoever runs a slot
//! has claimed it for a minute at a time, and each claim has a higher term: what the slot does to the
//! store is written in one transaction with its end, and only under the term that it was last claimed
//! with. So a slot has its effect once, however many programs run on one store and however they die.

mod claims;
mod computations;
mod endings;
mod listing;
mod planning;
mod releases;
mod tidying;

pub use claims::{Claim, Claimed};
pub use computations::{Computation, NewComputation};
pub use endings::{Ending, Failing};
pub use listing::{JobCounts, JobRun, JobSlot, SlotQuery};
pub(super) use planning::enqueue;
pub use planning::{NewSlot, PlannedTo, Skipped};
pub use releases::Telling;
pub(super) use releases::begin_releases;
pub use tidying::Tidied;

use super::StoreError;

/// What writers of slots take turns for, so that each has a number of its own.
pub(super) const JOBS: &str = "jobs";

/// What made a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Schedule,
    /// Something happened, such as that a return was accepted.
    Event,
    /// Somebody asked for it.
    Person,
}

impl Origin {
    const ALL: [Origin; 3] = [Origin::Schedule, Origin::Event, Origin::Person];

    pub fn name(self) -> &'static str {
        match self {
            Origin::Schedule => "schedule",
            Origin::Event => "event",
            Origin::Person => "person",
        }
    }

    fn read(name: &str) -> Result<Origin, StoreError> {
        let found = Origin::ALL.into_iter().find(|origin| origin.name() == name);
        found.ok_or_else(|| StoreError::Damaged(format!("a slot made by {name:?}")))
    }
}

/// How it stands with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// For its time, or for its next try.
    Waiting,
    Running,
    Done,
    /// It went wrong, however often it was tried.
    Failed,
    /// It was missed, and the job's policy leaves missed ones out.
    Skipped,
}

impl SlotState {
    pub const ALL: [SlotState; 5] =
        [SlotState::Waiting, SlotState::Running, SlotState::Done, SlotState::Failed, SlotState::Skipped];

    pub fn name(self) -> &'static str {
        match self {
            SlotState::Waiting => "waiting",
            SlotState::Running => "running",
            SlotState::Done => "done",
            SlotState::Failed => "failed",
            SlotState::Skipped => "skipped",
        }
    }

    pub fn from_name(name: &str) -> Option<SlotState> {
        SlotState::ALL.into_iter().find(|state| state.name() == name)
    }

    fn read(name: &str) -> Result<SlotState, StoreError> {
        SlotState::from_name(name).ok_or_else(|| StoreError::Damaged(format!("a slot that is {name:?}")))
    }
}

/// What a slot came to, with words for whoever looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Changed(String),
    /// What it works from is as it was, or there was nothing to do.
    NoChange(String),
}

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Changed(_) => "changed",
            Outcome::NoChange(_) => "no change",
        }
    }

    pub fn words(&self) -> &str {
        match self {
            Outcome::Changed(words) | Outcome::NoChange(words) => words,
        }
    }
}

/// The message of whoever comes too late to end a slot.
const TAKEN_OVER: StoreError = StoreError::Overtaken("another program has taken this over");
