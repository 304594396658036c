//! What the program says of the database that it is given, and that it changes nothing there.

use crate::{
    bench::{Bench, on_each_database},
    example::{self, AS_AT},
};
use chrono::{TimeDelta, Utc};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use outturn::store::{DatabaseUrl, Deed};
use serde_json::Value as Json;

/// What is told of each check: its state and its words.
fn told(bench: &Bench, status: i32) -> Vec<(String, String, String)> {
    let ran = bench.outturn(&["doctor", "--json"]).ended(status, &[]);
    let told: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["sound"], status == 0, "{told}");
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let checks = told["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            let found: Vec<String> = check["found"].as_array().unwrap().iter().map(text).collect();
            (text(&check["check"]), text(&check["state"]), found.join("\n"))
        })
        .collect()
}

/// The one fault that is told.
#[track_caller]
fn fault(bench: &Bench) -> (String, String) {
    let mut faults: Vec<_> = told(bench, 3).into_iter().filter(|(_, state, _)| state == "fault").collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let (of, _, found) = faults.remove(0);
    (of, found)
}

/// Changes the database behind the program's back.
fn tamper(bench: &Bench, statements: &str) {
    match DatabaseUrl::parse(&bench.database).unwrap() {
        DatabaseUrl::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statements).unwrap();
        }
        DatabaseUrl::Postgresql(address) => {
            PgConnection::establish(&address).unwrap().batch_execute(statements).unwrap();
        }
    }
}

fn record(bench: &Bench, ahead: TimeDelta) {
    let at = Utc::now().naive_utc() + ahead;
    bench.store().record(&Deed { at, deed: "return accepted", ..Deed::default() }).unwrap();
}

#[test]
fn a_sound_database_is_said_to_be_sound_with_what_it_holds() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        record(bench, TimeDelta::zero());
        let checks: Vec<String> = told(bench, 0).into_iter().map(|(of, _, _)| of).collect();
        let all = ["database", "file system", "schema", "integrity", "audit record", "clock"];
        let expected = all.into_iter().filter(|of| *of != "file system" || bench.path("outturn.db").exists());
        assert_eq!(checks, expected.collect::<Vec<_>>());
        let ran = bench.outturn(&["doctor"]).done();
        for words in ["3 submissions", "4 audit entries", "the present one", "head: "] {
            assert!(ran.out.contains(words), "does not say {words:?}: {ran:#?}");
        }
    });
}

#[test]
fn what_is_no_database_of_outturns_is_told_and_left_as_it_is() {
    let bench = Bench::on_sqlite();
    assert_eq!(fault(&bench).0, "database");
    assert!(!bench.path("outturn.db").exists());
    bench.write("outturn.db", "");
    assert_eq!(fault(&bench).0, "schema");
    assert_eq!(bench.text("outturn.db"), "");
    bench.write("outturn.db", "Dear colleagues");
    assert_eq!(fault(&bench).1, "the database refused: file is not a database");
    let nowhere = ["doctor", "--database", "postgres://ann@127.0.0.1:1/outturn"];
    bench.outturn(&nowhere).ended(3, &["1 found a fault"]);
}

#[test]
fn a_database_that_a_later_version_has_changed_is_told_and_not_looked_into() {
    on_each_database(|bench| {
        drop(bench.store());
        tamper(bench, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
        let (of, found) = fault(bench);
        assert_eq!(of, "schema");
        assert!(found.contains("99991231000000") && found.contains("use that version"), "{found}");
    });
}

#[test]
fn a_database_of_an_earlier_version_is_sound_and_is_not_brought_up_to_date() {
    let bench = Bench::on_sqlite();
    bench.write("outturn.db", "");
    tamper(&bench, include_str!("../../migrations/sqlite/2026-11-22-000001_store/up.sql"));
    tamper(
        &bench,
        "CREATE TABLE __diesel_schema_migrations (version TEXT PRIMARY KEY NOT NULL, run_on TIMESTAMP);
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20261122000001')",
    );
    for _ in 0..2 {
        let checks = told(&bench, 0);
        let schema = checks.iter().find(|(of, _, _)| of == "schema").unwrap();
        assert!(schema.2.starts_with("version 20261122000001, an earlier one"), "{schema:?}");
    }
    // It is backed up as it is: before a new version is used is when a backup is wanted.
    bench.outturn(&["backup", "--out", "backup.db"]).done();
    bench.outturn(&["restore", "backup.db", "--database", "sqlite:new.db"]).done();
    let words = ["returns", "list", "--database", "sqlite:new.db"];
    bench.outturn(&words).ended(1, &["An earlier version"]);
    let add = ["user", "add", "ann@example.org", "--name", "Ann", "--database", "sqlite:new.db"];
    bench.outturn(&add).done();
    bench.outturn(&words).done();
}

#[test]
fn rows_that_were_taken_away_are_told() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        record(bench, TimeDelta::zero());
        tamper(bench, "DELETE FROM finance_line WHERE row = 7");
        assert_eq!(
            fault(bench),
            (
                "integrity".to_owned(),
                format!(
                    "{of}: 623 facts of 624\n{of}: its facts in one piece are not its rows",
                    of = format_args!("{}, submission {}", example::AREA, submission(bench))
                )
            )
        );
    });
}

/// The number of the finance return.
fn submission(bench: &Bench) -> u32 {
    let submissions = bench.store().submissions(None).unwrap();
    submissions.iter().find(|sent| sent.file_name.contains("finance")).unwrap().number
}

#[test]
fn a_clock_that_is_behind_the_audit_record_is_told() {
    on_each_database(|bench| {
        record(bench, TimeDelta::minutes(4));
        told(bench, 0);
        record(bench, TimeDelta::minutes(7));
        let (of, found) = fault(bench);
        assert_eq!(of, "clock");
        assert!(found.contains("set the clock"), "{found}");
    });
}
