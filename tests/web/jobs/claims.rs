//! Claims: who runs a slot, for how long, and that nobody else ends it.

use super::{NOTED, count, make_slots, noted, slots, worker_with};
use crate::site::on_each_database;
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    figures::period::Month,
    service::jobs::worker::RunResult,
    store::{Deed, Ending, NewComputation, Outcome, SlotState, StoreError, sha256},
};
use std::{sync::Arc, thread};

#[test]
fn two_programs_with_eight_threads_each_run_each_of_200_slots_once() {
    on_each_database(|site| {
        let first = Arc::clone(&site.site.service);
        let second = Arc::clone(&site.opened(Clock::starting_at(demo::now()), true).service);
        make_slots(&first, 200, demo::now());
        thread::scope(|scope| {
            for service in [&first, &second] {
                let worker = Arc::new(worker_with(service, noted(|_| Ok(()))));
                for _ in 0..8 {
                    let worker = Arc::clone(&worker);
                    scope.spawn(move || {
                        while let Some(ran) = worker.run_next().unwrap() {
                            assert!(matches!(ran.result, RunResult::Done(_)), "{ran:?}");
                        }
                    });
                }
            }
        });
        let slots = slots(&first);
        assert!(slots.iter().all(|slot| slot.state == SlotState::Done && slot.runs.len() == 1));
        assert_eq!((slots.len(), count(site, NOTED)), (200, 200));
        assert_eq!(
            count(site, "(SELECT DISTINCT subject FROM audit_entry WHERE deed = 'test effect') AS one"),
            200
        );
    });
}

#[test]
fn a_claim_that_was_lost_ends_nothing_and_what_it_did_is_undone() {
    on_each_database(|site| {
        let service = &site.site.service;
        let now = demo::now();
        make_slots(service, 1, now);
        let mut store = service.store().unwrap();
        let first = store.claim_job("the first", now).unwrap().unwrap();
        assert_eq!(store.claim_job("too early", now + TimeDelta::seconds(59)).unwrap(), None);
        let second = store.claim_job("the second", now + TimeDelta::seconds(60)).unwrap().unwrap();
        assert_eq!((second.claim.slot, second.claim.term), (first.claim.slot, first.claim.term + 1));
        assert_eq!((first.tries, second.tries), (0, 1), "whoever was not heard of any more has tried");
        let outcome = Outcome::Changed("done".into());
        let deed = Deed { at: now, deed: "test effect", ..Deed::default() };
        let mut end = |claim| {
            let deed = Some(&deed);
            store.end_job(&Ending { claim, at: now, outcome: &outcome, messages: &[], deed })
        };
        assert!(matches!(end(first.claim), Err(StoreError::Overtaken(_))));
        assert_eq!(count(site, NOTED), 0);
        end(second.claim).unwrap();
        assert!(matches!(end(second.claim), Err(StoreError::Overtaken(_))), "it has ended");
        assert_eq!(count(site, NOTED), 1);
        assert!(
            !store.renew_claim(first.claim, now).unwrap() && !store.renew_claim(second.claim, now).unwrap()
        );
    });
}

#[test]
fn a_claim_that_is_kept_is_not_taken_over() {
    on_each_database(|site| {
        let now = demo::now();
        make_slots(&site.site.service, 1, now);
        let mut store = site.site.service.store().unwrap();
        let held = store.claim_job("a program", now).unwrap().unwrap();
        for seconds in [20, 40, 60, 80] {
            assert!(store.renew_claim(held.claim, now + TimeDelta::seconds(seconds)).unwrap());
        }
        assert_eq!(store.claim_job("another", now + TimeDelta::seconds(139)).unwrap(), None);
        let taken = store.claim_job("another", now + TimeDelta::seconds(140)).unwrap().unwrap();
        assert_eq!(taken.claim.term, held.claim.term + 1);
    });
}

#[test]
fn a_run_whose_claim_is_lost_leaves_nothing_and_the_one_that_took_it_over_does_all() {
    on_each_database(|site| {
        let service = &site.site.service;
        make_slots(service, 1, demo::now());
        let other =
            Arc::clone(&site.opened(Clock::starting_at(demo::now() + TimeDelta::minutes(2)), true).service);
        let other = Arc::new(worker_with(&other, noted(|_| Ok(()))));
        let slow = {
            let other = Arc::clone(&other);
            worker_with(
                service,
                noted(move |_| {
                    // It takes longer than its claim holds: another program takes the slot over and ends it.
                    let ran = other.run_next().unwrap().unwrap();
                    assert!(matches!(ran.result, RunResult::Done(_)), "{ran:?}");
                    Ok(())
                }),
            )
        };
        let ran = slow.run_next().unwrap().unwrap();
        assert_eq!(ran.result, RunResult::Lost);
        assert_eq!(count(site, NOTED), 1);
        let slot = slots(service).remove(0);
        assert_eq!((slot.state, slot.runs.len()), (SlotState::Done, 2));
        assert_eq!(slot.runs[0].ended_at, None);
    });
}

#[test]
fn figures_that_two_programs_have_worked_out_at_once_are_kept_once() {
    on_each_database(|site| {
        let service = &site.site.service;
        let now = demo::now();
        make_slots(service, 3, now);
        let mut store = service.store().unwrap();
        let as_at = Month::parse(demo::AS_AT.as_bytes()).unwrap();
        let mut end = |inputs: &str| {
            let claim = store.claim_job("one of two", now).unwrap().unwrap().claim;
            let inputs_sha256 = sha256(inputs.as_bytes());
            let new = NewComputation {
                area_code: demo::AREA,
                as_at,
                inputs_sha256,
                positions_sha256: sha256(b"figures"),
            };
            let words = |is_new| match is_new {
                true => Outcome::Changed(String::new()),
                false => Outcome::NoChange(String::new()),
            };
            store.end_computed(&new, (claim, now), words).unwrap()
        };
        let ended = [end("returns"), end("returns"), end("a correction")];
        assert_eq!(ended.map(|outcome| outcome.name()), ["changed", "no change", "changed"]);
        assert_eq!(count(site, "computation"), 2);
        assert!(slots(service).iter().all(|slot| slot.state == SlotState::Done));
    });
}
