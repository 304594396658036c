//! Which slots are due: made from the schedules up to now, each once.
//!
//! What was planned stands in the store, so that a restart goes on where the last program stopped and
//! several programs plan each slot once. In memory is only when each job is next due, so that as long
//! as nothing is due nothing is asked.

use crate::{
    plan::{Plan, Schedules},
    schedule::{CatchUp, Due, Job, Schedule, Timetable},
    service::{Refusal, Service},
    store::{NewSlot, Skipped},
};
use chrono::{NaiveDateTime, TimeDelta};
use std::sync::Mutex;

/// A slot that is found so late was missed.
const MISSED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// The most slots that are made of one job at a time.
const MOST_SLOTS: usize = 10_000;
/// What stands between schedules in the words of a timetable.
const BETWEEN: &str = "; ";

/// A job as it is planned: for an area, or for the whole service.
#[derive(Clone, Debug)]
pub struct PlannedJob {
    pub job: Job,
    /// Empty where it is of the whole service.
    pub area_code: String,
    pub timetable: Timetable,
}

/// What is planned under one edition of the plan.
struct Planned {
    /// 0 before the first.
    edition: u32,
    jobs: Vec<(PlannedJob, Next)>,
}

/// When a job is to be planned next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// What was planned before stands in the store.
    Now,
    At(NaiveDateTime),
    Never,
}

/// What is planned by one program.
#[derive(Default)]
pub struct Planner {
    planned: Mutex<Option<Planned>>,
}

impl Planner {
    /// Makes every slot that is due by now; gives how many there were.
    pub fn plan(&self, service: &Service, now: NaiveDateTime) -> Result<usize, Refusal> {
        let mut held = self.planned.lock().expect("nobody stops while holding it");
        let plan = service.plan_if_any()?;
        let edition = plan.as_ref().map_or(0, |plan| plan.edition);
        if held.as_ref().is_none_or(|planned| planned.edition != edition) {
            let jobs = planned_jobs(plan.as_ref().map(|now| &now.plan));
            let jobs = jobs.into_iter().map(|job| (job, Next::Now)).collect();
            *held = Some(Planned { edition, jobs });
        }
        let Some(planned) = held.as_mut() else { return Ok(0) };
        let mut made = 0;
        for (job, next) in &mut planned.jobs {
            let is_due = match *next {
                Next::Now => true,
                Next::At(time) => time <= now,
                Next::Never => false,
            };
            if is_due {
                let (count, then) = plan_one(service, job, now)?;
                made += count;
                *next = then;
            }
        }
        Ok(made)
    }
}

/// Plans one job up to now; gives how many slots were made, and when it is to be planned next.
fn plan_one(service: &Service, planned: &PlannedJob, now: NaiveDateTime) -> Result<(usize, Next), Refusal> {
    let mut store = service.store()?;
    if planned.job == Job::Release {
        store.begin_releases(&planned.area_code, now)?;
        return Ok((0, Next::Never));
    }
    let timetable = &planned.timetable;
    let words = timetable.words();
    let name = (planned.job.name(), planned.area_code.as_str());
    let done = store.plan_job(name, &words, now, |after, earlier| {
        // Until a new schedule was known, the job ran by the one before.
        if earlier == words {
            return slots_of(timetable, after, now);
        }
        let earlier: Result<Vec<Schedule>, String> = earlier.split(BETWEEN).map(Schedule::parse).collect();
        match earlier {
            Ok(schedules) => slots_of(&Timetable { schedules, ..timetable.clone() }, after, now),
            Err(_) => (Vec::new(), now),
        }
    })?;
    let next = timetable.after(done.time).map_or(Next::Never, |due| Next::At(due.at));
    Ok((done.made, next))
}

/// The slots of a schedule that are due after a time and by now, and up to when they are all.
fn slots_of(
    timetable: &Timetable,
    after: NaiveDateTime,
    now: NaiveDateTime,
) -> (Vec<NewSlot>, NaiveDateTime) {
    let mut due = timetable.between(after, now, MOST_SLOTS + 1);
    let further = due.len() > MOST_SLOTS;
    due.truncate(MOST_SLOTS);
    let up_to = match due.last() {
        Some(last) if further => last.at,
        Some(_) | None => now,
    };
    (caught_up(&due, timetable.catch_up, now, further), up_to)
}

/// Which of the slots that are due run, and which were missed and are left out.
///
/// `further`: there are more of them, after these.
fn caught_up(due: &[Due], catch_up: CatchUp, now: NaiveDateTime, further: bool) -> Vec<NewSlot> {
    let slots = due.iter().enumerate().map(|(place, slot)| {
        let is_missed = now - slot.at > MISSED_AFTER;
        let is_last = !further && place + 1 == due.len();
        let left_out = match catch_up {
            CatchUp::All => None,
            CatchUp::Latest if is_last => None,
            CatchUp::Latest => Some("It was missed, and a later one runs instead"),
            CatchUp::None => Some("It was missed, and missed ones of this job do not run"),
        };
        NewSlot { due_at: slot.at, skipped: left_out.filter(|_| is_missed).map(|why| Skipped(why.into())) }
    });
    slots.collect()
}

/// The jobs of every area of the plan, and those of the whole service; its own before there is a plan.
pub fn planned_jobs(plan: Option<&Plan>) -> Vec<PlannedJob> {
    let by_default = Schedules::default();
    let schedules = plan.map_or(&by_default, |plan| &plan.schedules);
    let areas = plan.map(|plan| plan.areas.as_slice()).unwrap_or_default();
    let (of_area, of_service): (Vec<Job>, Vec<Job>) = Job::ALL.into_iter().partition(|job| job.is_of_area());
    let codes = areas.iter().map(|area| area.area.code.as_str());
    let named = codes.flat_map(|code| of_area.iter().map(move |job| (*job, code)));
    let named = named.chain(of_service.iter().map(|job| (*job, "")));
    let planned = named.map(|(job, area_code)| PlannedJob {
        job,
        area_code: area_code.to_owned(),
        timetable: schedules.of(job, area_code).clone(),
    });
    planned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    /// The days of those that run and of those that are left out.
    fn days(catch_up: CatchUp, now: &str) -> (Vec<String>, Vec<String>) {
        let schedules = vec![Schedule::parse("every day at 05:00").unwrap()];
        let (slots, up_to) =
            slots_of(&Timetable { schedules, catch_up }, time("2026-01-01 12:00"), time(now));
        assert_eq!(up_to, time(now));
        let day = |slot: &NewSlot| slot.due_at.format("%-d").to_string();
        let (out, run): (Vec<&NewSlot>, Vec<&NewSlot>) =
            slots.iter().partition(|slot| slot.skipped.is_some());
        (run.into_iter().map(day).collect(), out.into_iter().map(day).collect())
    }

    #[test]
    fn of_missed_slots_all_run_or_the_latest_or_none() {
        let none: [&str; 0] = [];
        for (catch_up, run, out) in [
            (CatchUp::All, &["2", "3", "4"][..], &none[..]),
            (CatchUp::Latest, &["4"], &["2", "3"]),
            (CatchUp::None, &[], &["2", "3", "4"]),
        ] {
            let (found_run, found_out) = days(catch_up, "2026-01-04 08:00");
            assert_eq!(
                (found_run.join(" "), found_out.join(" ")),
                (run.join(" "), out.join(" ")),
                "{catch_up:?}"
            );
        }
    }

    #[test]
    fn a_slot_that_is_found_within_ten_minutes_was_not_missed() {
        assert_eq!(days(CatchUp::None, "2026-01-02 05:10").0, ["2"]);
        assert_eq!(days(CatchUp::None, "2026-01-02 05:11").1, ["2"]);
        // One that is in time takes the place of those that were missed.
        let (run, out) = days(CatchUp::Latest, "2026-01-04 05:05");
        assert_eq!((run.join(" "), out.join(" ")), ("4".to_owned(), "2 3".to_owned()));
    }

    #[test]
    fn more_slots_than_are_made_at_a_time_are_made_in_turn_and_none_is_the_last_before_its_turn() {
        let schedules = vec![Schedule::parse("crontab * * * * *").unwrap()];
        let timetable = Timetable { schedules, catch_up: CatchUp::Latest };
        let (start, now) = (time("2026-01-01 00:00"), time("2026-01-08 00:00"));
        let (slots, up_to) = slots_of(&timetable, start, now);
        assert_eq!(slots.len(), MOST_SLOTS);
        assert!(slots.iter().all(|slot| slot.skipped.is_some()));
        assert_eq!(up_to, start + TimeDelta::minutes(MOST_SLOTS as i64));
        let (rest, up_to) = slots_of(&timetable, up_to, now);
        assert_eq!((rest.len(), up_to), (7 * 24 * 60 - MOST_SLOTS, now));
        assert_eq!(rest.iter().filter(|slot| slot.skipped.is_none()).count(), 11);
    }
}
