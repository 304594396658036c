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
use crate::store::{BackupError, JobCounts, StoreError};
use chrono::NaiveDateTime;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, RwLock},
};

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

/// What was last counted of jobs that have failed.
#[derive(Default)]
pub(super) struct Failing(RwLock<Vec<FailedJobs>>);

/// The jobs of an area that have failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedJobs {
    /// Empty where they are of the whole service.
    pub area_code: String,
    /// Their names.
    pub jobs: Vec<String>,
}

impl FailedJobs {
    fn of(area_code: &str) -> FailedJobs {
        FailedJobs { area_code: area_code.to_owned(), jobs: Vec::new() }
    }

    /// `the job “back up” has failed`.
    pub fn in_words(&self) -> String {
        let names: Vec<String> = self.jobs.iter().map(|job| format!("“{job}”")).collect();
        match names.as_slice() {
            [one] => format!("the job {one} has failed"),
            several => format!("the jobs {} have failed", several.join(", ")),
        }
    }
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

    /// Counts what waits, runs and has failed, for the operator's measurements and for pages.
    pub fn count_jobs(&self) -> Result<JobCounts, StoreError> {
        // First the time, which takes a connection of its own for as long as it is asked for.
        let now = self.time()?;
        let counts = self.store()?.job_counts(now)?;
        self.measurements.set_jobs(&counts);
        let mut failed: BTreeMap<&str, FailedJobs> = BTreeMap::new();
        for (job, area_code) in &counts.failed {
            let jobs = failed.entry(area_code).or_insert_with(|| FailedJobs::of(area_code));
            if !jobs.jobs.contains(job) {
                jobs.jobs.push(job.clone());
            }
        }
        let failed = failed.into_values().collect();
        *self.failing.0.write().expect("nobody stops while holding it") = failed;
        Ok(counts)
    }

    /// The jobs that have failed with nothing of theirs done since, by area, those of the whole service
    /// first; as when it was last counted, seconds ago.
    pub fn failed_jobs(&self) -> Vec<FailedJobs> {
        self.failing.0.read().expect("nobody stops while holding it").clone()
    }

    /// What an area is called, where that is known without asking the store; else its code.
    pub fn area_name(&self, area_code: &str) -> String {
        let plan = self.plan_known();
        let area = plan.as_ref().and_then(|plan| plan.area(area_code));
        area.map_or_else(|| area_code.to_owned(), |area| area.area.name.clone())
    }
}
