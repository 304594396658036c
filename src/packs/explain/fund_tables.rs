//! The fund by scheme and partner, by year and by month.

use super::{
    Worked,
    fund::{Part, by_month, lines, money_of, sources_of, spend_of},
    named,
    step::{Input, Step, minus_money, plus_money},
};
use crate::{
    figures::{
        facts::FinanceLine,
        money::Pence,
        period::{FinancialYear, Month},
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        value::{Value, year_words},
    },
};

/// The full-year variance of one partner's part of a scheme, or a sum of them.
pub(super) fn of_variance(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (plan, fund) = (source.plan, &source.position.fund);
    let year = source.position.as_at.financial_year();
    let scheme_id = named(at, "scheme_id");
    let scheme = plan.schemes.iter().position(|scheme| scheme.id == scheme_id);
    let partner = plan.partners.iter().position(|partner| partner.id == at.field.name);
    let part = match (scheme, partner) {
        (Some(scheme), Some(partner)) => Part::Share(scheme, partner),
        (Some(scheme), None) => Part::Scheme(scheme),
        (None, Some(partner)) => Part::Partner(partner),
        (None, None) => Part::Total,
    };
    let lines = lines(source, part, |month| month.financial_year() == year);
    let variances = &fund.variance_by_scheme_and_partner;
    let summed = |clause: &str, parts: Vec<(&str, Pence, &str, &str)>| {
        let amounts = || parts.iter().map(|(_, amount, ..)| *amount);
        let inputs: Vec<Input> = parts
            .iter()
            .map(|(name, amount, row, field)| {
                Input::figure(*name, Value::Money(*amount), "variances", &[row], field)
            })
            .collect();
        vec![Step::new(clause, plus_money(amounts()), Value::Money(amounts().sum())).of(inputs)]
    };
    let steps = match (scheme, partner) {
        (Some(_), Some(_)) => {
            let as_at = source.position.as_at;
            let spend = spend_of("Outturn", &lines, as_at);
            let budget = by_month("The budget of each month of the year", "month's budget", &lines, |line| {
                line.budget
            });
            let (spent, planned) = (money_of(&spend), money_of(&budget));
            let variance = Step::new(
                "Variance is outturn less budget; above nought is over",
                minus_money(spent, planned),
                Value::Money(spent - planned),
            );
            vec![spend, budget, variance]
        }
        (Some(scheme), None) => summed(
            "The sum over the partners",
            plan.partners
                .iter()
                .zip(&variances[scheme])
                .map(|(partner, amount)| {
                    (partner.name.as_str(), *amount, scheme_id.as_ref(), partner.id.as_str())
                })
                .collect(),
        ),
        (None, _) => summed(
            "The sum over the schemes",
            plan.schemes
                .iter()
                .zip(variances)
                .map(|(scheme, by_partner)| {
                    let amount = partner
                        .map_or_else(|| by_partner.iter().copied().sum(), |partner| by_partner[partner]);
                    (scheme.name.as_str(), amount, scheme.id.as_str(), at.field.name.as_ref())
                })
                .collect(),
        ),
    };
    Some(Worked { steps, sources: sources_of(source, &lines) })
}

/// Budget and spend of a pool in a year.
pub(super) fn of_history(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (year, pool) = (named(at, "year"), named(at, "pool"));
    let year = FinancialYear::parse(&year)?;
    let pool = source.plan.pools.iter().position(|candidate| candidate.name == pool)?;
    let lines = lines(source, Part::Pool(pool), |month| month.financial_year() == year);
    let as_at = source.position.as_at;
    let budget =
        by_month(&format!("The budget of each month of {}", year_words(year)), "budget", &lines, |line| {
            line.budget
        });
    let spend = spend_of(&format!("Spend of {}", year_words(year)), &lines, as_at);
    budget_and_spend(source, at, &lines, budget, spend)
}

/// Budget and spend of a month.
pub(super) fn of_month(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let month = Month::parse(named(at, "month").as_bytes())?;
    let lines = lines(source, Part::Total, |candidate| candidate == month);
    let by_pool = |clause: &str, amount: &dyn Fn(&FinanceLine) -> Pence| {
        let sums: Vec<(&str, Pence)> = source
            .plan
            .pools
            .iter()
            .enumerate()
            .map(|(index, pool)| {
                let of_pool = lines.iter().filter(|line| Part::Pool(index).holds(source, line));
                (pool.name.as_str(), of_pool.map(|line| amount(line)).sum())
            })
            .collect();
        let amounts = || sums.iter().map(|(_, amount)| *amount);
        Step::new(clause, plus_money(amounts()), Value::Money(amounts().sum()))
            .of(sums.iter().map(|(name, amount)| Input::new(*name, Value::Money(*amount))))
    };
    let budget = by_pool("The month's budget, a term a pool", &|line| line.budget);
    let spend = by_pool(
        "The month's spend, a term a pool: the actual of a line, or its forecast where there is no actual",
        &|line| line.spend(source.position.as_at),
    );
    budget_and_spend(source, at, &lines, budget, spend)
}

fn budget_and_spend(
    source: PackSource<'_>,
    at: &Located<'_, '_>,
    lines: &[&FinanceLine],
    budget: Step,
    spend: Step,
) -> Option<Worked> {
    let steps = match at.field.name.as_ref() {
        "budget" => vec![budget],
        "spend" => vec![spend],
        "variance" => {
            let (planned, spent) = (money_of(&budget), money_of(&spend));
            let variance = Step::new(
                "Variance is spend less budget; above nought is over",
                minus_money(spent, planned),
                Value::Money(spent - planned),
            );
            vec![budget, spend, variance]
        }
        _ => return None,
    };
    Some(Worked { steps, sources: sources_of(source, lines) })
}
