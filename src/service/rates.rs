//! How often systems may ask: so many requests a minute for each token. And how much people may send
//! within a day, which the store counts.
//!
//! Of requests each program counts for itself and in memory. Guesses at passwords are counted in the store, where they
//! count at every instance; a request is no guess, and must not cost a write.

use super::{Refusal, Service};
use crate::store::{SendLimits, Sha256};
use chrono::{NaiveDateTime, TimeDelta};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Where more tokens are counted, those that have been silent for a minute are forgotten.
const MOST_COUNTED: usize = 1024;

/// What each token has asked for lately.
pub(super) struct Rates {
    a_minute: u32,
    counted: Mutex<HashMap<Sha256, Counted>>,
}

/// How many requests came in a minute, and when it began.
#[derive(Clone, Copy)]
struct Counted {
    since: NaiveDateTime,
    requests: u32,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates { a_minute: Service::USUAL_REQUESTS, counted: Mutex::default() }
    }
}

impl Rates {
    /// Counts a request; where it is one too many, gives the seconds until the next may come.
    fn count(&self, token: &Sha256, now: NaiveDateTime) -> Result<(), u32> {
        let is_over = |counted: &Counted| !(counted.since..counted.since + MINUTE).contains(&now);
        let mut all = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_COUNTED && !all.contains_key(token) {
            all.retain(|_, counted| !is_over(counted));
        }
        let counted = all.entry(*token).or_insert(Counted { since: now, requests: 0 });
        if is_over(counted) {
            *counted = Counted { since: now, requests: 0 };
        }
        if counted.requests >= self.a_minute {
            let left = (counted.since + MINUTE - now).num_milliseconds();
            return Err(u32::try_from(left).unwrap_or_default().div_ceil(1000));
        }
        counted.requests += 1;
        Ok(())
    }
}

impl Service {
    /// How many requests a token may make in a minute where nobody says otherwise: the setting's default.
    pub const USUAL_REQUESTS: u32 = 600;
    /// How much somebody may send within a day where nobody says otherwise, as the settings' defaults say: one
    /// person can send for a whole region.
    pub const USUAL_SENDING: SendLimits = SendLimits { files: 2_000, bytes: 2_000_000_000 };

    /// With so many requests a minute for each token.
    pub fn with_requests_a_minute(self, a_minute: u32) -> Service {
        Service { rates: Rates { a_minute, ..Rates::default() }, ..self }
    }

    /// With so much for each person to send within a day.
    pub fn with_sending_a_day(self, send_limits: SendLimits) -> Service {
        Service { send_limits, ..self }
    }

    /// Counts a request of the system that holds this token, whose token is known to count.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] where it has made as many in this minute as it may.
    pub fn count_request(&self, token_sha256: &Sha256) -> Result<(), Refusal> {
        let counted = self.rates.count(token_sha256, self.clock.now());
        counted.map_err(|seconds| Refusal::TooMany { seconds, what: "Too many requests" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_own_minute_and_begins_another_when_it_is_over() {
        let rates = Rates { a_minute: 2, ..Rates::default() };
        let at = |milliseconds| NaiveDateTime::default() + TimeDelta::milliseconds(milliseconds);
        let (one, other) = ([1; 32], [2; 32]);
        assert_eq!(rates.count(&one, at(0)), Ok(()));
        assert_eq!(rates.count(&one, at(500)), Ok(()));
        assert_eq!(rates.count(&one, at(1_000)), Err(59));
        assert_eq!(rates.count(&one, at(59_999)), Err(1));
        assert_eq!(rates.count(&other, at(59_999)), Ok(()));
        assert_eq!(rates.count(&one, at(60_000)), Ok(()), "a refused one does not count");
        // A clock that is put back does not shut anybody out.
        assert_eq!(rates.count(&one, at(-5_000)), Ok(()));
    }

    #[test]
    fn tokens_that_are_silent_are_forgotten() {
        let rates = Rates::default();
        for number in 0..=MOST_COUNTED {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_be_bytes());
            let at = if number < MOST_COUNTED { TimeDelta::zero() } else { MINUTE };
            assert_eq!(rates.count(&token, NaiveDateTime::default() + at), Ok(()));
        }
        assert_eq!(rates.counted.lock().unwrap().len(), 1);
    }
}
