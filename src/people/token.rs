//! Tokens: random texts that open something for whoever has them. The store keeps their SHA-256 alone.

use crate::digest::{Sha256, hex, sha256};

/// What the tokens of partners' systems begin with, so that one left in a file is found by a search.
pub const SYSTEM_PREFIX: &str = "outturn_";

/// A token that nobody can guess: 256 bits, in hexadecimal.
///
/// # Panics
/// Where the system has no random numbers: nothing is safe then.
pub fn new_token() -> String {
    hex(&random())
}

/// A token for a partner's system.
pub fn new_system_token() -> String {
    format!("{SYSTEM_PREFIX}{}", new_token())
}

/// What the store keeps of a token. Tokens are as random as a digest, so a plain SHA-256 tells nothing.
pub fn kept(token: &str) -> Sha256 {
    sha256(token.as_bytes())
}

/// 256 random bits.
pub fn random() -> [u8; 32] {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_alike() {
        let tokens: std::collections::BTreeSet<String> = (0..1_000).map(|_| new_token()).collect();
        assert_eq!(tokens.len(), 1_000);
        assert!(tokens.iter().all(|token| token.len() == 64));
        assert!(new_system_token().starts_with(SYSTEM_PREFIX));
    }
}
