//! Planning: slots come from schedules, each once, whoever plans and whatever the clock does.

use super::{NOTED, at, count, noted, run_all, slots, worker, worker_with};
use crate::site::{AREA, empty, on_each_database};
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    store::{Origin, SlotState},
};
use std::{collections::BTreeSet, sync::Arc, thread};

#[test]
fn a_new_service_starts_from_now_and_of_what_it_missed_the_latest_runs() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker_with(service, noted(|_| Ok(())));
        assert_eq!(run_all(&worker).len(), 0, "nothing is due before now");
        // Three mornings later it has been down for most of four days.
        at(service, "2015-12-11 12:00");
        let ran: Vec<String> = run_all(&worker)
            .into_iter()
            .map(|ran| format!("{} {}", ran.claimed.job, ran.claimed.due_at.format("%d %H:%M")))
            .collect();
        assert_eq!(ran, ["back up 11 00:15", "tidy up 11 03:30", "compute 11 05:00", "remind 11 09:00"]);
        let all = slots(service);
        let skipped: Vec<_> = all.iter().filter(|slot| slot.state == SlotState::Skipped).collect();
        assert_eq!((all.len(), skipped.len()), (12, 8));
        assert!(skipped.iter().all(|slot| slot.told.contains("missed") && slot.ended_at.is_some()));
        assert!(all.iter().all(|slot| slot.origin == Origin::Schedule));
        assert!(
            all.iter()
                .filter(|slot| slot.area_code == AREA)
                .all(|slot| ["compute", "remind"].contains(&&*slot.job))
        );
    });
}

#[test]
fn several_programs_that_plan_at_once_plan_each_slot_once() {
    on_each_database(|site| {
        let sites: Vec<_> = (0..4).map(|_| site.opened(Clock::starting_at(demo::now()), true)).collect();
        let workers: Vec<_> =
            sites.iter().map(|site| Arc::new(worker_with(&site.service, noted(|_| Ok(()))))).collect();
        for worker in &workers {
            worker.plan().unwrap();
        }
        for site in &sites {
            at(&site.service, "2015-12-20 12:00");
        }
        thread::scope(|scope| {
            for worker in &workers {
                scope.spawn(|| run_all(worker));
            }
        });
        let slots = slots(&site.site.service);
        let distinct: BTreeSet<_> =
            slots.iter().map(|slot| (&slot.job, &slot.area_code, slot.due_at)).collect();
        assert_eq!(distinct.len(), slots.len());
        let done = slots.iter().filter(|slot| slot.state == SlotState::Done).count();
        assert_eq!((done as i64, done), (count(site, NOTED), 6), "one of each job that was due");
    });
}

#[test]
fn a_clock_that_was_set_back_plans_nothing_twice_and_runs_nothing_before_its_time() {
    on_each_database(|site| {
        let service = &site.site.service;
        let worker = worker_with(service, noted(|_| Ok(())));
        worker.plan().unwrap();
        at(service, "2015-12-09 12:00");
        worker.plan().unwrap();
        let planned = slots(service).len();
        // Before anything has run.
        service.clock.put_forward(-TimeDelta::days(3));
        assert_eq!(run_all(&worker), []);
        // And in another program, which knows only what stands in the store.
        assert_eq!(run_all(&worker_with(service, noted(|_| Ok(())))), []);
        at(service, "2015-12-09 12:00");
        assert_eq!(run_all(&worker).len(), planned);
        assert_eq!(slots(service).len(), planned);
    });
}

#[test]
fn before_there_is_a_plan_the_services_own_jobs_run() {
    let folder = tempfile::tempdir().unwrap();
    let site = empty(folder.path());
    let worker = worker(&site);
    assert_eq!(run_all(&worker), []);
    at(&site.site.service, "2015-12-14 12:00");
    let mut jobs: Vec<String> = run_all(&worker).into_iter().map(|ran| ran.claimed.job).collect();
    jobs.sort_unstable();
    assert_eq!(jobs, ["back up", "tidy up", "verify"]);
}
