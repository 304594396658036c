//! The built-in example for one area or many, with its people, on any database.

use crate::database::Database;
use chrono::{NaiveDateTime, Utc};
use outturn::{
    clock::Clock,
    demo,
    figures::{money::Pence, period::Month},
    month_end::take_in,
    packs::template::Templates,
    people::{Person, PersonState, Role, RoleHeld, token},
    plan::{Plan, PlanFile},
    service::{
        Asking, Service, Who,
        publication::{DraftShown, NewPack},
    },
    store::{Deed, Edition, Intake, NewPerson, NewSession, Session, Store, StoreError, sha256},
};

pub const AREA: &str = demo::AREA;
pub const MONTH: &str = demo::AS_AT;

pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}

pub fn month() -> Month {
    Month::parse(MONTH.as_bytes()).unwrap()
}

/// Codes of so many areas, the example's own first.
pub fn area_codes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("E10{:06}", number + 2)).collect()
}

/// Keeps the plan, with these schedules, and the returns of each area; adds so many board members to the
/// people of each.
pub fn load(database: &Database, areas: &[String], schedules: &str, board: usize) -> Plan {
    let mut files: Vec<(String, Vec<u8>)> = demo::plan_files()
        .into_iter()
        .map(|(name, bytes)| {
            let table = std::str::from_utf8(bytes).unwrap();
            let (heading, rows) = table.split_once('\n').unwrap();
            let (of_area, national): (Vec<&str>, Vec<&str>) =
                rows.split_inclusive('\n').partition(|row| row.contains(AREA));
            let copies: String = areas.iter().map(|code| of_area.concat().replace(AREA, code)).collect();
            (name.to_owned(), format!("{heading}\n{}{copies}", national.concat()).into_bytes())
        })
        .collect();
    files.push(("schedules.csv".into(), format!("area_code,job,schedule,catch_up\n{schedules}").into()));
    let read: Vec<PlanFile> =
        files.iter().map(|(name, bytes)| PlanFile { name: name.clone(), bytes: bytes.clone() }).collect();
    let plan = outturn::plan::read(&read).unwrap();
    let mut store = database.store();
    store.keep_plan(&files, &Deed { at: now(), ..Deed::default() }).unwrap();
    for code in areas {
        for (_, name, bytes) in demo::return_files() {
            let sent = std::str::from_utf8(bytes).unwrap().replace(AREA, code);
            accept(database, &plan, code, name, sent.as_bytes());
        }
        let people = demo::people().into_iter().map(|(email, name, roles)| (email.to_owned(), name, roles));
        let in_area =
            vec![RoleHeld { role: Role::BoardMember, area_code: Some(AREA.into()), partner_id: None }];
        let board =
            (0..board).map(|number| (format!("board{number}@example.org"), "Lee Hart", in_area.clone()));
        for (email, name, mut roles) in people.chain(board) {
            roles
                .iter_mut()
                .filter_map(|held| held.area_code.as_mut())
                .for_each(|area| area.clone_from(code));
            let email = of_area(&email, code);
            let state = PersonState::Active;
            let new = NewPerson { email: &email, name, state, roles: &roles, created_at: now() };
            let deed = Deed { at: now(), deed: "person added", ..Deed::default() };
            store.add_person(&new, &deed).unwrap().unwrap();
        }
    }
    plan
}

/// The address of somebody's counterpart in an area.
pub fn of_area(email: &str, code: &str) -> String {
    if code == AREA { email.to_owned() } else { format!("{}.{email}", code.to_lowercase()) }
}

/// Accepts a return without asking anybody.
pub fn accept(database: &Database, plan: &Plan, code: &str, name: &str, bytes: &[u8]) {
    try_to_accept(database, plan, code, name, bytes).unwrap();
}

/// The same on a database that may be gone.
pub fn try_to_accept(
    database: &Database,
    plan: &Plan,
    code: &str,
    name: &str,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let area = plan.area(code).unwrap();
    let taken = take_in(area, month(), Intake::Whole, name, bytes).ok().unwrap();
    let faults = taken.row_faults();
    let submission = taken.submission(area, &faults, Intake::Whole, now());
    Store::open(&database.url())?.accept(&[submission], &Deed::default())?;
    Ok(())
}

/// A correction of a provider's finance return for the month: one service costs so much more.
pub fn corrected(code: &str, pounds: i64) -> String {
    let (_, _, bytes) = demo::return_files().into_iter().find(|(_, name, _)| *name == "finance.csv").unwrap();
    let all = std::str::from_utf8(bytes).unwrap();
    let rows = all.lines().filter(|line| line.starts_with(&format!("612,{AREA},{MONTH},"))).map(|line| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if line.contains(",S08,") {
            cells[6] = (Pence::parse(cells[6].as_bytes()).unwrap() + Pence(pounds * 100)).to_string();
        }
        cells.join(",").replace(AREA, code)
    });
    format!("{}\n{}\n", all.lines().next().unwrap(), rows.collect::<Vec<_>>().join("\n"))
}

/// The same service in this program, beside those that are tortured.
pub fn service(database: &Database) -> Service {
    Service::open(&database.url(), Clock::default(), Templates::built_in(), false).unwrap()
}

fn person(database: &Database, email: &str) -> Person {
    database.store().person_by_email(email).unwrap().unwrap_or_else(|| panic!("{email}"))
}

/// Somebody who has just signed in.
fn who(database: &Database, email: &str) -> Who {
    let person = person(database, email);
    let session = Session {
        number: 1,
        person: person.id,
        started_at: now(),
        last_seen_at: now(),
        confirmed_at: now(),
        way: "password and code".into(),
        address: String::new(),
        browser: String::new(),
        ended_at: None,
    };
    Who { person, session: Some(session) }
}

fn asking() -> Asking {
    Asking { now: now(), request_id: "torture".into(), address: String::new() }
}

/// Puts an area's pack forward, opening its month first where it was published before.
pub fn prepare(
    database: &Database,
    service: &Service,
    code: &str,
    edition: Edition,
    release_at: Option<NaiveDateTime>,
) -> DraftShown {
    let manager = who(database, &of_area("manager@example.org", code));
    open_month(database, service, code);
    let new = NewPack { edition, release_at, override_reason: "The board meets on Thursday".into() };
    service.prepare_pack((&manager, &asking()), code, month(), &new).unwrap()
}

/// Opens an area's month where its pack was published before.
pub fn open_month(database: &Database, service: &Service, code: &str) {
    let manager = who(database, &of_area("manager@example.org", code));
    if service.approved_since(code, month()).unwrap().is_some() {
        service.open_month((&manager, &asking()), code, month(), "It is restated").unwrap();
    }
}

/// Approves a pack that was put forward.
pub fn approve(database: &Database, service: &Service, draft: &DraftShown) {
    let deputy = who(database, &of_area("deputy@example.org", &draft.area_code));
    let approving = (&deputy, &asking());
    service.approve_pack(approving, &draft.area_code, draft.number, &draft.manifest_sha256).unwrap();
}

/// Starts a session of somebody in a browser; gives what its cookie holds.
pub fn signed_in(database: &Database, email: &str) -> String {
    let held = token::new_token();
    let new = NewSession {
        token_sha256: sha256(held.as_bytes()),
        person: person(database, email).id,
        started_at: now(),
        way: "test",
        address: "127.0.0.1",
        browser: "",
    };
    let deed = Deed { at: now(), deed: "signed in", ..Deed::default() };
    database.store().start_session(&new, &deed).unwrap();
    held
}

/// A token of somebody's system.
pub fn system_token(database: &Database, email: &str) -> String {
    let made = token::new_system_token();
    let deed = Deed { at: now(), deed: "token made", ..Deed::default() };
    let ends = now() + chrono::TimeDelta::days(1);
    let id = person(database, email).id;
    database.store().add_api_token(&token::kept(&made), id, "torture", ends, &deed).unwrap();
    made
}
