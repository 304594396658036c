//! `positions.json`: every figure of an area, as other programs read it.
//!
//! Canonical JSON: keys sorted, no spaces, ASCII, decimals as strings with exactly their places,
//! money and counts as whole numbers. The shapes below keep their fields in the order of their names.
//!
//! Source: `formats.md` section 4; the workload's specification, section 8.

mod scorecard;
mod fund;
mod contract;

use crate::figures::{
    agreement::AreaPlan,
    facts::{AreaFacts, ReturnType},
    measure::Rag,
    position::Position,
};
use contract::{Capitation, Incentive};
use fund::{Budget, PoolShare};
use rust_decimal::Decimal;
use scorecard::{AnnualTarget, Card};
use serde::Serialize;
use std::{collections::BTreeMap, io};

/// Writes the area's figures as one line of canonical JSON, with a line end.
pub fn positions_json(plan: &AreaPlan, facts: &AreaFacts, position: &Position) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128 * 1024);
    let positions = Positions::of(plan, facts, position);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Ascii);
    positions.serialize(&mut serializer).expect("positions are plain values");
    bytes.push(b'\n');
    bytes
}

/// Compact JSON with everything beyond ASCII escaped.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.is_ascii() {
            return writer.write_all(fragment.as_bytes());
        }
        for unit in fragment.encode_utf16() {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => writer.write_all(&[byte])?,
                Ok(_) | Err(_) => write!(writer, "\\u{unit:04x}")?,
            }
        }
        Ok(())
    }
}

type ById<'a, T> = BTreeMap<&'a str, T>;

#[derive(Serialize)]
struct Positions<'a> {
    area_code: &'a str,
    as_at: String,
    budget: Budget<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capitation: Option<Capitation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incentive: Option<Incentive<'a>>,
    quality: BTreeMap<&'static str, Quality<'a>>,
    rag_counts: BTreeMap<String, usize>,
    rejects: Vec<(&'static str, u32, &'static str)>,
    risk_share: ById<'a, PoolShare<'a>>,
    scorecard: Vec<Card<'a>>,
    settlement: ById<'a, i64>,
    /// Targets of whole years, where the plan sets any apart from the months.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    targets: ById<'a, AnnualTarget>,
}

#[derive(Serialize)]
struct Quality<'a> {
    accepted: u32,
    rejected: &'a BTreeMap<&'static str, u32>,
    rows: u32,
    warnings: &'a BTreeMap<&'static str, u32>,
}

impl<'a> Positions<'a> {
    fn of(plan: &'a AreaPlan, facts: &'a AreaFacts, position: &'a Position) -> Positions<'a> {
        let partner_ids = || plan.partners.iter().map(|partner| partner.id.as_str());
        let contract = position.contract.as_ref();
        Positions {
            area_code: &plan.area.code,
            as_at: position.as_at.to_string(),
            budget: Budget::of(plan, position),
            capitation: contract.map(|contract| Capitation::of(plan, contract)),
            incentive: contract.map(|contract| Incentive::of(plan, contract)),
            quality: ReturnType::ALL
                .into_iter()
                .filter_map(|return_type| Some((return_type.name(), facts.intake.get(&return_type)?)))
                .map(|(name, counts)| {
                    let quality = Quality {
                        accepted: counts.accepted,
                        rejected: &counts.rejected,
                        rows: counts.rows,
                        warnings: &counts.warnings,
                    };
                    (name, quality)
                })
                .collect(),
            rag_counts: Rag::ALL
                .into_iter()
                .map(|rag| (rag.letter().to_string(), position.rag_count(rag)))
                .collect(),
            rejects: facts
                .rejects
                .iter()
                .map(|reject| (reject.return_type.name(), reject.row, reject.code))
                .collect(),
            risk_share: plan
                .pools
                .iter()
                .zip(&position.risk_share)
                .filter_map(|(pool, shares)| Some((pool.id.as_str(), PoolShare::of(plan, shares.as_ref()?))))
                .collect(),
            scorecard: plan
                .measures
                .iter()
                .zip(&position.scorecard)
                .map(|(measure, position)| Card::of(&measure.id, measure.decimals, position))
                .collect(),
            settlement: partner_ids().zip(position.settlement.iter().map(|amount| amount.0)).collect(),
            targets: plan
                .measures
                .iter()
                .zip(&position.scorecard)
                .filter_map(|(measure, position)| {
                    Some((measure.id.as_str(), AnnualTarget::of(position.annual_target?)))
                })
                .collect(),
        }
    }
}

fn text(number: Option<Decimal>) -> Option<String> {
    number.map(|number| number.to_string())
}
