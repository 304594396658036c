//! What would move: were something otherwise, or were a row of a return not there.

use super::{FieldFault, Refusal, Service, Who, live::AreaNow};
use crate::{
    figures::{
        facts::{AreaFacts, Source},
        period::Month,
        position::Position,
        what_if::{Change, suppose},
    },
    packs::{
        compose::{PackSource, compose, value::capital},
        difference::{Changed, difference},
        explain::{SourceRow, row_of},
    },
    people::Role,
};
use std::slice;

/// Who may ask what would move were something otherwise.
pub const ASK_WHAT_IF: &[Role] = &[Role::AllianceMember, Role::PooledBudgetManager, Role::Auditor];

/// A row of a return, and every figure that it reaches.
pub struct Reached {
    pub row: SourceRow,
    /// Each figure as it would be without the row, and as it is.
    pub figures: Vec<Changed>,
}

impl Service {
    /// The facts of an area as `changes` suppose them. Nothing is stored.
    ///
    /// What cannot be supposed is told under the field of its change: `value` for a measure, `outturn` for
    /// a scheme, `members` for a segment.
    pub fn suppose(
        &self,
        who: &Who,
        area: &AreaNow,
        as_at: Month,
        changes: &[Change],
    ) -> Result<AreaFacts, Refusal> {
        who.must_be(ASK_WHAT_IF, &area.agreement().area.code)?;
        let mut facts = area.facts().clone();
        let mut faults = Vec::new();
        for change in changes {
            match suppose(area.agreement(), &facts, as_at, slice::from_ref(change)) {
                Ok(supposed) => facts = supposed,
                Err(error) => {
                    faults.push(FieldFault {
                        field: field_of(change).into(),
                        message: capital(&error.to_string()),
                    });
                }
            }
        }
        if faults.is_empty() { Ok(facts) } else { Err(Refusal::Invalid(faults)) }
    }

    /// Every figure that moves where `changes` are supposed, money first. Nothing is stored.
    pub fn what_if(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Month,
        changes: &[Change],
    ) -> Result<Vec<Changed>, Refusal> {
        let area = self.area(area_code)?;
        let supposed = self.suppose(who, &area, as_at, changes)?;
        Ok(area.between(area.facts(), &supposed, as_at))
    }

    /// What a row of a return says, and every figure that would be another without it, money first;
    /// absent where the row is not in force.
    pub fn reached(&self, area_code: &str, as_at: Month, source: Source) -> Result<Reached, Refusal> {
        let area = self.area(area_code)?;
        let position = area.position(as_at);
        let row = row_of(area.source(&position), source).ok_or(Refusal::Absent)?;
        let without = without(area.facts(), source);
        Ok(Reached { row, figures: area.between(&without, area.facts(), as_at) })
    }
}

impl AreaNow {
    /// What a pack of other facts than those in force would be made from.
    pub fn source_of<'a>(&'a self, facts: &'a AreaFacts, position: &'a Position) -> PackSource<'a> {
        PackSource { facts, ..self.source(position) }
    }

    /// Every figure that is not the same for both facts, money first.
    fn between(&self, before: &AreaFacts, after: &AreaFacts, as_at: Month) -> Vec<Changed> {
        let plan = self.agreement();
        let (old, new) = (Position::of(plan, before, as_at), Position::of(plan, after, as_at));
        let mut changed =
            difference(&compose(self.source_of(before, &old)), &compose(self.source_of(after, &new)));
        changed.sort_by_key(|changed| !changed.is_money());
        changed
    }
}

fn without(facts: &AreaFacts, source: Source) -> AreaFacts {
    let mut facts = facts.clone();
    facts.measures.retain(|fact| fact.source != source);
    facts.targets.retain(|fact| fact.source != source);
    facts.finance.retain(|line| line.source != source);
    facts.capitation.retain(|line| line.source != source);
    facts
}

fn field_of(change: &Change) -> &'static str {
    match change {
        Change::MeasureMonth { .. } | Change::YearToDate { .. } => "value",
        Change::SchemeOutturn { .. } | Change::PartnerOutturn { .. } => "outturn",
        Change::Members { .. } => "members",
    }
}
