//! At which times of a day something is due.

use chrono::{NaiveTime, Timelike};

/// The times of a day whose hour and minute are both among those named: a bit each, from bit 0. There is
/// at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    pub hours: u32,
    pub minutes: u64,
}

impl Times {
    pub const EVERY_HOUR: Times = Times { hours: ALL_HOURS, minutes: 1 };

    /// One time; none where no clock shows it.
    pub fn at(hour: u32, minute: u32) -> Option<Times> {
        (hour < 24 && minute < 60).then(|| Times { hours: 1 << hour, minutes: 1 << minute })
    }

    /// Each so many minutes from each full hour on, which must divide the hour.
    pub fn every(minutes: u32) -> Times {
        let steps = (0..60).step_by(minutes.max(1) as usize);
        Times { hours: ALL_HOURS, minutes: steps.fold(0, |bits, minute| bits | 1 << minute) }
    }

    /// The first time from a time on, that time included.
    pub fn next_from(self, from: NaiveTime) -> Option<NaiveTime> {
        let of_hour = self.minutes & (u64::MAX << from.minute());
        if self.hours >> from.hour() & 1 == 1 && of_hour != 0 {
            return NaiveTime::from_hms_opt(from.hour(), of_hour.trailing_zeros(), 0);
        }
        // No hour later: 32 trailing noughts, which is no hour.
        let later = self.hours & (u32::MAX << (from.hour() + 1));
        NaiveTime::from_hms_opt(later.trailing_zeros(), self.minutes.trailing_zeros(), 0)
    }

    /// The first time of a day.
    pub fn first(self) -> NaiveTime {
        self.next_from(NaiveTime::MIN).expect("there is at least one time")
    }

    pub fn has_hour(self, hour: u32) -> bool {
        self.hours >> hour & 1 == 1
    }

    /// Hour and minute where there is but one time.
    pub fn only(self) -> Option<(u32, u32)> {
        let is_one = self.hours.count_ones() == 1 && self.minutes.count_ones() == 1;
        is_one.then(|| (self.hours.trailing_zeros(), self.minutes.trailing_zeros()))
    }

    /// Whether every hour has its times.
    pub fn is_each_hour(self) -> bool {
        self.hours == ALL_HOURS
    }
}

const ALL_HOURS: u32 = (1 << 24) - 1;
