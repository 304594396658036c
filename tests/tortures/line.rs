//! A line between a program and its database that falls silent or breaks off, as a network's does.

use crate::database::Database;
use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

pub struct Line {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    is_silent: AtomicBool,
    connections: Mutex<Vec<Weak<Connection>>>,
}

struct Connection {
    program: TcpStream,
    server: TcpStream,
    /// The program has lost it, and the server does not know.
    is_half_open: AtomicBool,
}

impl Line {
    pub fn to(database: &Database) -> Line {
        let (place, _) = database.0.rsplit_once('/').unwrap();
        let (_, address) = place.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            to: address.parse().unwrap(),
            is_silent: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let line = Line { port, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for program in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.connect(program.unwrap()));
            }
        });
        line
    }

    /// The database's address through this line.
    pub fn address(&self, database: &Database) -> String {
        let (who, rest) = database.0.rsplit_once('@').unwrap();
        let (_, name) = rest.split_once('/').unwrap();
        format!("{who}@127.0.0.1:{}/{name}", self.port)
    }

    /// Nothing comes through, and nobody is told.
    pub fn fall_silent(&self) {
        self.shared.is_silent.store(true, Ordering::SeqCst);
    }

    /// What was said meanwhile comes through.
    pub fn speak_again(&self) {
        self.shared.is_silent.store(false, Ordering::SeqCst);
    }

    /// What was said meanwhile is lost, and the program's connections with it, which the database's server
    /// does not hear of for so long; new ones can be made.
    pub fn break_off(&self, unheard: Duration) {
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            let Some(connection) = connection.upgrade() else { continue };
            connection.is_half_open.store(true, Ordering::SeqCst);
            let _ = connection.program.shutdown(Shutdown::Both);
            thread::spawn(move || {
                thread::sleep(unheard);
                let _ = connection.server.shutdown(Shutdown::Both);
            });
        }
        self.speak_again();
    }
}

impl Shared {
    fn connect(&self, program: TcpStream) {
        self.wait_while_silent();
        // Where the server is gone, the program is told by the end of its connection.
        let Ok(server) = TcpStream::connect(self.to) else { return };
        let _ = (program.set_nodelay(true), server.set_nodelay(true));
        let connection = Arc::new(Connection { program, server, is_half_open: AtomicBool::new(false) });
        {
            let mut connections = self.connections.lock().unwrap();
            connections.retain(|connection| connection.strong_count() > 0);
            connections.push(Arc::downgrade(&connection));
        }
        thread::scope(|both| {
            both.spawn(|| self.carry(&connection, &connection.program, &connection.server));
            self.carry(&connection, &connection.server, &connection.program);
        });
    }

    fn carry(&self, connection: &Connection, mut from: &TcpStream, mut to: &TcpStream) {
        let mut bytes = vec![0; 65_536];
        loop {
            let count = from.read(&mut bytes).unwrap_or(0);
            self.wait_while_silent();
            if connection.is_half_open.load(Ordering::SeqCst) {
                return;
            }
            if count == 0 || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (connection.program.shutdown(Shutdown::Both), connection.server.shutdown(Shutdown::Both));
    }

    fn wait_while_silent(&self) {
        while self.is_silent.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}
