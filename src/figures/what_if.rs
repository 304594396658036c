//! What if: the facts of an area with some of them supposed otherwise.
//!
//! Nothing is stored and nothing but the facts is changed: a position is worked out from what is
//! supposed just as from what was sent, so that every figure that moves can be seen beside the one
//! that stands.
//!
//! Source: `figures.md` section 2.6.

use super::{
    agreement::{AreaPlan, MeasureKind},
    facts::{AreaFacts, FinanceLine, MeasureFact, Source},
    fraction::{Fraction, round_half_away},
    measure::{self, TargetFigure},
    money::Pence,
    period::Month,
    split::WHOLE_BP,
};
use rust_decimal::Decimal;
use std::{cmp::Reverse, collections::BTreeMap};

/// Facts hold numerators and denominators in hundredths.
const HUNDREDTHS: i128 = 100;
/// The largest result that can be supposed, as of a return: twelve digits.
const LARGEST_RESULT: i64 = 999_999_999_999;

/// One thing that is supposed otherwise; what it speaks of is named by its id in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What a measure counts in a month to the reporting month, in hundredths. Without a denominator
    /// that of the month stays, or the last one before it.
    MeasureMonth {
        measure: String,
        month: Month,
        numerator_hundredths: i64,
        denominator_hundredths: Option<i64>,
    },
    /// A measure's year to date.
    ///
    /// The months that count, which are those with a value and a target, are scaled alike until they come
    /// to it: numerators move, in whole numbers where that is fine enough, and denominators stay. Of
    /// a stock the last such month alone moves.
    YearToDate { measure: String, value: Decimal },
    /// A scheme's outturn for the full year.
    ///
    /// The difference is put on the forecast of the last month of the year, shared between the partners in
    /// proportion to their budgets for the year, odd pence by largest remainder; where that month's
    /// actual counts already, on the actual. A forecast may so fall below nought.
    SchemeOutturn { scheme: String, outturn: Pence },
    /// The same for one partner's part of a scheme.
    PartnerOutturn { scheme: String, partner: String, outturn: Pence },
    /// The members of a segment in every month of the year to date; costs stay as they were reported.
    ///
    /// A month's members are shared between the practices in proportion to those that they have.
    Members { segment: String, members: Members },
}

/// How many members a segment is supposed to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// Each month's members times so many basis points, to the whole member, halves upwards.
    Times { bp: u32 },
    /// So many in each month.
    EachMonth(u32),
}

/// Why something cannot be supposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    #[error("the plan has no measure {0}")]
    NoSuchMeasure(String),
    #[error("the plan has no scheme {0}")]
    NoSuchScheme(String),
    #[error("the plan has no partner {0}")]
    NoSuchPartner(String),
    #[error("the plan has no segment {0}")]
    NoSuchSegment(String),
    #[error("{month} is not a month of {measure} to the reporting month")]
    MonthDoesNotCount { measure: String, month: Month },
    #[error("{measure} needs a denominator above nought for {month}")]
    NeedsDenominator { measure: String, month: Month },
    #[error("no month of {0} to date has both a value and a number for a target")]
    NoYearToDate(String),
    #[error("no numerators give {measure} a year to date of {value}; the nearest is {nearest}")]
    OutOfReach { measure: String, value: Decimal, nearest: Decimal },
    #[error("a result of {measure} is nought or more and has at most twelve digits before the point")]
    NoResult { measure: String },
    #[error("there are no lines of {0} in the year")]
    NoLines(String),
    #[error("there are no members of {0} to date")]
    NoMembers(String),
    #[error("so many members of {0} cannot be counted")]
    TooManyMembers(String),
}

/// The facts as `changes` suppose them, one after the other, as at the end of `as_at`.
pub fn suppose(
    plan: &AreaPlan,
    facts: &AreaFacts,
    as_at: Month,
    changes: &[Change],
) -> Result<AreaFacts, WhatIfError> {
    let mut supposed = Supposed { plan, as_at, facts: facts.clone() };
    for change in changes {
        supposed.apply(change)?;
    }
    Ok(supposed.facts)
}

struct Supposed<'a> {
    plan: &'a AreaPlan,
    as_at: Month,
    facts: AreaFacts,
}

impl Supposed<'_> {
    fn apply(&mut self, change: &Change) -> Result<(), WhatIfError> {
        match change {
            Change::MeasureMonth { measure, month, numerator_hundredths, denominator_hundredths } => {
                self.measure_month(measure, *month, *numerator_hundredths, *denominator_hundredths)
            }
            Change::YearToDate { measure, value } => self.year_to_date(measure, *value),
            Change::SchemeOutturn { scheme, outturn } => {
                let index = self.scheme(scheme)?;
                self.outturn(scheme, *outturn, |line| usize::from(line.scheme) == index)
            }
            Change::PartnerOutturn { scheme, partner, outturn } => {
                let of_scheme = self.scheme(scheme)?;
                let mut partners = self.plan.partners.iter();
                let of_partner = partners
                    .position(|candidate| candidate.id == *partner)
                    .ok_or_else(|| WhatIfError::NoSuchPartner(partner.clone()))?;
                self.outturn(scheme, *outturn, |line| {
                    (usize::from(line.scheme), usize::from(line.partner)) == (of_scheme, of_partner)
                })
            }
            Change::Members { segment, members } => self.members(segment, *members),
        }
    }

    fn scheme(&self, id: &str) -> Result<usize, WhatIfError> {
        let mut schemes = self.plan.schemes.iter();
        schemes.position(|scheme| scheme.id == id).ok_or_else(|| WhatIfError::NoSuchScheme(id.to_owned()))
    }

    fn measure(&self, id: &str) -> Result<usize, WhatIfError> {
        let mut measures = self.plan.measures.iter();
        measures.position(|measure| measure.id == id).ok_or_else(|| WhatIfError::NoSuchMeasure(id.to_owned()))
    }

    fn measure_month(
        &mut self,
        id: &str,
        month: Month,
        numerator: i64,
        denominator: Option<i64>,
    ) -> Result<(), WhatIfError> {
        let index = self.measure(id)?;
        if month > self.as_at || !self.plan.windows.measures.contains(month) {
            return Err(WhatIfError::MonthDoesNotCount { measure: id.to_owned(), month });
        }
        let largest = LARGEST_RESULT * HUNDREDTHS as i64;
        if !(0..=largest).contains(&numerator) || denominator.is_some_and(|over| over > largest) {
            return Err(WhatIfError::NoResult { measure: id.to_owned() });
        }
        let last = self
            .facts
            .measures
            .iter()
            .filter(|fact| usize::from(fact.measure) == index && fact.month <= month)
            .max_by_key(|fact| fact.month)
            .copied();
        let denominator = if self.plan.measures[index].kind.needs_denominator() {
            let found = denominator.or_else(|| last?.denominator_hundredths).filter(|&over| over > 0);
            Some(found.ok_or_else(|| WhatIfError::NeedsDenominator { measure: id.to_owned(), month })?)
        } else {
            None
        };
        let fact = MeasureFact {
            source: Source::default(),
            measure: index as u16,
            month,
            partner: last.map_or(0, |fact| fact.partner),
            numerator_hundredths: numerator,
            denominator_hundredths: denominator,
        };
        let is_same = |fact: &MeasureFact| usize::from(fact.measure) == index && fact.month == month;
        match self.facts.measures.iter_mut().rfind(|fact| is_same(fact)) {
            Some(standing) => {
                *standing = MeasureFact { source: standing.source, partner: standing.partner, ..fact }
            }
            None => self.facts.measures.push(fact),
        }
        Ok(())
    }

    fn year_to_date(&mut self, id: &str, value: Decimal) -> Result<(), WhatIfError> {
        let index = self.measure(id)?;
        if value.is_sign_negative() || value > Decimal::from(LARGEST_RESULT) {
            return Err(WhatIfError::NoResult { measure: id.to_owned() });
        }
        let counting = self.months_that_count(index);
        let Some(&last) = counting.last() else { return Err(WhatIfError::NoYearToDate(id.to_owned())) };
        let moving =
            if self.plan.measures[index].kind == MeasureKind::Latest { vec![last] } else { counting };
        let total = self.hundredths_for(index, &moving, value);
        let weights: Vec<i128> =
            moving.iter().map(|&place| i128::from(self.facts.measures[place].numerator_hundredths)).collect();
        let mut nearest = Decimal::ZERO;
        // Whole numbers first, as people are counted; then finer, to the hundredths that facts hold.
        for unit in [100, 10, 1] {
            let units = total.over(Fraction::whole(unit)).unwrap_or_default().round_units(0);
            for (&place, part) in moving.iter().zip(in_proportion(units, &weights)) {
                self.facts.measures[place].numerator_hundredths = (part * unit) as i64;
            }
            let reached = measure::scorecard(self.plan, &self.facts, self.as_at)[index].year_to_date.value;
            if reached == Some(value) {
                return Ok(());
            }
            nearest = reached.unwrap_or_default();
        }
        Err(WhatIfError::OutOfReach { measure: id.to_owned(), value, nearest })
    }

    /// Where the facts stand that the measure's year to date is made from, by month.
    fn months_that_count(&self, index: usize) -> Vec<usize> {
        let year = self.as_at.financial_year();
        let position = &measure::scorecard(self.plan, &self.facts, self.as_at)[index];
        let months = position.months.iter().filter(|figure| {
            let has_both = figure.value.is_some() && matches!(figure.target, Some(TargetFigure::Number(_)));
            figure.month.financial_year() == year && figure.month <= self.as_at && has_both
        });
        let place = |month: Month| {
            let mut facts = self.facts.measures.iter();
            facts.rposition(|fact| usize::from(fact.measure) == index && fact.month == month)
        };
        months.filter_map(|figure| place(figure.month)).collect()
    }

    /// What the numerators of these months add up to, in hundredths, where the year to date is `value`.
    fn hundredths_for(&self, index: usize, months: &[usize], value: Decimal) -> Fraction {
        let measure = &self.plan.measures[index];
        let value = Fraction::from(value);
        let count = Fraction::whole(months.len() as i128);
        let denominators: i128 = months
            .iter()
            .map(|&place| i128::from(self.facts.measures[place].denominator_hundredths.unwrap_or(0)))
            .sum();
        let over_multiplier = (value * Fraction::whole(denominators))
            .over(Fraction::whole(i128::from(measure.multiplier)))
            .unwrap_or_default();
        match measure.kind {
            MeasureKind::Count | MeasureKind::Latest => value * Fraction::whole(HUNDREDTHS),
            MeasureKind::Mean => value * count * Fraction::whole(HUNDREDTHS),
            MeasureKind::Ratio => over_multiplier,
            MeasureKind::PopulationRate => over_multiplier.over(count).unwrap_or_default(),
        }
    }

    fn outturn(
        &mut self,
        scheme: &str,
        outturn: Pence,
        holds: impl Fn(&FinanceLine) -> bool,
    ) -> Result<(), WhatIfError> {
        let (as_at, window) = (self.as_at, self.plan.windows.finance);
        let counts = |line: &FinanceLine| {
            window.contains(line.month)
                && line.month.financial_year() == as_at.financial_year()
                && holds(line)
        };
        let lines = || self.facts.finance.iter().filter(|line| counts(line));
        let present: Pence = lines().map(|line| line.spend(as_at)).sum();
        // Each partner's budget for the year and the place of its last line.
        let mut partners: BTreeMap<u16, (Pence, usize)> = BTreeMap::new();
        for (place, line) in self.facts.finance.iter().enumerate().filter(|(_, line)| counts(line)) {
            let (budget, last) = partners.entry(line.partner).or_insert((Pence::ZERO, place));
            *budget += line.budget;
            if line.month >= self.facts.finance[*last].month {
                *last = place;
            }
        }
        if partners.is_empty() {
            return Err(WhatIfError::NoLines(scheme.to_owned()));
        }
        let difference = outturn - present;
        let budgets: Vec<i128> = partners.values().map(|(budget, _)| i128::from(budget.0)).collect();
        let parts = in_proportion(i128::from(difference.0).abs(), &budgets);
        for ((_, place), part) in partners.values().zip(parts) {
            let part = Pence(part as i64 * difference.0.signum());
            let line = &mut self.facts.finance[*place];
            match &mut line.actual {
                Some(actual) if line.month <= as_at => *actual += part,
                Some(_) | None => line.forecast += part,
            }
        }
        Ok(())
    }

    fn members(&mut self, id: &str, members: Members) -> Result<(), WhatIfError> {
        let mut segments = self.plan.segments.iter();
        let segment = segments
            .position(|segment| segment.id == id)
            .ok_or_else(|| WhatIfError::NoSuchSegment(id.to_owned()))?;
        let (as_at, window) = (self.as_at, self.plan.windows.capitation);
        let mut months: BTreeMap<Month, Vec<usize>> = BTreeMap::new();
        for (place, line) in self.facts.capitation.iter().enumerate() {
            let is_to_date = line.month <= as_at && line.month.financial_year() == as_at.financial_year();
            if usize::from(line.segment) == segment && is_to_date && window.contains(line.month) {
                months.entry(line.month).or_default().push(place);
            }
        }
        if months.is_empty() {
            return Err(WhatIfError::NoMembers(id.to_owned()));
        }
        for places in months.values() {
            let present: Vec<i128> =
                places.iter().map(|&place| i128::from(self.facts.capitation[place].members)).collect();
            let wanted = match members {
                Members::Times { bp } => {
                    round_half_away(present.iter().sum::<i128>() * i128::from(bp), i128::from(WHOLE_BP))
                }
                Members::EachMonth(members) => i128::from(members),
            };
            for (&place, part) in places.iter().zip(in_proportion(wanted, &present)) {
                self.facts.capitation[place].members =
                    u32::try_from(part).map_err(|_| WhatIfError::TooManyMembers(id.to_owned()))?;
            }
        }
        Ok(())
    }
}

/// Whole units in proportion to the weights, what is left over by rounding down one each to the largest
/// remainders, ties to the earlier; all to the last where there is no weight at all. They sum to the total.
fn in_proportion(total: i128, weights: &[i128]) -> Vec<i128> {
    let mut parts = vec![0; weights.len()];
    let whole: i128 = weights.iter().sum();
    if whole == 0 {
        if let Some(last) = parts.last_mut() {
            *last = total;
        }
        return parts;
    }
    for (part, weight) in parts.iter_mut().zip(weights) {
        *part = total * weight / whole;
    }
    let left_over = total - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&place| (Reverse(total * weights[place] % whole), place));
    for &place in order.iter().take(usize::try_from(left_over).unwrap_or(0)) {
        parts[place] += 1;
    }
    parts
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "pounds, then pence")]
mod tests;
