//! `outturn backup`: a copy of the store that can be relied on, made while others work.

use super::{Database, Failure, counted, plural, unwritable};
use crate::store::{self, BackupError, DatabaseUrl, Held, Schema, hex};
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// Copy a SQLite database while others use it, and read the copy back
///
/// Its SHA-256 is put beside it, in FILE.sha256, for restore to hold the copy against.
///
/// Example: outturn backup --out backups/outturn-2026-11-28.db
#[derive(Args)]
pub struct Backup {
    /// Where to put the copy; nothing may be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print what the copy holds as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Backup {
    pub fn run(self) -> Result<(), Failure> {
        let database = match self.database.url()? {
            DatabaseUrl::Sqlite(path) => path,
            postgresql @ DatabaseUrl::Postgresql(_) => return Err(on_a_server(&postgresql)),
        };
        if let Some(folder) =
            self.out.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            return Err(Failure::Refused(vec![format!(
                "There is no folder {} to put the backup in: make it first",
                folder.display()
            )]));
        }
        let made = store::back_up(&database, &self.out)?;
        let (file, sha256) = (self.out.display(), hex(&made.sha256));
        if self.json {
            let mut told = told_as_json(&made.schema, &made.held);
            told["file"] = json!(self.out);
            told["sum_file"] = json!(made.sum_file);
            told["bytes"] = json!(made.byte_count);
            told["sha256"] = json!(sha256);
            println!("{told}");
        } else {
            println!("{file} holds {}.", told(&made.held));
            println!("It was read back and is whole.");
            println!("Audit record's head: {}", hex(&made.held.audit_head));
            println!("SHA-256 of the file: {sha256}, also in {}", made.sum_file.display());
            println!("To bring it back: outturn restore {file} --database sqlite:PATH");
        }
        Ok(())
    }
}

/// What to do about a database that looks after its own backups.
fn on_a_server(url: &DatabaseUrl) -> Failure {
    Failure::Refused(
        [
            "PostgreSQL makes its own backups, of one state and while others write:",
            &format!("  pg_dump --format=custom --file=outturn.dump '{url}'"),
            "To bring one back into a database that is new and empty, and to check it there:",
            "  pg_restore --exit-on-error --single-transaction --no-owner --dbname='postgres://USER@HOST/NEW' outturn.dump",
            "  outturn doctor --database 'postgres://USER@HOST/NEW'",
        ]
        .map(str::to_owned)
        .to_vec(),
    )
}

/// `1 plan edition, 3 submissions, 1 publication and 12 audit entries`.
pub(super) fn told(held: &Held) -> String {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    format!(
        "{}, {}, {} and {}",
        plural(number(held.plan_editions), "plan edition"),
        plural(number(held.submissions), "submission"),
        plural(number(held.publications), "publication"),
        counted(number(held.audit_entries), "audit entry", "audit entries")
    )
}

pub(super) fn told_as_json(schema: &Schema, held: &Held) -> Json {
    json!({
        "schema": version(schema),
        "plan_editions": held.plan_editions,
        "submissions": held.submissions,
        "publications": held.publications,
        "audit_entries": held.audit_entries,
        "audit_head": hex(&held.audit_head),
    })
}

fn version(schema: &Schema) -> Option<&str> {
    match schema {
        Schema::Present(version) | Schema::Earlier(version) | Schema::Later(version) => Some(version),
        Schema::None => None,
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Failure {
        let said = error.to_string();
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Exists(_)
            | BackupError::Occupied(_)
            | BackupError::NoSum(_)
            | BackupError::SameFile
            | BackupError::Altered { .. } => Failure::Refused(vec![said]),
            BackupError::BackupDamaged(faults) => Failure::Refused([vec![said + ":"], faults].concat()),
            BackupError::NoFileName(_) | BackupError::Unreadable { .. } | BackupError::NoSumFile(_) => {
                Failure::Refused(vec![said])
            }
            BackupError::DatabaseDamaged(faults) => {
                Failure::Failed([vec![said + ":"], faults].concat().join("\n"))
            }
            BackupError::Unwritable { path, error } => unwritable(&path)(error),
            BackupError::InProgress(_) | BackupError::InUse(_) | BackupError::Differs(_) => {
                Failure::Failed(said)
            }
        }
    }
}
