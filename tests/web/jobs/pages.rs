//! The pages of jobs and the interface's: what ran, what failed, and running it again.

use super::{count, make_slots, noted, run_all, worker_with};
use crate::{
    site::{AREA, location, on_each_database, text},
    system::json,
};
use chrono::TimeDelta;
use outturn::{demo, service::jobs::Fault};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const JOBS: &str = "/areas/E10000002/jobs";

#[test]
fn a_manager_sees_the_areas_jobs_has_one_run_and_reads_what_it_did() {
    on_each_database(|site| {
        let manager = site.as_person("manager@example.org");
        let page = text(&manager.get(JOBS));
        for words in [
            "Work out the figures",
            "Every day at 05:00",
            "9 December 2015, 5:00am",
            "It has not run yet",
            "Nothing has run yet. The first is “Work out the figures”, due on 9 December 2015, 5:00am.",
        ] {
            assert!(page.contains(words), "no {words}: {page}");
        }
        assert_eq!(location(&manager.post(JOBS, &[("job", "compute")])), format!("{JOBS}?done=run"));
        assert_eq!(manager.post(JOBS, &[("job", "back up")]).status, 422, "it is not the area's");
        site.site.service.clock.put_forward(TimeDelta::seconds(1));
        assert_eq!(run_all(&super::worker(site)).len(), 1);
        let page = text(&manager.get(JOBS));
        assert!(page.contains("Worked out November 2015’s figures from 3 returns"), "{page}");
        let one = text(&manager.get("/jobs/runs/1"));
        assert!(one.contains("Somebody asked for it") && one.contains("a test"), "{one}");
        let auditor = text(&site.as_person("auditor@example.org").get(JOBS));
        assert!(!auditor.contains("Run now") && auditor.contains("Worked out November"), "{auditor}");
        let none = text(&manager.get(&format!("{JOBS}?state=failed")));
        assert!(none.contains("No run went that way.") && !none.contains("Nothing has run yet"), "{none}");
        // Systems see the same.
        let system = site.system_of("manager@example.org");
        let runs = json(&system.get(&format!("/api/v1/areas/{AREA}/jobs/runs")));
        assert_eq!(
            (&runs["items"][0]["state"], &runs["items"][0]["outcome"]),
            (&"done".into(), &"changed".into())
        );
        let jobs = json(&system.get(&format!("/api/v1/areas/{AREA}/jobs")));
        assert_eq!(jobs["items"][1]["next"][0], "2015-12-09T05:00:00Z");
    });
}

#[test]
fn a_job_that_has_failed_is_told_above_every_page_until_it_has_run() {
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
        let told = "the job “tidy up” has failed";
        let manager = site.as_person("manager@example.org");
        let mut before = text(&manager.get("/account"));
        for _ in 0..8 {
            assert!(!before.contains(told), "{before}");
            worker.run_next().unwrap().unwrap();
            service.clock.put_forward(TimeDelta::minutes(70));
            // Whoever was away for so long signs in again.
            before = text(&site.as_person("manager@example.org").get("/account"));
        }
        assert!(before.contains(told) && before.contains("Administrators have been told"), "{before}");
        let board = text(&site.as_person("board@example.org").get("/account"));
        assert!(!board.contains(told), "{board}");
        let administrator = site.as_person("administrator@example.org");
        let page = text(&administrator.get("/jobs?state=failed"));
        assert!(
            page.contains(told) && page.contains("The disc is full") && page.contains("Run again"),
            "{page}"
        );
        assert_eq!(count(site, "audit_entry WHERE deed = 'job failed'"), 1);
        mended.store(true, Ordering::SeqCst);
        let again = administrator.post("/jobs/runs/1/again", &[]);
        assert_eq!(location(&again), "/jobs/runs/1?done=again");
        service.clock.put_forward(TimeDelta::seconds(1));
        worker.run_next().unwrap().unwrap();
        let page = text(&administrator.get("/jobs/runs/1"));
        assert!(!page.contains(told) && page.contains("Done"), "{page}");
        assert_eq!(administrator.post("/jobs/runs/1/again", &[]).status, 409);
    });
}
