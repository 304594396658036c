//! Months of jobs in seconds: the real planning, claiming and ending on a clock that jumps, stops and is
//! set back.
//!
//! `OUTTURN_SEEDS=200 OUTTURN_MONTHS=24` is the long form; `OUTTURN_SEED=17` is one seed alone. The time
//! of a step goes on by itself while it runs, so a seed is the same again to the millisecond.

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use outturn::{
    clock::Clock,
    demo,
    packs::template::Templates,
    plan::{Plan, PlanFile},
    schedule::{CatchUp, Job, london},
    service::{
        Service,
        jobs::{
            Effects, Fault, Task, Worker,
            planner::{PlannedJob, planned_jobs},
        },
    },
    store::{DatabaseUrl, Deed, Ending, Outcome, SlotQuery, SlotState, Store, back_up},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

/// One policy each; one job in the hour that the clocks skip and double; the others as by default.
const SCHEDULES: &str = "area_code,job,schedule,catch_up\n\
    ,compute,every day at 01:30,all\n\
    ,back up,every day at 00:15,none\n\
    ,remind,every working day at 09:00,latest\n\
    E10000002,draft pack,last working day of the month at 17:00,all\n";

/// A job, its area and a time at which it is due.
type Key = (String, String, NaiveDateTime);

#[test]
fn on_any_clock_each_slot_of_every_schedule_is_done_once_or_skipped_as_agreed() {
    let folder = folder();
    let template = template(folder.path());
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds: Vec<u64> = match number("OUTTURN_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("OUTTURN_SEEDS").unwrap_or(5)).collect(),
    };
    let months = number("OUTTURN_MONTHS").unwrap_or(3) as u32;
    let (next, started) = (AtomicUsize::new(0), Instant::now());
    let totals = Mutex::new(Totals::default());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let path = folder.path().join(format!("{seed}.db"));
                    fs::copy(&template, &path).unwrap();
                    let said = Said(*seed);
                    let totals_of_seed = Simulation::new(*seed, months, &path).run();
                    drop(said);
                    totals.lock().unwrap().add(totals_of_seed);
                    for ending in ["", "-wal", "-shm"] {
                        let _ = fs::remove_file(folder.path().join(format!("{seed}.db{ending}")));
                    }
                }
            });
        }
    });
    let Totals { done, skipped, tries, steps } = totals.into_inner().unwrap();
    eprintln!(
        "{} seeds of {months} months in {:.1} s: {steps} steps, {done} slots done in {tries} runs, {skipped} skipped",
        seeds.len(),
        started.elapsed().as_secs_f64()
    );
}

/// Says which seed it was, when dropped by a test that fails.
struct Said(u64);

impl Drop for Said {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("to run it again: OUTTURN_SEED={}", self.0);
        }
    }
}

#[derive(Default)]
struct Totals {
    done: u64,
    skipped: u64,
    tries: u64,
    steps: u64,
}

impl Totals {
    fn add(&mut self, other: Totals) {
        self.done += other.done;
        self.skipped += other.skipped;
        self.tries += other.tries;
        self.steps += other.steps;
    }
}

/// In memory where there is room for it: what is tried here is not the disc.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn plan_files() -> Vec<(String, Vec<u8>)> {
    let files = demo::plan_files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    files.chain([("schedules.csv".to_owned(), SCHEDULES.as_bytes().to_vec())]).collect()
}

fn plan() -> Plan {
    let files: Vec<PlanFile> =
        plan_files().into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
    outturn::plan::read(&files).unwrap()
}

/// A store with the plan in it.
fn template(folder: &Path) -> PathBuf {
    let path = folder.join("first.db");
    Store::open(&DatabaseUrl::Sqlite(path.clone()))
        .unwrap()
        .keep_plan(&plan_files(), &Deed { at: demo::now(), ..Deed::default() })
        .unwrap();
    let template = folder.join("template.db");
    back_up(&path, &template).unwrap();
    template
}

/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014: SplitMix64.
struct Random(AtomicU64);

impl Random {
    fn below(&self, bound: u64) -> u64 {
        let state =
            self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn per_cent(&self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn seconds(&self, most: i64) -> TimeDelta {
        TimeDelta::seconds(1 + self.below(most as u64) as i64)
    }
}

/// Ends each slot, or goes wrong now and then; keeps what it ended and what it saw amiss.
struct Counting {
    random: Random,
    done: Mutex<BTreeMap<Key, u32>>,
    amiss: Mutex<Vec<String>>,
}

/// The one counting of all the programs of a simulation.
struct Counted(Arc<Counting>);

impl Effects for Counted {
    fn run(&self, task: &Task<'_>) -> Result<Outcome, Fault> {
        let Counted(counting) = self;
        let claimed = task.claimed;
        if task.now < claimed.due_at {
            counting.amiss.lock().unwrap().push(format!("{claimed:?} ran at {}", task.now));
        }
        if counting.random.per_cent(8) {
            return Err(Fault::Wrong("on purpose".into()));
        }
        let outcome = Outcome::NoChange(String::new());
        let ending =
            Ending { claim: claimed.claim, at: task.now, outcome: &outcome, messages: &[], deed: None };
        task.service.change(|store| store.end_job(&ending))?;
        let key = (claimed.job.clone(), claimed.area_code.clone(), claimed.due_at);
        *counting.done.lock().unwrap().entry(key).or_default() += 1;
        Ok(outcome)
    }
}

struct Simulation {
    random: Random,
    clock: Clock,
    database: DatabaseUrl,
    service: Arc<Service>,
    worker: Worker,
    counting: Arc<Counting>,
    jobs: Vec<PlannedJob>,
    start: NaiveDateTime,
    end: NaiveDateTime,
    /// Up to when slots have been planned; none before the first time.
    planned_to: Option<NaiveDateTime>,
    /// Every slot that is to be, and whether it is to be skipped.
    expected: BTreeMap<Key, bool>,
    steps: u64,
}

impl Simulation {
    fn new(seed: u64, months: u32, path: &Path) -> Simulation {
        let random = Random(AtomicU64::new(seed));
        // Short runs begin so that between them they hold both changes of clocks, a year's end and a leap
        // day; long ones hold all of them.
        let begin = match months {
            0..24 => {
                [(2026, 2, 15), (2026, 9, 10), (2027, 12, 1), (2028, 2, 20), (2027, 3, 1)][seed as usize % 5]
            }
            _ => (2026, 3, 1),
        };
        let day = NaiveDate::from_ymd_opt(begin.0, begin.1, begin.2).unwrap();
        let day = if months < 24 { day } else { day + Days::new(random.below(60)) };
        let start = day.and_time(NaiveTime::MIN) + random.seconds(86_400);
        let end = start.checked_add_months(Months::new(months)).unwrap();
        let clock = Clock::starting_at(start);
        let database = DatabaseUrl::Sqlite(path.to_owned());
        let counting = Arc::new(Counting {
            random: Random(AtomicU64::new(!seed)),
            done: Mutex::default(),
            amiss: Mutex::default(),
        });
        let (service, worker) = opened(&database, &clock, &counting);
        let jobs = planned_jobs(Some(&plan()));
        Simulation {
            random,
            clock,
            database,
            service,
            worker,
            counting,
            jobs,
            start,
            end,
            planned_to: None,
            expected: BTreeMap::new(),
            steps: 0,
        }
    }

    fn run(mut self) -> Totals {
        self.plan();
        let mut steps_back = 0;
        while self.clock.now() < self.end {
            self.steps += 1;
            match self.random.below(100) {
                0..50 => self.clock.put_forward(self.random.seconds(8 * 3600)),
                50..65 => self.clock.put_forward(self.random.seconds(600)),
                65..80 => self.to_the_next_due(),
                80..86 => self.clock.put_forward(self.random.seconds(4 * 86_400)),
                86..88 => self.clock.put_forward(self.random.seconds(30 * 86_400)),
                88..90 if steps_back < 40 => {
                    steps_back += 1;
                    self.clock.put_forward(-self.random.seconds(30 * 86_400));
                }
                90..94 => self.clock.put_forward(-self.random.seconds(300)),
                94..96 => self.worker = worker(&self.service, &self.counting),
                96 => (self.service, self.worker) = opened(&self.database, &self.clock, &self.counting),
                // A program is killed while it runs something.
                _ => {
                    let claimed = self.service.store().unwrap().claim_job("killed", self.clock.now());
                    claimed.unwrap();
                }
            }
            self.plan();
            let most = if self.random.per_cent(15) { self.random.below(3) } else { u64::MAX };
            self.run_at_most(most);
        }
        self.let_all_end();
        self.hold_against_what_was_expected()
    }

    fn to_the_next_due(&self) {
        let now = self.clock.now();
        let next = self.jobs.iter().filter_map(|job| job.timetable.after(now)).min().unwrap();
        self.clock.put_forward(next.at - now);
    }

    /// Has everything planned, and works out by a rule of its own what that must come to.
    fn plan(&mut self) {
        let now = self.clock.now();
        let made = self.worker.plan().unwrap();
        let Some(before) = self.planned_to else {
            self.planned_to = Some(now);
            return;
        };
        if now <= before {
            assert_eq!(made, 0, "at {now} everything up to {before} was planned");
            return;
        }
        self.planned_to = Some(now);
        let mut expected = 0;
        for job in &self.jobs {
            let due = job.timetable.between(before, now, usize::MAX);
            expected += due.len();
            let latest = due.last().map(|due| due.at);
            for due in due {
                let is_missed = now - due.at > TimeDelta::minutes(10);
                let is_skipped = is_missed
                    && match job.timetable.catch_up {
                        CatchUp::All => false,
                        CatchUp::Latest => Some(due.at) != latest,
                        CatchUp::None => true,
                    };
                let key = (job.job.name().to_owned(), job.area_code.clone(), due.at);
                assert!(self.expected.insert(key, is_skipped).is_none());
            }
        }
        assert_eq!(made, expected, "between {before} and {now}");
    }

    fn run_at_most(&self, most: u64) {
        let mut ran = 0;
        while ran < most && self.worker.run_next().unwrap().is_some() {
            ran += 1;
        }
    }

    /// Lets what was killed and what went wrong be tried again until nothing is left.
    fn let_all_end(&mut self) {
        self.clock.put_forward(self.end.max(self.planned_to.unwrap_or(self.end)) - self.clock.now());
        self.plan();
        for _ in 0..40 {
            self.run_at_most(u64::MAX);
            let counts = self.service.store().unwrap().job_counts(self.clock.now()).unwrap();
            if counts.waiting + counts.running == 0 {
                return;
            }
            // No schedule is planned any more.
            self.clock.put_forward(TimeDelta::hours(2));
        }
        panic!("something is never done");
    }

    fn hold_against_what_was_expected(self) -> Totals {
        let amiss = self.counting.amiss.lock().unwrap();
        assert!(amiss.is_empty(), "{amiss:#?}");
        let mut store = self.service.store().unwrap();
        let (slots, count) = store.job_slots(&SlotQuery::default(), 0, 1_000_000).unwrap();
        assert_eq!(slots.len() as u64, count);
        let done = self.counting.done.lock().unwrap();
        let mut totals = Totals { steps: self.steps, ..Totals::default() };
        let mut seen = BTreeSet::new();
        for slot in &slots {
            let key = (slot.job.clone(), slot.area_code.clone(), slot.due_at);
            let is_skipped = self.expected.get(&key);
            let is_skipped = *is_skipped.unwrap_or_else(|| panic!("no schedule has {slot:?}"));
            assert!(slot.due_at > self.start, "{slot:?} was due before the service was there");
            let (state, effects) = if is_skipped { (SlotState::Skipped, 0) } else { (SlotState::Done, 1) };
            assert_eq!(slot.state, state, "{slot:?}");
            assert_eq!(done.get(&key).copied().unwrap_or(0), effects, "{slot:?}");
            assert!(slot.runs.iter().all(|run| run.started_at >= slot.due_at), "{slot:?}");
            assert!(seen.insert(key), "{slot:?} stands there twice");
            totals.done += u64::from(!is_skipped);
            totals.skipped += u64::from(is_skipped);
            totals.tries += slot.runs.len() as u64;
        }
        assert_eq!(seen.len(), self.expected.len(), "a slot is missing");
        self.hold_against_the_calendar(&seen);
        totals
    }

    /// Every day has its backup and its computation, at the time that a clock in England shows: in the
    /// night in which the clocks go forward at two o'clock, which is the first time after the gap.
    fn hold_against_the_calendar(&self, seen: &BTreeSet<Key>) {
        let planned_to = self.planned_to.unwrap();
        for (job, time) in [(Job::BackUp, "00:15"), (Job::Compute, "01:30")] {
            let of_job = seen.iter().filter(|(name, ..)| name == job.name());
            let shown: Vec<NaiveDateTime> = of_job.map(|(.., due_at)| london::wall_at(*due_at)).collect();
            let days: BTreeSet<NaiveDate> = shown.iter().map(NaiveDateTime::date).collect();
            assert_eq!(days.len(), shown.len(), "{job:?} is done once a day");
            let first = london::wall_at(self.start).date() + Days::new(1);
            let last = london::wall_at(planned_to).date() - Days::new(1);
            let every_day = first.iter_days().take_while(|day| *day <= last);
            let left_out: Vec<NaiveDate> = every_day.filter(|day| !days.contains(day)).collect();
            assert!(left_out.is_empty(), "{job:?} is done every day, and was not on {left_out:?}");
            for shown in shown {
                let at = shown.format("%H:%M").to_string();
                let is_gap = at == "02:00" && time == "01:30" && shown.format("%m").to_string() == "03";
                assert!(at == time || is_gap, "{job:?} is done at {shown}");
            }
        }
    }
}

fn opened(database: &DatabaseUrl, clock: &Clock, counting: &Arc<Counting>) -> (Arc<Service>, Worker) {
    let service = Arc::new(Service::open(database, clock.clone(), Templates::built_in(), false).unwrap());
    let worker = worker(&service, counting);
    (service, worker)
}

/// A program that knows nothing but what stands in the store.
fn worker(service: &Arc<Service>, counting: &Arc<Counting>) -> Worker {
    Worker::new(Arc::clone(service), Box::new(Counted(Arc::clone(counting))), "a test".into())
}
