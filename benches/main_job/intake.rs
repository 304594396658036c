//! Intake beside bare writing: returns read, checked and stored, against the same rows merely put
//! into the same tables by prepared inserts (SQLite) or `COPY` (PostgreSQL).

use crate::{
    Asked, bare,
    country::Country,
    measure::{load, median, peak_memory, say, say_ratio},
    workload,
};
use outturn::store::{DatabaseUrl, Store};
use std::path::Path;

pub fn run(asked: &Asked) {
    of_country(asked.areas, asked.rounds);
    if asked.large {
        of_country(1500, 1);
    }
}

fn of_country(areas: usize, rounds: usize) {
    let folder = tempfile::tempdir().expect("a folder for the country can be made");
    let rows = workload::write(folder.path(), areas).expect("the country can be written");
    println!("\nIntake on SQLite: {areas} areas, {rows} rows, {}", load());
    let country = Country::read(folder.path());

    // The first intake warms the machine and gives the rows for the bare inserts.
    let first = folder.path().join("first.db");
    country.take_in(&DatabaseUrl::Sqlite(first.clone()));
    let held = bare::rows_of(&first);
    let (mut ours, mut checking, mut bare_inserts) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let database = folder.path().join(format!("ours-{round}.db"));
        let parts = country.take_in(&DatabaseUrl::Sqlite(database.clone()));
        assert!(round > 0 || bare::rows_of(&database) == held, "the same returns are the same rows");
        ours.push(parts.checking + parts.storing);
        checking.push(parts.checking);
        let database = folder.path().join(format!("bare-{round}.db"));
        bare_inserts.push(bare::insert(&database, &held));
        assert!(round > 0 || bare::rows_of(&database) == held, "the bare inserts hold the same rows");
    }
    let (ours, checking, bare_inserts) = (median(&ours), median(&checking), median(&bare_inserts));
    say("read, check and store", ours, rows);
    say("of which read, check, hash and compress", checking, rows);
    say("bare prepared inserts of the same rows", bare_inserts, rows);
    say_ratio("intake / bare prepared inserts", ours, bare_inserts);
    println!("  peak memory {} MB, the rows for the bare inserts among it; {} after", peak_memory(), load());
    if let Ok(server) = std::env::var("OUTTURN_TEST_POSTGRES") {
        on_server(&server, &country, folder.path(), rows, rounds);
    } else {
        println!("Intake on PostgreSQL: skipped, OUTTURN_TEST_POSTGRES is not set");
    }
}

fn on_server(server: &str, country: &Country, folder: &Path, rows: usize, rounds: usize) {
    println!("\nIntake on PostgreSQL: {rows} rows, {}; the server's processor time is not counted", load());
    let (mut ours, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let filled = bare::ServerDatabase::create(server);
        let parts = country.take_in(&filled.url());
        ours.push(parts.checking + parts.storing);
        filled.copy_out(folder);
        let empty = bare::ServerDatabase::create(server);
        drop(Store::open(&empty.url()).expect("the server takes the schema"));
        copies.push(empty.copy_in(folder));
    }
    let (ours, copies) = (median(&ours), median(&copies));
    say("read, check and store", ours, rows);
    say("bare COPY of the same rows, by psql", copies, rows);
    let ratio = ours.wall.as_secs_f64() / copies.wall.as_secs_f64();
    println!("  {:<44} {ratio:>8.2} x", "intake / bare COPY");
}
