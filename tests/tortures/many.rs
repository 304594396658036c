//! Three programs on one PostgreSQL, which are killed, stopped for a while and cut off, and whose database
//! is restarted, while they run slots and send messages: each slot is done once.

use crate::{
    database::{Database, Server, literal},
    example::{approve, area_codes, corrected, load, now, prepare, service, try_to_accept},
    mail_server::{Came, Fault},
    program::{outturn, wait_until},
    random::{Random, asked, result, seeds},
    storm::{LONG, SHORT, Storm},
};
use chrono::TimeDelta;
use outturn::{
    plan::Plan,
    schedule::Job,
    service::jobs::planner::planned_jobs,
    store::{Edition, MessageQuery, MessageState, SlotQuery, SlotState},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Seeds that once found something, each with what it was.
const FOUND: [u64; 0] = [];

const PROGRAMS: usize = 3;
const EVERY_MINUTE: &str = ",compute,crontab * * * * *,all\n,remind,crontab * * * * *,all\n";
/// A letter that was taken may come again where its sender, or the database, was disturbed so shortly before
/// or after.
const AROUND: Duration = Duration::from_secs(20);
/// No storm lasts longer: what is left then is done in the calm.
const LONGEST_STORM: Duration = Duration::from_secs(10 * 60);

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
        let told = Torture::new(seed, slots, &server).run(&server);
        result("three programs, one PostgreSQL", seed, &told, "ok", started.elapsed());
    }
}

struct Torture {
    seed: u64,
    slots: u64,
    database: Database,
    areas: Vec<String>,
    board: usize,
    /// Waits are as long as they are; else minutes in which nothing happens are passed over.
    is_long: bool,
}

impl Torture {
    fn new(seed: u64, slots: u64, server: &Server) -> Torture {
        let is_long = slots >= 1000;
        let (areas, board) = if is_long { (10, 9) } else { (5, 5) };
        Torture { seed, slots, database: server.database(), areas: area_codes(areas), board, is_long }
    }

    fn run(self, server: &Server) -> String {
        let mut random = Random(self.seed);
        let plan = load(&self.database, &self.areas, EVERY_MINUTE, self.board);
        let start = now() - TimeDelta::minutes((self.slots as usize / (2 * self.areas.len())) as i64 + 1);
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
        self.release_packs(&mut random);
        let tempo = if self.is_long { LONG } else { SHORT };
        let mut storm = Storm::over(PROGRAMS, server, &self.database, random, tempo);
        self.let_mail_fail(&mut storm);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|beside| {
            beside.spawn(|| self.correct_returns(&plan, &is_over));
            // Told even where the storm ends in a failure.
            let _over = Over(&is_over);
            self.let_it_rage(&mut storm);
        });
        storm.end();
        self.come_to_rest();
        storm.stop_programs();
        self.hold_against_what_was_expected(&storm, start)
    }

    fn let_it_rage(&self, storm: &mut Storm<'_>) {
        let otherwise = if self.is_long { 480 } else { 20 };
        let minutes = asked("OUTTURN_TORTURE_MINUTES", 0);
        let least = Duration::from_secs(if minutes > 0 { minutes * 60 } else { otherwise });
        let most = LONGEST_STORM.max(least);
        let begun = Instant::now();
        let has_work = |storm: &Storm<'_>| self.is_long && (!storm.is_database_up || self.open_slots() > 100);
        while begun.elapsed() < least || (begun.elapsed() < most && has_work(storm)) {
            storm.disturb();
        }
        let seconds = begun.elapsed().as_secs();
        eprintln!("the storm is over after {seconds} s");
    }

    /// Partners go on sending corrections, as far as they can.
    fn correct_returns(&self, plan: &Plan, is_over: &AtomicBool) {
        let mut random = Random(!self.seed);
        let mut corrections = 0;
        while !is_over.load(Ordering::SeqCst) {
            corrections += 1;
            let code = &self.areas[random.below(self.areas.len() as u64) as usize];
            // Where the database is gone, the next comes through.
            let _ = try_to_accept(
                &self.database,
                plan,
                code,
                "finance.csv",
                corrected(code, corrections).as_bytes(),
            );
            std::thread::sleep(random.milliseconds(self.of_tempo(300..1_500, 2_000..6_000)));
        }
    }

    fn of_tempo(&self, short: Range<u64>, long: Range<u64>) -> Range<u64> {
        if self.is_long { long } else { short }
    }

    /// Each area's pack is approved, to be released while the programs are disturbed.
    fn release_packs(&self, random: &mut Random) {
        let beside = service(&self.database);
        for (place, code) in self.areas.iter().enumerate() {
            let edition = if place % 2 == 0 { Edition::Public } else { Edition::Restricted };
            let wait = random.between(self.of_tempo(15_000..30_000, 20_000..400_000));
            let release_at = now() + TimeDelta::milliseconds(wait as i64);
            let draft = prepare(&self.database, &beside, code, edition, Some(release_at));
            approve(&self.database, &beside, &draft);
        }
    }

    fn let_mail_fail(&self, storm: &mut Storm<'_>) {
        for number in 0..PROGRAMS {
            let faults: Vec<Fault> = (0..1000)
                .map(|_| match storm.random.below(100) {
                    0..12 => Fault::CutAfterData,
                    12..16 => Fault::Closed,
                    16..20 => Fault::Says(".", "451 4.3.0 come again"),
                    20..23 => Fault::Says("RCPT", "450 4.2.1 come again"),
                    _ => Fault::None,
                })
                .collect();
            storm.mail[number].next(&faults);
        }
    }

    fn open_slots(&self) -> i64 {
        let now = literal(now() - TimeDelta::seconds(2));
        self.database.count(&format!("job_slot WHERE state IN ('waiting', 'running') AND due_at <= {now}"))
    }

    fn come_to_rest(&self) {
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
    }

    fn hold_against_what_was_expected(&self, storm: &Storm<'_>, start: chrono::NaiveDateTime) -> String {
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
            ["compute", "remind"].iter().flat_map(|job| self.areas.iter().map(move |code| (job, code)))
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
        let letters = self.hold_messages(storm);
        database.must_be_whole("in the end");
        outturn(&database.0, &["audit", "verify"]);
        format!("{} slots in {runs} runs; {}; {letters}", slots.len(), storm.told())
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

    fn hold_messages(&self, storm: &Storm<'_>) -> String {
        let database = &self.database;
        for code in &self.areas {
            let told = format!("audit_entry WHERE deed = 'pack released' AND area_code = '{code}'");
            assert_eq!(database.count(&told), 1, "{code}");
            let to_board =
                format!("message WHERE kind = 'pack released' AND area_code = '{code}' AND state = 'sent'");
            assert_eq!(database.count(&to_board), self.board as i64 + 1, "{code}");
        }
        let (messages, _) = database.store().messages(&MessageQuery::default(), 0, 100_000).unwrap();
        let came: Vec<(usize, Came)> = (0..PROGRAMS)
            .flat_map(|number| storm.mail[number].came().into_iter().map(move |letter| (number, letter)))
            .collect();
        let mut letters: BTreeMap<String, Vec<&(usize, Came)>> = BTreeMap::new();
        for sent in &came {
            let id = sent.1.header("Message-ID").trim_matches(['<', '>']).to_owned();
            letters.entry(id).or_default().push(sent);
        }
        let known: BTreeSet<&str> = messages.iter().map(|message| message.message_id.as_str()).collect();
        assert!(letters.keys().all(|id| known.contains(id.as_str())), "a letter of no message came");
        let (mut again, mut taken_again) = (0, 0);
        for message in &messages {
            assert_eq!(message.state, MessageState::Sent, "{message:#?}");
            let letters = letters.get_mut(&message.message_id).unwrap();
            letters.sort_by_key(|(_, letter)| letter.at);
            assert!(letters.iter().any(|(_, letter)| letter.was_accepted), "{message:#?}");
            for (sender, letter) in &letters[..letters.len() - 1] {
                again += 1;
                taken_again += usize::from(letter.was_accepted);
                assert!(
                    !letter.was_accepted || storm.was_disturbed(*sender, letter.at, AROUND),
                    "sent again for no reason: {message:#?}"
                );
                assert_eq!(letter.to, letters[letters.len() - 1].1.to);
            }
        }
        let in_clear: Vec<String> = storm.mail.iter().flat_map(|mail| mail.in_clear()).collect();
        assert!(in_clear.iter().all(|line| line.starts_with("EHLO ") || line == "STARTTLS"), "{in_clear:?}");
        format!(
            "{} messages, {again} letters again under the same name, {taken_again} of them after one was taken",
            messages.len()
        )
    }
}

/// Says that the storm is over, however it ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
