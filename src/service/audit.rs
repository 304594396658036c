//! The audit record: reading it, and noting in it who was refused what.

use super::{Asking, Refusal, Service, Who};
use crate::{
    people::Role,
    store::{AuditChain, AuditEntry, AuditQuery, Sha256},
};
use std::{
    collections::HashMap,
    sync::Mutex,
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
    fn nobody_can_fill_the_record_by_being_refused() {
        let noted = Noted::default();
        assert_eq!((0..100).filter(|_| noted.may_note(1)).count(), 20);
        assert!(noted.may_note(2));
        assert_eq!((3..1000).filter(|person| noted.may_note(*person)).count(), 200 - 21);
    }
}
