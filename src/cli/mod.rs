//! The command line: a file a command, each a few calls of the same steps.
//!
//! Results go to standard output, messages to standard error. Exit status: 0 done; 1 refused, the
//! input is wrong and this is how; 2 usage; 3 failed, the system is at fault.

#[macro_use]
mod output;

mod audit;
mod backup;
pub mod calc;
mod demo;
mod memory;
mod doctor;
mod explain;
mod jobs;
mod plan;
mod post;
mod progress;
mod publish;
mod restore;
mod returns;
mod run;
mod serve;
mod user;
mod verify;

use crate::{
    config::{self, Sources},
    figures::period::Month,
    month_end::MonthEndError,
    packs::{
        compose::value::{capital, counted, plural},
        template::{Templates, TemplatesError},
    },
    plan::{Plan, PlanFile},
    store::{DatabaseUrl, PlanEdition, Store, StoreError},
};
use clap::{Args, Parser, Subcommand};
use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// From partners' returns to published board packs.
///
/// Outturn takes the plan that health and care partners agreed and the returns that they send, works
/// out the Better Care Fund scorecard, pooled-budget spend, risk-share positions and capitated
/// contracts, and publishes board packs as HTML, PDF and open data.
#[derive(Parser)]
#[command(name = "outturn", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    Run(run::Run),
    Calc(calc::Calc),
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    #[command(subcommand)]
    Returns(returns::ReturnsCommand),
    Publish(publish::Publish),
    Verify(verify::Verify),
    Explain(explain::Explain),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    Serve(serve::Serve),
    #[command(subcommand)]
    User(user::UserCommand),
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    #[command(subcommand)]
    Post(post::PostCommand),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Doctor(doctor::Doctor),
}

/// Which database to use.
#[derive(Args)]
struct Database {
    /// sqlite:PATH or postgres://USER@HOST/NAME, without a password; else OUTTURN_DATABASE_URL, or the
    /// file that OUTTURN_DATABASE_URL_FILE names, else sqlite:outturn.db
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Database {
    fn url(&self) -> Result<DatabaseUrl, Failure> {
        let parse = |text: &str| DatabaseUrl::parse(text).map_err(|error| Failure::Usage(error.to_string()));
        match &self.database {
            Some(text) => without_secret(text),
            None => parse(
                config::read(&Sources { file: None, environment: &|name| std::env::var_os(name) })?
                    .database_url
                    .reveal(),
            ),
        }
    }

    /// The database, where it is there; it must be where --database names it. That another cannot be
    /// opened is told.
    fn found(&self) -> Result<Option<DatabaseUrl>, Failure> {
        let url = self.url()?;
        match Store::open_to_read(&url) {
            Ok(_) => Ok(Some(url)),
            Err(error) if self.database.is_some() => Err(unopened(error, &url)),
            Err(StoreError::NoDatabase(_)) => Ok(None),
            Err(error) => {
                eprintln!("Note: the database {url} is left aside: {error}");
                Ok(None)
            }
        }
    }

    /// A database that is there, to read from: it is neither made nor brought up to date.
    fn open_to_read(&self) -> Result<Store, Failure> {
        let url = self.url()?;
        Store::open_to_read(&url).map_err(|error| unopened(error, &url))
    }

    /// A database that is there, brought up to date.
    fn open_existing(&self) -> Result<Store, Failure> {
        let url = self.url()?;
        Store::open_existing(&url).map_err(|error| unopened(error, &url))
    }

    /// The database; it is made if it is not there.
    fn open_or_make(&self) -> Result<Store, Failure> {
        let url = self.url()?;
        Store::open(&url).map_err(|error| unopened(error, &url))
    }
}

/// A database named on the command line, where everybody on the machine can read it.
fn without_secret(text: &str) -> Result<DatabaseUrl, Failure> {
    let url = DatabaseUrl::parse(text).map_err(|error| Failure::Usage(error.to_string()))?;
    if url.has_password() {
        return Err(Failure::Usage(
            "everybody on this machine can read a password on the command line: put the address in a file \
             and name it in OUTTURN_DATABASE_URL_FILE"
                .to_owned(),
        ));
    }
    Ok(url)
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is wrong: what to mend, a line each.
    Refused(Vec<String>),
    Usage(String),
    /// The system is at fault.
    Failed(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let is_asked_for = "Is --database right?".to_owned();
        match &error {
            StoreError::NoDatabase(path) => Failure::Refused(vec![format!(
                "There is no database {}: name one with --database. The commands plan load, run and serve make a \
                 new one.",
                path.display()
            )]),
            StoreError::Foreign | StoreError::Others(_) => {
                Failure::Refused(vec![capital(&error.to_string()), is_asked_for])
            }
            StoreError::EarlierSchema(_) | StoreError::NothingToReplace { .. } => {
                Failure::Refused(vec![capital(&error.to_string())])
            }
            _ => Failure::Failed(error.to_string()),
        }
    }
}

/// Says which database it is that cannot be opened.
fn unopened(error: StoreError, url: &DatabaseUrl) -> Failure {
    match error {
        StoreError::Connection(_) | StoreError::Query(_) | StoreError::Migration(_) => {
            Failure::Failed(format!("{url}: {error}"))
        }
        error => error.into(),
    }
}

impl From<MonthEndError> for Failure {
    fn from(error: MonthEndError) -> Failure {
        match error {
            MonthEndError::Template(_) | MonthEndError::OutsideWindow { .. } | MonthEndError::NoPack(_) => {
                Failure::Refused(vec![error.to_string()])
            }
            MonthEndError::Store(error) => error.into(),
            MonthEndError::Unwritable { path, source } => unwritable(&path)(source),
            MonthEndError::Unreadable { .. }
            | MonthEndError::InUse(_)
            | MonthEndError::Overtaken { .. }
            | MonthEndError::Broken
            | MonthEndError::Stopped => Failure::Failed(error.to_string()),
        }
    }
}

impl From<TemplatesError> for Failure {
    fn from(error: TemplatesError) -> Failure {
        match error {
            TemplatesError::Fault(fault) => Failure::Refused(vec![fault.to_string()]),
            TemplatesError::Unreadable { .. } => Failure::Refused(vec![capital(&error.to_string())]),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Failed(error.to_string())
    }
}

/// Runs the command that the program was started with.
pub fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Demo(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Calc(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Returns(command) => command.run(),
        Command::Publish(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Jobs(command) => command.run(),
        Command::Post(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Doctor(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(lines)) => {
            for line in lines {
                eprintln!("{line}");
            }
            ExitCode::from(1)
        }
        Err(Failure::Usage(line)) => {
            eprintln!("{line}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(line)) => {
            eprintln!("Failed: {line}");
            ExitCode::from(3)
        }
    }
}

/// Reads a plan from a folder of CSV tables or a workbook; its notes go to standard error.
fn read_plan(path: &Path) -> Result<(Plan, Vec<PlanFile>), Failure> {
    let files = crate::plan::gather(path).map_err(|error| {
        Failure::Refused(vec![format!("No plan can be read at {}: {error}", path.display())])
    })?;
    let plan = crate::plan::read(&files).map_err(|faults| {
        if let Some(line) = no_plan(path, &files) {
            return Failure::Refused(vec![line]);
        }
        let mut lines = vec![format!("The plan is refused: {} to mend.", plural(faults.len(), "fault"))];
        lines.extend(crate::returns::fault::told(&faults));
        Failure::Refused(lines)
    })?;
    for note in &plan.notes {
        eprintln!("Note: {note}");
    }
    Ok((plan, files))
}

/// Says so where what was given as a plan has none of the tables that make one.
fn no_plan(path: &Path, files: &[PlanFile]) -> Option<String> {
    let form = "A plan is a folder of tables called areas.csv, windows.csv, partners.csv and so on, or one XLSX workbook \
                with sheets of these names";
    // A return may be called as a table is, such as measures.csv.
    let is_of_plan = |file: &PlanFile| {
        let name = file.name.to_lowercase();
        ["areas.csv", "windows.csv", "partners.csv"].contains(&name.as_str())
    };
    if files.iter().any(is_of_plan) {
        return None;
    }
    let name = path.display();
    if !path.is_dir() {
        let is_workbook = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
        return (!is_workbook).then(|| format!("{name} is not a plan. {form}"));
    }
    let held: Vec<&str> = files.iter().map(|file| file.name.as_str()).take(5).collect();
    let held = if held.is_empty() { "no CSV file".to_owned() } else { held.join(", ") };
    Some(format!("The folder {name} holds no plan, but {held}. {form}"))
}

/// An edition of the plan, read and as it was sent.
struct StoredPlan {
    edition: PlanEdition,
    plan: Plan,
    files: Vec<PlanFile>,
}

/// The current edition of the plan in the store.
fn stored_plan(store: &mut Store) -> Result<StoredPlan, Failure> {
    let Some((edition, files)) = store.current_plan()? else {
        return Err(Failure::Refused(vec!["No plan has been loaded: outturn plan load DIR".to_owned()]));
    };
    let files: Vec<PlanFile> = files.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
    let plan = crate::plan::read_kept(&files)
        .map_err(|faults| Failure::Refused(crate::returns::fault::told(&faults)))?;
    Ok(StoredPlan { edition, plan, files })
}

fn templates(folder: Option<&PathBuf>) -> Result<Templates, Failure> {
    Ok(folder.map_or_else(|| Ok(Templates::built_in()), |folder| Templates::from_folder(folder))?)
}

/// The templates of a folder that was named for one command; it must hold some.
fn own_templates(folder: Option<&PathBuf>) -> Result<Templates, Failure> {
    let templates = templates(folder)?;
    match folder {
        Some(folder) if templates.replaced() == 0 => Err(Failure::Refused(vec![format!(
            "The folder {} holds no templates: their names end in .hbs, and the style sheet's is style.css",
            folder.display()
        )])),
        _ => Ok(templates),
    }
}

/// What is said of a file or folder that cannot be written: the caller's slip where something else is in its
/// place or the folder above it is not there.
fn unwritable(path: &Path) -> impl Fn(io::Error) -> Failure + use<> {
    use io::ErrorKind::{AlreadyExists, IsADirectory, NotADirectory, NotFound};
    let folder = path.parent().unwrap_or(Path::new(".")).display().to_string();
    let has_folder = path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let path = path.display().to_string();
    move |error| match error.kind() {
        AlreadyExists | NotADirectory => {
            Failure::Refused(vec![format!("{path} cannot be written: a file is in the place of a folder")])
        }
        IsADirectory => {
            Failure::Refused(vec![format!("{path} cannot be written: it is a folder, name a file")])
        }
        NotFound if !has_folder => {
            Failure::Refused(vec![format!("There is no folder {folder}: make it first")])
        }
        _ => Failure::Failed(format!("{path} cannot be written: {error}")),
    }
}

/// The areas that there are, for whoever named another.
fn areas_there_are(plan: &Plan) -> String {
    const SHOWN: usize = 20;
    let named = plan.areas.iter().take(SHOWN).map(|area| format!("{} {}", area.area.code, area.area.name));
    let named = named.collect::<Vec<_>>().join(", ");
    match plan.areas.len().saturating_sub(SHOWN) {
        0 => format!("There are: {named}"),
        further => format!("There are: {named} and {further} more"),
    }
}

/// A day given on the command line.
fn day(text: &str) -> Result<chrono::NaiveDate, String> {
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "write year, month and day, like 2026-11-28".to_owned())
}

/// How many, at least one.
fn how_many<N: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| *number >= N::from(1));
    number.ok_or_else(|| "write a whole number, like 4".to_owned())
}

/// A month given on the command line.
fn month(text: &str) -> Result<Month, String> {
    Month::parse(text.as_bytes()).ok_or_else(|| "write the year and month, like 2025-12".to_owned())
}
