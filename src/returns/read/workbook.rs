//! A workbook's sheets, cell by cell, to frames. Runs within the process that reads workbooks.

use super::{
    LAST_SHEET_ROW, MOST_CELLS, MOST_COLUMNS, MOST_TEXT,
    cell::{self, ColumnKind},
    frames::{self, Refusal},
};
use calamine::{DataRef, Reader, SheetType, Xlsx};
use std::io::{self, Cursor, Write};

/// Why writing a workbook's tables stopped.
#[derive(Debug)]
enum Stop {
    Refused(Refusal),
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

/// Writes every sheet that holds anything, then whether the workbook was read to its end.
pub(super) fn write_tables(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    match write_sheets(bytes, out) {
        Ok(()) => frames::write_done(out)?,
        Err(Stop::Refused(refusal)) => frames::write_refusal(out, refusal)?,
        Err(Stop::Output(error)) => return Err(error),
    }
    out.flush()
}

fn write_sheets(bytes: &[u8], out: &mut impl Write) -> Result<(), Stop> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| Stop::Refused(Refusal::Damaged))?;
    let worksheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut used = Used::default();
    worksheets.iter().try_for_each(|name| write_sheet(&mut workbook, name, &mut used, out))
}

/// What the workbook's sheets so far hold.
#[derive(Default)]
struct Used {
    cells: u64,
    text: usize,
}

impl Used {
    fn add(&mut self, text: &str) -> Result<(), Refusal> {
        self.cells += 1;
        self.text += text.len();
        match (self.cells > MOST_CELLS, self.text > MOST_TEXT) {
            (true, _) => Err(Refusal::TooManyCells),
            (false, true) => Err(Refusal::TooMuchText),
            (false, false) => Ok(()),
        }
    }
}

fn write_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    used: &mut Used,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let damaged = |_| Stop::Refused(Refusal::Damaged);
    frames::write_sheet(out, name)?;
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    let mut kinds = None;
    let mut row = Row::default();
    let mut any_empty = false;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(damaged)? {
        let (at, column) = cell.get_position();
        if at >= LAST_SHEET_ROW {
            return Err(Stop::Refused(Refusal::TooManyRows));
        }
        if column as usize >= MOST_COLUMNS {
            return Err(Stop::Refused(Refusal::TooManyColumns));
        }
        if at != row.at {
            row.write(&mut kinds, out)?;
            if at < row.at {
                return Err(Stop::Refused(Refusal::Damaged));
            }
            row.at = at;
        }
        any_empty |= matches!(cell.get_value(), DataRef::Empty);
        let format = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
        let kind = ColumnKind::in_column(kinds.as_deref(), column as usize);
        let text = cell::text(cell.get_value(), kind, format.map(|format| format.format_code.as_str()));
        used.add(&text).map_err(Stop::Refused)?;
        row.put(column as usize, text).map_err(Stop::Refused)?;
    }
    row.write(&mut kinds, out)?;
    drop(cells);
    if any_empty { check_formulas(workbook, name).map_err(Stop::Refused) } else { Ok(()) }
}

/// Programs other than spreadsheets write formulas without working them out: such a cell is not empty.
fn check_formulas(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<(), Refusal> {
    let damaged = |_| Refusal::Damaged;
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
            return Err(Refusal::FormulaWithoutResult { row: cell.pos.0 + 1 });
        }
    }
    Ok(())
}

impl ColumnKind {
    /// The kind of a column below the heading row; before that row is known every cell stands for itself.
    fn in_column(kinds: Option<&[ColumnKind]>, column: usize) -> ColumnKind {
        kinds.and_then(|kinds| kinds.get(column)).copied().unwrap_or(ColumnKind::Other)
    }
}

/// The row that is being read.
#[derive(Default)]
struct Row {
    /// Counted from nought.
    at: u32,
    fields: Vec<String>,
}

impl Row {
    /// Cells come in the order of their columns, each once.
    fn put(&mut self, column: usize, text: String) -> Result<(), Refusal> {
        if column < self.fields.len() {
            return Err(Refusal::Damaged);
        }
        self.fields.resize(column, String::new());
        self.fields.push(text);
        Ok(())
    }

    /// Writes the row, where it holds anything, without the empty cells at its end. The first row
    /// written is the heading.
    fn write(&mut self, kinds: &mut Option<Vec<ColumnKind>>, out: &mut impl Write) -> io::Result<()> {
        let held = self.fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1);
        if held > 0 {
            let fields = &self.fields[..held];
            kinds.get_or_insert_with(|| fields.iter().map(|heading| ColumnKind::of(heading)).collect());
            frames::write_row(out, self.at + 1, fields)?;
        }
        self.fields.clear();
        Ok(())
    }
}
