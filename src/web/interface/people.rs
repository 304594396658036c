//! People and what they may be, for administrators.
//!
//! Only to be read: who may do what is changed by a person who has just shown who they are, never by a
//! system with a token.

use super::{
    account::HeldRole,
    documented::{Documented, Gives, of},
    list::{List, PAGED},
    words::Time,
};
use crate::{
    people::{Person, Role},
    service::{
        Refusal,
        people::{By, PersonShown},
    },
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

const PART: &str = "People";
const ADMINISTRATOR: Allows = Allows::Anywhere(&[Role::Administrator]);
const NOTE: &str = "People and roles are changed on the service's pages, by an administrator who has just shown \
                    who they are.";

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/people", ADMINISTRATOR, people).documented(
        Documented::new(
            PART,
            "listPeople",
            "Everybody, in the order of their names",
            Gives::json("People and their roles.", of::<List<PersonNamed>>),
        )
        .noting(NOTE)
        .asking(PAGED),
    ),
    Route::get("/api/v1/people/{person}", ADMINISTRATOR, person).documented(
        Documented::new(
            PART,
            "getPerson",
            "Somebody, and what there is to the account",
            Gives::json("The person.", of::<Account>),
        )
        .noting(NOTE),
    ),
];

/// Somebody and what they may be.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Person")]
struct PersonNamed {
    person: u32,
    name: String,
    email: String,
    /// `invited`, `active` or `disabled`.
    state: &'static str,
    roles: Vec<HeldRole>,
    /// Null before the first time.
    last_seen_at: Option<Time>,
}

/// Somebody, and what there is to the account.
#[derive(Serialize, JsonSchema)]
struct Account {
    #[serde(flatten)]
    person: PersonNamed,
    has_password: bool,
    has_second_factor: bool,
    has_single_sign_on: bool,
    open_sessions: usize,
}

impl PersonNamed {
    fn of(person: &Person, last_seen_at: Option<Time>) -> PersonNamed {
        PersonNamed {
            person: person.id,
            name: person.name.clone(),
            email: person.email.clone(),
            state: person.state.name(),
            roles: person.roles.iter().map(HeldRole::of).collect(),
            last_seen_at,
        }
    }
}

fn people(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let people = asked.service.people(By::Person(asked.who()?))?;
    asked.list(people.iter().map(|listed| PersonNamed::of(&listed.person, listed.last_seen_at.map(Time))))
}

fn person(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let id = asked.number("person")?;
    let shown: PersonShown = asked.service.person_shown(By::Person(asked.who()?), &asked.asking, id)?;
    let seen = shown.sessions.iter().map(|session| session.last_seen_at).max();
    Ok(Answer::json(&Account {
        person: PersonNamed::of(&shown.person, seen.map(Time)),
        has_password: shown.has_password,
        has_second_factor: shown.has_second_factor,
        has_single_sign_on: shown.has_single_sign_on,
        open_sessions: shown.sessions.len(),
    }))
}
