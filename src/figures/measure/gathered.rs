//! An area's measures month by month, gathered from their facts once: in little memory, for they are kept
//! of many areas, and soon worked out as at any month.
//!
//! What the scorecard does not show is left out: who sent a fact, and the row that it came from.

use super::{
    Grid, InUnits, MeasurePosition, MonthFigure, Rag, TargetFigure, Window, published_target, whole_target,
};
use crate::figures::{
    agreement::{AreaPlan, Measure},
    facts::AreaFacts,
    fraction::decimal,
    period::{FinancialYear, Month, Period},
    spc::Whole,
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
    of_window: OfWindow,
    /// The monthly targets beside the window, and those of whole years.
    further_targets: Box<[(Period, TargetFigure)]>,
}

/// In numbers of the size that a measure needs: all but every one has small values.
enum OfWindow {
    Small(Box<[Compact<i64>]>),
    Large(Box<[Compact<i128>]>),
}

/// A small value leaves room for what is worked out with it.
const MOST_OF_SMALL: i128 = 1 << 60;

/// A month's figure in whole units of the measure's last decimal.
struct Compact<N> {
    /// Nought where nothing was reported.
    value: N,
    numerator: i64,
    /// Nought for none.
    denominator: i64,
    /// Nought where there is no number.
    target: i64,
    is_reported: bool,
    target_is: TargetIs,
    rag: Rag,
}

#[derive(Clone, Copy)]
enum TargetIs {
    None,
    Number,
    ToBeConfirmed,
    NotSet,
}

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
            of_window: OfWindow::of(&grid.months()),
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
            let of_window = match &months.of_window {
                OfWindow::Small(months) => size_of_val(&**months),
                OfWindow::Large(months) => size_of_val(&**months),
            };
            size_of::<Months>() + of_window + size_of_val(&*months.further_targets)
        };
        self.0.iter().map(of_months).sum()
    }
}

impl OfWindow {
    fn of(figures: &[MonthFigure]) -> OfWindow {
        let values = || figures.iter().filter_map(InUnits::value);
        if values().all(|value| value.abs() <= MOST_OF_SMALL) {
            OfWindow::Small(figures.iter().map(Compact::of).collect())
        } else {
            OfWindow::Large(figures.iter().map(Compact::of).collect())
        }
    }
}

impl Months {
    fn position(&self, plan: &AreaPlan, measure: &Measure, as_at: Month) -> MeasurePosition<LastMonths> {
        match &self.of_window {
            OfWindow::Small(months) => self.position_of(months, plan, measure, as_at),
            OfWindow::Large(months) => self.position_of(months, plan, measure, as_at),
        }
    }

    fn position_of<N: Whole>(
        &self,
        months: &[Compact<N>],
        plan: &AreaPlan,
        measure: &Measure,
        as_at: Month,
    ) -> MeasurePosition<LastMonths> {
        let window = plan.windows.measures;
        let at = |month: Month| window.position(month).map(|place| &months[place]);
        let year: FinancialYear = as_at.financial_year();
        let mut profile = [None; 12];
        for (target, month) in profile.iter_mut().zip(year.months().iter()) {
            *target = at(month).and_then(|month| month.target_figure(measure));
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
        for (value, back) in last.0.iter_mut().rev().zip(0..) {
            *value = at(as_at.plus(-back)).and_then(InUnits::value).map(N::into);
        }
        let of_window = Window { first: window.first(), months };
        of_window.judged(measure, as_at, annual_target, profile).with(last)
    }
}

impl LastMonths {
    pub const COUNT: usize = 13;
}

impl<N: Whole> Compact<N> {
    fn of(figure: &MonthFigure) -> Compact<N> {
        let (numerator, denominator) = figure.made_from();
        let (target, target_is) = match figure.target {
            Some(TargetFigure::Number(target)) => (whole_target(target), TargetIs::Number),
            Some(TargetFigure::ToBeConfirmed) => (0, TargetIs::ToBeConfirmed),
            Some(TargetFigure::NotSet) => (0, TargetIs::NotSet),
            None => (0, TargetIs::None),
        };
        Compact {
            value: N::nearest(figure.value().unwrap_or(0)),
            numerator,
            denominator,
            target,
            is_reported: figure.value.is_some(),
            target_is,
            rag: figure.rag,
        }
    }

    fn target_figure(&self, measure: &Measure) -> Option<TargetFigure> {
        match self.target_is {
            TargetIs::None => None,
            TargetIs::Number => Some(TargetFigure::Number(decimal(self.target.into(), measure.decimals))),
            TargetIs::ToBeConfirmed => Some(TargetFigure::ToBeConfirmed),
            TargetIs::NotSet => Some(TargetFigure::NotSet),
        }
    }
}

impl<N: Whole> InUnits for Compact<N> {
    type Units = N;

    fn value(&self) -> Option<N> {
        self.is_reported.then_some(self.value)
    }

    fn made_from(&self) -> (i64, i64) {
        (self.numerator, self.denominator)
    }

    fn target(&self) -> Option<i64> {
        match self.target_is {
            TargetIs::Number => Some(self.target),
            TargetIs::None | TargetIs::ToBeConfirmed | TargetIs::NotSet => None,
        }
    }

    fn rag(&self) -> Rag {
        self.rag
    }
}
