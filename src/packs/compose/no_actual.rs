//! Forecasts that count as spend: months that have closed, for which a partner gave no actual.
//!
//! The contract counts the forecast there (`figures.md` part 1 B). A pack says so wherever such a sum is
//! called spend, and marks the sum with `[f]`, the mark of the Government Statistical Service for a
//! forecast.

use super::{
    PackSource,
    table::{DataTable, Said},
    value::{money, pounds},
};
use crate::figures::{facts::FinanceLine, money::Pence, period::Month};
use serde::Serialize;

/// Stands after a sum that holds a forecast.
const MARK: &str = "[f]";
/// More partners than these are counted, not named.
const MOST_NAMED: usize = 3;
/// How many rows a pack lists.
const MOST_LISTED: usize = 20;

/// A forecast that counts as spend, for a pack's list of them.
#[derive(Serialize)]
pub struct NoActual<'a> {
    pub partner: &'a str,
    pub scheme: &'a str,
    /// `November 2015`
    pub month: String,
    pub forecast: String,
}

/// The lines of the reporting year's closed months that have no actual, and something in its place.
pub fn lines<'a>(source: PackSource<'a>) -> Vec<&'a FinanceLine> {
    let as_at = source.position.as_at;
    let year = as_at.financial_year();
    let is_one = |line: &&FinanceLine| {
        line.actual.is_none()
            && line.month <= as_at
            && line.month.financial_year() == year
            && source.plan.windows.finance.contains(line.month)
            && (line.forecast != Pence::ZERO || line.budget != Pence::ZERO)
    };
    source.facts.finance.iter().filter(is_one).collect()
}

/// The lines as a pack lists them, and how many more there are.
pub fn listed<'a>(source: PackSource<'a>, lines: &[&FinanceLine]) -> (Vec<NoActual<'a>>, usize) {
    let shown = lines.iter().take(MOST_LISTED).map(|line| NoActual {
        partner: &source.plan.partners[usize::from(line.partner)].name,
        scheme: &source.plan.schemes[usize::from(line.scheme)].name,
        month: line.month.name(),
        forecast: money(line.forecast),
    });
    (shown.collect(), lines.len().saturating_sub(MOST_LISTED))
}

/// `£24,700 of it forecast: British Red Cross`; empty where every line has its actual.
pub fn told(source: PackSource<'_>, lines: &[&FinanceLine]) -> String {
    match amount_and_partners(source, lines) {
        Some((amount, who)) => format!("{amount} of it forecast: {who}"),
        None => String::new(),
    }
}

/// `of the fund’s spend to date £24,700 is forecast: British Red Cross`, for where a table's rows have
/// marks of their own; empty where every line has its actual.
pub fn told_of_all(source: PackSource<'_>, lines: &[&FinanceLine]) -> String {
    match amount_and_partners(source, lines) {
        Some((amount, who)) => format!("of the fund’s spend to date {amount} is forecast: {who}"),
        None => String::new(),
    }
}

/// How much the lines are forecast to be, and whose they are; none where there are none.
fn amount_and_partners(source: PackSource<'_>, lines: &[&FinanceLine]) -> Option<(String, String)> {
    if lines.is_empty() {
        return None;
    }
    let sum: Pence = lines.iter().map(|line| line.forecast).sum();
    let owes = |partner: usize| lines.iter().any(|line| usize::from(line.partner) == partner);
    let partners = source.plan.partners.iter().enumerate().filter(|(index, _)| owes(*index));
    let names: Vec<&str> = partners.map(|(_, partner)| partner.name.as_str()).collect();
    let who = if names.len() > MOST_NAMED { format!("{} partners", names.len()) } else { listing(&names) };
    Some((pounds(sum), who))
}

/// The same of one month.
pub fn told_of_month(source: PackSource<'_>, month: Month) -> String {
    let mut of_month = lines(source);
    of_month.retain(|line| line.month == month);
    told(source, &of_month)
}

/// Marks the spend of the row that was pushed last where one of its lines is a forecast; in the year's
/// last month the outturn is spend too.
pub fn mark(
    table: &mut DataTable<'_>,
    source: PackSource<'_>,
    lines: &[&FinanceLine],
    is_of_row: impl Fn(&FinanceLine) -> bool,
) {
    if !lines.iter().any(|line| is_of_row(line)) {
        return;
    }
    table.say("actual_to_date", Said::After(MARK));
    if super::is_year_end(source) {
        table.say("outturn", Said::After(MARK));
    }
}

/// `A`, `A and B`, `A, B and C`.
pub fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{compose::value::Show, example::Example};

    #[test]
    fn a_forecast_that_counts_as_spend_is_told_with_its_amount_and_partner() {
        let example = Example::published();
        let source = example.source();
        // The Red Cross gave no actual for November: its forecast of £24,700 counts.
        assert_eq!(told(source, &lines(source)), "£24,700 of it forecast: British Red Cross");
        assert_eq!(told_of_month(source, source.position.as_at), "£24,700 of it forecast: British Red Cross");
        let of_all = "of the fund’s spend to date £24,700 is forecast: British Red Cross";
        assert_eq!(told_of_all(source, &lines(source)), of_all);
        assert_eq!([told(source, &[]), told_of_all(source, &[])], ["", ""]);
        let (listed, more) = listed(source, &lines(source));
        assert_eq!(
            (listed[0].partner, listed[0].month.as_str(), more),
            ("British Red Cross", "November 2015", 0)
        );
    }

    #[test]
    fn a_sum_that_holds_a_forecast_is_marked_and_no_other() {
        let example = Example::published();
        let composed = example.composed();
        let marked = |table: &str| {
            let table = composed.table(table).unwrap();
            let spend = table.field_index("actual_to_date").unwrap();
            let rows =
                table.rows.iter().filter(|row| row.cell(spend, Show::Pounds).text.ends_with("\u{a0}[f]"));
            rows.map(|row| row.values[0].plain().into_owned()).collect::<Vec<_>>()
        };
        // Rows of a partner and a scheme; a total has no id.
        assert_eq!(marked("partners"), ["REDCROSS", ""]);
        assert_eq!(marked("schemes"), ["S10", ""]);
    }

    #[test]
    fn names_are_listed_as_they_are_said() {
        assert_eq!(listing(&[]), "");
        assert_eq!(listing(&["A"]), "A");
        assert_eq!(listing(&["A", "B", "C"]), "A, B and C");
    }
}
