//! The outbox: messages to people, each written with what it announces and sent from here.
//!
//! A message is numbered in the order of making, and known by its kind, area, subject and person:
//! nobody is told of one thing twice.

use super::{
    Store, StoreError, big_integer,
    db::{Db, MultiBackend, on_db},
    hex, integer, kept_time, length, natural,
    schema::message,
};
use crate::people::token;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What writers of messages take turns for. [`add`] takes it by itself, after every other turn of its
/// transaction, so that no two transactions wait for each other.
const POST: &str = "post";

/// What a message is about, which is also whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A pack can be read.
    PackReleased,
    /// The alliance's incentive statement can be read.
    StatementReleased,
    /// The clock has drafted a month's pack.
    PackDrafted,
    /// Somebody else's pack waits for approval.
    PackWaits,
    ReturnDueSoon,
    ReturnLate,
    ReturnSentBack,
    JobFailed,
    /// Holds the link by which somebody sets a first password.
    Invitation,
    /// Holds the link by which somebody sets a new password.
    Recovery,
}

impl MessageKind {
    pub const ALL: [MessageKind; 10] = [
        MessageKind::PackReleased,
        MessageKind::StatementReleased,
        MessageKind::PackDrafted,
        MessageKind::PackWaits,
        MessageKind::ReturnDueSoon,
        MessageKind::ReturnLate,
        MessageKind::ReturnSentBack,
        MessageKind::JobFailed,
        MessageKind::Invitation,
        MessageKind::Recovery,
    ];

    pub fn name(self) -> &'static str {
        match self {
            MessageKind::PackReleased => "pack released",
            MessageKind::StatementReleased => "statement released",
            MessageKind::PackDrafted => "pack drafted",
            MessageKind::PackWaits => "pack waits for approval",
            MessageKind::ReturnDueSoon => "return due soon",
            MessageKind::ReturnLate => "return late",
            MessageKind::ReturnSentBack => "return sent back",
            MessageKind::JobFailed => "job failed",
            MessageKind::Invitation => "invitation",
            MessageKind::Recovery => "recovery",
        }
    }

    /// Whether it holds a link that opens something: its text is nobody's but the recipient's.
    pub fn is_secret(self) -> bool {
        matches!(self, MessageKind::Invitation | MessageKind::Recovery)
    }
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageState {
    Waiting,
    Sending,
    /// A mail server has taken it on.
    Sent,
    /// The recipient's server will never take it.
    Refused,
    /// It came back after it was sent.
    Returned,
    /// The person was not to have it any more, or it was no news any more.
    Withheld,
    /// It could not be handed over, however often that was tried.
    Failed,
}

impl MessageState {
    pub const ALL: [MessageState; 7] = [
        MessageState::Waiting,
        MessageState::Sending,
        MessageState::Sent,
        MessageState::Refused,
        MessageState::Returned,
        MessageState::Withheld,
        MessageState::Failed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            MessageState::Waiting => "waiting",
            MessageState::Sending => "sending",
            MessageState::Sent => "sent",
            MessageState::Refused => "refused",
            MessageState::Returned => "returned",
            MessageState::Withheld => "withheld",
            MessageState::Failed => "failed",
        }
    }

    /// Whether somebody may ask for it to be sent again: it was not delivered, as far as is known.
    pub fn may_be_sent_again(self) -> bool {
        match self {
            MessageState::Refused
            | MessageState::Returned
            | MessageState::Withheld
            | MessageState::Failed => true,
            MessageState::Waiting | MessageState::Sending | MessageState::Sent => false,
        }
    }

    pub fn from_name(name: &str) -> Option<MessageState> {
        MessageState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A message to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    pub kind: MessageKind,
    /// Empty where no one area is meant.
    pub area_code: &'a str,
    /// What it announces, such as `2015-11, version 2`.
    pub subject: &'a str,
    pub person: u32,
    pub title: &'a str,
    /// Plain text.
    pub body: &'a str,
    pub made_at: NaiveDateTime,
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub number: u64,
    pub kind: MessageKind,
    pub area_code: String,
    pub subject: String,
    pub person: u32,
    /// Without the brackets; whole once it was first taken to be sent.
    pub message_id: String,
    pub title: String,
    /// Empty once it was sent where it held a link that opens something.
    pub body: String,
    pub made_at: NaiveDateTime,
    pub state: MessageState,
    /// Nobody takes it before.
    pub free_from: NaiveDateTime,
    /// Grows each time that somebody takes it to be sent.
    pub term: u64,
    pub sent_to: String,
    pub sent_at: Option<NaiveDateTime>,
    /// In hexadecimal, of all that was sent; empty before.
    pub sha256: String,
    /// What the server answered, or what went wrong last.
    pub told: String,
}

/// How often a message is taken to be sent before it has failed.
const MOST_TRIES: u64 = 8;

impl Message {
    /// How often it was taken to be sent since it was last asked for.
    pub fn tries(&self) -> u64 {
        if self.term == 0 { 0 } else { (self.term - 1) % MOST_TRIES + 1 }
    }

    /// Whether somebody has asked for it to be sent again.
    pub fn was_asked_for_again(&self) -> bool {
        self.term > MOST_TRIES
    }

    /// Whether it is taken for the last time.
    pub fn is_last_try(&self) -> bool {
        self.tries() == MOST_TRIES
    }
}

/// Which messages are wanted; what is none does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageQuery {
    pub state: Option<MessageState>,
    pub area_code: Option<String>,
    /// The areas that whoever asks may read of; none where all.
    pub areas: Option<Vec<String>>,
    /// Earlier ones than the one of this number.
    pub before: Option<u64>,
}

impl Store {
    /// The messages that are wanted, the latest first, and how many there are in all.
    pub fn messages(
        &mut self,
        query: &MessageQuery,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<Message>, u64), StoreError> {
        self.db.read(|db| {
            let count: i64 = wanted(query)?.count().get_result(db)?;
            let rows: Vec<MessageRow> = wanted(query)?
                .order(message::number.desc())
                .offset(offset.into())
                .limit(most.into())
                .select(MessageRow::as_select())
                .load(db)?;
            Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, length(count)?))
        })
    }

    /// The message with this number.
    pub fn message(&mut self, number: u64) -> Result<Option<Message>, StoreError> {
        self.db.read(|db| one(db, number))
    }

    /// How many messages there are in each state.
    pub fn message_counts(&mut self) -> Result<Vec<(MessageState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = message::table
            .group_by(message::state)
            .select((message::state, diesel::dsl::count_star()))
            .load(&mut self.db)?;
        rows.into_iter().map(|(state, count)| Ok((read_state(&state)?, length(count)?))).collect()
    }

    /// Whether a message of this kind was made for the person since then.
    pub fn was_told_since(
        &mut self,
        person: u32,
        kind: MessageKind,
        since: NaiveDateTime,
    ) -> Result<bool, StoreError> {
        let told: Option<i64> = message::table
            .filter(message::person.eq(integer(person)?).and(message::kind.eq(kind.name())))
            .filter(message::made_at.gt(kept_time(since)))
            .select(message::number)
            .first(&mut self.db)
            .optional()?;
        Ok(told.is_some())
    }
}

/// Writes a message, within the transaction of what it announces: there is never one without the other.
///
/// False where that person was told of that already; nothing is written then.
pub(super) fn add(db: &mut Db, new: &NewMessage<'_>) -> Result<bool, StoreError> {
    db.take_last_turn(POST)?;
    let person = integer(new.person)?;
    let told: Option<i64> = message::table
        .filter(message::kind.eq(new.kind.name()))
        .filter(message::area_code.eq(new.area_code))
        .filter(message::subject.eq(new.subject))
        .filter(message::person.eq(person))
        .select(message::number)
        .first(db)
        .optional()?;
    if told.is_some() {
        return Ok(false);
    }
    let last: Option<i64> = message::table.select(diesel::dsl::max(message::number)).first(db)?;
    let number = length(last.unwrap_or(0))? + 1;
    let made_at = kept_time(new.made_at);
    let row = (
        message::number.eq(big_integer(number)?),
        message::kind.eq(new.kind.name()),
        message::area_code.eq(new.area_code),
        message::subject.eq(new.subject),
        message::person.eq(person),
        message::message_id.eq(format!("{number}.{}", &hex(&token::random())[..16])),
        message::title.eq(new.title),
        message::body.eq(new.body),
        message::made_at.eq(made_at),
        message::state.eq("waiting"),
        message::free_from.eq(made_at),
        message::term.eq(0),
        message::sent_to.eq(""),
        message::sha256.eq(""),
        message::told.eq(""),
    );
    on_db!(db, |c| diesel::insert_into(message::table).values(row).execute(c))?;
    Ok(true)
}

/// Writes every message of what is announced, as [`add`] does.
pub(super) fn add_all(db: &mut Db, messages: &[NewMessage<'_>]) -> Result<(), StoreError> {
    messages.iter().try_for_each(|new| add(db, new).map(drop))
}

fn wanted(query: &MessageQuery) -> Result<message::BoxedQuery<'_, MultiBackend>, StoreError> {
    let mut wanted = message::table.into_boxed();
    if let Some(state) = query.state {
        wanted = wanted.filter(message::state.eq(state.name()));
    }
    if let Some(area_code) = &query.area_code {
        wanted = wanted.filter(message::area_code.eq(area_code));
    }
    if let Some(areas) = &query.areas {
        wanted = wanted.filter(message::area_code.eq_any(areas));
    }
    if let Some(before) = query.before {
        wanted = wanted.filter(message::number.lt(big_integer(before)?));
    }
    Ok(wanted)
}

/// The message with this number.
pub(super) fn one(db: &mut Db, number: u64) -> Result<Option<Message>, StoreError> {
    let row =
        message::table.find(big_integer(number)?).select(MessageRow::as_select()).first(db).optional()?;
    row.map(read).transpose()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = message)]
struct MessageRow {
    number: i64,
    kind: String,
    area_code: String,
    subject: String,
    person: i32,
    message_id: String,
    title: String,
    body: String,
    made_at: NaiveDateTime,
    state: String,
    free_from: NaiveDateTime,
    term: i64,
    sent_to: String,
    sent_at: Option<NaiveDateTime>,
    sha256: String,
    told: String,
}

fn read(row: MessageRow) -> Result<Message, StoreError> {
    let known = MessageKind::ALL.into_iter().find(|known| known.name() == row.kind);
    Ok(Message {
        number: length(row.number)?,
        kind: known.ok_or_else(|| StoreError::Damaged(format!("a message of the kind {:?}", row.kind)))?,
        area_code: row.area_code,
        subject: row.subject,
        person: natural(row.person)?,
        message_id: row.message_id,
        title: row.title,
        body: row.body,
        made_at: row.made_at,
        state: read_state(&row.state)?,
        free_from: row.free_from,
        term: length(row.term)?,
        sent_to: row.sent_to,
        sent_at: row.sent_at,
        sha256: row.sha256,
        told: row.told,
    })
}

fn read_state(name: &str) -> Result<MessageState, StoreError> {
    MessageState::from_name(name).ok_or_else(|| StoreError::Damaged(format!("a message that is {name:?}")))
}
