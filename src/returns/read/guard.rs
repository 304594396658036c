//! What a workbook's archive may hold, checked before anything else reads it.
//!
//! Every part is unpacked piece by piece and counted as it comes, so that nothing rests on a size that
//! the file states of itself. Nothing is kept.

use super::{
    HIGHEST_RATIO, LARGEST_PART, LARGEST_UNPACKED, LARGEST_WORKBOOK, LAST_SHEET_ROW, MOST_CELLS,
    MOST_COLUMNS, MOST_PARTS, RATIO_COUNTS_FROM, ReadError,
    markup::{self, TagScan},
};
use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};
use zip::{CompressionMethod, ZipArchive};

/// Refuses a workbook that goes beyond any limit, or holds anything but cells and what dresses them.
pub(super) fn check(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.len() > LARGEST_WORKBOOK {
        return Err(ReadError::TooBig { megabytes: LARGEST_WORKBOOK >> 20 });
    }
    let stated = stated_parts(bytes).ok_or(ReadError::Damaged)?;
    if stated > MOST_PARTS {
        return Err(ReadError::TooManyParts { most: MOST_PARTS });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged)?;
    let names = part_names(&archive)?;
    // An archive that gives one name twice is read differently by different programs.
    let distinct: BTreeSet<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    if distinct.len() != stated {
        return Err(ReadError::Damaged);
    }
    check_kind(&distinct)?;
    names.iter().try_for_each(|name| check_name(name))?;
    let mut unpacked = Unpacked::default();
    (0..archive.len()).try_for_each(|index| unpacked.check_part(&mut archive, index, &names[index]))
}

/// How many parts the archive's closing record states.
fn stated_parts(bytes: &[u8]) -> Option<usize> {
    // The record is 22 bytes long, and a comment of up to 65,535 may follow it.
    let tail = &bytes[bytes.len().saturating_sub(22 + 65_535)..];
    let record = &tail[memchr::memmem::rfind(tail, b"PK\x05\x06")?..];
    let count: [u8; 2] = record.get(10..12)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(count)))
}

/// The parts' names, where each is packed plainly.
fn part_names(archive: &ZipArchive<Cursor<&[u8]>>) -> Result<Vec<String>, ReadError> {
    (0..archive.len())
        .map(|index| {
            let part = archive.by_index_data(index).map_err(|_| ReadError::Damaged)?;
            if part.encrypted() {
                return Err(ReadError::PasswordProtected);
            }
            let plain = matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
            let name = String::from_utf8(part.name_raw().to_vec()).map_err(|_| ReadError::Damaged)?;
            if plain { Ok(name) } else { Err(ReadError::Damaged) }
        })
        .collect()
}

/// Whether the archive is a workbook of the kind that is read here; names are in small letters.
fn check_kind(names: &BTreeSet<String>) -> Result<(), ReadError> {
    if names.contains("xl/workbook.xml") && names.contains("[content_types].xml") {
        Ok(())
    } else if names.contains("xl/workbook.bin")
        || names.contains("content.xml")
        || names.contains("index.zip")
    {
        Err(ReadError::OtherSpreadsheet)
    } else {
        Err(ReadError::NotCsvOrXlsx)
    }
}

/// Folders whose parts only dress the cells, or say who made the workbook.
const KNOWN_FOLDERS: [&str; 29] = [
    "_rels/",
    "customxml/",
    "docmetadata/",
    "docprops/",
    "xl/_rels/",
    "xl/charts/",
    "xl/chartsheets/",
    "xl/comments/",
    "xl/ctrlprops/",
    "xl/customproperty/",
    "xl/diagrams/",
    "xl/drawings/",
    "xl/featurepropertybag/",
    "xl/media/",
    "xl/namedsheetviews/",
    "xl/persons/",
    "xl/pivotcache/",
    "xl/pivottables/",
    "xl/printersettings/",
    "xl/querytables/",
    "xl/richdata/",
    "xl/slicercaches/",
    "xl/slicers/",
    "xl/tables/",
    "xl/theme/",
    "xl/threadedcomments/",
    "xl/timelinecaches/",
    "xl/timelines/",
    "xl/worksheets/",
];

/// Parts that stand by themselves, without numbers in their names.
const KNOWN_PARTS: [&str; 10] = [
    "[content_types].xml",
    "xl/calcchain.xml",
    "xl/comments.xml",
    "xl/connections.xml",
    "xl/metadata.xml",
    "xl/sharedstrings.xml",
    "xl/styles.xml",
    "xl/volatiledependencies.xml",
    "xl/workbook.xml",
    "xl/xmlmaps.xml",
];

fn check_name(name: &str) -> Result<(), ReadError> {
    let unsafe_name = name.starts_with('/')
        || name.contains(['\\', ':'])
        || name.split('/').any(|step| step == "..")
        || name.chars().any(char::is_control);
    if unsafe_name {
        return Err(ReadError::Damaged);
    }
    let lower = name.to_ascii_lowercase();
    if lower.contains("vbaproject")
        || lower.starts_with("xl/macrosheets/")
        || lower.starts_with("xl/dialogsheets/")
    {
        return Err(ReadError::Macros);
    }
    if lower.starts_with("xl/externallinks/") {
        return Err(ReadError::ExternalLinks);
    }
    let unnumbered: String = lower.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let known = KNOWN_PARTS.contains(&unnumbered.as_str())
        || KNOWN_FOLDERS.iter().any(|folder| lower.starts_with(folder));
    if known { Ok(()) } else { Err(ReadError::UnknownPart { part: shortened(name) }) }
}

/// What has been unpacked so far.
#[derive(Default)]
struct Unpacked {
    bytes: u64,
    cells: u64,
}

impl Unpacked {
    fn check_part(
        &mut self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        index: usize,
        name: &str,
    ) -> Result<(), ReadError> {
        let mut part = archive.by_index(index).map_err(|_| ReadError::Damaged)?;
        let packed = part.compressed_size().max(1);
        let mut scan = TagScan::default();
        let mut stated_strings = 0;
        let mut size = 0;
        let mut is_xml = false;
        let mut piece = vec![0; 64 << 10];
        loop {
            let length = part.read(&mut piece).map_err(|_| ReadError::Damaged)?;
            if length == 0 {
                break;
            }
            if size == 0 {
                if is_archive(&piece[..length]) {
                    return Err(ReadError::UnknownPart { part: shortened(name) });
                }
                is_xml = has_xml_name(name) || starts_as_xml(&piece[..length]);
            }
            size += length as u64;
            self.bytes += length as u64;
            let swollen = size > RATIO_COUNTS_FROM && size > packed * HIGHEST_RATIO;
            if size > LARGEST_PART || self.bytes > LARGEST_UNPACKED || swollen {
                return Err(ReadError::UnpacksTooLarge { megabytes: LARGEST_UNPACKED >> 20 });
            }
            if is_xml {
                scan.take(&piece[..length], |tag| self.check_tag(tag, &mut stated_strings))?;
            }
        }
        // The shortest shared string, `<si/>`, takes five bytes.
        if stated_strings > MOST_CELLS || stated_strings > size / 5 + 1 {
            return Err(ReadError::Damaged);
        }
        Ok(())
    }

    fn check_tag(&mut self, tag: &[u8], stated_strings: &mut u64) -> Result<(), ReadError> {
        match markup::local_name(tag) {
            b"c" => {
                self.cells += 1;
                if self.cells > MOST_CELLS {
                    return Err(ReadError::TooManyCells { most: MOST_CELLS });
                }
                markup::attribute(tag, b"r").map_or(Ok(()), check_reference)
            }
            b"row" => match markup::attribute(tag, b"r") {
                Some(row) => check_row(number(row)?),
                None => Ok(()),
            },
            b"dimension" => match markup::attribute(tag, b"ref") {
                Some(range) => range.split(|&byte| byte == b':').try_for_each(check_reference),
                None => Ok(()),
            },
            b"sst" => {
                for name in [&b"count"[..], b"uniqueCount"] {
                    let stated = markup::attribute(tag, name).map_or(Ok(0), number)?;
                    if stated > MOST_CELLS {
                        return Err(ReadError::Damaged);
                    }
                    if name == b"uniqueCount" {
                        *stated_strings = (*stated_strings).max(stated);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// A part's name, cut to what a sentence can hold.
fn shortened(name: &str) -> String {
    name.chars().take(60).collect()
}

fn has_xml_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a part is XML under another name: a workbook may point at any of its parts as a sheet.
fn starts_as_xml(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    text.trim_ascii_start().starts_with(b"<")
}

/// Whether a part is an archive or a document container itself.
fn is_archive(start: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"]
        .iter()
        .any(|signature| start.starts_with(signature))
}

fn number(digits: &[u8]) -> Result<u64, ReadError> {
    let text = std::str::from_utf8(digits).map_err(|_| ReadError::Damaged)?;
    text.parse().map_err(|_| ReadError::Damaged)
}

fn check_row(row: u64) -> Result<(), ReadError> {
    let most = LAST_SHEET_ROW;
    if row > u64::from(most) { Err(ReadError::TooManyRows { most: most as usize }) } else { Ok(()) }
}

/// Checks a reference such as `XFD1048576`.
fn check_reference(reference: &[u8]) -> Result<(), ReadError> {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (column, row) = reference.split_at(letters);
    let column = column.iter().fold(0usize, |sum, letter| {
        sum.saturating_mul(26).saturating_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    check_row(number(row)?)?;
    if column > MOST_COLUMNS { Err(ReadError::TooManyColumns { most: MOST_COLUMNS }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_may_go_as_far_as_the_limits() {
        for reference in ["A1", "gr100000", "GR1", "7"] {
            assert_eq!(check_reference(reference.as_bytes()), Ok(()), "{reference}");
        }
        let columns = Err(ReadError::TooManyColumns { most: 200 });
        let rows = Err(ReadError::TooManyRows { most: 100_000 });
        for (reference, refused) in [
            ("GS1", &columns),
            ("ZZZZZZZZZZZZZZZZZZZZZZZZ1", &columns),
            ("A100001", &rows),
            ("A18446744073709551615", &rows),
        ] {
            assert_eq!(&check_reference(reference.as_bytes()), refused, "{reference}");
        }
        for reference in ["A", "", "1A", "A-1", "A1 ", "A&#49;", "A99999999999999999999"] {
            assert_eq!(check_reference(reference.as_bytes()), Err(ReadError::Damaged), "{reference}");
        }
    }

    #[test]
    fn there_may_be_as_many_cells_as_the_limit_and_no_more() {
        let mut unpacked = Unpacked { bytes: 0, cells: MOST_CELLS - 1 };
        assert_eq!(unpacked.check_tag(b"c r=\"A1\"", &mut 0), Ok(()));
        let too_many = Err(ReadError::TooManyCells { most: MOST_CELLS });
        assert_eq!(unpacked.check_tag(b"x:c r=\"A2\"", &mut 0), too_many);
    }

    #[test]
    fn an_archive_that_says_nothing_of_its_parts_is_damaged() {
        for bytes in [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x05\x06\0\0\0\0\xff\xff\xff"] {
            assert_eq!(check(bytes), Err(ReadError::Damaged));
        }
        let stated =
            [&b"PK\x05\x06\0\0\0\0"[..], &201u16.to_le_bytes(), &201u16.to_le_bytes(), &[0; 10]].concat();
        assert_eq!(check(&stated), Err(ReadError::TooManyParts { most: MOST_PARTS }));
    }
}
