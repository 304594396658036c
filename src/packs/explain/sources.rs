//! The rows of returns and plan that a figure rests on, in words.

use super::step::{number, whole};
use crate::{
    figures::{
        facts::{CapitationLine, FinanceLine, MeasureFact, ReturnType, Source, Target, TargetValue},
        period::Period,
    },
    packs::compose::{PackSource, ReturnUsed, value::money, value::year_words},
};
use rust_decimal::Decimal;

/// The most rows that an explanation lists at once; it holds and counts them all.
pub const MOST_ROWS_SHOWN: usize = 60;

/// What a figure rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// How many rows there are in all.
    pub count: usize,
    /// All of them, by month.
    pub rows: Vec<SourceRow>,
}

/// One row of a return, or of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// Submission 0 is the plan.
    pub source: Source,
    pub return_type: ReturnType,
    /// The file that was sent; none for a row of the plan, or where the pack does not know its returns.
    pub file: Option<ReturnUsed>,
    /// What the row speaks of: `November 2015`.
    pub period: String,
    /// Of what and whose: `Falls service, Buckinghamshire County Council`.
    pub subject: String,
    /// What it says: `budget £1.00, actual £1.10, forecast £1.00`.
    pub says: String,
}

impl Sources {
    pub(super) fn of(rows: impl IntoIterator<Item = SourceRow>) -> Sources {
        let mut sources = Sources::default();
        sources.add(rows);
        sources
    }

    /// The first rows, as many as are listed at once.
    pub fn first(&self) -> &[SourceRow] {
        &self.rows[..self.rows.len().min(MOST_ROWS_SHOWN)]
    }

    pub(super) fn add(&mut self, rows: impl IntoIterator<Item = SourceRow>) {
        for row in rows {
            self.count += 1;
            self.rows.push(row);
        }
    }
}

pub(super) fn finance(source: PackSource<'_>, line: &FinanceLine) -> SourceRow {
    let actual = line.actual.map_or("no actual".into(), |actual| format!("actual {}", money(actual)));
    SourceRow {
        source: line.source,
        return_type: ReturnType::Finance,
        file: file_of(source, line.source),
        period: line.month.name(),
        subject: format!(
            "{}, {}",
            source.plan.schemes[usize::from(line.scheme)].name,
            source.plan.partners[usize::from(line.partner)].name
        ),
        says: format!("budget {}, {actual}, forecast {}", money(line.budget), money(line.forecast)),
    }
}

pub(super) fn capitation(source: PackSource<'_>, line: &CapitationLine) -> SourceRow {
    SourceRow {
        source: line.source,
        return_type: ReturnType::Capitation,
        file: file_of(source, line.source),
        period: line.month.name(),
        subject: format!(
            "{}, {}",
            source.plan.segments[usize::from(line.segment)].name,
            source.plan.practices[usize::from(line.practice)].name
        ),
        says: format!("{} members, cost {}", whole(i64::from(line.members)), money(line.cost)),
    }
}

pub(super) fn measure(source: PackSource<'_>, fact: &MeasureFact) -> SourceRow {
    let hundredths = |units: i64| number(Decimal::from_i128_with_scale(i128::from(units), 2).normalize());
    let over =
        fact.denominator_hundredths.map_or(String::new(), |units| format!(" of {}", hundredths(units)));
    SourceRow {
        source: fact.source,
        return_type: ReturnType::Measures,
        file: file_of(source, fact.source),
        period: fact.month.name(),
        subject: format!(
            "{}, {}",
            source.plan.measures[usize::from(fact.measure)].name,
            source.plan.partners[usize::from(fact.partner)].name
        ),
        says: format!("{}{over}", hundredths(fact.numerator_hundredths)),
    }
}

pub(super) fn target(source: PackSource<'_>, target: &Target) -> SourceRow {
    SourceRow {
        source: target.source,
        return_type: ReturnType::Targets,
        file: file_of(source, target.source),
        period: match target.period {
            Period::Month(month) => month.name(),
            Period::Quarter(year, quarter) => format!("quarter {quarter} of {}", year_words(year)),
            Period::Year(year) => year_words(year),
        },
        subject: source.plan.measures[usize::from(target.measure)].name.clone(),
        says: match target.value {
            TargetValue::Number(units) => {
                format!("target {}", number(Decimal::from_i128_with_scale(i128::from(units), 4).normalize()))
            }
            TargetValue::ToBeConfirmed => "target to be confirmed".into(),
            TargetValue::NotSet => "no target set".into(),
        },
    }
}

/// What a row of a return says; none where it is not in force.
pub fn row_of(source: PackSource<'_>, at: Source) -> Option<SourceRow> {
    let facts = source.facts;
    let of_measures =
        || facts.measures.iter().find(|fact| fact.source == at).map(|fact| measure(source, fact));
    let of_targets = || facts.targets.iter().find(|fact| fact.source == at).map(|fact| target(source, fact));
    let of_finance = || facts.finance.iter().find(|line| line.source == at).map(|line| finance(source, line));
    let of_capitation =
        || facts.capitation.iter().find(|line| line.source == at).map(|line| capitation(source, line));
    of_measures().or_else(of_targets).or_else(of_finance).or_else(of_capitation)
}

fn file_of(source: PackSource<'_>, of: Source) -> Option<ReturnUsed> {
    source.returns.iter().find(|used| used.submission == of.submission).cloned()
}

/// What a row stands in: a file that was sent, or the plan.
pub fn named_return(row: &SourceRow) -> String {
    match (&row.file, row.source.submission) {
        (Some(file), submission) => format!("{}, submission {submission}", file.file_name),
        (None, 0) => format!("the plan, {}", row.return_type.name()),
        (None, submission) => format!("{}, submission {submission}", row.return_type.name()),
    }
}
