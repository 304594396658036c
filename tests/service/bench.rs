//! What every test starts from: a folder of its own, a database of its own, and the real program.

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use outturn::store::{DatabaseUrl, Store};
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

/// A folder and a database, both gone after the test.
pub struct Bench {
    folder: TempDir,
    /// As the command line takes it.
    pub database: String,
    server_database: Option<ServerDatabase>,
}

/// Runs the same test on an empty database of each kind.
pub fn on_each_database(test: impl Fn(&Bench)) {
    test(&Bench::on_sqlite());
    match env::var("OUTTURN_TEST_POSTGRES") {
        Ok(server) => {
            let database = ServerDatabase::create(&server);
            test(&Bench {
                folder: tempfile::tempdir().unwrap(),
                database: database.url.clone(),
                server_database: Some(database),
            });
        }
        Err(_) => eprintln!("skipped on PostgreSQL: OUTTURN_TEST_POSTGRES is not set"),
    }
}

/// A file of the sibling folder, or none, saying so, where it is not there.
pub fn shared(file: &str) -> Option<PathBuf> {
    let folder = env::var_os("OUTTURN_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{file} is not here");
    None
}

impl Bench {
    pub fn on_sqlite() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("outturn.db").display());
        Bench { folder, database, server_database: None }
    }

    /// A path under the test's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, given these words and the test's database.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outturn"));
        command.args(words).current_dir(self.folder.path()).env("OUTTURN_DATABASE_URL", &self.database);
        command
    }

    pub fn outturn(&self, words: &[&str]) -> Ran {
        Ran::from(self.command(words).output().unwrap())
    }

    /// `outturn run` on the test's `plan` and `returns`, to `out`, with further words.
    pub fn run(&self, as_at: &str, further: &[&str]) -> Ran {
        let words = ["run", "--plan", "plan", "--returns", "returns", "--as-at", as_at, "--out", "out"];
        self.outturn(&[&words, further].concat())
    }

    pub fn store(&self) -> Store {
        Store::open(&DatabaseUrl::parse(&self.database).unwrap()).unwrap()
    }

    /// Makes a database on a server empty again; a file is the test's own to remove.
    pub fn empty_server_database(&self) {
        if let Some(database) = &self.server_database {
            let mut server = PgConnection::establish(&database.url).unwrap();
            server.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
        }
    }

    /// How many editions of the plan, submissions and publications the store holds.
    pub fn held(&self) -> (u32, usize, usize) {
        let mut store = self.store();
        let edition = store.current_plan().unwrap().map_or(0, |(edition, _)| edition.number);
        (edition, store.submissions(None).unwrap().len(), store.publications(None).unwrap().len())
    }

    /// `positions.json` of an area under `out`.
    pub fn positions(&self, area_code: &str) -> Json {
        json(&self.path("out").join(area_code).join("positions.json"))
    }

    /// A text file under the test's folder.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Writes a file under the test's folder, and the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces `from`, which must stand there, by `to` in a text file; every place where it stands.
    pub fn mend(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replace(from, to));
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub errors: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            status: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Done, without a fault.
    #[track_caller]
    pub fn done(self) -> Ran {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }

    /// Ended with this status, having said all of these to standard error.
    #[track_caller]
    pub fn ended(self, status: i32, said: &[&str]) -> Ran {
        assert_eq!(self.status, status, "{self:#?}");
        for words in said {
            assert!(self.errors.contains(words), "does not say {words:?}: {self:#?}");
        }
        self
    }
}

pub fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// Every file under a folder, by its path within it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The same files with the same bytes; the names of those that differ are told.
#[track_caller]
pub fn assert_same_files(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differing: Vec<_> = names.into_iter().filter(|name| one.get(*name) != other.get(*name)).collect();
    assert!(differing.is_empty(), "these files differ: {differing:?}");
}

/// A database of its own on the server, dropped with the value.
struct ServerDatabase {
    server: String,
    name: String,
    url: String,
}

impl ServerDatabase {
    fn create(server: &str) -> ServerDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("outturn_service_{}_{number}", std::process::id());
        PgConnection::establish(server).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (place, parameters) = server.split_once('?').unwrap_or((server, ""));
        let (place, _) = place.rsplit_once('/').unwrap();
        let parameters = if parameters.is_empty() { String::new() } else { format!("?{parameters}") };
        ServerDatabase { server: server.to_owned(), url: format!("{place}/{name}{parameters}"), name }
    }
}

impl Drop for ServerDatabase {
    fn drop(&mut self) {
        let dropped = PgConnection::establish(&self.server)
            .map(|mut server| server.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)));
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("the database {} is left on the server", self.name);
        }
    }
}
