//! A variance laid out over the bands of an agreement, split between partners, and settled.

use super::{
    Worked, contract, fund, named,
    sources::Sources,
    step::{Input, Step, TOTAL, basis_points, exact_part, minus_money, plus_money},
};
use crate::{
    figures::{
        agreement::Band,
        money::Pence,
        risk_share::{Banded, BandedAmount},
        split::{WHOLE_BP, largest_remainder},
    },
    packs::compose::{
        PackSource,
        figure_id::Located,
        value::{State, Value, money},
    },
};

/// A variance under an agreement, and where its figures stand.
struct Shared<'a> {
    /// A pool's id, or a contract's.
    agreement: &'a str,
    banded: &'a Banded,
    /// The bands of the variance's side, as agreed.
    bands: &'a [Band],
    /// What the bands are measured against, and the variance.
    rests_on: [Input; 2],
    table: &'static str,
    /// What stands before the partner in a row's key.
    key: Vec<&'a str>,
}

/// A partner's row in the risk share of a pool, or the pool's sum.
pub(super) fn of_risk_share(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let (plan, position) = (source.plan, source.position);
    let pool_id = named(at, "pool_id");
    let pool = plan.pools.iter().position(|pool| pool.id == pool_id)?;
    let shares = position.risk_share[pool].as_ref()?;
    let of_pool = &position.fund.pools[pool];
    let input = |name: &str, amount: Pence, field: &str| {
        Input::figure(name, Value::Money(amount), "pools", &[&pool_id], field)
    };
    let shared = Shared {
        agreement: &plan.pools[pool].id,
        banded: &shares.banded,
        bands: plan.risk_share(&pool_id)?.bands(shares.banded.side),
        rests_on: [
            input("Full-year budget", of_pool.budget_full_year, "budget_full_year"),
            input("Full-year variance", of_pool.variance_full_year(), "variance_full_year"),
        ],
        table: "risk_share",
        key: vec![&plan.pools[pool].id],
    };
    let partner_id = named(at, "partner_id");
    let partner = plan.partners.iter().position(|partner| partner.id == partner_id);
    let year = position.as_at.financial_year();
    let mut lines = fund::lines(source, fund::Part::Pool(pool), |month| month.financial_year() == year);
    let steps = match at.field.name.as_ref() {
        "own_variance" => match partner {
            Some(partner) => {
                lines.retain(|line| usize::from(line.partner) == partner);
                vec![own_variance(source, pool, partner)]
            }
            None => {
                vec![shared.sum_over_partners(source, "own_variance", |partner| shares.partners[partner].own)]
            }
        },
        "settlement" => match partner {
            Some(partner) => {
                let (share, own) = (shares.partners[partner].share, shares.partners[partner].own);
                vec![
                    Step::new(
                        "The settlement is the share less the variance that already sits with the partner; above nought it pays, below nought it is paid",
                        minus_money(share, own),
                        Value::Money(share - own),
                    )
                    .of([
                        shared.input("Share of the variance", share, &partner_id, "share"),
                        shared.input("Own variance", own, &partner_id, "own_variance"),
                    ]),
                ]
            }
            None => vec![
                shared
                    .sum_over_partners(source, "settlement", |partner| shares.partners[partner].settlement()),
            ],
        },
        field => shared.steps(source, partner, field)?,
    };
    Some(Worked { steps, sources: fund::sources_of(source, &lines) })
}

/// A partner's row in the contract's corridor, or its sum.
pub(super) fn of_corridor(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let plan = source.plan;
    let contract = plan.contract.as_ref()?;
    let capitation = &source.position.contract.as_ref()?.capitation;
    let banded = capitation.corridor.as_ref()?;
    let key = ["year to date", TOTAL];
    let input = |name: &str, amount: Pence, field: &str| {
        Input::figure(name, Value::Money(amount), "segments", &key, field)
    };
    let total = &capitation.total;
    let shared = Shared {
        agreement: &contract.id,
        banded,
        bands: plan.risk_share(&contract.id)?.bands(banded.side),
        rests_on: [
            input("Contract value to date", total.contract_value, "contract_value"),
            input("Cost to date", total.cost, "cost"),
        ],
        table: "corridor",
        key: Vec::new(),
    };
    let partner_id = named(at, "partner_id");
    let partner = plan.partners.iter().position(|partner| partner.id == partner_id);
    let mut steps = shared.steps(source, partner, &at.field.name)?;
    let variance = Step::new(
        "What is shared is cost less contract value; above nought care has cost more",
        minus_money(total.cost, total.contract_value),
        Value::Money(total.cost - total.contract_value),
    );
    if partner.is_none() || at.field.name != "share" {
        steps.insert(0, variance.of(shared.rests_on));
    }
    let year = source.position.as_at.financial_year();
    let lines = contract::lines(source, |line| line.month.financial_year() == year);
    Some(Worked { steps, sources: contract::sources_of(source, &lines) })
}

impl Shared<'_> {
    fn input(&self, name: &str, amount: Pence, partner_id: &str, field: &str) -> Input {
        let key: Vec<&str> = self.key.iter().copied().chain([partner_id]).collect();
        Input::figure(name, Value::Money(amount), self.table, &key, field)
    }

    /// The steps of a band's column, or of the share: of one partner, or of all together.
    fn steps(&self, source: PackSource<'_>, partner: Option<usize>, field: &str) -> Option<Vec<Step>> {
        if field == "share" {
            return Some(vec![self.share(source, partner)]);
        }
        let place: usize = field.strip_prefix("band_")?.parse().ok()?;
        let Some((band, agreed)) = self.banded.bands.get(place - 1).zip(self.bands.get(place - 1)) else {
            let clause = format!(
                "The agreement has {} on the side of an {}spend",
                if self.bands.len() == 1 { "1 band".into() } else { format!("{} bands", self.bands.len()) },
                self.banded.side.name()
            );
            return Some(vec![Step::new(clause, "", Value::Missing(State::NotApplicable))]);
        };
        let mut steps = self.slice(band, agreed);
        if let Some(partner) = partner {
            steps.push(self.part(band, agreed, partner, &source.plan.partners[partner].name));
        }
        Some(steps)
    }

    fn place(&self, band: &BandedAmount) -> String {
        format!("bands: {}, {}, band {}", self.agreement, self.banded.side.name(), band.number)
    }

    /// Where the band ends, and what of the variance falls into it.
    fn slice(&self, band: &BandedAmount, agreed: &Band) -> Vec<Step> {
        let size = self.banded.variance.abs();
        let mut steps = Vec::new();
        if let (Some(to), Some(upper_bp)) = (band.to, agreed.upper_bp) {
            let clause = format!(
                "Band {} ends at {} of the {}, to the penny",
                band.number,
                basis_points(upper_bp),
                self.rests_on[0].name.to_lowercase()
            );
            let sum = format!("{} × {}", money(self.banded.base), basis_points(upper_bp));
            steps.push(
                Step::new(clause, sum, Value::Money(to))
                    .of([self.rests_on[0].clone()])
                    .stands_in(self.place(band)),
            );
        }
        let reached = match band.to {
            Some(to) => format!("the lesser of {} and {}", money(size), money(to)),
            None => money(size),
        };
        let floor = if size < band.from { ", but not below nought" } else { "" };
        let sign = if self.banded.variance < Pence::ZERO { ", below nought as an underspend" } else { "" };
        let clause = match band.to {
            Some(to) => format!(
                "Band {} takes what lies from {} to {} away from plan",
                band.number,
                money(band.from),
                money(to)
            ),
            None => format!("Band {} takes all beyond {} away from plan", band.number, money(band.from)),
        };
        let to = band.to.map_or(size, |to| size.min(to));
        let slice = (to - band.from).max(Pence::ZERO);
        let amount = if self.banded.variance < Pence::ZERO { -slice } else { slice };
        steps.push(
            Step::new(
                clause,
                format!("{reached}, less {}{floor}{sign}", money(band.from)),
                Value::Money(amount),
            )
            .of([self.rests_on[1].clone()])
            .stands_in(self.place(band)),
        );
        steps
    }

    /// A partner's part of a band, by largest remainder.
    fn part(&self, band: &BandedAmount, agreed: &Band, partner: usize, name: &str) -> Step {
        let Some(at) = agreed.shares.iter().position(|(named, _)| *named == partner) else {
            let clause = format!("Band {} names no share for {name}", band.number);
            return Step::new(clause, "", Value::Money(Pence::ZERO)).stands_in(self.place(band));
        };
        let bp = agreed.shares[at].1;
        let part = largest_remainder(band.amount, &agreed.shares)[at];
        let sum = split_sum(band.amount, bp, part);
        let clause = format!(
            "{name} has {} of band {}; pence left over by rounding down go to the largest remainders",
            basis_points(bp),
            band.number
        );
        Step::new(clause, sum, Value::Money(part)).stands_in(self.place(band))
    }

    /// The share over all bands, of a partner or of all.
    fn share(&self, source: PackSource<'_>, partner: Option<usize>) -> Step {
        let Some(partner) = partner else {
            return self.sum_over_partners(source, "share", |partner| self.banded.share_of(partner));
        };
        let id = &source.plan.partners[partner].id;
        let parts: Vec<Pence> = self.banded.bands.iter().map(|band| band.part_of(partner)).collect();
        let inputs = (1..).zip(self.banded.bands.iter().zip(&parts)).map(|(place, (band, part))| {
            self.input(&format!("Band {}", band.number), *part, id, &format!("band_{place}"))
        });
        Step::new(
            "The share is the sum of the partner's parts of all bands",
            plus_money(parts.iter().copied()),
            Value::Money(parts.iter().copied().sum()),
        )
        .of(inputs)
    }

    /// A sum over the partners that have a row.
    fn sum_over_partners(
        &self,
        source: PackSource<'_>,
        field: &str,
        amount: impl Fn(usize) -> Pence,
    ) -> Step {
        let named = |partner: &usize| {
            let named_by = |band: &BandedAmount| band.split.iter().any(|(named, _)| named == partner);
            self.table == "risk_share" || self.banded.bands.iter().any(named_by)
        };
        let partners: Vec<usize> = (0..source.plan.partners.len()).filter(named).collect();
        let inputs = partners.iter().map(|&partner| {
            let of = &source.plan.partners[partner];
            self.input(&of.name, amount(partner), &of.id, field)
        });
        Step::new(
            "The sum over the partners",
            plus_money(partners.iter().map(|&partner| amount(partner))),
            Value::Money(partners.iter().map(|&partner| amount(partner)).sum()),
        )
        .of(inputs)
    }
}

/// `£10.01 × 34% = £3.4034, rounded down, and 1p of what is left over`.
pub(super) fn split_sum(amount: Pence, bp: i64, part: Pence) -> String {
    let exact = i128::from(amount.abs().0) * i128::from(bp);
    let down = Pence((exact / i128::from(WHOLE_BP)) as i64);
    let sum = format!("{} × {} = {}", money(amount), basis_points(bp), exact_part(amount, bp));
    match part.abs() - down {
        Pence::ZERO if exact % i128::from(WHOLE_BP) == 0 => sum,
        Pence::ZERO => format!("{sum}, rounded down"),
        odd => format!("{sum}, rounded down, and {}p of what is left over", odd.0),
    }
}

/// The variance of a pool that already sits with a partner, scheme by scheme.
fn own_variance(source: PackSource<'_>, pool: usize, partner: usize) -> Step {
    let plan = source.plan;
    let variances = &source.position.fund.variance_by_scheme_and_partner;
    let parts: Vec<(usize, Pence)> = (0..plan.schemes.len())
        .filter(|&scheme| plan.schemes[scheme].pool == pool)
        .map(|scheme| (scheme, variances[scheme][partner]))
        .collect();
    let inputs = parts.iter().map(|&(scheme, amount)| {
        let scheme = &plan.schemes[scheme];
        Input::figure(
            &scheme.name,
            Value::Money(amount),
            "variances",
            &[&scheme.id],
            &plan.partners[partner].id,
        )
    });
    Step::new(
        "The partner's own variance is that of its part of each scheme of the pool",
        plus_money(parts.iter().map(|(_, amount)| *amount)),
        Value::Money(parts.iter().map(|(_, amount)| *amount).sum()),
    )
    .of(inputs)
}

/// What a partner pays or is paid over all pools.
pub(super) fn of_settlement(source: PackSource<'_>, at: &Located<'_, '_>) -> Option<Worked> {
    let plan = source.plan;
    let partner_id = named(at, "partner_id");
    let year = source.position.as_at.financial_year();
    let lines = fund::lines(source, fund::Part::Total, |month| month.financial_year() == year);
    let sources: Sources = fund::sources_of(source, &lines);
    if partner_id.is_empty() {
        let settled = || plan.partners.iter().zip(source.position.settlement.iter().copied());
        let step = Step::new(
            "The sum over the partners: what some pay is what others are paid",
            plus_money(settled().map(|(_, amount)| amount)),
            Value::Money(settled().map(|(_, amount)| amount).sum()),
        );
        let inputs = settled().map(|(partner, amount)| {
            Input::figure(&*partner.name, Value::Money(amount), "settlement", &[&partner.id], "settlement")
        });
        return Some(Worked { steps: vec![step.of(inputs)], sources });
    }
    let partner = plan.partners.iter().position(|partner| partner.id == partner_id)?;
    let pools = plan.pools.iter().zip(&source.position.risk_share);
    let settlements: Vec<(&str, &str, Pence)> = pools
        .filter_map(|(pool, shares)| {
            let amount = shares.as_ref()?.partners[partner].settlement();
            Some((pool.id.as_str(), pool.name.as_str(), amount))
        })
        .collect();
    let amounts = || settlements.iter().map(|(.., amount)| *amount);
    let step = Step::new(
        "The partner's settlement over the pools whose variance is shared; above nought it pays, below nought it is paid",
        plus_money(amounts()),
        Value::Money(amounts().sum()),
    );
    let inputs = settlements.iter().map(|(pool, name, amount)| {
        Input::figure(*name, Value::Money(*amount), "risk_share", &[pool, &partner_id], "settlement")
    });
    Some(Worked { steps: vec![step.of(inputs)], sources })
}
