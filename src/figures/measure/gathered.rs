//! An area's measures month by month, gathered from their facts once: in little memory, for they are kept
//! of many areas, and soon worked out as at any month.
//!
//! What the scorecard does not show is left out: who sent a fact, and the row that it came from.

use super::{
    Grid, InUnits, MeasurePosition, MonthFigure, Rag, TargetFigure, UnitsOfMonth, Window, published_target,
};
use crate::figures::{
    agreement::{AreaPlan, Measure},
    facts::AreaFacts,
    fraction::decimal,
    period::{FinancialYear, Month, Period},
};
use std::mem::size_of;

/// The months of an area's measures, in the plan's order.
pub struct Gathered(Box<[Months]>);

/// The published values of the thirteen months up to the reporting month, which is the last, in whole units
/// of the measure's last decimal; none where nothing was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMonths(pub [Option<i128>; LastMonths::COUNT]);

/// The months of a measure.
struct Months {
    /// Of the measures' window, each with whatever was reported for it, however late.
    of_window: Box<[Compact]>,
    /// The monthly targets beside the window, and those of whole years.
    further_targets: Box<[(Period, TargetFigure)]>,
}

/// A month's figure in whole units of the measure's last decimal.
struct Compact {
    /// [`NO_VALUE`] for none.
    value: i128,
    numerator: i64,
    /// [`NONE`] for none.
    denominator: i64,
    /// [`NONE`], [`TO_BE_CONFIRMED`] or [`NOT_SET`] for no number.
    target: i64,
    rag: Rag,
}

// Far beyond what a return may say, and below every number.
const NO_VALUE: i128 = i128::MIN;
const NONE: i64 = i64::MIN;
const TO_BE_CONFIRMED: i64 = i64::MIN + 1;
const NOT_SET: i64 = i64::MIN + 2;

impl Gathered {
    pub fn of(plan: &AreaPlan, facts: &AreaFacts) -> Gathered {
        let window = plan.windows.measures;
        let mut further: Vec<Vec<(Period, TargetFigure)>> = vec![Vec::new(); plan.measures.len()];
        for target in plan.targets.iter().chain(&facts.targets) {
            let is_further = match target.period {
                Period::Month(month) => !window.contains(month),
                Period::Year(_) => true,
                Period::Quarter(..) => false,
            };
            if is_further {
                let measure = usize::from(target.measure);
                let figure = published_target(&plan.measures[measure], target.value);
                further[measure].push((target.period, figure));
            }
        }
        let grids = Grid::gather(plan, facts, window.last());
        let of_measures = grids.into_iter().zip(further).map(|(grid, further)| Months {
            of_window: grid.months().iter().map(Compact::of).collect(),
            further_targets: further.into(),
        });
        Gathered(of_measures.collect())
    }

    /// The scorecard as at a month: as [`scorecard`](super::scorecard) works it out of the facts.
    pub fn scorecard(&self, plan: &AreaPlan, as_at: Month) -> Vec<MeasurePosition<LastMonths>> {
        let of_measures = plan.measures.iter().zip(&self.0);
        of_measures.map(|(measure, months)| months.position(plan, measure, as_at)).collect()
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        let of_months = |months: &Months| {
            size_of::<Months>() + size_of_val(&*months.of_window) + size_of_val(&*months.further_targets)
        };
        self.0.iter().map(of_months).sum()
    }
}

impl Months {
    fn position(&self, plan: &AreaPlan, measure: &Measure, as_at: Month) -> MeasurePosition<LastMonths> {
        let window = plan.windows.measures;
        let of_window = Window { first: window.first(), months: &self.of_window };
        let year: FinancialYear = as_at.financial_year();
        let profile_of = |month| self.of_window[window.position(month)?].target_figure(measure);
        let mut profile = [None; 12];
        for (target, month) in profile.iter_mut().zip(year.months().iter()) {
            *target = profile_of(month);
        }
        let mut annual_target = None;
        for (period, target) in &self.further_targets {
            match period {
                Period::Month(month) => {
                    if let Some(place) = year.months().position(*month) {
                        profile[place] = Some(*target);
                    }
                }
                Period::Year(of) if *of == year => annual_target = Some(*target),
                Period::Year(_) | Period::Quarter(..) => {}
            }
        }
        let mut last = LastMonths([None; LastMonths::COUNT]);
        for (back, value) in last.0.iter_mut().rev().enumerate() {
            let place = window.position(as_at.plus(-(back as i32)));
            *value = place.and_then(|place| Some(self.of_window[place].value()?.published));
        }
        of_window.judged(measure, as_at, annual_target, profile).with(last)
    }
}

impl LastMonths {
    pub const COUNT: usize = 13;
}

impl InUnits for Compact {
    fn value(&self) -> Option<UnitsOfMonth> {
        (self.value != NO_VALUE).then_some(UnitsOfMonth {
            published: self.value,
            numerator_hundredths: self.numerator,
            denominator_hundredths: (self.denominator != NONE).then_some(self.denominator),
        })
    }

    fn target(&self) -> Option<i128> {
        (self.target > NOT_SET).then_some(i128::from(self.target))
    }

    fn rag(&self) -> Rag {
        self.rag
    }
}

impl Compact {
    fn of(figure: &MonthFigure) -> Compact {
        let value = figure.value;
        Compact {
            value: value.map_or(NO_VALUE, |value| value.published.mantissa()),
            numerator: value.map_or(0, |value| value.numerator_hundredths),
            denominator: value.and_then(|value| value.denominator_hundredths).unwrap_or(NONE),
            target: match figure.target {
                Some(TargetFigure::Number(target)) => {
                    target.mantissa().try_into().expect("a target has sixteen digits at most")
                }
                Some(TargetFigure::ToBeConfirmed) => TO_BE_CONFIRMED,
                Some(TargetFigure::NotSet) => NOT_SET,
                None => NONE,
            },
            rag: figure.rag,
        }
    }

    fn target_figure(&self, measure: &Measure) -> Option<TargetFigure> {
        match self.target {
            NONE => None,
            TO_BE_CONFIRMED => Some(TargetFigure::ToBeConfirmed),
            NOT_SET => Some(TargetFigure::NotSet),
            units => Some(TargetFigure::Number(decimal(units.into(), measure.decimals))),
        }
    }
}
