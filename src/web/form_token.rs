//! What every form holds, so that it is known to come from a page of ours.
//!
//! A browser's forms hold one secret, worked out from the token in its cookie. It is written otherwise
//! wherever something else was asked for, beside the mask that hides it: the length of a compressed page
//! that repeats what was asked for tells nothing of the secret, however often somebody has it drawn (BREACH;
//! CVE-2013-3587).

use crate::{
    digest::{Sha256, from_hex, hex, sha256},
    people::token::random,
};
use subtle::ConstantTimeEq;

/// What a form of the browser with this token in its cookie holds; other words each time.
pub fn form_token(token: &str) -> String {
    masked(&secret(token), &random())
}

/// What stands behind every form token of a browser, which no page shows as it is.
pub(super) fn secret(token: &str) -> Sha256 {
    sha256(format!("outturn form {token}").as_bytes())
}

/// A secret as an answer holds it.
pub(super) fn masked(secret: &Sha256, mask: &Sha256) -> String {
    hex(mask) + &hex(&both(mask, secret))
}

/// The mask of a page that must be the same to the byte wherever the same is asked for by the same
/// browser: nobody else can guess it, and it is another wherever something else is asked for, or the page
/// that `tag` tells says something else.
pub(super) fn mask_of(secret: &Sha256, path: &str, query: &str, tag: &str) -> Sha256 {
    let parts = ["outturn form mask".as_bytes(), secret, tag.as_bytes(), path.as_bytes(), query.as_bytes()];
    sha256(&parts.join(&b' '))
}

/// Whether a form of the browser with this token holds `given`.
pub(super) fn is_right(given: &str, token: &str) -> bool {
    let halves = given.split_at_checked(given.len() / 2);
    let Some((mask, hidden)) = halves.and_then(|(mask, hidden)| from_hex(mask).zip(from_hex(hidden))) else {
        return false;
    };
    both(&mask, &hidden).ct_eq(&secret(token)).into()
}

fn both(mask: &Sha256, secret: &Sha256) -> Sha256 {
    std::array::from_fn(|place| mask[place] ^ secret[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_is_written_otherwise_each_time_and_is_right_in_its_own_browser_alone() {
        let (first, second) = (form_token("a browser's"), form_token("a browser's"));
        assert_ne!(first, second);
        let plain = hex(&secret("a browser's"));
        assert!(!first.contains(&plain) && !second.contains(&plain));
        for written in [&first, &second] {
            assert!(is_right(written, "a browser's") && !is_right(written, "another's"));
        }
        let same = mask_of(&secret("a browser's"), "/a", "b=c", "1");
        assert_eq!(same, mask_of(&secret("a browser's"), "/a", "b=c", "1"));
        for (token, query, tag) in
            [("a browser's", "b=d", "1"), ("another's", "b=c", "1"), ("a browser's", "b=c", "2")]
        {
            assert_ne!(same, mask_of(&secret(token), "/a", query, tag));
        }
        for wrong in ["", "00", &plain, &first[..64], &format!("{first}0"), &"é".repeat(64)] {
            assert!(!is_right(wrong, "a browser's"), "{wrong}");
        }
    }
}
