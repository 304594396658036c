//! The whole numbers that a chart's values are.

/// A whole number of the size that a series needs: the smaller, the sooner its chart is worked out.
pub trait Whole: Copy + Ord + Into<i128> {
    /// How far it lies from another.
    fn distance(self, other: Self) -> Self;

    /// The nearest to a number: what lies further out than any value may, lies beyond it all the same.
    fn nearest(number: i128) -> Self;
}

impl Whole for i128 {
    fn distance(self, other: i128) -> i128 {
        (self - other).abs()
    }

    fn nearest(number: i128) -> i128 {
        number
    }
}

/// For values up to half of what it holds.
impl Whole for i64 {
    fn distance(self, other: i64) -> i64 {
        (self - other).abs()
    }

    fn nearest(number: i128) -> i64 {
        number.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
}
