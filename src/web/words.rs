//! Times as pages write them: in England's time of day.

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Europe::London;

/// `8 December 2015, 10:00am`, from a time in UTC.
pub fn moment(at: NaiveDateTime) -> String {
    London.from_utc_datetime(&at).format("%-d %B %Y, %-I:%M%P").to_string()
}

/// `1 April 2015`.
pub fn day(on: NaiveDate) -> String {
    on.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_englands() {
        let at =
            |month, hour| NaiveDate::from_ymd_opt(2015, month, 8).unwrap().and_hms_opt(hour, 5, 0).unwrap();
        assert_eq!(moment(at(12, 10)), "8 December 2015, 10:05am");
        assert_eq!(moment(at(7, 23)), "9 July 2015, 12:05am"); // an hour ahead in summer
        assert_eq!(day(at(4, 0).date()), "8 April 2015");
    }
}
