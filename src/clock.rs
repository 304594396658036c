//! The present time: the only call to it.

use chrono::{NaiveDateTime, TimeDelta, Utc};

/// Now, in UTC.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}

/// A clock that a service runs by: the present, or set apart from it, as the example's is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: TimeDelta,
}

impl Clock {
    /// A clock that shows `time` now and goes on from there.
    pub fn starting_at(time: NaiveDateTime) -> Clock {
        Clock { ahead: time - now() }
    }

    /// What it shows, in UTC.
    pub fn now(self) -> NaiveDateTime {
        now() + self.ahead
    }
}
