//! What the service counts about itself, as Prometheus reads it.
//!
//! Base units, totals that only grow, and labels with few values: routes by their pattern, never by
//! what stands in it.

use crate::store::JobCounts;
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    core::Collector,
};
use std::time::Duration;

/// The counters and gauges; others of the service's parts add theirs here.
pub struct Measurements {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    /// Returns by what became of them: `submitted`, `accepted`, `sent back`.
    pub returns_received: IntCounterVec,
    /// Files that are on their way in.
    pub uploads_in_hand: IntGauge,
    pub connections_open: IntGauge,
    /// When the audit record was last found whole, in seconds since 1970.
    pub audit_chain_verified: IntGauge,
    /// Slots of jobs by how it stands with them: `waiting`, `running`, `failed`.
    job_slots: IntGaugeVec,
    job_latest: Gauge,
    job_runs: IntCounterVec,
    job_durations: HistogramVec,
    messages: IntGaugeVec,
    memory: IntGauge,
}

impl Default for Measurements {
    fn default() -> Measurements {
        let registry = Registry::new();
        Measurements {
            requests: kept(
                &registry,
                IntCounterVec::new(
                    Opts::new("http_requests_total", "Requests by the pattern of their route"),
                    &["method", "route", "status"],
                ),
            ),
            durations: kept(
                &registry,
                HistogramVec::new(
                    HistogramOpts::new("http_request_duration_seconds", "How long answers took")
                        .buckets(vec![0.000_1, 0.000_5, 0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0]),
                    &["route"],
                ),
            ),
            returns_received: kept(
                &registry,
                IntCounterVec::new(
                    Opts::new("returns_received_total", "Returns by what became of them"),
                    &["outcome"],
                ),
            ),
            uploads_in_hand: kept(&registry, IntGauge::new("http_uploads_in_hand", "Files on their way in")),
            connections_open: kept(&registry, IntGauge::new("http_connections_open", "Open connections")),
            audit_chain_verified: kept(
                &registry,
                IntGauge::new(
                    "audit_chain_verified_timestamp_seconds",
                    "When the audit record was last found whole; 0 before the first time",
                ),
            ),
            job_slots: kept(
                &registry,
                IntGaugeVec::new(
                    Opts::new(
                        "job_slots",
                        "Jobs that wait, run, or have failed with nothing of theirs done since",
                    ),
                    &["state"],
                ),
            ),
            job_latest: kept(
                &registry,
                Gauge::new("job_latest_seconds", "By how much the job that has waited longest is late"),
            ),
            job_runs: kept(
                &registry,
                IntCounterVec::new(
                    Opts::new("job_runs_total", "Runs of jobs by what came of them"),
                    &["job", "result"],
                ),
            ),
            job_durations: kept(
                &registry,
                HistogramVec::new(
                    HistogramOpts::new("job_run_duration_seconds", "How long jobs ran")
                        .buckets(vec![0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0]),
                    &["job"],
                ),
            ),
            messages: kept(
                &registry,
                IntGaugeVec::new(Opts::new("messages", "Messages by what has become of them"), &["state"]),
            ),
            memory: kept(&registry, IntGauge::new("process_resident_memory_bytes", "Memory in use")),
            registry,
        }
    }
}

/// Registers what was made; both can only fail over a name that is wrong or taken.
fn kept<T: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<T>) -> T {
    let made = made.expect("the names of measurements are sound");
    registry.register(Box::new(made.clone())).expect("each measurement has a name of its own");
    made
}

impl Measurements {
    /// Counts a return that was `submitted`, `accepted` or `sent back`.
    pub fn count_return(&self, outcome: &str) {
        self.returns_received.with_label_values(&[outcome]).inc();
    }

    /// Notes how many messages are in a state.
    pub fn set_messages(&self, state: &str, count: u64) {
        self.messages.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Counts an answer.
    pub fn answered(&self, method: &'static str, route: &str, status: &str, took: Duration) {
        self.requests.with_label_values(&[method, route, status]).inc();
        self.durations.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// Counts a run of a job.
    pub fn job_ran(&self, job: &str, result: &str, took: Duration) {
        self.job_runs.with_label_values(&[job, result]).inc();
        self.job_durations.with_label_values(&[job]).observe(took.as_secs_f64());
    }

    /// Notes what waits, runs and has failed just now.
    pub fn set_jobs(&self, counts: &JobCounts) {
        let failed = counts.failed.len() as u64;
        for (state, count) in [("waiting", counts.waiting), ("running", counts.running), ("failed", failed)] {
            self.job_slots.with_label_values(&[state]).set(count.cast_signed());
        }
        let late = counts.latest_by.unwrap_or_default();
        self.job_latest.set(late.num_milliseconds() as f64 / 1000.0);
    }

    /// Every measurement as Prometheus reads it.
    pub fn text(&self) -> String {
        self.memory.set(resident_bytes());
        let mut text = String::new();
        // Text can always be written to; what cannot be told is left out.
        let _ = TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text);
        text
    }
}

/// How much memory the process holds, where the system says so.
fn resident_bytes() -> i64 {
    let told = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kibibytes =
        line.and_then(|line| line.trim().split(' ').next()).and_then(|number| number.parse().ok());
    kibibytes.map_or(0, |kibibytes: i64| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_in_base_units() {
        let measurements = Measurements::default();
        measurements.answered("GET", "/areas/{area}", "200", Duration::from_millis(2));
        let text = measurements.text();
        assert!(
            text.contains("http_requests_total{method=\"GET\",route=\"/areas/{area}\",status=\"200\"} 1")
        );
        assert!(text.contains("http_request_duration_seconds_sum{route=\"/areas/{area}\"} 0.002"));
        assert!(text.contains("audit_chain_verified_timestamp_seconds 0"));
    }
}
