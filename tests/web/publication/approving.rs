//! Preparing and approving: four eyes, on what was seen.

use super::{AT_ONCE, NEXT_DAY, PACKS, PREPARE, approve, assert_made_again, draft, month, prepare};
use crate::site::{AREA, MONTH, TestSite, example, location, on_each_database, text};
use chrono::TimeDelta;
use outturn::{
    month_end::take_in,
    people::{PersonState, Role, RoleHeld},
    service::{Asking, Refusal, Who, publication::NewPack},
    store::{Deed, DraftState, Edition, Intake, NewDraft, NewPerson, Session, StoreError},
};

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
    service.change(|store| store.accept(&[submission], &Deed::default())).unwrap();
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
        let preparer = site.just_signed_in(service.store().unwrap().person(id).unwrap().unwrap());
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
        let deputy = site.just_signed_in(deputy);
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
fn an_approved_month_takes_nothing_until_it_is_opened_and_a_restatement_says_what_changed() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
        assert_eq!(approve(site, 1).status, 303);
        // Nothing of the month can be prepared anew, and it is said where it is opened.
        for refused in [manager.get(PREPARE), prepare(&manager, "public", &AT_ONCE)] {
            let page = text(&refused);
            assert!(refused.status == 409 && page.contains("can open the month under Packs"), "{page}");
        }
        let system = site.system_of("manager@example.org");
        let months = format!("/api/v1/areas/{AREA}/months/{MONTH}");
        assert_eq!(system.get(&format!("{months}/draft")).status, 409);
        let new = serde_json::json!({"edition": "public", "override_reason": "It must go out"});
        let refused = system.send(&system.json("POST", &format!("{months}/drafts"), &new));
        assert!(refused.status == 409 && text(&refused).contains("/api#locked"), "{}", text(&refused));
        let waiting = |site: &TestSite| {
            let drafts = site.site.service.store().unwrap().drafts(AREA).unwrap();
            drafts.iter().filter(|draft| draft.state == DraftState::Prepared).count()
        };
        assert_eq!(waiting(site), 0);
        let draft = NewDraft {
            area_code: AREA,
            as_at: month(),
            manifest_sha256: [1; 32],
            edition: Edition::Public,
            release_at: site.site.service.clock.now(),
            override_reason: "",
            prepared_by: 1,
        };
        let late = site.site.service.store().unwrap().prepare_draft(&draft, &[], &Deed::default());
        assert!(matches!(late, Err(StoreError::Overtaken(_))), "one that was being made meanwhile");
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
        assert!(
            public.contains("amounts of money") && public.contains("The most that any moved is"),
            "{public}"
        );
        assert!(!public.contains("SHA-256 of the file"), "{public}");
        let pack = site.browser().get(&format!("/public/{AREA}/{MONTH}/3/pack.html"));
        // What anybody on the way may keep gives nobody a token that others are then given.
        let value =
            |wanted: &str| pack.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        assert!(value("cache-control").unwrap().starts_with("public") && value("set-cookie").is_none());
        let pack = text(&pack);
        let revised = "This is version 3 of the month’s pack. It replaces version 2; ";
        for said in [
            revised,
            "The month was opened again for this reason: A scheme was misreported",
            // The year has not ended: nothing is owed yet.
            "A settlement above nought is what a partner would owe",
            "; of the fund’s spend to date £24,700 is forecast: British Red Cross.",
        ] {
            assert!(pack.contains(said), "{said}: {pack}");
        }
        assert_made_again(site, 3);
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
fn a_return_that_waits_is_named_before_the_pack_is_approved_and_not_to_be_accepted_after() {
    let site = example();
    let number =
        crate::returns::send(&site.as_person("officer.council@example.org"), &crate::returns::corrected(1));
    let named = format!("the finance return {AREA}-R{number} waits to be accepted");
    let manager = site.as_person("manager@example.org");
    let tasks = format!("/areas/{AREA}/{MONTH}/tasks");
    let page = text(&manager.get(&tasks));
    assert!(page.contains(&named) && page.contains("1 waits to be accepted"), "{page}");
    assert!(text(&manager.get(PREPARE)).contains(&named));
    assert_eq!(prepare(&manager, "public", &AT_ONCE).status, 303);
    assert!(text(&manager.get(&draft(1, ""))).contains(&named));
    assert_eq!(approve(&site, 1).status, 303);
    let one = format!("/areas/{AREA}/{MONTH}/returns/{number}");
    let approver = site.as_person("approver.council@example.org");
    let page = text(&approver.get(&one));
    assert!(!page.contains("Accept the return") && page.contains("It cannot be accepted now"), "{page}");
    assert!(page.contains("Send it back"), "{page}");
    let home = text(&approver.get("/"));
    assert!(
        home.contains("Too late to accept the finance return") && home.contains("Month locked"),
        "{home}"
    );
    assert!(!home.contains("Send a return"), "{home}");
    let refused = approver.post(&format!("{one}/accept"), &[]);
    let page = text(&refused);
    assert!(refused.status == 409 && page.contains(&format!("href=\"{one}\">Go back")), "{page}");
    // Nothing of the month can be prepared anew before it is opened.
    let packs = text(&manager.get(&format!("/areas/{AREA}/{MONTH}/packs")));
    assert!(!packs.contains("Prepare the pack") && packs.contains("Open the month again"), "{packs}");
    assert!(packs.contains("printed, as you write it, in the next pack"), "{packs}");
}

#[test]
fn whoever_has_not_confirmed_lately_or_is_a_system_approves_nothing() {
    let site = example();
    assert_eq!(prepare(&site.as_person("manager@example.org"), "public", &AT_ONCE).status, 303);
    let service = &site.site.service;
    let deputy = service.store().unwrap().person_by_email("deputy@example.org").unwrap().unwrap();
    let mut deputy = site.just_signed_in(deputy);
    let hash = service.draft(&deputy, AREA, 1).unwrap().manifest_sha256;
    let approve = |who: &Who| service.approve_pack((who, &asking(&site)), AREA, 1, &hash);
    let session = deputy.session.take();
    assert!(matches!(approve(&deputy), Err(Refusal::NotAllowed(_))));
    let earlier = service.clock.now() - TimeDelta::hours(2);
    deputy.session = session.map(|session| Session { confirmed_at: earlier, ..session });
    assert!(matches!(approve(&deputy), Err(Refusal::NotConfirmed)));
}
