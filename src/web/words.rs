//! Times, days, numbers and sentences as pages write them.

use crate::schedule::london;
pub use crate::{
    packs::compose::value::{capital, counted, grouped, plural},
    service::size,
};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// A time that is kept in UTC, as a clock in England shows it: `8 December 2015, 10:00am`.
pub fn moment(at: NaiveDateTime) -> String {
    london::in_words(at)
}

/// `1 April 2015`.
pub fn day(day: NaiveDate) -> String {
    london::day_in_words(day)
}

/// A day and time as a clock in England shows them, in UTC; none where the clocks go forward over it.
/// Where they go back over it, the first of the two times.
pub fn utc_of(day: NaiveDate, time: NaiveTime) -> Option<NaiveDateTime> {
    london::utc_of(day.and_time(time))
}

/// The day in England at a time in UTC.
pub fn day_in_england(at: NaiveDateTime) -> NaiveDate {
    london::day_in_london(at)
}

/// The first day after this one that is not a Saturday or Sunday.
pub fn next_weekday(day: NaiveDate) -> NaiveDate {
    let later = (1..).map(|days| day + Days::new(days));
    let is_weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    later.take(3).find(is_weekday).unwrap_or(day)
}

/// Reads a time of day as people write it: `9:30am`, `9.30 am`, `09:30`, `4pm`, `midday`, `midnight`.
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text: String = text.to_lowercase().split_whitespace().collect();
    match text.as_str() {
        "midday" | "noon" => return NaiveTime::from_hms_opt(12, 0, 0),
        "midnight" => return NaiveTime::from_hms_opt(0, 0, 0),
        _ => {}
    }
    let half = ["am", "pm"].into_iter().find(|half| text.ends_with(half));
    let digits = half.map_or(text.as_str(), |half| &text[..text.len() - half.len()]);
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute.parse().ok()?),
        Some(_) => return None,
        None if half.is_some() => (digits, 0),
        None => return None,
    };
    let hour: u32 = hour.parse().ok()?;
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("pm") => hour % 12 + 12,
        Some(_) => hour % 12,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_as_people_write_it() {
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0);
        for (text, meant) in [
            ("9:30am", time(9, 30)),
            ("9.30 AM", time(9, 30)),
            ("09:30", time(9, 30)),
            ("4pm", time(16, 0)),
            ("12am", time(0, 0)),
            ("12:15pm", time(12, 15)),
            ("midday", time(12, 0)),
            ("17", None),
            ("13pm", None),
            ("24:00", None),
            ("9:5", None),
            ("", None),
        ] {
            assert_eq!(time_of_day(text), meant, "{text}");
        }
    }

    #[test]
    fn a_time_in_england_is_an_hour_less_in_summer_and_none_in_the_gap_of_march() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let half_past = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        let utc = |day: NaiveDate, hour| Some(day.and_time(half_past(hour)));
        assert_eq!(utc_of(day(2015, 12, 9), half_past(9)), utc(day(2015, 12, 9), 9));
        assert_eq!(utc_of(day(2015, 7, 9), half_past(9)), utc(day(2015, 7, 9), 8));
        assert_eq!(utc_of(day(2026, 3, 29), half_past(1)), None);
        // The clocks go back from 2am to 1am: half past one comes twice, and the first counts.
        assert_eq!(utc_of(day(2026, 10, 25), half_past(1)), utc(day(2026, 10, 25), 0));
    }

    #[test]
    fn the_next_weekday_is_never_a_saturday_or_sunday() {
        let day = |day| NaiveDate::from_ymd_opt(2015, 12, day).unwrap();
        // The 11th is a Friday.
        assert_eq!([day(10), day(11), day(12), day(13)].map(next_weekday), [11, 14, 14, 14].map(day));
    }

    #[test]
    fn thousands_are_parted_by_commas_and_one_is_no_plural() {
        let entries = |count| counted(count, "entry", "entries");
        assert_eq!([0, 1, 999].map(entries), ["0 entries", "1 entry", "999 entries"]);
        assert_eq!([2_312, 1_000_000].map(entries), ["2,312 entries", "1,000,000 entries"]);
    }

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
