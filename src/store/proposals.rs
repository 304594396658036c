//! Editions of the plan on their way: proposed by one person, approved by another.

use super::{
    Deed, SendLimits, Sha256, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    bytes::restored,
    db::on_db,
    hex, integer, kept_time, natural,
    plans::{PLAN, PlanEdition, add_edition, digest_of, latest_edition},
    read_sha256,
    schema::{plan_file, plan_proposal, plan_proposal_area, plan_proposal_file},
    sent_lately::must_have_room,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// What has become of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// Waits for somebody else to approve it.
    Proposed,
    Approved,
    Withdrawn,
}

impl ProposalState {
    const ALL: [ProposalState; 3] =
        [ProposalState::Proposed, ProposalState::Approved, ProposalState::Withdrawn];

    pub fn name(self) -> &'static str {
        match self {
            ProposalState::Proposed => "proposed",
            ProposalState::Approved => "approved",
            ProposalState::Withdrawn => "withdrawn",
        }
    }
}

/// A plan to be proposed.
pub struct NewProposal<'a> {
    /// The edition that it was compared with; none where there is none yet.
    pub against: Option<u32>,
    pub note: &'a str,
    pub proposed_by: u32,
    /// Names and contents.
    pub files: &'a [(String, Vec<u8>)],
    /// The codes of the areas whose rows it changes; an empty one for rows that speak of all.
    pub touched: &'a BTreeSet<String>,
}

/// A proposal as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub number: u32,
    /// Of all its files' names and contents, as an edition's.
    pub sha256: Sha256,
    pub against: Option<u32>,
    pub note: String,
    pub proposed_by: u32,
    pub proposed_at: NaiveDateTime,
    pub state: ProposalState,
    pub decided_by: Option<u32>,
    pub decided_at: Option<NaiveDateTime>,
    /// What it became.
    pub edition: Option<u32>,
    /// The codes of the areas whose rows it changes; an empty one for rows that speak of all.
    pub touched: BTreeSet<String>,
}

impl Store {
    /// Keeps a proposal and gives its number.
    ///
    /// Overtaken where another edition is current by now than it was compared with, or has the same files.
    /// Fails with [`StoreError::SentEnough`] where whoever proposes it has sent as much within a day as they
    /// may.
    pub fn propose_plan(
        &mut self,
        new: &NewProposal<'_>,
        limits: &SendLimits,
        deed: &Deed,
    ) -> Result<u32, StoreError> {
        let sha256 = digest_of(new.files);
        let kept: Vec<(&String, StoredBytes)> =
            new.files.iter().map(|(name, bytes)| (name, StoredBytes::compress(bytes))).collect();
        let bytes: usize = kept.iter().map(|(_, stored)| stored.content().len()).sum();
        self.db.write(&[PLAN, AUDIT], |db| {
            let current = latest_edition(db)?;
            if current.as_ref().map(|edition| edition.number) != new.against {
                return Err(StoreError::Overtaken(MOVED_ON));
            }
            if current.is_some_and(|edition| edition.sha256 == sha256) {
                return Err(StoreError::Overtaken("these are the files of the present edition already"));
            }
            must_have_room(db, new.proposed_by, bytes as u64, deed.at, limits)?;
            let last: Option<i32> =
                plan_proposal::table.select(diesel::dsl::max(plan_proposal::number)).first(db)?;
            let number = last.unwrap_or(0) + 1;
            let row = (
                plan_proposal::number.eq(number),
                plan_proposal::sha256.eq(hex(&sha256)),
                plan_proposal::against.eq(new.against.map(integer).transpose()?),
                plan_proposal::note.eq(new.note),
                plan_proposal::proposed_by.eq(integer(new.proposed_by)?),
                plan_proposal::proposed_at.eq(kept_time(deed.at)),
                plan_proposal::state.eq(ProposalState::Proposed.name()),
            );
            on_db!(db, |c| diesel::insert_into(plan_proposal::table).values(row).execute(c))?;
            for (name, stored) in &kept {
                let row = (
                    plan_proposal_file::proposal.eq(number),
                    plan_proposal_file::name.eq(*name),
                    plan_proposal_file::encoding.eq(stored.encoding().name()),
                    plan_proposal_file::content.eq(stored.content()),
                );
                on_db!(db, |c| diesel::insert_into(plan_proposal_file::table).values(row).execute(c))?;
            }
            for area_code in new.touched {
                let row = (
                    plan_proposal_area::proposal.eq(number),
                    plan_proposal_area::area_code.eq(area_code.as_str()),
                );
                on_db!(db, |c| diesel::insert_into(plan_proposal_area::table).values(row).execute(c))?;
            }
            audit::add(db, &Deed { subject: format!("plan proposal {number}"), ..deed.clone() })?;
            natural(number)
        })
    }

    /// Every proposal, the latest first.
    pub fn proposals(&mut self) -> Result<Vec<Proposal>, StoreError> {
        let rows: Vec<ProposalRow> = plan_proposal::table
            .order(plan_proposal::number.desc())
            .select(ProposalRow::as_select())
            .load(&mut self.db)?;
        // They are written with their proposals, so what was proposed by now has them.
        let areas: Vec<(i32, String)> = plan_proposal_area::table.load(&mut self.db)?;
        let mut touched: HashMap<i32, BTreeSet<String>> = HashMap::new();
        for (proposal, area_code) in areas {
            touched.entry(proposal).or_default().insert(area_code);
        }
        rows.into_iter()
            .map(|row| {
                let areas = touched.remove(&row.number).unwrap_or_default();
                read(row, areas)
            })
            .collect()
    }

    /// The files of a proposal, in the order of their names.
    pub fn proposal_files(&mut self, number: u32) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows: Vec<(String, String, Vec<u8>)> = plan_proposal_file::table
            .filter(plan_proposal_file::proposal.eq(integer(number)?))
            .order(plan_proposal_file::name)
            .select((plan_proposal_file::name, plan_proposal_file::encoding, plan_proposal_file::content))
            .load(&mut self.db)?;
        rows.into_iter().map(|(name, encoding, content)| Ok((name, restored(&encoding, content)?))).collect()
    }

    /// Makes a waiting proposal the current edition, and gives its number.
    ///
    /// Overtaken where somebody has decided on it, or another edition is current than it was compared with.
    pub fn approve_proposal(
        &mut self,
        proposal: &Proposal,
        decided_by: u32,
        deed: &Deed,
    ) -> Result<u32, StoreError> {
        let files = self.proposal_files(proposal.number)?;
        if digest_of(&files) != proposal.sha256 {
            return Err(StoreError::Damaged(format!("the files of plan proposal {}", proposal.number)));
        }
        self.db.write(&[PLAN, AUDIT], |db| {
            let current = latest_edition(db)?;
            if current.as_ref().map(|edition| edition.number) != proposal.against {
                return Err(StoreError::Overtaken(MOVED_ON));
            }
            let number = current.map_or(1, |edition| edition.number + 1);
            let loaded_at = kept_time(deed.at);
            add_edition(db, &PlanEdition { number, sha256: proposal.sha256, loaded_at }, &files)?;
            let decided = (
                plan_proposal::state.eq(ProposalState::Approved.name()),
                plan_proposal::decided_by.eq(Some(integer(decided_by)?)),
                plan_proposal::decided_at.eq(Some(loaded_at)),
                plan_proposal::edition.eq(Some(integer(number)?)),
            );
            let row = plan_proposal::table
                .filter(plan_proposal::number.eq(integer(proposal.number)?))
                .filter(plan_proposal::state.eq(ProposalState::Proposed.name()));
            decide_once(on_db!(db, |c| diesel::update(row).set(decided).execute(c))?)?;
            audit::add(db, deed)?;
            Ok(number)
        })
    }

    /// Takes a waiting proposal back.
    pub fn withdraw_proposal(&mut self, number: u32, decided_by: u32, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[PLAN, AUDIT], |db| {
            let decided = (
                plan_proposal::state.eq(ProposalState::Withdrawn.name()),
                plan_proposal::decided_by.eq(Some(integer(decided_by)?)),
                plan_proposal::decided_at.eq(Some(kept_time(deed.at))),
            );
            let row = plan_proposal::table
                .filter(plan_proposal::number.eq(integer(number)?))
                .filter(plan_proposal::state.eq(ProposalState::Proposed.name()));
            decide_once(on_db!(db, |c| diesel::update(row).set(decided).execute(c))?)?;
            audit::add(db, deed)
        })
    }

    /// The files of an edition with their lengths, in the order of their names.
    pub fn plan_edition_files(&mut self, edition: u32) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = plan_file::table
            .filter(plan_file::edition.eq(integer(edition)?))
            .order(plan_file::name)
            .select((plan_file::name, plan_file::byte_count))
            .load(&mut self.db)?;
        rows.into_iter().map(|(name, bytes)| Ok((name, super::length(bytes)?))).collect()
    }

    /// A file of an edition as it was loaded.
    pub fn plan_edition_file(&mut self, edition: u32, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let file: Option<(String, Vec<u8>)> = plan_file::table
            .find((integer(edition)?, name))
            .select((plan_file::encoding, plan_file::content))
            .first(&mut self.db)
            .optional()?;
        file.map(|(encoding, content)| restored(&encoding, content)).transpose()
    }
}

const MOVED_ON: &str = "another edition of the plan has taken effect meanwhile. Propose the plan anew, so that \
                        it is compared with that one";

fn decide_once(rows: usize) -> Result<(), StoreError> {
    const DECIDED: &str = "somebody has decided on this proposal already. Look at it again";
    if rows == 1 { Ok(()) } else { Err(StoreError::Overtaken(DECIDED)) }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = plan_proposal)]
struct ProposalRow {
    number: i32,
    sha256: String,
    against: Option<i32>,
    note: String,
    proposed_by: i32,
    proposed_at: NaiveDateTime,
    state: String,
    decided_by: Option<i32>,
    decided_at: Option<NaiveDateTime>,
    edition: Option<i32>,
}

fn read(row: ProposalRow, touched: BTreeSet<String>) -> Result<Proposal, StoreError> {
    let known = ProposalState::ALL.into_iter().find(|known| known.name() == row.state);
    Ok(Proposal {
        number: natural(row.number)?,
        sha256: read_sha256(&row.sha256)?,
        against: row.against.map(natural).transpose()?,
        note: row.note,
        proposed_by: natural(row.proposed_by)?,
        proposed_at: row.proposed_at,
        state: known
            .ok_or_else(|| StoreError::Damaged(format!("the state {:?} of a proposal", row.state)))?,
        decided_by: row.decided_by.map(natural).transpose()?,
        decided_at: row.decided_at,
        edition: row.edition.map(natural).transpose()?,
        touched,
    })
}
