//! The second factor: codes from an app (RFC 6238: HMAC-SHA-1, six digits, 30 seconds, a step either way),
//! and codes on paper for whoever has lost it.

use crate::digest::{Sha256, hex, sha256};
use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Builder, Secret, Totp};

/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;

const STEP_SECONDS: u64 = 30; // RFC 6238, 4.1
const DIGITS: usize = 6; // RFC 6238's usual number
const SECRET_BYTES: usize = 20; // RFC 4226, 4: 160 bits are recommended

/// The name that an app shows beside the address.
const ISSUER: &str = "Outturn";

/// A new secret, in base32.
pub fn new_secret() -> String {
    Secret::from(super::token::random()[..SECRET_BYTES].to_vec()).to_base32()
}

/// The step of time whose code this is, where it is right and later than the last one used.
///
/// `now` is seconds since 1970. The caller keeps the step with the use of it, so that no code works
/// twice (RFC 6238, 5.2).
pub fn step_of(secret: &str, code: &str, now: u64, last_step: Option<u64>) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let app = app(secret, "code")?;
    let middle = now / STEP_SECONDS;
    let is_same = |step: u64| {
        use subtle::ConstantTimeEq;
        let right = app.generate(step * STEP_SECONDS).to_string();
        bool::from(right.as_bytes().ct_eq(code.as_bytes()))
    };
    (middle.saturating_sub(1)..=middle + 1)
        .find(|step| is_same(*step))
        .filter(|step| last_step.is_none_or(|last| *step > last))
}

/// Whether it is written as an app's codes are, which no recovery code is.
pub fn is_of_app(code: &str) -> bool {
    let mut digits = code.chars().filter(|c| !c.is_whitespace());
    digits.by_ref().take(DIGITS).filter(char::is_ascii_digit).count() == DIGITS && digits.next().is_none()
}

/// The code of a secret at a time, for tests and examples of an app.
pub fn code_at(secret: &str, now: u64) -> Option<String> {
    Some(app(secret, "code")?.generate(now).to_string())
}

/// What an app reads to know the secret: an `otpauth` address.
pub fn address(secret: &str, email: &str) -> Option<String> {
    app(secret, email)?.to_url().ok()
}

/// A text as a QR code, for an app's camera.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Picture {
    /// How many squares it is wide and high, with the margin.
    pub width: usize,
    /// The outline of the dark squares, as the `d` of an SVG path.
    pub path: String,
}

/// Draws a text as a QR code; none where it is too long for one.
pub fn picture(text: &str) -> Option<Picture> {
    const MARGIN: usize = 4; // ISO/IEC 18004: four squares of quiet zone
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(width).enumerate() {
        for (column, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            path += &format!("M{} {}h1v1h-1z", column + MARGIN, row + MARGIN);
        }
    }
    Some(Picture { width: width + 2 * MARGIN, path })
}

/// New recovery codes, to be shown once: 80 bits each, in groups of five.
pub fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let digits = &hex(&super::token::random())[..20];
            let groups: Vec<&str> = (0..4).map(|group| &digits[5 * group..5 * group + 5]).collect();
            groups.join("-")
        })
        .collect()
}

/// What the store keeps of a recovery code, however it was typed.
pub fn kept_recovery_code(code: &str) -> Sha256 {
    let digits: String = code.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    sha256(digits.as_bytes())
}

fn app(secret: &str, email: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(email).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of the SHA-1 rows, "12345678901234567890", in base32.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // The last six of the eight digits of appendix B.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, time).as_deref(), Some(code), "at {time}");
            assert_eq!(step_of(SECRET, code, time, None), Some(time / 30));
        }
    }

    #[test]
    fn a_code_counts_a_step_early_and_a_step_late_and_no_further() {
        let code = code_at(SECRET, 3_000).unwrap();
        let counts = |now| step_of(SECRET, &code, now, None).is_some();
        assert_eq!([2_969, 2_970, 3_059, 3_060].map(counts), [false, true, true, false]);
    }

    #[test]
    fn a_code_works_once_and_so_does_every_earlier_one_no_more() {
        let code = code_at(SECRET, 3_000).unwrap();
        assert_eq!(step_of(SECRET, &code, 3_000, Some(99)), Some(100));
        assert_eq!(step_of(SECRET, &code, 3_000, Some(100)), None);
        let earlier = code_at(SECRET, 2_970).unwrap();
        assert_eq!(step_of(SECRET, &earlier, 3_000, Some(100)), None);
    }

    #[test]
    fn a_code_of_an_app_is_known_by_its_six_digits() {
        for (code, is_one) in
            [(" 287 082 ", true), ("28708", false), ("2870822", false), ("", false), ("28708a", false)]
        {
            assert_eq!(is_of_app(code), is_one, "{code:?}");
        }
        assert!(!is_of_app(&new_recovery_codes()[0]));
    }

    #[test]
    fn spaces_in_a_code_do_not_matter_but_anything_else_does() {
        assert!(step_of(SECRET, " 287 082 ", 59, None).is_some());
        for wrong in ["", "287083", "28708", "2870822", "94287082", "abcdef"] {
            assert_eq!(step_of(SECRET, wrong, 59, None), None, "{wrong:?}");
        }
    }

    #[test]
    fn an_app_is_told_whose_code_it_is() {
        let address = address(SECRET, "ann@example.org").unwrap();
        assert_eq!(
            address,
            format!("otpauth://totp/Outturn:ann%40example.org?secret={SECRET}&issuer=Outturn")
        );
        let picture = picture(&address).unwrap();
        assert!(picture.width > 29 && picture.path.starts_with("M4 4h1v1h-1z"));
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        let typed = format!(" {} ", code.replace('-', " ").to_uppercase());
        assert_eq!(kept_recovery_code(code), kept_recovery_code(&typed));
        assert_ne!(kept_recovery_code(code), kept_recovery_code(&codes[1]));
    }

    #[test]
    fn a_new_secret_is_160_bits() {
        assert_eq!(new_secret().len(), 32);
        assert_ne!(new_secret(), new_secret());
    }
}
