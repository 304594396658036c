//! Who reads a pack, and from when.

use super::{NEXT_DAY, PACKS, approve, draft, month, prepare};
use crate::site::{AREA, MONTH, example, on_each_database, text, without_form_tokens};
use chrono::TimeDelta;
use outturn::web::answer::Answer;

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
}

#[test]
fn nothing_is_readable_before_its_release_on_any_route() {
    on_each_database(|site| {
        assert_eq!(prepare(&site.as_person("manager@example.org"), "public", &NEXT_DAY).status, 303);
        assert_eq!(approve(site, 1).status, 303);
        let files: Vec<String> = {
            let mut store = site.site.service.store().unwrap();
            let files = store.published_files(AREA, month(), 2).unwrap();
            files.into_iter().map(|file| format!("/{}", file.path)).chain([String::new()]).collect()
        };
        assert!(files.len() > 10);
        let readers = ["officer.council", "approver.trust", "board", "alliance", "administrator"];
        let check = |is_out: bool| {
            for path in &files {
                let public = site.browser().get(&format!("/public/{AREA}/{MONTH}/2{path}"));
                assert_eq!(public.status, if is_out { 200 } else { 404 }, "public {path}");
            }
            for reader in readers {
                let browser = site.as_person(&format!("{reader}@example.org"));
                let may = is_out && reader != "administrator";
                for path in &files {
                    let answer = browser.get(&format!("{PACKS}/2{path}"));
                    assert_eq!(answer.status, if may { 200 } else { 404 }, "{reader} {path}");
                }
                assert_eq!(browser.get(&draft(1, "")).status, 404);
                assert_eq!(browser.get(&draft(1, "/files/pack.html")).status, 404);
                for page in ["/".to_owned(), "/public".into(), format!("/areas/{AREA}/packs")] {
                    let shown = text(&browser.get(&page)).contains("Version 2");
                    assert!(is_out || !shown, "{reader} {page}");
                }
            }
            assert_eq!(text(&site.browser().get("/")).contains("Version 2"), is_out);
        };
        check(false);
        let clock = &site.site.service.clock;
        // 9:29 on the 9th is 23 hours and 29 minutes after 10:00 on the 8th.
        clock.put_forward(TimeDelta::minutes(23 * 60 + 29));
        check(false);
        clock.put_forward(TimeDelta::minutes(1));
        check(true);
    });
}

#[test]
fn managers_and_auditors_read_early_and_each_reading_is_recorded() {
    on_each_database(|site| {
        assert_eq!(prepare(&site.as_person("manager@example.org"), "restricted", &NEXT_DAY).status, 303);
        let auditor = site.as_person("auditor@example.org");
        assert_eq!(auditor.get(&draft(1, "/files/pack.html")).status, 200);
        assert_eq!(approve(site, 1).status, 303);
        let answer = auditor.get(&format!("{PACKS}/2/pack.html"));
        assert_eq!((answer.status, header(&answer, "cache-control")), (200, "no-store"));
        let early = || {
            let query = outturn::store::AuditQuery {
                deed: Some("pack read before release".into()),
                ..Default::default()
            };
            site.site.service.store().unwrap().audit_entries(&query, 0, 100).unwrap().0
        };
        let read: Vec<String> = early().into_iter().map(|entry| entry.subject).collect();
        assert_eq!(read, ["pack 2015-11 version 2", "draft 1"]);
        site.site.service.clock.put_forward(TimeDelta::days(1));
        let auditor = site.as_person("auditor@example.org");
        assert_eq!(auditor.get(&format!("{PACKS}/2/pack.html")).status, 200);
        assert_eq!(early().len(), 2);
        // The restricted edition never becomes public.
        assert_eq!(site.browser().get(&format!("/public/{AREA}/{MONTH}/2/pack.html")).status, 404);
    });
}

#[test]
fn a_version_of_the_command_line_is_for_the_areas_people_alone() {
    let site = example();
    assert_eq!(site.as_person("board@example.org").get(&format!("{PACKS}/1/pack.html")).status, 200);
    assert_eq!(site.as_person("administrator@example.org").get(&format!("{PACKS}/1")).status, 404);
    assert_eq!(site.browser().get(&format!("/public/{AREA}/{MONTH}/1/pack.html")).status, 404);
    let absent = site.browser().get(&format!("/public/{AREA}/{MONTH}/7/pack.html"));
    let hidden = site.browser().get(&format!("/public/{AREA}/{MONTH}/1/pack.html"));
    let without_reference =
        |answer: &Answer| without_form_tokens(text(answer).split("Reference").next().unwrap());
    assert_eq!(without_reference(&absent), without_reference(&hidden));
}

#[test]
fn a_packs_page_may_use_its_own_style_alone_and_is_kept_by_its_hash() {
    let site = example();
    let browser = site.as_person("board@example.org");
    let answer = browser.get(&format!("{PACKS}/1/pack.html"));
    let policy = header(&answer, "content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("script-src"));
    assert!(header(&answer, "content-disposition").starts_with("inline"));
    let tag = header(&answer, "etag").to_owned();
    assert_eq!(tag.len(), 66);
    let mut again = browser.request("GET", &format!("{PACKS}/1/pack.html"));
    again.headers.push(("if-none-match".into(), tag));
    let again = browser.send(again);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let csv = browser.get(&format!("{PACKS}/1/data/schemes.csv"));
    assert!(header(&csv, "content-disposition").contains("E10000002-2015-11-v1-schemes.csv"));
}
