//! The outbox: messages to people, each written with what it announces and sent from here.
//!
//! A message is numbered in the order of making, and known by its kind, area, subject and person:
//! nobody is told of one thing twice.

use super::{
    StoreError, big_integer,
    db::{Db, on_db},
    hex, integer, kept_time, length,
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
