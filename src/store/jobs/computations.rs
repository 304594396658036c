//! What a month's figures were worked out from, each time that this was something new.

use super::{Claim, Outcome, endings::end};
use crate::{
    figures::period::Month,
    store::{
        Sha256, Store, StoreError, big_integer, db::on_db, facts::read_month, hex, integer, kept_time,
        length, natural, read_sha256, schema::computation,
    },
};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A month's figures, worked out.
pub struct NewComputation<'a> {
    pub area_code: &'a str,
    pub as_at: Month,
    /// Of everything that the figures depend on.
    pub inputs_sha256: Sha256,
    /// Of the figures.
    pub positions_sha256: Sha256,
}

/// A computation as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computation {
    pub as_at: Month,
    /// From 1, for each month of an area.
    pub number: u32,
    pub inputs_sha256: Sha256,
    pub positions_sha256: Sha256,
    /// In which slot it was made.
    pub slot: u64,
    pub computed_at: NaiveDateTime,
}

impl Store {
    /// An area's computations as at a month, the latest first.
    pub fn computations(&mut self, area_code: &str, as_at: Month) -> Result<Vec<Computation>, StoreError> {
        let rows: Vec<(i32, i32, String, String, i64, NaiveDateTime)> = computation::table
            .filter(computation::area_code.eq(area_code))
            .filter(computation::as_at.eq(as_at.number()))
            .order(computation::number.desc())
            .select((
                computation::as_at,
                computation::number,
                computation::inputs_sha256,
                computation::positions_sha256,
                computation::slot,
                computation::computed_at,
            ))
            .load(&mut self.db)?;
        let read = |(as_at, number, inputs, positions, slot, computed_at): (_, _, String, String, _, _)| {
            Ok(Computation {
                as_at: read_month(as_at)?,
                number: natural(number)?,
                inputs_sha256: read_sha256(&inputs)?,
                positions_sha256: read_sha256(&positions)?,
                slot: length(slot)?,
                computed_at,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Keeps a computation and ends its slot: both or neither.
    ///
    /// Where another program has worked out the same just before, nothing is kept. `words` says what came
    /// of it, from whether it was kept.
    pub fn end_computed(
        &mut self,
        new: &NewComputation<'_>,
        (claim, at): (Claim, NaiveDateTime),
        words: impl FnOnce(bool) -> Outcome,
    ) -> Result<Outcome, StoreError> {
        // Computations are numbered within their area: those of others go on meanwhile.
        self.db.write(&[new.area_code], |db| {
            let last: Option<(i32, String)> = computation::table
                .filter(computation::area_code.eq(new.area_code))
                .filter(computation::as_at.eq(new.as_at.number()))
                .order(computation::number.desc())
                .select((computation::number, computation::inputs_sha256))
                .first(db)
                .optional()?;
            let inputs_sha256 = hex(&new.inputs_sha256);
            if last.as_ref().is_some_and(|(_, inputs)| *inputs == inputs_sha256) {
                let outcome = words(false);
                end(db, claim, at, &outcome)?;
                return Ok(outcome);
            }
            let last = last.map(|(number, _)| number);
            let row = (
                computation::area_code.eq(new.area_code),
                computation::as_at.eq(new.as_at.number()),
                computation::number.eq(integer(natural(last.unwrap_or(0))? + 1)?),
                computation::inputs_sha256.eq(inputs_sha256),
                computation::positions_sha256.eq(hex(&new.positions_sha256)),
                computation::slot.eq(big_integer(claim.slot)?),
                computation::computed_at.eq(kept_time(at)),
            );
            on_db!(db, |c| diesel::insert_into(computation::table).values(row).execute(c))?;
            let outcome = words(true);
            end(db, claim, at, &outcome)?;
            Ok(outcome)
        })
    }
}
