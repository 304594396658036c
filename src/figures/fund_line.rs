//! A part of the pooled fund by month: a scheme, a partner, or a partner's part of a scheme.

use super::{
    facts::{AreaFacts, FinanceLine},
    money::Pence,
    period::{FinancialYear, Month},
};

/// Which part of the fund is meant, by index into the area's plan; none for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundPart {
    pub scheme: Option<usize>,
    pub partner: Option<usize>,
}

impl FundPart {
    pub fn holds(self, line: &FinanceLine) -> bool {
        self.scheme.is_none_or(|scheme| scheme == usize::from(line.scheme))
            && self.partner.is_none_or(|partner| partner == usize::from(line.partner))
    }
}

/// A month of a part of the fund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundMonth {
    pub month: Month,
    pub budget: Pence,
    /// What was reported as spent; none where no line of the month has an actual that counts yet.
    pub actual: Option<Pence>,
    pub forecast: Pence,
    /// What counts: the actual where there is one, else the forecast.
    pub spend: Pence,
    /// How many rows of returns it is the sum of.
    pub lines: usize,
}

impl FundMonth {
    /// Positive is an overspend.
    pub fn variance(&self) -> Pence {
        self.spend - self.budget
    }
}

/// The twelve months of the reporting month's year; months without a line are left out.
pub fn months_of(facts: &AreaFacts, part: FundPart, as_at: Month) -> Vec<FundMonth> {
    let year: FinancialYear = as_at.financial_year();
    let of_month = |month: Month| {
        let lines = || facts.finance.iter().filter(move |line| line.month == month && part.holds(line));
        let actuals = || lines().filter_map(|line| line.actual.filter(|_| month <= as_at));
        FundMonth {
            month,
            budget: lines().map(|line| line.budget).sum(),
            actual: actuals().next().map(|_| actuals().sum()),
            forecast: lines().map(|line| line.forecast).sum(),
            spend: lines().map(|line| line.spend(as_at)).sum(),
            lines: lines().count(),
        }
    };
    year.months().iter().map(of_month).filter(|month| month.lines > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::facts::Source;

    #[test]
    fn the_months_of_a_part_add_up_to_it_alone() {
        let month = |number| Month::new(2025, number).unwrap();
        let line = |number, scheme, partner, actual| FinanceLine {
            source: Source::default(),
            month: month(number),
            scheme,
            partner,
            budget: Pence(100),
            actual,
            forecast: Pence(110),
        };
        let facts = AreaFacts {
            finance: vec![
                line(4, 0, 0, Some(Pence(130))),
                line(4, 0, 1, None),
                line(4, 1, 0, Some(Pence(7))),
                line(6, 0, 0, Some(Pence(1))),
            ],
            ..AreaFacts::default()
        };
        let part = FundPart { scheme: Some(0), partner: None };
        let months = months_of(&facts, part, month(5));
        // April: £1.30 of one partner and the other's forecast of £1.10; June's actual does not count yet.
        let spends: Vec<_> = months.iter().map(|month| (month.lines, month.actual, month.spend)).collect();
        assert_eq!(spends, [(2, Some(Pence(130)), Pence(240)), (1, None, Pence(110))]);
        assert_eq!(months[0].variance(), Pence(40));
        let own = months_of(&facts, FundPart { scheme: Some(0), partner: Some(1) }, month(5));
        assert_eq!((own.len(), own[0].actual), (1, None));
    }
}
