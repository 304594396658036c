//! The pooled fund and its risk share as other programs read them.

use super::{ById, text};
use crate::figures::{
    agreement::AreaPlan,
    fund::BudgetPosition,
    position::Position,
    risk_share::{Banded, PoolRiskShare},
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Budget<'a> {
    history: BTreeMap<String, ById<'a, [i64; 2]>>,
    matrix: ById<'a, Vec<i64>>,
    monthly: Vec<[i64; 2]>,
    partners: ById<'a, BudgetLine>,
    pools: ById<'a, BudgetLine>,
    schemes: ById<'a, BudgetLine>,
    total: BudgetLine,
}

#[derive(Serialize)]
struct BudgetLine {
    actual_ytd: i64,
    budget_fy: i64,
    budget_ytd: i64,
    outturn_fy: i64,
    rag: char,
    variance_fy: i64,
    variance_fy_pct: Option<String>,
    variance_ytd: i64,
    variance_ytd_pct: Option<String>,
}

#[derive(Serialize)]
pub struct PoolShare<'a> {
    bands: Vec<BandLine<'a>>,
    base: i64,
    partners: ById<'a, PartnerLine>,
    side: &'static str,
    variance: i64,
}

#[derive(Serialize)]
pub struct BandLine<'a> {
    amount: i64,
    band: u32,
    split: ById<'a, i64>,
}

#[derive(Serialize)]
struct PartnerLine {
    own: i64,
    settlement: i64,
    share: i64,
}

impl<'a> Budget<'a> {
    pub fn of(plan: &'a AreaPlan, position: &Position) -> Budget<'a> {
        let fund = &position.fund;
        let pool_ids = || plan.pools.iter().map(|pool| pool.id.as_str());
        let scheme_ids = || plan.schemes.iter().map(|scheme| scheme.id.as_str());
        Budget {
            history: fund
                .history
                .iter()
                .map(|(year, pools)| {
                    let sums = pools.iter().map(|sum| [sum.budget.0, sum.spend.0]);
                    (year.to_string(), pool_ids().zip(sums).collect())
                })
                .collect(),
            matrix: scheme_ids()
                .zip(&fund.variance_by_scheme_and_partner)
                .map(|(id, variances)| (id, variances.iter().map(|variance| variance.0).collect()))
                .collect(),
            monthly: fund.months.iter().map(|sum| [sum.budget.0, sum.spend.0]).collect(),
            partners: plan
                .partners
                .iter()
                .zip(&fund.partners)
                .map(|(partner, position)| (partner.id.as_str(), BudgetLine::of(position)))
                .collect(),
            pools: pool_ids().zip(fund.pools.iter().map(BudgetLine::of)).collect(),
            schemes: scheme_ids().zip(fund.schemes.iter().map(BudgetLine::of)).collect(),
            total: BudgetLine::of(&fund.total),
        }
    }
}

impl BudgetLine {
    fn of(position: &BudgetPosition) -> BudgetLine {
        BudgetLine {
            actual_ytd: position.actual_to_date.0,
            budget_fy: position.budget_full_year.0,
            budget_ytd: position.budget_to_date.0,
            outturn_fy: position.outturn_full_year.0,
            rag: position.rag().letter(),
            variance_fy: position.variance_full_year().0,
            variance_fy_pct: text(position.variance_full_year_percent()),
            variance_ytd: position.variance_to_date().0,
            variance_ytd_pct: text(position.variance_to_date_percent()),
        }
    }
}

impl<'a> PoolShare<'a> {
    pub fn of(plan: &'a AreaPlan, shares: &PoolRiskShare) -> PoolShare<'a> {
        let partners = shares.partners.iter().map(|partner| PartnerLine {
            own: partner.own.0,
            settlement: partner.settlement().0,
            share: partner.share.0,
        });
        PoolShare {
            bands: bands(plan, &shares.banded),
            base: shares.banded.base.0,
            partners: plan.partners.iter().map(|partner| partner.id.as_str()).zip(partners).collect(),
            side: shares.banded.side.name(),
            variance: shares.banded.variance.0,
        }
    }
}

/// The bands of a variance, each with its parts.
pub fn bands<'a>(plan: &'a AreaPlan, banded: &Banded) -> Vec<BandLine<'a>> {
    banded
        .bands
        .iter()
        .map(|band| BandLine {
            amount: band.amount.0,
            band: band.number,
            split: band
                .split
                .iter()
                .map(|(partner, part)| (plan.partners[*partner].id.as_str(), part.0))
                .collect(),
        })
        .collect()
}
