//! An area's measures month by month, gathered from their facts once: in little memory, for they are kept
//! of many areas, and soon worked out as at any month.
//!
//! What the scorecard does not show is left out: who sent a fact, and the row that it came from.

use super::{Grid, InUnits, MeasurePosition, MonthFigure, Rag, TargetFigure, Window, published_target};
use crate::figures::{
    agreement::{AreaPlan, Measure},
    facts::AreaFacts,
    fraction::decimal,
    period::{FinancialYear, Month, Period},
    spc::Whole,
};

/// The months of an area's measures.
pub struct Gathered {
    months: Months,
    /// The monthly targets beside the window, and those of whole years, by measure.
    further_targets: Box<[Further]>,
}

/// A target that is not of a month of the window.
struct Further {
    /// The measure's place in the plan.
    measure: u16,
    period: Period,
    target: TargetFigure,
}

/// One after another, the months of each measure's window, each with whatever was reported for it, however
/// late: in numbers of the size that the area needs. Most areas' are small.
enum Months {
    Small(Box<[Compact<i32>]>),
    Medium(Box<[Compact<i64>]>),
    Large(Box<[Compact<i128>]>),
}

/// A month's figure in whole units of the measure's last decimal.
struct Compact<N> {
    /// Nought where nothing was reported.
    value: N,
    /// In hundredths.
    numerator: N,
    /// In hundredths; nought for none.
    denominator: N,
    /// Nought where there is no number.
    target: N,
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

/// The published values of the thirteen months up to the reporting month, which is the last, in whole units
/// of the measure's last decimal; none where nothing was reported.
pub type LastMonths = [Option<i128>; 13];

impl Gathered {
    pub fn of(plan: &AreaPlan, facts: &AreaFacts) -> Gathered {
        let window = plan.windows.measures;
        let further = plan.targets.iter().chain(&facts.targets).filter(|target| match target.period {
            Period::Month(month) => !window.contains(month),
            Period::Year(_) => true,
            Period::Quarter(..) => false,
        });
        let mut further_targets: Vec<Further> = further
            .map(|target| Further {
                measure: target.measure,
                period: target.period,
                target: published_target(&plan.measures[usize::from(target.measure)], target.value),
            })
            .collect();
        // Of targets for the same period the later counts, so that their order stays.
        further_targets.sort_by_key(|further| further.measure);
        let figures: Vec<MonthFigure> =
            Grid::gather(plan, facts, window.last()).iter().flat_map(Grid::months).collect();
        Gathered { months: Months::of(&figures), further_targets: further_targets.into() }
    }

    /// The scorecard as at a month: as [`scorecard`](super::scorecard) works it out of the facts, without
    /// the months.
    pub fn scorecard(&self, plan: &AreaPlan, as_at: Month) -> Vec<MeasurePosition<()>> {
        match &self.months {
            Months::Small(months) => self.scorecard_of(months, plan, as_at),
            Months::Medium(months) => self.scorecard_of(months, plan, as_at),
            Months::Large(months) => self.scorecard_of(months, plan, as_at),
        }
    }

    fn scorecard_of<N: Whole>(
        &self,
        months: &[Compact<N>],
        plan: &AreaPlan,
        as_at: Month,
    ) -> Vec<MeasurePosition<()>> {
        let window = plan.windows.measures;
        let mut further = &*self.further_targets;
        let of_measures = plan.measures.iter().zip(months.chunks(window.count()));
        let positions = of_measures.zip(0..).map(|((measure, months), place)| {
            let own = further.iter().take_while(|target| target.measure == place).count();
            let (own, of_others) = further.split_at(own);
            further = of_others;
            let months = Window { first: window.first(), months };
            let (annual_target, profile) = targets(measure, &months, own, as_at.financial_year());
            months.judged(measure, as_at, annual_target, profile)
        });
        positions.collect()
    }

    /// What was published of a measure, which is given by its place in the plan.
    pub fn last_months(&self, plan: &AreaPlan, measure: usize, as_at: Month) -> LastMonths {
        match &self.months {
            Months::Small(months) => last_months(months, plan, measure, as_at),
            Months::Medium(months) => last_months(months, plan, measure, as_at),
            Months::Large(months) => last_months(months, plan, measure, as_at),
        }
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        let months = match &self.months {
            Months::Small(months) => size_of_val(&**months),
            Months::Medium(months) => size_of_val(&**months),
            Months::Large(months) => size_of_val(&**months),
        };
        months + size_of_val(&*self.further_targets)
    }
}

/// A measure's target for a whole year and those of its months.
fn targets<N: Whole>(
    measure: &Measure,
    months: &Window<'_, Compact<N>>,
    further: &[Further],
    year: FinancialYear,
) -> (Option<TargetFigure>, [Option<TargetFigure>; 12]) {
    let mut profile = [None; 12];
    for (target, month) in profile.iter_mut().zip(months.from(year.first_month())) {
        *target = month.and_then(|month| month.target_figure(measure));
    }
    let mut annual_target = None;
    for &Further { period, target, .. } in further {
        match period {
            Period::Month(month) => {
                if let Some(place) = year.months().position(month) {
                    profile[place] = Some(target);
                }
            }
            Period::Year(of) if of == year => annual_target = Some(target),
            Period::Year(_) | Period::Quarter(..) => {}
        }
    }
    (annual_target, profile)
}

fn last_months<N: Whole>(months: &[Compact<N>], plan: &AreaPlan, measure: usize, as_at: Month) -> LastMonths {
    let window = plan.windows.measures;
    let count = window.count();
    let of_measure = Window { first: window.first(), months: &months[measure * count..][..count] };
    let mut last = LastMonths::default();
    let first = as_at.plus(1 - last.len() as i32);
    for (value, month) in last.iter_mut().zip(of_measure.from(first)) {
        *value = month.and_then(InUnits::value).map(N::into);
    }
    last
}

impl Months {
    fn of(figures: &[MonthFigure]) -> Months {
        let all = figures.iter().flat_map(|figure| {
            let (numerator, denominator) = figure.made_from();
            let target = figure.target().unwrap_or(0);
            [figure.value().unwrap_or(0), numerator, denominator, target]
        });
        let largest = all.map(i128::abs).max().unwrap_or(0);
        if largest <= i32::LARGEST {
            Months::Small(figures.iter().map(Compact::of).collect())
        } else if largest <= i64::LARGEST {
            Months::Medium(figures.iter().map(Compact::of).collect())
        } else {
            Months::Large(figures.iter().map(Compact::of).collect())
        }
    }
}

impl<N: Whole> Compact<N> {
    /// A figure whose numbers are not too large.
    fn of(figure: &MonthFigure) -> Compact<N> {
        let (numerator, denominator) = figure.made_from();
        let target_is = match figure.target {
            Some(TargetFigure::Number(_)) => TargetIs::Number,
            Some(TargetFigure::ToBeConfirmed) => TargetIs::ToBeConfirmed,
            Some(TargetFigure::NotSet) => TargetIs::NotSet,
            None => TargetIs::None,
        };
        Compact {
            value: N::nearest(figure.value().unwrap_or(0)),
            numerator: N::nearest(numerator),
            denominator: N::nearest(denominator),
            target: N::nearest(figure.target().unwrap_or(0)),
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

    fn made_from(&self) -> (N, N) {
        (self.numerator, self.denominator)
    }

    fn target(&self) -> Option<N> {
        match self.target_is {
            TargetIs::Number => Some(self.target),
            TargetIs::None | TargetIs::ToBeConfirmed | TargetIs::NotSet => None,
        }
    }

    fn rag(&self) -> Rag {
        self.rag
    }
}
