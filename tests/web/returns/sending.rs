//! Checking and sending: what is told, kept and asked about.

use super::{APPROVER, MANAGER, OFFICER, corrected, counts, new_return, returns, send, upload, who};
use crate::site::{AREA, MONTH, TestSite, example, location, on_each_database, text};
use outturn::{
    demo,
    figures::{money::Pence, period::Month},
    store::Store,
};

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
fn a_blank_table_has_the_senders_own_rows_of_the_month_and_can_be_sent_once_filled_in() {
    on_each_database(|site| {
        let rows_for = |person: &str, kind: &str| -> Vec<String> {
            let place = format!("{}/templates/{kind}.csv", returns());
            let table = text(&site.as_person(person).get(&place));
            table.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
        };
        let blank = rows_for(OFFICER, "finance");
        let expected: Vec<String> = super::finance_of("612")
            .lines()
            .skip(1)
            .map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",") + ",,,")
            .collect();
        assert_eq!(blank[1..], expected, "S01, S03 and S10 are hosted by others and reported all the same");
        let filled_in: Vec<String> = blank[1..]
            .iter()
            .map(|row| format!("{},20000.00,20000.00,20000.00", row.trim_end_matches(',')))
            .collect();
        let (service, (officer, _)) = (&site.site.service, who(&site.site.service, OFFICER));
        let file = format!("{}\n{}\n", blank[0], filled_in.join("\n"));
        let found = service.check_return(&officer, &new_return(MONTH, file.as_bytes())).unwrap();
        assert_eq!((found.rows, found.faulty_rows), (9, 0), "{:?}", found.faults);

        let all = rows_for(MANAGER, "finance");
        assert!(blank.iter().all(|row| all.contains(row)) && all.iter().any(|row| row.starts_with("LOC02,")));
        assert_eq!(rows_for("auditor@example.org", "finance"), all);
        let measures = rows_for("officer.trust@example.org", "measures");
        assert!(measures.len() > 1 && measures[1..].iter().all(|row| row.ends_with(",,,")), "{measures:?}");
        assert!(measures[1..].iter().all(|row| row.starts_with(&format!("RXQ,{AREA},{MONTH},"))));
        assert!(rows_for(MANAGER, "targets")[1].starts_with(&format!("{AREA},{MONTH},")));
        let system = site.system_of(OFFICER);
        let place = format!("/api/v1/areas/{AREA}/months/{MONTH}/templates/finance");
        assert_eq!(text(&system.get(&place)).trim_start_matches('\u{feff}').lines().count(), 1 + 9);
    });
}

#[test]
fn whole_pounds_that_are_typed_in_are_taken() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let place = format!("{}/form/finance", returns());
    let fields = [
        ("action", "check"),
        ("on_behalf_of", "BCC"),
        ("r0-budget", "15000"),
        ("r0-actual", "15014.8"),
        ("r0-forecast", "15000.00"),
    ];
    let answer = officer.post(&place, &fields);
    assert!(text(&answer).contains("Everything can be taken"), "{}", text(&answer));
    let page =
        text(&officer.post(&place, &[fields[0], fields[1], ("r0-budget", "-5"), fields[3], fields[4]]));
    assert!(page.contains("Write a budget of nought or more"), "{page}");
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
    let files = demo::return_files();
    let (_, _, bytes) = files.iter().find(|(_, name, _)| *name == "measures.csv").unwrap();
    let held = std::str::from_utf8(bytes).unwrap().lines().find(|line| line.contains("2015-11,NEA,"));
    let september = format!("10Y,{AREA},2015-09,NEA,5990,505300,1185\n");
    assert_eq!(asked(&format!("{measures}{}\n{september}", held.unwrap())), []);
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
fn targets_that_do_not_add_up_beside_the_plans_are_told_when_they_are_sent() {
    let site = example();
    let service = &site.site.service;
    let (manager, _) = who(service, MANAGER);
    let notes = |march: u32| {
        let text = format!("area_code,period,measure_id,target\n{AREA},2016-03,NEA,{march}\n");
        let found = service.check_return(&manager, &new_return(MONTH, text.as_bytes())).unwrap();
        assert_eq!(found.faults.len(), 0, "{:?}", found.faults);
        found.notes
    };
    // The plan has 7,329 for the months to February and 7,996 for the year.
    assert_eq!(notes(667), [""; 0]);
    assert_eq!(
        notes(660),
        [
            "Rate of emergency admissions: the targets of the twelve months add up to 7,989, 7 short of the 7,996 \
          set for 2015-16"
        ]
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
fn an_earlier_file_sent_again_counts_again_once_it_is_accepted() {
    on_each_database(|site| {
        let (officer, approver) = (site.as_person(OFFICER), site.as_person(APPROVER));
        let before = spend(site);
        let accept = |number: u32| {
            let answer = approver.post(&format!("{}/{number}/accept", returns()), &[]);
            assert_eq!(answer.status, 303);
            let mut store = Store::open(&site.database).unwrap();
            store.sent_return(AREA, number).unwrap().unwrap().decision.unwrap().submission.unwrap()
        };
        let first = accept(send(&officer, &corrected(1)));
        let second = accept(send(&officer, &corrected(2)));
        assert_eq!(spend(site), before + Pence(200));
        let again = send(&officer, &corrected(1));
        assert_eq!(spend(site), before + Pence(200), "nothing counts before it is accepted");
        let third = accept(again);
        assert!(first < second && second < third, "{first} {second} {third}");
        assert_eq!(spend(site), before + Pence(100));
        // Now that nothing came after it, it is the same return again.
        let answer = upload(&officer, "send", &corrected(1));
        assert_eq!(location(&answer), format!("{}/{again}/received?again=yes", returns()));
    });
}

#[test]
fn a_file_from_a_folder_counts_again_once_it_was_sent_and_accepted() {
    on_each_database(|site| {
        let manager = site.as_person(MANAGER);
        let before = spend(site);
        let accept = |person: &str, number: u32| {
            let answer = site.as_person(person).post(&format!("{}/{number}/accept", returns()), &[]);
            assert_eq!(answer.status, 303);
        };
        accept(APPROVER, send(&site.as_person(OFFICER), &corrected(3)));
        assert_eq!(spend(site), before + Pence(300));
        let files = demo::return_files();
        let (_, _, taken_in) = files.iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
        let submissions = counts(site)["submissions"];
        let answer = upload(&manager, "send", std::str::from_utf8(taken_in).unwrap());
        if location(&answer).contains("/drafts/") {
            let fields = [("on_behalf_of", ""), ("comment", "As published")];
            manager.post(&format!("{}/drafts/finance", returns()), &fields);
        }
        accept("deputy@example.org", 2);
        assert_eq!(counts(site)["submissions"], submissions + 1);
        assert_eq!(spend(site), before);
    });
}

#[test]
fn the_first_page_says_what_an_officer_owes_what_waits_and_where_a_return_is_sent() {
    let site = example();
    let officer = site.as_person(OFFICER);
    let number = send(&officer, &corrected(1));
    let page = text(&officer.get("/"));
    assert!(
        page.contains(&format!("{}/{number}", returns())) && page.contains("Waits to be accepted"),
        "{page}"
    );
    assert!(page.contains(&format!("href=\"{}/upload\">Send a return", returns())), "{page}");
    let alliance = text(&site.as_person("alliance@example.org").get("/"));
    assert!(alliance.contains("would be earned on the results to date") && alliance.contains("/incentive\""));
    let administrator = text(&site.as_person("administrator@example.org").get("/"));
    assert!(
        !administrator.contains("An administrator can give you one") && administrator.contains("/people")
    );
}
