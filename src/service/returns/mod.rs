//! Returns on their way: checked, sent, accepted by somebody else, and due by a day.
//!
//! A partner's people send and see the returns of their own organisation; a pooled budget manager
//! sends for all and sees all, as an auditor does. Nobody accepts what they sent themselves.

mod blank;
mod check;
mod decide;
mod due;
mod form;
mod locked_rows;
mod locks;
mod send;

pub use check::{ChangeTold, CheckOutcome, FigureMoved, ToldFault};
pub use due::{DueRow, DueState, OnTime, ReturnsDue};
pub use form::{EntryForm, EntryInput, EntryRow};
pub use locked_rows::{APPROVED as CORRECTS_APPROVED, CONCLUDED as CHANGES_CONCLUDED};
pub use locks::MonthState;
pub use send::SendOutcome;

use super::{Refusal, Service, Who, shown};
use crate::{
    figures::{
        agreement::{AreaPlan, Partner},
        facts::ReturnType,
        period::Month,
    },
    people::{PersonState, Role},
    store::{AuditQuery, ReturnOutcome, ReturnWay, SentReturn, Store, StoreError, hex},
};
use chrono::NaiveDateTime;

/// Who may send a return.
pub const SENDERS: &[Role] = &[Role::PartnerOfficer, Role::PartnerApprover, Role::PooledBudgetManager];
/// Who may see returns.
pub const RETURN_READERS: &[Role] =
    &[Role::PartnerOfficer, Role::PartnerApprover, Role::PooledBudgetManager, Role::Auditor];

/// The largest file that the service takes, in bytes.
pub const LARGEST_FILE: usize = 10 << 20;
/// The longest comment or reason, in characters.
const LONGEST_TEXT: usize = 2_000;

/// A return as its sender hands it over, to be checked or sent.
#[derive(Clone, Copy, Debug)]
pub struct NewReturn<'a> {
    pub area_code: &'a str,
    /// The month that it is for.
    pub month: Month,
    /// The id of the partner for which it is sent. Empty for a pooled budget manager, who sends for all,
    /// and for whoever belongs to one partner alone.
    pub on_behalf_of: &'a str,
    pub file_name: &'a str,
    pub bytes: &'a [u8],
    pub way: ReturnWay,
    /// What the sender says about the queries.
    pub comment: &'a str,
}

/// A return that was sent, as its readers see it.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ReturnView {
    /// Such as `E10000002-R12`.
    pub reference: String,
    pub area_code: String,
    pub number: u32,
    /// Such as `2015-11`.
    pub month: String,
    pub return_type: &'static str,
    /// Empty where the pooled budget manager sent it for all.
    pub partner_id: String,
    pub partner_name: String,
    pub file_name: String,
    pub sha256: String,
    /// `file`, `form` or `interface`.
    pub way: &'static str,
    pub rows: u32,
    pub queries: u32,
    pub comment: String,
    /// `submitted`, `accepted`, `sent back` or `withdrawn`.
    pub state: &'static str,
    pub sent_by: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub sent_at: NaiveDateTime,
    pub decision: Option<DecisionView>,
    /// Whoever asks may accept it or send it back.
    pub may_decide: bool,
    /// Whoever asks may withdraw it.
    pub may_withdraw: bool,
}

/// Who decided what about a return.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct DecisionView {
    pub decided_by: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub decided_at: NaiveDateTime,
    /// Why it was sent back; empty otherwise.
    pub reason: String,
    /// The submission that it became, where it was accepted.
    pub submission: Option<u32>,
}

/// An event of a return's history.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ReturnEvent {
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub at: NaiveDateTime,
    pub by: String,
    /// Such as `return accepted`.
    pub deed: String,
    pub detail: String,
}

/// Which returns are wanted; what is empty does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReturnQuery<'a> {
    pub month: Option<Month>,
    pub return_type: Option<ReturnType>,
    pub partner_id: Option<&'a str>,
    /// As in [`ReturnView::state`].
    pub state: Option<&'a str>,
}

impl Service {
    /// The returns of an area that whoever asks may see, the latest first.
    pub fn sent_returns(
        &self,
        who: &Who,
        area_code: &str,
        query: ReturnQuery<'_>,
    ) -> Result<Vec<ReturnView>, Refusal> {
        who.must_be(RETURN_READERS, area_code)?;
        let area = self.area(area_code)?;
        let mut store = self.store()?;
        let sent = store.sent_returns(area_code, query.month)?;
        let is_wanted = |sent: &&SentReturn| {
            query.return_type.is_none_or(|kind| kind == sent.return_type)
                && query.partner_id.is_none_or(|partner| partner == sent.partner_id)
                && query.state.is_none_or(|state| state == state_of(sent))
                && may_see(who, sent)
        };
        sent.iter().filter(is_wanted).map(|sent| view(&mut store, who, area.agreement(), sent)).collect()
    }

    /// One return; absent where whoever asks may not see it.
    pub fn sent_return(&self, who: &Who, area_code: &str, number: u32) -> Result<ReturnView, Refusal> {
        let sent = self.visible_return(who, area_code, number)?;
        let area = self.area(area_code)?;
        view(&mut *self.store()?, who, area.agreement(), &sent)
    }

    /// The file of a return as it was sent: its name and bytes.
    pub fn sent_return_file(
        &self,
        who: &Who,
        area_code: &str,
        number: u32,
    ) -> Result<(String, Vec<u8>), Refusal> {
        let sent = self.visible_return(who, area_code, number)?;
        let bytes = self.store()?.sent_return_file(area_code, number)?.ok_or(Refusal::Absent)?;
        Ok((sent.file_name, bytes))
    }

    /// What happened to a return, the first event first: its entries in the audit record.
    pub fn return_timeline(
        &self,
        who: &Who,
        area_code: &str,
        number: u32,
    ) -> Result<Vec<ReturnEvent>, Refusal> {
        const MOST: u32 = 100;
        self.visible_return(who, area_code, number)?;
        let query = AuditQuery {
            area_code: Some(area_code.to_owned()),
            subject: Some(format!("return {number}")),
            ..AuditQuery::default()
        };
        let (entries, _) = self.store()?.audit_entries(&query, 0, MOST)?;
        let events = entries.into_iter().rev().map(|entry| ReturnEvent {
            at: entry.at,
            by: entry.person_name,
            deed: entry.deed,
            detail: entry.detail,
        });
        Ok(events.collect())
    }

    /// Name and address of whoever can be asked about an area's returns: its pooled budget managers.
    pub fn return_contacts(&self, who: &Who, area_code: &str) -> Result<Vec<(String, String)>, Refusal> {
        who.must_be(RETURN_READERS, area_code)?;
        let people = self.store()?.people()?.into_iter();
        let managers = people.filter(|person| {
            person.state == PersonState::Active && person.is(Role::PooledBudgetManager, area_code)
        });
        Ok(managers.map(|person| (person.name, person.email)).collect())
    }

    /// For whom somebody may send: the ids and names of their partners, and an empty id for all.
    pub fn may_send_for(&self, who: &Who, area_code: &str) -> Result<Vec<(String, String)>, Refusal> {
        let area = self.area(area_code)?;
        let own = who.person.partners_in(area_code);
        let mut choices = Vec::new();
        if who.person.is(Role::PooledBudgetManager, area_code) {
            choices.push((String::new(), "All partners".to_owned()));
        }
        let partners = area.agreement().partners.iter().filter(|partner| own.contains(&partner.id.as_str()));
        choices.extend(partners.map(|partner| (partner.id.clone(), partner.name.clone())));
        Ok(choices)
    }

    fn visible_return(&self, who: &Who, area_code: &str, number: u32) -> Result<SentReturn, Refusal> {
        who.must_be(RETURN_READERS, area_code)?;
        let sent = self.store()?.sent_return(area_code, number)?;
        sent.filter(|sent| may_see(who, sent)).ok_or(Refusal::Absent)
    }
}

/// Such as `E10000002-R12`.
pub fn reference(area_code: &str, number: u32) -> String {
    format!("{area_code}-R{number}")
}

/// The partner whose return it is to be; none for a pooled budget manager's, who sends for all.
fn sender<'p>(who: &Who, plan: &'p AreaPlan, on_behalf_of: &str) -> Result<Option<&'p Partner>, Refusal> {
    let area_code = plan.area.code.as_str();
    let is_own = |id: &str| {
        [Role::PartnerOfficer, Role::PartnerApprover]
            .iter()
            .any(|role| who.person.is_of(*role, area_code, id))
    };
    let find = |id: &str| plan.partners.iter().find(|partner| partner.id == id).ok_or(Refusal::Absent);
    match on_behalf_of {
        "" if who.person.is(Role::PooledBudgetManager, area_code) => Ok(None),
        "" => match who.person.partners_in(area_code).as_slice() {
            [only] => find(only).map(Some),
            [] => Err(Refusal::Absent),
            _ => Err(Refusal::field("on_behalf_of", "Select the organisation that the return is for")),
        },
        id if is_own(id) => find(id).map(Some),
        _ => Err(Refusal::Absent),
    }
}

fn may_see(who: &Who, sent: &SentReturn) -> bool {
    who.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], &sent.area_code)
        || who.person.partners_in(&sent.area_code).contains(&sent.partner_id.as_str())
}

/// Whether somebody may accept the return or send it back: another person than its sender, who approves
/// for that partner or manages the pooled budget.
fn may_decide(who: &Who, sent: &SentReturn) -> bool {
    who.person.id != sent.sent_by && is_judge(who, sent)
}

fn is_judge(who: &Who, sent: &SentReturn) -> bool {
    who.person.is(Role::PooledBudgetManager, &sent.area_code)
        || who.person.is_of(Role::PartnerApprover, &sent.area_code, &sent.partner_id)
}

fn state_of(sent: &SentReturn) -> &'static str {
    sent.outcome().map_or("submitted", ReturnOutcome::name)
}

fn view(store: &mut Store, who: &Who, plan: &AreaPlan, sent: &SentReturn) -> Result<ReturnView, Refusal> {
    let decision = match &sent.decision {
        None => None,
        Some(decision) => Some(DecisionView {
            decided_by: name_of(store, decision.decided_by)?,
            decided_at: decision.decided_at,
            reason: decision.reason.clone(),
            submission: decision.submission,
        }),
    };
    let partner = plan.partners.iter().find(|partner| partner.id == sent.partner_id);
    Ok(ReturnView {
        reference: reference(&sent.area_code, sent.number),
        area_code: sent.area_code.clone(),
        number: sent.number,
        month: sent.as_at.to_string(),
        return_type: sent.return_type.name(),
        partner_name: match (sent.partner_id.as_str(), partner) {
            ("", _) => "All partners".to_owned(),
            (_, Some(partner)) => partner.name.clone(),
            // The plan has changed since.
            (id, None) => id.to_owned(),
        },
        partner_id: sent.partner_id.clone(),
        file_name: sent.file_name.clone(),
        sha256: hex(&sent.sha256),
        way: sent.way.name(),
        rows: sent.rows,
        queries: sent.queries,
        comment: sent.comment.clone(),
        state: state_of(sent),
        sent_by: name_of(store, sent.sent_by)?,
        sent_at: sent.sent_at,
        may_decide: sent.decision.is_none() && may_decide(who, sent),
        may_withdraw: sent.decision.is_none() && who.person.id == sent.sent_by,
        decision,
    })
}

fn name_of(store: &mut Store, person: u32) -> Result<String, StoreError> {
    Ok(store.person(person)?.map_or_else(|| format!("person {person}"), |person| person.name))
}

/// Whoever came second is told so; any other failure is the system's.
fn or_conflict(error: StoreError) -> Refusal {
    match error {
        StoreError::Overtaken(what) => {
            let mut words = what.to_owned();
            if let Some(first) = words.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            Refusal::Conflict(words + ". Load the page again to see how things stand.")
        }
        error => error.into(),
    }
}
