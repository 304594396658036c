//! Accepting, sending back and withdrawing: who may, and who was first.

use super::{APPROVER, MANAGER, OFFICER, OTHER_OFFICER, corrected, counts, returns, send, upload};
use crate::{
    site::{AREA, example, location, on_each_database, text, without_form_tokens},
    system::json,
};
use outturn::{
    demo,
    people::{PersonState, Role, RoleHeld},
    store::{DatabaseUrl, Deed, NewPerson, Store},
};

const DEPUTY: &str = "deputy@example.org";
const OTHER_APPROVER: &str = "approver.trust@example.org";
const AUDITOR: &str = "auditor@example.org";

#[test]
fn another_organisations_returns_look_as_if_they_were_not_there() {
    on_each_database(|site| {
        let number = send(&site.as_person(OFFICER), &corrected(1));
        let without_reference = |page: &str| without_form_tokens(page.split("Reference").next().unwrap());
        for person in [OTHER_OFFICER, OTHER_APPROVER] {
            let browser = site.as_person(person);
            for rest in ["", "/received", "/receipt", "/file"] {
                let hidden = browser.get(&format!("{}/{number}{rest}", returns()));
                let absent = browser.get(&format!("{}/99{rest}", returns()));
                assert_eq!((hidden.status, absent.status), (404, 404), "{person} {rest}");
                assert_eq!(without_reference(&text(&hidden)), without_reference(&text(&absent)));
            }
            for deed in ["accept", "send-back", "withdraw"] {
                let answer = browser.post(&format!("{}/{number}/{deed}", returns()), &[("reason", "no")]);
                assert_eq!(answer.status, 404, "{person} {deed}");
            }
            let list = text(&browser.get(&format!("{}/all", returns())));
            assert!(!list.contains(&format!("R{number}<")), "{list}");
        }
        for person in [MANAGER, AUDITOR, APPROVER] {
            let browser = site.as_person(person);
            assert_eq!(browser.get(&format!("{}/{number}", returns())).status, 200, "{person}");
            assert_eq!(browser.get(&format!("{}/{number}/file", returns())).status, 200, "{person}");
        }
        let board = site.as_person("board@example.org");
        assert_eq!(board.get(&returns()).status, 404);
        // A return is found in its own month alone.
        let elsewhere = format!("/areas/{AREA}/2015-10/returns/{number}");
        assert_eq!(site.as_person(OFFICER).get(&elsewhere).status, 404);
    });
}

#[test]
fn nobody_accepts_what_they_sent_whatever_they_may_be() {
    let site = example();
    let held = |role: Role| RoleHeld {
        role,
        area_code: Some(AREA.into()),
        partner_id: role.is_of_partner().then(|| "BCC".to_owned()),
    };
    // Every set of roles, as bits.
    for mix in 0..1u32 << Role::ALL.len() {
        let roles: Vec<RoleHeld> = Role::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| mix >> bit & 1 == 1)
            .map(|(_, role)| held(role))
            .collect();
        let may_send = roles.iter().any(|held| outturn::service::returns::SENDERS.contains(&held.role));
        if !may_send {
            continue;
        }
        let email = format!("mix{mix}@example.org");
        let mut store = Store::open(&site.database).unwrap();
        let new = NewPerson {
            email: &email,
            name: "Every mix",
            state: PersonState::Active,
            roles: &roles,
            created_at: demo::now(),
        };
        let deed = Deed { at: demo::now(), deed: "person added", ..Deed::default() };
        store.add_person(&new, &deed).unwrap().unwrap();
        let person = site.as_person(&email);
        let number = send(&person, &corrected(i64::from(mix)));
        let before = store.submissions(Some(AREA)).unwrap().len();
        for deed in ["accept", "send-back"] {
            let answer = person.post(&format!("{}/{number}/{deed}", returns()), &[("reason", "mine")]);
            assert_eq!(answer.status, 403, "{roles:?} {deed}");
            assert!(text(&answer).contains("You cannot do this"));
        }
        assert!(store.sent_return(AREA, number).unwrap().unwrap().decision.is_none());
        assert_eq!(store.submissions(Some(AREA)).unwrap().len(), before);
    }
}

#[test]
fn an_officer_decides_about_nothing_and_an_auditor_only_reads() {
    let site = example();
    let number = send(&site.as_person(APPROVER), &corrected(1));
    for person in [OFFICER, AUDITOR] {
        let answer = site.as_person(person).post(&format!("{}/{number}/accept", returns()), &[]);
        assert_eq!(answer.status, 403, "{person}");
    }
    assert_eq!(site.as_person(AUDITOR).get(&format!("{}/upload", returns())).status, 404);
}

#[test]
fn of_many_who_accept_at_once_one_is_first_and_the_others_are_told() {
    on_each_database(|site| {
        let number = send(&site.as_person(OFFICER), &corrected(3));
        let before = counts(site)["submissions"];
        let place = format!("{}/{number}/accept", returns());
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..50)
                .map(|one| {
                    let place = &place;
                    scope.spawn(move || {
                        let person = [APPROVER, MANAGER, DEPUTY][one % 3];
                        let browser = site.as_person(person);
                        browser.post(place, &[]).status
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |status: u16| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(303), count(409)), (1, 49), "{answers:?}");
        assert_eq!(counts(site)["submissions"], before + 1);
    });
}

#[test]
fn a_return_that_was_sent_back_says_why_and_can_be_sent_anew() {
    on_each_database(|site| {
        let (officer, approver) = (site.as_person(OFFICER), site.as_person(APPROVER));
        let number = send(&officer, &corrected(4));
        let place = format!("{}/{number}", returns());
        let answer = approver.post(&format!("{place}/send-back"), &[("reason", "")]);
        assert_eq!(answer.status, 422);
        assert!(text(&answer).contains("Enter why the return is sent back"));
        let answer =
            approver.post(&format!("{place}/send-back"), &[("reason", "S08 lacks the November invoice")]);
        assert_eq!(answer.status, 303);
        assert!(text(&officer.get(&place)).contains("S08 lacks the November invoice"));
        assert!(text(&officer.get(&returns())).contains("Sent back"));
        assert_eq!(approver.post(&format!("{place}/accept"), &[]).status, 409);
        // The same bytes are a new return now: the first one is over.
        assert_eq!(send(&officer, &corrected(4)), number + 1);
        assert_eq!(approver.post(&format!("{}/{}/accept", returns(), number + 1), &[]).status, 303);
    });
}

#[test]
fn only_its_sender_withdraws_a_return_and_only_while_it_waits() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let number = send(&officer, &corrected(5));
    let place = format!("{}/{number}/withdraw", returns());
    assert_eq!(site.as_person(MANAGER).post(&place, &[]).status, 403);
    assert_eq!(officer.post(&place, &[]).status, 303);
    let again = officer.post(&place, &[]);
    assert_eq!(again.status, 409);
    assert!(text(&again).contains("Priya Shah decided about this return before"), "{}", text(&again));
}

#[test]
fn a_plan_that_has_changed_so_that_rows_fail_stands_in_the_way_of_accepting() {
    let site = example();
    let number = send(&site.as_person(OFFICER), &corrected(8));
    let files: Vec<(String, Vec<u8>)> = demo::plan_files()
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let text =
                if name == "schemes.csv" { text.replace("E10000002,S14,", "E10000002,S15,") } else { text };
            (name.to_owned(), text.into_bytes())
        })
        .collect();
    site.site
        .service
        .change(|store| store.keep_plan(&files, &Deed { at: demo::now(), ..Deed::default() }))
        .unwrap();
    let answer = site.as_person(APPROVER).post(&format!("{}/{number}/accept", returns()), &[]);
    let page = text(&answer);
    assert_eq!(answer.status, 409, "{page}");
    assert!(page.contains("S14") && page.contains("is not a scheme of the plan"), "{page}");
}

#[test]
fn a_manager_sends_for_all_and_another_manager_accepts() {
    let site = example();
    let manager = site.as_person(MANAGER);
    let (_, _, all) = demo::return_files().into_iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let file = String::from_utf8(all.to_vec()).unwrap() + "\n";
    let answer = upload(&manager, "send", &file);
    let draft_or_sent = location(&answer);
    if draft_or_sent.contains("/drafts/") {
        let fields = [("on_behalf_of", ""), ("comment", "As published")];
        manager.post(&format!("{}/drafts/finance", returns()), &fields);
    }
    assert_eq!(site.as_person(APPROVER).post(&format!("{}/1/accept", returns()), &[]).status, 404);
    assert_eq!(manager.post(&format!("{}/1/accept", returns()), &[]).status, 403);
    assert_eq!(site.as_person(DEPUTY).post(&format!("{}/1/accept", returns()), &[]).status, 303);
}

#[test]
fn a_file_that_is_not_what_was_sent_any_more_is_found() {
    let site = example();
    let number = send(&site.as_person(OFFICER), &corrected(9));
    let mut store = Store::open(&site.database).unwrap();
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    let DatabaseUrl::Sqlite(path) = &site.database else { panic!("on SQLite") };
    let database = rusqlite::Connection::open(path).unwrap();
    let changed = database.execute("UPDATE sent_return_file SET encoding = 'plain'", []).unwrap();
    assert_eq!(changed, 1);
    let faults = store.integrity_check().unwrap();
    assert_eq!(faults, [format!("{AREA}, return {number}: the file is not what was sent")]);
}

#[test]
fn a_list_is_read_on_where_it_was_left_whatever_comes_in_between() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let sent: Vec<u32> = (1..=3).map(|more| send(&officer, &corrected(more))).collect();
    let part = |cursor: &str| {
        let place = format!("/api/v1/areas/{AREA}/returns?limit=2{cursor}");
        let part = json(&site.system_of(OFFICER).get(&place));
        let numbers: Vec<u64> =
            part["items"].as_array().unwrap().iter().map(|item| item["number"].as_u64().unwrap()).collect();
        (numbers, part["next"].as_str().map(|next| format!("&cursor={next}")))
    };
    let (first, next) = part("");
    assert_eq!(first, [u64::from(sent[2]), u64::from(sent[1])]);
    send(&officer, &corrected(4));
    assert_eq!(part(&next.unwrap()), (vec![u64::from(sent[0])], None));
}
