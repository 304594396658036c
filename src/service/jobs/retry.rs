//! When something that went wrong is tried again.

use chrono::TimeDelta;

/// A slot that went wrong so often has failed.
pub const MOST_TRIES: u32 = 8;

const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// How long to wait after the `tries`-th time that it went wrong; none where that was the last.
///
/// As [`doubled`], up to a tenth longer or shorter by `seed`:
/// what went wrong for many at once is not tried by all at once.
pub fn wait_after(tries: u32, seed: u64) -> Option<TimeDelta> {
    if tries >= MOST_TRIES {
        return None;
    }
    let wait = doubled(tries);
    let tenth = wait.num_milliseconds() / 10;
    let jitter = (mixed(seed) % (2 * tenth as u64 + 1)) as i64 - tenth;
    Some(wait + TimeDelta::milliseconds(jitter))
}

/// A minute after the first time, and twice as long each time up to an hour.
pub fn doubled(tries: u32) -> TimeDelta {
    let doublings = tries.saturating_sub(1).min(6);
    (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT)
}

/// Of two seeds that differ in a bit, two numbers that differ in half of theirs.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014: SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_an_hour_a_tenth_more_or_less() {
        for seed in 0..1000 {
            for (tries, minutes) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60)] {
                let wait = wait_after(tries, seed).unwrap();
                let expected = TimeDelta::minutes(minutes);
                assert!((wait - expected).abs() <= expected / 10, "{tries}: {wait}");
            }
        }
    }

    #[test]
    fn the_eighth_time_is_the_last() {
        assert_eq!(wait_after(8, 1), None);
        assert_eq!(wait_after(u32::MAX, 1), None);
        assert!(wait_after(0, 1).is_some());
    }

    #[test]
    fn slots_that_went_wrong_together_are_not_tried_together() {
        let waits: std::collections::BTreeSet<_> = (0..100).map(|seed| wait_after(3, seed)).collect();
        assert!(waits.len() > 90, "{}", waits.len());
    }
}
