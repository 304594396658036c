//! Databases to be tortured, looked at and changed behind the program's back.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Text},
};
use outturn::store::{DatabaseUrl, Store};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");

/// A PostgreSQL server of a test's own, which it may stop.
pub struct Server {
    folder: tempfile::TempDir,
    pub url: String,
}

impl Server {
    /// None, saying so, where there is no PostgreSQL.
    pub fn start() -> Option<Server> {
        let folder = tempfile::tempdir().unwrap();
        let told = postgres("start", folder.path());
        if told.is_none() {
            eprintln!("skipped: no PostgreSQL can be started");
        }
        Some(Server { folder, url: told? })
    }

    /// As a crash would.
    pub fn halt(&self) {
        postgres("halt", self.folder.path()).expect("it stops");
    }

    /// In good order, though it waits for nobody.
    pub fn shut_down(&self) {
        postgres("shut-down", self.folder.path()).expect("it shuts down");
    }

    /// Starts it again, and leaves it to recover.
    pub fn begin_to_go_on(&self) -> Child {
        Command::new(SCRIPT).arg("go-on").arg(self.folder.path()).stdout(Stdio::null()).spawn().unwrap()
    }

    pub fn go_on(&self) {
        postgres("go-on", self.folder.path()).expect("it starts again");
    }

    /// A database of its own.
    pub fn database(&self) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("torture_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Database(self.url.clone()).execute(&format!("CREATE DATABASE {name}"));
        let (place, _) = self.url.rsplit_once('/').unwrap();
        Database(format!("{place}/{name}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = postgres("stop", self.folder.path());
    }
}

fn postgres(verb: &str, folder: &Path) -> Option<String> {
    let ran = Command::new(SCRIPT).arg(verb).arg(folder).output().unwrap();
    let told = String::from_utf8(ran.stdout).unwrap();
    if !ran.status.success() {
        eprintln!("tests/postgres {verb}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    ran.status.success().then(|| told.trim().to_owned())
}

/// A database's address.
#[derive(Clone, Debug)]
pub struct Database(pub String);

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    told: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    told: String,
}

impl Database {
    pub fn is_file(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.0).unwrap()
    }

    pub fn store(&self) -> Store {
        Store::open(&self.url()).unwrap()
    }

    fn load<T>(&self, query: &str) -> Vec<T>
    where
        T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + Send + 'static,
    {
        let query = diesel::sql_query(query);
        match self.url() {
            DatabaseUrl::Sqlite(path) => query.load(&mut sqlite(&path)),
            DatabaseUrl::Postgresql(address) => query.load(&mut PgConnection::establish(&address).unwrap()),
        }
        .unwrap()
    }

    /// How many rows there are of `… FROM rows WHERE …`.
    pub fn count(&self, rows: &str) -> i64 {
        self.load::<Number>(&format!("SELECT CAST(count(*) AS BIGINT) AS told FROM {rows}"))[0].told
    }

    /// A word a row, of a query that calls it `told`.
    pub fn words(&self, query: &str) -> Vec<String> {
        self.load::<Word>(query).into_iter().map(|row| row.told).collect()
    }

    pub fn execute(&self, statement: &str) -> usize {
        let query = diesel::sql_query(statement);
        match self.url() {
            DatabaseUrl::Sqlite(path) => query.execute(&mut sqlite(&path)),
            DatabaseUrl::Postgresql(address) => {
                query.execute(&mut PgConnection::establish(&address).unwrap())
            }
        }
        .unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// Lets the leases of a program that runs no more, or stands still, run out at once, but for what
    /// it holds just now.
    pub fn end_leases_of(&self, process: u32) {
        let now = literal(Utc::now().naive_utc());
        self.execute(&format!(
            "UPDATE job_slot SET free_from = {now} WHERE number IN (SELECT number FROM job_slot \
             WHERE state = 'running' AND EXISTS (SELECT 1 FROM job_run WHERE slot = job_slot.number \
             AND job_run.term = job_slot.term AND instance LIKE '%process {process}') \
             FOR UPDATE SKIP LOCKED)"
        ));
    }

    /// Lets what waits to be tried again be tried now, and what nobody has renewed for some seconds be
    /// taken over, as if those minutes had gone by.
    pub fn put_forward(&self) {
        let at = Utc::now().naive_utc();
        let (now, slots) = (literal(at), literal(at + TimeDelta::seconds(57)));
        let messages = literal(at + TimeDelta::seconds(165));
        self.execute(&format!(
            "UPDATE job_slot SET free_from = {now} WHERE free_from > {now} AND due_at <= {now} \
             AND (state = 'waiting' OR (state = 'running' AND free_from < {slots}))"
        ));
        self.execute(&format!(
            "UPDATE message SET free_from = {now} WHERE free_from > {now} \
             AND (state = 'waiting' OR (state = 'sending' AND free_from < {messages}))"
        ));
    }

    /// Everything is as it was written: files, facts, the record's chain, and SQLite's own structures.
    pub fn must_be_whole(&self, when: &str) {
        assert_eq!(self.store().integrity_check().unwrap(), [""; 0], "{when}");
        if self.is_file() {
            assert_eq!(
                self.words("SELECT integrity_check AS told FROM pragma_integrity_check"),
                ["ok"],
                "{when}"
            );
        }
        crate::program::outturn(&self.0, &["audit", "verify"]);
    }
}

fn sqlite(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("PRAGMA busy_timeout = 20000").execute(&mut connection).unwrap();
    connection
}

/// A time as both databases read it.
pub fn literal(time: NaiveDateTime) -> String {
    format!("'{}'", time.format("%Y-%m-%d %H:%M:%S%.6f"))
}
