//! The audit record: found by words, person, deed, area and day; a page at a time, or as CSV.

use super::list::{self, Listed, Pages};
use crate::{
    month_end::ON_THE_COMMAND_LINE,
    packs::data::safe_text,
    service::{Refusal, Who, audit::AUDIT_READERS},
    store::{AuditEntry, AuditQuery, hex},
    web::{
        answer::{Answer, CSV},
        asked::Asked,
        page::Page,
        routes::{Allows, Route},
        words,
    },
};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::Serialize;
use std::collections::BTreeSet;

pub const ROUTES: &[Route] = &[
    Route::get("/audit", Allows::Anywhere(AUDIT_READERS), entries),
    Route::get("/audit/check", Allows::Anywhere(AUDIT_READERS), check),
    Route::get("/audit/entries.csv", Allows::Anywhere(AUDIT_READERS), download),
];

/// How many entries stand in a file at the most.
const A_FILE: u32 = 50_000;

#[derive(Serialize)]
struct List {
    filters: Filters,
    errors: Vec<FieldError>,
    found: String,
    /// Of which areas; empty where of all.
    of_areas: String,
    entries: Vec<Entry>,
    /// Where the same entries are as a file.
    file: String,
    pages: Pages,
}

/// What was filled in, as it was filled in.
#[derive(Default, Serialize)]
struct Filters {
    words: String,
    person: String,
    deed: String,
    area: String,
    from: String,
    from_error: String,
    until: String,
    until_error: String,
    is_any: bool,
}

#[derive(Serialize)]
struct FieldError {
    field: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Entry {
    number: u64,
    at: String,
    person_name: String,
    person: Option<u32>,
    deed: String,
    area_code: String,
    subject: String,
    detail: String,
    sha256: String,
}

fn entries(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (filters, query, errors) = wanted(asked);
    let who = asked.who()?;
    if !errors.is_empty() {
        let list = List {
            filters,
            errors,
            found: String::new(),
            of_areas: String::new(),
            entries: Vec::new(),
            file: String::new(),
            pages: Pages::default(),
        };
        let answer = asked.page(&Page::new("audit/list", "Error: Audit record"), &list)?;
        return Ok(answer.status(422));
    }
    let entries = Listed::read(asked, "/audit", &filters.named(), |offset, most| {
        asked.service.audit(who, &query, offset, most)
    })?;
    let title = entries.title("Audit record");
    let list = List {
        found: match entries.in_all {
            0 => "No entry is like that".into(),
            in_all => words::counted(in_all, "entry", "entries"),
        },
        of_areas: match areas_of(who) {
            None => String::new(),
            Some(1) => "of your area".into(),
            Some(_) => "of your areas".into(),
        },
        entries: entries.items.into_iter().map(shown).collect(),
        file: list::address("/audit/entries.csv", &filters.named(), None),
        pages: entries.pages,
        filters,
        errors,
    };
    asked.page(&Page::new("audit/list", title), &list)
}

/// How many areas' entries somebody reads; none where they read those of all.
fn areas_of(who: &Who) -> Option<usize> {
    let held = who.person.roles.iter().filter(|held| AUDIT_READERS.contains(&held.role));
    let areas: Option<BTreeSet<&String>> = held.map(|held| held.area_code.as_ref()).collect();
    areas.map(|areas| areas.len())
}

fn download(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (_, query, errors) = wanted(asked);
    if let Some(error) = errors.into_iter().next() {
        return Err(Refusal::field(error.field, error.message));
    }
    let (entries, _) = asked.service.audit(asked.who()?, &query, 0, A_FILE)?;
    let file = written(&entries).map_err(|error| Refusal::Broken(error.to_string()))?;
    Ok(Answer::download(CSV, "audit-record.csv", file))
}

/// The entries as CSV. Text that a spreadsheet would take for a formula is led by an apostrophe.
fn written(entries: &[AuditEntry]) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "number",
        "at_utc",
        "person",
        "person_name",
        "deed",
        "area_code",
        "subject",
        "detail",
        "request_id",
        "previous_sha256",
        "sha256",
    ])?;
    for entry in entries {
        out.write_record([
            &entry.number.to_string(),
            &entry.at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            &entry.person.map(|person| person.to_string()).unwrap_or_default(),
            &*safe_text(&entry.person_name),
            &*safe_text(&entry.deed),
            &*safe_text(&entry.area_code),
            &*safe_text(&entry.subject),
            &*safe_text(&entry.detail),
            &*safe_text(&entry.request_id),
            &hex(&entry.previous_sha256),
            &hex(&entry.sha256),
        ])?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

/// What is asked for, as filled in and as the store is asked; and what cannot be understood.
fn wanted(asked: &Asked<'_>) -> (Filters, AuditQuery, Vec<FieldError>) {
    let text = |name: &str| asked.query(name).unwrap_or_default().trim().to_owned();
    let mut errors = Vec::new();
    let mut time = |field: &'static str, text: &str, days_on: u64| {
        if text.is_empty() {
            return (None, String::new());
        }
        match day_of(text).and_then(|day| words::utc_of(day + Days::new(days_on), NaiveTime::MIN)) {
            Some(time) => (Some(time), String::new()),
            None => {
                let message = "Enter a day like 13 November 2015 or 13/11/2015".to_owned();
                errors.push(FieldError { field, message: message.clone() });
                (None, message)
            }
        }
    };
    let (from_text, until_text) = (text("from"), text("until"));
    let ((from, from_error), (until, until_error)) =
        (time("from", &from_text, 0), time("until", &until_text, 1));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let person = text("person");
    let number = person.parse::<u32>().ok().filter(|number| i32::try_from(*number).is_ok());
    if number.is_none() && !person.is_empty() {
        let message = "Enter a person's number, or their name under Words".to_owned();
        errors.push(FieldError { field: "person", message });
    }
    let query = AuditQuery {
        words: some(&text("words")),
        person: number,
        deed: some(&text("deed")),
        area_code: some(&text("area")),
        from,
        until,
        ..AuditQuery::default()
    };
    let filters = Filters {
        words: text("words"),
        person,
        deed: text("deed"),
        area: text("area"),
        is_any: query != AuditQuery::default(),
        from: from_text,
        from_error,
        until: until_text,
        until_error,
    };
    (filters, query, errors)
}

impl Filters {
    /// Each with its name in the address.
    fn named(&self) -> [(&'static str, &str); 6] {
        [
            ("words", &self.words),
            ("person", &self.person),
            ("deed", &self.deed),
            ("area", &self.area),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }
}

/// The years that a day may be of: every time of theirs is one that the store can keep.
const EARLIEST_YEAR: i32 = 1900;
const LATEST_YEAR: i32 = 9999;

/// A day as people write it: `13/11/2015`, `13 November 2015`, `13 Nov 2015` or `2015-11-13`.
fn day_of(text: &str) -> Option<NaiveDate> {
    let forms = ["%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"];
    let day = forms.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    // Nothing was recorded before; a year of two digits was meant otherwise.
    (EARLIEST_YEAR..=LATEST_YEAR).contains(&day.year()).then_some(day)
}

fn shown(entry: AuditEntry) -> Entry {
    Entry {
        number: entry.number,
        at: words::moment(entry.at),
        person_name: match entry.person_name.is_empty() {
            true if entry.detail.ends_with(ON_THE_COMMAND_LINE) => "a command on the server".into(),
            true => "nobody signed in".into(),
            false => entry.person_name,
        },
        person: entry.person,
        deed: entry.deed,
        area_code: if entry.area_code.is_empty() { "none".into() } else { entry.area_code },
        subject: if entry.subject.is_empty() { "none".into() } else { entry.subject },
        detail: if entry.detail.is_empty() { "none".into() } else { entry.detail },
        sha256: hex(&entry.sha256),
    }
}

/// Whether the record is whole, as it was found within the last minute.
fn check(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    /// The most faults that are told one by one.
    const MOST_FAULTS: usize = 100;
    #[derive(Serialize)]
    struct Check {
        at: String,
        entries: String,
        faults: Vec<String>,
        more: usize,
        head: String,
    }
    let checked = asked.service.check_audit(asked.who()?)?;
    let mut faults = checked.chain.faults;
    let more = faults.len().saturating_sub(MOST_FAULTS);
    faults.truncate(MOST_FAULTS);
    let values = Check {
        at: words::moment(checked.at),
        entries: words::counted(checked.chain.entries, "entry", "entries"),
        faults,
        more,
        head: hex(&checked.chain.head),
    };
    let page = Page::new("audit/check", "Is the record whole?").under("/audit", "Audit record");
    asked.page(&page, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDateTime;

    #[test]
    fn a_day_is_read_as_people_write_it() {
        let day = NaiveDate::from_ymd_opt(2015, 11, 13);
        for text in ["13/11/2015", "13 November 2015", "13 Nov 2015", "2015-11-13"] {
            assert_eq!(day_of(text), day, "{text}");
        }
        for text in ["11/13/2015", "yesterday", "13/11/15", "31 February 2015"] {
            assert_eq!(day_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_england() {
        let summer = words::utc_of(NaiveDate::from_ymd_opt(2015, 7, 1).unwrap(), NaiveTime::MIN).unwrap();
        assert_eq!(summer.to_string(), "2015-06-30 23:00:00");
    }

    #[test]
    fn the_file_has_no_formulas() {
        let entry = AuditEntry {
            number: 1,
            at: NaiveDateTime::default(),
            person: Some(3),
            person_name: "=HYPERLINK(\"x\")".into(),
            deed: "return sent back".into(),
            area_code: "E10000002".into(),
            subject: "@SUM(A1)".into(),
            detail: "-2+3, \"quoted\"".into(),
            request_id: String::new(),
            previous_sha256: [0; 32],
            sha256: [1; 32],
        };
        let text = String::from_utf8(written(&[entry]).unwrap()).unwrap();
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let row = rows.records().next().unwrap().unwrap();
        assert_eq!([&row[3], &row[6], &row[7]], ["'=HYPERLINK(\"x\")", "'@SUM(A1)", "'-2+3, \"quoted\""]);
    }
}
