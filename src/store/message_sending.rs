//! Sending from the outbox: each message is taken by one sender at a time, which alone says how it went.
//!
//! Whoever takes a message has it for [`LEASE`]; after that another may. A sender that comes back later
//! holds an older term and ends nothing.

use super::{
    Deed, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    big_integer,
    db::{Db, on_db},
    hex, kept_time, length,
    messages::{Message, MessageState, one},
    schema::message,
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};

/// For so long a message is the sender's who has taken it.
const LEASE: TimeDelta = TimeDelta::minutes(3);

/// Tries begin anew at a term that divides by this; see [`Message::tries`].
const A_ROUND: u64 = 8;

/// How sending a message went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEnd<'a> {
    pub state: MessageState,
    /// When it may be taken again, where it waits.
    pub free_from: NaiveDateTime,
    pub told: &'a str,
    /// What was, or may have been, handed over.
    pub handed_over: Option<HandedOver<'a>>,
    /// Its text must not be kept any longer.
    pub is_emptied: bool,
}

/// All that was handed to a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver<'a> {
    pub to: &'a str,
    pub at: NaiveDateTime,
    pub sha256: Sha256,
}

impl Store {
    /// Takes the next message to be sent: nobody else has it for three minutes. None where none waits.
    ///
    /// `domain` is where letters come from; it ends the name of a message that is taken for the first
    /// time.
    pub fn take_message(&mut self, domain: &str, now: NaiveDateTime) -> Result<Option<Message>, StoreError> {
        self.db.write(&[], |db| {
            let now = kept_time(now);
            let Some(taken) = next_to_send(db, now)? else { return Ok(None) };
            let number = big_integer(taken.number)?;
            let message_id = match taken.message_id.contains('@') {
                true => taken.message_id,
                false => format!("{}@{domain}", taken.message_id),
            };
            let set = (
                message::state.eq(MessageState::Sending.name()),
                message::free_from.eq(now + LEASE),
                message::term.eq(big_integer(taken.term + 1)?),
                message::message_id.eq(message_id),
            );
            on_db!(db, |c| diesel::update(message::table.find(number)).set(set).execute(c))?;
            one(db, taken.number)
        })
    }

    /// Says how sending a message went.
    ///
    /// Fails with [`StoreError::Overtaken`] where somebody else has taken it since.
    pub fn end_message(&mut self, taken: &Message, end: &MessageEnd<'_>) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = message::table
                .find(big_integer(taken.number)?)
                .filter(message::term.eq(big_integer(taken.term)?))
                .filter(message::state.eq(MessageState::Sending.name()));
            let (sent_to, sent_at, sha256) = match &end.handed_over {
                Some(handed) => (handed.to, Some(kept_time(handed.at)), hex(&handed.sha256)),
                None => (taken.sent_to.as_str(), taken.sent_at, taken.sha256.clone()),
            };
            let set = (
                message::state.eq(end.state.name()),
                message::free_from.eq(kept_time(end.free_from)),
                message::told.eq(end.told),
                message::sent_to.eq(sent_to),
                message::sent_at.eq(sent_at),
                message::sha256.eq(sha256),
                message::body.eq(if end.is_emptied { "" } else { &taken.body }),
            );
            let rows = on_db!(db, |c| diesel::update(row).set(set).execute(c))?;
            if rows == 1 {
                Ok(())
            } else {
                Err(StoreError::Overtaken("somebody else has taken this message"))
            }
        })
    }

    /// Notes that a message came back after it was sent; gives its number, none where it was never sent.
    pub fn note_returned(
        &mut self,
        message_id: &str,
        told: &str,
        deed: &Deed,
    ) -> Result<Option<u64>, StoreError> {
        self.db.write(&[AUDIT], |db| {
            let sent = [MessageState::Sent.name(), MessageState::Returned.name()];
            let found: Option<(i64, String)> = message::table
                .filter(message::message_id.eq(message_id).and(message::state.eq_any(sent)))
                .select((message::number, message::area_code))
                .first(db)
                .optional()?;
            let Some((number, area_code)) = found else { return Ok(None) };
            let set = (message::state.eq(MessageState::Returned.name()), message::told.eq(told));
            on_db!(db, |c| diesel::update(message::table.find(number)).set(set).execute(c))?;
            audit::add(db, &Deed { area_code, subject: format!("message {number}"), ..deed.clone() })?;
            length(number).map(Some)
        })
    }

    /// Has a message sent once more that was not delivered.
    ///
    /// Fails with [`StoreError::Overtaken`] where it waits already, or was sent.
    pub fn send_again(&mut self, number: u64, deed: &Deed) -> Result<(), StoreError> {
        const NOT_NOW: &str = "this message waits to be sent, or was delivered. Look at it again";
        self.db.write(&[AUDIT], |db| {
            let found = one(db, number)?.filter(|found| found.state.may_be_sent_again());
            let found = found.ok_or(StoreError::Overtaken(NOT_NOW))?;
            let row = message::table.find(big_integer(number)?).filter(
                message::term.eq(big_integer(found.term)?).and(message::state.eq(found.state.name())),
            );
            let set = (
                message::state.eq(MessageState::Waiting.name()),
                message::free_from.eq(kept_time(deed.at)),
                message::term.eq(big_integer(found.term.next_multiple_of(A_ROUND))?),
            );
            if on_db!(db, |c| diesel::update(row).set(set).execute(c))? != 1 {
                return Err(StoreError::Overtaken(NOT_NOW));
            }
            audit::add(db, deed)
        })
    }
}

/// Said as the index says it, so that the database sees that the index holds what is asked for.
const IS_OPEN: &str = "state IN ('waiting', 'sending')";

/// The message that is free for longest. One of which nobody was heard at its last try has failed.
fn next_to_send(db: &mut Db, now: NaiveDateTime) -> Result<Option<Message>, StoreError> {
    loop {
        let open = message::table
            .filter(sql::<Bool>(IS_OPEN))
            .filter(message::free_from.le(now))
            .order((message::free_from, message::number))
            .select(message::number);
        let next: Option<i64> = match db {
            Db::Sqlite(connection) => open.first(connection).optional()?,
            Db::Postgresql(connection) => open.for_update().skip_locked().first(connection).optional()?,
        };
        let Some(number) = next else { return Ok(None) };
        let Some(found) = one(db, length(number)?)? else { return Ok(None) };
        if found.state != MessageState::Sending || !found.is_last_try() {
            return Ok(Some(found));
        }
        let set = (
            message::state.eq(MessageState::Failed.name()),
            message::told.eq("whoever tried it last was not heard of any more"),
            message::body.eq(if found.kind.is_secret() { "" } else { &found.body }),
        );
        on_db!(db, |c| diesel::update(message::table.find(number)).set(set).execute(c))?;
    }
}
