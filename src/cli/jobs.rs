//! `outturn jobs`: what the service does by itself, for whoever has the store in hand.

use super::{
    Database, Failure,
    user::{open, open_to_read},
};
use crate::{
    schedule::{Job, london::in_words},
    service::{
        Refusal, Service,
        jobs::{JobShown, SlotShown, WhichSlots},
        people::By,
    },
    store::SlotState,
};
use clap::{Args, Subcommand};
use serde::Serialize;

/// Jobs: what the service does by itself, when, and how it went
#[derive(Subcommand)]
pub enum JobsCommand {
    List(List),
    Runs(Runs),
    Run(Run),
    Again(Again),
}

/// List the jobs of an area, or of the whole service, with when they are due next and how the last went
///
/// Example: outturn jobs list --area E10000002
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    of: Of,
}

/// List what was and is due, what is due last first: what it did, or what went wrong
///
/// Example: outturn jobs runs --area E10000002 --state failed
#[derive(Args)]
pub struct Runs {
    #[command(flatten)]
    of: Of,
    /// Of one job, such as "draft pack"
    #[arg(long, value_name = "JOB", value_parser = job)]
    job: Option<Job>,
    /// Only what is waiting, running, done, failed or skipped
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<SlotState>,
    /// How many at the most
    #[arg(long, default_value_t = 50)]
    most: u32,
}

/// Have a job run now, beside its schedule, by a service that runs on the database
///
/// Example: outturn jobs run "back up"
#[derive(Args)]
pub struct Run {
    /// remind, compute, "draft pack", release, "back up", verify or "tidy up"
    #[arg(value_parser = job)]
    job: Job,
    #[command(flatten)]
    of: Of,
}

/// Have something that failed or was skipped run again, by a service that runs on the database
///
/// Example: outturn jobs again 1204
#[derive(Args)]
pub struct Again {
    /// Its number, as runs lists it
    number: u64,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
struct Of {
    /// Of this area; without it, of the whole service
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    area: String,
    /// Print a line of JSON each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl JobsCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            JobsCommand::List(List { of }) => {
                let service = open_to_read(&of.database)?;
                let jobs = service.jobs(By::Operator, &of.area).map_err(no_area)?;
                for job in &jobs {
                    tell(job, of.json, || job_in_words(job))?;
                }
                Ok(())
            }
            JobsCommand::Runs(Runs { of, job, state, most }) => {
                let service = open_to_read(&of.database)?;
                let which = WhichSlots { job, state };
                let (slots, in_all) = service.job_slots(By::Operator, &of.area, which, 0, most)?;
                for slot in &slots {
                    tell(slot, of.json, || slot_in_words(slot))?;
                }
                let further = in_all - slots.len() as u64;
                if further > 0 {
                    eprintln!("{further} more: ask with --most {in_all}");
                }
                Ok(())
            }
            JobsCommand::Run(Run { job, of }) => {
                let (service, asking) = open(&of.database)?;
                let slot = service.run_job_now(By::Operator, &asking, job, &of.area).map_err(no_area)?;
                tell(&slot, of.json, || slot_in_words(&slot))
            }
            JobsCommand::Again(Again { number, json, database }) => {
                let (service, asking) = open(&database)?;
                let slot = again(&service, &asking, number)?;
                tell(&slot, json, || slot_in_words(&slot))
            }
        }
    }
}

fn again(service: &Service, asking: &crate::service::Asking, number: u64) -> Result<SlotShown, Failure> {
    service.run_job_again(By::Operator, asking, number).map_err(|refusal| match refusal {
        Refusal::Absent => Failure::Refused(vec!["Nothing has this number: outturn jobs runs".into()]),
        other => other.into(),
    })
}

fn no_area(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Absent => Failure::Refused(vec![
            "The plan has no such area, or none is loaded: outturn plan load, outturn plan export".into(),
        ]),
        other => other.into(),
    }
}

/// Prints a line of words, or one of JSON.
fn tell(told: &impl Serialize, json: bool, words: impl FnOnce() -> String) -> Result<(), Failure> {
    if json {
        let line = serde_json::to_string(told).map_err(|error| Failure::Failed(error.to_string()))?;
        println!("{line}");
    } else {
        println!("{}", words());
    }
    Ok(())
}

fn job_in_words(job: &JobShown) -> String {
    let next: Vec<String> = job.next.iter().map(|time| in_words(*time)).collect();
    let next = if next.is_empty() { "not planned".to_owned() } else { next.join("; ") };
    let last = job.last.as_ref().map_or("none".to_owned(), |slot| {
        let told = if slot.told.is_empty() { String::new() } else { format!(": {}", slot.told) };
        format!("{}, {}{told}", in_words(slot.due_at), slot.state)
    });
    format!("{}: {}\n  next: {next}\n  last: {last}", job.job, job.schedule)
}

/// What others wrote is shown without what could steer a terminal.
fn slot_in_words(slot: &SlotShown) -> String {
    let state = if slot.outcome.is_empty() { slot.state } else { &slot.outcome };
    let line = format!("{:>6}  {}  {}  {state}  {}", slot.number, in_words(slot.due_at), slot.job, slot.told);
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned()
}

fn job(text: &str) -> Result<Job, String> {
    let names = Job::ALL.map(Job::name).join(", ");
    Job::from_name(&text.trim().to_lowercase().replace('-', " "))
        .ok_or_else(|| format!("write one of {names}"))
}

fn state(text: &str) -> Result<SlotState, String> {
    SlotState::from_name(text)
        .ok_or_else(|| format!("write one of {}", SlotState::ALL.map(SlotState::name).join(", ")))
}
