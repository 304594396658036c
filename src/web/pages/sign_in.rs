//! Signing in and out.

use crate::{
    digest::sha256,
    people::PersonState,
    service::{Refusal, Who},
    store::NewSession,
    web::{
        answer::Answer,
        asked::Asked,
        dispatch::{cookie, new_token},
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/sign-in", Allows::Anyone, form),
    Route::post("/sign-in/example", Allows::Anyone, as_example),
    Route::post("/sign-out", Allows::SignedIn, sign_out),
];

#[derive(Serialize)]
struct Form {
    next: String,
    /// In the built-in example alone: whom one can be.
    people: Vec<ExamplePerson>,
}

#[derive(Serialize)]
struct ExamplePerson {
    id: u32,
    name: String,
    roles: String,
}

fn form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let mut people = Vec::new();
    if asked.service.is_example {
        for person in asked.service.store()?.people()? {
            let mut roles: Vec<&str> = person.roles.iter().map(|held| held.role.name()).collect();
            roles.dedup();
            people.push(ExamplePerson { id: person.id, name: person.name.clone(), roles: roles.join(", ") });
        }
    }
    let next = next_place(asked.query("next").unwrap_or_default());
    asked.page(&Page::new("sign-in", "Sign in"), &Form { next, people })
}

/// Where to go after signing in: a path of this site, or home.
fn next_place(next: &str) -> String {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if is_path { next.to_owned() } else { "/".to_owned() }
}

fn as_example(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    if !asked.service.is_example {
        return Err(Refusal::Absent);
    }
    let id = asked.field("person").parse().map_err(|_| Refusal::Absent)?;
    let person = asked.service.store()?.person(id)?.ok_or(Refusal::Absent)?;
    if person.state != PersonState::Active {
        return Err(Refusal::Absent);
    }
    let who = Who { person, session: None };
    let token = new_token();
    let new = NewSession {
        token_sha256: sha256(token.as_bytes()),
        person: who.person.id,
        started_at: asked.asking.now,
        way: "example",
        address: &asked.asking.address,
        browser: asked.raw.header("user-agent").unwrap_or_default(),
    };
    let deed = who.deed(&asked.asking, "signed in", "", format!("person {}", who.person.id), "example");
    asked.service.change(|store| store.start_session(&new, &deed))?;
    Ok(Answer::see_other(next_place(asked.field("next"))).with("set-cookie", cookie(&token)))
}

fn sign_out(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let who = asked.who()?;
    let number = who.session.as_ref().map(|session| session.number);
    let deed = who.deed(&asked.asking, "signed out", "", format!("person {}", who.person.id), "");
    asked.service.change(|store| store.end_sessions(who.person.id, number, &deed))?;
    Ok(Answer::see_other("/sign-in")
        .with("set-cookie", cookie(&new_token()))
        .with("clear-site-data", "\"cache\", \"storage\"".into()))
}
