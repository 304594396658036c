//! What people show who they are with: passwords, second factors, recovery codes.

use super::{
    Deed, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    big_integer,
    db::{Db, on_db},
    hex, integer, kept_time,
    links::end_links,
    natural,
    people::PEOPLE,
    schema::{half_sign_in, login_session, person, recovery_code},
    tokens::revoke_all,
};
use diesel::prelude::*;

/// What is kept of a person's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactorKept {
    pub person: u32,
    /// Its secret, as it is or sealed.
    pub kept: String,
    /// Else it waits for its first code.
    pub is_on: bool,
}

/// What is kept of how a person shows who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// In the PHC form; none before a first password, and for whoever signs in elsewhere.
    pub password_hash: Option<String>,
    /// In base32, sealed where the service has a key; none without a second factor.
    pub totp_secret: Option<String>,
    /// A secret that was shown and waits for its first code.
    pub totp_proposed: Option<String>,
    pub totp_last_step: Option<u64>,
    /// How many recovery codes have not been used.
    pub recovery_codes_left: u32,
    /// Whether the person has signed in by the provider of identities.
    pub has_single_sign_on: bool,
}

type Row = (Option<String>, Option<String>, Option<String>, Option<i64>, Option<String>);

impl Store {
    /// How the person shows who they are; nothing for nobody.
    pub fn credentials(&mut self, id: u32) -> Result<Credentials, StoreError> {
        self.db.read(|db| {
            let id = integer(id)?;
            let row: Option<Row> = person::table
                .find(id)
                .select((
                    person::password_hash,
                    person::totp_secret,
                    person::totp_proposed,
                    person::totp_last_step,
                    person::oidc_subject,
                ))
                .first(db)
                .optional()?;
            let left: i64 = recovery_code::table
                .filter(recovery_code::person.eq(id).and(recovery_code::used_at.is_null()))
                .count()
                .get_result(db)?;
            let Some((password_hash, totp_secret, totp_proposed, last, subject)) = row else {
                return Ok(Credentials::default());
            };
            Ok(Credentials {
                password_hash,
                totp_secret,
                totp_proposed,
                totp_last_step: last.map(super::length).transpose()?,
                recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX),
                has_single_sign_on: subject.is_some(),
            })
        })
    }

    /// Sets the password, and ends the person's other sessions, every token and every link: whoever else
    /// knew the old one, or has a link to set another, is out.
    pub fn set_password(
        &mut self,
        id: u32,
        hash: &str,
        session_kept: Option<u32>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            set_password(db, id, hash)?;
            end_other_sessions(db, id, session_kept, deed)?;
            end_links(db, Some(id), deed)?;
            revoke_all(db, id, deed.at)?;
            audit::add(db, deed)
        })
    }

    /// What is kept of each second factor, whether it is on or waits for its first code.
    pub fn second_factors(&mut self) -> Result<Vec<SecondFactorKept>, StoreError> {
        let rows: Vec<(i32, Option<String>, Option<String>)> = person::table
            .filter(person::totp_secret.is_not_null().or(person::totp_proposed.is_not_null()))
            .order(person::id)
            .select((person::id, person::totp_secret, person::totp_proposed))
            .load(&mut self.db)?;
        let each = rows.into_iter().flat_map(|(id, on, proposed)| [(id, on, true), (id, proposed, false)]);
        each.filter_map(|(id, kept, is_on)| Some((id, kept?, is_on)))
            .map(|(id, kept, is_on)| Ok(SecondFactorKept { person: natural(id)?, kept, is_on }))
            .collect()
    }

    /// Keeps second factors otherwise, each where it is still kept as it was, and wipes what was kept before
    /// out of a SQLite file and its log. What stands in earlier backups, and what PostgreSQL has not cleared
    /// away yet, is as it was.
    pub fn keep_second_factors_as(&mut self, each: &[(SecondFactorKept, String)]) -> Result<(), StoreError> {
        self.db.wiping(|db| {
            db.write(&[PEOPLE], |db| {
                for (was, is) in each {
                    let row = person::table.find(integer(was.person)?);
                    let (was_kept, is) = (Some(was.kept.as_str()), Some(is.as_str()));
                    if was.is_on {
                        let row = row.filter(person::totp_secret.eq(was_kept));
                        on_db!(db, |c| diesel::update(row).set(person::totp_secret.eq(is)).execute(c))?;
                    } else {
                        let row = row.filter(person::totp_proposed.eq(was_kept));
                        on_db!(db, |c| diesel::update(row).set(person::totp_proposed.eq(is)).execute(c))?;
                    }
                }
                Ok(())
            })
        })
    }

    /// Forgets a secret that waits for its first code, where it is still kept so.
    pub fn forget_proposed_second_factor(&mut self, id: u32, was: &str) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE], |db| {
            let row = person::table.find(integer(id)?).filter(person::totp_proposed.eq(Some(was)));
            on_db!(db, |c| diesel::update(row).set(person::totp_proposed.eq(None::<String>)).execute(c))?;
            Ok(())
        })
    }

    /// Keeps a secret until its first code is given.
    pub fn propose_second_factor(&mut self, id: u32, secret: &str) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE], |db| {
            let row = person::table.find(integer(id)?);
            let proposed = person::totp_proposed.eq(Some(secret));
            on_db!(db, |c| diesel::update(row).set(proposed).execute(c))?;
            Ok(())
        })
    }

    /// Turns the second factor on: its secret, the step of its first code and its recovery codes.
    ///
    /// Fails with [`StoreError::Overtaken`] where another secret was proposed since.
    pub fn turn_on_second_factor(
        &mut self,
        id: u32,
        secret: &str,
        step: u64,
        codes: &[Sha256],
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = person::table.find(integer(id)?).filter(person::totp_proposed.eq(Some(secret)));
            let set = (
                person::totp_secret.eq(Some(secret)),
                person::totp_proposed.eq(None::<String>),
                person::totp_last_step.eq(Some(big_integer(step)?)),
            );
            if on_db!(db, |c| diesel::update(row).set(set).execute(c))? == 0 {
                return Err(StoreError::Overtaken("another code was set up in the meantime"));
            }
            replace_codes(db, id, codes)?;
            audit::add(db, deed)
        })
    }

    /// Turns the second factor off and does away with its recovery codes.
    pub fn turn_off_second_factor(&mut self, id: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row = person::table.find(integer(id)?);
            let set = (
                person::totp_secret.eq(None::<String>),
                person::totp_proposed.eq(None::<String>),
                person::totp_last_step.eq(None::<i64>),
            );
            on_db!(db, |c| diesel::update(row).set(set).execute(c))?;
            replace_codes(db, id, &[])?;
            audit::add(db, deed)
        })
    }

    /// Uses a step's code; false where it, or a later one, was used before.
    pub fn use_code(&mut self, id: u32, step: u64) -> Result<bool, StoreError> {
        self.db.write(&[PEOPLE], |db| {
            let step = big_integer(step)?;
            let is_later = person::totp_last_step.is_null().or(person::totp_last_step.lt(Some(step)));
            let row = person::table.find(integer(id)?).filter(is_later);
            let used = person::totp_last_step.eq(Some(step));
            Ok(on_db!(db, |c| diesel::update(row).set(used).execute(c))? == 1)
        })
    }

    /// Uses a recovery code; false where there is none, or it was used before.
    pub fn use_recovery_code(&mut self, id: u32, code: &Sha256, deed: &Deed) -> Result<bool, StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            let row =
                recovery_code::table.find((integer(id)?, hex(code))).filter(recovery_code::used_at.is_null());
            let used = recovery_code::used_at.eq(Some(kept_time(deed.at)));
            if on_db!(db, |c| diesel::update(row).set(used).execute(c))? == 0 {
                return Ok(false);
            }
            audit::add(db, deed)?;
            Ok(true)
        })
    }

    /// Gives a person new recovery codes in the place of all earlier ones.
    pub fn set_recovery_codes(&mut self, id: u32, codes: &[Sha256], deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PEOPLE, AUDIT], |db| {
            replace_codes(db, id, codes)?;
            audit::add(db, deed)
        })
    }
}

pub(super) fn set_password(db: &mut Db, id: u32, hash: &str) -> Result<(), StoreError> {
    let row = person::table.find(integer(id)?);
    let set = person::password_hash.eq(Some(hash));
    on_db!(db, |c| diesel::update(row).set(set).execute(c))?;
    Ok(())
}

/// Ends the person's sessions but for one, and what was half signed in.
pub(super) fn end_other_sessions(
    db: &mut Db,
    id: u32,
    kept: Option<u32>,
    deed: &Deed,
) -> Result<(), StoreError> {
    let id = integer(id)?;
    let others = login_session::table.filter(
        login_session::person
            .eq(id)
            .and(login_session::ended_at.is_null())
            .and(login_session::number.ne(kept.map(integer).transpose()?.unwrap_or(0))),
    );
    let ended = login_session::ended_at.eq(Some(kept_time(deed.at)));
    on_db!(db, |c| diesel::update(others).set(ended).execute(c))?;
    let half = half_sign_in::table.filter(half_sign_in::person.eq(id));
    on_db!(db, |c| diesel::delete(half).execute(c))?;
    Ok(())
}

fn replace_codes(db: &mut Db, id: u32, codes: &[Sha256]) -> Result<(), StoreError> {
    let id = integer(id)?;
    let old = recovery_code::table.filter(recovery_code::person.eq(id));
    on_db!(db, |c| diesel::delete(old).execute(c))?;
    for code in codes {
        let row = (recovery_code::person.eq(id), recovery_code::code_sha256.eq(hex(code)));
        on_db!(db, |c| diesel::insert_into(recovery_code::table).values(row).execute(c))?;
    }
    Ok(())
}
