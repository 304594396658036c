//! The interface: what other systems ask for, and how they are refused.

use crate::{
    site::{AREA, MONTH, example, on_each_database, text},
    system::{header, json},
};
use outturn::{
    store::{GivenKey, KeptAnswer, KeyState, Pool},
    web::answer::Answer,
};
use serde_json::json;
use std::sync::Barrier;

const PROBLEM: &str = "application/problem+json";

/// The slug of the problem that was answered with; fails where the details are not whole.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.content_type, PROBLEM, "{}", text(answer));
    let details = json(answer);
    assert_eq!(details["status"], answer.status);
    for part in ["title", "detail", "request_id"] {
        assert!(details[part].as_str().is_some_and(|words| !words.is_empty()), "{part}: {details}");
    }
    details["type"].as_str().unwrap().strip_prefix("/api#").unwrap().to_owned()
}

#[test]
fn a_token_is_asked_for_and_a_cookie_does_not_count() {
    on_each_database(|site| {
        let refused = site.system_of_nobody().get("/api/v1/areas");
        assert_eq!((refused.status, problem(&refused).as_str()), (401, "no-token"));
        assert_eq!(header(&refused, "www-authenticate"), Some("Bearer"));
        assert_eq!(site.as_person("manager@example.org").get("/api/v1/areas").status, 401);
        for wrong in ["Bearer outturn_00", "Bearer", "Basic YTpi", ""] {
            let nobody = site.system_of_nobody();
            let answer = nobody.get_with("/api/v1/areas", ("authorization", wrong));
            assert_eq!(answer.status, 401, "{wrong:?}");
        }
        let me = json(&site.system_of("manager@example.org").get("/api/v1/me"));
        assert_eq!(
            (&me["name"], &me["roles"][0]["role"]),
            (&json!("Morgan Ellis"), &json!("pooled budget manager"))
        );
    });
}

#[test]
fn the_document_and_its_page_are_there_for_anyone() {
    let site = example();
    let document = site.system_of_nobody().get("/api/v1/openapi.json");
    assert_eq!(json(&document)["openapi"], "3.1.0");
    let page = text(&site.browser().get("/api"));
    for slug in ["absent", "key-used", "locked"] {
        assert!(page.contains(&format!("<div id=\"{slug}\">")), "{slug} is told of");
    }
    for path in json(&document)["paths"].as_object().unwrap().keys() {
        assert!(page.contains(&format!(" {path}</code>")), "{path} is on the page");
    }
}

#[test]
fn what_is_hidden_and_what_is_not_there_are_refused_alike() {
    on_each_database(|site| {
        let without_id = |answer: &Answer| {
            let mut details = json(answer);
            details.as_object_mut().unwrap().remove("request_id");
            (answer.status, details)
        };
        let administrator = site.system_of("administrator@example.org");
        let hidden = administrator.get(&format!("/api/v1/areas/{AREA}"));
        let absent = administrator.get("/api/v1/areas/E99999999");
        let nowhere = administrator.get("/api/v1/nothing");
        assert_eq!(problem(&hidden), "absent");
        assert_eq!(without_id(&hidden), without_id(&absent));
        assert_eq!(without_id(&hidden), without_id(&nowhere));
        let manager = site.system_of("manager@example.org");
        for place in [
            format!("/api/v1/areas/{AREA}/months/1999-01/position"),
            format!("/api/v1/areas/{AREA}/months/x/position"),
            format!("/api/v1/areas/{AREA}/months/{MONTH}/tables/nothing"),
            format!("/api/v1/areas/{AREA}/packs/{MONTH}/99"),
            format!("/api/v1/areas/{AREA}/packs/{MONTH}/1/files/../x"),
        ] {
            assert_eq!(without_id(&manager.get(&place)), without_id(&absent), "{place}");
        }
    });
}

#[test]
fn another_method_is_told_which_there_are() {
    let site = example();
    let manager = site.system_of("manager@example.org");
    for method in ["DELETE", "PATCH", "OPTIONS"] {
        let answer = manager.send(&manager.request(method, "/api/v1/areas"));
        assert_eq!((answer.status, problem(&answer).as_str()), (405, "other-method"));
        assert_eq!(header(&answer, "allow"), Some("GET, HEAD"));
    }
}

#[test]
fn everything_wrong_with_a_query_is_told_at_once() {
    let site = example();
    let answer = site.system_of("manager@example.org").get("/api/v1/areas?limit=0&page=2&cursor=x");
    assert_eq!((answer.status, problem(&answer).as_str()), (422, "invalid"));
    let errors = json(&answer)["errors"].clone();
    let named: Vec<&str> =
        errors.as_array().unwrap().iter().map(|error| error["parameter"].as_str().unwrap()).collect();
    assert_eq!(named, ["limit", "page", "cursor"]);
}

#[test]
fn figures_are_those_of_the_pack() {
    on_each_database(|site| {
        let board = site.system_of("board@example.org");
        let area = json(&board.get(&format!("/api/v1/areas/{AREA}")));
        assert_eq!(area["latest_month"], MONTH);
        let files = format!("/api/v1/areas/{AREA}/packs/{MONTH}/1/files");
        let live = board.get(&format!("/api/v1/areas/{AREA}/months/{MONTH}/position"));
        assert_eq!(live.body, board.get(&format!("{files}/positions.json")).body);
        let scorecard = json(&board.get(&format!("/api/v1/areas/{AREA}/months/{MONTH}/scorecard")));
        assert_eq!(scorecard["measures"], json(&live)["scorecard"]);
        let tables = json(&board.get(&format!("/api/v1/areas/{AREA}/months/{MONTH}/tables?limit=200")));
        for table in tables["items"].as_array().unwrap() {
            let name = table["table"].as_str().unwrap();
            let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/tables/{name}");
            let csv = board.get_with(&place, ("accept", "text/csv"));
            assert_eq!(csv.body, board.get(&format!("{files}/data/{name}.csv")).body, "{name}");
            let rows = json(&board.get(&place))["rows"].as_array().unwrap().len();
            assert_eq!(table["rows"], rows);
        }
    });
}

#[test]
fn whoever_takes_none_of_its_forms_is_told_which_there_are() {
    let site = example();
    let board = site.system_of("board@example.org");
    let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/tables/scorecard");
    let answer = board.get_with(&place, ("accept", "image/png"));
    assert_eq!((answer.status, problem(&answer).as_str()), (406, "not-acceptable"));
    assert_eq!(
        board.get_with(&place, ("accept", "text/*;q=0.2, application/json;q=0.1")).content_type,
        "text/csv; charset=utf-8"
    );
    assert_eq!(board.get_with(&place, ("accept", "*/*")).content_type, "application/json");
}

#[test]
fn what_is_held_already_is_not_sent_again() {
    let site = example();
    let board = site.system_of("board@example.org");
    let place = format!("/api/v1/areas/{AREA}");
    let first = board.get(&place);
    let tag = header(&first, "etag").unwrap();
    let again = board.get_with(&place, ("if-none-match", tag));
    assert_eq!((again.status, again.body.len(), header(&again, "etag")), (304, 0, Some(tag)));
    assert_eq!(board.get_with(&place, ("if-none-match", "\"other\"")).status, 200);
}

#[test]
fn a_list_is_given_part_by_part() {
    on_each_database(|site| {
        let auditor = site.system_of("auditor@example.org");
        let mut place = format!("/api/v1/areas/{AREA}/months/{MONTH}/tables?limit=5");
        let mut names = Vec::new();
        loop {
            let part = auditor.get(&place);
            let items = json(&part)["items"].clone();
            names.extend(items.as_array().unwrap().iter().map(|item| item["table"].to_string()));
            let Some(link) = header(&part, "link") else { break };
            let (next, relation) = link.split_once(">; ").unwrap();
            assert_eq!(relation, "rel=\"next\"");
            place = next[1..].to_owned();
        }
        let whole = json(&auditor.get(&format!("/api/v1/areas/{AREA}/months/{MONTH}/tables?limit=200")));
        let whole: Vec<String> =
            whole["items"].as_array().unwrap().iter().map(|item| item["table"].to_string()).collect();
        assert_eq!(names, whole);
        assert!(names.len() > 5);
    });
}

/// What a key's first request waits for in the tests below.
fn given(person: u32, request: u8) -> GivenKey<'static> {
    GivenKey { person, key: "k", request_sha256: [request; 32] }
}

#[test]
fn of_twenty_who_take_a_key_at_once_one_does() {
    on_each_database(|site| {
        let now = site.site.service.clock.now();
        let before = now - chrono::TimeDelta::minutes(5);
        // Each instance has a pool of its own.
        let pools = [Pool::open(&site.database, 10).unwrap(), Pool::open(&site.database, 10).unwrap()];
        let barrier = Barrier::new(20);
        let states: Vec<KeyState> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20)
                .map(|index| {
                    let (pool, barrier) = (pools[index % 2].clone(), &barrier);
                    scope.spawn(move || {
                        let mut store = pool.get().unwrap();
                        barrier.wait();
                        store.take_key(&given(1, 7), now, before).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |state: KeyState| states.iter().filter(|found| **found == state).count();
        assert_eq!((count(KeyState::Taken), count(KeyState::UnderWay)), (1, 19));
        let mut store = site.site.service.store().unwrap();
        assert_eq!(store.take_key(&given(1, 8), now, before).unwrap(), KeyState::OtherRequest);
        assert_eq!(store.take_key(&given(2, 8), now, before).unwrap(), KeyState::Taken);
    });
}

#[test]
fn a_key_is_freed_by_a_refusal_and_kept_with_an_answer() {
    on_each_database(|site| {
        let now = site.site.service.clock.now();
        let before = now - chrono::TimeDelta::minutes(5);
        let mut store = site.site.service.store().unwrap();
        let key = given(1, 7);
        assert_eq!(store.take_key(&key, now, before).unwrap(), KeyState::Taken);
        store.free_key(&key).unwrap();
        assert_eq!(store.take_key(&key, now, before).unwrap(), KeyState::Taken);
        // A request that was cut off has its key taken over.
        let later = now + chrono::TimeDelta::minutes(6);
        let cut_off = later - chrono::TimeDelta::minutes(5);
        assert_eq!(store.take_key(&key, later, cut_off).unwrap(), KeyState::Taken);
        assert_eq!(store.take_key(&key, later, cut_off).unwrap(), KeyState::UnderWay);
        let answer = KeptAnswer {
            status: 201,
            content_type: "application/json".into(),
            location: "/x".into(),
            body: b"{}".to_vec(),
        };
        store.keep_answer(&key, &answer).unwrap();
        store.free_key(&key).unwrap();
        assert_eq!(store.take_key(&key, later, cut_off).unwrap(), KeyState::Answered(answer));
    });
}
