//! Schedules in words, read and said.

use super::{
    days::{Dates, Days},
    times::Times,
};
use chrono::Weekday;
use std::ops::RangeInclusive;

/// What may be written, one of each form.
pub const FORMS: [&str; 11] = [
    "every day at 05:00",
    "every working day at 09:00",
    "every Sunday at 04:00",
    "every Monday and Thursday at 07:30",
    "every hour",
    "every 15 minutes",
    "5th working day of the month at 06:00",
    "last working day of the month at 17:00",
    "15th of the month at 06:00",
    "3 working days before the 15th of the month at 09:00",
    "never",
];

/// Every month has these days.
const DAYS_OF_ANY_MONTH: RangeInclusive<u32> = 1..=28;
/// Every month has so many working days, and a few more should further holidays be proclaimed.
const WORKING_DAYS_OF_ANY_MONTH: RangeInclusive<u32> = 1..=15;
/// What divides an hour.
const STEPS: [u32; 7] = [5, 6, 10, 12, 15, 20, 30];

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Reads a schedule in words. Capitals, spaces and the word "the" do not matter. What is wrong is told as
/// it follows the text quoted.
pub fn read(text: &str) -> Result<(Days, Times), String> {
    let lower = text.to_lowercase().replace(',', " , ");
    let words: Vec<&str> = lower.split_whitespace().filter(|word| *word != "the").collect();
    let words = words.strip_prefix(&["on"]).unwrap_or(&words);
    match words {
        ["never"] => Ok((Days::Never, MIDNIGHT)),
        ["every", "hour"] => Ok((Days::EVERY_DAY, Times::EVERY_HOUR)),
        ["every", minutes, "minutes"] => match whole(minutes).filter(|minutes| STEPS.contains(minutes)) {
            Some(minutes) => Ok((Days::EVERY_DAY, Times::every(minutes))),
            None => {
                Err(refused("does not part an hour evenly: it may be 5, 6, 10, 12, 15, 20 or 30 minutes"))
            }
        },
        [day @ .., "at", time] => {
            let day = days(day)?;
            let time = time_of_day(time)
                .ok_or_else(|| refused("has no time from 00:00 to 23:59 after the word at, like 09:00"))?;
            Ok((day, time))
        }
        [day @ .., "at"] if days(day).is_ok() => Err(refused("says no time of day")),
        day if days(day).is_ok() => Err(refused("says no time of day")),
        _ => Err(unknown()),
    }
}

/// What [`read`] reads as these days and times; none where it has no words for them.
pub fn say(days: Days, times: Times) -> Option<String> {
    if days == Days::EVERY_DAY && times.only().is_none() {
        if times == Times::EVERY_HOUR {
            return Some("every hour".into());
        }
        let minutes = STEPS.into_iter().find(|minutes| times == Times::every(*minutes))?;
        return Some(format!("every {minutes} minutes"));
    }
    let (hour, minute) = times.only()?;
    let day = match days {
        Days::Never => return Some("never".into()),
        Days::EachWorkingDay => "every working day".into(),
        Days::NthWorkingDay(count) => format!("{} working day of the month", ordinal(count)),
        Days::LastWorkingDay => "last working day of the month".into(),
        Days::WorkingDaysBefore { count, day } => {
            let days = if count == 1 { "day" } else { "days" };
            format!("{count} working {days} before the {} of the month", ordinal(day))
        }
        Days::Dates(dates) => dates_in_words(dates)?,
    };
    Some(format!("{day} at {hour:02}:{minute:02}"))
}

const MIDNIGHT: Times = Times { hours: 1, minutes: 1 };

fn days(words: &[&str]) -> Result<Days, String> {
    let (words, is_of_month) = match words {
        [words @ .., "of", "month"] | [words @ .., "of", "each" | "every", "month"] => (words, true),
        words => (words, false),
    };
    match (words, is_of_month) {
        (["every", "day"], false) => Ok(Days::EVERY_DAY),
        (["every", "working", "day"], false) => Ok(Days::EachWorkingDay),
        (["every", names @ ..], false) => weekdays(names),
        (["last", "working", "day"], true) => Ok(Days::LastWorkingDay),
        ([nth, "working", "day"], true) => {
            let nth = number(nth).ok_or_else(unknown)?;
            match WORKING_DAYS_OF_ANY_MONTH.contains(&nth) {
                true => Ok(Days::NthWorkingDay(nth)),
                false => Err(refused(
                    "names a working day that not every month has: it may be 1st to 15th, or last",
                )),
            }
        }
        ([count, "working", "day" | "days", "before", nth], true) => {
            let count = whole(count).ok_or_else(unknown)?;
            let day = day_of_month(nth)?;
            match WORKING_DAYS_OF_ANY_MONTH.contains(&count) {
                true => Ok(Days::WorkingDaysBefore { count, day }),
                false => Err(refused("counts back too far or not at all: it may be 1 to 15 working days")),
            }
        }
        ([nth], true) => {
            let day = day_of_month(nth)?;
            Ok(Days::Dates(Dates { days: 1 << day, ..Dates::ALL }))
        }
        _ => Err(unknown()),
    }
}

fn day_of_month(word: &str) -> Result<u32, String> {
    let day = number(word).ok_or_else(unknown)?;
    match DAYS_OF_ANY_MONTH.contains(&day) {
        true => Ok(day),
        false => Err(refused(
            "names a day that not every month has: it may be 1st to 28th, or the last working day",
        )),
    }
}

fn weekdays(words: &[&str]) -> Result<Days, String> {
    let names = words.iter().filter(|word| !matches!(**word, "and" | ","));
    let days: Option<Vec<Weekday>> = names.map(|name| name.parse().ok()).collect();
    let days = days.filter(|days| !days.is_empty()).ok_or_else(unknown)?;
    let weekdays = days.iter().fold(0, |bits, day| bits | 1 << day.num_days_from_monday());
    Ok(Days::Dates(Dates { weekdays, ..Dates::ALL }))
}

/// An ordinal like `5th`, or `first`.
fn number(word: &str) -> Option<u32> {
    if word == "first" {
        return Some(1);
    }
    let (digits, ending) = word.split_at_checked(word.len().checked_sub(2)?)?;
    matches!(ending, "st" | "nd" | "rd" | "th").then(|| whole(digits)).flatten()
}

fn whole(word: &str) -> Option<u32> {
    let is_whole = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| word.parse().ok()).flatten()
}

fn time_of_day(word: &str) -> Option<Times> {
    let (hour, minute) = word.split_once(':')?;
    Times::at(whole(hour)?, whole(minute).filter(|_| minute.len() == 2)?)
}

fn dates_in_words(dates: Dates) -> Option<String> {
    if dates == Dates::ALL {
        return Some("every day".into());
    }
    if dates == (Dates { weekdays: dates.weekdays, ..Dates::ALL }) {
        let named = WEEK.iter().filter(|day| dates.weekdays >> day.num_days_from_monday() & 1 == 1);
        let names: Vec<&str> = named.map(|day| NAMES[day.num_days_from_monday() as usize]).collect();
        let (last, before) = names.split_last()?;
        return Some(match before {
            [] => format!("every {last}"),
            before => format!("every {} and {last}", before.join(", ")),
        });
    }
    let day = dates.days.trailing_zeros();
    let is_one = dates == Dates { days: 1 << day, ..Dates::ALL } && DAYS_OF_ANY_MONTH.contains(&day);
    is_one.then(|| format!("{} of the month", ordinal(day)))
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        (_, _) => "th",
    };
    format!("{number}{ending}")
}

fn unknown() -> String {
    refused("is not a schedule that is known here")
}

fn refused(why: &str) -> String {
    format!("{why}. Write it like one of these: {}; or a crontab, like 0 6 15 * *", FORMS.join("; "))
}
