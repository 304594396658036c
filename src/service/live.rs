//! An area's figures as they stand now, worked out from the facts in force.

use super::{Refusal, Service};
use crate::{
    figures::{agreement::AreaPlan, facts::AreaFacts, period::Month, position::Position},
    month_end::return_used,
    packs::compose::{PackSource, ReturnUsed},
    plan::{Plan, PlanFile},
    store::{FactsInForce, Sha256, hex},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, RwLock},
};

/// How many areas' facts are held in memory at a time.
const MOST_AREAS: usize = 8;

/// What was worked out lately.
#[derive(Default)]
pub struct Live {
    plan: RwLock<Option<(u64, Arc<PlanNow>)>>,
    areas: Mutex<HashMap<String, (u64, Arc<AreaNow>)>>,
}

/// The present edition of the plan.
pub struct PlanNow {
    pub edition: u32,
    pub sha256: Sha256,
    pub plan: Plan,
    pub files: Vec<PlanFile>,
}

/// An area's facts in force, with the plan that they were read under.
pub struct AreaNow {
    pub plan: Arc<PlanNow>,
    area: usize,
    pub facts: FactsInForce,
    pub returns: Vec<ReturnUsed>,
    pub plan_sha256: String,
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
        measured.chain(spent).chain(counted).max().unwrap_or(self.agreement().windows.measures.first())
    }

    /// Whether figures can be worked out as at the month.
    pub fn reports_on(&self, month: Month) -> bool {
        let plan = self.agreement();
        let windows = plan.windows;
        windows.measures.contains(month)
            && windows.finance.contains(month)
            && (plan.contract.is_none() || windows.capitation.contains(month))
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
        }
    }
}

impl Service {
    /// The present edition of the plan; absent before the first is loaded.
    pub fn plan(&self) -> Result<Arc<PlanNow>, Refusal> {
        let mark = self.mark();
        if let Some((seen, plan)) = &*self.live.plan.read().expect("nobody stops while holding it")
            && *seen == mark
        {
            return Ok(Arc::clone(plan));
        }
        let mut store = self.store()?;
        let edition = store.plan_editions()?.pop().ok_or(Refusal::Absent)?;
        let mut held = self.live.plan.write().expect("nobody stops while holding it");
        if let Some((seen, plan)) = &mut *held
            && plan.edition == edition.number
        {
            *seen = mark;
            return Ok(Arc::clone(plan));
        }
        let (edition, files) = store.current_plan()?.ok_or(Refusal::Absent)?;
        let files: Vec<PlanFile> = files.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
        let plan = crate::plan::read(&files)
            .map_err(|_| Refusal::Broken("the plan in the store cannot be read".into()))?;
        let plan = Arc::new(PlanNow { edition: edition.number, sha256: edition.sha256, plan, files });
        *held = Some((mark, Arc::clone(&plan)));
        Ok(plan)
    }

    /// An area's facts in force.
    pub fn area(&self, area_code: &str) -> Result<Arc<AreaNow>, Refusal> {
        let mark = self.mark();
        let mut areas = self.live.areas.lock().expect("nobody stops while holding it");
        if let Some((seen, area)) = areas.get(area_code)
            && *seen == mark
        {
            return Ok(Arc::clone(area));
        }
        let plan = self.plan()?;
        let index = plan.plan.areas.iter().position(|plan| plan.area.code == area_code);
        let index = index.ok_or(Refusal::Absent)?;
        let mut store = self.store()?;
        let inputs = store.inputs_in_force(area_code, None)?;
        if let Some((seen, area)) = areas.get_mut(area_code)
            && area.plan.edition == plan.edition
            && area.facts.inputs == inputs
        {
            *seen = mark;
            return Ok(Arc::clone(area));
        }
        let facts = store.facts_in_force(&plan.plan.areas[index], None)?;
        let area = Arc::new(AreaNow {
            area: index,
            returns: facts.inputs.iter().map(return_used).collect(),
            facts,
            plan_sha256: hex(&plan.sha256),
            plan,
        });
        if areas.len() >= MOST_AREAS
            && let Some(oldest) =
                areas.iter().min_by_key(|(_, (seen, _))| *seen).map(|(code, _)| code.clone())
        {
            areas.remove(&oldest);
        }
        areas.insert(area_code.to_owned(), (mark, Arc::clone(&area)));
        Ok(area)
    }
}
