//! Reading any table that a partner or a plan's owner sends, as text.
//!
//! A CSV file is read where it lies. A workbook is first checked part by part and then
//! read by a child process with little memory and little time, so that no file can stop the program.
//! What a cell means is not decided here.

mod cell;
mod delimited;
mod error;
mod frames;
mod guard;
mod markup;
mod process;
mod workbook;

pub use error::ReadError;
pub use process::{read_workbook_child, set_workbook_reader};

use csv::ByteRecord;

/// The largest CSV file, in bytes.
pub const LARGEST_CSV: usize = 100 << 20;
/// The most rows of a CSV file, its heading among them.
pub const MOST_CSV_ROWS: usize = 1_000_000;
/// The longest row of a CSV file, in bytes.
pub const LONGEST_ROW: usize = 64 << 10;
/// The most columns of a table.
pub const MOST_COLUMNS: usize = 200;
/// The largest workbook as it is sent (packed), in bytes.
pub const LARGEST_WORKBOOK: usize = 10 << 20;
/// The most parts (files within the archive) of a workbook.
pub const MOST_PARTS: usize = 200;
/// The largest workbook unpacked, in bytes.
pub const LARGEST_UNPACKED: u64 = 100 << 20;
/// The largest part of a workbook unpacked, in bytes.
pub const LARGEST_PART: u64 = 50 << 20;
/// How many times its packed size a part may be, once it is larger than [`RATIO_COUNTS_FROM`].
pub const HIGHEST_RATIO: u64 = 100;
/// The unpacked size, in bytes, from which [`HIGHEST_RATIO`] counts.
pub const RATIO_COUNTS_FROM: u64 = 1 << 20;
/// The last row that a sheet may use, as a spreadsheet numbers it.
pub const LAST_SHEET_ROW: u32 = 100_000;
/// The most cells of a workbook.
pub const MOST_CELLS: u64 = 2_000_000;
/// The most text that a workbook's cells may hold in all, in bytes.
pub const MOST_TEXT: usize = 100 << 20;

/// A file as sent, read into its tables.
pub struct SentFile<'a> {
    /// In the file's order; there is at least one.
    pub tables: Vec<SentTable<'a>>,
    pub format: Format,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv { encoding: Encoding },
    Xlsx,
}

/// How a CSV file's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// UTF-8 with a byte-order mark, as spreadsheets write it.
    Utf8WithMark,
    /// The code page of older Windows programs.
    Windows1252,
}

/// One table of a file as sent: a CSV file has one, a workbook one for each sheet that holds anything.
pub struct SentTable<'a> {
    /// The sheet's name; none for a CSV file.
    pub sheet: Option<String>,
    /// The headings as they stand, untrimmed.
    pub heading: Vec<String>,
    rows: Rows<'a>,
}

enum Rows<'a> {
    Delimited(delimited::DelimitedRows<'a>),
    Sheet(frames::SheetRows),
}

impl SentTable<'_> {
    /// Calls `each` with every row below the heading: its number as a spreadsheet shows it (the first
    /// row of the file or sheet is row 1) and its fields, which are valid UTF-8 and untrimmed.
    ///
    /// A row that ends early is filled up with empty fields; one that goes on beyond the headings is
    /// handed on with all its fields. Empty rows are counted, not handed on.
    pub fn for_each_row(&self, mut each: impl FnMut(u32, &ByteRecord)) {
        let mut record = ByteRecord::new();
        let mut give = |row: u32, record: &mut ByteRecord| {
            for _ in record.len()..self.heading.len() {
                record.push_field(b"");
            }
            each(row, record);
        };
        match &self.rows {
            Rows::Delimited(rows) => {
                let mut rows = rows.cursor();
                while let Some(row) = rows.read(&mut record) {
                    give(row, &mut record);
                }
            }
            Rows::Sheet(rows) => {
                let mut rows = rows.cursor();
                while let Some(row) = rows.read(&mut record) {
                    give(row, &mut record);
                }
            }
        }
    }

    /// How many rows [`Self::for_each_row`] hands on. It goes through the whole table.
    pub fn row_count(&self) -> u32 {
        let mut count = 0;
        self.for_each_row(|_, _| count += 1);
        count
    }
}

/// Reads a file that someone sent; its name is needed only for its ending.
///
/// A CSV file in UTF-8 is borrowed, not copied. Fails where the file is not a CSV or XLSX, cannot be
/// read as its ending says, or goes beyond the limits above; the error is a sentence for its sender.
pub fn open<'a>(file_name: &str, bytes: &'a [u8]) -> Result<SentFile<'a>, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    match (Ending::of(file_name)?, Content::of(bytes)) {
        (_, Content::Compound { protected: true }) => Err(ReadError::PasswordProtected),
        (_, Content::Compound { protected: false }) => Err(ReadError::OtherSpreadsheet),
        (_, Content::Foreign) => Err(ReadError::NotCsvOrXlsx),
        (Ending::Csv, Content::Archive) => Err(ReadError::WorkbookNamedCsv),
        (Ending::Xlsx, Content::Text) => Err(ReadError::TextNamedXlsx),
        (Ending::Csv, Content::Text) => {
            let (encoding, heading, rows) = delimited::open(bytes)?;
            let table = SentTable { sheet: None, heading, rows: Rows::Delimited(rows) };
            Ok(SentFile { tables: vec![table], format: Format::Csv { encoding } })
        }
        (Ending::Xlsx, Content::Archive) => {
            guard::check(bytes)?;
            let sheets = frames::sheets(&process::read_in_child(bytes)?)?;
            let tables: Vec<_> = sheets
                .into_iter()
                .map(|sheet| SentTable {
                    sheet: Some(sheet.name),
                    heading: sheet.heading,
                    rows: Rows::Sheet(sheet.rows),
                })
                .collect();
            if tables.is_empty() {
                return Err(ReadError::Empty);
            }
            Ok(SentFile { tables, format: Format::Xlsx })
        }
    }
}

enum Ending {
    Csv,
    Xlsx,
}

impl Ending {
    fn of(file_name: &str) -> Result<Ending, ReadError> {
        let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Ending::Csv),
            Some("xlsx") => Ok(Ending::Xlsx),
            Some("xls" | "xlsb" | "xlsm" | "xlt" | "xltx" | "xltm" | "ods" | "ots" | "numbers") => {
                Err(ReadError::OtherSpreadsheet)
            }
            _ => Err(ReadError::NotCsvOrXlsx),
        }
    }
}

/// What a file holds, told from its first bytes.
enum Content {
    Archive,
    /// The container of old `.xls` workbooks and of workbooks with a password.
    Compound {
        protected: bool,
    },
    /// A kind of file that is surely no table.
    Foreign,
    Text,
}

/// How files that are surely no tables begin.
const FOREIGN: [&[u8]; 12] = [
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"{\\rtf",
    b"<?xml",
    b"<!DOCTYPE",
    b"<html",
    b"\x7fELF",
];

impl Content {
    fn of(bytes: &[u8]) -> Content {
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Content::Archive;
        }
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            // Names within the container are UTF-16; a workbook with a password lies in this stream.
            let name: Vec<u8> = b"EncryptedPackage".iter().flat_map(|&letter| [letter, 0]).collect();
            return Content::Compound { protected: memchr::memmem::find(bytes, &name).is_some() };
        }
        if FOREIGN.iter().any(|start| bytes.starts_with(start)) { Content::Foreign } else { Content::Text }
    }
}

#[cfg(test)]
mod tests;
