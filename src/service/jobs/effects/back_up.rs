//! Backs a SQLite database up into a folder, and keeps as many backups there as are wanted.
//!
//! A backup has its slot's time in its name, so that a slot that is run once more makes no second one.

use super::super::{Fault, JobSettings, worker::Task};
use crate::store::{BackupError, DatabaseUrl, Outcome, back_up};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub(super) fn run(task: &Task<'_>, settings: &JobSettings) -> Result<Outcome, Fault> {
    let DatabaseUrl::Sqlite(database) = &task.service.database else {
        return task.unchanged("PostgreSQL is backed up by its own programs, such as pg_dump");
    };
    let Some(folder) = &settings.backup_folder else {
        return task.unchanged("No folder is set for backups: set backup_folder");
    };
    fs::create_dir_all(folder).map_err(|error| told(folder, &error))?;
    let file = folder.join(task.claimed.due_at.format("outturn-%Y%m%dT%H%M%SZ.db").to_string());
    let made = match back_up(database, &file) {
        Ok(made) => format!("{} bytes, read back and whole", made.byte_count),
        // A backup has its name only once it has been read back.
        Err(BackupError::Exists(_)) => "made before, and whole".to_owned(),
        Err(error) => return Err(error.into()),
    };
    let removed = thin(folder, settings.backups_kept, &file).map_err(|error| told(folder, &error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut words = format!("Backed up as {name}: {made}");
    if removed > 0 {
        words += &format!("; {} removed", super::counted(removed, "older backup", "older backups"));
    }
    task.end(Outcome::Changed(words), &[])
}

/// The folder's path is the operator's matter, who reads the log; pages tell what is wrong with it.
fn told(folder: &Path, error: &io::Error) -> Fault {
    tracing::warn!(folder = %folder.display(), %error, "the folder for backups cannot be used");
    Fault::Wrong(format!("The folder for backups cannot be used: {error}"))
}

/// Removes the oldest backups beyond so many; gives how many were removed. The one that was just made
/// stays, though its slot may have been due long before the others'.
fn thin(folder: &Path, kept: usize, made: &Path) -> io::Result<usize> {
    let mut backups: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_other = path.file_name() != made.file_name();
        if is_other && path.file_name().and_then(|name| name.to_str()).is_some_and(is_backup) {
            backups.push(path);
        }
    }
    // Their names are in the order of their times.
    backups.sort_unstable();
    let excess = backups.len().saturating_sub(kept.saturating_sub(1));
    for backup in &backups[..excess] {
        fs::remove_file(backup)?;
        let mut sum = backup.clone().into_os_string();
        sum.push(".sha256");
        match fs::remove_file(sum) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(excess)
}

/// Whether a file is named as backups are, such as `outturn-20260105T001500Z.db`.
fn is_backup(name: &str) -> bool {
    let time = name.strip_prefix("outturn-").and_then(|rest| rest.strip_suffix("Z.db"));
    time.is_some_and(|time| {
        time.len() == 15
            && time.bytes().enumerate().all(|(place, byte)| match place {
                8 => byte == b'T',
                _ => byte.is_ascii_digit(),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_backups_are_removed_with_their_sums_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let there = |name: &str| folder.path().join(name).exists();
        let days =
            ["outturn-20260103T001500Z.db", "outturn-20260101T001500Z.db", "outturn-20260102T001500Z.db"];
        for name in days {
            fs::write(folder.path().join(name), "backup").unwrap();
            fs::write(folder.path().join(format!("{name}.sha256")), "sum").unwrap();
        }
        for name in ["outturn-before-upgrade.db", "outturn.db", "outturn-2026010xT001500Z.db"] {
            fs::write(folder.path().join(name), "kept by somebody").unwrap();
        }
        assert_eq!(thin(folder.path(), 2, Path::new(days[0])).unwrap(), 1);
        assert!(!there(days[1]) && !there(&format!("{}.sha256", days[1])));
        assert!(there(days[0]) && there(days[2]) && there("outturn.db"));
        // The oldest was made last: by a slot that had waited for long.
        assert_eq!(thin(folder.path(), 0, Path::new(days[2])).unwrap(), 1, "one stays whatever is set");
        assert!(there(days[2]) && there(&format!("{}.sha256", days[2])));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2 + 3);
    }
}
