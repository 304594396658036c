//! Copies of a database that is at work: each is one state and whole, is never half there, and is brought
//! back equal or not at all.

use crate::{
    bench::{Bench, Ran},
    example::{self, AREA, AS_AT},
};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use outturn::store::{DatabaseUrl, Deed, Store, hex, sha256};
use serde_json::Value as Json;
use std::{collections::BTreeMap, fs, path::Path, process::Stdio, thread, time::Instant};

/// A database with the example in it, an entry of the audit record, and `backup.db`, a backup of both.
fn backed_up() -> Bench {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &[]).done();
    record(&bench, "2026-01-05T12:00:00");
    bench.outturn(&["backup", "--out", "backup.db"]).done();
    bench
}

fn record(bench: &Bench, at: &str) {
    let deed = Deed { at: at.parse().unwrap(), deed: "return accepted", ..Deed::default() };
    bench.store().record(&deed).unwrap();
}

fn restore(bench: &Bench, database: &str, further: &[&str]) -> Ran {
    bench.outturn(&[&["restore", "backup.db", "--database", database], further].concat())
}

fn store_at(path: &Path) -> Store {
    Store::open(&DatabaseUrl::Sqlite(path.to_owned())).unwrap()
}

/// Changes a database behind the program's back.
fn tamper(path: &Path, statements: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

fn said_as_json(ran: &Ran) -> Json {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

#[test]
fn a_backup_says_what_it_holds_and_is_brought_back_equal() {
    let bench = backed_up();
    let file = fs::read(bench.path("backup.db")).unwrap();
    let sum = hex(&sha256(&file));
    // As sha256sum writes it, for whoever has only that at hand.
    assert_eq!(bench.text("backup.db.sha256"), format!("{sum}  backup.db\n"));
    let ran = bench.outturn(&["backup", "--out", "again.db", "--json"]).done();
    let told = said_as_json(&ran);
    let head = hex(&bench.store().audit_head().unwrap());
    for (name, value) in [("plan_editions", 1), ("submissions", 3), ("publications", 1), ("audit_entries", 4)]
    {
        assert_eq!(told[name], value, "{name}: {told}");
    }
    assert_eq!(told["audit_head"], head);
    assert_eq!(told["sha256"], hex(&sha256(&fs::read(bench.path("again.db")).unwrap())));

    let ran = restore(&bench, "sqlite:elsewhere/new.db", &[]);
    ran.ended(1, &["There is no folder elsewhere: make it first"]);
    let ran = restore(&bench, "sqlite:new.db", &[]).done();
    for words in [
        "1 plan edition, 3 submissions, 1 publication and 4 audit entries",
        "equal to the backup",
        &sum,
        &head,
    ] {
        assert!(ran.out.contains(words), "does not say {words:?}: {ran:#?}");
    }
    assert_eq!(fs::read(bench.path("new.db")).unwrap(), file);
    // The pack is made again from it, to the byte.
    bench.outturn(&["verify", &format!("out/{AREA}"), "--database", "sqlite:new.db"]).done();
    let mut restored = store_at(&bench.path("new.db"));
    assert_eq!(restored.integrity_check().unwrap(), [""; 0]);
    assert_eq!(restored.contents().unwrap(), bench.store().contents().unwrap());
}

#[test]
fn a_backup_replaces_nothing_and_makes_no_database() {
    let bench = backed_up();
    let before = fs::read(bench.path("backup.db")).unwrap();
    bench.outturn(&["backup", "--out", "backup.db"]).ended(1, &["backup.db is there already"]);
    assert_eq!(fs::read(bench.path("backup.db")).unwrap(), before);
    bench
        .outturn(&["backup", "--out", "other.db", "--database", "sqlite:none.db"])
        .ended(1, &["There is no database none.db"]);
    bench.write("letter.db", "Dear colleagues");
    bench
        .outturn(&["backup", "--out", "other.db", "--database", "sqlite:letter.db"])
        .ended(3, &["file is not a database"]);
    assert!(!bench.path("none.db").exists() && !bench.path("other.db").exists());
}

#[test]
fn a_damaged_database_gives_no_backup() {
    let bench = backed_up();
    tamper(
        &bench.path("outturn.db"),
        "UPDATE publication_file SET content = 'lost' WHERE path = 'pack.html'",
    );
    bench
        .outturn(&["backup", "--out", "damaged.db"])
        .ended(3, &["the database is damaged", "pack.html is not what was published"]);
    bench.outturn(&["doctor"]).ended(3, &["of 6 checks, 1 found a fault"]);
    let left: Vec<_> =
        fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("damaged")), "{left:?}");
}

#[test]
fn postgresql_is_backed_up_by_its_own_programs() {
    let bench = Bench::on_sqlite();
    let database = "postgres://ann@nowhere.invalid/outturn";
    bench
        .outturn(&["backup", "--out", "backup.db", "--database", database])
        .ended(1, &["pg_dump", "postgres://ann@nowhere.invalid/outturn", "pg_restore", "outturn doctor"]);
    restore(&bench, database, &[]).ended(1, &["sqlite:PATH", "pg_restore"]);
}

#[test]
fn a_backup_takes_the_place_of_a_database_only_when_that_is_confirmed() {
    let bench = backed_up();
    let database = bench.path("outturn.db");
    let path = database.to_str().unwrap();
    record(&bench, "2026-01-06T12:00:00");
    restore(&bench, &bench.database, &[]).ended(1, &["holds something already", "--confirm"]);
    restore(&bench, &bench.database, &["--confirm", "other.db"]).ended(1, &["--confirm names other.db"]);
    {
        let mut at_work = bench.store();
        restore(&bench, &bench.database, &["--confirm", path]).ended(3, &["in use by another program"]);
        assert_eq!(at_work.verify_audit(None).unwrap().entries, 5);
    }
    restore(&bench, &bench.database, &["--confirm", path]).done();
    assert_eq!(bench.store().verify_audit(None).unwrap().entries, 4);
    bench
        .outturn(&["restore", "backup.db", "--database", "sqlite:backup.db", "--confirm", "backup.db"])
        .ended(1, &["the backup is the database itself"]);
}

#[test]
fn a_log_that_was_left_beside_the_database_is_not_played_back_over_the_backup() {
    let bench = backed_up();
    let at_work = bench.store();
    record(&bench, "2026-01-06T12:00:00");
    for ending in ["-wal", "-shm"] {
        let log = fs::read(bench.path(&format!("outturn.db{ending}"))).unwrap();
        assert!(!log.is_empty());
        bench.write(&format!("new.db{ending}"), log);
    }
    drop(at_work);
    restore(&bench, "sqlite:new.db", &[]).done();
    assert!(!bench.path("new.db-wal").exists() && !bench.path("new.db-shm").exists());
    assert_eq!(store_at(&bench.path("new.db")).verify_audit(None).unwrap().entries, 4);
    // A database that can no longer be read is replaced too.
    bench.write("torn.db", "SQLite format 3\0 and then nothing of use");
    restore(&bench, "sqlite:torn.db", &["--confirm", "torn.db"]).done();
}

#[test]
fn a_byte_that_was_changed_in_a_backup_is_found_and_nothing_is_restored() {
    let bench = backed_up();
    let good = fs::read(bench.path("backup.db")).unwrap();
    let places = (0..40).map(|place| place * (good.len() - 1) / 39);
    for place in places {
        let mut altered = good.clone();
        altered[place] ^= 1 << (place % 8);
        bench.write("backup.db", &altered);
        restore(&bench, "sqlite:new.db", &[]).ended(1, &["backup.db is not as it was when it was made"]);
        assert!(!bench.path("new.db").exists());
    }
    bench.write("backup.db", &good[..good.len() - 1]);
    restore(&bench, "sqlite:new.db", &[]).ended(1, &["is not as it was"]);
    bench.write("backup.db", &good);
    let sum = hex(&sha256(&good));
    fs::remove_file(bench.path("backup.db.sha256")).unwrap();
    restore(&bench, "sqlite:new.db", &[]).ended(1, &["backup.db.sha256 is not there", "--sha256"]);
    restore(&bench, "sqlite:new.db", &["--sha256", &sum[1..]]).ended(2, &["64 digits"]);
    restore(&bench, "sqlite:new.db", &["--sha256", &sum]).done();
}

#[test]
fn a_backup_is_looked_over_even_where_its_sum_is_right() {
    for (statements, told) in [
        ("UPDATE submission_file SET content = 'lost'", "the file is not what was sent"),
        ("DELETE FROM finance_line WHERE row = 7", "623 facts of 624"),
        (
            "DROP TRIGGER audit_entry_is_never_changed; UPDATE audit_entry SET detail = 'nothing to see'",
            "entry 1 is not what was written",
        ),
    ] {
        let bench = backed_up();
        tamper(&bench.path("backup.db"), statements);
        let sum = hex(&sha256(&fs::read(bench.path("backup.db")).unwrap()));
        restore(&bench, "sqlite:new.db", &["--sha256", &sum]).ended(1, &["the backup is damaged", told]);
        assert!(!bench.path("new.db").exists());
    }
}

#[test]
fn every_backup_made_while_others_write_is_whole_and_holds_one_state() {
    const AREAS: usize = 12;
    let bench = Bench::on_sqlite();
    example::write_for(&bench, &example::area_codes(AREAS));
    bench.outturn(&["plan", "load", "plan"]).done();
    let mut made = Vec::new();
    // The first takes the returns in; each publishes every area's pack of its month.
    let run = ["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "out"];
    let publish = |as_at| ["publish", "--as-at", as_at, "--out", "earlier"];
    for words in [&run[..], &publish("2015-10"), &publish("2015-09")] {
        let mut writer = bench.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while writer.try_wait().unwrap().is_none() {
            let name = format!("backup-{}.db", made.len());
            bench.outturn(&["backup", "--out", &name]).done();
            made.push(name);
        }
        let written = writer.wait_with_output().unwrap();
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    }
    let mut held_before = (0, 0);
    let mut halfway = 0;
    for name in &made {
        bench.outturn(&["restore", name, "--database", "sqlite:new.db", "--confirm", "new.db"]).done();
        let mut store = store_at(&bench.path("new.db"));
        assert_eq!(store.integrity_check().unwrap(), [""; 0], "{name}");
        let mut kept: BTreeMap<String, usize> = BTreeMap::new();
        for submission in store.submissions(None).unwrap() {
            *kept.entry(submission.area_code).or_default() += 1;
        }
        // An area's returns are taken in together, and before its pack is published.
        assert!(kept.values().all(|returns| *returns == 3), "{name}: {kept:?}");
        let published = store.publications(None).unwrap();
        assert!(published.iter().all(|pack| kept.contains_key(&pack.area_code)), "{name}");
        let held = (kept.len(), published.len());
        assert!(held >= held_before, "{name} holds {held:?}, and the one before {held_before:?}");
        halfway += u32::from(held > (0, 0) && held != (AREAS, 3 * AREAS));
        held_before = held;
    }
    eprintln!("{} backups, {halfway} of them of a run half way", made.len());
    assert!(made.len() >= 3 && halfway > 0, "{} backups, {halfway} half way", made.len());
}

#[test]
fn a_backup_that_is_killed_leaves_no_half_file_under_its_name() {
    const KILLS: u32 = 25;
    let bench = Bench::on_sqlite();
    example::write_for(&bench, &example::area_codes(6));
    bench.run(AS_AT, &[]).done();
    let start = Instant::now();
    bench.outturn(&["backup", "--out", "backup.db"]).done();
    let length = start.elapsed();
    let whole = fs::read(bench.path("backup.db")).unwrap();
    let mut cut_short = 0;
    for kill in 0..KILLS {
        let _ = fs::remove_file(bench.path("backup.db"));
        let words = ["backup", "--out", "backup.db"];
        let mut backup = bench.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(length.mul_f64(f64::from(kill) / f64::from(KILLS)));
        cut_short += u32::from(backup.try_wait().unwrap().is_none());
        backup.kill().unwrap();
        backup.wait().unwrap();
        match fs::read(bench.path("backup.db")) {
            Err(_) => {}
            Ok(found) => {
                assert!(found == whole, "kill {kill} left half a backup");
                restore(&bench, "sqlite:new.db", &["--confirm", "new.db"]).done();
            }
        }
    }
    assert!(cut_short * 2 > KILLS, "only {cut_short} of {KILLS} were cut short");
    let _ = fs::remove_file(bench.path("backup.db"));
    bench.outturn(&["backup", "--out", "backup.db"]).done();
    // What was left had a name that starts with a full stop, and has been written over.
    let left = fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_restore_that_is_killed_leaves_what_was_there_or_all_of_the_backup() {
    const KILLS: u32 = 20;
    let bench = backed_up();
    let database = bench.path("outturn.db");
    record(&bench, "2026-01-06T12:00:00");
    bench.outturn(&["backup", "--out", "later.db"]).done();
    let words = ["restore", "backup.db", "--confirm", database.to_str().unwrap()];
    let start = Instant::now();
    bench.outturn(&words).done();
    let length = start.elapsed();
    let mut restored = 0;
    for kill in 0..KILLS {
        bench.outturn(&["restore", "later.db", "--confirm", database.to_str().unwrap()]).done();
        let before = bench.store().verify_audit(None).unwrap().entries;
        let mut restore = bench.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(length.mul_f64(f64::from(kill) / f64::from(KILLS - 1)));
        restore.kill().unwrap();
        restore.wait().unwrap();
        let mut store = bench.store();
        assert_eq!(store.integrity_check().unwrap(), [""; 0], "after kill {kill}");
        let after = store.verify_audit(None).unwrap();
        assert_eq!(after.faults, [""; 0], "after kill {kill}");
        assert!([4, before].contains(&after.entries), "after kill {kill}: {after:?}");
        restored += u32::from(after.entries == 4);
    }
    assert!(restored < KILLS, "no restore was cut short");
}
