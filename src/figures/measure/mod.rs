//! Measures: monthly values, targets, the year to date, and the scorecard's judgement of each.
//!
//! Source: `figures.md` part 1 A and the workload's specification, section 5.

mod gathered;
mod rag;
mod year_to_date;

pub use gathered::{Gathered, LastMonths};
pub use rag::Rag;
pub use year_to_date::{ActualToDate, YearToDate};

use super::{
    agreement::{AreaPlan, Measure},
    facts::{AreaFacts, MeasureFact, Source, TargetValue},
    fraction::{Fraction, decimal, power_of_ten, round_half_away},
    period::{Month, MonthRange, Period},
    spc::{self, PointJudgement, ScorecardChart, Whole},
};
use rust_decimal::Decimal;

/// Decimals of the whole units in which facts hold targets.
const TARGET_DECIMALS: u32 = 4;
/// Facts hold numerators and denominators in hundredths.
const HUNDREDTHS: i128 = 100;

/// One measure as at one month.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurePosition<Months = Vec<MonthFigure>> {
    /// One for each month of the measures' window; none where only the scorecard is wanted.
    pub months: Months,
    /// The last month that has a value.
    pub latest: Option<Latest>,
    pub year_to_date: YearToDate,
    /// The same months a year before.
    pub last_year_to_date: YearToDate,
    /// Year to date less last year's; none unless both cover as many months.
    pub change: Option<Decimal>,
    /// What was reported to date, with a target or without.
    pub actual: ActualToDate,
    pub chart: ScorecardChart,
    /// What the whole year is meant to reach, held apart from the monthly profile.
    pub annual_target: Option<TargetFigure>,
    /// The monthly profile of the present year, April first: also for months after the measures' window.
    pub profile: [Option<TargetFigure>; 12],
}

/// A measure in one month.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthFigure {
    pub month: Month,
    /// The published value: recomputed from numerator and denominator, rounded once.
    pub value: Option<MonthValue>,
    pub target: Option<TargetFigure>,
    pub rag: Rag,
}

/// A month's value with what it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthValue {
    pub published: Decimal,
    pub numerator_hundredths: i64,
    pub denominator_hundredths: Option<i64>,
    pub source: Source,
}

/// A target is a number, is still to be confirmed, or was left blank on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetFigure {
    Number(Decimal),
    ToBeConfirmed,
    NotSet,
}

impl TargetFigure {
    pub fn number(self) -> Option<Decimal> {
        match self {
            TargetFigure::Number(number) => Some(number),
            TargetFigure::ToBeConfirmed | TargetFigure::NotSet => None,
        }
    }
}

/// The last reported month.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest {
    pub month: Month,
    pub value: Decimal,
    pub target: Option<Decimal>,
    pub rag: Rag,
}

/// Every measure of the area, in the plan's order, as at the end of `as_at`.
///
/// What was reported for months after `as_at` is left aside.
pub fn scorecard(plan: &AreaPlan, facts: &AreaFacts, as_at: Month) -> Vec<MeasurePosition> {
    Grid::gather(plan, facts, as_at).into_iter().map(Grid::position).collect()
}

/// The value published for a numerator over a denominator, both in hundredths, in whole units of
/// `10^-decimals`.
///
/// Rates and ratios are `numerator × multiplier ÷ denominator`; the other kinds are the numerator.
/// A denominator of nought gives none.
pub fn published_units(measure: &Measure, numerator: i64, denominator: Option<i64>) -> Option<i128> {
    let numerator = i128::from(numerator) * power_of_ten(measure.decimals);
    if measure.kind.needs_denominator() {
        let denominator = denominator.filter(|&denominator| denominator > 0)?;
        Some(round_half_away(numerator * i128::from(measure.multiplier), i128::from(denominator)))
    } else {
        Some(round_half_away(numerator, HUNDREDTHS))
    }
}

/// A target as it is published, rounded once to the measure's decimals.
fn published_target(measure: &Measure, value: TargetValue) -> TargetFigure {
    match value {
        TargetValue::Number(units) => {
            TargetFigure::Number(Fraction::scaled(i128::from(units), TARGET_DECIMALS).round(measure.decimals))
        }
        TargetValue::ToBeConfirmed => TargetFigure::ToBeConfirmed,
        TargetValue::NotSet => TargetFigure::NotSet,
    }
}

/// The months of one measure, while they are gathered.
struct Grid<'a> {
    measure: &'a Measure,
    window: MonthRange,
    as_at: Month,
    values: Vec<Option<MonthValue>>,
    targets: Vec<Option<TargetFigure>>,
    annual_target: Option<TargetFigure>,
    profile: [Option<TargetFigure>; 12],
}

impl<'a> Grid<'a> {
    /// Gathers what was reported for the months up to `as_at`, and every target.
    fn gather(plan: &'a AreaPlan, facts: &AreaFacts, as_at: Month) -> Vec<Grid<'a>> {
        let window = plan.windows.measures;
        let mut grids: Vec<Grid> =
            plan.measures.iter().map(|measure| Grid::new(measure, window, as_at)).collect();
        for fact in facts.measures.iter().filter(|fact| fact.month <= as_at) {
            grids[usize::from(fact.measure)].set_value(fact);
        }
        for target in plan.targets.iter().chain(&facts.targets) {
            grids[usize::from(target.measure)].set_target(target.period, target.value);
        }
        grids
    }

    fn new(measure: &'a Measure, window: MonthRange, as_at: Month) -> Grid<'a> {
        let count = window.count();
        Grid {
            measure,
            window,
            as_at,
            values: vec![None; count],
            targets: vec![None; count],
            annual_target: None,
            profile: [None; 12],
        }
    }

    fn set_value(&mut self, fact: &MeasureFact) {
        let units = published_units(self.measure, fact.numerator_hundredths, fact.denominator_hundredths);
        if let (Some(place), Some(units)) = (self.window.position(fact.month), units) {
            self.values[place] = Some(MonthValue {
                published: decimal(units, self.measure.decimals),
                numerator_hundredths: fact.numerator_hundredths,
                denominator_hundredths: fact.denominator_hundredths,
                source: fact.source,
            });
        }
    }

    fn set_target(&mut self, period: Period, value: TargetValue) {
        let figure = published_target(self.measure, value);
        match period {
            Period::Month(month) => {
                if let Some(place) = self.window.position(month) {
                    self.targets[place] = Some(figure);
                }
                if let Some(place) = self.as_at.financial_year().months().position(month) {
                    self.profile[place] = Some(figure);
                }
            }
            Period::Year(year) if year == self.as_at.financial_year() => self.annual_target = Some(figure),
            Period::Year(_) | Period::Quarter(..) => {}
        }
    }

    fn months(&self) -> Vec<MonthFigure> {
        let of_months = self.values.iter().zip(&self.targets);
        let judged = self.window.iter().zip(of_months).map(|(month, (&value, &target))| {
            let number = target.and_then(TargetFigure::number);
            let rag = Rag::judge(self.measure, value.map(|value| value.published), number);
            MonthFigure { month, value, target, rag }
        });
        judged.collect()
    }

    fn position(self) -> MeasurePosition {
        let months = self.months();
        let window = Window { first: self.window.first(), months: &months };
        window.judged(self.measure, self.as_at, self.annual_target, self.profile).with(months)
    }
}

/// A month of a measure in whole units of the measure's last decimal.
trait InUnits {
    type Units: Whole;

    /// The published value; none where nothing was reported.
    fn value(&self) -> Option<Self::Units>;
    /// What the value was made from, in hundredths: numerator, and denominator or nought. Means nothing
    /// where nothing was reported.
    fn made_from(&self) -> (Self::Units, Self::Units);
    /// None where there is no number for a target.
    fn target(&self) -> Option<Self::Units>;
    fn rag(&self) -> Rag;
}

impl InUnits for MonthFigure {
    type Units = i128;

    fn value(&self) -> Option<i128> {
        Some(self.value?.published.mantissa())
    }

    fn made_from(&self) -> (i128, i128) {
        let Some(value) = self.value else { return (0, 0) };
        (value.numerator_hundredths.into(), value.denominator_hundredths.unwrap_or(0).into())
    }

    fn target(&self) -> Option<i128> {
        Some(self.target?.number()?.mantissa())
    }

    fn rag(&self) -> Rag {
        self.rag
    }
}

/// Months that follow each other.
struct Window<'m, M> {
    first: Month,
    months: &'m [M],
}

impl<'m, M: InUnits> Window<'m, M> {
    /// The months from one to another, as far as they are here.
    fn between(&self, first: Month, last: Month) -> &'m [M] {
        let place = |month: Month| month.since(self.first).clamp(0, self.months.len() as i32) as usize;
        &self.months[place(first)..place(last.plus(1))]
    }

    /// Month after month from one on, without end; none where it is not here.
    fn from(&self, first: Month) -> impl Iterator<Item = Option<&'m M>> {
        let months = self.months;
        (first.since(self.first)..).map(move |place| months.get(usize::try_from(place).ok()?))
    }

    fn year_to(&self, month: Month) -> &'m [M] {
        self.between(month.financial_year().first_month(), month)
    }

    /// The measure as at a month; what was reported for months after it is left aside.
    fn judged(
        &self,
        measure: &Measure,
        as_at: Month,
        annual_target: Option<TargetFigure>,
        profile: [Option<TargetFigure>; 12],
    ) -> MeasurePosition<()> {
        let reported = self.between(self.first, as_at);
        let number = |units: i128| decimal(units, measure.decimals);
        let latest = reported.iter().enumerate().rev().find_map(|(place, month)| {
            Some(Latest {
                month: self.first.plus(place as i32),
                value: number(month.value()?.into()),
                target: month.target().map(|target| number(target.into())),
                rag: month.rag(),
            })
        });

        let year_to_date = YearToDate::over(measure, self.year_to(as_at));
        let last_year_to_date = YearToDate::over(measure, self.year_to(as_at.year_before()));
        let change = match (year_to_date.value, last_year_to_date.value) {
            (Some(now), Some(then)) if year_to_date.months == last_year_to_date.months => Some(now - then),
            (Some(_) | None, Some(_) | None) => None,
        };
        let actual = match (year_to_date.value, last_year_to_date.value) {
            (Some(value), Some(before)) => {
                ActualToDate { value: Some(value), last_year: Some(before), change }
            }
            (Some(_) | None, Some(_) | None) => self.actual(measure, as_at, &year_to_date),
        };

        let mut units = Vec::with_capacity(reported.len());
        units.extend(reported.iter().map(InUnits::value).filter(Option::is_some));
        let target = latest.as_ref().and_then(|latest| latest.target).map(Fraction::from);
        let chart = spc::scorecard_chart(&units, measure.decimals, measure.better, target);
        MeasurePosition {
            months: (),
            latest,
            year_to_date,
            last_year_to_date,
            change,
            actual,
            chart,
            annual_target,
            profile,
        }
    }

    /// The actual to date, and that of the same months a year before.
    fn actual(&self, measure: &Measure, as_at: Month, year_to_date: &YearToDate) -> ActualToDate {
        let first = as_at.financial_year().first_month();
        let count = as_at.month_of_financial_year() as usize;
        let months = self.from(first).zip(self.from(first.year_before())).take(count);
        ActualToDate::over(measure, months, year_to_date.months > 0)
    }
}

impl MeasurePosition {
    /// What is special about each value of the process chart, in the order of the months that have one.
    pub fn points(&self) -> Vec<PointJudgement> {
        let values: Vec<_> = self.months.iter().map(InUnits::value).filter(Option::is_some).collect();
        self.chart.judged(&values)
    }
}

impl<Months> MeasurePosition<Months> {
    /// The same with other months.
    pub fn with<Other>(self, months: Other) -> MeasurePosition<Other> {
        MeasurePosition {
            months,
            latest: self.latest,
            year_to_date: self.year_to_date,
            last_year_to_date: self.last_year_to_date,
            change: self.change,
            actual: self.actual,
            chart: self.chart,
            annual_target: self.annual_target,
            profile: self.profile,
        }
    }
}
