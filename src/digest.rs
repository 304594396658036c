//! SHA-256 and how it is written: what tells one file, plan or pack from another.

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
    let mut text = String::with_capacity(2 * digest.len());
    for digit in digest.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.push(char::from(DIGITS[usize::from(digit)]));
    }
    text
}

/// Reads what [`hex`] wrote; none for anything that is no SHA-256.
pub fn from_hex(text: &str) -> Option<Sha256> {
    let mut digest = Sha256::default();
    if text.len() != 2 * digest.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_in_lower_case_hexadecimal() {
        // FIPS 180-4's example: the digest of "abc".
        let written = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), written);
        assert_eq!(from_hex(written), Some(sha256(b"abc")));
        assert_eq!(from_hex("ba78"), None);
    }
}
