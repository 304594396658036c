//! The pooled fund: budget, spend, forecast and variance, by pool, scheme and partner.
//!
//! Source: `figures.md` part 1 B; the workload's specification, section 6.

use super::{
    agreement::AreaPlan,
    facts::{AreaFacts, FinanceLine},
    fraction::Fraction,
    measure::Rag,
    money::Pence,
    period::{FinancialYear, Month},
};
use rust_decimal::Decimal;

/// The fund of one area as at one month; lists are in the plan's order (partners by id).
#[derive(Clone, Debug, PartialEq)]
pub struct FundPosition {
    pub total: BudgetPosition,
    pub pools: Vec<BudgetPosition>,
    pub schemes: Vec<BudgetPosition>,
    pub partners: Vec<BudgetPosition>,
    /// Full-year variance by scheme, and in each by partner.
    pub variance_by_scheme_and_partner: Vec<Vec<Pence>>,
    /// Full-year variance by pool, and in each by partner.
    pub variance_by_pool_and_partner: Vec<Vec<Pence>>,
    /// For each month of the finance window.
    pub months: Vec<BudgetAndSpend>,
    /// By year of the finance window, and in each by pool.
    pub history: Vec<(FinancialYear, Vec<BudgetAndSpend>)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetAndSpend {
    pub budget: Pence,
    /// Actual where there is one, else forecast.
    pub spend: Pence,
}

/// One line of the fund: to date and for the full year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetPosition {
    pub budget_to_date: Pence,
    pub actual_to_date: Pence,
    pub budget_full_year: Pence,
    /// Twelve months' spend: actual where there is one, else forecast.
    pub outturn_full_year: Pence,
}

impl BudgetPosition {
    /// Positive is an overspend.
    pub fn variance_to_date(&self) -> Pence {
        self.actual_to_date - self.budget_to_date
    }

    /// Positive is an overspend.
    pub fn variance_full_year(&self) -> Pence {
        self.outturn_full_year - self.budget_full_year
    }

    /// Per cent of the budget to date; none without a budget.
    pub fn variance_to_date_percent(&self) -> Option<Decimal> {
        percent(self.variance_to_date(), self.budget_to_date)
    }

    /// Per cent of the full-year budget; none without a budget.
    pub fn variance_full_year_percent(&self) -> Option<Decimal> {
        percent(self.variance_full_year(), self.budget_full_year)
    }

    /// Red beyond 2% over; amber beyond 0.5% over or 5% under; else green, on the full year.
    pub fn rag(&self) -> Rag {
        let variance = i128::from(self.variance_full_year().0) * 10_000;
        let budget = i128::from(self.budget_full_year.0);
        if variance > OVERSPEND_RED_BP * budget {
            Rag::Red
        } else if variance > OVERSPEND_AMBER_BP * budget || variance < -UNDERSPEND_AMBER_BP * budget {
            Rag::Amber
        } else {
            Rag::Green
        }
    }

    fn add(&mut self, line: &FinanceLine, as_at: Month) {
        let spend = line.spend(as_at);
        self.budget_full_year += line.budget;
        self.outturn_full_year += spend;
        if line.month <= as_at {
            self.budget_to_date += line.budget;
            self.actual_to_date += spend;
        }
    }
}

// The finance RAG's thresholds, in basis points of the full-year budget: the workload's
// specification, section 6.

/// Further over is red.
pub const OVERSPEND_RED_BP: i128 = 200;
/// Further over is amber.
pub const OVERSPEND_AMBER_BP: i128 = 50;
/// Further under is amber.
pub const UNDERSPEND_AMBER_BP: i128 = 500;

/// `part ÷ whole` in per cent with two decimals, rounded half away from zero; none where the whole is nought.
pub fn percent(part: Pence, whole: Pence) -> Option<Decimal> {
    Fraction::new(i128::from(part.0) * 100, i128::from(whole.0)).map(|fraction| fraction.round(2))
}

/// The area's fund as at the end of `as_at`.
pub fn position(plan: &AreaPlan, facts: &AreaFacts, as_at: Month) -> FundPosition {
    let year = as_at.financial_year();
    let window = plan.windows.finance;
    let partners = plan.partners.len();
    let mut fund = FundPosition {
        total: BudgetPosition::default(),
        pools: vec![BudgetPosition::default(); plan.pools.len()],
        schemes: vec![BudgetPosition::default(); plan.schemes.len()],
        partners: vec![BudgetPosition::default(); partners],
        variance_by_scheme_and_partner: vec![vec![Pence::ZERO; partners]; plan.schemes.len()],
        variance_by_pool_and_partner: vec![vec![Pence::ZERO; partners]; plan.pools.len()],
        months: vec![BudgetAndSpend::default(); window.count()],
        history: years(window.first(), window.last())
            .map(|year| (year, vec![BudgetAndSpend::default(); plan.pools.len()]))
            .collect(),
    };
    let first_year = window.first().financial_year().start_year();
    for line in &facts.finance {
        let (scheme, partner) = (usize::from(line.scheme), usize::from(line.partner));
        let pool = plan.schemes[scheme].pool;
        let add = |sum: &mut BudgetAndSpend| {
            sum.budget += line.budget;
            sum.spend += line.spend(as_at);
        };
        if let Some(place) = window.position(line.month) {
            add(&mut fund.months[place]);
            let line_year = line.month.financial_year();
            add(&mut fund.history[(line_year.start_year() - first_year) as usize].1[pool]);
            if line_year == year {
                for sum in [
                    &mut fund.total,
                    &mut fund.pools[pool],
                    &mut fund.schemes[scheme],
                    &mut fund.partners[partner],
                ] {
                    sum.add(line, as_at);
                }
                let variance = line.spend(as_at) - line.budget;
                fund.variance_by_scheme_and_partner[scheme][partner] += variance;
                fund.variance_by_pool_and_partner[pool][partner] += variance;
            }
        }
    }
    fund
}

fn years(first: Month, last: Month) -> impl Iterator<Item = FinancialYear> {
    (first.financial_year().start_year()..=last.financial_year().start_year()).map(FinancialYear::starting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::facts::Source;

    fn full_year(budget: i64, outturn: i64) -> BudgetPosition {
        BudgetPosition {
            budget_full_year: Pence(budget),
            outturn_full_year: Pence(outturn),
            ..BudgetPosition::default()
        }
    }

    #[test]
    fn the_finance_rag_turns_just_beyond_its_thresholds() {
        // Of £10,000.00: 2% is £200.00, 0.5% is £50.00 and 5% is £500.00.
        for (outturn, rag) in [
            (1_020_001, Rag::Red),
            (1_020_000, Rag::Amber),
            (1_005_001, Rag::Amber),
            (1_005_000, Rag::Green),
            (950_000, Rag::Green),
            (949_999, Rag::Amber),
        ] {
            assert_eq!(full_year(1_000_000, outturn).rag(), rag, "{outturn}");
        }
    }

    #[test]
    fn an_actual_of_a_month_after_the_reporting_month_does_not_count_yet() {
        let line = FinanceLine {
            source: Source::default(),
            month: Month::new(2025, 12).unwrap(),
            scheme: 0,
            partner: 0,
            budget: Pence(100),
            actual: Some(Pence(130)),
            forecast: Pence(110),
        };
        let as_at = |month| {
            let mut position = BudgetPosition::default();
            position.add(&line, Month::new(2025, month).unwrap());
            (position.actual_to_date, position.outturn_full_year)
        };
        assert_eq!(as_at(11), (Pence(0), Pence(110)));
        assert_eq!(as_at(12), (Pence(130), Pence(130)));
    }

    #[test]
    fn a_variance_without_a_budget_has_no_percentage() {
        assert_eq!(full_year(0, 500).variance_full_year_percent(), None);
        assert_eq!(full_year(300, 200).variance_full_year_percent().unwrap().to_string(), "-33.33");
    }
}
