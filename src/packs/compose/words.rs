//! The words and single figures that templates use, each already written as it is shown.

use super::{
    PackSource, commentary,
    commentary::CommentaryWords,
    fund,
    measures::{self, Measures},
    scorecard,
    value::{Show, Value, money, pounds, signed_pounds, status_of, year_words},
};
use crate::figures::{
    fund::{BudgetPosition, FundPosition, percent},
    measure::Rag,
    money::Pence,
    risk_share::{Banded, Side},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What a template may name.
#[derive(Serialize)]
pub struct Words<'a> {
    pub board: &'a str,
    pub area: &'a str,
    pub area_code: &'a str,
    pub icb: &'a str,
    /// `November 2015`
    pub as_at: String,
    /// `2015-11`
    pub as_at_code: String,
    /// `8`, for month 8 of the year
    pub month_number: i32,
    /// `2015/16`
    pub financial_year: String,
    /// `2014/15`
    pub last_financial_year: String,
    /// Words for every page, such as "Illustrative figures"; may be empty.
    pub standing_note: &'a str,
    /// The pack's reference, made from what it rests on.
    pub reference: String,
    pub version: &'static str,
    pub plan_sha256: &'a str,
    pub paper: Paper<'a>,
    pub measures: Measures<'a>,
    /// Absent where the area has no pooled fund.
    pub fund: Option<Fund>,
    pub pools: Vec<Pool<'a>>,
    pub partners: Vec<Partner<'a>>,
    /// Absent where no risk share is agreed.
    pub risk_share: Option<RiskShare>,
    /// Absent where the area has no capitated contract.
    pub contract: Option<Contract<'a>>,
    pub rows: Rows,
    /// The year's months: the scorecard's column and its heading.
    pub months: Vec<MonthColumn>,
    /// What owners say; empty where nothing was written.
    pub commentary: Vec<CommentaryWords<'a>>,
}

#[derive(Serialize)]
pub struct Paper<'a> {
    /// `Thursday 10 December 2015`; empty where the plan is silent.
    pub meeting_on: String,
    pub agenda_item: &'a str,
    pub report_of: &'a str,
    pub contact: &'a str,
    pub purpose: &'a str,
    pub recommendations: &'a [String],
    pub background_papers: &'a [String],
}

/// A budget line's figures.
#[derive(Serialize)]
pub struct Fund {
    pub budget: String,
    pub budget_pounds: String,
    pub outturn: String,
    pub budget_to_date: String,
    pub actual_to_date: String,
    /// Without a sign.
    pub variance: String,
    pub variance_pounds: String,
    /// With its sign, to the pound.
    pub variance_signed: String,
    /// With its sign.
    pub variance_percent: String,
    /// `overspend`, `underspend` or `break even`.
    pub direction: &'static str,
    pub is_off_budget: bool,
    pub schemes: usize,
    /// How many schemes are forecast over budget.
    pub schemes_over: usize,
    /// What they are forecast over by, together.
    pub schemes_over_pounds: String,
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
    /// The bands of that side: the table's column and its heading.
    pub bands: Vec<BandColumn>,
}

#[derive(Serialize)]
pub struct BandColumn {
    pub field: String,
    pub heading: String,
}

#[derive(Serialize)]
pub struct Partner<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
}

#[derive(Serialize)]
pub struct RiskShare {
    /// The sum that moves between the partners.
    pub moves: String,
}

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
    pub kpis: usize,
    pub kpis_in_full: usize,
}

#[derive(Serialize)]
pub struct Rows {
    pub received: String,
    pub accepted: String,
    pub rejected: String,
    pub rejected_count: usize,
    pub queries: String,
    pub queries_count: usize,
    /// The status's name in templates.
    pub status: &'static str,
    pub returns: usize,
}

#[derive(Serialize)]
pub struct MonthColumn {
    pub field: &'static str,
    pub heading: String,
}

impl<'a> Words<'a> {
    pub(super) fn of(source: PackSource<'a>) -> Words<'a> {
        let (plan, position) = (source.plan, source.position);
        let as_at = position.as_at;
        let has_fund = !plan.pools.is_empty();
        Words {
            board: &plan.area.board_name,
            area: &plan.area.name,
            area_code: &plan.area.code,
            icb: &plan.area.icb_name,
            as_at: as_at.name(),
            as_at_code: as_at.to_string(),
            month_number: as_at.month_of_financial_year(),
            financial_year: year_words(as_at.financial_year()),
            last_financial_year: year_words(as_at.financial_year().previous()),
            standing_note: &plan.area.standing_note,
            reference: reference(source),
            version: env!("CARGO_PKG_VERSION"),
            plan_sha256: source.plan_sha256,
            paper: paper(source),
            measures: measures::words(source),
            fund: has_fund.then(|| fund_words(&position.fund)),
            pools: pools(source),
            partners: plan
                .partners
                .iter()
                .map(|partner| Partner { id: &partner.id, name: &partner.name, kind: &partner.kind })
                .collect(),
            risk_share: position.risk_share.iter().any(Option::is_some).then(|| RiskShare {
                moves: money(
                    position.settlement.iter().copied().filter(|amount| *amount > Pence::ZERO).sum(),
                ),
            }),
            contract: contract(source),
            rows: rows(source),
            months: scorecard::month_columns(as_at)
                .into_iter()
                .map(|(field, heading)| MonthColumn { field, heading })
                .collect(),
            commentary: commentary::words(source),
        }
    }
}

/// `E10000002-2015-11-` and twelve digits of the SHA-256 of the plan, the returns, the commentary and
/// the program's version.
fn reference(source: PackSource<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(source.plan_sha256);
    for used in source.returns {
        hash.update(used.return_type.name());
        hash.update(&used.sha256);
    }
    commentary::add_to(&mut hash, source.commentary);
    hash.update(env!("CARGO_PKG_VERSION"));
    let digits: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{digits}", source.plan.area.code, source.position.as_at)
}

fn paper<'a>(source: PackSource<'a>) -> Paper<'a> {
    let paper = &source.plan.paper;
    Paper {
        meeting_on: paper.meeting_on.map(|day| day.format("%A %-d %B %Y").to_string()).unwrap_or_default(),
        agenda_item: &paper.agenda_item,
        report_of: &paper.report_of,
        contact: &paper.contact,
        purpose: &paper.purpose,
        recommendations: &paper.recommendations,
        background_papers: &paper.background_papers,
    }
}

fn fund_words(position: &FundPosition) -> Fund {
    let total = &position.total;
    let variance = total.variance_full_year();
    let overspends =
        || position.schemes.iter().map(BudgetPosition::variance_full_year).filter(|over| *over > Pence::ZERO);
    Fund {
        budget: money(total.budget_full_year),
        budget_pounds: pounds(total.budget_full_year),
        outturn: money(total.outturn_full_year),
        budget_to_date: money(total.budget_to_date),
        actual_to_date: money(total.actual_to_date),
        variance: money(variance.abs()),
        variance_pounds: pounds(variance.abs()),
        variance_signed: signed_pounds(variance),
        variance_percent: Value::percent(total.variance_full_year_percent()).shown(Show::Plain),
        direction: match variance.0.signum() {
            1 => "overspend",
            -1 => "underspend",
            _ => "break even",
        },
        is_off_budget: variance != Pence::ZERO,
        schemes: position.schemes.len(),
        schemes_over: overspends().count(),
        schemes_over_pounds: pounds(overspends().sum()),
        status: status_name(total.rag()),
    }
}

/// The name by which a template gives a RAG's status.
fn status_name(rag: Rag) -> &'static str {
    crate::packs::markup::name_of(status_of(rag))
}

fn pools<'a>(source: PackSource<'a>) -> Vec<Pool<'a>> {
    source
        .plan
        .pools
        .iter()
        .zip(&source.position.risk_share)
        .map(|(pool, shares)| Pool {
            id: &pool.id,
            name: &pool.name,
            risk_share: shares.as_ref().map(|shares| shared(&shares.banded)),
        })
        .collect()
}

fn shared(banded: &Banded) -> Shared {
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
            })
            .collect(),
    }
}

fn contract<'a>(source: PackSource<'a>) -> Option<Contract<'a>> {
    let (agreed, position) = (source.plan.contract.as_ref()?, source.position.contract.as_ref()?);
    let (total, incentive) = (&position.capitation.total, &position.incentive);
    let result = total.surplus();
    let is_surplus = result >= Pence::ZERO;
    let name = |partner: usize| source.plan.partners[partner].name.as_str();
    Some(Contract {
        id: &agreed.id,
        commissioner: name(agreed.commissioner),
        provider: name(agreed.provider),
        member_months: Value::Whole(total.member_months).shown(Show::Plain),
        value: money(total.contract_value),
        cost: money(total.cost),
        result: money(result.abs()),
        result_signed: signed_pounds(result),
        result_word: if is_surplus { "surplus" } else { "deficit" },
        result_status: status_name(if is_surplus { Rag::Green } else { Rag::Red }),
        cost_per_member_month: Value::money(total.cost_per_member_month()).shown(Show::Plain),
        rate_per_member_month: Value::money(total.rate_per_member_month()).shown(Show::Plain),
        loss_ratio: Value::percent(total.loss_ratio()).shown(Show::Plain),
        corridor: position.capitation.corridor.as_ref().map(shared),
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
            kpis: incentive.kpis.len(),
            kpis_in_full: incentive.kpis.iter().filter(|kpi| kpi.earned == kpi.available).count(),
        }),
    })
}

fn rows(source: PackSource<'_>) -> Rows {
    let counts = || source.facts.intake.values();
    let shown = |number: u32| Value::Whole(i64::from(number)).shown(Show::Plain);
    let (received, accepted) =
        (counts().map(|c| c.rows).sum::<u32>(), counts().map(|c| c.accepted).sum::<u32>());
    let rejected = received - accepted;
    let queries = counts().flat_map(|c| c.warnings.values()).sum();
    Rows {
        received: shown(received),
        accepted: shown(accepted),
        rejected: shown(rejected),
        rejected_count: rejected as usize,
        queries: shown(queries),
        queries_count: queries as usize,
        status: status_name(if rejected == 0 { Rag::Green } else { Rag::Amber }),
        returns: source.returns.len(),
    }
}
