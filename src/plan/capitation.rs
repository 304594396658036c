//! The capitated contract: segments, rates, practices and the contract itself.

use super::{
    findings::{Findings, LONGEST_NAME},
    index::{AreaIndex, Index},
    tables::Tables,
};
use crate::figures::{
    agreement::{Contract, Practice, Segment, Windows},
    money::Pence,
    period::FinancialYear,
    split::WHOLE_BP,
};
use std::collections::{BTreeMap, HashMap};

/// The rates of one area by segment and year.
pub type Rates = BTreeMap<(usize, FinancialYear), Pence>;

/// No contract pays more for a member and month; with more, what all members are worth could be more than
/// an amount of money holds.
const HIGHEST_RATE: Pence = Pence(10_000_000);

/// How many missing rates a fault lists by name.
const LISTED_RATES: usize = 6;

/// Reads the segments, which are the same for every area.
pub fn segments<'t>(tables: &'t Tables, findings: &mut Findings) -> (Vec<Segment>, Index<'t>) {
    let table = tables.get("segments");
    let [id, name] = table.columns(["segment_id", "segment_name"]);
    let mut index = Index::national("segment", table);
    let mut segments = Vec::new();
    for row in table.rows() {
        let segment_id = findings.id(row, id);
        let name = findings.words(row, name, LONGEST_NAME);
        let Some(segment_id) = segment_id else { continue };
        if index.add((Index::EVERY_AREA, segment_id), segments.len(), row, id, findings) {
            segments.push(Segment { id: segment_id.to_owned(), name });
        }
    }
    (segments, index)
}

/// Reads the practices of each area, in the plan's order.
pub fn practices(tables: &Tables, areas: &AreaIndex<'_>, findings: &mut Findings) -> Vec<Vec<Practice>> {
    let table = tables.get("practices");
    let [area, code, name] = table.columns(["area_code", "practice_code", "practice_name"]);
    let mut index = Index::new("practice", table);
    let mut lists: Vec<Vec<Practice>> = areas.lists();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let practice_code = findings.id(row, code);
        let name = findings.words(row, name, LONGEST_NAME);
        let (Some(area), Some(practice_code)) = (area, practice_code) else { continue };
        if index.add((area, practice_code), lists[area].len(), row, code, findings) {
            lists[area].push(Practice { code: practice_code.to_owned(), name });
        }
    }
    lists
}

/// Reads the contract of each area that has one.
pub fn contracts(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    partners: &Index<'_>,
    pools: &Index<'_>,
    findings: &mut Findings,
) -> Vec<Option<Contract>> {
    let table = tables.get("contracts");
    let [area_code, id, commissioner, provider, incentive] = table.columns([
        "area_code",
        "contract_id",
        "commissioner_partner_id",
        "provider_partner_id",
        "incentive_bp",
    ]);
    let mut contracts: Vec<Option<Contract>> = vec![None; areas.count()];
    let mut first_rows: HashMap<usize, u32> = HashMap::new();
    for row in table.rows() {
        let area = areas.find(row, area_code, findings);
        let contract_id = findings.id(row, id);
        let commissioner = partners.find(area, areas, row, commissioner, findings);
        let provider_partner = partners.find(area, areas, row, provider, findings);
        let incentive_bp = findings.whole(row, incentive, 0..=WHOLE_BP);
        if commissioner.is_some() && commissioner == provider_partner {
            findings.at_cell(
                row,
                provider,
                "PROVIDER",
                "is the commissioner too. Write the partner that provides the care",
            );
        }
        let (Some(area), Some(contract_id)) = (area, contract_id) else { continue };
        if pools.get(area, contract_id).is_some() {
            findings.at_cell(
                row,
                id,
                "DUPLICATE",
                "is the id of a pool of the area too, so that bands could mean either. Give another id",
            );
        }
        if let Some(first) = first_rows.get(&area) {
            findings.at_cell(
                row,
                area_code,
                "CONTRACT",
                format!("has a contract in row {first} already. An area has one capitated contract at most"),
            );
            continue;
        }
        first_rows.insert(area, row.number());
        contracts[area] = Some(Contract {
            id: contract_id.to_owned(),
            commissioner: commissioner.unwrap_or_default(),
            provider: provider_partner.unwrap_or_default(),
            incentive_bp: incentive_bp.unwrap_or_default(),
        });
    }
    contracts
}

/// Reads the rates of each area.
pub fn rates(
    tables: &Tables,
    areas: &AreaIndex<'_>,
    segments: &Index<'_>,
    findings: &mut Findings,
) -> Vec<Rates> {
    let table = tables.get("rates");
    let [area, segment, year, rate] = table.columns(["area_code", "segment_id", "fy", "rate"]);
    let mut lists: Vec<Rates> = vec![Rates::new(); areas.count()];
    let mut first_rows: HashMap<(usize, usize, FinancialYear), u32> = HashMap::new();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let segment_place = segments.find(area, areas, row, segment, findings);
        let financial_year = findings.financial_year(row, year);
        let amount = findings.money(row, rate);
        if amount.is_some_and(|amount| amount > HIGHEST_RATE) {
            findings.at_cell(
                row,
                rate,
                "MONEY",
                "is more than £100,000.00 for a member and month. Write the rate of one",
            );
        }
        let (Some(area), Some(place), Some(financial_year)) = (area, segment_place, financial_year) else {
            continue;
        };
        match first_rows.get(&(area, place, financial_year)) {
            Some(first) => findings.at_cell(
                row,
                year,
                "DUPLICATE",
                format!(
                    "has a rate for {} in row {first} already. Keep one of the two rows",
                    row.text(segment)
                ),
            ),
            None => {
                first_rows.insert((area, place, financial_year), row.number());
                lists[area].insert((place, financial_year), amount.unwrap_or_default());
            }
        }
    }
    lists
}

/// Checks that each area with a contract has what its figures need: segments, practices, and a rate
/// for each segment in each year of the capitation window.
pub fn check_contracts(
    areas: &AreaIndex<'_>,
    contracts: &[Option<Contract>],
    (segments, practices, rates): (&[Segment], &[Vec<Practice>], &[Rates]),
    windows: Option<&Windows>,
    tables: &Tables,
    findings: &mut Findings,
) {
    for (area, contract) in contracts.iter().enumerate() {
        let Some(contract) = contract else { continue };
        let (code, id) = (areas.code(area), &contract.id);
        if practices[area].is_empty() && tables.get("practices").is_usable() {
            findings.note_at_row(
                "practices",
                0,
                "CONTRACT",
                format!("area {code} has contract {id} but no practice, so that it can report no members"),
            );
        }
        if segments.is_empty() && tables.get("segments").is_usable() {
            findings.at_row(
                "segments",
                0,
                "CONTRACT",
                format!("area {code} has contract {id} but the plan has no segments. Add a row for each"),
            );
        }
        let is_sure = tables.get("segments").is_usable() && tables.get("rates").is_usable();
        if let (Some(windows), true) = (windows, is_sure) {
            check_rates((code, id), segments, &rates[area], windows, findings);
        }
    }
}

fn check_rates(
    (area, contract): (&str, &str),
    segments: &[Segment],
    rates: &Rates,
    windows: &Windows,
    findings: &mut Findings,
) {
    let years = windows.capitation.first().financial_year().start_year()
        ..=windows.capitation.last().financial_year().start_year();
    let mut missing = Vec::new();
    for (place, segment) in segments.iter().enumerate() {
        for year in years.clone().map(FinancialYear::starting) {
            if !rates.contains_key(&(place, year)) {
                missing.push(format!("{} in {year}", segment.id));
            }
        }
    }
    if missing.is_empty() {
        return;
    }
    let more = missing.len().saturating_sub(LISTED_RATES);
    missing.truncate(LISTED_RATES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    findings.at_row(
        "rates",
        0,
        "RATES",
        format!(
            "area {area} has contract {contract} but no rate for {}{more}. Add a row for each segment and \
             year from {} to {}",
            missing.join(", "),
            windows.capitation.first().financial_year(),
            windows.capitation.last().financial_year()
        ),
    );
}
