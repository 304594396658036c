//! OWN: nobody sends for another of the area's organisations.

use super::{Checker, Row, Sheet};
use crate::{
    figures::{
        agreement::AreaPlan,
        facts::{AreaFacts, ReturnType},
        period::Month,
    },
    returns::columns::columns,
};
use std::collections::HashMap;

/// Whoever may send no rows but their own organisation's.
pub(super) struct Sender<'a> {
    pub(super) org_code: &'a str,
    /// The partner that reported a measure's month.
    reported: HashMap<(u16, Month), u16>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(org_code: &'a str, held: &AreaFacts) -> Sender<'a> {
        let reported = held.measures.iter().map(|fact| ((fact.measure, fact.month), fact.partner));
        Sender { org_code, reported: reported.collect() }
    }

    /// Whose the measure's month is: its reporter's, else that of whoever reported the measure last.
    fn reporter(&self, measure: u16, month: Option<Month>) -> Option<u16> {
        let of_month = month.and_then(|month| self.reported.get(&(measure, month)));
        let last = || {
            let of_measure = self.reported.iter().filter(|((known, _), _)| *known == measure);
            of_measure.max_by_key(|((_, month), _)| *month).map(|(_, partner)| partner)
        };
        of_month.or_else(last).copied()
    }
}

/// Whether an organisation sends capitation returns: as the contract's provider, or because the plan
/// says that its return is due.
fn sends_capitation(plan: &AreaPlan, org_code: &str) -> bool {
    let Some(contract) = &plan.contract else { return true };
    let due = plan.returns_due.iter().filter(|due| due.return_type == ReturnType::Capitation);
    let mut senders = due.map(|due| due.partner).chain([contract.provider]);
    senders.any(|partner| plan.partners[partner].org_code == org_code)
}

impl Sheet<'_> {
    /// Whether the row is for its sender to send. What a measure's reporter has said nobody else of the
    /// area's partners says otherwise; a pooled budget manager, who sends for all, may.
    pub(super) fn is_of_sender(&mut self, row: Row<'_>, checker: &Checker<'_>) -> bool {
        let Some(sender) = &checker.sender else { return true };
        let own = sender.org_code;
        let place =
            |heading: &str| columns(self.return_type).iter().position(|column| column.heading == heading);
        let (organisation, measure, period) = (place("org_code"), place("measure_id"), place("period"));
        let Some(organisation) = organisation else { return true };
        let found = self.field(row, organisation);
        if found != own.as_bytes() {
            if checker.organisation(found).is_none() {
                return true;
            }
            let remedy = format!("is another organisation's row. Take it out: your own rows have {own}");
            self.fault(row, organisation, "OWN", remedy);
            return false;
        }
        if self.return_type == ReturnType::Capitation && !sends_capitation(checker.plan, own) {
            let remedy = "does not send this return: the contract's provider does. Ask them to send it";
            self.fault(row, organisation, "OWN", remedy);
            return false;
        }
        let (Some(measure), Some(period)) = (measure, period) else { return true };
        let Some(index) = checker.measures.get(self.field(row, measure)) else { return true };
        let reporter = sender.reporter(*index, Month::parse(self.field(row, period)));
        let reporter = reporter.map(|partner| &checker.plan.partners[usize::from(partner)]);
        let Some(other) = reporter.filter(|partner| partner.org_code != own) else { return true };
        let remedy = format!(
            "is reported by {}. Take the row out, or ask the pooled budget manager to send it",
            other.name
        );
        self.fault(row, measure, "OWN", remedy);
        false
    }
}
