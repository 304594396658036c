//! Passwords: which may be chosen, how they are kept, and whether one is right.
//!
//! Sources: OWASP ASVS 5.0, V6.2 (length alone counts, no rules on which characters, nothing is cut off,
//! pasting is allowed, common and guessable ones are refused) and the OWASP Password Storage Cheat Sheet
//! (argon2id with 19 MiB, two passes, one lane).

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use std::sync::{Condvar, LazyLock, Mutex};

/// The shortest password; a person with a second factor may have a shorter one, since it is not all
/// that stands between a guesser and the account (ASVS V6.2.1 asks for 8 and recommends 15).
pub const SHORTEST: usize = 15;
pub const SHORTEST_WITH_SECOND_FACTOR: usize = 12;
pub const LONGEST: usize = 128;

const MEMORY_KIB: u32 = 19 * 1024; // OWASP Password Storage Cheat Sheet: m=19456, t=2, p=1
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many passwords are worked on at a time: each takes 19 MiB and a processor.
const MOST_AT_A_TIME: u32 = 2;

/// Words that everybody would try here first. A password made of these, digits and signs is refused.
const WORDS_OF_THE_FIELD: [&str; 30] = [
    "outturn",
    "bettercare",
    "better",
    "care",
    "fund",
    "pooled",
    "pool",
    "budget",
    "section",
    "board",
    "pack",
    "packs",
    "partner",
    "partners",
    "council",
    "county",
    "hospital",
    "trust",
    "health",
    "wellbeing",
    "social",
    "integrated",
    "returns",
    "return",
    "finance",
    "england",
    "password",
    "welcome",
    "letmein",
    "changeme",
];

/// The least `zxcvbn` score, of 0 to 4: 3 is 10^8 guesses or more.
const LEAST_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("Enter a password")]
    Missing,
    #[error("Password must be {shortest} characters or more")]
    TooShort { shortest: usize },
    #[error("Password must be {LONGEST} characters or fewer")]
    TooLong,
    /// Common, made of the person's own name or address or of words everybody would try here, or of a
    /// pattern.
    #[error(
        "Choose a password that is harder to guess, such as four words that have nothing to do with each other"
    )]
    Guessable,
}

/// Whether a password may be chosen by somebody with this name and address.
///
/// # Errors
/// Says why not; see [`PasswordFault`].
pub fn check(password: &str, name: &str, email: &str, has_second_factor: bool) -> Result<(), PasswordFault> {
    let shortest = if has_second_factor { SHORTEST_WITH_SECOND_FACTOR } else { SHORTEST };
    let length = password.chars().count();
    if length == 0 {
        return Err(PasswordFault::Missing);
    }
    if length < shortest {
        return Err(PasswordFault::TooShort { shortest });
    }
    if length > LONGEST {
        return Err(PasswordFault::TooLong);
    }
    let own_words: Vec<String> = [name, email]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    let mut context: Vec<&str> = vec!["outturn", name, email];
    context.extend(own_words.iter().map(String::as_str));
    let is_strong = zxcvbn::zxcvbn(password, &context).score() >= LEAST_SCORE;
    if is_strong && !is_made_of(password, &own_words) { Ok(()) } else { Err(PasswordFault::Guessable) }
}

/// Whether hardly anything is left of a password without the field's words, the person's own, digits
/// and signs.
fn is_made_of(password: &str, own_words: &[String]) -> bool {
    const FEWEST_LETTERS_OF_ITS_OWN: usize = 5;
    let mut letters: String = password.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let mut words: Vec<&str> =
        WORDS_OF_THE_FIELD.iter().copied().chain(own_words.iter().map(String::as_str)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        letters = letters.replace(word, "");
    }
    let mut different: Vec<char> = letters.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < FEWEST_LETTERS_OF_ITS_OWN
}

/// The PHC text that the store keeps of a password.
pub fn hash(password: &str) -> String {
    let _turn = Turn::take();
    let salt = SaltString::encode_b64(&super::token::random()[..16]).expect("16 bytes are a salt");
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.expect("a password of any length can be hashed").to_string()
}

/// Whether a password is the one kept. Where none is kept, or nobody is known, it takes as long.
pub fn is_right(password: &str, kept: Option<&str>) -> bool {
    /// Of a password that nobody knows.
    static NOBODYS: LazyLock<String> = LazyLock::new(|| hash(&super::token::new_token()));
    let nobodys = NOBODYS.as_str();
    let _turn = Turn::take();
    let parsed = kept.and_then(|kept| PasswordHash::new(kept).ok());
    let is_kept = parsed.is_some();
    let Some(hash) = parsed.or_else(|| PasswordHash::new(nobodys).ok()) else { return false };
    // A longer one cannot have been chosen, and would take as long as its sender likes.
    let password = if password.len() > 4 * LONGEST { "" } else { password };
    argon2().verify_password(password.as_bytes(), &hash).is_ok() && is_kept
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Leave to work on a password, until dropped.
struct Turn;

static UNDER_WAY: Mutex<u32> = Mutex::new(0);
static ONE_IS_DONE: Condvar = Condvar::new();

impl Turn {
    fn take() -> Turn {
        let under_way = UNDER_WAY.lock().expect("nobody stops while holding it");
        let mut under_way = ONE_IS_DONE
            .wait_while(under_way, |count| *count >= MOST_AT_A_TIME)
            .expect("nobody stops while holding it");
        *under_way += 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut under_way) = UNDER_WAY.lock() {
            *under_way -= 1;
        }
        ONE_IS_DONE.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Result<(), PasswordFault> {
        check(password, "Morgan Ellis", "morgan.ellis@example.org", false)
    }

    #[test]
    fn a_password_has_15_to_128_characters_of_any_kind() {
        assert_eq!(checked(""), Err(PasswordFault::Missing));
        assert_eq!(checked("vexingly brisk"), Err(PasswordFault::TooShort { shortest: 15 })); // 14
        assert_eq!(checked("vexingly brisks"), Ok(())); // 15
        assert_eq!(checked("пыльный крокодил"), Ok(()));
        let long: String = "vexingly brisk otter kettle ".chars().cycle().take(128).collect();
        assert_eq!(checked(&long), Ok(()));
        assert_eq!(checked(&(long + "x")), Err(PasswordFault::TooLong));
    }

    #[test]
    fn twelve_are_enough_with_a_second_factor() {
        let with = |password| check(password, "Ann", "ann@example.org", true);
        assert_eq!(with("brisk otters"), Ok(()));
        assert_eq!(with("brisk otter"), Err(PasswordFault::TooShort { shortest: 12 }));
    }

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        for guessable in [
            "passwordpassword",
            "aaaaaaaaaaaaaaaa",
            "qwertyuiopasdfgh",
            "123456789012345678",
            "morgan.ellis@example.org",
            "MorganEllis2026!!",
            "Outturn-Outturn-1",
            "bettercarefund2015",
            "PooledBudget!Section75",
            "WelcomeCouncil2026",
        ] {
            assert_eq!(checked(guessable), Err(PasswordFault::Guessable), "{guessable}");
        }
    }

    #[test]
    fn a_password_is_kept_as_argon2id_with_19_mib_and_two_passes() {
        let kept = hash("vexingly brisk otter");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hash("vexingly brisk otter"), "each has a salt of its own");
    }

    #[test]
    fn the_right_password_is_known_and_no_other() {
        let kept = hash("vexingly brisk otter");
        assert!(is_right("vexingly brisk otter", Some(&kept)));
        assert!(!is_right("vexingly brisk otter ", Some(&kept)));
        assert!(!is_right("Vexingly brisk otter", Some(&kept)));
        assert!(!is_right("", None));
        assert!(!is_right("vexingly brisk otter", None));
    }

    #[test]
    fn an_unknown_person_takes_as_long_as_a_known_one() {
        let kept = hash("vexingly brisk otter");
        is_right("warm up", None);
        let time = |kept: Option<&str>| {
            let start = std::time::Instant::now();
            for _ in 0..4 {
                is_right("wrong password", kept);
            }
            start.elapsed().as_secs_f64()
        };
        let (known, unknown) = (time(Some(&kept)), time(None));
        assert!((0.3..3.0).contains(&(known / unknown)), "{known} s against {unknown} s");
    }
}
