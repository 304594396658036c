//! What owners say of exceptions: added to, never changed; a later one takes the place of an earlier.

use super::{
    Deed, Store, StoreError,
    audit::{self, AUDIT},
    db::{Db, on_db},
    facts::read_month,
    integer, kept_time, natural,
    schema::commentary,
};
use crate::figures::period::Month;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A commentary to be written.
pub struct NewCommentary<'a> {
    pub area_code: &'a str,
    pub as_at: Month,
    /// A measure `measure/NEA`, a scheme `scheme/S01`, or `summary`.
    pub subject: &'a str,
    pub cause: &'a str,
    pub action: &'a str,
    pub action_by: Option<NaiveDate>,
    pub owner: &'a str,
    pub written_by: u32,
    /// The one that the writer saw, which this takes the place of.
    pub replaces: Option<u32>,
    /// It ends the matter.
    pub closes: bool,
}

/// A commentary as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commentary {
    pub area_code: String,
    pub number: u32,
    pub as_at: Month,
    pub subject: String,
    pub cause: String,
    pub action: String,
    pub action_by: Option<NaiveDate>,
    pub owner: String,
    pub written_by: u32,
    pub written_at: NaiveDateTime,
    pub replaces: Option<u32>,
    pub closes: bool,
}

/// What stands for each subject as at the end of `as_at`, in the order of the subjects: the last that was
/// written for that month or, where nothing was, for the latest month before it.
///
/// `all` are one area's, as [`Store::commentary`] gives them; what was written after `known_at` is left
/// aside. What ends a matter stands for the months from then on too: it says that nothing is open.
pub fn standing(
    all: &[Commentary],
    as_at: Month,
    known_at: Option<NaiveDateTime>,
) -> BTreeMap<&str, &Commentary> {
    let mut standing: BTreeMap<&str, &Commentary> = BTreeMap::new();
    let known = |written: &&Commentary| {
        written.as_at <= as_at && known_at.is_none_or(|time| written.written_at <= time)
    };
    for written in all.iter().filter(known) {
        let later = |held: &&Commentary| (written.as_at, written.number) > (held.as_at, held.number);
        if standing.get(written.subject.as_str()).is_none_or(later) {
            standing.insert(&written.subject, written);
        }
    }
    standing
}

impl Store {
    /// Adds a commentary and gives its number.
    ///
    /// Overtaken where another than `replaces` stands for the subject by now.
    pub fn write_commentary(&mut self, new: &NewCommentary<'_>, deed: &Deed) -> Result<u32, StoreError> {
        self.db.write(&[new.area_code, AUDIT], |db| {
            let standing: Option<i32> = commentary::table
                .filter(commentary::area_code.eq(new.area_code))
                .filter(commentary::subject.eq(new.subject))
                .filter(commentary::as_at.le(new.as_at.number()))
                .order((commentary::as_at.desc(), commentary::number.desc()))
                .select(commentary::number)
                .first(db)
                .optional()?;
            if standing.map(natural).transpose()? != new.replaces {
                return Err(StoreError::Overtaken(
                    "somebody else has written about this since you opened the page",
                ));
            }
            let number = integer(last_number(db, new.area_code)?)? + 1;
            let row = (
                commentary::area_code.eq(new.area_code),
                commentary::number.eq(number),
                commentary::as_at.eq(new.as_at.number()),
                commentary::subject.eq(new.subject),
                commentary::cause.eq(new.cause),
                commentary::action.eq(new.action),
                commentary::action_by.eq(new.action_by),
                commentary::owner.eq(new.owner),
                commentary::written_by.eq(integer(new.written_by)?),
                commentary::written_at.eq(kept_time(deed.at)),
                commentary::replaces.eq(new.replaces.map(integer).transpose()?),
                commentary::closes.eq(new.closes),
            );
            on_db!(db, |c| diesel::insert_into(commentary::table).values(row).execute(c))?;
            audit::add(db, deed)?;
            natural(number)
        })
    }

    /// Everything that was written in one area, or in all, the first first.
    pub fn commentary(&mut self, area_code: Option<&str>) -> Result<Vec<Commentary>, StoreError> {
        let all = commentary::table
            .order((commentary::area_code, commentary::number))
            .select(CommentaryRow::as_select());
        let rows: Vec<CommentaryRow> = match area_code {
            Some(code) => all.filter(commentary::area_code.eq(code)).load(&mut self.db)?,
            None => all.load(&mut self.db)?,
        };
        rows.into_iter().map(read).collect()
    }
}

/// The number of the area's last commentary; 0 before the first.
pub(super) fn last_number(db: &mut Db, area_code: &str) -> Result<u32, StoreError> {
    let last: Option<i32> = commentary::table
        .filter(commentary::area_code.eq(area_code))
        .select(diesel::dsl::max(commentary::number))
        .first(db)?;
    natural(last.unwrap_or(0))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = commentary)]
struct CommentaryRow {
    area_code: String,
    number: i32,
    as_at: i32,
    subject: String,
    cause: String,
    action: String,
    action_by: Option<NaiveDate>,
    owner: String,
    written_by: i32,
    written_at: NaiveDateTime,
    replaces: Option<i32>,
    closes: bool,
}

fn read(row: CommentaryRow) -> Result<Commentary, StoreError> {
    Ok(Commentary {
        area_code: row.area_code,
        number: natural(row.number)?,
        as_at: read_month(row.as_at)?,
        subject: row.subject,
        cause: row.cause,
        action: row.action,
        action_by: row.action_by,
        owner: row.owner,
        written_by: natural(row.written_by)?,
        written_at: row.written_at,
        replaces: row.replaces.map(natural).transpose()?,
        closes: row.closes,
    })
}
