//! Preparing, approving, releasing and restating packs; commentary; the month's tasks.

use crate::site::{AREA, Browser, MONTH, TestSite, example, location, on_each_database, text};
use chrono::TimeDelta;
use outturn::{
    figures::period::Month,
    month_end::take_in,
    people::{Person, PersonState, Role, RoleHeld},
    service::{Asking, Refusal, Who, publication::NewPack},
    store::{DatabaseUrl, Deed, Edition, Intake, NewPerson, Session},
    web::answer::Answer,
};

const PREPARE: &str = "/areas/E10000002/2015-11/packs/prepare";
const PACKS: &str = "/areas/E10000002/packs/2015-11";

fn draft(number: u32, deed: &str) -> String {
    format!("/areas/{AREA}/{MONTH}/packs/drafts/{number}{deed}")
}

fn month() -> Month {
    Month::parse(MONTH.as_bytes()).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
}

/// Puts the month's pack forward and gives the SHA-256 that its page shows.
fn prepare(browser: &Browser, edition: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("edition", edition), ("override_reason", "The board meets on Thursday")];
    fields.extend(more);
    browser.post(PREPARE, &fields)
}

const AT_ONCE: [(&str, &str); 1] = [("release", "at once")];
/// The example's clock starts at 10:00 on 8 December 2015.
const NEXT_DAY: [(&str, &str); 5] = [
    ("release", "timed"),
    ("release_day", "9"),
    ("release_month", "12"),
    ("release_year", "2015"),
    ("release_time", "9:30am"),
];

fn shown_hash(page: &str) -> String {
    let field = page.split("name=\"manifest_sha256\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    field[..64].to_owned()
}

/// Has the deputy approve the draft with this number, quoting what its page shows.
fn approve(site: &TestSite, number: u32) -> Answer {
    let deputy = site.as_person("deputy@example.org");
    let hash = shown_hash(&text(&deputy.get(&draft(number, ""))));
    deputy.post(&draft(number, "/approve"), &[("manifest_sha256", &hash)])
}

/// A correction of the example's finance return comes in: the first scheme's November costs more.
fn correct_finance(site: &TestSite) {
    let (_, name, bytes) =
        outturn::demo::return_files().into_iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let sent = std::str::from_utf8(bytes).unwrap();
    let mut lines: Vec<String> = sent.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.contains(",2015-11,")).unwrap();
    let mut cells: Vec<&str> = lines[at].split(',').collect();
    cells[6] = "999999.99";
    lines[at] = cells.join(",");
    let service = &site.site.service;
    let plan = service.plan().unwrap();
    let area = plan.plan.area(AREA).unwrap();
    let changed = lines.join("\n") + "\n";
    let taken = take_in(area, month(), Intake::Whole, name, changed.as_bytes()).ok().unwrap();
    let faults = taken.row_faults();
    let submission = taken.submission(area, &faults, Intake::Whole, service.clock.now());
    service.change(|store| store.accept(&[submission])).unwrap();
}

/// Somebody who has just signed in.
fn who(site: &TestSite, person: Person) -> Who {
    let now = site.site.service.clock.now();
    let session = Session {
        number: 1,
        person: person.id,
        started_at: now,
        last_seen_at: now,
        confirmed_at: now,
        way: "password and code".into(),
        address: String::new(),
        browser: String::new(),
        ended_at: None,
    };
    Who { person, session: Some(session) }
}

fn asking(site: &TestSite) -> Asking {
    Asking { now: site.site.service.clock.now(), request_id: "test".into(), address: String::new() }
}

#[test]
fn one_manager_prepares_another_approves_and_the_pack_is_out() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let prepared = prepare(&manager, "restricted", &AT_ONCE);
        assert_eq!(location(&prepared), draft(1, ""), "{}", text(&prepared));
        let page = text(&manager.get(&draft(1, "")));
        assert!(page.contains("Waits for approval") && !page.contains("Approve and publish"), "{page}");
        let approved = approve(site, 1);
        assert_eq!(location(&approved), draft(1, ""), "{}", text(&approved));
        assert!(text(&manager.get(&draft(1, ""))).contains("Pack approved"));
        let board = site.as_person("board@example.org");
        assert_eq!(board.get(&format!("{PACKS}/2/pack.html")).status, 200);
        // The command line had published version 1, which stays at its address.
        let page = text(&board.get(&format!("{PACKS}/1")));
        assert!(page.contains("Superseded") && page.contains(&format!("{PACKS}/2")), "{page}");
        assert_eq!(board.get(&format!("{PACKS}/1/pack.html")).status, 200);
        let chain = site.site.service.store().unwrap().verify_audit(None).unwrap();
        assert!(chain.faults.is_empty());
    });
}

#[test]
fn nobody_approves_what_they_prepared_whatever_else_they_may_be() {
    let site = example();
    let service = &site.site.service;
    let held = |role: Role| RoleHeld {
        role,
        area_code: Some(AREA.into()),
        partner_id: role.is_of_partner().then(|| "BCC".to_owned()),
    };
    // Every set of roles: the one who prepared is refused in each, another person where no manager.
    for bits in 0..1u32 << Role::ALL.len() {
        let roles: Vec<RoleHeld> = Role::ALL
            .into_iter()
            .enumerate()
            .filter(|(place, _)| bits & (1 << place) != 0)
            .map(|(_, role)| held(role))
            .collect();
        let is_manager = roles.iter().any(|held| held.role == Role::PooledBudgetManager);
        if bits.count_ones() > 2 && bits != (1 << Role::ALL.len()) - 1 {
            continue;
        }
        let email = format!("roles{bits}@example.org");
        let new = NewPerson {
            email: &email,
            name: "Somebody",
            state: PersonState::Active,
            roles: &roles,
            created_at: service.clock.now(),
        };
        let id = service.store().unwrap().add_person(&new, &Deed::default()).unwrap().unwrap();
        let preparer = who(&site, service.store().unwrap().person(id).unwrap().unwrap());
        let new = NewPack {
            edition: Edition::Restricted,
            release_at: None,
            override_reason: "All the same".into(),
        };
        let asking = asking(&site);
        let prepared = service.prepare_pack((&preparer, &asking), AREA, month(), &new);
        if !is_manager {
            assert!(matches!(prepared, Err(Refusal::Absent)), "{roles:?}");
            continue;
        }
        let prepared = prepared.unwrap();
        let own =
            service.approve_pack((&preparer, &asking), AREA, prepared.number, &prepared.manifest_sha256);
        assert!(matches!(own, Err(Refusal::NotAllowed(_))), "{roles:?}");
        assert!(!prepared.may_approve);
        service.withdraw_pack((&preparer, &asking), AREA, prepared.number, "Only tried").unwrap();
    }
}

#[test]
fn a_pack_with_something_missing_is_refused_with_the_list_unless_a_reason_is_given() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let refused = manager.post(PREPARE, &[("edition", "public"), ("release", "at once")]);
        let page = text(&refused);
        assert_eq!(refused.status, 422);
        assert!(page.contains("<title>Error: ") && page.contains("Say why the pack goes out"), "{page}");
        assert!(page.contains("no commentary"), "{page}");
        assert!(manager.get(&draft(1, "")).status == 404);
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert!(text(&manager.get(&draft(1, ""))).contains("The board meets on Thursday"));
    });
}

#[test]
fn one_pack_of_a_month_waits_at_a_time() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 409);
        let withdrawn = manager.post(&draft(1, "/withdraw"), &[("reason", "")]);
        assert_eq!(withdrawn.status, 422);
        assert_eq!(manager.post(&draft(1, "/withdraw"), &[("reason", "Too early")]).status, 303);
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
    });
}

#[test]
fn approval_is_of_the_hash_that_was_seen() {
    on_each_database(|site| {
        assert_eq!(prepare(&site.as_person("manager@example.org"), "public", &AT_ONCE).status, 303);
        let deputy = site.as_person("deputy@example.org");
        let other = "00".repeat(32);
        assert_eq!(deputy.post(&draft(1, "/approve"), &[("manifest_sha256", &other)]).status, 409);
        assert_eq!(approve(site, 1).status, 303);
    });
}

#[test]
fn a_return_that_comes_in_meanwhile_makes_the_draft_void() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        correct_finance(site);
        let refused = approve(site, 1);
        assert_eq!(refused.status, 409, "{}", text(&refused));
        assert!(text(&manager.get(&draft(1, ""))).contains("Void"));
        assert_eq!(site.site.service.store().unwrap().publications(Some(AREA)).unwrap().len(), 1);
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert_eq!(approve(site, 2).status, 303);
    });
}

#[test]
fn of_fifty_approvals_at_once_one_wins() {
    on_each_database(|site| {
        assert_eq!(prepare(&site.as_person("manager@example.org"), "public", &AT_ONCE).status, 303);
        let service = &site.site.service;
        let deputy = service.store().unwrap().person_by_email("deputy@example.org").unwrap().unwrap();
        let deputy = who(site, deputy);
        let shown = service.draft(&deputy, AREA, 1).unwrap();
        let asking = asking(site);
        let done: Vec<bool> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..50)
                .map(|_| {
                    scope.spawn(|| {
                        let done = service.approve_pack((&deputy, &asking), AREA, 1, &shown.manifest_sha256);
                        match done {
                            Ok(_) => true,
                            Err(Refusal::Conflict(_)) => false,
                            Err(other) => panic!("{other:?}"),
                        }
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(done.iter().filter(|won| **won).count(), 1);
        let mut store = service.store().unwrap();
        assert_eq!(store.publications(Some(AREA)).unwrap().len(), 2);
        assert_eq!(store.releases(Some(AREA)).unwrap().len(), 1);
    });
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
    let without_reference = |answer: &Answer| text(answer).split("Reference").next().unwrap().to_owned();
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

#[test]
fn an_approved_month_takes_nothing_until_it_is_opened_and_a_restatement_says_what_changed() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert_eq!(approve(site, 1).status, 303);
        let written = [("subject", "summary"), ("cause", "A hard month"), ("owner", "Morgan Ellis")];
        let commentary = format!("/areas/{AREA}/{MONTH}/commentary/write");
        assert_eq!(manager.post(&commentary, &written).status, 409);
        let open = format!("/areas/{AREA}/{MONTH}/packs/open");
        assert_eq!(manager.post(&open, &[("reason", "A scheme was misreported")]).status, 303);
        assert_eq!(manager.post(&open, &[("reason", "Again")]).status, 409);
        assert_eq!(manager.post(&commentary, &written).status, 303);
        correct_finance(site);
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert_eq!(approve(site, 2).status, 303);
        let public = text(&site.browser().get(&format!("/public/{AREA}/{MONTH}/3")));
        assert!(public.contains("What changed since version 2"), "{public}");
        assert!(public.contains("The fund by scheme"), "{public}");
        let old = text(&site.browser().get(&format!("/public/{AREA}/{MONTH}/2")));
        assert!(old.contains("Superseded"), "{old}");
        assert_eq!(site.browser().get(&format!("/public/{AREA}/{MONTH}/2/pack.html")).status, 200);
    });
}

#[test]
fn the_months_tasks_say_what_blocks_and_for_whom_it_waits() {
    let site = example();
    let manager = site.as_person("manager@example.org");
    let tasks = format!("/areas/{AREA}/{MONTH}/tasks");
    let page = text(&manager.get(&tasks));
    for words in ["Returns in", "Figures worked out", "to write", "no commentary", "Not ready"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(prepare(&manager, "restricted", &NEXT_DAY).status, 303);
    assert!(text(&site.as_person("deputy@example.org").get(&tasks)).contains("Waits for you"));
    assert_eq!(approve(&site, 1).status, 303);
    assert!(text(&manager.get(&tasks)).contains("Approved by Sam Whitfield"));
    assert_eq!(site.as_person("board@example.org").get(&tasks).status, 404);
}

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
fn whoever_has_not_confirmed_lately_or_is_a_system_approves_nothing() {
    let site = example();
    assert_eq!(prepare(&site.as_person("manager@example.org"), "public", &AT_ONCE).status, 303);
    let service = &site.site.service;
    let deputy = service.store().unwrap().person_by_email("deputy@example.org").unwrap().unwrap();
    let mut deputy = who(&site, deputy);
    let hash = service.draft(&deputy, AREA, 1).unwrap().manifest_sha256;
    let approve = |who: &Who| service.approve_pack((who, &asking(&site)), AREA, 1, &hash);
    let session = deputy.session.take();
    assert!(matches!(approve(&deputy), Err(Refusal::NotAllowed(_))));
    let earlier = service.clock.now() - TimeDelta::hours(2);
    deputy.session = session.map(|session| Session { confirmed_at: earlier, ..session });
    assert!(matches!(approve(&deputy), Err(Refusal::NotConfirmed)));
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
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let mut store = site.site.service.store().unwrap();
    for file in store.published_files(AREA, month(), 2).unwrap() {
        let bytes = store.published_file(AREA, month(), 2, &file.path).unwrap().unwrap();
        std::fs::write(folder.path().join(&file.path), bytes).unwrap();
    }
    let DatabaseUrl::Sqlite(path) = &site.database else { panic!("the example is on SQLite") };
    let verified = std::process::Command::new(env!("CARGO_BIN_EXE_outturn"))
        .arg("verify")
        .arg(folder.path())
        .arg("--database")
        .arg(format!("sqlite:{}", path.display()))
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("byte for byte"));
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
