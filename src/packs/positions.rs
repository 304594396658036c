//! `positions.json`: every figure of an area, as other programs read it.
//!
//! Canonical JSON: keys sorted, no spaces, ASCII, decimals as strings with exactly their places,
//! money and counts as whole numbers. The shapes below keep their fields in the order of their names.
//!
//! Source: `formats.md` section 4; the workload's specification, section 8.

use crate::figures::{
    agreement::AreaPlan,
    capitation::CapitationSum,
    facts::{AreaFacts, ReturnType},
    fraction::Fraction,
    fund::BudgetPosition,
    measure::{MeasurePosition, Rag, TargetFigure},
    money::Pence,
    position::{ContractPosition, Position},
    risk_share::Banded,
    spc::{Assurance, Variation},
};
use rust_decimal::Decimal;
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

#[derive(Serialize)]
struct AnnualTarget {
    annual: Option<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Card<'a> {
    assurance: &'static str,
    change: Option<String>,
    latest: CardLatest,
    measure_id: &'a str,
    points: &'a str,
    prev_ytd: CardLastYear,
    rag: String,
    spc: Option<CardStatistics>,
    targets: Vec<Option<String>>,
    values: Vec<Option<String>>,
    variation: &'static str,
    ytd: CardYearToDate,
}

#[derive(Serialize)]
struct CardLatest {
    period: Option<String>,
    rag: char,
    target: Option<String>,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardLastYear {
    months: u32,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardYearToDate {
    months: u32,
    rag: char,
    target: Option<String>,
    value: Option<String>,
}

#[derive(Serialize)]
struct CardStatistics {
    amr: String,
    lcl: String,
    mean: String,
    n: usize,
    ucl: String,
}

#[derive(Serialize)]
struct Budget<'a> {
    history: BTreeMap<String, ById<'a, [i64; 2]>>,
    matrix: ById<'a, Vec<i64>>,
    monthly: Vec<[i64; 2]>,
    partners: ById<'a, BudgetLine>,
    pools: ById<'a, BudgetLine>,
    schemes: ById<'a, BudgetLine>,
    total: BudgetLine,
}

#[derive(Serialize)]
struct BudgetLine {
    actual_ytd: i64,
    budget_fy: i64,
    budget_ytd: i64,
    outturn_fy: i64,
    rag: char,
    variance_fy: i64,
    variance_fy_pct: Option<String>,
    variance_ytd: i64,
    variance_ytd_pct: Option<String>,
}

#[derive(Serialize)]
struct PoolShare<'a> {
    bands: Vec<BandLine<'a>>,
    base: i64,
    partners: ById<'a, PartnerLine>,
    side: &'static str,
    variance: i64,
}

#[derive(Serialize)]
struct Corridor<'a> {
    bands: Vec<BandLine<'a>>,
    base: i64,
    partners: ById<'a, i64>,
    side: &'static str,
    variance: i64,
}

#[derive(Serialize)]
struct BandLine<'a> {
    amount: i64,
    band: u32,
    split: ById<'a, i64>,
}

#[derive(Serialize)]
struct PartnerLine {
    own: i64,
    settlement: i64,
    share: i64,
}

#[derive(Serialize)]
struct Capitation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    corridor: Option<Corridor<'a>>,
    monthly: ById<'a, Vec<CapitationMonth>>,
    practices: ById<'a, CapitationLine>,
    segments: ById<'a, CapitationLine>,
    segments_prev: ById<'a, CapitationLine>,
    total: CapitationLine,
    total_prev: CapitationLine,
}

/// Members, cost and rate per member month.
type CapitationMonth = (i64, Option<i64>, Option<i64>);

#[derive(Serialize)]
struct CapitationLine {
    contract: i64,
    cost: i64,
    loss_ratio: Option<String>,
    member_months: i64,
    pmpm_cost: Option<i64>,
    pmpm_rate: Option<i64>,
    surplus: i64,
}

#[derive(Serialize)]
struct Incentive<'a> {
    earned: i64,
    forfeited: i64,
    kpis: Vec<KpiLine<'a>>,
    pot: i64,
}

#[derive(Serialize)]
struct KpiLine<'a> {
    achievement_pct: String,
    available: i64,
    earned: i64,
    measure_id: &'a str,
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
                .filter_map(|(pool, shares)| {
                    let shares = shares.as_ref()?;
                    let partners = shares.partners.iter().map(|partner| PartnerLine {
                        own: partner.own.0,
                        settlement: partner.settlement().0,
                        share: partner.share.0,
                    });
                    let share = PoolShare {
                        bands: bands(plan, &shares.banded),
                        base: shares.banded.base.0,
                        partners: partner_ids().zip(partners).collect(),
                        side: shares.banded.side.name(),
                        variance: shares.banded.variance.0,
                    };
                    Some((pool.id.as_str(), share))
                })
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
                    let target = position.annual_target?;
                    let state = match target {
                        TargetFigure::Number(_) => "set",
                        TargetFigure::ToBeConfirmed => "to be confirmed",
                        TargetFigure::NotSet => "none",
                    };
                    Some((measure.id.as_str(), AnnualTarget { annual: text(target.number()), state }))
                })
                .collect(),
        }
    }
}

fn text(number: Option<Decimal>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn bands<'a>(plan: &'a AreaPlan, banded: &Banded) -> Vec<BandLine<'a>> {
    banded
        .bands
        .iter()
        .map(|band| BandLine {
            amount: band.amount.0,
            band: band.number,
            split: band
                .split
                .iter()
                .map(|(partner, part)| (plan.partners[*partner].id.as_str(), part.0))
                .collect(),
        })
        .collect()
}

impl<'a> Card<'a> {
    fn of(measure_id: &'a str, decimals: u32, position: &'a MeasurePosition) -> Card<'a> {
        let latest = position.latest.as_ref();
        let months = &position.months;
        let target = |target: Option<TargetFigure>| {
            text(target.and_then(TargetFigure::number).map(|number| Fraction::from(number).round(decimals)))
        };
        Card {
            assurance: match position.chart.assurance {
                Assurance::None => "none",
                Assurance::Pass => "pass",
                Assurance::Fail => "fail",
                Assurance::HitOrMiss => "hit_or_miss",
            },
            change: text(position.change),
            latest: CardLatest {
                period: latest.map(|latest| latest.month.to_string()),
                rag: latest.map_or(Rag::NotJudged, |latest| latest.rag).letter(),
                target: text(latest.and_then(|latest| latest.target)),
                value: text(latest.map(|latest| latest.value)),
            },
            measure_id,
            points: &position.chart.letters,
            prev_ytd: CardLastYear {
                months: position.last_year_to_date.months,
                value: text(position.last_year_to_date.value),
            },
            rag: months.iter().map(|figure| figure.rag.letter()).collect(),
            spc: position.chart.statistics.as_ref().map(|statistics| CardStatistics {
                amr: statistics.average_moving_range.to_string(),
                lcl: statistics.lower_limit.to_string(),
                mean: statistics.mean.to_string(),
                n: statistics.points,
                ucl: statistics.upper_limit.to_string(),
            }),
            targets: months.iter().map(|figure| target(figure.target)).collect(),
            values: months.iter().map(|figure| text(figure.value.map(|value| value.published))).collect(),
            variation: match position.chart.variation {
                Variation::None => "none",
                Variation::Common => "common",
                Variation::Improvement => "improvement",
                Variation::Concern => "concern",
            },
            ytd: CardYearToDate {
                months: position.year_to_date.months,
                rag: position.year_to_date.rag.letter(),
                target: text(position.year_to_date.target),
                value: text(position.year_to_date.value),
            },
        }
    }
}

impl<'a> Budget<'a> {
    fn of(plan: &'a AreaPlan, position: &Position) -> Budget<'a> {
        let fund = &position.fund;
        let pool_ids = || plan.pools.iter().map(|pool| pool.id.as_str());
        let scheme_ids = || plan.schemes.iter().map(|scheme| scheme.id.as_str());
        Budget {
            history: fund
                .history
                .iter()
                .map(|(year, pools)| {
                    let sums = pools.iter().map(|sum| [sum.budget.0, sum.spend.0]);
                    (year.to_string(), pool_ids().zip(sums).collect())
                })
                .collect(),
            matrix: scheme_ids()
                .zip(&fund.variance_by_scheme_and_partner)
                .map(|(id, variances)| (id, variances.iter().map(|variance| variance.0).collect()))
                .collect(),
            monthly: fund.months.iter().map(|sum| [sum.budget.0, sum.spend.0]).collect(),
            partners: plan
                .partners
                .iter()
                .zip(&fund.partners)
                .map(|(partner, position)| (partner.id.as_str(), BudgetLine::of(position)))
                .collect(),
            pools: pool_ids().zip(fund.pools.iter().map(BudgetLine::of)).collect(),
            schemes: scheme_ids().zip(fund.schemes.iter().map(BudgetLine::of)).collect(),
            total: BudgetLine::of(&fund.total),
        }
    }
}

impl BudgetLine {
    fn of(position: &BudgetPosition) -> BudgetLine {
        BudgetLine {
            actual_ytd: position.actual_to_date.0,
            budget_fy: position.budget_full_year.0,
            budget_ytd: position.budget_to_date.0,
            outturn_fy: position.outturn_full_year.0,
            rag: position.rag().letter(),
            variance_fy: position.variance_full_year().0,
            variance_fy_pct: text(position.variance_full_year_percent()),
            variance_ytd: position.variance_to_date().0,
            variance_ytd_pct: text(position.variance_to_date_percent()),
        }
    }
}

impl<'a> Capitation<'a> {
    fn of(plan: &'a AreaPlan, contract: &ContractPosition) -> Capitation<'a> {
        let capitation = &contract.capitation;
        let segment_ids = || plan.segments.iter().map(|segment| segment.id.as_str());
        let lines = |sums: &[CapitationSum]| sums.iter().map(CapitationLine::of).collect::<Vec<_>>();
        Capitation {
            corridor: plan.contract.as_ref().zip(capitation.corridor.as_ref()).map(|(agreed, banded)| {
                Corridor {
                    bands: bands(plan, banded),
                    base: banded.base.0,
                    partners: [agreed.commissioner, agreed.provider]
                        .into_iter()
                        .map(|partner| (plan.partners[partner].id.as_str(), banded.share_of(partner).0))
                        .collect(),
                    side: banded.side.name(),
                    variance: banded.variance.0,
                }
            }),
            monthly: segment_ids()
                .zip(&capitation.months)
                .map(|(id, sums)| {
                    let pence = |amount: Option<Pence>| amount.map(|amount| amount.0);
                    let month = |sum: &CapitationSum| {
                        (
                            sum.member_months,
                            pence(sum.cost_per_member_month()),
                            pence(sum.rate_per_member_month()),
                        )
                    };
                    (id, sums.iter().map(month).collect())
                })
                .collect(),
            practices: plan
                .practices
                .iter()
                .map(|practice| practice.code.as_str())
                .zip(lines(&capitation.practices))
                .collect(),
            segments: segment_ids().zip(lines(&capitation.segments)).collect(),
            segments_prev: segment_ids().zip(lines(&capitation.segments_last_year)).collect(),
            total: CapitationLine::of(&capitation.total),
            total_prev: CapitationLine::of(&capitation.total_last_year),
        }
    }
}

impl CapitationLine {
    fn of(sum: &CapitationSum) -> CapitationLine {
        CapitationLine {
            contract: sum.contract_value.0,
            cost: sum.cost.0,
            loss_ratio: text(sum.loss_ratio()),
            member_months: sum.member_months,
            pmpm_cost: sum.cost_per_member_month().map(|amount| amount.0),
            pmpm_rate: sum.rate_per_member_month().map(|amount| amount.0),
            surplus: sum.surplus().0,
        }
    }
}

impl<'a> Incentive<'a> {
    fn of(plan: &'a AreaPlan, contract: &ContractPosition) -> Incentive<'a> {
        let incentive = &contract.incentive;
        Incentive {
            earned: incentive.earned.0,
            forfeited: incentive.forfeited().0,
            kpis: plan
                .kpis
                .iter()
                .zip(&incentive.kpis)
                .map(|(kpi, position)| KpiLine {
                    achievement_pct: position.achievement_percent().to_string(),
                    available: position.available.0,
                    earned: position.earned.0,
                    measure_id: &plan.measures[kpi.measure].id,
                })
                .collect(),
            pot: incentive.pot.0,
        }
    }
}
