//! What the process that reads workbooks writes, and how it is read back.
//!
//! A run of frames, each a tag and its content; numbers are 32 bits, lowest byte first, and text has
//! its length before it. An answer without its closing frame is that of a process that died.

use super::{LAST_SHEET_ROW, MOST_CELLS, MOST_COLUMNS, MOST_TEXT, ReadError};
use csv::ByteRecord;
use std::io::{self, Write};

const SHEET: u8 = b'S';
const ROW: u8 = b'R';
const DONE: u8 = b'.';
const REFUSED: u8 = b'!';

/// The most bytes that an answer can have: its text, and what stands around each cell and row.
pub(super) const LONGEST_ANSWER: u64 = MOST_TEXT as u64 + MOST_CELLS * 4 + LAST_SHEET_ROW as u64 * 200 * 13;

/// Why the process could not read a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Damaged,
    TooManyRows,
    TooManyColumns,
    TooManyCells,
    TooMuchText,
    /// A formula of this row has no result kept with it.
    FormulaWithoutResult {
        row: u32,
    },
}

impl Refusal {
    /// What stands in the frame: a letter, and a row where there is one.
    fn code(self) -> (u8, u32) {
        match self {
            Refusal::Damaged => (b'd', 0),
            Refusal::TooManyRows => (b'r', 0),
            Refusal::TooManyColumns => (b'c', 0),
            Refusal::TooManyCells => (b'n', 0),
            Refusal::TooMuchText => (b't', 0),
            Refusal::FormulaWithoutResult { row } => (b'f', row),
        }
    }

    fn from_code(letter: u8, row: u32) -> Option<Refusal> {
        match letter {
            b'd' => Some(Refusal::Damaged),
            b'r' => Some(Refusal::TooManyRows),
            b'c' => Some(Refusal::TooManyColumns),
            b'n' => Some(Refusal::TooManyCells),
            b't' => Some(Refusal::TooMuchText),
            b'f' => Some(Refusal::FormulaWithoutResult { row }),
            _ => None,
        }
    }

    pub(super) fn error(self) -> ReadError {
        match self {
            Refusal::Damaged => ReadError::Damaged,
            Refusal::TooManyRows => ReadError::TooManyRows { most: LAST_SHEET_ROW as usize },
            Refusal::TooManyColumns => ReadError::TooManyColumns { most: MOST_COLUMNS },
            Refusal::TooManyCells => ReadError::TooManyCells { most: MOST_CELLS },
            Refusal::TooMuchText => ReadError::WorkbookTooDemanding,
            Refusal::FormulaWithoutResult { row } => ReadError::FormulaWithoutResult { row },
        }
    }
}

pub(super) fn write_sheet(out: &mut impl Write, name: &str) -> io::Result<()> {
    out.write_all(&[SHEET])?;
    write_text(out, name)
}

/// A row of the sheet last begun; the first one of a sheet is its heading.
pub(super) fn write_row(out: &mut impl Write, row: u32, fields: &[String]) -> io::Result<()> {
    out.write_all(&[ROW])?;
    out.write_all(&row.to_le_bytes())?;
    out.write_all(&(fields.len() as u32).to_le_bytes())?;
    fields.iter().try_for_each(|field| write_text(out, field))
}

pub(super) fn write_done(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[DONE])
}

pub(super) fn write_refusal(out: &mut impl Write, refusal: Refusal) -> io::Result<()> {
    let (letter, row) = refusal.code();
    out.write_all(&[REFUSED, letter])?;
    out.write_all(&row.to_le_bytes())
}

fn write_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(&(text.len() as u32).to_le_bytes())?;
    out.write_all(text.as_bytes())
}

/// A sheet that holds anything.
#[derive(Debug)]
pub(super) struct Sheet {
    pub name: String,
    pub heading: Vec<String>,
    pub rows: SheetRows,
}

/// The frames of a sheet's rows below its heading, in order, each sound.
#[derive(Debug)]
pub(super) struct SheetRows(Vec<u8>);

/// Reads an answer back; an answer that is cut short or makes no sense is a workbook too demanding.
pub(super) fn sheets(answer: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    let mut rest = Frames(answer);
    let mut sheets = Vec::new();
    loop {
        match rest.byte() {
            Some(SHEET) => {
                let sheet = rest.sheet().ok_or(ReadError::WorkbookTooDemanding)?;
                sheets.extend(sheet);
            }
            Some(DONE) if rest.0.is_empty() => return Ok(sheets),
            Some(REFUSED) => {
                let refusal = rest.refusal().map(Refusal::error);
                return Err(refusal.unwrap_or(ReadError::WorkbookTooDemanding));
            }
            _ => return Err(ReadError::WorkbookTooDemanding),
        }
    }
}

impl SheetRows {
    pub(super) fn cursor(&self) -> SheetCursor<'_> {
        SheetCursor(Frames(&self.0))
    }
}

/// Goes through a sheet's rows.
pub(super) struct SheetCursor<'t>(Frames<'t>);

impl SheetCursor<'_> {
    /// Puts the next row into `record` and gives its number.
    pub(super) fn read(&mut self, record: &mut ByteRecord) -> Option<u32> {
        record.clear();
        self.0.byte()?;
        self.0.row(|field| record.push_field(field.as_bytes()))
    }
}

/// What is left of an answer.
struct Frames<'t>(&'t [u8]);

impl<'t> Frames<'t> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn refusal(&mut self) -> Option<Refusal> {
        let letter = self.byte()?;
        Refusal::from_code(letter, self.number()?)
    }

    fn text(&mut self) -> Option<&'t str> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// The number of a row whose tag has been read; its fields go to `give`.
    fn row(&mut self, mut give: impl FnMut(&'t str)) -> Option<u32> {
        let row = self.number()?;
        for _ in 0..self.number()? {
            give(self.text()?);
        }
        Some(row)
    }

    /// A sheet whose tag has been read, up to the next frame that is not a row; `Some(None)` where it
    /// holds nothing.
    fn sheet(&mut self) -> Option<Option<Sheet>> {
        let name = self.text()?.to_owned();
        if self.0.first() != Some(&ROW) {
            return Some(None);
        }
        self.byte()?;
        let mut heading = Vec::new();
        self.row(|field| heading.push(field.to_owned()))?;
        let rows = self.0;
        while self.0.first() == Some(&ROW) {
            self.byte()?;
            self.row(|_| ())?;
        }
        let rows = rows[..rows.len() - self.0.len()].to_vec();
        Some(Some(Sheet { name, heading, rows: SheetRows(rows) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_short_anywhere_is_refused() {
        let mut answer = Vec::new();
        write_sheet(&mut answer, "finance").unwrap();
        write_row(&mut answer, 1, &["budget".into(), "actual".into()]).unwrap();
        write_row(&mut answer, 3, &["1.00".into(), String::new()]).unwrap();
        write_sheet(&mut answer, "nothing").unwrap();
        write_done(&mut answer).unwrap();
        let read = sheets(&answer).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].name.as_str(), read[0].heading.len()), ("finance", 2));
        for length in 0..answer.len() {
            assert_eq!(sheets(&answer[..length]).unwrap_err(), ReadError::WorkbookTooDemanding);
        }
    }

    #[test]
    fn a_refusal_is_told_as_it_was_written() {
        for refusal in [
            Refusal::Damaged,
            Refusal::TooManyRows,
            Refusal::TooManyColumns,
            Refusal::TooManyCells,
            Refusal::TooMuchText,
            Refusal::FormulaWithoutResult { row: 70_000 },
        ] {
            let mut answer = Vec::new();
            write_refusal(&mut answer, refusal).unwrap();
            assert_eq!(sheets(&answer).unwrap_err(), refusal.error());
        }
    }
}
