//! What holds of every schedule, held against answers found in other ways.

use super::*;
use chrono::{DateTime, Utc, Weekday};
use proptest::prelude::*;
use std::str::FromStr;

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A schedule as somebody may write it.
fn written() -> impl Strategy<Value = String> {
    let clock = || (0..24u32, 0..60u32).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let names = prop::collection::vec(prop::sample::select(&NAMES[..]), 1..8);
    prop_oneof![
        clock().prop_map(|clock| format!("every day at {clock}")),
        clock().prop_map(|clock| format!("every working day at {clock}")),
        (names, clock()).prop_map(|(names, clock)| format!("every {} at {clock}", names.join(", "))),
        Just("every hour".to_owned()),
        prop::sample::select(vec![5, 6, 10, 12, 15, 20, 30]).prop_map(|step| format!("every {step} minutes")),
        (1..16u32, clock()).prop_map(|(nth, clock)| format!("{nth}th working day of the month at {clock}")),
        clock().prop_map(|clock| format!("last working day of the month at {clock}")),
        (1..29u32, clock()).prop_map(|(day, clock)| format!("{day}th of the month at {clock}")),
        (1..16u32, 1..29u32, clock()).prop_map(|(count, day, clock)| format!(
            "{count} working days before the {day}th of the month at {clock}"
        )),
        crontab(),
    ]
}

/// A crontab that the crate reads as it stands, without ranges of days of the week.
fn crontab() -> impl Strategy<Value = String> {
    let field = |first: u32, last: u32| {
        prop_oneof![
            3 => Just("*".to_owned()),
            3 => (first..=last).prop_map(|value| value.to_string()),
            2 => (first..=last, first..=last).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
            1 => (1..=last.min(31)).prop_map(|step| format!("*/{step}")),
            1 => prop::collection::vec(first..=last, 1..5).prop_map(|values| {
                values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
            }),
        ]
    };
    let weekday = prop_oneof![
        2 => Just("*".to_owned()),
        1 => prop::collection::vec(prop::sample::select(&NAMES[..]), 1..4).prop_map(|names| names.join(",")),
    ];
    (field(0, 59), field(0, 23), field(1, 31), field(1, 12), weekday)
        .prop_map(|(minute, hour, day, month, weekday)| format!("{minute} {hour} {day} {month} {weekday}"))
        .prop_filter("a day that its months have", |text| Schedule::parse(text).is_ok())
}

/// Instants of four years, to the second, many of them near a change of clocks.
fn instant() -> impl Strategy<Value = NaiveDateTime> {
    let from = |text: &'static str, seconds: i64| {
        (0..seconds).prop_map(move |seconds| time(text) + TimeDelta::seconds(seconds))
    };
    prop_oneof![
        from("2026-01-01 00:00", 4 * 365 * 86_400),
        from("2026-03-28 22:00", 8 * 3_600),
        from("2026-10-24 22:00", 8 * 3_600),
        from("2027-12-24 00:00", 12 * 86_400),
    ]
}

/// Whether a day is among a schedule's, asked of the day alone.
fn holds_on(days: Days, day: NaiveDate) -> bool {
    let working_days_since = |first: NaiveDate| {
        first
            .iter_days()
            .take_while(|other| *other <= day)
            .filter(|day| calendar::is_working_day(*day))
            .count()
    };
    let first = day.with_day(1).unwrap();
    match days {
        Days::Never => false,
        Days::Dates(dates) => {
            let weekday = day.weekday().num_days_from_monday();
            dates.months >> day.month() & 1 == 1
                && dates.days >> day.day() & 1 == 1
                && dates.weekdays >> weekday & 1 == 1
        }
        Days::EachWorkingDay => calendar::is_working_day(day),
        Days::NthWorkingDay(count) => {
            calendar::is_working_day(day) && working_days_since(first) == count as usize
        }
        Days::LastWorkingDay => {
            let later = day.iter_days().skip(1).take_while(|other| other.month() == day.month());
            calendar::is_working_day(day) && !later.into_iter().any(calendar::is_working_day)
        }
        Days::WorkingDaysBefore { count, day: before } => {
            let later = day.iter_days().take(50).filter(|other| other.day() == before && *other > day);
            calendar::is_working_day(day)
                && later.into_iter().any(|end| {
                    let between = day.iter_days().take_while(|other| *other < end);
                    between.filter(|day| calendar::is_working_day(*day)).count() == count as usize
                })
        }
    }
}

/// Every instant of a window at which a schedule is due, found by looking at each minute of each day.
fn looked_for(schedule: &Schedule, (after, up_to): (NaiveDateTime, NaiveDateTime)) -> Vec<NaiveDateTime> {
    let days = (after.date() - TimeDelta::days(1)).iter_days();
    let days = days.take_while(|day| *day <= up_to.date() + TimeDelta::days(1));
    let walls = days.filter(|day| holds_on(schedule.days, *day)).flat_map(|day| {
        let minutes = (0..1440).map(move |minute| day.and_hms_opt(minute / 60, minute % 60, 0).unwrap());
        minutes.filter(|wall| {
            schedule.times.hours >> wall.hour() & 1 == 1 && schedule.times.minutes >> wall.minute() & 1 == 1
        })
    });
    let mut found: Vec<NaiveDateTime> = walls.map(|wall| london::instant_of(wall).unwrap().0).collect();
    found.sort_unstable();
    found.dedup();
    found.retain(|at| after < *at && *at <= up_to);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_times_of_a_window_are_all_that_there_are_in_order_and_once(
        text in written(), from in instant(), hours in 0..1_000i64,
    ) {
        let schedule = schedule(&text);
        let window = (from, from + TimeDelta::hours(hours));
        let dues = schedule.between(window.0, window.1, usize::MAX);
        prop_assert!(dues.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].wall < pair[1].wall));
        prop_assert!(dues.iter().all(|due| london::wall_at(due.at) == due.wall));
        let at: Vec<NaiveDateTime> = dues.iter().map(|due| due.at).collect();
        prop_assert_eq!(at, looked_for(&schedule, window));
    }

    #[test]
    fn a_window_has_the_same_times_however_it_is_cut_and_stepped_through(
        text in written(), from in instant(), cuts in prop::collection::vec(0..40 * 86_400i64, 1..6),
        most in 0..50usize,
    ) {
        let schedule = schedule(&text);
        let mut ends: Vec<NaiveDateTime> = cuts.iter().map(|cut| from + TimeDelta::seconds(*cut)).collect();
        ends.sort_unstable();
        let up_to = *ends.last().unwrap();
        let whole = schedule.between(from, up_to, usize::MAX);
        let mut parts = Vec::new();
        let mut start = from;
        for end in ends {
            parts.extend(schedule.between(start, end, usize::MAX));
            start = end;
        }
        prop_assert_eq!(&parts, &whole);
        let mut stepped = Vec::new();
        let mut now = from;
        while let Some(due) = schedule.after(now).filter(|due| due.at <= up_to) {
            prop_assert!(due.at > now);
            stepped.push(due);
            now = due.at;
        }
        prop_assert_eq!(&stepped, &whole);
        prop_assert_eq!(schedule.between(from, up_to, most), &whole[..most.min(whole.len())]);
    }

    #[test]
    fn a_crontab_shows_the_times_that_its_crate_finds_where_no_clock_is_changed(
        text in crontab(), from in instant(),
    ) {
        let by_crate = cron::Schedule::from_str(&format!("0 {text}")).unwrap();
        let dressed: DateTime<Utc> = from.and_utc();
        let known: Vec<NaiveDateTime> =
            by_crate.after(&dressed).take(20).map(|time| time.naive_utc()).filter(|time| time.year() < 2060).collect();
        let schedule = schedule(&text);
        let mut found = Vec::new();
        let mut wall = from.with_second(0).unwrap();
        while found.len() < known.len() {
            wall = schedule.shown_from(wall + TimeDelta::minutes(1)).unwrap();
            found.push(wall);
        }
        prop_assert_eq!(found, known);
    }

    #[test]
    fn a_schedule_said_in_words_is_read_as_itself(text in written()) {
        let schedule = schedule(&text);
        let words = schedule.words();
        let again = Schedule::parse(&words).unwrap();
        prop_assert_eq!(again.words(), words);
        prop_assert_eq!(again, schedule);
    }

    #[test]
    fn whatever_is_written_is_read_or_answered(text in any::<String>(), at in any::<i64>()) {
        if let Err(fault) = Schedule::parse(&text) {
            prop_assert!(fault.contains("Write"));
        }
        let utc = DateTime::from_timestamp(at % 9_000_000_000_000, 0).map(|time| time.naive_utc());
        schedule("every 15 minutes").after(utc.unwrap_or_default());
    }

    #[test]
    fn words_and_fields_in_any_order_are_read_or_answered(
        words in prop::collection::vec(prop::sample::select(&[
            "every", "day", "days", "working", "of", "the", "month", "at", "05:00", "24:00", "last", "5th",
            "31st", "before", "3", "Sunday", "and", ",", "on", "never", "crontab", "*", "*/5", "1-5",
            "MON-FRI", "4294967296", "0", "@", "FRI-MON,SUN", "1-99999999", "*/4294967295", "-", "first",
        ][..]), 0..12),
    ) {
        match Schedule::parse(&words.join(" ")) {
            Ok(schedule) => prop_assert_eq!(Schedule::parse(&schedule.words()), Ok(schedule)),
            Err(fault) => prop_assert!(fault.contains("Write")),
        }
    }
}

#[test]
fn a_leap_day_on_any_day_of_the_week_comes_within_forty_years() {
    for weekday in
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun]
    {
        let leap_day = schedule(&format!("0 6 29 2 {weekday}"));
        let mut now = time("2000-01-01 00:00");
        while now.year() < 2300 {
            now = leap_day.after(now).expect("it comes again").at;
            assert_eq!((now.day(), now.weekday()), (29, weekday));
        }
    }
}

#[test]
fn a_thousand_timetables_are_asked_within_a_second() {
    let asked = [
        "every working day at 09:00",
        "12th working day of the month at 06:00",
        "*/7 8-18 * * MON-FRI",
        "0 6 29 2 MON",
    ];
    let schedules = asked.map(schedule);
    let began = std::time::Instant::now();
    for second in 0..10_000 {
        let now = time("2026-11-28 12:00") + TimeDelta::seconds(second * 997);
        assert!(schedules[second as usize % 4].after(now).is_some());
    }
    let micros = began.elapsed().as_micros() / 10_000;
    assert!(micros < 1_000, "{micros} µs each, without optimisation");
}
