//! What schedules mean, by examples that can be checked against a calendar; and what holds of all.

mod clocks;
mod properties;
mod reading;

use super::*;
use chrono::NaiveDate;

fn schedule(text: &str) -> Schedule {
    Schedule::parse(text).unwrap_or_else(|fault| panic!("\"{text}\" {fault}"))
}

fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// What clocks show at the first times from the start of a day on.
fn shown(text: &str, from: &str, count: usize) -> Vec<String> {
    let day: NaiveDate = from.parse().unwrap();
    let before = day.and_hms_opt(0, 0, 0).unwrap() - TimeDelta::minutes(90);
    let to_come = schedule(text).between(before, time("2200-01-01 00:00"), count + 1440);
    let walls = to_come.iter().filter(|due| due.wall.date() >= day).take(count);
    walls.map(|due| due.wall.format("%Y-%m-%d %H:%M").to_string()).collect()
}

#[test]
fn the_fifth_working_day_minds_bank_holidays_and_year_ends() {
    assert_eq!(
        shown("5th working day of the month at 06:00", "2025-12-01", 6),
        [
            "2025-12-05 06:00",
            // Thursday 1 January is a holiday: 2, 5, 6, 7, 8.
            "2026-01-08 06:00",
            "2026-02-06 06:00",
            "2026-03-06 06:00",
            // Good Friday 3, Easter Monday 6: 1, 2, 7, 8, 9.
            "2026-04-09 06:00",
            // Monday 4 is Early May: 1, 5, 6, 7, 8.
            "2026-05-08 06:00",
        ]
    );
}

#[test]
fn the_last_working_day_minds_bank_holidays_and_leap_days() {
    assert_eq!(
        shown("last working day of the month at 17:00", "2027-12-01", 4),
        // 2028 begins on a Saturday; its February ends on Tuesday 29.
        ["2027-12-31 17:00", "2028-01-31 17:00", "2028-02-29 17:00", "2028-03-31 17:00"]
    );
    // Monday 31 August 2026 is the Summer holiday.
    assert_eq!(shown("last working day of the month at 17:00", "2026-08-01", 1), ["2026-08-28 17:00"]);
}

#[test]
fn working_days_before_a_day_may_lie_in_the_month_before() {
    assert_eq!(
        shown("3 working days before the 15th of the month at 09:00", "2026-03-01", 3),
        // Sunday 15 March: 13, 12, 11. Wednesday 15 April: 14, 13, 10. Friday 15 May: 14, 13, 12.
        ["2026-03-11 09:00", "2026-04-10 09:00", "2026-05-12 09:00"]
    );
    assert_eq!(
        shown("2 working days before the 1st of the month at 09:00", "2025-12-29", 2),
        // Before 1 January: 31 and 30 December. Before Sunday 1 February: 30 and 29 January.
        ["2025-12-30 09:00", "2026-01-29 09:00"]
    );
    assert_eq!(
        shown("15 working days before the 1st of the month at 09:00", "2025-12-01", 2),
        // Christmas, Boxing Day and the weekends excepted: 31, 30, 29, 24, 23, 22, 19 … 15, 12, 11, 10, 9.
        ["2025-12-09 09:00", "2026-01-12 09:00"]
    );
}

#[test]
fn working_days_leave_out_weekends_and_holidays() {
    assert_eq!(
        shown("every working day at 09:00", "2026-12-24", 4),
        // Boxing Day is a Saturday, so Monday 28 is its substitute.
        ["2026-12-24 09:00", "2026-12-29 09:00", "2026-12-30 09:00", "2026-12-31 09:00"]
    );
}

#[test]
fn days_of_the_week_and_of_the_month_are_found() {
    assert_eq!(
        shown("every Monday and Thursday at 07:30", "2026-11-28", 3),
        ["2026-11-30 07:30", "2026-12-03 07:30", "2026-12-07 07:30"]
    );
    assert_eq!(shown("every Sunday at 04:00", "2026-11-29", 2), ["2026-11-29 04:00", "2026-12-06 04:00"]);
    assert_eq!(shown("15th of the month at 06:00", "2026-12-16", 1), ["2027-01-15 06:00"]);
    assert_eq!(shown("0 0 29 FEB *", "2026-01-01", 2), ["2028-02-29 00:00", "2032-02-29 00:00"]);
    assert_eq!(
        shown("0 0 29 FEB *", "2096-01-01", 2),
        ["2096-02-29 00:00", "2104-02-29 00:00"],
        "2100 is no leap year"
    );
    assert_eq!(
        shown("0 9 31 * *", "2026-01-01", 3),
        ["2026-01-31 09:00", "2026-03-31 09:00", "2026-05-31 09:00"]
    );
    assert_eq!(shown("0 9 * * MON-FRI", "2026-11-28", 2), ["2026-11-30 09:00", "2026-12-01 09:00"]);
}

#[test]
fn a_day_of_the_month_and_of_the_week_must_both_hold() {
    assert_eq!(
        shown("0 6 13 * FRI", "2026-01-01", 3),
        ["2026-02-13 06:00", "2026-03-13 06:00", "2026-11-13 06:00"]
    );
}

#[test]
fn a_window_begins_after_its_start_and_ends_with_its_end() {
    let daily = schedule("every day at 05:00");
    let (first, second) = (time("2026-12-01 05:00"), time("2026-12-02 05:00"));
    let at = |dues: Vec<Due>| dues.iter().map(|due| due.at).collect::<Vec<_>>();
    assert_eq!(at(daily.between(first, second, 9)), [second]);
    assert_eq!(at(daily.between(first - TimeDelta::seconds(1), second, 9)), [first, second]);
    assert_eq!(at(daily.between(first - TimeDelta::seconds(1), second, 1)), [first]);
    assert_eq!(at(daily.between(second, first, 9)), []);
    assert_eq!(daily.after(NaiveDateTime::MIN), None);
    assert_eq!(daily.after(NaiveDateTime::MAX), None);
    assert_eq!(schedule("never").after(first), None);
}

#[test]
fn a_timetable_is_due_whenever_one_of_its_schedules_is_and_once_where_two_are() {
    let schedules = ["every day at 05:00", "every Sunday at 05:00", "every Sunday at 04:00"].map(schedule);
    let timetable = Timetable { schedules: schedules.to_vec(), catch_up: CatchUp::All };
    let dues = timetable.between(time("2026-11-28 12:00"), time("2026-11-30 12:00"), 9);
    let told: Vec<String> = dues.iter().map(|due| due.wall.format("%a %H").to_string()).collect();
    assert_eq!(told, ["Sun 04", "Sun 05", "Mon 05"]);
    assert_eq!(timetable.words(), "every day at 05:00; every Sunday at 05:00; every Sunday at 04:00");
    assert_eq!(Timetable::default().after(time("2026-11-28 12:00")), None);
    assert_eq!(Timetable::default().words(), "no schedule");
}

#[test]
fn every_job_has_a_name_of_its_own_and_all_but_release_a_schedule() {
    for (job, timetable) in default_schedules() {
        assert_eq!(Job::from_name(job.name()), Some(*job));
        assert_eq!(default_of(*job), timetable);
        assert_eq!(timetable.schedules.is_empty(), !job.has_schedule());
        assert!(timetable.schedules.iter().all(|schedule| schedule.warning().is_none()));
    }
    for catch_up in CatchUp::ALL {
        assert_eq!(CatchUp::from_name(catch_up.name()), Some(catch_up));
    }
    assert_eq!(default_of(Job::DraftPack).words(), "12th working day of the month at 06:00");
    assert_eq!(Job::from_name("Remind"), None);
}
