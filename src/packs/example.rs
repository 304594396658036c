//! The built-in example as the packs see it, for tests.

use super::compose::{Composed, PackSource, ReturnUsed, compose};
use crate::{
    demo,
    figures::{agreement::AreaPlan, facts::AreaFacts, period::Month, position::Position},
    month_end::take_in,
    plan::PlanFile,
    returns::check::ReturnFacts,
    store::{Intake, hex},
};

/// One area with its facts at one month.
pub struct Example {
    pub plan: AreaPlan,
    pub facts: AreaFacts,
    pub position: Position,
    returns: Vec<ReturnUsed>,
}

impl Example {
    /// The example as it is published.
    pub fn published() -> Example {
        Example::as_at(demo::AS_AT, |_, text| text)
    }

    /// The example at another month, each of its files changed first.
    pub fn as_at(month: &str, change: impl Fn(&str, String) -> String) -> Example {
        let changed =
            |name: &str, bytes: &[u8]| change(name, String::from_utf8(bytes.to_vec()).unwrap()).into_bytes();
        let as_at = Month::parse(month.as_bytes()).unwrap();
        let files: Vec<PlanFile> = demo::plan_files()
            .into_iter()
            .map(|(name, bytes)| PlanFile { name: name.into(), bytes: changed(name, bytes) })
            .collect();
        let plan = crate::plan::read(&files).unwrap().areas.remove(0);
        let (mut facts, mut returns) = (AreaFacts::default(), Vec::new());
        for (submission, (_, name, bytes)) in (1u32..).zip(demo::return_files()) {
            let taken = take_in(&plan, as_at, Intake::Tolerant, name, &changed(name, bytes)).ok().unwrap();
            let checked = taken.checked;
            match checked.facts {
                ReturnFacts::Capitation(mut lines) => {
                    lines.iter_mut().for_each(|line| line.source.submission = submission);
                    facts.capitation = lines;
                }
                ReturnFacts::Finance(mut lines) => {
                    lines.iter_mut().for_each(|line| line.source.submission = submission);
                    facts.finance = lines;
                }
                ReturnFacts::Measures(mut lines) => {
                    lines.iter_mut().for_each(|line| line.source.submission = submission);
                    facts.measures = lines;
                }
                ReturnFacts::Targets(_) => unreachable!("the example's targets lie in its plan"),
            }
            facts.intake.insert(checked.return_type, checked.counts);
            facts.rejects.extend(checked.rejects);
            returns.push(ReturnUsed {
                return_type: checked.return_type,
                file_name: name.into(),
                submission,
                sha256: hex(&taken.sha256),
            });
        }
        let position = Position::of(&plan, &facts, as_at);
        Example { plan, facts, position, returns }
    }

    pub fn source(&self) -> PackSource<'_> {
        PackSource {
            plan: &self.plan,
            facts: &self.facts,
            position: &self.position,
            returns: &self.returns,
            plan_sha256: "0123",
            commentary: None,
            restates: None,
        }
    }

    pub fn composed(&self) -> Composed<'_> {
        compose(self.source())
    }
}
