//! Everything for one area at one month, in one value.

use super::{
    agreement::AreaPlan,
    capitation::{self, CapitationPosition},
    facts::AreaFacts,
    fund::{self, FundPosition},
    incentive::{self, IncentivePosition},
    measure::{self, MeasurePosition, Rag},
    money::Pence,
    period::Month,
    risk_share::{self, PoolRiskShare},
};

/// One area as at the end of one month.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    pub as_at: Month,
    /// In the order of the plan's measures.
    pub scorecard: Vec<MeasurePosition>,
    pub fund: FundPosition,
    /// In the order of the plan's pools; none for a pool without an agreement.
    pub risk_share: Vec<Option<PoolRiskShare>>,
    /// By partner, over all pools: what each pays (or, negative, is paid) to settle.
    pub settlement: Vec<Pence>,
    /// Where the area has a capitated contract.
    pub contract: Option<ContractPosition>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ContractPosition {
    pub capitation: CapitationPosition,
    pub incentive: IncentivePosition,
}

impl Position {
    /// Works out every figure of `plan`'s area from what was accepted, as at the end of `as_at`.
    pub fn of(plan: &AreaPlan, facts: &AreaFacts, as_at: Month) -> Position {
        let scorecard = measure::scorecard(plan, facts, as_at);
        let fund = fund::position(plan, facts, as_at);
        let risk_share = risk_share::of_pools(plan, &fund);
        let settlement = (0..plan.partners.len())
            .map(|partner| risk_share.iter().flatten().map(|pool| pool.partners[partner].settlement()).sum())
            .collect();
        let contract = plan.contract.as_ref().map(|contract| {
            let capitation = capitation::position(plan, facts, contract, as_at);
            let incentive = incentive::position(plan, contract, capitation.total.contract_value, &scorecard);
            ContractPosition { capitation, incentive }
        });
        Position { as_at, scorecard, fund, risk_share, settlement, contract }
    }

    /// How many measures have this RAG for the year to date.
    pub fn rag_count(&self, rag: Rag) -> usize {
        self.scorecard.iter().filter(|measure| measure.year_to_date.rag == rag).count()
    }
}
