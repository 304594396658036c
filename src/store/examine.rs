//! What a store is and holds, for whoever looks after it: nothing here makes or changes anything.

use super::{DatabaseUrl, Sha256, Store, StoreError, db::Db, schema::audit_entry};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::path::Path;

/// How far a database's tables are those that this program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// It has none of them.
    None,
    /// They are up to date: the version.
    Present(String),
    /// An earlier program made them, and this one will bring them up to date when it next writes.
    Earlier(String),
    /// A later program has changed them, and this one must not touch them.
    Later(String),
}

/// How much a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub plan_editions: u64,
    pub submissions: u64,
    pub publications: u64,
    pub audit_entries: u64,
    /// The hash of the record's last entry.
    pub audit_head: Sha256,
    /// When the record's last entry was made.
    pub last_audit_at: Option<NaiveDateTime>,
}

/// What a store holds and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    pub schema: Schema,
    pub held: Held,
    /// What is not as it was written, in words; nothing where all is well.
    pub faults: Vec<String>,
    /// What is wrong with the chain of the audit record.
    pub audit_faults: Vec<String>,
}

impl Store {
    /// Opens a database that is there, as it is: it is neither made nor brought up to date.
    pub fn open_as_it_is(url: &DatabaseUrl) -> Result<Store, StoreError> {
        Ok(Store { db: Db::open_as_it_is(url)? })
    }

    /// Opens a SQLite file that nothing writes to, such as a backup, and leaves nothing beside it.
    pub fn open_backup(file: &Path) -> Result<Store, StoreError> {
        Ok(Store { db: Db::open_unchanging(file)? })
    }

    /// Which version of this program's tables the database has.
    pub fn schema(&mut self) -> Result<Schema, StoreError> {
        let known = self.db.known_versions()?;
        let Some(applied) = self.db.applied_versions()? else { return Ok(Schema::None) };
        if let Some(later) = applied.iter().find(|version| !known.contains(version)) {
            return Ok(Schema::Later(later.clone()));
        }
        Ok(match applied.last() {
            None => Schema::None,
            Some(last) if applied.len() == known.len() => Schema::Present(last.clone()),
            Some(last) => Schema::Earlier(last.clone()),
        })
    }

    /// Looks at everything that is kept, and works the audit record's chain out again.
    ///
    /// Fails where the tables are not this program's, or a later one's. What the database cannot even
    /// read is among the faults.
    pub fn examine(&mut self) -> Result<Examination, StoreError> {
        let schema = self.schema()?;
        match &schema {
            Schema::None => return Err(StoreError::Foreign),
            Schema::Later(version) => return Err(StoreError::NewerSchema(version.clone())),
            Schema::Present(_) | Schema::Earlier(_) => {}
        }
        let mut faults = read_or_told(self.integrity_check(), |fault| vec![fault])?;
        let mut held = Held {
            plan_editions: 0,
            submissions: 0,
            publications: 0,
            audit_entries: 0,
            audit_head: Sha256::default(),
            last_audit_at: None,
        };
        for (table, count) in [
            ("plan_edition", &mut held.plan_editions),
            ("submission", &mut held.submissions),
            ("publication", &mut held.publications),
        ] {
            *count = match self.db.row_count(table) {
                Err(error) if faults.is_empty() => return Err(error),
                counted => counted.unwrap_or_default(),
            };
        }
        let mut audit_faults = Vec::new();
        if self.db.has_table("audit_entry")? {
            let chain = read_or_told(self.verify_audit(None).map(Ok), Err)?;
            match chain {
                Ok(chain) => {
                    (held.audit_entries, held.audit_head) = (chain.entries, chain.head);
                    audit_faults = chain.faults;
                    held.last_audit_at = self.last_audit_at()?;
                }
                Err(fault) => audit_faults.push(fault),
            }
        }
        faults.dedup();
        Ok(Examination { schema, held, faults, audit_faults })
    }

    fn last_audit_at(&mut self) -> Result<Option<NaiveDateTime>, StoreError> {
        let last = audit_entry::table.order(audit_entry::number.desc()).select(audit_entry::at);
        Ok(last.first(&mut self.db).optional()?)
    }
}

/// What was read; or, where what is kept could not be read, that as a fault.
fn read_or_told<T>(read: Result<T, StoreError>, told: impl FnOnce(String) -> T) -> Result<T, StoreError> {
    match read {
        Err(error @ (StoreError::Query(_) | StoreError::Damaged(_) | StoreError::TooLarge(_))) => {
            Ok(told(error.to_string()))
        }
        other => other,
    }
}
