//! The files of a plan as tables: which table is which, which column is which, cell by cell.

use super::{
    PlanFile,
    findings::{Findings, thousands},
    forms::{Presence, TABLES, TableForm},
};
use crate::returns::read::{self, SentTable};
use std::collections::HashMap;

/// The most rows of all tables of a plan together.
pub(super) const MOST_ROWS: usize = 300_000;

/// Every table that a plan may have; those that were not sent are empty.
pub struct Tables(Vec<Table>);

/// One table, its cells in the order of its form's columns.
pub struct Table {
    form: &'static TableForm,
    state: State,
    /// Where each column of the form stands in what was sent.
    places: Vec<Option<usize>>,
    /// All cells one after the other.
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
    /// The number of each row as a spreadsheet shows it.
    numbers: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Sent,
    NotSent,
    /// Not sent though needed, or without a column that is needed: nothing can be said of its rows.
    Unusable,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    index: usize,
}

impl Tables {
    /// Reads the tables of all files; what is wrong with their shape goes to the findings.
    pub fn read(files: &[PlanFile], findings: &mut Findings) -> Tables {
        let mut tables: Vec<Table> = TABLES.iter().map(Table::not_sent).collect();
        let mut sent_by: HashMap<&'static str, String> = HashMap::new();
        let mut rows = 0;
        for file in files {
            let sent_file = match read::open(&file.name, &file.bytes) {
                Ok(sent_file) => sent_file,
                Err(error) => {
                    findings.at_row(&file.name, 0, "FILE", error.to_string());
                    continue;
                }
            };
            for sent in &sent_file.tables {
                let name = table_name(&file.name, sent);
                let Some(table) = tables.iter_mut().find(|table| table.form.name == name) else {
                    findings.note_at_row(&name, 0, "TABLE", "is not a table of a plan and was left aside");
                    continue;
                };
                // Counted before any cell is copied.
                rows += sent.row_count() as usize;
                if rows > MOST_ROWS && !findings.is_kept {
                    let most = thousands(MOST_ROWS as i64);
                    let remedy =
                        format!("brings the plan to more than {most} rows. Leave out what is not needed");
                    findings.at_row(&file.name, 0, "FILE", remedy);
                    break;
                }
                match sent_by.insert(table.form.name, file.name.clone()) {
                    None => *table = Table::from_sent(table.form, sent, findings),
                    Some(first) => findings.at_row(
                        table.form.name,
                        0,
                        "TABLE",
                        format!("stands in {first} and again in {}. Keep one of them", file.name),
                    ),
                }
            }
        }
        for table in &mut tables {
            table.report_absence(findings);
        }
        Tables(tables)
    }

    /// The table of this name, which must be one of the forms'.
    pub fn get(&self, name: &str) -> &Table {
        self.0.iter().find(|table| table.form.name == name).expect("a table that has a form")
    }
}

/// The name of a table: the sheet's in a workbook, else the file's without its ending.
pub fn table_name(file_name: &str, table: &SentTable<'_>) -> String {
    let name = match &table.sheet {
        Some(sheet) => sheet,
        None => file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem),
    };
    name.trim().to_ascii_lowercase()
}

impl Table {
    fn not_sent(form: &'static TableForm) -> Table {
        Table {
            form,
            state: State::NotSent,
            places: vec![None; form.columns.len()],
            text: String::new(),
            ends: Vec::new(),
            numbers: Vec::new(),
        }
    }

    fn from_sent(form: &'static TableForm, sent: &SentTable<'_>, findings: &mut Findings) -> Table {
        let mut table = Table { state: State::Sent, ..Table::not_sent(form) };
        table.place_columns(&sent.heading, findings);
        if table.state == State::Sent {
            table.take_rows(sent, findings);
        }
        table
    }

    /// Finds each column of the form among the headings, in whatever order they stand.
    fn place_columns(&mut self, heading: &[String], findings: &mut Findings) {
        for (place, heading) in heading.iter().enumerate() {
            let name = heading.trim();
            if name.is_empty() {
                continue;
            }
            match self.form.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)) {
                None => findings.note_at_row(
                    self.form.name,
                    1,
                    "COLUMN",
                    format!("the column \"{name}\" is not one of this table's and was left aside"),
                ),
                Some(column) if self.places[column].is_some() => {
                    findings.at_row(
                        self.form.name,
                        1,
                        "COLUMN",
                        format!("the column \"{name}\" stands twice. Keep one of the two"),
                    );
                    self.state = State::Unusable;
                }
                Some(column) => self.places[column] = Some(place),
            }
        }
        for (column, place) in self.form.columns.iter().zip(&self.places) {
            if place.is_none() && column.presence == Presence::Required {
                findings.missing_column(self.form.name, column);
                self.state = State::Unusable;
            }
        }
    }

    /// Takes the cells of the form's columns; a row of empty cells is no row.
    fn take_rows(&mut self, sent: &SentTable<'_>, findings: &mut Findings) {
        let width = sent.heading.len();
        sent.for_each_row(|number, record| {
            if record.iter().all(|cell| cell.is_empty()) {
                return;
            }
            if record.iter().skip(width).any(|cell| !cell.is_empty()) {
                findings.at_row(
                    self.form.name,
                    number,
                    "COLUMN",
                    "has more cells than there are headings. Put text that holds a comma in quotation marks",
                );
            }
            self.numbers.push(number);
            for place in &self.places {
                let cell = place.and_then(|place| record.get(place)).unwrap_or_default();
                self.text.push_str(&String::from_utf8_lossy(cell));
                self.ends.push(self.text.len());
            }
        });
    }

    fn report_absence(&mut self, findings: &mut Findings) {
        if !self.form.required {
            return;
        }
        let name = self.form.name;
        match self.state {
            State::NotSent => {
                let headings: Vec<_> = self.form.columns.iter().map(|column| column.name).collect();
                findings.at_row(
                    name,
                    0,
                    "TABLE",
                    format!(
                        "the plan has no table of this name. Add {name}.csv (or a sheet {name}) with the \
                         columns {}",
                        headings.join(", ")
                    ),
                );
                self.state = State::Unusable;
            }
            State::Sent if self.numbers.is_empty() => {
                findings.at_row(name, 0, "TABLE", "has headings but no rows. Write at least one");
                self.state = State::Unusable;
            }
            State::Sent | State::Unusable => {}
        }
    }

    pub fn name(&self) -> &'static str {
        self.form.name
    }

    /// Whether its rows can be relied on to be all that there are.
    pub fn is_usable(&self) -> bool {
        self.state != State::Unusable
    }

    /// Where the named columns stand in the form: looked up once, used for every row.
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> [usize; N] {
        names.map(|name| {
            let place = self.form.columns.iter().position(|column| column.name == name);
            place.expect("a column of the table's form")
        })
    }

    pub fn was_sent(&self, column: usize) -> bool {
        self.places[column].is_some()
    }

    pub fn form(&self) -> &'static TableForm {
        self.form
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.numbers.len()).map(|index| Row { table: self, index })
    }
}

impl<'t> Row<'t> {
    pub fn table(self) -> &'t Table {
        self.table
    }

    /// The row's number as a spreadsheet shows it; the heading is row 1.
    pub fn number(self) -> u32 {
        self.table.numbers[self.index]
    }

    pub fn text(self, column: usize) -> &'t str {
        let cell = self.index * self.table.form.columns.len() + column;
        let start = cell.checked_sub(1).map_or(0, |before| self.table.ends[before]);
        &self.table.text[start..self.table.ends[cell]]
    }

    /// Where the column stands in what was sent.
    pub fn place(self, column: usize) -> Option<usize> {
        self.table.places[column]
    }
}
