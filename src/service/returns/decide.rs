//! What becomes of a sent return: accepted by somebody else, sent back with a reason, or withdrawn.

use super::{LONGEST_TEXT, is_judge, locked_rows::LockedRows, may_decide, name_of, or_conflict, state_of};
use crate::{
    month_end::{TakenIn, take_in_from},
    returns::fault::told,
    schedule::london,
    service::{
        Asking, Refusal, Service, Who,
        live::AreaNow,
        post::told::{Told, new_messages},
        publication::checked_reason,
    },
    store::{Decided, Intake, ReturnDecision, ReturnOutcome, SentReturn, StoreError},
};

impl Service {
    /// Takes a return in: its facts count from then on.
    ///
    /// The file is checked once more under the present plan. Refused for the sender, for whoever does
    /// not approve for that partner or manage the pooled budget, where somebody else was first, where
    /// rows fail under the present plan, where the month is locked, and where rows change another month
    /// that was locked since it was sent.
    pub fn accept_return(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        number: u32,
    ) -> Result<(), Refusal> {
        let sent = self.to_be_judged(who, area_code, number)?;
        let area = self.area(area_code)?;
        self.must_take_returns(&area, sent.as_at, sent.return_type)?;
        let bytes = self.store()?.sent_return_file(area_code, number)?.ok_or(Refusal::Absent)?;
        let taken = taken_again(&area, &sent, &bytes)?;
        let locked = self.locked_rows(&area, sent.as_at, &taken)?;
        may_correct(&locked, &sent)?;
        let faults = taken.row_faults();
        let sender = name_of(&mut *self.store()?, sent.sent_by)?;
        let mut submission = taken.submission(area.agreement(), &faults, Intake::Whole, asking.now);
        submission.sent_by = Some(&sender);
        let detail = format!("{} for {}, {}", sent.return_type.name(), sent.as_at, sent.file_name);
        let deed = who.deed(asking, "return accepted", area_code, "", detail);
        let decided = self.change(|store| store.accept_return(number, who.person.id, &submission, &deed));
        match decided.map_err(|error| self.decided_before(area_code, number, error))? {
            Decided::Done => {
                self.measurements.count_return("accepted");
                Ok(())
            }
            Decided::Locked(lock) => Err(self.locked(sent.as_at, lock)?),
        }
    }

    /// Sends a return back to its sender, who is told why.
    pub fn send_return_back(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        number: u32,
        reason: &str,
    ) -> Result<(), Refusal> {
        let sent = self.to_be_judged(who, area_code, number)?;
        let if_empty = "Enter why the return is sent back, so that its sender can mend it";
        let reason = checked_reason("reason", reason, LONGEST_TEXT, if_empty)?;
        let reason = reason.as_str();
        let deed = who.deed(asking, "return sent back", area_code, "", reason);
        let told = self.tell_return_sent_back(&sent, (&who.person, reason), asking.now)?;
        let closing = (ReturnOutcome::SentBack, reason, told.as_slice());
        self.close(who, asking, (area_code, number), closing, &deed)?;
        self.measurements.count_return("sent back");
        Ok(())
    }

    /// Withdraws a return that whoever asks has sent and nobody has decided about.
    pub fn withdraw_return(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        number: u32,
    ) -> Result<(), Refusal> {
        let sent = self.visible_return(who, area_code, number)?;
        if sent.sent_by != who.person.id {
            return Err(Refusal::NotAllowed(
                "Only whoever sent a return can withdraw it. You can send it back if you may decide about it.".into(),
            ));
        }
        let deed = who.deed(asking, "return withdrawn", area_code, "", "");
        self.close(who, asking, (area_code, number), (ReturnOutcome::Withdrawn, "", &[]), &deed)
    }

    fn close(
        &self,
        who: &Who,
        asking: &Asking,
        (area_code, number): (&str, u32),
        (outcome, reason, told): (ReturnOutcome, &str, &[Told]),
        deed: &crate::store::Deed,
    ) -> Result<(), Refusal> {
        let decision = ReturnDecision {
            outcome,
            decided_by: who.person.id,
            decided_at: asking.now,
            reason: reason.to_owned(),
            submission: None,
        };
        let closed =
            self.change(|store| store.close_return(area_code, number, &decision, &new_messages(told), deed));
        closed.map_err(|error| self.decided_before(area_code, number, error))
    }

    /// The return, where whoever asks may decide about it.
    fn to_be_judged(&self, who: &Who, area_code: &str, number: u32) -> Result<SentReturn, Refusal> {
        let sent = self.visible_return(who, area_code, number)?;
        if may_decide(who, &sent) {
            return Ok(sent);
        }
        Err(Refusal::NotAllowed(if is_judge(who, &sent) {
            "You sent this return yourself. Somebody else must look at it: an approver of the organisation, or \
             another pooled budget manager."
                .into()
        } else {
            "A return is accepted or sent back by an approver of the organisation, or by a pooled budget manager."
                .into()
        }))
    }

    /// What whoever came second is told: who was first, and what they decided.
    fn decided_before(&self, area_code: &str, number: u32, error: StoreError) -> Refusal {
        if !matches!(error, StoreError::Overtaken(_)) {
            return Refusal::Failed(error);
        }
        let found = self.store().and_then(|mut store| {
            let Some(sent) = store.sent_return(area_code, number)? else { return Ok(None) };
            let Some(decision) = &sent.decision else { return Ok(None) };
            let by = name_of(&mut store, decision.decided_by)?;
            Ok(Some((state_of(&sent), by, decision.decided_at)))
        });
        match found {
            Ok(Some((state, by, at))) => Refusal::Conflict(format!(
                "{by} decided about this return before, on {}: it is {state}. Nothing was changed now.",
                london::in_words(at)
            )),
            Ok(None) => or_conflict(error),
            Err(failed) => Refusal::Failed(failed),
        }
    }
}

/// Refuses rows of other months that were locked since the return was sent, unless the month's pack was
/// approved and the sender has said why it is corrected.
fn may_correct(locked: &LockedRows, sent: &SentReturn) -> Result<(), Refusal> {
    if let Some(month) = locked.concluded.first() {
        return Err(Refusal::Conflict(format!(
            "Rows of this return change {}, whose data entry has concluded. Open that month, or send the return back.",
            month.name()
        )));
    }
    match locked.approved.first() {
        Some(month) if sent.comment.is_empty() => Err(Refusal::Conflict(format!(
            "Rows of this return correct {}, whose pack was approved, and its sender has not said why. Send it back \
             and ask for a new one with a comment.",
            month.name()
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The file checked under the present plan and beside what is held now: both may have changed since it
/// was sent.
fn taken_again(area: &AreaNow, sent: &SentReturn, bytes: &[u8]) -> Result<TakenIn, Refusal> {
    const MOST_TOLD: usize = 3;
    let plan = area.agreement();
    let cannot = |why: String| {
        Refusal::Conflict(format!(
            "This return cannot be accepted, because the plan or what is held has changed since it was sent: {why}. \
             Send it back and ask for a new one."
        ))
    };
    let own = match sent.partner_id.as_str() {
        "" => None,
        id => {
            let partner = plan.partners.iter().find(|partner| partner.id == id);
            let partner = partner.ok_or_else(|| cannot(format!("{id} is no partner any more")))?;
            Some((partner.org_code.as_str(), area.facts()))
        }
    };
    take_in_from(own, plan, sent.as_at, Intake::Whole, &sent.file_name, bytes).map_err(|refused| {
        if !refused.reason.is_empty() {
            return cannot(refused.reason);
        }
        let lines = told(&refused.faults);
        let more = lines.len().saturating_sub(MOST_TOLD) + refused.faults_not_kept;
        let mut why = lines[..lines.len().min(MOST_TOLD)].join("; ");
        if more > 0 {
            why += &format!("; and {more} more");
        }
        cannot(why)
    })
}
