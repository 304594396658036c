//! Exact fractions, and the one place where a quotient is rounded.

use rust_decimal::Decimal;
use std::{
    cmp::Ordering,
    ops::{Add, Mul, Neg, Sub},
};

/// An exact fraction over 128-bit whole numbers; the denominator is always positive.
///
/// Returns hold at most twelve digits and four decimals, so that sums and products of a few years
/// of them stay far inside 128 bits. Arithmetic beyond that stops the program rather than give a
/// wrong figure.
#[derive(Clone, Copy, Debug)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    pub const ZERO: Fraction = Fraction { numerator: 0, denominator: 1 };
    pub const ONE: Fraction = Fraction { numerator: 1, denominator: 1 };

    /// `numerator ÷ denominator`, or none where the denominator is nought.
    pub fn new(numerator: i128, denominator: i128) -> Option<Fraction> {
        match denominator.cmp(&0) {
            Ordering::Equal => None,
            Ordering::Greater => Some(Fraction { numerator, denominator }),
            Ordering::Less => Some(Fraction { numerator: -numerator, denominator: -denominator }),
        }
    }

    pub const fn whole(number: i128) -> Fraction {
        Fraction { numerator: number, denominator: 1 }
    }

    /// `units ÷ 10^places`: a decimal held as whole units.
    pub fn scaled(units: i128, places: u32) -> Fraction {
        Fraction { numerator: units, denominator: power_of_ten(places) }
    }

    pub fn numerator(self) -> i128 {
        self.numerator
    }

    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// This fraction divided by `divisor`, or none where that is nought.
    pub fn over(self, divisor: Fraction) -> Option<Fraction> {
        let inverse = Fraction::new(divisor.denominator, divisor.numerator)?;
        Some(self * inverse)
    }

    /// Rounds half away from zero to `places` decimals: the only rounding of a quotient.
    pub fn round(self, places: u32) -> Decimal {
        decimal(self.round_units(places), places)
    }

    /// Rounds half away from zero to whole units of `10^-places`.
    pub fn round_units(self, places: u32) -> i128 {
        let scaled =
            |exact: Fraction| Some((exact.numerator.checked_mul(power_of_ten(places))?, exact.denominator));
        let (numerator, denominator) =
            scaled(self).or_else(|| scaled(self.reduced())).expect(WITHIN_128_BITS);
        round_half_away(numerator, denominator)
    }

    /// The greatest whole number not above this fraction.
    pub fn floor(self) -> i128 {
        floor(self.numerator, self.denominator)
    }

    pub fn abs(self) -> Fraction {
        Fraction { numerator: self.numerator.abs(), ..self }
    }

    fn reduced(self) -> Fraction {
        let divisor = greatest_common_divisor(self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let divisor = divisor.max(1) as i128;
        Fraction { numerator: self.numerator / divisor, denominator: self.denominator / divisor }
    }
}

/// `numerator ÷ denominator` to the nearest whole number, halves away from zero.
///
/// The denominator must be positive.
pub fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    // Nearly every figure is far smaller than 64 bits, which a processor divides in one step.
    if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        let (quotient, remainder) = (numerator / denominator, (numerator % denominator).abs());
        let away = if remainder >= denominator - remainder { numerator.signum() } else { 0 };
        return i128::from(quotient) + i128::from(away);
    }
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    if remainder.abs() >= denominator - remainder.abs() { quotient + numerator.signum() } else { quotient }
}

/// The greatest whole number that is not above `numerator ÷ denominator`.
///
/// The denominator must be positive.
pub fn floor(numerator: i128, denominator: i128) -> i128 {
    match (i64::try_from(numerator), i64::try_from(denominator)) {
        (Ok(numerator), Ok(denominator)) => i128::from(numerator.div_euclid(denominator)),
        (Err(_), _) | (_, Err(_)) => numerator.div_euclid(denominator),
    }
}

/// `units ÷ 10^places`, with so many decimals.
pub fn decimal(units: i128, places: u32) -> Decimal {
    match i64::try_from(units) {
        Ok(units) => Decimal::new(units, places), // the sooner way, for nearly every figure
        Err(_) => Decimal::from_i128_with_scale(units, places),
    }
}

/// Ten to the power of `places`.
pub fn power_of_ten(places: u32) -> i128 {
    const SMALL: [i128; 13] = {
        let mut powers = [1; 13];
        let mut places = 1;
        while places < powers.len() {
            powers[places] = powers[places - 1] * 10;
            places += 1;
        }
        powers
    };
    SMALL.get(places as usize).copied().unwrap_or_else(|| 10i128.pow(places))
}

const WITHIN_128_BITS: &str = "figures stay within 128 bits";

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Default for Fraction {
    /// Nought.
    fn default() -> Fraction {
        Fraction::ZERO
    }
}

impl From<Decimal> for Fraction {
    fn from(value: Decimal) -> Fraction {
        Fraction::scaled(value.mantissa(), value.scale())
    }
}

impl Add for Fraction {
    type Output = Fraction;
    fn add(self, other: Fraction) -> Fraction {
        if self.denominator == other.denominator {
            let numerator = self.numerator.checked_add(other.numerator).expect(WITHIN_128_BITS);
            return Fraction { numerator, denominator: self.denominator };
        }
        let sum = |a: Fraction, b: Fraction| {
            let left = a.numerator.checked_mul(b.denominator)?;
            let right = b.numerator.checked_mul(a.denominator)?;
            let denominator = a.denominator.checked_mul(b.denominator)?;
            Some(Fraction { numerator: left.checked_add(right)?, denominator })
        };
        sum(self, other).or_else(|| sum(self.reduced(), other.reduced())).expect(WITHIN_128_BITS)
    }
}

impl Neg for Fraction {
    type Output = Fraction;
    fn neg(self) -> Fraction {
        Fraction { numerator: -self.numerator, ..self }
    }
}

impl Sub for Fraction {
    type Output = Fraction;
    fn sub(self, other: Fraction) -> Fraction {
        self + -other
    }
}

impl Mul for Fraction {
    type Output = Fraction;
    fn mul(self, other: Fraction) -> Fraction {
        let product = |a: Fraction, b: Fraction| {
            let numerator = a.numerator.checked_mul(b.numerator)?;
            let denominator = a.denominator.checked_mul(b.denominator)?;
            Some(Fraction { numerator, denominator })
        };
        product(self, other).or_else(|| product(self.reduced(), other.reduced())).expect(WITHIN_128_BITS)
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Fraction) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        if self.denominator == other.denominator {
            return self.numerator.cmp(&other.numerator);
        }
        let sides = |a: Fraction, b: Fraction| {
            Some((a.numerator.checked_mul(b.denominator)?, b.numerator.checked_mul(a.denominator)?))
        };
        let (left, right) =
            sides(*self, *other).or_else(|| sides(self.reduced(), other.reduced())).expect(WITHIN_128_BITS);
        left.cmp(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        for (numerator, denominator, rounded) in [
            (1, 2, 1),
            (-1, 2, -1),
            (3, 2, 2),
            (-3, 2, -2),
            (49, 100, 0),
            (-49, 100, 0),
            (1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
        ] {
            assert_eq!(round_half_away(numerator, denominator), rounded, "{numerator}/{denominator}");
            let large = 10i128.pow(20);
            assert_eq!(round_half_away(numerator * large, denominator * large), rounded);
        }
        assert_eq!(Fraction::new(125, 1000).unwrap().round(2).to_string(), "0.13");
        assert_eq!(Fraction::new(-125, 1000).unwrap().round(2).to_string(), "-0.13");
    }

    #[test]
    fn a_fraction_over_large_numbers_is_reduced_before_it_is_rounded() {
        let large = 10i128.pow(37);
        assert_eq!(Fraction::new(2 * large, 3 * large).unwrap().round(4).to_string(), "0.6667");
    }

    #[test]
    fn a_rounded_figure_keeps_its_places() {
        assert_eq!(Fraction::whole(7).round(2).to_string(), "7.00");
    }

    #[test]
    fn nothing_is_divided_by_nought() {
        assert!(Fraction::new(1, 0).is_none());
        assert!(Fraction::ONE.over(Fraction::ZERO).is_none());
    }
}
