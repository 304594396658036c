//! What an operator sees: health, measurements, the log, the settings.

use crate::{
    client::{ask, connect, head, read_answer},
    program::Program,
};
use std::{fs, io::Write, process::Command, time::Duration};

#[test]
fn health_follows_the_database() {
    let program = Program::start(&[]);
    let ready = || ask(program.management, "GET", "/health/ready", &[]);
    assert_eq!(ask(program.management, "GET", "/health/live", &[]).status, 200);
    assert_eq!((ready().status, ready().text().contains("\"is_ready\":true")), (200, true));
    let elsewhere = program.folder().join("gone.db");
    fs::rename(&program.database, &elsewhere).unwrap();
    assert_eq!(ready().status, 503);
    assert_eq!(ask(program.management, "GET", "/health/live", &[]).status, 200);
    assert!(!ready().text().contains("gone.db") && !ready().text().contains("sqlite"));
    fs::rename(elsewhere, &program.database).unwrap();
    assert_eq!(ready().status, 200);
    let database = rusqlite::Connection::open(&program.database).unwrap();
    database
        .execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')", [])
        .unwrap();
    assert_eq!(ready().status, 503, "a later program has changed the database");
}

#[test]
fn health_follows_a_database_server() {
    let Ok(server) = std::env::var("OUTTURN_TEST_POSTGRES") else {
        eprintln!("skipped on PostgreSQL: OUTTURN_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("outturn_http_{}", std::process::id());
    let run = |statement: &str| {
        use diesel::{Connection, PgConnection, connection::SimpleConnection};
        PgConnection::establish(&server).unwrap().batch_execute(statement).unwrap();
    };
    run(&format!("CREATE DATABASE {name}"));
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let program = Program::start(&[("OUTTURN_DATABASE_URL", &url)]);
    assert_eq!(ask(program.management, "GET", "/health/ready", &[]).status, 200);
    run(&format!("DROP DATABASE {name} WITH (FORCE)"));
    assert_eq!(ask(program.management, "GET", "/health/ready", &[]).status, 503);
    assert_eq!(program.get("/").status, 500, "it is no page that is not found");
}

#[test]
fn measurements_are_told_at_their_own_address_alone() {
    let program = Program::start(&[]);
    program.get("/");
    program.get("/areas/E10000002/2015-11");
    program.get("/areas/E99999999/2015-11?secret=1");
    let text = ask(program.management, "GET", "/metrics", &[]).text();
    assert!(text.contains("http_requests_total{method=\"GET\",route=\"/\",status=\"200\"} 1"), "{text}");
    let two = "http_requests_total{method=\"GET\",route=\"/areas/{area}/{month}\",status=\"303\"} 2";
    assert!(text.contains(two), "{text}");
    assert!(text.contains("http_request_duration_seconds_bucket{route=\"/\""));
    assert!(text.contains("process_resident_memory_bytes "));
    assert!(!text.contains("E99999999") && !text.contains("secret"));
    for path in ["/metrics", "/health/live", "/health/ready"] {
        assert_eq!(program.get(path).status, 404, "{path} is not for the public");
    }
}

#[test]
fn the_log_has_a_line_a_request_and_no_personal_data() {
    let mut program = Program::start(&[]);
    let cookie = program.session("manager@example.org");
    let answer =
        ask(program.address, "GET", "/?q=private", &[("cookie", &cookie), ("user-agent", "spy\tagent")]);
    let id = answer.header("x-request-id").unwrap().to_owned();
    let mut stream = connect(program.address);
    stream.write_all(&head("GET", "/%0a%22%7dforged%0d%0a", &[])).unwrap();
    assert_eq!(read_answer(&mut stream, "GET").unwrap().status, 404);
    program.stop();
    let log = fs::read_to_string(&program.log).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request_id"] == id.as_str()).unwrap();
    assert_eq!((line["method"].as_str(), line["route"].as_str()), (Some("GET"), Some("/")));
    assert_eq!(line["status"], 200);
    assert!(line["milliseconds"].is_number() && line["person"].is_number() && line["timestamp"].is_string());
    for hidden in ["private", "Morgan", "manager@", "spy", "forged", "127.0.0.1", "__Host-"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

#[test]
fn no_secret_is_taken_from_the_command_line_nor_told() {
    let outturn = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outturn"));
        command.args(words).env("OUTTURN_SINGLE_SIGN_ON_CLIENT_SECRET", "hush-hush");
        command.output().unwrap()
    };
    let refused = outturn(&["serve", "--database", "postgres://outturn:hush@db/outturn"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("hush"));
    let told = outturn(&["serve", "--print-config"]);
    assert!(told.status.success());
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("single_sign_on_client_secret = \"(hidden)\"") && !told.contains("hush"));
    let help = String::from_utf8(outturn(&["serve", "--help"]).stdout).unwrap();
    assert!(!help.contains("hush"));
}

#[test]
fn a_database_that_is_named_in_a_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    fs::write(&file, format!("sqlite:{}\n", folder.path().join("named.db").display())).unwrap();
    let listed = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(["returns", "list"])
        .env_remove("OUTTURN_DATABASE_URL")
        .env("OUTTURN_DATABASE_URL_FILE", &file)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(told.contains("There is no database ") && told.contains("named.db"), "{told}");
}

#[test]
fn a_start_that_fails_leaves_the_first_administrators_link_as_it_is() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let start = |listen: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outturn"));
        command.args(["serve", "--listen", listen]).env("OUTTURN_MANAGEMENT_LISTEN", "");
        command.env("OUTTURN_DATABASE_URL", "sqlite:new.db").current_dir(folder.path());
        command
    };
    let address = taken.local_addr().unwrap().to_string();
    let failed = start(&address).output().unwrap();
    let told = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(3), "{told}");
    assert!(told.contains(&format!("listen: it cannot listen at {address}: another program")), "{told}");
    // It has not even made the database.
    assert!(!folder.path().join("new.db").exists());
}

#[test]
fn it_is_ready_within_five_seconds_of_a_crash() {
    let mut program = Program::start(&[]);
    let cookie = program.session("manager@example.org");
    assert_eq!(ask(program.address, "GET", "/", &[("cookie", &cookie)]).status, 200);
    let (database, management) = (program.database.clone(), program.management);
    let killed = Command::new("kill").args(["-9", &program.id().to_string()]).status();
    assert!(killed.unwrap().success());
    program.stop();
    let url = format!("sqlite:{}", database.display());
    let started = std::time::Instant::now();
    let again = Program::start(&[("OUTTURN_DATABASE_URL", &url)]);
    assert_eq!(ask(again.management, "GET", "/health/ready", &[]).status, 200);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_ne!(again.management, management);
}
