//! Reminds a partner's people of what is due soon and of what is late, once for each.

use super::{
    super::{
        Fault,
        telling::{Told, to_each},
        worker::Task,
    },
    NO_AREA,
};
use crate::{
    figures::period::Month,
    people::Role,
    schedule::calendar::working_days_after,
    service::{
        Refusal, Service,
        london::{day_in_london, day_in_words},
        returns::{DueRow, DueState},
    },
    store::{MessageKind, Outcome},
};
use chrono::{Datelike, Days, NaiveDate};

/// A return is due soon from so many working days before.
const SOON_WORKING_DAYS: u32 = 3;
/// What was due so long ago and has not come is a matter for people: nobody is reminded of it any more.
const FORGOTTEN_AFTER: Days = Days::new(31);

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let at = service.time()?;
    let told = match reminders(service, area_code, day_in_london(at)) {
        Ok(told) => told,
        Err(Refusal::Absent) => return task.unchanged(NO_AREA),
        Err(refusal) => return Err(refusal.into()),
    };
    let messages: Vec<_> = told.iter().map(|told| told.message(area_code, at)).collect();
    let (claim, ending_at) = (task.claimed.claim, at);
    let words = |written: usize| match written {
        0 => Outcome::NoChange("Nobody is to be reminded of anything new".into()),
        _ => Outcome::Changed(format!("Wrote {}", super::counted(written, "reminder", "reminders"))),
    };
    Ok(service.change(|store| store.end_told(claim, ending_at, &messages, words))?)
}

/// Every reminder of today's, whether it was written before or not.
fn reminders(service: &Service, area_code: &str, today: NaiveDate) -> Result<Vec<Told>, Refusal> {
    let soon = working_days_after(today, SOON_WORKING_DAYS).unwrap_or(today);
    let since = today - FORGOTTEN_AFTER;
    let mut told = Vec::new();
    for month in months_about(today) {
        for row in service.due_rows(None, area_code, month)? {
            let kind = match row.state {
                DueState::NotDue | DueState::DueSoon if row.due_on >= today && row.due_on <= soon => {
                    MessageKind::ReturnDueSoon
                }
                DueState::Late if row.due_on >= since => MessageKind::ReturnLate,
                _ => continue,
            };
            told.extend(reminder(service, area_code, month, &row, kind)?);
        }
    }
    Ok(told)
}

/// The months whose returns may be due about now: some are due in the month after next.
fn months_about(today: NaiveDate) -> Vec<Month> {
    let this = Month::new(today.year(), today.month().cast_signed());
    this.map(|this| (-6..=1).map(|later| this.plus(later)).collect()).unwrap_or_default()
}

fn reminder(
    service: &Service,
    area_code: &str,
    month: Month,
    row: &DueRow,
    kind: MessageKind,
) -> Result<Vec<Told>, Refusal> {
    let people = service.people_who(|person| {
        [Role::PartnerOfficer, Role::PartnerApprover]
            .into_iter()
            .any(|role| person.is_of(role, area_code, &row.partner_id))
    })?;
    let subject = format!("{} of {}, {month}", row.return_type, row.partner_id);
    let what = format!("{}’s {} return for {}", row.partner_name, row.return_type, month.name());
    let (title, body) = match kind {
        MessageKind::ReturnLate => (
            format!("The {} return for {} is late", row.return_type, month.name()),
            format!(
                "{what} was due on {} and has not come. Send it as soon as you can.\n",
                day_in_words(row.due_on)
            ),
        ),
        _ => (
            format!(
                "The {} return for {} is due on {}",
                row.return_type,
                month.name(),
                day_in_words(row.due_on)
            ),
            format!("{what} is due on {}.\n", day_in_words(row.due_on)),
        ),
    };
    Ok(to_each(&people, kind, &subject, &title, &body))
}
