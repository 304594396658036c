//! The year to date: value and target over the same months, put together by the kind of measure.

use super::{InUnits, Rag};
use crate::figures::{
    agreement::{Measure, MeasureKind},
    fraction::{Fraction, power_of_ten},
    spc::Whole,
};
use rust_decimal::Decimal;

/// A measure over the months of a year that have both a value and a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearToDate {
    /// How many months count.
    pub months: u32,
    /// None where no month counts.
    pub value: Option<Decimal>,
    /// None where no month counts.
    pub target: Option<Decimal>,
    pub rag: Rag,
}

impl YearToDate {
    /// The year to date over `figures`, which are the months of one year up to the reporting month.
    ///
    /// | kind | value | target |
    /// |---|---|---|
    /// | count | Σ numerators | Σ targets |
    /// | ratio | multiplier × Σ numerators ÷ Σ denominators | Σ (target × denominator) ÷ Σ denominators |
    /// | population rate | multiplier × Σ numerators × months ÷ Σ denominators | Σ targets |
    /// | mean | mean of the published values | mean of the targets |
    /// | latest | the last month's value | the last month's target |
    ///
    /// Each is rounded once, half away from zero, to the measure's decimals.
    pub(super) fn over(measure: &Measure, figures: &[impl InUnits]) -> YearToDate {
        let mut sums = Sums::default();
        for figure in figures {
            if let (Some(value), Some(target)) = (figure.value(), figure.target()) {
                sums.add(figure.made_from(), value, Some(target));
            }
        }
        let (value, target) = match sums.put_together(measure) {
            Some((value, target)) => {
                (Some(value.round(measure.decimals)), Some(target.round(measure.decimals)))
            }
            None => (None, None),
        };
        YearToDate { months: sums.months, value, target, rag: Rag::judge(measure, value, target) }
    }
}

/// What was reported in a year to date, beside last year's: also of a measure that has no target in either,
/// of which the year to date therefore counts no month.
///
/// It counts the months of the year to date; where there are none, every month that has a value. Where the
/// year before has a year to date of its own, that is last year's; else it is put together over the very
/// months that count this year, and there is none where one of them was not reported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ActualToDate {
    pub value: Option<Decimal>,
    pub last_year: Option<Decimal>,
    pub change: Option<Decimal>,
}

impl ActualToDate {
    /// The actual over months that each stand beside the same month of the year before, `with_targets` over
    /// those that have a target too.
    pub(super) fn over<'m, M: InUnits + 'm>(
        measure: &Measure,
        months: impl Iterator<Item = (Option<&'m M>, Option<&'m M>)>,
        with_targets: bool,
    ) -> ActualToDate {
        let (mut now, mut then, mut has_all) = (Sums::default(), Sums::default(), true);
        for (month, before) in months {
            let Some(month) = month.filter(|month| !with_targets || month.target().is_some()) else {
                continue;
            };
            let Some(value) = month.value() else { continue };
            now.add(month.made_from(), value, None);
            match before.and_then(|before| Some((before.made_from(), before.value()?))) {
                Some((made_from, value)) => then.add(made_from, value, None),
                None => has_all = false,
            }
        }
        let rounded = |sums: &Sums| Some(sums.put_together(measure)?.0.round(measure.decimals));
        let value = rounded(&now);
        let last_year = if has_all { rounded(&then) } else { None };
        ActualToDate { value, last_year, change: value.zip(last_year).map(|(value, before)| value - before) }
    }
}

/// Sums in whole units: numerators and denominators in hundredths, values and targets in the measure's
/// last decimal.
#[derive(Default)]
struct Sums {
    months: u32,
    numerators: i128,
    denominators: i128,
    published: i128,
    targets: i128,
    /// Of each target times its denominator.
    weighted_targets: i128,
    last: Option<[i128; 2]>,
}

impl Sums {
    fn add<N: Whole>(&mut self, (numerator, denominator): (N, N), published: N, target: Option<N>) {
        let (denominator, published, target) =
            (denominator.into(), published.into(), target.map_or(0, N::into));
        self.months += 1;
        self.numerators += numerator.into();
        self.denominators += denominator;
        self.published += published;
        self.targets += target;
        self.weighted_targets += target * denominator;
        self.last = Some([published, target]);
    }

    fn put_together(&self, measure: &Measure) -> Option<(Fraction, Fraction)> {
        let [last_value, last_target] = self.last?;
        let units = |sum: i128| Fraction::scaled(sum, measure.decimals);
        let (months, multiplier) = (i128::from(self.months), i128::from(measure.multiplier));
        match measure.kind {
            MeasureKind::Count => Some((Fraction::scaled(self.numerators, 2), units(self.targets))),
            MeasureKind::Ratio => Some((
                Fraction::new(self.numerators * multiplier, self.denominators)?,
                Fraction::new(self.weighted_targets, self.denominators * power_of_ten(measure.decimals))?,
            )),
            MeasureKind::PopulationRate => Some((
                Fraction::new(self.numerators * multiplier * months, self.denominators)?,
                units(self.targets),
            )),
            MeasureKind::Mean => Some((
                units(self.published).over(Fraction::whole(months))?,
                units(self.targets).over(Fraction::whole(months))?,
            )),
            MeasureKind::Latest => Some((units(last_value), units(last_target))),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::figures::{
        agreement::{Better, Reported},
        facts::Source,
        measure::{MonthFigure, MonthValue, TargetFigure},
        period::Month,
    };

    pub fn measure(kind: MeasureKind) -> Measure {
        Measure {
            id: "M".into(),
            name: "Measure".into(),
            domain: String::new(),
            unit: String::new(),
            kind,
            multiplier: 100,
            decimals: 1,
            better: Better::Lower,
            amber_bp: 500,
            definition: String::new(),
            reported: Reported::Monthly,
        }
    }

    /// Two months: 30 of 200 against 14.0, and 10 of 50 against 22.0.
    fn two_months() -> [MonthFigure; 2] {
        let figure = |month, numerator: i64, denominator: i64, published: &str, target: &str| MonthFigure {
            month: Month::new(2015, month).unwrap(),
            value: Some(MonthValue {
                published: published.parse().unwrap(),
                numerator_hundredths: numerator * 100,
                denominator_hundredths: Some(denominator * 100),
                source: Source::default(),
            }),
            target: Some(TargetFigure::Number(target.parse().unwrap())),
            rag: Rag::NotJudged,
        };
        [figure(4, 30, 200, "15.0", "14.0"), figure(5, 10, 50, "20.0", "22.0")]
    }

    fn value_and_target(kind: MeasureKind) -> (String, String) {
        let months = two_months();
        let position = YearToDate::over(&measure(kind), &months);
        (position.value.unwrap().to_string(), position.target.unwrap().to_string())
    }

    #[test]
    fn each_kind_is_put_together_in_its_own_way() {
        // 30 + 10; 14 + 22.
        assert_eq!(value_and_target(MeasureKind::Count), ("40.0".into(), "36.0".into()));
        // 100 × 40 ÷ 250 = 16, not the mean of 15 and 20; (14 × 200 + 22 × 50) ÷ 250 = 15.6.
        assert_eq!(value_and_target(MeasureKind::Ratio), ("16.0".into(), "15.6".into()));
        // 100 × 40 ÷ (250 ÷ 2) = 32 against 14 + 22.
        assert_eq!(value_and_target(MeasureKind::PopulationRate), ("32.0".into(), "36.0".into()));
        assert_eq!(value_and_target(MeasureKind::Mean), ("17.5".into(), "18.0".into()));
        assert_eq!(value_and_target(MeasureKind::Latest), ("20.0".into(), "22.0".into()));
    }

    #[test]
    fn a_month_without_a_target_counts_for_neither() {
        let mut months = two_months();
        months[1].target = Some(TargetFigure::ToBeConfirmed);
        let position = YearToDate::over(&measure(MeasureKind::Count), &months);
        assert_eq!(
            (position.months, position.value, position.target),
            (1, Some("30.0".parse().unwrap()), Some("14.0".parse().unwrap()))
        );
        months[0].value = None;
        let position = YearToDate::over(&measure(MeasureKind::Count), &months);
        assert_eq!((position.months, position.value, position.rag), (0, None, Rag::NotJudged));
    }
}
