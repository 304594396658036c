//! What figures are worked out from: returns that were taken in, and their files as they were sent.

use super::{
    documented::{Documented, Gives, of},
    list::{List, PAGED},
    words::{MonthName, Time},
};
use crate::{
    service::Refusal,
    store::{Provenance, hex},
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

const PART: &str = "Submissions";

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/submissions", Allows::InArea(READERS), submissions).documented(
        Documented::new(
            PART,
            "listSubmissions",
            "Returns that were taken in",
            Gives::json("Submissions, in the order of their numbers.", of::<List<Submission>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}/submissions/{number}", Allows::InArea(READERS), submission).documented(
        Documented::new(
            PART,
            "getSubmission",
            "A return that was taken in",
            Gives::json("The submission.", of::<Submission>),
        ),
    ),
    Route::get("/api/v1/areas/{area}/submissions/{number}/file", Allows::InArea(READERS), file).documented(
        Documented::new(
            PART,
            "getSubmissionFile",
            "The file as it was sent",
            Gives::file(&["application/octet-stream"]),
        )
        .noting("For those who run or check the area's month, and for the organisation that sent it."),
    ),
];

/// A return that was taken in.
#[derive(Serialize, JsonSchema)]
struct Submission {
    number: u32,
    return_type: &'static str,
    file_name: String,
    sha256: String,
    bytes: u64,
    received_at: Time,
    rows: u32,
    accepted: u32,
    /// The earlier submission that it took the place of altogether.
    replaces: Option<u32>,
    /// How it came; null where an operator took it in.
    sent: Option<Sent>,
}

/// How a return came through the service.
#[derive(Serialize, JsonSchema)]
struct Sent {
    /// The number of the return.
    number: u32,
    month: MonthName,
    /// Empty where a pooled budget manager sent it.
    partner_id: String,
    sent_by: String,
    sent_at: Time,
    accepted_by: String,
    accepted_at: Time,
}

impl Submission {
    fn of(one: Provenance) -> Submission {
        let submission = one.submission;
        Submission {
            number: submission.number,
            return_type: submission.return_type.name(),
            file_name: submission.file_name,
            sha256: hex(&submission.sha256),
            bytes: submission.byte_count,
            received_at: Time(submission.received_at),
            rows: submission.rows,
            accepted: submission.accepted,
            replaces: submission.replaces,
            sent: one.sent.map(|sent| Sent {
                number: sent.number,
                month: MonthName(sent.as_at),
                partner_id: sent.partner_id,
                sent_by: sent.sent_by,
                sent_at: Time(sent.sent_at),
                accepted_by: sent.accepted_by,
                accepted_at: Time(sent.accepted_at),
            }),
        }
    }
}

fn submissions(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.list(asked.service.received(asked.area_code())?.into_iter().map(Submission::of))
}

fn submission(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let one = asked.service.received_one(asked.area_code(), asked.number("number")?)?;
    Ok(Answer::json(&Submission::of(one)))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (name, bytes) = asked.service.original(asked.who()?, asked.area_code(), asked.number("number")?)?;
    Ok(Answer::download("application/octet-stream", &name, bytes))
}
