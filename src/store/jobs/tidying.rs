//! Removing what nobody needs any more of who signed in, and from where.

use super::{Claim, Outcome, endings::end};
use crate::store::{
    Store, StoreError,
    db::on_db,
    kept_time,
    people::PEOPLE,
    schema::{half_sign_in, idempotency_key, login_session, one_time_link, sign_in_attempt},
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    pub sessions: usize,
    pub links: usize,
    pub keys: usize,
    pub attempts: usize,
    pub half_sign_ins: usize,
}

impl Tidied {
    pub fn in_all(self) -> usize {
        self.sessions + self.links + self.keys + self.attempts + self.half_sign_ins
    }
}

/// Sessions and links are kept for so long after they ended.
const KEPT: TimeDelta = TimeDelta::days(90);
/// Longer than anybody repeats a request.
const KEYS_KEPT: TimeDelta = TimeDelta::days(7);
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(30);
const HALF_SIGN_INS_KEPT: TimeDelta = TimeDelta::days(1);
/// A session ends by itself when nothing was asked for so long; this is longer than any setting of it.
const IDLE: TimeDelta = TimeDelta::days(1);

impl Store {
    /// Removes what is too old and ends the slot: both or neither.
    pub fn end_tidied(
        &mut self,
        claim: Claim,
        at: NaiveDateTime,
        words: impl FnOnce(Tidied) -> Outcome,
    ) -> Result<Outcome, StoreError> {
        let at = kept_time(at);
        self.db.write(&[PEOPLE], |db| {
            let sessions =
                login_session::table.filter(login_session::ended_at.lt(at - KEPT).or(
                    login_session::ended_at.is_null().and(login_session::last_seen_at.lt(at - KEPT - IDLE)),
                ));
            let sessions = on_db!(db, |c| diesel::delete(sessions).execute(c))?;
            let links = one_time_link::table
                .filter(one_time_link::used_at.lt(at - KEPT).or(one_time_link::expires_at.lt(at - KEPT)));
            let links = on_db!(db, |c| diesel::delete(links).execute(c))?;
            let keys = idempotency_key::table.filter(idempotency_key::made_at.lt(at - KEYS_KEPT));
            let keys = on_db!(db, |c| diesel::delete(keys).execute(c))?;
            let attempts = sign_in_attempt::table.filter(sign_in_attempt::at.lt(at - ATTEMPTS_KEPT));
            let attempts = on_db!(db, |c| diesel::delete(attempts).execute(c))?;
            let half = half_sign_in::table.filter(half_sign_in::started_at.lt(at - HALF_SIGN_INS_KEPT));
            let half_sign_ins = on_db!(db, |c| diesel::delete(half).execute(c))?;
            let outcome = words(Tidied { sessions, links, keys, attempts, half_sign_ins });
            end(db, claim, at, &outcome)?;
            Ok(outcome)
        })
    }
}
