//! Links that work once: to set a first password, or a new one.

use super::{
    Deed, NewMessage, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    credentials::{end_other_sessions, set_password},
    db::{Db, on_db},
    hex, integer, kept_time, messages, natural,
    people::{self, NewPerson, PEOPLE},
    schema::{one_time_link, person},
    tokens::revoke_all,
};
use crate::people::{PersonState, Role, RoleHeld};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To set a name and a first password.
    Invitation,
    /// To set a new password.
    Recovery,
    /// To become the first administrator, of a store that has none.
    FirstAdministrator,
}

impl LinkPurpose {
    const ALL: [LinkPurpose; 3] =
        [LinkPurpose::Invitation, LinkPurpose::Recovery, LinkPurpose::FirstAdministrator];

    pub fn name(self) -> &'static str {
        match self {
            LinkPurpose::Invitation => "invitation",
            LinkPurpose::Recovery => "recovery",
            LinkPurpose::FirstAdministrator => "first administrator",
        }
    }
}

/// A link that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    pub purpose: LinkPurpose,
    /// None for the first administrator's.
    pub person: Option<u32>,
    pub expires_at: NaiveDateTime,
}

impl Store {
    /// Makes a link; earlier ones of the person (or of the first administrator) work no more. `message`
    /// takes it to the person.
    pub fn make_link(
        &mut self,
        token_sha256: &Sha256,
        link: &OneTimeLink,
        message: Option<&NewMessage<'_>>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            end_links(db, link.person, deed)?;
            add_link(db, token_sha256, link, message, deed)
        })
    }

    /// Makes a link that somebody asked for who need not be its person: earlier ones stand, so that
    /// nobody can take theirs away from them.
    pub fn make_further_link(
        &mut self,
        token_sha256: &Sha256,
        link: &OneTimeLink,
        message: Option<&NewMessage<'_>>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| add_link(db, token_sha256, link, message, deed))
    }

    /// The link of a token; none where there is no such link, or it was used or has expired.
    pub fn link(
        &mut self,
        token_sha256: &Sha256,
        at: NaiveDateTime,
    ) -> Result<Option<OneTimeLink>, StoreError> {
        self.db.read(|db| link(db, token_sha256, at))
    }

    /// Uses a link: the person has this name and password from now on, can sign in, and every session
    /// and token of theirs is ended. False where the link works no more.
    pub fn use_link(
        &mut self,
        token_sha256: &Sha256,
        name: &str,
        password_hash: &str,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let Some(OneTimeLink { person: Some(id), .. }) = link(db, token_sha256, deed.at)? else {
                return Ok(false);
            };
            let row = person::table.find(integer(id)?).filter(person::state.ne(PersonState::Disabled.name()));
            let set = (person::name.eq(name), person::state.eq(PersonState::Active.name()));
            if on_db!(db, |c| diesel::update(row).set(set).execute(c))? == 0 {
                return Ok(false);
            }
            end_links(db, Some(id), deed)?;
            set_password(db, id, password_hash)?;
            end_other_sessions(db, id, None, deed)?;
            revoke_all(db, id, deed.at)?;
            audit::add(db, deed)?;
            Ok(true)
        })
    }

    /// Uses the first administrator's link; gives the new person's id, and none where the link works no
    /// more, there is an administrator by now, or the address is taken.
    pub fn use_first_administrators_link(
        &mut self,
        token_sha256: &Sha256,
        email: &str,
        name: &str,
        password_hash: &str,
        deed: &Deed,
    ) -> Result<Option<u32>, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let Some(OneTimeLink { person: None, .. }) = link(db, token_sha256, deed.at)? else {
                return Ok(None);
            };
            if people::administrators(db, None)? > 0 {
                return Ok(None);
            }
            let roles = [RoleHeld { role: Role::Administrator, area_code: None, partner_id: None }];
            let state = PersonState::Active;
            let new = NewPerson { email, name, state, roles: &roles, created_at: deed.at };
            let Some(id) = people::add(db, &new)? else { return Ok(None) };
            mark_used(db, token_sha256, deed.at)?;
            set_password(db, id, password_hash)?;
            let by = Some((id, name.to_owned()));
            audit::add(db, &Deed { by, subject: format!("person {id}"), ..deed.clone() })?;
            Ok(Some(id))
        })
    }
}

/// Every link of the person that was not used, or of the first administrator, works no more.
pub(super) fn end_links(db: &mut Db, person: Option<u32>, deed: &Deed) -> Result<(), StoreError> {
    let used = one_time_link::used_at.eq(Some(kept_time(deed.at)));
    match person.map(integer).transpose()? {
        Some(id) => {
            let open = one_time_link::table
                .filter(one_time_link::person.eq(Some(id)).and(one_time_link::used_at.is_null()));
            on_db!(db, |c| diesel::update(open).set(used).execute(c))?
        }
        None => {
            let open = one_time_link::table
                .filter(one_time_link::person.is_null().and(one_time_link::used_at.is_null()));
            on_db!(db, |c| diesel::update(open).set(used).execute(c))?
        }
    };
    Ok(())
}

fn add_link(
    db: &mut Db,
    token_sha256: &Sha256,
    link: &OneTimeLink,
    message: Option<&NewMessage<'_>>,
    deed: &Deed,
) -> Result<(), StoreError> {
    let row = (
        one_time_link::token_sha256.eq(hex(token_sha256)),
        one_time_link::person.eq(link.person.map(integer).transpose()?),
        one_time_link::purpose.eq(link.purpose.name()),
        one_time_link::made_at.eq(kept_time(deed.at)),
        one_time_link::expires_at.eq(kept_time(link.expires_at)),
    );
    on_db!(db, |c| diesel::insert_into(one_time_link::table).values(row).execute(c))?;
    audit::add(db, deed)?;
    message.map_or(Ok(()), |message| messages::add(db, message).map(drop))
}

fn link(db: &mut Db, token_sha256: &Sha256, at: NaiveDateTime) -> Result<Option<OneTimeLink>, StoreError> {
    let row: Option<(Option<i32>, String, NaiveDateTime)> = one_time_link::table
        .find(hex(token_sha256))
        .filter(one_time_link::used_at.is_null().and(one_time_link::expires_at.gt(kept_time(at))))
        .select((one_time_link::person, one_time_link::purpose, one_time_link::expires_at))
        .first(db)
        .optional()?;
    let Some((person, purpose, expires_at)) = row else { return Ok(None) };
    let known = LinkPurpose::ALL.into_iter().find(|known| known.name() == purpose);
    let purpose = known.ok_or_else(|| StoreError::Damaged("the purpose of a link".into()))?;
    Ok(Some(OneTimeLink { purpose, person: person.map(natural).transpose()?, expires_at }))
}

fn mark_used(db: &mut Db, token_sha256: &Sha256, at: NaiveDateTime) -> Result<(), StoreError> {
    let row = one_time_link::table.find(hex(token_sha256));
    let used = one_time_link::used_at.eq(Some(kept_time(at)));
    on_db!(db, |c| diesel::update(row).set(used).execute(c))?;
    Ok(())
}
