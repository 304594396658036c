//! One area's month end, step by step.

use super::{
    AreaResult, FileRefused, MonthEnd, MonthEndError, PublishedArea, ReturnFile, TakenIn, fetch,
    pack::{PackTerms, pack_of},
    place::Places,
    take_in,
    writer::{Order, Orders},
};
use crate::{
    figures::{
        agreement::AreaPlan,
        facts::{AreaFacts, CapitationLine, FinanceLine, MeasureFact, Source, Target},
    },
    packs::freeze::FrozenPack,
    returns::check::ReturnFacts,
    store::{Commentary, FactsInForce, Input, MonthLock, PackFile, Sha256, Store, StoredBytes},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, mpsc},
};

/// What all workers share.
pub struct Shared<'a> {
    pub month_end: &'a MonthEnd<'a>,
    pub plan_sha256: Sha256,
    /// Areas that had sent something before.
    pub known: BTreeSet<String>,
    pub files: BTreeMap<String, Vec<ReturnFile>>,
    /// What was written in each area before.
    pub commentary: BTreeMap<String, Vec<Commentary>>,
    /// Areas that are left as they are.
    pub locks: BTreeMap<String, MonthLock>,
    /// Where packs are put, if there are to be any.
    pub places: Option<&'a Places<'a>>,
}

/// Takes areas through their month end, one after another.
pub struct Worker<'a> {
    shared: &'a Shared<'a>,
    to_writer: Orders<'a>,
    /// For reading what areas sent before; opened when first needed.
    store: Option<Store>,
}

impl<'a> Worker<'a> {
    pub fn new(shared: &'a Shared<'a>, to_writer: Orders<'a>) -> Worker<'a> {
        Worker { shared, to_writer, store: None }
    }

    /// Reads and checks the area's files; hands them to be accepted; works out the position; freezes
    /// the pack; hands it to be published.
    pub fn month_end_of(&mut self, plan: &'a AreaPlan) -> Result<AreaResult, MonthEndError> {
        if let Some(lock) = self.shared.locks.get(&plan.area.code) {
            return Ok(AreaResult::Locked(*lock));
        }
        let (taken, refused) = self.take_in_files(plan);
        if !refused.is_empty() {
            return Ok(AreaResult::Refused(refused));
        }
        let Some(places) = self.shared.places else { return self.only_accept(plan, taken) };
        let in_force = self.accept(plan, taken)?;
        let month_end = self.shared.month_end;
        let terms = PackTerms {
            as_at: month_end.as_at,
            plan_sha256: self.shared.plan_sha256,
            templates: month_end.templates,
            formats: month_end.formats,
            commentary: self.shared.commentary.get(&plan.area.code).map_or(&[], Vec::as_slice),
            restates: None,
        };
        let pack = pack_of(plan, &in_force, &terms)?;
        let (accepted, rejected) = rows(&in_force.facts);
        let missing_characters = pack.missing_characters.clone();
        self.publish(plan, places, pack)?;
        Ok(AreaResult::Published(PublishedArea {
            accepted,
            rejected,
            missing_characters,
            left_out: in_force.left_out,
            ..PublishedArea::default()
        }))
    }

    /// The area's files, in the order of their types and paths, and those that are refused.
    fn take_in_files(&self, plan: &AreaPlan) -> (Vec<TakenIn>, Vec<FileRefused>) {
        let month_end = self.shared.month_end;
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for file in self.shared.files.get(&plan.area.code).into_iter().flatten() {
            let path = &file.path;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = match fetch(path) {
                Ok(bytes) => take_in(plan, month_end.as_at, month_end.intake, &name, &bytes),
                Err(error) => Err(FileRefused::whole(&name, format!("It cannot be read: {error}"))),
            };
            match file {
                Ok(file) => taken.push(file),
                Err(file) => refused.push(FileRefused { file_name: path.display().to_string(), ..file }),
            }
        }
        taken.sort_by_key(TakenIn::return_type);
        (taken, refused)
    }

    /// Has the files accepted and gives the facts now in force.
    ///
    /// What an area sends for the first time, one file a type, is at once all that is in force; else
    /// the store is asked, once the files are accepted.
    fn accept(&mut self, plan: &'a AreaPlan, taken: Vec<TakenIn>) -> Result<FactsInForce, MonthEndError> {
        let types: BTreeSet<_> = taken.iter().map(TakenIn::return_type).collect();
        let is_all = !self.shared.known.contains(&plan.area.code) && types.len() == taken.len();
        let taken = Arc::new(taken);
        let (accepted, when_accepted) = mpsc::channel();
        let accepted = (!is_all).then_some(accepted);
        let order = Order::Accept { plan, files: Arc::clone(&taken), as_first: is_all, accepted };
        self.to_writer.send(order).map_err(|_| MonthEndError::Stopped)?;
        if is_all {
            return Ok(all_in_force(&taken));
        }
        when_accepted.recv().map_err(|_| MonthEndError::Stopped)?;
        let store = match &mut self.store {
            Some(store) => store,
            closed => closed.insert(Store::open(self.shared.month_end.database)?),
        };
        Ok(store.facts_in_force(plan, None)?)
    }

    /// Has the files accepted, if there are any.
    fn only_accept(&self, plan: &'a AreaPlan, taken: Vec<TakenIn>) -> Result<AreaResult, MonthEndError> {
        let counts = taken.iter().map(|file| &file.checked.counts);
        let (accepted, rejected) = counts.fold((0, 0), |(accepted, rejected), counts| {
            (accepted + u64::from(counts.accepted), rejected + u64::from(counts.rows - counts.accepted))
        });
        if !taken.is_empty() {
            let order = Order::Accept { plan, files: Arc::new(taken), as_first: false, accepted: None };
            self.to_writer.send(order).map_err(|_| MonthEndError::Stopped)?;
        }
        Ok(AreaResult::TakenIn { accepted, rejected })
    }

    /// Writes the pack beside its place and has it published; the writer puts it in place.
    fn publish(
        &self,
        plan: &'a AreaPlan,
        places: &Places<'_>,
        pack: FrozenPack,
    ) -> Result<(), MonthEndError> {
        places.write(&plan.area.code, &pack)?;
        let manifest_sha256 = pack.manifest().sha256;
        let files = pack
            .files
            .into_iter()
            .map(|file| {
                let is_packed = file.path.ends_with(".pdf");
                let bytes = if is_packed {
                    StoredBytes::plain(file.bytes)
                } else {
                    StoredBytes::compress(&file.bytes)
                };
                PackFile { path: file.path, sha256: file.sha256, bytes }
            })
            .collect();
        let order = Order::Publish {
            area_code: &plan.area.code,
            manifest_sha256,
            plan_sha256: self.shared.plan_sha256,
            files,
        };
        self.to_writer.send(order).map_err(|_| MonthEndError::Stopped)
    }
}

fn rows(facts: &AreaFacts) -> (u64, u64) {
    let counts = facts.intake.values();
    counts.fold((0, 0), |(accepted, rejected), count| {
        (accepted + u64::from(count.accepted), rejected + u64::from(count.rows - count.accepted))
    })
}

/// The facts of an area's first returns, numbered as the store will number them.
fn all_in_force(taken: &[TakenIn]) -> FactsInForce {
    let mut in_force = FactsInForce::default();
    let facts = &mut in_force.facts;
    for (number, file) in (1u32..).zip(taken) {
        let checked = &file.checked;
        let from = |source: Source| Source { submission: number, ..source };
        match &checked.facts {
            ReturnFacts::Capitation(lines) => {
                facts.capitation =
                    lines.iter().map(|line| CapitationLine { source: from(line.source), ..*line }).collect();
            }
            ReturnFacts::Finance(lines) => {
                facts.finance =
                    lines.iter().map(|line| FinanceLine { source: from(line.source), ..*line }).collect();
            }
            ReturnFacts::Measures(lines) => {
                facts.measures =
                    lines.iter().map(|line| MeasureFact { source: from(line.source), ..*line }).collect();
            }
            ReturnFacts::Targets(lines) => {
                facts.targets =
                    lines.iter().map(|line| Target { source: from(line.source), ..*line }).collect();
            }
        }
        facts.intake.insert(checked.return_type, checked.counts.clone());
        facts.rejects.extend(checked.rejects.iter().cloned());
        in_force.inputs.push(Input {
            return_type: checked.return_type,
            number,
            file_name: file.file_name.clone(),
            sha256: file.sha256,
        });
    }
    facts.rejects.sort();
    in_force
}
