//! The audit record: reading it, and noting in it who was refused what.

use super::{Asking, Refusal, Service, Who};
use crate::{
    people::Role,
    store::{AuditChain, AuditEntry, AuditQuery, Sha256},
};
use chrono::{NaiveDateTime, TimeDelta};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, TryLockError},
    time::{Duration, Instant},
};

/// Who may read the record.
pub const AUDIT_READERS: &[Role] = &[Role::Auditor, Role::Administrator];

/// How many refusals of one person are noted in a minute, and of all together: so nobody can fill the
/// record by being refused. That some were left out is noted in the log.
const NOTED_OF_ONE: u32 = 20;
const NOTED_OF_ALL: u32 = 200;
const MINUTE: Duration = Duration::from_secs(60);

/// Refusals noted since the minute began.
#[derive(Default)]
pub struct Noted(Mutex<Option<Minute>>);

struct Minute {
    began: Instant,
    all: u32,
    of: HashMap<u32, u32>,
}

impl Noted {
    /// Whether one more of this person may be noted.
    fn may_note(&self, person: u32) -> bool {
        let mut held = self.0.lock().expect("nobody stops while holding it");
        let over = held.as_ref().is_none_or(|minute| minute.began.elapsed() >= MINUTE);
        if over {
            *held = None;
        }
        let minute = held.get_or_insert_with(|| Minute { began: Instant::now(), all: 0, of: HashMap::new() });
        let of_one = minute.of.entry(person).or_default();
        if *of_one >= NOTED_OF_ONE || minute.all >= NOTED_OF_ALL {
            return false;
        }
        *of_one += 1;
        minute.all += 1;
        true
    }
}

/// The whole chain as it was found when somebody asked. It takes as long as there are entries, so it is
/// worked out for one reader at a time, and for all who ask within a minute once.
#[derive(Default)]
pub struct ChainChecks {
    /// Held by whoever works it out.
    turn: Mutex<()>,
    latest: Mutex<Option<ChainChecked>>,
}

/// The chain, and when it was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainChecked {
    pub chain: AuditChain,
    pub at: NaiveDateTime,
}

impl ChainChecks {
    /// For so long what was found counts for whoever asks.
    const COUNTS_FOR: TimeDelta = TimeDelta::minutes(1);
    /// When whoever finds somebody else at it for the first time may ask again.
    const ASK_AGAIN_AFTER: u32 = 10;

    /// What was found within the last minute; else what `check` finds now or, while somebody else is at it,
    /// what was found before.
    fn found(
        &self,
        now: NaiveDateTime,
        check: impl FnOnce() -> Result<AuditChain, Refusal>,
    ) -> Result<ChainChecked, Refusal> {
        if let Some(lately) = self.lately(now) {
            return Ok(lately);
        }
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            // Whoever had it stopped half-way, and left nothing behind that could be wrong.
            Err(TryLockError::Poisoned(stopped)) => stopped.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let (seconds, what) =
                    (Self::ASK_AGAIN_AFTER, "The record is being checked for somebody else");
                return self.latest().ok_or(Refusal::TooMany { seconds, what });
            }
        };
        // Whoever had the turn may have ended just now.
        if let Some(lately) = self.lately(now) {
            return Ok(lately);
        }
        let found = ChainChecked { chain: check()?, at: now };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(found)
    }

    fn lately(&self, now: NaiveDateTime) -> Option<ChainChecked> {
        self.latest().filter(|found| (found.at..found.at + Self::COUNTS_FOR).contains(&now))
    }

    fn latest(&self) -> Option<ChainChecked> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Service {
    /// The entries that are wanted, the latest first, and how many there are in all.
    ///
    /// Whoever holds the role for some areas only sees the entries of those areas.
    pub fn audit(
        &self,
        who: &Who,
        query: &AuditQuery,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<AuditEntry>, u64), Refusal> {
        let query = AuditQuery { areas: who.areas_as(AUDIT_READERS)?, ..query.clone() };
        Ok(self.store()?.audit_entries(&query, offset, most)?)
    }

    /// Works the whole chain out again; see [`Store::verify_audit`](crate::store::Store::verify_audit).
    pub fn verify_audit(&self, known: Option<&Sha256>) -> Result<AuditChain, Refusal> {
        let chain = self.store()?.verify_audit(known)?;
        if chain.faults.is_empty() {
            self.measurements.audit_chain_verified.set(self.clock.now().and_utc().timestamp());
        }
        Ok(chain)
    }

    /// Whether the record is whole, for whoever may read it: as it was found within the last minute, or now.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] where somebody else is having it worked out for the first time.
    pub fn check_audit(&self, who: &Who) -> Result<ChainChecked, Refusal> {
        who.areas_as(AUDIT_READERS)?;
        self.chain_checks.found(self.clock.now(), || self.verify_audit(None))
    }

    /// Notes that somebody who had signed in asked for what is not for them.
    pub fn note_refusal(&self, who: &Who, asking: &Asking, method: &str, path: &str, refusal: &Refusal) {
        /// Longer than any path of ours.
        const LONGEST_PATH: usize = 200;
        let why = match refusal {
            Refusal::Absent => "not there, or not for them",
            Refusal::NotAllowed(_) => "not allowed",
            Refusal::BadRequest { status: 403, .. } => "a form that was not ours",
            _ => return,
        };
        if !self.noted.may_note(who.person.id) {
            tracing::warn!(person = who.person.id, "further refusals are not noted in this minute");
            return;
        }
        let path: String = path.chars().take(LONGEST_PATH).collect();
        let deed = who.deed(asking, "refused", "", format!("{method} {path}"), why);
        if let Err(error) = self.change(|store| store.record(&deed)) {
            tracing::error!(%error, "a refusal could not be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_worked_out_for_one_at_a_time_and_once_a_minute() {
        let checks = ChainChecks::default();
        let chain = |entries| AuditChain { entries, head: [0; 32], faults: Vec::new() };
        let at = |seconds| NaiveDateTime::default() + TimeDelta::seconds(seconds);
        let entries = |now, check: &dyn Fn() -> Result<AuditChain, Refusal>| {
            checks.found(at(now), check).map(|found| (found.chain.entries, found.at))
        };
        let unasked = || -> Result<AuditChain, Refusal> { panic!("nobody works it out now") };
        // Whoever asks while the first check is under way, and while a later one is.
        let first = entries(0, &|| {
            let others = entries(0, &unasked);
            assert!(matches!(others, Err(Refusal::TooMany { seconds: 10, .. })), "{others:?}");
            assert!(others.unwrap_err().to_string().starts_with("The record is being checked"));
            Ok(chain(1))
        });
        assert_eq!(first.unwrap(), (1, at(0)));
        assert_eq!(entries(59, &unasked).unwrap(), (1, at(0)));
        let second = entries(60, &|| {
            assert_eq!(entries(61, &unasked).unwrap(), (1, at(0)), "what was found before");
            Ok(chain(2))
        });
        assert_eq!(second.unwrap(), (2, at(60)));
        // A failure is not kept, and a clock that is put back has it worked out anew.
        assert!(entries(120, &|| Err(Refusal::Absent)).is_err());
        assert_eq!(entries(-5, &|| Ok(chain(3))).unwrap(), (3, at(-5)));
        // Whoever stops half-way gives the turn back.
        let stops = std::panic::AssertUnwindSafe(|| entries(180, &|| panic!("the check stops")));
        assert!(std::panic::catch_unwind(stops).is_err());
        assert_eq!(entries(180, &|| Ok(chain(4))).unwrap(), (4, at(180)));
    }

    #[test]
    fn nobody_can_fill_the_record_by_being_refused() {
        let noted = Noted::default();
        assert_eq!((0..100).filter(|_| noted.may_note(1)).count(), 20);
        assert!(noted.may_note(2));
        assert_eq!((3..1000).filter(|person| noted.may_note(*person)).count(), 200 - 21);
    }
}
