//! `outturn restore`: a backup brought back, and proved equal.

use super::{
    Database, Failure,
    backup::{told, told_as_json},
    plural,
};
use crate::store::{self, BackupError, DatabaseUrl, Restored, Sha256, WhatIsThere, hex};
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Put a backup in the place of a SQLite database, and compare every row of both
///
/// The backup is first held against its SHA-256 and looked over. Stop whatever uses the database.
///
/// Example: outturn restore backups/outturn-2026-11-28.db --database sqlite:outturn.db
#[derive(Args)]
pub struct Restore {
    /// A file that `outturn backup` made, with its FILE.sha256 beside it
    backup: PathBuf,
    /// The backup's SHA-256, where FILE.sha256 is not there or is not to be trusted
    #[arg(long, value_name = "SHA256", value_parser = sum)]
    sha256: Option<Sha256>,
    /// The database's path once more, where it holds something that the backup is to replace
    #[arg(long, value_name = "PATH")]
    confirm: Option<PathBuf>,
    /// Print what was restored as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Restore {
    pub fn run(self) -> Result<(), Failure> {
        let DatabaseUrl::Sqlite(target) = self.database.url()? else {
            return Err(Failure::Refused(
                [
                    "A backup is restored to a SQLite database: --database sqlite:PATH.",
                    "What pg_dump wrote is brought back by pg_restore, and checked by outturn doctor.",
                ]
                .map(str::to_owned)
                .to_vec(),
            ));
        };
        let what_is_there = match &self.confirm {
            None => WhatIsThere::Stays,
            Some(confirmed) if *confirmed == target => WhatIsThere::MayBeReplaced,
            Some(confirmed) => {
                return Err(Failure::Refused(vec![format!(
                    "--confirm names {}, but the database is {}: nothing was restored",
                    confirmed.display(),
                    target.display()
                )]));
            }
        };
        let restored = store::restore(&self.backup, self.sha256, &target, what_is_there)
            .map_err(|error| self.explained(error, &target))?;
        let rows: u64 = restored.tables.iter().map(|table| table.rows).sum();
        if self.json {
            println!("{}", self.as_json(&restored, &target));
        } else {
            println!("{} holds {}.", target.display(), told(&restored.held));
            println!(
                "It is equal to the backup: {} in {}, each table with the same number of rows and the same SHA-256 over them.",
                plural(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
                plural(restored.tables.len(), "table")
            );
            println!("Audit record's head: {}", hex(&restored.held.audit_head));
            println!("SHA-256 of the file: {}", hex(&restored.sha256));
        }
        Ok(())
    }

    /// What is refused, and what to do about it.
    fn explained(&self, error: BackupError, target: &Path) -> Failure {
        let next = match &error {
            BackupError::Occupied(_) => {
                format!("Back it up first. To have the backup take its place: --confirm {}", target.display())
            }
            BackupError::NoSum(_) | BackupError::NoSumFile(_) => {
                "Put that file there, or give --sha256 with the sum that outturn backup printed.".to_owned()
            }
            _ => return error.into(),
        };
        Failure::Refused(vec![error.to_string(), next])
    }

    fn as_json(&self, restored: &Restored, target: &Path) -> Json {
        let mut told = told_as_json(&restored.schema, &restored.held);
        told["file"] = json!(self.backup);
        told["database"] = json!(target);
        told["bytes"] = json!(restored.byte_count);
        told["sha256"] = json!(hex(&restored.sha256));
        told["equal"] = json!(true);
        let table = |table: &store::TableContents| json!({ "table": table.name, "rows": table.rows, "sha256": hex(&table.sha256) });
        told["tables"] = restored.tables.iter().map(table).collect();
        told
    }
}

/// A SHA-256 given on the command line.
fn sum(text: &str) -> Result<Sha256, String> {
    store::from_hex(text).ok_or_else(|| "write the 64 digits of a SHA-256".to_owned())
}
