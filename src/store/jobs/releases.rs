//! Telling of releases, each once: those whose time has come since the service tells of them at all.

use super::{
    Claim, JOBS, Origin, Outcome,
    endings::end,
    planning::{begin, enqueue, planned_to},
};
use crate::store::{
    Deed, NewMessage, Store, StoreError,
    audit::{self, AUDIT},
    db::Db,
    kept_time, messages,
    schema::{audit_entry, release},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The job that tells of releases.
const RELEASE: &str = "release";

/// A release to be told of.
pub struct Telling<'a> {
    /// Its entry in the record, by which it is known to have been told of.
    pub deed: Deed,
    pub messages: Vec<NewMessage<'a>>,
}

impl Store {
    /// From when on releases of the area are told of; makes slots for those that are to come where
    /// nobody has begun.
    ///
    /// Packs that were released before the service told of any are news to nobody.
    pub fn begin_releases(
        &mut self,
        area_code: &str,
        now: NaiveDateTime,
    ) -> Result<NaiveDateTime, StoreError> {
        if let Some(begun) = planned_to(&mut self.db, RELEASE, area_code)? {
            return Ok(begun);
        }
        self.db.write(&[area_code, JOBS], |db| begin_releases(db, area_code, now))
    }

    /// Tells of those releases that nobody has told of, and ends the slot: all or nothing.
    ///
    /// `words` says what came of it, from how many releases were told of.
    pub fn end_released(
        &mut self,
        (claim, area_code, at): (Claim, &str, NaiveDateTime),
        tellings: &[Telling<'_>],
        words: impl FnOnce(usize) -> Outcome,
    ) -> Result<Outcome, StoreError> {
        self.db.write(&[area_code, AUDIT], |db| {
            let mut told = 0;
            for telling in tellings {
                let before: Option<i64> = audit_entry::table
                    .filter(audit_entry::deed.eq(telling.deed.deed))
                    .filter(audit_entry::area_code.eq(area_code))
                    .filter(audit_entry::subject.eq(&telling.deed.subject))
                    .select(audit_entry::number)
                    .first(db)
                    .optional()?;
                if before.is_some() {
                    continue;
                }
                told += 1;
                audit::add(db, &telling.deed)?;
                for message in &telling.messages {
                    messages::add(db, message)?;
                }
            }
            let outcome = words(told);
            end(db, claim, at, &outcome)?;
            Ok(outcome)
        })
    }
}

/// As [`Store::begin_releases`], within a transaction that has taken its turn for [`JOBS`].
pub(in crate::store) fn begin_releases(
    db: &mut Db,
    area_code: &str,
    now: NaiveDateTime,
) -> Result<NaiveDateTime, StoreError> {
    let now = kept_time(now);
    if let Some(begun) = planned_to(db, RELEASE, area_code)? {
        return Ok(begun);
    }
    begin(db, (RELEASE, area_code), "", now)?;
    let to_come: Vec<NaiveDateTime> = release::table
        .filter(release::area_code.eq(area_code))
        .filter(release::release_at.gt(now))
        .select(release::release_at)
        .load(db)?;
    for time in to_come {
        enqueue(db, RELEASE, area_code, time, Origin::Event)?;
    }
    Ok(now)
}
