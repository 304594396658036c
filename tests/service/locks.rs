//! A month that was concluded or approved takes nothing from the command line, unless somebody says why;
//! and what commands do stands in the audit record.

use crate::{
    bench::{Bench, on_each_database},
    example::{self, AREA, AS_AT},
};
use outturn::{
    figures::period::Month,
    people::PersonState,
    store::{AuditQuery, Deed, LockReason, MonthLock, NewPerson},
};

/// Deed, area, subject and detail of each entry, the first first.
fn record(bench: &Bench) -> Vec<[String; 4]> {
    let (mut entries, _) = bench.store().audit_entries(&AuditQuery::default(), 0, 100).unwrap();
    entries.reverse();
    entries.into_iter().map(|entry| [entry.deed, entry.area_code, entry.subject, entry.detail]).collect()
}

fn lock(bench: &Bench, area_code: &str, why: LockReason) {
    let mut store = bench.store();
    let locked_at = chrono::Utc::now().naive_utc();
    let (email, state) = ("mo@example.org", PersonState::Active);
    let new = NewPerson { email, name: "Mo Khan", state, roles: &[], created_at: locked_at };
    store.add_person(&new, &Deed::default()).unwrap();
    let locked_by = store.person_by_email(email).unwrap().unwrap().id;
    let month = Month::parse(AS_AT.as_bytes()).unwrap();
    let deed = Deed { deed: "month locked", ..Deed::default() };
    store.lock_month(area_code, month, MonthLock { why, locked_by, locked_at }, &deed).unwrap();
}

#[test]
fn what_commands_did_is_recorded_once_an_area_and_what_changed_nothing_is_not() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(2));
        bench.run(AS_AT, &[]).done();
        let told = record(bench);
        assert_eq!(told[0][..3], ["plan loaded", "", "edition 1"]);
        for code in example::area_codes(2) {
            let of_area: Vec<_> = told.iter().filter(|entry| entry[1] == code).collect();
            assert_eq!(
                of_area[0][..3],
                ["returns taken in".to_owned(), code, "submissions 1, 2, 3".to_owned()]
            );
            assert!(of_area[0][3].ends_with("(on the command line)"), "{:?}", of_area[0]);
            assert_eq!(of_area[1][0], "pack published");
            assert_eq!(of_area[1][2], format!("{AS_AT}, version 1").replacen("", "pack ", 1));
            assert_eq!(of_area.len(), 2);
        }
        bench.run(AS_AT, &[]).done();
        bench.outturn(&["plan", "load", "plan"]).done();
        bench.outturn(&["publish", "--as-at", AS_AT, "--out", "out"]).done();
        assert_eq!(record(bench), told);
        bench.outturn(&["audit", "verify"]).done();
    });
}

#[test]
fn a_locked_month_takes_nothing_and_gives_no_pack_without_a_reason() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(2));
        bench.run(AS_AT, &[]).done();
        lock(bench, AREA, LockReason::Approved);
        let (held, told) = (bench.held(), record(bench));
        let file = format!("returns/{AREA}/finance.csv");
        bench.mend(&file, "16114.88", "16114.89");
        let one = ["returns", "submit", &file, "--area", AREA, "--as-at", AS_AT];
        let folder = ["returns", "submit", "returns", "--as-at", AS_AT];
        let publish = ["publish", "--as-at", AS_AT, "--out", "out"];
        for words in [&one[..], &folder, &publish] {
            let said =
                ["November 2015 is locked: its pack was approved on ", " by Mo Khan.", "--despite-lock"];
            bench.outturn(words).ended(1, &said);
        }
        let ran = bench.run(AS_AT, &[]).ended(1, &[&format!("{AREA}: nothing was taken in or published.")]);
        assert!(ran.out.contains("published version 1, unchanged"), "the other area goes on: {ran:#?}");
        bench.outturn(&[&one[..], &["--despite-lock", " "]].concat()).ended(2, &["say why, in words"]);
        assert_eq!((bench.held(), record(bench)), (held, told.clone()));
        // Another month's return is taken.
        let other = ["returns", "submit", &file, "--area", AREA, "--as-at", "2015-12"];
        bench.outturn(&other).done();

        let why = ["--despite-lock", "the board asked for it"];
        bench.outturn(&[&publish[..], &why].concat()).done();
        bench.outturn(&[&one[..], &why].concat()).done();
        let passed = record(bench).into_iter().filter(|entry| entry[0] == "lock passed by");
        let expected =
            ["lock passed by", AREA, "month 2015-11", "the board asked for it (on the command line)"];
        let expected = expected.map(str::to_owned);
        assert_eq!(passed.collect::<Vec<_>>(), [expected.clone(), expected]);
    });
}
