//! A measure's targets of a year: by month, by quarter and for the whole, and where they do not add up.
//!
//! `figures.md`: the annual figure is held apart from the profile, and a profile that does not add up
//! to it is told with the difference.

use super::{
    facts::{Target, TargetValue},
    period::{FinancialYear, Period},
};
use std::{collections::BTreeMap, ops::Range};

/// What a year's targets of one measure are; the last said of a period counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile {
    /// April first.
    pub months: [Option<Target>; 12],
    /// April to June first.
    pub quarters: [Option<Target>; 4],
    pub annual: Option<Target>,
}

/// Targets that do not add up to one that was set for all of them, in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub parts: Parts,
    pub sum: i64,
    /// The target that was set for all.
    pub set: Target,
    pub set_number: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Of a quarter, 1 (April to June) to 4.
    MonthsOf(u8),
    TwelveMonths,
    /// Each by its own target, or by those of its months where it has none.
    FourQuarters,
}

/// The profiles of every measure and year that targets speak of; later targets take the place of
/// earlier ones, as those of a return that of the plan's.
pub fn profiles<'t>(
    targets: impl IntoIterator<Item = &'t Target>,
) -> BTreeMap<(u16, FinancialYear), Profile> {
    let mut profiles: BTreeMap<_, Profile> = BTreeMap::new();
    for target in targets {
        let first = target.period.months().first();
        let year = first.financial_year();
        let profile = profiles.entry((target.measure, year)).or_default();
        let place = match target.period {
            Period::Month(month) => profile.months.get_mut(month.month_of_financial_year() as usize - 1),
            Period::Quarter(_, quarter) => profile.quarters.get_mut(usize::from(quarter) - 1),
            Period::Year(_) => Some(&mut profile.annual),
        };
        if let Some(place) = place {
            *place = Some(*target);
        }
    }
    profiles
}

impl Profile {
    /// Where months do not add up to their quarter, or to the year, or quarters to the year. Only of a
    /// measure whose months add up; parts of which one is no number are not compared.
    pub fn differences(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut compare = |parts, sum: Option<i64>, set: Option<Target>| {
            if let (Some(sum), Some(set)) = (sum, set)
                && let Some(set_number) = number(set)
                && sum != set_number
            {
                differences.push(Difference { parts, sum, set, set_number });
            }
        };
        let quarters: [Range<usize>; 4] = [0..3, 3..6, 6..9, 9..12];
        for ((quarter, months), own) in (1..).zip(quarters.clone()).zip(self.quarters) {
            compare(Parts::MonthsOf(quarter), self.of_months(months), own);
        }
        let by_month = self.of_months(0..12);
        compare(Parts::TwelveMonths, by_month, self.annual);
        let by_quarter = quarters.into_iter().zip(self.quarters).map(|(months, own)| match own {
            Some(own) => number(own),
            None => self.of_months(months),
        });
        // Without a quarter's own target this would be the months again.
        let by_quarter: Option<i64> = by_quarter.sum();
        if by_quarter != by_month {
            compare(Parts::FourQuarters, by_quarter, self.annual);
        }
        differences
    }

    fn of_months(&self, months: Range<usize>) -> Option<i64> {
        self.months[months].iter().map(|month| month.and_then(number)).sum()
    }
}

impl Difference {
    /// `twelve months add up to 7,989, 7 short of`: what follows is the target that was set.
    pub fn words(&self, shown: impl Fn(i64) -> String) -> String {
        let off = self.sum - self.set_number;
        let side = if off < 0 { "short of" } else { "over" };
        format!("{} add up to {}, {} {side}", self.parts.name(), shown(self.sum), shown(off.abs()))
    }
}

impl Parts {
    /// `twelve months`, `four quarters` or `months April to June`.
    fn name(self) -> &'static str {
        match self {
            Parts::TwelveMonths => "twelve months",
            Parts::FourQuarters => "four quarters",
            Parts::MonthsOf(1) => "months April to June",
            Parts::MonthsOf(2) => "months July to September",
            Parts::MonthsOf(3) => "months October to December",
            Parts::MonthsOf(_) => "months January to March",
        }
    }
}

fn number(target: Target) -> Option<i64> {
    match target.value {
        TargetValue::Number(number) => Some(number),
        TargetValue::ToBeConfirmed | TargetValue::NotSet => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::facts::Source;

    fn target(period: &str, number: i64) -> Target {
        let period = Period::parse(period).unwrap();
        Target {
            source: Source { submission: 0, row: 0 },
            measure: 0,
            period,
            value: TargetValue::Number(number),
        }
    }

    fn told(targets: &[Target]) -> Vec<(Parts, i64, i64)> {
        let profiles = profiles(targets);
        let told = profiles.values().flat_map(Profile::differences);
        told.map(|difference| (difference.parts, difference.sum, difference.set_number)).collect()
    }

    #[test]
    fn quarters_and_months_are_a_profile_together() {
        let mut targets = vec![target("2015-16", 100), target("2015-16-Q1", 30), target("2015-16-Q2", 30)];
        targets.extend(["2015-10", "2015-11", "2015-12", "2016-01", "2016-02"].map(|month| target(month, 5)));
        assert_eq!(told(&targets), []);
        targets.push(target("2016-03", 5));
        assert_eq!(told(&targets), [(Parts::FourQuarters, 90, 100)]);
        targets.push(target("2016-03", 15));
        assert_eq!(told(&targets), []);
    }

    #[test]
    fn the_months_of_a_quarter_are_compared_with_it() {
        let mut targets = vec![target("2015-16-Q4", 30)];
        targets.extend(["2016-01", "2016-02", "2016-03"].map(|month| target(month, 9)));
        assert_eq!(told(&targets), [(Parts::MonthsOf(4), 27, 30)]);
    }
}
