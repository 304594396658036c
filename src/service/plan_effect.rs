//! What a proposed plan does to the figures of an area, before it takes effect.

use super::{Refusal, Service, Who, plan::FIGURE_READERS, shown};
use crate::{
    figures::{period::Month, position::Position},
    month_end::return_used,
    packs::{
        compose::{
            PackSource, ReturnUsed, compose,
            value::{Show, Value},
        },
        difference,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// What a proposal does to the figures of one area.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EffectOnArea {
    pub area_name: String,
    #[serde(serialize_with = "shown::month")]
    #[schemars(with = "String")]
    pub as_at: Month,
    pub figures: Vec<FigureMoved>,
    /// Facts under ids that the proposed plan no longer has.
    pub left_out: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FigureMoved {
    /// What the table holds, such as `The fund by scheme`.
    pub table: String,
    pub row: String,
    pub column: String,
    /// Empty where the figure is new.
    pub before: String,
    /// Empty where the figure is gone.
    pub after: String,
    /// Empty where they are no numbers of one kind.
    pub difference: String,
}

impl Service {
    /// What a proposal does to the figures of an area, as at the latest month that it reports on.
    pub fn effect_on_area(&self, who: &Who, number: u32, area_code: &str) -> Result<EffectOnArea, Refusal> {
        who.must_be(FIGURE_READERS, area_code)?;
        let (_, _, read) = self.proposed(who, number)?;
        let after = read.area(area_code).ok_or(Refusal::Absent)?;
        let area = self.area(area_code)?;
        let as_at = area.latest_month();
        let facts = self.store()?.facts_in_force(after, None)?;
        let returns: Vec<ReturnUsed> = facts.inputs.iter().map(return_used).collect();
        let (position, position_after) = (area.position(as_at), Position::of(after, &facts.facts, as_at));
        let source = PackSource {
            plan: after,
            facts: &facts.facts,
            position: &position_after,
            returns: &returns,
            plan_sha256: "",
            commentary: None,
            restates: None,
        };
        let (now, then) = (compose(area.source(&position)), compose(source));
        let title = |name: &str| {
            let table = then.table(name).or_else(|| now.table(name));
            table.map(|table| table.title.clone()).unwrap_or_default()
        };
        let moved = difference(&now, &then);
        let shown = |value: &Option<Value<'_>>| {
            value.as_ref().map(|value| value.shown(Show::Plain)).unwrap_or_default()
        };
        let figures = moved.iter().map(|moved| FigureMoved {
            table: title(moved.table),
            row: moved.row.clone(),
            column: moved.column.clone(),
            before: shown(&moved.before),
            after: shown(&moved.after),
            difference: shown(&moved.difference),
        });
        Ok(EffectOnArea {
            area_name: after.area.name.clone(),
            as_at,
            figures: figures.collect(),
            left_out: facts.left_out.saturating_sub(area.facts.left_out),
        })
    }
}
