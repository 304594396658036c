//! An area's pack from its facts in force: the same steps when it is published and when it is verified.

use crate::{
    figures::{agreement::AreaPlan, period::Month, position::Position},
    packs::{
        compose::{PackSource, ReturnUsed},
        freeze::{Formats, FrozenPack, freeze},
        template::{TemplateFault, Templates},
    },
    store::{FactsInForce, Input, Sha256, hex},
};

/// How packs are made.
#[derive(Clone, Copy)]
pub struct PackTerms<'a> {
    pub as_at: Month,
    /// Of the plan's edition.
    pub plan_sha256: Sha256,
    pub templates: &'a Templates,
    pub formats: Formats,
}

/// Works out the area's position, and freezes its pack.
///
/// Fails where a template does.
pub fn pack_of(
    plan: &AreaPlan,
    in_force: &FactsInForce,
    terms: &PackTerms<'_>,
) -> Result<FrozenPack, TemplateFault> {
    let returns: Vec<ReturnUsed> = in_force.inputs.iter().map(return_used).collect();
    let source = PackSource {
        plan,
        facts: &in_force.facts,
        position: &Position::of(plan, &in_force.facts, terms.as_at),
        returns: &returns,
        plan_sha256: &hex(&terms.plan_sha256),
    };
    freeze(source, terms.templates, terms.formats)
}

/// A return in force as a pack names it.
pub fn return_used(input: &Input) -> ReturnUsed {
    ReturnUsed {
        return_type: input.return_type,
        file_name: input.file_name.clone(),
        submission: input.number,
        sha256: hex(&input.sha256),
    }
}
