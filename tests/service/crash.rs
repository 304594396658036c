//! The program killed at any moment: nothing is half kept, nothing half published, and the next run ends
//! as if there had been no kill.
//!
//! `OUTTURN_TEST_KILLS` says how often to kill on each database, 25 times unless given.

use crate::{
    bench::{Bench, assert_same_files, files, on_each_database},
    example,
};
use std::{
    env, fs,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

const KILLS: u32 = 25;
const AREAS: usize = 12;
const WORDS: [&str; 9] =
    ["run", "--plan", "plan", "--returns", "returns", "--as-at", example::AS_AT, "--out", "out"];

#[test]
fn a_run_that_is_killed_leaves_nothing_half_done_and_the_next_ends_as_if_it_had_not_been() {
    let kills = env::var("OUTTURN_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let undisturbed = Bench::on_sqlite();
    example::write_for(&undisturbed, &example::area_codes(AREAS));
    undisturbed.run(example::AS_AT, &[]).done();
    let expected = files(&undisturbed.path("out"));
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(AREAS));
        let length = undisturbed_length(bench);
        let mut random = 20_151_130_u64;
        let mut cut_short = 0;
        for kill in 0..kills {
            // From time to time everything starts anew, so that first runs are killed as well as later ones.
            if kill % 5 == 0 {
                start_anew(bench);
            }
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let moment = length.mul_f64((random >> 40) as f64 / (1_u64 << 24) as f64);
            cut_short += u32::from(killed_after(bench, moment));
            assert_nothing_is_half_done(bench, kill);
        }
        bench.run(example::AS_AT, &[]).done();
        assert_same_files(&expected, &files(&bench.path("out")));
        assert_eq!(bench.store().integrity_check().unwrap(), [""; 0]);
        assert_eq!(bench.held().1, 3 * AREAS, "each return is kept once");
        eprintln!("{cut_short} of {kills} runs were cut short");
        assert!(cut_short * 4 > kills, "only {cut_short} of {kills} runs were cut short");
    });
}

/// How long a first run takes.
fn undisturbed_length(bench: &Bench) -> Duration {
    let start = Instant::now();
    bench.outturn(&WORDS).done();
    start.elapsed()
}

/// Takes away the packs and all that the database holds.
fn start_anew(bench: &Bench) {
    for entry in fs::read_dir(bench.path("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("outturn.db") {
            fs::remove_file(&path).unwrap();
        } else if name == "out" {
            fs::remove_dir_all(&path).unwrap();
        }
    }
    bench.empty_server_database();
}

/// Starts a run and kills it; whether it was still running.
fn killed_after(bench: &Bench, moment: Duration) -> bool {
    let mut run = bench.command(&WORDS).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(moment);
    let was_running = run.try_wait().unwrap().is_none();
    run.kill().unwrap();
    run.wait().unwrap();
    was_running
}

fn assert_nothing_is_half_done(bench: &Bench, kill: u32) {
    // Files against their SHA-256, and as many facts as each submission was said to have.
    assert_eq!(bench.store().integrity_check().unwrap(), [""; 0], "after kill {kill}");
    for (area, kept) in returns_kept(bench) {
        assert_eq!(kept, 3, "after kill {kill} {area} has some of its returns and not all");
    }
    if !bench.path("out").exists() {
        return;
    }
    for entry in fs::read_dir(bench.path("out")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // A name that starts with a full stop is that of a pack not yet, or no longer, in its place.
        if !name.starts_with('.') {
            bench.outturn(&["verify", folder.to_str().unwrap(), "--files-only"]).done();
        }
    }
}

/// How many returns of each area the store keeps.
fn returns_kept(bench: &Bench) -> std::collections::BTreeMap<String, usize> {
    let mut kept = std::collections::BTreeMap::new();
    for submission in bench.store().submissions(None).unwrap() {
        *kept.entry(submission.area_code).or_insert(0) += 1;
    }
    kept
}
