//! The measures of the scorecard: the plan's own words, and the catalogue's where the plan is silent.

use super::{
    catalogue::{self, CatalogueMeasure},
    findings::{Findings, LONGEST_NAME, LONGEST_TEXT},
    forms::Presence,
    index::{AreaIndex, Index},
    tables::{Row, Table, Tables},
};
use crate::figures::agreement::{Better, Measure, MeasureKind, Reported};
use std::collections::HashMap;

/// The kinds as they are written in tables.
pub const KINDS: [(&str, MeasureKind); 5] = [
    ("ratio", MeasureKind::Ratio),
    ("poprate", MeasureKind::PopulationRate),
    ("count", MeasureKind::Count),
    ("mean", MeasureKind::Mean),
    ("latest", MeasureKind::Latest),
];

/// Which way is better, as it is written in tables.
pub const BETTER: [(&str, Better); 2] = [("higher", Better::Higher), ("lower", Better::Lower)];

/// How often a measure is reported, as it is written in tables.
pub const REPORTED: [(&str, Reported); 3] =
    [("monthly", Reported::Monthly), ("quarterly", Reported::Quarterly), ("yearly", Reported::Yearly)];

/// The greatest multiplier: figures stay exact far beyond it.
const GREATEST_MULTIPLIER: i64 = 1_000_000;
/// The widest amber: ten times the target.
const WIDEST_AMBER_BP: i64 = 100_000;

/// Reads the measures of each area: the national ones and its own, in the plan's order.
pub fn measures<'t>(
    tables: &'t Tables,
    areas: &AreaIndex<'_>,
    findings: &mut Findings,
) -> (Vec<Vec<Measure>>, Index<'t>) {
    let table = tables.get("measures");
    let mut index = Index::new("measure", table);
    let mut lists: Vec<Vec<Measure>> = areas.lists();
    if !has_needed_columns(table, findings) {
        index.doubt();
        return (lists, index);
    }
    let [id, area] = table.columns(["measure_id", "area_code"]);
    let national = national_rows(table, id, area);
    for row in table.rows() {
        let measure_id = findings.id(row, id);
        let measure = measure(row, findings);
        let own_area = match row.text(area) {
            "" => None,
            _ => match areas.find(row, area, findings) {
                Some(area) => Some(area),
                None => continue,
            },
        };
        let Some(measure_id) = measure_id else { continue };
        if let Some(first) = national.get(measure_id).filter(|first| **first != row.number()) {
            findings.at_cell(
                row,
                id,
                "DUPLICATE",
                format!(
                    "is every area's measure in row {first}. Keep one of the two rows, or give another id"
                ),
            );
            continue;
        }
        let of = own_area.map_or(0..areas.count(), |area| area..area + 1);
        for area in of {
            if index.add((area, measure_id), lists[area].len(), row, id, findings) {
                lists[area].push(measure.clone());
            }
        }
    }
    (lists, index)
}

/// The first row of each measure that every area has.
fn national_rows(table: &Table, id: usize, area: usize) -> HashMap<&str, u32> {
    let mut rows = HashMap::new();
    for row in table.rows().filter(|row| row.text(area).is_empty()) {
        rows.entry(row.text(id)).or_insert(row.number());
    }
    rows
}

/// Whether the columns that only the catalogue could spare are there, if any measure is not in it.
fn has_needed_columns(table: &Table, findings: &mut Findings) -> bool {
    let [id] = table.columns(["measure_id"]);
    if table.rows().all(|row| catalogue::find(row.text(id)).is_some()) {
        return true;
    }
    let mut has_all = true;
    for (place, column) in table.form().columns.iter().enumerate() {
        if column.presence == Presence::FromCatalogue && !table.was_sent(place) {
            findings.missing_column(table.name(), column);
            has_all = false;
        }
    }
    has_all
}

/// Reads one measure. A cell that is wrong leaves a stand-in behind, which the fault keeps from use.
fn measure(row: Row<'_>, findings: &mut Findings) -> Measure {
    let table = row.table();
    let [id, name, domain, unit, kind] =
        table.columns(["measure_id", "measure_name", "domain", "unit", "kind"]);
    let [multiplier, decimals, better, amber_bp, definition, reported] =
        table.columns(["multiplier", "decimals", "better", "amber_bp", "definition", "reported"]);
    let national = catalogue::find(row.text(id));
    let mut words = |column, from: fn(&CatalogueMeasure) -> &str| match national.map(from) {
        Some(words) if row.text(column).is_empty() && !words.is_empty() => words.to_owned(),
        _ => findings.words(row, column, LONGEST_NAME),
    };
    Measure {
        id: row.text(id).to_owned(),
        name: words(name, |measure| &measure.name),
        domain: words(domain, |measure| &measure.domain),
        unit: words(unit, |measure| &measure.unit),
        kind: given(row, kind, national.and_then(|measure| measure.kind), || {
            findings.choice(row, kind, &KINDS).unwrap_or(MeasureKind::Latest)
        }),
        multiplier: given(row, multiplier, national.map(|measure| measure.multiplier), || {
            findings.whole(row, multiplier, 1..=GREATEST_MULTIPLIER).unwrap_or(1)
        }),
        decimals: given(row, decimals, national.map(|measure| measure.decimals), || {
            findings.whole(row, decimals, 0..=4).unwrap_or(4) as u32
        }),
        better: given(row, better, national.and_then(|measure| measure.better), || {
            findings.choice(row, better, &BETTER).unwrap_or(Better::Higher)
        }),
        amber_bp: given(row, amber_bp, national.map(|measure| measure.amber_bp), || {
            findings.whole(row, amber_bp, 0..=WIDEST_AMBER_BP).unwrap_or(0)
        }),
        definition: match (findings.optional_words(row, definition, LONGEST_TEXT), national) {
            (Some(definition), _) => definition.to_owned(),
            (None, Some(measure)) => measure.definition.clone(),
            (None, None) => String::new(),
        },
        reported: given(row, reported, Some(Reported::Monthly), || {
            findings.choice(row, reported, &REPORTED).unwrap_or_default()
        }),
    }
}

/// The catalogue's value where the cell is empty and there is one; else what the cell says.
fn given<T>(row: Row<'_>, column: usize, from_catalogue: Option<T>, read: impl FnOnce() -> T) -> T {
    match from_catalogue {
        Some(value) if row.text(column).is_empty() => value,
        Some(_) | None => read(),
    }
}
