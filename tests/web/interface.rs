//! The interface: what other systems ask for, and how they are refused.

use crate::{
    permissions::corrected,
    site::{AREA, MONTH, TestSite, example, on_each_database, text},
    system::{System, header, json, with},
};
use outturn::{
    store::{AuditQuery, GivenKey, KeptAnswer, KeyState, Pool},
    web::{answer::Answer, asked::RawRequest},
};
use serde_json::{Value as Json, json};
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

const OFFICER: &str = "officer.council@example.org";

fn months() -> String {
    format!("/api/v1/areas/{AREA}/months/{MONTH}")
}

/// A finance return for one form, with a header.
fn sending(system: &System, file: &str, key: &str) -> RawRequest {
    let file = Some(("file", "finance.csv", file.as_bytes()));
    with(system.form("POST", &format!("{}/returns", months()), &[], file), ("idempotency-key", key))
}

fn submitted(site: &TestSite) -> usize {
    site.site.service.store().unwrap().sent_returns(AREA, None).unwrap().len()
}

#[test]
fn a_request_that_comes_again_has_one_effect_and_one_answer() {
    on_each_database(|site| {
        let officer = site.system_of(OFFICER);
        let first = officer.send(&sending(&officer, &corrected(1), "nightly-1"));
        assert_eq!(first.status, 201, "{}", text(&first));
        let place = header(&first, "location").unwrap();
        assert_eq!(json(&officer.get(place))["state"], "submitted");
        let again = officer.send(&sending(&officer, &corrected(1), "nightly-1"));
        assert_eq!((again.status, &again.body, header(&again, "location")), (201, &first.body, Some(place)));
        assert_eq!(header(&again, "idempotency-replayed"), Some("true"));
        let other = officer.send(&sending(&officer, &corrected(2), "nightly-1"));
        assert_eq!((other.status, problem(&other).as_str()), (422, "key-used"));
        let another_person = site.system_of("officer.trust@example.org");
        let theirs = another_person.send(&sending(&another_person, &corrected(2), "nightly-1"));
        assert_eq!(problem(&theirs), "invalid", "a key is its person's own; the rows are another's");
        assert_eq!(submitted(site), 1);
        // What changes nothing is worked out anew, and kept for no key.
        for pounds in [3, 4] {
            let (place, file) = (format!("{}/returns/check", months()), corrected(pounds));
            let check = officer.form("POST", &place, &[], Some(("file", "finance.csv", file.as_bytes())));
            let checked = officer.send(&with(check, ("idempotency-key", "check-1")));
            assert_eq!((checked.status, header(&checked, "idempotency-replayed")), (200, None));
        }
    });
}

#[test]
fn of_twenty_who_send_the_same_at_once_one_has_an_effect() {
    on_each_database(|site| {
        let officer = site.system_of(OFFICER);
        let other_instance = site.later(chrono::TimeDelta::zero());
        let barrier = Barrier::new(20);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20)
                .map(|index| {
                    let system =
                        if index % 2 == 0 { officer.clone() } else { officer.before(&other_instance) };
                    let barrier = &barrier;
                    scope.spawn(move || {
                        let raw = sending(&system, &corrected(1), "race");
                        barrier.wait();
                        system.send(&raw)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!done.is_empty());
        assert!(done.iter().all(|answer| answer.body == done[0].body), "all are told of one return");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status, problem(answer).as_str()), (409, "under-way"));
        }
        assert_eq!(submitted(site), 1);
        let mut store = site.site.service.store().unwrap();
        let sent = AuditQuery { deed: Some("return sent".into()), ..AuditQuery::default() };
        assert_eq!(store.audit_entries(&sent, 0, 50).unwrap().1, 1);
    });
}

#[test]
fn a_faulty_return_is_refused_whole_with_every_row_and_column() {
    on_each_database(|site| {
        let officer = site.system_of(OFFICER);
        let faulty = corrected(1).replacen(",S08,", ",S99,", 1).replacen("612,", "RXQ,", 1);
        let check = Some(("file", "finance.csv", faulty.as_bytes()));
        let found = officer.send(&officer.form("POST", &format!("{}/returns/check", months()), &[], check));
        assert_eq!(found.status, 200);
        assert_eq!(json(&found)["faults"].as_array().unwrap().len(), 2);
        let refused = officer.send(&sending(&officer, &faulty, "faulty"));
        assert_eq!((refused.status, problem(&refused).as_str()), (422, "invalid"));
        let errors = json(&refused)["errors"].clone();
        let columns: Vec<&str> =
            errors.as_array().unwrap().iter().map(|error| error["column"].as_str().unwrap()).collect();
        assert_eq!(columns, ["org_code", "scheme_id"]);
        assert!(errors[0]["row"].as_u64().is_some_and(|row| row >= 2), "{errors}");
        assert_eq!(submitted(site), 0);
        // A refusal frees the key.
        assert_eq!(officer.send(&sending(&officer, &corrected(1), "faulty")).status, 201);
    });
}

#[test]
fn a_return_is_accepted_by_another_system_and_counts_at_once() {
    on_each_database(|site| {
        let (officer, approver) = (site.system_of(OFFICER), site.system_of("approver.council@example.org"));
        let sent = json(&officer.send(&sending(&officer, &corrected(100), "a")));
        let place = format!("/api/v1/areas/{AREA}/returns/{}", sent["number"]);
        let before = officer.get(&format!("{}/position", months())).body;
        let own = officer.send(&officer.request("POST", &format!("{place}/accept")));
        assert_eq!((own.status, problem(&own).as_str()), (403, "not-allowed"));
        let accepted = approver.send(&approver.request("POST", &format!("{place}/accept")));
        assert_eq!((accepted.status, &json(&accepted)["state"]), (200, &json!("accepted")));
        assert_ne!(officer.get(&format!("{}/position", months())).body, before);
        let again = approver.send(&approver.request("POST", &format!("{place}/accept")));
        assert_eq!((again.status, problem(&again).as_str()), (409, "conflict"));
        assert_eq!(officer.get(&format!("{place}/file")).body, corrected(100).as_bytes());
        let events = json(&officer.get(&format!("{place}/timeline")))["events"].clone();
        assert_eq!(events.as_array().unwrap().len(), 2, "{events}");
    });
}

#[test]
fn an_edit_of_what_has_changed_since_is_refused() {
    on_each_database(|site| {
        let manager = site.system_of("manager@example.org");
        let place = format!("{}/lock", months());
        let open = header(&manager.get(&place), "etag").unwrap().to_owned();
        let lock = manager.json("PUT", &place, &json!({ "reason": "The figures are closed" }));
        assert_eq!(manager.send(&with(lock.clone(), ("if-match", &open))).status, 204);
        let late = manager.send(&with(lock, ("if-match", &open)));
        assert_eq!((late.status, problem(&late).as_str()), (412, "changed"));
        let locked = header(&manager.get(&place), "etag").unwrap().to_owned();
        let unlock = manager.request("DELETE", &format!("{place}?reason=A+late+return"));
        assert_eq!(manager.send(&with(unlock, ("if-match", &locked))).status, 204);
        assert_eq!(json(&manager.get(&place))["is_locked"], false);
    });
}

#[test]
fn a_body_that_is_not_what_it_should_be_is_told_where() {
    let site = example();
    let manager = site.system_of("manager@example.org");
    let place = format!("{}/lock", months());
    let told = |body: &str, kind: &str| {
        let raw = with(manager.request("PUT", &place), ("content-type", kind));
        let answer = manager.send(&RawRequest { body: body.as_bytes().to_vec(), ..raw });
        (answer.status, problem(&answer), json(&answer))
    };
    let json_kind = "application/json";
    let (status, slug, details) = told("{\"reason\":\n 1", json_kind);
    assert_eq!((status, slug.as_str()), (400, "malformed"));
    assert!(details["detail"].as_str().unwrap().contains("line 2"), "{details}");
    let (status, _, details) = told("{\"reason\":\"x\",\"why\":1}", json_kind);
    assert_eq!((status, &details["errors"][0]["pointer"]), (422, &json!("/why")));
    assert_eq!(told("{}", "text/plain").1, "other-kind");
    assert_eq!(told("reason=x", "application/x-www-form-urlencoded").1, "other-kind");
}

#[test]
fn what_if_moves_figures_and_stores_nothing() {
    on_each_database(|site| {
        let alliance = site.system_of("alliance@example.org");
        let before = alliance.get(&format!("{}/position", months())).body;
        let ask = |change: Json| {
            let body = json!({ "changes": [change] });
            alliance.send(&alliance.json("POST", &format!("{}/what-if", months()), &body))
        };
        let moved = ask(json!({ "change": "outturn", "scheme": "S08", "outturn_pence": 100_000_000 }));
        assert_eq!(moved.status, 200, "{}", text(&moved));
        assert!(!json(&moved)["figures"].as_array().unwrap().is_empty());
        let unknown = ask(json!({ "change": "outturn", "scheme": "S99", "outturn_pence": 1 }));
        assert_eq!((unknown.status, problem(&unknown).as_str()), (422, "invalid"));
        let wrong = ask(json!({ "change": "year_to_date", "measure": "NEA", "value": "many" }));
        assert_eq!(json(&wrong)["errors"][0]["pointer"], "/changes/0/value");
        assert_eq!(alliance.get(&format!("{}/position", months())).body, before);
    });
}

#[test]
fn every_figure_of_a_table_is_explained() {
    let site = example();
    let alliance = site.system_of("alliance@example.org");
    let table = json(&alliance.get(&format!("{}/tables/schemes", months())));
    let row = &table["rows"][0];
    for (column, figure) in row["figures"].as_object().unwrap() {
        let figure = figure.as_str().unwrap();
        let explained = json(&alliance.get(&format!("{}/figures/{figure}", months())));
        assert_eq!(explained["value"], row["values"][column], "{figure}");
    }
}
