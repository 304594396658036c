//! Month end: take in every return, work out every area's position, publish every pack.
//!
//! Each area is a few steps on its own: gather its files, read and check them, accept them, work out
//! its position, freeze its pack, publish it. [`workers`](run) take area after area, so that as many
//! are in hand as there are processors and no more; one writer alone changes the store.

mod files;
mod intake;
mod pack;
mod restating;
mod area;
mod writer;
mod place;

pub use files::{ReturnFile, fetch, gather_returns};
pub use intake::{FileRefused, TakenIn, take_in, take_in_from};
pub use pack::{PackTerms, commentary_used, pack_of, return_used};
pub use restating::{MONTH_OPENED, restates_next, restates_of};

use crate::{
    figures::{
        agreement::AreaPlan,
        period::{Month, MonthRange},
    },
    packs::{
        freeze::Formats,
        template::{TemplateFault, Templates},
    },
    plan::{Plan, PlanFile},
    store::{Commentary, DatabaseUrl, Deed, Intake, MonthLock, Store, StoreError},
};
use chrono::NaiveDateTime;
use place::Places;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// A month end to be run.
pub struct MonthEnd<'a> {
    pub database: &'a DatabaseUrl,
    pub plan: &'a Plan,
    /// The files that the plan was read from, kept as an edition.
    pub plan_files: &'a [PlanFile],
    pub returns: Vec<ReturnFile>,
    pub as_at: Month,
    pub intake: Intake,
    pub formats: Formats,
    pub templates: &'a Templates,
    /// Packs are written to a folder for each area under this one; where there is none, returns are
    /// taken in and nothing is worked out.
    pub out: Option<&'a Path>,
    /// The time that is kept as that of receipt and publication.
    pub now: NaiveDateTime,
    /// How many areas are worked on at a time.
    pub workers: usize,
    /// Why areas whose month is locked are worked on all the same; none where they are not.
    pub despite_lock: Option<&'a str>,
}

impl MonthEnd<'_> {
    /// What the audit record says of something that a month end has done.
    fn deed(&self, deed: &'static str) -> Deed {
        Deed { at: self.now, deed, detail: ON_THE_COMMAND_LINE.to_owned(), ..Deed::default() }
    }
}

/// How the audit record says that nobody had signed in who did something.
pub const ON_THE_COMMAND_LINE: &str = "(on the command line)";

/// What became of one area.
#[derive(Debug)]
pub struct AreaOutcome {
    pub area_code: String,
    pub result: AreaResult,
}

#[derive(Debug)]
pub enum AreaResult {
    Published(PublishedArea),
    /// Its files were taken in, and nothing was to be published.
    TakenIn {
        accepted: u64,
        rejected: u64,
    },
    /// At least one of its files was refused, so nothing of it was taken in or published.
    Refused(Vec<FileRefused>),
    /// Its month takes nothing more.
    Locked(MonthLock),
}

#[derive(Debug, Default)]
pub struct PublishedArea {
    pub accepted: u64,
    pub rejected: u64,
    pub version: u32,
    /// The same pack was published before: no new version was made.
    pub unchanged: bool,
    /// Characters that the PDF's font lacks.
    pub missing_characters: String,
    /// Facts of earlier returns under ids that the plan no longer has: no figure counts them.
    pub left_out: usize,
}

/// Why a month end stopped. What was accepted and published before stays so.
#[derive(Debug, thiserror::Error)]
pub enum MonthEndError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Template(#[from] TemplateFault),
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("--as-at {as_at} is outside the plan's window for {window}, {} to {}", months.first(), months.last())]
    OutsideWindow { as_at: Month, window: &'static str, months: MonthRange },
    #[error(
        "{} is no published pack, and would be lost if one were put in its place. Put the packs elsewhere",
        .0.display()
    )]
    NoPack(PathBuf),
    /// Two that write the same packs would mix their files.
    #[error("another run is writing packs to {}: let it end, then run again", .0.display())]
    InUse(PathBuf),
    #[error("returns of {area_code} were taken in by another program meanwhile. Run this month end again")]
    Overtaken { area_code: String },
    #[error("the program is at fault: what went wrong stands above")]
    Broken,
    /// Another part stopped first; that part tells why.
    #[error("the month end was stopped")]
    Stopped,
}

/// Runs a month end; `progress` is told how many of the areas are done.
///
/// Areas are given in the plan's order. An area with a refused file is left as it was; the others go on.
pub fn run(
    month_end: MonthEnd<'_>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<AreaOutcome>, MonthEndError> {
    check_month(month_end.plan, month_end.as_at)?;
    let mut store = Store::open(month_end.database)?;
    let codes = month_end.plan.areas.iter().map(|plan| plan.area.code.as_str());
    let places = month_end.out.map(|out| Places::hold(out, codes)).transpose()?;
    let kept: Vec<(String, Vec<u8>)> =
        month_end.plan_files.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect();
    let edition = store.keep_plan(&kept, &month_end.deed("plan loaded"))?.edition;
    let known: BTreeSet<String> = store.submissions(None)?.into_iter().map(|held| held.area_code).collect();
    let mut by_area: BTreeMap<String, Vec<ReturnFile>> = BTreeMap::new();
    for file in &month_end.returns {
        by_area.entry(file.area_code.clone()).or_default().push(file.clone());
    }
    let mut commentary: BTreeMap<String, Vec<Commentary>> = BTreeMap::new();
    for written in store.commentary(None)? {
        commentary.entry(written.area_code.clone()).or_default().push(written);
    }
    let locks = locks(&mut store, &month_end)?;
    let shared = area::Shared {
        month_end: &month_end,
        plan_sha256: edition.sha256,
        known,
        files: by_area,
        commentary,
        places: places.as_ref(),
        locks,
    };
    let areas: Vec<&AreaPlan> = month_end.plan.areas.iter().collect();
    let outcomes = work(store, &shared, &areas, progress)?;
    Ok(areas
        .iter()
        .zip(outcomes)
        .map(|(plan, result)| AreaOutcome { area_code: plan.area.code.clone(), result })
        .collect())
}

/// The areas that are left as they are because their month is locked. Where there is a reason to work on
/// them all the same, it is recorded of each.
fn locks(store: &mut Store, month_end: &MonthEnd<'_>) -> Result<BTreeMap<String, MonthLock>, MonthEndError> {
    let mut locks = store.month_locks(month_end.as_at)?;
    locks.retain(|code, _| month_end.plan.area(code).is_some());
    let Some(reason) = month_end.despite_lock else { return Ok(locks) };
    for code in locks.keys() {
        store.record(&lock_passed_by(month_end.now, code, month_end.as_at, reason))?;
    }
    Ok(BTreeMap::new())
}

/// What the audit record says where somebody did something in a month that is locked.
pub fn lock_passed_by(at: NaiveDateTime, area_code: &str, as_at: Month, reason: &str) -> Deed {
    Deed {
        at,
        deed: "lock passed by",
        area_code: area_code.to_owned(),
        subject: format!("month {as_at}"),
        detail: format!("{reason} {ON_THE_COMMAND_LINE}"),
        ..Deed::default()
    }
}

/// The reporting month must lie in the windows that each area's figures are worked out over.
pub fn check_month(plan: &Plan, as_at: Month) -> Result<(), MonthEndError> {
    for area in &plan.areas {
        let (windows, has_contract) = (&area.windows, area.contract.is_some());
        let needed = [
            ("measures", windows.measures, true),
            ("finance", windows.finance, true),
            ("capitation", windows.capitation, has_contract),
        ];
        for (window, months, is_needed) in needed {
            if is_needed && !months.contains(as_at) {
                return Err(MonthEndError::OutsideWindow { as_at, window, months });
            }
        }
    }
    Ok(())
}

/// Workers take areas in turn; the writer commits what they hand it.
fn work(
    store: Store,
    shared: &area::Shared<'_>,
    areas: &[&AreaPlan],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<AreaResult>, MonthEndError> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let workers = shared.month_end.workers.clamp(1, areas.len().max(1));
    let (to_writer, orders) = mpsc::sync_channel(writer::ORDERS_WAITING);
    let (worked, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| writer::write(store, shared.month_end, shared.places, orders));
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                let to_writer = to_writer.clone();
                scope.spawn(|| {
                    let mut worker = area::Worker::new(shared, to_writer);
                    let mut results = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(plan) = areas.get(index) else { return Ok(results) };
                        let result = worker.month_end_of(plan);
                        if result.is_err() {
                            // No area is begun any more.
                            next.store(areas.len(), Ordering::Relaxed);
                        }
                        results.push((index, result?));
                        progress(done.fetch_add(1, Ordering::Relaxed) + 1, areas.len());
                    }
                })
            })
            .collect();
        drop(to_writer);
        let worked: Vec<Result<Vec<(usize, AreaResult)>, MonthEndError>> =
            handles.into_iter().map(|handle| handle.join().unwrap_or(Err(MonthEndError::Broken))).collect();
        (worked, writer.join().unwrap_or(Err(MonthEndError::Broken)))
    });
    let published = written?;
    let mut results = Vec::with_capacity(areas.len());
    for worker in worked {
        results.extend(worker?);
    }
    results.sort_by_key(|(index, _)| *index);
    let results = results.into_iter().map(|(index, result)| match result {
        AreaResult::Published(area) => {
            let version = published.get(&areas[index].area.code);
            AreaResult::Published(PublishedArea {
                version: version.map_or(0, |published| published.version),
                unchanged: version.is_some_and(|published| published.unchanged),
                ..area
            })
        }
        other @ (AreaResult::TakenIn { .. } | AreaResult::Refused(_) | AreaResult::Locked(_)) => other,
    });
    Ok(results.collect())
}
