//! One measure of the scorecard, and the months and rows that its figures rest on.

use crate::{
    figures::{
        agreement::Measure,
        facts::{MeasureFact, Target},
        measure::{MeasurePosition, MonthFigure, TargetFigure},
        period::{Month, Period},
    },
    packs::{
        compose::{
            PackSource,
            figure_id::Located,
            value::{State, Value},
        },
        explain::{
            named,
            sources::{self, Sources},
            step::Input,
        },
    },
};
use rust_decimal::Decimal;

/// One measure of the scorecard.
#[derive(Clone, Copy)]
pub struct Card<'a> {
    pub source: PackSource<'a>,
    pub index: usize,
    pub measure: &'a Measure,
    pub position: &'a MeasurePosition,
}

impl<'a> Card<'a> {
    pub fn of(source: PackSource<'a>, at: &Located<'_, '_>) -> Option<Card<'a>> {
        let id = named(at, "measure_id");
        let index = source.plan.measures.iter().position(|measure| measure.id == id)?;
        Some(Card {
            source,
            index,
            measure: &source.plan.measures[index],
            position: &source.position.scorecard[index],
        })
    }

    pub fn id(&self) -> &'a str {
        &self.measure.id
    }

    /// A figure of the scorecard.
    pub fn input(&self, name: &str, value: Value<'static>, field: &str) -> Input {
        Input::figure(name, value, "scorecard", &[self.id()], field)
    }

    /// A figure of one month.
    pub fn month_input(
        &self,
        name: impl Into<String>,
        month: Month,
        value: Value<'static>,
        field: &str,
    ) -> Input {
        Input::figure(name, value, "measure_months", &[self.id(), &month.to_string()], field)
    }

    /// Where the plan says this of the measure.
    pub fn place(&self, column: &str) -> String {
        format!("measures: {}, {column}", self.id())
    }

    pub fn facts(&self, counts: impl Fn(Month) -> bool) -> impl Iterator<Item = &'a MeasureFact> {
        let mut facts: Vec<&MeasureFact> = self
            .source
            .facts
            .measures
            .iter()
            .filter(|fact| {
                usize::from(fact.measure) == self.index
                    && fact.month <= self.source.position.as_at
                    && counts(fact.month)
            })
            .collect();
        facts.sort_by_key(|fact| fact.month);
        facts.into_iter()
    }

    pub fn targets(&self, counts: impl Fn(Period) -> bool) -> impl Iterator<Item = &'a Target> {
        let mut targets: Vec<&Target> = self
            .source
            .plan
            .targets
            .iter()
            .chain(&self.source.facts.targets)
            .filter(|target| usize::from(target.measure) == self.index && counts(target.period))
            .collect();
        targets.sort_by_key(|target| target.period);
        targets.into_iter()
    }

    /// The months of a year to `as_at` that have both a value and a target.
    pub fn counting(&self, as_at: Month) -> Vec<Counted<'a>> {
        self.year_to(as_at)
            .filter_map(|figure| {
                let TargetFigure::Number(target) = figure.target? else { return None };
                Some(Counted { target, ..counted(figure)? })
            })
            .collect()
    }

    /// The months of the year to date that its actual counts: those with both a value and a target; where
    /// there are none, those with a value.
    pub fn counting_actual(&self) -> Vec<Counted<'a>> {
        let as_at = self.source.position.as_at;
        let judged = self.counting(as_at);
        if judged.is_empty() { self.year_to(as_at).filter_map(counted).collect() } else { judged }
    }

    /// The months of last year that stand beside `months`; what was not reported is left out.
    pub fn year_before(&self, months: &[Counted<'_>]) -> Vec<Counted<'a>> {
        let before: Vec<Month> = months.iter().map(|month| month.figure.month.year_before()).collect();
        let figures = self.position.months.iter().filter(|figure| before.contains(&figure.month));
        figures.filter_map(counted).collect()
    }

    fn year_to(&self, as_at: Month) -> impl Iterator<Item = &'a MonthFigure> + use<'a> {
        let months = self.position.months.iter();
        months.filter(move |figure| {
            figure.month.financial_year() == as_at.financial_year() && figure.month <= as_at
        })
    }

    pub fn sources(&self, counts: impl Fn(Month) -> bool, with_targets: bool) -> Sources {
        let mut sources = Sources::of(self.facts(&counts).map(|fact| sources::measure(self.source, fact)));
        if with_targets {
            let in_months = |period| matches!(period, Period::Month(month) if counts(month));
            sources.add(self.targets(in_months).map(|target| sources::target(self.source, target)));
        }
        sources
    }
}

/// A month that counts in a year to date.
pub struct Counted<'a> {
    pub figure: &'a MonthFigure,
    pub published: Decimal,
    pub numerator: Decimal,
    pub denominator: Decimal,
    /// Nought where it is not looked at.
    pub target: Decimal,
}

/// A month as it counts by its value; none where it has none.
fn counted(figure: &MonthFigure) -> Option<Counted<'_>> {
    let value = figure.value?;
    Some(Counted {
        figure,
        published: value.published,
        numerator: hundredths(value.numerator_hundredths),
        denominator: value.denominator_hundredths.map_or(Decimal::ZERO, hundredths),
        target: Decimal::ZERO,
    })
}

pub fn hundredths(units: i64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(units), 2).normalize()
}

/// What a measure's year to date to `as_at` rests on.
pub fn sources_to_date(source: PackSource<'_>, measure: usize, as_at: Month) -> Sources {
    let card = Card {
        source,
        index: measure,
        measure: &source.plan.measures[measure],
        position: &source.position.scorecard[measure],
    };
    card.sources(|month| month.financial_year() == as_at.financial_year() && month <= as_at, true)
}

/// The target to date as the scorecard shows it: a number, or why there is none.
pub fn target_to_date(source: PackSource<'_>, measure: usize) -> Value<'static> {
    let position = &source.position.scorecard[measure];
    Value::number(position.year_to_date.target, no_target(position))
}

pub fn no_target(position: &MeasurePosition) -> State {
    let mut targets = position.profile.iter().chain([&position.annual_target]).flatten();
    if targets.any(|target| *target == TargetFigure::ToBeConfirmed) {
        State::ToBeConfirmed
    } else {
        State::NoTarget
    }
}
