//! The least that keeping rows can cost: the same rows, already at hand, into the same empty tables.

use crate::measure::{Spent, spent};
use outturn::store::{DatabaseUrl, Store};
use rusqlite::{Connection, params_from_iter, types::Value};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// The tables that an intake fills, each after those that it points at.
const TABLES: [&str; 8] = [
    "submission",
    "submission_file",
    "row_fault",
    "intake_count",
    "measure_fact",
    "target_fact",
    "finance_line",
    "capitation_line",
];

/// The rows of each of [`TABLES`].
pub type HeldRows = Vec<Vec<Vec<Value>>>;

/// Every row that an intake put into a SQLite database, in the order of the keys.
pub fn rows_of(database: &Path) -> HeldRows {
    let connection = Connection::open(database).expect("the database is there");
    let rows_of = |table: &&str| -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        rows.collect()
    };
    TABLES.iter().map(rows_of).collect::<Result<_, _>>().expect("the tables can be read")
}

/// Puts the rows into a new database of the store's schema, by one prepared insert a table in one
/// durable transaction, with the store's own settings.
pub fn insert(database: &Path, rows: &HeldRows) -> Spent {
    drop(Store::open(&DatabaseUrl::Sqlite(database.to_owned())).expect("the database can be made"));
    let mut connection = Connection::open(database).expect("the database is there");
    let settings = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;
                    PRAGMA wal_autocheckpoint = 4000;";
    connection.execute_batch(settings).expect("SQLite knows its settings");
    let (done, spent) = spent(|| -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        for (table, rows) in TABLES.iter().zip(rows) {
            let Some(columns) = rows.first().map(Vec::len) else { continue };
            let places = vec!["?"; columns].join(", ");
            let mut statement = transaction.prepare(&format!("INSERT INTO {table} VALUES ({places})"))?;
            for row in rows {
                statement.execute(params_from_iter(row))?;
            }
        }
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error)
    });
    done.expect("the same rows fit into the same tables");
    spent
}

/// A database of its own on a server, dropped with the value.
pub struct ServerDatabase {
    server: String,
    name: String,
}

impl ServerDatabase {
    pub fn create(server: &str) -> ServerDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("outturn_bench_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(server, &[format!("CREATE DATABASE {name}")]);
        ServerDatabase { server: server.to_owned(), name }
    }

    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.address()).expect("the server's address is one of PostgreSQL")
    }

    /// Writes the rows of each of [`TABLES`] to a file in `folder`.
    pub fn copy_out(&self, folder: &Path) {
        let copy = |table: &&str| format!("\\copy {table} to '{}'", file_of(folder, table).display());
        psql(&self.address(), &TABLES.iter().map(copy).collect::<Vec<_>>());
    }

    /// Copies the rows that [`Self::copy_out`] wrote into the empty tables, in one transaction.
    pub fn copy_in(&self, folder: &Path) -> Spent {
        let copy = |table: &&str| format!("\\copy {table} from '{}'", file_of(folder, table).display());
        let copies: Vec<String> = TABLES.iter().map(copy).collect();
        spent(|| psql(&self.address(), &copies)).1
    }

    fn address(&self) -> String {
        let (place, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (place, _) = place.rsplit_once('/').expect("a server's address names a database");
        format!("{place}/{}?{parameters}", self.name)
    }
}

impl Drop for ServerDatabase {
    fn drop(&mut self) {
        psql(&self.server, &[format!("DROP DATABASE {} WITH (FORCE)", self.name)]);
    }
}

fn file_of(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.copy"))
}

/// Has PostgreSQL's own client carry out the commands, as one transaction where there are several.
fn psql(address: &str, commands: &[String]) {
    let mut psql = Command::new("psql");
    psql.args(["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", address]);
    if commands.len() > 1 {
        psql.arg("--single-transaction");
    }
    for command in commands {
        psql.args(["--command", command]);
    }
    let status = psql.status().expect("psql, PostgreSQL's own client, is installed");
    assert!(status.success(), "psql was refused");
}
