//! Sending a return, and the draft that waits for its sender's comment.

use super::{CheckOutcome, LONGEST_TEXT, NewReturn, SENDERS, or_conflict, reference};
use crate::{
    figures::{facts::ReturnType, period::Month},
    packs::compose::value::plural,
    service::{Asking, FieldFault, Refusal, Service, Who},
    store::{NewReturnDraft, NewSentReturn, Received, ReturnDraft, ReturnWay},
};

/// What became of sending a return.
#[derive(Clone, Debug)]
pub enum SendOutcome {
    /// It waits for somebody else to accept it.
    Sent { number: u32 },
    /// The same file was sent before, under this number; nothing was added.
    AlreadyReceived { number: u32 },
    /// It cannot be sent as it is. Where it only needs a comment it was kept as its sender's draft.
    NotSent(Box<CheckOutcome>),
}

impl Service {
    /// Sends a return: checks it once more and keeps it until somebody else accepts it.
    ///
    /// Not sent where a row is at fault, or where queries have no comment. Refused where the month is
    /// locked.
    pub fn send_return(
        &self,
        who: &Who,
        asking: &Asking,
        new: &NewReturn<'_>,
    ) -> Result<SendOutcome, Refusal> {
        let checked = self.checked(who, new)?;
        self.must_take_returns(&checked.area, new.month, checked.taken.return_type())?;
        if let Some(fault) = FieldFault::too_long("comment", "The comment", new.comment, LONGEST_TEXT) {
            return Err(Refusal::Invalid(vec![fault]));
        }
        let outcome = checked.outcome;
        if !outcome.is_sound() {
            return Ok(SendOutcome::NotSent(Box::new(outcome)));
        }
        let return_type = checked.taken.return_type();
        if outcome.needs_comment() && new.comment.is_empty() && outcome.already_received.is_none() {
            if new.way != ReturnWay::Interface {
                let draft = NewReturnDraft {
                    area_code: new.area_code,
                    as_at: new.month,
                    person: who.person.id,
                    return_type,
                    partner_id: &checked.partner_id,
                    file_name: new.file_name,
                    way: new.way,
                    kept_at: asking.now,
                    bytes: &checked.taken.bytes,
                };
                let detail = format!("{} for {}, {}", return_type.name(), new.month, new.file_name);
                let deed = who.deed(asking, "return kept as draft", new.area_code, "draft", detail);
                self.change(|store| store.keep_return_draft(&draft, &self.send_limits, &deed))?;
            }
            return Ok(SendOutcome::NotSent(Box::new(outcome)));
        }
        let sent = NewSentReturn {
            area_code: new.area_code,
            return_type,
            as_at: new.month,
            partner_id: &checked.partner_id,
            file_name: new.file_name,
            sha256: checked.taken.sha256,
            bytes: &checked.taken.bytes,
            way: new.way,
            rows: outcome.rows,
            queries: outcome.query_count,
            comment: new.comment,
            sent_by: who.person.id,
            sent_at: asking.now,
        };
        let detail = format!(
            "{} for {}, {}, {}, SHA-256 {}",
            return_type.name(),
            new.month,
            new.file_name,
            plural(outcome.rows, "row"),
            crate::digest::hex(&checked.taken.sha256)
        );
        let deed = who.deed(asking, "return sent", new.area_code, "", detail);
        match self.change(|store| store.send_return(&sent, &self.send_limits, &deed)).map_err(or_conflict)? {
            Received::Now(number) => {
                self.measurements.count_return("submitted");
                Ok(SendOutcome::Sent { number })
            }
            Received::Before(number) => Ok(SendOutcome::AlreadyReceived { number }),
            Received::Locked(lock) => Err(self.locked(new.month, lock)?),
        }
    }

    /// The drafts of whoever asks for an area's month.
    pub fn return_drafts(
        &self,
        who: &Who,
        area_code: &str,
        month: Month,
    ) -> Result<Vec<ReturnDraft>, Refusal> {
        who.must_be(SENDERS, area_code)?;
        Ok(self.store()?.return_drafts(area_code, month, who.person.id)?)
    }

    /// Throws a draft of whoever asks away.
    pub fn discard_return_draft(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        month: Month,
        (return_type, partner_id): (ReturnType, &str),
    ) -> Result<(), Refusal> {
        who.must_be(SENDERS, area_code)?;
        let detail = format!("{} for {month}", return_type.name());
        let deed = who.deed(asking, "draft of a return discarded", area_code, "draft", detail);
        let key = (return_type, partner_id);
        Ok(self.change(|store| store.discard_return_draft(area_code, month, who.person.id, key, &deed))?)
    }
}

impl SendOutcome {
    /// The reference of what is held, where it is held.
    pub fn reference(&self, area_code: &str) -> Option<String> {
        match self {
            SendOutcome::Sent { number } | SendOutcome::AlreadyReceived { number } => {
                Some(reference(area_code, *number))
            }
            SendOutcome::NotSent(_) => None,
        }
    }
}
