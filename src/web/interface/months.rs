//! An area's month: its steps, and what stands in the way of its pack.

use super::{
    documented::{Documented, Gives, Kind, Parameter, SAYS_SOMETHING, of},
    problem::Problem,
};
use crate::{
    people::Role,
    service::{
        Refusal,
        month::Task,
        returns::{MonthState, RETURN_READERS},
    },
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PART: &str = "Months";
const MANAGER: &[Role] = &[Role::PooledBudgetManager];
const MANAGER_OR_AUDITOR: &[Role] = &[Role::PooledBudgetManager, Role::Auditor];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/months/{month}/tasks", Allows::InArea(MANAGER_OR_AUDITOR), tasks)
        .documented(Documented::new(
            PART,
            "listTasks",
            "The steps of the month, from returns to publication",
            Gives::json("The steps in their order, each with what is in its way.", of::<Tasks>),
        )),
    Route::post("/api/v1/areas/{area}/months/{month}/open", Allows::InArea(MANAGER), open).documented(
        Documented::new(
            PART,
            "openMonth",
            "Open a month whose pack was approved, so that it can be restated",
            Gives::done("The month is open."),
        )
        .noting("The reason is printed, as it is sent, in the month's next pack, which everybody can read where it is public.")
        .taking(of::<Reason>)
        .refusing(&[Problem::Conflict]),
    ),
    Route::get("/api/v1/areas/{area}/months/{month}/lock", Allows::InArea(RETURN_READERS), lock).documented(
        Documented::new(
            PART,
            "getLock",
            "Whether the month takes returns",
            Gives::json("Whether it is locked, and why.", of::<MonthState>),
        ),
    ),
    Route::put("/api/v1/areas/{area}/months/{month}/lock", Allows::InArea(MANAGER), end_entry).documented(
        Documented::new(PART, "lockMonth", "Take no more returns", Gives::done("The month is locked."))
            .taking(of::<Reason>)
            .refusing(&[Problem::Conflict, Problem::Locked]),
    ),
    Route::delete("/api/v1/areas/{area}/months/{month}/lock", Allows::InArea(MANAGER), unlock).documented(
        Documented::new(PART, "unlockMonth", "Take returns again", Gives::done("The month is open."))
            .asking(&[Parameter::needed("reason", Kind::Said { most: 1000 }, "Why.")])
            .refusing(&[Problem::Conflict, Problem::Locked]),
    ),
];

/// The steps of a month.
#[derive(Serialize, JsonSchema)]
struct Tasks {
    tasks: Vec<Task>,
}

/// Why something is done.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[schemars(length(min = 1, max = 1000), regex(pattern = SAYS_SOMETHING))]
    pub reason: String,
}

fn tasks(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tasks = asked.service.month_tasks(asked.who()?, asked.area_code(), asked.month()?)?;
    Ok(Answer::json(&Tasks { tasks }))
}

fn open(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Reason = asked.json()?;
    let by = (asked.who()?, &asked.asking);
    asked.service.open_month(by, asked.area_code(), asked.month()?, &given.reason)?;
    Ok(Answer::done())
}

fn lock(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (_, month, _) = asked.reported()?;
    Ok(Answer::json(&asked.service.month_state(asked.who()?, asked.area_code(), month)?))
}

fn end_entry(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Reason = asked.json()?;
    let (area, month) = (asked.area_code(), asked.month()?);
    asked.service.lock_month(asked.who()?, &asked.asking, area, month, given.reason.trim())?;
    Ok(Answer::done())
}

fn unlock(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, month) = (asked.area_code(), asked.month()?);
    let reason = asked.query("reason").unwrap_or_default().trim();
    asked.service.unlock_month(asked.who()?, &asked.asking, area, month, reason)?;
    Ok(Answer::done())
}
