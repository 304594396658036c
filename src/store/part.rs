//! A file that is written beside its place and put there whole: whoever looks there finds all of it or
//! nothing, whenever the program or the machine stops.

use super::backup::BackupError;
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The file until it is in its place. It is taken away when dropped before that; what a program left
/// that was killed is written over by the next.
pub(super) struct Part {
    place: PathBuf,
    path: PathBuf,
    /// Holds the lock by which two programs that write to one place tell of each other.
    file: File,
    is_in_place: bool,
}

impl Part {
    /// An empty file beside `place`, readable by its owner alone.
    ///
    /// Fails where another program is writing to the same place.
    pub fn begin(place: &Path) -> Result<Part, BackupError> {
        let name = place.file_name().ok_or_else(|| BackupError::NoFileName(place.to_owned()))?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        let path = with_ending(&place.with_file_name(hidden), ".part");
        let unwritable = BackupError::unwritable(&path);
        let file = loop {
            let file = opened(&path).map_err(&unwritable)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(BackupError::InProgress(place.to_owned())),
                // A file system that knows no locks is written to without.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Another program may have put it in its place since it was opened; emptying it would
            // empty what that program made.
            if is_still_at(&file, &path).map_err(&unwritable)? {
                break file;
            }
        };
        let part = Part { place: place.to_owned(), path, file, is_in_place: false };
        part.file.set_len(0).map_err(&unwritable)?;
        remove(&with_ending(&part.path, "-journal")).map_err(&unwritable)?;
        Ok(part)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Makes what was written outlive a power failure.
    pub fn settle(&self) -> Result<(), BackupError> {
        self.file.sync_all().map_err(BackupError::unwritable(&self.path))
    }

    /// Puts the file in its place, where nothing may be.
    pub fn put_new(self) -> Result<(), BackupError> {
        if fs::symlink_metadata(&self.place).is_ok() {
            return Err(BackupError::Exists(self.place.clone()));
        }
        self.replace()
    }

    /// Puts the file in its place, whatever is there.
    pub fn replace(mut self) -> Result<(), BackupError> {
        self.settle()?;
        fs::rename(&self.path, &self.place).map_err(BackupError::unwritable(&self.place))?;
        self.is_in_place = true;
        settle_folder(&self.place)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Whatever is left here, the next program that writes to the place writes over.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn opened(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the file has its name yet.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let file = file.metadata()?;
    Ok(fs::metadata(path).is_ok_and(|named| (named.dev(), named.ino()) == (file.dev(), file.ino())))
}

/// Elsewhere a file that is open keeps its name.
#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// `name.db` and `-wal` are `name.db-wal`.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Takes a file away, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes the names in a file's folder outlive a power failure.
pub(super) fn settle_folder(file: &Path) -> Result<(), BackupError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::unwritable(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_is_put_in_its_place_once_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("copy.db");
        // What a killed program left.
        fs::write(folder.path().join(".copy.db.part"), "half of something longer").unwrap();
        let mut part = Part::begin(&place).unwrap();
        assert!(matches!(Part::begin(&place), Err(BackupError::InProgress(_))));
        part.file().write_all(b"whole").unwrap();
        assert!(!place.exists());
        part.put_new().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert!(matches!(Part::begin(&place).unwrap().put_new(), Err(BackupError::Exists(_))));
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        Part::begin(&place).unwrap().replace().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_has_been_put_in_its_place_is_no_longer_the_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (beside, place) = (folder.path().join(".copy.db.part"), folder.path().join("copy.db"));
        let file = opened(&beside).unwrap();
        assert!(is_still_at(&file, &beside).unwrap());
        fs::rename(&beside, &place).unwrap();
        assert!(!is_still_at(&file, &beside).unwrap());
        let _another = opened(&beside).unwrap();
        assert!(!is_still_at(&file, &beside).unwrap());
    }
}
