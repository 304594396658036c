//! Bank holidays of England and Wales, and the working days between them.
//!
//! Holidays are worked out by rule; what proclamations changed for one year stands in two lists. A holiday
//! that is proclaimed later needs a line there.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Days that were bank holidays in their year alone, as year, month and day.
///
/// Source: royal proclamations under the Banking and Financial Dealings Act 1971.
const FOR_ONE_YEAR: [(i32, u32, u32); 8] = [
    (2011, 4, 29), // the royal wedding
    (2012, 6, 4),  // Spring holiday, moved to the Diamond Jubilee
    (2012, 6, 5),  // the Diamond Jubilee
    (2020, 5, 8),  // Early May holiday, moved to the 75th anniversary of VE Day
    (2022, 6, 2),  // Spring holiday, moved to the Platinum Jubilee
    (2022, 6, 3),  // the Platinum Jubilee
    (2022, 9, 19), // the funeral of Queen Elizabeth II
    (2023, 5, 8),  // the coronation of King Charles III
];

/// Days that would have been bank holidays by the rule, and were moved.
const MOVED_AWAY: [(i32, u32, u32); 3] = [(2012, 5, 28), (2020, 5, 4), (2022, 5, 30)];

/// Whether work is done: Monday to Friday, bank holidays of England and Wales excepted.
///
/// The rules are right from 2003.
pub fn is_working_day(day: NaiveDate) -> bool {
    !is_weekend(day) && !is_bank_holiday(day)
}

/// Whether the day, from Monday to Friday, is a bank holiday of England and Wales or the substitute of one.
///
/// A holiday that falls on a weekend is kept on its substitute day alone.
pub fn is_bank_holiday(day: NaiveDate) -> bool {
    let date = (day.year(), day.month(), day.day());
    FOR_ONE_YEAR.contains(&date) || (is_holiday_by_rule(day) && !MOVED_AWAY.contains(&date))
}

/// Working day number `count` of the month, the first being 1; none where the month has fewer.
pub fn nth_working_day(year: i32, month: u32, count: u32) -> Option<NaiveDate> {
    working_days_after(NaiveDate::from_ymd_opt(year, month, 1)?.pred_opt()?, count)
        .filter(|day| (day.year(), day.month()) == (year, month))
}

/// The last working day of the month.
pub fn last_working_day(year: i32, month: u32) -> Option<NaiveDate> {
    let (next_year, next_month) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
    working_days_before(NaiveDate::from_ymd_opt(next_year, next_month, 1)?, 1)
}

/// The day that lies so many working days before a day, which need not be a working day and is not
/// counted; the day itself where that is none.
pub fn working_days_before(day: NaiveDate, count: u32) -> Option<NaiveDate> {
    step(day, count, |day| day.checked_sub_days(Days::new(1)))
}

/// The day that lies so many working days after a day, which need not be a working day and is not
/// counted; the day itself where that is none.
pub fn working_days_after(day: NaiveDate, count: u32) -> Option<NaiveDate> {
    step(day, count, |day| day.checked_add_days(Days::new(1)))
}

fn step(from: NaiveDate, count: u32, next: impl Fn(NaiveDate) -> Option<NaiveDate>) -> Option<NaiveDate> {
    let mut day = from;
    for _ in 0..count {
        day = next(day)?;
        while !is_working_day(day) {
            day = next(day)?;
        }
    }
    Some(day)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Source: Banking and Financial Dealings Act 1971, schedule 1; New Year's Day and Early May by yearly
/// proclamation since 1974 and 1978; Good Friday and Christmas Day by common law.
fn is_holiday_by_rule(day: NaiveDate) -> bool {
    let (date, weekday) = (day.day(), day.weekday());
    let is_monday = weekday == Weekday::Mon;
    match day.month() {
        _ if is_weekend(day) => false,
        // New Year's Day; on a weekend, the Monday after.
        1 => date == 1 || (is_monday && date <= 3),
        3 | 4 => is_by_easter(day),
        // Early May and Spring.
        5 => is_monday && (date <= 7 || date >= 25),
        // Summer.
        8 => is_monday && date >= 25,
        // Christmas and Boxing Day; where one is on a weekend, its substitute is two days later.
        12 => {
            let is_monday_or_tuesday = is_monday || weekday == Weekday::Tue;
            matches!(date, 25 | 26) || (matches!(date, 27 | 28) && is_monday_or_tuesday)
        }
        _ => false,
    }
}

/// Whether it is Good Friday or Easter Monday.
fn is_by_easter(day: NaiveDate) -> bool {
    let days_after_easter = easter(day.year()).map(|easter| (day - easter).num_days());
    matches!(days_after_easter, Some(-2 | 1))
}

/// Easter Sunday of the Gregorian calendar.
///
/// Source: the anonymous computus of 1876, as in J. Meeus, *Astronomical Algorithms*, chapter 8.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, (days / 31) as u32, (days % 31 + 1) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As published on gov.uk/bank-holidays over the years; those to come by the Act.
    const KNOWN: [(i32, &str); 21] = [
        (2010, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2011, "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27"),
        (2012, "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26"),
        (2013, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2014, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        (2015, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2016, "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27"),
        (2017, "01-02 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
        (2018, "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26"),
        (2019, "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26"),
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
        (2029, "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26"),
        (2030, "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26"),
    ];

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days_of(year: i32) -> impl Iterator<Item = NaiveDate> {
        day("2000-01-01").with_year(year).unwrap().iter_days().take_while(move |day| day.year() == year)
    }

    #[test]
    fn bank_holidays_are_those_that_were_published() {
        for (year, known) in KNOWN {
            let holidays: Vec<String> = days_of(year)
                .filter(|day| is_bank_holiday(*day))
                .map(|day| day.format("%m-%d").to_string())
                .collect();
            assert_eq!(holidays.join(" "), known, "{year}");
        }
    }

    #[test]
    fn easter_is_right_at_its_earliest_its_latest_and_between() {
        for (year, known) in [
            (1818, "1818-03-22"),
            (1943, "1943-04-25"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2038, "2038-04-25"),
            (2285, "2285-03-22"),
        ] {
            assert_eq!(easter(year), Some(day(known)));
        }
        for year in 1900..2500 {
            assert_eq!(easter(year).unwrap().weekday(), Weekday::Sun, "{year}");
        }
    }

    #[test]
    fn every_year_has_its_eight_holidays_on_days_that_would_be_worked() {
        for year in 2024..2400 {
            let holidays: Vec<NaiveDate> = days_of(year).filter(|day| is_bank_holiday(*day)).collect();
            assert_eq!(holidays.len(), 8, "{year}");
            assert!(holidays.iter().all(|day| !is_weekend(*day)), "{year}");
        }
    }

    #[test]
    fn working_days_are_counted_past_weekends_holidays_and_the_year_end() {
        // January 2022: Saturday 1, bank holiday on Monday 3; so 4, 5, 6, 7 and 10.
        assert_eq!(nth_working_day(2022, 1, 5), Some(day("2022-01-10")));
        // April 2026: 1, 2, then Good Friday, weekend and Easter Monday; 7, 8, 9.
        assert_eq!(nth_working_day(2026, 4, 5), Some(day("2026-04-09")));
        // June 2022: 1, then two days of jubilee and a weekend; 6, 7, 8, 9.
        assert_eq!(nth_working_day(2022, 6, 5), Some(day("2022-06-09")));
        assert_eq!(nth_working_day(2023, 4, 18), Some(day("2023-04-28")), "a month of 18 working days");
        assert_eq!(nth_working_day(2023, 4, 19), None);
        // December 2027: Friday 31; 27 and 28 are substitutes.
        assert_eq!(last_working_day(2027, 12), Some(day("2027-12-31")));
        assert_eq!(working_days_before(day("2028-01-01"), 4), Some(day("2027-12-24")));
        assert_eq!(working_days_after(day("2027-12-31"), 1), Some(day("2028-01-04")));
        // May 2021: Monday 31 is the Spring holiday.
        assert_eq!(last_working_day(2021, 5), Some(day("2021-05-28")));
        assert_eq!(last_working_day(2024, 2), Some(day("2024-02-29")));
        assert_eq!(working_days_before(day("2026-04-15"), 0), Some(day("2026-04-15")));
    }

    #[test]
    fn a_day_beyond_the_calendar_is_none() {
        assert_eq!(working_days_after(NaiveDate::MAX, 1), None);
        assert_eq!(working_days_before(NaiveDate::MIN, 1), None);
        assert_eq!(last_working_day(NaiveDate::MAX.year(), 12), None);
        assert_eq!(nth_working_day(2026, 13, 1), None);
    }
}
