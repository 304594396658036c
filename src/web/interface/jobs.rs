//! Jobs: what the service does by itself, when, and how it went.

use super::{
    documented::{Documented, Gives, Kind, Parameter, of},
    list::{CURSOR, LIMIT, List, PAGED},
    problem::Problem,
};
use crate::{
    schedule::Job,
    service::{
        Refusal,
        jobs::{JobShown, SlotShown, WhichSlots},
        people::By,
    },
    store::SlotState,
    web::{
        answer::Answer,
        asked::Asked,
        pages::jobs::{AREA_READERS, READERS, RUNNERS, SERVICE_READERS},
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::Deserialize;

const PART: &str = "Jobs";

const WHICH: &[Parameter] = &[
    LIMIT,
    CURSOR,
    Parameter::optional(
        "job",
        Kind::OneOf(&["remind", "compute", "draft pack", "release", "back up", "verify", "tidy up"]),
        "One job.",
    ),
    Parameter::optional(
        "state",
        Kind::OneOf(&["waiting", "running", "done", "failed", "skipped"]),
        "How it stands with it.",
    ),
];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/jobs", Allows::Anywhere(SERVICE_READERS), jobs).documented(
        Documented::new(
            PART,
            "listJobs",
            "The jobs of the whole service, with when they are due next and how the last went",
            Gives::json("Jobs.", of::<List<JobShown>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}/jobs", Allows::InArea(AREA_READERS), jobs).documented(
        Documented::new(
            PART,
            "listAreaJobs",
            "The jobs of an area, with when they are due next and how the last went",
            Gives::json("Jobs.", of::<List<JobShown>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/jobs/runs", Allows::Anywhere(SERVICE_READERS), runs).documented(
        Documented::new(
            PART,
            "listJobRuns",
            "What was and is due of the whole service, what is due last first",
            Gives::json("Runs.", of::<List<SlotShown>>),
        )
        .asking(WHICH),
    ),
    Route::get("/api/v1/areas/{area}/jobs/runs", Allows::InArea(AREA_READERS), runs).documented(
        Documented::new(
            PART,
            "listAreaJobRuns",
            "What was and is due in an area, what is due last first",
            Gives::json("Runs.", of::<List<SlotShown>>),
        )
        .asking(WHICH),
    ),
    Route::post("/api/v1/jobs/runs", Allows::Anywhere(RUNNERS), run).documented(
        Documented::new(
            PART,
            "runJob",
            "Have a job run now, beside its schedule",
            Gives::made("The run, which waits for the service to be free.", of::<SlotShown>),
        )
        .noting("Managers have the jobs of their areas run, administrators those of the whole service.")
        .taking(of::<ToRun>)
        .refusing(&[Problem::NotAllowed]),
    ),
    Route::get("/api/v1/jobs/runs/{number}", Allows::Anywhere(READERS), one).documented(Documented::new(
        PART,
        "getJobRun",
        "A run, with each try",
        Gives::json("The run.", of::<SlotShown>),
    )),
    Route::post("/api/v1/jobs/runs/{number}/again", Allows::Anywhere(RUNNERS), again).documented(
        Documented::new(
            PART,
            "runJobAgain",
            "Have what failed or was skipped run again",
            Gives::json("The run, which waits for the service to be free.", of::<SlotShown>),
        )
        .refusing(&[Problem::Conflict, Problem::NotAllowed]),
    ),
];

/// A job to be run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ToRun {
    /// Such as `back up`.
    #[schemars(length(max = 20))]
    job: String,
    /// Empty for a job of the whole service.
    #[schemars(length(max = 20))]
    area_code: String,
}

fn jobs(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.list(asked.service.jobs(By::Person(asked.who()?), asked.area_code())?)
}

fn runs(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let which = WhichSlots {
        job: asked.query("job").and_then(Job::from_name),
        state: asked.query("state").and_then(SlotState::from_name),
    };
    let (limit, start) = (asked.limit(), asked.cursor());
    let by = By::Person(asked.who()?);
    let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (slots, in_all) =
        asked.service.job_slots(by, asked.area_code(), which, whole(start), whole(limit))?;
    let next = start + slots.len();
    let next = (!slots.is_empty() && (next as u64) < in_all).then(|| next.to_string());
    Ok(asked.part(slots, next))
}

fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::json(&asked.service.job_slot(By::Person(asked.who()?), number(asked)?)?))
}

fn run(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: ToRun = asked.json()?;
    let job = Job::from_name(&given.job).ok_or_else(|| {
        Refusal::field("job", format!("Write one of {}", Job::ALL.map(Job::name).join(", ")))
    })?;
    let by = By::Person(asked.who()?);
    let slot = asked.service.run_job_now(by, &asked.asking, job, &given.area_code);
    let slot = slot.map_err(|refusal| refusal.renaming("area", "area_code"))?;
    Ok(Answer::made(format!("/api/v1/jobs/runs/{}", slot.number), &slot))
}

fn again(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let by = By::Person(asked.who()?);
    Ok(Answer::json(&asked.service.run_job_again(by, &asked.asking, number(asked)?)?))
}

fn number(asked: &Asked<'_>) -> Result<u64, Refusal> {
    asked.number("number").map(u64::from)
}
