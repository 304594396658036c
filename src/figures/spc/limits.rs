//! The mean and the process limits of one group of points.

use super::{Direction, Options, Screening, Whole, ZeroVariation};
use crate::figures::fraction::{Fraction, floor};
use std::cmp::Ordering;

// The factors of the chart as whole numbers over THREE_HUNDREDTHS, so that all are exact.
const THREE_HUNDREDTHS: i128 = 300;
/// 2.66 times the average moving range: 3 ÷ d₂ for ranges of two (Wheeler).
const LIMIT_FACTOR: i128 = 798;
/// Two thirds of the way to the limit.
const NEAR_LIMIT_FACTOR: i128 = 532;
/// 3.267, the D₄ of ranges of two (Nelson 1982), as thousandths.
const SCREENING_THOUSANDTHS: i128 = 3267;

/// The mean of a baseline and, where it has moving ranges, its limits: exact, in the values' units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What all the other numbers are over; positive.
    denominator: i128,
    mean: i128,
    /// A three-hundredth of the average moving range; none where there are no ranges to average.
    range: Option<i128>,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Of the mean; equal on it, and for a value that is missing.
    pub side: Ordering,
    pub reach: Reach,
}

/// How far out a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Within,
    /// Strictly beyond a near limit, not beyond the limit.
    Near,
    /// Strictly beyond a limit.
    Outside,
}

impl Limits {
    /// The limits of a baseline; none where it holds no value.
    ///
    /// A missing value takes both of its moving ranges with it.
    pub(super) fn of<N: Whole>(baseline: &[Option<N>], options: &Options) -> Option<Limits> {
        let (count, sum) = counted(baseline.iter().copied());
        if count == 0 {
            return None;
        }
        let ranges = baseline.windows(2).map(|pair| Some(pair[1]?.distance(pair[0]?)));
        let (kept, total) = match (averaged(ranges, options.screening), options.zero_variation) {
            (Averaged::Ranges { kept, total }, _) => (kept, Some(total)),
            (Averaged::NothingVaries, ZeroVariation::LimitsOnMean) => (1, Some(0)),
            (Averaged::NothingVaries, ZeroVariation::NoLimits) | (Averaged::NoRanges, _) => (1, None),
        };
        Some(Limits {
            denominator: THREE_HUNDREDTHS * count * kept,
            mean: THREE_HUNDREDTHS * kept * sum,
            range: total.map(|total| total * count),
        })
    }

    pub fn mean(&self) -> Fraction {
        self.over(self.mean)
    }

    /// The average of the moving ranges that were kept.
    pub fn average_moving_range(&self) -> Option<Fraction> {
        self.range.map(|range| self.over(THREE_HUNDREDTHS * range))
    }

    pub fn lower(&self) -> Option<Fraction> {
        self.at(-LIMIT_FACTOR)
    }

    pub fn upper(&self) -> Option<Fraction> {
        self.at(LIMIT_FACTOR)
    }

    pub fn near_lower(&self) -> Option<Fraction> {
        self.at(-NEAR_LIMIT_FACTOR)
    }

    pub fn near_upper(&self) -> Option<Fraction> {
        self.at(NEAR_LIMIT_FACTOR)
    }

    /// Where whole values lie.
    pub(super) fn bounds<N: Whole>(&self) -> Bounds<N> {
        let band = |factor: i128| {
            let reach = factor * self.range?;
            Some(self.between(self.mean - reach, self.mean + reach))
        };
        Bounds {
            mean: self.between(self.mean, self.mean),
            near: band(NEAR_LIMIT_FACTOR),
            limit: band(LIMIT_FACTOR),
        }
    }

    /// The least and the greatest whole value that lie neither below `lower` nor above `upper`, both over
    /// the denominator.
    fn between<N: Whole>(&self, lower: i128, upper: i128) -> Band<N> {
        Band {
            least: N::nearest(-floor(-lower, self.denominator)),
            most: N::nearest(floor(upper, self.denominator)),
        }
    }

    /// The side on which a value lies strictly beyond a limit; none within them, or without any.
    pub fn beyond(&self, value: Fraction) -> Option<Direction> {
        let exceeds = |a: Fraction, b: Fraction| {
            let product = |a: Fraction, b: Fraction| a.numerator().checked_mul(b.denominator());
            match (product(a, b), product(b, a)) {
                (Some(a), Some(b)) => a > b,
                // Too large to hold side by side before both are reduced.
                (None, _) | (_, None) => a > b,
            }
        };
        if exceeds(value, self.upper()?) {
            Some(Direction::High)
        } else {
            exceeds(self.lower()?, value).then_some(Direction::Low)
        }
    }

    fn at(&self, factor: i128) -> Option<Fraction> {
        self.range.map(|range| self.over(self.mean + factor * range))
    }

    fn over(&self, numerator: i128) -> Fraction {
        Fraction::new(numerator, self.denominator).expect("a baseline's denominator is positive")
    }
}

/// A mean and its limits as bounds of whole values: exact, and each is soon compared with.
pub(super) struct Bounds<N> {
    mean: Band<N>,
    near: Option<Band<N>>,
    limit: Option<Band<N>>,
}

/// Whole values from the least to the greatest. Where no whole value lies between two lines, the least is
/// the greater of the two.
#[derive(Clone, Copy)]
struct Band<N> {
    least: N,
    most: N,
}

impl<N: Whole> Band<N> {
    fn side(self, value: N) -> Ordering {
        (value > self.most).cmp(&(value < self.least))
    }
}

impl<N: Whole> Bounds<N> {
    pub fn place(&self, value: Option<N>) -> Place {
        let Some(value) = value else {
            return Place { side: Ordering::Equal, reach: Reach::Within };
        };
        let beyond = |band: Option<Band<N>>| band.is_some_and(|band| band.side(value) != Ordering::Equal);
        let reach = match (beyond(self.near), beyond(self.limit)) {
            (_, true) => Reach::Outside,
            (true, false) => Reach::Near,
            (false, false) => Reach::Within,
        };
        Place { side: self.mean.side(value), reach }
    }
}

/// What the moving ranges of a baseline come to.
enum Averaged {
    /// So many ranges were kept, and come to this in all.
    Ranges { kept: i128, total: i128 },
    /// There are ranges, all of them nought, and screening leaves none.
    NothingVaries,
    /// There are no two values next to each other.
    NoRanges,
}

/// Sums the ranges to be averaged. The screen is passed once and strictly: a range of exactly 3.267
/// times the average goes.
fn averaged<N: Whole>(ranges: impl Iterator<Item = Option<N>> + Clone, screening: Screening) -> Averaged {
    let (count, total) = counted(ranges.clone());
    if count == 0 {
        return Averaged::NoRanges;
    }
    match screening {
        Screening::Off => Averaged::Ranges { kept: count, total },
        Screening::On => {
            // The greatest whole range that is strictly less than 3.267 times the average.
            let most = N::nearest(floor(SCREENING_THOUSANDTHS * total - 1, 1000 * count));
            match counted(ranges.map(|range| range.filter(|range| *range <= most))) {
                (0, _) => Averaged::NothingVaries,
                (kept, total) => Averaged::Ranges { kept, total },
            }
        }
    }
}

/// How many numbers there are, and their sum.
fn counted<N: Whole>(numbers: impl Iterator<Item = Option<N>>) -> (i128, i128) {
    let (mut count, mut sum) = (0u32, N::Sum::default());
    for number in numbers {
        // Without a branch, so that a processor takes several at a time.
        count += u32::from(number.is_some());
        sum += number.map_or_else(N::Sum::default, N::Sum::from);
    }
    (count.into(), sum.into())
}
