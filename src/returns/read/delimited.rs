//! CSV text: what it is written in, where its rows end, and its fields.
//!
//! Quoting is that of RFC 4180. Everything that can be wrong with the file as a whole is found on
//! opening, so that going through its rows cannot fail.

use super::{Encoding, LARGEST_CSV, LONGEST_ROW, MOST_COLUMNS, MOST_CSV_ROWS, ReadError};
use csv::ByteRecord;
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memchr3, memrchr2};
use std::borrow::Cow;

/// The rows of CSV text below its heading.
pub(super) struct DelimitedRows<'a> {
    text: Cow<'a, [u8]>,
    breaks: LineBreaks,
    /// Where the row below the heading begins.
    start: usize,
    heading_row: u32,
}

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineBreaks {
    /// Every carriage return has its line feed.
    LineFeed,
    /// There are carriage returns by themselves, and they end lines too.
    Mixed,
}

/// Reads the heading and checks the whole text.
pub(super) fn open(bytes: &[u8]) -> Result<(Encoding, Vec<String>, DelimitedRows<'_>), ReadError> {
    if bytes.len() > LARGEST_CSV {
        return Err(ReadError::TooBig { megabytes: LARGEST_CSV >> 20 });
    }
    let (encoding, text) = decoded(bytes)?;
    let lone_return = memchr_iter(b'\r', &text).any(|at| text.get(at + 1) != Some(&b'\n'));
    let breaks = if lone_return { LineBreaks::Mixed } else { LineBreaks::LineFeed };
    check_rows(&text, breaks)?;

    let mut heading = ByteRecord::new();
    let mut cursor = Cursor::new(&text, breaks, 0, 0);
    let heading_row = cursor.read(&mut heading).ok_or(ReadError::Empty)?;
    let start = cursor.at;
    if heading.len() == 1 && heading[0].iter().any(|byte| matches!(byte, b';' | b'\t')) {
        return Err(ReadError::NotDividedByCommas);
    }
    if heading.len() > MOST_COLUMNS {
        return Err(ReadError::TooManyColumns { most: MOST_COLUMNS });
    }
    let heading = heading.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
    Ok((encoding, heading, DelimitedRows { text, breaks, start, heading_row }))
}

impl DelimitedRows<'_> {
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.text, self.breaks, self.start, self.heading_row)
    }
}

/// Goes through the rows of CSV text that [`open`] has checked.
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    breaks: LineBreaks,
    at: usize,
    row: u32,
    /// The first quotation mark from `at` on; the text's end where there is none.
    quote: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t [u8], breaks: LineBreaks, at: usize, row: u32) -> Cursor<'t> {
        Cursor { text, breaks, at, row, quote: next_quote(text, at) }
    }

    /// Puts the next row that holds anything into `record` and gives its number.
    pub(super) fn read(&mut self, record: &mut ByteRecord) -> Option<u32> {
        while self.at < self.text.len() {
            self.row += 1;
            let start = self.at;
            let (end, next) = self.breaks.line(self.text, start);
            if self.quote < end {
                record.clear();
                self.at = quoted_row(self.text, start, |field| record.push_field(field))
                    .expect("quotation marks were checked on opening");
                self.quote = next_quote(self.text, self.at);
                return Some(self.row);
            }
            self.at = next;
            if start < end {
                split(&self.text[start..end], record);
                return Some(self.row);
            }
        }
        None
    }
}

fn next_quote(text: &[u8], from: usize) -> usize {
    memchr(b'"', &text[from..]).map_or(text.len(), |at| from + at)
}

/// The fields of a row without quotation marks.
fn split(row: &[u8], record: &mut ByteRecord) {
    record.clear();
    let mut start = 0;
    for (at, &byte) in row.iter().enumerate() {
        if byte == b',' {
            record.push_field(&row[start..at]);
            start = at + 1;
        }
    }
    record.push_field(&row[start..]);
}

/// What can be wrong with a row's quotation marks.
#[derive(Debug)]
enum QuoteFault {
    Unclosed,
    Misplaced,
}

/// Gives each field of the row that starts at `at`, and where the next row starts.
fn quoted_row(text: &[u8], mut at: usize, mut give: impl FnMut(&[u8])) -> Result<usize, QuoteFault> {
    let mut unquoted = Vec::new();
    loop {
        if text.get(at) == Some(&b'"') {
            unquoted.clear();
            let mut from = at + 1;
            loop {
                let quote = next_quote(text, from);
                if quote == text.len() {
                    return Err(QuoteFault::Unclosed);
                }
                unquoted.extend_from_slice(&text[from..quote]);
                at = quote + 1;
                if text.get(at) != Some(&b'"') {
                    break;
                }
                unquoted.push(b'"');
                from = at + 1;
            }
            give(&unquoted);
        } else {
            let end = memchr3(b',', b'\n', b'\r', &text[at..]).map_or(text.len(), |found| at + found);
            give(&text[at..end]);
            at = end;
        }
        match text.get(at) {
            Some(b',') => at += 1,
            Some(b'\r') if text.get(at + 1) == Some(&b'\n') => return Ok(at + 2),
            Some(b'\r' | b'\n') => return Ok(at + 1),
            None => return Ok(at),
            Some(_) => return Err(QuoteFault::Misplaced),
        }
    }
}

impl LineBreaks {
    /// Where the line that starts at `start` ends, and where the next one starts.
    fn line(self, text: &[u8], start: usize) -> (usize, usize) {
        let rest = &text[start..];
        match self {
            LineBreaks::LineFeed => match memchr(b'\n', rest) {
                Some(0) => (start, start + 1),
                Some(length) if rest[length - 1] == b'\r' => (start + length - 1, start + length + 1),
                Some(length) => (start + length, start + length + 1),
                None => (text.len(), text.len()),
            },
            LineBreaks::Mixed => match memchr2(b'\n', b'\r', rest) {
                Some(length) if rest[length..].starts_with(b"\r\n") => (start + length, start + length + 2),
                Some(length) => (start + length, start + length + 1),
                None => (text.len(), text.len()),
            },
        }
    }

    fn count(self, text: &[u8]) -> usize {
        match self {
            LineBreaks::LineFeed => memchr_iter(b'\n', text).count(),
            LineBreaks::Mixed => memchr2_iter(b'\n', b'\r', text)
                .filter(|&at| text[at] == b'\n' || text.get(at + 1) != Some(&b'\n'))
                .count(),
        }
    }
}

/// The text without its byte-order mark, and what it was written in.
fn decoded(bytes: &[u8]) -> Result<(Encoding, Cow<'_, [u8]>), ReadError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReadError::Utf16);
    }
    if let Some(at) = memchr(0, bytes) {
        return Err(ReadError::NotText { row: line_number(bytes, at) });
    }
    let (marked, text) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(text) => (true, text),
        None => (false, bytes),
    };
    match (std::str::from_utf8(text), marked) {
        (Ok(_), true) => Ok((Encoding::Utf8WithMark, Cow::Borrowed(text))),
        (Ok(_), false) => Ok((Encoding::Utf8, Cow::Borrowed(text))),
        (Err(fault), true) => Err(ReadError::NotText { row: line_number(text, fault.valid_up_to()) }),
        (Err(_), false) => {
            // These five bytes have no character in Windows-1252.
            let undefined = |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
            if let Some(at) = text.iter().position(undefined) {
                return Err(ReadError::NotText { row: line_number(text, at) });
            }
            let (decoded, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text);
            Ok((Encoding::Windows1252, Cow::Owned(decoded.into_owned().into_bytes())))
        }
    }
}

/// The line that the byte at `at` stands on, from 1.
fn line_number(text: &[u8], at: usize) -> usize {
    LineBreaks::Mixed.count(&text[..at]) + 1
}

/// Checks how many rows there are, how long they are and that their quotation marks are in order.
fn check_rows(text: &[u8], breaks: LineBreaks) -> Result<(), ReadError> {
    let too_long = |row| ReadError::RowTooLong { row, kilobytes: LONGEST_ROW >> 10 };
    let mut start = 0;
    while text.len() - start > LONGEST_ROW {
        // Every line that ends in this stretch is short enough; the next stretch begins after the last.
        match memrchr2(b'\n', b'\r', &text[start..=start + LONGEST_ROW]) {
            Some(end) => start += end + 1,
            None => return Err(too_long(line_number(text, start))),
        }
    }

    let mut done = 0;
    let mut breaks_in_fields = 0;
    loop {
        let quote = next_quote(text, done);
        if quote == text.len() {
            break;
        }
        let start = memrchr2(b'\n', b'\r', &text[done..quote]).map_or(done, |at| done + at + 1);
        let row = || breaks.count(&text[..start]) - breaks_in_fields + 1;
        let next = quoted_row(text, start, |_| ()).map_err(|fault| match fault {
            QuoteFault::Unclosed => ReadError::UnclosedQuote { row: row() },
            QuoteFault::Misplaced => ReadError::MisplacedQuote { row: row() },
        })?;
        if next - start > LONGEST_ROW {
            return Err(too_long(row()));
        }
        let row_text = &text[start..next];
        breaks_in_fields += breaks.count(row_text) - usize::from(ends_with_break(row_text));
        done = next;
    }

    let rows = breaks.count(text) - breaks_in_fields + usize::from(!ends_with_break(text));
    if rows > MOST_CSV_ROWS {
        return Err(ReadError::TooManyRows { most: MOST_CSV_ROWS });
    }
    Ok(())
}

fn ends_with_break(text: &[u8]) -> bool {
    matches!(text.last(), Some(b'\n' | b'\r'))
}
