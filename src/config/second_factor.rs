//! What second factors are sealed by.

use super::{Secret, Setting, shown};

/// The fewest characters of a key: as many as 128 random bits have in hexadecimal.
const SHORTEST: usize = 32;

pub(super) const KEY: Setting = Setting {
    name: "second_factor_key",
    default: "",
    meaning: "what second factors are sealed by, so that a copy of the database gives none away: 32 characters or more that nobody can guess, as `openssl rand -hex 32` gives, the same at all instances; empty to keep them as they are. Set it while every instance is stopped; once set it must stay",
    is_secret: true,
    set: |to, text| {
        if !text.is_empty() && text.chars().count() < SHORTEST {
            return Err(format!("give it {SHORTEST} characters or more that nobody can guess"));
        }
        to.second_factor_key = Secret::new(text);
        Ok(())
    },
    show: |from| shown(&from.second_factor_key),
};
