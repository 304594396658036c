//! Time on the clock, time of the processors, memory, and how they are told.

use std::{
    fs,
    ops::Add,
    time::{Duration, Instant},
};

/// What some work took, on the clock and of this process's processors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub wall: Duration,
    pub processor: Duration,
}

impl Add for Spent {
    type Output = Spent;

    fn add(self, other: Spent) -> Spent {
        Spent { wall: self.wall + other.wall, processor: self.processor + other.processor }
    }
}

/// Does the work and says what it took.
pub fn spent<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (processor, wall) = (processor_time(), Instant::now());
    let answer = work();
    (answer, Spent { wall: wall.elapsed(), processor: processor_time() - processor })
}

/// The medians on the clock and of the processors, each by itself.
pub fn median(runs: &[Spent]) -> Spent {
    let middle = |of: fn(&Spent) -> Duration| {
        let mut times: Vec<Duration> = runs.iter().map(of).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    Spent { wall: middle(|run| run.wall), processor: middle(|run| run.processor) }
}

/// Prints one line: seconds, and rows a second on the clock.
pub fn say(name: &str, spent: Spent, rows: usize) {
    let (wall, processor) = (spent.wall.as_secs_f64(), spent.processor.as_secs_f64());
    println!("  {name:<44} {wall:>8.3} s  {processor:>8.3} s processor  {:>9.0} rows/s", rows as f64 / wall);
}

/// Prints how many times `other` the work took.
pub fn say_ratio(name: &str, work: Spent, other: Spent) {
    let wall = work.wall.as_secs_f64() / other.wall.as_secs_f64();
    let processor = work.processor.as_secs_f64() / other.processor.as_secs_f64();
    println!("  {name:<44} {wall:>8.2} x  {processor:>8.2} x processor");
}

/// Prints what the figures were measured on.
pub fn say_machine() {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{processors} processors; {} before", load());
}

/// How much else the machine is doing.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load {}", load.split(' ').next().unwrap_or("unknown"))
}

/// The most memory that this process has had, in MB; nought where the system does not say.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0u64) / 1024
}

/// The processor time of all of this process's threads so far.
#[expect(unsafe_code, reason = "only the C library tells it finely enough")]
pub fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the two numbers behind the pointer and keeps nothing.
    let told = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert!(told == 0, "every Unix counts the processor time of a process");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
