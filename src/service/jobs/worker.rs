//! Running slots: claimed, run, and ended, each in a thread of its own, until told to stop.

use super::{
    Fault, JobSettings,
    planner::Planner,
    retry::{MOST_TRIES, wait_after},
};
use crate::{
    schedule::Job,
    service::{
        Refusal, Service,
        post::told::{FailedJob, Told, new_messages},
    },
    store::{Claim, Claimed, Deed, Failing, Outcome, StoreError},
};
use chrono::NaiveDateTime;
use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

/// How often it is looked whether anything is due.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long nothing is asked of a store that has just failed: a connection that was cut is soon another.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
/// How often claims are renewed: three times before they run out.
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How often it is counted what waits, runs and has failed.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// What a slot is to do.
pub struct Task<'a> {
    pub service: &'a Service,
    pub job: Job,
    pub claimed: &'a Claimed,
    /// When it was claimed.
    pub now: NaiveDateTime,
}

/// What each job does.
pub trait Effects: Send + Sync {
    /// Runs a slot and ends it, with all that it changes, in one transaction.
    fn run(&self, task: &Task<'_>) -> Result<Outcome, Fault>;
}

/// How a slot was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub claimed: Claimed,
    pub result: RunResult,
}

/// What came of running a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunResult {
    Done(Outcome),
    /// It went wrong, and is tried again at a time.
    TriedAgain(String, NaiveDateTime),
    /// It went wrong for the last time.
    Failed(String),
    /// Somebody else has claimed it since: nothing of this run remains.
    Lost,
}

/// What plans and runs slots, step by step; [`Engine`] has it do so by itself.
pub struct Worker {
    service: Arc<Service>,
    effects: Box<dyn Effects>,
    planner: Planner,
    instance: String,
    held: Mutex<HashSet<Claim>>,
}

impl Worker {
    pub fn new(service: Arc<Service>, effects: Box<dyn Effects>, instance: String) -> Worker {
        Worker { service, effects, planner: Planner::default(), instance, held: Mutex::default() }
    }

    /// Makes every slot that is due by now; gives how many there were.
    pub fn plan(&self) -> Result<usize, Refusal> {
        self.planner.plan(&self.service, self.service.time()?)
    }

    /// Runs the slot that has been due longest; none where nothing is due.
    pub fn run_next(&self) -> Result<Option<Ran>, StoreError> {
        self.run_next_near(&mut Nearby::default())
    }

    /// Runs the slot that has been due longest, or one of the area of the last: what it works from is at
    /// hand.
    pub fn run_next_near(&self, nearby: &mut Nearby) -> Result<Option<Ran>, StoreError> {
        let now = self.service.time()?;
        let claimed = match nearby.area_code() {
            Some(area_code) => self.service.store()?.claim_job_near(area_code, &self.instance, now)?,
            None => self.service.store()?.claim_job(&self.instance, now)?,
        };
        let Some(claimed) = claimed else {
            *nearby = Nearby::default();
            return Ok(None);
        };
        nearby.took(&claimed.area_code);
        let started = Instant::now();
        self.held().insert(claimed.claim);
        let result = self.run(&claimed, now);
        self.held().remove(&claimed.claim);
        let measurements = &self.service.measurements;
        if let Ok(RunResult::Failed(_)) = result {
            self.service.count_jobs()?;
        }
        match &result {
            Ok(result) => measurements.job_ran(&claimed.job, result.name(), started.elapsed()),
            Err(_) => measurements.job_ran(&claimed.job, "lost", started.elapsed()),
        }
        Ok(Some(Ran { result: result?, claimed }))
    }

    fn run(&self, claimed: &Claimed, now: NaiveDateTime) -> Result<RunResult, StoreError> {
        // Another program may have changed what this one holds in memory just before the slot was made.
        self.service.look_anew();
        let given_up = claimed.tries >= MOST_TRIES;
        let fault = if given_up {
            "The program stopped each time while it ran this".to_owned()
        } else {
            match self.effect(claimed, now) {
                Ok(outcome) => return Ok(RunResult::Done(outcome)),
                Err(Fault::TakenOver) => return Ok(RunResult::Lost),
                Err(Fault::Wrong(fault)) => fault,
            }
        };
        tracing::warn!(
            job = claimed.job,
            area = claimed.area_code,
            slot = claimed.claim.slot,
            fault,
            "a job went wrong"
        );
        let at = self.service.time()?;
        let seed = claimed.claim.slot ^ claimed.claim.term.rotate_left(32);
        let next_try =
            if given_up { None } else { wait_after(claimed.tries + 1, seed).map(|wait| at + wait) };
        let told = match next_try {
            Some(_) => Vec::new(),
            None => self.told_of_failure(claimed, &fault, at),
        };
        let messages = new_messages(&told);
        let deed = Deed {
            at,
            deed: "job failed",
            area_code: claimed.area_code.clone(),
            subject: format!("job slot {}", claimed.claim.slot),
            detail: format!("{}, by the clock: {fault}", claimed.job),
            ..Deed::default()
        };
        let failing =
            Failing { claim: claimed.claim, at, fault: &fault, next_try, messages: &messages, deed: &deed };
        match self.service.change(|store| store.fail_job(&failing)) {
            Ok(()) => Ok(match next_try {
                Some(time) => RunResult::TriedAgain(fault, time),
                None => RunResult::Failed(fault),
            }),
            Err(StoreError::Overtaken(_)) => Ok(RunResult::Lost),
            Err(error) => Err(error),
        }
    }

    fn effect(&self, claimed: &Claimed, now: NaiveDateTime) -> Result<Outcome, Fault> {
        let Some(job) = Job::from_name(&claimed.job) else {
            return Err(Fault::Wrong(format!("This version of the program knows no job {:?}", claimed.job)));
        };
        let task = Task { service: &self.service, job, claimed, now };
        // What is at fault in one job must not stop the others.
        let run = catch_unwind(AssertUnwindSafe(|| self.effects.run(&task)));
        run.unwrap_or_else(|_| Err(Fault::Wrong("The program is at fault: its log says where".into())))
    }

    /// What those who look after a job are told when it has failed for good. A failure is kept even where
    /// nobody can be told.
    fn told_of_failure(&self, claimed: &Claimed, fault: &str, at: NaiveDateTime) -> Vec<Told> {
        let failed = FailedJob {
            area_code: &claimed.area_code,
            job: &claimed.job,
            // It may fail once more, when somebody has had it run again.
            subject: &format!("{}, slot {}, run {}", claimed.job, claimed.claim.slot, claimed.claim.term),
            due_at: claimed.due_at,
            told: fault,
            path: &format!("/jobs/runs/{}", claimed.claim.slot),
        };
        self.service.tell_job_failed(&failed, at).unwrap_or_else(|refusal| {
            tracing::error!(%refusal, "nobody can be told of a job that has failed");
            Vec::new()
        })
    }

    /// Keeps what runs just now from being taken over.
    fn renew(&self) {
        let held: Vec<Claim> = self.held().iter().copied().collect();
        for claim in held {
            let renewed = self.service.time().and_then(|now| self.service.store()?.renew_claim(claim, now));
            match renewed {
                Ok(true) => {}
                // It has just ended, or somebody else has it: then this run ends nothing.
                Ok(false) => tracing::debug!(slot = claim.slot, "a claim was not renewed"),
                Err(error) => tracing::warn!(%error, slot = claim.slot, "a claim could not be renewed"),
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, HashSet<Claim>> {
        self.held.lock().expect("nobody stops while holding it")
    }
}

/// The area that a worker has just worked for.
#[derive(Debug, Default)]
pub struct Nearby {
    area_code: String,
    /// How many of its slots were taken one after another.
    count: u32,
}

impl Nearby {
    /// So many slots of one area may be taken while those of others have been due longer.
    const MOST: u32 = 4;

    /// The area whose slots go first; none where those of all are as good: at the start, and once an area has
    /// had its share.
    fn area_code(&self) -> Option<&str> {
        (!self.area_code.is_empty() && self.count < Nearby::MOST).then_some(self.area_code.as_str())
    }

    fn took(&mut self, area_code: &str) {
        let is_another = self.area_code != area_code;
        self.count = if is_another || self.count >= Nearby::MOST { 1 } else { self.count + 1 };
        if is_another {
            area_code.clone_into(&mut self.area_code);
        }
    }
}

impl RunResult {
    fn name(&self) -> &'static str {
        match self {
            RunResult::Done(outcome) => outcome.name(),
            RunResult::TriedAgain(..) => "tried again",
            RunResult::Failed(_) => "failed",
            RunResult::Lost => "lost",
        }
    }
}

/// Threads that plan and run slots until they are told to stop.
pub struct Engine {
    working: Arc<Working>,
}

struct Working {
    worker: Worker,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_stopping: bool,
    threads: usize,
}

impl Engine {
    pub fn start(worker: Worker, settings: &JobSettings) -> Engine {
        let working = Arc::new(Working { worker, state: Mutex::default(), changed: Condvar::new() });
        for _ in 0..settings.workers {
            let mut nearby = Nearby::default();
            working.start("jobs", LOOK_EVERY, move |worker| Ok(worker.run_next_near(&mut nearby)?.is_some()));
        }
        working.start("jobs planned", LOOK_EVERY, |worker| {
            worker.plan().map_err(|refusal| refusal.to_string())?;
            Ok(false)
        });
        working.start("jobs kept", RENEW_EVERY, |worker| {
            worker.renew();
            Ok(false)
        });
        working.start("jobs counted", COUNT_EVERY, |worker| {
            worker.service.count_jobs()?;
            Ok(false)
        });
        Engine { working }
    }

    /// Claims nothing more, and waits until what runs has ended, at most so long. False where something
    /// still runs then: its claim runs out, and it is run again.
    pub fn stop(self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let mut state = self.working.state();
        state.is_stopping = true;
        self.working.changed.notify_all();
        while state.threads > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.working.changed.wait_timeout(state, left).expect("nobody stops while holding it").0;
        }
        true
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.working.state().is_stopping = true;
        self.working.changed.notify_all();
    }
}

/// Whether there may be more to do at once, or what went wrong.
type Stepped = Result<bool, Box<dyn std::error::Error>>;

impl Working {
    /// Takes a step again and again, with a pause where nothing more is to be done at once.
    fn start(
        self: &Arc<Working>,
        name: &str,
        pause: Duration,
        mut step: impl FnMut(&Worker) -> Stepped + Send + 'static,
    ) {
        self.state().threads += 1;
        let working = Arc::clone(self);
        let run = move || {
            let mut is_failing = false;
            while !working.state().is_stopping {
                let pause = match step(&working.worker) {
                    Ok(true) => continue,
                    Ok(false) => {
                        is_failing = false;
                        pause
                    }
                    Err(error) => {
                        if !is_failing {
                            tracing::error!(%error, "jobs cannot be run");
                        }
                        is_failing = true;
                        AFTER_A_FAILURE
                    }
                };
                working.wait(pause);
            }
            working.state().threads -= 1;
            working.changed.notify_all();
        };
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(run) {
            self.state().threads -= 1;
            tracing::error!(%error, "jobs cannot be run: the system gives no thread");
        }
    }

    /// Waits so long, or until told to stop.
    fn wait(&self, pause: Duration) {
        let state = self.state();
        let over = self.changed.wait_timeout_while(state, pause, |state| !state.is_stopping);
        drop(over.expect("nobody stops while holding it"));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody stops while holding it")
    }
}
