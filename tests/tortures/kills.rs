//! The serving program killed at a random moment while a return comes in, figures are worked out, a pack is
//! published and messages are sent: after the next start nothing is lost, doubled or half done.

use crate::{
    client::Answer,
    database::{Database, Server},
    example::{
        self, AREA, MONTH, accept, approve, corrected, load, month, now, open_month, prepare, signed_in,
        system_token,
    },
    mail_server::{FakeServer, Fault},
    program::{How, Program, READY_WITHIN, send, wait_until},
    random::{Random, asked, result, seeds},
};
use outturn::{
    plan::Plan,
    post::TlsWay,
    service::Service,
    store::{Deed, DraftState, Edition, sha256},
    web::asked::form_token,
};
use std::{
    collections::BTreeMap,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Seeds that once found something, each with what it was.
const FOUND: [u64; 0] = [];

const BOARD: usize = 4;
const COMMENT: &str = "An invoice came in after the first return.";

#[test]
#[ignore = "takes a minute or more: tests/torture runs it"]
fn whenever_the_program_is_killed_on_sqlite_the_next_start_finds_nothing_lost_doubled_or_half_done() {
    for seed in seeds(&FOUND) {
        let folder = tempfile::tempdir().unwrap();
        let file = Database(format!("sqlite:{}", folder.path().join("outturn.db").display()));
        run("kill -9, SQLite", seed, &file, folder.path());
    }
}

#[test]
#[ignore = "takes a minute or more: tests/torture runs it"]
fn whenever_the_program_is_killed_on_postgresql_the_next_start_finds_nothing_lost_doubled_or_half_done() {
    for seed in seeds(&FOUND) {
        let Some(server) = Server::start() else {
            result("kill -9, PostgreSQL", seed, "", "SKIPPED: no PostgreSQL", Duration::ZERO);
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        run("kill -9, PostgreSQL", seed, &server.database(), folder.path());
    }
}

fn run(what: &str, seed: u64, database: &Database, folder: &Path) {
    let kills = asked("OUTTURN_TORTURE_KILLS", 8);
    eprintln!("{what}: seed {seed}");
    let started = Instant::now();
    let mut killing = Killing::new(seed, database, folder);
    for round in 0..kills {
        killing.round(round);
    }
    let told = killing.hold_letters();
    result(what, seed, &told, "ok", started.elapsed());
}

struct Killing<'a> {
    random: Random,
    seed: u64,
    database: &'a Database,
    plan: Plan,
    beside: Service,
    mail: FakeServer,
    how: How,
    program: Program,
    officer: String,
    approver: String,
    /// How long each kind of round takes that is not disturbed, as far as is known.
    lengths: BTreeMap<&'static str, Duration>,
    kills: BTreeMap<&'static str, (u32, u32)>,
    slowest_start: Duration,
}

impl<'a> Killing<'a> {
    fn new(seed: u64, database: &'a Database, folder: &Path) -> Killing<'a> {
        let plan = load(database, &[AREA.to_owned()], "", BOARD);
        let mail = FakeServer::start(TlsWay::StartTls);
        let mut random = Random(seed);
        let faults = (0..2000).map(|_| if random.below(8) == 0 { Fault::CutAfterData } else { Fault::None });
        mail.next(&faults.collect::<Vec<_>>());
        let how = How::new("killed", &database.0, folder).with(mail.environment(folder));
        let (program, _) = how.start_ready();
        Killing {
            random,
            seed,
            database,
            plan,
            beside: example::service(database),
            mail,
            how,
            program,
            officer: system_token(database, "officer.council@example.org"),
            approver: system_token(database, "approver.council@example.org"),
            lengths: BTreeMap::new(),
            kills: BTreeMap::new(),
            slowest_start: Duration::ZERO,
        }
    }

    fn round(&mut self, round: u64) {
        let pounds = (self.seed % 10_000 + round) as i64 + 1;
        match round % 4 {
            0 => self.intake(round, pounds),
            1 => self.compute(round, pounds),
            2 => self.publish(round),
            _ => self.send_messages(round),
        }
        self.come_to_rest(round);
        self.database.must_be_whole(&format!("after round {round} of seed {}", self.seed));
    }

    /// Does something, kills the program at a moment of it, and starts it again; gives what was answered.
    fn killed_during<T: Send + 'static>(
        &mut self,
        what: &'static str,
        deed: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let length = *self.lengths.entry(what).or_insert(Duration::from_millis(1200));
        let moment = length.mul_f64(self.random.below(1000) as f64 / 1000.0);
        let doing = thread::spawn(move || {
            let started = Instant::now();
            (deed(), started.elapsed())
        });
        thread::sleep(moment);
        let is_cut_short = !doing.is_finished();
        self.program.kill();
        let (answered, took) = doing.join().unwrap();
        if !is_cut_short {
            // Later kills come while there is something to cut short.
            self.lengths.insert(what, took.max(Duration::from_millis(20)));
        }
        let counts = self.kills.entry(what).or_default();
        *counts = (counts.0 + 1, counts.1 + u32::from(is_cut_short));
        self.start_again();
        answered
    }

    fn start_again(&mut self) {
        // Nobody runs: every lease may run out.
        self.database.execute("UPDATE job_slot SET free_from = due_at WHERE state = 'running'");
        self.database.execute("UPDATE message SET free_from = made_at WHERE state = 'sending'");
        let (program, took) = self.how.start_ready();
        assert!(took < READY_WITHIN, "ready after {took:?}");
        self.slowest_start = self.slowest_start.max(took);
        self.program = program;
    }

    fn intake(&mut self, round: u64, pounds: i64) {
        open_month(self.database, &self.beside, AREA);
        let file = corrected(AREA, pounds);
        let sha256 = sha256(file.as_bytes());
        let key = format!("round-{round}");
        let (address, officer, approver) =
            (self.program.address, self.officer.clone(), self.approver.clone());
        let (sending, keyed) = (file.clone(), key.clone());
        let (sent, accepted) = self.killed_during("intake", move || {
            let sent = send_return(address, &officer, &keyed, &sending);
            let number = sent.as_ref().filter(|answer| answer.status == 201).map(number_of);
            let accepted = number.and_then(|number| accept_return(address, &approver, number));
            (sent, accepted)
        });
        let held = |database: &Database| {
            let sent = database.store().sent_returns(AREA, Some(month())).unwrap();
            let in_force = database.store().submissions(Some(AREA)).unwrap();
            let sent: Vec<_> = sent.into_iter().filter(|sent| sent.sha256 == sha256).collect();
            (sent, in_force.iter().filter(|submission| submission.sha256 == sha256).count())
        };
        let (after, taken_in) = held(self.database);
        assert!(after.len() <= 1 && taken_in <= 1, "round {round}: {after:?}, {taken_in}");
        if let Some(answer) = sent {
            assert_eq!((answer.status, after.len()), (201, 1), "round {round}: {}", answer.text());
        }
        if let Some(answer) = accepted {
            assert_eq!((answer.status / 100, taken_in), (2, 1), "round {round}: {}", answer.text());
        }
        // Whoever had no answer sends the same again.
        let address = self.program.address;
        let again = send_return(address, &self.officer, &key, &file).unwrap();
        let again = match again.status {
            409 => send_return(address, &self.officer, "", &file).unwrap(),
            _ => again,
        };
        assert!([200, 201].contains(&again.status), "round {round}: {}", again.text());
        if taken_in == 0 {
            let accepted = accept_return(address, &self.approver, number_of(&again)).unwrap();
            assert_eq!(accepted.status / 100, 2, "round {round}: {}", accepted.text());
        }
        let (after, taken_in) = held(self.database);
        assert_eq!((after.len(), taken_in), (1, 1), "round {round}");
    }

    fn compute(&mut self, round: u64, pounds: i64) {
        accept(self.database, &self.plan, AREA, "finance.csv", corrected(AREA, -pounds).as_bytes());
        let deed = Deed { at: now(), deed: "job asked for", area_code: AREA.into(), ..Deed::default() };
        let slot = self.database.store().enqueue_job("compute", AREA, &deed).unwrap();
        let is_done = format!("job_slot WHERE number = {slot} AND state = 'done'");
        let database = self.database.clone();
        let rows = is_done.clone();
        self.killed_during("compute", move || {
            wait_until(Duration::from_millis(1500), || database.count(&rows) == 1)
        });
        let within = Duration::from_secs(20);
        assert!(wait_until(within, || self.database.count(&is_done) == 1), "round {round}");
        let computed = self.database.count(&format!("computation WHERE slot = {slot}"));
        assert_eq!(computed, 1, "round {round}");
    }

    fn publish(&mut self, round: u64) {
        let edition = if self.random.below(2) == 0 { Edition::Public } else { Edition::Restricted };
        let draft = prepare(self.database, &self.beside, AREA, edition, None);
        let before = self.database.store().publications(Some(AREA)).unwrap().len();
        let place = format!("/areas/{AREA}/{MONTH}/packs/drafts/{}/approve", draft.number);
        // Whoever signed in a quarter of an hour ago would be asked once more who it is.
        let deputy = signed_in(self.database, "deputy@example.org");
        let cookie = format!("__Host-outturn={deputy}");
        let form = format!("form_token={}&manifest_sha256={}", form_token(&deputy), draft.manifest_sha256);
        let post = move |address| {
            let headers =
                [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            send(address, &place, &headers, form.as_bytes())
        };
        let (address, posting) = (self.program.address, post.clone());
        let answer = self.killed_during("publish", move || posting(address));
        let published =
            |database: &Database| database.store().publications(Some(AREA)).unwrap().len() - before;
        let state = |database: &Database| {
            let drafts = database.store().drafts(AREA).unwrap();
            drafts.into_iter().find(|held| held.number == draft.number).unwrap().state
        };
        let (versions, held) = (published(self.database), state(self.database));
        assert_eq!(versions == 1, held == DraftState::Approved, "round {round}: {versions} and {held:?}");
        if let Some(answer) = answer {
            assert_eq!((answer.status, versions), (303, 1), "round {round}: {}", answer.text());
        }
        if versions == 0 {
            let again = post(self.program.address).unwrap();
            assert_eq!(again.status, 303, "round {round}: {}", again.text());
        }
        assert_eq!(
            (published(self.database), state(self.database)),
            (1, DraftState::Approved),
            "round {round}"
        );
    }

    fn send_messages(&mut self, _round: u64) {
        let draft = prepare(self.database, &self.beside, AREA, Edition::Public, None);
        approve(self.database, &self.beside, &draft);
        let version = self.database.store().publications(Some(AREA)).unwrap().len();
        let rows = format!(
            "message WHERE kind = 'pack released' AND state = 'sent' AND subject LIKE '%version {version}'"
        );
        let database = self.database.clone();
        self.killed_during("send", move || {
            wait_until(Duration::from_secs(3), || database.count(&rows) > BOARD as i64)
        });
    }

    /// Everything that is due is done, and everything told is sent.
    fn come_to_rest(&mut self, round: u64) {
        let open = |database: &Database| {
            let slots = database.count("job_slot WHERE state IN ('waiting', 'running')");
            (slots, database.count("message WHERE state IN ('waiting', 'sending')"))
        };
        let rests = wait_until(Duration::from_secs(40), || {
            let now = crate::database::literal(now());
            self.database.execute(&format!("UPDATE job_slot SET free_from = {now} WHERE state = 'waiting'"));
            self.database.execute(&format!("UPDATE message SET free_from = {now} WHERE state = 'waiting'"));
            thread::sleep(Duration::from_millis(200));
            open(self.database) == (0, 0)
        });
        assert!(rests, "round {round} leaves {:?} to be done", open(self.database));
        assert_eq!(self.database.count("job_slot WHERE state = 'failed'"), 0, "round {round}");
        assert_eq!(self.database.count("message WHERE state <> 'sent'"), 0, "round {round}");
        // Each release was told of once, to everybody.
        let released = self.database.count("audit_entry WHERE deed = 'pack released'");
        let versions = self.database.store().publications(Some(AREA)).unwrap().len() as i64;
        assert_eq!(released, versions, "round {round}");
        let told = self.database.count("message WHERE kind = 'pack released'");
        assert_eq!(told, versions * (BOARD as i64 + 1), "round {round}");
    }

    /// Each message came; again only under the same name.
    fn hold_letters(&self) -> String {
        let mut letters: BTreeMap<String, u32> = BTreeMap::new();
        for letter in self.mail.came() {
            *letters.entry(letter.header("Message-ID").trim_matches(['<', '>']).to_owned()).or_default() += 1;
        }
        let known = self.database.words("SELECT message_id AS told FROM message");
        assert_eq!(known.len(), letters.len(), "as many names as messages");
        assert!(known.iter().all(|id| letters.contains_key(id)));
        let kills: Vec<String> = self
            .kills
            .iter()
            .map(|(what, (kills, cut))| format!("{kills} in {what} ({cut} cut short)"))
            .collect();
        let again = letters.values().sum::<u32>() as usize - letters.len();
        let slowest = self.slowest_start.as_secs_f64();
        format!(
            "{}; {} messages, {again} letters again; ready in {slowest:.1} s or less",
            kills.join(", "),
            known.len()
        )
    }
}

fn number_of(answer: &Answer) -> u64 {
    let view: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    view["number"].as_u64().unwrap_or_else(|| panic!("{view}"))
}

pub fn send_return(to: std::net::SocketAddr, token: &str, key: &str, file: &str) -> Option<Answer> {
    let bearer = format!("Bearer {token}");
    let mut headers =
        vec![("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=edge")];
    if !key.is_empty() {
        headers.push(("idempotency-key", key));
    }
    let part = |name: &str, content: &str| {
        format!("--edge\r\ncontent-disposition: form-data; {name}\r\n\r\n{content}\r\n")
    };
    let body = part("name=\"comment\"", COMMENT)
        + &part("name=\"file\"; filename=\"finance.csv\"", file)
        + "--edge--\r\n";
    send(to, &format!("/api/v1/areas/{AREA}/months/{MONTH}/returns"), &headers, body.as_bytes())
}

fn accept_return(to: std::net::SocketAddr, token: &str, number: u64) -> Option<Answer> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    send(to, &format!("/api/v1/areas/{AREA}/returns/{number}/accept"), &headers, b"")
}
