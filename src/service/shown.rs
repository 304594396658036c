//! How values are written for other programs: times in UTC as RFC 3339 says, months as `2015-11`. And how
//! large files are, for people.

use crate::figures::period::Month;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serializer;

/// How large a file is, or files are in all: `4 KB`, `1.2 MB`, `2.0 GB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// `2015-12-08T10:00:00Z`.
pub fn utc<S: Serializer>(time: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// A time, or null.
pub fn utc_if_any<S: Serializer>(time: &Option<NaiveDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => utc(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// `2015-12-08`.
pub fn day<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&day.format("%Y-%m-%d"))
}

/// `2015-12-08`, or null.
pub fn day_if_any<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(&day.format("%Y-%m-%d")),
        None => serializer.serialize_none(),
    }
}

/// `2015-11`.
pub fn month<S: Serializer>(month: &Month, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(month)
}
