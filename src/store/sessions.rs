//! Sessions: who is signed in, from where and since when.

use super::{
    Deed, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    credentials::end_other_sessions,
    db::on_db,
    hex, integer, kept_time, natural,
    people::{PEOPLE, PersonRow, with_roles},
    schema::{login_session, person},
};
use crate::people::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session to be started.
pub struct NewSession<'a> {
    /// Of the token that the browser keeps.
    pub token_sha256: Sha256,
    pub person: u32,
    pub started_at: NaiveDateTime,
    /// How the person signed in, such as `password and code`.
    pub way: &'static str,
    pub address: &'a str,
    pub browser: &'a str,
}

/// A session as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub number: u32,
    pub person: u32,
    pub started_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    /// When the person last showed who they are.
    pub confirmed_at: NaiveDateTime,
    pub way: String,
    pub address: String,
    pub browser: String,
    pub ended_at: Option<NaiveDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = login_session)]
struct SessionRow {
    number: i32,
    person: i32,
    started_at: NaiveDateTime,
    last_seen_at: NaiveDateTime,
    confirmed_at: NaiveDateTime,
    way: String,
    address: String,
    browser: String,
    ended_at: Option<NaiveDateTime>,
}

impl Store {
    /// Starts a session.
    pub fn start_session(&mut self, new: &NewSession<'_>, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let id = integer(new.person)?;
            let last: Option<i32> = login_session::table
                .filter(login_session::person.eq(id))
                .select(diesel::dsl::max(login_session::number))
                .first(db)?;
            let row = (
                login_session::token_sha256.eq(hex(&new.token_sha256)),
                login_session::number.eq(last.unwrap_or(0) + 1),
                login_session::person.eq(id),
                login_session::started_at.eq(kept_time(new.started_at)),
                login_session::last_seen_at.eq(kept_time(new.started_at)),
                login_session::confirmed_at.eq(kept_time(new.started_at)),
                login_session::way.eq(new.way),
                login_session::address.eq(new.address),
                login_session::browser.eq(new.browser),
            );
            on_db!(db, |c| diesel::insert_into(login_session::table).values(row).execute(c))?;
            audit::add(db, deed)
        })
    }

    /// The session of a token and whose it is, whether it has ended or not; none for no such token.
    pub fn session(&mut self, token_sha256: &Sha256) -> Result<Option<(Session, Person)>, StoreError> {
        self.db.read(|db| {
            let row: Option<SessionRow> = login_session::table
                .find(hex(token_sha256))
                .select(SessionRow::as_select())
                .first(db)
                .optional()?;
            let Some(session) = row.map(read).transpose()? else { return Ok(None) };
            let row =
                person::table.find(integer(session.person)?).select(PersonRow::as_select()).first(db)?;
            Ok(Some((session, with_roles(db, row)?)))
        })
    }

    /// Notes that the session's person was seen.
    pub fn touch_session(&mut self, token_sha256: &Sha256, at: NaiveDateTime) -> Result<(), StoreError> {
        self.db.write(&[], |db| {
            let row = login_session::table.find(hex(token_sha256));
            let seen = login_session::last_seen_at.eq(kept_time(at));
            on_db!(db, |c| diesel::update(row).set(seen).execute(c))?;
            Ok(())
        })
    }

    /// A person's sessions, the latest first.
    pub fn sessions(&mut self, person: u32) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<SessionRow> = login_session::table
            .filter(login_session::person.eq(integer(person)?))
            .order(login_session::number.desc())
            .select(SessionRow::as_select())
            .load(&mut self.db)?;
        rows.into_iter().map(read).collect()
    }

    /// Notes that the person has shown once more who they are.
    pub fn confirm_session(&mut self, person: u32, number: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = login_session::table.filter(
                login_session::person.eq(integer(person)?).and(login_session::number.eq(integer(number)?)),
            );
            let confirmed = login_session::confirmed_at.eq(kept_time(deed.at));
            on_db!(db, |c| diesel::update(row).set(confirmed).execute(c))?;
            audit::add(db, deed)
        })
    }

    /// Ends a person's sessions but for one.
    pub fn end_other_sessions(&mut self, person: u32, kept: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            end_other_sessions(db, person, Some(kept), deed)?;
            audit::add(db, deed)
        })
    }

    /// Ends one of a person's sessions, or all where no number is given.
    pub fn end_sessions(&mut self, person: u32, number: Option<u32>, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let id = integer(person)?;
            let ended = login_session::ended_at.eq(Some(kept_time(deed.at)));
            let open = login_session::table
                .filter(login_session::person.eq(id).and(login_session::ended_at.is_null()));
            match number.map(integer).transpose()? {
                Some(number) => {
                    let one = open.filter(login_session::number.eq(number));
                    on_db!(db, |c| diesel::update(one).set(ended).execute(c))?
                }
                None => on_db!(db, |c| diesel::update(open).set(ended).execute(c))?,
            };
            audit::add(db, deed)
        })
    }
}

fn read(row: SessionRow) -> Result<Session, StoreError> {
    Ok(Session {
        number: natural(row.number)?,
        person: natural(row.person)?,
        started_at: row.started_at,
        last_seen_at: row.last_seen_at,
        confirmed_at: row.confirmed_at,
        way: row.way,
        address: row.address,
        browser: row.browser,
        ended_at: row.ended_at,
    })
}
