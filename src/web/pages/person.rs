//! One person, for administrators: roles, links, sessions, whether they can sign in.

use super::{
    account::SessionRow,
    people::{ADMINISTRATORS, RoleChoice, by_fields, roles_in_words, selected_role, state_in_words},
};
use crate::{
    people::{PersonState, RoleHeld},
    service::{Refusal, people::By, refusal::FieldFault},
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::Route,
        words::{capital, moment},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/people/{person}", ADMINISTRATORS, page),
    Route::post("/people/{person}/roles/add", ADMINISTRATORS, add_role),
    Route::post("/people/{person}/roles/remove", ADMINISTRATORS, remove_role),
    Route::post("/people/{person}/link", ADMINISTRATORS, make_link),
    Route::post("/people/{person}/disable", ADMINISTRATORS, disable),
    Route::post("/people/{person}/enable", ADMINISTRATORS, enable),
    Route::post("/people/{person}/sessions/end", ADMINISTRATORS, end_sessions),
    Route::post("/people/{person}/second-factor/remove", ADMINISTRATORS, remove_second_factor),
];

#[derive(Serialize)]
struct Values {
    id: u32,
    name: String,
    email: String,
    state: &'static str,
    look: &'static str,
    is_disabled: bool,
    is_invited: bool,
    is_oneself: bool,
    ways: String,
    has_second_factor: bool,
    roles: Vec<RoleRow>,
    choice: RoleChoice,
    sessions: Vec<SessionRow>,
    history: Vec<Entry>,
    faults: Vec<FieldFault>,
    done: &'static str,
}

#[derive(Serialize)]
struct RoleRow {
    words: String,
    /// As it is written in forms.
    value: String,
}

#[derive(Serialize)]
struct Entry {
    what: String,
    when: String,
    by: String,
    detail: String,
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, Vec::new())
}

fn draw(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let who = asked.who()?;
    let shown = asked.service.person_shown(By::Person(who), &asked.asking, asked.number("person")?)?;
    let person = &shown.person;
    let (state, look) = state_in_words(person.state);
    let in_words = roles_in_words(asked, &person.roles);
    let roles = person.roles.iter().zip(in_words);
    let mut ways = Vec::new();
    if shown.has_password {
        ways.push(if shown.has_second_factor { "Password and second factor" } else { "Password alone" });
    }
    if shown.has_single_sign_on {
        ways.push("Single sign-on");
    }
    let done = match asked.query("done") {
        Some("role-added") => "The role is added",
        Some("role-removed") => "The role is removed",
        Some("disabled") => "The person cannot sign in any more",
        Some("enabled") => "The person can sign in again",
        Some("sessions") => "Every session of the person is ended",
        Some("second-factor") => "The second factor is taken away",
        Some(_) | None => "",
    };
    let values = Values {
        id: person.id,
        name: person.name.clone(),
        email: person.email.clone(),
        state,
        look,
        is_disabled: person.state == PersonState::Disabled,
        is_invited: person.state == PersonState::Invited,
        is_oneself: person.id == who.person.id,
        ways: if ways.is_empty() { "No way yet".to_owned() } else { ways.join("; ") },
        has_second_factor: shown.has_second_factor,
        roles: roles.map(|(held, words)| RoleRow { words, value: held.to_string() }).collect(),
        choice: RoleChoice::of(asked, &faults),
        sessions: shown.sessions.iter().map(|session| SessionRow::of(session, None)).collect(),
        history: shown
            .history
            .into_iter()
            .map(|entry| Entry {
                what: capital(&entry.deed),
                when: moment(entry.at),
                by: entry.person_name,
                detail: entry.detail,
            })
            .collect(),
        faults,
        done,
    };
    let error = if values.faults.is_empty() { "" } else { "Error: " };
    let status = if values.faults.is_empty() { 200 } else { 422 };
    let page = Page::new("people/person", format!("{error}{}", values.name)).under("/people", "People");
    Ok(asked.page(&page, &values)?.status(status))
}

#[derive(Serialize)]
struct LinkShown {
    id: u32,
    name: String,
    link: String,
    is_invited: bool,
    has_post: bool,
}

/// The link is shown in the answer itself: it stands nowhere that could be looked at again.
pub(super) fn draw_link(asked: &Asked<'_>, id: u32, path: &str) -> Result<Answer, Refusal> {
    let shown = asked.service.person_shown(By::Person(asked.who()?), &asked.asking, id)?;
    let values = LinkShown {
        id,
        name: shown.person.name,
        link: format!("{}{path}", here(asked)),
        is_invited: shown.person.state == PersonState::Invited,
        has_post: asked.service.has_post(),
    };
    asked.page(&Page::new("people/link", "A link for them").under("/people", "People"), &values)
}

/// How the service is reached: as the settings say, else as the browser that asks has reached it.
fn here(asked: &Asked<'_>) -> String {
    if !asked.site.public_url.is_empty() {
        return asked.site.public_url.clone();
    }
    let host = asked.raw.header("host").unwrap_or("localhost");
    let is_local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| host.starts_with(local));
    format!("{}://{host}", if is_local { "http" } else { "https" })
}

/// Back to the person's page, which says what was done.
fn done(asked: &Asked<'_>, what: &str) -> Result<Answer, Refusal> {
    Ok(Answer::see_other(format!("/people/{}?done={what}", asked.number("person")?)))
}

fn add_role(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (by, id) = (By::Person(asked.who()?), asked.number("person")?);
    let added = selected_role(asked).and_then(|held| asked.service.add_role(by, &asked.asking, id, &held));
    match added {
        Ok(()) => done(asked, "role-added"),
        Err(Refusal::Invalid(faults)) => draw(asked, by_fields(faults)),
        Err(refusal) => Err(refusal),
    }
}

fn remove_role(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let held = RoleHeld::parse(asked.field("held")).ok_or(Refusal::Absent)?;
    let by = By::Person(asked.who()?);
    asked.service.remove_role(by, &asked.asking, asked.number("person")?, &held)?;
    done(asked, "role-removed")
}

fn make_link(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = asked.number("person")?;
    let link = asked.service.make_link(By::Person(asked.who()?), &asked.asking, id)?;
    draw_link(asked, id, &link)
}

fn disable(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.disable(By::Person(asked.who()?), &asked.asking, asked.number("person")?)?;
    done(asked, "disabled")
}

fn enable(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.enable(By::Person(asked.who()?), &asked.asking, asked.number("person")?)?;
    done(asked, "enabled")
}

fn end_sessions(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.end_sessions_of(By::Person(asked.who()?), &asked.asking, asked.number("person")?)?;
    done(asked, "sessions")
}

fn remove_second_factor(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = asked.number("person")?;
    asked.service.remove_second_factor(By::Person(asked.who()?), &asked.asking, id)?;
    done(asked, "second-factor")
}
