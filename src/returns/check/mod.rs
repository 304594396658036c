//! Checking a return, row by row: facts out of what is right, faults out of what is not.
//!
//! Rules run in the order of the workload's specification, section 3. A row with a fault is turned
//! away under the code of its first one, and the partner is told all of them. Fields are taken as
//! they stand; nothing that was sent is altered.

mod capitation;
mod finance;
mod forms;
mod measures;
mod own;
mod targets;
#[cfg(test)]
mod tests;

use super::fault::{Fault, Noted, noted};
use crate::figures::{
    agreement::AreaPlan,
    facts::{AreaFacts, CapitationLine, FinanceLine, IntakeCounts, MeasureFact, Reject, ReturnType, Target},
    period::{Month, MonthRange},
};
use csv::ByteRecord;
use std::collections::HashMap;

/// One return of one area, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedReturn {
    pub return_type: ReturnType,
    pub facts: ReturnFacts,
    pub counts: IntakeCounts,
    /// Rows turned away, each with the code of its first fault, in row order.
    pub rejects: Vec<Reject>,
    /// Everything wrong with the rows turned away, in row order.
    pub faults: Vec<Fault>,
    /// How many faults were found beyond those that the checker keeps.
    pub faults_not_kept: usize,
    /// What was accepted but should be looked at, in row order.
    pub queries: Vec<Fault>,
}

/// The facts of one return, in row order.
#[derive(Clone, Debug, PartialEq)]
pub enum ReturnFacts {
    Capitation(Vec<CapitationLine>),
    Finance(Vec<FinanceLine>),
    Measures(Vec<MeasureFact>),
    Targets(Vec<Target>),
}

/// What the rows of an area's returns are checked against.
pub struct Checker<'a> {
    plan: &'a AreaPlan,
    as_at: Month,
    sender: Option<own::Sender<'a>>,
    most_faults: usize,
    partners: Ids<'a>,
    measures: Ids<'a>,
    schemes: Ids<'a>,
    segments: Ids<'a>,
    practices: Ids<'a>,
}

impl<'a> Checker<'a> {
    /// Checks returns of `plan`'s area; actuals for months after `as_at` are in the future.
    pub fn new(plan: &'a AreaPlan, as_at: Month) -> Checker<'a> {
        Checker {
            plan,
            as_at,
            sender: None,
            most_faults: usize::MAX,
            partners: ids(plan.partners.iter().map(|partner| &partner.id)),
            measures: ids(plan.measures.iter().map(|measure| &measure.id)),
            schemes: ids(plan.schemes.iter().map(|scheme| &scheme.id)),
            segments: ids(plan.segments.iter().map(|segment| &segment.id)),
            practices: ids(plan.practices.iter().map(|practice| &practice.code)),
        }
    }

    /// Turns away rows that are not for the organisation with this code to send: those of others, and
    /// those about what others report, by what is `held`.
    pub fn sent_by(self, org_code: &'a str, held: &AreaFacts) -> Checker<'a> {
        Checker { sender: Some(own::Sender::new(org_code, held)), ..self }
    }

    /// Keeps no more faults than these of a return, and counts the rest. The rows turned away are told
    /// one by one all the same.
    pub fn keeping(self, most_faults: usize) -> Checker<'a> {
        Checker { most_faults, ..self }
    }

    /// Starts checking a return whose columns stand at `positions`, in the order of its type's columns.
    pub fn of_return(
        &'a self,
        return_type: ReturnType,
        heading: &'a [String],
        positions: &'a [usize],
    ) -> ReturnChecker<'a> {
        ReturnChecker {
            checker: self,
            sheet: Sheet {
                return_type,
                heading,
                positions,
                faults: Noted::at_most(self.most_faults),
                first_code: None,
                queries: Vec::new(),
            },
            counts: IntakeCounts::default(),
            rejects: Vec::new(),
            rows: match return_type {
                ReturnType::Capitation => Rows::Capitation(capitation::Rows::new(self)),
                ReturnType::Finance => Rows::Finance(finance::Rows::new(self)),
                ReturnType::Measures => Rows::Measures(measures::Rows::new(self)),
                ReturnType::Targets => Rows::Targets(targets::Rows::default()),
            },
        }
    }

    /// The first partner with this organisation code.
    fn organisation(&self, code: &[u8]) -> Option<u16> {
        self.plan
            .partners
            .iter()
            .position(|partner| partner.org_code.as_bytes() == code)
            .map(|index| index as u16)
    }

    fn organisation_codes(&self) -> String {
        listed(self.plan.partners.iter().map(|partner| partner.org_code.as_str()))
    }
}

/// One return while its rows are checked.
pub struct ReturnChecker<'a> {
    checker: &'a Checker<'a>,
    sheet: Sheet<'a>,
    counts: IntakeCounts,
    rejects: Vec<Reject>,
    rows: Rows<'a>,
}

enum Rows<'a> {
    Capitation(capitation::Rows<'a>),
    Finance(finance::Rows<'a>),
    Measures(measures::Rows<'a>),
    Targets(targets::Rows),
}

impl ReturnChecker<'_> {
    /// Checks the next row, which a spreadsheet numbers `number`.
    pub fn row(&mut self, number: u32, record: &ByteRecord) {
        let queries_before = self.sheet.queries.len();
        self.sheet.first_code = None;
        self.counts.rows += 1;
        if self.sheet.has_cells_beyond(record) {
            self.sheet.too_many_cells(number, record);
        } else if record.iter().all(<[u8]>::is_empty) {
            self.sheet.empty_row(number);
        } else {
            let row = Row { number, record };
            let is_own = self.sheet.is_of_sender(row, self.checker);
            match &mut self.rows {
                // What else is wrong with a row of another organisation is not for its sender to mend.
                _ if !is_own => {}
                Rows::Capitation(rows) => rows.check(self.checker, &mut self.sheet, row),
                Rows::Finance(rows) => rows.check(self.checker, &mut self.sheet, row),
                Rows::Measures(rows) => rows.check(self.checker, &mut self.sheet, row),
                Rows::Targets(rows) => rows.check(self.checker, &mut self.sheet, row),
            }
        }
        match self.sheet.first_code {
            None => self.counts.accepted += 1,
            Some(code) => {
                *self.counts.rejected.entry(code).or_default() += 1;
                self.rejects.push(Reject { return_type: self.sheet.return_type, row: number, code });
            }
        }
        for query in &self.sheet.queries[queries_before..] {
            *self.counts.warnings.entry(query.code).or_default() += 1;
        }
    }

    /// What the return comes to.
    pub fn finish(self) -> CheckedReturn {
        let (faults, faults_not_kept) = self.sheet.faults.into_parts();
        CheckedReturn {
            return_type: self.sheet.return_type,
            facts: match self.rows {
                Rows::Capitation(rows) => ReturnFacts::Capitation(rows.facts),
                Rows::Finance(rows) => ReturnFacts::Finance(rows.facts),
                Rows::Measures(rows) => ReturnFacts::Measures(rows.facts),
                Rows::Targets(rows) => ReturnFacts::Targets(rows.facts),
            },
            counts: self.counts,
            rejects: self.rejects,
            faults,
            faults_not_kept,
            queries: self.sheet.queries,
        }
    }
}

/// One row as it was sent.
#[derive(Clone, Copy)]
struct Row<'r> {
    number: u32,
    record: &'r ByteRecord,
}

/// Where the columns of a return stand, and what was found wrong in it so far.
struct Sheet<'a> {
    return_type: ReturnType,
    heading: &'a [String],
    positions: &'a [usize],
    faults: Noted,
    /// The code of the first fault of the row in hand.
    first_code: Option<&'static str>,
    queries: Vec<Fault>,
}

/// A column of a return, for what is said of a cell under it.
struct Cell<'a> {
    return_type: ReturnType,
    position: usize,
    heading: &'a str,
}

impl Cell<'_> {
    fn fault(&self, row: u32, found: &[u8], code: &'static str, remedy: String) -> Fault {
        Fault {
            table: self.return_type.name().into(),
            row,
            column: Some(self.position),
            heading: noted(self.heading),
            found: noted(&String::from_utf8_lossy(found)),
            code,
            remedy,
        }
    }
}

impl<'a> Sheet<'a> {
    fn field<'r>(&self, row: Row<'r>, column: usize) -> &'r [u8] {
        row.record.get(self.positions[column]).unwrap_or_default()
    }

    /// Notes a fault that turns the row away.
    fn fault(&mut self, row: Row<'_>, column: usize, code: &'static str, remedy: impl Into<String>) {
        self.fault_saying(row, column, code, || remedy.into());
    }

    /// As [`Self::fault`]; the remedy is written only where the fault is kept.
    fn fault_saying(
        &mut self,
        row: Row<'_>,
        column: usize,
        code: &'static str,
        remedy: impl FnOnce() -> String,
    ) {
        self.first_code.get_or_insert(code);
        let cell = self.cell(column);
        let found = row.record.get(self.positions[column]).unwrap_or_default();
        self.faults.add(|| cell.fault(row.number, found, code, remedy()));
    }

    /// Notes something to look at; the row stays accepted.
    fn query(&mut self, row: Row<'_>, column: usize, code: &'static str, remedy: String) {
        let query = self.cell(column).fault(row.number, self.field(row, column), code, remedy);
        self.queries.push(query);
    }

    fn cell(&self, column: usize) -> Cell<'a> {
        let position = self.positions[column];
        Cell { return_type: self.return_type, position, heading: &self.heading[position] }
    }

    /// Whether something stands beyond the last heading; empty cells there, as some programs write, do not
    /// matter.
    fn has_cells_beyond(&self, record: &ByteRecord) -> bool {
        let headings = self.heading.len();
        record.len() > headings && record.iter().skip(headings).any(|cell| !cell.is_empty())
    }

    fn too_many_cells(&mut self, number: u32, record: &ByteRecord) {
        let headings = self.heading.len();
        self.fault_of_row(number, "COLUMNS", || {
            format!(
                "the row has {} cells under {headings} headings. An amount such as 1,234.00 must be written without its comma",
                record.len()
            )
        });
    }

    /// A row of commas alone fails the first rule of every return, AREA; one fault says all that there is
    /// to say of it.
    fn empty_row(&mut self, number: u32) {
        self.fault_of_row(number, "AREA", || "the row is empty. Delete it".into());
    }

    /// Notes a fault of a row as a whole, whose remedy is written only where it is kept.
    fn fault_of_row(&mut self, number: u32, code: &'static str, remedy: impl FnOnce() -> String) {
        self.first_code.get_or_insert(code);
        let return_type = self.return_type;
        self.faults.add(|| Fault {
            table: return_type.name().into(),
            row: number,
            column: None,
            heading: String::new(),
            found: String::new(),
            code,
            remedy: remedy(),
        });
    }

    /// AREA: the row must name the area whose return this is.
    fn area(&mut self, row: Row<'_>, column: usize, checker: &Checker<'_>) {
        let area = &checker.plan.area;
        if self.field(row, column) != area.code.as_bytes() {
            let remedy = format!("is not the area of this return. Write {} for {}", area.code, area.name);
            self.fault(row, column, "AREA", remedy);
        }
    }

    /// PERIOD: a month within the window. `as_at` is the month that the return is for.
    fn month(&mut self, row: Row<'_>, column: usize, window: MonthRange, as_at: Month) -> Option<Month> {
        let month = Month::parse(self.field(row, column));
        match month {
            None => {
                let example = if window.contains(as_at) { as_at } else { window.last() };
                let remedy = format!("is not a month. Write the year and month, like {example}");
                self.fault(row, column, "PERIOD", remedy);
            }
            Some(month) if !window.contains(month) => {
                let remedy = format!(
                    "is outside the months of this return. Write a month from {} to {}",
                    window.first(),
                    window.last()
                );
                self.fault(row, column, "PERIOD", remedy);
                return None;
            }
            Some(_) => {}
        }
        month
    }

    /// ORG: the organisation code of one of the area's partners.
    fn organisation(&mut self, row: Row<'_>, column: usize, checker: &Checker<'_>) -> Option<u16> {
        let partner = checker.organisation(self.field(row, column));
        if partner.is_none() {
            self.fault_saying(row, column, "ORG", || {
                let codes = checker.organisation_codes();
                format!("is not the organisation code of a partner. Write one of {codes}")
            });
        }
        partner
    }

    /// One of the plan's ids.
    fn id(
        &mut self,
        row: Row<'_>,
        column: usize,
        ids: &Ids<'_>,
        code: &'static str,
        noun: &str,
    ) -> Option<u16> {
        let found = ids.get(self.field(row, column)).copied();
        if found.is_none() {
            let field = row.record.get(self.positions[column]).unwrap_or_default();
            self.fault_saying(row, column, code, || {
                let nearest = nearest(ids, field);
                format!("is not a {noun} of the plan. Write it exactly as in the plan{nearest}")
            });
        }
        found
    }

    /// DUP: an earlier row of the same file was accepted for the same key.
    fn duplicate(&mut self, row: Row<'_>, column: usize, key: &str) {
        let remedy =
            format!("repeats an earlier row for the same {key}. Keep the right one and delete the other");
        self.fault(row, column, "DUP", remedy);
    }

    fn is_sound_since(&self, faults_before: usize) -> bool {
        self.faults.count() == faults_before
    }
}

/// Ids of the plan and where they stand in it.
type Ids<'a> = HashMap<&'a [u8], u16>;

fn ids<'a>(names: impl Iterator<Item = &'a String>) -> Ids<'a> {
    names.enumerate().map(|(index, name)| (name.as_bytes(), index as u16)).collect()
}

/// `, such as S01` with the id that differs least in capitals and spaces, or an example.
fn nearest(ids: &Ids<'_>, found: &[u8]) -> String {
    let plain = |id: &[u8]| {
        id.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect::<Vec<u8>>()
    };
    let meant = ids.keys().filter(|id| plain(id) == plain(found)).min();
    match (meant, ids.keys().min()) {
        (Some(meant), _) => format!(": {}", String::from_utf8_lossy(meant)),
        (None, Some(example)) => format!(", like {}", String::from_utf8_lossy(example)),
        (None, None) => String::new(),
    }
}

/// `A, B and C`.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_string(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// Which keys of a return were accepted already.
struct Seen(Vec<u64>);

impl Seen {
    fn with_room_for(keys: usize) -> Seen {
        Seen(vec![0; keys.div_ceil(64)])
    }

    /// Whether `key` is seen for the first time.
    fn first(&mut self, key: usize) -> bool {
        let (word, bit) = (&mut self.0[key / 64], 1u64 << (key % 64));
        let first = *word & bit == 0;
        *word |= bit;
        first
    }
}
