//! `outturn returns check`: what is wrong with a return, before anybody sends it.

use super::{area, notes, present_month, refused, sent};
use crate::{
    cli::{Database, Failure, month, plural, read_plan},
    clock::{self, Clock},
    figures::{facts::ReturnType, period::Month},
    month_end::{FileRefused, take_in},
    packs::template::Templates,
    returns::{read, recognise::recognise, template::month_due_next},
    schedule::london::day_in_london,
    service::{
        Refusal, Service,
        live::reports_on,
        returns::{CheckOutcome, NewReturn, ToldFault},
    },
    store::{DatabaseUrl, Intake, ReturnWay},
};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Is it readable, known by its headings, and right by a plan or a database? Nothing is stored
///
/// Without --plan, a database that is named, or lies in the present folder, tells all that “Check only” on
/// the service's page does: what needs a comment, which months are locked, what would change.
///
/// Example: outturn returns check finance.csv --plan plan --area E10000002 --as-at 2015-11
#[derive(Args)]
pub struct Check {
    file: PathBuf,
    /// Check the rows against this plan alone
    #[arg(long, value_name = "DIR|FILE")]
    plan: Option<PathBuf>,
    /// The area whose return it is; needed where the plan has several
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// The month that the return is for; unless given, the one that is due next, or with --plan the present
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    as_at: Option<Month>,
    /// The partner whose return it is, to tell the rows that are another's; without it, as for all
    #[arg(long, value_name = "ID", conflicts_with = "plan")]
    partner: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Check {
    pub fn run(self) -> Result<(), Failure> {
        let (name, bytes) = sent(&self.file)?;
        let Some(plan) = &self.plan else {
            return match self.database.found()? {
                Some(url) => self.check_as_the_service_does(&url, &name, &bytes),
                None => {
                    if self.partner.is_some() || self.area.is_some() || self.as_at.is_some() {
                        eprintln!(
                            "Note: there is neither --plan nor a database here: the rows are not checked"
                        );
                    }
                    check_form(&name, &bytes)
                }
            };
        };
        if self.database.database.is_some() {
            return Err(Failure::Usage("name --plan or --database: a database has its own plan".to_owned()));
        }
        let (plan, _) = read_plan(plan)?;
        let plan = area(&plan, self.area.as_deref())?;
        let as_at = self.as_at.unwrap_or_else(present_month);
        let taken = take_in(plan, as_at, Intake::Tolerant, &name, &bytes).map_err(|file| refused(&file))?;
        let (counts, faults) = (&taken.checked.counts, &taken.checked.faults);
        if self.json {
            println!(
                "{}",
                json!({
                    "return_type": taken.return_type().name(),
                    "rows": counts.rows,
                    "accepted": counts.accepted,
                    "faults": faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "queries": taken.checked.queries.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "unknown_columns": taken.unknown_columns,
                })
            );
        } else {
            let kind = taken.return_type().name();
            println!("A {kind} return of {}: {} right.", plural(counts.rows, "row"), counts.accepted);
            notes(&taken);
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(refused(&FileRefused { faults: faults.clone(), ..FileRefused::whole(&name, String::new()) }))
    }

    /// Tells what "Check only" tells on the service's page.
    fn check_as_the_service_does(&self, url: &DatabaseUrl, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let service = Service::open(url, Clock::default(), Templates::built_in(), false)?;
        let plan = match service.plan() {
            Ok(plan) => plan,
            Err(Refusal::Absent) => {
                eprintln!("Note: no plan has been loaded into {url}: the rows are not checked");
                return check_form(name, bytes);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let area = area(&plan.plan, self.area.as_deref())?;
        let due_next = || match known(name, bytes) {
            Ok((return_type, _)) => month_due_next(return_type, area, day_in_london(clock::now())),
            Err(_) => present_month(), // the check tells what it cannot know it by
        };
        let month = self.as_at.unwrap_or_else(due_next);
        if !reports_on(area, month) {
            return Err(Failure::Refused(vec![format!(
                "The plan has no returns of {}: name the month that the return is for with --as-at",
                month.name()
            )]));
        }
        let found = service.check_return_as_operator(&NewReturn {
            area_code: &area.area.code,
            month,
            on_behalf_of: self.partner.as_deref().unwrap_or_default(),
            file_name: name,
            bytes,
            way: ReturnWay::File,
            comment: "",
        })?;
        if self.json {
            println!("{}", json!(found));
        } else {
            say(&found);
        }
        if found.is_sound() {
            return Ok(());
        }
        let mut lines = vec![format!(
            "{name} would be refused: {} of {} cannot be taken.",
            plural(found.faulty_rows, "row"),
            found.rows
        )];
        lines.extend(found.faults.iter().map(line));
        if found.faults_not_told > 0 {
            lines.push(format!("and {} more", plural(found.faults_not_told, "fault")));
        }
        Err(Failure::Refused(lines))
    }
}

/// Tells no more than what return a file is.
fn check_form(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let (return_type, rows) = known(name, bytes)?;
    println!("A {} return of {}.", return_type.name(), plural(rows, "row"));
    Ok(())
}

/// The return that a file is by its headings, and how many rows it has.
fn known(name: &str, bytes: &[u8]) -> Result<(ReturnType, u32), Failure> {
    let whole = |reason: String| refused(&FileRefused::whole(name, reason));
    let sent = read::open(name, bytes).map_err(|error| whole(error.to_string()))?;
    let mut reason = None;
    for table in &sent.tables {
        match recognise(&table.heading) {
            Ok(known) => return Ok((known.return_type, table.row_count())),
            Err(error) => reason = reason.or(Some(error.to_string())),
        }
    }
    Err(whole(reason.unwrap_or_default()))
}

/// What was found besides faults.
fn say(found: &CheckOutcome) {
    println!(
        "A {} return of {}: {} right.",
        found.return_type,
        plural(found.rows, "row"),
        found.rows - found.faulty_rows
    );
    println!(
        "Of what is held, {} would be new, {} would change and {} would stay the same.",
        found.new_rows, found.changed_rows, found.same_rows
    );
    for change in &found.changes {
        let was = if change.was.is_empty() { "nothing" } else { &change.was };
        println!("row {}, {}, {}: {was} would become {}", change.row, change.what, change.column, change.now);
    }
    if found.changes_not_told > 0 {
        println!("and {} more", plural(found.changes_not_told, "cell"));
    }
    for moved in &found.figures {
        println!("{}: {} would become {}", moved.name, moved.before, moved.after);
    }
    if let Some(reference) = &found.already_received {
        eprintln!("Note: the same file was received before as {reference}: sending it again adds nothing");
    }
    for note in &found.notes {
        eprintln!("Note: {note}");
    }
    for query in &found.queries {
        eprintln!("Query: {}", line(query));
    }
    if found.queries_not_told > 0 {
        eprintln!("Query: and {} more", found.queries_not_told);
    }
}

/// A fault or query in a line, with rows and columns as the spreadsheet shows them.
fn line(told: &ToldFault) -> String {
    let rows = match told.row == told.last_row {
        true => format!("row {}", told.row),
        false => format!("rows {} to {}", told.row, told.last_row),
    };
    let column = match told.column.as_str() {
        "" => String::new(),
        letters => format!(", column {letters} \"{}\"", told.heading),
    };
    let found = if told.found.is_empty() { String::new() } else { format!("\"{}\" ", told.found) };
    format!("{rows}{column}: {found}{}. {}", told.problem, told.remedy)
}
