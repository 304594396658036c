//! When the service does its own work, where that was agreed otherwise than by default.

use super::{
    findings::Findings,
    index::AreaIndex,
    tables::{Row, Tables},
};
use crate::schedule::{CatchUp, Job, Schedule, Timetable, default_of};
use std::collections::{BTreeMap, HashMap};

/// The timetables that a plan gives.
#[derive(Clone, Debug, Default)]
pub struct Schedules(HashMap<String, BTreeMap<Job, Timetable>>);

/// Under which code stands what holds in every area, and for the whole service.
const EVERY_AREA: &str = "";

impl Schedules {
    /// When a job is due: in an area as the plan says for it, else as it says for every area, else as by
    /// default. A job of the whole service has the empty area code.
    pub fn of(&self, job: Job, area_code: &str) -> &Timetable {
        let of_area = self.0.get(area_code).and_then(|jobs| jobs.get(&job));
        let of_every_area = || self.0.get(EVERY_AREA).and_then(|jobs| jobs.get(&job));
        of_area.or_else(of_every_area).unwrap_or_else(|| default_of(job))
    }

    /// The schedules of these areas, and those of every area.
    pub fn only(&self, codes: &[String]) -> Schedules {
        let kept = self.0.iter().filter(|(code, _)| code.is_empty() || codes.contains(code));
        Schedules(kept.map(|(code, jobs)| (code.clone(), jobs.clone())).collect())
    }
}

/// Whose job a row speaks of: the area's code and the job.
type Whose<'t> = (&'t str, Job);

/// Reads when each job is due.
pub fn schedules(tables: &Tables, areas: &AreaIndex<'_>, findings: &mut Findings) -> Schedules {
    let table = tables.get("schedules");
    let [area, job, schedule, catch_up] = table.columns(["area_code", "job", "schedule", "catch_up"]);
    let mut schedules = Schedules::default();
    let mut rows: HashMap<Whose<'_>, Vec<(u32, Schedule, CatchUp)>> = HashMap::new();
    for row in table.rows() {
        let code = row.text(area);
        let is_known = code.is_empty() || areas.find(row, area, findings).is_some();
        let job = job_of(row, job, findings);
        let parsed = schedule_of(row, schedule, findings);
        let catch_up_of_row = catch_up_of(row, catch_up, findings);
        if let Some(job) = job.filter(|job| !job.is_of_area() && !code.is_empty()) {
            findings.at_cell(
                row,
                area,
                "AREA",
                format!(
                    "is given for \"{}\", which is done once for the whole service. Leave it empty",
                    job.name()
                ),
            );
            continue;
        }
        let (true, Some(job), Some(parsed), Some(policy)) = (is_known, job, parsed, catch_up_of_row) else {
            continue;
        };
        let before = rows.entry((code, job)).or_default();
        if let Some((first, _, _)) = before.iter().find(|(_, other, _)| *other == parsed) {
            let remedy = format!("stands in row {first} for the same job already. Keep one of the two rows");
            findings.at_cell(row, schedule, "DUPLICATE", remedy);
            continue;
        }
        if let Some((first, other, other_policy)) = before.first() {
            if other.is_never() || parsed.is_never() {
                let remedy = format!("contradicts row {first} for the same job. Keep one of the two rows");
                findings.at_cell(row, schedule, "NEVER", remedy);
            }
            if *other_policy != policy {
                let remedy = format!(
                    "is not what row {first} says for the same job (\"{}\"). Write the same in both rows",
                    other_policy.name()
                );
                findings.at_cell(row, catch_up, "CATCH_UP", remedy);
            }
        }
        if let Some(warning) = parsed.warning() {
            findings.note_at_cell(row, schedule, "CLOCKS", warning);
        }
        before.push((row.number(), parsed.clone(), policy));
        let timetable = schedules.0.entry(code.to_owned()).or_default().entry(job).or_default();
        timetable.schedules.push(parsed);
        timetable.catch_up = policy;
    }
    schedules
}

fn job_of(row: Row<'_>, column: usize, findings: &mut Findings) -> Option<Job> {
    if row.text(column) == Job::Release.name() {
        let remedy = "has no schedule: packs are released at the time chosen for each. Take the row out";
        findings.at_cell(row, column, "JOB", remedy);
        return None;
    }
    let scheduled = Job::ALL.into_iter().filter(|job| job.has_schedule());
    let choices: Vec<(&str, Job)> = scheduled.map(|job| (job.name(), job)).collect();
    findings.choice(row, column, &choices)
}

fn schedule_of(row: Row<'_>, column: usize, findings: &mut Findings) -> Option<Schedule> {
    match Schedule::parse(findings.filled(row, column)?) {
        Ok(schedule) => Some(schedule),
        Err(remedy) => {
            findings.at_cell(row, column, "SCHEDULE", remedy);
            None
        }
    }
}

fn catch_up_of(row: Row<'_>, column: usize, findings: &mut Findings) -> Option<CatchUp> {
    if row.text(column).is_empty() {
        return Some(CatchUp::default());
    }
    findings.choice(row, column, &CatchUp::ALL.map(|catch_up| (catch_up.name(), catch_up)))
}
