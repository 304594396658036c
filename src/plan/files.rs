//! The files of a plan as they lie on disk: the one place of this room that touches them.

use super::PlanFile;
use std::{fs, io, path::Path};

/// Fetches a plan: a workbook (or a single CSV table) as it is, or every `*.csv` of a folder in
/// the order of their names. Anything else in the folder is left alone.
pub fn gather(path: &Path) -> io::Result<Vec<PlanFile>> {
    if !path.is_dir() {
        return Ok(vec![fetch(path)?]);
    }
    let mut tables = Vec::new();
    for entry in fs::read_dir(path)? {
        let table = entry?.path();
        let is_csv = table.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if is_csv && table.is_file() {
            tables.push(table);
        }
    }
    tables.sort();
    tables.iter().map(|table| fetch(table)).collect()
}

fn fetch(path: &Path) -> io::Result<PlanFile> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(PlanFile { name, bytes: fs::read(path)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_csv_tables_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["windows.csv", "areas.csv", "dataset.json", "read me.txt", "partners.CSV"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("old.csv")).unwrap();
        let names: Vec<_> = gather(folder.path()).unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["areas.csv", "partners.CSV", "windows.csv"]);
    }

    #[test]
    fn a_workbook_is_fetched_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.xlsx");
        fs::write(&path, b"PK").unwrap();
        let files = gather(&path).unwrap();
        assert_eq!((files[0].name.as_str(), files[0].bytes.as_slice()), ("plan.xlsx", &b"PK"[..]));
        assert!(gather(&folder.path().join("missing.xlsx")).is_err());
    }
}
