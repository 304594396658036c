//! The present time: the only call to it.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Now, in UTC.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}

/// A clock that a service runs by: the present, or set apart from it, as the example's is.
///
/// Its copies are one clock: what one is put forward by, all are.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_microseconds: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `time` now and goes on from there.
    pub fn starting_at(time: NaiveDateTime) -> Clock {
        let clock = Clock::default();
        clock.put_forward(time - now());
        clock
    }

    /// What it shows, in UTC.
    pub fn now(&self) -> NaiveDateTime {
        now() + TimeDelta::microseconds(self.ahead_microseconds.load(Ordering::Acquire))
    }

    /// Whether it was set apart from the present.
    pub fn is_set_apart(&self) -> bool {
        self.ahead_microseconds.load(Ordering::Acquire) != 0
    }

    /// Puts it forward, or back where `by` is less than nought.
    pub fn put_forward(&self, by: TimeDelta) {
        let microseconds = by.num_microseconds().unwrap_or_default();
        self.ahead_microseconds.fetch_add(microseconds, Ordering::AcqRel);
    }
}
