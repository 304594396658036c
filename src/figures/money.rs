//! Money in whole pence.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

/// An amount of money in whole pence; a positive variance is an overspend.
///
/// Arithmetic that overflows stops the program (overflow checks are on in release too): an amount
/// beyond £92,000,000,000,000,000 is a fault somewhere, never a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pence(pub i64);

impl Pence {
    pub const ZERO: Pence = Pence(0);

    pub fn abs(self) -> Pence {
        Pence(self.0.abs())
    }

    /// Reads `-?` one to twelve digits, a point and exactly two digits: `1234.50`.
    pub fn parse(text: &[u8]) -> Option<Pence> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (whole, pence) = digits.split_at_checked(digits.len().checked_sub(3)?)?;
        let [b'.', tens, units] = pence else { return None };
        if !(1..=12).contains(&whole.len()) {
            return None;
        }
        let mut amount = 0i64;
        for digit in whole.iter().chain([tens, units]) {
            if !digit.is_ascii_digit() {
                return None;
            }
            amount = amount * 10 + i64::from(digit - b'0');
        }
        Some(Pence(if negative { -amount } else { amount }))
    }
}

impl fmt::Display for Pence {
    /// Pounds and pence without a sign for pounds or thousands: `-1234.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl Add for Pence {
    type Output = Pence;
    fn add(self, other: Pence) -> Pence {
        Pence(self.0 + other.0)
    }
}

impl Sub for Pence {
    type Output = Pence;
    fn sub(self, other: Pence) -> Pence {
        Pence(self.0 - other.0)
    }
}

impl Neg for Pence {
    type Output = Pence;
    fn neg(self) -> Pence {
        Pence(-self.0)
    }
}

impl AddAssign for Pence {
    fn add_assign(&mut self, other: Pence) {
        self.0 += other.0;
    }
}

impl SubAssign for Pence {
    fn sub_assign(&mut self, other: Pence) {
        self.0 -= other.0;
    }
}

impl Sum for Pence {
    fn sum<I: Iterator<Item = Pence>>(amounts: I) -> Pence {
        amounts.fold(Pence::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_exactly_two_decimals() {
        assert_eq!(Pence::parse(b"1234.50"), Some(Pence(123_450)));
        assert_eq!(Pence::parse(b"-0.01"), Some(Pence(-1)));
        assert_eq!(Pence::parse(b"999999999999.99"), Some(Pence(99_999_999_999_999)));
        for text in [
            "1.5",
            "1234",
            ".50",
            "1,234.00",
            "GBP1.00",
            "",
            "-",
            "1.500",
            "1234567890123.00",
            "+1.00",
            "1. 5",
        ] {
            assert_eq!(Pence::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn money_prints_as_it_is_read() {
        for text in ["0.00", "-0.01", "-1234.50", "7.07"] {
            assert_eq!(Pence::parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }
}
