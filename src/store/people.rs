//! People and the roles that they hold.

use super::{
    Deed, Store, StoreError,
    audit::{self, AUDIT},
    credentials::end_other_sessions,
    db::{Db, on_db},
    integer, kept_time,
    links::end_links,
    natural,
    schema::{login_session, person, role_held},
    tokens,
};
use crate::people::{Person, PersonState, Role, RoleHeld};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

/// What writers of people take turns for.
pub(super) const PEOPLE: &str = "people";

/// Why the last administrator stays one.
const LAST_ADMINISTRATOR: &str = "nobody else is an administrator";

/// Somebody to be let in.
pub struct NewPerson<'a> {
    /// In lower case.
    pub email: &'a str,
    pub name: &'a str,
    pub state: PersonState,
    pub roles: &'a [RoleHeld],
    pub created_at: NaiveDateTime,
}

impl Store {
    /// Adds a person and gives the id; none where the address is taken.
    pub fn add_person(&mut self, new: &NewPerson<'_>, deed: &Deed) -> Result<Option<u32>, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let Some(id) = add(db, new)? else { return Ok(None) };
            audit::add(db, &Deed { subject: format!("person {id}"), ..deed.clone() })?;
            Ok(Some(id))
        })
    }

    /// Gives a person exactly these roles.
    ///
    /// Fails with [`StoreError::Overtaken`] where nobody would be left to manage people.
    pub fn set_roles(&mut self, id: u32, roles: &[RoleHeld], deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            if !roles.iter().any(|held| held.role == Role::Administrator) {
                stays_managed(db, id)?;
            }
            let key = integer(id)?;
            on_db!(db, |c| diesel::delete(role_held::table.filter(role_held::person.eq(key))).execute(c))?;
            add_roles(db, key, roles)?;
            audit::add(db, deed)
        })
    }

    /// Lets a person sign in no more: every session and link is ended and every token revoked.
    ///
    /// Fails with [`StoreError::Overtaken`] where nobody would be left to manage people.
    pub fn disable_person(&mut self, id: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            stays_managed(db, id)?;
            set_state(db, id, PersonState::Disabled)?;
            end_other_sessions(db, id, None, deed)?;
            end_links(db, Some(id), deed)?;
            tokens::revoke_all(db, id, deed.at)?;
            audit::add(db, deed)
        })
    }

    /// Lets a person sign in again; whoever has no way to yet is as newly invited.
    pub fn enable_person(&mut self, id: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let (password, subject): (Option<String>, Option<String>) = person::table
                .find(integer(id)?)
                .select((person::password_hash, person::oidc_subject))
                .first(db)?;
            let can_sign_in = password.is_some() || subject.is_some();
            set_state(db, id, if can_sign_in { PersonState::Active } else { PersonState::Invited })?;
            audit::add(db, deed)
        })
    }

    /// Changes what a person is called.
    pub fn rename_person(&mut self, id: u32, name: &str, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = person::table.find(integer(id)?);
            on_db!(db, |c| diesel::update(row).set(person::name.eq(name)).execute(c))?;
            audit::add(db, deed)
        })
    }

    /// How many administrators there are who may sign in or have been invited to.
    pub fn administrators(&mut self) -> Result<u64, StoreError> {
        self.db.read(|db| administrators(db, None))
    }

    /// When each person was last seen in a session, by their ids.
    pub fn last_seen(&mut self) -> Result<HashMap<u32, NaiveDateTime>, StoreError> {
        let rows: Vec<(i32, Option<NaiveDateTime>)> = login_session::table
            .group_by(login_session::person)
            .select((login_session::person, diesel::dsl::max(login_session::last_seen_at)))
            .load(&mut self.db)?;
        rows.into_iter()
            .filter_map(|(id, at)| Some((id, at?)))
            .map(|(id, at)| Ok((natural(id)?, at)))
            .collect()
    }

    /// The person whom a provider of identities knows by this name.
    pub fn person_by_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<Person>, StoreError> {
        self.db.read(|db| {
            let row = person::table
                .filter(person::oidc_issuer.eq(Some(issuer)).and(person::oidc_subject.eq(Some(subject))))
                .select(PersonRow::as_select())
                .first(db)
                .optional()?;
            row.map(|row| with_roles(db, row)).transpose()
        })
    }

    /// Links a person to the provider's name for them, from then on; an invited one can sign in, and needs
    /// the invitation no more: its link is ended. False where they are linked to another, or may not sign
    /// in.
    pub fn link_subject(
        &mut self,
        id: u32,
        issuer: &str,
        subject: &str,
        deed: &Deed,
    ) -> Result<bool, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = person::table
                .find(integer(id)?)
                .filter(person::oidc_subject.is_null().and(person::state.ne(PersonState::Disabled.name())));
            let set = (
                person::oidc_issuer.eq(Some(issuer)),
                person::oidc_subject.eq(Some(subject)),
                person::state.eq(PersonState::Active.name()),
            );
            if on_db!(db, |c| diesel::update(row).set(set).execute(c))? == 0 {
                return Ok(false);
            }
            end_links(db, Some(id), deed)?;
            audit::add(db, deed)?;
            Ok(true)
        })
    }

    /// Everybody, in the order of their names, capitals or not: databases differ in that.
    pub fn people(&mut self) -> Result<Vec<Person>, StoreError> {
        self.db.read(|db| {
            let mut rows: Vec<PersonRow> = person::table.select(PersonRow::as_select()).load(db)?;
            rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.id));
            // Asked for once, however many people there are.
            let held: Vec<(i32, RoleRow)> = role_held::table
                .order((role_held::area_code, role_held::role, role_held::partner_id))
                .select((role_held::person, (role_held::role, role_held::area_code, role_held::partner_id)))
                .load(db)?;
            let mut roles: HashMap<i32, Vec<RoleRow>> = HashMap::new();
            for (id, role) in held {
                roles.entry(id).or_default().push(role);
            }
            rows.into_iter()
                .map(|row| {
                    let roles = roles.remove(&row.id).unwrap_or_default();
                    of_rows(row, roles)
                })
                .collect()
        })
    }

    /// The person with this id.
    pub fn person(&mut self, id: u32) -> Result<Option<Person>, StoreError> {
        self.db.read(|db| {
            let row = person::table.find(integer(id)?).select(PersonRow::as_select()).first(db).optional()?;
            row.map(|row| with_roles(db, row)).transpose()
        })
    }

    /// The person with this address, in lower case.
    pub fn person_by_email(&mut self, email: &str) -> Result<Option<Person>, StoreError> {
        self.db.read(|db| {
            let row = person::table
                .filter(person::email.eq(email))
                .select(PersonRow::as_select())
                .first(db)
                .optional()?;
            row.map(|row| with_roles(db, row)).transpose()
        })
    }
}

/// Adds a person and gives the id; none where the address is taken.
pub(super) fn add(db: &mut Db, new: &NewPerson<'_>) -> Result<Option<u32>, StoreError> {
    let taken: Option<i32> =
        person::table.filter(person::email.eq(new.email)).select(person::id).first(db).optional()?;
    if taken.is_some() {
        return Ok(None);
    }
    let last: Option<i32> = person::table.select(diesel::dsl::max(person::id)).first(db)?;
    let id = last.unwrap_or(0) + 1;
    let row = (
        person::id.eq(id),
        person::email.eq(new.email),
        person::name.eq(new.name),
        person::state.eq(new.state.name()),
        person::created_at.eq(kept_time(new.created_at)),
    );
    on_db!(db, |c| diesel::insert_into(person::table).values(row).execute(c))?;
    add_roles(db, id, new.roles)?;
    Ok(Some(natural(id)?))
}

/// How many administrators are not disabled, but for one person.
pub(super) fn administrators(db: &mut Db, but_for: Option<u32>) -> Result<u64, StoreError> {
    let holders: Vec<i32> = role_held::table
        .filter(role_held::role.eq(Role::Administrator.name()))
        .filter(role_held::person.ne(but_for.map(integer).transpose()?.unwrap_or(0)))
        .select(role_held::person)
        .load(db)?;
    let mut count = 0;
    for id in holders {
        let state: String = person::table.find(id).select(person::state).first(db)?;
        count += u64::from(state != PersonState::Disabled.name());
    }
    Ok(count)
}

fn stays_managed(db: &mut Db, without: u32) -> Result<(), StoreError> {
    let (all, others) = (administrators(db, None)?, administrators(db, Some(without))?);
    if all > 0 && others == 0 { Err(StoreError::Overtaken(LAST_ADMINISTRATOR)) } else { Ok(()) }
}

fn set_state(db: &mut Db, id: u32, state: PersonState) -> Result<(), StoreError> {
    let row = person::table.find(integer(id)?);
    on_db!(db, |c| diesel::update(row).set(person::state.eq(state.name())).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = person)]
pub(super) struct PersonRow {
    id: i32,
    email: String,
    name: String,
    state: String,
}

type RoleRow = (String, String, String);

/// The person of a row, with the roles held.
pub(super) fn with_roles(db: &mut Db, row: PersonRow) -> Result<Person, StoreError> {
    let roles = role_held::table
        .filter(role_held::person.eq(row.id))
        .order((role_held::area_code, role_held::role, role_held::partner_id))
        .select((role_held::role, role_held::area_code, role_held::partner_id))
        .load(db)?;
    of_rows(row, roles)
}

fn of_rows(row: PersonRow, roles: Vec<RoleRow>) -> Result<Person, StoreError> {
    let roles = roles.into_iter().map(|(role, area_code, partner_id)| {
        let known = Role::from_name(&role).ok_or_else(|| StoreError::Damaged(format!("the role {role:?}")));
        let named = |text: String| (!text.is_empty()).then_some(text);
        Ok(RoleHeld { role: known?, area_code: named(area_code), partner_id: named(partner_id) })
    });
    let state = PersonState::ALL.into_iter().find(|known| known.name() == row.state);
    Ok(Person {
        id: natural(row.id)?,
        email: row.email,
        name: row.name,
        state: state.ok_or_else(|| StoreError::Damaged("the state of a person".into()))?,
        roles: roles.collect::<Result<_, StoreError>>()?,
    })
}

fn add_roles(db: &mut Db, id: i32, roles: &[RoleHeld]) -> Result<(), StoreError> {
    for held in roles {
        let row = (
            role_held::person.eq(id),
            role_held::role.eq(held.role.name()),
            role_held::area_code.eq(held.area_code.as_deref().unwrap_or_default()),
            role_held::partner_id.eq(held.partner_id.as_deref().unwrap_or_default()),
        );
        on_db!(db, |c| diesel::insert_into(role_held::table).values(row).execute(c))?;
    }
    Ok(())
}
