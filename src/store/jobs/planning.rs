//! Making slots: from a schedule up to now, each once; and when something happens or somebody asks.

use super::{JOBS, Origin, SlotState};
use crate::store::{
    Deed, Store, StoreError,
    audit::{self, AUDIT},
    big_integer,
    db::{Db, on_db},
    kept_time, length,
    schema::{job_planned, job_slot},
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// A slot that a schedule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSlot {
    pub due_at: NaiveDateTime,
    /// Why it is left out; none where it is to run.
    pub skipped: Option<Skipped>,
}

/// Why a slot that was missed does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped(pub String);

/// Up to when a job's slots have been made, and how many were made just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedTo {
    pub time: NaiveDateTime,
    pub made: usize,
    pub skipped: usize,
}

impl Store {
    /// Makes a job's slots from where they were made up to, until now.
    ///
    /// `slots` gives those that are due after a time by the schedule of that time, in words, and up to when
    /// they are all; it is asked within the transaction, so that of several who plan at once each slot is
    /// made by one. From then on the job has `schedule`. A job that is planned for the first time starts
    /// from now. Where the clock shows an earlier time than planned to, nothing is made.
    pub fn plan_job(
        &mut self,
        (job, area_code): (&str, &str),
        schedule: &str,
        now: NaiveDateTime,
        slots: impl FnOnce(NaiveDateTime, &str) -> (Vec<NewSlot>, NaiveDateTime),
    ) -> Result<PlannedTo, StoreError> {
        let now = kept_time(now);
        let nothing = |time| PlannedTo { time, made: 0, skipped: 0 };
        self.db.write(&[JOBS], |db| {
            let held = job_planned::table
                .find((job, area_code))
                .select((job_planned::planned_to, job_planned::schedule))
                .first(db);
            let held: Option<(NaiveDateTime, String)> = held.optional()?;
            let Some((planned_to, earlier)) = held else {
                begin(db, (job, area_code), schedule, now)?;
                return Ok(nothing(now));
            };
            if planned_to >= now {
                return Ok(nothing(planned_to));
            }
            let (slots, up_to) = slots(planned_to, &earlier);
            let up_to = kept_time(up_to);
            let mut planned = nothing(up_to);
            for slot in slots {
                if add(db, (job, area_code), slot.due_at, Origin::Schedule, (slot.skipped.as_ref(), now))? {
                    planned.made += 1;
                    planned.skipped += usize::from(slot.skipped.is_some());
                }
            }
            let row = job_planned::table.find((job, area_code));
            let set = (job_planned::planned_to.eq(up_to), job_planned::schedule.eq(schedule));
            on_db!(db, |c| diesel::update(row).set(set).execute(c))?;
            Ok(planned)
        })
    }

    /// Makes a slot that is due now, because somebody asked for it; gives its number.
    pub fn enqueue_job(&mut self, job: &str, area_code: &str, deed: &Deed) -> Result<u64, StoreError> {
        self.db.write(&[AUDIT, JOBS], |db| {
            let number = enqueue(db, job, area_code, deed.at, Origin::Person)?;
            audit::add(db, &Deed { subject: format!("job slot {number}"), ..deed.clone() })?;
            Ok(number)
        })
    }
}

/// Makes a slot that is due at a time, or at the first free one after it; gives its number.
///
/// The transaction must have taken its turn for [`JOBS`].
pub(in crate::store) fn enqueue(
    db: &mut Db,
    job: &str,
    area_code: &str,
    at: NaiveDateTime,
    origin: Origin,
) -> Result<u64, StoreError> {
    let mut due_at = kept_time(at);
    // Another slot of that very time may have been taken already, and know nothing of this.
    while !add(db, (job, area_code), due_at, origin, (None, at))? {
        due_at += TimeDelta::microseconds(1);
    }
    last_number(db)
}

pub(super) fn planned_to(
    db: &mut Db,
    job: &str,
    area_code: &str,
) -> Result<Option<NaiveDateTime>, StoreError> {
    let row = job_planned::table.find((job, area_code)).select(job_planned::planned_to);
    Ok(row.first(db).optional()?)
}

pub(super) fn begin(
    db: &mut Db,
    (job, area_code): (&str, &str),
    schedule: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let row = (
        job_planned::job.eq(job),
        job_planned::area_code.eq(area_code),
        job_planned::planned_to.eq(kept_time(now)),
        job_planned::schedule.eq(schedule),
    );
    on_db!(db, |c| diesel::insert_into(job_planned::table).values(row).execute(c))?;
    Ok(())
}

/// Adds a slot; false where there is one of that time.
fn add(
    db: &mut Db,
    (job, area_code): (&str, &str),
    due_at: NaiveDateTime,
    origin: Origin,
    (skipped, now): (Option<&Skipped>, NaiveDateTime),
) -> Result<bool, StoreError> {
    let due_at = kept_time(due_at);
    let taken: Option<i64> = job_slot::table
        .filter(job_slot::job.eq(job))
        .filter(job_slot::area_code.eq(area_code))
        .filter(job_slot::due_at.eq(due_at))
        .select(job_slot::number)
        .first(db)
        .optional()?;
    if taken.is_some() {
        return Ok(false);
    }
    let state = if skipped.is_some() { SlotState::Skipped } else { SlotState::Waiting };
    let row = (
        job_slot::number.eq(big_integer(last_number(db)? + 1)?),
        job_slot::job.eq(job),
        job_slot::area_code.eq(area_code),
        job_slot::due_at.eq(due_at),
        job_slot::origin.eq(origin.name()),
        job_slot::state.eq(state.name()),
        job_slot::free_from.eq(due_at),
        job_slot::term.eq(0),
        job_slot::tries.eq(0),
        job_slot::ended_at.eq(skipped.map(|_| kept_time(now))),
        job_slot::outcome.eq(""),
        job_slot::told.eq(skipped.map(|skipped| skipped.0.as_str()).unwrap_or_default()),
    );
    on_db!(db, |c| diesel::insert_into(job_slot::table).values(row).execute(c))?;
    Ok(true)
}

fn last_number(db: &mut Db) -> Result<u64, StoreError> {
    let last: Option<i64> = job_slot::table.select(diesel::dsl::max(job_slot::number)).first(db)?;
    length(last.unwrap_or(0))
}
