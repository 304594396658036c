//! What befalls programs that run on one database: by a seed, every few seconds something, whatever befalls
//! them already.

use crate::{
    database::{Database, Server},
    line::Line,
    mail_server::FakeServer,
    program::{How, Program, READY_WITHIN, wait_until},
    random::Random,
};
use outturn::post::TlsWay;
use std::{
    collections::BTreeMap,
    ops::Range,
    process::Child,
    time::{Duration, Instant, SystemTime},
};

/// How many of each there are among as many disturbances as there are cards: each kind comes again and again
/// in a storm of minutes.
const DECK: [(Kind, usize); 6] = [
    (Kind::Kill, 4),
    (Kind::Pause, 4),
    (Kind::Cut, 3),
    (Kind::Silence, 3),
    (Kind::Crash, 1),
    (Kind::Restart, 1),
];
/// No more programs than this are stopped, cut off or gone at a time, but for the moment of a kill.
const MOST_DOWN: usize = 2;
/// How long what could not be done yet waits.
const A_MOMENT: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A program is killed, and started again at once or after a while.
    Kill,
    /// A program stands still for a while, or for up to two minutes.
    Pause,
    /// The database's server ends a program's connections.
    Cut,
    /// Nothing comes through between a program and the database; then all of it does, or the connections are
    /// lost and the server does not hear of it.
    Silence,
    /// The database's server stops at once, and recovers when it is started again.
    Crash,
    /// It is stopped in good order, and started again.
    Restart,
}

/// What is to come of a disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Start(usize),
    Resume(usize),
    SpeakAgain(usize),
    BreakOff(usize),
    DatabaseGoesOn,
    DatabaseIsUp,
    EndLeases(u32),
}

/// How long things take.
pub struct Tempo {
    pub gap: Range<u64>,
    down: Range<u64>,
    pause: Range<u64>,
    /// One pause in four.
    long_pause: Range<u64>,
    silence: Range<u64>,
    unheard: Duration,
    database_down: Range<u64>,
    /// A lease of a program that runs no more, or stands still, need not be waited for.
    ends_leases: bool,
}

pub const SHORT: Tempo = Tempo {
    gap: 300..1_500,
    down: 0..1_000,
    pause: 500..3_000,
    long_pause: 2_000..5_000,
    silence: 300..2_000,
    unheard: Duration::from_secs(2),
    database_down: 200..1_500,
    ends_leases: true,
};

pub const LONG: Tempo = Tempo {
    gap: 2_000..6_000,
    down: 0..10_000,
    pause: 2_000..25_000,
    long_pause: 25_000..120_000,
    silence: 2_000..30_000,
    unheard: Duration::from_secs(150),
    database_down: 200..8_000,
    ends_leases: false,
};

/// When something was not as it should be with a program, or with all where none is named.
struct Disturbed {
    program: Option<usize>,
    from: SystemTime,
    until: SystemTime,
}

pub struct Storm<'a> {
    pub random: Random,
    tempo: Tempo,
    server: &'a Server,
    database: &'a Database,
    folder: tempfile::TempDir,
    pub mail: Vec<FakeServer>,
    lines: Vec<Line>,
    programs: Vec<Option<Program>>,
    is_silent: Vec<bool>,
    pub is_database_up: bool,
    recovery: Option<Child>,
    deck: Vec<Kind>,
    to_come: Vec<(Instant, Then)>,
    disturbed: Vec<Disturbed>,
    counts: BTreeMap<&'static str, u32>,
    longest_pause: Duration,
}

impl<'a> Storm<'a> {
    pub fn over(
        programs: usize,
        server: &'a Server,
        database: &'a Database,
        random: Random,
        tempo: Tempo,
    ) -> Storm<'a> {
        let mut storm = Storm {
            random,
            tempo,
            server,
            database,
            folder: tempfile::tempdir().unwrap(),
            mail: (0..programs).map(|_| FakeServer::start(TlsWay::StartTls)).collect(),
            lines: (0..programs).map(|_| Line::to(database)).collect(),
            programs: (0..programs).map(|_| None).collect(),
            is_silent: vec![false; programs],
            is_database_up: true,
            recovery: None,
            deck: Vec::new(),
            to_come: Vec::new(),
            disturbed: Vec::new(),
            counts: BTreeMap::new(),
            longest_pause: Duration::ZERO,
        };
        for number in 0..programs {
            std::fs::create_dir(storm.folder.path().join(number.to_string())).unwrap();
            let (program, took) = storm.how(number).start_ready();
            assert!(took < READY_WITHIN, "program {number} was ready after {took:?}");
            storm.programs[number] = Some(program);
        }
        storm
    }

    fn how(&self, number: usize) -> How {
        let folder = self.folder.path().join(number.to_string());
        let database = self.lines[number].address(self.database);
        How::new(&name(number), &database, &folder).with(self.mail[number].environment(&folder))
    }

    /// One thing that goes wrong, beside what is wrong already, and some seconds.
    pub fn disturb(&mut self) {
        if let Some(kind) = self.next_kind() {
            self.begin(kind);
        }
        let gap = self.random.milliseconds(self.tempo.gap.clone());
        self.pass(gap);
    }

    /// The next card that can be played just now.
    fn next_kind(&mut self) -> Option<Kind> {
        for _ in 0..2 {
            if let Some(place) = self.deck.iter().position(|kind| self.is_possible(*kind)) {
                return Some(self.deck.remove(place));
            }
            let mut fresh: Vec<Kind> = DECK.iter().flat_map(|(kind, count)| vec![*kind; *count]).collect();
            while !fresh.is_empty() {
                let card = fresh.swap_remove(self.random.below(fresh.len() as u64) as usize);
                self.deck.push(card);
            }
        }
        None
    }

    fn is_possible(&self, kind: Kind) -> bool {
        let up = self.up().len();
        match kind {
            Kind::Kill => up > 0,
            Kind::Pause | Kind::Silence => up > 0 && self.programs.len() - up < MOST_DOWN,
            Kind::Cut => up > 0 && self.is_database_up,
            Kind::Crash | Kind::Restart => self.is_database_up,
        }
    }

    /// The programs that nothing is wrong with just now.
    fn up(&self) -> Vec<usize> {
        let runs = |number: usize| self.programs[number].as_ref().is_some_and(|program| !program.is_paused);
        (0..self.programs.len()).filter(|number| runs(*number) && !self.is_silent[*number]).collect()
    }

    fn one_that_is_up(&mut self) -> usize {
        let up = self.up();
        up[self.random.below(up.len() as u64) as usize]
    }

    fn begin(&mut self, kind: Kind) {
        match kind {
            Kind::Kill => {
                let number = self.one_that_is_up();
                let mut program = self.programs[number].take().unwrap();
                program.kill();
                let is_down_anyhow = self.up().is_empty();
                let down = self.random.milliseconds(self.tempo.down.clone());
                let down = if is_down_anyhow || self.random.below(2) == 0 { Duration::ZERO } else { down };
                self.after(down, Then::Start(number));
                self.after(Duration::ZERO, Then::EndLeases(program.id()));
                self.note("kills", Some(number), down + Duration::from_secs(2));
            }
            Kind::Pause => {
                let number = self.one_that_is_up();
                let is_long = self.random.below(4) == 0;
                let range = if is_long { self.tempo.long_pause.clone() } else { self.tempo.pause.clone() };
                let pause = self.random.milliseconds(range);
                let program = self.programs[number].as_mut().unwrap();
                program.pause();
                let id = program.id();
                self.after(pause / 2, Then::EndLeases(id));
                self.after(pause, Then::Resume(number));
                self.longest_pause = self.longest_pause.max(pause);
                self.note("stops", Some(number), pause);
            }
            Kind::Cut => {
                let number = self.one_that_is_up();
                self.database.execute(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
                    name(number)
                ));
                self.note("cuts of connections", Some(number), Duration::ZERO);
            }
            Kind::Silence => {
                let number = self.one_that_is_up();
                self.lines[number].fall_silent();
                self.is_silent[number] = true;
                let silence = self.random.milliseconds(self.tempo.silence.clone());
                let (what, then) = match self.random.below(2) {
                    0 => ("silences", Then::SpeakAgain(number)),
                    _ => ("lines broken off unheard", Then::BreakOff(number)),
                };
                self.after(silence, then);
                self.note(what, Some(number), silence);
            }
            Kind::Crash | Kind::Restart => {
                let down = self.random.milliseconds(self.tempo.database_down.clone());
                let what = if kind == Kind::Crash {
                    self.server.halt();
                    "crashes of the database"
                } else {
                    self.server.shut_down();
                    "restarts of the database"
                };
                self.is_database_up = false;
                self.after(down, Then::DatabaseGoesOn);
                self.note(what, None, down + Duration::from_secs(1));
            }
        }
    }

    fn note(&mut self, what: &'static str, program: Option<usize>, lasts: Duration) {
        *self.counts.entry(what).or_default() += 1;
        let now = SystemTime::now();
        self.disturbed.push(Disturbed { program, from: now, until: now + lasts });
        let when = chrono::Utc::now().format("%H:%M:%S");
        eprintln!("{when} {what}, {program:?}, {:.1} s", lasts.as_secs_f64());
    }

    fn after(&mut self, wait: Duration, then: Then) {
        self.to_come.push((Instant::now() + wait, then));
    }

    /// Lets so long go by, with what comes due meanwhile.
    fn pass(&mut self, gap: Duration) {
        let end = Instant::now() + gap;
        while let Some(place) = (0..self.to_come.len()).min_by_key(|place| self.to_come[*place].0) {
            if self.to_come[place].0 > end {
                break;
            }
            let (at, then) = self.to_come.remove(place);
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            self.come(then);
        }
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
    }

    fn come(&mut self, then: Then) {
        match then {
            Then::Start(number) => match self.is_database_up.then(|| self.how(number).start()) {
                Some(Ok(program)) => self.programs[number] = Some(program),
                // As whoever looks after it would, it is started until it stays.
                _ => self.after(A_MOMENT, then),
            },
            Then::Resume(number) => self.programs[number].as_mut().unwrap().resume(),
            Then::SpeakAgain(number) => {
                self.lines[number].speak_again();
                self.is_silent[number] = false;
            }
            Then::BreakOff(number) => {
                self.lines[number].break_off(self.tempo.unheard);
                self.is_silent[number] = false;
            }
            Then::DatabaseGoesOn => {
                self.recovery = Some(self.server.begin_to_go_on());
                self.after(A_MOMENT, Then::DatabaseIsUp);
            }
            // Its recovery takes a while, in which other things happen.
            Then::DatabaseIsUp => match self.recovery.as_mut().unwrap().try_wait().unwrap() {
                Some(status) => {
                    assert!(status.success(), "the database does not start again");
                    self.is_database_up = true;
                }
                None => self.after(A_MOMENT, then),
            },
            Then::EndLeases(id) if self.tempo.ends_leases => {
                if self.is_database_up {
                    self.database.end_leases_of(id);
                } else {
                    self.after(A_MOMENT, then);
                }
            }
            Then::EndLeases(_) => {}
        }
    }

    /// Everything goes on again; each program is ready soon.
    pub fn end(&mut self) {
        let now = Instant::now();
        self.to_come.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
        let within = Duration::from_secs(60);
        assert!(
            wait_until(within, || {
                self.pass(A_MOMENT);
                self.to_come.is_empty()
            }),
            "{:?}",
            self.to_come
        );
        assert_eq!(self.up().len(), self.programs.len());
        for (number, program) in self.programs.iter().enumerate() {
            let program = program.as_ref().unwrap();
            let is_ready = || program.health().is_some_and(|answer| answer.status == 200);
            assert!(wait_until(READY_WITHIN, is_ready), "program {number}: {:?}", program.health());
        }
    }

    /// Each program stops in good order when it is told to.
    pub fn stop_programs(&mut self) {
        for program in &mut self.programs {
            assert_eq!(program.as_mut().unwrap().stop().code(), Some(0));
        }
    }

    /// Whether a program, or the database, was disturbed so long before or after a moment.
    pub fn was_disturbed(&self, number: usize, at: SystemTime, around: Duration) -> bool {
        let of_it = |one: &&Disturbed| one.program.is_none_or(|program| program == number);
        self.disturbed.iter().filter(of_it).any(|one| one.from < at + around && at < one.until + around)
    }

    pub fn told(&self) -> String {
        let told: Vec<String> = self.counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
        let sum: u32 = self.counts.values().sum();
        let longest = self.longest_pause.as_secs();
        format!("{sum} disturbances: {}, the longest stop {longest} s", told.join(", "))
    }
}

/// By which the database's server knows a program's connections.
fn name(number: usize) -> String {
    format!("torture-{number}")
}
