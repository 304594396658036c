//! On which days something is due.

use super::calendar;
use chrono::{Datelike, NaiveDate};

/// The days of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Days {
    Never,
    Dates(Dates),
    EachWorkingDay,
    /// Working day of the month by its number, from 1.
    NthWorkingDay(u32),
    LastWorkingDay,
    /// So many working days before a day of the month, perhaps in the month before.
    WorkingDaysBefore {
        count: u32,
        day: u32,
    },
}

/// Days whose month, day of the month and day of the week are all among those named.
///
/// A bit each: months from bit 1, days of the month from bit 1, days of the week from Monday as bit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dates {
    pub months: u16,
    pub days: u32,
    pub weekdays: u8,
}

/// 29 February falls on a given day of the week at least once in so many months, 2100 without one included.
const LONGEST_WAIT_IN_MONTHS: u32 = 41 * 12;

impl Days {
    pub const EVERY_DAY: Days = Days::Dates(Dates::ALL);

    /// The first such day from a day on, that day included; none where there is none within 40 years, or
    /// within the calendar.
    pub fn next_from(self, from: NaiveDate) -> Option<NaiveDate> {
        match self {
            Days::Never => None,
            Days::Dates(dates) => dates.next_from(from),
            Days::EachWorkingDay => match calendar::is_working_day(from) {
                true => Some(from),
                false => calendar::working_days_after(from, 1),
            },
            Days::NthWorkingDay(count) => {
                next_of_months(from, |year, month| calendar::nth_working_day(year, month, count))
            }
            Days::LastWorkingDay => next_of_months(from, calendar::last_working_day),
            Days::WorkingDaysBefore { count, day } => next_of_months(from, |year, month| {
                calendar::working_days_before(NaiveDate::from_ymd_opt(year, month, day)?, count)
            }),
        }
    }

    /// Whether one may be the last Sunday of March or October, when clocks are changed.
    pub fn may_change_clocks(self) -> bool {
        match self {
            Days::Dates(dates) => {
                let is_sunday = dates.weekdays >> 6 & 1 == 1;
                is_sunday && dates.months & (1 << 3 | 1 << 10) != 0 && dates.days >> 25 != 0
            }
            Days::Never
            | Days::EachWorkingDay
            | Days::NthWorkingDay(_)
            | Days::LastWorkingDay
            | Days::WorkingDaysBefore { .. } => false,
        }
    }
}

impl Dates {
    pub const ALL: Dates = Dates { months: 0x1ffe, days: 0xffff_fffe, weekdays: 0x7f };

    fn next_from(self, from: NaiveDate) -> Option<NaiveDate> {
        let mut start = from;
        for _ in 0..LONGEST_WAIT_IN_MONTHS {
            let to_come = self.in_month_of(start) & (u32::MAX << start.day());
            // A day that the month lacks stands at the end of the bits.
            if to_come != 0
                && let Some(day) = start.with_day(to_come.trailing_zeros())
            {
                return Some(day);
            }
            let (year, month) = next_month(start.year(), start.month());
            start = NaiveDate::from_ymd_opt(year, month, 1)?;
        }
        None
    }

    /// The days of the month that are named, as bits from bit 1.
    fn in_month_of(self, day: NaiveDate) -> u32 {
        if self.months >> day.month() & 1 == 0 {
            return 0;
        }
        let weeks = (0..6).fold(0, |weeks, week| weeks | u64::from(self.weekdays) << (7 * week));
        let first = (day.weekday().num_days_from_monday() + 35 - (day.day() - 1)) % 7;
        self.days & ((weeks >> first) << 1) as u32
    }
}

/// The first day from a day on that a month has; each has one, at most a month before its first day.
fn next_of_months(from: NaiveDate, of_month: impl Fn(i32, u32) -> Option<NaiveDate>) -> Option<NaiveDate> {
    let (mut year, mut month) = (from.year(), from.month());
    for _ in 0..3 {
        let day = of_month(year, month)?;
        if day >= from {
            return Some(day);
        }
        (year, month) = next_month(year, month);
    }
    None
}

fn next_month(year: i32, month: u32) -> (i32, u32) {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}
