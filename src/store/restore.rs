//! A backup brought back, and proved to be what was backed up.

use super::{
    DatabaseUrl, Held, Schema, Sha256, Store, StoreError, TableContents,
    backup::{BackupError, copied, looked_over, sum_file_of},
    db::Db,
    hex,
    part::{Part, remove, settle_folder, with_ending},
    read_sha256,
};
use diesel::{
    connection::SimpleConnection,
    result::{DatabaseErrorKind, Error},
};
use std::{
    fs::{self, File},
    path::Path,
};

/// What may become of a database that stands where the backup is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatIsThere {
    Stays,
    MayBeReplaced,
}

/// A backup that is in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub schema: Schema,
    pub held: Held,
    pub byte_count: u64,
    /// Of the backup's file, and of the restored one.
    pub sha256: Sha256,
    /// What each table holds, in the backup and in what was restored alike.
    pub tables: Vec<TableContents>,
}

/// Puts `backup` in the place of the SQLite database `target`.
///
/// The backup must have the SHA-256 that is `expected`, or the one that stands beside it; must be whole
/// in everything that [`Store::examine`] looks at; and its copy must hold the same rows in every table.
/// Only then is anything at `target` touched, and the log of what was there is taken away with it, for
/// it would be played back over the backup.
pub fn restore(
    backup: &Path,
    expected: Option<Sha256>,
    target: &Path,
    what_is_there: WhatIsThere,
) -> Result<Restored, BackupError> {
    // SQLite keeps the log beside the file itself, not beside a link to it.
    let target = &fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let mut file = File::open(backup).map_err(BackupError::unreadable(backup))?;
    let expected = expected.map_or_else(|| sum_beside(backup), Ok)?;
    if fs::canonicalize(backup).is_ok_and(|backup| backup == *target) {
        return Err(BackupError::SameFile);
    }
    let holds_something = fs::metadata(target).is_ok_and(|target| target.len() > 0);
    if holds_something && what_is_there == WhatIsThere::Stays {
        return Err(BackupError::Occupied(target.to_owned()));
    }
    free_of_others(target)?;
    let mut part = Part::begin(target)?;
    let path = part.path().to_owned();
    let (byte_count, sha256) = copied(&mut file, part.file()).map_err(BackupError::unwritable(&path))?;
    if sha256 != expected {
        let (expected, found) = (hex(&expected), hex(&sha256));
        return Err(BackupError::Altered { path: backup.to_owned(), expected, found });
    }
    part.settle()?;
    let (schema, held) = looked_over(part.path())?;
    let tables = equal_contents(backup, part.path())?;
    // Somebody may have opened it meanwhile.
    free_of_others(target)?;
    for ending in ["-wal", "-shm", "-journal"] {
        let stale = with_ending(target, ending);
        remove(&stale).map_err(BackupError::unwritable(&stale))?;
    }
    settle_folder(target)?;
    part.replace()?;
    Ok(Restored { schema, held, byte_count, sha256, tables })
}

/// The SHA-256 in the file beside a backup.
fn sum_beside(backup: &Path) -> Result<Sha256, BackupError> {
    let path = sum_file_of(backup);
    if !path.exists() {
        return Err(BackupError::NoSumFile(path));
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let sum = text.split_whitespace().next().unwrap_or_default();
    read_sha256(sum).map_err(|_| BackupError::NoSum(path))
}

/// What every table of both files holds; fails where they do not hold the same.
fn equal_contents(backup: &Path, copy: &Path) -> Result<Vec<TableContents>, BackupError> {
    let expected = Store::open_backup(backup)?.contents()?;
    let found = Store::open_backup(copy)?.contents()?;
    if let Some((table, _)) = expected.iter().zip(&found).find(|(expected, found)| expected != found) {
        return Err(BackupError::Differs(table.name.clone()));
    }
    if expected.len() != found.len() {
        return Err(BackupError::Differs("the number of tables".to_owned()));
    }
    Ok(found)
}

/// Fails where another program has the database open. Its log is written into it meanwhile, so that
/// what was there is whole in one file until it is replaced.
///
/// SQLite leaves its way of logging only where nobody else has the file open. A file that it cannot
/// read is nobody's.
fn free_of_others(target: &Path) -> Result<(), BackupError> {
    let mut store = match Store::open_as_it_is(&DatabaseUrl::Sqlite(target.to_owned())) {
        Ok(store) => store,
        Err(StoreError::NoDatabase(_) | StoreError::Connection(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let Db::Sqlite(connection) = &mut store.db else { return Ok(()) };
    let alone = connection.batch_execute(
        "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; ROLLBACK;",
    );
    match alone {
        Err(Error::DatabaseError(DatabaseErrorKind::Unknown, told))
            if told.message().contains("is locked") =>
        {
            Err(BackupError::InUse(target.to_owned()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
