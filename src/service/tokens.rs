//! Tokens by which partners' systems act for a person.

use super::{Asking, Refusal, Service, Who, refusal::FieldFault, sign_in::subject};
use crate::{
    people::{PersonState, token},
    store::Sha256,
};
use chrono::TimeDelta;

/// The longest life of a token, in days.
pub const LONGEST_DAYS: u32 = 365;
/// Being used is noted no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);
const LONGEST_NAME: usize = 80;

impl Service {
    /// For whom the system with this token acts; none where the token has expired or was revoked, or its
    /// person may not sign in any more.
    pub fn who_has_api_token(&self, token_sha256: &Sha256) -> Result<Option<Who>, Refusal> {
        let now = self.clock.now();
        let mut store = self.store()?;
        let Some((token, person)) = store.api_token(token_sha256)? else { return Ok(None) };
        let counts = token.revoked_at.is_none() && now < token.expires_at;
        if !counts || person.state != PersonState::Active {
            return Ok(None);
        }
        if token.last_used_at.is_none_or(|at| now - at >= NOTED_EVERY) {
            store.touch_api_token(token.number, now)?;
        }
        Ok(Some(Who { person, session: None }))
    }

    /// Makes a token that counts for so many days, and gives it, to be shown once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] without a name, or for more than a year.
    pub fn make_api_token(
        &self,
        who: &Who,
        asking: &Asking,
        name: &str,
        days: &str,
    ) -> Result<String, Refusal> {
        who.must_be_confirmed(asking.now)?;
        let mut faults = Vec::new();
        let mut fault =
            |field: &str, message: String| faults.push(FieldFault { field: field.into(), message });
        let name = name.trim();
        if name.is_empty() {
            fault("token_name", "Enter what the token is for, such as the system that will use it".into());
        } else if name.chars().count() > LONGEST_NAME {
            fault("token_name", format!("What the token is for must be {LONGEST_NAME} characters or fewer"));
        }
        let days = days.trim().parse().ok().filter(|days| (1..=LONGEST_DAYS).contains(days));
        if days.is_none() {
            fault("days", format!("Enter a number of days from 1 to {LONGEST_DAYS}"));
        }
        let (Some(days), true) = (days, faults.is_empty()) else { return Err(Refusal::Invalid(faults)) };
        let made = token::new_system_token();
        let expires_at = asking.now + TimeDelta::days(i64::from(days));
        let id = who.person.id;
        let deed = who.deed(asking, "token made", "", subject(id), format!("{name}, for {days} days"));
        self.change(|store| store.add_api_token(&token::kept(&made), id, name, expires_at, &deed))?;
        Ok(made)
    }

    /// Revokes one of the tokens of whoever asks.
    pub fn revoke_api_token(&self, who: &Who, asking: &Asking, number: u32) -> Result<(), Refusal> {
        let id = who.person.id;
        let deed = who.deed(asking, "token revoked", "", subject(id), format!("token {number}"));
        let is_done = self.change(|store| store.revoke_api_token(id, number, &deed))?;
        if is_done { Ok(()) } else { Err(Refusal::Absent) }
    }
}
