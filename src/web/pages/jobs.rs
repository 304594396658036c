//! Jobs: what the service does by itself, when, how it went, and running one again.

use super::list::{Choice, Listed, Pages};
use crate::{
    people::Role,
    schedule::Job,
    service::{
        Refusal,
        jobs::{JobShown, RunShown, SlotShown, WhichSlots},
        people::By,
    },
    store::SlotState,
    web::{
        answer::Answer,
        asked::Asked,
        page::{Page, Place},
        routes::{Allows, Route},
        words,
    },
};
use chrono::NaiveDateTime;
use serde::Serialize;

/// Who may know of the jobs of an area; of those of the whole service; and of any, as the verbs decide.
pub const AREA_READERS: &[Role] = &[Role::PooledBudgetManager, Role::Auditor];
pub const SERVICE_READERS: &[Role] = &[Role::Auditor, Role::Administrator];
pub const READERS: &[Role] = &[Role::PooledBudgetManager, Role::Auditor, Role::Administrator];
/// Who may have jobs run, those of their areas or those of the service.
pub const RUNNERS: &[Role] = &[Role::PooledBudgetManager, Role::Administrator];

pub const ROUTES: &[Route] = &[
    Route::get("/jobs", Allows::Anywhere(SERVICE_READERS), of_service),
    Route::post("/jobs", Allows::Anywhere(&[Role::Administrator]), run_of_service),
    Route::get("/jobs/runs/{number}", Allows::Anywhere(READERS), one),
    Route::post("/jobs/runs/{number}/again", Allows::Anywhere(RUNNERS), again),
    Route::get("/areas/{area}/jobs", Allows::InArea(AREA_READERS), of_area),
    Route::post("/areas/{area}/jobs", Allows::InArea(&[Role::PooledBudgetManager]), run_of_area),
];

#[derive(Serialize)]
struct List {
    done: &'static str,
    /// Empty for the whole service.
    area_name: String,
    /// Where the page is.
    under: String,
    may_run: bool,
    jobs: Vec<JobRow>,
    states: Vec<Choice>,
    is_filtered: bool,
    found: String,
    rows: Vec<Row>,
    pages: Pages,
}

#[derive(Serialize)]
struct JobRow {
    job: &'static str,
    words: &'static str,
    schedule: String,
    next: Vec<String>,
    last: Option<Row>,
}

#[derive(Serialize)]
struct Row {
    place: String,
    due: String,
    words: String,
    state: &'static str,
    /// How the state's tag looks.
    look: &'static str,
    told: String,
    /// How long the last try took; may be empty.
    took: String,
    may_run_again: bool,
}

#[derive(Serialize)]
struct One {
    done: &'static str,
    number: u64,
    row: Row,
    next_try: String,
    origin: &'static str,
    runs: Vec<TryRow>,
}

#[derive(Serialize)]
struct TryRow {
    started: String,
    took: String,
    fault: String,
    instance: String,
}

fn of_service(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (page, list) = list(asked, "", "/jobs")?;
    asked.page(&page, &list)
}

fn of_area(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = place_of(asked, asked.area_code())?;
    let (page, mut list) = list(asked, asked.area_code(), &format!("/areas/{}/jobs", asked.area_code()))?;
    list.area_name.clone_from(&place.area_name);
    asked.page(&page.at(place), &list)
}

/// Where the pages of an area's jobs stand.
fn place_of(asked: &Asked<'_>, area_code: &str) -> Result<Place, Refusal> {
    let area = asked.service.area(area_code)?;
    Ok(Place {
        area_code: area_code.to_owned(),
        area_name: area.agreement().area.name.clone(),
        month: area.latest_month(),
        has_contract: area.agreement().contract.is_some(),
        entry: "jobs".to_owned(),
    })
}

fn list(asked: &Asked<'_>, area_code: &str, under: &str) -> Result<(Page, List), Refusal> {
    let by = By::Person(asked.who()?);
    let state = asked.query("state").and_then(SlotState::from_name);
    let which = WhichSlots { job: None, state };
    let jobs = asked.service.jobs(by, area_code)?;
    let searched = state.map(SlotState::name).unwrap_or_default();
    let slots = Listed::read(asked, under, &[("state", searched)], |offset, most| {
        asked.service.job_slots(by, area_code, which, offset, most)
    })?;
    let states = SlotState::ALL.map(|known| Choice::of(known.name(), in_words(known.name(), "").0, searched));
    let title = slots.title("Jobs");
    let first = jobs.iter().filter_map(|job| Some((*job.next.first()?, job.words))).min();
    let list = List {
        done: match asked.query("done") {
            Some("run") => "The job runs as soon as the service is free, within seconds",
            Some(_) | None => "",
        },
        area_name: String::new(),
        under: under.to_owned(),
        may_run: jobs.iter().any(|job| job.may_run),
        jobs: jobs.into_iter().map(job_row).collect(),
        states: states.into(),
        is_filtered: state.is_some(),
        found: match slots.in_all {
            0 if state.is_some() => "No run went that way".into(),
            0 => none_yet(first),
            in_all => words::counted(in_all, "run", "runs"),
        },
        rows: slots.items.into_iter().map(row).collect(),
        pages: slots.pages,
    };
    Ok((Page::new("jobs/list", title), list))
}

fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let slot = asked.service.job_slot(By::Person(asked.who()?), number(asked)?)?;
    let area_code = slot.area_code.clone();
    let values = One {
        done: match asked.query("done") {
            Some("again") => "It runs again as soon as the service is free, within seconds",
            Some(_) | None => "",
        },
        number: slot.number,
        next_try: slot.next_try_at.map(words::moment).unwrap_or_default(),
        origin: match slot.origin {
            "schedule" => "By its schedule",
            "event" => "It follows from something that happened",
            _ => "Somebody asked for it",
        },
        runs: slot.runs.iter().map(try_row).collect(),
        row: row(slot),
    };
    let page = Page::new("jobs/one", format!("{}, due {}", values.row.words, values.row.due));
    if area_code.is_empty() {
        return asked.page(&page.under("/jobs", "Jobs"), &values);
    }
    let page = page.under(format!("/areas/{area_code}/jobs"), "Jobs");
    // An area that has left the plan has no pages any more, but its jobs have.
    match place_of(asked, &area_code) {
        Ok(place) => asked.page(&page.at(place), &values),
        Err(_) => asked.page(&page, &values),
    }
}

fn again(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = number(asked)?;
    asked.service.run_job_again(By::Person(asked.who()?), &asked.asking, number)?;
    Ok(Answer::see_other(format!("/jobs/runs/{number}?done=again")))
}

fn run_of_service(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    run(asked, "", "/jobs")
}

fn run_of_area(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    run(asked, asked.area_code(), &format!("/areas/{}/jobs", asked.area_code()))
}

fn run(asked: &Asked<'_>, area_code: &str, under: &str) -> Result<Answer, Refusal> {
    let job = Job::from_name(asked.field("job"));
    let job = job.ok_or_else(|| Refusal::field("job", "Say which job is to run"))?;
    asked.service.run_job_now(By::Person(asked.who()?), &asked.asking, job, area_code)?;
    Ok(Answer::see_other(format!("{under}?done=run")))
}

fn number(asked: &Asked<'_>) -> Result<u64, Refusal> {
    // As large as any that is kept.
    asked.number("number").map(u64::from)
}

fn job_row(job: JobShown) -> JobRow {
    JobRow {
        job: job.job,
        words: job.words,
        schedule: words::capital(&job.schedule),
        next: job.next.into_iter().map(words::moment).collect(),
        last: job.last.map(row),
    }
}

fn row(slot: SlotShown) -> Row {
    let (state, look) = in_words(slot.state, &slot.outcome);
    Row {
        place: format!("/jobs/runs/{}", slot.number),
        due: words::moment(slot.due_at),
        words: Job::from_name(&slot.job).map_or(slot.job, |job| job.words().to_owned()),
        state: if slot.state == "waiting" && slot.tries > 0 { "Tried again" } else { state },
        look: if slot.state == "waiting" && slot.tries > 0 { "watch" } else { look },
        told: words::capital(&slot.told),
        took: slot.runs.last().map(took).unwrap_or_default(),
        may_run_again: slot.may_run_again,
    }
}

fn try_row(run: &RunShown) -> TryRow {
    TryRow {
        started: words::moment(run.started_at),
        took: took(run),
        fault: match (run.milliseconds, run.fault.as_str()) {
            (None, _) => "It has not ended, or the program was stopped".into(),
            (Some(_), "") => "Nothing".into(),
            (Some(_), fault) => fault.to_owned(),
        },
        instance: run.instance.clone(),
    }
}

/// `0.2 s`, `3 min 20 s`; empty where it has not ended.
fn took(run: &RunShown) -> String {
    match run.milliseconds {
        None => String::new(),
        Some(milliseconds) if milliseconds < 60_000 => {
            format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
        }
        Some(milliseconds) => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1000 % 60),
    }
}

/// That nothing has run yet, and what runs first.
fn none_yet(first: Option<(NaiveDateTime, &str)>) -> String {
    let none = "Nothing has run yet";
    match first {
        Some((at, job)) => format!("{none}. The first is “{job}”, due on {}", words::moment(at)),
        None => format!("{none}, and nothing is planned"),
    }
}

/// A state in words, and how its tag looks.
fn in_words(state: &str, outcome: &str) -> (&'static str, &'static str) {
    match SlotState::from_name(state) {
        Some(SlotState::Waiting) => ("Waiting", "notice"),
        Some(SlotState::Running) => ("Running", "notice"),
        Some(SlotState::Done) if outcome == "no change" => ("No change", "good"),
        Some(SlotState::Done) => ("Done", "good"),
        Some(SlotState::Skipped) => ("Skipped", "watch"),
        Some(SlotState::Failed) | None => ("Failed", "bad"),
    }
}
