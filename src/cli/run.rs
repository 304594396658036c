//! `outturn run`: the main job, from a plan and returns to every area's pack.

use super::{
    Database, Failure, areas_there_are, how_many, month, own_templates, plural, progress, read_plan,
};
use crate::{
    clock,
    figures::period::Month,
    month_end::{self, AreaOutcome, AreaResult, FileRefused, MonthEnd, PublishedArea, ReturnFile},
    packs::freeze::Formats,
    plan::Plan,
    returns::{fault::told, read, recognise::recognise},
    schedule::london,
    store::{DatabaseUrl, Intake, LockReason, MonthLock, Store, StoreError},
};
use clap::Args;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    thread,
};

/// Load the plan, take in every return, compute, and publish every area's pack
///
/// Example: outturn run --plan plan --returns returns --as-at 2025-12 --out packs
#[derive(Args)]
pub struct Run {
    /// A folder of CSV tables, or one XLSX workbook
    #[arg(long, value_name = "DIR|FILE")]
    plan: PathBuf,
    /// Every return under this folder is taken in
    #[arg(long, value_name = "DIR")]
    returns: PathBuf,
    /// The reporting month
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    as_at: Month,
    /// Packs are written to a folder for each area under this one
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only this area; may be given several times
    #[arg(long, value_name = "CODE")]
    area: Vec<String>,
    /// Whether one bad row refuses its file (whole) or is listed and left out (tolerant)
    #[arg(long, value_name = "POLICY", default_value = "whole", value_parser = intake)]
    intake: Intake,
    /// What each pack holds
    #[arg(long, value_name = "LIST", default_value = "html,pdf,csv,json", value_parser = formats)]
    formats: Formats,
    /// Templates in this folder replace the built-in ones of the same name
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    #[command(flatten)]
    despite: DespiteLock,
    /// How many areas to work on at a time; as many as there are processors unless given
    #[arg(long, value_name = "NUMBER", value_parser = how_many::<u16>)]
    workers: Option<u16>,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

/// Whether a locked month stays as it is.
#[derive(Args)]
pub(super) struct DespiteLock {
    /// Go past the lock of a month that was concluded or approved, and record why
    #[arg(long, value_name = "REASON", value_parser = reason)]
    despite_lock: Option<String>,
}

impl DespiteLock {
    pub(super) fn reason(&self) -> Option<&str> {
        self.despite_lock.as_deref()
    }
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, in words".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

/// Why a locked month takes nothing, and what to do.
pub(super) fn locked(store: &mut Store, as_at: Month, lock: &MonthLock) -> Result<String, StoreError> {
    let by = store.person(lock.locked_by)?.map_or_else(|| "somebody".to_owned(), |person| person.name);
    let (month, since) = (as_at.name(), london::in_words(lock.locked_at));
    let (what, place) = match lock.why {
        LockReason::Concluded => ("data entry was concluded", "Returns"),
        LockReason::Approved => ("its pack was approved", "Packs"),
    };
    Ok(format!(
        "{month} is locked: {what} on {since} by {by}. A pooled budget manager can open it under {place}. To go \
         past the lock, say why with --despite-lock REASON: the audit record keeps it"
    ))
}

fn intake(text: &str) -> Result<Intake, String> {
    Intake::from_name(text).ok_or_else(|| "write whole or tolerant".to_owned())
}

pub(super) fn formats(text: &str) -> Result<Formats, String> {
    Formats::parse(text).map_err(|word| format!("\"{word}\" is none of html, pdf, csv and json"))
}

impl Run {
    pub fn run(self) -> Result<(), Failure> {
        let database = self.database.url()?;
        let templates = own_templates(self.templates.as_ref())?;
        let (plan, plan_files) = read_plan(&self.plan)?;
        if !self.returns.is_dir() {
            let folder = self.returns.display();
            return Err(Failure::Refused(vec![format!("There is no folder {folder} to take returns from")]));
        }
        let returns = returns_under(&self.returns, &plan, self.area.is_empty())?;
        let plan = of_areas(plan, &self.area)?;
        let outcomes = month_end::run(
            MonthEnd {
                database: &database,
                plan: &plan,
                plan_files: &plan_files,
                returns,
                as_at: self.as_at,
                intake: self.intake,
                formats: self.formats,
                templates: &templates,
                out: Some(&self.out),
                now: clock::now(),
                workers: self.workers.map_or_else(processors, usize::from),
                despite_lock: self.despite.reason(),
            },
            &progress::show,
        )?;
        report(&outcomes, &Reporting { database: &database, as_at: self.as_at, json: self.json })
    }
}

/// The returns under a folder. Where those of `all_areas` are wanted, a file of no area is refused.
pub(super) fn returns_under(folder: &Path, plan: &Plan, all_areas: bool) -> Result<Vec<ReturnFile>, Failure> {
    let (returns, unplaced) = month_end::gather_returns(folder, plan)?;
    if all_areas && !unplaced.is_empty() {
        let lines = unplaced.iter().map(|path| {
            let fault = form_fault(path).unwrap_or_else(|| {
                "names no area of the plan. Put it in a folder called after its area's code".to_owned()
            });
            format!("{}: {fault}", path.display())
        });
        return Err(Failure::Refused(lines.collect()));
    }
    Ok(returns)
}

/// Why a file is no return at all.
fn form_fault(path: &Path) -> Option<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = match month_end::fetch(path) {
        Ok(bytes) => bytes,
        Err(error) => return Some(format!("It cannot be read: {error}")),
    };
    let sent = match read::open(&name, &bytes) {
        Ok(sent) => sent,
        Err(error) => return Some(error.to_string()),
    };
    let mut known = sent.tables.iter().map(|table| recognise(&table.heading));
    let first = known.next()?;
    if first.is_ok() || known.any(|table| table.is_ok()) {
        return None;
    }
    first.err().map(|error| error.to_string())
}

/// As many as can work at once.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The plan of these areas alone; of all where none is named.
pub(super) fn of_areas(plan: Plan, codes: &[String]) -> Result<Plan, Failure> {
    if codes.is_empty() {
        return Ok(plan);
    }
    plan.only(codes).map_err(|lacking| {
        let lines = lacking.iter().map(|code| format!("{code} is not an area of the plan"));
        Failure::Refused(lines.chain([areas_there_are(&plan)]).collect())
    })
}

/// How what became of areas is told.
pub(super) struct Reporting<'a> {
    pub(super) database: &'a DatabaseUrl,
    pub(super) as_at: Month,
    pub(super) json: bool,
}

impl Reporting<'_> {
    /// Why the areas whose month is locked were left as they are, by their codes.
    fn locked(&self, outcomes: &[AreaOutcome]) -> Result<BTreeMap<String, String>, Failure> {
        let mut store = None;
        let mut told = BTreeMap::new();
        for outcome in outcomes {
            if let AreaResult::Locked(lock) = &outcome.result {
                let store = match &mut store {
                    Some(store) => store,
                    closed => closed.insert(Store::open(self.database)?),
                };
                told.insert(outcome.area_code.clone(), locked(store, self.as_at, lock)?);
            }
        }
        Ok(told)
    }
}

/// Says what became of each area; refused files make the whole refused, and so do locked months.
pub(super) fn report(outcomes: &[AreaOutcome], reporting: &Reporting<'_>) -> Result<(), Failure> {
    let locked = reporting.locked(outcomes)?;
    if reporting.json {
        let areas: Vec<_> = outcomes.iter().map(|outcome| described(outcome, &locked)).collect();
        println!("{}", json!({ "areas": areas }));
    } else {
        for outcome in outcomes {
            if let AreaResult::TakenIn { accepted, rejected } = outcome.result {
                let rows = plural(accepted, "row");
                println!("{}: {rows} accepted, {rejected} turned away", outcome.area_code);
            }
            if let AreaResult::Published(area) = &outcome.result {
                let rows = plural(area.accepted, "row");
                let unchanged = if area.unchanged { ", unchanged" } else { "" };
                println!(
                    "{}: published version {}{unchanged}; {rows} accepted, {} turned away",
                    outcome.area_code, area.version, area.rejected
                );
                if area.left_out > 0 {
                    let facts = plural(area.left_out, "earlier row");
                    eprintln!("{}: {facts} left out: the plan no longer has their ids", outcome.area_code);
                }
                if !area.missing_characters.is_empty() {
                    eprintln!("{}: the PDF shows ? for {}", outcome.area_code, area.missing_characters);
                }
            }
        }
    }
    for outcome in outcomes {
        if let AreaResult::Published(PublishedArea { accepted: 0, rejected: 0, .. }) = &outcome.result {
            eprintln!("Note: {}: no return has come in, so its pack shows no actuals", outcome.area_code);
        }
    }
    let refused = refusals(outcomes, &locked);
    if refused.is_empty() { Ok(()) } else { Err(Failure::Refused(refused)) }
}

fn refusals(outcomes: &[AreaOutcome], locked: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for outcome in outcomes {
        let why = match &outcome.result {
            AreaResult::Refused(files) => files.iter().flat_map(refusal).collect(),
            AreaResult::Locked(_) => locked.get(&outcome.area_code).cloned().into_iter().collect(),
            AreaResult::TakenIn { .. } | AreaResult::Published(_) => Vec::new(),
        };
        if !why.is_empty() {
            lines.push(format!("{}: nothing was taken in or published.", outcome.area_code));
            lines.extend(why);
        }
    }
    lines
}

/// Everything wrong with one file.
pub(super) fn refusal(file: &FileRefused) -> Vec<String> {
    if !file.reason.is_empty() {
        return vec![format!("{}: {}", file.file_name, file.reason)];
    }
    let mut lines =
        vec![format!("{} is refused: {} to mend.", file.file_name, plural(file.faults.len(), "fault"))];
    lines.extend(told(&file.faults));
    lines
}

fn described(outcome: &AreaOutcome, locked: &BTreeMap<String, String>) -> serde_json::Value {
    match &outcome.result {
        AreaResult::Published(area) => json!({
            "area_code": outcome.area_code,
            "published": true,
            "version": area.version,
            "unchanged": area.unchanged,
            "accepted": area.accepted,
            "rejected": area.rejected,
        }),
        AreaResult::TakenIn { accepted, rejected } => json!({
            "area_code": outcome.area_code,
            "published": false,
            "accepted": accepted,
            "rejected": rejected,
        }),
        AreaResult::Locked(_) => json!({
            "area_code": outcome.area_code,
            "published": false,
            "locked": locked.get(&outcome.area_code),
        }),
        AreaResult::Refused(files) => json!({
            "area_code": outcome.area_code,
            "published": false,
            "refused": files.iter().map(|file| json!({
                "file": file.file_name,
                "faults": refusal(file),
            })).collect::<Vec<_>>(),
        }),
    }
}
