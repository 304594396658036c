//! The record of what was done.

use super::{
    documented::{Documented, Gives, Kind, MOST, Parameter, of},
    list::{CURSOR, LIMIT, List},
    words::Time,
};
use crate::{
    service::{Refusal, audit::AUDIT_READERS},
    store::{AuditEntry, AuditQuery, hex},
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use schemars::JsonSchema;
use serde::Serialize;

pub const ROUTES: &[Route] = &[Route::get("/api/v1/audit", Allows::Anywhere(AUDIT_READERS), entries)
    .documented(
        Documented::new(
            "Audit record",
            "listAuditEntries",
            "What was done, the latest first",
            Gives::json("Entries of the record.", of::<List<Entry>>),
        )
        .noting(
            "Each entry holds the hash of the one before. Whoever holds the role in some areas alone sees \
                      those areas' entries. A cursor keeps its place while entries \
                      are added.",
        )
        .asking(&[
            LIMIT,
            CURSOR,
            Parameter::optional("area", Kind::Id, "The code of an area."),
            Parameter::optional("deed", Kind::Words { most: 100 }, "Such as return accepted."),
            Parameter::optional(
                "subject",
                Kind::Words { most: 100 },
                "What it was done to, such as return 12.",
            ),
            Parameter::optional("person", Kind::Whole { least: 1, most: MOST }, "Who did it."),
            Parameter::optional("words", Kind::Words { most: 100 }, "Words that stand in the entry."),
            Parameter::optional("from", Kind::Date, "The first day, in UTC."),
            Parameter::optional("to", Kind::Date, "The last day, in UTC."),
        ]),
    )];

/// An entry of the audit record.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct Entry {
    number: u64,
    at: Time,
    /// Null where nobody had signed in.
    person: Option<u32>,
    person_name: String,
    /// Such as `return accepted`.
    deed: String,
    /// Empty where no one area is meant.
    area_code: String,
    /// What it was done to, such as `return 12`.
    subject: String,
    detail: String,
    request_id: String,
    previous_sha256: String,
    sha256: String,
}

impl Entry {
    fn of(entry: AuditEntry) -> Entry {
        Entry {
            number: entry.number,
            at: Time(entry.at),
            person: entry.person,
            person_name: entry.person_name,
            deed: entry.deed,
            area_code: entry.area_code,
            subject: entry.subject,
            detail: entry.detail,
            request_id: entry.request_id,
            previous_sha256: hex(&entry.previous_sha256),
            sha256: hex(&entry.sha256),
        }
    }
}

fn entries(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let text = |name| asked.query(name).map(str::to_owned);
    let day = |name| asked.query(name).and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    let query = AuditQuery {
        area_code: text("area"),
        subject: text("subject"),
        person: asked.query("person").and_then(|person| person.parse().ok()),
        deed: text("deed"),
        words: text("words"),
        from: day("from").map(|day| day.and_time(NaiveTime::MIN)),
        until: day("to")
            .and_then(|day| day.checked_add_signed(TimeDelta::days(1)))
            .map(|day| day.and_time(NaiveTime::MIN)),
        before: asked.query("cursor").and_then(|cursor| cursor.parse().ok()),
        ..AuditQuery::default()
    };
    let limit = asked.limit();
    let one_more = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let (mut found, _) = asked.service.audit(asked.who()?, &query, 0, one_more)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|entry| entry.number.to_string());
    Ok(asked.part(found.into_iter().map(Entry::of).collect(), next))
}
