//! Finding the returns under a folder, and whose each is.

use super::{MonthEndError, place::is_pack};
use crate::{plan::Plan, returns::read};
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A file that may be a return, and the area whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnFile {
    pub path: PathBuf,
    pub area_code: String,
}

/// Endings of files that are taken for returns; files with other endings are passed over.
const ENDINGS: [&str; 7] = ["csv", "xlsx", "xlsm", "xls", "xlsb", "ods", "txt"];

/// Every return under `folder`, in the order of their paths, and the files whose area is not known.
///
/// A file's area is that of the nearest folder above it whose name is an area's code in the plan;
/// without such a folder, the first area of the plan that its rows name. Give the whole plan, also
/// where only some of its areas are wanted: a row that names another area does not make it that
/// area's return. Links are followed; hidden files and folders, and published packs, are passed over.
pub fn gather_returns(folder: &Path, plan: &Plan) -> Result<(Vec<ReturnFile>, Vec<PathBuf>), MonthEndError> {
    let codes: HashSet<&str> = plan.areas.iter().map(|plan| plan.area.code.as_str()).collect();
    let (mut returns, mut unplaced) = (Vec::new(), Vec::new());
    for path in tables_under(folder)? {
        let area_code = match above(&path, &codes) {
            Some(code) => Some(code),
            None => named_in(&path, &codes).map_err(unreadable(&path))?,
        };
        match area_code {
            Some(area_code) => returns.push(ReturnFile { path, area_code }),
            None => unplaced.push(path),
        }
    }
    Ok((returns, unplaced))
}

/// A file's bytes. Of one that is larger than any return may be, just so many that reading it as a
/// return refuses it.
pub fn fetch(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let most = read::LARGEST_CSV as u64 + 1;
    let mut bytes = Vec::with_capacity(file.metadata()?.len().min(most) as usize);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every file under `folder` that may be a return, in the order of their paths.
fn tables_under(folder: &Path) -> Result<Vec<PathBuf>, MonthEndError> {
    let mut tables = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    let mut entered = HashSet::new();
    while let Some(folder) = folders.pop() {
        // A link can lead back to where it stands.
        let is_new = entered.insert(fs::canonicalize(&folder).map_err(unreadable(&folder))?);
        if !is_new || is_pack(&folder) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let path = entry.map_err(unreadable(&folder))?.path();
            if is_hidden(&path) {
                continue;
            }
            let found = fs::metadata(&path).map_err(unreadable(&path))?;
            if found.is_dir() {
                folders.push(path);
            } else if found.is_file() && has_ending_of_table(&path) {
                tables.push(path);
            }
        }
    }
    tables.sort();
    Ok(tables)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> MonthEndError {
    let path = path.to_path_buf();
    move |source| MonthEndError::Unreadable { path, source }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '~']))
}

fn has_ending_of_table(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The nearest folder above the file that is called after an area.
fn above(path: &Path, codes: &HashSet<&str>) -> Option<String> {
    let names = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
    names.into_iter().find(|name| codes.contains(name)).map(str::to_owned)
}

/// The first area of the plan that the file's rows name under `area_code`.
fn named_in(path: &Path, codes: &HashSet<&str>) -> io::Result<Option<String>> {
    let bytes = fetch(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Ok(sent) = read::open(&name, &bytes) else { return Ok(None) };
    let mut found = None;
    for table in &sent.tables {
        let Some(column) =
            table.heading.iter().position(|heading| heading.trim().eq_ignore_ascii_case("area_code"))
        else {
            continue;
        };
        table.for_each_row(|_, record| {
            if found.is_none() {
                let code = record.get(column).and_then(|field| std::str::from_utf8(field).ok());
                found = code.filter(|code| codes.contains(code)).map(str::to_owned);
            }
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{demo, plan::PlanFile};
    use tempfile::TempDir;

    fn plan() -> Plan {
        let files: Vec<PlanFile> = demo::plan_files()
            .into_iter()
            .map(|(name, bytes)| PlanFile { name: name.to_owned(), bytes: bytes.to_vec() })
            .collect();
        crate::plan::read(&files).unwrap()
    }

    fn write(folder: &TempDir, path: &str, content: &str) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The returns found, and the files whose area is not known, by their paths within the folder.
    fn gathered(folder: &TempDir) -> (Vec<(String, String)>, Vec<String>) {
        let (returns, unplaced) = gather_returns(folder.path(), &plan()).unwrap();
        let within = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
        (
            returns.iter().map(|file| (within(&file.path), file.area_code.clone())).collect(),
            unplaced.iter().map(|path| within(path)).collect(),
        )
    }

    fn of_demo(path: &str) -> (String, String) {
        (path.to_owned(), "E10000002".to_owned())
    }

    const TARGETS: &str = "area_code,period,measure_id,target\nE10000002,2015-04,NEA,652\n";

    #[test]
    fn a_files_area_is_its_folders_or_else_the_first_that_its_rows_name() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, "E10000002/from partners/finance.CSV", "anything");
        write(&folder, "sent/targets.csv", TARGETS);
        write(&folder, "sent/other.csv", "area_code,period\nE06000060,2015-04\n");
        write(&folder, "read me.pdf", "");
        assert_eq!(
            gathered(&folder),
            (
                vec![of_demo("E10000002/from partners/finance.CSV"), of_demo("sent/targets.csv")],
                vec!["sent/other.csv".to_owned()]
            )
        );
    }

    #[test]
    fn published_packs_and_hidden_files_are_not_taken_for_returns() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, "out/E10000002/manifest.json", "{}");
        write(&folder, "out/E10000002/data/scorecard.csv", "measure_id\nNEA\n");
        write(&folder, "out/.E10000002.new/data/scorecard.csv", "measure_id\nNEA\n");
        write(&folder, "E10000002/~$finance.xlsx", "open in a spreadsheet program");
        assert_eq!(gathered(&folder), (vec![], vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_may_lead_in_a_circle() {
        use std::os::unix::fs::symlink;
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(&elsewhere, "targets.csv", TARGETS);
        symlink(elsewhere.path(), folder.path().join("E10000002")).unwrap();
        symlink(folder.path(), elsewhere.path().join("back")).unwrap();
        assert_eq!(gathered(&folder), (vec![of_demo("E10000002/targets.csv")], vec![]));
        symlink("nowhere", folder.path().join("lost.csv")).unwrap();
        assert!(matches!(
            gather_returns(folder.path(), &plan()),
            Err(MonthEndError::Unreadable { path, .. }) if path.ends_with("lost.csv")
        ));
    }

    #[test]
    fn no_more_of_a_file_is_fetched_than_its_refusal_needs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("finance.csv");
        File::create(&path).unwrap().set_len(read::LARGEST_CSV as u64 + 4096).unwrap();
        let bytes = fetch(&path).unwrap();
        assert_eq!(bytes.len(), read::LARGEST_CSV + 1);
        assert_eq!(read::open("finance.csv", &bytes).err(), Some(read::ReadError::TooBig { megabytes: 100 }));
    }
}
