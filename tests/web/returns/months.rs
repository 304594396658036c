//! A month of returns: what is due, whether it takes any, and the list of them.

use super::{
    APPROVER, MANAGER, OFFICER, OTHER_OFFICER, corrected, finance_of, new_return, returns, send, upload, who,
};
use crate::site::{AREA, MONTH, example, location, on_each_database, text};
use outturn::{
    demo,
    figures::period::Month,
    service::{Refusal, Who, returns::SendOutcome},
    store::{Deed, LockReason, MonthLock},
};

#[test]
fn a_locked_month_takes_no_returns_and_says_why_since_when_and_who_can_open_it() {
    on_each_database(|site| {
        let (officer, manager) = (site.as_person(OFFICER), site.as_person(MANAGER));
        let waiting = send(&officer, &corrected(6));
        assert_eq!(officer.post(&format!("{}/lock", returns()), &[("reason", "done")]).status, 404);
        assert_eq!(manager.post(&format!("{}/lock", returns()), &[("reason", "")]).status, 422);
        assert_eq!(
            manager.post(&format!("{}/lock", returns()), &[("reason", "The board meets")]).status,
            303
        );
        let refused = upload(&officer, "send", &corrected(7));
        assert_eq!(refused.status, 409);
        let page = text(&refused);
        for words in ["Data entry has concluded", "8 December 2015, 10:", "ask Morgan Ellis"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        // A check says so too, and takes one connection at a time: the last one that is free is enough.
        let held: Vec<_> = (0..5).map(|_| site.site.service.store().unwrap()).collect();
        let checked = upload(&officer, "check", &corrected(7));
        assert!(
            checked.status == 200 && text(&checked).contains("Data entry has concluded"),
            "{}",
            text(&checked)
        );
        drop(held);
        let accept = format!("{}/{waiting}/accept", returns());
        assert_eq!(site.as_person(APPROVER).post(&accept, &[]).status, 409);
        assert_eq!(manager.post(&format!("{}/open", returns()), &[("reason", "A correction")]).status, 303);
        assert_eq!(site.as_person(APPROVER).post(&accept, &[]).status, 303);
    });
}

#[test]
fn what_is_due_is_told_and_a_sent_return_is_in_time() {
    on_each_database(|site| {
        // December's returns are due on 10 January 2016: nothing of them is held yet.
        let december = format!("/areas/{AREA}/2015-12/returns");
        let officer = site.as_person(OFFICER);
        let home = text(&officer.get(&december));
        assert!(home.contains("Due 10 January 2016") && home.contains("Not due"), "{home}");
        let file = finance_of("612").replace(MONTH, "2015-12");
        let place = format!("{december}/upload");
        let answer = officer.upload(&place, &[("action", "send")], ("file", "finance.csv", file.as_bytes()));
        assert_eq!(location(&answer), format!("{december}/1/received"));
        assert!(text(&officer.get(&december)).contains("Submitted"));
        let manager = site.as_person(MANAGER);
        let home = text(&manager.get(&december));
        assert!(home.contains("10 returns due: 1 received, 0 accepted, 0 late, 0 missing."), "{home}");
        manager.post(&format!("{december}/1/accept"), &[]);
        let home = text(&manager.get(&december));
        assert!(home.contains("10 returns due: 1 received, 1 accepted, 0 late, 0 missing."), "{home}");
        assert!(home.contains("British Red Cross"), "the manager sees all partners");
        let november = text(&manager.get(&returns()));
        assert!(november.contains("Taken in from a file without this service"), "{november}");
    });
}

#[test]
fn a_return_without_its_actual_says_what_it_lacks() {
    let site = example();
    // The Red Cross has rows for November, but no actual.
    let page = text(&site.as_person(MANAGER).get(&returns()));
    assert!(page.contains("Rows are held, but no actual of this month"), "{page}");
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    let blockers = site.site.service.blockers(AREA, month).unwrap();
    let words: Vec<&str> = blockers.iter().map(|blocker| blocker.words.as_str()).collect();
    assert!(
        words.iter().any(|words| words.contains("rows are held, but no actual of November 2015")),
        "{words:?}"
    );
}

#[test]
fn every_month_of_the_window_can_be_chosen_whatever_was_reported() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let overview = text(&officer.get(&format!("/areas/{AREA}/{MONTH}")));
    for month in ["2014-04", "2015-12", "2016-03"] {
        assert!(overview.contains(&format!("value=\"{month}\"")), "{month}: {overview}");
        let chosen = officer.get(&format!("/areas/{AREA}?month={month}"));
        assert_eq!(location(&chosen), format!("/areas/{AREA}/{month}"));
    }
    let home = text(&officer.get(&returns()));
    for beside in ["2015-10", "2015-12"] {
        assert!(home.contains(&format!("href=\"/areas/{AREA}/{beside}/returns\"")), "{home}");
    }
}

#[test]
fn the_list_of_returns_is_filtered_and_paged() {
    let site = example();
    let officer = site.as_person(OFFICER);
    for pounds in 0..27 {
        send(&officer, &corrected(pounds + 10));
    }
    let first = text(&officer.get(&format!("{}/all", returns())));
    assert!(first.contains("27 returns") && first.contains("(page 1 of 2)"), "{first}");
    let second = text(&officer.get(&format!("{}/all?page=2", returns())));
    assert_eq!(second.matches(&format!("{AREA}-R")).count(), 2);
    assert!(text(&officer.get(&format!("{}/all?page=99", returns()))).contains("(page 1 of 2)"));
    let none = text(&officer.get(&format!("{}/all?state=accepted", returns())));
    assert!(none.contains("0 returns") && none.contains("remove this filter"), "{none}");
}

#[test]
fn who_is_in_time_is_counted_by_organisation() {
    on_each_database(|site| {
        let december = finance_of("612").replace(MONTH, "2015-12");
        let trust = finance_of("RXQ").replace(MONTH, "2015-12");
        let service = &site.site.service;
        let (officer, asking) = who(service, OFFICER);
        let sent = service.send_return(&officer, &asking, &new_return("2015-12", december.as_bytes()));
        assert!(matches!(sent, Ok(SendOutcome::Sent { number: 1 })), "{sent:?}");
        // On 20 January 2016, ten days after December's returns were due.
        let later = site.later(chrono::TimeDelta::days(43));
        let service = &later.service;
        let (officer, asking) = who(service, OTHER_OFFICER);
        let sent = service.send_return(&officer, &asking, &new_return("2015-12", trust.as_bytes()));
        assert!(matches!(sent, Ok(SendOutcome::Sent { number: 2 })), "{sent:?}");
        let month = Month::parse(b"2015-12").unwrap();
        let (manager, _) = who(service, MANAGER);
        let due = service.returns_due(&manager, AREA, month).unwrap();
        assert_eq!((due.due, due.received, due.accepted, due.late, due.missing), (10, 2, 0, 1, 8));
        let rates = service.on_time_rates(&manager, AREA, month).unwrap();
        let of = |partner: &str| {
            let rate = rates.iter().find(|rate| rate.partner_id == partner).unwrap();
            (rate.due, rate.on_time, rate.late, rate.missing, rate.percent)
        };
        // December alone counts: what came before was taken in from files.
        assert_eq!(of("BCC"), (2, 1, 0, 1, Some(50)));
        assert_eq!(of("BHT"), (3, 0, 1, 2, Some(0)));
        let owed = service.returns_owed(AREA, month).unwrap();
        let finance = owed.iter().find(|owed| owed.partner.starts_with("Buckinghamshire County")).unwrap();
        assert_eq!((finance.state, finance.is_in), ("waiting to be accepted", false));
    });
}

#[test]
fn a_month_is_closed_for_one_of_three_reasons() {
    let site = example();
    let service = &site.site.service;
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    let (manager, asking) = who(service, MANAGER);
    let (officer, _) = who(service, OFFICER);
    let refused = |who: &Who, file: &str| match service.send_return(
        who,
        &asking,
        &new_return(MONTH, file.as_bytes()),
    ) {
        Err(Refusal::Locked(why)) => why,
        other => panic!("not locked: {other:?}"),
    };
    service.lock_month(&manager, &asking, AREA, month, "The board meets").unwrap();
    assert!(refused(&officer, &corrected(1)).starts_with("Data entry has concluded."));
    service.unlock_month(&manager, &asking, AREA, month, "A correction").unwrap();

    let lock = MonthLock { why: LockReason::Approved, locked_by: manager.person.id, locked_at: demo::now() };
    let deed = manager.deed(&asking, "pack approved", AREA, "", "");
    service.change(|store| store.lock_month(AREA, month, lock, &deed)).unwrap();
    let why = refused(&officer, &corrected(1));
    assert!(why.starts_with("Data has been approved and cannot be modified."), "{why}");
    assert!(why.contains("Morgan Ellis") && why.contains("8 December 2015, 10:00am"), "{why}");
    // An approved month is opened with its pack, so that the pack is restated.
    assert!(matches!(service.unlock_month(&manager, &asking, AREA, month, "x"), Err(Refusal::Locked(_))));
    service.change(|store| store.unlock_month(AREA, month, &deed)).unwrap();

    let files: Vec<(String, Vec<u8>)> = demo::plan_files()
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            (name.to_owned(), text.replace("targets,2014-04,2016-03", "targets,2016-01,2016-03").into_bytes())
        })
        .map(|(name, bytes)| match name.as_str() {
            // The window leaves out what the example's targets speak of.
            "targets.csv" => (name, b"area_code,period,measure_id,target\n".to_vec()),
            "kpis.csv" => (name, b"area_code,measure_id,weight_bp,rule,floor_bp\n".to_vec()),
            _ => (name, bytes),
        })
        .collect();
    service.change(|store| store.keep_plan(&files, &Deed { at: demo::now(), ..Deed::default() })).unwrap();
    let targets = format!("area_code,period,measure_id,target\n{AREA},2016-01,NEA,660\n");
    let why = refused(&manager, &targets);
    assert!(why.starts_with("Data input period has closed."), "{why}");
    assert!(why.contains("January 2016 to March 2016"), "{why}");
}
