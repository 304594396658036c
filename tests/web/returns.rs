//! Returns: checked, sent, accepted by somebody else.

use crate::site::{AREA, Browser, MONTH, TestSite, example, location, on_each_database, text};
use outturn::{
    demo,
    figures::{money::Pence, period::Month},
    people::{PersonState, Role, RoleHeld},
    service::{
        Asking, Refusal, Service, Who,
        returns::{NewReturn, SendOutcome},
    },
    store::{DatabaseUrl, Deed, LockReason, MonthLock, NewPerson, ReturnWay, Store},
};
use std::collections::BTreeMap;

const OFFICER: &str = "officer.council@example.org";
const APPROVER: &str = "approver.council@example.org";
const MANAGER: &str = "manager@example.org";
const DEPUTY: &str = "deputy@example.org";
const OTHER_OFFICER: &str = "officer.trust@example.org";
const OTHER_APPROVER: &str = "approver.trust@example.org";
const AUDITOR: &str = "auditor@example.org";

fn returns() -> String {
    format!("/areas/{AREA}/{MONTH}/returns")
}

/// The rows of the example's finance return for the month that this organisation reports.
fn finance_of(org_code: &str) -> String {
    let files = demo::return_files();
    let (_, _, bytes) = files.iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let all = std::str::from_utf8(bytes).unwrap();
    let heading = all.lines().next().unwrap();
    let own = all.lines().filter(|line| line.starts_with(&format!("{org_code},{AREA},{MONTH},")));
    format!("{heading}\n{}\n", own.collect::<Vec<_>>().join("\n"))
}

/// The council's own return with one actual a few pounds higher, so that nothing is asked about it.
fn corrected(pounds: i64) -> String {
    let file = finance_of("612");
    let line = file.lines().find(|line| line.contains(",S08,")).unwrap();
    let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
    let actual = Pence::parse(cells[6].as_bytes()).unwrap() + Pence(pounds * 100);
    cells[6] = actual.to_string();
    file.replace(line, &cells.join(","))
}

fn upload(browser: &Browser, action: &str, file: &str) -> outturn::web::answer::Answer {
    let place = format!("{}/upload", returns());
    browser.upload(&place, &[("action", action)], ("file", "finance.csv", file.as_bytes()))
}

/// Sends a return and gives its number.
fn send(browser: &Browser, file: &str) -> u32 {
    let answer = upload(browser, "send", file);
    let place = location(&answer);
    let number =
        place.strip_prefix(&format!("{}/", returns())).and_then(|rest| rest.strip_suffix("/received"));
    number.unwrap_or_else(|| panic!("sent to {place}")).parse().unwrap()
}

/// The council's spend on the falls service in the month, as the service has it now.
fn spend(site: &TestSite) -> Pence {
    let area = site.site.service.area(AREA).unwrap();
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    let plan = area.agreement();
    let scheme = plan.schemes.iter().position(|scheme| scheme.id == "S08").unwrap();
    let partner = plan.partners.iter().position(|partner| partner.id == "BCC").unwrap();
    let line = area.facts().finance.iter().find(|line| {
        (line.month, usize::from(line.scheme), usize::from(line.partner)) == (month, scheme, partner)
    });
    line.unwrap().actual.unwrap()
}

/// How many rows each table of the store holds that returns go into.
fn counts(site: &TestSite) -> BTreeMap<&'static str, u64> {
    let mut store = Store::open(&site.database).unwrap();
    let (_, entries) = store.audit_entries(&Default::default(), 0, 1).unwrap();
    let person = store.person_by_email(OFFICER).unwrap().unwrap().id;
    let month = Month::parse(MONTH.as_bytes()).unwrap();
    BTreeMap::from([
        ("sent", store.sent_returns(AREA, None).unwrap().len() as u64),
        ("drafts", store.return_drafts(AREA, month, person).unwrap().len() as u64),
        ("submissions", store.submissions(None).unwrap().len() as u64),
        ("entries", entries),
    ])
}

#[test]
fn a_return_is_sent_by_one_person_and_accepted_by_another() {
    on_each_database(|site| {
        let (officer, approver) = (site.as_person(OFFICER), site.as_person(APPROVER));
        let before = spend(site);
        let file = corrected(100);
        let number = send(&officer, &file);
        let page = format!("{}/{number}", returns());

        let confirmation = text(&officer.get(&format!("{page}/received")));
        assert!(confirmation.contains(&format!("{AREA}-R{number}")), "{confirmation}");
        assert!(confirmation.contains("What happens next") && confirmation.contains("manager@example.org"));
        let receipt = text(&officer.get(&format!("{page}/receipt")));
        assert!(receipt.contains("8 December 2015, 10:") && receipt.contains("Priya Shah"), "{receipt}");
        assert_eq!(spend(site), before, "nothing counts before it is accepted");

        let home = text(&approver.get(&returns()));
        assert!(home.contains("Waiting for you to accept"), "{home}");
        assert_eq!(approver.get(&format!("{page}/file")).body, file.as_bytes());
        assert_eq!(approver.post(&format!("{page}/accept"), &[]).status, 303);
        assert_eq!(spend(site), before + Pence(10_000), "it counts at once");

        let shown = text(&officer.get(&page));
        for words in ["Accepted", "Tom Baker", "Priya Shah", "Submission", "class=\"timeline\""] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(officer.get(&format!("{page}/file")).body, file.as_bytes(), "the file is as it was sent");
        let mut store = Store::open(&site.database).unwrap();
        let taken = store.submissions(Some(AREA)).unwrap().pop().unwrap();
        assert_eq!(taken.sent_by.as_deref(), Some("Priya Shah"));
        assert!(store.verify_audit(None).unwrap().faults.is_empty());
    });
}

#[test]
fn a_faulty_file_is_told_everything_at_once_and_nothing_of_it_is_kept() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let file = corrected(1).replacen(",S08,", ",S99,", 1).replacen("612,", "RXQ,", 1);
        let file = file.replacen(&format!("{MONTH},S14,BCC,"), &format!("{MONTH},S14,BCC,54O00.00,"), 1);
        let before = counts(site);
        for (action, status) in [("check", 200), ("send", 422)] {
            let answer = upload(&officer, action, &file);
            let page = text(&answer);
            assert_eq!(answer.status, status, "{page}");
            assert!(page.contains("<title>Error: Finance return"), "{page}");
            assert!(page.contains("There is a problem"), "{page}");
            // Each with its row and column: the scheme, the other organisation's row, the cell too many.
            assert!(page.contains("D “scheme_id”") && page.contains("S99"), "{page}");
            assert!(page.contains("A “org_code”") && page.contains("is another organisation"), "{page}");
            assert!(page.contains("the row has 9 cells under 8 headings"), "{page}");
            assert!(page.contains("download=\"errors.csv\""), "{page}");
        }
        assert_eq!(counts(site), before);
    });
}

#[test]
fn a_check_stores_nothing_and_says_what_would_change() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let before = counts(site);
        let page = text(&upload(&officer, "check", &corrected(250)));
        assert!(page.contains("nothing to mend"), "{page}");
        assert!(page.contains("0 rows new, 1 changed, 8 the same"), "{page}");
        assert!(page.contains("S08 Falls service, BCC"), "{page}");
        assert_eq!(counts(site), before);
    });
}

#[test]
fn figures_that_are_asked_about_need_a_comment_and_the_file_is_not_lost() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let answer = upload(&officer, "send", &corrected(900_000));
        let draft = location(&answer);
        assert_eq!(draft, format!("{}/drafts/finance?for=BCC", returns()));
        let page = text(&officer.get(&draft));
        assert!(page.contains("more than a quarter away from October 2015"), "{page}");
        assert!(page.contains("more than twice the month"), "{page}");
        let home = text(&officer.get(&returns()));
        assert!(home.contains("Your drafts"), "{home}");
        let post = format!("{}/drafts/finance", returns());
        let answer = officer.post(&post, &[("on_behalf_of", "BCC"), ("comment", "")]);
        assert_eq!(answer.status, 422);
        assert!(text(&answer).contains("href=\"#comment\""), "{}", text(&answer));
        let answer = officer.post(&post, &[("on_behalf_of", "BCC"), ("comment", "A ward was opened")]);
        assert_eq!(location(&answer), format!("{}/1/received", returns()));
        let page = text(&site.as_person(APPROVER).get(&format!("{}/1", returns())));
        assert!(page.contains("A ward was opened"), "{page}");
        assert_eq!(counts(site)["drafts"], 0);
        assert_eq!(officer.get(&draft).status, 404);
    });
}

#[test]
fn a_draft_is_its_senders_alone_and_can_be_thrown_away() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let draft = location(&upload(&officer, "send", &corrected(900_000)));
    assert_eq!(site.as_person(APPROVER).get(&draft).status, 404);
    assert_eq!(site.as_person(MANAGER).get(&draft).status, 404);
    let answer = officer.post(&format!("{}/drafts/finance/discard", returns()), &[("on_behalf_of", "BCC")]);
    assert_eq!((answer.status, counts(&site)["drafts"]), (303, 0));
}

#[test]
fn another_organisations_returns_look_as_if_they_were_not_there() {
    on_each_database(|site| {
        let number = send(&site.as_person(OFFICER), &corrected(1));
        let without_reference = |page: &str| page.split("Reference").next().unwrap().to_owned();
        for person in [OTHER_OFFICER, OTHER_APPROVER] {
            let browser = site.as_person(person);
            for rest in ["", "/received", "/receipt", "/file"] {
                let hidden = browser.get(&format!("{}/{number}{rest}", returns()));
                let absent = browser.get(&format!("{}/99{rest}", returns()));
                assert_eq!((hidden.status, absent.status), (404, 404), "{person} {rest}");
                assert_eq!(without_reference(&text(&hidden)), without_reference(&text(&absent)));
            }
            for deed in ["accept", "send-back", "withdraw"] {
                let answer = browser.post(&format!("{}/{number}/{deed}", returns()), &[("reason", "no")]);
                assert_eq!(answer.status, 404, "{person} {deed}");
            }
            let list = text(&browser.get(&format!("{}/all", returns())));
            assert!(!list.contains(&format!("R{number}<")), "{list}");
        }
        for person in [MANAGER, AUDITOR, APPROVER] {
            let browser = site.as_person(person);
            assert_eq!(browser.get(&format!("{}/{number}", returns())).status, 200, "{person}");
            assert_eq!(browser.get(&format!("{}/{number}/file", returns())).status, 200, "{person}");
        }
        let board = site.as_person("board@example.org");
        assert_eq!(board.get(&returns()).status, 404);
        // A return is found in its own month alone.
        let elsewhere = format!("/areas/{AREA}/2015-10/returns/{number}");
        assert_eq!(site.as_person(OFFICER).get(&elsewhere).status, 404);
    });
}

#[test]
fn nobody_accepts_what_they_sent_whatever_they_may_be() {
    let site = example();
    let held = |role: Role| RoleHeld {
        role,
        area_code: Some(AREA.into()),
        partner_id: role.is_of_partner().then(|| "BCC".to_owned()),
    };
    // Every set of roles, as bits.
    for mix in 0..1u32 << Role::ALL.len() {
        let roles: Vec<RoleHeld> = Role::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| mix >> bit & 1 == 1)
            .map(|(_, role)| held(role))
            .collect();
        let may_send = roles.iter().any(|held| outturn::service::returns::SENDERS.contains(&held.role));
        if !may_send {
            continue;
        }
        let email = format!("mix{mix}@example.org");
        let mut store = Store::open(&site.database).unwrap();
        let new = NewPerson {
            email: &email,
            name: "Every mix",
            state: PersonState::Active,
            roles: &roles,
            created_at: demo::now(),
        };
        let deed = Deed { at: demo::now(), deed: "person added", ..Deed::default() };
        store.add_person(&new, &deed).unwrap().unwrap();
        let person = site.as_person(&email);
        let number = send(&person, &corrected(i64::from(mix)));
        let before = store.submissions(Some(AREA)).unwrap().len();
        for deed in ["accept", "send-back"] {
            let answer = person.post(&format!("{}/{number}/{deed}", returns()), &[("reason", "mine")]);
            assert_eq!(answer.status, 403, "{roles:?} {deed}");
            assert!(text(&answer).contains("You cannot do this"));
        }
        assert!(store.sent_return(AREA, number).unwrap().unwrap().decision.is_none());
        assert_eq!(store.submissions(Some(AREA)).unwrap().len(), before);
    }
}

#[test]
fn an_officer_decides_about_nothing_and_an_auditor_only_reads() {
    let site = example();
    let number = send(&site.as_person(APPROVER), &corrected(1));
    for person in [OFFICER, AUDITOR] {
        let answer = site.as_person(person).post(&format!("{}/{number}/accept", returns()), &[]);
        assert_eq!(answer.status, 403, "{person}");
    }
    assert_eq!(site.as_person(AUDITOR).get(&format!("{}/upload", returns())).status, 404);
}

#[test]
fn of_many_who_accept_at_once_one_is_first_and_the_others_are_told() {
    on_each_database(|site| {
        let number = send(&site.as_person(OFFICER), &corrected(3));
        let before = counts(site)["submissions"];
        let place = format!("{}/{number}/accept", returns());
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..50)
                .map(|one| {
                    let place = &place;
                    scope.spawn(move || {
                        let person = [APPROVER, MANAGER, DEPUTY][one % 3];
                        let browser = site.as_person(person);
                        browser.post(place, &[]).status
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |status: u16| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(303), count(409)), (1, 49), "{answers:?}");
        assert_eq!(counts(site)["submissions"], before + 1);
    });
}

#[test]
fn the_same_file_sent_again_is_one_return() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let file = corrected(2);
        let number = send(&officer, &file);
        let entries = counts(site)["entries"];
        for _ in 0..19 {
            let answer = upload(&officer, "send", &file);
            assert_eq!(location(&answer), format!("{}/{number}/received?again=yes", returns()));
        }
        let page = text(&officer.get(&format!("{}/{number}/received?again=yes", returns())));
        assert!(page.contains(&format!("already received, reference {AREA}-R{number}")), "{page}");
        assert_eq!((counts(site)["sent"], counts(site)["entries"]), (1, entries));
    });
}

#[test]
fn a_return_that_was_sent_back_says_why_and_can_be_sent_anew() {
    on_each_database(|site| {
        let (officer, approver) = (site.as_person(OFFICER), site.as_person(APPROVER));
        let number = send(&officer, &corrected(4));
        let place = format!("{}/{number}", returns());
        let answer = approver.post(&format!("{place}/send-back"), &[("reason", "")]);
        assert_eq!(answer.status, 422);
        assert!(text(&answer).contains("Enter why the return is sent back"));
        let answer =
            approver.post(&format!("{place}/send-back"), &[("reason", "S08 lacks the November invoice")]);
        assert_eq!(answer.status, 303);
        assert!(text(&officer.get(&place)).contains("S08 lacks the November invoice"));
        assert!(text(&officer.get(&returns())).contains("Sent back"));
        assert_eq!(approver.post(&format!("{place}/accept"), &[]).status, 409);
        // The same bytes are a new return now: the first one is over.
        assert_eq!(send(&officer, &corrected(4)), number + 1);
        assert_eq!(approver.post(&format!("{}/{}/accept", returns(), number + 1), &[]).status, 303);
    });
}

#[test]
fn only_its_sender_withdraws_a_return_and_only_while_it_waits() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let number = send(&officer, &corrected(5));
    let place = format!("{}/{number}/withdraw", returns());
    assert_eq!(site.as_person(MANAGER).post(&place, &[]).status, 403);
    assert_eq!(officer.post(&place, &[]).status, 303);
    let again = officer.post(&place, &[]);
    assert_eq!(again.status, 409);
    assert!(text(&again).contains("Priya Shah decided about this return before"), "{}", text(&again));
}

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
        let accept = format!("{}/{waiting}/accept", returns());
        assert_eq!(site.as_person(APPROVER).post(&accept, &[]).status, 409);
        assert_eq!(manager.post(&format!("{}/open", returns()), &[("reason", "A correction")]).status, 303);
        assert_eq!(site.as_person(APPROVER).post(&accept, &[]).status, 303);
    });
}

#[test]
fn a_plan_that_has_changed_so_that_rows_fail_stands_in_the_way_of_accepting() {
    let site = example();
    let number = send(&site.as_person(OFFICER), &corrected(8));
    let files: Vec<(String, Vec<u8>)> = demo::plan_files()
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let text =
                if name == "schemes.csv" { text.replace("E10000002,S14,", "E10000002,S15,") } else { text };
            (name.to_owned(), text.into_bytes())
        })
        .collect();
    site.site.service.change(|store| store.keep_plan(&files, demo::now())).unwrap();
    let answer = site.as_person(APPROVER).post(&format!("{}/{number}/accept", returns()), &[]);
    let page = text(&answer);
    assert_eq!(answer.status, 409, "{page}");
    assert!(page.contains("S14") && page.contains("is not a scheme of the plan"), "{page}");
}

#[test]
fn a_file_that_is_no_return_is_told_as_the_design_system_words_it() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let place = format!("{}/upload", returns());
    for (name, bytes, words) in [
        ("finance.csv", b"".as_slice(), "The selected file is empty"),
        ("finance.pdf", b"%PDF-1.7", "The selected file must be a CSV or XLSX"),
        (
            "finance.csv",
            b"org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast\n",
            "The selected file is empty",
        ),
        ("finance.csv", b"a,b\n1,2\n", "The selected file must use the template"),
    ] {
        let answer = officer.upload(&place, &[("action", "send")], ("file", name, bytes));
        assert_eq!(answer.status, 422);
        assert!(text(&answer).contains(words), "{}", text(&answer));
        assert!(text(&answer).contains("href=\"#file\""));
    }
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    let answer = officer.upload(&place, &[("action", "send")], ("file", "finance.csv", &large));
    assert!(text(&answer).contains("The selected file must be smaller than 10MB"));
    let answer = officer.post(&place, &[("action", "send")]);
    assert!(text(&answer).contains("Select a return"), "{}", text(&answer));
}

#[test]
fn a_small_partner_types_its_return_in() {
    on_each_database(|site| {
        let officer = site.as_person(OFFICER);
        let place = format!("{}/form/finance", returns());
        let page = text(&officer.get(&place));
        assert!(page.contains("S08 Falls service"), "{page}");
        assert!(!page.contains("S02 Rapid response"), "another partner's scheme");
        let value = |name: &str| {
            let start = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
            let rest = &page[start..].split_once("value=\"").unwrap().1;
            rest.split('"').next().unwrap().to_owned()
        };
        let names: Vec<String> = (0..9)
            .flat_map(|row| ["budget", "actual", "forecast"].map(|heading| format!("r{row}-{heading}")))
            .collect();
        let mut typed: Vec<(String, String)> = names.iter().map(|name| (name.clone(), value(name))).collect();
        typed[1].1 = "12,34O".into();
        let fields = |typed: &[(String, String)], action: &str| -> Vec<(String, String)> {
            let rest =
                [("action".to_owned(), action.to_owned()), ("on_behalf_of".to_owned(), "BCC".to_owned())];
            typed.iter().cloned().chain(rest).collect()
        };
        let post = |fields: &[(String, String)]| {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            officer.post(&place, &fields)
        };
        let answer = post(&fields(&typed, "send"));
        let wrong = text(&answer);
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(wrong.contains("href=\"#r0-actual\"") && wrong.contains("value=\"12,34O\""), "{wrong}");
        assert!(wrong.contains("is not an amount of money"), "{wrong}");
        typed[1].1 = value("r0-actual");
        let answer = post(&fields(&typed, "send"));
        assert_eq!(location(&answer), format!("{}/1/received", returns()), "{}", text(&answer));
        let mut store = Store::open(&site.database).unwrap();
        assert_eq!(store.sent_return(AREA, 1).unwrap().unwrap().rows, 9);
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
fn a_manager_sends_for_all_and_another_manager_accepts() {
    let site = example();
    let manager = site.as_person(MANAGER);
    let (_, _, all) = demo::return_files().into_iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let file = String::from_utf8(all.to_vec()).unwrap() + "\n";
    let answer = upload(&manager, "send", &file);
    let draft_or_sent = location(&answer);
    if draft_or_sent.contains("/drafts/") {
        let fields = [("on_behalf_of", ""), ("comment", "As published")];
        manager.post(&format!("{}/drafts/finance", returns()), &fields);
    }
    assert_eq!(site.as_person(APPROVER).post(&format!("{}/1/accept", returns()), &[]).status, 404);
    assert_eq!(manager.post(&format!("{}/1/accept", returns()), &[]).status, 403);
    assert_eq!(site.as_person(DEPUTY).post(&format!("{}/1/accept", returns()), &[]).status, 303);
}

#[test]
fn targets_are_the_managers_to_send() {
    let site = example();
    let file = format!("area_code,period,measure_id,target\n{AREA},2016-01,NEA,660\n");
    let answer = upload(&site.as_person(OFFICER), "check", &file);
    assert_eq!(answer.status, 422);
    assert!(text(&answer).contains("Targets are sent by the pooled budget manager"), "{}", text(&answer));
    assert_eq!(upload(&site.as_person(MANAGER), "check", &file).status, 200);
}

#[test]
fn blank_returns_can_be_had_as_workbook_and_table() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let workbook = officer.get(&format!("{}/templates/finance.xlsx", returns()));
    assert!(workbook.status == 200 && workbook.body.starts_with(b"PK"));
    let table = officer.get(&format!("{}/templates/measures.csv", returns()));
    assert!(table.body.starts_with("\u{feff}org_code,".as_bytes()));
    assert_eq!(officer.get(&format!("{}/templates/finance.exe", returns())).status, 404);
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

/// Somebody of the example, as the verbs take them.
fn who(service: &Service, email: &str) -> (Who, Asking) {
    let person = service.store().unwrap().person_by_email(email).unwrap().unwrap();
    let asking = Asking { now: service.clock.now(), request_id: "test".into(), address: String::new() };
    (Who { person, session: None }, asking)
}

fn new_return<'a>(month: &str, bytes: &'a [u8]) -> NewReturn<'a> {
    NewReturn {
        area_code: AREA,
        month: Month::parse(month.as_bytes()).unwrap(),
        on_behalf_of: "",
        file_name: "return.csv",
        bytes,
        way: ReturnWay::Interface,
        comment: "",
    }
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
fn a_measure_or_a_cost_that_moved_or_lies_outside_the_plan_is_asked_about() {
    let site = example();
    let service = &site.site.service;
    let (manager, _) = who(service, MANAGER);
    let asked = |text: &str| -> Vec<(u32, String, &'static str)> {
        let found = service.check_return(&manager, &new_return(MONTH, text.as_bytes())).unwrap();
        assert_eq!(found.faults.len(), 0, "{:?}", found.faults);
        found.queries.into_iter().map(|query| (query.row, query.heading, query.code)).collect()
    };
    // 5,990 admissions of 505,300 people are 1,185 per 100,000: October's were about 670, the target is 679.
    let measures = "org_code,area_code,period,measure_id,numerator,denominator,value\n";
    let nea = format!("{measures}10Y,{AREA},{MONTH},NEA,5990,505300,1185\n");
    assert_eq!(asked(&nea), [(2, "value".into(), "W_MOVED"), (2, "value".into(), "W_PLAN")]);
    // Earlier months are not asked about again.
    assert_eq!(asked(&nea.replace(MONTH, "2015-10")), []);
    let capitation = "org_code,area_code,period,segment_id,practice_code,members,rate,cost\n";
    let held = demo::return_files();
    let (_, _, bytes) = held.iter().find(|(_, name, _)| *name == "capitation.csv").unwrap();
    let line = std::str::from_utf8(bytes).unwrap().lines().find(|line| line.contains("2015-11,SEG4,PILOT4"));
    let line = line.unwrap().to_owned();
    assert_eq!(asked(&format!("{capitation}{line}\n")), []);
    let cells: Vec<&str> = line.split(',').collect();
    // Three times the members, and a cost of a penny.
    let members = cells[5].parse::<u32>().unwrap() * 3;
    let moved = format!("{},{members},{},0.01", cells[..5].join(","), cells[6]);
    assert_eq!(
        asked(&format!("{capitation}{moved}\n")),
        [(2, "members".into(), "W_MOVED"), (2, "cost".into(), "W_MOVED")]
    );
    let dear = format!("{},{},{},999999.00", cells[..5].join(","), cells[5], cells[6]);
    assert_eq!(
        asked(&format!("{capitation}{dear}\n")),
        [(2, "cost".into(), "W_MOVED"), (2, "cost".into(), "W_PLAN")]
    );
}

#[test]
fn what_a_return_would_move_in_the_pack_is_shown_to_its_sender_and_its_judge() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let file = corrected(250);
    let found = text(&upload(&officer, "check", &file));
    assert!(found.contains("Figures of the pack that would move"), "{found}");
    assert!(found.contains("Buckinghamshire County Council: "), "{found}");
    let number = send(&officer, &file);
    let page = text(&site.as_person(APPROVER).get(&format!("{}/{number}", returns())));
    assert!(
        page.contains("Figures of the pack that would move") && page.contains("Accept the return"),
        "{page}"
    );
    let page = text(&officer.get(&format!("{}/{number}", returns())));
    assert!(!page.contains("Accept the return"), "{page}");
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
    service.change(|store| store.keep_plan(&files, demo::now())).unwrap();
    let targets = format!("area_code,period,measure_id,target\n{AREA},2016-01,NEA,660\n");
    let why = refused(&manager, &targets);
    assert!(why.starts_with("Data input period has closed."), "{why}");
    assert!(why.contains("January 2016 to March 2016"), "{why}");
}

#[test]
fn a_file_that_is_not_what_was_sent_any_more_is_found() {
    let site = example();
    let number = send(&site.as_person(OFFICER), &corrected(9));
    let mut store = Store::open(&site.database).unwrap();
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    let DatabaseUrl::Sqlite(path) = &site.database else { panic!("on SQLite") };
    let database = rusqlite::Connection::open(path).unwrap();
    let changed = database.execute("UPDATE sent_return_file SET encoding = 'plain'", []).unwrap();
    assert_eq!(changed, 1);
    let faults = store.integrity_check().unwrap();
    assert_eq!(faults, [format!("{AREA}, return {number}: the file is not what was sent")]);
}
