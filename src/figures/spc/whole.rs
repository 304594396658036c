//! Whole numbers of the size that a series needs: the smaller, the sooner it is worked out.

use std::ops::AddAssign;

/// A whole number that leaves room for what a chart, or a year to date, works out with it.
pub trait Whole: Copy + Ord + Into<i128> {
    /// How large a value may be, on either side of nought.
    const LARGEST: i128;

    /// Holds the sum of as many of them as a series may have.
    type Sum: Copy + Default + AddAssign + From<Self> + Into<i128>;

    /// How far it lies from another.
    fn distance(self, other: Self) -> Self;

    /// The nearest to a number: what lies beyond the largest value lies beyond every value all the same.
    fn nearest(number: i128) -> Self;
}

macro_rules! whole {
    ($type:ty, $sum:ty) => {
        impl Whole for $type {
            const LARGEST: i128 = (<$type>::MAX / 4) as i128;
            type Sum = $sum;

            fn distance(self, other: $type) -> $type {
                (self - other).abs()
            }

            fn nearest(number: i128) -> $type {
                number.clamp(<$type>::MIN as i128, <$type>::MAX as i128) as $type
            }
        }
    };
}

whole!(i32, i64);
whole!(i64, i128);
whole!(i128, i128);
