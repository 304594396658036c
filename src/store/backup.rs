//! A copy of a SQLite database while others write to it.
//!
//! The copy is made by `VACUUM INTO`, not by the online backup interface. Both see one unchanging state
//! and stop no writer; but this is one statement of SQL, without functions of C, it never starts again
//! because somebody has written, and the copy has none of the pages that were freed and may still hold
//! what was removed. The price is processor time: every row is written anew.
//!
//! Source: SQLite's manual, "VACUUM" and "SQLite Backup API".

use super::{
    DatabaseUrl, Held, Schema, Sha256, Store, StoreError,
    db::Db,
    hex,
    part::{Part, with_ending},
};
use diesel::{RunQueryDsl, sql_types::Text};
use sha2::Digest;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Why a backup was not made or not brought back; what was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} is there already: a backup replaces nothing, so give it another name", .0.display())]
    Exists(PathBuf),
    #[error("another program is writing {} at this moment", .0.display())]
    InProgress(PathBuf),
    #[error("{} names no file", .0.display())]
    NoFileName(PathBuf),
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    /// The database that was to be copied.
    #[error("the database is damaged, and no backup of it was kept")]
    DatabaseDamaged(Vec<String>),
    /// The backup that was to be brought back.
    #[error("the backup is damaged, and nothing was restored")]
    BackupDamaged(Vec<String>),
    #[error(
        "{} is not as it was when it was made: its SHA-256 is {found}, and was {expected}. Nothing was restored",
        path.display()
    )]
    Altered { path: PathBuf, expected: String, found: String },
    /// The file that should hold the SHA-256 of the backup holds none.
    #[error("{} holds no SHA-256 to hold the backup against", .0.display())]
    NoSum(PathBuf),
    #[error("{} is not there: it should hold the SHA-256 of the backup", .0.display())]
    NoSumFile(PathBuf),
    #[error("{} holds something already", .0.display())]
    Occupied(PathBuf),
    #[error("{} is in use by another program: stop it, then restore", .0.display())]
    InUse(PathBuf),
    #[error("the backup is the database itself")]
    SameFile,
    #[error("what was restored is not what the backup holds: {0} differs")]
    Differs(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> BackupError + use<> {
        let path = path.to_owned();
        move |error| BackupError::Unreadable { path: path.clone(), error }
    }

    pub(super) fn unwritable(path: &Path) -> impl Fn(io::Error) -> BackupError + use<> {
        let path = path.to_owned();
        move |error| BackupError::Unwritable { path: path.clone(), error }
    }
}

/// A backup that was made, read back and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub schema: Schema,
    pub held: Held,
    pub byte_count: u64,
    /// Of the whole file.
    pub sha256: Sha256,
    /// Where the SHA-256 was written, as `sha256sum --check` reads it.
    pub sum_file: PathBuf,
}

/// Copies the SQLite database in `database` to `out`, where nothing may be, with its SHA-256 beside it.
///
/// The copy holds one state: every transaction that was committed before, and nothing of any other. It
/// is read back and looked over, as [`Store::examine`] does, before it has its name.
pub fn back_up(database: &Path, out: &Path) -> Result<BackedUp, BackupError> {
    if fs::symlink_metadata(out).is_ok() {
        return Err(BackupError::Exists(out.to_owned()));
    }
    let mut store = Store::open_as_it_is(&DatabaseUrl::Sqlite(database.to_owned()))?;
    match store.schema()? {
        Schema::None => return Err(StoreError::Foreign.into()),
        Schema::Later(version) => return Err(StoreError::NewerSchema(version).into()),
        Schema::Present(_) | Schema::Earlier(_) => {}
    }
    let mut part = Part::begin(out)?;
    store.copy_into(part.path())?;
    part.settle()?;
    let (schema, held) = looked_over(part.path()).map_err(|error| match error {
        BackupError::BackupDamaged(faults) => BackupError::DatabaseDamaged(faults),
        other => other,
    })?;
    let path = part.path().to_owned();
    let (byte_count, sha256) = digest_of(part.file()).map_err(BackupError::unreadable(&path))?;
    // The sum comes first: a backup that has its name has its sum.
    let sum_file = sum_file_of(out);
    let mut sum = Part::begin(&sum_file)?;
    let line = format!("{}  {}\n", hex(&sha256), out.file_name().unwrap_or_default().to_string_lossy());
    sum.file().write_all(line.as_bytes()).map_err(BackupError::unwritable(&sum_file))?;
    sum.replace()?;
    part.put_new()?;
    Ok(BackedUp { schema, held, byte_count, sha256, sum_file })
}

/// Where the SHA-256 of a backup stands.
pub(super) fn sum_file_of(backup: &Path) -> PathBuf {
    with_ending(backup, ".sha256")
}

/// What a file holds that nothing writes to; fails where anything in it is not as it was written.
pub(super) fn looked_over(file: &Path) -> Result<(Schema, Held), BackupError> {
    let found = Store::open_backup(file)?.examine()?;
    let faults = [found.faults, found.audit_faults].concat();
    if faults.is_empty() { Ok((found.schema, found.held)) } else { Err(BackupError::BackupDamaged(faults)) }
}

fn digest_of(file: &mut File) -> io::Result<(u64, Sha256)> {
    io::Seek::rewind(file)?;
    copied(file, &mut io::sink())
}

/// Copies all that is to be read, and gives its length and SHA-256.
pub(super) fn copied(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, Sha256)> {
    let (mut byte_count, mut digest) = (0, sha2::Sha256::new());
    let mut block = vec![0; 1 << 20];
    loop {
        let length = match from.read(&mut block) {
            Ok(0) => return Ok((byte_count, digest.finalize().into())),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(&block[..length]);
        to.write_all(&block[..length])?;
        byte_count += length as u64;
    }
}

impl Store {
    /// Writes one state of the whole database to a file that is empty.
    fn copy_into(&mut self, file: &Path) -> Result<(), BackupError> {
        let Db::Sqlite(connection) = &mut self.db else { return Err(StoreError::Foreign.into()) };
        // A path that starts at the root can be taken for nothing else, such as a `file:` address.
        let path = std::path::absolute(file).map_err(BackupError::unwritable(file))?;
        let name = path.to_str().ok_or(StoreError::FileName)?;
        let copy = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(connection);
        copy.map_err(StoreError::from)?;
        Ok(())
    }
}
