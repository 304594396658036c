//! The time of day in England, by which days begin and end; the store keeps UTC.

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Europe::London;

/// A time of the store on a clock in England.
pub fn in_london(utc: NaiveDateTime) -> NaiveDateTime {
    London.from_utc_datetime(&utc).naive_local()
}

/// The day in England.
pub fn day_in_london(utc: NaiveDateTime) -> NaiveDate {
    in_london(utc).date()
}

/// `8 December 2015, 10:00am`, by a clock in England.
pub fn in_words(utc: NaiveDateTime) -> String {
    in_london(utc).format("%-d %B %Y, %-I:%M%P").to_string()
}

/// `8 December 2015`.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
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
