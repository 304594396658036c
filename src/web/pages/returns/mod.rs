//! Returns: what is due, sending one, and what became of it.

mod entry;
mod home;
mod list;
mod one;
mod told;
mod upload;

use crate::{
    figures::facts::ReturnType,
    people::Role,
    service::{
        Refusal,
        returns::{RETURN_READERS, SENDERS},
    },
    web::{
        asked::Asked,
        page::Page,
        routes::{
            Allows::{self, InArea},
            Route,
        },
        words::{capital, plural},
    },
};

const READERS: Allows = InArea(RETURN_READERS);
const SENDING: Allows = InArea(SENDERS);
const MANAGERS: Allows = InArea(&[Role::PooledBudgetManager]);

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}/{month}/returns", READERS, home::home),
    Route::post("/areas/{area}/{month}/returns/lock", MANAGERS, home::lock),
    Route::post("/areas/{area}/{month}/returns/open", MANAGERS, home::open),
    Route::get("/areas/{area}/{month}/returns/templates/{file}", READERS, home::template),
    Route::get("/areas/{area}/{month}/returns/all", READERS, list::list),
    Route::get("/areas/{area}/{month}/returns/upload", SENDING, upload::form),
    Route::post("/areas/{area}/{month}/returns/upload", SENDING, upload::check_or_send),
    Route::get("/areas/{area}/{month}/returns/drafts/{type}", SENDING, upload::draft),
    Route::post("/areas/{area}/{month}/returns/drafts/{type}", SENDING, upload::send_draft),
    Route::post("/areas/{area}/{month}/returns/drafts/{type}/discard", SENDING, upload::discard_draft),
    Route::get("/areas/{area}/{month}/returns/form/{type}", SENDING, entry::form),
    Route::post("/areas/{area}/{month}/returns/form/{type}", SENDING, entry::send),
    Route::get("/areas/{area}/{month}/returns/{number}", READERS, one::one),
    Route::get("/areas/{area}/{month}/returns/{number}/received", READERS, one::received),
    Route::get("/areas/{area}/{month}/returns/{number}/receipt", READERS, one::receipt),
    Route::get("/areas/{area}/{month}/returns/{number}/file", READERS, one::file),
    Route::post("/areas/{area}/{month}/returns/{number}/accept", READERS, one::accept),
    Route::post("/areas/{area}/{month}/returns/{number}/send-back", READERS, one::send_back),
    Route::post("/areas/{area}/{month}/returns/{number}/withdraw", READERS, one::withdraw),
];

/// Where an area's month keeps its returns.
fn base(asked: &Asked<'_>) -> Result<String, Refusal> {
    Ok(format!("/areas/{}/{}/returns", asked.area_code(), asked.month()?))
}

/// A page below the month's returns.
fn page(asked: &Asked<'_>, template: &'static str, title: impl Into<String>) -> Result<Page, Refusal> {
    Ok(Page::new(template, title).at(asked.place("returns")?).under(base(asked)?, "Returns"))
}

/// The type of return that the path names.
fn return_type(asked: &Asked<'_>) -> Result<ReturnType, Refusal> {
    ReturnType::from_name(asked.param("type")).ok_or(Refusal::Absent)
}

/// The words and the look of a return's state.
fn tag(state: &str) -> (&'static str, &'static str) {
    match state {
        "accepted" => ("Accepted", "good"),
        "sent back" => ("Sent back", "watch"),
        "withdrawn" => ("Withdrawn", ""),
        _ => ("Submitted", "notice"),
    }
}

/// The type and ending of a template's name.
fn return_type_of_file(name: &str) -> Result<(ReturnType, &str), Refusal> {
    let (kind, ending) = name.split_once('.').ok_or(Refusal::Absent)?;
    let kind = ReturnType::from_name(kind).ok_or(Refusal::Absent)?;
    if ["csv", "xlsx"].contains(&ending) { Ok((kind, ending)) } else { Err(Refusal::Absent) }
}
