//! Changes of clocks: on 29 March 2026 from 01:00 to 02:00, on 25 October 2026 from 02:00 to 01:00.

use super::*;

/// Instants in UTC and what clocks show then, on a day in England.
fn on_day(text: &str, day: &str) -> Vec<(String, String)> {
    let day: NaiveDate = day.parse().unwrap();
    let noon = day.and_hms_opt(12, 0, 0).unwrap();
    let dues = schedule(text).between(noon - TimeDelta::hours(14), noon + TimeDelta::hours(14), 1_000);
    let of_day = dues.iter().filter(|due| due.wall.date() == day);
    let hour = |time: NaiveDateTime| time.format("%H:%M").to_string();
    of_day.map(|due| (hour(due.at), hour(due.wall))).collect()
}

fn pairs(known: &[(&str, &str)]) -> Vec<(String, String)> {
    known.iter().map(|(at, wall)| ((*at).to_owned(), (*wall).to_owned())).collect()
}

#[test]
fn what_falls_in_the_gap_is_due_once_at_the_first_instant_after() {
    assert_eq!(on_day("every day at 01:30", "2026-03-29"), pairs(&[("01:00", "02:00")]));
    assert_eq!(on_day("every day at 01:00", "2026-03-29"), pairs(&[("01:00", "02:00")]));
    assert_eq!(on_day("every day at 00:59", "2026-03-29"), pairs(&[("00:59", "00:59")]));
    assert_eq!(on_day("every day at 02:00", "2026-03-29"), pairs(&[("01:00", "02:00")]));
    assert_eq!(on_day("0 1,2 * * *", "2026-03-29"), pairs(&[("01:00", "02:00")]), "two times, one instant");
}

#[test]
fn what_falls_in_the_fold_is_due_once_at_the_first_of_the_two() {
    assert_eq!(on_day("every day at 01:30", "2026-10-25"), pairs(&[("00:30", "01:30")]));
    assert_eq!(on_day("every day at 01:00", "2026-10-25"), pairs(&[("00:00", "01:00")]));
    assert_eq!(on_day("every day at 02:00", "2026-10-25"), pairs(&[("02:00", "02:00")]));
}

#[test]
fn every_half_hour_goes_through_the_fold_in_order_each_time_once() {
    let dues = on_day("every 30 minutes", "2026-10-25");
    assert_eq!(dues.len(), 48);
    assert_eq!(
        dues[..6],
        pairs(&[
            ("23:00", "00:00"),
            ("23:30", "00:30"),
            ("00:00", "01:00"),
            ("00:30", "01:30"),
            ("02:00", "02:00"),
            ("02:30", "02:30"),
        ])
    );
}

#[test]
fn every_half_hour_goes_through_the_gap_in_order_without_the_hour_that_is_not() {
    let dues = on_day("every 30 minutes", "2026-03-29");
    assert_eq!(dues.len(), 46);
    assert_eq!(
        dues[..4],
        pairs(&[("00:00", "00:00"), ("00:30", "00:30"), ("01:00", "02:00"), ("01:30", "02:30")])
    );
}

#[test]
fn from_within_the_second_hour_of_the_fold_nothing_is_due_again() {
    let half_hours = schedule("every 30 minutes");
    for now in ["2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:29", "2026-10-25 01:59"] {
        assert_eq!(half_hours.after(time(now)).unwrap().at, time("2026-10-25 02:00"), "{now}");
    }
}

#[test]
fn the_time_of_day_in_england_is_the_same_in_summer_and_winter() {
    let at = |from| schedule("every day at 05:00").after(time(from)).unwrap().at;
    assert_eq!(at("2026-01-10 00:00"), time("2026-01-10 05:00"));
    assert_eq!(at("2026-07-10 00:00"), time("2026-07-10 04:00"));
    assert_eq!(at("2026-07-09 23:30"), time("2026-07-10 04:00"));
    assert_eq!(at("2060-07-10 00:00"), time("2060-07-10 04:00"), "the rule is known for long");
}

#[test]
fn every_change_of_clocks_for_fifty_years_has_each_daily_time_once() {
    let daily = schedule("every day at 01:30");
    let dues = daily.between(time("2020-01-01 00:00"), time("2070-01-01 00:00"), usize::MAX);
    // Fifty years of which 2020, 2024 … 2068 are leap years.
    assert_eq!(dues.len(), 50 * 365 + 13);
    assert!(dues.windows(2).all(|pair| pair[0].wall.date().succ_opt() == Some(pair[1].wall.date())));
    let moved = dues.iter().filter(|due| due.wall.hour() != 1).count();
    assert_eq!(moved, 50, "once each March");
}

#[test]
fn a_schedule_that_a_change_of_clocks_moves_says_so() {
    for moved in
        ["every day at 01:30", "every Sunday at 01:00", "30 1 25-31 MAR *", "27th of the month at 01:59"]
    {
        assert!(schedule(moved).warning().is_some(), "{moved}");
    }
    for still in [
        "every day at 00:59",
        "every day at 02:00",
        "every Monday at 01:30",
        "every working day at 01:30",
        "15th of the month at 01:30",
        "30 1 * JUN *",
        "every hour",
        "every 15 minutes",
    ] {
        assert_eq!(schedule(still).warning(), None, "{still}");
    }
}
