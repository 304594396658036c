//! Plans: what the partners of one or many areas agreed, from tables to values.
//!
//! A plan is a set of tables, as CSV files or as the sheets of a workbook. It is read and checked
//! as a whole: either every area's plan is sound, or everything that is wrong is told at once, with
//! table, row and column. Bytes in, values and faults out: nothing here touches the store, and only
//! [`gather`] touches files.
//!
//! Each file below reads one part of the agreement; [`forms`] lists the tables and their columns.

pub mod archive;
pub mod catalogue;
mod difference;
mod export;
mod files;
pub mod forms;

mod areas;
mod bands;
mod capitation;
mod fund;
mod kpis;
mod measures;
mod papers;
mod returns_due;
mod schedules;
mod targets;
mod windows;

mod findings;
mod index;
mod tables;
#[cfg(test)]
mod tests;

pub use difference::{CellChange, RowChange, RowChangeKind, difference, difference_of_kept};
pub use export::export;
pub use files::gather;
pub use schedules::Schedules;

use crate::{
    figures::agreement::AreaPlan,
    returns::fault::Fault,
    schedule::{Job, Timetable},
};
use findings::Findings;
use forms::TABLES;
use tables::Tables;

/// One file of a plan: a table (`measures.csv`) or a workbook of them (`plan.xlsx`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What the partners agreed, area by area, checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the plan's order.
    pub areas: Vec<AreaPlan>,
    /// When the service does its own work, where the plan says so.
    pub schedules: Schedules,
    /// What does not stand in the way but should be looked at, such as a profile that does not add
    /// up to its annual figure.
    pub notes: Vec<Fault>,
}

impl Plan {
    /// The plan of the area with this code.
    pub fn area(&self, code: &str) -> Option<&AreaPlan> {
        self.areas.iter().find(|plan| plan.area.code == code)
    }

    /// When a job is due: in an area as the plan says for it, else as it says for every area, else as by
    /// default. A job of the whole service has the empty area code.
    pub fn schedules_of(&self, job: Job, area_code: &str) -> &Timetable {
        self.schedules.of(job, area_code)
    }

    /// The plan of these areas alone, in the plan's order; where it lacks one, the codes that it lacks.
    pub fn only(&self, codes: &[String]) -> Result<Plan, Vec<String>> {
        let lacking: Vec<String> = codes.iter().filter(|code| self.area(code).is_none()).cloned().collect();
        if !lacking.is_empty() {
            return Err(lacking);
        }
        let areas = self.areas.iter().filter(|plan| codes.contains(&plan.area.code)).cloned().collect();
        Ok(Plan { areas, schedules: self.schedules.only(codes), notes: self.notes.clone() })
    }
}

/// Reads and checks a plan as a whole.
///
/// Fails with everything that is wrong, in the order of the tables and their rows.
pub fn read(files: &[PlanFile]) -> Result<Plan, Vec<Fault>> {
    read_with(files, Findings::default())
}

/// Reads a plan that was taken in before: what was sound then is not refused for a rule of form that has
/// come since. What figures cannot be worked out of is refused all the same.
pub fn read_kept(files: &[PlanFile]) -> Result<Plan, Vec<Fault>> {
    read_with(files, Findings::of_kept())
}

fn read_with(files: &[PlanFile], mut findings: Findings) -> Result<Plan, Vec<Fault>> {
    let tables = Tables::read(files, &mut findings);
    let sound = parts_of(&tables, &mut findings);
    let (mut faults, mut notes) = findings.into_parts();
    faults.sort_by_key(place_in_plan);
    notes.sort_by_key(place_in_plan);
    match sound {
        Some((areas, schedules)) if faults.is_empty() => Ok(Plan { areas, schedules, notes }),
        Some(_) | None => Err(faults),
    }
}

/// Reads each part of the agreement and puts the parts together, area by area. What is wrong stands
/// in the findings; none where the plan has no windows to speak of.
fn parts_of(tables: &Tables, findings: &mut Findings) -> Option<(Vec<AreaPlan>, Schedules)> {
    let (list, areas) = areas::areas(tables, findings);
    let windows = windows::windows(tables, findings);
    let (partners, partner_index) = areas::partners(tables, &areas, findings);
    let (pools, pool_index) = fund::pools(tables, &areas, findings);
    let schemes = fund::schemes(tables, &areas, &pool_index, &partner_index, findings);
    let (measures, measure_index) = measures::measures(tables, &areas, findings);
    let targets = targets::targets(tables, &areas, (&measures, &measure_index), windows.as_ref(), findings);
    let contracts = capitation::contracts(tables, &areas, &partner_index, &pool_index, findings);
    let risk_shares =
        bands::risk_shares(tables, &areas, (&pools, &pool_index), &contracts, &partner_index, findings);
    let (segments, segment_index) = capitation::segments(tables, findings);
    let rates = capitation::rates(tables, &areas, &segment_index, findings);
    let practices = capitation::practices(tables, &areas, findings);
    let terms = (segments.as_slice(), practices.as_slice(), rates.as_slice());
    capitation::check_contracts(&areas, &contracts, terms, windows.as_ref(), tables, findings);
    let kpis = kpis::kpis(tables, &areas, &measure_index, &contracts, findings);
    let papers = papers::papers(tables, &areas, findings);
    let returns_due = returns_due::returns_due(tables, &areas, &partner_index, &contracts, findings);
    let schedules = schedules::schedules(tables, &areas, findings);

    let windows = windows?;
    let mut partners = partners.into_iter();
    let mut measures = measures.into_iter();
    let mut pools = pools.into_iter();
    let mut schemes = schemes.into_iter();
    let mut risk_shares = risk_shares.into_iter();
    let mut rates = rates.into_iter();
    let mut practices = practices.into_iter();
    let mut contracts = contracts.into_iter();
    let mut kpis = kpis.into_iter();
    let mut targets = targets.into_iter();
    let mut papers = papers.into_iter();
    let mut returns_due = returns_due.into_iter();
    let plans: Option<Vec<AreaPlan>> = list
        .into_iter()
        .map(|area| {
            Some(AreaPlan {
                area,
                windows,
                partners: partners.next()?,
                measures: measures.next()?,
                pools: pools.next()?,
                schemes: schemes.next()?,
                risk_shares: risk_shares.next()?,
                segments: segments.clone(),
                rates: rates.next()?,
                practices: practices.next()?,
                contract: contracts.next()?,
                kpis: kpis.next()?,
                targets: targets.next()?,
                paper: papers.next()?,
                returns_due: returns_due.next()?,
            })
        })
        .collect();
    Some((plans?, schedules))
}

/// Where a fault stands: by table in reading order, then row, then column.
fn place_in_plan(fault: &Fault) -> (usize, u32, Option<usize>) {
    let table = TABLES.iter().position(|form| form.name == fault.table);
    (table.unwrap_or(TABLES.len()), fault.row, fault.column)
}
