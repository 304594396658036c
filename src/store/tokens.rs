//! Tokens by which partners' systems act for a person.

use super::{
    Deed, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    db::{Db, on_db},
    hex, integer, kept_time, natural,
    people::{PEOPLE, PersonRow, with_roles},
    schema::{api_token, person},
};
use crate::people::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A token as listed; what it opens with is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub number: u32,
    pub person: u32,
    /// What the person calls it, such as the system that has it.
    pub name: String,
    pub made_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub last_used_at: Option<NaiveDateTime>,
    pub revoked_at: Option<NaiveDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_token)]
struct Row {
    number: i32,
    person: i32,
    name: String,
    made_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

impl Store {
    /// Keeps a token of a person and gives its number.
    pub fn add_api_token(
        &mut self,
        token_sha256: &Sha256,
        person: u32,
        name: &str,
        expires_at: NaiveDateTime,
        deed: &Deed,
    ) -> Result<u32, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let last: Option<i32> = api_token::table.select(diesel::dsl::max(api_token::number)).first(db)?;
            let number = last.unwrap_or(0) + 1;
            let row = (
                api_token::number.eq(number),
                api_token::token_sha256.eq(hex(token_sha256)),
                api_token::person.eq(integer(person)?),
                api_token::name.eq(name),
                api_token::made_at.eq(kept_time(deed.at)),
                api_token::expires_at.eq(kept_time(expires_at)),
            );
            on_db!(db, |c| diesel::insert_into(api_token::table).values(row).execute(c))?;
            audit::add(db, deed)?;
            natural(number)
        })
    }

    /// The token and whose it is, whether it still counts or not; none where there is no such token.
    pub fn api_token(&mut self, token_sha256: &Sha256) -> Result<Option<(ApiToken, Person)>, StoreError> {
        self.db.read(|db| {
            let row: Option<Row> = api_token::table
                .filter(api_token::token_sha256.eq(hex(token_sha256)))
                .select(Row::as_select())
                .first(db)
                .optional()?;
            let Some(token) = row.map(read).transpose()? else { return Ok(None) };
            let row = person::table.find(integer(token.person)?).select(PersonRow::as_select()).first(db)?;
            Ok(Some((token, with_roles(db, row)?)))
        })
    }

    /// Notes that the token was used.
    pub fn touch_api_token(&mut self, number: u32, at: NaiveDateTime) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = api_token::table.find(integer(number)?);
            let used = api_token::last_used_at.eq(Some(kept_time(at)));
            on_db!(db, |c| diesel::update(row).set(used).execute(c))?;
            Ok(())
        })
    }

    /// A person's tokens, the latest first.
    pub fn api_tokens(&mut self, person: u32) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<Row> = api_token::table
            .filter(api_token::person.eq(integer(person)?))
            .order(api_token::number.desc())
            .select(Row::as_select())
            .load(&mut self.db)?;
        rows.into_iter().map(read).collect()
    }

    /// Revokes one of a person's tokens; false where it is not theirs, or was revoked before.
    pub fn revoke_api_token(&mut self, person: u32, number: u32, deed: &Deed) -> Result<bool, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = api_token::table
                .find(integer(number)?)
                .filter(api_token::person.eq(integer(person)?).and(api_token::revoked_at.is_null()));
            let revoked = api_token::revoked_at.eq(Some(kept_time(deed.at)));
            if on_db!(db, |c| diesel::update(row).set(revoked).execute(c))? == 0 {
                return Ok(false);
            }
            audit::add(db, deed)?;
            Ok(true)
        })
    }
}

/// Revokes every token of a person.
pub(super) fn revoke_all(db: &mut Db, person: u32, at: NaiveDateTime) -> Result<(), StoreError> {
    let rows =
        api_token::table.filter(api_token::person.eq(integer(person)?).and(api_token::revoked_at.is_null()));
    let revoked = api_token::revoked_at.eq(Some(kept_time(at)));
    on_db!(db, |c| diesel::update(rows).set(revoked).execute(c))?;
    Ok(())
}

fn read(row: Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        number: natural(row.number)?,
        person: natural(row.person)?,
        name: row.name,
        made_at: row.made_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
    })
}
