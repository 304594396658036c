//! What is due, what has come, and who is in time.
//!
//! A return has come for a partner, type and month when its people sent one for that month that was
//! neither sent back nor withdrawn, or when facts of that month are held all the same: from a pooled
//! budget manager's return for all, from a later return, or from a file that was taken in without this
//! service. Of the last nobody knows when the partner sent it, so it does not count for or against them.

use super::may_see;
use crate::{
    figures::{
        agreement::{AreaPlan, ReturnDue},
        facts::{AreaFacts, ReturnType},
        period::Month,
    },
    people::Role,
    schedule::london::day_in_london,
    service::{Refusal, Service, Who, shown},
    store::{ReturnOutcome, SentReturn, Submission},
};
use chrono::{Days, NaiveDate, NaiveDateTime};
use serde::Serialize;

/// From so many days before it is due, a return is due soon.
const SOON_DAYS: u64 = 7;

/// Who may know what is due and what is late: it stands beside the figures.
const MAY_KNOW: &[Role] = &[
    Role::PartnerOfficer,
    Role::PartnerApprover,
    Role::PooledBudgetManager,
    Role::BoardMember,
    Role::AllianceMember,
    Role::Auditor,
];

/// How things stand with a return that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    NotDue,
    DueSoon,
    Late,
    Submitted,
    Accepted,
    SentBack,
}

/// A return that a partner owes for a month.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct DueRow {
    pub partner_id: String,
    pub partner_name: String,
    pub return_type: &'static str,
    #[serde(serialize_with = "shown::day")]
    #[schemars(with = "String")]
    pub due_on: NaiveDate,
    pub state: DueState,
    /// The latest return that was sent for it, where whoever asks may see it.
    pub number: Option<u32>,
    /// It has come, though perhaps nobody has accepted it yet.
    pub is_received: bool,
    /// Something of it is in the figures.
    pub is_accepted: bool,
    /// It came after the day on which it was due.
    pub came_late: bool,
    /// It was taken in from a file without this service: nobody knows whether it was in time.
    pub from_a_file: bool,
    /// What the rows that are held of it lack, such as `rows are held, but no actual`; empty where it has
    /// come, or where nothing is held.
    pub lacks: &'static str,
}

/// What is due for a month, in the plan's order, and how much of it has come.
#[derive(Clone, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct ReturnsDue {
    pub rows: Vec<DueRow>,
    pub due: u32,
    pub received: u32,
    pub accepted: u32,
    /// Came after they were due.
    pub late: u32,
    /// Are overdue and have not come.
    pub missing: u32,
}

/// How often a partner was in time over past months.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct OnTime {
    pub partner_id: String,
    pub partner_name: String,
    /// Returns that were due, less those of which nobody knows when they came.
    pub due: u32,
    pub on_time: u32,
    pub late: u32,
    pub missing: u32,
    /// Whole per cent; none where nothing was due.
    pub percent: Option<u32>,
}

impl Service {
    /// What is due for an area's month and how things stand with it.
    pub fn returns_due(&self, who: &Who, area_code: &str, month: Month) -> Result<ReturnsDue, Refusal> {
        who.must_be(MAY_KNOW, area_code)?;
        let today = day_in_london(self.clock.now());
        let mut due = ReturnsDue::default();
        for row in self.due_rows(Some(who), area_code, month)? {
            due.due += 1;
            due.received += u32::from(row.is_received);
            due.accepted += u32::from(row.is_accepted);
            due.late += u32::from(row.came_late);
            due.missing += u32::from(!row.is_received && today > row.due_on);
            due.rows.push(row);
        }
        Ok(due)
    }

    /// The returns that are due for a month; their numbers where `who` may see them.
    pub(in crate::service) fn due_rows(
        &self,
        who: Option<&Who>,
        area_code: &str,
        month: Month,
    ) -> Result<Vec<DueRow>, Refusal> {
        let area = self.area(area_code)?;
        let known = Known::of(self, area_code)?;
        let today = day_in_london(self.clock.now());
        let plan = area.agreement();
        let owed = plan.returns_due.iter();
        Ok(owed.map(|owed| known.row(plan, area.facts(), *owed, month, today, who)).collect())
    }

    /// How often each partner was in time, over the months of `until`'s financial year up to it whose
    /// returns are due by now. In the order of the plan's partners; those who owe nothing are left out.
    pub fn on_time_rates(&self, who: &Who, area_code: &str, until: Month) -> Result<Vec<OnTime>, Refusal> {
        who.must_be(MAY_KNOW, area_code)?;
        let area = self.area(area_code)?;
        let known = Known::of(self, area_code)?;
        let today = day_in_london(self.clock.now());
        let plan = area.agreement();
        let months = || {
            let first = until.financial_year().first_month();
            (0..=until.since(first))
                .map(move |later| first.plus(later))
                .filter(|month| area.reports_on(*month))
        };
        let mut rates = Vec::new();
        for (place, partner) in plan.partners.iter().enumerate() {
            let owed: Vec<&ReturnDue> =
                plan.returns_due.iter().filter(|owed| owed.partner == place).collect();
            if owed.is_empty() {
                continue;
            }
            let (mut on_time, mut late, mut missing) = (0, 0, 0);
            for month in months() {
                for owed in &owed {
                    let row = known.row(plan, area.facts(), **owed, month, today, None);
                    match row {
                        row if row.from_a_file => {}
                        row if row.is_received && row.came_late => late += 1,
                        row if row.is_received => on_time += 1,
                        row if today > row.due_on => missing += 1,
                        _ => {}
                    }
                }
            }
            let due = on_time + late + missing;
            rates.push(OnTime {
                partner_id: partner.id.clone(),
                partner_name: partner.name.clone(),
                due,
                on_time,
                late,
                missing,
                percent: (due > 0).then(|| (on_time * 100 + due / 2) / due),
            });
        }
        Ok(rates)
    }
}

/// What the store knows of an area's returns.
struct Known {
    /// The latest first.
    sent: Vec<SentReturn>,
    submissions: Vec<Submission>,
}

impl Known {
    fn of(service: &Service, area_code: &str) -> Result<Known, Refusal> {
        let mut store = service.store()?;
        Ok(Known {
            sent: store.sent_returns(area_code, None)?,
            submissions: store.submissions(Some(area_code))?,
        })
    }

    fn row(
        &self,
        plan: &AreaPlan,
        facts: &AreaFacts,
        owed: ReturnDue,
        month: Month,
        today: NaiveDate,
        who: Option<&Who>,
    ) -> DueRow {
        let partner = &plan.partners[owed.partner];
        let is_meant = |sent: &&SentReturn| {
            (sent.partner_id.as_str(), sent.return_type, sent.as_at)
                == (partner.id.as_str(), owed.return_type, month)
        };
        let latest =
            self.sent.iter().filter(is_meant).find(|sent| sent.outcome() != Some(ReturnOutcome::Withdrawn));
        let first_in_hand = self.sent.iter().rev().filter(is_meant).find(|sent| sent.is_in_hand());
        let held = reported_under(plan, facts, owed, month).map(|submission| self.came_at(submission));
        let came_at = first_in_hand.map(|sent| sent.sent_at).or(held.flatten());
        let from_a_file = came_at.is_none() && held.is_some();
        let was_accepted = |sent: &SentReturn| sent.outcome() == Some(ReturnOutcome::Accepted);
        let is_accepted = held.is_some() || self.sent.iter().filter(is_meant).any(was_accepted);
        let due_on = owed.due_on(month);
        let state = match latest.map(SentReturn::outcome) {
            Some(None) => DueState::Submitted,
            Some(Some(ReturnOutcome::SentBack)) => DueState::SentBack,
            _ if is_accepted => DueState::Accepted,
            _ if today > due_on => DueState::Late,
            _ if today + Days::new(SOON_DAYS) >= due_on => DueState::DueSoon,
            _ => DueState::NotDue,
        };
        DueRow {
            partner_id: partner.id.clone(),
            partner_name: partner.name.clone(),
            return_type: owed.return_type.name(),
            due_on,
            state,
            number: latest.filter(|sent| who.is_some_and(|who| may_see(who, sent))).map(|sent| sent.number),
            is_received: first_in_hand.is_some() || held.is_some(),
            is_accepted,
            came_late: came_at.is_some_and(|at| day_in_london(at) > due_on),
            from_a_file,
            lacks: match is_accepted {
                false if has_no_actual(facts, owed, month) => "rows are held, but no actual",
                _ => "",
            },
        }
    }

    /// When the return came that became this submission; none where it came without this service.
    fn came_at(&self, submission: u32) -> Option<NaiveDateTime> {
        let became = |sent: &&SentReturn| {
            sent.decision.as_ref().is_some_and(|decision| decision.submission == Some(submission))
        };
        // A file that was taken in before somebody sent the same bytes came without the service.
        let taken_in = self.submissions.iter().find(|held| held.number == submission)?;
        let sent = self.sent.iter().rev().find(became)?;
        (sent.sent_at <= taken_in.received_at).then_some(sent.sent_at)
    }
}

/// Whether finance rows of a partner's month are held, none of which has an actual.
fn has_no_actual(facts: &AreaFacts, owed: ReturnDue, month: Month) -> bool {
    let mut own = facts
        .finance
        .iter()
        .filter(|line| line.month == month && usize::from(line.partner) == owed.partner)
        .peekable();
    owed.return_type == ReturnType::Finance && own.peek().is_some() && own.all(|line| line.actual.is_none())
}

/// The submission under which a partner's facts of a month are held, if any are.
fn reported_under(plan: &AreaPlan, facts: &AreaFacts, owed: ReturnDue, month: Month) -> Option<u32> {
    let is_own = |partner: u16| usize::from(partner) == owed.partner;
    let source = match owed.return_type {
        ReturnType::Finance => facts
            .finance
            .iter()
            .find(|line| line.month == month && is_own(line.partner) && line.actual.is_some())
            .map(|line| line.source),
        ReturnType::Measures => facts
            .measures
            .iter()
            .find(|fact| fact.month == month && is_own(fact.partner))
            .map(|fact| fact.source),
        // Lines do not name who sent them: the provider does.
        ReturnType::Capitation => facts
            .capitation
            .iter()
            .find(|line| {
                line.month == month
                    && plan.contract.as_ref().is_some_and(|contract| contract.provider == owed.partner)
            })
            .map(|line| line.source),
        ReturnType::Targets => None,
    };
    source.map(|source| source.submission)
}
