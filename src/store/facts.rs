//! The facts of an area as now in force, or as they were known at an earlier time.
//!
//! For each thing that a row can speak of (a measure's month, a target's period, a month of a
//! partner's part of a scheme, a month of a segment at a practice) the row of the latest submission
//! counts. A submission that another replaces does not count at all.

use super::{
    Input, Store, StoreError, Submission,
    db::{Db, on_db},
    fact_rows::{NOT_SET, NUMBER, TO_BE_CONFIRMED},
    fault_rows::{REJECT, WARNING},
    natural,
    schema::{intake_count, row_fault},
    submissions::{in_force, inputs, list},
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{
        AreaFacts, CapitationLine, FinanceLine, MeasureFact, RULES, Reject, ReturnType, Source, Target,
        TargetValue,
    },
    money::Pence,
    period::{Month, Period},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

/// What is known about an area, and what it is known from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactsInForce {
    /// In the order of submissions and their rows.
    pub facts: AreaFacts,
    /// The submissions in force, in the order of type and number.
    pub inputs: Vec<Input>,
    /// Facts under an id that the plan no longer has.
    pub left_out: usize,
}

impl Store {
    /// The facts of an area in force: now, or as known at a time (UTC).
    ///
    /// Facts under ids that `plan` does not have are left out and counted.
    pub fn facts_in_force(
        &mut self,
        plan: &AreaPlan,
        known_at: Option<NaiveDateTime>,
    ) -> Result<FactsInForce, StoreError> {
        self.db.read(|db| {
            let in_force = in_force(list(db, Some(&plan.area.code))?, known_at);
            read_facts(db, plan, &in_force)
        })
    }

    /// The facts in force of an area's measures and their targets alone, with what all of the area's
    /// figures are worked out from.
    pub fn measures_in_force(&mut self, plan: &AreaPlan) -> Result<FactsInForce, StoreError> {
        self.db.read(|db| {
            let in_force = in_force(list(db, Some(&plan.area.code))?, None);
            let mut left_out = 0;
            let facts = AreaFacts {
                measures: measures(db, plan, &numbers_of(&in_force, ReturnType::Measures), &mut left_out)?,
                targets: targets(db, plan, &numbers_of(&in_force, ReturnType::Targets), &mut left_out)?,
                ..AreaFacts::default()
            };
            Ok(FactsInForce { facts, inputs: inputs(&in_force), left_out })
        })
    }
}

/// The numbers of the submissions of one type, in their order.
fn numbers_of(in_force: &[Submission], kind: ReturnType) -> Vec<i32> {
    let of_kind = in_force.iter().filter(|submission| submission.return_type == kind);
    of_kind.map(|submission| submission.number.cast_signed()).collect()
}

/// The month that was written by its number.
pub(super) fn read_month(number: i32) -> Result<Month, StoreError> {
    Month::from_number(number).ok_or_else(|| StoreError::Damaged(format!("the month {number}")))
}

/// Facts are loaded through `on_db!`, which spares them a third of the time: the dialect of both
/// databases looks up how to read each value.
fn read_facts(db: &mut Db, plan: &AreaPlan, in_force: &[Submission]) -> Result<FactsInForce, StoreError> {
    let numbers = |kind| numbers_of(in_force, kind);
    let mut left_out = 0;
    let mut facts = AreaFacts {
        measures: measures(db, plan, &numbers(ReturnType::Measures), &mut left_out)?,
        targets: targets(db, plan, &numbers(ReturnType::Targets), &mut left_out)?,
        finance: finance(db, plan, &numbers(ReturnType::Finance), &mut left_out)?,
        capitation: capitation(db, plan, &numbers(ReturnType::Capitation), &mut left_out)?,
        ..AreaFacts::default()
    };
    read_intake(db, &plan.area.code, in_force, &mut facts)?;
    Ok(FactsInForce { facts, inputs: inputs(in_force), left_out })
}

fn measures(
    db: &mut Db,
    plan: &AreaPlan,
    submissions: &[i32],
    left_out: &mut usize,
) -> Result<Vec<MeasureFact>, StoreError> {
    use super::schema::measure_fact::dsl::*;
    type Row = (i32, i32, String, i32, String, i64, Option<i64>);
    let query = measure_fact
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(submissions)))
        .order((submission, row))
        .select((submission, row, measure_id, month, partner_id, numerator, denominator));
    let rows: Vec<Row> = on_db!(db, |c| query.load(c))?;
    let measures = Ids::of(plan.measures.iter().map(|measure| measure.id.as_str()));
    let partners = Ids::of(plan.partners.iter().map(|partner| partner.id.as_str()));
    let rows = latest(rows, submissions, |line| line.0, |line| (line.2.clone(), line.3));
    let mut facts = Vec::with_capacity(rows.len());
    for (number, file_row, measure, in_month, partner, over, under) in rows {
        let (Some(measure), Some(partner)) = (measures.index(&measure), partners.index(&partner)) else {
            *left_out += 1;
            continue;
        };
        facts.push(MeasureFact {
            source: source(number, file_row)?,
            measure,
            month: read_month(in_month)?,
            partner,
            numerator_hundredths: over,
            denominator_hundredths: under,
        });
    }
    Ok(facts)
}

fn targets(
    db: &mut Db,
    plan: &AreaPlan,
    submissions: &[i32],
    left_out: &mut usize,
) -> Result<Vec<Target>, StoreError> {
    use super::schema::target_fact::dsl::*;
    type Row = (i32, i32, String, String, String, Option<i64>);
    let query = target_fact
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(submissions)))
        .order((submission, row))
        .select((submission, row, measure_id, period, state, target));
    let rows: Vec<Row> = on_db!(db, |c| query.load(c))?;
    let measures = Ids::of(plan.measures.iter().map(|measure| measure.id.as_str()));
    let rows = latest(rows, submissions, |line| line.0, |line| (line.2.clone(), line.3.clone()));
    let mut facts = Vec::with_capacity(rows.len());
    for (number, file_row, measure, for_period, in_state, value) in rows {
        let Some(measure) = measures.index(&measure) else {
            *left_out += 1;
            continue;
        };
        let value = match (in_state.as_str(), value) {
            (NUMBER, Some(value)) => TargetValue::Number(value),
            (TO_BE_CONFIRMED, None) => TargetValue::ToBeConfirmed,
            (NOT_SET, None) => TargetValue::NotSet,
            _ => return Err(StoreError::Damaged(format!("a target that is {in_state:?}"))),
        };
        let for_period = Period::parse(&for_period)
            .ok_or_else(|| StoreError::Damaged(format!("the period {for_period:?}")))?;
        facts.push(Target { source: source(number, file_row)?, measure, period: for_period, value });
    }
    Ok(facts)
}

fn finance(
    db: &mut Db,
    plan: &AreaPlan,
    submissions: &[i32],
    left_out: &mut usize,
) -> Result<Vec<FinanceLine>, StoreError> {
    use super::schema::finance_line::dsl::*;
    type Row = (i32, i32, i32, String, String, i64, Option<i64>, i64);
    let query = finance_line
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(submissions)))
        .order((submission, row))
        .select((submission, row, month, scheme_id, partner_id, budget, actual, forecast));
    let rows: Vec<Row> = on_db!(db, |c| query.load(c))?;
    let schemes = Ids::of(plan.schemes.iter().map(|scheme| scheme.id.as_str()));
    let partners = Ids::of(plan.partners.iter().map(|partner| partner.id.as_str()));
    let rows = latest(rows, submissions, |line| line.0, |line| (line.2, line.3.clone(), line.4.clone()));
    let mut facts = Vec::with_capacity(rows.len());
    for (number, file_row, in_month, scheme, partner, budgeted, spent, foreseen) in rows {
        let (Some(scheme), Some(partner)) = (schemes.index(&scheme), partners.index(&partner)) else {
            *left_out += 1;
            continue;
        };
        facts.push(FinanceLine {
            source: source(number, file_row)?,
            month: read_month(in_month)?,
            scheme,
            partner,
            budget: Pence(budgeted),
            actual: spent.map(Pence),
            forecast: Pence(foreseen),
        });
    }
    Ok(facts)
}

fn capitation(
    db: &mut Db,
    plan: &AreaPlan,
    submissions: &[i32],
    left_out: &mut usize,
) -> Result<Vec<CapitationLine>, StoreError> {
    use super::schema::capitation_line::dsl::*;
    type Row = (i32, i32, i32, String, String, i64, i64);
    let query = capitation_line
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(submissions)))
        .order((submission, row))
        .select((submission, row, month, segment_id, practice_code, members, cost));
    let rows: Vec<Row> = on_db!(db, |c| query.load(c))?;
    let segments = Ids::of(plan.segments.iter().map(|segment| segment.id.as_str()));
    let practices = Ids::of(plan.practices.iter().map(|practice| practice.code.as_str()));
    let rows = latest(rows, submissions, |line| line.0, |line| (line.2, line.3.clone(), line.4.clone()));
    let mut facts = Vec::with_capacity(rows.len());
    for (number, file_row, in_month, segment, practice, heads, spent) in rows {
        let (Some(segment), Some(practice)) = (segments.index(&segment), practices.index(&practice)) else {
            *left_out += 1;
            continue;
        };
        facts.push(CapitationLine {
            source: source(number, file_row)?,
            month: read_month(in_month)?,
            segment,
            practice,
            members: u32::try_from(heads).map_err(|_| StoreError::Damaged(format!("{heads} members")))?,
            cost: Pence(spent),
        });
    }
    Ok(facts)
}

fn read_intake(
    db: &mut Db,
    area: &str,
    in_force: &[Submission],
    facts: &mut AreaFacts,
) -> Result<(), StoreError> {
    let kinds: HashMap<u32, ReturnType> =
        in_force.iter().map(|submission| (submission.number, submission.return_type)).collect();
    for submission in in_force {
        let counts = facts.intake.entry(submission.return_type).or_default();
        counts.rows += submission.rows;
        counts.accepted += submission.accepted;
    }
    let rows: Vec<(i32, String, String, i32)> = intake_count::table
        .filter(intake_count::area_code.eq(area))
        .select((
            intake_count::submission,
            intake_count::severity,
            intake_count::code,
            intake_count::row_count,
        ))
        .load(db)?;
    for (number, severity, code, rows) in rows {
        let Some(&kind) = kinds.get(&natural(number)?) else { continue };
        let counts = facts.intake.entry(kind).or_default();
        let by_code = match severity.as_str() {
            REJECT => &mut counts.rejected,
            WARNING => &mut counts.warnings,
            _ => return Err(StoreError::Damaged(format!("a fault that is a {severity:?}"))),
        };
        *by_code.entry(known_code(&code)?).or_default() += natural(rows)?;
    }
    let rows: Vec<(i32, i32, String)> = row_fault::table
        .filter(row_fault::area_code.eq(area).and(row_fault::severity.eq(REJECT)))
        .order((row_fault::submission, row_fault::number))
        .select((row_fault::submission, row_fault::row, row_fault::code))
        .load(db)?;
    // The first rule that a row fails is the one it is turned away by.
    let mut first: BTreeMap<(i32, i32), String> = BTreeMap::new();
    for (number, row, code) in rows {
        first.entry((number, row)).or_insert(code);
    }
    for ((number, row), code) in first {
        let Some(&return_type) = kinds.get(&natural(number)?) else { continue };
        facts.rejects.push(Reject { return_type, row: natural(row)?, code: known_code(&code)? });
    }
    facts.rejects.sort_unstable();
    Ok(())
}

fn source(submission: i32, row: i32) -> Result<Source, StoreError> {
    Ok(Source { submission: natural(submission)?, row: natural(row)? })
}

/// The rule's code itself, for as long as the program runs.
fn known_code(code: &str) -> Result<&'static str, StoreError> {
    let known = RULES.into_iter().find(|(known, _)| *known == code).map(|(known, _)| known);
    known.ok_or_else(|| StoreError::Damaged(format!("the rule {code:?} is not known to this program")))
}

/// The last row for each key, in the order of the submissions and their rows. Within one submission
/// keys do not repeat.
fn latest<R, K: Hash + Eq>(
    mut rows: Vec<R>,
    submissions: &[i32],
    number: impl Fn(&R) -> i32,
    key: impl Fn(&R) -> K,
) -> Vec<R> {
    if submissions.len() < 2 {
        return rows;
    }
    if !submissions.is_sorted() {
        rows.sort_by_key(|row| submissions.iter().position(|submission| *submission == number(row)));
    }
    let mut seen = HashSet::with_capacity(rows.len());
    let mut kept: Vec<R> = rows.into_iter().rev().filter(|row| seen.insert(key(row))).collect();
    kept.reverse();
    kept
}

/// The plan's ids and where each stands.
struct Ids<'a> {
    by_id: HashMap<&'a str, u16>,
}

impl<'a> Ids<'a> {
    fn of(ids: impl Iterator<Item = &'a str>) -> Ids<'a> {
        Ids { by_id: ids.zip(0..=u16::MAX).collect() }
    }

    fn index(&self, id: &str) -> Option<u16> {
        self.by_id.get(id).copied()
    }
}
