//! The facts of an area as now in force, or as they were known at an earlier time.
//!
//! For each thing that a row can speak of (a measure's month, a target's period, a month of a
//! partner's part of a scheme, a month of a segment at a practice) the row of the latest submission
//! counts. A submission that another replaces does not count at all.

use super::{
    Input, Store, StoreError, Submission,
    db::Db,
    fact_reads::{From, capitation, finance, measures, targets},
    fault_rows::{REJECT, WARNING},
    natural,
    packed::Packed,
    schema::{intake_count, row_fault, submission_facts},
    submissions::{in_force, inputs, later_ones_last, list},
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{AreaFacts, RULES, Reject, ReturnType},
    period::Month,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

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
            read_facts(db, plan, &in_force, None)
        })
    }

    /// The facts of an area as they were while these submissions alone were in force, such as those that
    /// a manifest names; none where one of them is not held.
    pub fn facts_of(&mut self, plan: &AreaPlan, numbers: &[u32]) -> Result<Option<FactsInForce>, StoreError> {
        self.db.read(|db| {
            let mut of_these = later_ones_last(list(db, Some(&plan.area.code))?);
            of_these.retain(|submission| numbers.contains(&submission.number));
            if of_these.len() != numbers.len() {
                return Ok(None);
            }
            read_facts(db, plan, &of_these, None).map(Some)
        })
    }

    /// The facts of an area in force now, read as they were packed where all of them were: a tenth of the
    /// work of reading their rows, which say the same.
    pub fn packed_facts_in_force(&mut self, plan: &AreaPlan) -> Result<FactsInForce, StoreError> {
        self.db.read(|db| {
            let in_force = in_force(list(db, Some(&plan.area.code))?, None);
            let packed = packed(db, &plan.area.code, &in_force)?;
            read_facts(db, plan, &in_force, packed)
        })
    }

    /// The facts in force of an area's measures and their targets alone, with what all of the area's
    /// figures are worked out from.
    pub fn measures_in_force(&mut self, plan: &AreaPlan) -> Result<FactsInForce, StoreError> {
        self.db.read(|db| {
            let in_force = in_force(list(db, Some(&plan.area.code))?, None);
            let mut left_out = 0;
            let facts = AreaFacts {
                measures: measures(
                    db,
                    plan,
                    From::Rows(&numbers_of(&in_force, ReturnType::Measures)),
                    &mut left_out,
                )?,
                targets: targets(
                    db,
                    plan,
                    From::Rows(&numbers_of(&in_force, ReturnType::Targets)),
                    &mut left_out,
                )?,
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

/// What was packed of submissions in force, by their numbers; none where one of them was not packed.
fn packed(
    db: &mut Db,
    area: &str,
    in_force: &[Submission],
) -> Result<Option<HashMap<i32, Vec<u8>>>, StoreError> {
    let numbers: Vec<i32> = in_force.iter().map(|submission| submission.number.cast_signed()).collect();
    let rows: Vec<(i32, Vec<u8>)> = submission_facts::table
        .filter(submission_facts::area_code.eq(area))
        .filter(submission_facts::submission.eq_any(numbers))
        .select((submission_facts::submission, submission_facts::content))
        .load(db)?;
    Ok((rows.len() == in_force.len()).then(|| rows.into_iter().collect()))
}

fn read_facts(
    db: &mut Db,
    plan: &AreaPlan,
    in_force: &[Submission],
    mut packed: Option<HashMap<i32, Vec<u8>>>,
) -> Result<FactsInForce, StoreError> {
    let mut left_out = 0;
    let mut facts = AreaFacts::default();
    for kind in ReturnType::ALL {
        let numbers = numbers_of(in_force, kind);
        let of_kind: Option<Vec<Packed>> = packed.as_mut().map(|packed| {
            let taken = numbers.iter().map(|&submission| Packed {
                submission,
                bytes: packed.remove(&submission).unwrap_or_default(),
            });
            taken.collect()
        });
        let from = of_kind.as_deref().map_or(From::Rows(&numbers), From::Packed);
        match kind {
            ReturnType::Capitation => facts.capitation = capitation(db, plan, from, &mut left_out)?,
            ReturnType::Finance => facts.finance = finance(db, plan, from, &mut left_out)?,
            ReturnType::Measures => facts.measures = measures(db, plan, from, &mut left_out)?,
            ReturnType::Targets => facts.targets = targets(db, plan, from, &mut left_out)?,
        }
    }
    read_intake(db, &plan.area.code, in_force, &mut facts)?;
    Ok(FactsInForce { facts, inputs: inputs(in_force), left_out })
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

/// The rule's code itself, for as long as the program runs.
fn known_code(code: &str) -> Result<&'static str, StoreError> {
    let known = RULES.into_iter().find(|(known, _)| *known == code).map(|(known, _)| known);
    known.ok_or_else(|| StoreError::Damaged(format!("the rule {code:?} is not known to this program")))
}
