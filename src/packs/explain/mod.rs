//! How any figure of a pack was worked out: what it is, the steps, and the rows that it rests on.
//!
//! A figure is asked for by its id. The steps do the sums anew from the facts and the agreement, with the
//! numbers of the case, and the last of them comes to the figure that the pack shows; a test holds
//! this for every figure of the example. Where a step takes another figure of the pack, it gives its
//! id, so that a reader can go on.
//!
//! Asking stores nothing and draws nothing.

mod bands;
mod charting;
mod contract;
mod drawn;
mod fund;
mod fund_tables;
mod incentive;
mod json;
mod quality;
mod scorecard;
mod sources;
mod step;
#[cfg(test)]
mod tests;

pub use sources::{MOST_ROWS_SHOWN, SourceRow, Sources, named_return, row_of};
pub use step::{Input, Step};

use super::compose::{Composed, PackSource, compose, figure_id::Located, value::Value};
use std::collections::BTreeSet;

/// One figure, and how it was worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The figure's id.
    pub figure: String,
    /// The name of its table, such as `schemes`.
    pub table: &'static str,
    /// What the table holds, in a sentence.
    pub title: String,
    /// Its row in words, such as `Falls service`.
    pub row: String,
    /// Its column in words, such as `Outturn`.
    pub column: String,
    /// What the column is.
    pub meaning: &'static str,
    pub value: Value<'static>,
    /// In order; the last gives the value. Empty where the table alone says what the figure is.
    pub steps: Vec<Step>,
    /// What partners sent and the plan set that the figure rests on.
    pub sources: Sources,
}

impl Explanation {
    /// The figures of the pack that this one is made from, each once, in the order of the steps.
    pub fn made_from(&self) -> Vec<&Input> {
        let mut met = BTreeSet::new();
        let inputs = self.steps.iter().flat_map(|step| &step.inputs);
        inputs.filter(|input| input.figure.as_ref().is_some_and(|figure| met.insert(figure))).collect()
    }
}

/// Explains a figure of the pack that `source` gives; none where the pack has no such figure.
pub fn explain(source: PackSource<'_>, figure: &str) -> Option<Explanation> {
    explain_in(&compose(source), figure)
}

/// Explains a figure of a pack that is composed already.
pub fn explain_in(composed: &Composed<'_>, figure: &str) -> Option<Explanation> {
    let located = composed.figure(figure)?;
    let worked = worked(composed.source(), &located).unwrap_or_default();
    Some(Explanation {
        figure: figure.to_owned(),
        table: located.table.name,
        title: located.table.title.clone(),
        row: composed.row_words(&located),
        column: located.field.words(),
        meaning: located.field.meaning,
        value: located.value.clone().into_owned(),
        steps: worked.steps,
        sources: worked.sources,
    })
}

/// The steps of a figure and what they rest on.
#[derive(Default)]
struct Worked {
    steps: Vec<Step>,
    sources: Sources,
}

/// Where the steps of each table's figures are known.
fn worked(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    match at.table.name {
        "scorecard" | "off_plan" => scorecard::of_measure(source, at),
        "scorecard_months" => scorecard::of_line(source, at),
        "measure_months" => scorecard::of_month(source, at),
        "partners" | "pools" | "schemes" | "overspends" => fund::of_line(source, at),
        "variances" => fund_tables::of_variance(source, at),
        "fund_history" => fund_tables::of_history(source, at),
        "fund_months" => fund_tables::of_month(source, at),
        "risk_share" => bands::of_risk_share(source, at),
        "settlement" => bands::of_settlement(source, at),
        "corridor" => bands::of_corridor(source, at),
        "segments" => contract::of_segment(source, at),
        "practices" => contract::of_practice(source, at),
        "capitation_months" => contract::of_month(source, at),
        "incentive" => incentive::of_kpi(source, at),
        "quality" => quality::of_return(source, at),
        _ => None,
    }
}

/// What a text field of the figure's row says; empty where it says nothing.
fn named<'t>(at: &Located<'t, '_>, field: &str) -> std::borrow::Cow<'t, str> {
    at.table.field_index(field).map_or("".into(), |field| at.row.values[field].plain())
}
