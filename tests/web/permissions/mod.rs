//! Who may ask for what: every route, asked by somebody of every role, answers as `table.csv` says.
//!
//! `yes`: it is done, or refused for another reason than who asks. `no`: exactly as if it were not
//! there. `not allowed`: they may see it, but somebody else does it. `sign in`: they are asked who they are.
//! A route that the table does not have fails the test. Where a route names a return, it is one that the
//! officer's organisation sent and that waits to be accepted; a token is the officer's.

mod world;

use crate::{
    site::{AREA, without_form_tokens},
    system::json,
};
use outturn::web::{
    answer::Answer,
    asked::{Method, RawRequest},
    dispatch,
    interface::is_interface,
    routes::{self, Allows},
};
use std::{collections::BTreeMap, sync::Arc};
pub use world::corrected;
use world::{ACTORS, Actor, NO_AREA, OTHER_AREA, World};

/// Where the provider of identities itself says that somebody signed out there, in a token it has signed.
const NOT_FROM_A_PAGE: &str = "/single-sign-on/logout";

const TABLE: &str = include_str!("table.csv");

/// What the table says, by method and path, then by actor.
fn table() -> BTreeMap<(String, String), Vec<String>> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let actors: Vec<&str> = ACTORS.iter().map(|(name, _)| *name).collect();
    assert_eq!(headings[2..], actors, "the table has a column for each actor");
    let rows = reader.records().map(|row| {
        let cells: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        ((cells[0].clone(), cells[1].clone()), cells[2..].to_vec())
    });
    rows.collect()
}

/// What an answer amounts to.
fn outcome(raw: &RawRequest, answer: &Answer, absent: impl Fn() -> String) -> &'static str {
    let leads_to =
        answer.headers.iter().find(|(name, _)| *name == "location").map(|(_, place)| place.as_str());
    match answer.status {
        401 => "sign in",
        303 if leads_to.is_some_and(|place| place.starts_with("/sign-in?next=")) => "sign in",
        403 => "not allowed",
        404 if without_id(raw, answer) == absent() => "no",
        404 => "its own 404",
        500.. => "failed",
        _ => "yes",
    }
}

/// The body without what differs between two requests.
fn without_id(raw: &RawRequest, answer: &Answer) -> String {
    assert!(!raw.request_id.is_empty());
    without_form_tokens(&String::from_utf8_lossy(&answer.body)).replace(&raw.request_id, "-")
}

/// How a path that leads nowhere is answered to this actor, by the interface or by a page.
fn absent(world: &World, actor: &Actor, path: &str) -> String {
    let raw = if is_interface(path) {
        actor.system.request("GET", "/api/v1/there/is/nothing")
    } else {
        actor.browser.request("GET", "/there/is/nothing")
    };
    let answer = dispatch::answer(&world.site.site, &raw);
    assert_eq!(answer.status, 404);
    without_id(&raw, &answer)
}

/// What somebody gets for a route, in an area.
fn asked(
    world: &World,
    actor: &Actor,
    (method, path): (&str, &str),
    area: &str,
    copy: Option<&str>,
) -> &'static str {
    let raw = world.request(actor, method, path, area);
    let site = copy.map_or_else(|| Arc::clone(&world.site.site), |name| world.copy(name));
    let answer = dispatch::answer(&site, &raw);
    outcome(&raw, &answer, || absent(world, actor, path))
}

#[test]
fn every_route_answers_each_role_as_the_table_says() {
    let (world, table) = (World::new(), table());
    let prints = std::env::var_os("OUTTURN_PRINT_PERMISSIONS").is_some();
    let mut wrong = Vec::new();
    for (index, route) in routes::all().enumerate() {
        let (method, path) = (route.method.name(), route.path);
        let expected = table.get(&(method.to_owned(), path.to_owned()));
        if expected.is_none() {
            wrong.push(format!("{method} {path} is not in the table: say who may ask for it"));
        }
        let mut found = Vec::new();
        for (column, actor) in world.actors.iter().enumerate() {
            let expects = expected.map_or("", |cells| cells[column].as_str());
            // What is done changes nothing for those who ask after.
            let is_done = route.method.is_unsafe() && !["no", "sign in"].contains(&expects);
            let copy = is_done.then(|| format!("{index}-{column}"));
            let outcome = asked(&world, actor, (method, path), AREA, copy.as_deref());
            if expected.is_some() && outcome != expects {
                wrong.push(format!("{method} {path}: {} gets {outcome:?}, not {expects:?}", actor.name));
            }
            found.push(outcome);
        }
        if prints {
            println!("{method},{path},{}", found.join(","));
        }
    }
    for (method, path) in table.keys() {
        if !routes::all().any(|route| (route.method.name(), route.path) == (method, path)) {
            wrong.push(format!("{method} {path} is in the table and no route"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn what_belongs_to_another_area_is_not_there() {
    let world = World::new();
    let mut wrong = Vec::new();
    let of_area = routes::all().filter(|route| matches!(route.allows, Allows::InArea(_)));
    for route in of_area {
        let (method, path) = (route.method.name(), route.path);
        for actor in world.actors.iter().filter(|actor| actor.name != "nobody") {
            for area in [OTHER_AREA, NO_AREA] {
                let outcome = asked(&world, actor, (method, path), area, None);
                if outcome != "no" {
                    wrong.push(format!("{method} {path} in {area}: {} gets {outcome:?}", actor.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// What each of these gets for a deed done to a return in each state, by way of the interface.
#[test]
fn what_may_be_done_to_a_return_depends_on_its_state_and_who_asks() {
    let world = World::new();
    let actors = ["officer", "approver", "other officer", "other approver", "manager", "auditor", "board"];
    // The first return waits, the second was accepted, the third was sent back. Their officer sent them.
    let expected = [
        ("1", "accept", ["403", "200", "404", "404", "200", "403", "404"]),
        ("1", "send-back", ["403", "200", "404", "404", "200", "403", "404"]),
        ("1", "withdraw", ["200", "403", "404", "404", "403", "403", "404"]),
        ("2", "accept", ["403", "409", "404", "404", "409", "403", "404"]),
        ("2", "send-back", ["403", "409", "404", "404", "409", "403", "404"]),
        ("2", "withdraw", ["409", "403", "404", "404", "403", "403", "404"]),
        ("3", "accept", ["403", "409", "404", "404", "409", "403", "404"]),
        ("3", "send-back", ["403", "409", "404", "404", "409", "403", "404"]),
        ("3", "withdraw", ["409", "403", "404", "404", "403", "403", "404"]),
    ];
    let mut wrong = Vec::new();
    for locked in [false, true] {
        for (number, deed, statuses) in &expected {
            for (actor, status) in actors.iter().zip(statuses) {
                let site = world.copy(&format!("{locked}-{number}-{deed}-{actor}"));
                let manager = world.actor("manager").system.before(&site);
                if locked {
                    let place = format!("/api/v1/areas/{AREA}/months/{}/lock", crate::site::MONTH);
                    let reason = serde_json::json!({ "reason": "The figures are closed" });
                    assert_eq!(manager.send(&manager.json("PUT", &place, &reason)).status, 204);
                }
                let system = world.actor(actor).system.before(&site);
                let place = format!("/api/v1/areas/{AREA}/returns/{number}/{deed}");
                let raw = match *deed {
                    "send-back" => system.json("POST", &place, &serde_json::json!({ "reason": "Wrong" })),
                    _ => system.request("POST", &place),
                };
                let answer = system.send(&raw);
                // A locked month takes nothing in; who may not do it anyway is told so.
                let takes_in = *deed == "accept";
                let wanted = if locked && takes_in && *status == "200" { "409" } else { status };
                if answer.status.to_string() != wanted {
                    let said = json(&answer)["detail"].to_string();
                    wrong.push(format!(
                        "return {number}, locked {locked}: {actor}'s {deed} gets {}, not {wanted}: {said}",
                        answer.status
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_form_without_the_pages_token_changes_nothing() {
    let world = World::new();
    let another_session = world.site.as_person("deputy@example.org").form_token();
    let before = world.row_counts();
    let is_page = |path: &str| !is_interface(path) && path != NOT_FROM_A_PAGE;
    for route in routes::all().filter(|route| route.method == Method::Post && is_page(route.path)) {
        // Somebody whom the route lets in, so that the form is what is refused.
        let lets_in = |actor: &&Actor| {
            let person = |email| world.site.site.service.store().unwrap().person_by_email(email).unwrap();
            let email = ACTORS.iter().find(|(name, _)| *name == actor.name).map_or("", |(_, email)| *email);
            let person = person(email);
            match route.allows {
                Allows::Anyone => true,
                Allows::SignedIn => person.is_some(),
                Allows::InArea(roles) => person.is_some_and(|person| person.is_any(roles, AREA)),
                Allows::Anywhere(roles) => person.is_some_and(|person| person.is_any_anywhere(roles)),
            }
        };
        let actor = world.actors.iter().find(lets_in).unwrap();
        for token in [None, Some("00"), Some(another_session.as_str()), Some("")] {
            let mut raw = actor.browser.request("POST", &world.address(route.path, AREA));
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("reason", "Because");
            if let Some(token) = token {
                form.append_pair("form_token", token);
            }
            raw.body = form.finish().into_bytes();
            let answer = dispatch::answer(&world.site.site, &raw);
            assert_eq!(answer.status, 403, "{} with {token:?} as {}", route.path, actor.name);
        }
    }
    assert_eq!(world.row_counts(), before);
}
