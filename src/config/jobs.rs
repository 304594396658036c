//! The settings of the service's own work.

use super::{Setting, number, yes_or_no};

pub(super) const ON: Setting = Setting {
    name: "jobs",
    default: "true",
    meaning: "`false` where jobs, such as reminders, releases and backups, are not to run here but at another instance on the same database",
    is_secret: false,
    set: |to, text| yes_or_no(text).map(|run| to.jobs = run),
    show: |from| from.jobs.to_string(),
};

pub(super) const WORKERS: Setting = Setting {
    name: "job_workers",
    default: "0",
    meaning: "jobs that run at a time; 0 for as many as there are processors, from 2 to 4",
    is_secret: false,
    set: |to, text| number(text, 0, 64).map(|workers| to.job_workers = workers),
    show: |from| from.job_workers.to_string(),
};

pub(super) const BACKUP_FOLDER: Setting = Setting {
    name: "backup_folder",
    default: "",
    meaning: "a folder for backups of a SQLite database, best on another disc; empty for none. PostgreSQL is backed up by its own programs",
    is_secret: false,
    set: |to, text| {
        to.backup_folder = (!text.is_empty()).then(|| text.into());
        Ok(())
    },
    show: |from| from.backup_folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default(),
};

pub(super) const BACKUPS_KEPT: Setting = Setting {
    name: "backups_kept",
    default: "14",
    meaning: "backups that stay in that folder; older ones are removed",
    is_secret: false,
    set: |to, text| number(text, 1, 10_000).map(|kept| to.backups_kept = kept),
    show: |from| from.backups_kept.to_string(),
};
