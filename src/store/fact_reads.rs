//! Reading the rows of facts: as they come, and each as the fact that it says.
//!
//! They are loaded through `on_db!`, which spares them a third of the time: the dialect of both databases
//! looks up how to read each value.

use super::{
    StoreError,
    db::{Db, on_db},
    fact_rows::{NOT_SET, NUMBER, TO_BE_CONFIRMED},
    facts::read_month,
    ids::Ids,
    natural,
    packed::{CapitationRow, FinanceRow, MeasureRow, Packed, TargetRow},
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{CapitationLine, FinanceLine, MeasureFact, Source, Target, TargetValue},
    money::Pence,
    period::Period,
};
use diesel::{connection::DefaultLoadingMode as Mode, prelude::*};
use std::{collections::HashSet, convert, hash::Hash};

/// Where facts are read from.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// The rows of these submissions, in the order in which they are in force.
    Rows(&'a [i32]),
    /// What was packed of them, in the same order.
    Packed(&'a [Packed]),
}

impl From<'_> {
    fn submissions(self) -> Vec<i32> {
        match self {
            From::Rows(submissions) => submissions.to_vec(),
            From::Packed(packed) => packed.iter().map(|one| one.submission).collect(),
        }
    }
}

pub(super) fn measures(
    db: &mut Db,
    plan: &AreaPlan,
    from: From<'_>,
    left_out: &mut usize,
) -> Result<Vec<MeasureFact>, StoreError> {
    use super::schema::measure_fact::dsl::*;
    let query = measure_fact
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(from.submissions())))
        .order((submission, row))
        .select((submission, row, measure_id, month, partner_id, numerator, denominator));
    let measures = Ids::of(plan.measures.iter().map(|measure| measure.id.as_str()));
    let partners = Ids::of(plan.partners.iter().map(|partner| partner.id.as_str()));
    let key = |line: &MeasureRow| (line.2.clone(), line.3);
    let read = |(number, file_row, measure, in_month, partner, over, under): MeasureRow| {
        let (Some(measure), Some(partner)) = (measures.index(&measure), partners.index(&partner)) else {
            *left_out += 1;
            return Ok(None);
        };
        Ok(Some(MeasureFact {
            source: source(number, file_row)?,
            measure,
            month: read_month(in_month)?,
            partner,
            numerator_hundredths: over,
            denominator_hundredths: under,
        }))
    };
    match from {
        From::Packed(packed) => {
            let rows = packed.iter().map(Packed::measures).collect::<Result<Vec<_>, StoreError>>()?;
            facts_of(rows.into_iter().flatten(), from, |line| line.0, key, read)
        }
        From::Rows(_) => {
            on_db!(db, |c| facts_of(query.load_iter::<MeasureRow, Mode>(c)?, from, |line| line.0, key, read))
        }
    }
}

pub(super) fn targets(
    db: &mut Db,
    plan: &AreaPlan,
    from: From<'_>,
    left_out: &mut usize,
) -> Result<Vec<Target>, StoreError> {
    use super::schema::target_fact::dsl::*;
    let query = target_fact
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(from.submissions())))
        .order((submission, row))
        .select((submission, row, measure_id, period, state, target));
    let measures = Ids::of(plan.measures.iter().map(|measure| measure.id.as_str()));
    let key = |line: &TargetRow| (line.2.clone(), line.3.clone());
    let read = |(number, file_row, measure, for_period, in_state, value): TargetRow| {
        let Some(measure) = measures.index(&measure) else {
            *left_out += 1;
            return Ok(None);
        };
        let value = match (in_state.text(), value) {
            (NUMBER, Some(value)) => TargetValue::Number(value),
            (TO_BE_CONFIRMED, None) => TargetValue::ToBeConfirmed,
            (NOT_SET, None) => TargetValue::NotSet,
            (other, _) => return Err(StoreError::Damaged(format!("a target that is {other:?}"))),
        };
        let for_period = for_period.text();
        let for_period = Period::parse(for_period)
            .ok_or_else(|| StoreError::Damaged(format!("the period {for_period:?}")))?;
        Ok(Some(Target { source: source(number, file_row)?, measure, period: for_period, value }))
    };
    match from {
        From::Packed(packed) => {
            let rows = packed.iter().map(Packed::targets).collect::<Result<Vec<_>, StoreError>>()?;
            facts_of(rows.into_iter().flatten(), from, |line| line.0, key, read)
        }
        From::Rows(_) => {
            on_db!(db, |c| facts_of(query.load_iter::<TargetRow, Mode>(c)?, from, |line| line.0, key, read))
        }
    }
}

pub(super) fn finance(
    db: &mut Db,
    plan: &AreaPlan,
    from: From<'_>,
    left_out: &mut usize,
) -> Result<Vec<FinanceLine>, StoreError> {
    use super::schema::finance_line::dsl::*;
    let query = finance_line
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(from.submissions())))
        .order((submission, row))
        .select((submission, row, month, scheme_id, partner_id, budget, actual, forecast));
    let schemes = Ids::of(plan.schemes.iter().map(|scheme| scheme.id.as_str()));
    let partners = Ids::of(plan.partners.iter().map(|partner| partner.id.as_str()));
    let key = |line: &FinanceRow| (line.2, line.3.clone(), line.4.clone());
    let read = |(number, file_row, in_month, scheme, partner, budgeted, spent, foreseen): FinanceRow| {
        let (Some(scheme), Some(partner)) = (schemes.index(&scheme), partners.index(&partner)) else {
            *left_out += 1;
            return Ok(None);
        };
        Ok(Some(FinanceLine {
            source: source(number, file_row)?,
            month: read_month(in_month)?,
            scheme,
            partner,
            budget: Pence(budgeted),
            actual: spent.map(Pence),
            forecast: Pence(foreseen),
        }))
    };
    match from {
        From::Packed(packed) => {
            let rows = packed.iter().map(Packed::finance).collect::<Result<Vec<_>, StoreError>>()?;
            facts_of(rows.into_iter().flatten(), from, |line| line.0, key, read)
        }
        From::Rows(_) => {
            on_db!(db, |c| facts_of(query.load_iter::<FinanceRow, Mode>(c)?, from, |line| line.0, key, read))
        }
    }
}

pub(super) fn capitation(
    db: &mut Db,
    plan: &AreaPlan,
    from: From<'_>,
    left_out: &mut usize,
) -> Result<Vec<CapitationLine>, StoreError> {
    use super::schema::capitation_line::dsl::*;
    let query = capitation_line
        .filter(area_code.eq(&plan.area.code).and(submission.eq_any(from.submissions())))
        .order((submission, row))
        .select((submission, row, month, segment_id, practice_code, members, cost));
    let segments = Ids::of(plan.segments.iter().map(|segment| segment.id.as_str()));
    let practices = Ids::of(plan.practices.iter().map(|practice| practice.code.as_str()));
    let key = |line: &CapitationRow| (line.2, line.3.clone(), line.4.clone());
    let read = |(number, file_row, in_month, segment, practice, heads, spent): CapitationRow| {
        let (Some(segment), Some(practice)) = (segments.index(&segment), practices.index(&practice)) else {
            *left_out += 1;
            return Ok(None);
        };
        Ok(Some(CapitationLine {
            source: source(number, file_row)?,
            month: read_month(in_month)?,
            segment,
            practice,
            members: u32::try_from(heads).map_err(|_| StoreError::Damaged(format!("{heads} members")))?,
            cost: Pence(spent),
        }))
    };
    match from {
        From::Packed(packed) => {
            let rows = packed.iter().map(Packed::capitation).collect::<Result<Vec<_>, StoreError>>()?;
            facts_of(rows.into_iter().flatten(), from, |line| line.0, key, read)
        }
        From::Rows(_) => {
            on_db!(db, |c| facts_of(
                query.load_iter::<CapitationRow, Mode>(c)?,
                from,
                |line| line.0,
                key,
                read
            ))
        }
    }
}

/// The facts of rows that come in the order of the submissions and their rows: for each `key` the last.
///
/// Where one submission is in force, no row is kept: within one, keys do not repeat.
fn facts_of<R, F, K: Hash + Eq, E>(
    rows: impl Iterator<Item = Result<R, E>>,
    from: From<'_>,
    number: impl Fn(&R) -> i32,
    key: impl Fn(&R) -> K,
    mut read: impl FnMut(R) -> Result<Option<F>, StoreError>,
) -> Result<Vec<F>, StoreError>
where
    StoreError: convert::From<E>,
{
    let submissions = from.submissions();
    if submissions.len() < 2 {
        let mut facts = Vec::with_capacity(rows.size_hint().0);
        for row in rows {
            facts.extend(read(row?)?);
        }
        return Ok(facts);
    }
    let rows = latest(rows.collect::<Result<Vec<R>, E>>()?, &submissions, number, key);
    rows.into_iter().map(read).filter_map(Result::transpose).collect()
}

fn source(submission: i32, row: i32) -> Result<Source, StoreError> {
    Ok(Source { submission: natural(submission)?, row: natural(row)? })
}

/// The last row for each key, in the order of the submissions and their rows. Within one submission
/// keys do not repeat.
fn latest<R, K: Hash + Eq>(
    mut rows: Vec<R>,
    submissions: &[i32],
    number: impl Fn(&R) -> i32,
    key: impl Fn(&R) -> K,
) -> Vec<R> {
    if !submissions.is_sorted() {
        rows.sort_by_key(|row| submissions.iter().position(|submission| *submission == number(row)));
    }
    let mut seen = HashSet::with_capacity(rows.len());
    let mut kept: Vec<R> = rows.into_iter().rev().filter(|row| seen.insert(key(row))).collect();
    kept.reverse();
    kept
}
