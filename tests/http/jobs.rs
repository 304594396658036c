//! Jobs in the running program: they are run, told of and ended in time.

use crate::{client::ask, program::Program};
use serde_json::Value as Json;
use std::{process::Command, time::Duration};

const SOON: Duration = Duration::from_secs(20);

/// A command on the program's database, which answers in lines of JSON.
fn jobs(program: &Program, words: &[&str]) -> Vec<Json> {
    let ran = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .arg("jobs")
        .args(words)
        .args(["--json", "--database", &format!("sqlite:{}", program.database.display())])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told = String::from_utf8(ran.stdout).unwrap();
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_done(program: &Program, number: &Json) -> bool {
    let runs = jobs(program, &["runs"]);
    runs.iter().any(|slot| slot["number"] == *number && slot["state"] == "done")
}

#[test]
fn what_is_due_is_run_and_the_program_stops_in_time() {
    let mut program = Program::start(&[("OUTTURN_JOB_WORKERS", "3")]);
    let verify = jobs(&program, &["run", "verify"]).remove(0);
    assert_eq!((&verify["state"], &verify["origin"]), (&"waiting".into(), &"person".into()));
    assert!(
        program.wait_until(SOON, |program| is_done(program, &verify["number"])),
        "{:?}",
        jobs(&program, &["runs"])
    );
    assert_eq!(program.measurement("job_runs_total{job=\"verify\",result=\"no change\"}"), 1.0);
    let ready = ask(program.management, "GET", "/health/ready", &[]);
    assert!(ready.status == 200 && ready.text().contains("\"jobs\":\"ok\""), "{}", ready.text());
    let done = jobs(&program, &["runs"]).remove(0);
    let instance = done["runs"][0]["instance"].as_str().unwrap();
    assert!(instance.ends_with(&format!("process {}", program.id())), "{instance}");
    // Told to stop while there is much to do, it ends what runs and claims no more.
    for _ in 0..20 {
        jobs(&program, &["run", "compute", "--area", "E10000002"]);
    }
    let (status, took) = program.stop();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(12), "{took:?}");
    let of_area = jobs(&program, &["runs", "--area", "E10000002"]);
    let runs = of_area.iter().filter(|slot| slot["job"] == "compute");
    assert!(runs.clone().count() == 20 && runs.clone().all(|slot| slot["state"] != "running"), "{of_area:?}");
}

#[test]
fn a_program_that_is_to_run_no_jobs_runs_none_and_another_on_its_database_does() {
    let first = Program::start(&[("OUTTURN_JOBS", "false")]);
    let tidy = jobs(&first, &["run", "tidy up"]).remove(0);
    assert!(!first.wait_until(Duration::from_secs(3), |first| is_done(first, &tidy["number"])));
    let url = format!("sqlite:{}", first.database.display());
    let _second = Program::start(&[("OUTTURN_DATABASE_URL", &url)]);
    assert!(first.wait_until(SOON, |first| is_done(first, &tidy["number"])));
}

#[test]
fn a_backup_that_is_asked_for_is_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&[("OUTTURN_BACKUP_FOLDER", folder.path().to_str().unwrap())]);
    let backup = jobs(&program, &["run", "back-up"]).remove(0);
    assert!(program.wait_until(SOON, |program| is_done(program, &backup["number"])));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "a backup and its sum: {names:?}");
}

#[test]
fn the_jobs_of_an_area_are_listed_with_when_they_are_due_next() {
    let program = Program::start(&[]);
    let listed = jobs(&program, &["list", "--area", "E10000002"]);
    let names: Vec<&str> = listed.iter().map(|job| job["job"].as_str().unwrap()).collect();
    assert_eq!(names, ["remind", "compute", "draft pack", "release"]);
    assert_eq!(listed[1]["schedule"], "every day at 05:00");
    assert_eq!(listed[1]["next"].as_array().unwrap().len(), 3);
    assert!(listed[3]["next"].as_array().unwrap().is_empty(), "{}", listed[3]);
    let of_service = jobs(&program, &["list"]);
    assert_eq!(of_service.len(), 3);
    let refused = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(["jobs", "run", "compute", "--database", &format!("sqlite:{}", program.database.display())])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("for which area"));
}

#[test]
fn a_request_whose_key_is_not_in_plain_letters_is_refused_and_has_no_effect() {
    let program = Program::start(&[("OUTTURN_JOBS", "false")]);
    let token = program.token("manager@example.org");
    let failed = jobs(&program, &["run", "compute", "--area", "E10000002"]).remove(0);
    let place = format!("/api/v1/jobs/runs/{}/again", failed["number"]);
    for key in ["clé", "two words", &"k".repeat(256)] {
        let headers = [("authorization", token.as_str()), ("idempotency-key", key)];
        let answer = ask(program.address, "POST", &place, &headers);
        assert_eq!(answer.status, 400, "{key}: {}", answer.text());
    }
    let headers = [("authorization", token.as_str()), ("idempotency-key", "\"8e03978e-40d5\"")];
    assert_eq!(ask(program.address, "POST", &place, &headers).status, 200);
}
