//! The process chart of one measure on the scorecard.

use super::{Assurance, Limits, Options, Series, SpecialCause, Variation, assurance, chart};
use crate::figures::{
    agreement::Better,
    fraction::{Fraction, power_of_ten},
};
use rust_decimal::Decimal;

/// The chart of a measure's published values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorecardChart {
    /// None for fewer than two values.
    pub statistics: Option<Statistics>,
    /// One letter a value: `A`/`B` outside the limits, `U`/`D` a trend, `h`/`l` two in three near a
    /// limit, `a`/`b` a shift, `.` common cause.
    pub letters: String,
    pub variation: Variation,
    pub assurance: Assurance,
}

/// What the limits are made of: printed figures, rounded once with two decimals more than the values,
/// and the exact limits for drawing and comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub points: usize,
    pub mean: Decimal,
    pub average_moving_range: Decimal,
    pub lower_limit: Decimal,
    pub upper_limit: Decimal,
    pub exact_mean: Fraction,
    pub exact_lower_limit: Fraction,
    pub exact_upper_limit: Fraction,
}

/// Charts a measure's values, in the order of their months with missing months left out.
///
/// Values are whole units of `10^-decimals`; `target` is that of the latest value's month. Fewer than
/// two values give no statistics and judge nothing.
///
/// Source: the workload's specification, section 5.
pub fn scorecard_chart(
    values: &[i64],
    decimals: u32,
    better: Better,
    target: Option<Fraction>,
) -> ScorecardChart {
    if values.len() < 2 {
        return ScorecardChart {
            statistics: None,
            letters: ".".repeat(values.len()),
            variation: Variation::None,
            assurance: Assurance::None,
        };
    }
    let values: Vec<Option<i128>> = values.iter().map(|value| Some(i128::from(*value))).collect();
    let chart = chart(Series { values: &values, rebased_at: &[] }, &Options::SCORECARD);
    let limits = chart.groups.last().and_then(|group| group.limits);
    let latest = chart.points.last().copied().flatten();
    let target = target
        .and_then(|target| Fraction::new(target.numerator() * power_of_ten(decimals), target.denominator()));
    ScorecardChart {
        statistics: limits.and_then(|limits| statistics(values.len(), &limits, decimals)),
        letters: chart.points.iter().map(|point| point.map_or('.', SpecialCause::letter)).collect(),
        variation: latest.map_or(Variation::Common, |cause| cause.variation(better)),
        assurance: target.map_or(Assurance::None, |target| assurance(limits.as_ref(), target, better)),
    }
}

impl SpecialCause {
    /// The letter that stands for it in a scorecard's row of points.
    pub fn letter(self) -> char {
        match self {
            SpecialCause::AboveUpperLimit => 'A',
            SpecialCause::BelowLowerLimit => 'B',
            SpecialCause::Increasing => 'U',
            SpecialCause::Decreasing => 'D',
            SpecialCause::TwoInThreeAbove => 'h',
            SpecialCause::TwoInThreeBelow => 'l',
            SpecialCause::ShiftAbove => 'a',
            SpecialCause::ShiftBelow => 'b',
        }
    }
}

fn statistics(points: usize, limits: &Limits, decimals: u32) -> Option<Statistics> {
    let measured =
        |units: Fraction| Fraction::new(units.numerator(), units.denominator() * power_of_ten(decimals));
    let printed = |exact: Fraction| exact.round(decimals + 2);
    let exact_mean = measured(limits.mean())?;
    let (exact_lower_limit, exact_upper_limit) = (measured(limits.lower()?)?, measured(limits.upper()?)?);
    Some(Statistics {
        points,
        mean: printed(exact_mean),
        average_moving_range: printed(measured(limits.average_moving_range()?)?),
        lower_limit: printed(exact_lower_limit),
        upper_limit: printed(exact_upper_limit),
        exact_mean,
        exact_lower_limit,
        exact_upper_limit,
    })
}
