//! The connection: one type for both databases, opened, brought up to date and given transactions.

use super::{DatabaseUrl, StoreError, bulk};
use diesel::{
    PgConnection, SqliteConnection,
    backend::Backend,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    migration::{MigrationSource, MigrationVersion},
    prelude::*,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// Held on the server while the schema is brought up to date, so that two programs take turns.
const MIGRATION_LOCK: i64 = 0x6f75_7474_7572_6e00;

/// Whoever says nothing for so long within a transaction stands still, or is cut off: the server ends it, so
/// that others need not wait for its turns. A server that is set to wait less does so.
const LONGEST_SILENCE: &str = "60s";

/// By these an end that is gone without a word is found within half a minute or so, rather than in hours,
/// unless the address says otherwise.
///
/// Source: PostgreSQL's manual, "Parameter Key Words"; the last is in milliseconds.
const WATCH: [(&str, u32); 5] = [
    ("connect_timeout", 10),
    ("keepalives_idle", 20),
    ("keepalives_interval", 5),
    ("keepalives_count", 3),
    ("tcp_user_timeout", 35_000),
];

/// A connection to either database; queries of the shared dialect take it as it is.
#[derive(diesel::MultiConnection)]
pub(super) enum Db {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

/// Says the same statement to whichever database it is, for statements outside the shared dialect.
macro_rules! on_db {
    ($db:expr, |$connection:ident| $statement:expr) => {
        match $db {
            $crate::store::db::Db::Sqlite($connection) => $statement,
            $crate::store::db::Db::Postgresql($connection) => $statement,
        }
    };
}
pub(super) use on_db;

impl Db {
    /// Opens the database, making it where it is a file that is not there, and brings it up to date.
    ///
    /// One that has tables of others alone is left as it is.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Db, StoreError> {
        let mut db = match url {
            DatabaseUrl::Sqlite(path) => Db::Sqlite(connect_sqlite(path)?),
            DatabaseUrl::Postgresql(address) => Db::Postgresql(open_postgresql(address)?),
        };
        db.must_not_be_of_others()?;
        if let Db::Sqlite(connection) = &mut db {
            prepare_sqlite(connection)?;
        }
        match &mut db {
            // Whoever only opens a database that is up to date need not wait for its writer.
            Db::Sqlite(connection) => {
                if !is_up_to_date(connection, &SQLITE_MIGRATIONS)? {
                    connection.immediate_transaction(|c| migrate(c, SQLITE_MIGRATIONS))?;
                }
            }
            // Nor for another program that has stopped while it opened it.
            Db::Postgresql(connection) => {
                if !matches!(is_up_to_date(connection, &POSTGRESQL_MIGRATIONS), Ok(true)) {
                    connection.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
                    migrate(connection, POSTGRESQL_MIGRATIONS)?;
                    connection.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
                }
            }
        }
        Ok(db)
    }

    /// Whether the database is there, answers and has had every migration of this program.
    pub(super) fn look(url: &DatabaseUrl) -> Result<(), StoreError> {
        let is_current = match url {
            DatabaseUrl::Sqlite(path) => {
                if let Err(error) = fs::metadata(path) {
                    return Err(StoreError::File { path: path.clone(), error });
                }
                let mut connection = connect_sqlite(path)?;
                prepare_sqlite(&mut connection)?;
                is_up_to_date(&mut connection, &SQLITE_MIGRATIONS)?
            }
            DatabaseUrl::Postgresql(address) => {
                is_up_to_date(&mut open_postgresql(address)?, &POSTGRESQL_MIGRATIONS)?
            }
        };
        if is_current { Ok(()) } else { Err(StoreError::Damaged("an older schema".into())) }
    }

    /// Opens a database that is there, as it is: it is neither made nor brought up to date.
    pub(super) fn open_as_it_is(url: &DatabaseUrl) -> Result<Db, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = open_sqlite_file(path, "mode=rw")?;
                connection.batch_execute(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()))?;
                Ok(Db::Sqlite(connection))
            }
            DatabaseUrl::Postgresql(address) => Ok(Db::Postgresql(open_postgresql(address)?)),
        }
    }

    /// Opens a SQLite file that nothing writes to, and leaves nothing beside it.
    pub(super) fn open_unchanging(path: &Path) -> Result<Db, StoreError> {
        Ok(Db::Sqlite(open_sqlite_file(path, "mode=ro&immutable=1")?))
    }

    /// Runs `steps` as one durable transaction; an error undoes them all.
    ///
    /// `turns` are what this writer must not share with another while it writes, such as an area's
    /// code. SQLite has one writer at a time; on PostgreSQL writers with no turn in common go side
    /// by side.
    pub(super) fn write<T>(
        &mut self,
        turns: &[&str],
        steps: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction_of("BEGIN IMMEDIATE", "BEGIN", |db| {
            if let Db::Postgresql(connection) = db {
                take_turns(connection, turns)?;
            }
            steps(db)
        })
    }

    /// Takes one more turn within a transaction that writes: one after which no transaction takes another,
    /// so that none wait for each other.
    pub(super) fn take_last_turn(&mut self, turn: &str) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(_) => Ok(()),
            Db::Postgresql(connection) => take_turns(connection, &[turn]),
        }
    }

    /// Runs `steps` over one unchanging state of the database.
    pub(super) fn read<T>(
        &mut self,
        steps: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction_of("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", steps)
    }

    /// Asks the database for nothing but an answer.
    pub(super) fn answers(&mut self) -> Result<(), StoreError> {
        on_db!(self, |c| c.batch_execute("SELECT 1"))?;
        Ok(())
    }

    /// Keeps little in memory: for one of many connections.
    pub(super) fn share_memory(&mut self) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(connection) => connection.batch_execute("PRAGMA cache_size = -1024")?,
            Db::Postgresql(_) => {}
        }
        Ok(())
    }

    /// Grows with every submission, plan edition, publication and entry of the audit record.
    pub(super) fn mark(&mut self) -> Result<u64, StoreError> {
        #[derive(QueryableByName)]
        struct Mark {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            mark: i64,
        }
        let query = "SELECT CAST(
            (SELECT count(*) FROM submission) + (SELECT count(*) FROM publication)
            + (SELECT coalesce(max(number), 0) FROM plan_edition)
            + (SELECT coalesce(max(number), 0) FROM audit_entry) AS BIGINT) AS mark";
        let mark: Mark = on_db!(self, |c| diesel::sql_query(query).get_result(c))?;
        super::length(mark.mark)
    }

    /// The versions of every migration that this program knows, in their order.
    pub(super) fn known_versions(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Db::Sqlite(_) => versions_of::<diesel::sqlite::Sqlite>(&SQLITE_MIGRATIONS),
            Db::Postgresql(_) => versions_of::<diesel::pg::Pg>(&POSTGRESQL_MIGRATIONS),
        }
    }

    /// The versions of the migrations that the database has had, in their order; none where it is not
    /// this program's.
    pub(super) fn applied_versions(&mut self) -> Result<Option<Vec<String>>, StoreError> {
        #[derive(QueryableByName)]
        struct Applied {
            #[diesel(sql_type = diesel::sql_types::Text)]
            version: String,
        }
        if !self.has_table("__diesel_schema_migrations")? {
            return Ok(None);
        }
        let query = "SELECT CAST(version AS TEXT) AS version FROM __diesel_schema_migrations ORDER BY 1";
        let applied: Vec<Applied> = on_db!(self, |c| diesel::sql_query(query).load(c))?;
        Ok(Some(applied.into_iter().map(|applied| applied.version).collect()))
    }

    /// Whether the database has a table of that name.
    pub(super) fn has_table(&mut self, name: &'static str) -> Result<bool, StoreError> {
        let tables = match self {
            Db::Sqlite(_) => format!("sqlite_schema WHERE type = 'table' AND name = '{name}'"),
            Db::Postgresql(_) => {
                format!("pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = '{name}'")
            }
        };
        Ok(self.counted(&tables)? > 0)
    }

    /// How many rows a table has.
    pub(super) fn row_count(&mut self, table: &'static str) -> Result<u64, StoreError> {
        self.counted(table)
    }

    fn counted(&mut self, rows: &str) -> Result<u64, StoreError> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            rows: i64,
        }
        let query = format!("SELECT count(*) AS rows FROM {rows}");
        let count: Count = on_db!(self, |c| diesel::sql_query(query).get_result(c))?;
        super::length(count.rows)
    }

    fn transaction_of<T>(
        &mut self,
        sqlite: &str,
        postgresql: &str,
        steps: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, sqlite)?,
            Db::Postgresql(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, postgresql)?;
            }
        }
        // Who catches a panic further out goes on with this connection.
        let outcome = catch_unwind(AssertUnwindSafe(|| steps(self))).map(|outcome| {
            outcome.and_then(|value| {
                on_db!(self, |c| AnsiTransactionManager::commit_transaction(c))?;
                Ok(value)
            })
        });
        if !matches!(outcome, Ok(Ok(_))) {
            // What went wrong first is what is told. A connection that cannot undo is broken, and its
            // database undoes by itself.
            let _ = on_db!(self, |c| AnsiTransactionManager::rollback_transaction(c));
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Whether a transaction is open that nobody will end, so that the connection is of no more use.
    pub(super) fn is_left_open(&mut self) -> bool {
        on_db!(self, |c| {
            let status = AnsiTransactionManager::transaction_manager_status_mut(c);
            !matches!(status.transaction_depth(), Ok(None))
        })
    }
}

/// Opens a file, making it where it is not there; nothing is written to one that is.
fn connect_sqlite(path: &Path) -> Result<SqliteConnection, StoreError> {
    keep_to_owner(path)?;
    bulk::sqlite::prepare();
    // A path that starts with a folder can be taken for nothing else, such as a `file:` address.
    let path = if path.is_absolute() { path.to_owned() } else { Path::new(".").join(path) };
    let name = path.to_str().ok_or(StoreError::FileName)?;
    let mut connection = SqliteConnection::establish(name)?;
    // Another writer is waited for from the first statement on.
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()))?;
    Ok(connection)
}

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How this program keeps its files.
fn prepare_sqlite(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // The page size holds for a new file alone: long pages suit whole files and runs of rows. FULL makes
    // each commit outlive a power failure. The cache holds one transaction of several areas; the log is
    // copied into the database every 64 MB.
    let settings = "PRAGMA page_size = 16384;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -32768;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;";
    // Of two that turn a new file to write-ahead logging at once SQLite refuses one, and has it not wait.
    let started = Instant::now();
    loop {
        match connection.batch_execute(settings) {
            Err(error) if error.to_string() == "database is locked" && started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(5));
            }
            outcome => return Ok(outcome?),
        }
    }
}

/// Opens a file that is there; `how` is the query of its address.
///
/// Source: SQLite's manual, "Uniform Resource Identifiers".
fn open_sqlite_file(path: &Path, how: &str) -> Result<SqliteConnection, StoreError> {
    if !path.is_file() {
        return Err(StoreError::NoDatabase(path.to_owned()));
    }
    bulk::sqlite::prepare();
    let path =
        std::path::absolute(path).map_err(|error| StoreError::File { path: path.to_owned(), error })?;
    let name = path.to_str().ok_or(StoreError::FileName)?;
    let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Ok(SqliteConnection::establish(&format!("file:{name}?{how}"))?)
}

/// Makes a new database file readable by its owner alone.
fn keep_to_owner(path: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::File { path: path.to_owned(), error }),
    }
}

fn open_postgresql(address: &str) -> Result<PgConnection, StoreError> {
    let mut connection = PgConnection::establish(&watched(address))?;
    // The server finds out as soon as we do.
    connection.batch_execute(
        "SET client_min_messages = warning;
         SET tcp_keepalives_idle = 20;
         SET tcp_keepalives_interval = 5;
         SET tcp_keepalives_count = 3;",
    )?;
    let name = "idle_in_transaction_session_timeout";
    connection.batch_execute(&format!(
        "SELECT set_config('{name}', '{LONGEST_SILENCE}', false) WHERE current_setting('{name}')::interval \
         NOT BETWEEN interval '1 millisecond' AND interval '{LONGEST_SILENCE}'"
    ))?;
    Ok(connection)
}

/// The address with what it does not say itself of how its connections are watched.
fn watched(address: &str) -> String {
    let address = address.trim_end_matches(['?', '&']);
    let (_, parameters) = address.split_once('?').unwrap_or((address, ""));
    let is_said = |name: &str| {
        parameters.split('&').any(|parameter| parameter.split('=').next().is_some_and(|said| said == name))
    };
    let mut watched = address.to_owned();
    for (name, value) in WATCH.iter().filter(|(name, _)| !is_said(name)) {
        watched.push(if watched.contains('?') { '&' } else { '?' });
        watched.push_str(&format!("{name}={value}"));
    }
    watched
}

/// Whether the database has had every migration; refuses one that a later program has changed.
fn is_up_to_date<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: &EmbeddedMigrations,
) -> Result<bool, StoreError> {
    let known = MigrationSource::<DB>::migrations(migrations).map_err(StoreError::Migration)?;
    let applied = connection.applied_migrations().map_err(StoreError::Migration)?;
    let is_known =
        |version: &MigrationVersion<'_>| known.iter().any(|migration| migration.name().version() == *version);
    match applied.iter().find(|version| !is_known(version)) {
        Some(newer) => Err(StoreError::NewerSchema(newer.to_string())),
        None => Ok(applied.len() == known.len()),
    }
}

fn versions_of<DB: Backend>(migrations: &EmbeddedMigrations) -> Result<Vec<String>, StoreError> {
    let known = MigrationSource::<DB>::migrations(migrations).map_err(StoreError::Migration)?;
    let mut versions: Vec<String> =
        known.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
}

/// Runs the migrations that the database has not had.
fn migrate<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), StoreError> {
    if !is_up_to_date(connection, &migrations)? {
        connection.run_pending_migrations(migrations).map_err(StoreError::Migration)?;
    }
    Ok(())
}

/// Waits, in one order everywhere, for every other writer that holds one of `turns`.
fn take_turns(connection: &mut PgConnection, turns: &[&str]) -> Result<(), StoreError> {
    let mut keys: Vec<i32> = turns.iter().map(|turn| turn_key(turn)).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        connection.batch_execute(&format!("SELECT pg_advisory_xact_lock({TURN_CLASS}, {key})"))?;
    }
    Ok(())
}

/// Sets our locks apart from those of other programs on the same database.
const TURN_CLASS: i32 = 0x6f75_7474;

/// FNV-1a: two names with one key only wait for each other without need.
fn turn_key(turn: &str) -> i32 {
    let hash =
        turn.bytes().fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::watched;

    #[test]
    fn an_address_says_how_it_is_watched_unless_it_does_so_itself() {
        let all = "connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3\
            &tcp_user_timeout=35000";
        for address in ["postgres://me@host/store", "postgres://me@host/store?"] {
            assert_eq!(watched(address), format!("postgres://me@host/store?{all}"));
        }
        let some = "postgres://me@host/store?connect_timeout=3&keepalives_idle=9&keepalives_interval=9\
            &keepalives_count=9";
        assert_eq!(watched(some), format!("{some}&tcp_user_timeout=35000"));
    }
}
