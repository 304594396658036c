//! Returns that were checked and wait for what their sender says about the queries.

use super::{
    Deed, ReturnWay, SendLimits, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    big_integer,
    bytes::restored,
    db::{Db, on_db},
    fault_rows::shown,
    integer, kept_time,
    schema::return_draft,
    sent_lately::must_have_room,
    submissions::read_return_type,
};
use crate::figures::{facts::ReturnType, period::Month};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A draft to be kept; it takes the place of the same person's earlier one of its type and partner.
pub struct NewReturnDraft<'a> {
    pub area_code: &'a str,
    pub as_at: Month,
    pub person: u32,
    pub return_type: ReturnType,
    /// Empty where the pooled budget manager sends for all.
    pub partner_id: &'a str,
    pub file_name: &'a str,
    pub way: ReturnWay,
    pub kept_at: NaiveDateTime,
    pub bytes: &'a StoredBytes,
}

/// A draft, with its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnDraft {
    pub return_type: ReturnType,
    pub partner_id: String,
    pub file_name: String,
    pub way: ReturnWay,
    pub kept_at: NaiveDateTime,
    pub bytes: Vec<u8>,
}

/// A draft by its name alone, for lists: its file may be large, and is left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDraft {
    pub return_type: ReturnType,
    pub partner_id: String,
    pub file_name: String,
    pub kept_at: NaiveDateTime,
}

impl Store {
    /// Keeps a draft.
    ///
    /// Fails with [`StoreError::SentEnough`] where its sender has sent as much within a day as they may.
    pub fn keep_return_draft(
        &mut self,
        new: &NewReturnDraft<'_>,
        limits: &SendLimits,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[new.area_code, AUDIT], |db| {
            remove(db, new.area_code, new.as_at, new.person, new.return_type, new.partner_id)?;
            must_have_room(db, new.person, new.bytes.byte_count(), new.kept_at, limits)?;
            let row = (
                return_draft::area_code.eq(new.area_code),
                return_draft::as_at.eq(new.as_at.number()),
                return_draft::person.eq(integer(new.person)?),
                return_draft::return_type.eq(new.return_type.name()),
                return_draft::partner_id.eq(new.partner_id),
                return_draft::file_name.eq(shown(new.file_name)),
                return_draft::way.eq(new.way.name()),
                return_draft::kept_at.eq(kept_time(new.kept_at)),
                return_draft::byte_count.eq(big_integer(new.bytes.byte_count())?),
                return_draft::encoding.eq(new.bytes.encoding().name()),
                return_draft::content.eq(new.bytes.content()),
            );
            on_db!(db, |c| diesel::insert_into(return_draft::table).values(row).execute(c))?;
            audit::add(db, deed)
        })
    }

    /// A person's drafts for an area's month, in the order of type and partner.
    pub fn return_drafts(
        &mut self,
        area_code: &str,
        as_at: Month,
        person: u32,
    ) -> Result<Vec<ReturnDraft>, StoreError> {
        type Row = (String, String, String, String, NaiveDateTime, String, Vec<u8>);
        let rows: Vec<Row> = return_draft::table
            .filter(return_draft::area_code.eq(area_code))
            .filter(return_draft::as_at.eq(as_at.number()))
            .filter(return_draft::person.eq(integer(person)?))
            .order((return_draft::return_type, return_draft::partner_id))
            .select((
                return_draft::return_type,
                return_draft::partner_id,
                return_draft::file_name,
                return_draft::way,
                return_draft::kept_at,
                return_draft::encoding,
                return_draft::content,
            ))
            .load(&mut self.db)?;
        let drafts =
            rows.into_iter().map(|(kind, partner_id, file_name, way, kept_at, encoding, content)| {
                Ok(ReturnDraft {
                    return_type: read_return_type(&kind)?,
                    partner_id,
                    file_name,
                    way: ReturnWay::read(&way)?,
                    kept_at,
                    bytes: restored(&encoding, content)?,
                })
            });
        drafts.collect()
    }

    /// The same drafts in the same order, without their files.
    pub fn named_return_drafts(
        &mut self,
        area_code: &str,
        as_at: Month,
        person: u32,
    ) -> Result<Vec<NamedDraft>, StoreError> {
        let rows: Vec<(String, String, String, NaiveDateTime)> = return_draft::table
            .filter(return_draft::area_code.eq(area_code))
            .filter(return_draft::as_at.eq(as_at.number()))
            .filter(return_draft::person.eq(integer(person)?))
            .order((return_draft::return_type, return_draft::partner_id))
            .select((
                return_draft::return_type,
                return_draft::partner_id,
                return_draft::file_name,
                return_draft::kept_at,
            ))
            .load(&mut self.db)?;
        let drafts = rows.into_iter().map(|(kind, partner_id, file_name, kept_at)| {
            Ok(NamedDraft { return_type: read_return_type(&kind)?, partner_id, file_name, kept_at })
        });
        drafts.collect()
    }

    /// Throws a draft away; harmless where there is none.
    pub fn discard_return_draft(
        &mut self,
        area_code: &str,
        as_at: Month,
        person: u32,
        (return_type, partner_id): (ReturnType, &str),
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[area_code, AUDIT], |db| {
            if remove(db, area_code, as_at, person, return_type, partner_id)? {
                audit::add(db, deed)
            } else {
                Ok(())
            }
        })
    }
}

/// Removes a draft within the transaction of what it has become; whether there was one.
pub(super) fn remove(
    db: &mut Db,
    area_code: &str,
    as_at: Month,
    person: u32,
    return_type: ReturnType,
    partner_id: &str,
) -> Result<bool, StoreError> {
    let key = (area_code, as_at.number(), integer(person)?, return_type.name(), partner_id);
    let draft = return_draft::table.find(key);
    Ok(on_db!(db, |c| diesel::delete(draft).execute(c))? > 0)
}
