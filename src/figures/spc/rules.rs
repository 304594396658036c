//! The rules that pick out special causes within one group of points.

use super::{
    PointJudgement, SpecialCause, TrendDirection,
    limits::{Limits, Place, Reach},
};
use std::cmp::Ordering;

/// Points in a shift.
const SHIFT_POINTS: usize = 7;
/// Steps from one point to the next in a trend of seven points.
const TREND_STEPS: usize = 6;

/// Judges each of a group's points, in order, at the end of `judged`.
pub(super) fn judge(
    values: &[Option<i128>],
    limits: &Limits,
    direction: TrendDirection,
    judged: &mut Vec<PointJudgement>,
) {
    let bounds = limits.bounds();
    let places: Vec<Place> = values.iter().map(|value| bounds.place(*value)).collect();
    let trends = trends(values, direction);
    let two_in_three = two_in_three(&places);
    let sides: Vec<Ordering> = places.iter().map(|place| place.side).collect();
    let shifts = runs(&sides, SHIFT_POINTS, values.len());

    let above_or_below = |side: Ordering, above, below| match side {
        Ordering::Greater => Some(above),
        Ordering::Less => Some(below),
        Ordering::Equal => None,
    };
    judged.extend((0..values.len()).map(|point| {
        let Place { side, reach } = places[point];
        if reach == Reach::Outside {
            above_or_below(side, SpecialCause::AboveUpperLimit, SpecialCause::BelowLowerLimit)
        } else if trends[point] != Ordering::Equal {
            above_or_below(trends[point], SpecialCause::Increasing, SpecialCause::Decreasing)
        } else if two_in_three[point] {
            above_or_below(side, SpecialCause::TwoInThreeAbove, SpecialCause::TwoInThreeBelow)
        } else {
            above_or_below(shifts[point], SpecialCause::ShiftAbove, SpecialCause::ShiftBelow)
        }
    }));
}

/// The direction of the trend that each point belongs to; equal where it belongs to none.
///
/// A tie ends a trend, and so does a missing value.
fn trends(values: &[Option<i128>], direction: TrendDirection) -> Vec<Ordering> {
    let steps: Vec<Ordering> = values
        .windows(2)
        .map(|pair| match (pair[0], pair[1]) {
            (Some(before), Some(after)) => after.cmp(&before),
            (None, _) | (_, None) => Ordering::Equal,
        })
        .collect();
    let own = runs(&steps, TREND_STEPS, values.len());
    match direction {
        TrendDirection::OwnRun => own,
        TrendDirection::NextPoint => {
            let in_trend = |point: usize| own.get(point).is_some_and(|run| *run != Ordering::Equal);
            let labelled = |point: usize| match (in_trend(point), in_trend(point + 1)) {
                (false, _) => Ordering::Equal,
                (true, true) if steps[point] == Ordering::Greater => Ordering::Greater,
                (true, true) => Ordering::Less,
                (true, false) => own[point],
            };
            (0..values.len()).map(labelled).collect()
        }
    }
}

/// Whether each point is near a limit in some three consecutive points that are all strictly on one
/// side of the mean with two or more of them near. A point outside the limits is not near.
fn two_in_three(places: &[Place]) -> Vec<bool> {
    let mut marked = vec![false; places.len()];
    for (start, three) in places.windows(3).enumerate() {
        let one_side =
            three[0].side != Ordering::Equal && three.iter().all(|place| place.side == three[0].side);
        let near = three.iter().filter(|place| place.reach == Reach::Near).count();
        if one_side && near >= 2 {
            for (point, place) in three.iter().enumerate() {
                marked[start + point] |= place.reach == Reach::Near;
            }
        }
    }
    marked
}

/// The sign of the run of `length` or more equal signs that each of `points` belongs to; the later
/// run where it belongs to two. A sign between two points belongs to both.
fn runs(signs: &[Ordering], length: usize, points: usize) -> Vec<Ordering> {
    let mut marked = vec![Ordering::Equal; points];
    let further = points - signs.len();
    let mut start = 0;
    for run in signs.chunk_by(|sign, next| sign == next) {
        let end = start + run.len();
        if run[0] != Ordering::Equal && run.len() >= length {
            marked[start..end + further].fill(run[0]);
        }
        start = end;
    }
    marked
}
