//! How a run ends: done together with what it did, or gone wrong.

use super::{Claim, JOBS, Outcome, SlotState, TAKEN_OVER, claims::held};
use crate::store::{
    Deed, NewMessage, Store, StoreError,
    audit::{self, AUDIT},
    big_integer,
    db::{Db, on_db},
    fault_rows::shown,
    kept_time, messages,
    schema::{job_run, job_slot},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What a slot came to, and what is written with it.
pub struct Ending<'a> {
    pub claim: Claim,
    pub at: NaiveDateTime,
    pub outcome: &'a Outcome,
    pub messages: &'a [NewMessage<'a>],
    pub deed: Option<&'a Deed>,
}

/// What went wrong with a slot.
pub struct Failing<'a> {
    pub claim: Claim,
    pub at: NaiveDateTime,
    /// In words.
    pub fault: &'a str,
    /// When it is tried again; never where none.
    pub next_try: Option<NaiveDateTime>,
    /// Written where it is not tried again, with its entry in the record.
    pub messages: &'a [NewMessage<'a>],
    pub deed: &'a Deed,
}

impl Store {
    /// Ends a slot as done, with its messages and its entry in the record: all or none.
    ///
    /// Fails with [`StoreError::Overtaken`] where somebody else has claimed the slot since.
    pub fn end_job(&mut self, ending: &Ending<'_>) -> Result<(), StoreError> {
        // The record's turn is for those alone who write in it.
        let turns: &[&str] = if ending.deed.is_some() { &[AUDIT] } else { &[] };
        self.db.write(turns, |db| end_with(db, ending))
    }

    /// Ends a slot as done with messages, of which some may have been written before: all or none.
    ///
    /// `words` says what came of it, from how many messages are new.
    pub fn end_told(
        &mut self,
        claim: Claim,
        at: NaiveDateTime,
        messages: &[NewMessage<'_>],
        words: impl FnOnce(usize) -> Outcome,
    ) -> Result<Outcome, StoreError> {
        self.db.write(&[], |db| {
            let mut written = 0;
            for message in messages {
                written += usize::from(messages::add(db, message)?);
            }
            let outcome = words(written);
            end(db, claim, at, &outcome)?;
            Ok(outcome)
        })
    }

    /// Notes that a slot went wrong: it is tried again, or has failed for good, which its messages tell.
    ///
    /// Fails with [`StoreError::Overtaken`] where somebody else has claimed the slot since.
    pub fn fail_job(&mut self, failing: &Failing<'_>) -> Result<(), StoreError> {
        let turns: &[&str] = if failing.next_try.is_none() { &[AUDIT] } else { &[] };
        self.db.write(turns, |db| {
            let at = kept_time(failing.at);
            let fault = shown(failing.fault);
            let state = if failing.next_try.is_some() { SlotState::Waiting } else { SlotState::Failed };
            let ended = (
                job_slot::state.eq(state.name()),
                job_slot::free_from.eq(kept_time(failing.next_try.unwrap_or(at))),
                job_slot::tries.eq(job_slot::tries + 1),
                job_slot::ended_at.eq(if failing.next_try.is_some() { None } else { Some(at) }),
                job_slot::told.eq(&*fault),
            );
            let slot = held(failing.claim)?;
            if on_db!(db, |c| diesel::update(slot).set(ended).execute(c))? == 0 {
                return Err(TAKEN_OVER);
            }
            end_run(db, failing.claim, at, &fault)?;
            if failing.next_try.is_none() {
                audit::add(db, failing.deed)?;
                for message in failing.messages {
                    messages::add(db, message)?;
                }
            }
            Ok(())
        })
    }

    /// Has a slot run once more, from its first try on.
    ///
    /// Fails with [`StoreError::Overtaken`] where it runs now or is done.
    pub fn run_again(&mut self, number: u64, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[AUDIT, JOBS], |db| {
            let slot = job_slot::table.find(big_integer(number)?).filter(job_slot::state.eq_any([
                SlotState::Waiting.name(),
                SlotState::Failed.name(),
                SlotState::Skipped.name(),
            ]));
            let again = (
                job_slot::state.eq(SlotState::Waiting.name()),
                job_slot::free_from.eq(kept_time(deed.at)),
                job_slot::tries.eq(0),
                job_slot::ended_at.eq(None::<NaiveDateTime>),
                job_slot::outcome.eq(""),
                job_slot::told.eq(""),
            );
            if on_db!(db, |c| diesel::update(slot).set(again).execute(c))? == 0 {
                return Err(StoreError::Overtaken(
                    "it runs just now or has run well since. Look at it again",
                ));
            }
            audit::add(db, deed)
        })
    }
}

/// Ends a slot with what is written beside it, within the transaction of what it did.
pub(super) fn end_with(db: &mut Db, ending: &Ending<'_>) -> Result<(), StoreError> {
    end(db, ending.claim, ending.at, ending.outcome)?;
    if let Some(deed) = ending.deed {
        audit::add(db, deed)?;
    }
    for message in ending.messages {
        messages::add(db, message)?;
    }
    Ok(())
}

/// Ends a slot within the transaction of what it did; whoever holds the claim no more undoes all of it.
pub(super) fn end(db: &mut Db, claim: Claim, at: NaiveDateTime, outcome: &Outcome) -> Result<(), StoreError> {
    let at = kept_time(at);
    let ended = (
        job_slot::state.eq(SlotState::Done.name()),
        job_slot::ended_at.eq(Some(at)),
        job_slot::outcome.eq(outcome.name()),
        job_slot::told.eq(shown(outcome.words())),
    );
    let slot = held(claim)?;
    if on_db!(db, |c| diesel::update(slot).set(ended).execute(c))? == 0 {
        return Err(TAKEN_OVER);
    }
    end_run(db, claim, at, "")
}

fn end_run(db: &mut Db, claim: Claim, at: NaiveDateTime, fault: &str) -> Result<(), StoreError> {
    let run = job_run::table.find((big_integer(claim.slot)?, big_integer(claim.term)?));
    let ended = (job_run::ended_at.eq(Some(at)), job_run::fault.eq(fault));
    on_db!(db, |c| diesel::update(run).set(ended).execute(c))?;
    Ok(())
}
