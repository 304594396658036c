//! The measures that the outcome incentive depends on, and their weights.

use super::{
    findings::{Findings, thousands},
    index::{AreaIndex, Index, rows_named},
    tables::Tables,
};
use crate::figures::{
    agreement::{AttainmentRule, Contract, Kpi},
    split::WHOLE_BP,
};

#[derive(Clone, Copy)]
enum Rule {
    Step,
    Linear,
}

/// Reads the KPIs of each area, in the plan's order.
pub fn kpis(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    measures: &Index<'_>,
    contracts: &[Option<Contract>],
    findings: &mut Findings,
) -> Vec<Vec<Kpi>> {
    let table = tables.get("kpis");
    let [area, measure, weight, rule, floor] =
        table.columns(["area_code", "measure_id", "weight_bp", "rule", "floor_bp"]);
    let mut index = Index::new("KPI", table);
    let mut lists: Vec<Vec<Kpi>> = areas.lists();
    let mut rows: Vec<Vec<u32>> = areas.lists();
    let mut is_doubtful = vec![false; areas.count()];
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let measure_place = measures.find(area, areas, row, measure, findings);
        let weight_bp = findings.whole(row, weight, 0..=WHOLE_BP);
        let rule = match findings.choice(row, rule, &[("step", Rule::Step), ("linear", Rule::Linear)]) {
            Some(Rule::Step) => {
                // A step has no floor; a floor that is written all the same must be a number.
                let is_empty = row.text(floor).is_empty();
                let is_sound = is_empty || findings.whole(row, floor, 0..=WHOLE_BP).is_some();
                is_sound.then_some(AttainmentRule::Step)
            }
            Some(Rule::Linear) => {
                findings.whole(row, floor, 1..=WHOLE_BP).map(|floor_bp| AttainmentRule::Linear { floor_bp })
            }
            None => None,
        };
        let Some(area) = area else { continue };
        let (Some(place), Some(weight_bp), Some(rule)) = (measure_place, weight_bp, rule) else {
            is_doubtful[area] = true;
            continue;
        };
        if index.add((area, row.text(measure)), lists[area].len(), row, measure, findings) {
            lists[area].push(Kpi { measure: place, weight_bp, rule });
            rows[area].push(row.number());
        } else {
            is_doubtful[area] = true;
        }
    }
    for (area, kpis) in lists.iter().enumerate().filter(|(area, _)| !is_doubtful[*area]) {
        check_weights(areas.code(area), (kpis, &rows[area]), contracts[area].as_ref(), findings);
    }
    lists
}

/// Checks the KPIs of an area, which stand in `rows`.
fn check_weights(
    area: &str,
    (kpis, rows): (&[Kpi], &[u32]),
    contract: Option<&Contract>,
    findings: &mut Findings,
) {
    let first = rows.first().copied().unwrap_or_default();
    let sum: i64 = kpis.iter().map(|kpi| kpi.weight_bp).sum();
    if !kpis.is_empty() && sum != WHOLE_BP {
        findings.at_row(
            "kpis",
            first,
            "WEIGHTS",
            format!(
                "the weights of area {area}, in {}, add up to {} bp. They must add up to {}",
                rows_named(rows),
                thousands(sum),
                thousands(WHOLE_BP)
            ),
        );
    }
    match contract {
        None if !kpis.is_empty() => findings.note_at_row(
            "kpis",
            first,
            "CONTRACT",
            format!("area {area} has KPIs but no contract, so that nothing can be earned by them"),
        ),
        Some(contract) if kpis.is_empty() && contract.incentive_bp > 0 => findings.note_at_row(
            "kpis",
            0,
            "CONTRACT",
            format!("area {area} has an incentive but no KPIs, so that none of it can be earned"),
        ),
        None | Some(_) => {}
    }
}
