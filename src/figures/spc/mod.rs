//! Process charts: is a month's figure a real change, or the noise that was always there?
//!
//! XmR charts as NHS England's "Making Data Count" draws them: a mean, process limits at 2.66 times
//! the average moving range on either side, near limits at two thirds of the way, and four rules that
//! pick out special causes. Every comparison is made on whole numbers over a common denominator, so
//! that a point on a line is on it; nothing is rounded but what is printed.
//!
//! Source: the rules as the R package NHSRplotthedots 0.2.2 applies them, which
//! `../shared/reference/statistics.md` section 1 sets out; Wheeler, "Understanding Variation", for
//! 2.66; Nelson, "Control Charts for Individual Measurements" (1982), for screening at 3.267.
//!
//! Where we differ from the package, and why:
//! - **A baseline that never varies** has its limits on its mean. The package screens every range of
//!   nought away and is left without limits, so that an unbroken 100% against a target of 95% is "hit
//!   or miss"; a board should see a pass. [`ZeroVariation::NoLimits`] gives the package's answer.
//! - **A missing value among rising or falling ones** is no trend. The package stops there.
//! - **A figure on its mean** is on it whatever its decimals: the package's binary fractions can leave
//!   a constant series beside its own mean and call it a shift.
//!
//! Where its answer is open to question but kept, so that a chart here and a chart there agree:
//! - ranges that rarely differ from nought may all be screened, and the limits then fall on the mean
//!   with every other point outside (Excel's tool does not screen: [`Screening::Off`]);
//! - where two trends follow each other, [`TrendDirection::NextPoint`] labels the last point of the
//!   first by the step to the next. The scorecard takes [`TrendDirection::OwnRun`];
//! - a target without limits to hold it against is "hit or miss".

mod limits;
mod rules;
mod scale;
mod scorecard;
mod whole;

pub use limits::Limits;
pub use scale::{Scaled, nearest_float};
pub use scorecard::{ScorecardChart, Statistics, letters, scorecard_chart};
pub use whole::Whole;

use super::{agreement::Better, fraction::Fraction};

/// The fewest points that a fixed baseline may hold.
pub const SHORTEST_FIXED_BASELINE: usize = 12;

/// Whether outlying moving ranges are left out of the average once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screening {
    /// Ranges of 3.267 times the average or more are left out, once.
    On,
    Off,
}

/// What a baseline of ranges that are all nought gives when they are screened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroVariation {
    /// The limits lie on the mean.
    LimitsOnMean,
    /// There is a mean but there are no limits.
    NoLimits,
}

/// Which way the last point of a trend points when another trend begins at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendDirection {
    /// As the trend that it belongs to; at a turn, which belongs to two, as the later.
    OwnRun,
    /// As the step to the next point, which is a fall unless it rises.
    NextPoint,
}

/// The number of first points of a group that its limits are worked out from: twelve or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline(usize);

impl Baseline {
    /// None for fewer points than [`SHORTEST_FIXED_BASELINE`].
    pub fn new(points: usize) -> Option<Baseline> {
        (points >= SHORTEST_FIXED_BASELINE).then_some(Baseline(points))
    }
}

/// How a chart is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub screening: Screening,
    /// None where all of a group's points make its limits.
    pub baseline: Option<Baseline>,
    pub zero_variation: ZeroVariation,
    pub trend_direction: TrendDirection,
}

impl Options {
    /// The options of every chart on a scorecard.
    pub const SCORECARD: Options = Options {
        screening: Screening::On,
        baseline: None,
        zero_variation: ZeroVariation::LimitsOnMean,
        trend_direction: TrendDirection::OwnRun,
    };
}

/// Values in the order of their dates, as whole units of one scale; none where a value is missing.
///
/// A date that is absent altogether is no gap: its neighbours are next to each other.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a, N = i128> {
    pub values: &'a [Option<N>],
    /// Where limits are worked out anew: positions in `values`, rising. The first group begins at the
    /// first value whether or not it is named here.
    pub rebased_at: &'a [usize],
}

/// A chart: its groups, each with its own limits, and what is special about each point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    pub groups: Vec<Group>,
    /// One a value, in the same order.
    pub points: Vec<PointJudgement>,
}

/// The points from one rebase to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Position of its first point.
    pub first: usize,
    /// None where the baseline holds no value at all.
    pub limits: Option<Limits>,
}

/// The special cause that a point belongs to, or none: common cause.
pub type PointJudgement = Option<SpecialCause>;

/// What makes a point special. A point that fits several is given the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialCause {
    /// Strictly above the upper process limit.
    AboveUpperLimit,
    /// Strictly below the lower process limit.
    BelowLowerLimit,
    /// One of seven or more consecutive points, each higher than the last.
    Increasing,
    /// One of seven or more consecutive points, each lower than the last.
    Decreasing,
    /// Beyond the near limit but inside the limit, in three consecutive points above the mean of which
    /// two or more are so.
    TwoInThreeAbove,
    /// The same below the mean.
    TwoInThreeBelow,
    /// One of seven or more consecutive points strictly above the mean.
    ShiftAbove,
    /// The same below the mean.
    ShiftBelow,
}

/// Which way something lies from what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    High,
    Low,
}

/// What the latest point says of the measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Too few points to tell.
    None,
    Common,
    Improvement,
    Concern,
}

/// Whether the process, left alone, would meet its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// There is no target, or there are too few points to tell.
    None,
    /// The target lies beyond a limit on the worse side: it is met whatever the noise.
    Pass,
    /// The target lies beyond a limit on the better side: it is missed whatever the noise.
    Fail,
    /// The target lies within the limits.
    HitOrMiss,
}

/// Works out the limits of each group and judges every point; no rule looks across a rebase.
///
/// The values' size must leave room for the arithmetic: see [`Scaled`], which sees to it.
pub fn chart<N: Whole>(series: Series<'_, N>, options: &Options) -> Chart {
    let mut chart = Chart { groups: Vec::new(), points: Vec::with_capacity(series.values.len()) };
    let mut first = 0;
    let ends = series.rebased_at.iter().copied().filter(|at| *at > 0).chain([series.values.len()]);
    for end in ends {
        let values = &series.values[first..end];
        let length = options.baseline.map_or(values.len(), |Baseline(points)| points.min(values.len()));
        let limits = Limits::of(&values[..length], options);
        chart.points.extend(judged(values, limits.as_ref(), options));
        chart.groups.push(Group { first, limits });
        first = end;
    }
    chart
}

/// What is special about each point of one group.
fn judged<N: Whole>(values: &[Option<N>], limits: Option<&Limits>, options: &Options) -> Vec<PointJudgement> {
    let mut judged = vec![None; values.len()];
    if let Some(limits) = limits {
        rules::judge(values, limits, options.trend_direction, &mut judged);
    }
    judged
}

impl SpecialCause {
    /// High or low. A trend is judged by its direction, not by its side of the mean.
    pub fn direction(self) -> Direction {
        match self {
            SpecialCause::AboveUpperLimit
            | SpecialCause::Increasing
            | SpecialCause::TwoInThreeAbove
            | SpecialCause::ShiftAbove => Direction::High,
            SpecialCause::BelowLowerLimit
            | SpecialCause::Decreasing
            | SpecialCause::TwoInThreeBelow
            | SpecialCause::ShiftBelow => Direction::Low,
        }
    }

    /// Whether this is the better way or the worse.
    pub fn variation(self, better: Better) -> Variation {
        match (self.direction(), better) {
            (Direction::High, Better::Higher) | (Direction::Low, Better::Lower) => Variation::Improvement,
            (Direction::High, Better::Lower) | (Direction::Low, Better::Higher) => Variation::Concern,
        }
    }
}

/// Holds a target, in the values' units, against the limits in force at the latest point.
pub fn assurance(limits: Option<&Limits>, target: Fraction, better: Better) -> Assurance {
    match (limits.and_then(|limits| limits.beyond(target)), better) {
        (Some(Direction::High), Better::Higher) | (Some(Direction::Low), Better::Lower) => Assurance::Fail,
        (Some(Direction::Low), Better::Higher) | (Some(Direction::High), Better::Lower) => Assurance::Pass,
        (None, _) => Assurance::HitOrMiss,
    }
}

#[cfg(test)]
mod tests;
