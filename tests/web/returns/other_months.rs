//! Rows of other months than the one that a return is sent for.

use super::{APPROVER, MANAGER, OFFICER, finance_of, new_return, returns, send, upload, who};
use crate::{
    site::{AREA, MONTH, TestSite, example, location, on_each_database, text},
    system::json,
};
use outturn::{
    demo,
    figures::period::Month,
    store::{LockReason, MonthLock},
};

const DECEMBER: &str = "2015-12";

fn december() -> String {
    format!("/areas/{AREA}/{DECEMBER}/returns")
}

/// The council's return for December, with November's rows after it, one actual of theirs a little higher.
fn december_with_november(pounds: i64) -> String {
    let november = super::corrected(pounds);
    let rows = november.split_once('\n').unwrap().1.to_owned();
    finance_of("612").replace(MONTH, DECEMBER) + &rows
}

fn lock(site: &TestSite, why: LockReason) {
    let (manager, asking) = who(&site.site.service, MANAGER);
    let lock = MonthLock { why, locked_by: manager.person.id, locked_at: demo::now() };
    let deed = manager.deed(&asking, "month locked", AREA, "", "");
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    site.site.service.change(|store| store.lock_month(AREA, month, lock, &deed)).unwrap();
}

#[test]
fn a_file_without_a_row_of_its_month_is_refused_in_the_same_words_everywhere() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let october = finance_of("612").replace(MONTH, "2015-10");
        let words = "The selected file has no row of November 2015: its rows are of October 2015. Send it under its \
                     own month, or together with the rows of November 2015";
        for action in ["check", "send"] {
            let answer = upload(&officer, action, &october);
            let page = text(&answer);
            assert_eq!(answer.status, 422, "{page}");
            assert!(page.contains(words) && page.contains("href=\"#file\""), "{page}");
        }
        let system = site.system_of(OFFICER);
        for verb in ["returns/check", "returns"] {
            let file = Some(("file", "finance.csv", october.as_bytes()));
            let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/{verb}");
            let answer = system.send(&system.form("POST", &place, &[], file));
            assert_eq!(answer.status, 422);
            assert!(text(&answer).contains(words), "{}", text(&answer));
        }
        assert!(text(&officer.get(&returns())).contains("Accepted"), "nothing was sent");
        assert_eq!(super::counts(site)["sent"], 0);
        // With a row of the month the others may come along.
        let rows = october.split_once('\n').unwrap().1;
        assert_eq!(upload(&officer, "check", &(finance_of("612") + rows)).status, 200);
    });
}

#[test]
fn a_month_whose_data_entry_has_concluded_is_not_changed_by_another_months_return() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let place = format!("{}/upload", december());
        let upload = |action: &str, file: &str| {
            officer.upload(&place, &[("action", action)], ("file", "finance.csv", file.as_bytes()))
        };
        // Sent while November still takes returns; then its data entry ends.
        let early = location(&upload("send", &december_with_november(3)));
        assert_eq!(early, format!("{}/1/received", december()));
        lock(site, LockReason::Concluded);
        for (action, status) in [("check", 200), ("send", 422)] {
            let answer = upload(action, &december_with_november(4));
            let page = text(&answer);
            assert_eq!(answer.status, status, "{page}");
            assert!(
                page.contains("1 cell to mend") && page.contains("Leave November 2015 as it is held"),
                "{page}"
            );
        }
        let judge = site.as_person(APPROVER);
        let page = text(&judge.get(&format!("{}/1", december())));
        assert!(page.contains("whose data entry has concluded. Open that month"), "{page}");
        assert!(!page.contains("Accept the return"), "{page}");
        assert_eq!(judge.post(&format!("{}/1/accept", december()), &[]).status, 409);
        // Rows that say what is held already change nothing.
        let rows = finance_of("612").split_once('\n').unwrap().1.to_owned();
        let same = finance_of("612").replace(MONTH, DECEMBER) + &rows;
        assert_eq!(location(&upload("send", &same)), format!("{}/2/received", december()));
    });
}

#[test]
fn a_correction_of_a_month_whose_pack_was_approved_says_so_and_why() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let place = format!("{}/upload", december());
        let upload = |action: &str, file: &str| {
            officer.upload(&place, &[("action", action)], ("file", "finance.csv", file.as_bytes()))
        };
        assert_eq!(
            location(&upload("send", &december_with_november(3))),
            format!("{}/1/received", december())
        );
        lock(site, LockReason::Approved);
        let page = text(&upload("check", &december_with_november(5)));
        for words in [
            "Say in your comment why November 2015 is corrected",
            "The pack stays as it was published",
            "November 2015, S08 Falls service, BCC",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let draft = location(&upload("send", &december_with_november(5)));
        assert_eq!(draft, format!("{}/drafts/finance?for=BCC", december()));
        let fields = [("on_behalf_of", "BCC"), ("comment", "An invoice came late")];
        officer.post(&format!("{}/drafts/finance", december()), &fields);
        let judge = site.as_person(APPROVER);
        let page = text(&judge.get(&format!("{}/2", december())));
        assert!(page.contains("An invoice came late") && page.contains("whose pack was approved"), "{page}");
        assert_eq!(judge.post(&format!("{}/2/accept", december()), &[]).status, 303);
        // The first was sent before the approval, without a word: its sender must say why.
        let page = text(&judge.get(&format!("{}/1", december())));
        assert!(
            page.contains("its sender has not said why") && !page.contains("Accept the return"),
            "{page}"
        );
        assert_eq!(judge.post(&format!("{}/1/accept", december()), &[]).status, 409);
    });
}

#[test]
fn a_comment_is_kept_though_nothing_is_asked() {
    let site = example();
    let system = site.system_of(OFFICER);
    let file = super::corrected(2);
    let file = Some(("file", "finance.csv", file.as_bytes()));
    let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/returns");
    let answer = system.send(&system.form("POST", &place, &[("comment", "As agreed with finance")], file));
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert_eq!(json(&answer)["comment"], "As agreed with finance");
    let page = text(&site.as_person(APPROVER).get(&format!("{}/1", returns())));
    assert!(page.contains("They say: “As agreed with finance”"), "{page}");
    let (service, (manager, _)) = (&site.site.service, who(&site.site.service, MANAGER));
    let checked = service.check_return(&manager, &new_return(MONTH, finance_of("612").as_bytes())).unwrap();
    assert!(!checked.needs_comment());
    assert_eq!(send(&site.as_person(OFFICER), &super::corrected(3)), 2);
}
