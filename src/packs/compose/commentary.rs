//! Commentary: what owners say of the month and its exceptions, printed after the summary.
//!
//! A pack without commentary has no such section, table or file.

use super::{
    PackSource,
    exceptions::findings,
    no_actual::listing,
    table::{DataTable, FieldKind, field},
    value::{State, Value, status_of},
};
use crate::{
    figures::period::Month,
    packs::{document::Status, markup::name_of},
};
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// More exceptions without an explanation than these are counted, not named.
const MOST_NAMED: usize = 8;

/// A commentary that stands as at the pack's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentaryUsed {
    /// Its number in the area.
    pub number: u32,
    /// `summary`, `measure/NEA` or `scheme/S01`.
    pub subject: String,
    /// What the subject is called.
    pub about: String,
    pub cause: String,
    /// May be empty for the summary.
    pub action: String,
    pub action_by: Option<NaiveDate>,
    pub owner: String,
    /// The month that it was written for.
    pub as_at: Month,
}

/// A commentary as a template may name it.
#[derive(Serialize)]
pub struct CommentaryWords<'a> {
    pub number: u32,
    pub about: &'a str,
    pub is_summary: bool,
    /// How it stands as at the month; empty for the summary.
    pub finding: String,
    /// The status's name in templates; empty for the summary.
    pub status: &'static str,
    pub status_words: &'static str,
    pub cause: &'a str,
    /// May be empty.
    pub action: &'a str,
    /// `31 January 2016`; empty where no day is set.
    pub action_by: String,
    pub owner: &'a str,
    /// `October 2015`, where it was written for an earlier month; else empty.
    pub carried_from: String,
}

pub fn words<'a>(source: PackSource<'a>) -> Vec<CommentaryWords<'a>> {
    let findings = findings(source.plan, source.position);
    let used = source.commentary.unwrap_or_default().iter();
    used.map(|used| {
        let found = findings.iter().find(|found| found.subject == used.subject);
        let status = found.map(|found| status_of(found.rag));
        CommentaryWords {
            number: used.number,
            about: &used.about,
            is_summary: !used.subject.contains('/'),
            finding: found.map(|found| found.words.clone()).unwrap_or_default(),
            status: status.map(name_of).unwrap_or_default(),
            status_words: status.map(Status::word).unwrap_or_default(),
            cause: &used.cause,
            action: &used.action,
            action_by: used.action_by.map(day_words).unwrap_or_default(),
            owner: &used.owner,
            carried_from: match used.as_at == source.position.as_at {
                true => String::new(),
                false => used.as_at.name(),
            },
        }
    })
    .collect()
}

/// The exceptions of which nobody said why, by name; none where commentary was not asked for.
pub fn unexplained<'a>(source: PackSource<'a>) -> Vec<&'a str> {
    let Some(commentary) = source.commentary else { return Vec::new() };
    let is_told = |subject: &str| commentary.iter().any(|used| used.subject == subject);
    let found = findings(source.plan, source.position).into_iter();
    found.filter(|found| found.is_exception && !is_told(&found.subject)).map(|found| found.name).collect()
}

/// `No explanation was received for A, B and C.`; empty where each exception has one.
pub fn unexplained_told(source: PackSource<'_>) -> String {
    let names = unexplained(source);
    if names.is_empty() {
        return String::new();
    }
    let further = format!("{} more", names.len().saturating_sub(MOST_NAMED));
    let mut told: Vec<&str> = names.iter().take(MOST_NAMED).copied().collect();
    if names.len() > MOST_NAMED {
        told.push(&further);
    }
    format!("No explanation was received for {}.", listing(&told))
}

/// One row a commentary; none where nothing was written.
pub fn table<'a>(source: PackSource<'a>) -> Option<DataTable<'a>> {
    let commentary = source.commentary.filter(|commentary| !commentary.is_empty())?;
    let mut table = DataTable::new(
        "commentary",
        "What owners say of the month and its exceptions",
        vec![
            field("subject", FieldKind::Text, "What it speaks of: summary, measure/id or scheme/id"),
            field("about", FieldKind::Text, "What that is called"),
            field("as_at", FieldKind::Month, "The month that it was written for"),
            field("cause", FieldKind::Text, "Why it is so"),
            field("action", FieldKind::Text, "What is being done"),
            field("action_by", FieldKind::Text, "By when"),
            field("owner", FieldKind::Text, "Who owns it"),
        ],
    )
    .keyed_by(&["subject", "as_at"], &["about"]);
    for used in commentary {
        let given = |text: &'a str| match text.is_empty() {
            true => Value::Missing(State::NotApplicable),
            false => Value::text(text),
        };
        let by = used.action_by.map(|day| Value::Text(Cow::Owned(day.to_string())));
        table.push(vec![
            Value::text(&used.subject),
            Value::text(&used.about),
            Value::Month(used.as_at),
            Value::text(&used.cause),
            given(&used.action),
            by.unwrap_or(Value::Missing(State::NotApplicable)),
            Value::text(&used.owner),
        ]);
    }
    Some(table)
}

/// Adds what was said to a sum over what a pack rests on; nothing where nothing was said.
pub fn add_to(hash: &mut Sha256, commentary: &[CommentaryUsed]) {
    for used in commentary {
        let by = used.action_by.map(day_words).unwrap_or_default();
        for part in [&used.subject, &used.cause, &used.action, &by, &used.owner] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
}

fn day_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::example::Example;

    fn said(subject: &str) -> CommentaryUsed {
        CommentaryUsed {
            number: 1,
            subject: subject.into(),
            about: "Somebody".into(),
            cause: "Winter".into(),
            action: "More beds".into(),
            action_by: None,
            owner: "A".into(),
            as_at: Month::parse(b"2015-11").unwrap(),
        }
    }

    #[test]
    fn exceptions_without_an_explanation_are_named() {
        let example = Example::published();
        let source = example.source();
        // Pages of figures do not ask what was written: nothing is missing there.
        assert_eq!(unexplained_told(source), "");
        let of = |commentary: &[CommentaryUsed]| {
            unexplained_told(PackSource { commentary: Some(commentary), ..source })
        };
        let all = findings(&example.plan, &example.position);
        let exceptions: Vec<_> = all.iter().filter(|found| found.is_exception).collect();
        let none = of(&[]);
        assert!(exceptions.iter().all(|found| none.contains(found.name)), "{none}");
        assert!(!of(&[said(&exceptions[0].subject)]).contains(exceptions[0].name));
        let told: Vec<_> = exceptions.iter().map(|found| said(&found.subject)).collect();
        assert_eq!(of(&told), "");
    }

    #[test]
    fn an_entry_carries_its_figure_and_its_status() {
        let example = Example::published();
        let commentary = [said("measure/NEA")];
        let words = words(PackSource { commentary: Some(&commentary), ..example.source() });
        assert!(words[0].finding.starts_with("Year to date "), "{}", words[0].finding);
        assert_eq!(words[0].status_words, "Off plan");
    }
}
