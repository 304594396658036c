//! Works an area's figures out, and notes what from: once for each state of what they rest on.

use super::{
    super::{Fault, worker::Task},
    NO_AREA,
};
use crate::{
    packs::positions::positions_json,
    service::{Refusal, live::AreaNow},
    store::{NewComputation, Outcome, Sha256, hex, sha256},
};

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let service = task.service;
    let area = match service.area(task.area_code()) {
        Ok(area) => area,
        Err(Refusal::Absent) => return task.unchanged(NO_AREA),
        Err(refusal) => return Err(refusal.into()),
    };
    let as_at = area.latest_month();
    let inputs_sha256 = inputs_of(&area);
    let last = service.store()?.computations(task.area_code(), as_at)?.into_iter().next();
    let unchanged = format!("Nothing that {}’s figures rest on has changed", as_at.name());
    if last.is_some_and(|last| last.inputs_sha256 == inputs_sha256) {
        return task.unchanged(&unchanged);
    }
    let position = area.position(as_at);
    let positions_sha256 = sha256(&positions_json(area.agreement(), area.facts(), &position));
    let new = NewComputation { area_code: task.area_code(), as_at, inputs_sha256, positions_sha256 };
    let returns = super::counted(area.facts.inputs.len(), "return", "returns");
    let changed = format!("Worked out {}’s figures from {returns}", as_at.name());
    let words = |is_new| if is_new { Outcome::Changed(changed) } else { Outcome::NoChange(unchanged) };
    let ending = (task.claimed.claim, service.time()?);
    Ok(service.change(|store| store.end_computed(&new, ending, words))?)
}

/// Of everything that the figures depend on: the returns in force, the plan and the program.
fn inputs_of(area: &AreaNow) -> Sha256 {
    let mut said = format!("outturn {}\nplan {}\n", env!("CARGO_PKG_VERSION"), area.plan_sha256);
    for input in &area.facts.inputs {
        said += &format!("{} {} {}\n", input.return_type.name(), input.number, hex(&input.sha256));
    }
    sha256(said.as_bytes())
}
