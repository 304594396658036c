//! Who asks.

use super::{Refusal, Service};
use crate::{
    people::{Person, PersonState, Role},
    store::{Deed, Session, Sha256},
};
use chrono::{NaiveDateTime, TimeDelta};
use std::sync::Arc;

/// A session ends when nothing was asked for so long.
pub const IDLE_LIMIT: TimeDelta = TimeDelta::minutes(30);
/// A session ends after so long, whatever was asked.
pub const ABSOLUTE_LIMIT: TimeDelta = TimeDelta::hours(12);
/// For so long after showing who they are, people need not do it again.
pub const CONFIRMED_FOR: TimeDelta = TimeDelta::minutes(15);
/// How a session of the built-in example began; its people have nothing to confirm with.
pub(super) const EXAMPLE: &str = "example";
/// Being seen is noted no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Somebody who signed in, or whose system has a token.
#[derive(Clone, Debug)]
pub struct Who {
    pub person: Person,
    /// None for a system with a token.
    pub session: Option<Session>,
}

/// The circumstances of a request that a deed is recorded with.
#[derive(Clone, Debug)]
pub struct Asking {
    pub now: NaiveDateTime,
    pub request_id: String,
    /// From where.
    pub address: String,
}

impl Who {
    /// Refuses whoever holds none of the roles in the area, as if it were not there.
    pub fn must_be(&self, roles: &[Role], area_code: &str) -> Result<(), Refusal> {
        if self.person.is_any(roles, area_code) { Ok(()) } else { Err(Refusal::Absent) }
    }

    /// The areas that whoever asks holds one of the roles for, none where for all of them; refuses whoever holds
    /// none of the roles.
    pub fn areas_as(&self, roles: &[Role]) -> Result<Option<Vec<String>>, Refusal> {
        let held: Vec<_> = self.person.roles.iter().filter(|held| roles.contains(&held.role)).collect();
        if held.is_empty() {
            return Err(Refusal::Absent);
        }
        Ok(held.into_iter().map(|held| held.area_code.clone()).collect())
    }

    /// Refuses whoever has not shown lately who they are, before what cannot be taken back: publishing,
    /// changing who may do what.
    ///
    /// A system with a token is refused altogether: nobody sits before it who could confirm.
    pub fn must_be_confirmed(&self, now: NaiveDateTime) -> Result<(), Refusal> {
        let Some(session) = &self.session else {
            return Err(Refusal::NotAllowed(
                "A system with a token cannot do this. Sign in to the service and do it there".into(),
            ));
        };
        let is_confirmed = session.way == EXAMPLE || now - session.confirmed_at < CONFIRMED_FOR;
        if is_confirmed { Ok(()) } else { Err(Refusal::NotConfirmed) }
    }

    /// A deed of this person, to be recorded.
    pub fn deed(
        &self,
        asking: &Asking,
        deed: &'static str,
        area_code: &str,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) -> Deed {
        Deed {
            at: asking.now,
            by: Some((self.person.id, self.person.name.clone())),
            deed,
            area_code: area_code.to_owned(),
            subject: subject.into(),
            detail: detail.into(),
            request_id: asking.request_id.clone(),
        }
    }
}

/// A session that was read from the store lately.
pub(super) struct Known {
    who: Who,
    /// When it must be read again, so that being seen is noted.
    until: NaiveDateTime,
}

impl Service {
    /// Whose session the token is; none where it has ended, or its person may not sign in any more.
    ///
    /// A session is read from the store once after each change, and when being seen is to be noted.
    pub fn who_has(&self, token_sha256: &Sha256) -> Result<Option<Who>, Refusal> {
        if let Some(who) = self.who_is_known(token_sha256) {
            return Ok(Some(who));
        }
        let (mark, now) = (self.mark(), self.clock.now());
        let mut store = self.store()?;
        let Some((session, person)) = store.session(token_sha256)? else { return Ok(None) };
        let is_open = session.ended_at.is_none()
            && now - session.last_seen_at < IDLE_LIMIT
            && now - session.started_at < ABSOLUTE_LIMIT;
        if !is_open || person.state != PersonState::Active {
            return Ok(None);
        }
        let mut seen_at = session.last_seen_at;
        if now - seen_at >= NOTED_EVERY {
            store.touch_session(token_sha256, now)?;
            seen_at = now;
        }
        let until = (seen_at + NOTED_EVERY).min(session.started_at + ABSOLUTE_LIMIT);
        let who = Who { person, session: Some(session) };
        self.known.put(*token_sha256, mark, 1, Arc::new(Known { who: who.clone(), until }));
        Ok(Some(who))
    }

    /// Whose session the token is, where that is known without asking the store.
    pub fn who_is_known(&self, token_sha256: &Sha256) -> Option<Who> {
        let known = self.known.at(token_sha256, self.mark())?;
        (self.clock.now() < known.until).then(|| known.who.clone())
    }
}
