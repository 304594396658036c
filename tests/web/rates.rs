//! How often a partner's system may ask, and how much somebody may send within a day.

use crate::{
    returns::corrected,
    site::{AREA, Browser, MONTH, TestSite, location, on_each_database, text},
    system::{System, json},
};
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    packs::template::Templates,
    service::Service,
    store::{AuditQuery, SendLimits},
    web::{Site, answer::Answer},
};
use std::sync::Arc;

#[test]
fn a_token_that_asks_too_often_is_told_when_to_come_again_and_stands_in_nobodys_way() {
    on_each_database(|site| {
        let service =
            Service::open(&site.database, Clock::starting_at(demo::now()), Templates::built_in(), true)
                .unwrap();
        let served = Arc::new(Site::new(Arc::new(service.with_requests_a_minute(3))));
        let system = |email: &str| site.system_of(email).before(&served);
        let ask = |system: &System| system.get("/api/v1/areas");
        let (busy, other) = (system("manager@example.org"), system("manager@example.org"));
        for _ in 0..3 {
            assert_eq!(ask(&busy).status, 200);
        }
        served.service.clock.put_forward(TimeDelta::seconds(20));
        let refused = ask(&busy);
        assert_eq!((refused.status, retry_after(&refused)), (429, Some("40")));
        assert_eq!(refused.content_type, "application/problem+json");
        assert_eq!(json(&refused)["type"], "/api#too-many");
        // Neither another token of the same person nor the person's browser is held up.
        assert_eq!(ask(&other).status, 200);
        assert_eq!(site.as_person("manager@example.org").before(&served).get("/account").status, 200);
        // Whoever has no token that counts is told that, however often.
        for _ in 0..5 {
            assert_eq!(ask(&site.system_of_nobody().before(&served)).status, 401);
        }
        served.service.clock.put_forward(TimeDelta::seconds(40));
        assert_eq!(ask(&busy).status, 200);
    });
}

fn retry_after(answer: &Answer) -> Option<&str> {
    answer.headers.iter().find(|(name, _)| *name == "retry-after").map(|(_, value)| value.as_str())
}

const OFFICER: &str = "officer.council@example.org";

/// The example where one person may send so much within a day, by a clock of its own.
fn sending(site: &TestSite, files: u32, bytes: u64) -> Arc<Site> {
    let clock = Clock::starting_at(demo::now());
    let service = Service::open(&site.database, clock, Templates::built_in(), true).unwrap();
    Arc::new(Site::new(Arc::new(service.with_sending_a_day(SendLimits { files, bytes }))))
}

/// A browser in which somebody signs in now, by that site's clock.
fn signed_in_at(site: &TestSite, served: &Arc<Site>, email: &str) -> Browser {
    let browser = site.browser().before(served);
    let person = site.site.service.store().unwrap().person_by_email(email).unwrap().unwrap().id.to_string();
    assert_eq!(browser.post("/sign-in/example", &[("person", &person)]).status, 303);
    browser
}

fn upload(browser: &Browser, file: &str) -> Answer {
    let place = format!("/areas/{AREA}/{MONTH}/returns/upload");
    browser.upload(&place, &[("action", "send")], ("file", "finance.csv", file.as_bytes()))
}

fn by_system(system: &System, file: &str) -> Answer {
    let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/returns");
    system.send(&system.form("POST", &place, &[], Some(("file", "finance.csv", file.as_bytes()))))
}

fn kept(site: &TestSite) -> usize {
    site.site.service.store().unwrap().sent_returns(AREA, None).unwrap().len()
}

#[test]
fn whoever_has_sent_enough_files_within_a_day_is_told_when_the_next_is_taken() {
    on_each_database(|site| {
        let (here, there) = (sending(site, 3, 1 << 30), sending(site, 3, 1 << 30));
        let officer = site.as_person(OFFICER).before(&here);
        let system = site.system_of(OFFICER).before(&there);
        assert_eq!(upload(&officer, &corrected(1)).status, 303);
        // What was withdrawn counts as well: it is kept.
        let withdraw = format!("/areas/{AREA}/{MONTH}/returns/1/withdraw");
        assert_eq!(officer.post(&withdraw, &[]).status, 303);
        here.service.clock.put_forward(TimeDelta::hours(2));
        there.service.clock.put_forward(TimeDelta::hours(2));
        let officer = signed_in_at(site, &here, OFFICER);
        assert_eq!(by_system(&system, &corrected(2)).status, 201);
        assert_eq!(upload(&officer, &corrected(3)).status, 303);
        let refused = upload(&officer, &corrected(4));
        let page = text(&refused);
        assert_eq!((refused.status, retry_after(&refused).is_some()), (429, true), "{page}");
        assert!(page.contains("You have sent enough for today") && page.contains("3 files"), "{page}");
        assert!(page.contains("Send it in 22 hours"), "{page}");
        let refused = by_system(&system, &corrected(4));
        let seconds: i64 = retry_after(&refused).unwrap().parse().unwrap();
        assert_eq!((refused.status, json(&refused)["type"].as_str()), (429, Some("/api#too-many")));
        assert!((22 * 3600 - 60..=22 * 3600 + 1).contains(&seconds), "{seconds}");
        assert_eq!(kept(site), 3);
        // What is held already adds nothing, checking keeps nothing, and others are not held up.
        assert_eq!(by_system(&system, &corrected(3)).status, 200);
        let check = format!("/areas/{AREA}/{MONTH}/returns/upload");
        let file = corrected(4);
        let checked = officer.upload(&check, &[("action", "check")], ("file", "f.csv", file.as_bytes()));
        assert_eq!(checked.status, 200);
        let manager = signed_in_at(site, &here, "manager@example.org");
        assert_eq!(upload(&manager, &corrected(5)).status, 303);
        // The first is a day old.
        here.service.clock.put_forward(TimeDelta::hours(22));
        let officer = signed_in_at(site, &here, OFFICER);
        assert_ne!(upload(&officer, &corrected(6)).status, 429);
    });
}

#[test]
fn bytes_count_and_so_do_drafts_and_plans() {
    on_each_database(|site| {
        let length = corrected(1).len() as u64;
        let few = sending(site, 100, 2 * length + 10);
        let officer = site.as_person(OFFICER).before(&few);
        assert_eq!(upload(&officer, &corrected(1)).status, 303);
        assert_eq!(upload(&officer, &corrected(2)).status, 303);
        assert_eq!(upload(&officer, &corrected(3)).status, 429);
        // A draft counts, and is not counted twice once it is sent.
        let one = sending(site, 1, 1 << 30);
        let sender = site.as_person("officer.trust@example.org").before(&one);
        let (_, name, bytes, comment) = demo::sent_return();
        let returns = format!("/areas/{AREA}/{MONTH}/returns");
        let kept_as_draft =
            sender.upload(&format!("{returns}/upload"), &[("action", "send")], ("file", name, bytes));
        let draft = location(&kept_as_draft);
        let (draft, partner) = draft.split_once("?for=").unwrap_or_else(|| panic!("{draft}"));
        let fields = [("on_behalf_of", partner), ("comment", comment)];
        let sent = location(&sender.post(draft, &fields));
        assert!(sent.ends_with("/received"), "{sent}");
        let manager = site.as_person("manager@example.org").before(&one);
        let propose = |to: &str| {
            let (_, pools) = demo::plan_files().into_iter().find(|(name, _)| *name == "pools.csv").unwrap();
            let pools = std::str::from_utf8(pools).unwrap().replace("Integrated", to);
            let fields = [("note", "Renamed"), ("keeps", "yes")];
            manager.upload("/plan/propose", &fields, ("files", "pools.csv", pools.as_bytes())).status
        };
        assert_eq!(propose("Joined-up"), 303);
        assert_eq!(propose("Shared"), 429);
        assert_eq!(upload(&manager, &corrected(9)).status, 429, "whatever it is");
    });
}

#[test]
fn what_the_settings_say_where_nobody_sets_them_is_what_counts() {
    let settings = outturn::config::Settings::default();
    let sending = SendLimits { files: settings.files_a_day, bytes: settings.file_bytes_a_day };
    assert_eq!(
        (sending, settings.token_requests_a_minute),
        (Service::USUAL_SENDING, Service::USUAL_REQUESTS)
    );
}

#[test]
fn a_draft_that_another_took_the_place_of_counts_and_the_same_one_kept_again_does_not() {
    on_each_database(|site| {
        let (_, name, bytes, comment) = demo::sent_return();
        let place = format!("/areas/{AREA}/{MONTH}/returns/upload");
        let keep = |sender: &Browser, bytes: &[u8]| {
            sender.upload(&place, &[("action", "send")], ("file", name, bytes))
        };
        let audited = || {
            let query = AuditQuery { deed: Some("return kept as draft".into()), ..AuditQuery::default() };
            site.site.service.store().unwrap().audit_entries(&query, 0, 1).unwrap().1
        };
        let three = sending(site, 3, 1 << 30);
        let sender = site.as_person("officer.trust@example.org").before(&three);
        let before = audited();
        for _ in 0..5 {
            assert_eq!(keep(&sender, bytes).status, 303);
        }
        assert_eq!(audited(), before + 1, "the same bytes are kept once");
        let other = [bytes, b"\n"].concat();
        assert_eq!(keep(&sender, &other).status, 303);
        let draft = location(&keep(&sender, bytes));
        assert_eq!(keep(&sender, &other).status, 429, "three were kept");
        // What is thrown away counts as well.
        let (path, partner) = draft.split_once("?for=").unwrap();
        assert_eq!(sender.post(&format!("{path}/discard"), &[("on_behalf_of", partner)]).status, 303);
        assert_eq!(keep(&sender, bytes).status, 429);
        three.service.clock.put_forward(TimeDelta::hours(24));
        let sender = signed_in_at(site, &three, "officer.trust@example.org");
        let draft = location(&keep(&sender, bytes));
        // A draft that is sent is counted once, and nothing of the day before.
        let (path, partner) = draft.split_once("?for=").unwrap();
        assert_eq!(sender.post(path, &[("on_behalf_of", partner), ("comment", comment)]).status, 303);
        for ends in [&b"\n"[..], b"\n\n"] {
            assert_ne!(keep(&sender, &[bytes, ends].concat()).status, 429);
        }
    });
}
