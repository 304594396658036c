//! What stands around every answer.

use crate::{
    client::{Answer, ask, connect, head, is_closed, read_answer},
    program::Program,
};
use outturn::{
    demo,
    web::{routes, serve::EVERY_ANSWER},
};
use std::{
    io::{Read, Write},
    time::Duration,
};

/// What any answer has, be it written before anything was understood.
fn holds_bare(answer: &Answer, of: &str) {
    for (name, value) in EVERY_ANSWER {
        let told: Vec<&str> = answer
            .headers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect();
        let is_asset = name == "cache-control" && of.contains("/assets/");
        assert!(
            told.len() == 1 && (is_asset || told[0] == value || says_more(name, told[0])),
            "{of}: {name}: {told:?}"
        );
    }
    assert!(answer.header("server").is_none() && answer.header("x-powered-by").is_none(), "{of}");
}

fn holds_all(answer: &Answer, of: &str) {
    holds_bare(answer, of);
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 16), "{of}");
    for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
        let parts: Vec<&str> = cookie.split("; ").collect();
        assert!(parts[0].starts_with("__Host-"), "{of}: {cookie}");
        for needed in ["Path=/", "Secure", "HttpOnly"] {
            assert!(parts.contains(&needed), "{of}: {cookie}");
        }
        assert!(
            parts.iter().any(|part| ["SameSite=Lax", "SameSite=Strict"].contains(part)),
            "{of}: {cookie}"
        );
        assert!(!cookie.contains("Domain"), "{of}: {cookie}");
    }
}

/// A published pack may be kept for a while, and a page asked about again each time.
fn says_more(name: &str, value: &str) -> bool {
    name == "cache-control" && (value.starts_with("public") || value.starts_with("private, no-cache"))
}

#[test]
fn every_answer_of_every_route_has_the_headers() {
    let program = Program::start(&[]);
    let cookies = ["auditor@example.org", "administrator@example.org"].map(|email| program.session(email));
    for route in routes::all() {
        let mut path = route.path.replace("{area}", demo::AREA).replace("{month}", demo::AS_AT);
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, "1");
        }
        let method = route.method.name();
        for cookie in ["", &cookies[0], &cookies[1]] {
            let mut headers = vec![("cookie", cookie)];
            if method != "GET" {
                headers.push(("content-length", "0"));
            }
            let answer = ask(program.address, method, &path, &headers);
            holds_all(&answer, &format!("{method} {path} {}", answer.status));
        }
        let other = ask(program.address, "PUT", &path, &[("content-length", "0")]);
        holds_all(&other, &format!("PUT {path}"));
    }
}

#[test]
fn refusals_and_faults_have_the_headers_too() {
    let program = Program::start(&[]);
    let cookie = program.session("manager@example.org");
    let long = format!("/{}", "a".repeat(9000));
    let large = [("content-length", "99999999"), ("content-type", "application/x-www-form-urlencoded")];
    let upload = [("content-length", "20"), ("content-type", "multipart/form-data; boundary=x")];
    for (status, answer) in [
        (404, program.get("/nothing")),
        (404, program.get("/../../etc/passwd")),
        (405, ask(program.address, "DELETE", "/", &[])),
        (405, ask(program.address, "TRACE", "/", &[])),
        (405, ask(program.address, "OPTIONS", "/", &[])),
        (413, ask(program.address, "POST", "/sign-out", &large)),
        (414, program.get(&long)),
        (401, ask(program.address, "POST", "/sign-out", &upload)),
        (403, ask(program.address, "POST", "/sign-out", &[("cookie", &cookie), ("content-length", "0")])),
    ] {
        assert_eq!(answer.status, status);
        holds_all(&answer, &status.to_string());
    }
    // Take the sessions away under the program: it is at fault then, and says so.
    let database = rusqlite::Connection::open(&program.database).unwrap();
    database.execute_batch("ALTER TABLE role_held RENAME TO gone").unwrap();
    let other = program_session(&database);
    let answer = ask(program.address, "GET", "/", &[("cookie", &other)]);
    assert_eq!(answer.status, 500);
    holds_all(&answer, "500");
    assert!(!answer.text().contains("role_held"), "no internals are told");
}

/// A session that no program has seen yet.
fn program_session(database: &rusqlite::Connection) -> String {
    let token = "f".repeat(64);
    let sum = outturn::store::hex(&outturn::store::sha256(token.as_bytes()));
    let now = chrono::Utc::now().naive_utc().to_string();
    database
        .execute(
            "INSERT INTO login_session (token_sha256, number, person, started_at, last_seen_at, confirmed_at, way, address, browser) VALUES (?1, 900, 1, ?2, ?2, ?2, '', '', '')",
            [&sum, &now],
        )
        .unwrap();
    format!("__Host-outturn={token}")
}

#[test]
fn a_head_alone_says_what_a_whole_answer_would() {
    let program = Program::start(&[]);
    let cookie = program.session("manager@example.org");
    let headers = [("cookie", cookie.as_str())];
    let whole = ask(program.address, "GET", "/accessibility", &headers);
    let mut stream = connect(program.address);
    for _ in 0..2 {
        stream.write_all(&head("HEAD", "/accessibility", &headers)).unwrap();
        let answer = read_answer(&mut stream, "HEAD").unwrap();
        assert_eq!((answer.status, answer.header("content-length")), (200, whole.header("content-length")));
        assert!(answer.body.is_empty());
    }
}

#[test]
fn what_is_no_request_is_turned_away_and_tells_nothing() {
    let program = Program::start(&[]);
    for sent in [
        "GARBAGE\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /sign-in HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n\r\nhello",
        "GET / HTTP/1.1\r\nhost : a\r\n\r\n",
    ] {
        let mut stream = connect(program.address);
        stream.write_all(sent.as_bytes()).unwrap();
        if let Some(answer) = read_answer(&mut stream, "GET") {
            assert!((400..500).contains(&answer.status), "{sent:?}: {}", answer.status);
            holds_bare(&answer, sent);
            assert!(is_closed(&mut stream, Duration::from_secs(5)), "{sent:?}: a second request may follow");
        }
    }
    // Nor does what was asked before, in one go with it, keep the headers from its refusal.
    let mut stream = connect(program.address);
    stream.write_all(&[&head("GET", "/accessibility", &[])[..], b"GARBAGE\r\n\r\n"].concat()).unwrap();
    let mut both = Vec::new();
    stream.read_to_end(&mut both).unwrap();
    let both = String::from_utf8(both).unwrap();
    assert!(both.starts_with("HTTP/1.1 200"), "{both}");
    let refused = &both[both.find("</html>").unwrap()..];
    assert!(refused.contains("HTTP/1.1 400"), "{refused}");
    for (name, value) in EVERY_ANSWER {
        assert!(refused.contains(&format!("\r\n{name}: {value}\r\n")), "{name}: {refused}");
    }
    let mut stream = connect(program.address);
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(60_000));
    let _ = stream.write_all(many.as_bytes());
    if let Some(answer) = read_answer(&mut stream, "GET") {
        assert!(answer.status >= 400);
        holds_bare(&answer, "a large head");
    }
    let mut stream = connect(program.address);
    stream.write_all(format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}", "y".repeat(135_000)).as_bytes()).unwrap();
    let answer = read_answer(&mut stream, "GET").unwrap();
    assert_eq!(answer.status, 431);
    holds_bare(&answer, "431");
    assert_eq!(program.get("/").status, 200);
}

#[test]
fn only_trusted_proxies_are_believed() {
    let settings =
        [("OUTTURN_PUBLIC_URL", "https://outturn.example.org"), ("OUTTURN_TRUSTED_PROXIES", "127.0.0.0/8")];
    let told = [("x-forwarded-proto", "http")];
    let behind = Program::start(&settings);
    let answer = ask(behind.address, "GET", "/sign-in?next=%2F", &told);
    assert_eq!(answer.status, 308);
    assert_eq!(answer.header("location"), Some("https://outturn.example.org/sign-in?next=%2F"));
    holds_all(&answer, "308");
    assert_eq!(ask(behind.address, "GET", "/", &[("x-forwarded-proto", "https")]).status, 200);
    let before = Program::start(&settings[..1]);
    assert_eq!(ask(before.address, "GET", "/", &told).status, 200);
}

#[test]
fn a_head_that_does_not_come_is_refused_with_the_headers() {
    let program = Program::start(&[]);
    let mut stream = connect(program.address);
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    // Where the watch is first, it is closed without a word.
    if let Some(answer) = read_answer(&mut stream, "GET") {
        assert_eq!(answer.status, 408);
        holds_bare(&answer, "408");
    }
}
