//! Slots as they are listed, counted and looked for.

use super::{Origin, SlotState};
use crate::store::{
    Store, StoreError, big_integer,
    db::{Db, MultiBackend},
    kept_time, length, natural,
    schema::{job_run, job_slot},
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{
    dsl::{count_star, exists, min, not},
    prelude::*,
};
use std::collections::HashMap;

/// Which slots are wanted; what is none does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotQuery {
    pub number: Option<u64>,
    pub job: Option<String>,
    /// Of these areas; the empty code is the whole service.
    pub areas: Option<Vec<String>>,
    pub state: Option<SlotState>,
    /// Due at this time or before it.
    pub due_by: Option<NaiveDateTime>,
}

/// A slot as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSlot {
    pub number: u64,
    pub job: String,
    /// Empty where it is of the whole service.
    pub area_code: String,
    pub due_at: NaiveDateTime,
    pub origin: Origin,
    pub state: SlotState,
    /// When it is tried, where it waits.
    pub free_from: NaiveDateTime,
    pub tries: u32,
    pub ended_at: Option<NaiveDateTime>,
    /// `changed` or `no change` where it is done; else empty.
    pub outcome: String,
    /// What it did, what went wrong last, or why it was skipped.
    pub told: String,
    /// Each time that somebody took it, the first first.
    pub runs: Vec<JobRun>,
}

/// A time that somebody took a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    pub instance: String,
    pub started_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
    /// Empty where it went well.
    pub fault: String,
}

/// How many slots there are of each kind that is not over, and how late the latest is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    pub waiting: u64,
    pub running: u64,
    /// How long the one that has been due longest has waited.
    pub latest_by: Option<TimeDelta>,
    /// The jobs and areas of slots that failed, with nothing of theirs done since.
    pub failed: Vec<(String, String)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = job_slot)]
struct SlotRow {
    number: i64,
    job: String,
    area_code: String,
    due_at: NaiveDateTime,
    origin: String,
    state: String,
    free_from: NaiveDateTime,
    tries: i32,
    ended_at: Option<NaiveDateTime>,
    outcome: String,
    told: String,
}

impl Store {
    /// The slots that are wanted, those due last first, and how many there are in all.
    pub fn job_slots(
        &mut self,
        query: &SlotQuery,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<JobSlot>, u64), StoreError> {
        self.db.read(|db| {
            let count: i64 = wanted(query)?.count().get_result(db)?;
            let rows: Vec<SlotRow> = wanted(query)?
                .order((job_slot::due_at.desc(), job_slot::number.desc()))
                .offset(offset.into())
                .limit(most.into())
                .select(SlotRow::as_select())
                .load(db)?;
            let mut runs = runs_of(db, rows.iter().map(|row| row.number).collect())?;
            let slots = rows.into_iter().map(|row| {
                let runs = runs.remove(&row.number).unwrap_or_default();
                read(row, runs)
            });
            Ok((slots.collect::<Result<_, _>>()?, length(count)?))
        })
    }

    /// One slot.
    pub fn job_slot(&mut self, number: u64) -> Result<Option<JobSlot>, StoreError> {
        let query = SlotQuery { number: Some(number), ..SlotQuery::default() };
        Ok(self.job_slots(&query, 0, 1)?.0.pop())
    }

    /// What waits, runs and has failed.
    pub fn job_counts(&mut self, now: NaiveDateTime) -> Result<JobCounts, StoreError> {
        let now = kept_time(now);
        self.db.read(|db| {
            let open: Vec<(String, i64, Option<NaiveDateTime>)> = job_slot::table
                .filter(job_slot::ended_at.is_null())
                .group_by(job_slot::state)
                .select((job_slot::state, count_star(), min(job_slot::due_at)))
                .load(db)?;
            let of = |state: SlotState| open.iter().find(|(named, ..)| named == state.name());
            let count = |state| of(state).map_or(Ok(0), |(_, count, _)| length(*count));
            let earliest = of(SlotState::Waiting).and_then(|(.., due_at)| *due_at);
            Ok(JobCounts {
                waiting: count(SlotState::Waiting)?,
                running: count(SlotState::Running)?,
                latest_by: earliest.filter(|due_at| *due_at < now).map(|due_at| now - due_at),
                failed: standing_failures(db)?,
            })
        })
    }
}

diesel::alias!(job_slot as later: Later);

/// Failures that nothing has made good: none of the job's later slots in the area is done.
fn standing_failures(db: &mut Db) -> Result<Vec<(String, String)>, StoreError> {
    let done_since = later
        .filter(later.field(job_slot::job).eq(job_slot::job))
        .filter(later.field(job_slot::area_code).eq(job_slot::area_code))
        .filter(later.field(job_slot::due_at).gt(job_slot::due_at))
        .filter(later.field(job_slot::state).eq(SlotState::Done.name()))
        .select(later.field(job_slot::number));
    Ok(job_slot::table
        .filter(job_slot::state.eq(SlotState::Failed.name()))
        .filter(not(exists(done_since)))
        .order((job_slot::job, job_slot::area_code, job_slot::due_at))
        .select((job_slot::job, job_slot::area_code))
        .load(db)?)
}

type Wanted<'a> = job_slot::BoxedQuery<'a, MultiBackend>;

fn wanted(query: &SlotQuery) -> Result<Wanted<'_>, StoreError> {
    let mut wanted = job_slot::table.into_boxed();
    if let Some(number) = query.number {
        wanted = wanted.filter(job_slot::number.eq(big_integer(number)?));
    }
    if let Some(job) = &query.job {
        wanted = wanted.filter(job_slot::job.eq(job));
    }
    if let Some(areas) = &query.areas {
        wanted = wanted.filter(job_slot::area_code.eq_any(areas));
    }
    if let Some(state) = query.state {
        wanted = wanted.filter(job_slot::state.eq(state.name()));
    }
    if let Some(due_by) = query.due_by {
        wanted = wanted.filter(job_slot::due_at.le(kept_time(due_by)));
    }
    Ok(wanted)
}

fn runs_of(db: &mut Db, slots: Vec<i64>) -> Result<HashMap<i64, Vec<JobRun>>, StoreError> {
    let rows: Vec<(i64, String, NaiveDateTime, Option<NaiveDateTime>, String)> = job_run::table
        .filter(job_run::slot.eq_any(slots))
        .order((job_run::slot, job_run::term))
        .select((job_run::slot, job_run::instance, job_run::started_at, job_run::ended_at, job_run::fault))
        .load(db)?;
    let mut runs: HashMap<i64, Vec<JobRun>> = HashMap::new();
    for (slot, instance, started_at, ended_at, fault) in rows {
        runs.entry(slot).or_default().push(JobRun { instance, started_at, ended_at, fault });
    }
    Ok(runs)
}

fn read(row: SlotRow, runs: Vec<JobRun>) -> Result<JobSlot, StoreError> {
    Ok(JobSlot {
        number: length(row.number)?,
        job: row.job,
        area_code: row.area_code,
        due_at: row.due_at,
        origin: Origin::read(&row.origin)?,
        state: SlotState::read(&row.state)?,
        free_from: row.free_from,
        tries: natural(row.tries)?,
        ended_at: row.ended_at,
        outcome: row.outcome,
        told: row.told,
        runs,
    })
}
