//! The keys by which a request that comes again is known, each with the answer that it was given.

use super::{
    Sha256, Store, StoreError,
    db::on_db,
    hex, integer, kept_time,
    schema::idempotency_key::{self, columns},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A key that came with a request.
#[derive(Clone, Copy, Debug)]
pub struct GivenKey<'a> {
    pub person: u32,
    pub key: &'a str,
    /// Of everything that decides what the request does.
    pub request_sha256: Sha256,
}

/// The answer that a request was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    /// Empty where there is no body.
    pub content_type: String,
    /// What was made; empty where nothing was.
    pub location: String,
    pub body: Vec<u8>,
}

/// What has become of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Nobody had used it; now it is this request's.
    Taken,
    /// The first request with it is being answered.
    UnderWay,
    Answered(KeptAnswer),
    /// It came with another request before.
    OtherRequest,
}

type KeyRow = (String, Option<i32>, String, String, Vec<u8>, NaiveDateTime);

impl Store {
    /// Takes the key for a request, unless it was used before: of many who try at once, one does.
    ///
    /// A request that took it before `cut_off_before` and has no answer yet has been cut off, and its key
    /// is taken over.
    pub fn take_key(
        &mut self,
        given: &GivenKey<'_>,
        now: NaiveDateTime,
        cut_off_before: NaiveDateTime,
    ) -> Result<KeyState, StoreError> {
        let turn = format!("idempotency key of {}", given.person);
        self.db.write(&[&turn], |db| {
            let person = integer(given.person)?;
            let held: Option<KeyRow> = idempotency_key::table
                .find((person, given.key))
                .select((
                    columns::request_sha256,
                    columns::status,
                    columns::content_type,
                    columns::location,
                    columns::body,
                    columns::made_at,
                ))
                .first(db)
                .optional()?;
            if let Some((request_sha256, status, content_type, location, body, made_at)) = held {
                if request_sha256 != hex(&given.request_sha256) {
                    return Ok(KeyState::OtherRequest);
                }
                if let Some(status) = status {
                    let status = u16::try_from(status)
                        .map_err(|_| StoreError::Damaged(format!("the status {status}")))?;
                    return Ok(KeyState::Answered(KeptAnswer { status, content_type, location, body }));
                }
                if made_at >= kept_time(cut_off_before) {
                    return Ok(KeyState::UnderWay);
                }
                let row = idempotency_key::table.find((person, given.key));
                let taken = columns::made_at.eq(kept_time(now));
                on_db!(db, |c| diesel::update(row).set(taken).execute(c))?;
                return Ok(KeyState::Taken);
            }
            let row = (
                columns::person.eq(person),
                columns::given_key.eq(given.key),
                columns::request_sha256.eq(hex(&given.request_sha256)),
                columns::content_type.eq(""),
                columns::location.eq(""),
                columns::body.eq(&[] as &[u8]),
                columns::made_at.eq(kept_time(now)),
            );
            on_db!(db, |c| diesel::insert_into(idempotency_key::table).values(row).execute(c))?;
            Ok(KeyState::Taken)
        })
    }

    /// Keeps the answer that the key's request was given.
    pub fn keep_answer(&mut self, given: &GivenKey<'_>, answer: &KeptAnswer) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = idempotency_key::table.find((integer(given.person)?, given.key));
            let kept = (
                columns::status.eq(Some(i32::from(answer.status))),
                columns::content_type.eq(&answer.content_type),
                columns::location.eq(&answer.location),
                columns::body.eq(&answer.body),
            );
            on_db!(db, |c| diesel::update(row).set(kept).execute(c))?;
            Ok(())
        })
    }

    /// Frees the key of a request that changed nothing.
    pub fn free_key(&mut self, given: &GivenKey<'_>) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = idempotency_key::table
                .find((integer(given.person)?, given.key))
                .filter(columns::status.is_null());
            on_db!(db, |c| diesel::delete(row).execute(c))?;
            Ok(())
        })
    }
}
