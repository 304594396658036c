//! A command touches only a database that is Outturn's, and makes one only where that is its work.

use crate::{
    bench::{Bench, files, on_each_database},
    example::{self, AREA, AS_AT},
};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use outturn::store::DatabaseUrl;

/// Each command that needs a database that is there.
const ON_WHAT_IS_THERE: [&[&str]; 17] = [
    &["plan", "export", "--out", "tables"],
    &["returns", "submit", "finance.csv"],
    &["returns", "list"],
    &["publish", "--as-at", AS_AT, "--out", "packs"],
    &["explain", "--list", "--area", AREA, "--as-at", AS_AT],
    &["audit", "verify"],
    &["audit", "list"],
    &["user", "list"],
    &["user", "add", "ann@example.org", "--name", "Ann"],
    &["user", "link", "ann@example.org"],
    &["user", "disable", "ann@example.org"],
    &["jobs", "list"],
    &["jobs", "runs"],
    &["jobs", "run", "tidy up"],
    &["jobs", "again", "1"],
    &["post", "list"],
    &["backup", "--out", "backup.db"],
];

fn change(bench: &Bench, statements: &str) {
    match DatabaseUrl::parse(&bench.database).unwrap() {
        DatabaseUrl::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statements).unwrap();
        }
        DatabaseUrl::Postgresql(address) => {
            PgConnection::establish(&address).unwrap().batch_execute(statements).unwrap();
        }
    }
}

#[test]
fn a_command_that_needs_a_database_says_that_there_is_none_and_makes_none() {
    let bench = Bench::on_sqlite();
    bench.write("finance.csv", "area_code\n");
    for words in ON_WHAT_IS_THERE {
        bench.outturn(words).ended(1, &["There is no database", "outturn.db", "--database"]);
        assert!(!bench.path("outturn.db").exists(), "{words:?}");
    }
    assert_eq!(files(&bench.path("")).len(), 1);
}

#[test]
fn a_database_of_another_program_is_refused_before_anything_is_written() {
    on_each_database(|bench| {
        example::write(bench);
        bench.write("finance.csv", "area_code\n");
        change(bench, "CREATE TABLE patient (id INTEGER); INSERT INTO patient VALUES (7)");
        let before =
            bench.path("outturn.db").exists().then(|| std::fs::read(bench.path("outturn.db")).unwrap());
        let making: [&[&str]; 3] = [
            &["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "out"],
            &["plan", "load", "plan"],
            &["serve", "--listen", "127.0.0.1:0"],
        ];
        for words in ON_WHAT_IS_THERE.iter().chain(&making) {
            // What a server holds is backed up by its own programs.
            if words[0] != "backup" {
                bench.outturn(words).ended(1, &["another program (patient)", "--database"]);
            }
        }
        if let Some(before) = before {
            assert!(std::fs::read(bench.path("outturn.db")).unwrap() == before);
        }
        change(bench, "DROP TABLE patient");
        bench.outturn(&["plan", "load", "plan"]).done();
    });
}

#[test]
fn a_command_that_only_reads_brings_no_earlier_database_up_to_date() {
    let bench = Bench::on_sqlite();
    bench.write("outturn.db", "");
    change(&bench, include_str!("../../migrations/sqlite/2026-11-22-000001_store/up.sql"));
    change(
        &bench,
        "CREATE TABLE __diesel_schema_migrations (version TEXT PRIMARY KEY NOT NULL, run_on TIMESTAMP);
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20261122000001')",
    );
    let before = std::fs::read(bench.path("outturn.db")).unwrap();
    bench.outturn(&["returns", "list"]).ended(1, &["An earlier version", "back it up"]);
    assert!(std::fs::read(bench.path("outturn.db")).unwrap() == before);
    bench.outturn(&["user", "add", "ann@example.org", "--name", "Ann"]).done();
    bench.outturn(&["returns", "list"]).done();
}

#[cfg(unix)]
#[test]
fn a_copy_to_which_nothing_can_be_written_is_read_and_looked_over() {
    use std::{os::unix::fs::PermissionsExt, process::Command};
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &[]).done();
    let allow = |path: &str, mode| {
        std::fs::set_permissions(bench.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow("outturn.db", 0o444);
    allow("", 0o555);
    for words in [&["doctor"][..], &["returns", "list"], &["audit", "verify"]] {
        // Whoever may do everything can write there all the same, so somebody else looks.
        let program = bench.command(words);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program.get_program());
        let command = command.args(words).env("OUTTURN_DATABASE_URL", &bench.database).current_dir("/");
        match command.output() {
            Ok(ran) if !String::from_utf8_lossy(&ran.stderr).starts_with("setpriv") => {
                assert!(ran.status.success(), "{words:?}: {ran:?}");
            }
            other => eprintln!("skipped: nobody else can run the program here: {other:?}"),
        }
    }
    allow("", 0o755);
}
