//! Problem details: a refusal as programs read it.
//!
//! Source: RFC 9457, Problem Details for HTTP APIs.

use crate::{service::Refusal, web::answer::Answer};
use schemars::JsonSchema;
use serde::Serialize;

pub const PROBLEM: &str = "application/problem+json";

/// What can be in the way. Each is told of on the page that its type leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    Malformed,
    NotSignedIn,
    NotAllowed,
    Absent,
    OtherMethod,
    NotAcceptable,
    TooSlow,
    Conflict,
    Locked,
    UnderWay,
    Changed,
    TooLarge,
    TooLong,
    OtherKind,
    Invalid,
    KeyUsed,
    TooMany,
    Failed,
    Unavailable,
}

impl Problem {
    pub const ALL: [Problem; 19] = [
        Problem::Malformed,
        Problem::NotSignedIn,
        Problem::NotAllowed,
        Problem::Absent,
        Problem::OtherMethod,
        Problem::NotAcceptable,
        Problem::TooSlow,
        Problem::Conflict,
        Problem::Locked,
        Problem::UnderWay,
        Problem::Changed,
        Problem::TooLarge,
        Problem::TooLong,
        Problem::OtherKind,
        Problem::Invalid,
        Problem::KeyUsed,
        Problem::TooMany,
        Problem::Failed,
        Problem::Unavailable,
    ];

    /// The end of the type's address, which stays as it is.
    pub fn slug(self) -> &'static str {
        match self {
            Problem::Malformed => "malformed",
            Problem::NotSignedIn => "no-token",
            Problem::NotAllowed => "not-allowed",
            Problem::Absent => "absent",
            Problem::OtherMethod => "other-method",
            Problem::NotAcceptable => "not-acceptable",
            Problem::TooSlow => "too-slow",
            Problem::Conflict => "conflict",
            Problem::Locked => "locked",
            Problem::UnderWay => "under-way",
            Problem::Changed => "changed",
            Problem::TooLarge => "too-large",
            Problem::TooLong => "too-long",
            Problem::OtherKind => "other-kind",
            Problem::Invalid => "invalid",
            Problem::KeyUsed => "key-used",
            Problem::TooMany => "too-many",
            Problem::Failed => "failed",
            Problem::Unavailable => "unavailable",
        }
    }

    pub fn status(self) -> u16 {
        match self {
            Problem::Malformed => 400,
            Problem::NotSignedIn => 401,
            Problem::NotAllowed => 403,
            Problem::Absent => 404,
            Problem::OtherMethod => 405,
            Problem::NotAcceptable => 406,
            Problem::TooSlow => 408,
            Problem::Conflict | Problem::Locked | Problem::UnderWay => 409,
            Problem::Changed => 412,
            Problem::TooLarge => 413,
            Problem::TooLong => 414,
            Problem::OtherKind => 415,
            Problem::Invalid | Problem::KeyUsed => 422,
            Problem::TooMany => 429,
            Problem::Failed => 500,
            Problem::Unavailable => 503,
        }
    }

    /// The problem that a status alone tells of.
    pub fn of_status(status: u16) -> Problem {
        let with_status = |problem: &Problem| problem.status() == status;
        Problem::ALL.into_iter().find(with_status).unwrap_or(Problem::Failed)
    }

    pub fn title(self) -> &'static str {
        match self {
            Problem::Malformed => "The request cannot be read",
            Problem::NotSignedIn => "A token is needed",
            Problem::NotAllowed => "You cannot do this",
            Problem::Absent => "There is nothing here",
            Problem::OtherMethod => "Not by this method",
            Problem::NotAcceptable => "Not to be had in that form",
            Problem::TooSlow => "It took too long to arrive",
            Problem::Conflict => "It has changed since you looked",
            Problem::Locked => "The month is locked",
            Problem::UnderWay => "The first request is under way",
            Problem::Changed => "It is not what you saw",
            Problem::TooLarge => "Too large",
            Problem::TooLong => "The address is too long",
            Problem::OtherKind => "Not this kind of body",
            Problem::Invalid => "There is something to mend",
            Problem::KeyUsed => "The key was used for something else",
            Problem::TooMany => "Too many requests",
            Problem::Failed => "The service is at fault",
            Problem::Unavailable => "The service is not ready",
        }
    }

    /// What it means and what to do about it.
    pub fn meaning(self) -> &'static str {
        match self {
            Problem::Malformed => {
                "The body is not JSON, or the form is cut off; the detail says where. Mend it and send it again."
            }
            Problem::NotSignedIn => {
                "There is no token, or it has ended. Make one on your account's page and send it in the header Authorization, after Bearer."
            }
            Problem::NotAllowed => {
                "Your roles let you see this but not do it, or somebody else must: nobody accepts what they sent themselves."
            }
            Problem::Absent => {
                "It is not there, or it is not for you to see: the answer is the same. Check the address and your roles."
            }
            Problem::OtherMethod => "The address takes other methods; the header Allow names them.",
            Problem::NotAcceptable => {
                "The header Accept names no form that this comes in. Leave it out, or name one of those listed."
            }
            Problem::TooSlow => "A body must arrive within two minutes.",
            Problem::Conflict => {
                "Somebody was first, or it is in another state by now. Get it again, then decide what to do."
            }
            Problem::Locked => "The month takes no more; the detail says since when and who can open it.",
            Problem::UnderWay => {
                "A request with this Idempotency-Key is being answered. Wait a second and send the same again."
            }
            Problem::Changed => {
                "The header If-Match names an earlier state. Get it again, look at what changed and send the new ETag."
            }
            Problem::TooLong => "An address with its query may have 8 kB.",
            Problem::TooLarge => "A file may have 10 MB, any other body 256 kB.",
            Problem::OtherKind => {
                "The header Content-Type must name one of the kinds listed for the address."
            }
            Problem::Invalid => "Everything that is wrong is in errors, each with its place and what to do.",
            Problem::KeyUsed => {
                "This Idempotency-Key came before with another request. Use a new key for a new request."
            }
            Problem::TooMany => {
                "The token has made as many requests in this minute as it may, or its person has sent as many files within a day. Wait as many seconds as the header Retry-After says."
            }
            Problem::Failed => {
                "Nothing was changed. Try again in a few minutes; if it happens again, give the request_id to whoever looks after the service."
            }
            Problem::Unavailable => "Try again in a few minutes.",
        }
    }

    /// The type's address on this service.
    pub fn address(self) -> String {
        format!("/api#{}", self.slug())
    }
}

/// A problem in one place of what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProblemError {
    /// What to do about it.
    pub message: String,
    /// Where in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the query or field of the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Which row of the file, as a spreadsheet numbers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The last of the rows that follow it with the same fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_row: Option<u32>,
    /// The column's heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl ProblemError {
    /// What is wrong with a parameter of the query or a field of a form.
    pub fn parameter(name: &str, message: impl Into<String>) -> ProblemError {
        ProblemError { message: message.into(), parameter: Some(name.to_owned()), ..ProblemError::default() }
    }
}

/// Problem details, before they are answered with.
#[derive(Clone, Debug)]
pub struct Problems {
    problem: Problem,
    detail: String,
    errors: Vec<ProblemError>,
    /// For how many seconds to wait.
    wait_seconds: Option<u32>,
}

/// Problem details as RFC 9457 has them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Details {
    /// The address that tells of this kind of problem.
    r#type: String,
    title: &'static str,
    status: u16,
    /// What is in the way this time, and what to do.
    detail: String,
    /// Everything that is wrong with what was sent, where that is what is in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemError>,
    /// Names this request to whoever looks after the service.
    request_id: String,
}

impl Problems {
    pub fn new(problem: Problem, detail: impl Into<String>) -> Problems {
        Problems { problem, detail: detail.into(), errors: Vec::new(), wait_seconds: None }
    }

    pub fn with_errors(self, errors: Vec<ProblemError>) -> Problems {
        Problems { errors, ..self }
    }

    pub fn answer(self, request_id: &str) -> Answer {
        let status = self.problem.status();
        let details = Details {
            r#type: self.problem.address(),
            title: self.problem.title(),
            status,
            detail: self.detail,
            errors: self.errors,
            request_id: request_id.to_owned(),
        };
        let mut answer = Answer { content_type: PROBLEM, ..Answer::json(&details) }.status(status);
        if self.problem == Problem::NotSignedIn {
            answer = answer.with("www-authenticate", "Bearer".into());
        }
        if let Some(seconds) = self.wait_seconds {
            answer = answer.with("retry-after", seconds.to_string());
        }
        answer
    }
}

impl Problems {
    /// A refusal's details; its fields are those of a form, or places in a JSON body.
    pub fn of(refusal: &Refusal, is_of_form: bool) -> Problems {
        let as_meant = |problem: Problem| Problems::new(problem, problem.meaning());
        match refusal {
            Refusal::Absent => as_meant(Problem::Absent),
            Refusal::NotSignedIn => as_meant(Problem::NotSignedIn),
            Refusal::NotConfirmed => Problems::new(
                Problem::NotAllowed,
                "This is done on the service's own pages alone, by somebody who has just shown who they are",
            ),
            Refusal::NotAllowed(why) => Problems::new(Problem::NotAllowed, why),
            Refusal::Invalid(faults) => {
                let errors = faults.iter().map(|fault| {
                    if is_of_form {
                        return ProblemError::parameter(&fault.field, &fault.message);
                    }
                    let slash = if fault.field.is_empty() { "" } else { "/" };
                    ProblemError {
                        message: fault.message.clone(),
                        pointer: Some(format!("{slash}{}", fault.field)),
                        ..ProblemError::default()
                    }
                });
                as_meant(Problem::Invalid).with_errors(errors.collect())
            }
            Refusal::Conflict(what) => Problems::new(Problem::Conflict, what),
            Refusal::Locked(why) => Problems::new(Problem::Locked, why),
            Refusal::TooMany { seconds, what } => Problems {
                wait_seconds: Some(*seconds),
                ..Problems::new(Problem::TooMany, format!("{what}. Wait {seconds} seconds, then try again"))
            },
            Refusal::SentEnough { seconds, message } => {
                Problems { wait_seconds: Some(*seconds), ..Problems::new(Problem::TooMany, message) }
            }
            Refusal::BadRequest { status, message } => Problems::new(Problem::of_status(*status), message),
            Refusal::Failed(_) | Refusal::Broken(_) => as_meant(Problem::Failed),
        }
    }
}

impl From<Refusal> for Problems {
    fn from(refusal: Refusal) -> Problems {
        Problems::of(&refusal, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_problem_has_an_address_of_its_own() {
        let addresses: BTreeSet<String> = Problem::ALL.into_iter().map(Problem::address).collect();
        assert_eq!(addresses.len(), Problem::ALL.len());
    }

    #[test]
    fn a_status_that_stands_for_no_problem_is_a_fault_of_the_service() {
        assert_eq!(Problem::of_status(413), Problem::TooLarge);
        assert_eq!(Problem::of_status(409), Problem::Conflict);
        assert_eq!(Problem::of_status(507), Problem::Failed);
    }
}
