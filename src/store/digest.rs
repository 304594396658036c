//! SHA-256 and how it is written.

use super::StoreError;
use sha2::Digest;

/// A SHA-256.
pub type Sha256 = [u8; 32];

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Sha256 {
    sha2::Sha256::digest(bytes).into()
}

/// In lower-case hexadecimal.
pub fn hex(digest: &Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Reads what [`hex`] wrote.
pub(super) fn from_hex(text: &str) -> Result<Sha256, StoreError> {
    let fault = || StoreError::Damaged(format!("the SHA-256 {text:?}"));
    let mut digest = Sha256::default();
    if text.len() != 2 * digest.len() || !text.is_ascii() {
        return Err(fault());
    }
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = str::from_utf8(digits).map_err(|_| fault())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| fault())?;
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_in_lower_case_hexadecimal() {
        // FIPS 180-4's example: the digest of "abc".
        let written = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), written);
        assert_eq!(from_hex(written).unwrap(), sha256(b"abc"));
        assert!(from_hex("ba78").is_err());
    }
}
