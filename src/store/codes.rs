//! The codes of the rules that a row can fail.

use super::StoreError;

/// Every code that a reject or a warning may carry.
const CODES: [&str; 19] = [
    "AREA",
    "PERIOD",
    "ORG",
    "MEASURE",
    "NUMBER",
    "NEGATIVE",
    "DENOM",
    "COLUMNS",
    "DUP",
    "PARTNER",
    "SCHEME",
    "MONEY",
    "FUTURE",
    "SEGMENT",
    "PRACTICE",
    "MEMBERS",
    "W_VALUE",
    "W_NOACTUAL",
    "W_RATE",
];

/// The code itself, for as long as the program runs.
pub(super) fn known_code(code: &str) -> Result<&'static str, StoreError> {
    let known = CODES.into_iter().find(|known| *known == code);
    known.ok_or_else(|| StoreError::Damaged(format!("the rule {code:?} is not known to this program")))
}
