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
        .select(SentRow::as_select());
    let rows: Vec<SentRow> = match as_at {
        Some(month) => of_area.filter(sent_return::as_at.eq(month.number())).load(db)?,
        None => of_area.load(db)?,
    };
    let decisions: Vec<DecisionRow> = return_decision::table
        .filter(return_decision::area_code.eq(area_code))
        .select(DecisionRow::as_select())
        .load(db)?;
    let mut decisions: HashMap<i32, DecisionRow> =
        decisions.into_iter().map(|decision| (decision.number, decision)).collect();
    rows.into_iter()
        .map(|row| {
            let decision = decisions.remove(&row.number);
            read(row, decision)
        })
        .collect()
}

/// The return with this number.
pub(super) fn one(db: &mut Db, area_code: &str, number: u32) -> Result<Option<SentReturn>, StoreError> {
    let key = (area_code, integer(number)?);
    let row: Option<SentRow> =
        sent_return::table.find(key).select(SentRow::as_select()).first(db).optional()?;
    let Some(row) = row else { return Ok(None) };
    let decision = return_decision::table.find(key).select(DecisionRow::as_select()).first(db).optional()?;
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = sent_return)]
struct SentRow {
    area_code: String,
    number: i32,
    return_type: String,
    as_at: i32,
    partner_id: String,
    file_name: String,
    sha256: String,
    way: String,
    row_count: i32,
    query_count: i32,
    comment: String,
    sent_by: i32,
    sent_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = return_decision)]
struct DecisionRow {
    number: i32,
    outcome: String,
    decided_by: i32,
    decided_at: NaiveDateTime,
    reason: String,
    submission: Option<i32>,
}

fn read(row: SentRow, decision: Option<DecisionRow>) -> Result<SentReturn, StoreError> {
    Ok(SentReturn {
        area_code: row.area_code,
        number: natural(row.number)?,
        return_type: read_return_type(&row.return_type)?,
        as_at: super::facts::read_month(row.as_at)?,
        partner_id: row.partner_id,
        file_name: row.file_name,
        sha256: read_sha256(&row.sha256)?,
        way: ReturnWay::read(&row.way)?,
        rows: natural(row.row_count)?,
        queries: natural(row.query_count)?,
        comment: row.comment,
        sent_by: natural(row.sent_by)?,
        sent_at: row.sent_at,
        decision: decision.map(read_decision).transpose()?,
    })
}

fn read_decision(row: DecisionRow) -> Result<ReturnDecision, StoreError> {
    let known = ReturnOutcome::ALL.into_iter().find(|known| known.name() == row.outcome);
    Ok(ReturnDecision {
        outcome: known.ok_or_else(|| StoreError::Damaged(format!("a return that was {:?}", row.outcome)))?,
        decided_by: natural(row.decided_by)?,
        decided_at: row.decided_at,
        reason: row.reason,
        submission: row.submission.map(natural).transpose()?,
    })
}
