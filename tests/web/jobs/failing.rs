//! What goes wrong is tried again, and in the end told to those who look after it.

use super::{NOTED, asking, count, make_slots, noted, slots, worker_with};
use crate::site::on_each_database;
use chrono::TimeDelta;
use outturn::{
    demo,
    service::{
        Refusal,
        jobs::{Fault, worker::RunResult},
        people::By,
    },
    store::SlotState,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const TOLD: &str = "message WHERE kind = 'job failed'";

#[test]
fn what_goes_wrong_is_tried_eight_times_then_told_and_can_be_run_again() {
    on_each_database(|site| {
        let service = &site.site.service;
        make_slots(service, 1, demo::now());
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = Arc::clone(&mended);
        let worker = worker_with(
            service,
            noted(move |_| match is_mended.load(Ordering::SeqCst) {
                true => Ok(()),
                false => Err(Fault::Wrong("the disc is full".into())),
            }),
        );
        for (tries, minutes) in [1, 2, 4, 8, 16, 32, 60].into_iter().enumerate() {
            let ran = worker.run_next().unwrap().unwrap();
            let RunResult::TriedAgain(fault, next) = ran.result else { panic!("{ran:?}") };
            assert_eq!((fault.as_str(), ran.claimed.tries), ("the disc is full", tries as u32));
            let wait = next - service.clock.now();
            let expected = TimeDelta::minutes(minutes);
            assert!((wait - expected).abs() <= expected / 10 + TimeDelta::seconds(2), "{tries}: {wait}");
            assert_eq!(worker.run_next().unwrap(), None, "it waits");
            assert_eq!((service.health().jobs.as_str(), count(site, TOLD)), ("ok", 0));
            service.clock.put_forward(wait);
        }
        let ran = worker.run_next().unwrap().unwrap();
        assert_eq!(ran.result, RunResult::Failed("the disc is full".into()));
        assert_eq!(worker.run_next().unwrap(), None);
        // Two managers and the administrator, each once.
        assert_eq!(count(site, TOLD), 3);
        let health = service.health();
        assert_eq!((health.is_ready, health.jobs.as_str()), (true, "degraded: 1 job failed: tidy up"));
        service.count_jobs().unwrap();
        let text = service.measurements.text();
        for line in [
            "job_slots{state=\"failed\"} 1",
            "job_slots{state=\"waiting\"} 0",
            "job_runs_total{job=\"tidy up\",result=\"tried again\"} 7",
            "job_runs_total{job=\"tidy up\",result=\"failed\"} 1",
            "job_run_duration_seconds_count{job=\"tidy up\"} 8",
        ] {
            assert!(text.contains(line), "no {line}: {text}");
        }
        let slot = slots(service).remove(0);
        assert_eq!((slot.state, slot.tries, slot.runs.len()), (SlotState::Failed, 8, 8));
        assert!(slot.runs.iter().all(|run| run.fault == "the disc is full"));

        mended.store(true, Ordering::SeqCst);
        let again = service.run_job_again(By::Operator, &asking(service), slot.number).unwrap();
        assert_eq!((again.state, again.tries, again.told.as_str()), ("waiting", 0, ""));
        service.clock.put_forward(TimeDelta::seconds(1));
        assert!(matches!(worker.run_next().unwrap().unwrap().result, RunResult::Done(_)));
        assert_eq!((count(site, NOTED), service.health().jobs.as_str()), (1, "ok"));
        let done = service.run_job_again(By::Operator, &asking(service), slot.number);
        assert!(matches!(done, Err(Refusal::Conflict(_))), "{done:?}");
        assert_eq!(count(site, "audit_entry WHERE deed = 'job run again'"), 1);
    });
}

#[test]
fn a_job_in_which_the_program_is_at_fault_stops_nothing_else() {
    on_each_database(|site| {
        let service = &site.site.service;
        make_slots(service, 3, demo::now());
        let worker = worker_with(
            service,
            noted(|task| {
                assert_ne!(task.claimed.claim.slot, 2, "on purpose");
                Ok(())
            }),
        );
        let results: Vec<_> =
            std::iter::from_fn(|| worker.run_next().unwrap()).map(|ran| ran.result).collect();
        assert_eq!(results.len(), 3);
        assert!(
            matches!(&results[1], RunResult::TriedAgain(fault, _) if fault.contains("at fault")),
            "{results:?}"
        );
        assert_eq!(count(site, NOTED), 2);
    });
}

#[test]
fn a_job_that_kills_the_program_each_time_is_given_up() {
    on_each_database(|site| {
        let service = &site.site.service;
        make_slots(service, 1, demo::now());
        for kill in 0..8 {
            // Claimed, and then not heard of any more.
            let claimed = service.store().unwrap().claim_job("killed", service.clock.now()).unwrap().unwrap();
            assert_eq!(claimed.tries, kill);
            service.clock.put_forward(TimeDelta::seconds(61));
        }
        let worker = worker_with(service, noted(|_| panic!("it must not run once more")));
        let ran = worker.run_next().unwrap().unwrap();
        assert!(
            matches!(&ran.result, RunResult::Failed(fault) if fault.contains("stopped each time")),
            "{ran:?}"
        );
        assert_eq!((count(site, NOTED), count(site, TOLD)), (0, 3));
    });
}
