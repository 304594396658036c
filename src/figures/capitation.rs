//! The capitated contract: member months at the contract's rates against cost.
//!
//! Source: `figures.md` part 1 D; the workload's specification, section 7.

use super::{
    agreement::{AreaPlan, Contract},
    facts::{AreaFacts, CapitationLine},
    fraction::round_half_away,
    fund::percent,
    money::Pence,
    period::Month,
    risk_share::Banded,
};
use rust_decimal::Decimal;

/// The contract of one area as at one month; lists are in the plan's order.
#[derive(Clone, Debug, PartialEq)]
pub struct CapitationPosition {
    pub total: CapitationSum,
    pub total_last_year: CapitationSum,
    pub segments: Vec<CapitationSum>,
    pub segments_last_year: Vec<CapitationSum>,
    pub practices: Vec<CapitationSum>,
    /// By segment, and in each for every month of the capitation window.
    pub months: Vec<Vec<CapitationSum>>,
    /// Cost less contract value through the contract's corridor; none where no corridor is agreed.
    pub corridor: Option<Banded>,
}

/// Members, contract value and cost of any part of the contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapitationSum {
    pub member_months: i64,
    /// Member months at the contract's rates.
    pub contract_value: Pence,
    pub cost: Pence,
}

impl CapitationSum {
    /// Contract value less cost; negative is a deficit.
    pub fn surplus(&self) -> Pence {
        self.contract_value - self.cost
    }

    /// Whole pence, rounded half away from zero; none without members.
    pub fn cost_per_member_month(&self) -> Option<Pence> {
        self.per_member_month(self.cost)
    }

    /// Whole pence, rounded half away from zero; none without members.
    pub fn rate_per_member_month(&self) -> Option<Pence> {
        self.per_member_month(self.contract_value)
    }

    /// Cost in per cent of contract value, two decimals; none without a contract value.
    pub fn loss_ratio(&self) -> Option<Decimal> {
        percent(self.cost, self.contract_value)
    }

    fn per_member_month(&self, amount: Pence) -> Option<Pence> {
        (self.member_months > 0)
            .then(|| Pence(round_half_away(i128::from(amount.0), i128::from(self.member_months)) as i64))
    }

    fn add(&mut self, other: CapitationSum) {
        self.member_months += other.member_months;
        self.contract_value += other.contract_value;
        self.cost += other.cost;
    }
}

/// The area's contract as at the end of `as_at`. Months outside the capitation window do not count.
pub fn position(plan: &AreaPlan, facts: &AreaFacts, contract: &Contract, as_at: Month) -> CapitationPosition {
    let window = plan.windows.capitation;
    let (year, last_year) = (as_at.financial_year(), as_at.financial_year().previous());
    let nought = CapitationSum::default();
    let mut sums = CapitationPosition {
        total: nought,
        total_last_year: nought,
        segments: vec![nought; plan.segments.len()],
        segments_last_year: vec![nought; plan.segments.len()],
        practices: vec![nought; plan.practices.len()],
        months: vec![vec![nought; window.count()]; plan.segments.len()],
        corridor: None,
    };
    for line in facts.capitation.iter().filter(|line| line.month <= as_at) {
        let (segment, practice) = (usize::from(line.segment), usize::from(line.practice));
        let Some(place) = window.position(line.month) else { continue };
        let amount = worth(plan, line);
        sums.months[segment][place].add(amount);
        let line_year = line.month.financial_year();
        if line_year == year {
            sums.total.add(amount);
            sums.segments[segment].add(amount);
            sums.practices[practice].add(amount);
        } else if line_year == last_year && line.month <= as_at.year_before() {
            sums.total_last_year.add(amount);
            sums.segments_last_year[segment].add(amount);
        }
    }
    sums.corridor = plan.risk_share(&contract.id).map(|agreement| {
        agreement.share(sums.total.contract_value, sums.total.cost - sums.total.contract_value)
    });
    sums
}

/// Members at the contract's rate: the partner's stated rate is not used.
fn worth(plan: &AreaPlan, line: &CapitationLine) -> CapitationSum {
    let rate = plan.rate(usize::from(line.segment), line.month).unwrap_or(Pence::ZERO);
    let members = i64::from(line.members);
    CapitationSum { member_months: members, contract_value: Pence(members * rate.0), cost: line.cost }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deficit_is_cost_above_contract_value() {
        let sum = CapitationSum { member_months: 3, contract_value: Pence(1_000), cost: Pence(1_100) };
        assert_eq!(sum.surplus(), Pence(-100));
        // 1,100 ÷ 3 = 366.67 pence; 1,000 ÷ 3 = 333.33 pence; 1,100 ÷ 1,000 = 110%.
        assert_eq!(sum.cost_per_member_month(), Some(Pence(367)));
        assert_eq!(sum.rate_per_member_month(), Some(Pence(333)));
        assert_eq!(sum.loss_ratio().unwrap().to_string(), "110.00");
    }

    #[test]
    fn nothing_is_divided_by_no_members() {
        assert_eq!(CapitationSum::default().cost_per_member_month(), None);
        assert_eq!(CapitationSum::default().loss_ratio(), None);
    }
}
