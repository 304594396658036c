//! Three programs on one PostgreSQL, which are killed, stopped for a while and cut off, and whose database
//! is restarted, while they run slots and send messages: each slot is done once.

use crate::{
    database::{Database, Server, literal},
    example::{accept, approve, area_codes, corrected, load, now, prepare, service},
    mail_server::{Came, FakeServer, Fault},
    program::{How, Program, READY_WITHIN, outturn, wait_until},
    random::{Random, asked, result, seeds},
};
use chrono::TimeDelta;
use outturn::{
    post::TlsWay,
    schedule::Job,
    service::jobs::planner::planned_jobs,
    store::{Edition, MessageQuery, MessageState, SlotQuery, SlotState},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

/// Seeds that once found something, each with what it was.
const FOUND: [u64; 0] = [];

const PROGRAMS: usize = 3;
const AREAS: usize = 5;
const BOARD: usize = 5;
const EVERY_MINUTE: &str = ",compute,crontab * * * * *,all\n,remind,crontab * * * * *,all\n";
/// A letter may come twice where its sender was disturbed so shortly before or after.
const AROUND: Duration = Duration::from_secs(20);

#[test]
#[ignore = "takes a minute or more: tests/torture runs it"]
fn whatever_befalls_three_programs_each_slot_has_one_effect_and_each_message_one_name() {
    let slots = asked("OUTTURN_TORTURE_SLOTS", 300);
    for seed in seeds(&FOUND) {
        let Some(server) = Server::start() else {
            result("three programs, one PostgreSQL", seed, "", "SKIPPED: no PostgreSQL", Duration::ZERO);
            return;
        };
        eprintln!("three programs: seed {seed}");
        let started = Instant::now();
        let told = Torture::new(seed, slots, &server).run();
        result("three programs, one PostgreSQL", seed, &told, "ok", started.elapsed());
    }
}

struct Torture<'a> {
    random: Random,
    slots: u64,
    server: &'a Server,
    database: Database,
    folder: tempfile::TempDir,
    mail: FakeServer,
    programs: Vec<Option<Program>>,
    /// When somebody's messages may have been disturbed.
    disturbed: Vec<SystemTime>,
    counts: BTreeMap<&'static str, u32>,
    /// Waits are as long as they are; else minutes in which nothing happens are passed over.
    is_long: bool,
}

impl<'a> Torture<'a> {
    fn new(seed: u64, slots: u64, server: &'a Server) -> Torture<'a> {
        Torture {
            random: Random(seed),
            slots,
            server,
            database: server.database(),
            folder: tempfile::tempdir().unwrap(),
            mail: FakeServer::start(TlsWay::StartTls),
            programs: (0..PROGRAMS).map(|_| None).collect(),
            disturbed: Vec::new(),
            counts: BTreeMap::new(),
            is_long: slots >= 1000,
        }
    }

    fn run(mut self) -> String {
        let areas = area_codes(AREAS);
        let plan = load(&self.database, &areas, EVERY_MINUTE, BOARD);
        let start = now() - TimeDelta::minutes((self.slots as i64) / (2 * AREAS as i64) + 1);
        for job in planned_jobs(Some(&plan)) {
            let is_tortured = [Job::Compute, Job::Remind].contains(&job.job);
            let from = if is_tortured { start } else { now() };
            let named = (job.job.name(), job.area_code.as_str());
            if job.job == Job::Release {
                self.database.store().begin_releases(&job.area_code, now()).unwrap();
            } else {
                let words = job.timetable.words();
                self.database.store().plan_job(named, &words, from, |_, _| unreachable!()).unwrap();
            }
        }
        self.release_packs(&areas);
        self.let_mail_fail();
        for number in 0..PROGRAMS {
            self.start(number);
        }
        let minutes = asked("OUTTURN_TORTURE_MINUTES", 0);
        let least = Duration::from_secs(if minutes > 0 { minutes * 60 } else { 20 });
        let begun = Instant::now();
        let mut corrections = 0;
        while begun.elapsed() < least || (self.is_long && self.open_slots() > 100) {
            self.disturb();
            corrections += 1;
            let code = &areas[self.random.below(AREAS as u64) as usize];
            accept(&self.database, &plan, code, "finance.csv", corrected(code, corrections).as_bytes());
        }
        self.come_to_rest();
        self.hold_against_what_was_expected(&areas, start)
    }

    /// Each area's pack is approved, to be released while the programs are disturbed.
    fn release_packs(&mut self, areas: &[String]) {
        let beside = service(&self.database);
        for (place, code) in areas.iter().enumerate() {
            let edition = if place % 2 == 0 { Edition::Public } else { Edition::Restricted };
            let release_at = now() + TimeDelta::milliseconds(self.random.between(15_000..30_000) as i64);
            let draft = prepare(&self.database, &beside, code, edition, Some(release_at));
            approve(&self.database, &beside, &draft);
        }
    }

    fn let_mail_fail(&mut self) {
        let faults: Vec<Fault> = (0..400)
            .map(|_| match self.random.below(100) {
                0..12 => Fault::CutAfterData,
                12..16 => Fault::Closed,
                16..20 => Fault::Says(".", "451 4.3.0 come again"),
                20..23 => Fault::Says("RCPT", "450 4.2.1 come again"),
                _ => Fault::None,
            })
            .collect();
        self.mail.next(&faults);
    }

    fn start(&mut self, number: usize) {
        let how = How::new(&format!("torture-{number}"), &self.database.0, self.folder.path())
            .with(self.mail.environment(self.folder.path()));
        let (program, took) = how.start_ready();
        assert!(took < READY_WITHIN, "{} was ready after {took:?}", how.name);
        self.programs[number] = Some(program);
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
        self.disturbed.push(SystemTime::now());
    }

    /// One thing that goes wrong, and a pause.
    fn disturb(&mut self) {
        let number = self.random.below(PROGRAMS as u64) as usize;
        match self.random.below(10) {
            0..4 => {
                let program = self.programs[number].as_mut().unwrap();
                program.kill();
                let id = program.id();
                self.end_leases_of(id);
                self.start(number);
                self.count("kills");
            }
            4..7 => {
                self.programs[number].as_mut().unwrap().pause();
                self.count("pauses");
                let pause = if self.is_long { 2_000..120_000 } else { 500..4_000 };
                let pause = self.random.milliseconds(pause);
                std::thread::sleep(pause / 2);
                let id = self.programs[number].as_ref().unwrap().id();
                self.end_leases_of(id);
                std::thread::sleep(pause / 2);
                self.programs[number].as_mut().unwrap().resume();
                self.disturbed.push(SystemTime::now());
            }
            7..9 => {
                let name = format!("torture-{number}");
                self.database.execute(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
                ));
                self.count("cuts");
            }
            _ => {
                self.server.halt();
                let down = if self.is_long { 200..15_000 } else { 200..2_000 };
                std::thread::sleep(self.random.milliseconds(down));
                self.server.go_on();
                self.count("restarts of the database");
            }
        }
        let pause = if self.is_long { 2_000..6_000 } else { 300..1_500 };
        std::thread::sleep(self.random.milliseconds(pause));
    }

    /// In the short form a minute's lease need not be waited for.
    fn end_leases_of(&self, process: u32) {
        if !self.is_long {
            self.database.end_leases_of(process);
        }
    }

    fn open_slots(&self) -> i64 {
        let now = literal(now() - TimeDelta::seconds(2));
        self.database.count(&format!("job_slot WHERE state IN ('waiting', 'running') AND due_at <= {now}"))
    }

    fn come_to_rest(&mut self) {
        let open_messages =
            |database: &Database| database.count("message WHERE state IN ('waiting', 'sending')");
        let within = Duration::from_secs(if self.is_long { 900 } else { 90 });
        // In the long form leases run out by themselves first.
        let by_itself = Duration::from_secs(if self.is_long { 200 } else { 0 });
        let (mut looked, resting) = (0, Instant::now());
        let rests = wait_until(within, || {
            // What is tried again in a minute or an hour is tried at once, when there is nothing else.
            looked += 1;
            if looked % 10 == 0 && resting.elapsed() >= by_itself {
                self.database.put_forward();
            }
            std::thread::sleep(Duration::from_millis(300));
            self.open_slots() == 0 && open_messages(&self.database) == 0
        });
        let left = format!("{} slots, {} messages", self.open_slots(), open_messages(&self.database));
        assert!(rests, "never done: {left}");
        for program in &mut self.programs {
            assert_eq!(program.as_mut().unwrap().stop().code(), Some(0));
        }
    }

    fn hold_against_what_was_expected(&self, areas: &[String], start: chrono::NaiveDateTime) -> String {
        let database = &self.database;
        let (slots, _) = database.store().job_slots(&SlotQuery::default(), 0, 1_000_000).unwrap();
        let mut runs = 0;
        for slot in slots.iter().filter(|slot| slot.due_at <= now() - TimeDelta::seconds(20)) {
            runs += slot.runs.len();
            assert_eq!(slot.state, SlotState::Done, "{slot:#?}");
            let ended_well = slot.runs.iter().filter(|run| run.ended_at.is_some() && run.fault.is_empty());
            assert_eq!(ended_well.count(), 1, "{slot:#?}");
            for fault in slot.runs.iter().map(|run| &run.fault).filter(|fault| !fault.is_empty()) {
                assert!(fault.contains("database"), "for no reason of ours: {slot:#?}");
            }
        }
        // Every minute has its slots, each once.
        for (job, code) in
            ["compute", "remind"].iter().flat_map(|job| areas.iter().map(move |code| (job, code)))
        {
            let of_job = slots.iter().filter(|slot| slot.job == *job && slot.area_code == *code);
            let minutes: Vec<i64> = of_job
                .filter(|slot| slot.origin.name() == "schedule")
                .map(|slot| slot.due_at.and_utc().timestamp() / 60)
                .collect();
            let (first, last) = (minutes.iter().min().unwrap(), minutes.iter().max().unwrap());
            assert_eq!(*first, start.and_utc().timestamp() / 60 + 1, "{job} of {code}");
            let distinct: BTreeSet<_> = minutes.iter().collect();
            assert_eq!(
                (distinct.len(), minutes.len() as i64),
                (minutes.len(), last - first + 1),
                "{job} of {code}"
            );
        }
        self.hold_computations();
        let letters = self.hold_messages(areas);
        database.must_be_whole("in the end");
        outturn(&database.0, &["audit", "verify"]);
        let told: Vec<String> = self.counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
        format!("{} slots in {runs} runs; {}; {letters}", slots.len(), told.join(", "))
    }

    /// A slot that changed something has one computation, any other none; and nothing is worked out again
    /// that has not changed.
    fn hold_computations(&self) {
        let database = &self.database;
        let changed = "job_slot WHERE job = 'compute' AND outcome = 'changed'";
        assert_eq!(database.count(changed), database.count("computation"));
        let of_slots = format!("{changed} AND number IN (SELECT slot FROM computation)");
        assert_eq!(database.count(changed), database.count(&of_slots));
        let again = "computation a JOIN computation b ON a.area_code = b.area_code AND a.as_at = b.as_at \
            AND b.number = a.number + 1 AND a.inputs_sha256 = b.inputs_sha256";
        assert_eq!(database.count(again), 0, "the same was worked out twice");
    }

    fn hold_messages(&self, areas: &[String]) -> String {
        let database = &self.database;
        for code in areas {
            let told = format!("audit_entry WHERE deed = 'pack released' AND area_code = '{code}'");
            assert_eq!(database.count(&told), 1, "{code}");
            let to_board =
                format!("message WHERE kind = 'pack released' AND area_code = '{code}' AND state = 'sent'");
            assert_eq!(database.count(&to_board), BOARD as i64 + 1, "{code}");
        }
        let (messages, _) = database.store().messages(&MessageQuery::default(), 0, 100_000).unwrap();
        let came = self.mail.came();
        let mut letters: BTreeMap<String, Vec<&Came>> = BTreeMap::new();
        for letter in &came {
            let id = letter.header("Message-ID").trim_matches(['<', '>']).to_owned();
            letters.entry(id).or_default().push(letter);
        }
        let known: BTreeSet<&str> = messages.iter().map(|message| message.message_id.as_str()).collect();
        assert!(letters.keys().all(|id| known.contains(id.as_str())), "a letter of no message came");
        let mut twice = 0;
        for message in &messages {
            assert_eq!(message.state, MessageState::Sent, "{message:#?}");
            let letters = &letters[&message.message_id];
            assert!(letters.iter().any(|letter| letter.was_accepted), "{message:#?}");
            for letter in &letters[..letters.len() - 1] {
                twice += 1;
                let is_disturbed =
                    self.disturbed.iter().any(|at| *at + AROUND > letter.at && *at < letter.at + AROUND);
                assert!(!letter.was_accepted || is_disturbed, "sent again for no reason: {message:#?}");
                assert_eq!(letter.to, letters[letters.len() - 1].to);
            }
        }
        let in_clear = self.mail.in_clear();
        assert!(in_clear.iter().all(|line| line.starts_with("EHLO ") || line == "STARTTLS"), "{in_clear:?}");
        format!("{} messages, {twice} letters again under the same name", messages.len())
    }
}
