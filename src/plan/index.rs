//! Which area, partner, pool or measure a cell means.

use super::{
    findings::{Findings, listed},
    tables::{Row, Table},
};
use std::collections::HashMap;

/// The areas of a plan by code.
pub struct AreaIndex<'t> {
    known: HashMap<&'t str, (usize, u32)>,
    codes: Vec<&'t str>,
    complete: bool,
}

/// The things of one kind that the rows of the plan refer to, by area and id.
pub struct Index<'t> {
    /// What one of them is called, such as "partner".
    noun: &'static str,
    /// The table that they stand in.
    table: &'static str,
    known: HashMap<(usize, &'t str), (usize, u32)>,
    complete: bool,
    /// Every area has the same ones; they are kept under [`Index::EVERY_AREA`].
    national: bool,
}

impl<'t> AreaIndex<'t> {
    pub fn new(table: &Table) -> AreaIndex<'t> {
        AreaIndex { known: HashMap::new(), codes: Vec::new(), complete: table.is_usable() }
    }

    /// Adds the next area; a second row of the same code is a fault.
    pub fn add(&mut self, code: &'t str, row: Row<'_>, column: usize, findings: &mut Findings) -> bool {
        if let Some((_, first)) = self.known.get(code) {
            findings.at_cell(row, column, "DUPLICATE", stands_already(*first));
            return false;
        }
        self.known.insert(code, (self.codes.len(), row.number()));
        self.codes.push(code);
        true
    }

    /// The area that a cell names; a code that no area has is a fault.
    pub fn find(&self, row: Row<'_>, column: usize, findings: &mut Findings) -> Option<usize> {
        let code = findings.filled(row, column)?;
        let area = self.known.get(code).map(|(area, _)| *area);
        if area.is_none() && self.complete {
            findings.at_cell(
                row,
                column,
                "AREA",
                "is the code of no area of the plan. Correct it, or add the area to areas",
            );
        }
        area
    }

    pub fn code(&self, area: usize) -> &'t str {
        self.codes[area]
    }

    pub fn count(&self) -> usize {
        self.codes.len()
    }

    /// One empty list for each area.
    pub fn lists<T>(&self) -> Vec<Vec<T>> {
        (0..self.codes.len()).map(|_| Vec::new()).collect()
    }
}

impl<'t> Index<'t> {
    /// Where things that every area has are kept.
    pub const EVERY_AREA: usize = usize::MAX;

    /// An index of things that each area has for itself.
    pub fn new(noun: &'static str, table: &Table) -> Index<'t> {
        Index {
            noun,
            table: table.name(),
            known: HashMap::new(),
            complete: table.is_usable(),
            national: false,
        }
    }

    /// An index of things that every area has.
    pub fn national(noun: &'static str, table: &Table) -> Index<'t> {
        Index { national: true, ..Index::new(noun, table) }
    }

    /// Says that not all of them could be read, so that an unknown id is no fault of its own.
    pub fn doubt(&mut self) {
        self.complete = false;
    }

    /// Adds `id` as the area's thing number `place`; a second row of the same id is a fault.
    pub fn add(
        &mut self,
        (area, id): (usize, &'t str),
        place: usize,
        row: Row<'_>,
        column: usize,
        findings: &mut Findings,
    ) -> bool {
        if let Some((_, first)) = self.known.get(&(area, id)) {
            findings.at_cell(row, column, "DUPLICATE", stands_already(*first));
            return false;
        }
        if place > usize::from(u16::MAX) {
            findings.at_cell(
                row,
                column,
                "TOO_MANY",
                format!("is one {} too many: an area may have 65,536", self.noun),
            );
            return false;
        }
        self.known.insert((area, id), (place, row.number()));
        true
    }

    /// Moves an id that stands in the index to another place.
    pub fn place(&mut self, area: usize, id: &'t str, place: usize) {
        if let Some(known) = self.known.get_mut(&(area, id)) {
            known.0 = place;
        }
    }

    pub fn get(&self, area: usize, id: &str) -> Option<usize> {
        self.known.get(&(area, id)).map(|(place, _)| *place)
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The thing that a cell names; an id that the area does not have is a fault.
    pub fn find(
        &self,
        area: Option<usize>,
        areas: &AreaIndex<'_>,
        row: Row<'_>,
        column: usize,
        findings: &mut Findings,
    ) -> Option<usize> {
        let id = findings.filled(row, column)?;
        let place = match (self.national, area) {
            (true, _) => self.get(Index::EVERY_AREA, id),
            (false, Some(area)) => self.get(area, id),
            (false, None) => return None,
        };
        if place.is_none() && self.complete {
            let whose = match area.filter(|_| !self.national) {
                Some(area) => format!("area {}", areas.code(area)),
                None => "the plan".to_owned(),
            };
            findings.at_cell(
                row,
                column,
                "UNKNOWN",
                format!(
                    "is no {noun} of {whose}. Correct it, or add the {noun} to {table}",
                    noun = self.noun,
                    table = self.table,
                ),
            );
        }
        place
    }
}

/// Rows that share a fault: `row 4`, `rows 2 to 5`, or `rows 2, 5 and 9`.
pub fn rows_named(rows: &[u32]) -> String {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    match rows[..] {
        [] => "no row".to_owned(),
        [row] => format!("row {row}"),
        [first, .., last] if rows.len() > 2 && (last - first) as usize == rows.len() - 1 => {
            format!("rows {first} to {last}")
        }
        _ => {
            let names: Vec<String> = rows.iter().map(u32::to_string).collect();
            format!("rows {}", listed(&names, "and"))
        }
    }
}

fn stands_already(first: u32) -> String {
    format!("stands in row {first} already. Keep one of the two rows")
}
