//! The interface: what partners' systems and other programs ask for, as JSON under `/api/v1`.
//!
//! The same verbs as the pages have. A route says what it takes and gives once, as [`documented`]; that
//! is what every request is held against, what [`openapi`] writes and what the page at `/api` shows, so
//! that the document cannot differ from the interface. A refusal is told as [`problem`] details.

pub mod documented;
pub mod problem;
mod check;
pub mod conditional;
mod idempotency;
mod json;
mod list;
mod openapi;
mod page;
mod words;

mod account;
mod areas;
mod figures;
mod explained;
mod what_if;
mod returns;
mod submissions;
mod months;
mod commentary;
mod drafts;
mod packs;
mod plan;
mod people;
mod audit;
mod messages;
mod jobs;

use super::{
    answer::Answer,
    asked::{Asked, Method},
    refused,
    routes::Route,
};
use problem::Problems;

/// The routes of each part of the interface.
pub const PARTS: &[&[Route]] = &[
    page::ROUTES,
    account::ROUTES,
    areas::ROUTES,
    figures::ROUTES,
    explained::ROUTES,
    what_if::ROUTES,
    returns::ROUTES,
    submissions::ROUTES,
    months::ROUTES,
    commentary::ROUTES,
    drafts::ROUTES,
    packs::ROUTES,
    plan::ROUTES,
    people::ROUTES,
    audit::ROUTES,
    messages::ROUTES,
    jobs::ROUTES,
];

/// Whether a path belongs to the interface: it is asked for with a token of its own, never a cookie, and
/// refuses in problem details. The page about the interface, `/api`, is a page like others.
pub fn is_interface(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Answers a request that has found its route and may have it.
pub fn answer(asked: &Asked<'_>) -> Answer {
    steps(asked).unwrap_or_else(|problems| problems.answer(&asked.raw.request_id))
}

fn steps(asked: &Asked<'_>) -> Result<Answer, Problems> {
    if let Some(document) = &asked.route.document {
        check::request(asked, document)?;
    }
    let route_answers = || (asked.route.answer)(asked).map_err(|refusal| refused::problems(asked, &refusal));
    match asked.route.method {
        Method::Get => Ok(conditional::unless_held(asked, route_answers()?)),
        Method::Post | Method::Put | Method::Delete => idempotency::once(asked, || {
            conditional::unless_changed(asked)?;
            route_answers()
        }),
    }
}
