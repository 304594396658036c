//! People and the roles that they hold.

use super::{
    Deed, Store, StoreError,
    audit::{self, AUDIT},
    db::{Db, on_db},
    integer, kept_time, natural,
    schema::{person, role_held},
};
use crate::people::{Person, PersonState, Role, RoleHeld};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What writers of people take turns for.
pub(super) const PEOPLE: &str = "people";

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
            let id = natural(id)?;
            audit::add(db, &Deed { subject: format!("person {id}"), ..deed.clone() })?;
            Ok(Some(id))
        })
    }

    /// Gives a person exactly these roles.
    pub fn set_roles(&mut self, id: u32, roles: &[RoleHeld], deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let id = integer(id)?;
            on_db!(db, |c| diesel::delete(role_held::table.filter(role_held::person.eq(id))).execute(c))?;
            add_roles(db, id, roles)?;
            audit::add(db, deed)
        })
    }

    /// Everybody, in the order of their names.
    pub fn people(&mut self) -> Result<Vec<Person>, StoreError> {
        self.db.read(|db| {
            let rows: Vec<PersonRow> = person::table
                .order((person::name, person::id))
                .select((person::id, person::email, person::name, person::state))
                .load(db)?;
            rows.into_iter().map(|row| with_roles(db, row)).collect()
        })
    }

    /// The person with this id.
    pub fn person(&mut self, id: u32) -> Result<Option<Person>, StoreError> {
        self.db.read(|db| {
            let row = person::table
                .find(integer(id)?)
                .select((person::id, person::email, person::name, person::state))
                .first(db)
                .optional()?;
            row.map(|row| with_roles(db, row)).transpose()
        })
    }

    /// The person with this address, in lower case.
    pub fn person_by_email(&mut self, email: &str) -> Result<Option<Person>, StoreError> {
        self.db.read(|db| {
            let row = person::table
                .filter(person::email.eq(email))
                .select((person::id, person::email, person::name, person::state))
                .first(db)
                .optional()?;
            row.map(|row| with_roles(db, row)).transpose()
        })
    }
}

type PersonRow = (i32, String, String, String);

/// The person of a row, with the roles held.
pub(super) fn with_roles(db: &mut Db, row: PersonRow) -> Result<Person, StoreError> {
    let (id, email, name, state) = row;
    let rows: Vec<(String, String, String)> = role_held::table
        .filter(role_held::person.eq(id))
        .order((role_held::area_code, role_held::role, role_held::partner_id))
        .select((role_held::role, role_held::area_code, role_held::partner_id))
        .load(db)?;
    let roles = rows.into_iter().map(|(role, area_code, partner_id)| {
        let known = Role::from_name(&role).ok_or_else(|| StoreError::Damaged(format!("the role {role:?}")));
        let named = |text: String| (!text.is_empty()).then_some(text);
        Ok(RoleHeld { role: known?, area_code: named(area_code), partner_id: named(partner_id) })
    });
    let state = PersonState::ALL.into_iter().find(|known| known.name() == state);
    Ok(Person {
        id: natural(id)?,
        email,
        name,
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
