//! Returns on their way: sent by one person, accepted, sent back or withdrawn, kept byte for byte.

use super::{
    Deed, MonthLock, NewMessage, NewSubmission, SendLimits, Sha256, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    big_integer,
    bytes::restored,
    db::{Db, on_db},
    fault_rows::shown,
    hex,
    intake::{Held, SentBefore, accept_one},
    integer,
    jobs::{self, JOBS, Origin},
    kept_time, messages, month_locks, natural,
    return_drafts::{self, DraftPlace},
    schema::{return_decision, sent_return, sent_return_file},
    sent_lately::must_have_room,
    sent_return_rows::{list, one, received_before},
};
use crate::figures::{facts::ReturnType, period::Month};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A return to be sent.
pub struct NewSentReturn<'a> {
    pub area_code: &'a str,
    pub return_type: ReturnType,
    /// The month that it is sent for.
    pub as_at: Month,
    /// The partner whose people send it; empty where the pooled budget manager does.
    pub partner_id: &'a str,
    pub file_name: &'a str,
    pub sha256: Sha256,
    pub bytes: &'a StoredBytes,
    pub way: ReturnWay,
    pub rows: u32,
    pub queries: u32,
    /// What the sender says about the queries.
    pub comment: &'a str,
    pub sent_by: u32,
    pub sent_at: NaiveDateTime,
}

/// How a return came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnWay {
    File,
    /// Typed into the service's own form.
    Form,
    Interface,
}

impl ReturnWay {
    pub fn name(self) -> &'static str {
        match self {
            ReturnWay::File => "file",
            ReturnWay::Form => "form",
            ReturnWay::Interface => "interface",
        }
    }

    pub(super) fn read(name: &str) -> Result<ReturnWay, StoreError> {
        let known = [ReturnWay::File, ReturnWay::Form, ReturnWay::Interface];
        let found = known.into_iter().find(|way| way.name() == name);
        found.ok_or_else(|| StoreError::Damaged(format!("a return sent by {name:?}")))
    }
}

/// What became of sending a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Under this number.
    Now(u32),
    /// The same bytes were sent before for the same month and partner, and wait or were accepted.
    Before(u32),
    /// The month takes no returns.
    Locked(MonthLock),
}

/// What becomes of a sent return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnOutcome {
    Accepted,
    SentBack,
    Withdrawn,
}

impl ReturnOutcome {
    pub const ALL: [ReturnOutcome; 3] =
        [ReturnOutcome::Accepted, ReturnOutcome::SentBack, ReturnOutcome::Withdrawn];

    pub fn name(self) -> &'static str {
        match self {
            ReturnOutcome::Accepted => "accepted",
            ReturnOutcome::SentBack => "sent back",
            ReturnOutcome::Withdrawn => "withdrawn",
        }
    }
}

/// Who decided what about a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnDecision {
    pub outcome: ReturnOutcome,
    pub decided_by: u32,
    pub decided_at: NaiveDateTime,
    /// Why it was sent back.
    pub reason: String,
    /// What it became, where it was accepted.
    pub submission: Option<u32>,
}

/// A return that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentReturn {
    pub area_code: String,
    pub number: u32,
    pub return_type: ReturnType,
    pub as_at: Month,
    pub partner_id: String,
    pub file_name: String,
    pub sha256: Sha256,
    pub way: ReturnWay,
    pub rows: u32,
    pub queries: u32,
    pub comment: String,
    pub sent_by: u32,
    pub sent_at: NaiveDateTime,
    /// None while it waits for somebody to look at it.
    pub decision: Option<ReturnDecision>,
}

impl SentReturn {
    pub fn outcome(&self) -> Option<ReturnOutcome> {
        self.decision.as_ref().map(|decision| decision.outcome)
    }

    /// Whether it waits or was accepted: whether it still counts as received.
    pub fn is_in_hand(&self) -> bool {
        matches!(self.outcome(), None | Some(ReturnOutcome::Accepted))
    }
}

/// What became of a decision about a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Done,
    /// The month takes no returns.
    Locked(MonthLock),
}

/// The message of whoever comes second.
const DECIDED: StoreError = StoreError::Overtaken("somebody has decided about this return already");

impl Store {
    /// Keeps a return that was sent, and throws its draft away.
    ///
    /// The same bytes for the same month, type and partner are the same return while it waits or once
    /// it was accepted, unless something came after it that may have changed its rows.
    ///
    /// Fails with [`StoreError::SentEnough`] where its sender has sent as much within a day as they may.
    pub fn send_return(
        &mut self,
        new: &NewSentReturn<'_>,
        limits: &SendLimits,
        deed: &Deed,
    ) -> Result<Received, StoreError> {
        self.db.write(&[new.area_code, AUDIT], |db| {
            let key = (new.as_at, new.return_type, new.partner_id);
            if let Some(number) = received_before(db, new.area_code, key, new.sha256)? {
                return Ok(Received::Before(number));
            }
            if let Some(lock) = month_locks::lock_of(db, new.area_code, new.as_at)? {
                return Ok(Received::Locked(lock));
            }
            let draft = DraftPlace {
                area_code: new.area_code,
                as_at: new.as_at,
                person: new.sent_by,
                return_type: new.return_type,
                partner_id: new.partner_id,
            };
            return_drafts::remove(db, &draft, Some(new.bytes), new.sent_at)?;
            must_have_room(db, new.sent_by, new.bytes.byte_count(), new.sent_at, limits)?;
            let last: Option<i32> = sent_return::table
                .filter(sent_return::area_code.eq(new.area_code))
                .select(diesel::dsl::max(sent_return::number))
                .first(db)?;
            let number = natural(last.unwrap_or(0) + 1)?;
            add(db, new, number)?;
            audit::add(db, &Deed { subject: subject(number), ..deed.clone() })?;
            Ok(Received::Now(number))
        })
    }

    /// The return that the same file is already, where sending it for this month, type and partner would
    /// add nothing.
    pub fn return_received_before(
        &mut self,
        area_code: &str,
        key: (Month, ReturnType, &str),
        sha256: Sha256,
    ) -> Result<Option<u32>, StoreError> {
        self.db.read(|db| received_before(db, area_code, key, sha256))
    }

    /// Takes a sent return in: the submission, the decision, its entry in the record, and a slot in which
    /// the area's figures are worked out again; all or none.
    ///
    /// Fails with [`StoreError::Overtaken`] where somebody has decided before.
    pub fn accept_return(
        &mut self,
        number: u32,
        decided_by: u32,
        submission: &NewSubmission<'_>,
        deed: &Deed,
    ) -> Result<Decided, StoreError> {
        let area_code = submission.plan.area.code.as_str();
        self.db.write(&[area_code, AUDIT, JOBS], |db| {
            let sent = undecided(db, area_code, number)?;
            if let Some(lock) = month_locks::lock_of(db, area_code, sent.as_at)? {
                return Ok(Decided::Locked(lock));
            }
            let mut held = Held::of_areas(db, &[area_code])?;
            let accepted = accept_one(db, &mut held, submission, SentBefore::Anew)?;
            let decision = ReturnDecision {
                outcome: ReturnOutcome::Accepted,
                decided_by,
                decided_at: deed.at,
                reason: String::new(),
                submission: Some(accepted.number),
            };
            add_decision(db, &sent, &decision)?;
            let detail = format!("{} as submission {}", deed.detail, accepted.number);
            audit::add(db, &Deed { subject: subject(number), detail, ..deed.clone() })?;
            jobs::enqueue(db, "compute", area_code, deed.at, Origin::Event)?;
            Ok(Decided::Done)
        })
    }

    /// Sends a return back, or withdraws it; `messages` tell of it.
    ///
    /// Fails with [`StoreError::Overtaken`] where somebody has decided before.
    pub fn close_return(
        &mut self,
        area_code: &str,
        number: u32,
        decision: &ReturnDecision,
        messages: &[NewMessage<'_>],
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[area_code, AUDIT], |db| {
            let sent = undecided(db, area_code, number)?;
            add_decision(db, &sent, decision)?;
            audit::add(db, &Deed { subject: subject(number), ..deed.clone() })?;
            messages::add_all(db, messages)
        })
    }

    /// The returns that were sent in an area, for one month or for all, the latest first.
    pub fn sent_returns(
        &mut self,
        area_code: &str,
        as_at: Option<Month>,
    ) -> Result<Vec<SentReturn>, StoreError> {
        self.db.read(|db| list(db, area_code, as_at))
    }

    /// The return with this number.
    pub fn sent_return(&mut self, area_code: &str, number: u32) -> Result<Option<SentReturn>, StoreError> {
        self.db.read(|db| one(db, area_code, number))
    }

    /// The file of a return, as it was sent.
    pub fn sent_return_file(&mut self, area_code: &str, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let file: Option<(String, Vec<u8>)> = sent_return_file::table
            .find((area_code, integer(number)?))
            .select((sent_return_file::encoding, sent_return_file::content))
            .first(&mut self.db)
            .optional()?;
        file.map(|(encoding, content)| restored(&encoding, content)).transpose()
    }
}

/// What the record calls a return.
fn subject(number: u32) -> String {
    format!("return {number}")
}

fn add(db: &mut Db, new: &NewSentReturn<'_>, number: u32) -> Result<(), StoreError> {
    let row = (
        sent_return::area_code.eq(new.area_code),
        sent_return::number.eq(integer(number)?),
        sent_return::return_type.eq(new.return_type.name()),
        sent_return::as_at.eq(new.as_at.number()),
        sent_return::partner_id.eq(new.partner_id),
        sent_return::file_name.eq(shown(new.file_name)),
        sent_return::sha256.eq(hex(&new.sha256)),
        sent_return::way.eq(new.way.name()),
        sent_return::row_count.eq(integer(new.rows)?),
        sent_return::query_count.eq(integer(new.queries)?),
        sent_return::comment.eq(shown(new.comment)),
        sent_return::sent_by.eq(integer(new.sent_by)?),
        sent_return::sent_at.eq(kept_time(new.sent_at)),
    );
    on_db!(db, |c| diesel::insert_into(sent_return::table).values(row).execute(c))?;
    let row = (
        sent_return_file::area_code.eq(new.area_code),
        sent_return_file::number.eq(integer(number)?),
        sent_return_file::byte_count.eq(big_integer(new.bytes.byte_count())?),
        sent_return_file::encoding.eq(new.bytes.encoding().name()),
        sent_return_file::content.eq(new.bytes.content()),
    );
    on_db!(db, |c| diesel::insert_into(sent_return_file::table).values(row).execute(c))?;
    Ok(())
}

/// The return, where nobody has decided about it yet.
fn undecided(db: &mut Db, area_code: &str, number: u32) -> Result<SentReturn, StoreError> {
    one(db, area_code, number)?.filter(|sent| sent.decision.is_none()).ok_or(DECIDED)
}

fn add_decision(db: &mut Db, sent: &SentReturn, decision: &ReturnDecision) -> Result<(), StoreError> {
    let row = (
        return_decision::area_code.eq(&sent.area_code),
        return_decision::number.eq(integer(sent.number)?),
        return_decision::outcome.eq(decision.outcome.name()),
        return_decision::sent_by.eq(integer(sent.sent_by)?),
        return_decision::decided_by.eq(integer(decision.decided_by)?),
        return_decision::decided_at.eq(kept_time(decision.decided_at)),
        return_decision::reason.eq(shown(&decision.reason)),
        return_decision::submission.eq(decision.submission.map(integer).transpose()?),
    );
    on_db!(db, |c| diesel::insert_into(return_decision::table).values(row).execute(c))?;
    Ok(())
}
