//! Which instant a clock in England means.
//!
//! When clocks go forward, times between 01:00 and 02:00 do not come: what is due then is due at the first
//! instant after. When they go back, such times come twice: what is due then is due once, at the first.

use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Europe::London;

/// The most minutes by which clocks have been put forward.
const LONGEST_GAP: i64 = 120;

/// What a clock in England shows at an instant in UTC.
pub fn wall_at(utc: NaiveDateTime) -> NaiveDateTime {
    London.from_utc_datetime(&utc).naive_local()
}

/// The instant in UTC, and what the clock shows then: the time asked for, or the first after a gap.
pub fn instant_of(wall: NaiveDateTime) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let minutes =
        (0..=LONGEST_GAP).filter_map(|minutes| wall.checked_add_signed(TimeDelta::minutes(minutes)));
    let mut there = minutes.filter_map(|wall| London.from_local_datetime(&wall).earliest());
    there.next().map(|there| (there.naive_utc(), there.naive_local()))
}
