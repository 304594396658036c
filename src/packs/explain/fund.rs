//! The pooled fund: sums of the lines that partners sent, their variance and its status.

use super::{
    Worked, named,
    sources::{self, Sources},
    step::{Input, Step, TOTAL, exact_part, minus_money, plus_money},
};
use crate::{
    figures::{
        facts::FinanceLine,
        fund::{BudgetPosition, OVERSPEND_AMBER_BP, OVERSPEND_RED_BP, UNDERSPEND_AMBER_BP, percent},
        measure::Rag,
        money::Pence,
        period::Month,
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        value::{Value, money},
    },
};
use std::collections::BTreeMap;

/// Which lines a row sums.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Total,
    Pool(usize),
    Scheme(usize),
    Partner(usize),
    /// A scheme, of one partner.
    Share(usize, usize),
}

impl Part {
    pub fn holds(self, source: PackSource<'_>, line: &FinanceLine) -> bool {
        let (scheme, partner) = (usize::from(line.scheme), usize::from(line.partner));
        match self {
            Part::Total => true,
            Part::Pool(pool) => source.plan.schemes[scheme].pool == pool,
            Part::Scheme(wanted) => scheme == wanted,
            Part::Partner(wanted) => partner == wanted,
            Part::Share(of_scheme, of_partner) => (scheme, partner) == (of_scheme, of_partner),
        }
    }
}

/// The lines of a part in the months that count, by month.
pub(super) fn lines<'a>(
    source: PackSource<'a>,
    part: Part,
    counts: impl Fn(Month) -> bool,
) -> Vec<&'a FinanceLine> {
    let window = source.plan.windows.finance;
    let mut lines: Vec<&FinanceLine> = source
        .facts
        .finance
        .iter()
        .filter(|line| window.contains(line.month) && counts(line.month) && part.holds(source, line))
        .collect();
    lines.sort_by_key(|line| (line.month, line.source));
    lines
}

pub(super) fn sources_of(source: PackSource<'_>, lines: &[&FinanceLine]) -> Sources {
    Sources::of(lines.iter().map(|line| sources::finance(source, line)))
}

/// A row of the tables by partner, pool and scheme.
pub(super) fn of_line(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let row = Row::of(source, at)?;
    let year = source.position.as_at.financial_year();
    let to_date = |month: Month| month.financial_year() == year && month <= source.position.as_at;
    let steps = match at.field.name.as_ref() {
        "budget_to_date" | "budget_full_year" | "actual_to_date" if !row.parts.is_empty() => {
            vec![row.sum_of_parts(at.field.name.as_ref())]
        }
        "outturn" if !row.parts.is_empty() => vec![row.sum_of_parts("outturn")],
        "budget_to_date" => {
            vec![row.sum_of_months("The budget of each month", "month's budget", to_date, |line| line.budget)]
        }
        "budget_full_year" => vec![row.sum_of_months(
            "The budget of each month of the year",
            "month's budget",
            |month| month.financial_year() == year,
            |line| line.budget,
        )],
        "actual_to_date" => vec![row.spend_to_date()],
        "outturn" => row.outturn(),
        "variance_to_date" => vec![row.variance("budget_to_date", "actual_to_date")],
        "variance_full_year" => vec![row.variance("budget_full_year", "outturn")],
        "variance_to_date_percent" => vec![row.percent("variance_to_date", "budget_to_date")],
        "variance_full_year_percent" => vec![row.percent("variance_full_year", "budget_full_year")],
        "rag" => row.status(),
        _ => return None,
    };
    let is_to_date = at.field.name.ends_with("to_date") || at.field.name == "variance_to_date_percent";
    let lines = lines(source, row.part, |month| {
        month.financial_year() == year && (!is_to_date || month <= source.position.as_at)
    });
    Some(Worked { steps, sources: sources_of(source, &lines) })
}

/// A row of a budget table, and the rows of the tables that it sums.
struct Row<'a> {
    source: PackSource<'a>,
    part: Part,
    table: &'static str,
    key: String,
    position: BudgetPosition,
    /// Name, table, key and position of what it is put together from; none where it sums lines.
    parts: Vec<(&'a str, &'static str, &'a str, BudgetPosition)>,
}

impl<'a> Row<'a> {
    fn of(source: PackSource<'a>, at: &Located<'_, '_>) -> Option<Row<'a>> {
        let (plan, fund) = (source.plan, &source.position.fund);
        let schemes_of = |wanted: Option<usize>| {
            let rows = plan.schemes.iter().zip(&fund.schemes);
            rows.filter(move |(scheme, _)| wanted.is_none_or(|pool| scheme.pool == pool))
                .map(|(scheme, position)| (scheme.name.as_str(), "schemes", scheme.id.as_str(), *position))
                .collect::<Vec<_>>()
        };
        let key_field = at.table.key.first()?;
        let key = named(at, key_field).into_owned();
        let is_total = key.is_empty();
        let (part, position, parts) = match (at.table.name, is_total) {
            ("partners", true) => {
                let rows = plan.partners.iter().zip(&fund.partners);
                let parts = rows.map(|(partner, position)| {
                    (partner.name.as_str(), "partners", partner.id.as_str(), *position)
                });
                (Part::Total, fund.total, parts.collect())
            }
            ("pools", true) => {
                let rows = plan.pools.iter().zip(&fund.pools);
                let parts =
                    rows.map(|(pool, position)| (pool.name.as_str(), "pools", pool.id.as_str(), *position));
                (Part::Total, fund.total, parts.collect())
            }
            ("schemes", true) => (Part::Total, fund.total, schemes_of(None)),
            ("partners", false) => {
                let index = plan.partners.iter().position(|partner| partner.id == key)?;
                (Part::Partner(index), fund.partners[index], Vec::new())
            }
            ("pools", false) => {
                let index = plan.pools.iter().position(|pool| pool.id == key)?;
                (Part::Pool(index), fund.pools[index], schemes_of(Some(index)))
            }
            _ => {
                let index = plan.schemes.iter().position(|scheme| scheme.id == key)?;
                (Part::Scheme(index), fund.schemes[index], Vec::new())
            }
        };
        let key = if is_total { TOTAL.to_owned() } else { key };
        Some(Row { source, part, table: at.table.name, key, position, parts })
    }

    fn amount(position: &BudgetPosition, field: &str) -> Pence {
        match field {
            "budget_to_date" => position.budget_to_date,
            "actual_to_date" => position.actual_to_date,
            "budget_full_year" => position.budget_full_year,
            "outturn" => position.outturn_full_year,
            "variance_to_date" => position.variance_to_date(),
            _ => position.variance_full_year(),
        }
    }

    fn input(&self, name: &str, field: &str) -> Input {
        let value = Value::Money(Row::amount(&self.position, field));
        Input::figure(name, value, self.table, &[&self.key], field)
    }

    fn sum_of_parts(&self, field: &str) -> Step {
        let amounts: Vec<Pence> =
            self.parts.iter().map(|(.., position)| Row::amount(position, field)).collect();
        let inputs = self.parts.iter().zip(&amounts).map(|((name, table, key, _), amount)| {
            Input::figure(*name, Value::Money(*amount), table, &[key], field)
        });
        let of = self.parts.first().map_or("parts", |(_, table, ..)| table);
        Step::new(
            format!("The sum of the {of}"),
            plus_money(amounts.iter().copied()),
            Value::Money(amounts.iter().copied().sum()),
        )
        .of(inputs)
    }

    fn sum_of_months(
        &self,
        clause: &str,
        of: &str,
        counts: impl Fn(Month) -> bool,
        amount: impl Fn(&FinanceLine) -> Pence,
    ) -> Step {
        by_month(clause, of, &lines(self.source, self.part, counts), amount)
    }

    fn spend_to_date(&self) -> Step {
        let as_at = self.source.position.as_at;
        let to_date = |month: Month| month.financial_year() == as_at.financial_year() && month <= as_at;
        let lines = lines(self.source, self.part, to_date);
        spend_of("Spend to date", &lines, as_at)
    }

    fn outturn(&self) -> Vec<Step> {
        let as_at = self.source.position.as_at;
        let to_come = |month: Month| month.financial_year() == as_at.financial_year() && month > as_at;
        let spent = self.spend_to_date();
        let forecast = self.sum_of_months(
            "The forecast for the months still to come",
            "month's forecast",
            to_come,
            |line| line.forecast,
        );
        let amounts = [money_of(&spent), money_of(&forecast)];
        let outturn = Step::new(
            "Outturn is the spend to date and the forecast for the rest of the year",
            plus_money(amounts),
            Value::Money(amounts.into_iter().sum()),
        )
        .of([
            self.input("Spend to date", "actual_to_date"),
            Input::new("Forecast still to come", Value::Money(amounts[1])),
        ]);
        vec![spent, forecast, outturn]
    }

    fn variance(&self, budget: &str, spend: &str) -> Step {
        let [of_budget, of_spend] = [budget, spend].map(|field| Row::amount(&self.position, field));
        let spend_name = if spend == "outturn" { "Outturn" } else { "Spend to date" };
        Step::new(
            format!("Variance is {} less budget; above nought is over", spend_name.to_lowercase()),
            minus_money(of_spend, of_budget),
            Value::Money(of_spend - of_budget),
        )
        .of([self.input(spend_name, spend), self.input("Budget", budget)])
    }

    fn percent(&self, variance: &str, budget: &str) -> Step {
        let [part, of] = [variance, budget].map(|field| Row::amount(&self.position, field));
        percent_of("The variance in per cent of the budget", part, of)
            .of([self.input("Variance", variance), self.input("Budget", budget)])
    }

    /// The status of the full year's variance, by the thresholds that hold for every plan.
    fn status(&self) -> Vec<Step> {
        let (budget, variance) = (self.position.budget_full_year, self.position.variance_full_year());
        let beyond = |bp: i128| i128::from(variance.0) * 10_000 > bp * i128::from(budget.0);
        let under = i128::from(variance.0) * 10_000 < -UNDERSPEND_AMBER_BP * i128::from(budget.0);
        let part = |bp: i128| exact_part(budget, bp as i64);
        let (sum, rag) = if beyond(OVERSPEND_RED_BP) {
            (format!("{} is more than {}", money(variance), part(OVERSPEND_RED_BP)), Rag::Red)
        } else if beyond(OVERSPEND_AMBER_BP) {
            let (amber, red) = (part(OVERSPEND_AMBER_BP), part(OVERSPEND_RED_BP));
            (format!("{} is more than {amber} and not more than {red}", money(variance)), Rag::Amber)
        } else if under {
            (format!("{} is below {}", money(variance), part(-UNDERSPEND_AMBER_BP)), Rag::Amber)
        } else {
            let (amber, floor) = (part(OVERSPEND_AMBER_BP), part(-UNDERSPEND_AMBER_BP));
            (format!("{} is not more than {amber} and not below {floor}", money(variance)), Rag::Green)
        };
        let thresholds = Step::new(
            "Off plan beyond 2% over; within tolerance beyond 0.5% over or 5% under; else on plan, of the full-year budget",
            sum,
            Value::Rag(rag),
        );
        vec![thresholds.of([
            self.input("Full-year variance", "variance_full_year"),
            self.input("Full-year budget", "budget_full_year"),
        ])]
    }
}

/// The money that a step comes to; nought for any other result.
pub(super) fn money_of(step: &Step) -> Pence {
    match step.result {
        Value::Money(amount) => amount,
        _ => Pence::ZERO,
    }
}

/// `part × 100 ÷ of`, to two decimals.
pub(super) fn percent_of(clause: &str, part: Pence, of: Pence) -> Step {
    match percent(part, of) {
        Some(percent) => Step::new(
            format!("{clause}, to two decimals, halves away from nought"),
            format!("{} × 100 ÷ {}", money(part), money(of)),
            Value::Percent(percent),
        ),
        None => Step::new(
            format!("{clause}: there is nothing to divide by"),
            format!("{} × 100 ÷ {}", money(part), money(of)),
            Value::percent(None),
        ),
    }
}

/// A sum of lines, a term a month.
pub(super) fn by_month(
    clause: &str,
    of: &str,
    lines: &[&FinanceLine],
    amount: impl Fn(&FinanceLine) -> Pence,
) -> Step {
    let mut months: BTreeMap<Month, Pence> = BTreeMap::new();
    for line in lines {
        *months.entry(line.month).or_default() += amount(line);
    }
    Step::new(clause, plus_money(months.values().copied()), Value::Money(months.values().copied().sum())).of(
        months.iter().map(|(month, sum)| Input::new(format!("{}: {of}", month.name()), Value::Money(*sum))),
    )
}

/// Actual where there is one, else forecast, with how many lines lack an actual.
pub(super) fn spend_of(what: &str, lines: &[&FinanceLine], as_at: Month) -> Step {
    let lacking = lines.iter().filter(|line| line.month <= as_at && line.actual.is_none()).count();
    let lacking = match lacking {
        0 => String::new(),
        1 => "; 1 line has no actual, so its forecast counts".into(),
        many => format!("; {many} lines have no actual, so their forecasts count"),
    };
    by_month(
        &format!("{what}: the actual of a month, or its forecast where there is no actual{lacking}"),
        "spend",
        lines,
        |line| line.spend(as_at),
    )
}
