//! The end: told to stop, the program ends what it has in hand and leaves with status 0.

use crate::{
    client::{connect, head, read_answer},
    program::Program,
};
use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

#[test]
fn it_stops_with_status_0_and_cuts_nobody_off() {
    for round in 0..3u64 {
        let mut program = Program::start(&[]);
        let cookie = program.session("manager@example.org");
        let idle: Vec<TcpStream> = (0..5).map(|_| connect(program.address)).collect();
        let (is_over, whole) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let (address, cookie) = (program.address, cookie.clone());
                let (is_over, whole) = (Arc::clone(&is_over), Arc::clone(&whole));
                thread::spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let Ok(mut stream) = TcpStream::connect(address) else { return };
                        if stream.write_all(&head("GET", "/", &[("cookie", &cookie)])).is_err() {
                            continue;
                        }
                        // What was not taken in hand gets nothing; what was, gets a whole answer.
                        let mut first = [0u8; 1];
                        if stream.peek(&mut first).is_ok_and(|count| count == 1) {
                            let answer = read_answer(&mut stream, "GET");
                            assert_eq!(answer.expect("the answer is whole").status, 200);
                            whole.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(300 + 137 * round));
        let (status, took) = program.stop();
        is_over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().unwrap();
        }
        drop(idle);
        assert_eq!(status.code(), Some(0));
        assert!(took < Duration::from_secs(31), "{took:?}");
        assert!(whole.load(Ordering::Relaxed) > 0);
    }
}
