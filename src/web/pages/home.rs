//! The first page: for whoever has signed in their areas and what comes next in each, for everybody else
//! the published packs.

use super::packs::VersionShown;
use crate::{
    figures::period::Month,
    packs::compose::value,
    people::Role,
    service::{
        Refusal, Service, Who,
        live::AreaNow,
        month::TaskState,
        returns::{DueRow, DueState, RETURN_READERS, ReturnQuery, ReturnView, SENDERS},
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
    /// What the partners agreed is known; without it there is no area to work in.
    has_plan: bool,
    areas: Vec<AreaSteps>,
    /// There are too many areas for their steps to be told here.
    others: Vec<AreaLink>,
    /// Whoever looks after people, plans and jobs, and reads no area's figures by that.
    is_administrator: bool,
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
    /// No return with figures has been accepted for the area yet: no figure says anything.
    is_new: bool,
    /// Its targets have come already.
    has_targets: bool,
    /// A return has come, and waits or was accepted: the next is not the first.
    has_returns: bool,
    steps: Vec<Step>,
    /// Nothing of the month is left to do.
    is_done: bool,
    /// Where a return is sent; empty for whoever sends none, and where the month takes none.
    send: String,
    incentive: Option<Incentive>,
    pack: Option<VersionShown>,
}

/// What the outcome incentive stands at.
#[derive(Serialize)]
struct Incentive {
    month: String,
    earned: String,
    pot: String,
    place: String,
    contract: String,
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
    let is_administrator = who.person.is_any_anywhere(&[Role::Administrator]);
    let mut page = Home {
        name: who.person.name.clone(),
        has_plan: plan.is_some(),
        areas: Vec::new(),
        others: Vec::new(),
        is_administrator,
    };
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
/// the latest that was reported. Where nothing was, it is the plan's month that lies closest.
pub fn working_month(service: &Service, area: &AreaNow) -> Month {
    let today = words::day_in_england(service.clock.now());
    let Some(ended) = Month::new(today.year(), today.month().cast_signed()).map(|month| month.plus(-1))
    else {
        return area.latest_month();
    };
    match area.reports_on(ended) {
        true => ended,
        false if is_new(area) => {
            let months = area.months();
            months.iter().find(|month| **month <= ended).or(months.last()).copied().unwrap_or(ended)
        }
        false => area.latest_month(),
    }
}

/// Whether no return with figures has been accepted for the area yet.
pub fn is_new(area: &AreaNow) -> bool {
    let facts = area.facts();
    facts.measures.is_empty() && facts.finance.is_empty() && facts.capitation.is_empty()
}

fn steps_in(service: &Service, who: &Who, code: &str, name: &str) -> Result<AreaSteps, Refusal> {
    let area = service.area(code)?;
    let (month, is_new) = (working_month(service, &area), is_new(&area));
    let has_targets = !area.facts().targets.is_empty();
    let under = format!("/areas/{code}/{month}");
    let mut steps = Vec::new();
    let some_wait = steps_of_returns(service, who, (code, month), &mut steps)?;
    if who.person.is(Role::PooledBudgetManager, code) {
        for task in service.month_tasks(who, code, month)? {
            let (words, entry) = match (task.step, task.state) {
                ("commentary", TaskState::ToDo) => ("Write commentary", "commentary"),
                ("review", TaskState::ToDo) if !is_new => ("Prepare the pack", "packs"),
                ("approval", TaskState::ToDo) => ("Approve the pack", "packs"),
                (_, _) => continue,
            };
            let words = format!("{words}: {}", task.status.to_lowercase());
            steps.push(Step { words, place: format!("{under}/{entry}"), tag: "To do", kind: "notice" });
        }
        let place = format!("{under}/tasks");
        steps.push(Step { words: "The month’s tasks".into(), place, tag: "", kind: "" });
    }
    let sends = who.person.is_any(&[Role::PartnerOfficer, Role::PartnerApprover], code)
        || is_new && who.person.is(Role::PooledBudgetManager, code);
    let may_send = sends && !service.month_state(who, code, month)?.is_locked;
    let packs = service.packs(who, code)?;
    let pack = packs.iter().find(|pack| pack.is_out && pack.superseded_by.is_none());
    Ok(AreaSteps {
        code: code.to_owned(),
        name: name.to_owned(),
        month: month.name(),
        is_new,
        has_targets,
        has_returns: !is_new || has_targets || some_wait,
        is_done: steps.iter().all(|step| step.kind == "good"),
        steps,
        send: if may_send { format!("{under}/returns/upload") } else { String::new() },
        incentive: incentive(service, who, code)?,
        pack: pack.map(|pack| VersionShown::of(pack, &format!("/areas/{code}/packs"))),
    })
}

/// Returns that an officer's organisation owes, and those that wait: to be decided on by an approver or
/// manager, or to be known of by whoever sent them. Whether any waits that whoever asks knows of.
fn steps_of_returns(
    service: &Service,
    who: &Who,
    (code, month): (&str, Month),
    steps: &mut Vec<Step>,
) -> Result<bool, Refusal> {
    if !who.person.is_any(RETURN_READERS, code) {
        return Ok(false);
    }
    let place = format!("/areas/{code}/{month}/returns");
    // A draft of a locked month cannot be sent: the month's own page lists it.
    if who.person.is_any(SENDERS, code) && !service.month_state(who, code, month)?.is_locked {
        steps.extend(service.begun_returns(who, code, month)?.iter().map(|draft| {
            let kind = draft.return_type.name();
            Step {
                words: format!("Finish the {kind} return “{}”: say why, and send it", draft.file_name),
                place: format!("{place}/drafts/{kind}?for={}", draft.partner_id),
                tag: "Draft",
                kind: "notice",
            }
        }));
    }
    if who.person.is(Role::PartnerOfficer, code) {
        for owed in service.returns_due(who, code, month)?.rows {
            if who.person.is_of(Role::PartnerOfficer, code, &owed.partner_id) {
                steps.extend(owed_step(&owed, &place));
            }
        }
    }
    let waiting = ReturnQuery { state: Some("submitted"), ..ReturnQuery::default() };
    let waiting = service.sent_returns(who, code, waiting)?;
    for sent in &waiting {
        steps.extend(waiting_step(service, who, code, sent)?);
    }
    Ok(!waiting.is_empty())
}

/// How it stands with a return that an officer's own organisation owes; nothing of one that waits, which
/// stands among the waiting ones.
fn owed_step(owed: &DueRow, place: &str) -> Option<Step> {
    let named = format!("the {} return of {}", owed.return_type, owed.partner_name);
    let due = words::day(owed.due_on);
    let (words, tag, kind) = match owed.state {
        DueState::SentBack => (format!("Correct {named}, due {due}"), "Sent back", "bad"),
        DueState::Late => (format!("Send {named}, due {due}"), "Late", "bad"),
        DueState::DueSoon => (format!("Send {named}, due {due}"), "Due soon", "notice"),
        DueState::NotDue => (format!("Send {named}, due {due}"), "Not due yet", ""),
        DueState::Accepted => (words::capital(&named), "Accepted", "good"),
        DueState::Submitted => return None,
    };
    let place = owed.number.map_or_else(|| place.to_owned(), |number| format!("{place}/{number}"));
    Some(Step { words, place, tag, kind })
}

/// What whoever asks has to do about a return that waits: to decide, or to know that somebody else does.
/// Nothing for auditors, who look at returns on their own page.
fn waiting_step(
    service: &Service,
    who: &Who,
    code: &str,
    sent: &ReturnView,
) -> Result<Option<Step>, Refusal> {
    let is_manager = who.person.is(Role::PooledBudgetManager, code);
    let is_own = who.person.partners_in(code).contains(&sent.partner_id.as_str());
    let Some(month) = Month::parse(sent.month.as_bytes()).filter(|_| is_manager || is_own) else {
        return Ok(None);
    };
    let is_locked = service.month_state(who, code, month)?.is_locked;
    let named = format!("the {} return of {} for {}", sent.return_type, sent.partner_name, month.name());
    let (words, tag, kind) = match (is_locked, sent.may_decide) {
        (true, true) => (format!("Too late to accept {named}"), "Month locked", "watch"),
        (true, false) => (format!("Not accepted in time: {named}"), "Month locked", "watch"),
        (false, true) => (format!("Decide on {named}"), "To do", "notice"),
        (false, false) => (format!("Waits to be accepted: {named}"), "Submitted", "notice"),
    };
    let place = format!("/areas/{code}/{month}/returns/{}", sent.number);
    Ok(Some(Step { words, place, tag, kind }))
}

/// What the incentive stands at, for whoever comes for the contract; none where there is no contract.
fn incentive(service: &Service, who: &Who, code: &str) -> Result<Option<Incentive>, Refusal> {
    if !who.person.is(Role::AllianceMember, code) {
        return Ok(None);
    }
    let area = service.area(code)?;
    let month = area.latest_month();
    Ok(area.position(month).contract.map(|contract| Incentive {
        month: month.name(),
        earned: value::money(contract.incentive.earned),
        pot: value::money(contract.incentive.pot),
        place: format!("/areas/{code}/{month}/incentive"),
        contract: format!("/areas/{code}/{month}/contract"),
    }))
}
