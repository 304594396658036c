//! What keeps people apart from whoever means them ill.

use crate::site::{self, AREA, Browser, TestSite, location, on_each_database, text};
use chrono::TimeDelta;
use outturn::{
    demo,
    people::{Role, RoleHeld, token},
    service::{Asking, people::By},
    store::{AuditQuery, Deed, LinkPurpose, OneTimeLink},
};
use std::collections::BTreeSet;

const MANAGER: &str = "manager@example.org";
const PASSWORD: &str = "vexingly brisk otter";
const ANOTHER: &str = "another quixotic marmalade tundra";

fn link_for(site: &TestSite, email: &str) -> String {
    let service = &site.site.service;
    let asking = Asking { now: demo::now(), request_id: "test".into(), address: "127.0.0.1".into() };
    let id = service.person_by_email(By::Operator, email).unwrap().id;
    service.make_link(By::Operator, &asking, id).unwrap()
}

/// Gives one of the example's people a password by a link, and the browser that they did it in.
fn with_password(site: &TestSite, email: &str) -> Browser {
    let browser = site.browser();
    let answer = browser.post(&link_for(site, email), &[("name", "Ann"), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303, "{}", text(&answer));
    browser
}

/// Posts a form as if from this address.
fn post_from(browser: &Browser, address: &str, place: &str, fields: &[(&str, &str)]) -> u16 {
    let token = browser.form_token();
    let mut raw = browser.request("POST", place);
    raw.address = address.into();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).append_pair("form_token", &token);
    raw.body = form.finish().into_bytes();
    browser.send(raw).status
}

fn system_token(browser: &Browser) -> String {
    let page = text(&browser.post("/account/tokens", &[("token_name", "Ledger"), ("days", "30")]));
    page.split("<code class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

fn opens(site: &TestSite, made: &str) -> bool {
    site.site.service.who_has_api_token(&token::kept(made)).unwrap().is_some()
}

#[test]
fn whoever_knows_only_an_address_keeps_its_owner_from_nothing() {
    on_each_database(|site| {
        let owner = with_password(site, MANAGER);
        let stranger = site.browser();
        for _ in 0..12 {
            post_from(&stranger, "203.0.113.9", "/recover", &[("email", MANAGER)]);
        }
        let wrong = [("email", MANAGER), ("password", "wrong")];
        let statuses: Vec<u16> = (0..12)
            .map(|host| post_from(&stranger, &format!("203.0.113.{host}"), "/sign-in", &wrong))
            .collect();
        assert_eq!(statuses, [[422; 10].as_slice(), &[429; 2]].concat(), "from wherever they come");
        assert_eq!(owner.post("/confirm", &[("password", PASSWORD), ("next", "/")]).status, 303);
        let again = [("email", MANAGER), ("password", PASSWORD)];
        assert_eq!(site.browser().post("/sign-in", &again).status, 303, "from where they have been before");
        assert_eq!(site.browser().post("/recover", &[("email", MANAGER)]).status, 200);
    });
}

#[test]
fn ten_guesses_in_an_open_session_are_evaluated() {
    on_each_database(|site| {
        let owner = with_password(site, MANAGER);
        let guess = |_| owner.post("/confirm", &[("password", "wrong"), ("next", "/")]).status;
        assert_eq!((0..11).map(guess).collect::<Vec<_>>(), [[422; 10].as_slice(), &[429]].concat());
    });
}

#[test]
fn fifty_guesses_come_from_all_addresses_of_a_64() {
    on_each_database(|site| {
        let browser = site.browser();
        let guess = |host: usize| {
            let (address, email) = (format!("2001:db8:1:2::{host:x}"), format!("p{host}@example.org"));
            post_from(&browser, &address, "/sign-in", &[("email", &email), ("password", "wrong")])
        };
        let statuses: Vec<u16> = (1..=51).map(guess).collect();
        assert_eq!(statuses, [[422; 50].as_slice(), &[429]].concat());
    });
}

#[test]
fn a_link_that_opens_an_account_stands_in_no_record() {
    on_each_database(|site| {
        let link = link_for(site, "officer.trust@example.org");
        let board = site.as_person("board@example.org");
        let mut raw = board.request("POST", &link);
        raw.body = b"form_token=stale&password=x".to_vec();
        assert_eq!(board.send(raw).status, 403);
        assert_eq!(board.get("/links/no-link").status, 404);
        let query = AuditQuery { deed: Some("refused".into()), ..AuditQuery::default() };
        let (entries, _) = site.site.service.store().unwrap().audit_entries(&query, 0, 9).unwrap();
        let subjects: Vec<_> = entries.iter().map(|entry| entry.subject.as_str()).collect();
        assert!(subjects.contains(&"POST /links/{link}"), "{subjects:?}");
        assert!(!format!("{entries:?}").contains(link.trim_start_matches("/links/")), "{subjects:?}");
    });
}

#[test]
fn a_new_password_ends_what_opened_with_the_old_one() {
    on_each_database(|site| {
        let owner = with_password(site, MANAGER);
        let (made, others) =
            (system_token(&owner), system_token(&site.as_person("officer.trust@example.org")));
        let changed = [("present_password", PASSWORD), ("new_password", ANOTHER)];
        assert!(location(&owner.post("/account/password", &changed)).ends_with("done=password"));
        assert!(!opens(site, &made) && opens(site, &others));

        let made = system_token(&owner);
        assert!(opens(site, &made));
        assert_eq!(site.browser().post(&link_for(site, MANAGER), &[("password", PASSWORD)]).status, 303);
        assert!(!opens(site, &made) && opens(site, &others));
    });
}

#[test]
fn a_number_beyond_all_numbers_is_of_nothing() {
    on_each_database(|site| {
        let (manager, administrator) = (site.as_person(MANAGER), site.as_person("administrator@example.org"));
        for number in ["2147483648", "4294967295", "4294967296"] {
            let returns = format!("/areas/{AREA}/2015-11/returns/{number}");
            assert_eq!(manager.get(&returns).status, 404, "{returns}");
            for place in [format!("/people/{number}"), format!("/plan/editions/{number}/schemes.csv")] {
                assert_eq!(administrator.get(&place).status, 404, "{place}");
            }
        }
    });
}

#[test]
fn a_partner_puts_nothing_in_the_place_of_what_another_reported() {
    on_each_database(|site| {
        let (trust, manager) = (site.as_person("officer.trust@example.org"), site.as_person(MANAGER));
        // The measure is the clinical commissioning group's to report.
        let heading = "org_code,area_code,period,measure_id,numerator,denominator,value";
        let file = format!("{heading}\nRXQ,{AREA},2015-11,NEA,3400,505300,672.9\n");
        let place = format!("/areas/{AREA}/2015-11/returns/upload");
        let check = [("action", "check")];
        let found = trust.upload(&place, &check, ("file", "measures.csv", file.as_bytes()));
        let told = text(&found);
        assert!(told.contains("is reported by NHS Aylesbury Vale"), "{told}");
        let found = text(&manager.upload(&place, &check, ("file", "measures.csv", file.as_bytes())));
        assert!(!found.contains("is reported by"), "{found}");
    });
}

#[test]
fn a_name_reads_as_it_is_written() {
    on_each_database(|site| {
        let owner = with_password(site, MANAGER);
        for name in ["Ann \u{202e}nimda", "Ann\u{1b}[2J", "\u{2066}Ann"] {
            assert_eq!(owner.post("/account/name", &[("name", name)]).status, 422, "{name:?}");
        }
        assert_eq!(owner.post("/account/name", &[("name", "Ann Ó Súilleabháin")]).status, 303);
    });
}

#[test]
fn whoever_asks_for_a_link_ends_nobodys_and_whoever_uses_one_ends_them_all() {
    on_each_database(|site| {
        let mut store = site.site.service.store().unwrap();
        let person = site.site.service.person_by_email(By::Operator, MANAGER).unwrap().id;
        let expires_at = demo::now() + TimeDelta::hours(2);
        let link = OneTimeLink { purpose: LinkPurpose::Recovery, person: Some(person), expires_at };
        let deed = Deed { at: demo::now(), deed: "new link asked for", ..Deed::default() };
        let [first, second, third] = ["first", "second", "third"].map(token::kept);
        store.make_link(&first, &link, None, &deed).unwrap();
        for further in [&second, &third] {
            store.make_further_link(further, &link, None, &deed).unwrap();
        }
        let mut stand =
            || [&first, &second, &third].map(|kept| store.link(kept, demo::now()).unwrap().is_some());
        assert_eq!(stand(), [true; 3]);
        assert!(site.site.service.store().unwrap().use_link(&second, "Ann", "hash", &deed).unwrap());
        assert_eq!(stand(), [false; 3]);
    });
}

#[test]
fn a_link_ends_with_whatever_else_lets_its_person_in_or_keeps_them_out() {
    on_each_database(|site| {
        let service = &site.site.service;
        let asking = Asking { now: demo::now(), request_id: "test".into(), address: "127.0.0.1".into() };
        let opens = |link: &str| site.browser().get(link).status == 200;
        // Signing in by the provider of identities: the invitation is over.
        let role = RoleHeld { role: Role::Auditor, area_code: None, partner_id: None };
        let invited = service.invite(By::Operator, &asking, "nia@example.org", "Nia", &[role]).unwrap();
        assert!(opens(&invited.link));
        let deed = Deed { at: demo::now(), deed: "single sign-on linked", ..Deed::default() };
        let linked = service.change(|store| store.link_subject(invited.person, "issuer", "4711", &deed));
        assert!(linked.unwrap() && !opens(&invited.link));
        let set = [("name", "Nia"), ("password", PASSWORD)];
        assert_eq!(site.browser().post(&invited.link, &set).status, 404);
        // A password that was changed by whoever has it.
        let owner = with_password(site, MANAGER);
        let link = link_for(site, MANAGER);
        let change = [("present_password", PASSWORD), ("new_password", ANOTHER)];
        assert!(opens(&link));
        assert_eq!(owner.post("/account/password", &change).status, 303);
        assert!(!opens(&link));
        // Disabling, for good: letting somebody in again opens no old link.
        let link = link_for(site, MANAGER);
        let id = service.person_by_email(By::Operator, MANAGER).unwrap().id;
        service.disable(By::Operator, &asking, id).unwrap();
        service.enable(By::Operator, &asking, id).unwrap();
        assert!(!opens(&link) && opens(&link_for(site, MANAGER)));
    });
}

#[test]
fn a_page_writes_its_form_token_otherwise_wherever_something_else_is_asked_for() {
    let site = site::example();
    let browser = site.as_person("auditor@example.org");
    let tokens = |place: &str| -> Vec<String> {
        let page = text(&browser.get(place));
        let tokens = page.split("name=\"form_token\" value=\"").skip(1);
        tokens.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let figures = format!("/areas/{AREA}/2015-11/scorecard?domain");
    let mut seen: Vec<String> =
        (0..8).flat_map(|guess| tokens(&format!("/audit?words=form_token{guess}"))).collect();
    seen.extend((0..8).flat_map(|guess| tokens(&format!("{figures}={guess}"))));
    assert!(seen.len() >= 16);
    for token in &seen {
        assert_eq!(token.len(), 128, "{token}");
    }
    // No stretch of one stands in another, so that what is guessed of one is of no use with the next.
    let halves: BTreeSet<&str> = seen.iter().flat_map(|token| [&token[..64], &token[64..]]).collect();
    assert_eq!(halves.len(), 2 * seen.len());
    // Each is right all the same.
    for token in &seen[..2] {
        let mut raw = browser.request("POST", "/sign-out");
        raw.body = format!("form_token={token}").into_bytes();
        assert_ne!(browser.send(raw).status, 403);
    }
}
