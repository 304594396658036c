//! What is remembered while people are away at the provider: nothing but the state that comes back with
//! them, sealed with the token that their browser alone holds.

use crate::{
    digest::{hex, sha256},
    people::token,
};
use chrono::{DateTime, NaiveDateTime};
use subtle::ConstantTimeEq;

/// When and where from somebody left, and where they are to go on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    seconds: i64,
    random: String,
    anew: bool,
    next: String,
}

impl State {
    pub(super) fn new(now: NaiveDateTime, next: &str, anew: bool) -> State {
        State { seconds: now.and_utc().timestamp(), random: token::new_token(), anew, next: next.to_owned() }
    }

    pub(super) fn made_at(&self) -> NaiveDateTime {
        DateTime::from_timestamp(self.seconds, 0).unwrap_or_default().naive_utc()
    }

    /// Whether the provider was to have people show who they are.
    pub(super) fn anew(&self) -> bool {
        self.anew
    }

    pub(super) fn next(&self) -> &str {
        &self.next
    }

    /// As it is sent along, for the browser with this token.
    pub(super) fn written(&self, token: &str) -> String {
        let next: String = self.next.bytes().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{}.{}.{}.{next}", self.seconds, self.random, u8::from(self.anew));
        let seal = seal("state", &text, token);
        format!("{text}.{seal}")
    }

    /// Reads what came back; none where it was not written for the browser with this token.
    pub(super) fn read(text: &str, token: &str) -> Option<State> {
        let (text, sealed) = text.rsplit_once('.')?;
        if !bool::from(seal("state", text, token).as_bytes().ct_eq(sealed.as_bytes())) {
            return None;
        }
        let mut parts = text.split('.');
        let (seconds, random, anew, next) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let bytes: Option<Vec<u8>> = next
            .as_bytes()
            .chunks(2)
            .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            .collect();
        Some(State {
            seconds: seconds.parse().ok()?,
            random: random.to_owned(),
            anew: anew == "1",
            next: String::from_utf8(bytes?).ok()?,
        })
    }

    /// What the provider must put into its token for this sign-in.
    pub(super) fn nonce(&self, token: &str) -> String {
        seal("nonce", &self.random, token)
    }

    /// What shows the provider that who fetches the token is who asked for it (RFC 7636).
    pub(super) fn verifier(&self, token: &str) -> String {
        seal("verifier", &self.random, token)
    }
}

/// The secret stands last, where nothing can be added after it.
fn seal(what: &str, text: &str, token: &str) -> String {
    hex(&sha256(format!("outturn single sign-on {what} {text} {token}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn a_state_comes_back_to_the_browser_that_left_with_it_alone() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap().and_hms_opt(10, 0, 0).unwrap();
        let state = State::new(now, "/areas/E1/2015-11?x=é", true);
        let written = state.written("a browser's token");
        assert_eq!(State::read(&written, "a browser's token"), Some(state.clone()));
        assert_eq!(state.made_at(), now);
        assert_eq!(State::read(&written, "another's token"), None);
        assert_eq!(State::read(&written.replacen(".1.", ".0.", 1), "a browser's token"), None);
        for wrong in ["", ".", "1.2.3.4.5"] {
            assert_eq!(State::read(wrong, "a browser's token"), None, "{wrong:?}");
        }
        assert_ne!(state.nonce("t"), state.verifier("t"));
        assert_ne!(state.nonce("t"), State::new(now, "/", true).nonce("t"));
    }
}
