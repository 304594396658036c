//! How many guesses are evaluated, and what each counts against.
//!
//! Nobody is ever locked out for good, and nobody by somebody else who knows no more than an address:
//! guesses from where a person has signed in before count apart from all others, those of an open session
//! apart from both, and asking for a link is no guess at a password.
//! Sources: OWASP ASVS 5.0, V6.3.1; Cyber Essentials v3.1, ten guesses in five minutes.

use super::{Asking, Refusal, Service, Who};
use crate::{
    digest::sha256,
    store::{Attempt, AttemptLimits},
};
use chrono::TimeDelta;
use std::net::{IpAddr, Ipv6Addr};

/// How many guesses are evaluated.
pub const LIMITS: AttemptLimits =
    AttemptLimits { within: TimeDelta::minutes(5), for_an_account: 10, from_an_address: 50 };

/// What is guessed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guess<'a> {
    /// The password of the account with this address; the number is nought where nobody has it.
    Password { email: &'a str, person: u32 },
    /// The code of somebody who gave the right password.
    Code { person: u32 },
    /// By whoever has signed in, who they are.
    Confirmation(&'a Who),
    /// Nothing: a link is asked for.
    Link { email: &'a str },
}

impl Service {
    /// Takes note of a guess; refuses it where there were too many.
    pub(super) fn attempt(&self, asking: &Asking, guess: Guess<'_>) -> Result<u32, Refusal> {
        let network = network_of(&asking.address);
        let (against, from) = match guess {
            Guess::Password { email, person } => {
                let sessions = self.store()?.sessions(person)?;
                let is_known = sessions.iter().any(|session| network_of(&session.address) == network);
                (if is_known { format!("{email} from {network}") } else { email.to_owned() }, network)
            }
            Guess::Code { person } => (format!("code of {person}"), network),
            Guess::Confirmation(who) => {
                let session = who.session.as_ref().map_or(0, |session| session.number);
                let session = format!("session {session} of {}", who.person.id);
                (session.clone(), session)
            }
            Guess::Link { email } => (format!("link for {email} to {network}"), format!("link to {network}")),
        };
        match self.store()?.begin_attempt(&sha256(against.as_bytes()), &from, asking.now, &LIMITS)? {
            Attempt::Open(number) => Ok(number),
            Attempt::TooMany(wait) => {
                tracing::warn!(request_id = asking.request_id, "too many attempts to sign in");
                let seconds = u32::try_from(wait.num_seconds() + 1).unwrap_or(1);
                Err(Refusal::TooMany { seconds, what: "Too many attempts" })
            }
        }
    }
}

/// Whose address it is: under IPv6 whoever has one has its whole /64.
fn network_of(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::network_of;

    #[test]
    fn all_addresses_of_a_64_are_one() {
        assert_eq!(network_of("2001:db8:1:2::7"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:2:ffff::1"), network_of("2001:db8:1:2::7"));
        assert_ne!(network_of("2001:db8:1:3::7"), network_of("2001:db8:1:2::7"));
        assert_eq!(network_of("203.0.113.9"), "203.0.113.9");
        assert_eq!(network_of(""), "");
    }
}
