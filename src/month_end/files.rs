//! Finding the returns under a folder, and whose each is.

use super::MonthEndError;
use crate::{plan::Plan, returns::read};
use std::{
    collections::HashSet,
    fs, io,
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
/// without such a folder, the first area of the plan that its rows name.
pub fn gather_returns(folder: &Path, plan: &Plan) -> Result<(Vec<ReturnFile>, Vec<PathBuf>), MonthEndError> {
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |source: io::Error| MonthEndError::Unreadable { path, source }
    };
    let codes: HashSet<&str> = plan.areas.iter().map(|plan| plan.area.code.as_str()).collect();
    let (mut returns, mut unplaced) = (Vec::new(), Vec::new());
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let entry = entry.map_err(unreadable(&folder))?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable(&path))?.is_dir() {
                folders.push(path);
            } else if may_be_return(&path) {
                let of_folder = path.ancestors().skip(1).find_map(|folder| {
                    folder.file_name().and_then(|name| name.to_str()).filter(|name| codes.contains(name))
                });
                let area_code = match of_folder {
                    Some(code) => Some(code.to_owned()),
                    None => named_in(&path, &codes).map_err(unreadable(&path))?,
                };
                match area_code {
                    Some(area_code) => returns.push(ReturnFile { path, area_code }),
                    None => unplaced.push(path),
                }
            }
        }
    }
    returns.sort_by(|a, b| a.path.cmp(&b.path));
    unplaced.sort();
    Ok((returns, unplaced))
}

fn may_be_return(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '~']));
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    !is_hidden && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The first area of the plan that the file's rows name under `area_code`.
fn named_in(path: &Path, codes: &HashSet<&str>) -> io::Result<Option<String>> {
    let bytes = fs::read(path)?;
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
