//! Reminds a partner's people of what is due soon and of what is late, once for each.

use super::{
    super::{Fault, worker::Task},
    NO_AREA,
};
use crate::{
    figures::period::Month,
    schedule::{calendar::working_days_after, london::day_in_london},
    service::{
        Refusal, Service,
        post::told::{Told, new_messages},
        returns::DueState,
    },
    store::Outcome,
};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

/// A return is due soon from so many working days before.
const SOON_WORKING_DAYS: u32 = 3;
/// What was due so long ago and has not come is a matter for people: nobody is reminded of it any more.
const FORGOTTEN_AFTER: Days = Days::new(31);

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let at = service.time()?;
    let told = match reminders(service, area_code, at) {
        Ok(told) => told,
        Err(Refusal::Absent) => return task.unchanged(NO_AREA),
        Err(refusal) => return Err(refusal.into()),
    };
    let messages = new_messages(&told);
    let (claim, ending_at) = (task.claimed.claim, at);
    let words = |written: usize| match written {
        0 => Outcome::NoChange("Nobody is to be reminded of anything new".into()),
        _ => Outcome::Changed(format!("Wrote {}", super::counted(written, "reminder", "reminders"))),
    };
    Ok(service.change(|store| store.end_told(claim, ending_at, &messages, words))?)
}

/// Every reminder of today's, whether it was written before or not.
fn reminders(service: &Service, area_code: &str, at: NaiveDateTime) -> Result<Vec<Told>, Refusal> {
    let today = day_in_london(at);
    let soon = working_days_after(today, SOON_WORKING_DAYS).unwrap_or(today);
    let since = today - FORGOTTEN_AFTER;
    let mut told = Vec::new();
    for month in months_about(today) {
        for row in service.due_rows(None, area_code, month)? {
            let is_to_be_told = match row.state {
                DueState::NotDue | DueState::DueSoon => row.due_on >= today && row.due_on <= soon,
                DueState::Late => row.due_on >= since,
                DueState::Submitted | DueState::Accepted | DueState::SentBack => false,
            };
            if is_to_be_told {
                told.extend(service.tell_return_due((area_code, month), &row, at)?);
            }
        }
    }
    Ok(told)
}

/// The months whose returns may be due about now: some are due in the month after next.
fn months_about(today: NaiveDate) -> Vec<Month> {
    let this = Month::new(today.year(), today.month().cast_signed());
    this.map(|this| (-6..=1).map(|later| this.plus(later)).collect()).unwrap_or_default()
}
