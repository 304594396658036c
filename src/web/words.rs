//! Times and days as pages write them.

use crate::service::london;
use chrono::{NaiveDate, NaiveDateTime};

/// A time that is kept in UTC, as a clock in England shows it: `8 December 2015, 10:00am`.
pub fn moment(at: NaiveDateTime) -> String {
    london::in_words(at)
}

/// `1 April 2015`.
pub fn day(day: NaiveDate) -> String {
    london::day_in_words(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_england_in_summer_and_winter() {
        let at = |year, month, day, hour, minute| {
            NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
        };
        assert_eq!(moment(at(2015, 12, 8, 10, 0)), "8 December 2015, 10:00am");
        assert_eq!(moment(at(2015, 7, 31, 23, 5)), "1 August 2015, 12:05am");
        assert_eq!(moment(at(2015, 1, 15, 12, 30)), "15 January 2015, 12:30pm");
        assert_eq!(day(NaiveDate::from_ymd_opt(2015, 4, 1).unwrap()), "1 April 2015");
    }
}
