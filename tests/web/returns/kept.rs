//! What somebody has begun is not lost: drafts and typed-in figures where a return cannot be sent now.

use super::{MANAGER, OFFICER, corrected, returns, send, upload};
use crate::site::{
    AREA, Browser, MONTH, TestSite, example, location, on_each_database, text, without_returns,
};
use outturn::{
    packs::template::Templates,
    service::Service,
    store::SendLimits,
    web::{Site, answer::Answer},
};
use std::sync::Arc;

fn lock(site: &TestSite) {
    let locked =
        site.as_person(MANAGER).post(&format!("{}/lock", returns()), &[("reason", "The board meets")]);
    assert_eq!(locked.status, 303);
}

/// The same store behind a service that takes one file a day of each person.
fn with_one_file_a_day(site: &TestSite, browser: &Browser) -> Browser {
    let clock = site.site.service.clock.clone();
    let service = Service::open(&site.database, clock, Templates::built_in(), true).unwrap();
    let limits = SendLimits { files: 1, bytes: 10_000_000 };
    browser.before(&Arc::new(Site::new(Arc::new(service.with_sending_a_day(limits)))))
}

fn send_draft(browser: &Browser) -> Answer {
    let post = format!("{}/drafts/finance?for=BCC", returns());
    browser.post(&post, &[("on_behalf_of", "BCC"), ("comment", "A ward was opened")])
}

#[test]
fn a_draft_of_a_locked_month_is_pressed_on_nobody_and_its_comment_stays_to_be_copied() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let draft = location(&upload(&officer, "send", &corrected(900_000)));
        assert!(text(&officer.get("/")).contains("Finish the finance return “finance.csv”"));
        let page = text(&officer.get(&draft));
        assert!(
            page.contains("Send the return</button>") && !page.contains("No returns are taken"),
            "{page}"
        );
        lock(site);
        assert!(!text(&officer.get("/")).contains("Finish the"));
        let home = text(&officer.get(&returns()));
        assert!(home.contains("the month takes no returns now"), "{home}");
        let page = text(&officer.get(&draft));
        assert!(page.contains("Data entry has concluded") && page.contains("kept as a draft"), "{page}");
        assert!(
            !page.contains("Send the return</button>") && page.contains("Throw this draft away"),
            "{page}"
        );
        let refused = send_draft(&officer);
        let page = text(&refused);
        assert_eq!(refused.status, 409, "{page}");
        assert!(page.contains("<title>Error: ") && page.contains("A ward was opened</textarea>"), "{page}");
        assert!(page.contains("Data entry has concluded"), "{page}");
    });
}

#[test]
fn a_comment_stays_where_its_sender_has_sent_enough() {
    let site = example();
    let officer = site.as_person(OFFICER);
    send(&officer, &corrected(1));
    upload(&officer, "send", &corrected(900_000));
    let refused = send_draft(&with_one_file_a_day(&site, &officer));
    let page = text(&refused);
    assert_eq!(refused.status, 429, "{page}");
    assert!(refused.headers.iter().any(|(name, _)| *name == "retry-after"));
    assert!(page.contains("A ward was opened</textarea>") && page.contains("href=\"#comment\""), "{page}");
}

#[test]
fn typed_in_figures_stay_where_they_cannot_be_sent_now() {
    let site = example();
    let officer = site.as_person(OFFICER);
    send(&officer, &corrected(1));
    let place = format!("{}/form/finance", returns());
    let fields = [
        ("action", "send"),
        ("on_behalf_of", "BCC"),
        ("r0-budget", "15000"),
        ("r0-actual", "15014.8"),
        ("r0-forecast", "15000.00"),
    ];
    let typed_in = "name=\"r0-actual\" value=\"15014.8\"";
    let refused = with_one_file_a_day(&site, &officer).post(&place, &fields);
    let page = text(&refused);
    assert_eq!(refused.status, 429, "{page}");
    assert!(page.contains(typed_in) && page.contains("href=\"#r0-budget\""), "{page}");
    lock(&site);
    let refused = officer.post(&place, &fields);
    let page = text(&refused);
    assert_eq!(refused.status, 409, "{page}");
    assert!(page.contains(typed_in) && page.contains("Data entry has concluded"), "{page}");
    assert!(page.contains("<title>Error: ") && !page.contains(">Check and send</button>"), "{page}");
}

#[test]
fn the_way_back_from_a_refused_form_keeps_what_its_address_said() {
    let site = example();
    let officer = site.as_person(OFFICER);
    lock(&site);
    let place = format!("{}/upload?for=BCC", returns());
    let file = corrected(2);
    let refused = officer.upload(&place, &[("action", "send")], ("file", "finance.csv", file.as_bytes()));
    assert_eq!(refused.status, 409);
    let back = format!("href=\"{}\"", place.replace('=', "&#x3D;"));
    assert!(text(&refused).contains(&back), "{}", text(&refused));
}

#[test]
fn where_a_return_waits_the_next_is_not_called_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let site = without_returns(folder.path());
    let manager = site.as_person(MANAGER);
    let first = text(&manager.get("/"));
    assert!(
        first.contains("Nothing has been accepted yet") && first.contains("Send the first return"),
        "{first}"
    );
    send(&site.as_person(OFFICER), &corrected(1));
    for email in [OFFICER, MANAGER] {
        let page = text(&site.as_person(email).get("/"));
        assert!(page.contains("Nothing has been accepted yet"), "{email}: {page}");
        assert!(
            page.contains(">Send a return<") && !page.contains("Send the first return"),
            "{email}: {page}"
        );
    }
    // Targets say nothing of how things stand, but something was accepted.
    let targets = format!("area_code,period,measure_id,target\n{AREA},2016-01,NEA,660\n");
    let number = send(&manager, &targets);
    let accept = format!("/areas/{AREA}/{MONTH}/returns/{number}/accept");
    assert_eq!(site.as_person("deputy@example.org").post(&accept, &[]).status, 303);
    let page = text(&manager.get("/"));
    assert!(page.contains("Nothing but targets has been accepted yet"), "{page}");
}
