//! The audit record: found, downloaded, and told when it was tampered with.

use crate::site::{AREA, TestSite, on_each_database, text};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use outturn::store::{AuditQuery, DatabaseUrl, Deed, Store};

fn deed(number: i64, area_code: &str) -> Deed {
    Deed {
        at: outturn::demo::now() + chrono::TimeDelta::minutes(number),
        by: Some((7, "Lee =Formula".to_owned())),
        deed: "comment added",
        area_code: area_code.to_owned(),
        subject: format!("return {number}"),
        detail: format!("100% of {number}"),
        request_id: String::new(),
    }
}

#[test]
fn entries_are_found_by_words_person_deed_area_and_day() {
    on_each_database(|site| {
        let mut store = site.site.service.store().unwrap();
        for number in 0..120 {
            store.record(&deed(number, AREA)).unwrap();
        }
        // Who merely tells of the command line did nothing on it.
        for detail in ["Loaded (on the command line)", "(on the command line) is what somebody typed"] {
            store.record(&Deed { by: None, deed: "told", detail: detail.into(), ..deed(0, AREA) }).unwrap();
        }
        let browser = site.as_person("auditor@example.org");
        let page = text(&browser.get("/audit?deed=told"));
        assert!(page.matches("a command on the server").count() == 1, "{page}");
        assert!(page.matches("nobody signed in").count() == 1, "{page}");
        let page = text(&browser.get("/audit?deed=comment+added"));
        assert!(page.contains("<strong>120 entries</strong>"), "{page}");
        assert!(page.contains("<title>Audit record (page 1 of 3) – Outturn</title>"));
        let last = text(&browser.get("/audit?deed=comment+added&page=3"));
        assert!(last.contains("(page 3 of 3)") && last.contains(">return 0</td>"));
        let beyond = text(&browser.get("/audit?deed=comment+added&page=99"));
        assert!(beyond.contains("(page 1 of 3)"), "out of range is the first page");
        for (query, count) in [
            ("words=100%25+of+11", "11 entries"),
            ("words=100__of", ""),
            ("person=7", "120 entries"),
            ("person=7&area=E99999999", ""),
            ("person=7&until=1+January+2015", ""),
            ("person=7&from=01/01/2015", "120 entries"),
        ] {
            let page = text(&browser.get(&format!("/audit?{query}")));
            let told = match count {
                "" => "<p>No entry is like that.</p>".to_owned(),
                count => format!("<strong>{count}</strong>"),
            };
            assert!(page.contains(&told), "{query}");
        }
        let wrong = browser.get("/audit?from=soon&person=x");
        assert_eq!(wrong.status, 422);
        let page = text(&wrong);
        assert!(
            page.contains("<title>Error: ")
                && page.contains("href=\"#from\"")
                && page.contains("value=\"soon\"")
        );
    });
}

#[test]
fn the_file_holds_what_was_found_without_formulas() {
    on_each_database(|site| {
        let mut store = site.site.service.store().unwrap();
        store.record(&Deed { by: Some((7, "=1+1".into())), ..deed(1, AREA) }).unwrap();
        let browser = site.as_person("administrator@example.org");
        let answer = browser.get("/audit/entries.csv?deed=comment+added");
        assert_eq!(answer.content_type, "text/csv; charset=utf-8");
        let text = text(&answer);
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains(",'=1+1,"), "{text}");
    });
}

#[test]
fn only_auditors_and_administrators_see_it_and_each_only_of_their_areas() {
    on_each_database(|site| {
        let mut store = site.site.service.store().unwrap();
        store.record(&deed(1, AREA)).unwrap();
        store.record(&deed(2, "E99999999")).unwrap();
        drop(store);
        for email in ["manager@example.org", "board@example.org", "officer@example.org"] {
            let Ok(Some(_)) = site.site.service.store().unwrap().person_by_email(email) else { continue };
            let browser = site.as_person(email);
            assert_eq!(browser.get("/audit").status, 404, "{email}");
            assert_eq!(browser.get("/audit/entries.csv").status, 404, "{email}");
        }
        let mut store = site.site.service.store().unwrap();
        let auditor = store.person_by_email("auditor@example.org").unwrap().unwrap();
        let mut roles = auditor.roles.clone();
        roles[0].area_code = Some(AREA.to_owned());
        store.set_roles(auditor.id, &roles[..1], &deed(3, "")).unwrap();
        drop(store);
        let page = text(&site.as_person("auditor@example.org").get("/audit?person=7"));
        assert!(page.contains("<strong>1 entry</strong> of your area"), "{page}");
        assert!(!page.contains("E99999999"));
    });
}

#[test]
fn who_is_refused_is_noted_but_cannot_flood_the_record() {
    on_each_database(|site| {
        let browser = site.as_person("board@example.org");
        for _ in 0..40 {
            assert_eq!(browser.get("/audit").status, 404);
        }
        site.browser().get("/audit");
        let query = AuditQuery { deed: Some("refused".into()), ..AuditQuery::default() };
        let (entries, count) = site.site.service.store().unwrap().audit_entries(&query, 0, 1).unwrap();
        assert_eq!(count, 20);
        assert_eq!(entries[0].subject, "GET /audit");
        assert!(site.site.service.verify_audit(None).unwrap().faults.is_empty());
    });
}

/// Runs statements as somebody would who has the database itself and has taken its guards away.
fn tamper(site: &TestSite, statements: &str) {
    match &site.database {
        DatabaseUrl::Sqlite(path) => {
            let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            let guards = "DROP TRIGGER IF EXISTS audit_entry_is_never_changed;
                          DROP TRIGGER IF EXISTS audit_entry_is_never_removed;";
            database.batch_execute(&format!("{guards}{statements}")).unwrap();
        }
        DatabaseUrl::Postgresql(address) => {
            let mut database = PgConnection::establish(address).unwrap();
            database
                .batch_execute(&format!("ALTER TABLE audit_entry DISABLE TRIGGER ALL;{statements}"))
                .unwrap();
        }
    }
}

#[test]
fn the_guards_refuse_to_change_or_remove_an_entry() {
    on_each_database(|site| {
        for statement in ["UPDATE audit_entry SET detail = 'x'", "DELETE FROM audit_entry"] {
            let refused = match &site.database {
                DatabaseUrl::Sqlite(path) => SqliteConnection::establish(path.to_str().unwrap())
                    .unwrap()
                    .batch_execute(statement)
                    .is_err(),
                DatabaseUrl::Postgresql(address) => {
                    PgConnection::establish(address).unwrap().batch_execute(statement).is_err()
                }
            };
            assert!(refused, "{statement}");
        }
    });
}

#[test]
fn whatever_is_done_to_the_record_is_found() {
    const COLUMNS: &str =
        "at, person, person_name, deed, area_code, subject, detail, request_id, previous_sha256, sha256";
    let swap = "UPDATE audit_entry SET number = 900 WHERE number = 4;
         UPDATE audit_entry SET number = 4 WHERE number = 5;
         UPDATE audit_entry SET number = 5 WHERE number = 900;";
    let insert = format!(
        "UPDATE audit_entry SET number = number + 1000 WHERE number > 4;
         UPDATE audit_entry SET number = number - 999 WHERE number > 1000;
         INSERT INTO audit_entry (number, {COLUMNS}) SELECT 5, {COLUMNS} FROM audit_entry WHERE number = 3;"
    );
    let edits = [
        "UPDATE audit_entry SET detail = 'nothing happened' WHERE number = 4;",
        "UPDATE audit_entry SET person = 2 WHERE number = 4;",
        "UPDATE audit_entry SET person_name = 'Somebody Else' WHERE number = 4;",
        "UPDATE audit_entry SET at = '2015-01-01 00:00:00' WHERE number = 4;",
        "UPDATE audit_entry SET area_code = 'E09000001' WHERE number = 4;",
        "UPDATE audit_entry SET sha256 = previous_sha256 WHERE number = 4;",
        "DELETE FROM audit_entry WHERE number = 4;",
        "DELETE FROM audit_entry WHERE number = 1;",
        "DELETE FROM audit_entry WHERE number = 4; UPDATE audit_entry SET number = number - 1 WHERE number = 5;",
        swap,
        insert.as_str(),
    ];
    // Each database is used once for each edit: the edit is undone by putting the rows back.
    on_each_database(|site| {
        let mut store = Store::open(&site.database).unwrap();
        for number in 0..12 {
            store.record(&deed(number, AREA)).unwrap();
        }
        let whole = store.verify_audit(None).unwrap();
        assert!(whole.faults.is_empty() && whole.entries >= 12, "{whole:?}");
        tamper(site, &format!("CREATE TABLE kept AS SELECT number, {COLUMNS} FROM audit_entry;"));
        for edit in edits {
            tamper(site, edit);
            let found = store.verify_audit(None).unwrap();
            assert!(!found.faults.is_empty(), "{edit}");
            tamper(
                site,
                &format!(
                    "DELETE FROM audit_entry; INSERT INTO audit_entry (number, {COLUMNS}) SELECT number, {COLUMNS} FROM kept;"
                ),
            );
            assert!(store.verify_audit(None).unwrap().faults.is_empty());
        }
        // What was cut off, or put back as it was before, is whole in itself: the head tells.
        for cut in ["DELETE FROM audit_entry WHERE number > 6;", "DELETE FROM audit_entry;"] {
            tamper(site, cut);
            assert!(store.verify_audit(None).unwrap().faults.is_empty());
            assert_eq!(store.verify_audit(Some(&whole.head)).unwrap().faults.len(), 1, "{cut}");
        }
    });
}

#[test]
fn whether_the_record_is_whole_is_told_with_when_it_was_worked_out_and_worked_out_once_a_minute() {
    on_each_database(|site| {
        site.site.service.store().unwrap().record(&deed(1, AREA)).unwrap();
        let auditor = site.as_person("auditor@example.org");
        let page = text(&auditor.get("/audit/check"));
        assert!(page.contains("Yes. ") && page.contains("Worked out on 8 December 2015, 10:00am"), "{page}");
        tamper(site, "UPDATE audit_entry SET detail = 'nothing happened';");
        let others = text(&site.as_person("administrator@example.org").get("/audit/check"));
        assert!(others.contains("Yes. "), "within the minute nothing is worked out again: {others}");
        site.site.service.clock.put_forward(chrono::TimeDelta::seconds(61));
        let page = text(&auditor.get("/audit/check"));
        assert!(page.contains("No: ") && page.contains("10:01am"), "{page}");
        assert_eq!(site.as_person("board@example.org").get("/audit/check").status, 404);
    });
}
