//! What each job does, a file a job. Each ends its slot in the transaction that holds what it changed.

mod back_up;
mod compute;
mod draft_pack;
mod release;
mod remind;
mod tidy_up;
mod verify;

use super::{
    Fault, JobSettings,
    worker::{Effects, Task},
};
use crate::{
    packs::compose::value::counted,
    schedule::Job,
    store::{Ending, NewMessage, Outcome},
};

/// What the service's jobs do.
pub struct Work {
    settings: JobSettings,
}

impl Work {
    pub fn new(settings: JobSettings) -> Work {
        Work { settings }
    }
}

impl Effects for Work {
    fn run(&self, task: &Task<'_>) -> Result<Outcome, Fault> {
        match task.job {
            Job::Remind => remind::run(task),
            Job::Compute => compute::run(task),
            Job::DraftPack => draft_pack::run(task),
            Job::Release => release::run(task),
            Job::BackUp => back_up::run(task, &self.settings),
            Job::Verify => verify::run(task),
            Job::TidyUp => tidy_up::run(task),
        }
    }
}

impl Task<'_> {
    fn area_code(&self) -> &str {
        &self.claimed.area_code
    }

    /// Ends the slot, with the messages that it sends.
    pub(crate) fn end(&self, outcome: Outcome, messages: &[NewMessage<'_>]) -> Result<Outcome, Fault> {
        let at = self.service.time()?;
        let ending = Ending { claim: self.claimed.claim, at, outcome: &outcome, messages, deed: None };
        self.service.change(|store| store.end_job(&ending))?;
        Ok(outcome)
    }

    /// Ends the slot without having changed anything.
    fn unchanged(&self, why: &str) -> Result<Outcome, Fault> {
        self.end(Outcome::NoChange(why.to_owned()), &[])
    }
}

/// What is told of an area that the plan has no more.
const NO_AREA: &str = "The plan has no such area any more";
