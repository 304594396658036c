//! Who sends which return each month, and by when.

use super::{
    findings::Findings,
    index::{AreaIndex, Index},
    tables::Tables,
};
use crate::figures::{
    agreement::{Contract, ReturnDue},
    facts::ReturnType,
};
use std::collections::HashMap;

/// The latest that a return may be due, in days after the month's end.
const LATEST_DUE_DAY: i64 = 90;

/// Targets are agreed once a year and sent by the pooled budget manager: nobody owes them monthly.
const MONTHLY: [ReturnType; 3] = [ReturnType::Measures, ReturnType::Finance, ReturnType::Capitation];

/// Reads the returns that each area's partners owe, in the plan's order.
pub fn returns_due(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    partners: &Index<'_>,
    contracts: &[Option<Contract>],
    findings: &mut Findings,
) -> Vec<Vec<ReturnDue>> {
    let table = tables.get("returns_due");
    let [area, partner, return_type, due_day] =
        table.columns(["area_code", "partner_id", "return_type", "due_day"]);
    let kinds = MONTHLY.map(|kind| (kind.name(), kind));
    let mut lists: Vec<Vec<ReturnDue>> = areas.lists();
    let mut first_rows: HashMap<(usize, usize, ReturnType), u32> = HashMap::new();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let place = partners.find(area, areas, row, partner, findings);
        let kind = findings.choice(row, return_type, &kinds);
        let day = findings.whole(row, due_day, 1..=LATEST_DUE_DAY);
        let (Some(area), Some(place), Some(kind), Some(day)) = (area, place, kind, day) else { continue };
        if let Some(first) = first_rows.insert((area, place, kind), row.number()) {
            findings.at_cell(
                row,
                return_type,
                "DUPLICATE",
                format!("is due from {} in row {first} already. Keep one of the two rows", row.text(partner)),
            );
            continue;
        }
        if kind == ReturnType::Capitation && contracts.get(area).is_some_and(Option::is_none) {
            findings.note_at_cell(
                row,
                return_type,
                "CONTRACT",
                "is due in an area without a capitated contract. Leave the row out, or add the contract to \
                 contracts",
            );
        }
        lists[area].push(ReturnDue { partner: place, return_type: kind, due_day: day as u32 });
    }
    lists
}
