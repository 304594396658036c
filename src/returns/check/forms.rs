//! The forms that numbers are written in.

/// Reads `-?` one to twelve digits and at most `places` decimals, as whole units of `10^-places`,
/// with how many decimals were written.
///
/// Thousands separators, spaces, plus signs, currency signs and exponents are refused, never guessed.
pub fn decimal(text: &[u8], places: usize) -> Option<(i64, usize)> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let point = digits.iter().position(|&byte| byte == b'.');
    let (whole, decimals) = match point {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let written = decimals.map_or(0, <[u8]>::len);
    if !(1..=12).contains(&whole.len()) || (decimals.is_some() && !(1..=places).contains(&written)) {
        return None;
    }
    let mut units = 0i64;
    for digit in whole.iter().chain(decimals.unwrap_or_default()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        units = units * 10 + i64::from(digit - b'0');
    }
    units *= 10i64.pow((places - written) as u32);
    Some((if negative { -units } else { units }, written))
}

/// Reads one to nine digits.
pub fn whole_number(text: &[u8]) -> Option<u32> {
    if !(1..=9).contains(&text.len()) {
        return None;
    }
    text.iter()
        .try_fold(0u32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_up_to_twelve_digits_and_the_decimals_allowed() {
        assert_eq!(decimal(b"12", 2), Some((1200, 0)));
        assert_eq!(decimal(b"-0.5", 2), Some((-50, 1)));
        assert_eq!(decimal(b"999999999999.99", 2), Some((99_999_999_999_999, 2)));
        assert_eq!(decimal(b"0.1234", 4), Some((1234, 4)));
        for text in
            ["", "-", ".5", "5.", "1.234", "1,000", "+1", " 1", "1e3", "1234567890123", "--1", "n/a", "1.2.3"]
        {
            assert_eq!(decimal(text.as_bytes(), 2), None, "{text}");
        }
    }

    #[test]
    fn people_are_counted_in_whole_numbers() {
        assert_eq!(whole_number(b"000000042"), Some(42));
        for text in ["", "-1", "1.0", "1234567890", "1 000"] {
            assert_eq!(whole_number(text.as_bytes()), None, "{text}");
        }
    }
}
