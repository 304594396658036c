//! How returns came to be in force: who sent each, who accepted it and when; and what was said of a
//! measure before.

use super::{
    Store, StoreError, Submission,
    db::Db,
    facts::read_month,
    natural,
    schema::{measure_fact, person, return_decision, sent_return},
    submissions::list,
};
use crate::figures::{facts::Source, period::Month};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

/// A submission, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    pub submission: Submission,
    /// None where it was not sent through the service: an operator took it in.
    pub sent: Option<SentThrough>,
}

/// How a return came through the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentThrough {
    /// The number of the sent return.
    pub number: u32,
    /// The month that it was sent for.
    pub as_at: Month,
    /// Empty where the pooled budget manager sent it.
    pub partner_id: String,
    pub sent_by: String,
    pub sent_at: NaiveDateTime,
    pub accepted_by: String,
    pub accepted_at: NaiveDateTime,
}

/// What one row of a submission says of a month of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasureSaid {
    pub month: Month,
    pub source: Source,
    pub numerator_hundredths: i64,
    pub denominator_hundredths: Option<i64>,
}

impl Store {
    /// Everything that an area's partners sent and that was taken in, in the order of its numbers.
    pub fn provenance(&mut self, area_code: &str) -> Result<Vec<Provenance>, StoreError> {
        self.db.read(|db| {
            let mut sent = sent_through(db, area_code)?;
            let submissions = list(db, Some(area_code))?.into_iter();
            Ok(submissions
                .map(|submission| Provenance { sent: sent.remove(&submission.number), submission })
                .collect())
        })
    }

    /// Everything that was ever said of a measure, by month and in the order in which it was said.
    pub fn measure_said(
        &mut self,
        area_code: &str,
        measure_id: &str,
    ) -> Result<Vec<MeasureSaid>, StoreError> {
        let rows: Vec<(i32, i32, i32, i64, Option<i64>)> = measure_fact::table
            .filter(measure_fact::area_code.eq(area_code))
            .filter(measure_fact::measure_id.eq(measure_id))
            .order((measure_fact::month, measure_fact::submission, measure_fact::row))
            .select((
                measure_fact::month,
                measure_fact::submission,
                measure_fact::row,
                measure_fact::numerator,
                measure_fact::denominator,
            ))
            .load(&mut self.db)?;
        let said = rows.into_iter().map(|(month, submission, row, over, under)| {
            Ok(MeasureSaid {
                month: read_month(month)?,
                source: Source { submission: natural(submission)?, row: natural(row)? },
                numerator_hundredths: over,
                denominator_hundredths: under,
            })
        });
        said.collect()
    }
}

/// By the number of the submission that each sent return became.
fn sent_through(db: &mut Db, area_code: &str) -> Result<HashMap<u32, SentThrough>, StoreError> {
    let decisions: Vec<(i32, i32, i32, NaiveDateTime)> = return_decision::table
        .filter(return_decision::area_code.eq(area_code))
        .filter(return_decision::submission.is_not_null())
        .order(return_decision::number)
        .select((
            return_decision::submission.assume_not_null(),
            return_decision::number,
            return_decision::decided_by,
            return_decision::decided_at,
        ))
        .load(db)?;
    let numbers: Vec<i32> = decisions.iter().map(|decision| decision.1).collect();
    let rows: Vec<(i32, i32, String, i32, NaiveDateTime)> = sent_return::table
        .filter(sent_return::area_code.eq(area_code))
        .filter(sent_return::number.eq_any(numbers))
        .select((
            sent_return::number,
            sent_return::as_at,
            sent_return::partner_id,
            sent_return::sent_by,
            sent_return::sent_at,
        ))
        .load(db)?;
    let ids: Vec<i32> =
        decisions.iter().map(|decision| decision.2).chain(rows.iter().map(|row| row.3)).collect();
    let names: Vec<(i32, String)> =
        person::table.filter(person::id.eq_any(ids)).select((person::id, person::name)).load(db)?;
    let names: HashMap<i32, String> = names.into_iter().collect();
    let name = |id: i32| names.get(&id).cloned().unwrap_or_else(|| format!("person {id}"));
    let mut by_number: HashMap<i32, _> = rows.into_iter().map(|row| (row.0, row)).collect();
    let mut sent = HashMap::with_capacity(decisions.len());
    for (submission, number, decided_by, accepted_at) in decisions {
        let Some((_, as_at, partner_id, sent_by, sent_at)) = by_number.remove(&number) else { continue };
        let through = SentThrough {
            number: natural(number)?,
            as_at: read_month(as_at)?,
            partner_id,
            sent_by: name(sent_by),
            sent_at,
            accepted_by: name(decided_by),
            accepted_at,
        };
        // The same file accepted twice is one submission, and came with the first.
        sent.entry(natural(submission)?).or_insert(through);
    }
    Ok(sent)
}
