//! `outturn doctor`: whether the store may be relied on, told to whoever looks after it.

use super::{
    Database, Failure,
    backup::{told, told_as_json},
    plural,
};
use crate::{
    clock,
    store::{Finding, State, look_over},
};
use clap::Args;
use serde_json::json;

/// Look the database over, changing nothing: is it whole, and may it be relied on here?
///
/// Every kept file is held against its SHA-256, every return's rows are counted, the audit record's
/// chain is worked out again. Ends with status 3 where there is a fault.
///
/// Example: outturn doctor --database sqlite:outturn.db
#[derive(Args)]
pub struct Doctor {
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Doctor {
    pub fn run(self) -> Result<(), Failure> {
        let url = self.database.url()?;
        let (findings, examined) = look_over(&url, clock::now());
        let faults = findings.iter().filter(|finding| finding.state == State::Fault).count();
        if self.json {
            let checks: Vec<_> = findings.iter().map(described).collect();
            let holds = examined.as_ref().map(|(schema, held)| told_as_json(schema, held));
            println!(
                "{}",
                json!({ "database": url.to_string(), "sound": faults == 0, "checks": checks, "holds": holds })
            );
        } else {
            for finding in &findings {
                for found in &finding.found {
                    println!("{:7}  {}: {found}", word(finding.state), finding.of);
                }
            }
            if let Some((_, held)) = &examined {
                println!("It holds {}.", told(held));
            }
        }
        match faults {
            0 => Ok(()),
            faults => Err(Failure::Failed(format!(
                "of {}, {} found a fault",
                plural(findings.len(), "check"),
                faults
            ))),
        }
    }
}

fn described(finding: &Finding) -> serde_json::Value {
    json!({ "check": finding.of, "state": word(finding.state), "found": finding.found })
}

fn word(state: State) -> &'static str {
    match state {
        State::Sound => "sound",
        State::Unknown => "unknown",
        State::Fault => "fault",
    }
}
