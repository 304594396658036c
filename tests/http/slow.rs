//! Clients that send or read as slowly as they can.

use crate::{
    client::{ask, connect_from, head, is_closed},
    program::Program,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How many clients of each kind; `OUTTURN_TEST_SLOW_CLIENTS=10000` for the longer form.
fn count() -> usize {
    std::env::var("OUTTURN_TEST_SLOW_CLIENTS").map_or(500, |count| count.parse().unwrap())
}

/// Runs slow clients of one kind beside a normal user. Each client starts with `begin` and sends a byte
/// of what is left, or reads one, every second. All must be gone in time, and the user never notice.
fn beside_a_normal_user(begin: impl Fn(&Program, &mut TcpStream), drip: &[u8], within: Duration) {
    // The limits of descriptors allow for the test's own ends as well.
    let program = Program::start(&[("OUTTURN_LOG", "warn")]);
    let base = program.measurement("http_connections_open");
    let mut clients: Vec<TcpStream> = (0..count())
        .map(|number| {
            // Fifty to an address: as many as one may have, and a few to spare for others there.
            let from = [127, 0, 1 + (number / 50) as u8, 1];
            let mut client = connect_from(from, program.address);
            begin(&program, &mut client);
            client
        })
        .collect();
    let (is_over, times) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let user = {
        let (address, is_over, times) = (program.address, Arc::clone(&is_over), Arc::clone(&times));
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let started = Instant::now();
                assert_eq!(ask(address, "GET", "/", &[]).status, 200);
                times.lock().unwrap().push(started.elapsed());
                thread::sleep(Duration::from_millis(20));
            }
        })
    };
    let started = Instant::now();
    let mut sent = 0;
    while started.elapsed() < within && program.measurement("http_connections_open") > base + 1.0 {
        for client in &mut clients {
            match drip.get(sent) {
                Some(byte) => drop(client.write(&[*byte])),
                None => {
                    client.set_nonblocking(true).unwrap();
                    drop(client.read(&mut [0]));
                    client.set_nonblocking(false).unwrap();
                }
            }
        }
        sent += 1;
        thread::sleep(Duration::from_millis(950));
    }
    let took = started.elapsed();
    is_over.store(true, Ordering::Relaxed);
    user.join().unwrap();
    let open = program.measurement("http_connections_open");
    assert!(open <= base + 1.0, "{open} connections are open after {took:?}, {base} were before");
    for client in &mut clients {
        assert!(is_closed(client, Duration::from_secs(2)));
    }
    let mut times = times.lock().unwrap().clone();
    times.sort_unstable();
    let slow = times[times.len() * 99 / 100];
    assert!(slow < Duration::from_secs(1), "a normal user waited {slow:?}");
}

const LONG_HEAD: &[u8] =
    b"GET / HTTP/1.1\r\nhost: outturn.test\r\nx-patience: none whatsoever, and so on and on and on";

#[test]
fn a_first_head_that_does_not_come_is_not_waited_for() {
    beside_a_normal_user(|_, _| {}, LONG_HEAD, Duration::from_secs(30));
}

#[test]
fn a_second_head_that_does_not_come_is_not_waited_for() {
    beside_a_normal_user(
        |_, client| {
            client.write_all(&head("GET", "/", &[])).unwrap();
            assert_eq!(crate::client::read_answer(client, "GET").unwrap().status, 200);
        },
        LONG_HEAD,
        Duration::from_secs(30),
    );
}

#[test]
fn a_body_that_drips_is_not_waited_for() {
    let headers = [("content-length", "1000"), ("content-type", "application/x-www-form-urlencoded")];
    beside_a_normal_user(
        |_, client| client.write_all(&head("POST", "/sign-out", &headers)).unwrap(),
        &[b'a'; 100],
        Duration::from_secs(30),
    );
}

#[test]
fn an_answer_that_is_not_read_is_not_kept() {
    // Many answers asked for in one go, of which a byte a second is read.
    beside_a_normal_user(
        |program, client| {
            let page = program.get("/").text();
            let style = page.split("href=\"").find(|place| place.starts_with("/assets/")).unwrap();
            let style = style.split('"').next().unwrap();
            client.write_all(&head("GET", style, &[]).repeat(16)).unwrap();
        },
        b"",
        Duration::from_secs(60),
    );
}

#[test]
fn one_address_cannot_have_all_connections() {
    let program = Program::start(&[("OUTTURN_CONNECTIONS_PER_ADDRESS", "20")]);
    let mut clients: Vec<TcpStream> =
        (0..60).map(|_| connect_from([127, 0, 2, 1], program.address)).collect();
    assert!(
        program.wait_until(Duration::from_secs(5), |program| program.measurement("http_connections_open")
            <= 20.0)
    );
    let closed =
        clients.iter_mut().filter_map(|client| is_closed(client, Duration::from_millis(50)).then_some(()));
    assert_eq!(closed.count(), 40);
    assert_eq!(program.get("/").status, 200, "somebody elsewhere is let in");
}

#[test]
fn where_all_connections_are_taken_a_new_one_gets_in() {
    let program = Program::start(&[("OUTTURN_CONNECTIONS", "16")]);
    let _silent: Vec<TcpStream> =
        (0..40).map(|number| connect_from([127, 0, 3, 1 + number], program.address)).collect();
    // The last of the silent ones may be taken in after the first who asks, who is then the longest waiting.
    thread::sleep(Duration::from_millis(500));
    for _ in 0..20 {
        assert_eq!(program.get("/").status, 200);
    }
}
