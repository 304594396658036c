//! The month's returns: what is due, what waits, templates, and the month's lock.

use super::{base, capital, plural, return_type_of_file, tag};
use crate::{
    figures::{agreement::AreaPlan, facts::ReturnType},
    people::Role,
    returns::template::xlsx_template,
    service::{
        Refusal,
        refusal::FieldFault,
        returns::{DueRow, DueState, MonthState, OnTime, ReturnQuery, SENDERS},
    },
    web::{
        answer::{Answer, CSV},
        asked::Asked,
        page::Page,
        words::{day, moment},
    },
};
use serde::Serialize;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Serialize)]
struct Home {
    base: String,
    month_name: String,
    /// The months beside this one that returns can be sent for.
    beside: Vec<MonthBeside>,
    area_address: String,
    may_send: bool,
    sees_all: bool,
    summary: String,
    partners: Vec<PartnerTasks>,
    drafts: Vec<Task>,
    to_decide: Vec<Task>,
    rates: Vec<RateRow>,
    has_rates: bool,
    rates_note: String,
    templates: Vec<TemplateLinks>,
    state: MonthState,
    errors: Vec<FieldFault>,
    reason: String,
    reason_error: String,
}

#[derive(Serialize)]
struct MonthBeside {
    place: String,
    name: String,
}

#[derive(Serialize)]
struct PartnerTasks {
    partner: String,
    tasks: Vec<Task>,
}

#[derive(Serialize)]
struct Task {
    words: String,
    /// Empty where it leads nowhere.
    place: String,
    hint: String,
    tag: &'static str,
    class: &'static str,
}

#[derive(Serialize)]
struct RateRow {
    partner: String,
    due: u32,
    on_time: u32,
    late: u32,
    missing: u32,
    percent: String,
}

#[derive(Serialize)]
struct TemplateLinks {
    name: String,
    return_type: &'static str,
    /// Can be typed in on a page.
    has_form: bool,
}

pub(super) fn home(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, Vec::new(), "")
}

fn draw(asked: &Asked<'_>, errors: Vec<FieldFault>, reason: &str) -> Result<Answer, Refusal> {
    let (who, area, month) = (asked.who()?, asked.area_code(), asked.month()?);
    let place = asked.place("returns")?;
    let base = base(asked)?;
    let own = who.person.partners_in(area);
    let sees_all = who.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], area);
    let may_send = who.person.is_any(SENDERS, area);
    let due = asked.service.returns_due(who, area, month)?;
    let is_shown = |partner: &str| sees_all || own.contains(&partner);
    let mut partners: Vec<PartnerTasks> = Vec::new();
    for row in due.rows.iter().filter(|row| is_shown(&row.partner_id)) {
        let task = task_of(row, &base, may_send);
        match partners.iter_mut().find(|known| known.partner == row.partner_name) {
            Some(known) => known.tasks.push(task),
            None => partners.push(PartnerTasks { partner: row.partner_name.clone(), tasks: vec![task] }),
        }
    }
    let query = ReturnQuery { month: Some(month), state: Some("submitted"), ..ReturnQuery::default() };
    let waiting = asked.service.sent_returns(who, area, query)?;
    let to_decide = waiting.iter().filter(|sent| sent.may_decide).map(|sent| Task {
        words: format!("{} return, {}", capital(sent.return_type), sent.partner_name),
        place: format!("{base}/{}", sent.number),
        hint: format!("Sent by {} on {}", sent.sent_by, moment(sent.sent_at)),
        tag: tag(sent.state).0,
        class: tag(sent.state).1,
    });
    let drafts = if may_send { asked.service.begun_returns(who, area, month)? } else { Vec::new() };
    let state = asked.service.month_state(who, area, month)?;
    let what_next =
        if state.is_locked { "the month takes no returns now" } else { "add a comment to send it" };
    let drafts = drafts.iter().map(|draft| Task {
        words: format!("{} return, {}", capital(draft.return_type.name()), draft.file_name),
        place: format!("{base}/drafts/{}?for={}", draft.return_type.name(), draft.partner_id),
        hint: format!("Checked on {}; {what_next}", moment(draft.kept_at)),
        tag: "Draft",
        class: "",
    });
    let rates = asked.service.on_time_rates(who, area, month)?;
    let (first, last) = (month.financial_year().first_month(), month);
    let now = asked.service.area(area)?;
    let agreement = now.agreement();
    let types = ReturnType::ALL.into_iter().filter(|kind| match kind {
        ReturnType::Capitation => agreement.contract.is_some(),
        ReturnType::Targets => sees_all,
        ReturnType::Finance | ReturnType::Measures => true,
    });
    let page = Page::new("returns/home", title("Returns", &errors)).at(place);
    let status = if errors.is_empty() { 200 } else { 422 };
    let values = Home {
        month_name: month.name(),
        beside: [month.plus(-1), month.plus(1)]
            .into_iter()
            .filter(|beside| now.reports_on(*beside))
            .map(|beside| MonthBeside {
                place: format!("/areas/{area}/{beside}/returns"),
                name: beside.name(),
            })
            .collect(),
        area_address: format!("/areas/{area}"),
        may_send,
        sees_all,
        summary: format!(
            "{} due: {} received, {} accepted, {} late, {} missing.",
            plural(due.due, "return"),
            due.received,
            due.accepted,
            due.late,
            due.missing
        ),
        partners,
        drafts: drafts.collect(),
        to_decide: to_decide.collect(),
        has_rates: rates.iter().any(|rate| is_shown(&rate.partner_id) && rate.due > 0),
        rates: rates.into_iter().filter(|rate| is_shown(&rate.partner_id)).map(rate_row).collect(),
        rates_note: format!(
            "{} to {}, returns due by today. What was taken in from files without this service is not counted: \
             nobody knows when it was sent.",
            first.name(),
            last.name()
        ),
        templates: types
            .map(|kind| TemplateLinks {
                name: capital(kind.name()),
                return_type: kind.name(),
                has_form: may_send && is_typed_in(agreement, &own, kind),
            })
            .collect(),
        state,
        reason: reason.to_owned(),
        reason_error: errors.first().map(|fault| fault.message.clone()).unwrap_or_default(),
        errors,
        base,
    };
    Ok(asked.page(&page, &values)?.status(status))
}

pub(super) fn title(words: &str, errors: &[FieldFault]) -> String {
    if errors.is_empty() { words.to_owned() } else { format!("Error: {words}") }
}

fn task_of(row: &DueRow, base: &str, may_send: bool) -> Task {
    let (tag, class) = match row.state {
        DueState::NotDue => ("Not due", ""),
        DueState::DueSoon => ("Due soon", "notice"),
        DueState::Late => ("Late", "bad"),
        DueState::Submitted => ("Submitted", "notice"),
        DueState::Accepted => ("Accepted", "good"),
        DueState::SentBack => ("Sent back", "watch"),
    };
    let mut hint = format!("Due {}", day(row.due_on));
    if row.from_a_file && row.state == DueState::Accepted {
        hint += ". Taken in from a file without this service";
    } else if row.came_late {
        hint += ". Came late";
    }
    if [DueState::Submitted, DueState::SentBack].contains(&row.state) && row.is_accepted {
        hint += ". What was taken in before counts until a new one is accepted";
    }
    if !row.lacks.is_empty() {
        hint += &format!(". {} of this month", capital(row.lacks));
    }
    let place = match row.number {
        Some(number) => format!("{base}/{number}"),
        None if may_send => format!("{base}/upload"),
        None => String::new(),
    };
    Task { words: format!("{} return", capital(row.return_type)), place, hint, tag, class }
}

/// Whether one of the partners reports what can be typed in.
fn is_typed_in(agreement: &AreaPlan, own: &[&str], kind: ReturnType) -> bool {
    match kind {
        ReturnType::Targets => false,
        ReturnType::Finance | ReturnType::Measures => !own.is_empty(),
        ReturnType::Capitation => agreement
            .contract
            .as_ref()
            .is_some_and(|contract| own.contains(&agreement.partners[contract.provider].id.as_str())),
    }
}

fn rate_row(rate: OnTime) -> RateRow {
    RateRow {
        partner: rate.partner_name,
        due: rate.due,
        on_time: rate.on_time,
        late: rate.late,
        missing: rate.missing,
        percent: rate.percent.map_or_else(|| "no data".to_owned(), |percent| format!("{percent}%")),
    }
}

/// A blank return: a workbook of this plan, `finance.xlsx`, or the month's rows of whoever asks, `finance.csv`.
pub(super) fn template(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (kind, ending) = return_type_of_file(asked.param("file"))?;
    let (who, area_code, month) = (asked.who()?, asked.area_code(), asked.month()?);
    let area = asked.service.area(area_code)?;
    let name = match ending {
        "csv" => format!("{}-{area_code}-{month}.csv", kind.name()),
        _ => format!("{}-{area_code}.{ending}", kind.name()),
    };
    Ok(match ending {
        "csv" => Answer::download(CSV, &name, asked.service.blank_return(who, area_code, month, kind)?),
        _ => Answer::download(XLSX, &name, xlsx_template(kind, Some(area.agreement()))),
    })
}

pub(super) fn lock(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let reason = asked.field("reason");
    let done =
        asked.service.lock_month(asked.who()?, &asked.asking, asked.area_code(), asked.month()?, reason);
    after(asked, done, reason)
}

pub(super) fn open(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let reason = asked.field("reason");
    let done =
        asked.service.unlock_month(asked.who()?, &asked.asking, asked.area_code(), asked.month()?, reason);
    after(asked, done, reason)
}

fn after(asked: &Asked<'_>, done: Result<(), Refusal>, reason: &str) -> Result<Answer, Refusal> {
    match done {
        Ok(()) => Ok(Answer::see_other(base(asked)?)),
        Err(Refusal::Invalid(faults)) => draw(asked, faults, reason),
        Err(refusal) => Err(refusal),
    }
}
