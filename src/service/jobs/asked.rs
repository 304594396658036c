//! What people ask of jobs: which there are, what ran and how it went, and to run one again or now.

use super::planner::{PlannedJob, planned_jobs};
use crate::{
    people::Role,
    schedule::Job,
    service::{Asking, Refusal, Service, Who, people::By, shown},
    store::{JobRun, JobSlot, SlotQuery, SlotState},
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

/// How many of the times at which a job is due next are told.
const NEXT_TOLD: usize = 3;

/// A job of an area or of the whole service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct JobShown {
    /// Such as `back up`.
    pub job: &'static str,
    /// What it does.
    pub words: &'static str,
    /// Empty where it is of the whole service.
    pub area_code: String,
    /// When it is due, in words.
    pub schedule: String,
    /// What becomes of times that were missed: `all`, `latest` or `none` of them run.
    pub catch_up: &'static str,
    /// When it is due next, at most three times.
    #[serde(serialize_with = "times")]
    #[schemars(with = "Vec<String>")]
    pub next: Vec<NaiveDateTime>,
    /// The last that is not still to come.
    pub last: Option<SlotShown>,
    /// Whoever asks may have it run now.
    pub may_run: bool,
}

/// A time at which a job was or is due, and what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SlotShown {
    pub number: u64,
    pub job: String,
    /// Empty where it is of the whole service.
    pub area_code: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub due_at: NaiveDateTime,
    /// `schedule`, `event` or `person`.
    pub origin: &'static str,
    /// `waiting`, `running`, `done`, `failed` or `skipped`.
    pub state: &'static str,
    /// When it is tried next, where it waits.
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub next_try_at: Option<NaiveDateTime>,
    /// How often it has gone wrong.
    pub tries: u32,
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<NaiveDateTime>,
    /// `changed` or `no change` where it is done; else empty.
    pub outcome: String,
    /// What it did, what went wrong last, or why it was skipped.
    pub told: String,
    /// Each time that a program took it, the first first.
    pub runs: Vec<RunShown>,
    /// Whoever asks may have it run again.
    pub may_run_again: bool,
}

/// A time that a program took a slot.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunShown {
    /// Which program.
    pub instance: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub started_at: NaiveDateTime,
    /// None while it runs, and where the program was stopped in the middle of it.
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<NaiveDateTime>,
    /// How long it took.
    pub milliseconds: Option<i64>,
    /// What went wrong; empty where nothing did.
    pub fault: String,
}

/// Which slots are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct WhichSlots {
    pub job: Option<Job>,
    pub state: Option<SlotState>,
}

fn times<S: serde::Serializer>(times: &[NaiveDateTime], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(times.iter().map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()))
}

/// Refuses whoever may not know of the jobs of an area, or of the whole service, as if there were none.
fn must_read(by: By<'_>, area_code: &str) -> Result<(), Refusal> {
    let By::Person(who) = by else { return Ok(()) };
    let may = match area_code {
        "" => who.person.is_any_anywhere(&[Role::Administrator]) || audits_all(who),
        _ => who.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], area_code),
    };
    if may { Ok(()) } else { Err(Refusal::Absent) }
}

fn audits_all(who: &Who) -> bool {
    who.person.roles.iter().any(|held| held.role == Role::Auditor && held.area_code.is_none())
}

/// Whether somebody may have jobs of an area, or of the whole service, run.
fn may_run(by: By<'_>, area_code: &str) -> bool {
    let By::Person(who) = by else { return true };
    match area_code {
        "" => who.person.is_any_anywhere(&[Role::Administrator]),
        _ => who.person.is(Role::PooledBudgetManager, area_code),
    }
}

fn must_run(by: By<'_>, area_code: &str) -> Result<(), Refusal> {
    must_read(by, area_code)?;
    if may_run(by, area_code) {
        return Ok(());
    }
    Err(Refusal::NotAllowed(match area_code {
        "" => "Jobs of the whole service are run by administrators.".into(),
        _ => "Jobs of the area are run by its pooled budget managers.".into(),
    }))
}

impl Service {
    /// The jobs of an area, or those of the whole service where the code is empty.
    pub fn jobs(&self, by: By<'_>, area_code: &str) -> Result<Vec<JobShown>, Refusal> {
        must_read(by, area_code)?;
        let plan = self.plan_if_any()?;
        let planned = planned_jobs(plan.as_ref().map(|plan| &plan.plan)).into_iter();
        let of_area: Vec<PlannedJob> = planned.filter(|job| job.area_code == area_code).collect();
        if of_area.is_empty() {
            return Err(Refusal::Absent);
        }
        let now = self.time()?;
        let mut store = self.store()?;
        let mut jobs = Vec::new();
        for planned in of_area {
            let query = |state| SlotQuery {
                number: None,
                job: Some(planned.job.name().to_owned()),
                areas: Some(vec![area_code.to_owned()]),
                state,
                due_by: None,
            };
            let mut next = Vec::new();
            if planned.job.has_schedule() {
                let mut after = now;
                while next.len() < NEXT_TOLD
                    && let Some(due) = planned.timetable.after(after)
                {
                    next.push(due.at);
                    after = due.at;
                }
            } else {
                let (waiting, _) = store.job_slots(&query(Some(SlotState::Waiting)), 0, 1000)?;
                next.extend(waiting.iter().rev().map(|slot| slot.due_at).filter(|due_at| *due_at > now));
                next.truncate(NEXT_TOLD);
            }
            let last = store.job_slots(&SlotQuery { due_by: Some(now), ..query(None) }, 0, 1)?.0.pop();
            jobs.push(JobShown {
                job: planned.job.name(),
                words: planned.job.words(),
                area_code: area_code.to_owned(),
                schedule: match planned.job.has_schedule() {
                    true => planned.timetable.words(),
                    false => "at the time chosen for each pack".into(),
                },
                catch_up: planned.timetable.catch_up.name(),
                next,
                last: last.map(|slot| slot_shown(by, slot)),
                may_run: may_run(by, area_code),
            });
        }
        Ok(jobs)
    }

    /// What was and is due in an area, or of the whole service where the code is empty, what is due last
    /// first; and how many there are in all.
    pub fn job_slots(
        &self,
        by: By<'_>,
        area_code: &str,
        which: WhichSlots,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<SlotShown>, u64), Refusal> {
        must_read(by, area_code)?;
        let query = SlotQuery {
            job: which.job.map(|job| job.name().to_owned()),
            areas: Some(vec![area_code.to_owned()]),
            state: which.state,
            ..SlotQuery::default()
        };
        let (slots, count) = self.store()?.job_slots(&query, offset, most)?;
        Ok((slots.into_iter().map(|slot| slot_shown(by, slot)).collect(), count))
    }

    /// One slot.
    pub fn job_slot(&self, by: By<'_>, number: u64) -> Result<SlotShown, Refusal> {
        let slot = self.store()?.job_slot(number)?.ok_or(Refusal::Absent)?;
        must_read(by, &slot.area_code)?;
        Ok(slot_shown(by, slot))
    }

    /// Has a slot that failed, was skipped or waits for its next try run again as soon as somebody is
    /// free.
    ///
    /// A conflict where it runs now or has run well.
    pub fn run_job_again(&self, by: By<'_>, asking: &Asking, number: u64) -> Result<SlotShown, Refusal> {
        let slot = self.store()?.job_slot(number)?.ok_or(Refusal::Absent)?;
        must_run(by, &slot.area_code)?;
        if slot.due_at > self.time()? {
            return Err(Refusal::Conflict("Its time has not come yet: it will run then.".into()));
        }
        let mut deed = by.deed(asking, "job run again", &format!("job slot {number}"), &slot.job);
        deed.area_code.clone_from(&slot.area_code);
        deed.at = self.time()?;
        self.change(|store| store.run_again(number, &deed))?;
        self.count_jobs()?;
        self.job_slot(by, number)
    }

    /// Has a job run as soon as somebody is free, beside its schedule; gives the slot.
    pub fn run_job_now(
        &self,
        by: By<'_>,
        asking: &Asking,
        job: Job,
        area_code: &str,
    ) -> Result<SlotShown, Refusal> {
        if job.is_of_area() == area_code.is_empty() {
            return Err(Refusal::field(
                "area",
                match job.is_of_area() {
                    true => "Say for which area it is to run",
                    false => "It is of the whole service: name no area",
                },
            ));
        }
        must_run(by, area_code)?;
        if !area_code.is_empty() && self.plan()?.area(area_code).is_none() {
            return Err(Refusal::Absent);
        }
        let mut deed = by.deed(asking, "job run now", "", job.name());
        area_code.clone_into(&mut deed.area_code);
        deed.at = self.time()?;
        let number = self.change(|store| store.enqueue_job(job.name(), area_code, &deed))?;
        self.job_slot(by, number)
    }
}

fn slot_shown(by: By<'_>, slot: JobSlot) -> SlotShown {
    let is_over = [SlotState::Failed, SlotState::Skipped].contains(&slot.state);
    let is_tried_again = slot.state == SlotState::Waiting && slot.tries > 0;
    SlotShown {
        number: slot.number,
        may_run_again: (is_over || is_tried_again) && may_run(by, &slot.area_code),
        job: slot.job,
        area_code: slot.area_code,
        due_at: slot.due_at,
        origin: slot.origin.name(),
        state: slot.state.name(),
        next_try_at: (slot.state == SlotState::Waiting).then_some(slot.free_from),
        tries: slot.tries,
        ended_at: slot.ended_at,
        outcome: slot.outcome,
        told: slot.told,
        runs: slot.runs.into_iter().map(run_shown).collect(),
    }
}

fn run_shown(run: JobRun) -> RunShown {
    RunShown {
        instance: run.instance,
        started_at: run.started_at,
        // A clock that was set back in the meantime does not make it shorter than nothing.
        milliseconds: run.ended_at.map(|ended| (ended - run.started_at).num_milliseconds().max(0)),
        ended_at: run.ended_at,
        fault: run.fault,
    }
}
