//! The whole job at several sizes, each in a process of its own: does its cost grow as its rows do,
//! does its memory stay small, and are both processors put to work?

use crate::{
    Asked,
    measure::{self, Spent, load, median},
    workload,
};
use outturn::{
    month_end::{AreaResult, MonthEnd, gather_returns, run as run_month_end},
    packs::{freeze::Formats, template::Templates},
    plan,
    store::{DatabaseUrl, Intake},
};
use std::{path::Path, process::Command, time::Duration};

/// The first argument of a process that runs one whole job and tells what it took.
pub const CHILD: &str = "whole-job";

const SIZES: [usize; 3] = [1, 12, 150];

/// One area, a region, a country.
pub fn run(asked: &Asked) {
    println!("\nThe whole job by size: read, check, store, work out, draw, publish; {}", load());
    println!("  areas      rows   seconds  processor   µs a row  ms an area  peak MB");
    for areas in SIZES {
        let folder = tempfile::tempdir().expect("a folder for the country can be made");
        let rows = workload::write(folder.path(), areas).expect("the country can be written");
        let rounds = if areas > 100 { 1 } else { asked.rounds };
        let jobs: Vec<Job> = (0..rounds).map(|_| Job::in_child(folder.path(), processors())).collect();
        let spent = median(&jobs.iter().map(|job| job.spent).collect::<Vec<_>>());
        let peak = jobs.iter().map(|job| job.peak_memory).max().unwrap_or(0);
        let wall = spent.wall.as_secs_f64();
        println!(
            "  {areas:>5} {rows:>9} {wall:>9.2} {:>10.2} {:>10.2} {:>11.1} {peak:>8}",
            spent.processor.as_secs_f64(),
            wall * 1e6 / rows as f64,
            wall * 1e3 / areas as f64,
        );
    }
}

/// One worker against as many as there are processors, in turn.
pub fn run_workers(asked: &Asked) {
    let many = processors();
    let folder = tempfile::tempdir().expect("a folder for the country can be made");
    let rows = workload::write(folder.path(), asked.areas).expect("the country can be written");
    println!("\nOne worker against {many}: {} areas, {rows} rows; {}", asked.areas, load());
    let (mut one, mut all) = (Vec::new(), Vec::new());
    for _ in 0..asked.rounds {
        one.push(Job::in_child(folder.path(), 1).spent);
        all.push(Job::in_child(folder.path(), many).spent);
    }
    let (one, all) = (median(&one), median(&all));
    measure::say("one worker", one, rows);
    measure::say(&format!("{many} workers"), all, rows);
    measure::say_ratio(&format!("one worker / {many} workers"), one, all);
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What one whole job took.
struct Job {
    spent: Spent,
    /// In MB.
    peak_memory: u64,
}

impl Job {
    /// Runs the job in a process of its own, so that its memory is its own.
    fn in_child(folder: &Path, workers: usize) -> Job {
        let program = std::env::current_exe().expect("a running program has a file");
        let out = tempfile::tempdir_in(folder).expect("a folder for the packs can be made");
        let answer = Command::new(program)
            .args([CHILD, &workers.to_string()])
            .args([folder, out.path()])
            .output()
            .expect("this program can be started again");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        let told = String::from_utf8_lossy(&answer.stdout);
        let numbers: Vec<u64> = told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [wall, processor, peak_memory] = numbers[..] else { panic!("the child said {told:?}") };
        let spent = Spent { wall: Duration::from_micros(wall), processor: Duration::from_micros(processor) };
        Job { spent, peak_memory }
    }
}

/// The child's part: the job, from the plan's files to the last pack in its place.
pub fn child(arguments: &[String]) {
    let [workers, folder, out] = arguments else { panic!("workers, folder and where to are needed") };
    let (folder, out) = (Path::new(folder), Path::new(out));
    let ((), spent) =
        measure::spent(|| whole_job(folder, out, workers.parse().expect("workers are a number")));
    println!("{} {} {}", spent.wall.as_micros(), spent.processor.as_micros(), measure::peak_memory());
}

fn whole_job(folder: &Path, out: &Path, workers: usize) {
    let plan_files = plan::gather(&folder.join("plan")).expect("the plan is there");
    let plan = plan::read(&plan_files).expect("the plan is sound");
    let (returns, _) = gather_returns(&folder.join("returns"), &plan).expect("the returns are there");
    let month_end = MonthEnd {
        database: &DatabaseUrl::Sqlite(out.join("outturn.db")),
        plan: &plan,
        plan_files: &plan_files,
        returns,
        as_at: workload::as_at(),
        intake: Intake::Tolerant,
        formats: Formats::ALL,
        templates: &Templates::built_in(),
        out: Some(out),
        now: chrono::DateTime::UNIX_EPOCH.naive_utc(),
        workers,
        despite_lock: None,
    };
    let outcomes = run_month_end(month_end, &|_, _| {}).expect("the month end runs");
    let published = |result: &AreaResult| matches!(result, AreaResult::Published(_));
    assert!(outcomes.iter().all(|outcome| published(&outcome.result)), "every area is published");
}
