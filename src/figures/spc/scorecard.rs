//! The process chart of one measure on the scorecard.

use super::{Assurance, Limits, Options, PointJudgement, SpecialCause, Variation, Whole, assurance, judged};
use crate::figures::{
    agreement::Better,
    fraction::{Fraction, power_of_ten},
};
use rust_decimal::Decimal;

/// The chart of a measure's published values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorecardChart {
    /// In whole units of `10^-decimals`; none for fewer than two values.
    limits: Option<Limits>,
    decimals: u32,
    /// How many values it charts.
    points: usize,
    /// What is special about the latest value.
    pub latest: PointJudgement,
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

/// No rule looks further back from the latest value: a shift and a trend are of seven points.
const LATEST_RESTS_ON: usize = 7;

/// Charts a measure's values, in the order of their months with missing months left out.
///
/// Values are whole units of `10^-decimals`; `target` is that of the latest value's month. Fewer than
/// two values give no statistics and judge nothing.
///
/// Source: the workload's specification, section 5.
pub fn scorecard_chart<N: Whole>(
    values: &[Option<N>],
    decimals: u32,
    better: Better,
    target: Option<Fraction>,
) -> ScorecardChart {
    if values.len() < 2 {
        return ScorecardChart { points: values.len(), ..ScorecardChart::NONE };
    }
    let limits = Limits::of(values, &Options::SCORECARD);
    let last = &values[values.len().saturating_sub(LATEST_RESTS_ON)..];
    let latest = judged(last, limits.as_ref(), &Options::SCORECARD).pop().flatten();
    let target = target
        .and_then(|target| Fraction::new(target.numerator() * power_of_ten(decimals), target.denominator()));
    ScorecardChart {
        limits,
        decimals,
        points: values.len(),
        latest,
        variation: latest.map_or(Variation::Common, |cause| cause.variation(better)),
        assurance: target.map_or(Assurance::None, |target| assurance(limits.as_ref(), target, better)),
    }
}

impl ScorecardChart {
    /// Of no values.
    pub const NONE: ScorecardChart = ScorecardChart {
        limits: None,
        decimals: 0,
        points: 0,
        latest: None,
        variation: Variation::None,
        assurance: Assurance::None,
    };

    /// What is special about each of the values that were charted, in their order.
    pub fn judged<N: Whole>(&self, values: &[Option<N>]) -> Vec<PointJudgement> {
        judged(values, self.limits.as_ref(), &Options::SCORECARD)
    }

    /// None for fewer than two values.
    pub fn statistics(&self) -> Option<Statistics> {
        statistics(self.points, &self.limits?, self.decimals)
    }
}

/// One letter a point: `A`/`B` outside the limits, `U`/`D` a trend, `h`/`l` two in three near a limit,
/// `a`/`b` a shift, `.` common cause.
pub fn letters(points: &[PointJudgement]) -> String {
    points.iter().map(|point| point.map_or('.', SpecialCause::letter)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charted(values: &[i128], decimals: u32, better: Better, target: Option<Fraction>) -> ScorecardChart {
        scorecard_chart(&reported(values), decimals, better, target)
    }

    fn reported(values: &[i128]) -> Vec<Option<i128>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn statistics_are_printed_with_two_decimals_more_than_the_values() {
        // 0.1, 0.2, 0.4: mean 0.7 / 3, ranges 0.1 and 0.2; 0.2333… -/+ 2.66 x 0.15 = 0.399.
        let chart = charted(&[1, 2, 4], 1, Better::Higher, None);
        let statistics = chart.statistics().unwrap();
        let printed = [
            statistics.mean,
            statistics.average_moving_range,
            statistics.lower_limit,
            statistics.upper_limit,
        ];
        assert_eq!(printed.map(|figure| figure.to_string()), ["0.233", "0.150", "-0.166", "0.632"]);
        assert_eq!(Some(statistics.exact_mean), Fraction::new(7, 30));
        let points = chart.judged(&reported(&[1, 2, 4]));
        assert_eq!((letters(&points).as_str(), chart.variation), ("...", Variation::Common));
    }

    #[test]
    fn fewer_than_two_values_judge_nothing() {
        let target = Some(Fraction::ONE);
        for (values, told) in [(&[][..], ""), (&[5][..], ".")] {
            let chart = charted(values, 0, Better::Higher, target);
            let points = chart.judged(&reported(values));
            assert_eq!((chart.statistics(), letters(&points).as_str()), (None, told));
            assert_eq!((chart.variation, chart.assurance), (Variation::None, Assurance::None));
        }
    }

    proptest! {
        #[test]
        fn the_latest_value_is_judged_as_it_is_among_all(
            // Few values side by side make for runs and trends, and a wide one now and then for limits.
            values in prop::collection::vec(prop_oneof![8 => 0..6i128, 1 => 0..40i128], 0..40),
            (from, step) in (0..30i128, -3..4i128),
            trend in 0..9i128,
        ) {
            let mut values = values;
            values.extend((0..trend).map(|place| from + step * place));
            let chart = charted(&values, 0, Better::Higher, None);
            let of_all = chart.judged(&reported(&values));
            prop_assert_eq!(chart.latest, of_all.last().copied().flatten());
        }
    }

    #[test]
    fn the_target_is_held_against_the_unrounded_limits_whichever_way_is_better() {
        // 10, 20, 30, 20: limits 20 -/+ 26.6.
        let assured = |hundredths, better| {
            let target = Some(Fraction::scaled(hundredths, 2));
            charted(&[10, 20, 30, 20], 0, better, target).assurance
        };
        for (target, when_higher, when_lower) in [
            (-661, Assurance::Pass, Assurance::Fail),
            (-660, Assurance::HitOrMiss, Assurance::HitOrMiss),
            (4660, Assurance::HitOrMiss, Assurance::HitOrMiss),
            (4661, Assurance::Fail, Assurance::Pass),
        ] {
            assert_eq!(assured(target, Better::Higher), when_higher, "{target}");
            assert_eq!(assured(target, Better::Lower), when_lower, "{target}");
        }
        assert_eq!(charted(&[1, 2], 0, Better::Lower, None).assurance, Assurance::None);
    }

    #[test]
    fn a_latest_point_above_the_limit_is_better_or_worse_by_the_measure() {
        let values = [0, 10, 0, 10, 0, 10, 0, 10, 0, 10, 0, 10, 1000];
        let variation = |better| charted(&values, 0, better, None).variation;
        assert_eq!(variation(Better::Higher), Variation::Improvement);
        assert_eq!(variation(Better::Lower), Variation::Concern);
    }

    #[test]
    fn the_largest_values_of_a_long_series_stay_within_the_arithmetic() {
        // The largest numerator over the least denominator, 10^12 ÷ 0.01, at the greatest multiplier of
        // 10^6, in ten-thousandths, for as many months as a window may have.
        let largest = 10i128.pow(24);
        let values: Vec<i128> =
            (0..600).map(|month| if month % 2 == 0 { largest } else { -largest }).collect();
        let target = Some(Fraction::scaled(10i128.pow(16), 4));
        assert!(charted(&values, 4, Better::Higher, target).statistics().is_some());
    }
}
