//! An area's figures as they stand now, worked out from the facts in force.
//!
//! Facts are kept in memory as long as they are in force: all of an area's for a few areas, and for many
//! the months of the measures that were gathered from them. Whether they still are is asked once after each change.

use super::{Refusal, Service, kept::Kept};
use crate::{
    figures::{
        agreement::AreaPlan,
        facts::{AreaFacts, CapitationLine, FinanceLine, MeasureFact, Reject, Target},
        measure::{Gathered, LastMonths, MeasurePosition},
        period::Month,
        position::Position,
    },
    month_end::return_used,
    packs::compose::{PackSource, ReturnUsed},
    plan::{Plan, PlanFile},
    store::{FactsInForce, Input, Sha256, Store, StoreError, hex, sha256},
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, RwLock},
};

/// Bytes of all facts of some areas: three or four of 17,500 rows each.
const MOST_OF_AREAS: usize = 4 << 20;
/// Bytes of the measures' months of many areas: 200 of 1,200 months.
const MOST_OF_MEASURES: usize = 12 << 20;
/// How many areas may be read at the same time, whoever asks for them.
const TURNS: usize = 16;

/// What was read lately.
pub struct Live {
    plan: RwLock<Option<(u64, Arc<PlanNow>)>>,
    plan_turn: Mutex<()>,
    areas: Kept<String, AreaNow>,
    measures: Kept<String, MeasuresNow>,
    turns: [Mutex<()>; TURNS],
}

impl Default for Live {
    fn default() -> Live {
        Live {
            plan: RwLock::default(),
            plan_turn: Mutex::default(),
            areas: Kept::new(MOST_OF_AREAS),
            measures: Kept::new(MOST_OF_MEASURES),
            turns: Default::default(),
        }
    }
}

impl Live {
    /// Of those who ask for one area at a time, one reads it; the others wait for it.
    fn turn(&self, area_code: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        area_code.hash(&mut hasher);
        let turn = &self.turns[hasher.finish() as usize % TURNS];
        turn.lock().expect("nobody stops while holding it")
    }
}

/// The present edition of the plan.
pub struct PlanNow {
    pub edition: u32,
    pub sha256: Sha256,
    pub plan: Plan,
    pub files: Vec<PlanFile>,
    places: HashMap<String, usize>,
}

impl PlanNow {
    /// The agreement of an area.
    pub fn area(&self, area_code: &str) -> Option<&AreaPlan> {
        self.places.get(area_code).map(|place| &self.plan.areas[*place])
    }
}

/// Which facts something was worked out from: the same for the same edition of the plan and the same
/// returns in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub u64);

impl Version {
    fn of(plan: &PlanNow, area_code: &str, inputs: &[Input]) -> Version {
        let mut said = format!("{} {area_code}", hex(&plan.sha256));
        for input in inputs {
            said.push_str(&format!(" {} {}", input.number, hex(&input.sha256)));
        }
        let [a, b, c, d, e, f, g, h, ..] = sha256(said.as_bytes());
        Version(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// An area's facts in force, with the plan that they were read under.
pub struct AreaNow {
    pub plan: Arc<PlanNow>,
    area: usize,
    pub version: Version,
    pub facts: FactsInForce,
    pub returns: Vec<ReturnUsed>,
    pub plan_sha256: String,
}

/// The months of an area's measures, from the facts in force.
pub struct MeasuresNow {
    pub plan: Arc<PlanNow>,
    area: usize,
    pub version: Version,
    months: Gathered,
}

/// Whether figures of an area can be worked out as at the month.
pub fn reports_on(plan: &AreaPlan, month: Month) -> bool {
    let windows = plan.windows;
    windows.measures.contains(month)
        && windows.finance.contains(month)
        && (plan.contract.is_none() || windows.capitation.contains(month))
}

impl AreaNow {
    pub fn agreement(&self) -> &AreaPlan {
        &self.plan.plan.areas[self.area]
    }

    pub fn facts(&self) -> &AreaFacts {
        &self.facts.facts
    }

    /// The latest month that anything was reported for; the first of the measures' window before then.
    pub fn latest_month(&self) -> Month {
        let facts = self.facts();
        let measured = facts.measures.iter().map(|fact| fact.month);
        let spent = facts.finance.iter().filter(|line| line.actual.is_some()).map(|line| line.month);
        let counted = facts.capitation.iter().map(|line| line.month);
        let latest = measured.chain(spent).chain(counted).max();
        let window = self.agreement().windows.measures;
        let reported = window.iter().filter(|month| latest.is_some_and(|latest| *month <= latest));
        reported.filter(|month| self.reports_on(*month)).max().unwrap_or(window.first())
    }

    /// Whether figures can be worked out as at the month.
    pub fn reports_on(&self, month: Month) -> bool {
        reports_on(self.agreement(), month)
    }

    /// The months that returns can be sent for and figures worked out as at, whether or not anything was
    /// reported for them yet, the latest first.
    pub fn months(&self) -> Vec<Month> {
        let window = self.agreement().windows.measures;
        let mut months: Vec<Month> = window.iter().filter(|month| self.reports_on(*month)).collect();
        months.reverse();
        months
    }

    pub fn position(&self, as_at: Month) -> Position {
        Position::of(self.agreement(), self.facts(), as_at)
    }

    /// What a pack of `position` would be made from.
    pub fn source<'a>(&'a self, position: &'a Position) -> PackSource<'a> {
        PackSource {
            plan: self.agreement(),
            facts: self.facts(),
            position,
            returns: &self.returns,
            plan_sha256: &self.plan_sha256,
            commentary: None,
            restates: None,
        }
    }
}

impl MeasuresNow {
    pub fn agreement(&self) -> &AreaPlan {
        &self.plan.plan.areas[self.area]
    }

    /// The scorecard as at a month, worked out now.
    pub fn scorecard(&self, as_at: Month) -> Vec<MeasurePosition<()>> {
        self.months.scorecard(self.agreement(), as_at)
    }

    /// What was published of a measure, which is given by its place in the plan.
    pub fn last_months(&self, measure: usize, as_at: Month) -> LastMonths {
        self.months.last_months(self.agreement(), measure, as_at)
    }
}

/// What is kept of an area.
trait OfArea {
    fn version(&self) -> Version;
    fn size(&self) -> usize;
}

impl OfArea for AreaNow {
    fn version(&self) -> Version {
        self.version
    }

    fn size(&self) -> usize {
        size_of_facts(self.facts())
    }
}

impl OfArea for MeasuresNow {
    fn version(&self) -> Version {
        self.version
    }

    fn size(&self) -> usize {
        self.months.size() + 512
    }
}

fn size_of_facts(facts: &AreaFacts) -> usize {
    facts.measures.len() * size_of::<MeasureFact>()
        + facts.targets.len() * size_of::<Target>()
        + facts.finance.len() * size_of::<FinanceLine>()
        + facts.capitation.len() * size_of::<CapitationLine>()
        + facts.rejects.len() * size_of::<Reject>()
        + 1024
}

impl Service {
    /// The present edition of the plan; absent before the first is loaded.
    pub fn plan(&self) -> Result<Arc<PlanNow>, Refusal> {
        let mark = self.mark();
        if let Some(plan) = self.plan_at(mark) {
            return Ok(plan);
        }
        let _turn = self.live.plan_turn.lock().expect("nobody stops while holding it");
        if let Some(plan) = self.plan_at(mark) {
            return Ok(plan);
        }
        let mut store = self.store()?;
        let edition = store.plan_editions()?.pop().ok_or(Refusal::Absent)?;
        let held = self.live.plan.read().expect("nobody stops while holding it").clone();
        let plan = match held {
            Some((_, plan)) if plan.edition == edition.number => plan,
            Some(_) | None => read_plan(&mut store)?,
        };
        *self.live.plan.write().expect("nobody stops while holding it") = Some((mark, Arc::clone(&plan)));
        Ok(plan)
    }

    /// The same, and none before the first.
    pub fn plan_if_any(&self) -> Result<Option<Arc<PlanNow>>, Refusal> {
        match self.plan() {
            Ok(plan) => Ok(Some(plan)),
            Err(Refusal::Absent) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// The plan as it was last asked for, which may be old.
    pub(super) fn plan_known(&self) -> Option<Arc<PlanNow>> {
        let held = self.live.plan.read().expect("nobody stops while holding it");
        held.as_ref().map(|(_, plan)| Arc::clone(plan))
    }

    fn plan_at(&self, mark: u64) -> Option<Arc<PlanNow>> {
        let held = self.live.plan.read().expect("nobody stops while holding it");
        held.as_ref().filter(|(seen, _)| *seen == mark).map(|(_, plan)| Arc::clone(plan))
    }

    /// An area's facts in force.
    pub fn area(&self, area_code: &str) -> Result<Arc<AreaNow>, Refusal> {
        self.in_force(area_code, &self.live.areas, |store, plan, area| {
            let facts = store.packed_facts_in_force(&plan.plan.areas[area])?;
            Ok(AreaNow {
                area,
                version: Version::of(&plan, area_code, &facts.inputs),
                returns: facts.inputs.iter().map(return_used).collect(),
                facts,
                plan_sha256: hex(&plan.sha256),
                plan,
            })
        })
    }

    /// The facts in force of an area's measures: what the scorecard needs, and soon there.
    pub fn measures(&self, area_code: &str) -> Result<Arc<MeasuresNow>, Refusal> {
        self.in_force(area_code, &self.live.measures, |store, plan, area| {
            let agreement = &plan.plan.areas[area];
            let facts = store.measures_in_force(agreement)?;
            let version = Version::of(&plan, area_code, &facts.inputs);
            Ok(MeasuresNow { area, version, months: Gathered::of(agreement, &facts.facts), plan })
        })
    }

    /// Which facts of an area are in force, where that is known without asking the store.
    pub fn version_known(&self, area_code: &str) -> Option<Version> {
        let mark = self.mark();
        let measures = self.live.measures.at(area_code, mark).map(|measures| measures.version);
        measures.or_else(|| self.live.areas.at(area_code, mark).map(|area| area.version))
    }

    /// What is kept of an area where it is still in force, else read anew.
    fn in_force<T: OfArea>(
        &self,
        area_code: &str,
        kept: &Kept<String, T>,
        read: impl FnOnce(&mut Store, Arc<PlanNow>, usize) -> Result<T, StoreError>,
    ) -> Result<Arc<T>, Refusal> {
        let mark = self.mark();
        if let Some(value) = kept.at(area_code, mark) {
            return Ok(value);
        }
        let plan = self.plan()?;
        let area = *plan.places.get(area_code).ok_or(Refusal::Absent)?;
        let _turn = self.live.turn(area_code);
        let held = kept.get(area_code);
        if let Some((_, value)) = held.as_ref().filter(|(seen, _)| *seen == mark) {
            return Ok(Arc::clone(value));
        }
        let mut store = self.store()?;
        if let Some((_, value)) = held
            && value.version() == Version::of(&plan, area_code, &store.inputs_in_force(area_code, None)?)
        {
            kept.still_right(area_code, mark);
            return Ok(value);
        }
        let value = Arc::new(read(&mut store, plan, area)?);
        kept.put(area_code.to_owned(), mark, value.size(), Arc::clone(&value));
        Ok(value)
    }
}

fn read_plan(store: &mut Store) -> Result<Arc<PlanNow>, Refusal> {
    let (edition, files) = store.current_plan()?.ok_or(Refusal::Absent)?;
    let files: Vec<PlanFile> = files.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
    let plan = crate::plan::read_kept(&files)
        .map_err(|_| Refusal::Broken("the plan in the store cannot be read".into()))?;
    let places = (0..).zip(&plan.areas).map(|(place, plan)| (plan.area.code.clone(), place)).collect();
    Ok(Arc::new(PlanNow { edition: edition.number, sha256: edition.sha256, plan, files, places }))
}
