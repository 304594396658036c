//! Corrections: a later return supersedes an earlier one, and a published pack is kept for good.

use crate::{
    bench::{files, on_each_database},
    example::{self, AREA, AS_AT},
};
use outturn::figures::period::Month;
use serde_json::Value as Json;

const FINANCE: &str = "returns/E10000002/finance.csv";

/// The first line of the scheme S01 for the council: £16,114.88 spent in April 2014, last year.
const AS_SENT: &str = "2014-04,S01,BCC,16233.33,16114.88,";
const CORRECTED: &str = "2014-04,S01,BCC,16233.33,17114.88,";

#[test]
fn a_corrected_return_supersedes_and_the_first_version_stays_as_it_was_published() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let first = files(&bench.path("out").join(AREA));
        let before = bench.positions(AREA);
        bench.mend(FINANCE, AS_SENT, CORRECTED);
        let ran = bench.run(AS_AT, &[]).done();
        assert!(ran.out.contains("E10000002: published version 2;"), "{ran:#?}");
        let second = files(&bench.path("out").join(AREA));
        let after = bench.positions(AREA);

        // £1,000.00 more in last year's integrated pool, and nothing else of the fund's years moves.
        let spend =
            |positions: &Json, year: &str| positions["budget"]["history"][year]["INTEGRATED"][1].as_i64();
        assert_eq!(spend(&after, "2014-15").unwrap() - spend(&before, "2014-15").unwrap(), 100_000);
        assert_eq!(spend(&after, "2015-16"), spend(&before, "2015-16"));
        assert_ne!(first["manifest.json"], second["manifest.json"]);
        assert_ne!(first["pack.html"], second["pack.html"]);

        // Both versions are in the store, every file as it was published.
        let mut store = bench.store();
        let as_at = Month::parse(AS_AT.as_bytes()).unwrap();
        for (version, published) in [(1, &first), (2, &second)] {
            for (path, bytes) in published {
                let kept = store.published_file(AREA, as_at, version, path).unwrap();
                assert!(kept.as_ref() == Some(bytes), "version {version}, {path}");
            }
            let listed = store.published_files(AREA, as_at, version).unwrap();
            assert_eq!(listed.len(), published.len());
        }
        drop(store);
        bench.outturn(&["verify", "out/E10000002"]).done();
        assert_eq!(bench.held(), (1, 4, 2));
    });
}

#[test]
fn a_return_of_the_corrected_row_alone_leaves_the_other_rows_in_force() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &["--formats", "json"]).done();
        let before = bench.positions(AREA);
        let heading = bench.text(FINANCE).lines().next().unwrap().to_owned();
        bench.write("later/E10000002/row.csv", format!("{heading}\n612,E10000002,{CORRECTED}16100.00\n"));
        bench
            .outturn(&[
                "run",
                "--plan",
                "plan",
                "--returns",
                "later",
                "--as-at",
                AS_AT,
                "--out",
                "out",
                "--formats",
                "json",
            ])
            .done();
        let after = bench.positions(AREA);
        let spend =
            |positions: &Json| positions["budget"]["history"]["2014-15"]["INTEGRATED"][1].as_i64().unwrap();
        assert_eq!(spend(&after) - spend(&before), 100_000);
        assert_eq!(after["scorecard"], before["scorecard"]);
        assert_eq!(after["capitation"], before["capitation"]);
    });
}

#[test]
fn verify_tells_a_changed_file_and_a_pack_that_the_store_no_longer_gives() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let verified = bench.outturn(&["verify", "out/E10000002"]).done();
        assert!(
            verified.out.contains("The store gives the same pack again, byte for byte."),
            "{verified:#?}"
        );
        bench.mend("out/E10000002/data/pools.csv", "Integrated care", "Integrated Care");
        bench
            .outturn(&["verify", "out/E10000002", "--files-only"])
            .ended(1, &["data/pools.csv is not the file that was published: its SHA-256 differs"]);
        bench.mend("out/E10000002/data/pools.csv", "Integrated Care", "Integrated care");
        bench.outturn(&["verify", "out/E10000002", "--files-only"]).done();
        bench.mend(FINANCE, AS_SENT, CORRECTED);
        bench.outturn(&["returns", "submit", FINANCE, "--as-at", AS_AT]).done();
        bench.outturn(&["verify", "out/E10000002"]).ended(
            1,
            &["The store does not give the same pack again", "data/fund_history.csv", "positions.json"],
        );
    });
}

#[test]
fn a_changed_plan_is_a_new_edition_and_the_old_one_stays() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &["--formats", "json,csv"]).done();
        bench.mend("plan/schemes.csv", "Rapid response", "Rapid response and hospital at home");
        let ran = bench.run(AS_AT, &["--formats", "json,csv"]).done();
        assert!(ran.out.contains("published version 2"), "{ran:#?}");
        assert_eq!(bench.held(), (2, 3, 2));
        assert!(bench.text("out/E10000002/data/schemes.csv").contains("Rapid response and hospital at home"));
    });
}

#[test]
fn a_file_that_replaces_what_came_after_it_counts_again() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &["--formats", "json"]).done();
        let before = bench.positions(AREA);
        let original = bench.text(FINANCE);
        bench.mend(FINANCE, AS_SENT, CORRECTED);
        bench.write("again.csv", original);
        let submit = |file: &str, further: &[&str]| {
            let words = [&["returns", "submit", file, "--area", AREA, "--as-at", AS_AT], further].concat();
            bench.outturn(&words).done()
        };
        let number = |said: &str| -> u32 {
            said.split("submission ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
        };
        let corrected = number(&submit(FINANCE, &[]).out);
        // An old file adds nothing of itself, and its sender is told how it would.
        let ran = submit("again.csv", &[]);
        assert!(ran.out.contains("already received as"), "{ran:#?}");
        let replaces = format!("--replaces {corrected}");
        assert!(ran.errors.contains(&replaces), "{ran:#?}");

        let replaces = corrected.to_string();
        let ran = submit("again.csv", &["--replaces", &replaces]);
        assert!(ran.out.contains(&format!("accepted as submission {}", corrected + 1)), "{ran:#?}");
        // Whoever did not hear that it was taken in asks once more, and nothing is added.
        let ran = submit("again.csv", &["--replaces", &replaces]);
        assert!(ran.out.contains(&format!("already received as submission {}", corrected + 1)), "{ran:#?}");
        bench.write(FINANCE, bench.text("again.csv"));
        bench.run(AS_AT, &["--formats", "json"]).done();
        assert!(bench.positions(AREA)["budget"] == before["budget"]);
        assert!(bench.positions(AREA)["budget"] == before["budget"]);
        assert_eq!(bench.store().submissions(Some(AREA)).unwrap().len() as u32, corrected + 1);
    });
}
