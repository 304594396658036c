//! The words of the pooled fund and its risk share.

use super::status_name;
use crate::{
    figures::{
        fund::BudgetPosition,
        money::Pence,
        risk_share::{Banded, PartnerShare, PoolRiskShare, Side},
    },
    packs::compose::{
        PackSource, fund, is_year_end,
        no_actual::{self, NoActual, listing},
        value::{Show, Value, money, pounds, signed_pounds},
    },
};
use rust_decimal::Decimal;
use serde::Serialize;

/// A budget line's figures.
#[derive(Serialize)]
pub struct Fund<'a> {
    pub budget: String,
    pub budget_pounds: String,
    pub outturn: String,
    pub budget_to_date: String,
    pub actual_to_date: String,
    /// `£24,700 of it forecast: British Red Cross`, of the spend to date; empty where all of it is actual.
    pub forecast_to_date: String,
    /// `of the fund’s spend to date £24,700 is forecast: British Red Cross`; empty likewise.
    pub forecast_of_all: String,
    /// The forecasts that count as spend, for want of an actual.
    pub no_actual: Vec<NoActual<'a>>,
    /// How many more there are.
    pub no_actual_more: usize,
    /// Without a sign.
    pub variance: String,
    pub variance_pounds: String,
    /// With its sign, to the pound.
    pub variance_signed: String,
    /// With its sign.
    pub variance_percent: String,
    /// `overspend`, `underspend` or `break even`.
    pub direction: &'static str,
    /// What comes before the variance: `is forecast to overspend by`, or `overspent by` at the year's end.
    pub outcome: &'static str,
    pub is_off_budget: bool,
    /// The year has ended: what was forecast is now what was.
    pub is_closed: bool,
    /// `forecast over budget`, or `over budget` at the year's end.
    pub over_budget: &'static str,
    pub schemes: usize,
    /// How many schemes are over budget, on the forecast or at the year's end.
    pub schemes_over: usize,
    /// What they are over by, together.
    pub schemes_over_pounds: String,
    /// A partner has no part in one of the schemes.
    pub has_no_part: bool,
    /// The status's name in templates.
    pub status: &'static str,
}

#[derive(Serialize)]
pub struct Pool<'a> {
    pub id: &'a str,
    pub name: &'a str,
    /// Absent where no risk share is agreed for the pool.
    pub risk_share: Option<Shared>,
}

#[derive(Serialize)]
pub struct Shared {
    pub base: String,
    pub variance: String,
    /// Without a sign.
    pub variance_size: String,
    /// `over` or `under`.
    pub side: &'static str,
    pub is_over: bool,
    /// The bands of that side: the table's column, its heading and its shares.
    pub bands: Vec<BandColumn>,
    /// Why a partner pays although it underspent, and whose variance passes whole: a sentence each.
    pub why: Vec<String>,
    /// What each partner bears, in a sentence's part: `A £10.00 and B £5.00`.
    pub bearers: String,
}

#[derive(Serialize)]
pub struct BandColumn {
    pub field: String,
    pub heading: String,
    /// `A 34%, B 66%`
    pub shares: String,
}

#[derive(Serialize)]
pub struct RiskShare {
    /// The sum that moves between the partners.
    pub moves: String,
    /// `On the present forecast £10.00 would pass between partners at the year end`.
    pub told: String,
}

pub(super) fn words<'a>(source: PackSource<'a>) -> Fund<'a> {
    let position = &source.position.fund;
    let total = &position.total;
    let variance = total.variance_full_year();
    let is_closed = is_year_end(source);
    let lines = no_actual::lines(source);
    let (listed, more) = no_actual::listed(source, &lines);
    let overspends =
        || position.schemes.iter().map(BudgetPosition::variance_full_year).filter(|over| *over > Pence::ZERO);
    Fund {
        budget: money(total.budget_full_year),
        budget_pounds: pounds(total.budget_full_year),
        outturn: money(total.outturn_full_year),
        budget_to_date: money(total.budget_to_date),
        actual_to_date: money(total.actual_to_date),
        forecast_to_date: no_actual::told(source, &lines),
        forecast_of_all: no_actual::told_of_all(source, &lines),
        no_actual: listed,
        no_actual_more: more,
        variance: money(variance.abs()),
        variance_pounds: pounds(variance.abs()),
        variance_signed: signed_pounds(variance),
        variance_percent: Value::percent(total.variance_full_year_percent()).shown(Show::Plain),
        direction: match variance.0.signum() {
            1 => "overspend",
            -1 => "underspend",
            _ => "break even",
        },
        outcome: match (variance.0.signum(), is_closed) {
            (1, false) => "is forecast to overspend by",
            (1, true) => "overspent by",
            (-1, false) => "is forecast to underspend by",
            (-1, true) => "underspent by",
            (_, false) => "is forecast to break even",
            (_, true) => "broke even",
        },
        is_off_budget: variance != Pence::ZERO,
        is_closed,
        over_budget: if is_closed { "over budget" } else { "forecast over budget" },
        schemes: position.schemes.len(),
        schemes_over: overspends().count(),
        schemes_over_pounds: pounds(overspends().sum()),
        has_no_part: fund::parts(source).iter().flatten().any(|has_part| !has_part),
        status: status_name(total.rag()),
    }
}

pub(super) fn pools<'a>(source: PackSource<'a>) -> Vec<Pool<'a>> {
    source
        .plan
        .pools
        .iter()
        .zip(&source.position.risk_share)
        .map(|(pool, shares)| Pool {
            id: &pool.id,
            name: &pool.name,
            risk_share: shares.as_ref().map(|shares| Shared {
                why: why(source, shares),
                ..shared(source, &pool.id, &shares.banded)
            }),
        })
        .collect()
}

/// How a variance is laid out over the bands of the agreement of this id.
pub(super) fn shared(source: PackSource<'_>, agreement_id: &str, banded: &Banded) -> Shared {
    let name = |partner: usize| source.plan.partners[partner].name.as_str();
    let agreed = source.plan.risk_share(agreement_id).map_or(&[][..], |agreed| agreed.bands(banded.side));
    let shares = |number: u32| {
        let band = agreed.iter().find(|band| band.number == number);
        let shares = band.map_or(&[][..], |band| &band.shares);
        let percent = |bp: i64| Decimal::from_i128_with_scale(i128::from(bp), 2).normalize();
        let shares = shares.iter().filter(|(_, bp)| *bp != 0);
        shares.map(|(partner, bp)| format!("{} {}%", name(*partner), percent(*bp))).collect::<Vec<_>>()
    };
    let bearers = (0..source.plan.partners.len()).filter_map(|partner| {
        let share = banded.share_of(partner);
        (share != Pence::ZERO).then(|| format!("{} {}", name(partner), money(share.abs())))
    });
    let bearers: Vec<String> = bearers.collect();
    Shared {
        base: money(banded.base),
        variance: Value::Money(banded.variance).shown(Show::SignedMoney),
        variance_size: money(banded.variance.abs()),
        side: banded.side.name(),
        is_over: banded.side == Side::Over,
        bands: (1..)
            .zip(&banded.bands)
            .map(|(place, band)| BandColumn {
                field: fund::band_field(place),
                heading: fund::band_name(band),
                shares: shares(band.number).join(", "),
            })
            .collect(),
        why: Vec::new(),
        bearers: listing(&bearers.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}

/// Why a partner pays although it spent less than its budget, and why the variance of partners whom the
/// bands do not name passes whole: a sentence each.
fn why(source: PackSource<'_>, shares: &PoolRiskShare) -> Vec<String> {
    let is_closed = is_year_end(source);
    let is_named = |partner: usize| {
        shares.banded.bands.iter().flat_map(|band| &band.split).any(|(named, _)| *named == partner)
    };
    let partners = || source.plan.partners.iter().zip(&shares.partners).enumerate();
    let unnamed: Vec<(&str, Pence)> = partners()
        .filter(|(index, (_, one))| !is_named(*index) && one.settlement() != Pence::ZERO)
        .map(|(_, (partner, one))| (partner.name.as_str(), one.settlement()))
        .collect();
    let is_odd = |one: &PartnerShare| {
        one.settlement() != Pence::ZERO && one.settlement().0.signum() == -one.own.0.signum()
    };
    let odd = partners().filter(|(index, (_, one))| is_named(*index) && is_odd(one) && one.own < Pence::ZERO);
    let odd = odd.map(|(_, (partner, one))| why_pays(&partner.name, one, is_closed));
    why_whole(&unnamed).into_iter().chain(odd).collect()
}

/// What becomes of the variances of partners whom the bands do not name.
fn why_whole(unnamed: &[(&str, Pence)]) -> Option<String> {
    let side = |words: &str, is_side: fn(Pence) -> bool| {
        let amounts = unnamed.iter().filter(|(_, settlement)| is_side(*settlement));
        let amounts: Vec<String> =
            amounts.map(|(name, settlement)| format!("{name} {}", money(settlement.abs()))).collect();
        (!amounts.is_empty()).then(|| format!("{words} ({})", amounts.join(", ")))
    };
    let sides = [
        side("whoever of them underspends pays that in", |settlement| settlement > Pence::ZERO),
        side("whoever of them overspends is paid that", |settlement| settlement < Pence::ZERO),
    ];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    let names: Vec<&str> = unnamed.iter().map(|(name, _)| *name).collect();
    (!sides.is_empty()).then(|| {
        format!(
            "These bands give no part of the variance to {}, so what they vary by passes whole: {}.",
            listing(&names),
            sides.join("; ")
        )
    })
}

fn why_pays(name: &str, one: &PartnerShare, is_closed: bool) -> String {
    let (spent, pays) = if is_closed {
        ("underspent", "still pays")
    } else {
        ("is forecast to underspend", "would still pay")
    };
    let part = match one.share >= Pence::ZERO {
        true => format!("its part of the pool’s overspend is {}", money(one.share)),
        false => format!("of the pool’s underspend it keeps {}", money(one.share.abs())),
    };
    format!("{name} {spent} by {} and {pays} {}: {part}.", money(one.own.abs()), money(one.settlement()))
}

/// What passes between the partners; none where no risk share is agreed.
pub(super) fn risk_share(source: PackSource<'_>) -> Option<RiskShare> {
    source.position.risk_share.iter().any(Option::is_some).then(|| {
        let settlement = source.position.settlement.iter().copied();
        let moves = money(settlement.filter(|amount| *amount > Pence::ZERO).sum());
        let told = if is_year_end(source) {
            format!("For the year {moves} passes between partners")
        } else {
            format!("On the present forecast {moves} would pass between partners at the year end")
        };
        RiskShare { moves, told }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::example::Example;

    #[test]
    fn the_years_last_month_is_told_as_what_was() {
        for (month, outcome, over, told) in [
            ("2015-11", "is forecast to overspend by", "forecast over budget", "On the present forecast £"),
            ("2015-03", "overspent by", "over budget", "For the year £"),
        ] {
            let example = Example::as_at(month, |_, text| text);
            let fund = words(example.source());
            assert_eq!((fund.outcome, fund.over_budget), (outcome, over));
            assert!(risk_share(example.source()).unwrap().told.starts_with(told));
        }
    }

    #[test]
    fn bands_are_shown_with_their_shares() {
        let example = Example::published();
        let pools = pools(example.source());
        let shared = pools.iter().find(|pool| pool.id == "INTEGRATED").unwrap().risk_share.as_ref().unwrap();
        let shares = &shared.bands[0].shares;
        for share in ["Buckinghamshire County Council 34%", " 25%", " 41%"] {
            assert!(shares.contains(share), "{shares}");
        }
    }

    #[test]
    fn whoever_underspends_and_still_pays_is_told_why() {
        // £10.00 borne, £5.00 under budget: £15.00 to pay.
        let one = PartnerShare { share: Pence(1_000), own: Pence(-500) };
        assert_eq!(
            why_pays("The trust", &one, false),
            "The trust is forecast to underspend by £5.00 and would still pay £15.00: its part of the pool’s \
             overspend is £10.00."
        );
        assert_eq!(
            why_whole(&[("A", Pence(4_581)), ("B", Pence(-200))]).unwrap(),
            "These bands give no part of the variance to A and B, so what they vary by passes whole: whoever \
             of them underspends pays that in (A £45.81); whoever of them overspends is paid that (B £2.00)."
        );
        assert_eq!(why_whole(&[]), None);
        let example = Example::published();
        let pools = pools(example.source());
        let told: Vec<&String> =
            pools.iter().filter_map(|pool| pool.risk_share.as_ref()).flat_map(|shared| &shared.why).collect();
        assert!(told[0].contains("(British Red Cross £4,580.68)"), "{told:?}");
    }
}
