//! What the clock does, and when it does it unless a plan says otherwise.

use super::{Due, Schedule, dues};
use chrono::NaiveDateTime;
use std::sync::LazyLock;

/// A piece of work that the service does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    Remind,
    Compute,
    DraftPack,
    Release,
    BackUp,
    Verify,
    TidyUp,
}

impl Job {
    /// Every job: those of an area, then those of the whole service.
    pub const ALL: [Job; 7] =
        [Job::Remind, Job::Compute, Job::DraftPack, Job::Release, Job::BackUp, Job::Verify, Job::TidyUp];

    /// As it stands in a plan and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Job::Remind => "remind",
            Job::Compute => "compute",
            Job::DraftPack => "draft pack",
            Job::Release => "release",
            Job::BackUp => "back up",
            Job::Verify => "verify",
            Job::TidyUp => "tidy up",
        }
    }

    pub fn from_name(name: &str) -> Option<Job> {
        Job::ALL.into_iter().find(|job| job.name() == name)
    }

    /// What it does, as a page says it.
    pub fn words(self) -> &'static str {
        match self {
            Job::Remind => "Remind partners of returns",
            Job::Compute => "Work out the figures",
            Job::DraftPack => "Draft the month’s pack",
            Job::Release => "Release packs",
            Job::BackUp => "Back up the database",
            Job::Verify => "Verify the audit record and a pack",
            Job::TidyUp => "Tidy up",
        }
    }

    /// Whether it is done area by area; else once for the whole service.
    pub fn is_of_area(self) -> bool {
        match self {
            Job::Remind | Job::Compute | Job::DraftPack | Job::Release => true,
            Job::BackUp | Job::Verify | Job::TidyUp => false,
        }
    }

    /// Whether a schedule says when it is due; packs are released at the time chosen for each.
    pub fn has_schedule(self) -> bool {
        match self {
            Job::Release => false,
            Job::Remind | Job::Compute | Job::DraftPack | Job::BackUp | Job::Verify | Job::TidyUp => true,
        }
    }
}

/// What becomes of the times that were missed while the service was down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CatchUp {
    /// Each is made up for.
    All,
    /// The last is made up for.
    #[default]
    Latest,
    /// They are left out.
    None,
}

impl CatchUp {
    pub const ALL: [CatchUp; 3] = [CatchUp::All, CatchUp::Latest, CatchUp::None];

    /// As it stands in a plan.
    pub fn name(self) -> &'static str {
        match self {
            CatchUp::All => "all",
            CatchUp::Latest => "latest",
            CatchUp::None => "none",
        }
    }

    pub fn from_name(name: &str) -> Option<CatchUp> {
        CatchUp::ALL.into_iter().find(|catch_up| catch_up.name() == name)
    }
}

/// When a job is due: whenever any of its schedules says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timetable {
    pub schedules: Vec<Schedule>,
    pub catch_up: CatchUp,
}

impl Timetable {
    /// The first time after an instant, in UTC.
    pub fn after(&self, utc: NaiveDateTime) -> Option<Due> {
        self.schedules.iter().filter_map(|schedule| schedule.after(utc)).min()
    }

    /// The times after an instant up to another, that one included, each once; at most so many, the
    /// earliest.
    pub fn between(&self, after: NaiveDateTime, up_to: NaiveDateTime, most: usize) -> Vec<Due> {
        dues(|utc| self.after(utc), (after, up_to), most)
    }

    /// Its schedules in words; `no schedule` where it has none.
    pub fn words(&self) -> String {
        let words: Vec<String> = self.schedules.iter().map(Schedule::words).collect();
        if words.is_empty() { "no schedule".into() } else { words.join("; ") }
    }
}

/// When each job is due unless a plan says otherwise, in the order of [`Job::ALL`].
pub fn default_schedules() -> &'static [(Job, Timetable); 7] {
    static DEFAULTS: LazyLock<[(Job, Timetable); 7]> = LazyLock::new(|| {
        Job::ALL.map(|job| {
            let schedule = default_words(job).map(|words| Schedule::parse(words).expect("a known form"));
            (job, Timetable { schedules: schedule.into_iter().collect(), catch_up: CatchUp::Latest })
        })
    });
    &DEFAULTS
}

/// When the job is due unless a plan says otherwise.
pub fn default_of(job: Job) -> &'static Timetable {
    &default_schedules()[job as usize].1
}

fn default_words(job: Job) -> Option<&'static str> {
    match job {
        Job::Remind => Some("every working day at 09:00"),
        Job::Compute => Some("every day at 05:00"),
        Job::DraftPack => Some("12th working day of the month at 06:00"),
        Job::Release => None,
        Job::BackUp => Some("every day at 00:15"),
        Job::Verify => Some("every Sunday at 04:00"),
        Job::TidyUp => Some("every day at 03:30"),
    }
}
