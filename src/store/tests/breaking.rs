//! What is left when something goes wrong half way.

use super::*;
use crate::store::{Pool, StoreError, db::on_db};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

#[test]
fn a_batch_that_fails_half_way_leaves_nothing() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let good = [line(2, "2025-04", 0, 0, 100)];
        // Two facts with one row, a scheme that is not in the plan, and a wrong count of rows.
        let twice = [line(2, "2025-04", 0, 0, 100), line(2, "2025-05", 0, 0, 100)];
        let nowhere = [line(2, "2025-04", 99, 0, 100)];
        let miscounted =
            Return { counts: IntakeCounts::default(), ..Return::finance(&plan, b"miscounted", &good) };
        for bad in [
            Return::finance(&plan, b"twice", &twice),
            Return::finance(&plan, b"nowhere", &nowhere),
            miscounted,
        ] {
            assert!(send(&mut store, &[Return::finance(&plan, b"good", &good), bad]).is_err());
            assert_eq!(store.submissions(None).unwrap(), []);
            assert_eq!(store.facts_in_force(&plan, None).unwrap().facts, AreaFacts::default());
            assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
        }
        // The store is as good as before.
        assert_eq!(send(&mut store, &[Return::finance(&plan, b"good", &good)]).unwrap(), [new(1)]);
    });
}

#[test]
fn a_panic_half_way_leaves_nothing_and_the_connection_is_as_good_as_before() {
    on_each_database(|url| {
        let plan = plan("E06000001");
        let good = [line(2, "2025-04", 0, 0, 100)];
        let pool = Pool::open(url, 1).unwrap();
        let half_way = || {
            let mut store = pool.get().unwrap();
            let written = store.db.write(&["E06000001"], |db| -> Result<(), StoreError> {
                use diesel::connection::SimpleConnection;
                on_db!(db, |c| c.batch_execute("UPDATE submission SET file_name = ''"))?;
                panic!("half way");
            });
            drop(written);
        };
        send(&mut pool.get().unwrap(), &[Return::finance(&plan, b"good", &good)]).unwrap();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(half_way)).is_err());
        // The pool has one connection: nobody waits for what it would have left open.
        assert_eq!(pool.get().unwrap().submissions(None).unwrap()[0].file_name, "return.csv");
        let mut other = Store::open(url).unwrap();
        assert_eq!(send(&mut other, &[Return::finance(&plan, b"more", &good)]).unwrap(), [new(2)]);
        assert_eq!(pool.get().unwrap().submissions(None).unwrap().len(), 2);
    });
}

#[test]
fn a_connection_within_a_transaction_is_not_used_again() {
    on_each_database(|url| {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        let mut store = Store::open(url).unwrap();
        assert!(!store.is_left_open());
        on_db!(&mut store.db, |c| AnsiTransactionManager::begin_transaction(c)).unwrap();
        assert!(store.is_left_open());
    });
}

#[test]
fn a_program_that_is_killed_half_way_leaves_nothing() {
    on_each_database(|url| {
        let plan = plan("E06000001");
        let good = [line(2, "2025-04", 0, 0, 100)];
        let mut store = Store::open(url).unwrap();
        send(&mut store, &[Return::finance(&plan, b"before", &good)]).unwrap();

        let address = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgresql(address) => address.clone(),
        };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::breaking::writer_to_be_killed", "--ignored", "--nocapture"])
            .env(KILLED_WRITER, address)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("half way")), "the writer got half way");
        child.kill().unwrap();
        child.wait().unwrap();

        let mut store = Store::open(url).unwrap();
        assert_eq!(store.submissions(None).unwrap().len(), 1);
        assert_eq!(store.facts_in_force(&plan, None).unwrap().facts.finance, under(1, &good));
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
        assert_eq!(send(&mut store, &[Return::finance(&plan, b"after", &good)]).unwrap(), [new(2)]);
    });
}

/// Tells the writer that is to be killed which database to write to.
const KILLED_WRITER: &str = "OUTTURN_TEST_KILLED_WRITER";

/// The part of the test above that runs in a process of its own: it writes and never commits.
#[test]
#[ignore = "started, and killed, by another test"]
fn writer_to_be_killed() {
    let Ok(address) = std::env::var(KILLED_WRITER) else { return };
    let mut store = Store::open(&DatabaseUrl::parse(&address).unwrap()).unwrap();
    let plan = plan("E06000001");
    // More than the cache holds, so that SQLite has written some of it to its log.
    let lines: Vec<FinanceLine> = (2..900_000).map(|row| line(row, "2025-04", 0, 0, 100)).collect();
    let result = store.db.write(&["E06000001"], |db| {
        crate::store::fact_rows::add_facts(db, &plan, 2, SubmissionFacts::Finance(&lines))?;
        println!("half way");
        std::thread::sleep(Duration::from_secs(600));
        Ok(())
    });
    result.unwrap();
}

#[test]
fn a_database_that_a_later_version_has_changed_is_refused() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        crate::store::db::on_db!(&mut store.db, |c| c.batch_execute(later)).unwrap();
        drop(store);
        assert!(
            matches!(Store::open(url), Err(StoreError::NewerSchema(version)) if version == "99991231000000")
        );
    });
}

#[test]
fn a_file_that_was_tampered_with_is_found() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let lines = [line(2, "2025-04", 0, 0, 100), line(3, "2025-05", 0, 0, 100)];
        send(&mut store, &[Return::finance(&plan, b"sent", &lines)]).unwrap();
        let tampered = "UPDATE submission_file SET content = 'lost';
            DELETE FROM finance_line WHERE row = 3;
            INSERT INTO capitation_line VALUES ('E06000001', 7, 2, 24300, 'SEG1', 'A81000', 1, 1)";
        crate::store::db::on_db!(&mut store.db, |c| c.batch_execute(tampered)).unwrap();
        assert_eq!(
            store.integrity_check().unwrap(),
            [
                "E06000001, submission 1: the file is not what was sent",
                "E06000001, submission 1: 1 facts of 2",
                "1 facts belong to no submission",
                "E06000001, submission 1: its facts in one piece are not its rows",
            ]
        );
    });
}

#[test]
fn facts_in_one_piece_that_are_not_their_rows_are_found() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let lines = [line(2, "2025-04", 0, 0, 100), line(3, "2025-05", 0, 0, 100)];
        send(&mut store, &[Return::finance(&plan, b"sent", &lines)]).unwrap();
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
        for tampered in [
            "UPDATE finance_line SET budget = budget + 1 WHERE row = 3",
            "UPDATE submission_facts SET content = ''",
        ] {
            crate::store::db::on_db!(&mut store.db, |c| c.batch_execute(tampered)).unwrap();
            let found = store.integrity_check().unwrap();
            assert_eq!(found, ["E06000001, submission 1: its facts in one piece are not its rows"]);
        }
    });
}

#[test]
fn programs_that_open_and_write_at_once_take_turns() {
    on_each_database(|url| {
        let plans: Vec<AreaPlan> = ["E06000001", "E06000002"].into_iter().map(plan).collect();
        std::thread::scope(|threads| {
            for writer in 0..4u8 {
                let plans = &plans;
                threads.spawn(move || {
                    let mut store = Store::open(url).unwrap();
                    for file in 0..5u8 {
                        let content = [writer, file];
                        let returns: Vec<Return> =
                            plans.iter().map(|plan| Return::finance(plan, &content, &[])).collect();
                        send(&mut store, &returns).unwrap();
                    }
                });
            }
        });
        let mut store = Store::open(url).unwrap();
        let numbers: Vec<u32> =
            store.submissions(Some("E06000002")).unwrap().iter().map(|sent| sent.number).collect();
        assert_eq!(numbers, (1..=20).collect::<Vec<u32>>());
    });
}

#[test]
fn a_reader_waits_for_no_writer_and_sees_nothing_that_is_not_committed() {
    on_each_database(|url| {
        let mut writer = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let lines = [line(2, "2025-04", 0, 0, 100)];
        send(&mut writer, &[Return::finance(&plan, b"before", &lines)]).unwrap();
        let seen = writer.db.write(&["E06000001"], |db| {
            crate::store::fact_rows::add_facts(db, &plan, 2, SubmissionFacts::Finance(&lines))?;
            let mut reader = Store::open(url)?;
            assert_eq!(reader.integrity_check()?, Vec::<String>::new());
            reader.facts_in_force(&plan, None)
        });
        assert_eq!(seen.unwrap().facts.finance, under(1, &lines));
    });
}

#[cfg(unix)]
#[test]
fn a_new_database_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outturn.db");
    let _store = Store::open(&DatabaseUrl::Sqlite(path.clone())).unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}
