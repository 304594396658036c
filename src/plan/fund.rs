//! The pooled fund: its pools and schemes.

use super::{
    findings::{Findings, LONGEST_NAME},
    index::{AreaIndex, Index},
    tables::Tables,
};
use crate::figures::agreement::{Pool, Scheme};

/// Reads the pools of each area, in the plan's order.
pub fn pools<'t>(
    tables: &'t Tables,
    areas: &AreaIndex<'_>,
    findings: &mut Findings,
) -> (Vec<Vec<Pool>>, Index<'t>) {
    let table = tables.get("pools");
    let [area, id, name] = table.columns(["area_code", "pool_id", "pool_name"]);
    let mut index = Index::new("pool", table);
    let mut lists: Vec<Vec<Pool>> = areas.lists();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let pool_id = findings.id(row, id);
        let name = findings.words(row, name, LONGEST_NAME);
        let (Some(area), Some(pool_id)) = (area, pool_id) else { continue };
        if index.add((area, pool_id), lists[area].len(), row, id, findings) {
            lists[area].push(Pool { id: pool_id.to_owned(), name });
        }
    }
    (lists, index)
}

/// Reads the schemes of each area, in the plan's order.
pub fn schemes(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    pools: &Index<'_>,
    partners: &Index<'_>,
    findings: &mut Findings,
) -> Vec<Vec<Scheme>> {
    let table = tables.get("schemes");
    let [area, id, name, kind, pool, host] =
        table.columns(["area_code", "scheme_id", "scheme_name", "scheme_type", "pool_id", "host_partner_id"]);
    let mut index = Index::new("scheme", table);
    let mut lists: Vec<Vec<Scheme>> = areas.lists();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let scheme_id = findings.id(row, id);
        let name = findings.words(row, name, LONGEST_NAME);
        let kind = findings.words(row, kind, LONGEST_NAME);
        let pool = pools.find(area, areas, row, pool, findings);
        let host = partners.find(area, areas, row, host, findings);
        let (Some(area), Some(scheme_id)) = (area, scheme_id) else { continue };
        let is_new = index.add((area, scheme_id), lists[area].len(), row, id, findings);
        if let (true, Some(pool), Some(host)) = (is_new, pool, host) {
            lists[area].push(Scheme { id: scheme_id.to_owned(), name, kind, pool, host });
        }
    }
    lists
}
