//! Watches over open connections, so that slow clients cannot use them up.
//!
//! The HTTP server's own limit covers only the first head of a connection. Here each connection has a
//! time by which the next thing must have happened: a whole head, the rest of a body, the answer taken.
//! One thread closes what is overdue, by a second handle to the socket; a request costs two stores.

use crate::config::Network;
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How long a connection may take to send a whole head, from when it opened or had its last answer.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a body may take to arrive; the reader of bodies is stricter.
pub const BODY_DEADLINE: Duration = Duration::from_secs(120);
/// How long an answer may take to be taken, and for how many bytes there is a further second.
const ANSWER_DEADLINE: Duration = Duration::from_secs(45);
const ANSWER_RATE: u64 = 64 * 1024;
/// How often the thread looks.
const PAUSE: Duration = Duration::from_millis(250);

/// How many connections there may be.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub in_all: usize,
    pub per_address: usize,
    /// These may have any number.
    pub trusted: Vec<Network>,
}

/// The open connections.
pub struct Watch {
    started: Instant,
    bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// By number, of each address that has any.
    of: HashMap<IpAddr, HashMap<u64, Arc<Connection>>>,
    count: usize,
    next: u64,
}

/// One open connection.
pub struct Connection {
    socket: OwnedFd,
    address: IpAddr,
    number: u64,
    started: Instant,
    /// Since when the next thing is waited for, in milliseconds since `started`.
    since: AtomicU64,
    /// When it must have happened; [`NOTHING_DUE`] while the service works.
    due: AtomicU64,
    /// Something was sent over it that looks like a bare head: nothing is put in any more.
    is_left_alone: AtomicBool,
}

/// Later than anything.
const NOTHING_DUE: u64 = u64::MAX;

/// A connection's place among the open ones, given up when dropped.
pub struct Held {
    watch: Arc<Watch>,
    pub connection: Arc<Connection>,
}

impl Watch {
    /// Starts to watch, until dropped.
    pub fn start(bounds: Bounds) -> Arc<Watch> {
        let watch = Arc::new(Watch { started: Instant::now(), bounds, open: Mutex::default() });
        let watched = Arc::downgrade(&watch);
        thread::spawn(move || {
            while let Some(watch) = watched.upgrade() {
                watch.close_overdue();
                drop(watch);
                thread::sleep(PAUSE);
            }
        });
        watch
    }

    /// Takes a new connection in; none where there are too many, and then it is closed.
    pub fn take_in(self: &Arc<Watch>, socket: &impl AsFd, peer: IpAddr) -> Option<Held> {
        let refuse = || rustix::net::shutdown(socket, rustix::net::Shutdown::Both).ok();
        let Ok(handle) = socket.as_fd().try_clone_to_owned() else {
            refuse();
            return None;
        };
        // A peer that vanished, or never reads, is given up by the system.
        let milliseconds = ANSWER_DEADLINE.as_millis() as u32;
        let _ = rustix::net::sockopt::set_tcp_user_timeout(socket, milliseconds);
        // The last piece of an answer is sent at once, not when the one before was acknowledged: 40 ms.
        let _ = rustix::net::sockopt::set_tcp_nodelay(socket, true);
        let address = group(peer);
        let is_trusted = self.bounds.trusted.iter().any(|network| network.holds(peer));
        let mut open = self.open();
        let of_address = open.of.get(&address).map_or(0, HashMap::len);
        if !is_trusted && of_address >= self.bounds.per_address {
            refuse();
            return None;
        }
        if open.count >= self.bounds.in_all {
            open.make_room();
        }
        let number = open.next;
        open.next += 1;
        let connection = Arc::new(Connection {
            socket: handle,
            address,
            number,
            started: self.started,
            since: AtomicU64::new(0),
            due: AtomicU64::new(NOTHING_DUE),
            is_left_alone: AtomicBool::new(false),
        });
        connection.waits();
        open.put(&connection);
        Some(Held { watch: Arc::clone(self), connection })
    }

    /// How many connections are open.
    pub fn count(&self) -> usize {
        self.open().count
    }

    fn close_overdue(&self) {
        let now = self.started.elapsed().as_millis() as u64;
        let mut open = self.open();
        let overdue = open.all().filter(|connection| connection.due.load(Ordering::Relaxed) < now);
        for connection in overdue.cloned().collect::<Vec<_>>() {
            connection.close();
            open.remove(&connection);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().expect("nobody stops while holding it")
    }
}

impl Open {
    fn all(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.of.values().flat_map(HashMap::values)
    }

    fn put(&mut self, connection: &Arc<Connection>) {
        self.of.entry(connection.address).or_default().insert(connection.number, Arc::clone(connection));
        self.count += 1;
    }

    /// Counts a connection out, once.
    fn remove(&mut self, connection: &Connection) {
        let Some(of_address) = self.of.get_mut(&connection.address) else { return };
        if of_address.remove(&connection.number).is_some() {
            self.count -= 1;
        }
        if of_address.is_empty() {
            self.of.remove(&connection.address);
        }
    }

    /// Closes one so that another gets in: of the addresses with the most connections, the one that has
    /// been waited for longest, and one that the service works for only where there is no other. Whoever
    /// has few is not touched, however many come from elsewhere.
    fn make_room(&mut self) {
        let most = self.of.values().map(HashMap::len).max();
        let candidates = self.of.values().filter(|of_address| Some(of_address.len()) == most);
        let longest = candidates.flat_map(HashMap::values).min_by_key(|connection| {
            let works = connection.due.load(Ordering::Relaxed) == NOTHING_DUE;
            (works, connection.since.load(Ordering::Relaxed))
        });
        if let Some(longest) = longest.cloned() {
            longest.close();
            self.remove(&longest);
        }
    }
}

impl Connection {
    /// A whole head is expected next.
    pub fn waits(&self) {
        self.expect(HEAD_DEADLINE);
    }

    /// The rest of a body is expected.
    pub fn receives(&self) {
        self.expect(BODY_DEADLINE);
    }

    /// The service works on an answer; nothing is expected.
    pub fn works(&self) {
        self.due.store(NOTHING_DUE, Ordering::Relaxed);
    }

    /// An answer of so many bytes is to be taken.
    pub fn answers(&self, bytes: usize) {
        self.expect(ANSWER_DEADLINE + Duration::from_secs(bytes as u64 / ANSWER_RATE));
    }

    /// Nothing is put into what is written over it from now on.
    pub fn leave_alone(&self) {
        self.is_left_alone.store(true, Ordering::Relaxed);
    }

    pub fn is_left_alone(&self) -> bool {
        self.is_left_alone.load(Ordering::Relaxed)
    }

    fn expect(&self, within: Duration) {
        let now = self.started.elapsed();
        self.since.store(now.as_millis() as u64, Ordering::Relaxed);
        self.due.store((now + within).as_millis() as u64, Ordering::Relaxed);
    }

    /// Closes the socket at once, without waiting for what was not taken.
    fn close(&self) {
        let _ = rustix::net::sockopt::set_socket_linger(&self.socket, Some(Duration::ZERO));
        let _ = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Both);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.watch.open().remove(&self.connection);
    }
}

/// What counts as one address: of IPv6 a /64, which is what one customer has.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Listens there, with room for those who come while all are busy.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    const WAITING: i32 = 1024;
    let listener = TcpListener::bind(address)?;
    // Listening once more gives it the room.
    rustix::net::listen(&listener, WAITING)?;
    Ok(listener)
}

/// Lets the process have as many open files as the system allows; gives how many connections fit.
pub fn room_for_connections() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    /// The store, the log, workbooks being read.
    const OTHER_FILES: u64 = 128;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // Each has its socket twice.
    usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX).max(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Read,
        net::{TcpListener, TcpStream},
    };

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (near, listener.accept().unwrap().0)
    }

    fn watch(in_all: usize, per_address: usize, trusted: &[&str]) -> Arc<Watch> {
        let trusted = trusted.iter().map(|text| Network::parse(text).unwrap()).collect();
        Watch::start(Bounds { in_all, per_address, trusted })
    }

    fn is_closed(socket: &mut TcpStream) -> bool {
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        match socket.read(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }

    #[test]
    fn an_address_has_no_more_connections_than_it_may() {
        let watch = watch(100, 2, &["10.0.0.0/8"]);
        let peer: IpAddr = "203.0.113.9".parse().unwrap();
        let (near, far): (Vec<_>, Vec<_>) = (0..3).map(|_| pair()).unzip();
        let held: Vec<_> = far.iter().map(|socket| watch.take_in(socket, peer)).collect();
        assert_eq!(held.iter().filter(|held| held.is_some()).count(), 2);
        let mut near = near;
        assert!(is_closed(&mut near[2]) && !is_closed(&mut near[0]));
        drop(held);
        assert_eq!(watch.count(), 0);
        let proxy: IpAddr = "10.0.0.5".parse().unwrap();
        let held: Vec<_> = far.iter().map(|socket| watch.take_in(socket, proxy)).collect();
        assert!(held.iter().all(Option::is_some));
    }

    /// Takes in one connection of each address in turn, a moment apart, and does something with each.
    fn taken_in(
        watch: &Arc<Watch>,
        hosts: &[u8],
        then: impl Fn(usize, &Connection),
    ) -> (Vec<TcpStream>, Vec<Held>) {
        let taken_in = hosts.iter().enumerate().map(|(number, host)| {
            let (near, far) = pair();
            let held = watch.take_in(&far, IpAddr::from([203, 0, 113, *host])).unwrap();
            then(number, &held.connection);
            thread::sleep(Duration::from_millis(5));
            (near, held)
        });
        taken_in.unzip()
    }

    #[test]
    fn where_there_are_too_many_the_one_waited_for_longest_goes() {
        let (mut near, held) =
            taken_in(&watch(3, 100, &[]), &[1, 2, 3, 4], |number, connection| match number {
                0 => connection.works(),
                1 => connection.answers(1 << 30),
                _ => (),
            });
        assert!(!is_closed(&mut near[0]), "one that is being answered stays");
        assert!(is_closed(&mut near[1]), "one that takes its answer slowly is waited for too");
        assert!(!is_closed(&mut near[2]) && !is_closed(&mut near[3]));
        let watch = Arc::clone(&held[0].watch);
        assert_eq!(watch.count(), 3);
        drop(held);
        assert_eq!(watch.count(), 0, "one that was closed is counted out once");
    }

    #[test]
    fn where_there_are_too_many_whoever_has_most_gives_way() {
        let works = |_, connection: &Connection| connection.works();
        let (mut near, _held) = taken_in(&watch(3, 100, &[]), &[1, 2, 2, 3, 4], works);
        let closed: Vec<bool> = near.iter_mut().map(is_closed).collect();
        // Of two from one address the older went, and of four with one each the oldest.
        assert_eq!(closed, [true, true, false, false, false]);
    }
}
