//! A measure's months as a sparkline, with what it shows in words.

use super::{PackSource, headline, value::status_of};
use crate::packs::{
    chart::spark::{self, Spark},
    document::{Ink, Sketch},
};
use rust_decimal::prelude::ToPrimitive;

/// The most months that a sparkline shows: three years.
const MOST_MONTHS: usize = 36;

/// The last months of a measure to the reporting month; none where there is no such measure.
pub fn of_measure(source: PackSource<'_>, id: &str) -> Option<Sketch> {
    let index = source.plan.measures.iter().position(|measure| measure.id == id)?;
    let (position, as_at) = (&source.position.scorecard[index], source.position.as_at);
    let until = position.months.partition_point(|figure| figure.month <= as_at);
    let shown = &position.months[until.saturating_sub(MOST_MONTHS)..until];
    let (mut values, mut targets) = (Vec::with_capacity(shown.len()), Vec::with_capacity(shown.len()));
    for figure in shown {
        values.push(figure.value.and_then(|value| value.published.to_f64()));
        targets.push(figure.target.and_then(|target| target.number()).and_then(|target| target.to_f64()));
    }
    let rag = position.latest.as_ref().map(|latest| latest.rag);
    let last = rag.map_or(Ink::Actual, |rag| status_of(rag).ink());
    Some(Sketch {
        drawing: spark::draw(&Spark { values: &values, targets: &targets, last }, spark::SIZE),
        alternative: headline::of_process_chart(&source.plan.measures[index], position, as_at),
    })
}
