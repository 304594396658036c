//! What the program stands on fails for a while: it says so, goes on as far as it can, and does what was
//! left when it can again.

use crate::{
    database::{Database, Server},
    example::{self, AREA, approve, load, now, prepare},
    kills::send_return,
    mail_server::{FakeServer, Fault},
    program::{How, Program, READY_WITHIN, outturn, read, wait_until},
    random::result,
};
use outturn::{
    post::TlsWay,
    store::{Deed, Edition},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const SOON: Duration = Duration::from_secs(20);

/// Has a job run; gives its slot's number.
fn enqueue(database: &Database, job: &str, area_code: &str) -> u64 {
    let deed = Deed { at: now(), deed: "job asked for", area_code: area_code.into(), ..Deed::default() };
    database.store().enqueue_job(job, area_code, &deed).unwrap()
}

fn is(database: &Database, slot: u64, state: &str) -> bool {
    database.count(&format!("job_slot WHERE number = {slot} AND state = '{state}'")) == 1
}

/// What went wrong last with a slot that is to be tried again.
fn fault_of(database: &Database, slot: u64) -> String {
    let tried = format!("job_slot WHERE number = {slot} AND state = 'waiting' AND tries > 0");
    assert!(wait_until(SOON, || database.count(&tried) == 1), "slot {slot} does not go wrong");
    database.words(&format!("SELECT told FROM job_slot WHERE number = {slot}")).remove(0)
}

/// Lets a slot that went wrong be tried again now; it must be done soon.
fn must_be_done_now(database: &Database, slot: u64) {
    let is_done = wait_until(SOON, || {
        database.put_forward();
        is(database, slot, "done")
    });
    let told =
        database.words(&format!("SELECT state || ': ' || told AS told FROM job_slot WHERE number = {slot}"));
    assert!(is_done, "slot {slot} is {told:?}");
}

fn is_ready(program: &Program) -> bool {
    program.health().is_some_and(|answer| answer.status == 200)
}

/// A small disk of its own, in memory.
struct Disk(PathBuf);

impl Disk {
    /// None where this user may mount nothing.
    fn of(folder: &Path, name: &str, size: &str) -> Option<Disk> {
        let place = folder.join(name);
        fs::create_dir(&place).unwrap();
        let disk = Disk(place);
        disk.mount(&format!("size={size}")).then_some(disk)
    }

    fn mount(&self, options: &str) -> bool {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&self.0).output();
        mounted.is_ok_and(|mounted| mounted.status.success())
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut filler = fs::File::create(self.0.join("filler")).unwrap();
        let block = vec![7; 4096];
        while std::io::Write::write_all(&mut filler, &block).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
#[ignore = "mounts small disks: tests/torture runs it"]
fn when_a_disk_is_full_it_is_told_and_what_was_left_is_done_when_there_is_room() {
    let started = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let disks = (Disk::of(folder.path(), "disk", "110m"), Disk::of(folder.path(), "backups", "1m"));
    let (Some(disk), Some(backups)) = disks else {
        result("disk full", 0, "", "SKIPPED: nothing can be mounted here", Duration::ZERO);
        return;
    };
    let database = Database(format!("sqlite:{}", disk.0.join("outturn.db").display()));
    load(&database, &[AREA.to_owned()], "", 0);
    let backup_folder = ("OUTTURN_BACKUP_FOLDER", backups.0.display().to_string());
    let how = How::new("full", &database.0, folder.path()).with([backup_folder]);
    let (program, _) = how.start_ready();

    // The disk for backups.
    let slot = enqueue(&database, "back up", "");
    let told = fault_of(&database, slot);
    assert!(told.contains("full") || told.contains("space"), "{told}");
    let left = || fs::read_dir(&backups.0).unwrap().count();
    assert_eq!(left(), 0, "nothing half written stays");
    // Mounted anew on top, it has room.
    let _larger = backups.mount("size=60m").then(|| Disk(backups.0.clone())).unwrap();
    must_be_done_now(&database, slot);
    assert_eq!(left(), 2, "a backup and its sum");

    // The disk of the database itself.
    let slots: Vec<u64> = (0..6).map(|_| enqueue_later(&database)).collect();
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    disk.fill();
    assert!(wait_until(SOON, || !is_ready(&program)), "it is ready with a full disk");
    let health = program.health().unwrap().text();
    assert!(health.contains("bytes are free"), "{health}");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(program.get("/sign-in").status, 200, "pages are read all the same");
    disk.make_room();
    assert!(wait_until(Duration::from_secs(5), || is_ready(&program)), "{:?}", program.health());
    for slot in slots {
        must_be_done_now(&database, slot);
    }
    database.must_be_whole("after the disk was full");
    let log = read(&how.log);
    assert!(log.contains("database or disk is full"), "the log does not say so: {log}");
    result("disk full", 0, "2 disks, 7 slots", "ok", started.elapsed());
}

/// Has figures worked out in two seconds, when the disk is full.
fn enqueue_later(database: &Database) -> u64 {
    let at = now() + chrono::TimeDelta::seconds(2);
    let deed = Deed { at, deed: "job asked for", area_code: AREA.into(), ..Deed::default() };
    database.store().enqueue_job("compute", AREA, &deed).unwrap()
}

#[test]
#[ignore = "takes half a minute: tests/torture runs it"]
fn when_the_database_is_gone_for_a_while_the_program_waits_and_goes_on() {
    const GONE: Duration = Duration::from_secs(20);
    let started = Instant::now();
    let Some(server) = Server::start() else {
        result("database gone for 20 s", 0, "", "SKIPPED: no PostgreSQL", Duration::ZERO);
        return;
    };
    let (database, folder) = (server.database(), tempfile::tempdir().unwrap());
    load(&database, &[AREA.to_owned()], "", 0);
    let (mut program, _) = How::new("gone", &database.0, folder.path()).start_ready();
    let slots: Vec<u64> = (0..10).map(|_| enqueue(&database, "compute", AREA)).collect();
    server.halt();
    let gone = Instant::now();
    assert!(wait_until(SOON, || !is_ready(&program)), "it is ready without its database");
    while gone.elapsed() < GONE {
        let asked = Instant::now();
        let answer = program.get("/");
        assert!(answer.status >= 500 && asked.elapsed() < Duration::from_secs(10), "{}", answer.text());
        std::thread::sleep(Duration::from_secs(2));
    }
    server.go_on();
    assert!(wait_until(Duration::from_secs(5), || is_ready(&program)), "{:?}", program.health());
    for slot in &slots {
        must_be_done_now(&database, *slot);
    }
    assert_eq!(database.count("computation"), 1);
    database.must_be_whole("after the database was gone");
    assert_eq!(program.stop().code(), Some(0));
    result("database gone for 20 s", 0, "10 slots", "ok", started.elapsed());
}

#[test]
#[ignore = "tests/torture runs it"]
fn a_program_that_stands_still_while_it_opens_the_database_keeps_no_other_from_opening_it() {
    /// Of the lock under which the schema is brought up to date.
    const LOCK: i64 = 0x6f75_7474_7572_6e00;
    let Some(server) = Server::start() else { return };
    let (database, folder) = (server.database(), tempfile::tempdir().unwrap());
    load(&database, &[AREA.to_owned()], "", 0);
    let standing = std::thread::spawn({
        let database = database.clone();
        move || database.words(&format!("SELECT pg_sleep(8)::text AS told FROM pg_advisory_lock({LOCK})"))
    });
    std::thread::sleep(Duration::from_secs(1));
    let (_program, took) = How::new("beside", &database.0, folder.path()).start_ready();
    assert!(took < READY_WITHIN && !standing.is_finished(), "{took:?}");
    standing.join().unwrap();
}

#[test]
#[ignore = "tests/torture runs it"]
fn a_program_stopped_within_a_transaction_keeps_others_waiting_no_longer_than_the_server_lets_it() {
    const LONGEST: Duration = Duration::from_secs(3);
    let started = Instant::now();
    let Some(server) = Server::start() else {
        result("stopped within a transaction", 0, "", "SKIPPED: no PostgreSQL", Duration::ZERO);
        return;
    };
    let (database, folder) = (server.database(), tempfile::tempdir().unwrap());
    load(&database, &[AREA.to_owned()], "", 0);
    let officer = example::system_token(&database, "officer.council@example.org");
    let options = ("PGOPTIONS", format!("-c idle_in_transaction_session_timeout={}s", LONGEST.as_secs()));
    let (mut stopped, _) = How::new("stopped", &database.0, folder.path()).with([options]).start_ready();
    let (other, _) = How::new("other", &database.0, folder.path()).start_ready();
    let send_to = |program: &Program, pounds: i64| {
        let (address, officer) = (program.address, officer.clone());
        move || send_return(address, &officer, "", &example::corrected(AREA, pounds))
    };

    // It is held up in the middle of what it writes, and stopped there.
    let holding = std::thread::spawn({
        let database = database.clone();
        move || {
            database
                .execute("DO $$ BEGIN LOCK TABLE audit_entry IN EXCLUSIVE MODE; PERFORM pg_sleep(3); END $$")
        }
    });
    let is_held = "pg_locks WHERE relation = 'audit_entry'::regclass AND mode = 'ExclusiveLock' AND granted";
    assert!(wait_until(SOON, || database.count(is_held) == 1));
    let sending = std::thread::spawn(send_to(&stopped, 1));
    let it = "pg_stat_activity WHERE application_name = 'stopped' AND";
    assert!(wait_until(SOON, || database.count(&format!("{it} wait_event_type = 'Lock'")) > 0));
    stopped.pause();
    holding.join().unwrap();
    let stands_still = format!("{it} state = 'idle in transaction'");
    assert!(wait_until(SOON, || database.count(&stands_still) > 0), "it holds nothing");

    let asked = Instant::now();
    let answer = send_to(&other, 2)().unwrap();
    let waited = asked.elapsed();
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(waited > Duration::from_millis(500), "it did not have to wait: {waited:?}");
    assert!(waited < LONGEST + Duration::from_secs(5), "it waited {waited:?}");

    // Nothing of what it wrote is kept, and it is told so; then it goes on.
    stopped.resume();
    let answer = sending.join().unwrap().unwrap();
    assert!(answer.status >= 500, "{}", answer.text());
    assert_eq!(database.count("sent_return"), 1);
    let again = send_to(&stopped, 1)().unwrap();
    assert_eq!((again.status, database.count("sent_return")), (201, 2), "{}", again.text());
    database.must_be_whole("after a program stood still");
    let told = format!("another went on after {:.1} s", waited.as_secs_f64());
    result("stopped within a transaction", 0, &told, "ok", started.elapsed());
}

#[test]
#[ignore = "takes half a minute: tests/torture runs it"]
fn when_the_mail_server_fails_each_message_is_sent_in_the_end_and_nothing_in_clear() {
    const BOARD: usize = 12;
    let started = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let database = Database(format!("sqlite:{}", folder.path().join("outturn.db").display()));
    load(&database, &[AREA.to_owned()], "", BOARD);
    let mail = FakeServer::start(TlsWay::StartTls);
    let faults = [
        Fault::Closed,
        Fault::NoStartTls,
        Fault::WrongName,
        Fault::WrongAuthority,
        Fault::Says("MAIL", "451 4.3.0 come again"),
        Fault::Says("RCPT", "450 4.2.1 come again"),
        Fault::Says("DATA", "451 4.3.0 come again"),
        Fault::Says(".", "452 4.3.1 no room"),
        Fault::CutAfterData,
        Fault::Hangs,
        Fault::Says("RCPT", "550 5.1.1 nobody of that name"),
    ];
    mail.next(&faults);
    let how = How::new("mail", &database.0, folder.path()).with(mail.environment(folder.path()));
    let (_program, _) = how.start_ready();
    let service = example::service(&database);
    approve(&database, &service, &prepare(&database, &service, AREA, Edition::Restricted, None));
    let to_board = "message WHERE kind = 'pack released'";
    let noticed = format!("{to_board} AND state = 'waiting' AND told <> ''");
    // A fault is told of at once, long before the message is tried again.
    assert!(wait_until(SOON, || database.count(&noticed) >= 5), "{}", database.count(&noticed));
    let open = "message WHERE state IN ('waiting', 'sending')";
    let all_ended = wait_until(Duration::from_secs(60), || {
        database.put_forward();
        std::thread::sleep(Duration::from_millis(200));
        database.count(open) == 0 && database.count(to_board) > 0
    });
    assert!(all_ended, "{} messages are left", database.count(open));
    let of = |state: &str| database.count(&format!("message WHERE state = '{state}'"));
    assert_eq!((of("refused"), of("sent")), (1, database.count("message") - 1));
    assert!(
        mail.in_clear()
            .iter()
            .all(|line| ["EHLO", "STARTTLS", "QUIT"].iter().any(|word| line.starts_with(word)))
    );
    let came = mail.came();
    let mut accepted: Vec<&str> =
        came.iter().filter(|letter| letter.was_accepted).map(|letter| letter.header("Message-ID")).collect();
    accepted.sort_unstable();
    let names = accepted.len();
    accepted.dedup();
    assert_eq!((accepted.len(), names as i64), (names, of("sent")), "each is taken once");
    let count = format!("{} faults, {names} messages", faults.len());
    result("mail server that fails", 0, &count, "ok", started.elapsed());
}

#[test]
#[ignore = "tests/torture runs it"]
fn when_a_template_is_broken_the_job_says_which_and_runs_again_once_it_is_mended() {
    let started = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    fs::create_dir(&templates).unwrap();
    let database = Database(format!("sqlite:{}", folder.path().join("outturn.db").display()));
    load(&database, &[AREA.to_owned()], "", 0);
    let how = How::new("template", &database.0, folder.path())
        .with([("OUTTURN_TEMPLATES", templates.display().to_string())]);

    // What cannot be read at all stops the start.
    fs::write(templates.join("summary.hbs"), "<section>{{#if}</section>").unwrap();
    let told = how.start().err().expect("it does not start");
    assert!(told.contains("summary.hbs"), "{told}");

    fs::write(templates.join("summary.hbs"), "<p>{{nothing_of_this_name}}</p>").unwrap();
    let (_program, _) = how.start_ready();
    let drafted = enqueue_as_at(&database, "draft pack");
    let told = fault_of(&database, drafted);
    assert!(told.contains("summary.hbs"), "{told}");
    let other = enqueue(&database, "compute", AREA);
    must_be_done_now_alone(&database, other);

    // The program runs on: what is mended in the folder counts at the next try.
    fs::remove_file(templates.join("summary.hbs")).unwrap();
    outturn(&database.0, &["jobs", "again", &drafted.to_string()]);
    assert!(wait_until(SOON, || is(&database, drafted, "done")));
    result("broken template", 0, "2 templates", "ok", started.elapsed());
}

/// Has a job run as if in the month after that of the example.
fn enqueue_as_at(database: &Database, job: &str) -> u64 {
    let at = outturn::demo::now();
    let deed = Deed { at, deed: "job asked for", area_code: AREA.into(), ..Deed::default() };
    database.store().enqueue_job(job, AREA, &deed).unwrap()
}

/// It is done while the other still waits.
fn must_be_done_now_alone(database: &Database, slot: u64) {
    assert!(wait_until(SOON, || is(database, slot, "done")), "slot {slot} waits for another");
}
