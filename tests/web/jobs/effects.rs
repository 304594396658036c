//! What each job does, and that it does it once.

use super::{asking, at, count, run_all, run_now, tamper, time, worker, worker_with};
use crate::site::{AREA, MONTH, TestSite, on_each_database};
use chrono::{NaiveDateTime, TimeDelta};
use outturn::{
    demo,
    figures::period::Month,
    schedule::Job,
    service::{
        Who,
        jobs::{JobSettings, Work, worker::RunResult},
        publication::NewPack,
        returns::NewReturn,
    },
    store::{
        DatabaseUrl, Deed, Edition, JobSlot, LinkPurpose, NewSession, OneTimeLink, ReturnWay, SlotState,
        Store, WhatIsThere, restore, sha256,
    },
};
use std::{fs, sync::Arc, thread};

fn who(site: &TestSite, email: &str) -> Who {
    let person = site.site.service.store().unwrap().person_by_email(email).unwrap().unwrap();
    site.just_signed_in(person)
}

/// Has a pack prepared and approved, to be released at a time.
fn approve(site: &TestSite, release_at: Option<NaiveDateTime>, edition: Edition) {
    let service = &site.site.service;
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    let new = NewPack { edition, release_at, override_reason: "The board meets on Thursday".into() };
    let manager = who(site, "manager@example.org");
    let draft = service.prepare_pack((&manager, &asking(service)), AREA, month, &new).unwrap();
    let deputy = who(site, "deputy@example.org");
    service.approve_pack((&deputy, &asking(service)), AREA, draft.number, &draft.manifest_sha256).unwrap();
}

fn outcome(slot: &JobSlot) -> &str {
    assert_eq!(slot.state, SlotState::Done, "{slot:?}");
    &slot.outcome
}

#[test]
fn figures_are_worked_out_anew_only_when_what_they_rest_on_has_changed() {
    on_each_database(|site| {
        let (service, worker) = (&site.site.service, worker(site));
        let first = run_now(site, &worker, Job::Compute, AREA);
        assert_eq!(outcome(&first), "changed", "{first:?}");
        assert_eq!(outcome(&run_now(site, &worker, Job::Compute, AREA)), "no change");
        assert_eq!(count(site, "computation"), 1);
        // A return is sent and accepted: its slot is made with it.
        let (email, file_name, bytes, comment) = demo::sent_return();
        let new = NewReturn {
            area_code: AREA,
            month: Month::parse(MONTH.as_bytes()).unwrap(),
            on_behalf_of: "",
            file_name,
            bytes,
            way: ReturnWay::File,
            comment,
        };
        service.send_return(&who(site, email), &asking(service), &new).unwrap();
        assert_eq!(count(site, "job_slot WHERE origin = 'event'"), 0);
        service.accept_return(&who(site, "approver.trust@example.org"), &asking(service), AREA, 1).unwrap();
        assert_eq!(
            count(site, "job_slot WHERE origin = 'event' AND job = 'compute' AND state = 'waiting'"),
            1
        );
        let ran = worker.run_next().unwrap().unwrap();
        assert!(matches!(&ran.result, RunResult::Done(outcome) if outcome.name() == "changed"), "{ran:?}");
        let made =
            service.store().unwrap().computations(AREA, Month::parse(MONTH.as_bytes()).unwrap()).unwrap();
        assert_eq!(made.len(), 2);
        assert!(made[0].number == 2 && made[0].positions_sha256 != made[1].positions_sha256);
    });
}

#[test]
fn another_programs_return_is_seen_by_the_one_that_computes() {
    on_each_database(|site| {
        let worker = worker(site);
        assert_eq!(outcome(&run_now(site, &worker, Job::Compute, AREA)), "changed");
        // Nobody watches for other programs' changes here: the worker looks by itself.
        let mut other = Store::open(&site.database).unwrap();
        let files: Vec<(String, Vec<u8>)> = demo::plan_files()
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), [bytes, b"\n"].concat()))
            .collect();
        other.keep_plan(&files, &Deed { at: demo::now(), ..Deed::default() }).unwrap();
        assert_eq!(outcome(&run_now(site, &worker, Job::Compute, AREA)), "changed");
    });
}

#[test]
fn each_board_member_is_told_of_a_release_once_however_often_it_is_run() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker(site);
        worker.plan().unwrap();
        approve(site, Some(time("2015-12-09 09:30")), Edition::Restricted);
        assert_eq!(worker.run_next().unwrap(), None, "its time has not come");
        assert_eq!(count(site, "job_slot WHERE job = 'release' AND state = 'waiting'"), 1);
        at(service, "2015-12-09 09:30");
        for _ in 0..19 {
            service
                .run_job_now(outturn::service::people::By::Operator, &asking(service), Job::Release, AREA)
                .unwrap();
        }
        service.clock.put_forward(TimeDelta::seconds(1));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| while worker.run_next().unwrap().is_some() {});
            }
        });
        assert_eq!(count(site, "job_slot WHERE job = 'release' AND state = 'done'"), 20);
        assert_eq!(count(site, "job_slot WHERE job = 'release' AND outcome = 'changed'"), 1);
        assert_eq!(count(site, "message WHERE kind = 'pack released'"), 1);
        // The example's area has a contract.
        assert_eq!(count(site, "message WHERE kind = 'statement released'"), 1);
        assert_eq!(
            count(site, "audit_entry WHERE deed = 'pack released' AND subject = '2015-11, version 2'"),
            1
        );
    });
}

#[test]
fn packs_released_before_the_clock_told_of_any_are_told_to_nobody_and_those_to_come_are() {
    on_each_database(|site| {
        let service = &site.site.service;
        approve(site, None, Edition::Public);
        let month = Month::parse(MONTH.as_bytes()).unwrap();
        let manager = who(site, "manager@example.org");
        service.open_month((&manager, &asking(service)), AREA, month, "A figure was wrong").unwrap();
        approve(site, Some(time("2015-12-10 09:30")), Edition::Restricted);
        // As a version of the program without jobs left it.
        tamper(site, "DELETE FROM job_slot");
        tamper(site, "DELETE FROM job_planned");
        service.clock.put_forward(TimeDelta::hours(1));
        let worker = worker(site);
        run_all(&worker);
        assert_eq!(count(site, "message WHERE kind = 'pack released'"), 0);
        at(service, "2015-12-10 09:31");
        run_all(&worker);
        assert_eq!(count(site, "message WHERE kind = 'pack released' AND subject LIKE '%version 3%'"), 1);
        assert_eq!(count(site, "message WHERE kind = 'pack released'"), 1);
    });
}

#[test]
fn a_pack_is_drafted_and_its_managers_are_told_once_what_blocks_it() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker(site);
        run_all(&worker);
        at(service, "2015-12-16 06:05");
        let ran = run_all(&worker);
        let drafted = ran.iter().find(|ran| ran.claimed.job == "draft pack").unwrap();
        let RunResult::Done(outcome) = &drafted.result else { panic!("{drafted:?}") };
        assert!(outcome.words().contains("November 2015"), "{outcome:?}");
        assert_eq!(count(site, "message WHERE kind = 'pack drafted' AND subject = '2015-11'"), 2);
        assert!(count(site, "message WHERE kind = 'pack drafted' AND body LIKE '%commentary%'") > 0);
        run_now(site, &worker, Job::DraftPack, AREA);
        assert_eq!(count(site, "message WHERE kind = 'pack drafted'"), 2);
        assert_eq!(count(site, "pack_draft"), 0, "two people still put it forward and approve it");
    });
}

#[test]
fn partners_are_reminded_of_what_is_due_and_of_what_is_late_once_each() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker(site);
        // December's returns are due on Sunday 10 January: three working days before is Thursday.
        for (day, soon, late) in [
            ("2016-01-05 09:00", 0, 0),
            // The council owes two returns, the trust three; each has an officer and an approver.
            ("2016-01-07 09:00", 10, 0),
            ("2016-01-08 09:00", 10, 0),
            ("2016-01-11 09:00", 10, 10),
            ("2016-01-12 09:00", 10, 10),
        ] {
            at(service, day);
            let slot = run_now(site, &worker, Job::Remind, AREA);
            assert_eq!(slot.state, SlotState::Done, "{slot:?}");
            assert_eq!(count(site, "message WHERE kind = 'return due soon'"), soon, "{day}");
            assert_eq!(count(site, "message WHERE kind = 'return late'"), late, "{day}");
        }
    });
}

#[test]
fn a_slot_of_backing_up_writes_a_backup_that_restores_and_keeps_as_many_as_are_wanted() {
    on_each_database(|site| {
        let folder = tempfile::tempdir().unwrap();
        let backups = folder.path().join("backups");
        let settings = JobSettings { workers: 1, backup_folder: Some(backups.clone()), backups_kept: 2 };
        let worker = worker_with(&site.site.service, Box::new(Work::new(settings)));
        let first = run_now(site, &worker, Job::BackUp, "");
        if matches!(site.database, DatabaseUrl::Postgresql(_)) {
            assert_eq!(outcome(&first), "no change");
            assert!(first.told.contains("pg_dump") && !backups.exists(), "{first:?}");
            return;
        }
        assert_eq!(outcome(&first), "changed", "{first:?}");
        let names = || {
            let mut names: Vec<String> = fs::read_dir(&backups)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.ends_with(".db"))
                .collect();
            names.sort();
            names
        };
        let target = folder.path().join("restored.db");
        restore(&backups.join(&names()[0]), None, &target, WhatIsThere::Stays).unwrap();
        let mut restored = Store::open(&DatabaseUrl::Sqlite(target)).unwrap();
        assert_eq!(restored.publications(None).unwrap().len(), 1);
        for _ in 0..3 {
            site.site.service.clock.put_forward(TimeDelta::days(1));
            assert_eq!(outcome(&run_now(site, &worker, Job::BackUp, "")), "changed");
        }
        assert_eq!(names().len(), 2);
        assert!(names()[0].starts_with("outturn-20151210T"), "{:?}", names());
    });
}

#[test]
fn a_published_pack_is_made_again_to_the_byte_and_a_flipped_byte_is_found() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker(site);
        let found = run_now(site, &worker, Job::Verify, "");
        assert_eq!(found.state, SlotState::Done, "{found:?}");
        assert!(
            found.told.contains("audit record is whole") && found.told.contains("same to the byte"),
            "{found:?}"
        );
        // Later returns and plans do not change what it was made from.
        let files: Vec<(String, Vec<u8>)> = demo::plan_files()
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), [bytes, b"\n"].concat()))
            .collect();
        service
            .change(|store| store.keep_plan(&files, &Deed { at: demo::now(), ..Deed::default() }))
            .unwrap();
        assert!(run_now(site, &worker, Job::Verify, "").told.contains("same to the byte"));
        // Nor does a return that was accepted while it was made, or by a clock that goes behind.
        let (email, file_name, bytes, comment) = demo::sent_return();
        let month = Month::parse(MONTH.as_bytes()).unwrap();
        let (area_code, on_behalf_of, way) = (AREA, "", ReturnWay::File);
        let new = NewReturn { area_code, month, on_behalf_of, file_name, bytes, way, comment };
        service.send_return(&who(site, email), &asking(service), &new).unwrap();
        service.accept_return(&who(site, "approver.trust@example.org"), &asking(service), AREA, 1).unwrap();
        tamper(site, "UPDATE submission SET received_at = '2015-01-01 00:00:00' WHERE number > 1");
        while worker.run_next().unwrap().is_some() {}
        let found = run_now(site, &worker, Job::Verify, "");
        assert!(found.told.contains("same to the byte"), "{found:?}");
        let flip = match site.database {
            DatabaseUrl::Sqlite(_) => {
                "UPDATE publication_file SET content = CAST(substr(content, 1, 999) || x'00' || substr(content, 1001) AS BLOB) WHERE path = 'pack.pdf'"
            }
            DatabaseUrl::Postgresql(_) => {
                "UPDATE publication_file SET content = set_byte(content, 999, 255 - get_byte(content, 999)) WHERE path = 'pack.pdf'"
            }
        };
        tamper(site, flip);
        let slot = service
            .run_job_now(outturn::service::people::By::Operator, &asking(service), Job::Verify, "")
            .unwrap();
        let ran = worker.run_next().unwrap().unwrap();
        assert_eq!(ran.claimed.claim.slot, slot.number);
        let RunResult::TriedAgain(fault, _) = ran.result else { panic!("{ran:?}") };
        assert!(fault.contains("pack.pdf is not the file that was published"), "{fault}");
    });
}

#[test]
fn tidying_up_removes_only_what_is_old() {
    on_each_database(|site| {
        let service = &site.site.service;
        let now = service.clock.now();
        let mut store = service.store().unwrap();
        let deed = |at| Deed { at, deed: "signed in", ..Deed::default() };
        let token = |name: &str| sha256(name.as_bytes());
        let session = |name: &str, started_at| NewSession {
            token_sha256: token(name),
            person: 1,
            started_at,
            way: "test",
            address: "127.0.0.1",
            browser: "",
        };
        let ago = |days| now - TimeDelta::days(days);
        // Never ended, but long unused; just used; and ended long ago.
        store.start_session(&session("left", ago(92)), &deed(ago(92))).unwrap();
        store.start_session(&session("young", ago(80)), &deed(ago(80))).unwrap();
        let link = |expires_at| OneTimeLink { purpose: LinkPurpose::Recovery, person: Some(1), expires_at };
        store.make_link(&token("old link"), &link(ago(91)), None, &deed(ago(98))).unwrap();
        store.make_link(&token("young link"), &link(ago(60)), None, &deed(ago(67))).unwrap();
        drop(store);
        let before = count(site, "login_session");
        let worker = worker(site);
        let slot = run_now(site, &worker, Job::TidyUp, "");
        assert_eq!(outcome(&slot), "changed");
        assert!(slot.told.contains("1 session, 1 link"), "{slot:?}");
        assert_eq!(count(site, "login_session"), before - 1);
        assert_eq!(count(site, "one_time_link"), 1);
        assert_eq!(outcome(&run_now(site, &worker, Job::TidyUp, "")), "no change");
    });
}

#[test]
fn a_job_of_an_area_that_the_plan_has_no_more_changes_nothing() {
    on_each_database(|site| {
        let service = &site.site.service;
        let mut store = service.store().unwrap();
        for job in [Job::Compute, Job::Remind, Job::DraftPack, Job::Release] {
            store
                .enqueue_job(
                    job.name(),
                    "E99999999",
                    &Deed { at: demo::now(), deed: "job run now", ..Deed::default() },
                )
                .unwrap();
        }
        drop(store);
        let worker = Arc::new(worker(site));
        for _ in 0..4 {
            let ran = worker.run_next().unwrap().unwrap();
            assert!(
                matches!(&ran.result, RunResult::Done(outcome) if outcome.name() == "no change"),
                "{ran:?}"
            );
        }
    });
}
