//! The fund's charts: month by month, spend less budget, and the way from budget to outturn.

use super::*;
use crate::{
    figures::{facts::FinanceLine, fund::BudgetAndSpend},
    packs::{
        chart::waterfall::{self, Waterfall},
        compose::{is_year_end, no_actual, value::pounds},
    },
};

pub(super) fn months(source: PackSource<'_>, id: String) -> Figure {
    let window = source.plan.windows.finance;
    let as_at = source.position.as_at;
    let months: Vec<String> = window.iter().map(Month::short_name).collect();
    let sums = &source.position.fund.months;
    let latest = window.position(as_at).map(|place| sums[place]);
    let drawing = two_lines(
        &months,
        ("Spend", sums.iter().map(|sum| drawn(sum.spend)).collect()),
        ("Budget", sums.iter().map(|sum| drawn(sum.budget)).collect()),
        window.position(as_at).map(|place| place + 1),
        false,
    );
    let headline = latest.map_or("No spend reported yet".into(), |sum| month_headline(source, sum));
    let span = span(Some(window.first()), Some(window.last()));
    Figure {
        id,
        alternative: format!(
            "Line chart of monthly spend and budget, {span}{}. {headline}.",
            forecast_after(as_at, window.last())
        ),
        headline,
        subtitle: format!(
            "Monthly spend and budget, all partners, {span}{}",
            forecast_after(as_at, window.last())
        ),
        drawing,
    }
}

/// What was spent in the reporting month, and how much of that is a forecast.
fn month_headline(source: PackSource<'_>, sum: BudgetAndSpend) -> String {
    let as_at = source.position.as_at;
    let (spend, budget) = (pounds(sum.spend), pounds(sum.budget));
    let has_actual = |line: &FinanceLine| line.month == as_at && line.actual.is_some();
    match no_actual::told_of_month(source, as_at) {
        all if all.is_empty() => {
            format!("{spend} was spent in {} against a budget of {budget}", as_at.name())
        }
        part if source.facts.finance.iter().any(has_actual) => {
            format!("{spend} was spent in {} ({part}); the budget was {budget}", as_at.name())
        }
        _ => format!(
            "{spend} is forecast for {} against a budget of {budget}: no actual has come",
            as_at.name()
        ),
    }
}

/// Spend less budget from April on. The two lie so close together that lines of each would show one.
pub(super) fn cumulative(source: PackSource<'_>, id: String) -> Figure {
    let window = source.plan.windows.finance;
    let as_at = source.position.as_at;
    let year = as_at.financial_year().months();
    let mut sum = Pence::ZERO;
    let (mut months, mut variance) = (Vec::new(), Vec::new());
    for month in year.iter() {
        if let Some(place) = window.position(month) {
            let of_month = source.position.fund.months[place];
            sum += of_month.spend - of_month.budget;
        }
        months.push(month.short_name());
        variance.push(drawn(sum));
    }
    let total = &source.position.fund.total;
    let (year_name, forecast) = (year_words(as_at.financial_year()), forecast_after(as_at, year.last()));
    let ends = if is_year_end(source) { "Spend ended the year" } else { "Spend is forecast to end the year" };
    let headline = match total.variance_full_year() {
        Pence::ZERO => format!("{ends} on budget"),
        variance => format!(
            "{ends} {} {} budget",
            pounds(variance.abs()),
            if variance > Pence::ZERO { "over" } else { "under" }
        ),
    };
    let budget = vec![drawn(Pence::ZERO); months.len()];
    Figure {
        id,
        alternative: format!(
            "Line chart of cumulative spend less budget by month of {year_name}{forecast}. {headline}."
        ),
        headline,
        subtitle: format!("Cumulative spend less budget, {year_name}{forecast}"),
        drawing: two_lines(
            &months,
            ("Spend", variance),
            ("Budget", budget),
            Some(as_at.month_of_financial_year() as usize),
            true,
        ),
    }
}

pub(super) fn waterfall(source: PackSource<'_>, id: String) -> Figure {
    let total = &source.position.fund.total;
    let pounds_of = |amount: Pence| amount.0 as f64 / 100.0;
    let steps: Vec<(&str, f64)> = source
        .plan
        .pools
        .iter()
        .zip(&source.position.fund.pools)
        .map(|(pool, position)| (pool.name.as_str(), pounds_of(position.variance_full_year())))
        .collect();
    let is_over = is_year_end(source);
    let outturn = if is_over { "Outturn" } else { "Forecast outturn" };
    let chart = Waterfall {
        start: ("Budget", pounds_of(total.budget_full_year)),
        steps: &steps,
        end: (outturn, pounds_of(total.outturn_full_year)),
        unit: Unit::Pounds,
    };
    let parts: Vec<String> = source
        .plan
        .pools
        .iter()
        .zip(&source.position.fund.pools)
        .map(|(pool, position)| {
            format!("{} {}", pool.name, Value::Money(position.variance_full_year()).shown(Show::SignedMoney))
        })
        .collect();
    Figure {
        id,
        headline: format!(
            "From a budget of {} to an outturn of {}",
            pounds(total.budget_full_year),
            pounds(total.outturn_full_year)
        ),
        subtitle: format!("Full-year {}variance by pool", if is_over { "" } else { "forecast " }),
        alternative: format!(
            "Waterfall from the budget of {} to the {} of {}: {}.",
            money(total.budget_full_year),
            outturn.to_lowercase(),
            money(total.outturn_full_year),
            parts.join("; ")
        ),
        drawing: waterfall::draw(&chart, Size::FULL.width),
    }
}
