//! What is random by a seed, and so the same again.

use std::{
    ops::Range,
    time::{Duration, SystemTime},
};

/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014: SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub fn between(&mut self, range: Range<u64>) -> u64 {
        range.start + self.below(range.end - range.start)
    }

    pub fn milliseconds(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.between(range))
    }
}

/// What is asked for in the environment by `tests/torture`, or else.
pub fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}")))
}

/// The seeds to run: those that once found something, and then one more, another each time unless one is
/// asked for.
pub fn seeds(that_found_something: &[u64]) -> Vec<u64> {
    let any = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    match std::env::var("OUTTURN_TORTURE_SEED") {
        Ok(_) => vec![asked("OUTTURN_TORTURE_SEED", 0)],
        Err(_) => that_found_something.iter().copied().chain([any]).collect(),
    }
}

/// A line of the table that `tests/torture` prints: what was done, by which seed, how often, how it went.
pub fn result(what: &str, seed: u64, count: &str, told: &str, took: Duration) {
    let line = format!("{what}\t{seed}\t{count}\t{told}\t{:.0}\n", took.as_secs_f64());
    eprint!("{line}");
    if let Some(file) = std::env::var_os("OUTTURN_TORTURE_RESULTS") {
        use std::io::Write;
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
        file.unwrap().write_all(line.as_bytes()).unwrap();
    }
}
