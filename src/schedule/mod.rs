//! When something is due: schedules in words or as crontabs, the working days of England and Wales, and the
//! clock there. Pure: it is told the time and never asks.
//!
//! A schedule is read by a clock in England. Each of its times means one instant: in a gap the first after,
//! in a fold the first of the two.

mod jobs;

pub mod calendar;
pub mod london;

mod crontab;
mod days;
mod times;
mod words;

#[cfg(test)]
mod tests;

pub use jobs::{CatchUp, Job, Timetable, default_of, default_schedules};
pub use words::FORMS;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use days::Days;
use std::{ops::RangeInclusive, sync::Arc};
use times::Times;

/// The longest text of a schedule, in characters.
const LONGEST: usize = 200;

/// The years that schedules speak of.
const YEARS: RangeInclusive<i32> = 1970..=9000;

/// Times at which something is due, again and again.
///
/// Two are equal where their words are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    days: Days,
    times: Times,
    /// As it was written, where it is a crontab that there are no words for.
    crontab: Option<Arc<str>>,
}

/// An instant at which something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// In UTC.
    pub at: NaiveDateTime,
    /// What a clock in England shows then.
    pub wall: NaiveDateTime,
}

impl Schedule {
    /// Reads words like those of [`FORMS`], or a crontab of five fields.
    ///
    /// In a crontab days of the week are names; a day of the month and a day of the week that are both
    /// given must both hold. What is wrong is told as it follows the quoted text: why, and what to write.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("is longer than {LONGEST} characters. Write a shorter schedule"));
        }
        let Some(fields) = crontab::meant(text) else {
            let (days, times) = words::read(text)?;
            return Ok(Schedule { days, times, crontab: None });
        };
        let (days, times) = crontab::read(fields)?;
        let as_written = || fields.split_whitespace().collect::<Vec<_>>().join(" ").into();
        let crontab = words::say(days, times).is_none().then(as_written);
        Ok(Schedule { days, times, crontab })
    }

    /// In words that [`Schedule::parse`] reads as this schedule: `15th of the month at 06:00`, or
    /// `crontab 0 6 1,15 * *` where there are none.
    pub fn words(&self) -> String {
        match &self.crontab {
            Some(crontab) => format!("crontab {crontab}"),
            None => words::say(self.days, self.times).unwrap_or_default(),
        }
    }

    /// Whether it never comes due.
    pub fn is_never(&self) -> bool {
        self.days == Days::Never
    }

    /// The first time after an instant, in UTC; none where there is none, or outside the years 1970 to
    /// 9000.
    pub fn after(&self, utc: NaiveDateTime) -> Option<Due> {
        if !YEARS.contains(&utc.year()) {
            return None;
        }
        let minute = TimeDelta::minutes(1);
        let mut wall = london::wall_at(utc).with_second(0)?.with_nanosecond(0)?.checked_add_signed(minute)?;
        loop {
            wall = self.shown_from(wall)?;
            let (at, shown) = london::instant_of(wall)?;
            // In the second hour of a fold, what the clock is about to show has been done already.
            if at > utc {
                return Some(Due { at, wall: shown });
            }
            wall = wall.checked_add_signed(minute)?;
        }
    }

    /// The times after an instant up to another, that one included; at most so many, the earliest.
    pub fn between(&self, after: NaiveDateTime, up_to: NaiveDateTime, most: usize) -> Vec<Due> {
        dues(|utc| self.after(utc), (after, up_to), most)
    }

    /// What to know of a schedule that a change of clocks moves or may be thought to double; told as it
    /// follows the schedule.
    pub fn warning(&self) -> Option<&'static str> {
        let is_moved = self.times.has_hour(1) && !self.times.is_each_hour() && self.days.may_change_clocks();
        is_moved.then_some(
            "falls between 01:00 and 02:00. On the last Sunday of March no clock shows that time and it is \
             done at 02:00; on the last of October it is done once, before the clocks go back. Write \
             another time if that matters",
        )
    }

    /// The first time on or after a whole minute that a clock which is never changed would show.
    fn shown_from(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        let day = self.days.next_from(wall.date())?;
        if day > wall.date() {
            return Some(day.and_time(self.times.first()));
        }
        match self.times.next_from(wall.time()) {
            Some(time) => Some(day.and_time(time)),
            None => Some(self.days.next_from(day.succ_opt()?)?.and_time(self.times.first())),
        }
    }
}

/// Steps through a window: after its start, up to its end.
fn dues(
    next: impl Fn(NaiveDateTime) -> Option<Due>,
    (after, up_to): (NaiveDateTime, NaiveDateTime),
    most: usize,
) -> Vec<Due> {
    let mut dues = Vec::new();
    let mut from = after;
    while dues.len() < most
        && let Some(due) = next(from).filter(|due| due.at <= up_to)
    {
        dues.push(due);
        from = due.at;
    }
    dues
}
