//! Whose database it is: nothing is written to one before that is known.

use super::{
    DatabaseUrl, Schema, Store, StoreError,
    db::{Db, on_db},
};
use diesel::prelude::*;

impl Store {
    /// Opens a database that is there, and brings it up to date.
    ///
    /// # Errors
    /// [`StoreError::NoDatabase`] and [`StoreError::Foreign`] where there is none of this program's; as
    /// [`Store::open`] besides.
    pub fn open_existing(url: &DatabaseUrl) -> Result<Store, StoreError> {
        match Store::open_as_it_is(url)?.schema_of_ours()? {
            Schema::None => Err(StoreError::Foreign),
            Schema::Present(_) | Schema::Earlier(_) | Schema::Later(_) => Store::open(url),
        }
    }

    /// Opens a database that is there, to read from it: it is neither made nor brought up to date.
    ///
    /// # Errors
    /// [`StoreError::EarlierSchema`] where it would have to be brought up to date first, and as
    /// [`Store::open_existing`].
    pub fn open_to_read(url: &DatabaseUrl) -> Result<Store, StoreError> {
        let mut store = Store::open_unchanged(url)?;
        match store.schema_of_ours()? {
            Schema::Present(_) => Ok(store),
            Schema::None => Err(StoreError::Foreign),
            Schema::Earlier(version) => Err(StoreError::EarlierSchema(version)),
            Schema::Later(version) => Err(StoreError::NewerSchema(version)),
        }
    }

    /// Opens a database that is there, be it that nothing can be written to it or beside it.
    pub(super) fn open_unchanged(url: &DatabaseUrl) -> Result<Store, StoreError> {
        let mut store = Store::open_as_it_is(url)?;
        match (store.answers_a_read(), url) {
            (Err(error), DatabaseUrl::Sqlite(path)) if is_read_only(&error) => Store::open_backup(path),
            _ => Ok(store),
        }
    }

    /// Which version of this program's tables the database has; none where it has no tables at all.
    ///
    /// # Errors
    /// [`StoreError::Others`] where it has only those of others.
    fn schema_of_ours(&mut self) -> Result<Schema, StoreError> {
        self.db.must_not_be_of_others()?;
        self.schema()
    }

    fn answers_a_read(&mut self) -> Result<(), StoreError> {
        self.db.tables_of_others().map(drop)
    }
}

impl Db {
    /// Fails where the database has tables, and none of them is this program's.
    pub(super) fn must_not_be_of_others(&mut self) -> Result<(), StoreError> {
        // Looked at first: this program's own may be made meanwhile, with their migrations, by another that
        // opens the database.
        let tables = self.tables_of_others()?;
        if tables.is_empty() {
            return Ok(());
        }
        let known = self.known_versions()?;
        // Another program may keep its migrations in a table of the same name.
        let applied = self.applied_versions()?.unwrap_or_default();
        let is_own = applied.iter().any(|one| known.contains(one));
        if is_own { Ok(()) } else { Err(StoreError::Others(tables.join(", "))) }
    }

    /// The first few tables that are not the database's own, nor an extension's, nor the list of migrations.
    fn tables_of_others(&mut self) -> Result<Vec<String>, StoreError> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        const MIGRATIONS: &str = "__diesel_schema_migrations";
        let query = match self {
            Db::Sqlite(_) => format!(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' \
                 AND name <> '{MIGRATIONS}' ORDER BY name LIMIT 3"
            ),
            Db::Postgresql(_) => format!(
                "SELECT CAST(c.relname AS TEXT) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> '{MIGRATIONS}' \
                 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
                 AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 3"
            ),
        };
        let tables: Vec<Table> = on_db!(self, |c| diesel::sql_query(query).load(c))?;
        Ok(tables.into_iter().map(|table| table.name).collect())
    }
}

/// Whether SQLite would have had to write, if only beside the file, where nothing can be written.
fn is_read_only(error: &StoreError) -> bool {
    let StoreError::Query(error) = error else { return false };
    let said = error.to_string();
    said.contains("readonly database") || said.contains("unable to open database file")
}
