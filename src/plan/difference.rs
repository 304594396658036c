//! What one edition of a plan says otherwise than another: rows added, taken away and changed, by table.

use super::{
    PlanFile,
    findings::Findings,
    forms::TABLES,
    tables::{Table, Tables},
};
use crate::returns::fault::Fault;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A row that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowChange {
    pub table: &'static str,
    pub kind: RowChangeKind,
    /// The area that the row speaks of; empty for a row that speaks of all.
    pub area_code: String,
    /// What tells the row from the others, such as `E10000002, S01`.
    pub row: String,
    /// Every cell of a row that was added or taken away; those that differ of one that was changed.
    pub cells: Vec<CellChange>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RowChangeKind {
    Added,
    Removed,
    Changed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CellChange {
    pub column: &'static str,
    pub old: String,
    pub new: String,
}

/// What tells the rows of each table apart; of a table that is not here, every column does.
const KEYS: [(&str, &[&str]); 15] = [
    ("areas", &["area_code"]),
    ("windows", &["return_type"]),
    ("partners", &["area_code", "partner_id"]),
    ("pools", &["area_code", "pool_id"]),
    ("schemes", &["area_code", "scheme_id"]),
    ("measures", &["area_code", "measure_id"]),
    ("targets", &["area_code", "period", "measure_id"]),
    ("contracts", &["area_code", "contract_id"]),
    ("bands", &["area_code", "agreement_id", "side", "band_no", "partner_id"]),
    ("segments", &["segment_id"]),
    ("rates", &["area_code", "segment_id", "fy"]),
    ("practices", &["area_code", "practice_code"]),
    ("kpis", &["area_code", "measure_id"]),
    ("papers", &["area_code", "item"]),
    ("schedules", &["area_code", "job"]),
];

/// The rows that differ, in the order of the tables; within one in the order of `before`, then what is
/// new in that of `after`. Columns that no table has, and the order of rows and columns, do not count.
///
/// `before` was taken in as it is; `after` is new. Fails, file by file, where a file cannot be read.
pub fn difference(before: &[PlanFile], after: &[PlanFile]) -> Result<Vec<RowChange>, Vec<Fault>> {
    Ok(changes(&read(before, Findings::of_kept())?, &read(after, Findings::default())?))
}

/// The same where `after` was taken in before too: no bound that has come since is held against it.
pub fn difference_of_kept(before: &[PlanFile], after: &[PlanFile]) -> Result<Vec<RowChange>, Vec<Fault>> {
    Ok(changes(&read(before, Findings::of_kept())?, &read(after, Findings::of_kept())?))
}

fn changes(before: &Tables, after: &Tables) -> Vec<RowChange> {
    let mut changes = Vec::new();
    for form in TABLES {
        between(before.get(form.name), after.get(form.name), &mut changes);
    }
    changes
}

/// What is wrong beyond being unreadable matters to the plan as a whole, not here.
fn read(files: &[PlanFile], mut findings: Findings) -> Result<Tables, Vec<Fault>> {
    let tables = Tables::read(files, &mut findings);
    let (mut faults, _) = findings.into_parts();
    faults.retain(|fault| fault.code == "FILE");
    if faults.is_empty() { Ok(tables) } else { Err(faults) }
}

fn between(before: &Table, after: &Table, changes: &mut Vec<RowChange>) {
    let columns: Vec<&'static str> = before.form().columns.iter().map(|column| column.name).collect();
    let (old, new) = (Keyed::of(before, &columns), Keyed::of(after, &columns));
    let area = columns.iter().position(|column| *column == "area_code");
    let known: HashSet<&String> = old.order.iter().collect();
    let added = new.order.iter().filter(|key| !known.contains(key));
    for key in old.order.iter().chain(added) {
        let (was, is) = (old.rows.get(key), new.rows.get(key));
        let kind = match (was, is) {
            (Some(was), Some(is)) if was == is => continue,
            (Some(_), Some(_)) => RowChangeKind::Changed,
            (Some(_), None) => RowChangeKind::Removed,
            (None, _) => RowChangeKind::Added,
        };
        let cell = |row: Option<&Vec<String>>, place: usize| row.map_or("", |row| &row[place]).to_owned();
        let cells = columns.iter().enumerate().map(|(place, column)| CellChange {
            column,
            old: cell(was, place),
            new: cell(is, place),
        });
        changes.push(RowChange {
            table: before.name(),
            kind,
            area_code: area.map(|place| cell(is.or(was), place)).unwrap_or_default(),
            row: key.clone(),
            cells: cells.filter(|cell| cell.old != cell.new).collect(),
        });
    }
}

/// A table's rows by what tells them apart.
struct Keyed {
    order: Vec<String>,
    rows: HashMap<String, Vec<String>>,
}

impl Keyed {
    fn of(table: &Table, columns: &[&str]) -> Keyed {
        let key = KEYS.iter().find(|(name, _)| *name == table.name()).map_or(columns, |(_, key)| key);
        let places: Vec<usize> =
            key.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
        let mut keyed = Keyed { order: Vec::new(), rows: HashMap::new() };
        let mut met: HashMap<String, u32> = HashMap::new();
        for row in table.rows() {
            let cells: Vec<String> =
                (0..columns.len()).map(|column| row.text(column).trim().to_owned()).collect();
            let words = places.iter().map(|place| cells[*place].as_str()).filter(|cell| !cell.is_empty());
            let mut of_row = words.collect::<Vec<_>>().join(", ");
            let times = met.entry(of_row.clone()).or_default();
            *times += 1;
            if *times > 1 {
                of_row = format!("{of_row} ({times})");
            }
            keyed.rows.insert(of_row.clone(), cells);
            keyed.order.push(of_row);
        }
        keyed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pools(text: &str) -> Vec<PlanFile> {
        vec![PlanFile { name: "pools.csv".into(), bytes: text.as_bytes().to_vec() }]
    }

    #[test]
    fn a_bound_that_has_come_since_is_held_against_what_is_new_alone() {
        let many = "E1,A,B\n".repeat(crate::plan::tables::MOST_ROWS + 1);
        let many = pools(&format!("area_code,pool_id,pool_name\n{many}"));
        let one = pools("area_code,pool_id,pool_name\nE1,A,First\n");
        assert_eq!(difference(&one, &many).unwrap_err()[0].code, "FILE");
        assert!(difference_of_kept(&one, &many).is_ok());
    }

    #[test]
    fn however_much_is_wrong_with_the_shape_of_rows_they_are_compared() {
        let wide = "E1,A,First,too,wide\n".repeat(2 * crate::returns::fault::MOST_TOLD);
        let wide = pools(&format!("area_code,pool_id,pool_name\n{wide}"));
        assert!(difference(&[], &wide).is_ok());
    }

    #[test]
    fn rows_are_added_removed_and_changed_whatever_their_order() {
        let before = pools("area_code,pool_id,pool_name\nE1,A,First\nE1,B,Second\nE2,C,Third\n");
        let after = pools("pool_id,pool_name,area_code\nD,Fourth,E2\nB,Other,E1\nA,First,E1\n");
        let changes = difference(&before, &after).unwrap();
        let told: Vec<(RowChangeKind, &str, usize)> =
            changes.iter().map(|change| (change.kind, change.row.as_str(), change.cells.len())).collect();
        assert_eq!(
            told,
            [
                (RowChangeKind::Changed, "E1, B", 1),
                (RowChangeKind::Removed, "E2, C", 3),
                (RowChangeKind::Added, "E2, D", 3)
            ]
        );
        let cell = &changes[0].cells[0];
        assert_eq!((cell.column, &*cell.old, &*cell.new), ("pool_name", "Second", "Other"));
        assert_eq!(changes[1].area_code, "E2");
        assert!(difference(&after, &after).unwrap().is_empty());
    }
}
