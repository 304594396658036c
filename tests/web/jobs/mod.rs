//! The service's own work: planned, claimed and run, once each, whatever goes wrong.

mod claims;
mod effects;
mod failing;
mod pages;
mod planning;

use crate::site::TestSite;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_types::BigInt};
use outturn::{
    schedule::Job,
    service::{
        Asking, Service,
        jobs::{Effects, Fault, JobSettings, Task, Work, Worker, worker::Ran},
        people::By,
    },
    store::{DatabaseUrl, Deed, Ending, JobSlot, NewSlot, Outcome, SlotQuery},
};
use std::sync::Arc;

/// The example's clock starts at 10:00 on 8 December 2015, a Tuesday.
fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// Puts the service's clock to a time.
fn at(service: &Service, text: &str) {
    service.clock.put_forward(time(text) - service.clock.now());
}

fn asking(service: &Service) -> Asking {
    Asking { now: service.clock.now(), request_id: "test".into(), address: String::new() }
}

/// A worker that does what the service does.
fn worker(site: &TestSite) -> Worker {
    worker_with(&site.site.service, Box::new(Work::new(JobSettings::default())))
}

fn worker_with(service: &Arc<Service>, effects: Box<dyn Effects>) -> Worker {
    Worker::new(Arc::clone(service), effects, "a test".into())
}

/// Plans what is due by now, and runs it until nothing is left.
fn run_all(worker: &Worker) -> Vec<Ran> {
    worker.plan().unwrap();
    let mut ran = Vec::new();
    while let Some(one) = worker.run_next().unwrap() {
        ran.push(one);
    }
    ran
}

/// Has a job run now, and gives what came of it.
fn run_now(site: &TestSite, worker: &Worker, job: Job, area_code: &str) -> JobSlot {
    let service = &site.site.service;
    let slot = service.run_job_now(By::Operator, &asking(service), job, area_code).unwrap();
    // It is due now, and now is some thousandths of a second later.
    while worker.run_next().unwrap().is_some() {}
    service.store().unwrap().job_slot(slot.number).unwrap().unwrap()
}

fn slots(service: &Service) -> Vec<JobSlot> {
    service.store().unwrap().job_slots(&SlotQuery::default(), 0, 100_000).unwrap().0
}

/// Makes a slot of a job of the whole service for each second before a time.
fn make_slots(service: &Service, count: i64, before: NaiveDateTime) {
    let mut store = service.store().unwrap();
    let job = (Job::TidyUp.name(), "");
    let start = before - TimeDelta::seconds(count + 1);
    store.plan_job(job, "never", start, |_, _| unreachable!()).unwrap();
    let made = store
        .plan_job(job, "never", before, |after, _| {
            let due = (1..=count).map(|second| after + TimeDelta::seconds(second));
            (due.map(|due_at| NewSlot { due_at, skipped: None }).collect(), before)
        })
        .unwrap();
    assert_eq!(made.made as i64, count);
}

/// Leaves an entry in the record for each slot, and does whatever else it is told to.
struct Noting<F>(F);

fn noted(effect: impl Fn(&Task<'_>) -> Result<(), Fault> + Send + Sync + 'static) -> Box<dyn Effects> {
    Box::new(Noting(effect))
}

impl<F: Fn(&Task<'_>) -> Result<(), Fault> + Send + Sync> Effects for Noting<F> {
    fn run(&self, task: &Task<'_>) -> Result<Outcome, Fault> {
        (self.0)(task)?;
        let slot = task.claimed.claim.slot;
        let outcome = Outcome::Changed("noted".into());
        let deed = Deed { at: task.now, deed: "test effect", subject: slot.to_string(), ..Deed::default() };
        let ending = Ending {
            claim: task.claimed.claim,
            at: task.now,
            outcome: &outcome,
            messages: &[],
            deed: Some(&deed),
        };
        task.service.change(|store| store.end_job(&ending))?;
        Ok(outcome)
    }
}

const NOTED: &str = "audit_entry WHERE deed = 'test effect'";

/// How many rows there are.
fn count(site: &TestSite, rows: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let query = diesel::sql_query(format!("SELECT CAST(count(*) AS BIGINT) AS rows FROM {rows}"));
    let count: Count = match &site.database {
        DatabaseUrl::Sqlite(path) => {
            query.get_result(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap())
        }
        DatabaseUrl::Postgresql(address) => query.get_result(&mut PgConnection::establish(address).unwrap()),
    }
    .unwrap();
    count.rows
}

/// Changes rows behind the program's back.
pub fn tamper(site: &TestSite, statement: &str) {
    let query = diesel::sql_query(statement);
    match &site.database {
        DatabaseUrl::Sqlite(path) => {
            query.execute(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap())
        }
        DatabaseUrl::Postgresql(address) => query.execute(&mut PgConnection::establish(address).unwrap()),
    }
    .unwrap();
}
