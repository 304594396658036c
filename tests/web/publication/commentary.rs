//! What owners say: who writes about what, and what the pack prints.

use super::{AT_ONCE, approve, assert_made_again, month, prepare};
use crate::site::{AREA, MONTH, example, on_each_database, text};

#[test]
fn commentary_that_somebody_else_changed_is_a_conflict_that_keeps_what_was_written() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let deputy = site.as_person("deputy@example.org");
        let write = format!("/areas/{AREA}/{MONTH}/commentary/write");
        let fields = |cause, replaces| {
            [
                ("subject", "measure/NEA"),
                ("cause", cause),
                ("action", "More beds at home"),
                ("owner", "Head of urgent care"),
                ("action_day", "31"),
                ("action_month", "1"),
                ("action_year", "2016"),
                ("replaces", replaces),
            ]
        };
        let bad = manager.post(&write, &[("subject", "measure/NEA"), ("action_day", "31")]);
        assert_eq!(bad.status, 422);
        assert!(text(&bad).contains("Enter the cause") && text(&bad).contains("year, month and day"));
        assert_eq!(manager.post(&write, &fields("An early winter", "")).status, 303);
        let late = deputy.post(&write, &fields("Staff were ill", ""));
        let page = text(&late);
        assert_eq!(late.status, 409);
        assert!(page.contains("An early winter") && page.contains("Staff were ill</textarea>"), "{page}");
        assert!(page.contains("name=\"replaces\" value=\"1\""), "{page}");
        assert_eq!(deputy.post(&write, &fields("Both", "1")).status, 303);
        let one = text(&manager.get(&format!("/areas/{AREA}/{MONTH}/commentary/measure/NEA")));
        assert!(one.contains("Both") && one.contains("An early winter") && one.contains("31 January 2016"));
        // It stands for later months until it is closed.
        let service = &site.site.service;
        let later = month().plus(1);
        let carried = service.commentary_on(AREA, later, "measure/NEA").unwrap().unwrap();
        assert!(carried.is_carried && carried.cause == "Both");
        assert!(service.commentary_on(AREA, month().plus(-1), "measure/NEA").unwrap().is_none());
        let close = format!("/areas/{AREA}/{MONTH}/commentary/close");
        let closing = [("subject", "measure/NEA"), ("replaces", "2"), ("reason", "Back on plan")];
        assert_eq!(manager.post(&close, &closing).status, 303);
        assert!(service.commentary_on(AREA, later, "measure/NEA").unwrap().is_none());
    });
}

#[test]
fn a_pack_prints_the_commentary_that_stood_and_is_verified_with_it() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let before = site.site.service.store().unwrap().published_files(AREA, month(), 1).unwrap();
    assert!(before.iter().all(|file| file.path != "data/commentary.csv"));
    let write = |subject: &str, cause: &str, as_at: &str, replaces: &str| {
        let place = format!("/areas/{AREA}/{as_at}/commentary/write");
        let fields = [
            ("subject", subject),
            ("cause", cause),
            ("action", "More beds"),
            ("owner", "A. Brown"),
            ("replaces", replaces),
        ];
        assert_eq!(manager.post(&place, &fields).status, 303);
    };
    write("measure/NEA", "An early <winter> & \u{7} norovirus", MONTH, "");
    write("measure/DTOC", "Too few places in care homes", "2015-10", "");
    assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
    assert_eq!(approve(&site, 1).status, 303);
    let public = |path: &str| text(&site.browser().get(&format!("/public/{AREA}/{MONTH}/2/{path}")));
    let html = public("pack.html");
    assert!(html.contains("An early &lt;winter&gt; &amp;") && html.contains("October 2015"), "{html}");
    assert!(public("data/commentary.csv").contains("measure/DTOC"));
    assert!(public("manifest.json").contains("\"commentary\""));
    // What is written later changes nothing about what was published.
    write("measure/DTOC", "Said later of the month before", "2015-10", "2");
    assert_made_again(&site, 2);
}

#[test]
fn nobody_is_asked_to_write_about_a_month_whose_pack_is_approved() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let list = format!("/areas/{AREA}/{MONTH}/commentary");
    assert!(text(&manager.get("/")).contains("Write commentary"));
    assert!(text(&manager.get(&list)).contains("exceptions still need somebody to say why"));
    assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
    assert_eq!(approve(&site, 1).status, 303);
    assert!(!text(&manager.get("/")).contains("Write commentary"));
    let tasks = text(&manager.get(&format!("/areas/{AREA}/{MONTH}/tasks")));
    assert!(tasks.contains("Closed with the pack") && !tasks.contains("to write"), "{tasks}");
    let list = text(&manager.get(&list));
    assert!(list.contains("exceptions went without commentary"), "{list}");
    assert!(list.contains("Data has been approved and cannot be modified"), "{list}");
}

#[test]
fn a_partners_officer_writes_about_the_measures_that_the_partner_reports_alone() {
    let site = example();
    let write = format!("/areas/{AREA}/{MONTH}/commentary/write");
    let service = &site.site.service;
    let area = service.area(AREA).unwrap();
    let partner_of = |measure: usize| {
        let fact = area.facts().measures.iter().find(|fact| usize::from(fact.measure) == measure).unwrap();
        area.agreement().partners[usize::from(fact.partner)].id.clone()
    };
    let measures = area.agreement().measures.iter().enumerate();
    let reported = measures
        .filter(|(index, _)| area.facts().measures.iter().any(|fact| usize::from(fact.measure) == *index));
    for (index, measure) in reported {
        for (officer, partner) in [("officer.council", "BCC"), ("officer.trust", "BHT")] {
            let browser = site.as_person(&format!("{officer}@example.org"));
            let subject = format!("measure/{}", measure.id);
            let fields =
                [("subject", subject.as_str()), ("cause", "Why"), ("action", "What"), ("owner", "Who")];
            let answer = browser.post(&write, &fields);
            let may = partner_of(index) == partner;
            assert_eq!(answer.status, if may { 303 } else { 403 }, "{officer} {subject}");
        }
    }
    let board = site.as_person("board@example.org");
    let summary = [("subject", "summary"), ("cause", "Why"), ("owner", "Who")];
    assert_eq!(board.post(&write, &summary).status, 403);
    assert_eq!(board.get(&format!("/areas/{AREA}/{MONTH}/commentary")).status, 200);
}
