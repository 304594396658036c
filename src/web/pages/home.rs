//! The first page: for whoever has signed in their areas and what comes next in each, for everybody else
//! the published packs.

use super::packs::VersionShown;
use crate::{
    figures::period::Month,
    people::Role,
    service::{
        Refusal, Service, Who,
        month::TaskState,
        returns::{DueState, ReturnQuery},
    },
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, READERS, Route},
        words,
    },
};
use chrono::Datelike;
use serde::Serialize;

pub const ROUTES: &[Route] = &[Route::get("/", Allows::Anyone, home)];

/// Areas whose next steps are looked up for this page; of more there is a list alone.
const MOST_AREAS: usize = 6;

#[derive(Serialize)]
struct Home {
    name: String,
    areas: Vec<AreaSteps>,
    /// There are too many areas for their steps to be told here.
    others: Vec<AreaLink>,
}

#[derive(Serialize)]
struct AreaLink {
    code: String,
    name: String,
}

/// An area, and what comes next there.
#[derive(Serialize)]
struct AreaSteps {
    code: String,
    name: String,
    month: String,
    steps: Vec<Step>,
    pack: Option<VersionShown>,
}

#[derive(Serialize)]
struct Step {
    words: String,
    place: String,
    tag: &'static str,
    kind: &'static str,
}

fn home(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let Some(who) = &asked.who else {
        return super::public::list(asked);
    };
    let plan = match asked.service.plan() {
        Ok(plan) => Some(plan),
        Err(Refusal::Absent) => None,
        Err(refusal) => return Err(refusal),
    };
    let areas = plan.iter().flat_map(|plan| &plan.plan.areas).map(|plan| &plan.area);
    let mut page = Home { name: who.person.name.clone(), areas: Vec::new(), others: Vec::new() };
    for area in areas.filter(|area| who.person.is_any(READERS, &area.code)) {
        if page.areas.len() < MOST_AREAS {
            page.areas.push(steps_in(asked.service, who, &area.code, &area.name)?);
        } else {
            page.others.push(AreaLink { code: area.code.clone(), name: area.name.clone() });
        }
    }
    asked.page(&Page::new("home", "Home"), &page)
}

/// The month that an area's people work on: the last that has ended or, where the plan does not reach it,
/// the latest that was reported.
fn working_month(service: &Service, area_code: &str) -> Result<Month, Refusal> {
    let area = service.area(area_code)?;
    let today = words::day_in_england(service.clock.now());
    let ended = Month::new(today.year(), today.month().cast_signed()).map(|month| month.plus(-1));
    Ok(ended.filter(|month| area.reports_on(*month)).unwrap_or_else(|| area.latest_month()))
}

fn steps_in(service: &Service, who: &Who, code: &str, name: &str) -> Result<AreaSteps, Refusal> {
    let month = working_month(service, code)?;
    let under = format!("/areas/{code}/{month}");
    let mut steps = Vec::new();
    steps_of_returns(service, who, (code, month), &mut steps)?;
    if who.person.is(Role::PooledBudgetManager, code) {
        for task in service.month_tasks(who, code, month)? {
            let (words, entry) = match (task.step, task.state) {
                ("commentary", TaskState::ToDo) => ("Write commentary", "commentary"),
                ("review", TaskState::ToDo) => ("Prepare the pack", "packs"),
                ("approval", TaskState::ToDo) => ("Approve the pack", "packs"),
                (_, _) => continue,
            };
            let words = format!("{words}: {}", task.status.to_lowercase());
            steps.push(Step { words, place: format!("{under}/{entry}"), tag: "To do", kind: "notice" });
        }
        let place = format!("{under}/tasks");
        steps.push(Step { words: "The month’s tasks".into(), place, tag: "", kind: "" });
    }
    let packs = service.packs(who, code)?;
    let pack = packs.iter().find(|pack| pack.is_out && pack.superseded_by.is_none());
    Ok(AreaSteps {
        code: code.to_owned(),
        name: name.to_owned(),
        month: month.name(),
        steps,
        pack: pack.map(|pack| VersionShown::of(pack, &format!("/areas/{code}/packs"))),
    })
}

/// Returns to be sent by an officer, and to be decided on by an approver or manager.
fn steps_of_returns(
    service: &Service,
    who: &Who,
    (code, month): (&str, Month),
    steps: &mut Vec<Step>,
) -> Result<(), Refusal> {
    let place = format!("/areas/{code}/{month}/returns");
    if who.person.is(Role::PartnerOfficer, code) {
        for owed in service.returns_due(who, code, month)?.rows {
            let (verb, tag, kind) = match owed.state {
                DueState::SentBack => ("Correct", "Sent back", "bad"),
                DueState::Late => ("Send", "Late", "bad"),
                DueState::DueSoon | DueState::NotDue => ("Send", "To do", "notice"),
                DueState::Submitted | DueState::Accepted => continue,
            };
            if !who.person.is_of(Role::PartnerOfficer, code, &owed.partner_id) {
                continue;
            }
            let words = format!(
                "{verb} the {} return of {}, due {}",
                owed.return_type,
                owed.partner_name,
                words::day(owed.due_on)
            );
            steps.push(Step { words, place: place.clone(), tag, kind });
        }
    }
    if who.person.is_any(&[Role::PartnerApprover, Role::PooledBudgetManager], code) {
        let sent = service.sent_returns(who, code, ReturnQuery::default())?;
        for sent in sent.iter().filter(|sent| sent.may_decide) {
            let words = format!("Decide on the {} return of {}", sent.return_type, sent.partner_name);
            let place = format!("/areas/{code}/{}/returns/{}", sent.month, sent.number);
            steps.push(Step { words, place, tag: "To do", kind: "notice" });
        }
    }
    Ok(())
}
