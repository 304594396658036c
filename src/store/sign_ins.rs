//! Attempts to sign in, and browsers that are half signed in.

use super::{
    Sha256, Store, StoreError,
    db::{Db, on_db},
    hex, integer, kept_time, natural,
    people::PEOPLE,
    schema::{half_sign_in, sign_in_attempt},
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// How many guesses are evaluated in how long.
pub struct AttemptLimits {
    pub within: TimeDelta,
    pub for_an_account: usize,
    pub from_an_address: usize,
}

/// Whether a guess may be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may; its number, to say how it went.
    Open(u32),
    /// There were too many: the next may be made in so long.
    TooMany(TimeDelta),
}

impl Store {
    /// Takes note of a guess before it is evaluated, so that of many at once none is too many.
    ///
    /// Guesses that were right do not count against the next. Those that count no more are forgotten.
    pub fn begin_attempt(
        &mut self,
        email_sha256: &Sha256,
        address: &str,
        at: NaiveDateTime,
        limits: &AttemptLimits,
    ) -> Result<Attempt, StoreError> {
        self.db.write(&[PEOPLE], |db| {
            let at = kept_time(at);
            let since = at - limits.within;
            let old = sign_in_attempt::table.filter(sign_in_attempt::at.le(since));
            on_db!(db, |c| diesel::delete(old).execute(c))?;
            let account: Vec<NaiveDateTime> = sign_in_attempt::table
                .filter(sign_in_attempt::email_sha256.eq(hex(email_sha256)))
                .filter(sign_in_attempt::succeeded.eq(false))
                .order(sign_in_attempt::at)
                .select(sign_in_attempt::at)
                .load(db)?;
            let from: Vec<NaiveDateTime> = sign_in_attempt::table
                .filter(sign_in_attempt::address.eq(address))
                .filter(sign_in_attempt::succeeded.eq(false))
                .order(sign_in_attempt::at)
                .select(sign_in_attempt::at)
                .load(db)?;
            for (made, most) in [(account, limits.for_an_account), (from, limits.from_an_address)] {
                if let Some(earliest) = made.len().checked_sub(most).and_then(|excess| made.get(excess)) {
                    return Ok(Attempt::TooMany(*earliest + limits.within - at));
                }
            }
            let last: Option<i32> =
                sign_in_attempt::table.select(diesel::dsl::max(sign_in_attempt::number)).first(db)?;
            let number = last.unwrap_or(0) + 1;
            let row = (
                sign_in_attempt::number.eq(number),
                sign_in_attempt::email_sha256.eq(hex(email_sha256)),
                sign_in_attempt::address.eq(address),
                sign_in_attempt::at.eq(at),
                sign_in_attempt::succeeded.eq(false),
            );
            on_db!(db, |c| diesel::insert_into(sign_in_attempt::table).values(row).execute(c))?;
            Ok(Attempt::Open(natural(number)?))
        })
    }

    /// Notes that the guess was right.
    pub fn attempt_succeeded(&mut self, number: u32) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = sign_in_attempt::table.find(integer(number)?);
            on_db!(db, |c| diesel::update(row).set(sign_in_attempt::succeeded.eq(true)).execute(c))?;
            Ok(())
        })
    }

    /// Notes that the browser with this token gave the person's password and still owes the code;
    /// forgets such browsers from before `since`.
    pub fn start_half_sign_in(
        &mut self,
        token_sha256: &Sha256,
        person: u32,
        at: NaiveDateTime,
        since: NaiveDateTime,
    ) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE], |db| {
            let old = half_sign_in::table.filter(half_sign_in::started_at.lt(kept_time(since)));
            on_db!(db, |c| diesel::delete(old).execute(c))?;
            forget(db, token_sha256)?;
            let row = (
                half_sign_in::token_sha256.eq(hex(token_sha256)),
                half_sign_in::person.eq(integer(person)?),
                half_sign_in::started_at.eq(kept_time(at)),
            );
            on_db!(db, |c| diesel::insert_into(half_sign_in::table).values(row).execute(c))?;
            Ok(())
        })
    }

    /// Who gave a password in the browser with this token since then, and still owes the code.
    pub fn half_signed_in(
        &mut self,
        token_sha256: &Sha256,
        since: NaiveDateTime,
    ) -> Result<Option<u32>, StoreError> {
        let person: Option<i32> = half_sign_in::table
            .find(hex(token_sha256))
            .filter(half_sign_in::started_at.ge(kept_time(since)))
            .select(half_sign_in::person)
            .first(&mut self.db)
            .optional()?;
        person.map(natural).transpose()
    }

    /// Forgets a browser that was half signed in.
    pub fn end_half_sign_in(&mut self, token_sha256: &Sha256) -> Result<(), StoreError> {
        self.db.write(&[], |db| forget(db, token_sha256))
    }
}

fn forget(db: &mut Db, token_sha256: &Sha256) -> Result<(), StoreError> {
    let row = half_sign_in::table.find(hex(token_sha256));
    on_db!(db, |c| diesel::delete(row).execute(c))?;
    Ok(())
}
