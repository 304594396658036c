//! What the command line accepts, refuses and says, and with which status it ends.

use crate::{
    bench::{Bench, Ran, files, on_each_database},
    example::{self, AREA, AS_AT},
};
use std::{collections::BTreeSet, process::Stdio};

#[test]
fn a_plan_with_several_faults_is_told_them_all_at_once() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.outturn(&["plan", "check", "plan"]).done();
    bench.mend("plan/bands.csv", "over,1,100,AVCCG,2500", "over,1,100,AVCCG,2400");
    bench.mend("plan/schemes.csv", "navigation,INTEGRATED,BHT", "navigation,INTEGRATE,BHT");
    bench.mend("plan/kpis.csv", "NEA,2500,linear", "NEA,2500,lineal");
    bench.mend("plan/rates.csv", "SEG1,2014-15,37.35", "SEG1,2014-15,37.3");
    bench.mend("plan/windows.csv", "finance,2014-04", "finance,2014-4");
    let refused = bench.outturn(&["plan", "check", "plan"]).ended(
        1,
        &[
            "The plan is refused:",
            "bands, row ",
            "schemes, row 2, column E \"pool_id\": \"INTEGRATE\"",
            "kpis, row 2, column D \"rule\": \"lineal\"",
            "rates, row 2, column D \"rate\": \"37.3\"",
            "windows, row ",
            "column B \"first_period\": \"2014-4\"",
        ],
    );
    let tables: BTreeSet<&str> =
        refused.errors.lines().filter_map(|line| line.split_once(", row ")).map(|(table, _)| table).collect();
    assert_eq!(tables, BTreeSet::from(["bands", "kpis", "rates", "schemes", "windows"]), "{refused:#?}");
    // The same at a run, and the database is not even made.
    bench.run(AS_AT, &[]).ended(1, &["The plan is refused:"]);
    assert!(!bench.path("outturn.db").exists() && !bench.path("out").exists());
}

#[test]
fn named_areas_alone_are_worked_on() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(4));
        let ran = bench.run(AS_AT, &["--area", "E10000004", "--area", "E10000002"]).done();
        assert_eq!(ran.out.lines().count(), 2, "{ran:#?}");
        let published: BTreeSet<String> = std::fs::read_dir(bench.path("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(published, BTreeSet::from(["E10000002".to_owned(), "E10000004".to_owned()]));
        assert_eq!(bench.held(), (1, 6, 2));
        bench
            .run(AS_AT, &["--area", "E10000002", "--area", "E99999999", "--area", "nowhere"])
            .ended(1, &["E99999999 is not an area of the plan", "nowhere is not an area of the plan"]);
        // The whole run later takes in the rest.
        bench.run(AS_AT, &[]).done();
        assert_eq!(bench.held(), (1, 12, 4));
    });
}

#[test]
fn a_pack_holds_the_formats_that_were_asked_for_and_the_manifest_names_them() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    for (formats, kinds) in [
        ("json", &["json"][..]),
        ("html", &["html"]),
        ("pdf,json", &["pdf", "json"]),
        ("csv", &["csv"]),
        ("json,csv,pdf,html", &["html", "pdf", "csv", "json"]),
    ] {
        bench.run(AS_AT, &["--formats", formats]).done();
        let found = files(&bench.path("out").join(AREA));
        for (kind, file) in [
            ("html", "pack.html"),
            ("pdf", "pack.pdf"),
            ("csv", "data/datapackage.json"),
            ("json", "positions.json"),
        ] {
            assert_eq!(found.contains_key(file), kinds.contains(&kind), "{formats}: {file}");
        }
        let manifest: serde_json::Value = serde_json::from_slice(&found["manifest.json"]).unwrap();
        assert_eq!(manifest["files"].as_array().unwrap().len(), found.len() - 1, "{formats}");
        bench.outturn(&["verify", "out/E10000002"]).done();
    }
}

#[test]
fn what_is_typed_wrong_ends_with_status_2_and_says_how_to_type_it() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.outturn(&[]).ended(2, &["Usage: outturn"]);
    bench.outturn(&["publish-everything"]).ended(2, &["unrecognized subcommand"]);
    bench.outturn(&["run", "--plan", "plan"]).ended(2, &["--returns", "--as-at", "--out"]);
    bench.run("November 2015", &[]).ended(2, &["write the year and month, like 2025-12"]);
    bench.run("2015-13", &[]).ended(2, &["write the year and month"]);
    bench.run(AS_AT, &["--formats", "html,docx"]).ended(2, &["\"docx\" is none of html, pdf, csv and json"]);
    bench.run(AS_AT, &["--intake", "lenient"]).ended(2, &["write whole or tolerant"]);
    bench.run(AS_AT, &["--database", "oracle://server/x"]).ended(2, &["sqlite:"]);
    bench.run(AS_AT, &["--workers", "many"]).ended(2, &["write a whole number, like 4"]);
    bench.outturn(&["audit", "list", "--from", "01/11/2026"]).ended(2, &["write year, month and day"]);
    bench.outturn(&["user", "roles", "ann@example.org"]).ended(2, &["--role", "--none"]);
    let roles = ["partner-officer", "partner-approver", "pooled-budget-manager", "board-member"];
    let roles = [&roles[..], &["alliance-member", "auditor", "administrator"]].concat();
    bench.outturn(&["user", "roles", "ann@example.org", "--role", "manager"]).ended(2, &roles);
    assert!(!bench.path("out").exists() && !bench.path("outturn.db").exists());
}

#[test]
fn what_is_refused_before_any_work_leaves_nothing_behind() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench
        .run("2031-01", &[])
        .ended(1, &["--as-at 2031-01 is outside the plan's window for measures, 2014-04 to 2016-03"]);
    bench.write(
        "returns/stray.csv",
        "org_code,area_code,period,measure_id,numerator,denominator,value\n612,E99999999,2014-04,NEA,1,2,3\n",
    );
    bench
        .run(AS_AT, &[])
        .ended(1, &["stray.csv: names no area of the plan. Put it in a folder called after its area's code"]);
    assert!(!bench.path("out").exists() && !bench.path("outturn.db").exists());
}

#[test]
fn a_database_that_cannot_be_opened_ends_with_status_3() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.write("not-a-folder", "a file");
    let unreachable = "postgres://nobody@127.0.0.1:1/outturn?connect_timeout=2";
    for database in ["sqlite:not-a-folder/outturn.db", unreachable] {
        let failed = bench.run(AS_AT, &["--database", database]).ended(3, &["Failed: "]);
        assert!(!failed.errors.contains("panicked"), "{failed:#?}");
    }
    bench.write(
        "text.db",
        "This is no database at all, although it is long enough to be taken for one. ".repeat(20),
    );
    bench.run(AS_AT, &["--database", "sqlite:text.db"]).ended(3, &["Failed: "]);
    assert!(!bench.path("out").exists());
}

#[test]
fn packs_that_cannot_be_written_are_told_with_their_place() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.write("out", "a file where the packs' folder should be");
    bench.run(AS_AT, &[]).ended(1, &["out cannot be written: a file is in the place of a folder"]);
    bench.outturn(&["demo", "--out", "out"]).ended(1, &["out/plan cannot be written"]);
    // Nobody makes a folder there.
    let words = ["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "/proc/sys/out"];
    let failed = bench.outturn(&words);
    assert!(failed.errors.contains("/proc/sys/out cannot be written"), "{failed:#?}");
    assert_eq!(bench.store().integrity_check().unwrap(), [""; 0]);
}

#[test]
fn two_runs_never_write_packs_to_the_same_folder_at_once() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(8));
        let words = ["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "out"];
        let runs: Vec<_> = (0..3)
            .map(|_| bench.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
            .collect();
        let ran: Vec<Ran> = runs.into_iter().map(|run| run.wait_with_output().unwrap().into()).collect();
        let done = ran.iter().filter(|ran| ran.status == 0).count();
        assert!(done >= 1, "{ran:#?}");
        for ran in ran.into_iter().filter(|ran| ran.status != 0) {
            ran.ended(3, &["another run is writing packs to out: let it end, then run again"]);
        }
        for code in example::area_codes(8) {
            bench.outturn(&["verify", &format!("out/{code}")]).done();
        }
        assert_eq!(bench.held(), (1, 24, 8));
    });
}

#[test]
fn the_example_runs_from_nothing_and_the_run_it_names_gives_the_same_pack() {
    let bench = Bench::on_sqlite();
    let shown = bench.outturn(&["demo", "--out", "shown"]).done();
    let line =
        shown.out.lines().find(|line| line.trim().starts_with("outturn run ")).expect("it names a run");
    let first = files(&bench.path("shown").join(AREA));
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    let again = bench.outturn(&words).done();
    assert!(again.out.contains("published version 1, unchanged"), "{again:#?}");
    assert_eq!(files(&bench.path("shown").join(AREA)), first);
    assert!(!bench.path("outturn.db").exists(), "it keeps to its folder");
}

#[test]
fn what_is_named_and_is_not_there_or_is_nothing_of_the_kind_is_refused_with_its_name() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &["--templates", "nowhere"]).ended(1, &["nowhere"]);
    let run = |plan, returns| ["run", "--plan", plan, "--returns", returns, "--as-at", AS_AT, "--out", "out"];
    bench.outturn(&run("nowhere", "returns")).ended(1, &["No plan can be read at nowhere"]);
    bench.outturn(&run("plan", "nowhere")).ended(1, &["There is no folder nowhere"]);
    bench.outturn(&["returns", "check", "nowhere.csv"]).ended(1, &["nowhere.csv cannot be read"]);
    bench.outturn(&["verify", "nowhere"]).ended(1, &["nowhere has no readable manifest"]);
    bench.write("empty/notes.txt", "");
    bench.run(AS_AT, &["--templates", "empty"]).ended(1, &["The folder empty holds no templates"]);
    bench.outturn(&["plan", "check", "empty"]).ended(1, &["holds no plan, but no CSV file"]);
    bench.outturn(&["plan", "check", "empty/notes.txt"]).ended(1, &["empty/notes.txt is not a plan"]);
    bench
        .outturn(&["plan", "check", "returns/E10000002"])
        .ended(1, &["holds no plan, but capitation.csv, finance.csv"]);
    bench.run(AS_AT, &["--area", "E99999999"]).ended(1, &["There are: E10000002 "]);
    assert!(!bench.path("out").exists() && !bench.path("outturn.db").exists());

    bench.run(AS_AT, &[]).done();
    bench.outturn(&["backup", "--out", "backups/a.db"]).ended(1, &["There is no folder backups", "make it"]);
    bench.outturn(&["backup", "--out", "a.db"]).done();
    std::fs::remove_file(bench.path("a.db.sha256")).unwrap();
    let restore = ["restore", "a.db", "--database", "sqlite:b.db"];
    bench.outturn(&restore).ended(1, &["a.db.sha256 is not there", "--sha256"]);
    bench.outturn(&["returns", "list", "--area", "E99999999"]).ended(1, &["is not an area of the plan"]);
    let other = ["plan", "load", "plan", "--database", "sqlite:other.db"];
    bench.outturn(&other).done();
    let verify = ["verify", "out/E10000002", "--database", "sqlite:other.db"];
    bench.outturn(&verify).ended(1, &["none of the returns", "Is --database right?"]);
}

#[test]
fn a_submission_from_which_nothing_is_taken_is_refused_with_the_reason() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.outturn(&["plan", "load", "plan"]).done();
    let submit = |what| ["returns", "submit", what, "--as-at", AS_AT, "--tolerant"];
    bench.write("none/notes.pdf", "");
    bench.outturn(&submit("none")).ended(1, &["There is no return under none"]);
    let heading = "org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast\n";
    bench.write("finance.csv", heading);
    bench.outturn(&submit("finance.csv")).ended(1, &["finance.csv is empty"]);
    bench.write("finance.csv", format!("{heading}612,E10000002,2014-04,S01,BCC,much,1.00,1.00\n"));
    bench.outturn(&submit("finance.csv")).ended(1, &["finance.csv is refused: 1 fault to mend", "\"much\""]);
    bench.write("finance.csv", format!("{heading}612,E10000002,2014-04,S01,BCC,much,1.00,1.00\n612,E10000002,2014-05,S01,BCC,1.00,1.00,1.00\n"));
    bench.outturn(&submit("finance.csv")).done().ended(0, &["Left out: ", "\"much\""]);
    bench.write("sent/finance.csv", "month;spent\nApril;1\n");
    let refused = bench.outturn(&submit("sent")).ended(1, &["sent/finance.csv: "]);
    assert!(!refused.errors.contains("names no area"), "the headings are at fault: {refused:#?}");
    let replaces =
        ["returns", "submit", "returns/E10000002/finance.csv", "--as-at", AS_AT, "--replaces", "99"];
    bench.outturn(&replaces).ended(1, &["submission 99 to replace"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_has_seen_enough_and_a_full_disk_break_nothing() {
    use std::fs::OpenOptions;
    let bench = Bench::on_sqlite();
    let mut child =
        bench.command(&["plan", "catalogue"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    Ran::from(child.wait_with_output().unwrap()).done();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = bench.command(&["plan", "catalogue"]).stdout(full).output().unwrap();
    Ran::from(ran).ended(3, &["Failed: what was found cannot be printed"]);
}
