//! The capitated contract and its incentive as other programs read them.

use super::{
    ById,
    fund::{BandLine, bands},
    text,
};
use crate::figures::{
    agreement::AreaPlan, capitation::CapitationSum, money::Pence, position::ContractPosition,
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Capitation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    corridor: Option<Corridor<'a>>,
    monthly: ById<'a, Vec<CapitationMonth>>,
    practices: ById<'a, CapitationLine>,
    segments: ById<'a, CapitationLine>,
    segments_prev: ById<'a, CapitationLine>,
    total: CapitationLine,
    total_prev: CapitationLine,
}

/// Members, cost and rate per member month.
type CapitationMonth = (i64, Option<i64>, Option<i64>);

#[derive(Serialize)]
struct CapitationLine {
    contract: i64,
    cost: i64,
    loss_ratio: Option<String>,
    member_months: i64,
    pmpm_cost: Option<i64>,
    pmpm_rate: Option<i64>,
    surplus: i64,
}

#[derive(Serialize)]
pub struct Incentive<'a> {
    earned: i64,
    forfeited: i64,
    kpis: Vec<KpiLine<'a>>,
    pot: i64,
}

#[derive(Serialize)]
struct KpiLine<'a> {
    achievement_pct: String,
    available: i64,
    earned: i64,
    measure_id: &'a str,
}

#[derive(Serialize)]
struct Corridor<'a> {
    bands: Vec<BandLine<'a>>,
    base: i64,
    partners: ById<'a, i64>,
    side: &'static str,
    variance: i64,
}

impl<'a> Capitation<'a> {
    pub fn of(plan: &'a AreaPlan, contract: &ContractPosition) -> Capitation<'a> {
        let capitation = &contract.capitation;
        let segment_ids = || plan.segments.iter().map(|segment| segment.id.as_str());
        let lines = |sums: &[CapitationSum]| sums.iter().map(CapitationLine::of).collect::<Vec<_>>();
        Capitation {
            corridor: plan.contract.as_ref().zip(capitation.corridor.as_ref()).map(|(agreed, banded)| {
                Corridor {
                    bands: bands(plan, banded),
                    base: banded.base.0,
                    partners: [agreed.commissioner, agreed.provider]
                        .into_iter()
                        .map(|partner| (plan.partners[partner].id.as_str(), banded.share_of(partner).0))
                        .collect(),
                    side: banded.side.name(),
                    variance: banded.variance.0,
                }
            }),
            monthly: segment_ids()
                .zip(&capitation.months)
                .map(|(id, sums)| {
                    let pence = |amount: Option<Pence>| amount.map(|amount| amount.0);
                    let month = |sum: &CapitationSum| {
                        (
                            sum.member_months,
                            pence(sum.cost_per_member_month()),
                            pence(sum.rate_per_member_month()),
                        )
                    };
                    (id, sums.iter().map(month).collect())
                })
                .collect(),
            practices: plan
                .practices
                .iter()
                .map(|practice| practice.code.as_str())
                .zip(lines(&capitation.practices))
                .collect(),
            segments: segment_ids().zip(lines(&capitation.segments)).collect(),
            segments_prev: segment_ids().zip(lines(&capitation.segments_last_year)).collect(),
            total: CapitationLine::of(&capitation.total),
            total_prev: CapitationLine::of(&capitation.total_last_year),
        }
    }
}

impl CapitationLine {
    fn of(sum: &CapitationSum) -> CapitationLine {
        CapitationLine {
            contract: sum.contract_value.0,
            cost: sum.cost.0,
            loss_ratio: text(sum.loss_ratio()),
            member_months: sum.member_months,
            pmpm_cost: sum.cost_per_member_month().map(|amount| amount.0),
            pmpm_rate: sum.rate_per_member_month().map(|amount| amount.0),
            surplus: sum.surplus().0,
        }
    }
}

impl<'a> Incentive<'a> {
    pub fn of(plan: &'a AreaPlan, contract: &ContractPosition) -> Incentive<'a> {
        let incentive = &contract.incentive;
        Incentive {
            earned: incentive.earned.0,
            forfeited: incentive.forfeited().0,
            kpis: plan
                .kpis
                .iter()
                .zip(&incentive.kpis)
                .map(|(kpi, position)| KpiLine {
                    achievement_pct: position.achievement_percent().to_string(),
                    available: position.available.0,
                    earned: position.earned.0,
                    measure_id: &plan.measures[kpi.measure].id,
                })
                .collect(),
            pot: incentive.pot.0,
        }
    }
}
