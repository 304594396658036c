//! Returns: checked, sent, accepted by somebody else.

mod sending;
mod deciding;
mod kept;
mod months;
mod other_months;

use crate::site::{AREA, Browser, MONTH, TestSite, location};
use outturn::{
    demo,
    figures::{money::Pence, period::Month},
    service::{Asking, Service, Who, returns::NewReturn},
    store::{ReturnWay, Store},
};
use std::collections::BTreeMap;

const OFFICER: &str = "officer.council@example.org";
const APPROVER: &str = "approver.council@example.org";
const MANAGER: &str = "manager@example.org";
const OTHER_OFFICER: &str = "officer.trust@example.org";

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
pub fn corrected(pounds: i64) -> String {
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
pub fn send(browser: &Browser, file: &str) -> u32 {
    let answer = upload(browser, "send", file);
    let place = location(&answer);
    let number =
        place.strip_prefix(&format!("{}/", returns())).and_then(|rest| rest.strip_suffix("/received"));
    number.unwrap_or_else(|| panic!("sent to {place}")).parse().unwrap()
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
