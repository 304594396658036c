//! Preparing, approving and withdrawing a month's pack.

use super::{
    pack_files::whole,
    packs::{VersionShown, file_name},
};
use crate::{
    people::Role,
    service::{
        FieldFault, Refusal,
        month::Blocker,
        publication::{DraftShown, NewPack},
    },
    store::Edition,
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, READERS, Route},
        words,
    },
};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::Serialize;

const MANAGERS: Allows = Allows::InArea(&[Role::PooledBudgetManager]);
const EARLY_READERS: Allows = Allows::InArea(&[Role::PooledBudgetManager, Role::Auditor]);

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}/{month}/packs", Allows::InArea(READERS), month),
    Route::get("/areas/{area}/{month}/packs/prepare", MANAGERS, prepare_form),
    Route::post("/areas/{area}/{month}/packs/prepare", MANAGERS, prepare),
    Route::post("/areas/{area}/{month}/packs/open", MANAGERS, open),
    Route::get("/areas/{area}/{month}/packs/drafts/{number}", EARLY_READERS, draft),
    Route::get("/areas/{area}/{month}/packs/drafts/{number}/files/{*file}", EARLY_READERS, draft_file),
    Route::post("/areas/{area}/{month}/packs/drafts/{number}/approve", MANAGERS, approve),
    Route::post("/areas/{area}/{month}/packs/drafts/{number}/withdraw", MANAGERS, withdraw),
];

/// A draft as a page shows it.
#[derive(Serialize)]
struct DraftRow {
    place: String,
    number: u32,
    month: String,
    status: &'static str,
    status_kind: &'static str,
    edition: &'static str,
    release: String,
    manifest_sha256: String,
    override_reason: String,
    prepared_by: String,
    prepared_at: String,
    decided_by: String,
    decided_at: String,
    reason: String,
    version: Option<u32>,
    waits: bool,
    may_approve: bool,
    may_withdraw: bool,
}

impl DraftRow {
    fn of(draft: DraftShown) -> DraftRow {
        let (status, status_kind) = match draft.state {
            "prepared" => ("Waits for approval", "notice"),
            "approved" => ("Approved", "good"),
            "withdrawn" => ("Withdrawn", ""),
            _ => ("Void", "bad"),
        };
        DraftRow {
            place: format!("/areas/{}/{}/packs/drafts/{}", draft.area_code, draft.as_at, draft.number),
            number: draft.number,
            month: draft.as_at.name(),
            status,
            status_kind,
            edition: match draft.edition {
                "public" => "Public: everybody",
                _ => "Restricted: the area’s people",
            },
            release: match draft.is_at_once {
                true => "As soon as it is approved".into(),
                false => words::moment(draft.release_at),
            },
            manifest_sha256: draft.manifest_sha256,
            override_reason: draft.override_reason,
            prepared_by: draft.prepared_by,
            prepared_at: words::moment(draft.prepared_at),
            decided_by: draft.decided_by.unwrap_or_default(),
            decided_at: draft.decided_at.map(words::moment).unwrap_or_default(),
            reason: draft.reason,
            version: draft.version,
            waits: draft.state == "prepared",
            may_approve: draft.may_approve,
            may_withdraw: draft.may_withdraw,
        }
    }
}

fn month(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    month_page(asked, Vec::new())
}

fn month_page(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct MonthPage {
        month: String,
        under: String,
        all: String,
        versions: Vec<VersionShown>,
        drafts: Vec<DraftRow>,
        may_prepare: bool,
        may_open: bool,
        approved_at: String,
        faults: Vec<FieldFault>,
        error: String,
    }
    let place = asked.place("packs")?;
    let (who, area, as_at) = (asked.who()?, asked.area_code(), place.month);
    let packs = asked.service.packs(who, area)?;
    let all = format!("/areas/{area}/packs");
    let of_month = packs.iter().filter(|pack| pack.as_at == as_at);
    let is_manager = who.person.is(Role::PooledBudgetManager, area);
    let drafts = match is_manager || who.person.is(Role::Auditor, area) {
        true => asked.service.drafts(who, area, Some(as_at))?,
        false => Vec::new(),
    };
    let approved_at = asked.service.approved_since(area, as_at)?;
    let page = MonthPage {
        month: as_at.name(),
        under: format!("/areas/{area}/{as_at}/packs"),
        versions: of_month.map(|pack| VersionShown::of(pack, &all)).collect(),
        may_prepare: is_manager
            && approved_at.is_none()
            && drafts.iter().all(|draft| draft.state != "prepared"),
        may_open: is_manager && approved_at.is_some(),
        approved_at: approved_at.map(words::moment).unwrap_or_default(),
        drafts: drafts.into_iter().map(DraftRow::of).collect(),
        error: first_fault(&faults, "reason"),
        faults,
        all,
    };
    let title = format!("Packs, {}", as_at.name());
    drawn(asked, Page::new("packs/month", title).at(place), &page, &page.faults)
}

/// What was filled in to prepare a pack.
#[derive(Serialize)]
struct Filled {
    is_public: bool,
    is_timed: bool,
    day: String,
    month: String,
    year: String,
    time: String,
    override_reason: String,
}

fn prepare_form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let day = words::next_weekday(words::day_in_england(asked.asking.now));
    let filled = Filled {
        is_public: false,
        is_timed: true,
        day: day.day().to_string(),
        month: day.month().to_string(),
        year: day.year().to_string(),
        time: "9:30am".into(),
        override_reason: String::new(),
    };
    prepare_page(asked, filled, Vec::new())
}

fn prepare_page(asked: &Asked<'_>, filled: Filled, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct PreparePage {
        month: String,
        under: String,
        manifest_sha256: String,
        blockers: Vec<Blocker>,
        filled: Filled,
        faults: Vec<FieldFault>,
        edition_error: String,
        day_error: String,
        time_error: String,
        reason_error: String,
    }
    let place = asked.place("packs")?;
    let (area, as_at) = (asked.area_code(), place.month);
    let (manifest_sha256, blockers) = asked.service.pack_to_prepare(asked.who()?, area, as_at)?;
    let under = format!("/areas/{area}/{as_at}/packs");
    let page = PreparePage {
        month: as_at.name(),
        manifest_sha256,
        blockers,
        filled,
        edition_error: first_fault(&faults, "edition"),
        day_error: first_fault(&faults, "release_day"),
        time_error: first_fault(&faults, "release_time"),
        reason_error: first_fault(&faults, "override_reason"),
        faults,
        under: under.clone(),
    };
    let title = format!("Prepare the pack of {}", as_at.name());
    drawn(asked, Page::new("packs/prepare", title).at(place).under(under, "Packs"), &page, &page.faults)
}

fn prepare(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let filled = Filled {
        is_public: asked.field("edition") == "public",
        is_timed: asked.field("release") != "at once",
        day: asked.field("release_day").into(),
        month: asked.field("release_month").into(),
        year: asked.field("release_year").into(),
        time: asked.field("release_time").into(),
        override_reason: asked.field("override_reason").into(),
    };
    let done = terms_of(asked, &filled).and_then(|new| {
        let who = (asked.who()?, &asked.asking);
        asked.service.prepare_pack(who, asked.area_code(), asked.month()?, &new)
    });
    match done {
        Ok(draft) => Ok(Answer::see_other(DraftRow::of(draft).place)),
        Err(Refusal::Invalid(faults)) => prepare_page(asked, filled, faults),
        Err(refusal) => Err(refusal),
    }
}

fn terms_of(asked: &Asked<'_>, filled: &Filled) -> Result<NewPack, Refusal> {
    let mut faults = Vec::new();
    let edition = Edition::from_name(asked.field("edition"));
    if edition.is_none() {
        faults.push(fault("edition", "Choose who the pack is for"));
    }
    let release_at = if filled.is_timed { Some(release_time(filled, &mut faults)) } else { None };
    match (edition, release_at) {
        (Some(edition), release_at) if faults.is_empty() => Ok(NewPack {
            edition,
            release_at: release_at.flatten(),
            override_reason: filled.override_reason.clone(),
        }),
        (_, _) => Err(Refusal::Invalid(faults)),
    }
}

fn release_time(filled: &Filled, faults: &mut Vec<FieldFault>) -> Option<NaiveDateTime> {
    let day = day_of(&filled.day, &filled.month, &filled.year);
    if day.is_none() {
        faults.push(fault("release_day", "Enter a real day, like 17 12 2015"));
    }
    let time = words::time_of_day(&filled.time);
    if time.is_none() {
        faults.push(fault("release_time", "Enter a time of day, like 9:30am or midday"));
    }
    let at = words::utc_of(day?, time?);
    if at.is_none() {
        let gap = "There is no such time on that day: the clocks go forward over it. Enter another";
        faults.push(fault("release_time", gap));
    }
    at
}

/// A day as it was entered in three fields.
fn day_of(day: &str, month: &str, year: &str) -> Option<NaiveDate> {
    let year = year.parse().ok().filter(|year| (1..=9999).contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn draft(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draft_page(asked, Vec::new(), String::new())
}

fn draft_page(asked: &Asked<'_>, faults: Vec<FieldFault>, reason: String) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct DraftPage {
        draft: DraftRow,
        blockers: Vec<Blocker>,
        /// Of what was published, where it was.
        published: Option<VersionShown>,
        faults: Vec<FieldFault>,
        error: String,
        reason: String,
        tasks: String,
    }
    let place = asked.place("packs")?;
    let (who, area, as_at) = (asked.who()?, asked.area_code(), place.month);
    let draft = asked.service.draft(who, area, asked.number("number")?)?;
    if draft.as_at != as_at {
        return Err(Refusal::Absent);
    }
    let blockers = match draft.state {
        "prepared" => asked.service.blockers(area, as_at)?,
        _ => Vec::new(),
    };
    let published = match draft.version {
        Some(version) => Some(asked.service.pack(who, area, as_at, version)?),
        None => None,
    };
    let page = DraftPage {
        blockers,
        published: published.map(|pack| VersionShown::of(&pack, &format!("/areas/{area}/packs"))),
        error: first_fault(&faults, "reason"),
        faults,
        reason,
        tasks: format!("/areas/{area}/{as_at}/tasks"),
        draft: DraftRow::of(draft),
    };
    let title = format!("Pack {} of {}", page.draft.number, as_at.name());
    let under = format!("/areas/{area}/{as_at}/packs");
    drawn(asked, Page::new("packs/draft", title).at(place).under(under, "Packs"), &page, &page.faults)
}

fn draft_file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, number, path) = (asked.area_code(), asked.number("number")?, asked.param("file"));
    let draft = asked.service.draft(asked.who()?, area, number)?;
    if draft.as_at != asked.month()? {
        return Err(Refusal::Absent);
    }
    let bytes = asked.service.draft_file((asked.who()?, &asked.asking), area, number, path)?;
    Ok(whole(&file_name((area, draft.as_at, 0), path).replace("-v0-", "-draft-"), bytes))
}

fn approve(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = asked.number("number")?;
    let who = (asked.who()?, &asked.asking);
    asked.service.approve_pack(who, asked.area_code(), number, asked.field("manifest_sha256"))?;
    Ok(Answer::see_other(draft_place(asked, number)?))
}

fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (number, reason) = (asked.number("number")?, asked.field("reason"));
    let who = (asked.who()?, &asked.asking);
    match asked.service.withdraw_pack(who, asked.area_code(), number, reason) {
        Ok(()) => Ok(Answer::see_other(draft_place(asked, number)?)),
        Err(Refusal::Invalid(faults)) => draft_page(asked, faults, reason.to_owned()),
        Err(refusal) => Err(refusal),
    }
}

fn open(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (area, month, reason) = (asked.area_code(), asked.month()?, asked.field("reason"));
    match asked.service.open_month((asked.who()?, &asked.asking), area, month, reason) {
        Ok(()) => Ok(Answer::see_other(format!("/areas/{}/{}/packs", asked.area_code(), asked.month()?))),
        Err(Refusal::Invalid(faults)) => month_page(asked, faults),
        Err(refusal) => Err(refusal),
    }
}

fn draft_place(asked: &Asked<'_>, number: u32) -> Result<String, Refusal> {
    Ok(format!("/areas/{}/{}/packs/drafts/{number}", asked.area_code(), asked.month()?))
}

/// A page, drawn again with what is wrong where something is.
pub fn drawn(
    asked: &Asked<'_>,
    page: Page,
    values: &impl Serialize,
    faults: &[FieldFault],
) -> Result<Answer, Refusal> {
    if faults.is_empty() {
        return asked.page(&page, values);
    }
    let title = format!("Error: {}", page.title);
    Ok(asked.page(&Page { title, ..page }, values)?.status(422))
}

/// What is wrong with a field, to stand beside it; empty where nothing is.
pub fn first_fault(faults: &[FieldFault], field: &str) -> String {
    let found = faults.iter().find(|fault| fault.field == field);
    found.map(|fault| fault.message.clone()).unwrap_or_default()
}

fn fault(field: &str, message: &str) -> FieldFault {
    FieldFault { field: field.to_owned(), message: message.to_owned() }
}
