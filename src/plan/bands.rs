//! Risk shares: who bears each band of a pool's or a contract's variance.

use super::{
    findings::{Findings, listed, thousands},
    index::{AreaIndex, Index, rows_named},
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

/// The rows of the table, and what could not be read of it.
#[derive(Default)]
struct Shares {
    /// By area, agreement, side, band and partner.
    rows: Vec<Share>,
    /// Agreements with a row that is wrong: whether they are whole cannot be said.
    doubtful: HashSet<(usize, usize)>,
    /// Areas with a row that names no agreement.
    doubtful_areas: HashSet<usize>,
}

/// Reads the agreements of each area, the pools' in the order of the pools, then the contract's.
pub fn risk_shares(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    (pools, pool_index): (&[Vec<Pool>], &Index<'_>),
    contracts: &[Option<Contract>],
    partners: &Index<'_>,
    findings: &mut Findings,
) -> Vec<Vec<RiskShareAgreement>> {
    let is_sure = pool_index.is_complete() && tables.get("contracts").is_usable();
    let agreement_of = |area: usize, id: &str| {
        let is_contract = contracts[area].as_ref().is_some_and(|contract| contract.id == id);
        pool_index.get(area, id).or(is_contract.then_some(pools[area].len()))
    };
    let shares = shares(tables, areas, partners, (agreement_of, is_sure), findings);

    let mut lists: Vec<Vec<RiskShareAgreement>> = areas.lists();
    for rows in shares.rows.chunk_by(|a, b| (a.area, a.agreement) == (b.area, b.agreement)) {
        let (area, place) = (rows[0].area, rows[0].agreement);
        let id = match (pools[area].get(place), &contracts[area]) {
            (Some(pool), _) => pool.id.clone(),
            (None, Some(contract)) => contract.id.clone(),
            (None, None) => continue,
        };
        let side = |side| rows.iter().filter(|share| share.side == side).collect::<Vec<_>>();
        let (over, under) = (side(Side::Over), side(Side::Under));
        if !shares.doubtful.contains(&(area, place)) {
            check_side(&id, areas.code(area), Side::Over, &over, findings);
            check_side(&id, areas.code(area), Side::Under, &under, findings);
        }
        lists[area].push(RiskShareAgreement { id, over: bands(&over), under: bands(&under) });
    }
    check_every_pool_has_bands(areas, pools, &shares, findings);
    lists
}

/// Reads the rows of the table; `agreement_of` finds an area's pool or contract.
fn shares(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    partners: &Index<'_>,
    (agreement_of, is_sure): (impl Fn(usize, &str) -> Option<usize>, bool),
    findings: &mut Findings,
) -> Shares {
    let table = tables.get("bands");
    let [area, id, side, number, upper, partner, share] =
        table.columns(["area_code", "agreement_id", "side", "band_no", "upper_bp", "partner_id", "share_bp"]);
    let mut shares = Shares { rows: Vec::with_capacity(table.rows().len()), ..Shares::default() };
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
        let agreement = agreement_id.and_then(|id| agreement_of(area, id));
        if agreement.is_none() && agreement_id.is_some() && is_sure {
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
        let Some(agreement) = agreement else {
            shares.doubtful_areas.insert(area);
            continue;
        };
        let (Some(side), Some(number), Some(upper_bp), Some(partner), Some(share_bp)) =
            (side, number, upper_bp, partner, share_bp)
        else {
            shares.doubtful.insert((area, agreement));
            continue;
        };
        let (number, row) = (number as u32, row.number());
        shares.rows.push(Share { area, agreement, side, number, upper_bp, partner, share_bp, row });
    }
    shares.rows.sort_by_key(|share| {
        (share.area, share.agreement, share.side, share.number, share.partner, share.row)
    });
    shares
}

/// Checks that an area that shares any variance says who bears each pool's.
fn check_every_pool_has_bands(
    areas: &AreaIndex<'_>,
    pools: &[Vec<Pool>],
    shares: &Shares,
    findings: &mut Findings,
) {
    let read = shares.rows.iter().map(|share| (share.area, share.agreement));
    let spoken_of: HashSet<(usize, usize)> = read.chain(shares.doubtful.iter().copied()).collect();
    for (area, pools) in pools.iter().enumerate() {
        // The place after the last pool is the contract's.
        let shares_any = (0..=pools.len()).any(|place| spoken_of.contains(&(area, place)));
        if !shares_any || shares.doubtful_areas.contains(&area) {
            continue;
        }
        for (_, pool) in pools.iter().enumerate().filter(|(place, _)| !spoken_of.contains(&(area, *place))) {
            findings.at_row(
                "bands",
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

/// The rows of one side as bands.
fn bands(rows: &[&Share]) -> Vec<Band> {
    rows.chunk_by(|a, b| a.number == b.number).map(band).collect()
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
        let rows: Vec<u32> = band.iter().map(|share| share.row).collect();
        findings.at_row(
            table,
            rows.iter().copied().min().unwrap_or_default(),
            "SHARES",
            format!(
                "the shares of band {number} of {name}, in {}, add up to {} bp. They must add up to {}",
                rows_named(&rows),
                thousands(sum),
                thousands(WHOLE_BP)
            ),
        );
    }
}
