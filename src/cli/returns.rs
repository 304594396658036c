//! `outturn returns`: check, submit, list, template.

mod check;

use super::{
    Database, Failure, areas_there_are, month, plural, progress, read_plan,
    run::{self, DespiteLock, Reporting, locked, refusal},
    stored_plan, unwritable,
};
use crate::{
    clock,
    figures::{agreement::AreaPlan, facts::ReturnType, period::Month},
    month_end::{self, FileRefused, MonthEnd, TakenIn, fetch, take_in},
    packs::{freeze::Formats, template::Templates},
    plan::Plan,
    returns::{fault::told, template},
    schedule::london::day_in_london,
    store::{Deed, Intake, Store, hex},
};
use check::Check;
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the partners send
#[derive(Subcommand)]
pub enum ReturnsCommand {
    Check(Check),
    Submit(Submit),
    List(List),
    Template(Template),
}

/// Check a return against the plan in the store and take it in; of a folder, every return under it
///
/// Example: outturn returns submit finance.csv --area E10000002 --as-at 2015-11
#[derive(Args)]
pub struct Submit {
    /// A file; or a folder of returns, each in a folder called after its area's code
    file: PathBuf,
    /// The area whose return it is; needed for a file where the plan has several
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// The reporting month; the present one unless given
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    as_at: Option<Month>,
    /// Take the good rows of a file with bad ones
    #[arg(long)]
    tolerant: bool,
    /// Retire this earlier submission of the area altogether
    #[arg(long, value_name = "NUMBER")]
    replaces: Option<u32>,
    #[command(flatten)]
    despite: DespiteLock,
    #[command(flatten)]
    database: Database,
}

/// List what was taken in
///
/// Example: outturn returns list --area E10000002
#[derive(Args)]
pub struct List {
    /// Only this area
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

/// Write a blank return to send to partners
///
/// Example: outturn returns template finance --out finance.xlsx --plan plan --area E10000002
#[derive(Args)]
pub struct Template {
    /// measures, targets, finance or capitation
    #[arg(value_parser = return_type)]
    return_type: ReturnType,
    /// A file that ends in .csv or .xlsx
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Offer the ids of this plan to choose from
    #[arg(long, value_name = "DIR|FILE")]
    plan: Option<PathBuf>,
    /// The area whose ids to offer; needed where the plan has several
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// The month whose rows a .csv has with --plan; the one that is due next unless given
    #[arg(long, value_name = "YYYY-MM", value_parser = month, requires = "plan")]
    month: Option<Month>,
}

fn return_type(name: &str) -> Result<ReturnType, String> {
    ReturnType::from_name(name).ok_or_else(|| "write measures, targets, finance or capitation".to_owned())
}

impl ReturnsCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            ReturnsCommand::Check(command) => command.run(),
            ReturnsCommand::Submit(command) => command.run(),
            ReturnsCommand::List(command) => command.run(),
            ReturnsCommand::Template(command) => command.run(),
        }
    }
}

fn refused(file: &FileRefused) -> Failure {
    Failure::Refused(refusal(file))
}

/// The named area, or the only one.
fn area<'a>(plan: &'a Plan, code: Option<&str>) -> Result<&'a AreaPlan, Failure> {
    match (code, plan.areas.as_slice()) {
        (Some(code), _) => plan.area(code).ok_or_else(|| {
            Failure::Refused(vec![format!("{code} is not an area of the plan"), areas_there_are(plan)])
        }),
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::Usage("the plan has several areas: name one with --area".to_owned())),
    }
}

/// The file's bytes and its name without folders.
fn sent(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let bytes = fetch(path)
        .map_err(|error| Failure::Refused(vec![format!("{} cannot be read: {error}", path.display())]))?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes))
}

fn present_month() -> Month {
    use chrono::Datelike;
    let now = clock::now();
    Month::new(now.year(), now.month() as i32).expect("the present month is a month")
}

/// What a partner should look at in a file that is otherwise right.
fn notes(taken: &TakenIn) {
    for heading in &taken.unknown_columns {
        eprintln!("Note: the column \"{heading}\" is not part of the return and is not read");
    }
    for line in told(&taken.checked.queries) {
        eprintln!("Query: {line}");
    }
}

/// Says how a file that was received before counts again, where others came after it.
fn say_what_came_later(
    store: &mut Store,
    area_code: &str,
    return_type: ReturnType,
    number: u32,
) -> Result<(), Failure> {
    let all = store.submissions(Some(area_code))?;
    let later = all.iter().rfind(|held| held.return_type == return_type && held.number > number);
    if let Some(later) = later {
        eprintln!(
            "Note: nothing was added. Submission {} came after it and still counts: to put this file in its \
             place, add --replaces {}",
            later.number, later.number
        );
    }
    Ok(())
}

impl Submit {
    fn run(self) -> Result<(), Failure> {
        if self.file.is_dir() {
            return self.take_in_folder();
        }
        let (name, bytes) = sent(&self.file)?;
        let mut store = self.database.open_existing()?;
        let plan = stored_plan(&mut store)?.plan;
        let plan = area(&plan, self.area.as_deref())?;
        let intake = if self.tolerant { Intake::Tolerant } else { Intake::Whole };
        let as_at = self.as_at.unwrap_or_else(present_month);
        let taken = take_in(plan, as_at, intake, &name, &bytes).map_err(|file| refused(&file))?;
        notes(&taken);
        let counts = &taken.checked.counts;
        if counts.rows == 0 {
            let empty = format!("{name} is empty: it has headings and no rows. Nothing was taken in");
            return Err(Failure::Refused(vec![empty]));
        }
        if counts.accepted == 0 {
            let (faults, faults_not_kept) = (taken.checked.faults.clone(), taken.checked.faults_not_kept);
            return Err(refused(&FileRefused {
                faults,
                faults_not_kept,
                ..FileRefused::whole(&name, String::new())
            }));
        }
        for line in told(&taken.checked.faults) {
            eprintln!("Left out: {line}");
        }
        let faults = taken.row_faults();
        let mut submission = taken.submission(plan, &faults, intake, clock::now());
        submission.replaces = self.replaces;
        let now = submission.received_at;
        if let Some(lock) = store.month_lock(&plan.area.code, as_at)? {
            let Some(reason) = self.despite.reason() else {
                return Err(Failure::Refused(vec![locked(&mut store, as_at, &lock)?]));
            };
            store.record(&month_end::lock_passed_by(now, &plan.area.code, as_at, reason))?;
        }
        let detail = month_end::ON_THE_COMMAND_LINE.to_owned();
        let deed = Deed { at: now, deed: "returns taken in", detail, ..Deed::default() };
        for accepted in store.accept(&[submission], &deed)? {
            let what = if accepted.already_held { "already received as" } else { "accepted as" };
            println!(
                "{name} is {what} submission {} of {}: {} of {}.",
                accepted.number,
                plan.area.code,
                taken.checked.counts.accepted,
                plural(taken.checked.counts.rows, "row")
            );
            if accepted.already_held {
                say_what_came_later(&mut store, &plan.area.code, taken.return_type(), accepted.number)?;
            }
        }
        Ok(())
    }

    /// Takes every return under a folder in, as `run` does, and publishes nothing.
    fn take_in_folder(self) -> Result<(), Failure> {
        if self.replaces.is_some() {
            return Err(Failure::Usage("--replaces goes with one file".to_owned()));
        }
        let database = self.database.url()?;
        let as_at = self.as_at.unwrap_or_else(present_month);
        let stored = stored_plan(&mut self.database.open_existing()?)?;
        let returns = run::returns_under(&self.file, &stored.plan, self.area.is_none())?;
        if returns.is_empty() {
            let none = format!("There is no return under {}: nothing was taken in", self.file.display());
            return Err(Failure::Refused(vec![none]));
        }
        let outcomes = month_end::run(
            MonthEnd {
                database: &database,
                plan: &run::of_areas(stored.plan, self.area.as_slice())?,
                plan_files: &stored.files,
                returns,
                as_at,
                intake: if self.tolerant { Intake::Tolerant } else { Intake::Whole },
                formats: Formats::ALL,
                templates: &Templates::built_in(),
                out: None,
                now: clock::now(),
                workers: run::processors(),
                despite_lock: self.despite.reason(),
            },
            &progress::show,
        )?;
        run::report(&outcomes, &Reporting { database: &database, as_at, json: false })
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let mut store = self.database.open_to_read()?;
        let submissions = store.submissions(self.area.as_deref())?;
        if submissions.is_empty() {
            if self.area.is_some() {
                area(&stored_plan(&mut store)?.plan, self.area.as_deref())?;
            }
            eprintln!("Nothing was taken in yet.");
        }
        if self.json {
            let list: Vec<_> = submissions
                .iter()
                .map(|held| {
                    json!({
                        "area_code": held.area_code,
                        "submission": held.number,
                        "return_type": held.return_type.name(),
                        "file": held.file_name,
                        "sha256": hex(&held.sha256),
                        "received_at": held.received_at.and_utc().to_rfc3339(),
                        "rows": held.rows,
                        "accepted": held.accepted,
                        "replaces": held.replaces,
                    })
                })
                .collect();
            println!("{}", json!(list));
        } else {
            for held in &submissions {
                println!(
                    "{} {:>4}  {:<10}  {}  {} of {} rows  {}",
                    held.area_code,
                    held.number,
                    held.return_type.name(),
                    held.received_at.format("%Y-%m-%d %H:%M"),
                    held.accepted,
                    held.rows,
                    held.file_name
                );
            }
        }
        Ok(())
    }
}

impl Template {
    fn run(self) -> Result<(), Failure> {
        let plan = self.plan.as_deref().map(read_plan).transpose()?;
        let plan = plan.as_ref().map(|(plan, _)| area(plan, self.area.as_deref())).transpose()?;
        let ending = self.out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if self.month.is_some() && ending.as_deref() == Some("xlsx") {
            return Err(Failure::Usage(
                "--month goes with .csv: a workbook has no rows, but lists".to_owned(),
            ));
        }
        // Targets are set ahead, for any of the months.
        let has_month = self.month.is_some() || self.return_type != ReturnType::Targets;
        let month = plan.filter(|_| has_month).map(|plan| self.month_of(plan)).transpose()?;
        let bytes = match ending.as_deref() {
            Some("csv") => template::csv_template(self.return_type, plan, month),
            Some("xlsx") => template::xlsx_template(self.return_type, plan),
            Some(_) | None => {
                return Err(Failure::Usage("the file to write must end in .csv or .xlsx".to_owned()));
            }
        };
        fs::write(&self.out, bytes).map_err(unwritable(&self.out))?;
        match month.filter(|_| ending.as_deref() == Some("csv")) {
            Some(month) => println!("{} written, with the rows of {}", self.out.display(), month.name()),
            None => println!("{} written", self.out.display()),
        }
        Ok(())
    }

    fn month_of(&self, plan: &AreaPlan) -> Result<Month, Failure> {
        let window = template::window(self.return_type, plan);
        match self.month {
            Some(month) if !window.contains(month) => Err(Failure::Refused(vec![format!(
                "{} takes {} returns for {} to {}, and not for {}",
                plan.area.code,
                self.return_type.name(),
                window.first().name(),
                window.last().name(),
                month.name()
            )])),
            Some(month) => Ok(month),
            None => Ok(template::month_due_next(self.return_type, plan, day_in_london(clock::now()))),
        }
    }
}
