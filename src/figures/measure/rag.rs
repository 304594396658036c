//! Red, amber, green.

use crate::figures::{
    agreement::{Better, Measure},
    fraction::Fraction,
};
use rust_decimal::Decimal;

/// How a value stands against its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rag {
    /// Meets the target.
    Green,
    /// Off target, but within the measure's tolerance.
    Amber,
    /// Off target beyond the tolerance.
    Red,
    /// No value or no target to judge by.
    NotJudged,
}

impl Rag {
    pub const ALL: [Rag; 4] = [Rag::Green, Rag::Amber, Rag::Red, Rag::NotJudged];

    /// Judges a value against a target, both as published.
    ///
    /// Green where the target is met; amber where `|value − target| ≤ amber_bp ÷ 10,000 × |target|`;
    /// else red.
    ///
    /// Source: the workload's specification, section 5.
    pub fn judge(measure: &Measure, value: Option<Decimal>, target: Option<Decimal>) -> Rag {
        let (Some(value), Some(target)) = (value, target) else { return Rag::NotJudged };
        let (value, target) = (Fraction::from(value), Fraction::from(target));
        let met = match measure.better {
            Better::Higher => value >= target,
            Better::Lower => value <= target,
        };
        let tolerance = Fraction::whole(i128::from(measure.amber_bp));
        if met {
            Rag::Green
        } else if (value - target).abs() * Fraction::whole(10_000) <= tolerance * target.abs() {
            Rag::Amber
        } else {
            Rag::Red
        }
    }

    /// `G`, `A`, `R` or `N`.
    pub fn letter(self) -> char {
        match self {
            Rag::Green => 'G',
            Rag::Amber => 'A',
            Rag::Red => 'R',
            Rag::NotJudged => 'N',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::agreement::MeasureKind;
    use crate::figures::measure::year_to_date::tests::measure;

    fn judge(better: Better, value: i64, target: i64) -> Rag {
        let measure = Measure { better, amber_bp: 500, ..measure(MeasureKind::Count) };
        Rag::judge(&measure, Some(Decimal::from(value)), Some(Decimal::from(target)))
    }

    #[test]
    fn on_target_is_green_and_the_tolerance_is_amber_to_its_very_edge() {
        // 5% of 200 is 10.
        for (value, rag) in [(200, Rag::Green), (201, Rag::Amber), (210, Rag::Amber), (211, Rag::Red)] {
            assert_eq!(judge(Better::Lower, value, 200), rag, "{value}");
        }
        for (value, rag) in [(200, Rag::Green), (199, Rag::Amber), (190, Rag::Amber), (189, Rag::Red)] {
            assert_eq!(judge(Better::Higher, value, 200), rag, "{value}");
        }
    }

    #[test]
    fn a_target_of_nought_has_no_tolerance() {
        assert_eq!(judge(Better::Lower, 0, 0), Rag::Green);
        assert_eq!(judge(Better::Lower, 1, 0), Rag::Red);
    }

    #[test]
    fn nothing_is_judged_without_both_value_and_target() {
        let measure = measure(MeasureKind::Count);
        assert_eq!(Rag::judge(&measure, None, Some(Decimal::ONE)), Rag::NotJudged);
        assert_eq!(Rag::judge(&measure, Some(Decimal::ONE), None), Rag::NotJudged);
    }
}
