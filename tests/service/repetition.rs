//! The same plan and returns give the same bytes: again, elsewhere, and on either database.

use crate::{
    bench::{Bench, Ran, assert_same_files, files, on_each_database},
    example::{self, AREA, AS_AT},
};
use std::fs;

#[test]
fn neither_the_place_the_locale_the_clock_nor_the_database_changes_a_byte() {
    let here = Bench::on_sqlite();
    example::write_for(&here, &example::area_codes(2));
    here.run(AS_AT, &[]).done();
    let expected = files(&here.path("out"));
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(2));
        fs::create_dir_all(bench.path("sent/2015/november")).unwrap();
        fs::rename(bench.path("returns"), bench.path("sent/2015/november/all of them")).unwrap();
        let (plan, sent, out) = (bench.path("plan"), bench.path("sent"), bench.path("packs/of/this month"));
        let mut command = bench.command(&["run", "--as-at", AS_AT, "--workers", "3", "--plan"]);
        command.arg(plan).arg("--returns").arg(sent).arg("--out").arg(&out);
        command.envs([
            ("TZ", "Pacific/Kiritimati"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("HOME", "/"),
            ("NO_COLOR", "1"),
        ]);
        Ran::from(command.output().unwrap()).done();
        assert_same_files(&expected, &files(&out));
    });
}

#[test]
fn a_run_on_nothing_new_works_out_the_same_pack_from_the_store_alone() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let first = files(&bench.path("out"));
        fs::remove_dir_all(bench.path("returns")).unwrap();
        fs::create_dir(bench.path("returns")).unwrap();
        fs::remove_dir_all(bench.path("out")).unwrap();
        let again = bench.run(AS_AT, &[]).done();
        assert!(again.out.contains("published version 1, unchanged"), "{again:#?}");
        assert_same_files(&first, &files(&bench.path("out")));
    });
}

#[test]
fn an_area_that_sent_nothing_is_published_and_said_to_have_sent_nothing() {
    let bench = Bench::on_sqlite();
    example::write_for(&bench, &example::area_codes(2));
    fs::remove_dir_all(bench.path("returns/E10000002")).unwrap();
    let ran = bench.run(AS_AT, &["--formats", "json"]).done();
    assert!(ran.errors.contains("Note: E10000002: no return has come in"), "{ran:#?}");
    assert!(!ran.errors.contains("E10000001: no return"), "{ran:#?}");
}

#[test]
fn each_month_has_versions_of_its_own() {
    on_each_database(|bench| {
        example::write(bench);
        for (as_at, said) in [
            (AS_AT, "published version 1;"),
            ("2015-12", "published version 1;"),
            (AS_AT, "published version 1, unchanged;"),
            ("2016-03", "published version 1;"),
        ] {
            let ran = bench.run(as_at, &["--formats", "json"]).done();
            assert!(ran.out.contains(said), "{as_at}: {ran:#?}");
            assert_eq!(bench.positions(AREA)["as_at"], as_at);
        }
        assert_eq!(bench.held(), (1, 3, 3));
    });
}

#[test]
fn returns_submitted_one_by_one_and_published_give_the_pack_of_a_run() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &["--database", "sqlite:other.db"]).done();
        bench.outturn(&["plan", "load", "plan"]).done();
        // In the order in which a run takes them in.
        for name in ["capitation.csv", "finance.csv", "measures.csv"] {
            let file = format!("returns/{AREA}/{name}");
            bench.outturn(&["returns", "submit", &file, "--as-at", AS_AT]).done();
        }
        let said = bench.outturn(&["publish", "--as-at", AS_AT, "--out", "published"]).done();
        assert!(said.out.contains("published version 1"), "{said:#?}");
        assert_eq!(files(&bench.path("published").join(AREA)), files(&bench.path("out").join(AREA)));
        let again = bench.outturn(&["publish", "--as-at", AS_AT, "--out", "published"]).done();
        assert!(again.out.contains("version 1, unchanged"), "{again:#?}");
    });
}
