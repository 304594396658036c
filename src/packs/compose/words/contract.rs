//! The words of the capitated contract and its outcome incentive.

use super::{
    fund::{Shared, shared},
    status_name,
};
use crate::{
    figures::{fund::percent, measure::Rag, money::Pence},
    packs::compose::{
        PackSource,
        contract::not_assessed,
        value::{Show, Value, money, pounds, signed_pounds},
    },
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Contract<'a> {
    pub id: &'a str,
    pub commissioner: &'a str,
    pub provider: &'a str,
    pub member_months: String,
    pub value: String,
    pub cost: String,
    /// Without a sign.
    pub result: String,
    pub result_signed: String,
    /// Who bears what of it under the corridor: `A £10.00 and B £5.00`; empty without one.
    pub bearers: String,
    /// `surplus` or `deficit`.
    pub result_word: &'static str,
    pub result_status: &'static str,
    pub cost_per_member_month: String,
    pub rate_per_member_month: String,
    pub loss_ratio: String,
    pub corridor: Option<Shared>,
    pub segments: Vec<Segment<'a>>,
    /// Absent where no KPI earns anything.
    pub incentive: Option<Incentive>,
}

#[derive(Serialize)]
pub struct Segment<'a> {
    pub id: &'a str,
    pub name: &'a str,
}

#[derive(Serialize)]
pub struct Incentive {
    pub pot: String,
    pub earned: String,
    pub earned_pounds: String,
    pub forfeited: String,
    pub earned_percent: String,
    pub rate_percent: String,
    /// What belongs to KPIs without a target or without data, which earn nothing; empty where there is none.
    pub not_assessed: String,
    pub kpis_not_assessed: usize,
    pub kpis: usize,
    pub kpis_in_full: usize,
}

pub(super) fn words<'a>(source: PackSource<'a>) -> Option<Contract<'a>> {
    let (agreed, position) = (source.plan.contract.as_ref()?, source.position.contract.as_ref()?);
    let (total, incentive) = (&position.capitation.total, &position.incentive);
    let result = total.surplus();
    let is_surplus = result >= Pence::ZERO;
    let name = |partner: usize| source.plan.partners[partner].name.as_str();
    let corridor = position.capitation.corridor.as_ref();
    let corridor = corridor.map(|banded| shared(source, &agreed.id, banded));
    let not_assessed = || {
        let kpis = source.plan.kpis.iter().zip(&incentive.kpis);
        kpis.filter(|(kpi, _)| not_assessed(source, kpi.measure).is_some()).map(|(_, kpi)| kpi.available)
    };
    let kpis_not_assessed = not_assessed().count();
    Some(Contract {
        id: &agreed.id,
        commissioner: name(agreed.commissioner),
        provider: name(agreed.provider),
        member_months: Value::Whole(total.member_months).shown(Show::Plain),
        value: money(total.contract_value),
        cost: money(total.cost),
        result: money(result.abs()),
        result_signed: signed_pounds(result),
        bearers: corridor.as_ref().map(|corridor| corridor.bearers.clone()).unwrap_or_default(),
        result_word: if is_surplus { "surplus" } else { "deficit" },
        result_status: status_name(if is_surplus { Rag::Green } else { Rag::Red }),
        cost_per_member_month: Value::money(total.cost_per_member_month()).shown(Show::Plain),
        rate_per_member_month: Value::money(total.rate_per_member_month()).shown(Show::Plain),
        loss_ratio: Value::percent(total.loss_ratio()).shown(Show::Plain),
        corridor,
        segments: source
            .plan
            .segments
            .iter()
            .map(|segment| Segment { id: &segment.id, name: &segment.name })
            .collect(),
        incentive: (!incentive.kpis.is_empty()).then(|| Incentive {
            pot: money(incentive.pot),
            earned: money(incentive.earned),
            earned_pounds: pounds(incentive.earned),
            forfeited: money(incentive.forfeited()),
            earned_percent: Value::percent(percent(incentive.earned, incentive.pot)).shown(Show::Plain),
            rate_percent: format!("{}.{:02}%", agreed.incentive_bp / 100, agreed.incentive_bp % 100),
            not_assessed: match kpis_not_assessed {
                0 => String::new(),
                _ => money(not_assessed().sum()),
            },
            kpis_not_assessed,
            kpis: incentive.kpis.len(),
            kpis_in_full: incentive.kpis.iter().filter(|kpi| kpi.earned == kpi.available).count(),
        }),
    })
}
