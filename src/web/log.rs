//! What happened, for the operator: a line of JSON an event, a line a request.
//!
//! A request's line holds the route's pattern and the person's id: no path, no query, no name, no
//! address. Lines are gathered and written by a thread of their own, so that nobody waits for the log.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

/// Lines wait at most so long before they are written.
const PAUSE: Duration = Duration::from_millis(50);
/// Where nobody takes the lines, further ones are dropped from here on.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// Takes lines; a copy adds to the same log.
#[derive(Clone)]
pub struct Log {
    lines: Arc<Lines>,
    pub tells_requests: bool,
}

#[derive(Default)]
struct Lines {
    waiting: Mutex<Vec<u8>>,
    written: Condvar,
}

/// What is told of a request.
pub struct RequestLine<'a> {
    pub time: chrono::NaiveDateTime,
    pub request_id: &'a str,
    pub method: &'a str,
    pub route: &'static str,
    pub status: u16,
    pub took: Duration,
    pub person: Option<u32>,
}

impl Log {
    /// A log that is written to `out`.
    pub fn to(out: impl Write + Send + 'static, tells_requests: bool) -> Log {
        let lines = Arc::new(Lines::default());
        let (held, mut out) = (Arc::downgrade(&lines), out);
        thread::spawn(move || {
            while let Some(lines) = held.upgrade() {
                lines.write_to(&mut out);
                drop(lines);
                thread::sleep(PAUSE);
            }
        });
        Log { lines, tells_requests }
    }

    pub fn request(&self, line: &RequestLine<'_>) {
        if !self.tells_requests {
            return;
        }
        let method = match line.method {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
            _ => "OTHER",
        };
        let mut waiting = self.lines.waiting();
        if waiting.len() > MOST_WAITING {
            return;
        }
        // Nothing in the line is the reader's own words, so that nothing needs to be escaped.
        let _ = write!(
            waiting,
            "{{\"timestamp\":\"{}Z\",\"level\":\"INFO\",\"target\":\"request\",\"request_id\":\"{}\",\"method\":\"{method}\",\"route\":\"{}\",\"status\":{},\"milliseconds\":{}.{:03}",
            line.time.format("%Y-%m-%dT%H:%M:%S%.3f"),
            line.request_id,
            line.route,
            line.status,
            line.took.as_millis(),
            line.took.subsec_micros() % 1000,
        );
        if let Some(person) = line.person {
            let _ = write!(waiting, ",\"person\":{person}");
        }
        waiting.extend_from_slice(b"}\n");
    }

    /// Waits until everything was written, for as long as that may take at the most.
    pub fn flush(&self) {
        let waiting = self.lines.waiting();
        let is_waiting = |waiting: &mut Vec<u8>| !waiting.is_empty();
        drop(self.lines.written.wait_timeout_while(waiting, Duration::from_secs(1), is_waiting));
    }
}

impl Lines {
    fn write_to(&self, out: &mut impl Write) {
        let lines = std::mem::take(&mut *self.waiting());
        if !lines.is_empty() {
            // Where the log cannot be written there is nobody to tell.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            self.written.notify_all();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<u8>> {
        self.waiting.lock().expect("nobody stops while holding it")
    }
}

/// Adds what others write, such as the events of libraries.
impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.waiting();
        if waiting.len() <= MOST_WAITING {
            waiting.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_request_is_a_line_that_nothing_can_be_smuggled_into() {
        let kept = Kept::default();
        let log = Log::to(kept.clone(), true);
        log.request(&RequestLine {
            time: chrono::NaiveDateTime::default(),
            request_id: "00000001",
            method: "GET\"}\n{\"",
            route: "/areas/{area}",
            status: 200,
            took: Duration::from_micros(1_234_005),
            person: Some(3),
        });
        log.flush();
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "{\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"level\":\"INFO\",\"target\":\"request\",\
             \"request_id\":\"00000001\",\"method\":\"OTHER\",\"route\":\"/areas/{area}\",\"status\":200,\
             \"milliseconds\":1234.005,\"person\":3}\n"
        );
    }
}
