//! Plan editing: an edition is proposed by one person, compared with the present one, and takes effect
//! when another approves it.
//!
//! Administrators change any part of a plan. Pooled budget managers change what speaks of their areas; what
//! speaks of all areas, such as windows and segments, only where they manage all. People of some areas
//! see the proposals that change something there, or for all areas, and of each what concerns these.

use super::{
    Asking, FieldFault, Refusal, Service, Who,
    live::PlanNow,
    publication::{LONGEST_REASON, checked_reason},
    shown,
};
use crate::{
    figures::agreement::AreaPlan,
    people::Role,
    plan::{self, Plan, PlanFile, RowChange, export},
    returns::fault::{Fault, told},
    store::{NewProposal, Proposal, ProposalState, hex},
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Whoever may see what is proposed.
const READERS: &[Role] = &[Role::Administrator, Role::PooledBudgetManager, Role::Auditor];
/// The codes of faults that tell of nothing but the shape of what was sent: files, tables and columns.
const OF_SHAPE: [&str; 3] = ["FILE", "TABLE", "COLUMN"];
const PROPOSERS: &[Role] = &[Role::Administrator, Role::PooledBudgetManager];
/// Whose figures are shown to whom before they take effect.
pub(super) const FIGURE_READERS: &[Role] = &[Role::PooledBudgetManager, Role::Auditor];

/// A proposal as it is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProposalShown {
    pub number: u32,
    /// What an approver must quote.
    pub sha256: String,
    /// The edition that it was compared with.
    pub against: Option<u32>,
    pub note: String,
    pub proposed_by: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub proposed_at: NaiveDateTime,
    /// `proposed`, `approved` or `withdrawn`.
    pub state: &'static str,
    pub decided_by: Option<String>,
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub decided_at: Option<NaiveDateTime>,
    /// The edition that it became.
    pub edition: Option<u32>,
}

/// A proposal with what it changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProposalInFull {
    pub proposal: ProposalShown,
    /// The rows that differ and that whoever asks may see.
    pub rows: Vec<RowChange>,
    /// How many rows speak of other areas.
    pub hidden_rows: usize,
    /// What does not stand in the way but should be looked at.
    pub notes: Vec<String>,
    /// The areas that it touches and whose figures whoever asks may see.
    pub areas: Vec<AreaTouched>,
    /// Another edition has taken effect since it was compared.
    pub is_overtaken: bool,
    pub may_approve: bool,
    pub may_withdraw: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AreaTouched {
    pub area_code: String,
    pub area_name: String,
}

/// An edition as listed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditionShown {
    pub number: u32,
    pub sha256: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub loaded_at: NaiveDateTime,
    /// Names and lengths; none for whoever may not have files that speak of all areas.
    pub files: Vec<(String, u64)>,
}

/// A plan that was sent, with those tables of the present edition that were not.
pub struct NewPlan {
    pub files: Vec<PlanFile>,
    pub note: String,
    /// Tables that are not among the files stay as they are in the present edition.
    pub keeps_other_tables: bool,
}

impl Service {
    /// Checks a plan as a whole and puts it forward for somebody else to approve.
    ///
    /// Refused with everything that is wrong with it, by table, row and column.
    pub fn propose_plan(&self, (who, asking): (&Who, &Asking), new: NewPlan) -> Result<u32, Refusal> {
        if !who.person.is_any_anywhere(PROPOSERS) {
            return Err(Refusal::Absent);
        }
        let note = checked_reason("note", &new.note, LONGEST_REASON, "Say what is changed, and why")?;
        let present = self.present_plan()?;
        let files = unpacked(new.files)?;
        let files = match &present {
            Some(present) if new.keeps_other_tables => completed(files, present)?,
            Some(_) | None => files,
        };
        let before = present.as_ref().map_or(&[][..], |present| &present.files);
        let compared = plan::difference(before, &files);
        if compared.as_ref().is_ok_and(Vec::is_empty) {
            return Err(Refusal::field("files", "The plan is the same as the present edition"));
        }
        let read = plan::read(&files).map_err(|mut faults| {
            // What is wrong with rows tells of the areas that they speak of, and so does what is wrong with a
            // table as a whole, such as a contract without rates; what is wrong with its shape tells of
            // nothing but what was sent. An area that the present edition does not know may be misspelt.
            let known: BTreeSet<String> =
                present.iter().flat_map(|present| areas_of(&present.plan)).collect();
            let is_known = |row: &&RowChange| row.area_code.is_empty() || known.contains(&row.area_code);
            // Of a file that cannot be read nobody knows what it changes.
            let may_change_all = match &compared {
                Ok(rows) => {
                    let in_known: Vec<RowChange> = rows.iter().filter(is_known).cloned().collect();
                    may_change(who, &in_known, &known)
                }
                Err(_) => who.person.is_any_anywhere(&[Role::Administrator]),
            };
            if !may_change_all {
                faults.retain(|fault| OF_SHAPE.contains(&fault.code));
            }
            if faults.is_empty() { not_theirs() } else { faults_of(faults) }
        })?;
        let rows = compared.map_err(faults_of)?;
        if !may_change(who, &rows, &all_areas(&read, present.as_deref())) {
            return Err(not_theirs());
        }
        let kept: Vec<(String, Vec<u8>)> = files.into_iter().map(|file| (file.name, file.bytes)).collect();
        let proposal = NewProposal {
            against: present.map(|present| present.edition),
            note: &note,
            proposed_by: who.person.id,
            files: &kept,
            touched: &rows.iter().map(|row| row.area_code.clone()).collect(),
        };
        let detail = format!("{} rows: {note}", rows.len());
        let deed = who.deed(asking, "plan proposed", "", "", detail);
        Ok(self.change(|store| store.propose_plan(&proposal, &self.send_limits, &deed))?)
    }

    /// Every proposal that whoever asks may see, the latest first.
    pub fn proposals(&self, who: &Who) -> Result<Vec<ProposalShown>, Refusal> {
        must_read(who)?;
        let names = self.names()?;
        let proposals = self.store()?.proposals()?;
        let seen = proposals.iter().filter(|proposal| sees(who, proposal));
        Ok(seen.map(|proposal| shown_proposal(proposal, &names)).collect())
    }

    /// A proposal, with what it changes in the edition that it was compared with.
    pub fn proposal(&self, who: &Who, number: u32) -> Result<ProposalInFull, Refusal> {
        must_read(who)?;
        let (proposal, files, read) = self.proposed(who, number)?;
        let before = self.edition_files(proposal.against)?;
        let rows = plan::difference_of_kept(&before, &files).map_err(|_| unreadable(number))?;
        let present = self.present_plan()?;
        let all = all_areas(&read, present.as_deref());
        let may_change = may_change(who, &rows, &all);
        let waits = proposal.state == ProposalState::Proposed;
        let is_overtaken = waits && present.map(|present| present.edition) != proposal.against;
        let is_seen = |row: &RowChange| {
            sees_every_area(who, &all)
                || row.area_code.is_empty()
                || who.person.is_any(FIGURE_READERS, &row.area_code)
        };
        let touched: BTreeSet<&str> = rows.iter().map(|row| row.area_code.as_str()).collect();
        let areas = read.areas.iter().map(|plan| &plan.area).filter(|area| {
            let is_touched = touched.contains("") || touched.contains(area.code.as_str());
            is_touched && who.person.is_any(FIGURE_READERS, &area.code)
        });
        let hidden_rows = rows.iter().filter(|row| !is_seen(row)).count();
        Ok(ProposalInFull {
            areas: areas
                .map(|area| AreaTouched { area_code: area.code.clone(), area_name: area.name.clone() })
                .collect(),
            notes: if hidden_rows == 0 { told(&read.notes) } else { Vec::new() },
            hidden_rows,
            is_overtaken,
            may_approve: waits && !is_overtaken && may_change && proposal.proposed_by != who.person.id,
            may_withdraw: waits && may_change,
            proposal: shown_proposal(&proposal, &self.names()?),
            rows: rows.iter().filter(|row| is_seen(row)).cloned().collect(),
        })
    }

    /// Makes a proposal of somebody else the current edition, quoting the SHA-256 that was shown; gives
    /// the edition's number.
    pub fn approve_plan(
        &self,
        (who, asking): (&Who, &Asking),
        number: u32,
        seen_sha256: &str,
    ) -> Result<u32, Refusal> {
        let full = self.proposal(who, number)?;
        who.must_be_confirmed(asking.now)?;
        let proposal = self.waiting_proposal(number)?;
        if proposal.proposed_by == who.person.id {
            return Err(Refusal::NotAllowed("You proposed this plan. Somebody else must approve it.".into()));
        }
        if seen_sha256 != hex(&proposal.sha256) {
            return Err(Refusal::Conflict(
                "This is not the plan that you looked at. Look at it again.".into(),
            ));
        }
        if full.is_overtaken {
            return Err(Refusal::Conflict(
                "Another edition of the plan has taken effect since this one was compared. Propose it anew."
                    .into(),
            ));
        }
        if !full.may_approve {
            return Err(Refusal::NotAllowed(
                "This plan changes what speaks of areas that you do not manage.".into(),
            ));
        }
        let subject = format!("plan proposal {number}");
        let deed = who.deed(asking, "plan approved", "", subject, seen_sha256);
        Ok(self.change(|store| store.approve_proposal(&proposal, who.person.id, &deed))?)
    }

    /// Takes a proposal back.
    pub fn withdraw_plan(&self, (who, asking): (&Who, &Asking), number: u32) -> Result<(), Refusal> {
        let full = self.proposal(who, number)?;
        let proposal = self.waiting_proposal(number)?;
        if !full.may_withdraw {
            return Err(Refusal::NotAllowed("Whoever may propose this plan can withdraw it.".into()));
        }
        let deed = who.deed(asking, "plan withdrawn", "", format!("plan proposal {number}"), "");
        Ok(self.change(|store| store.withdraw_proposal(proposal.number, who.person.id, &deed))?)
    }

    /// Every edition, the latest first.
    pub fn plan_editions(&self, who: &Who) -> Result<Vec<EditionShown>, Refusal> {
        must_read(who)?;
        let sees_files = self.sees_plan_files(who)?;
        let mut store = self.store()?;
        let mut shown = Vec::new();
        for edition in store.plan_editions()?.into_iter().rev() {
            let files = if sees_files { store.plan_edition_files(edition.number)? } else { Vec::new() };
            let (number, loaded_at) = (edition.number, edition.loaded_at);
            shown.push(EditionShown { number, sha256: hex(&edition.sha256), loaded_at, files });
        }
        Ok(shown)
    }

    /// A file of an edition as it was loaded.
    pub fn plan_file(&self, who: &Who, edition: u32, name: &str) -> Result<Vec<u8>, Refusal> {
        must_read(who)?;
        if !self.sees_plan_files(who)? {
            return Err(Refusal::Absent);
        }
        self.store()?.plan_edition_file(edition, name)?.ok_or(Refusal::Absent)
    }

    fn sees_plan_files(&self, who: &Who) -> Result<bool, Refusal> {
        let present = self.present_plan()?;
        let areas = present.iter().flat_map(|present| &present.plan.areas);
        Ok(sees_every_area(who, &areas.map(|plan| plan.area.code.clone()).collect()))
    }

    fn present_plan(&self) -> Result<Option<Arc<PlanNow>>, Refusal> {
        match self.plan() {
            Ok(plan) => Ok(Some(plan)),
            Err(Refusal::Absent) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    fn waiting_proposal(&self, number: u32) -> Result<Proposal, Refusal> {
        let mut proposals = self.store()?.proposals()?.into_iter();
        let proposal = proposals.find(|proposal| proposal.number == number).ok_or(Refusal::Absent)?;
        match proposal.state {
            ProposalState::Proposed => Ok(proposal),
            ProposalState::Approved | ProposalState::Withdrawn => Err(Refusal::Conflict(
                "Somebody has decided on this proposal already. Look at it again.".into(),
            )),
        }
    }

    /// A proposal that whoever asks may see, with its plan.
    pub(super) fn proposed(
        &self,
        who: &Who,
        number: u32,
    ) -> Result<(Proposal, Vec<PlanFile>, Plan), Refusal> {
        let proposals = self.store()?.proposals()?;
        let mut proposals = proposals.into_iter();
        let proposal = proposals.find(|proposal| proposal.number == number && sees(who, proposal));
        let proposal = proposal.ok_or(Refusal::Absent)?;
        let files = plan_files(self.store()?.proposal_files(number)?);
        let read = plan::read_kept(&files).map_err(|_| unreadable(number))?;
        Ok((proposal, files, read))
    }

    fn edition_files(&self, edition: Option<u32>) -> Result<Vec<PlanFile>, Refusal> {
        let Some(edition) = edition else { return Ok(Vec::new()) };
        let mut store = self.store()?;
        let mut files = Vec::new();
        for (name, _) in store.plan_edition_files(edition)? {
            let bytes = store.plan_edition_file(edition, &name)?.ok_or(Refusal::Absent)?;
            files.push(PlanFile { name, bytes });
        }
        Ok(files)
    }
}

/// Whether somebody may know of a proposal: it changes something that they may read.
fn sees(who: &Who, proposal: &Proposal) -> bool {
    let reads = |code: &String| code.is_empty() || who.person.is_any(FIGURE_READERS, code);
    who.person.is_any_anywhere(&[Role::Administrator]) || proposal.touched.iter().any(reads)
}

fn must_read(who: &Who) -> Result<(), Refusal> {
    if who.person.is_any_anywhere(READERS) { Ok(()) } else { Err(Refusal::Absent) }
}

fn plan_files(files: Vec<(String, Vec<u8>)>) -> Vec<PlanFile> {
    files.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect()
}

/// The tables of archives in their place.
fn unpacked(sent: Vec<PlanFile>) -> Result<Vec<PlanFile>, Refusal> {
    let mut files = Vec::new();
    for file in sent {
        match plan::archive::is_archive(&file.name) {
            true => files.extend(plan::archive::unpack(&file.bytes).map_err(|m| Refusal::field("files", m))?),
            false => files.push(file),
        }
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = files.iter().find(|file| !names.insert(file.name.to_ascii_lowercase())) {
        return Err(Refusal::field("files", format!("{} was selected twice. Select it once", twice.name)));
    }
    if files.is_empty() {
        return Err(Refusal::field("files", "Select a workbook, a ZIP of tables or one or more CSV tables"));
    }
    Ok(files)
}

/// What was sent, as tables, with those of the present edition that were not.
fn completed(files: Vec<PlanFile>, present: &PlanNow) -> Result<Vec<PlanFile>, Refusal> {
    let mut tables = export(&files).map_err(faults_of)?;
    if tables.is_empty() {
        return Err(Refusal::field("files", "None of the selected files is a table of a plan"));
    }
    let kept = export(&present.files).map_err(faults_of)?;
    let is_sent = |file: &PlanFile| tables.iter().any(|sent| sent.name == file.name);
    let kept: Vec<PlanFile> = kept.into_iter().filter(|file| !is_sent(file)).collect();
    tables.extend(kept);
    Ok(tables)
}

fn unreadable(proposal: u32) -> Refusal {
    Refusal::Broken(format!("plan proposal {proposal} cannot be read"))
}

fn not_theirs() -> Refusal {
    Refusal::NotAllowed(
        "This plan changes what speaks of areas that you do not manage. An administrator can propose it."
            .into(),
    )
}

fn faults_of(faults: Vec<Fault>) -> Refusal {
    let field = || "files".to_owned();
    let faults = told(&faults).into_iter().map(|message| FieldFault { field: field(), message });
    Refusal::Invalid(faults.collect())
}

fn areas_of(plan: &Plan) -> impl Iterator<Item = String> {
    plan.areas.iter().map(|plan: &AreaPlan| plan.area.code.clone())
}

fn all_areas(read: &Plan, present: Option<&PlanNow>) -> BTreeSet<String> {
    areas_of(read).chain(present.into_iter().flat_map(|present| areas_of(&present.plan))).collect()
}

/// Whether somebody may change these rows: administrators all, managers those of their areas.
fn may_change(who: &Who, rows: &[RowChange], all: &BTreeSet<String>) -> bool {
    let manages = |area_code: &str| who.person.is(Role::PooledBudgetManager, area_code);
    who.person.is_any_anywhere(&[Role::Administrator])
        || rows.iter().all(|row| match row.area_code.as_str() {
            "" => all.iter().all(|area_code| manages(area_code)),
            area_code => manages(area_code),
        })
}

fn sees_every_area(who: &Who, all: &BTreeSet<String>) -> bool {
    who.person.is_any_anywhere(&[Role::Administrator])
        || all.iter().all(|area_code| who.person.is_any(FIGURE_READERS, area_code))
}

fn shown_proposal(proposal: &Proposal, names: &HashMap<u32, String>) -> ProposalShown {
    let name = |id: u32| names.get(&id).cloned().unwrap_or_default();
    ProposalShown {
        number: proposal.number,
        sha256: hex(&proposal.sha256),
        against: proposal.against,
        note: proposal.note.clone(),
        proposed_by: name(proposal.proposed_by),
        proposed_at: proposal.proposed_at,
        state: proposal.state.name(),
        decided_by: proposal.decided_by.map(name),
        decided_at: proposal.decided_at,
        edition: proposal.edition,
    }
}
