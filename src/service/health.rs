//! Whether the service can do its work just now.

use super::Service;
use crate::{packs::compose::value::plural, store::Store};
use serde::Serialize;

/// Less free space than this where the database is, and nothing should be sent to it.
const LEAST_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// What was looked at, each with `ok` or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    pub is_ready: bool,
    pub database: String,
    pub disk: String,
    /// Which jobs have failed, if any. It does not make the service less ready: a job that fails would
    /// fail at every instance, and people still need the pages.
    pub jobs: String,
    /// How many messages wait where no mail server is set, if any. That is no failure either: whoever runs
    /// the service may want none.
    pub post: String,
}

/// Which running program this is: the machine and the process.
pub(super) fn instance() -> String {
    let system = rustix::system::uname();
    format!("{}, process {}", system.nodename().to_string_lossy(), std::process::id())
}

impl Service {
    /// Looks whether the database answers and is of this version, and whether there is room beside it.
    ///
    /// What is told names no address and no secret. Jobs that have failed, and messages for which there is no mail
    /// server, are told and leave it ready.
    pub fn health(&self) -> Health {
        let database = match Store::look(&self.database) {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                "does not answer, or is not of this version".to_owned()
            }
        };
        let folder = self.database.folder();
        let free = folder.and_then(|folder| rustix::fs::statvfs(folder).ok());
        let free = free.map(|told| told.f_bavail * told.f_frsize);
        let disk = match free {
            Some(free) if free < LEAST_FREE_BYTES => format!("{free} bytes are free"),
            Some(_) | None => "ok".to_owned(),
        };
        let is_ready = database == "ok" && disk == "ok";
        let jobs = if database == "ok" { self.health_of_jobs() } else { "not looked at".to_owned() };
        let post = if database == "ok" { self.health_of_post() } else { "not looked at".to_owned() };
        Health { is_ready, database, disk, jobs, post }
    }

    fn health_of_post(&self) -> String {
        if self.has_post() {
            return "ok".to_owned();
        }
        match self.waiting_messages() {
            Ok(0) => "ok".to_owned(),
            Ok(1) => "no mail server is set, and 1 message waits".to_owned(),
            Ok(count) => format!("no mail server is set, and {count} messages wait"),
            Err(error) => {
                tracing::warn!(%error, "messages cannot be counted");
                "not looked at".to_owned()
            }
        }
    }

    fn health_of_jobs(&self) -> String {
        match self.count_jobs() {
            Ok(counts) => counted_failures(&counts.failed),
            Err(error) => {
                tracing::warn!(%error, "jobs cannot be counted");
                "not looked at".to_owned()
            }
        }
    }
}

/// `ok`, or `degraded: 2 jobs failed: back up; compute of E10000002`.
fn counted_failures(failed: &[(String, String)]) -> String {
    if failed.is_empty() {
        return "ok".to_owned();
    }
    let mut names: Vec<String> = failed
        .iter()
        .map(|(job, area_code)| match area_code.as_str() {
            "" => job.clone(),
            area_code => format!("{job} of {area_code}"),
        })
        .collect();
    names.dedup();
    format!("degraded: {} failed: {}", plural(failed.len(), "job"), names.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_jobs_are_told_by_name() {
        let failed = |named: &[(&str, &str)]| {
            let named = named.iter().map(|(job, area)| ((*job).to_owned(), (*area).to_owned()));
            counted_failures(&named.collect::<Vec<_>>())
        };
        assert_eq!(failed(&[]), "ok");
        assert_eq!(failed(&[("back up", "")]), "degraded: 1 job failed: back up");
        assert_eq!(
            failed(&[("back up", ""), ("back up", ""), ("compute", "E10000002")]),
            "degraded: 3 jobs failed: back up; compute of E10000002"
        );
    }
}
