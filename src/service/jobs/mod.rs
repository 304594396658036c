//! The service's own work: what is due, what ran, and how it went.
//!
//! Nothing here belongs to a person: jobs run for an area or for the whole service, planned from the
//! schedules of the plan ([`planner`]), claimed and run by whichever program is free ([`worker`]), and
//! tried again where they go wrong ([`retry`]).

mod asked;
mod effects;
pub mod planner;
pub mod retry;
pub mod worker;

pub use asked::{JobShown, RunShown, SlotShown, WhichSlots};
pub use effects::Work;
pub use worker::{Effects, Engine, Task, Worker};

use super::{Refusal, Service};
use crate::store::{BackupError, StoreError};
use chrono::NaiveDateTime;
use std::{path::PathBuf, sync::Arc};

/// How jobs are run here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// How many run at a time.
    pub workers: usize,
    /// Where backups are put; nowhere where none is named.
    pub backup_folder: Option<PathBuf>,
    /// How many backups stay there.
    pub backups_kept: usize,
}

/// Why a job did not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Somebody else has claimed the slot since: nothing was changed.
    TakenOver,
    /// What went wrong, in words.
    Wrong(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        match error {
            StoreError::Overtaken(_) => Fault::TakenOver,
            other => Fault::Wrong(other.to_string()),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        match refusal {
            Refusal::Failed(error) => error.into(),
            other => Fault::Wrong(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault::Wrong(error.to_string())
    }
}

impl From<BackupError> for Fault {
    fn from(error: BackupError) -> Fault {
        let faults = match &error {
            BackupError::DatabaseDamaged(faults) | BackupError::BackupDamaged(faults) => {
                format!(": {}", faults.join("; "))
            }
            _ => String::new(),
        };
        Fault::Wrong(format!("{error}{faults}"))
    }
}

impl Service {
    /// The time by which jobs are due: that of the database's server where there is one, so that several
    /// programs go by one clock; else this program's, and so where that was set apart.
    pub fn time(&self) -> Result<NaiveDateTime, StoreError> {
        if self.clock.is_set_apart() {
            return Ok(self.clock.now());
        }
        Ok(self.store()?.server_time()?.unwrap_or_else(|| self.clock.now()))
    }

    /// Starts planning and running jobs, until the engine is stopped or dropped.
    pub fn start_jobs(self: &Arc<Service>, settings: &JobSettings) -> Engine {
        let work = Box::new(Work::new(settings.clone()));
        Engine::start(Worker::new(Arc::clone(self), work, super::health::instance()), settings)
    }

    /// Counts what waits, runs and has failed, for the operator's measurements.
    pub fn count_jobs(&self) -> Result<(), StoreError> {
        let counts = self.store()?.job_counts(self.time()?)?;
        self.measurements.set_jobs(&counts);
        Ok(())
    }
}
