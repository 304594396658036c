//! Who asks.

use super::{Refusal, Service};
use crate::{
    people::{Person, PersonState, Role},
    store::{Deed, Session, Sha256},
};
use chrono::{NaiveDateTime, TimeDelta};

/// A session ends when nothing was asked for so long.
pub const IDLE_LIMIT: TimeDelta = TimeDelta::minutes(30);
/// A session ends after so long, whatever was asked.
pub const ABSOLUTE_LIMIT: TimeDelta = TimeDelta::hours(12);
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

impl Service {
    /// Whose session the token is; none where it has ended, or its person may not sign in any more.
    pub fn who_has(&self, token_sha256: &Sha256) -> Result<Option<Who>, Refusal> {
        let now = self.clock.now();
        let mut store = self.store()?;
        let Some((session, person)) = store.session(token_sha256)? else { return Ok(None) };
        let is_open = session.ended_at.is_none()
            && now - session.last_seen_at < IDLE_LIMIT
            && now - session.started_at < ABSOLUTE_LIMIT;
        if !is_open || person.state != PersonState::Active {
            return Ok(None);
        }
        if now - session.last_seen_at >= NOTED_EVERY {
            store.touch_session(token_sha256, now)?;
        }
        Ok(Some(Who { person, session: Some(session) }))
    }

    /// Whose system the token is; none where it has ended, or its person may not sign in any more.
    pub fn who_has_token(&self, token: &str) -> Result<Option<Who>, Refusal> {
        let now = self.clock.now();
        let mut store = self.store()?;
        let Some((token, person)) = store.api_token(&crate::digest::sha256(token.as_bytes()))? else {
            return Ok(None);
        };
        if token.revoked_at.is_some() || now >= token.expires_at || person.state != PersonState::Active {
            return Ok(None);
        }
        if token.last_used_at.is_none_or(|used| now - used >= NOTED_EVERY) {
            store.touch_api_token(token.number, now)?;
        }
        Ok(Some(Who { person, session: None }))
    }
}
