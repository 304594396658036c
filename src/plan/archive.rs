//! A plan that is sent as a ZIP archive of CSV tables.
//!
//! Parts are unpacked piece by piece and counted as they come; nothing rests on what the archive states
//! of itself.

use super::PlanFile;
use crate::returns::read::{HIGHEST_RATIO, RATIO_COUNTS_FROM};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The most tables in an archive.
const MOST_PARTS: usize = 200;
/// The largest that all tables may be together, unpacked.
const LARGEST_UNPACKED: u64 = 100 << 20;

/// Whether the file is an archive of tables by its name.
pub fn is_archive(file_name: &str) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("zip"))
}

/// The CSV tables of an archive, in whatever folder of it they lie; anything else in it is left aside.
///
/// Fails with a sentence for the sender.
pub fn unpack(bytes: &[u8]) -> Result<Vec<PlanFile>, String> {
    let damaged = |_| "The selected file could not be uploaded: the archive cannot be read".to_owned();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(format!("The archive must hold {MOST_PARTS} files or fewer"));
    }
    // What the archive takes up is known; what it says of its parts is not.
    let by_ratio = (bytes.len() as u64 * HIGHEST_RATIO).max(RATIO_COUNTS_FROM);
    let largest = LARGEST_UNPACKED.min(by_ratio);
    let mut left = largest;
    let mut files: Vec<PlanFile> = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index_data(index).map_err(damaged)?;
        if part.encrypted() {
            return Err("The selected file is password protected".into());
        }
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        drop(part);
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let is_table = name.to_ascii_lowercase().ends_with(".csv") && !name.starts_with('.');
        if !is_table {
            continue;
        }
        if files.iter().any(|file| file.name.eq_ignore_ascii_case(&name)) {
            return Err(format!("The archive holds {name} twice. Keep one of them"));
        }
        let mut bytes = Vec::new();
        let part = archive.by_index(index).map_err(damaged)?;
        part.take(left + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| "The selected file could not be uploaded: the archive cannot be read".to_owned())?;
        let Some(rest) = left.checked_sub(bytes.len() as u64) else {
            return Err(match largest {
                LARGEST_UNPACKED => {
                    format!("The tables must be smaller than {}MB together", LARGEST_UNPACKED >> 20)
                }
                _ => {
                    "The archive is packed too tightly. Send the tables as they are, or as a workbook".into()
                }
            });
        };
        left = rest;
        files.push(PlanFile { name, bytes });
    }
    if files.is_empty() {
        return Err("The archive holds no CSV tables".into());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        archive_of(files, SimpleFileOptions::default())
    }

    fn archive_of(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn tables_are_found_in_any_folder_and_other_files_left_aside() {
        let bytes = archive(&[("plan/areas.csv", b"a"), ("notes.txt", b"b"), ("__MACOSX/._areas.csv", b"c")]);
        let files = unpack(&bytes).unwrap();
        assert_eq!(files, [PlanFile { name: "areas.csv".into(), bytes: b"a".to_vec() }]);
    }

    #[test]
    fn what_is_no_archive_or_unpacks_beyond_the_limit_is_refused() {
        assert!(unpack(b"areas").is_err());
        assert!(unpack(&archive(&[("notes.txt", b"b")])).is_err());
        assert!(unpack(&archive(&[("a.csv", b"b"), ("x/a.csv", b"b")])).unwrap_err().contains("twice"));
        let zeros = vec![0u8; 60 << 20];
        assert!(unpack(&archive(&[("a.csv", &zeros)])).unwrap_err().contains("too tightly"));
        let as_they_are = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let both = archive_of(&[("a.csv", &zeros), ("b.csv", &zeros)], as_they_are);
        assert!(unpack(&both).unwrap_err().contains("100MB"));
    }
}
