//! The facts of an area's measures and their targets in little memory, for they are kept of many areas.

use crate::figures::{
    facts::{AreaFacts, MeasureFact, Source, Target, TargetValue},
    period::{Month, Period},
};
use std::mem::size_of;

/// Facts of measures and targets, as the scorecard needs them: which row set a target is left out.
pub struct MeasureFacts {
    facts: Box<[Fact]>,
    targets: Box<[Aim]>,
}

struct Fact {
    source: Source,
    numerator: i64,
    /// [`NONE`] for none.
    denominator: i64,
    month: Month,
    measure: u16,
    partner: u16,
}

struct Aim {
    /// [`TO_BE_CONFIRMED`] or [`NOT_SET`] for no number.
    value: i64,
    period: Period,
    measure: u16,
}

// Far beyond what a return may say.
const NONE: i64 = i64::MIN;
const TO_BE_CONFIRMED: i64 = i64::MIN;
const NOT_SET: i64 = i64::MIN + 1;

impl MeasureFacts {
    pub fn of(facts: &AreaFacts) -> MeasureFacts {
        let fact = |fact: &MeasureFact| Fact {
            source: fact.source,
            numerator: fact.numerator_hundredths,
            denominator: fact.denominator_hundredths.unwrap_or(NONE),
            month: fact.month,
            measure: fact.measure,
            partner: fact.partner,
        };
        let aim = |target: &Target| Aim {
            value: match target.value {
                TargetValue::Number(units) => units,
                TargetValue::ToBeConfirmed => TO_BE_CONFIRMED,
                TargetValue::NotSet => NOT_SET,
            },
            period: target.period,
            measure: target.measure,
        };
        MeasureFacts {
            facts: facts.measures.iter().map(fact).collect(),
            targets: facts.targets.iter().map(aim).collect(),
        }
    }

    /// The facts of the measures, as the figures take them.
    pub fn facts(&self) -> impl Iterator<Item = MeasureFact> {
        self.facts.iter().map(|fact| MeasureFact {
            source: fact.source,
            measure: fact.measure,
            month: fact.month,
            partner: fact.partner,
            numerator_hundredths: fact.numerator,
            denominator_hundredths: (fact.denominator != NONE).then_some(fact.denominator),
        })
    }

    /// Their targets, as the figures take them.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.targets.iter().map(|aim| Target {
            source: Source::default(),
            measure: aim.measure,
            period: aim.period,
            value: match aim.value {
                TO_BE_CONFIRMED => TargetValue::ToBeConfirmed,
                NOT_SET => TargetValue::NotSet,
                units => TargetValue::Number(units),
            },
        })
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        self.facts.len() * size_of::<Fact>() + self.targets.len() * size_of::<Aim>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_back() {
        let month = Month::new(2015, 4).unwrap();
        let fact = |denominator_hundredths| MeasureFact {
            source: Source { submission: 3, row: 7 },
            measure: 1,
            month,
            partner: 2,
            numerator_hundredths: 5,
            denominator_hundredths,
        };
        let target =
            |value| Target { source: Source::default(), measure: 1, period: Period::Month(month), value };
        let facts = AreaFacts {
            measures: vec![fact(Some(9)), fact(None)],
            targets: [TargetValue::Number(-1), TargetValue::ToBeConfirmed, TargetValue::NotSet]
                .map(target)
                .to_vec(),
            ..AreaFacts::default()
        };
        let kept = MeasureFacts::of(&facts);
        assert!(kept.facts().eq(facts.measures) && kept.targets().eq(facts.targets));
        assert_eq!((size_of::<Fact>(), size_of::<Aim>()), (32, 24));
    }
}
