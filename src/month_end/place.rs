//! Where packs are put: a folder for each area, replaced whole.

use super::MonthEndError;
use crate::packs::freeze::FrozenPack;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The folder that packs are put in, held so that no other month end writes to it meanwhile.
pub struct Places<'a> {
    out: &'a Path,
    _held: Option<File>,
}

/// Whether a folder holds a published pack: every pack has its manifest.
pub fn is_pack(folder: &Path) -> bool {
    folder.join("manifest.json").is_file()
}

impl<'a> Places<'a> {
    /// Makes the folder `out` and holds it, until the value is dropped or the program dies.
    ///
    /// Fails where another month end holds it, or where something that is no pack stands in an
    /// area's place: it would be lost.
    pub fn hold<'c>(
        out: &'a Path,
        area_codes: impl Iterator<Item = &'c str>,
    ) -> Result<Places<'a>, MonthEndError> {
        fs::create_dir_all(out)
            .map_err(|source| MonthEndError::Unwritable { path: out.to_path_buf(), source })?;
        let held = held(out)?;
        let places = Places { out, _held: held };
        for place in area_codes.map(|code| places.of(code)) {
            if fs::symlink_metadata(&place).is_ok() && !is_pack(&place) && !is_empty(&place) {
                return Err(MonthEndError::NoPack(place));
            }
        }
        Ok(places)
    }

    /// An area's pack.
    pub fn of(&self, area_code: &str) -> PathBuf {
        self.out.join(area_code)
    }

    /// An area's pack until it is published; no area's code has a full stop.
    fn beside(&self, area_code: &str) -> PathBuf {
        self.out.join(format!(".{area_code}.new"))
    }

    /// Writes a pack beside its place, over anything that was left there.
    pub fn write(&self, area_code: &str, pack: &FrozenPack) -> Result<(), MonthEndError> {
        let unwritable = |path: &Path| {
            let path = path.to_path_buf();
            move |source| MonthEndError::Unwritable { path, source }
        };
        let beside = self.beside(area_code);
        if beside.exists() {
            fs::remove_dir_all(&beside).map_err(unwritable(&beside))?;
        }
        fs::create_dir_all(beside.join("data")).map_err(unwritable(&beside))?;
        for file in &pack.files {
            let path = beside.join(&file.path);
            fs::write(&path, &file.bytes).map_err(unwritable(&path))?;
        }
        Ok(())
    }

    /// Puts what was written for an area in the place of its older pack. At every moment one of the two
    /// is whole on the disk, though for a moment none may stand at the place itself.
    pub fn put(&self, area_code: &str) -> Result<(), MonthEndError> {
        let place = self.of(area_code);
        replace(&self.beside(area_code), &place, &self.out.join(format!(".{area_code}.old")))
            .map_err(|source| MonthEndError::Unwritable { path: place, source })
    }
}

fn replace(beside: &Path, place: &Path, old: &Path) -> io::Result<()> {
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    if place.exists() {
        fs::rename(place, old)?;
    }
    fs::rename(beside, place)?;
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}

/// The lock lies on the folder itself, so that nothing is left in it; it ends with the program. A file
/// system that knows no locks, or no open folders, is written to without.
fn held(out: &Path) -> Result<Option<File>, MonthEndError> {
    let Ok(folder) = File::open(out) else { return Ok(None) };
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(MonthEndError::InUse(out.to_path_buf())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::freeze::FrozenFile;

    fn pack(content: &str) -> FrozenPack {
        let file = |path: &str, bytes: &str| FrozenFile {
            path: path.to_owned(),
            bytes: bytes.as_bytes().to_vec(),
            sha256: [0; 32],
        };
        FrozenPack {
            files: vec![file("data/pools.csv", content), file("manifest.json", "{}")],
            missing_characters: String::new(),
        }
    }

    fn pools_of(out: &Path) -> String {
        fs::read_to_string(out.join("E1/data/pools.csv")).unwrap()
    }

    #[test]
    fn a_pack_takes_the_place_of_the_older_one_whole() {
        let out = tempfile::tempdir().unwrap();
        let places = Places::hold(out.path(), ["E1"].into_iter()).unwrap();
        places.write("E1", &pack("first")).unwrap();
        places.put("E1").unwrap();
        fs::write(out.path().join("E1/data/gone.csv"), "of the older pack").unwrap();
        places.write("E1", &pack("second")).unwrap();
        assert_eq!(pools_of(out.path()), "first");
        places.put("E1").unwrap();
        assert_eq!(pools_of(out.path()), "second");
        assert!(!out.path().join("E1/data/gone.csv").exists());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
    }

    #[test]
    fn whatever_a_run_that_died_left_behind_is_mended_by_the_next() {
        let out = tempfile::tempdir().unwrap();
        // It died between the two renames, with the next pack half written.
        for left in [".E1.new/data", ".E1.old/data"] {
            fs::create_dir_all(out.path().join(left)).unwrap();
            fs::write(out.path().join(left).join("half.csv"), "half").unwrap();
        }
        let places = Places::hold(out.path(), ["E1"].into_iter()).unwrap();
        places.write("E1", &pack("whole")).unwrap();
        places.put("E1").unwrap();
        assert_eq!(pools_of(out.path()), "whole");
        assert!(!out.path().join("E1/data/half.csv").exists());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_pack_is_never_replaced() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("E1")).unwrap();
        assert!(Places::hold(out.path(), ["E1"].into_iter()).is_ok());
        fs::write(out.path().join("E1/finance.csv"), "a partner's return").unwrap();
        let refused = Places::hold(out.path(), ["E2", "E1"].into_iter());
        assert!(matches!(refused, Err(MonthEndError::NoPack(place)) if place == out.path().join("E1")));
    }

    #[test]
    fn two_month_ends_cannot_write_to_one_folder_at_once() {
        let out = tempfile::tempdir().unwrap();
        let first = Places::hold(out.path(), [].into_iter()).unwrap();
        assert!(matches!(Places::hold(out.path(), [].into_iter()), Err(MonthEndError::InUse(_))));
        drop(first);
        assert!(Places::hold(out.path(), [].into_iter()).is_ok());
    }
}
