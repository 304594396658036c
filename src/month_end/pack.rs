//! An area's pack from its facts in force: the same steps when it is published and when it is verified.

use crate::{
    figures::{agreement::AreaPlan, period::Month, position::Position},
    packs::{
        compose::{CommentaryUsed, PackSource, Restates, ReturnUsed},
        freeze::{Formats, FrozenPack, freeze},
        template::{TemplateFault, Templates},
    },
    store::{Commentary, FactsInForce, Input, Sha256, hex, standing},
};

/// How packs are made.
#[derive(Clone, Copy)]
pub struct PackTerms<'a> {
    pub as_at: Month,
    /// Of the plan's edition.
    pub plan_sha256: Sha256,
    pub templates: &'a Templates,
    pub formats: Formats,
    /// Everything that was written in the area, the first first.
    pub commentary: &'a [Commentary],
    /// What the pack takes the place of, where it was put forward and approved; the command line publishes
    /// a folder anew and keeps no account of it.
    pub restates: Option<&'a Restates>,
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
        commentary: Some(&commentary_used(plan, terms.commentary, terms.as_at)),
        restates: terms.restates,
    };
    freeze(source, terms.templates, terms.formats)
}

/// What a pack prints of what was written: what stands as at the month and is still open, of subjects
/// that the plan has; the summary first, then measures and schemes in the plan's order.
pub fn commentary_used(plan: &AreaPlan, written: &[Commentary], as_at: Month) -> Vec<CommentaryUsed> {
    let standing = standing(written, as_at, None);
    let summary = [("summary".to_owned(), "The month as a whole")].into_iter();
    let measures = plan.measures.iter().map(|one| (format!("measure/{}", one.id), one.name.as_str()));
    let schemes = plan.schemes.iter().map(|one| (format!("scheme/{}", one.id), one.name.as_str()));
    let open = summary.chain(measures).chain(schemes).filter_map(|(subject, name)| {
        let held = standing.get(subject.as_str()).filter(|held| !held.closes)?;
        Some(CommentaryUsed {
            number: held.number,
            about: name.to_owned(),
            cause: held.cause.clone(),
            action: held.action.clone(),
            action_by: held.action_by,
            owner: held.owner.clone(),
            as_at: held.as_at,
            subject,
        })
    });
    open.collect()
}

/// How a pack names a return that it was made from.
pub fn return_used(input: &Input) -> ReturnUsed {
    ReturnUsed {
        return_type: input.return_type,
        file_name: input.file_name.clone(),
        submission: input.number,
        sha256: hex(&input.sha256),
    }
}
