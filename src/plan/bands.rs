//! Risk shares: who bears each band of a pool's or a contract's variance.

use super::{
    findings::{Findings, listed, thousands},
    index::{AreaIndex, Index},
    tables::Tables,
};
use crate::figures::{
    agreement::{Band, Contract, Pool, RiskShareAgreement},
    split::WHOLE_BP,
};
use std::collections::HashSet;

/// The farthest end of a band: a hundred times the base.
const FARTHEST_END_BP: i64 = 1_000_000;
/// The highest number of a band.
const HIGHEST_BAND: i64 = 99;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    Over,
    Under,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Side::Over => "over",
            Side::Under => "under",
        }
    }
}

/// One row: one partner's share of one band.
struct Share {
    area: usize,
    /// The pool's index; the contract stands after the pools.
    agreement: usize,
    side: Side,
    number: u32,
    upper_bp: Option<i64>,
    partner: usize,
    share_bp: i64,
    row: u32,
}

/// Reads the agreements of each area, the pools' in the order of the pools, then the contract's.
pub fn risk_shares(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    pools: (&[Vec<Pool>], &Index<'_>),
    contracts: &[Option<Contract>],
    partners: &Index<'_>,
    findings: &mut Findings,
) -> Vec<Vec<RiskShareAgreement>> {
    let (pools, pool_index) = pools;
    let table = tables.get("bands");
    let [area, id, side, number, upper, partner, share] = table.columns([
        "area_code",
        "agreement_id",
        "side",
        "band_no",
        "upper_bp",
        "partner_id",
        "share_bp",
    ]);
    let is_sure = pool_index.is_complete() && tables.get("contracts").is_usable();
    let mut shares: Vec<Share> = Vec::with_capacity(table.rows().len());
    let mut doubtful: HashSet<(usize, usize)> = HashSet::new();
    let mut doubtful_areas: HashSet<usize> = HashSet::new();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let agreement_id = findings.filled(row, id);
        let side = findings.choice(row, side, &[("over", Side::Over), ("under", Side::Under)]);
        let number = findings.whole(row, number, 1..=HIGHEST_BAND);
        let upper_bp = match row.text(upper) {
            "" => Some(None),
            _ => findings.whole(row, upper, 1..=FARTHEST_END_BP).map(Some),
        };
        let partner = partners.find(area, areas, row, partner, findings);
        let share_bp = findings.whole(row, share, 0..=WHOLE_BP);
        let Some(area) = area else { continue };
        let agreement = agreement_id.and_then(|agreement_id| {
            let contract = contracts[area].as_ref().filter(|contract| contract.id == agreement_id);
            let agreement = pool_index.get(area, agreement_id).or(contract.map(|_| pools[area].len()));
            if agreement.is_none() && is_sure {
                findings.at_cell(
                    row,
                    id,
                    "UNKNOWN",
                    format!(
                        "is no pool and no contract of area {}. Correct it, or add it to pools or contracts",
                        areas.code(area)
                    ),
                );
            }
            agreement
        });
        let Some(agreement) = agreement else {
            doubtful_areas.insert(area);
            continue;
        };
        match (side, number, upper_bp, partner, share_bp) {
            (Some(side), Some(number), Some(upper_bp), Some(partner), Some(share_bp)) => shares.push(Share {
                area,
                agreement,
                side,
                number: number as u32,
                upper_bp,
                partner,
                share_bp,
                row: row.number(),
            }),
            _ => {
                doubtful.insert((area, agreement));
            }
        }
    }

    shares.sort_by_key(|share| (share.area, share.agreement, share.side, share.number, share.partner));
    let mut lists: Vec<Vec<RiskShareAgreement>> = areas.lists();
    for rows in shares.chunk_by(|a, b| (a.area, a.agreement) == (b.area, b.agreement)) {
        let (area, place) = (rows[0].area, rows[0].agreement);
        let id = match (pools[area].get(place), &contracts[area]) {
            (Some(pool), _) => pool.id.clone(),
            (None, Some(contract)) => contract.id.clone(),
            (None, None) => continue,
        };
        let mut agreement = RiskShareAgreement { id, over: Vec::new(), under: Vec::new() };
        let is_doubtful = doubtful.remove(&(area, place));
        for side in [Side::Over, Side::Under] {
            let of_side: Vec<&Share> = rows.iter().filter(|share| share.side == side).collect();
            if !is_doubtful {
                check_side(&agreement.id, areas.code(area), side, &of_side, findings);
            }
            let bands = match side {
                Side::Over => &mut agreement.over,
                Side::Under => &mut agreement.under,
            };
            *bands = of_side.chunk_by(|a, b| a.number == b.number).map(band).collect();
        }
        lists[area].push(agreement);
    }
    let spoken_of: HashSet<(usize, usize)> =
        shares.iter().map(|share| (share.area, share.agreement)).chain(doubtful).collect();
    for area in 0..areas.count() {
        let is_any = (0..=pools[area].len()).any(|place| spoken_of.contains(&(area, place)));
        if !is_any || doubtful_areas.contains(&area) {
            continue;
        }
        for (place, pool) in pools[area].iter().enumerate() {
            if !spoken_of.contains(&(area, place)) {
                findings.at_row(
                    table.name(),
                    0,
                    "BANDS",
                    format!(
                        "pool {} of area {} has no bands. Say who bears its variance, over and under",
                        pool.id,
                        areas.code(area)
                    ),
                );
            }
        }
    }
    lists
}

fn band(rows: &[&Share]) -> Band {
    Band {
        number: rows[0].number,
        upper_bp: rows[0].upper_bp,
        shares: rows.iter().map(|share| (share.partner, share.share_bp)).collect(),
    }
}

/// Checks the bands of one side of an agreement: each whole, in order and without a gap.
fn check_side(id: &str, area: &str, side: Side, rows: &[&Share], findings: &mut Findings) {
    let table = "bands";
    let name = format!("{id} ({}) of area {area}", side.name());
    if rows.is_empty() {
        findings.at_row(
            table,
            0,
            "BANDS",
            format!("{name} has no bands. Say who bears the variance on both sides, over and under"),
        );
        return;
    }
    let bands: Vec<&[&Share]> = rows.chunk_by(|a, b| a.number == b.number).collect();
    let missing: Vec<String> = (1..=bands.len() as u32)
        .filter(|number| bands.iter().all(|band| band[0].number != *number))
        .map(|number| number.to_string())
        .collect();
    if !missing.is_empty() {
        findings.at_row(
            table,
            rows[0].row,
            "BANDS",
            format!("{name} lacks band {}. Number its bands 1, 2, 3 without a gap", listed(&missing, "and")),
        );
    }
    let mut below: Option<i64> = None;
    for (index, band) in bands.iter().enumerate() {
        let (first, number) = (band[0], band[0].number);
        check_band(&name, band, findings);
        match (first.upper_bp, index + 1 == bands.len()) {
            (Some(upper), true) => findings.at_row(
                table,
                first.row,
                "BANDS",
                format!(
                    "{name} ends at {} bp with band {number}, so that nobody bears what lies beyond. Leave \
                     upper_bp of the last band empty",
                    thousands(upper)
                ),
            ),
            (None, false) => findings.at_row(
                table,
                first.row,
                "BANDS",
                format!("band {number} of {name} has no end but is not the last. Write its upper_bp"),
            ),
            (Some(upper), false) => {
                if let Some(below) = below.filter(|below| *below >= upper) {
                    findings.at_row(
                        table,
                        first.row,
                        "BANDS",
                        format!(
                            "band {number} of {name} ends at {} bp, not above the band before it, {} bp. \
                             Write a higher upper_bp",
                            thousands(upper),
                            thousands(below)
                        ),
                    );
                }
                below = Some(upper);
            }
            (None, true) => {}
        }
    }
}

/// Checks that the rows of one band agree on its end, name each partner once and share the whole.
fn check_band(name: &str, band: &[&Share], findings: &mut Findings) {
    let (table, number) = ("bands", band[0].number);
    let in_row_order = |a: &Share, b: &Share| (a.row.min(b.row), a.row.max(b.row));
    for pair in band.windows(2).filter(|pair| pair[0].partner == pair[1].partner) {
        let (first, second) = in_row_order(pair[0], pair[1]);
        findings.at_row(
            table,
            second,
            "DUPLICATE",
            format!(
                "the partner has a share of band {number} of {name} in row {first} already. Keep one of the \
                 two rows"
            ),
        );
    }
    if let Some(other) = band.iter().find(|share| share.upper_bp != band[0].upper_bp) {
        let (first, second) = in_row_order(band[0], other);
        findings.at_row(
            table,
            second,
            "BANDS",
            format!(
                "band {number} of {name} has another upper_bp than in row {first}. Write the same in each of \
                 its rows"
            ),
        );
    }
    let sum: i64 = band.iter().map(|share| share.share_bp).sum();
    if sum != WHOLE_BP {
        let first = band.iter().map(|share| share.row).min().unwrap_or_default();
        findings.at_row(
            table,
            first,
            "SHARES",
            format!(
                "the shares of band {number} of {name} add up to {} bp. They must add up to {}",
                thousands(sum),
                thousands(WHOLE_BP)
            ),
        );
    }
}
