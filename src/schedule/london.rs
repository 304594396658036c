//! The clock in England: what it shows at an instant that is kept in UTC, which instant it means, and how
//! both are written.
//!
//! When clocks go forward, times between 01:00 and 02:00 do not come: what is due then is due at the first
//! instant after. When they go back, such times come twice: what is due then is due once, at the first.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Europe::London;

/// The most minutes by which clocks have been put forward.
const LONGEST_GAP: i64 = 120;

/// What a clock in England shows at an instant in UTC.
pub fn wall_at(utc: NaiveDateTime) -> NaiveDateTime {
    London.from_utc_datetime(&utc).naive_local()
}

/// The day in England at an instant in UTC.
pub fn day_in_london(utc: NaiveDateTime) -> NaiveDate {
    wall_at(utc).date()
}

/// `8 December 2015, 10:00am`, by a clock in England.
pub fn in_words(utc: NaiveDateTime) -> String {
    wall_at(utc).format("%-d %B %Y, %-I:%M%P").to_string()
}

/// `8 December 2015`.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// The instant in UTC at which a clock in England shows this: none in a gap, in a fold the first.
pub fn utc_of(wall: NaiveDateTime) -> Option<NaiveDateTime> {
    London.from_local_datetime(&wall).earliest().map(|there| there.naive_utc())
}

/// The instant in UTC, and what the clock shows then: the time asked for, or the first after a gap.
pub fn instant_of(wall: NaiveDateTime) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let minutes =
        (0..=LONGEST_GAP).filter_map(|minutes| wall.checked_add_signed(TimeDelta::minutes(minutes)));
    minutes.filter_map(|wall| Some((utc_of(wall)?, wall))).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summer_evening_is_already_the_next_day() {
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(day_in_london(time("2015-06-10 23:30")).to_string(), "2015-06-11");
        assert_eq!(day_in_london(time("2015-12-10 23:30")).to_string(), "2015-12-10");
        assert_eq!(in_words(time("2015-06-10 23:30")), "11 June 2015, 12:30am");
        assert_eq!(day_in_words(day_in_london(time("2015-12-08 10:00"))), "8 December 2015");
    }
}
