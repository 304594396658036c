//! Crontabs of five fields: minute, hour, day of the month, month, day of the week.
//!
//! The fields are read by the `cron` crate; which instants they mean is worked out here, for the crate
//! leaves out or doubles what falls on a change of clocks. Where day of the month and day of the week are
//! both given, a day must be both (other programs take either). Days of the week are names alone: to some
//! programs 1 is Sunday, to others Monday.

use super::{
    days::{Dates, Days},
    times::Times,
};
use chrono::{NaiveDate, Weekday};
use cron::TimeUnitSpec;
use std::str::FromStr;

/// The fields' names, and what may be written.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of the month", "1 to 31"),
    ("month", "1 to 12 or JAN to DEC"),
    ("day of the week", "names from MON to SUN, like MON-FRI"),
];

/// The crontab where a text means to be one: five fields, perhaps after the word `crontab`.
pub fn meant(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some((word, rest)) = text.split_once(char::is_whitespace)
        && word.eq_ignore_ascii_case("crontab")
    {
        return Some(rest.trim());
    }
    let mut words = text.split_whitespace();
    let is_field = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit() || c == '*') && !word.contains(char::is_alphabetic)
    };
    let begins_with_fields = words.next().is_some_and(is_field) && words.next().is_none_or(is_field);
    (begins_with_fields || text.starts_with('@')).then_some(text)
}

/// The days and times that a crontab means. What is wrong is told as it follows the text quoted.
pub fn read(text: &str) -> Result<(Days, Times), String> {
    if text.starts_with('@') {
        return Err(
            "is a short form that is not read here. Write it in words, like every day at 00:15".into()
        );
    }
    let sent: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = sent[..] else {
        return Err(format!(
            "has {} where a crontab has five: minute, hour, day of the month, month, day of the week. Write \
             one like 0 6 15 * *, or say it in words, like 15th of the month at 06:00",
            if sent.len() == 1 { "1 field".into() } else { format!("{} fields", sent.len()) },
        ));
    };
    let weekday = named(weekday)?;
    let fields = [minute, hour, day, month, &weekday];
    for (place, (name, write)) in FIELDS.into_iter().enumerate() {
        let mut alone = ["*"; 5];
        alone[place] = fields[place];
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "*,-/".contains(c);
        if !fields[place].chars().all(is_plain) || read_by_crate(alone).is_none() {
            return Err(format!(
                "has {} as the {name}. Write {write}; * for each; commas between several, - between first \
                 and last",
                sent[place]
            ));
        }
    }
    let read = read_by_crate(fields).ok_or("cannot be read. Write a crontab like 0 6 15 * *")?;
    let times = Times { hours: bits(read.hours()) as u32, minutes: bits(read.minutes()) };
    // The crate's Sunday is 1, its Saturday 7; here Monday is bit 0, Sunday bit 6.
    let weekdays = bits(read.days_of_week());
    let days = Days::Dates(Dates {
        months: bits(read.months()) as u16,
        days: bits(read.days_of_month()) as u32,
        weekdays: (weekdays >> 2 | (weekdays >> 1 & 1) << 6) as u8,
    });
    match days.next_from(NaiveDate::from_ymd_opt(2024, 1, 1).expect("the day exists")) {
        Some(_) => Ok((days, times)),
        None => Err("names a day that its months do not have. Write another day of the month".into()),
    }
}

fn read_by_crate(fields: [&str; 5]) -> Option<cron::Schedule> {
    cron::Schedule::from_str(&format!("0 {}", fields.join(" "))).ok()
}

fn bits(field: &impl TimeUnitSpec) -> u64 {
    field.iter().fold(0, |bits, ordinal| bits | 1 << ordinal)
}

/// Days of the week as a list of names, also where they run past the week's end, like `SAT-MON`: the crate
/// begins its week on Sunday and knows no such range.
fn named(field: &str) -> Result<String, String> {
    if field.contains(|c: char| c.is_ascii_digit()) {
        return Err(format!(
            "numbers its days of the week ({field}), and programs count them differently. Write names from \
             MON to SUN, like MON-FRI"
        ));
    }
    let items = field.split(',').map(|item| {
        let ends = item.split_once('-');
        let days = ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        days.map_or_else(|| item.to_owned(), |(first, last)| days_through(first, last))
    });
    Ok(items.collect::<Vec<_>>().join(","))
}

fn days_through(first: Weekday, last: Weekday) -> String {
    let mut names = first.to_string();
    let mut day = first;
    while day != last {
        day = day.succ();
        names.push_str(&format!(",{day}"));
    }
    names
}
