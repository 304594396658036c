//! What owners say of what is off plan.

use super::{
    documented::{Documented, Gives, Kind, Parameter, SAYS_SOMETHING, of},
    list::{List, PAGED},
    problem::Problem,
};
use crate::{
    people::Role,
    service::{
        Refusal,
        commentary::{CommentaryShown, Exception, Written},
    },
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PART: &str = "Commentary";
/// Managers about anything, officers about what their partner reports.
const WRITERS: &[Role] = &[Role::PooledBudgetManager, Role::PartnerOfficer];
const REFUSES: &[Problem] = &[Problem::Conflict, Problem::Locked, Problem::NotAllowed];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/months/{month}/commentary", Allows::InArea(READERS), exceptions)
        .documented(
            Documented::new(
                PART,
                "listExceptions",
                "What must be explained in the month, and what was said of it",
                Gives::json("The summary first, then measures and schemes.", of::<List<Exception>>),
            )
            .asking(PAGED),
        ),
    Route::get("/api/v1/areas/{area}/months/{month}/commentary/history", Allows::InArea(READERS), history)
        .documented(
            Documented::new(
                PART,
                "getCommentaryHistory",
                "Everything that was written about one subject",
                Gives::json("The subject, and what was written, the latest first.", of::<History>),
            )
            .asking(&[Parameter::needed(
                "subject",
                Kind::Words { most: 100 },
                "measure/NEA, scheme/S01 or summary.",
            )]),
        ),
    Route::post("/api/v1/areas/{area}/months/{month}/commentary", Allows::InArea(WRITERS), write).documented(
        Documented::new(
            PART,
            "writeCommentary",
            "Write about a subject, in the place of what you saw",
            Gives::made("Its number.", of::<WrittenNumber>),
        )
        .taking(of::<NewCommentary>)
        .refusing(REFUSES),
    ),
    Route::post("/api/v1/areas/{area}/months/{month}/commentary/close", Allows::InArea(WRITERS), close)
        .documented(
            Documented::new(
                PART,
                "closeCommentary",
                "Close a matter, saying why",
                Gives::made("The number of the closing entry.", of::<WrittenNumber>),
            )
            .taking(of::<Closing>)
            .refusing(REFUSES),
        ),
];

/// Everything that was written about one subject.
#[derive(Serialize, JsonSchema)]
struct History {
    exception: Exception,
    written: Vec<CommentaryShown>,
}

/// The number of what was written, which its change takes the place of.
#[derive(Serialize, JsonSchema)]
struct WrittenNumber {
    number: u32,
}

/// What somebody writes about a subject.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewCommentary {
    /// `measure/NEA`, `scheme/S01` or `summary`.
    subject: String,
    #[schemars(length(max = 2000), regex(pattern = SAYS_SOMETHING))]
    cause: String,
    #[schemars(length(max = 2000))]
    action: String,
    /// A date like 2015-12-31; empty for none.
    #[serde(default)]
    action_by: String,
    #[schemars(length(max = 100))]
    owner: String,
    /// The number of the last one written that you saw; null where there was none.
    replaces: Option<u32>,
}

/// What ends a matter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Closing {
    subject: String,
    #[schemars(length(min = 1, max = 2000), regex(pattern = SAYS_SOMETHING))]
    reason: String,
    /// The number of the last one written that you saw.
    replaces: u32,
}

fn exceptions(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.list(asked.service.exceptions(asked.who()?, asked.area_code(), asked.month()?)?)
}

fn history(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let subject = asked.query("subject").unwrap_or_default();
    let (exception, written) =
        asked.service.commentary_history(asked.who()?, asked.area_code(), asked.month()?, subject)?;
    Ok(Answer::json(&History { exception, written }))
}

fn write(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: NewCommentary = asked.json()?;
    let written =
        Written { cause: given.cause, action: given.action, action_by: given.action_by, owner: given.owner };
    let of = (asked.area_code(), asked.month()?, given.subject.as_str());
    let by = (asked.who()?, &asked.asking);
    let number = asked.service.write_commentary(by, of, &written, given.replaces)?;
    Ok(written_at(asked, of.2, number))
}

fn close(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Closing = asked.json()?;
    let of = (asked.area_code(), asked.month()?, given.subject.as_str());
    let by = (asked.who()?, &asked.asking);
    let number = asked.service.close_commentary(by, of, &given.reason, given.replaces)?;
    Ok(written_at(asked, of.2, number))
}

fn written_at(asked: &Asked<'_>, subject: &str, number: u32) -> Answer {
    let subject: String = form_urlencoded::byte_serialize(subject.as_bytes()).collect();
    let (area, month) = (asked.area_code(), asked.param("month"));
    let place = format!("/api/v1/areas/{area}/months/{month}/commentary/history?subject={subject}");
    Answer::made(place, &WrittenNumber { number })
}
