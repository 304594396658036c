//! `outturn audit`: the record of who did what, and whether it is whole.

use super::{Database, Failure, day, how_many, plural};
use crate::store::{AuditEntry, AuditQuery, from_hex, hex};
use clap::{Args, Subcommand};
use serde_json::json;

/// The record of who did what
#[derive(Subcommand)]
pub enum AuditCommand {
    Verify(Verify),
    List(List),
}

impl AuditCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            AuditCommand::Verify(command) => command.run(),
            AuditCommand::List(command) => command.run(),
        }
    }
}

/// Work every entry's hash out again: was any changed, removed, put in or moved?
///
/// Entries that were cut off at the end, or a whole database put back as it was before, are found with
/// a head that somebody kept: this command prints it, and so does the page that checks the record.
///
/// Example: outturn audit verify --head 6f1d…
#[derive(Args)]
pub struct Verify {
    /// A head that was kept: the SHA-256 of the last entry at the time
    #[arg(long, value_name = "SHA256")]
    head: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let head = self.head.as_deref().map(|head| {
            let head = head.trim().to_lowercase();
            from_hex(&head).ok_or_else(|| Failure::Usage("a head is 64 hexadecimal digits".to_owned()))
        });
        let chain = self.database.open_to_read()?.verify_audit(head.transpose()?.as_ref())?;
        if self.json {
            println!(
                "{}",
                json!({ "entries": chain.entries, "head": hex(&chain.head), "faults": chain.faults })
            );
        }
        if !chain.faults.is_empty() {
            return Err(Failure::Refused(chain.faults));
        }
        if !self.json {
            println!("The audit record is whole. It has {}.", plural(chain.entries, "row"));
            println!("Its head is {}", hex(&chain.head));
        }
        Ok(())
    }
}

/// List what was done, the latest first
///
/// Example: outturn audit list --words "return accepted" --area E10000002
#[derive(Args)]
pub struct List {
    /// In one area
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// By the person with this number
    #[arg(long, value_name = "NUMBER")]
    person: Option<u32>,
    /// One kind of deed, such as "return accepted"
    #[arg(long)]
    deed: Option<String>,
    /// Words in the name, deed, subject or detail
    #[arg(long)]
    words: Option<String>,
    /// From this day on, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<chrono::NaiveDate>,
    /// Until the end of this day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Option<chrono::NaiveDate>,
    /// How many at the most
    #[arg(long, default_value_t = 100, value_parser = how_many::<u32>)]
    most: u32,
    /// A line of JSON an entry
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let midnight = |day: chrono::NaiveDate| day.and_time(chrono::NaiveTime::MIN);
        let query = AuditQuery {
            area_code: self.area,
            person: self.person,
            deed: self.deed,
            words: self.words,
            from: self.from.map(midnight),
            until: self.until.and_then(|day| day.succ_opt()).map(midnight),
            ..AuditQuery::default()
        };
        let (entries, in_all) = self.database.open_to_read()?.audit_entries(&query, 0, self.most)?;
        for entry in &entries {
            println!("{}", if self.json { json_of(entry) } else { line_of(entry) });
        }
        let shown = entries.len() as u64;
        if entries.is_empty() {
            eprintln!("No entry is like this.");
        }
        if shown < in_all {
            eprintln!("{} more: ask with --most {in_all}", in_all - shown);
        }
        Ok(())
    }
}

fn json_of(entry: &AuditEntry) -> String {
    json!({
        "number": entry.number,
        "at": entry.at.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "person": entry.person,
        "person_name": entry.person_name,
        "deed": entry.deed,
        "area_code": entry.area_code,
        "subject": entry.subject,
        "detail": entry.detail,
        "request_id": entry.request_id,
        "sha256": hex(&entry.sha256),
    })
    .to_string()
}

/// What others wrote is shown without what could steer a terminal.
fn line_of(entry: &AuditEntry) -> String {
    let time = entry.at.format("%Y-%m-%d %H:%M:%SZ");
    let line = format!(
        "{:>6}  {time}  {}  {}  {}  {}  {}",
        entry.number, entry.person_name, entry.deed, entry.area_code, entry.subject, entry.detail
    );
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned()
}
