//! The program serving the built-in example, on ports of its own.

use crate::client::{Answer, ask};
use outturn::{
    demo,
    people::{PersonState, token},
    store::{DatabaseUrl, Deed, NewPerson, NewSession, Store, sha256},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// The example's database, made once; each program has a copy.
static EXAMPLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let made =
        Command::new(env!("CARGO_BIN_EXE_outturn")).arg("demo").arg("--out").arg(folder.path()).output();
    assert!(made.unwrap().status.success());
    let path = folder.path().join("outturn.db");
    {
        let mut store = Store::open(&DatabaseUrl::Sqlite(path.clone())).unwrap();
        for (email, name, roles) in demo::people() {
            let new = NewPerson { email, name, state: PersonState::Active, roles: &roles, created_at: now() };
            let deed = Deed { at: now(), deed: "person added", ..Deed::default() };
            store.add_person(&new, &deed).unwrap().unwrap();
        }
    }
    let copy = folder.path().join("copy.db");
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    fs::read(copy).unwrap()
});

fn now() -> chrono::NaiveDateTime {
    chrono::Utc::now().naive_utc()
}

/// A running program.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    pub management: SocketAddr,
    pub database: PathBuf,
    pub log: PathBuf,
    folder: tempfile::TempDir,
}

impl Program {
    /// Serves a copy of the example, with further settings as environment variables.
    pub fn start(settings: &[(&str, &str)]) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("outturn.db");
        fs::write(&database, &*EXAMPLE).unwrap();
        let address = format!("sqlite:{}", database.display());
        let log = folder.path().join("log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_outturn"))
            .arg("serve")
            .env("OUTTURN_DATABASE_URL", address)
            .env("OUTTURN_LISTEN", "127.0.0.1:0")
            .env("OUTTURN_MANAGEMENT_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = || {
            let line =
                lines.next().unwrap_or_else(|| panic!("{}", fs::read_to_string(&log).unwrap())).unwrap();
            line.rsplit_once("http://").unwrap().1.trim_end_matches('/').parse().unwrap()
        };
        let (address, management) = (told(), told());
        Program { child, address, management, database, log, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, &[])
    }

    /// Starts a session of the person with this address, and gives its cookie.
    pub fn session(&self, email: &str) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let token = format!("{:064x}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut store = Store::open(&DatabaseUrl::Sqlite(self.database.clone())).unwrap();
        let person = store.person_by_email(email).unwrap().unwrap();
        let new = NewSession {
            token_sha256: sha256(token.as_bytes()),
            person: person.id,
            started_at: now(),
            way: "test",
            address: "127.0.0.1",
            browser: "",
        };
        let deed = Deed { at: now(), deed: "signed in", ..Deed::default() };
        store.start_session(&new, &deed).unwrap();
        format!("__Host-outturn={token}")
    }

    /// What a system of a person says who it is with.
    pub fn token(&self, email: &str) -> String {
        let token = token::new_system_token();
        let mut store = Store::open(&DatabaseUrl::Sqlite(self.database.clone())).unwrap();
        let person = store.person_by_email(email).unwrap().unwrap();
        let deed = Deed { at: now(), deed: "token made", ..Deed::default() };
        let ends = now() + chrono::TimeDelta::days(1);
        store.add_api_token(&token::kept(&token), person.id, "test", ends, &deed).unwrap();
        format!("Bearer {token}")
    }

    /// A measurement of the program's own.
    pub fn measurement(&self, name: &str) -> f64 {
        let text = ask(self.management, "GET", "/metrics", &[]).text();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).trim().parse().unwrap()
    }

    /// Waits until something holds, for at most so long.
    pub fn wait_until(&self, within: Duration, holds: impl Fn(&Program) -> bool) -> bool {
        let started = Instant::now();
        while started.elapsed() < within {
            if holds(self) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        false
    }

    /// Tells the program to stop and waits for its end.
    pub fn stop(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.unwrap().success());
        (self.child.wait().unwrap(), started.elapsed())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
