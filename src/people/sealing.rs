//! Secrets that must be read again, such as a second factor's: sealed by a key that is not in the store, so
//! that a copy of the store gives none of them away.
//!
//! Source: RFC 8439, ChaCha20-Poly1305.

use super::token::random;
use crate::digest::sha256;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt::Write;

/// What a sealed secret begins with; one as it is has neither small letters nor blanks.
const SEALED: &str = "sealed ";

/// Seals secrets and opens them again.
pub struct SealingKey(LessSafeKey);

impl SealingKey {
    /// The key of words that nobody can guess.
    pub fn of(words: &str) -> SealingKey {
        let key = sha256(format!("outturn sealing key {words}").as_bytes());
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a SHA-256 is as long as the key");
        SealingKey(LessSafeKey::new(key))
    }

    /// The secret of a person, to be kept. It opens for that person alone.
    pub fn seal(&self, secret: &str, person: u32) -> String {
        let mut nonce = [0; NONCE_LEN];
        // Random ones of 96 bits do not come again among the secrets of any number of people.
        nonce.copy_from_slice(&random()[..NONCE_LEN]);
        let mut bytes = secret.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), whose(person), &mut bytes)
            .expect("a secret is short");
        nonce.iter().chain(&bytes).fold(SEALED.to_owned(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes any text");
            text
        })
    }

    /// The secret of a person; none where another key sealed it, or it is another's.
    pub fn open(&self, kept: &str, person: u32) -> Option<String> {
        let digits = kept.strip_prefix(SEALED)?.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> =
            digits.map(|two| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok()).collect();
        let mut bytes = bytes?;
        let nonce = Nonce::try_assume_unique_for_key(bytes.get(..NONCE_LEN)?).ok()?;
        let secret = self.0.open_in_place(nonce, whose(person), &mut bytes[NONCE_LEN..]).ok()?;
        String::from_utf8(secret.to_vec()).ok()
    }
}

/// Whether what is kept was sealed.
pub fn is_sealed(kept: &str) -> bool {
    kept.starts_with(SEALED)
}

fn whose(person: u32) -> Aad<[u8; 4]> {
    Aad::from(person.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_by_its_key_for_its_person_alone_and_unchanged() {
        let key = SealingKey::of("words that nobody can guess");
        let kept = key.seal("JBSWY3DPEHPK3PXP", 7);
        assert!(is_sealed(&kept) && !kept.contains("JBSWY3DP") && !is_sealed("JBSWY3DPEHPK3PXP"));
        assert_ne!(kept, key.seal("JBSWY3DPEHPK3PXP", 7));
        assert_eq!(key.open(&kept, 7).as_deref(), Some("JBSWY3DPEHPK3PXP"));
        assert_eq!(key.open(&kept, 8), None);
        assert_eq!(SealingKey::of("others").open(&kept, 7), None);
        let changed = if kept.ends_with('0') { "1" } else { "0" };
        for wrong in
            ["", "sealed ", "sealed 00", "sealed é", &format!("{}{changed}", &kept[..kept.len() - 1])]
        {
            assert_eq!(key.open(wrong, 7), None, "{wrong}");
        }
    }
}
