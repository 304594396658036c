//! The words and single figures that templates use, each already written as it is shown.

mod contract;
mod fund;

pub use contract::Contract;
pub use fund::{Fund, Pool, RiskShare};

use super::{
    PackSource, commentary,
    commentary::CommentaryWords,
    measures::{self, Measures},
    revisions::RestatedWords,
    scorecard,
    value::{Show, Value, status_of, year_words},
};
use crate::figures::measure::Rag;
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
    /// What the board is asked to do, each with its mark and the amount that is meant.
    pub recommendations: Vec<Recommendation<'a>>,
    pub measures: Measures<'a>,
    /// Absent where the area has no pooled fund.
    pub fund: Option<Fund<'a>>,
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
    /// What has no explanation, in a sentence; empty where each exception has one.
    pub unexplained: String,
    /// Absent where the pack takes the place of no other.
    pub restated: Option<RestatedWords<'a>>,
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

/// What the board is asked to do.
#[derive(Serialize)]
pub struct Recommendation<'a> {
    pub words: &'a str,
    /// `For decision` or `For noting`; empty where the words do not begin with what they ask for.
    pub mark: &'static str,
    /// What would pass between partners, where the share of it is to be agreed; else empty.
    pub amount: String,
}

#[derive(Serialize)]
pub struct Partner<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
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
            recommendations: recommendations(source),
            measures: measures::words(source),
            fund: has_fund.then(|| fund::words(source)),
            pools: fund::pools(source),
            partners: plan
                .partners
                .iter()
                .map(|partner| Partner { id: &partner.id, name: &partner.name, kind: &partner.kind })
                .collect(),
            risk_share: fund::risk_share(source),
            contract: contract::words(source),
            rows: rows(source),
            months: scorecard::month_columns(as_at)
                .into_iter()
                .map(|(field, heading)| MonthColumn { field, heading })
                .collect(),
            commentary: commentary::words(source),
            unexplained: commentary::unexplained_told(source),
            restated: None, // told from the tables, which are composed apart
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
    commentary::add_to(&mut hash, source.commentary.unwrap_or_default());
    if let Some(restates) = source.restates {
        hash.update(restates.version.to_be_bytes());
        hash.update(&restates.reason);
    }
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

fn recommendations<'a>(source: PackSource<'a>) -> Vec<Recommendation<'a>> {
    let recommendations = source.plan.paper.recommendations.iter();
    let risk_share = fund::risk_share(source);
    let of = |words: &'a String| {
        let mark = mark_of(words);
        let is_share = mark == DECISION && words.to_lowercase().contains("share");
        Recommendation {
            words,
            mark,
            amount: risk_share
                .as_ref()
                .filter(|_| is_share)
                .map(|share| format!("{} between partners", share.moves))
                .unwrap_or_default(),
        }
    };
    recommendations.map(of).collect()
}

const DECISION: &str = "For decision";

/// What a recommendation asks for, by its first word.
fn mark_of(recommendation: &str) -> &'static str {
    let first = recommendation.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
    match first.to_lowercase().as_str() {
        "note" | "receive" => "For noting",
        "agree" | "approve" | "ask" | "decide" | "endorse" | "confirm" | "delegate" => DECISION,
        _ => "",
    }
}

/// The name by which a template gives a RAG's status.
fn status_name(rag: Rag) -> &'static str {
    crate::packs::markup::name_of(status_of(rag))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::example::Example;

    #[test]
    fn a_recommendation_says_whether_it_is_for_decision_and_what_amount_it_is_about() {
        let example = Example::published();
        let asked = recommendations(example.source());
        let marks: Vec<&str> = asked.iter().map(|one| one.mark).collect();
        assert_eq!(marks, ["For noting", DECISION, DECISION]);
        let moves = fund::risk_share(example.source()).unwrap().moves;
        let amounts: Vec<&str> = asked.iter().map(|one| one.amount.as_str()).collect();
        assert_eq!(amounts, ["", &*format!("{moves} between partners"), ""]);
        // Words that do not begin with what they ask for have no mark.
        assert_eq!(mark_of("That the Board be told"), "");
    }
}
