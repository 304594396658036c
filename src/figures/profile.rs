//! A measure's targets of a year: by month, by quarter and for the whole, and where they do not add up.
//!
//! `figures.md`: the annual figure is held apart from the profile, and a profile that does not add up
//! to it is told with the difference.

use super::{
    facts::{Target, TargetValue},
    fraction::{Fraction, power_of_ten},
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

/// Targets are kept in ten-thousandths.
const TARGET_DECIMALS: u32 = 4;

/// Targets that do not add up to one that was set for all of them, in ten-thousandths; each is rounded to
/// the measure's decimals first, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub parts: Parts,
    pub sum: i64,
    /// The target that was set for all.
    pub set: Target,
    pub set_number: i64,
    /// The measure's.
    decimals: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Of a quarter, 1 (April to June) to 4.
    MonthsOf(u8),
    TwelveMonths,
    /// Each by its own target.
    FourQuarters,
    /// Some quarters by their own target, the others by those of their months.
    QuartersAndMonths,
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
    /// measure whose months add up; parts of which one is no number are not compared. `decimals` are the
    /// measure's.
    pub fn differences(&self, decimals: u32) -> Vec<Difference> {
        let number = |target: Target| number(target, decimals);
        let mut differences = Vec::new();
        let mut compare = |parts, sum: Option<i64>, set: Option<Target>| {
            if let (Some(sum), Some(set)) = (sum, set)
                && let Some(set_number) = number(set)
                && sum != set_number
            {
                differences.push(Difference { parts, sum, set, set_number, decimals });
            }
        };
        let quarters: [Range<usize>; 4] = [0..3, 3..6, 6..9, 9..12];
        for ((quarter, months), own) in (1..).zip(quarters.clone()).zip(self.quarters) {
            compare(Parts::MonthsOf(quarter), self.of_months(months, decimals), own);
        }
        let by_month = self.of_months(0..12, decimals);
        compare(Parts::TwelveMonths, by_month, self.annual);
        let by_quarter = quarters.into_iter().zip(self.quarters).map(|(months, own)| match own {
            Some(own) => number(own),
            None => self.of_months(months, decimals),
        });
        // Without a quarter's own target this would be the months again.
        let by_quarter: Option<i64> = by_quarter.sum();
        if by_quarter != by_month {
            let have_own = self.quarters.iter().all(Option::is_some);
            let parts = if have_own { Parts::FourQuarters } else { Parts::QuartersAndMonths };
            compare(parts, by_quarter, self.annual);
        }
        differences
    }

    fn of_months(&self, months: Range<usize>, decimals: u32) -> Option<i64> {
        self.months[months].iter().map(|month| number((*month)?, decimals)).sum()
    }
}

impl Difference {
    /// `the targets of the twelve months add up to 7,989, 7 short of the 7,996 set for the year`: everybody
    /// is told in these words. `whole` is what it was set for, such as `the year`.
    pub fn words(&self, whole: &str) -> String {
        let off = self.sum - self.set_number;
        let side = if off < 0 { "short of" } else { "over" };
        let shown = |number| shown(number, self.decimals);
        format!(
            "the targets of the {} add up to {}, {} {side} the {} set for {whole}",
            self.parts.name(),
            shown(self.sum),
            shown(off.abs()),
            shown(self.set_number)
        )
    }

    /// `the year` or `the quarter`, where it is told beside which.
    pub fn whole(&self) -> &'static str {
        if matches!(self.set.period, Period::Year(_)) { "the year" } else { "the quarter" }
    }
}

impl Parts {
    /// `twelve months`, `four quarters`, `quarters and months together` or `months April to June`.
    fn name(self) -> &'static str {
        match self {
            Parts::TwelveMonths => "twelve months",
            Parts::FourQuarters => "four quarters",
            Parts::QuartersAndMonths => "quarters and months together",
            Parts::MonthsOf(1) => "months April to June",
            Parts::MonthsOf(2) => "months July to September",
            Parts::MonthsOf(3) => "months October to December",
            Parts::MonthsOf(_) => "months January to March",
        }
    }
}

/// A target as it is shown, in ten-thousandths; none where it is no number.
fn number(target: Target, decimals: u32) -> Option<i64> {
    match target.value {
        TargetValue::Number(number) => {
            let shown = Fraction::scaled(number.into(), TARGET_DECIMALS).round_units(decimals);
            i64::try_from(shown * power_of_ten(TARGET_DECIMALS - decimals)).ok()
        }
        TargetValue::ToBeConfirmed | TargetValue::NotSet => None,
    }
}

/// As people write it: `7,996` or `−1,234.50`, with the measure's decimals.
fn shown(ten_thousandths: i64, decimals: u32) -> String {
    let unit = 10u64.pow(TARGET_DECIMALS);
    let (whole, rest) = (ten_thousandths.unsigned_abs() / unit, ten_thousandths.unsigned_abs() % unit);
    let mut text = if ten_thousandths < 0 { "\u{2212}".to_owned() } else { String::new() };
    let digits = whole.to_string();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if decimals > 0 {
        text.push('.');
        text.push_str(&format!("{rest:04}")[..decimals as usize]);
    }
    text
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
            value: TargetValue::Number(number * 10_000),
        }
    }

    fn told(targets: &[Target]) -> Vec<(Parts, i64, i64)> {
        let profiles = profiles(targets);
        let told = profiles.values().flat_map(|profile| profile.differences(0));
        told.map(|difference| (difference.parts, difference.sum, difference.set_number)).collect()
    }

    #[test]
    fn quarters_and_months_are_a_profile_together() {
        let mut targets = vec![target("2015-16", 100), target("2015-16-Q1", 30), target("2015-16-Q2", 30)];
        targets.extend(["2015-10", "2015-11", "2015-12", "2016-01", "2016-02"].map(|month| target(month, 5)));
        assert_eq!(told(&targets), []);
        targets.push(target("2016-03", 5));
        assert_eq!(told(&targets), [(Parts::QuartersAndMonths, 900_000, 1_000_000)]);
        targets.push(target("2016-03", 15));
        assert_eq!(told(&targets), []);
    }

    #[test]
    fn the_months_of_a_quarter_are_compared_with_it() {
        let mut targets = vec![target("2015-16-Q4", 30)];
        targets.extend(["2016-01", "2016-02", "2016-03"].map(|month| target(month, 9)));
        assert_eq!(told(&targets), [(Parts::MonthsOf(4), 270_000, 300_000)]);
    }

    #[test]
    fn a_difference_is_told_of_the_targets_as_they_are_shown() {
        let mut targets = vec![target("2015-16", 7_996)];
        targets.extend((1..=4).map(|quarter| target(&format!("2015-16-Q{quarter}"), 1_999)));
        let profiles_of = |targets: &[Target]| profiles(targets).into_values().next().unwrap();
        assert_eq!(profiles_of(&targets).differences(0), []);
        // A quarter of 1,998.6 is shown as 1,999: what is shown adds up.
        targets[1].value = TargetValue::Number(19_986_000);
        assert_eq!(profiles_of(&targets).differences(0), []);
        let differences = profiles_of(&targets).differences(1);
        assert_eq!(
            differences[0].words(differences[0].whole()),
            "the targets of the four quarters add up to 7,995.6, 0.4 short of the 7,996.0 set for the year"
        );
    }

    #[test]
    fn a_target_is_shown_as_people_write_it() {
        assert_eq!(shown(79_960_000, 0), "7,996");
        assert_eq!(shown(79_965_000, 1), "7,996.5");
        assert_eq!(shown(-5_000, 1), "\u{2212}0.5");
        assert_eq!(shown(12_340_500, 2), "1,234.05");
        assert_eq!(shown(12_345_670_000, 0), "1,234,567");
    }
}
