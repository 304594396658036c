//! Sent returns as the store's rows give them, and whether a file is one of them already.

use super::{
    ReturnDecision, ReturnOutcome, ReturnWay, SentReturn, Sha256, StoreError,
    db::Db,
    integer, natural, read_sha256,
    schema::{return_decision, sent_return, submission},
    submissions::read_return_type,
};
use crate::figures::{facts::ReturnType, period::Month};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

/// The returns that were sent in an area, for one month or for all, the latest first.
pub(super) fn list(
    db: &mut Db,
    area_code: &str,
    as_at: Option<Month>,
) -> Result<Vec<SentReturn>, StoreError> {
    let of_area = sent_return::table
        .filter(sent_return::area_code.eq(area_code))
        .order(sent_return::number.desc())
        .select(sent_return::all_columns);
    let rows: Vec<SentRow> = match as_at {
        Some(month) => of_area.filter(sent_return::as_at.eq(month.number())).load(db)?,
        None => of_area.load(db)?,
    };
    let decisions: Vec<DecisionRow> = return_decision::table
        .filter(return_decision::area_code.eq(area_code))
        .select(decision_columns())
        .load(db)?;
    let mut decisions: HashMap<i32, DecisionRow> =
        decisions.into_iter().map(|decision| (decision.0, decision)).collect();
    rows.into_iter()
        .map(|row| {
            let decision = decisions.remove(&row.1);
            read(row, decision)
        })
        .collect()
}

/// The return with this number.
pub(super) fn one(db: &mut Db, area_code: &str, number: u32) -> Result<Option<SentReturn>, StoreError> {
    let key = (area_code, integer(number)?);
    let row: Option<SentRow> =
        sent_return::table.find(key).select(sent_return::all_columns).first(db).optional()?;
    let Some(row) = row else { return Ok(None) };
    let decision = return_decision::table.find(key).select(decision_columns()).first(db).optional()?;
    read(row, decision).map(Some)
}

/// The return in hand with the same bytes for the same month, type and partner, unless something came
/// after it that may speak of the same rows: a return of its type for the partner or for all, or a
/// submission of its type that no other partner's return became.
pub(super) fn received_before(
    db: &mut Db,
    area_code: &str,
    (as_at, return_type, partner_id): (Month, ReturnType, &str),
    sha256: Sha256,
) -> Result<Option<u32>, StoreError> {
    let of_type: Vec<SentReturn> = list(db, area_code, None)?
        .into_iter()
        .filter(|held| held.return_type == return_type && held.is_in_hand())
        .collect();
    let key = (as_at, sha256, partner_id);
    let Some(same) = of_type.iter().find(|held| (held.as_at, held.sha256, held.partner_id.as_str()) == key)
    else {
        return Ok(None);
    };
    // Lines of capitation do not name who sent them.
    let is_of_one = return_type != ReturnType::Capitation && !partner_id.is_empty();
    let is_other = |held: &SentReturn| is_of_one && ![partner_id, ""].contains(&held.partner_id.as_str());
    let submission_of = |held: &SentReturn| held.decision.as_ref().and_then(|decision| decision.submission);
    if of_type.iter().any(|held| held.number > same.number && !is_other(held)) {
        return Ok(None);
    }
    let Some(became) = submission_of(same) else { return Ok(Some(same.number)) };
    let others: Vec<u32> = of_type.iter().filter(|held| is_other(held)).filter_map(submission_of).collect();
    let later: Vec<i32> = submission::table
        .filter(submission::area_code.eq(area_code))
        .filter(submission::return_type.eq(return_type.name()))
        .filter(submission::number.gt(integer(became)?))
        .select(submission::number)
        .load(db)?;
    for number in later {
        if !others.contains(&natural(number)?) {
            return Ok(None);
        }
    }
    Ok(Some(same.number))
}

type SentRow =
    (String, i32, String, i32, String, String, String, String, i32, i32, String, i32, NaiveDateTime);
type DecisionRow = (i32, String, i32, NaiveDateTime, String, Option<i32>);

type DecisionColumns = (
    return_decision::number,
    return_decision::outcome,
    return_decision::decided_by,
    return_decision::decided_at,
    return_decision::reason,
    return_decision::submission,
);

fn decision_columns() -> DecisionColumns {
    (
        return_decision::number,
        return_decision::outcome,
        return_decision::decided_by,
        return_decision::decided_at,
        return_decision::reason,
        return_decision::submission,
    )
}

fn read(row: SentRow, decision: Option<DecisionRow>) -> Result<SentReturn, StoreError> {
    let (
        area_code,
        number,
        return_type,
        as_at,
        partner_id,
        file_name,
        sha256,
        way,
        rows,
        queries,
        words,
        by,
        at,
    ) = row;
    Ok(SentReturn {
        area_code,
        number: natural(number)?,
        return_type: read_return_type(&return_type)?,
        as_at: super::facts::read_month(as_at)?,
        partner_id,
        file_name,
        sha256: read_sha256(&sha256)?,
        way: ReturnWay::read(&way)?,
        rows: natural(rows)?,
        queries: natural(queries)?,
        comment: words,
        sent_by: natural(by)?,
        sent_at: at,
        decision: decision.map(read_decision).transpose()?,
    })
}

fn read_decision(row: DecisionRow) -> Result<ReturnDecision, StoreError> {
    let (_, outcome, decided_by, decided_at, reason, submission) = row;
    let known = ReturnOutcome::ALL.into_iter().find(|known| known.name() == outcome);
    Ok(ReturnDecision {
        outcome: known.ok_or_else(|| StoreError::Damaged(format!("a return that was {outcome:?}")))?,
        decided_by: natural(decided_by)?,
        decided_at,
        reason,
        submission: submission.map(natural).transpose()?,
    })
}
