//! The rules that pick out special causes within one group of points.

use super::{
    PointJudgement, SpecialCause, TrendDirection, Whole,
    limits::{Limits, Place, Reach},
};
use std::{cmp::Ordering, ops::Range};

/// Points in a shift.
const SHIFT_POINTS: usize = 7;
/// Steps from one point to the next in a trend of seven points.
const TREND_STEPS: usize = 6;

/// Judges each of a group's points, in order.
///
/// The rules are applied from the last in order to the first, each over what the ones before it found.
pub(super) fn judge<N: Whole>(
    values: &[Option<N>],
    limits: &Limits,
    direction: TrendDirection,
    judged: &mut [PointJudgement],
) {
    let bounds = limits.bounds();
    let places: Vec<Place> = values.iter().map(|value| bounds.place(*value)).collect();
    shifts(&places, judged);
    two_in_three(&places, judged);
    trends(values, direction, judged);
    for (place, judged) in places.iter().zip(judged) {
        if place.reach == Reach::Outside {
            *judged =
                above_or_below(place.side, SpecialCause::AboveUpperLimit, SpecialCause::BelowLowerLimit);
        }
    }
}

fn above_or_below(side: Ordering, above: SpecialCause, below: SpecialCause) -> PointJudgement {
    match side {
        Ordering::Greater => Some(above),
        Ordering::Less => Some(below),
        Ordering::Equal => None,
    }
}

/// Marks seven or more consecutive points on one side of the mean.
fn shifts(places: &[Place], judged: &mut [PointJudgement]) {
    runs(places.iter().map(|place| place.side), SHIFT_POINTS, |side, points| {
        judged[points].fill(above_or_below(side, SpecialCause::ShiftAbove, SpecialCause::ShiftBelow));
    });
}

/// Marks the points near a limit in three consecutive points that are all strictly on one side of the
/// mean with two or more of them near. A point outside the limits is not near.
fn two_in_three(places: &[Place], judged: &mut [PointJudgement]) {
    if places.iter().filter(|place| place.reach == Reach::Near).count() < 2 {
        return;
    }
    for (start, three) in places.windows(3).enumerate() {
        let side = three[0].side;
        let near = three.iter().filter(|place| place.reach == Reach::Near).count();
        if near >= 2 && side != Ordering::Equal && three.iter().all(|place| place.side == side) {
            for (judged, _) in
                judged[start..].iter_mut().zip(three).filter(|(_, place)| place.reach == Reach::Near)
            {
                *judged = above_or_below(side, SpecialCause::TwoInThreeAbove, SpecialCause::TwoInThreeBelow);
            }
        }
    }
}

/// Marks the points of trends; a point of two trends as of the later.
///
/// A tie ends a trend, and so does a missing value.
fn trends<N: Whole>(values: &[Option<N>], direction: TrendDirection, judged: &mut [PointJudgement]) {
    const UP: PointJudgement = Some(SpecialCause::Increasing);
    const DOWN: PointJudgement = Some(SpecialCause::Decreasing);
    let step = |pair: &[Option<N>]| match (pair[0], pair[1]) {
        (Some(before), Some(after)) => after.cmp(&before),
        (None, _) | (_, None) => Ordering::Equal,
    };
    runs(values.windows(2).map(step), TREND_STEPS, |way, steps| {
        // A step belongs to the points at both of its ends.
        judged[steps.start..=steps.end].fill(above_or_below(
            way,
            SpecialCause::Increasing,
            SpecialCause::Decreasing,
        ));
    });
    if direction == TrendDirection::NextPoint {
        for (point, pair) in values.windows(2).enumerate() {
            let in_trend = |judged: PointJudgement| judged == UP || judged == DOWN;
            if in_trend(judged[point]) && in_trend(judged[point + 1]) {
                judged[point] = if step(pair) == Ordering::Greater { UP } else { DOWN };
            }
        }
    }
}

/// Tells of each run of `length` or more equal signs, which it is and where it lies; of none that are
/// equal to nought.
fn runs(
    signs: impl Iterator<Item = Ordering> + Clone,
    length: usize,
    mut tell: impl FnMut(Ordering, Range<usize>),
) {
    // Most charts have no run so long, and that is soon seen.
    if longest_run(signs.clone()) < length {
        return;
    }
    let mut told = |sign, run: Range<usize>| {
        if sign != Ordering::Equal && run.len() >= length {
            tell(sign, run);
        }
    };
    let (mut of_run, mut start, mut end) = (Ordering::Equal, 0, 0);
    for sign in signs {
        if sign != of_run {
            told(of_run, start..end);
            (of_run, start) = (sign, end);
        }
        end += 1;
    }
    told(of_run, start..end);
}

/// How many equal signs follow each other at most.
fn longest_run(signs: impl Iterator<Item = Ordering>) -> usize {
    let (mut before, mut run, mut longest) = (Ordering::Equal, 0, 0);
    for sign in signs {
        // Without a branch, which nobody could foretell.
        run = run * usize::from(sign == before) + 1;
        longest = longest.max(run);
        before = sign;
    }
    longest
}
