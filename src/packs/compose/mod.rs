//! A position becomes what a template may use: values, tables and charts, in the field's words.

pub mod figure_id;
pub mod table;
pub mod value;
mod charts;
mod commentary;
mod contract;
pub mod exceptions;
mod fund;
mod headline;
mod measures;
mod no_actual;
mod quality;
mod revisions;
mod scorecard;
mod spark;
mod words;

pub use commentary::CommentaryUsed;
pub use quality::ReturnUsed;
pub use revisions::Restates;
pub use scorecard::{
    month_without, none_reported, none_to_date, of_measures, standing, tolerance, without_last_year,
};
pub use words::Words;

use crate::{
    figures::{agreement::AreaPlan, facts::AreaFacts, position::Position},
    packs::document::{Figure, Sketch},
};
use table::DataTable;

/// Everything that one area's pack is made from.
#[derive(Clone, Copy)]
pub struct PackSource<'a> {
    pub plan: &'a AreaPlan,
    pub facts: &'a AreaFacts,
    pub position: &'a Position,
    /// The returns in force, in the order of their types and names.
    pub returns: &'a [ReturnUsed],
    /// SHA-256 of the plan's edition, in hexadecimal.
    pub plan_sha256: &'a str,
    /// What stands as at the month, in the order in which it is read; none where it was not asked for,
    /// as on pages of figures.
    pub commentary: Option<&'a [CommentaryUsed]>,
    /// What the pack takes the place of; none for a month's first, and on pages of figures.
    pub restates: Option<&'a Restates>,
}

/// Whether the reporting month is the year's last: what was forecast has become what was.
fn is_year_end(source: PackSource<'_>) -> bool {
    source.position.as_at.month_of_financial_year() == 12
}

/// What a template may use.
pub struct Composed<'a> {
    pub words: Words<'a>,
    pub tables: Vec<DataTable<'a>>,
    source: PackSource<'a>,
}

/// Composes the pack of one area.
pub fn compose<'a>(source: PackSource<'a>) -> Composed<'a> {
    let mut tables = Vec::with_capacity(24);
    tables.extend(scorecard::tables(source));
    tables.extend(fund::tables(source));
    tables.extend(contract::tables(source));
    tables.extend(quality::tables(source));
    tables.extend(commentary::table(source));
    let mut composed = Composed { words: Words::of(source), tables, source };
    composed.words.restated = source.restates.map(|restates| revisions::words(&composed, restates));
    composed
}

impl<'a> Composed<'a> {
    /// The table that a template calls `name`.
    pub fn table(&self, name: &str) -> Option<&DataTable<'a>> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The last months of a measure as a sparkline, three years of them at most; none where there is no
    /// such measure.
    pub fn spark(&self, measure: &str) -> Option<Sketch> {
        spark::of_measure(self.source, measure)
    }

    /// What it was composed from.
    pub fn source(&self) -> PackSource<'a> {
        self.source
    }

    /// The chart of this kind, of what `of` names (a measure's id, a segment's); none where there is
    /// no such chart.
    pub fn chart(&self, kind: &str, of: &str) -> Option<Figure> {
        charts::chart(self.source, kind, of)
    }
}
