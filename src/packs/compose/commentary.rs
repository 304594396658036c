//! Commentary: what owners say of the month and its exceptions, printed after the summary.
//!
//! A pack without commentary has no such section, table or file.

use super::{
    PackSource,
    table::{DataTable, FieldKind, field},
    value::{State, Value},
};
use crate::figures::period::Month;
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

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
    let used = source.commentary.iter();
    used.map(|used| CommentaryWords {
        number: used.number,
        about: &used.about,
        is_summary: !used.subject.contains('/'),
        cause: &used.cause,
        action: &used.action,
        action_by: used.action_by.map(day_words).unwrap_or_default(),
        owner: &used.owner,
        carried_from: match used.as_at == source.position.as_at {
            true => String::new(),
            false => used.as_at.name(),
        },
    })
    .collect()
}

/// One row a commentary; none where nothing was written.
pub fn table<'a>(source: PackSource<'a>) -> Option<DataTable<'a>> {
    if source.commentary.is_empty() {
        return None;
    }
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
    for used in source.commentary {
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
