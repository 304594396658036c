//! What whoever looks after a store asks of it: does it open, is it whole, may it be relied on here?

use super::{
    DatabaseUrl, Held, Schema, Store, StoreError,
    file_system::{FileSystem, file_system_of},
    hex,
};
use chrono::{NaiveDateTime, TimeDelta};

/// How far the clock may be behind the last entry of the audit record: what is written next must not
/// seem to be older than what was written before.
const LONGEST_LAG: TimeDelta = TimeDelta::minutes(5);

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Sound,
    /// It cannot be told here.
    Unknown,
    Fault,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `database`, `file system`, `schema`, `integrity`, `audit record` or `clock`.
    pub of: &'static str,
    pub state: State,
    /// What was found, in words; of a fault everything that is wrong.
    pub found: Vec<String>,
}

/// Looks a database over, changing nothing, and gives what was found and what it holds.
///
/// What cannot be looked at because of an earlier fault is left out.
pub fn look_over(url: &DatabaseUrl, now: NaiveDateTime) -> (Vec<Finding>, Option<(Schema, Held)>) {
    let mut findings = Vec::new();
    let examined = looked_over(url, now, &mut findings)
        .map_err(|(of, error)| findings.push(fault(of, vec![error.to_string()])))
        .ok();
    (findings, examined)
}

fn looked_over(
    url: &DatabaseUrl,
    now: NaiveDateTime,
    findings: &mut Vec<Finding>,
) -> Result<(Schema, Held), (&'static str, StoreError)> {
    let mut store = Store::open_unchanged(url).map_err(|error| ("database", error))?;
    store.answers().map_err(|error| ("database", error))?;
    findings.push(sound("database", format!("{url} opens and answers")));
    if let DatabaseUrl::Sqlite(path) = url {
        findings.push(place(&file_system_of(path)));
    }
    let examined = store.examine().map_err(|error| ("schema", error))?;
    findings.push(sound("schema", version(&examined.schema)));
    findings.push(if examined.faults.is_empty() {
        sound("integrity", "every kept file has its SHA-256, and every return its rows".to_owned())
    } else {
        fault("integrity", examined.faults)
    });
    let held = examined.held;
    findings.push(if examined.audit_faults.is_empty() {
        let entries = held.audit_entries;
        sound("audit record", format!("unbroken; entries: {entries}; head: {}", hex(&held.audit_head)))
    } else {
        fault("audit record", examined.audit_faults)
    });
    findings.push(clock(held.last_audit_at, now));
    Ok((examined.schema, held))
}

fn version(schema: &Schema) -> String {
    match schema {
        Schema::Present(version) => format!("version {version}, the present one"),
        Schema::Earlier(version) => {
            format!("version {version}, an earlier one: the next command that writes brings it up to date")
        }
        Schema::None | Schema::Later(_) => "no version of this program's".to_owned(),
    }
}

fn place(file_system: &FileSystem) -> Finding {
    match file_system {
        FileSystem::Here(kind) => sound("file system", format!("{kind}, on this machine")),
        FileSystem::Network(kind) => fault(
            "file system",
            vec![format!(
                "{kind}, on another machine, where SQLite's locks cannot be relied on: move the database to a disc of this machine, or use PostgreSQL"
            )],
        ),
        FileSystem::Unknown => Finding {
            of: "file system",
            state: State::Unknown,
            found: vec!["this machine does not say whether it is on the network".to_owned()],
        },
    }
}

/// Whether the clock shows no earlier time than the last entry of the record, give or take.
fn clock(last_audit_at: Option<NaiveDateTime>, now: NaiveDateTime) -> Finding {
    let shown = |time: NaiveDateTime| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    match last_audit_at {
        Some(last) if last - now > LONGEST_LAG => fault(
            "clock",
            vec![format!(
                "it shows {}, but the audit record was last written at {}: set the clock",
                shown(now),
                shown(last)
            )],
        ),
        Some(_) | None => sound("clock", shown(now)),
    }
}

fn sound(of: &'static str, found: String) -> Finding {
    Finding { of, state: State::Sound, found: vec![found] }
}

fn fault(of: &'static str, found: Vec<String>) -> Finding {
    Finding { of, state: State::Fault, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_more_than_five_minutes_behind_the_record_is_a_fault() {
        let last = crate::store::tests::january(5);
        for (behind, state) in [
            (TimeDelta::days(-365), State::Sound),
            (TimeDelta::zero(), State::Sound),
            (TimeDelta::minutes(5), State::Sound),
            (TimeDelta::minutes(5) + TimeDelta::milliseconds(1), State::Fault),
        ] {
            assert_eq!(clock(Some(last), last - behind).state, state, "{behind}");
        }
        assert_eq!(clock(None, last).state, State::Sound);
    }

    #[test]
    fn sqlite_over_the_network_is_a_fault() {
        assert_eq!(place(&FileSystem::Network("nfs4".into())).state, State::Fault);
        assert_eq!(place(&FileSystem::Here("ext4".into())).state, State::Sound);
        assert_eq!(place(&FileSystem::Unknown).state, State::Unknown);
    }
}
