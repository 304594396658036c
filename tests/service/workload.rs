//! The measured workload: every figure of every area against answers that a second implementation gave.
//!
//! `OUTTURN_WORKLOAD` names the folder that `tests/workload` made.

use crate::bench::{Bench, assert_same_files, files, json, on_each_database, shared};
use outturn::store::{hex, sha256};
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const AS_AT: &str = "2025-12";

/// A folder of the workload, or none, saying so.
fn workload(name: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os("OUTTURN_WORKLOAD") else {
        eprintln!("skipped: OUTTURN_WORKLOAD names no folder made by tests/workload");
        return None;
    };
    let path = Path::new(&folder).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// Runs the month end on a generated folder, to `out` under the bench's folder.
fn run(bench: &Bench, data: &Path, out: &str, further: &[&str]) -> String {
    let (plan, returns) = (data.join("ref"), data.join("returns"));
    let words = ["run", "--plan", plan.to_str().unwrap(), "--returns", returns.to_str().unwrap()];
    let rest = ["--as-at", AS_AT, "--intake", "tolerant", "--out", out];
    bench.outturn(&[&words[..], &rest, further].concat()).done().out
}

/// The lines of `positions.json` under a folder of packs, by area.
fn positions(out: &Path) -> BTreeMap<String, String> {
    let areas = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    areas.map(|path| (name(&path), fs::read_to_string(path.join("positions.json")).unwrap())).collect()
}

fn assert_answers(size: &str) {
    let (Some(data), Some(answers)) = (workload(size), shared(&format!("workload/expected_{size}.json")))
    else {
        return;
    };
    let answers = json(&answers);
    let expected: BTreeMap<String, String> = answers["areas"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(code, area)| (code.clone(), format!("{}\n", canonical(area))))
        .collect();
    on_each_database(|bench| {
        run(bench, &data, "out", &[]);
        let found = positions(&bench.path("out"));
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (code, area) in &expected {
            // Thousands of figures: the code alone says which differs well enough.
            assert!(found[code] == *area, "{size}: the figures of {code} are not the expected ones");
        }
        eprintln!("{size}: every figure of {} areas is the expected one", expected.len());
    });
}

/// Sorted keys, no spaces.
fn canonical(value: &Json) -> String {
    match value {
        Json::Object(fields) => {
            let sorted: BTreeMap<&String, &Json> = fields.iter().collect();
            let fields = sorted
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Json::from(key.as_str()), canonical(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
    }
}

#[test]
fn every_figure_of_one_area_is_as_the_second_implementation_gives_it() {
    assert_answers("small");
}

#[test]
fn every_figure_of_twelve_areas_is_as_the_second_implementation_gives_it() {
    assert_answers("medium");
}

#[test]
fn every_figure_of_the_nation_is_as_the_second_implementation_gives_it() {
    let (Some(data), Some(answers)) =
        (workload("national"), shared("workload/expected_national.digests.json"))
    else {
        return;
    };
    let expected = json(&answers);
    let bench = Bench::on_sqlite();
    run(&bench, &data, "out", &["--formats", "json"]);
    let found = positions(&bench.path("out"));
    assert_eq!(found.len(), 150);
    for (code, area) in &found {
        let digest = hex(&sha256(area.trim_end().as_bytes()));
        assert_eq!(Some(digest.as_str()), expected["area_sha256"][code].as_str(), "{code}");
    }
    eprintln!("national: every figure of {} areas is the expected one", found.len());
}

#[test]
fn running_again_gives_the_same_bytes_and_says_so_however_many_work_at_it() {
    let Some(data) = workload("medium") else { return };
    on_each_database(|bench| {
        let first = run(bench, &data, "out", &["--workers", "1"]);
        assert_eq!(
            first.lines().filter(|line| line.contains("published version 1; ")).count(),
            12,
            "{first}"
        );
        let by_one = files(&bench.path("out"));
        let held = bench.held();
        // The second time the facts come from the store, not from the files.
        let again = run(bench, &data, "out", &["--workers", "2"]);
        assert_eq!(again.lines().filter(|line| line.contains("version 1, unchanged")).count(), 12, "{again}");
        assert_eq!(bench.held(), held);
        assert_same_files(&by_one, &files(&bench.path("out")));
        assert_eq!(bench.store().integrity_check().unwrap(), [""; 0]);
    });
    let two = Bench::on_sqlite();
    run(&two, &data, "by-two", &["--workers", "2"]);
    let one = Bench::on_sqlite();
    run(&one, &data, "by-one", &["--workers", "1"]);
    assert_same_files(&files(&one.path("by-one")), &files(&two.path("by-two")));
}

#[test]
fn a_correction_changes_its_area_alone_and_the_old_files_again_change_nothing() {
    let Some(data) = workload("medium") else { return };
    on_each_database(|bench| {
        run(bench, &data, "out", &["--formats", "json"]);
        let before = positions(&bench.path("out"));
        let finance = data.join("returns/E08000002/finance.csv");
        let text = fs::read_to_string(finance).unwrap();
        let second_line = text.lines().nth(1).unwrap();
        let (kept, _forecast) = second_line.rsplit_once(',').unwrap();
        bench.write(
            "returns/E08000002/correction.csv",
            format!("{}\n{kept},0.00\n", text.lines().next().unwrap()),
        );
        let plan = data.join("ref");
        let corrected = bench
            .outturn(&[
                "run",
                "--plan",
                plan.to_str().unwrap(),
                "--returns",
                "returns",
                "--as-at",
                AS_AT,
                "--out",
                "out",
                "--intake",
                "tolerant",
                "--formats",
                "json",
            ])
            .done();
        assert!(corrected.out.contains("E08000002: published version 2;"), "{corrected:?}");
        let after = positions(&bench.path("out"));
        for (code, figures) in &before {
            if code != "E08000002" {
                assert!(*figures == after[code], "{code} has changed");
            }
        }
        // One row in one more file is counted; an April forecast of 2023 with an actual beside it decides nothing.
        let (mut was, mut is): (Json, Json) = (
            serde_json::from_str(&before["E08000002"]).unwrap(),
            serde_json::from_str(&after["E08000002"]).unwrap(),
        );
        assert_ne!(was["quality"].take(), is["quality"].take());
        was["rejects"].take();
        is["rejects"].take();
        assert_eq!(was, is);
    });
}

#[test]
fn another_seed_agrees_with_the_second_implementation() {
    let (Some(python), Some(generator), Some(reference)) =
        (workload("python"), shared("workload/generate.py"), shared("workload/reference.py"))
    else {
        return;
    };
    let bench = Bench::on_sqlite();
    let (data, answers) = (bench.path("data"), bench.path("answers"));
    for seed in ["7", "2015"] {
        let generated = Command::new(&python)
            .arg(&generator)
            .args(["--areas", "2", "--seed", seed, "--out"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(generated.status.success(), "{generated:?}");
        let answered =
            Command::new(&python).arg(&reference).arg(&data).arg("--out").arg(&answers).output().unwrap();
        assert!(answered.status.success(), "{answered:?}");
        // A database of its own for each country.
        let bench = Bench::on_sqlite();
        run(&bench, &data, "out", &["--formats", "json"]);
        for (code, figures) in positions(&bench.path("out")) {
            let expected = fs::read_to_string(answers.join(format!("{code}.json"))).unwrap();
            assert!(figures == expected, "seed {seed}: the figures of {code} are not the expected ones");
        }
    }
}
