//! Claiming slots: a minute at a time, under a term that grows with each claim.

use super::SlotState;
use crate::store::{
    Store, StoreError, big_integer,
    db::{Db, on_db},
    kept_time, length, natural,
    schema::{job_run, job_slot},
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{prelude::*, sql_types::Bool};

/// For so long nobody else takes a slot after whoever runs it was last heard of.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Who runs a slot: whoever holds an earlier term ends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub slot: u64,
    pub term: u64,
}

/// A slot that was claimed, to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub claim: Claim,
    pub job: String,
    /// Empty where it is of the whole service.
    pub area_code: String,
    pub due_at: NaiveDateTime,
    /// How often it has gone wrong, or whoever ran it was not heard of any more.
    pub tries: u32,
}

type Row = (i64, i64, String, String, NaiveDateTime, String, i32);

impl Store {
    /// The present time of the database's server, in UTC; none where the database is a file.
    pub fn server_time(&mut self) -> Result<Option<NaiveDateTime>, StoreError> {
        #[derive(QueryableByName)]
        struct Present {
            #[diesel(sql_type = diesel::sql_types::Timestamp)]
            present: NaiveDateTime,
        }
        let Db::Postgresql(connection) = &mut self.db else { return Ok(None) };
        let query = diesel::sql_query("SELECT clock_timestamp() AT TIME ZONE 'UTC' AS present");
        let present: Present = query.get_result(connection)?;
        Ok(Some(present.present))
    }

    /// Claims the slot that has been due longest, of those that nobody runs; none where there is none.
    pub fn claim_job(&mut self, instance: &str, now: NaiveDateTime) -> Result<Option<Claimed>, StoreError> {
        // Looking first spares the others a wait for each look.
        if next_free(&mut self.db, None, kept_time(now))?.is_none() {
            return Ok(None);
        }
        self.claim_first(&[None], instance, now)
    }

    /// Claims the slot of an area that has been due longest; where it has none, that of any.
    pub fn claim_job_near(
        &mut self,
        area_code: &str,
        instance: &str,
        now: NaiveDateTime,
    ) -> Result<Option<Claimed>, StoreError> {
        self.claim_first(&[Some(area_code), None], instance, now)
    }

    /// Claims the next free slot of the first area that has one, of any area where none is named.
    fn claim_first(
        &mut self,
        areas: &[Option<&str>],
        instance: &str,
        now: NaiveDateTime,
    ) -> Result<Option<Claimed>, StoreError> {
        let now = kept_time(now);
        self.db.write(&[], |db| {
            let found = areas.iter().find_map(|area_code| next_free(db, *area_code, now).transpose());
            let Some(row) = found.transpose()? else { return Ok(None) };
            let (number, term, job, area_code, due_at, state, tries) = row;
            let was_left = state == SlotState::Running.name();
            let (term, tries) = (term + 1, tries + i32::from(was_left));
            let taken = (
                job_slot::state.eq(SlotState::Running.name()),
                job_slot::free_from.eq(now + LEASE),
                job_slot::term.eq(term),
                job_slot::tries.eq(tries),
            );
            let slot = job_slot::table.find(number).filter(job_slot::term.eq(term - 1));
            if on_db!(db, |c| diesel::update(slot).set(taken).execute(c))? == 0 {
                return Ok(None);
            }
            let run = (
                job_run::slot.eq(number),
                job_run::term.eq(term),
                job_run::instance.eq(instance),
                job_run::started_at.eq(now),
                job_run::fault.eq(""),
            );
            on_db!(db, |c| diesel::insert_into(job_run::table).values(run).execute(c))?;
            Ok(Some(Claimed {
                claim: Claim { slot: length(number)?, term: length(term)? },
                job,
                area_code,
                due_at,
                tries: natural(tries)?,
            }))
        })
    }

    /// Keeps a claim for another while; false where it is lost.
    pub fn renew_claim(&mut self, claim: Claim, now: NaiveDateTime) -> Result<bool, StoreError> {
        self.db.write(&[], |db| {
            let slot = held(claim)?;
            let kept = job_slot::free_from.eq(kept_time(now) + LEASE);
            Ok(on_db!(db, |c| diesel::update(slot).set(kept).execute(c))? == 1)
        })
    }
}

/// The slot, of the area where one is named, that has been due longest and that nobody runs; others' claims
/// in hand are passed over.
fn next_free(db: &mut Db, area_code: Option<&str>, now: NaiveDateTime) -> Result<Option<Row>, StoreError> {
    macro_rules! first {
        ($of_area:expr) => {{
            // Said as the indexes say it: what is over is not looked at.
            let free = job_slot::table
                .filter(job_slot::ended_at.is_null())
                .filter(job_slot::free_from.le(now))
                .filter(job_slot::due_at.le(now))
                .filter($of_area)
                .order((job_slot::due_at, job_slot::number))
                .limit(1)
                .select((
                    job_slot::number,
                    job_slot::term,
                    job_slot::job,
                    job_slot::area_code,
                    job_slot::due_at,
                    job_slot::state,
                    job_slot::tries,
                ));
            match db {
                Db::Sqlite(connection) => free.first(connection).optional()?,
                Db::Postgresql(connection) => free.for_update().skip_locked().first(connection).optional()?,
            }
        }};
    }
    Ok(match area_code {
        Some(area_code) => first!(job_slot::area_code.eq(area_code)),
        None => first!(true.into_sql::<Bool>()),
    })
}

/// The row of a slot that runs under this claim.
pub(super) fn held(claim: Claim) -> Result<HeldRow, StoreError> {
    Ok(job_slot::table
        .filter(job_slot::number.eq(big_integer(claim.slot)?))
        .filter(job_slot::term.eq(big_integer(claim.term)?))
        .filter(job_slot::state.eq(SlotState::Running.name())))
}

pub(super) type HeldRow = diesel::dsl::Filter<
    diesel::dsl::Filter<
        diesel::dsl::Filter<job_slot::table, diesel::dsl::Eq<job_slot::number, i64>>,
        diesel::dsl::Eq<job_slot::term, i64>,
    >,
    diesel::dsl::Eq<job_slot::state, &'static str>,
>;
