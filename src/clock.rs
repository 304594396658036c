//! The present time: the only call to it.

use chrono::{NaiveDateTime, Utc};

/// Now, in UTC.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}
