//! Measured values of any size as whole units of one scale, and exact fractions back as measured.

use crate::figures::fraction::{power_of_ten, round_half_away};
use std::fmt::Write;

/// Values as whole units of `10^exponent`.
///
/// Each value is taken as the shortest decimal that stands for it, as people write it: 0.95 is
/// ninety-five hundredths. All digits of all values are kept, but for a series whose sizes are so far
/// apart that they would not fit into 128 bits with the arithmetic to come: there what lies more than
/// 30 digits below the largest value (22 in a series of a million points) is rounded away. A binary
/// floating-point number holds 17, so that no other program could have told the difference either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaled {
    pub units: Vec<Option<i128>>,
    pub exponent: i32,
}

impl Scaled {
    /// Puts values, and whatever is to be held against them, on one scale; they must be finite.
    pub fn of(values: &[Option<f64>]) -> Scaled {
        let mut text = String::new();
        let decimals: Vec<Option<(i128, i32)>> =
            values.iter().map(|value| value.map(|value| shortest_decimal(value, &mut text))).collect();
        let present = || decimals.iter().flatten().filter(|(digits, _)| *digits != 0);
        let finest = present().map(|(_, exponent)| *exponent).min().unwrap_or(0);
        let largest = present().map(|(digits, exponent)| places(*digits) + exponent).max().unwrap_or(0);
        let exponent = finest.max(largest - room(values.len()));
        let units = |(digits, own): (i128, i32)| match u32::try_from(own - exponent) {
            Ok(up) => digits * power_of_ten(if digits == 0 { 0 } else { up }),
            Err(_) if exponent - own > 18 => 0,
            Err(_) => round_half_away(digits, power_of_ten(exponent.abs_diff(own))),
        };
        Scaled { units: decimals.into_iter().map(|decimal| decimal.map(units)).collect(), exponent }
    }
}

/// The floating-point number nearest to `numerator ÷ denominator × 10^exponent`.
pub fn nearest_float(numerator: i128, denominator: i128, exponent: i32) -> f64 {
    // Whole numbers up to 2^53 are exact, and one division of two of them is rounded once.
    const EXACT: i128 = 1 << 53;
    if (-15..=0).contains(&exponent) && numerator.abs() <= EXACT {
        let denominator = denominator.checked_mul(power_of_ten(exponent.unsigned_abs()));
        if let Some(denominator) = denominator.filter(|denominator| *denominator <= EXACT) {
            return numerator as f64 / denominator as f64;
        }
    }
    // Twenty-five digits and a mark for any remainder: reading that rounds to nearest.
    let (mut quotient, mut remainder) = (numerator.abs() / denominator, numerator.abs() % denominator);
    let mut exponent = exponent;
    while remainder != 0 && quotient < power_of_ten(25) {
        quotient = quotient * 10 + remainder * 10 / denominator;
        remainder = remainder * 10 % denominator;
        exponent -= 1;
    }
    let sign = if numerator < 0 { "-" } else { "" };
    let mark = if remainder == 0 { "" } else { "1" };
    let text = format!("{sign}{quotient}{mark}e{}", exponent - mark.len() as i32);
    text.parse().expect("digits and an exponent are a number")
}

/// The digits and exponent of the shortest decimal that reads back as `value`.
fn shortest_decimal(value: f64, text: &mut String) -> (i128, i32) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return (value as i128, 0);
    }
    text.clear();
    write!(text, "{value:e}").expect("a string takes any text");
    let (mantissa, exponent) = text.split_once('e').expect("the exponent is always written");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = fraction.bytes().fold(
        whole.trim_start_matches('-').parse::<i128>().expect("a finite number has digits"),
        |digits, digit| digits * 10 + i128::from(digit - b'0'),
    );
    let exponent: i32 = exponent.parse().expect("the exponent is a whole number");
    (if value < 0.0 { -digits } else { digits }, exponent - fraction.len() as i32)
}

/// How many decimal places a whole number has.
fn places(number: i128) -> i32 {
    number.unsigned_abs().checked_ilog10().map_or(0, |log| log as i32 + 1)
}

/// How many places a value may have so that a chart of so many points stays inside 128 bits: the
/// largest number on the way is 2,000 × points² × the value.
fn room(points: usize) -> i32 {
    let points = points.max(1) as u128;
    let largest = i128::MAX.unsigned_abs() / 2000 / points / points;
    largest.checked_ilog10().map_or(0, |log| log as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_decimal_that_people_write() {
        let scaled = Scaled::of(&[Some(0.95), None, Some(-12.0), Some(0.1 + 0.2)]);
        assert_eq!(scaled.exponent, -17);
        let hundredths = 10i128.pow(15);
        assert_eq!(
            scaled.units,
            [Some(95 * hundredths), None, Some(-1200 * hundredths), Some(30_000_000_000_000_004)]
        );
    }

    #[test]
    fn what_lies_too_far_below_the_largest_value_is_rounded_away() {
        let scaled = Scaled::of(&[Some(1e20), Some(6e-18), Some(1e-300), Some(0.0)]);
        // Four points leave room for 33 places: 10^20 has 21, so that 10^-12 is the finest unit.
        assert_eq!(scaled.exponent, -12);
        assert_eq!(scaled.units, [Some(10i128.pow(32)), Some(0), Some(0), Some(0)]);
    }

    #[test]
    fn a_fraction_becomes_the_float_nearest_to_it() {
        assert_eq!(nearest_float(1, 3, 0), 1.0 / 3.0);
        assert_eq!(nearest_float(-266, 10, -2), -0.266);
        assert_eq!(nearest_float(10i128.pow(30) + 1, 10i128.pow(30), 0), 1.0);
        assert_eq!(nearest_float(2 * 10i128.pow(29), 6, -29), 1.0 / 3.0);
        assert_eq!(nearest_float(7, 2, 300), 3.5e300);
        assert_eq!(nearest_float(1, 1, -330), 0.0);
        assert_eq!(nearest_float(0, 5, 9), 0.0);
    }

    #[test]
    fn every_float_comes_back_as_it_was() {
        for value in [0.1, 1.0 / 3.0, 5e-324, f64::MAX, -123_456.789, 9_007_199_254_740_993.0, 1e23] {
            let Scaled { units, exponent } = Scaled::of(&[Some(value)]);
            assert_eq!(nearest_float(units[0].unwrap(), 1, exponent), value);
        }
    }
}
