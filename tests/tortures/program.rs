//! The real program, serving; killed, stopped for a while, and started again.

use crate::client::{Answer, ask};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// No start may take longer until the program is ready.
pub const READY_WITHIN: Duration = Duration::from_secs(5);

pub struct Program {
    child: Child,
    pub address: SocketAddr,
    pub management: SocketAddr,
    pub is_paused: bool,
}

/// How a program is started, again and again.
#[derive(Clone)]
pub struct How {
    /// By which the database's server knows its connections.
    pub name: String,
    pub settings: Vec<(String, String)>,
    pub log: PathBuf,
}

impl How {
    pub fn new(name: &str, database: &str, folder: &Path) -> How {
        let settings = [
            ("OUTTURN_DATABASE_URL", database),
            ("OUTTURN_LISTEN", "127.0.0.1:0"),
            ("OUTTURN_MANAGEMENT_LISTEN", "127.0.0.1:0"),
            ("OUTTURN_JOB_WORKERS", "3"),
            // One officer sends a return in each round.
            ("OUTTURN_FILES_A_DAY", "1000000"),
            ("PGAPPNAME", name),
        ];
        How {
            name: name.to_owned(),
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            log: folder.join(format!("{name}.log")),
        }
    }

    pub fn with(mut self, further: impl IntoIterator<Item = (&'static str, String)>) -> How {
        self.settings.extend(further.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    fn command(&self) -> Command {
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_outturn"));
        command.arg("serve").envs(self.settings.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command
    }

    /// Starts it; tells what it said instead where it ended by itself.
    pub fn start(&self) -> Result<Program, String> {
        let mut child = self.command().spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = || {
            let line = lines.next()?.ok()?;
            line.rsplit_once("http://")?.1.trim_end_matches('/').parse::<SocketAddr>().ok()
        };
        let (Some(address), Some(management)) = (told(), told()) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(fs::read_to_string(&self.log).unwrap());
        };
        // What it says later goes nowhere, and must not fill a pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Program { child, address, management, is_paused: false })
    }

    /// Starts it and waits until it is ready; gives how long that took.
    pub fn start_ready(&self) -> (Program, Duration) {
        let started = Instant::now();
        let program = self.start().unwrap_or_else(|told| panic!("{} does not start: {told}", self.name));
        let is_ready = || program.health().is_some_and(|answer| answer.status == 200);
        assert!(wait_until(Duration::from_secs(60), is_ready), "{} is never ready", self.name);
        (program, started.elapsed())
    }
}

impl Program {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn health(&self) -> Option<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.management, Duration::from_secs(2)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(8))).ok()?;
        std::io::Write::write_all(&mut stream, &crate::client::head("GET", "/health/ready", &[])).ok()?;
        crate::client::read_answer(&mut stream, "GET")
    }

    pub fn get(&self, path: &str) -> Answer {
        ask(self.address, "GET", path, &[])
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn pause(&mut self) {
        self.signal("-STOP");
        self.is_paused = true;
    }

    pub fn resume(&mut self) {
        self.signal("-CONT");
        self.is_paused = false;
    }

    /// Tells it to stop, and waits for its end.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request with a body; none where the connection was cut off before the whole answer came.
pub fn send(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let length = body.len().to_string();
    let mut all = vec![("content-length", length.as_str())];
    all.extend(headers);
    let mut whole = crate::client::head("POST", path, &all);
    whole.extend(body);
    std::io::Write::write_all(&mut stream, &whole).ok()?;
    crate::client::read_answer(&mut stream, "POST")
}

/// Waits until something holds, for at most so long.
pub fn wait_until(within: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if started.elapsed() > within {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command of the program on a database, which must go well.
pub fn outturn(database: &str, words: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(words)
        .env("OUTTURN_DATABASE_URL", database)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (told, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "outturn {words:?}: {told}{errors}");
    told.into_owned()
}

/// All that was logged.
pub fn read(log: &Path) -> String {
    let mut told = Vec::new();
    fs::File::open(log).unwrap().read_to_end(&mut told).unwrap();
    String::from_utf8_lossy(&told).into_owned()
}
