//! Publication: one pooled budget manager prepares a month's pack, another approves what they saw.
//!
//! What is approved is the SHA-256 of the pack's manifest, which names every file and everything that
//! they were made from. Approval makes the pack again; where it is not the same to the byte, the draft is
//! void. Approving publishes the pack as the month's next version, to be read from its release time on.

use super::{
    Asking, FieldFault, Refusal, Service, Who,
    commentary::plain,
    live::AreaNow,
    month::{Blocker, MANAGER},
    post::told::new_messages,
    shown,
};
use crate::{
    figures::period::Month,
    month_end::{MONTH_OPENED, PackTerms, pack_of, restates_next},
    packs::freeze::{Formats, FrozenPack},
    people::Role,
    store::{
        Approval, Draft, DraftState, Edition, NewDraft, NewPublication, PackFile, StoreError, StoredBytes,
        hex,
    },
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};

/// The most letters of a reason.
pub(super) const LONGEST_REASON: usize = 1_000;

/// How a pack is to be published.
#[derive(Clone, Debug)]
pub struct NewPack {
    pub edition: Edition,
    /// In UTC; none for as soon as it is approved.
    pub release_at: Option<NaiveDateTime>,
    /// Why it goes out although something blocks it; empty where nothing does.
    pub override_reason: String,
}

/// A pack put forward, as it is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DraftShown {
    pub area_code: String,
    pub number: u32,
    #[serde(serialize_with = "shown::month")]
    #[schemars(with = "String")]
    pub as_at: Month,
    /// What an approver must quote.
    pub manifest_sha256: String,
    /// `restricted` or `public`.
    pub edition: &'static str,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub release_at: NaiveDateTime,
    /// It is released as soon as it is approved.
    pub is_at_once: bool,
    pub override_reason: String,
    pub prepared_by: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub prepared_at: NaiveDateTime,
    /// `prepared`, `approved`, `withdrawn` or `void`.
    pub state: &'static str,
    pub decided_by: Option<String>,
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub decided_at: Option<NaiveDateTime>,
    pub reason: String,
    pub version: Option<u32>,
    /// Whoever asked may approve it.
    pub may_approve: bool,
    pub may_withdraw: bool,
}

/// A pack that was approved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Approved {
    pub version: u32,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub release_at: NaiveDateTime,
}

/// A pack as it would be published now, and what it was made from.
pub(super) struct MadePack {
    area: Arc<AreaNow>,
    pub pack: FrozenPack,
    last_commentary: u32,
}

impl Service {
    /// The SHA-256 of the month's pack as it would be published now, and what blocks it.
    ///
    /// Refused while the month is locked because its pack was approved.
    pub fn pack_to_prepare(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Month,
    ) -> Result<(String, Vec<Blocker>), Refusal> {
        who.must_be(MANAGER, area_code)?;
        self.must_be_open(area_code, as_at)?;
        let made = self.make_pack(area_code, as_at)?;
        Ok((hex(&made.pack.manifest().sha256), self.blockers(area_code, as_at)?))
    }

    /// Puts the month's pack forward for somebody else to approve; gives the draft's number.
    ///
    /// Refused with everything that blocks it, unless a reason is given to publish all the same; and
    /// where a pack of the month waits already, or was approved and the month not opened since.
    pub fn prepare_pack(
        &self,
        (who, asking): (&Who, &Asking),
        area_code: &str,
        as_at: Month,
        new: &NewPack,
    ) -> Result<DraftShown, Refusal> {
        who.must_be(MANAGER, area_code)?;
        self.must_be_open(area_code, as_at)?;
        let blockers = self.blockers(area_code, as_at)?;
        let reason = plain(&new.override_reason);
        let faults = faults_of(new, &blockers, asking.now);
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let made = self.make_pack(area_code, as_at)?;
        let manifest_sha256 = made.pack.manifest().sha256;
        let draft = NewDraft {
            area_code,
            as_at,
            manifest_sha256,
            edition: new.edition,
            release_at: new.release_at.unwrap_or(asking.now),
            override_reason: if blockers.is_empty() { "" } else { &reason },
            prepared_by: who.person.id,
        };
        let mut detail = format!("{as_at}, {} edition, {}", new.edition.name(), hex(&manifest_sha256));
        if !draft.override_reason.is_empty() {
            detail += &format!(", although {}: {reason}", listed(&blockers));
        }
        let deed = who.deed(asking, "pack prepared", area_code, "", detail);
        let told = self.tell_pack_waits(
            &who.person,
            (area_code, as_at),
            !draft.override_reason.is_empty(),
            asking.now,
        )?;
        let number = self.change(|store| store.prepare_draft(&draft, &new_messages(&told), &deed))?;
        self.draft(who, area_code, number)
    }

    /// The area's drafts, the latest first; of one month where it is named.
    pub fn drafts(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Option<Month>,
    ) -> Result<Vec<DraftShown>, Refusal> {
        who.must_be(&[Role::PooledBudgetManager, Role::Auditor], area_code)?;
        let names = self.names()?;
        let drafts = self.store()?.drafts(area_code)?.into_iter();
        let of_month = drafts.filter(|draft| as_at.is_none_or(|month| draft.as_at == month));
        Ok(of_month.map(|draft| shown_draft(who, &draft, &names)).collect())
    }

    /// One draft.
    pub fn draft(&self, who: &Who, area_code: &str, number: u32) -> Result<DraftShown, Refusal> {
        let mut drafts = self.drafts(who, area_code, None)?.into_iter();
        drafts.find(|draft| draft.number == number).ok_or(Refusal::Absent)
    }

    /// A file of a draft that waits, made again: the approver reads what they approve.
    ///
    /// Each such reading is recorded. A conflict where what it was made from has changed.
    pub fn draft_file(
        &self,
        (who, asking): (&Who, &Asking),
        area_code: &str,
        number: u32,
        path: &str,
    ) -> Result<Vec<u8>, Refusal> {
        who.must_be(&[Role::PooledBudgetManager, Role::Auditor], area_code)?;
        let draft = self.waiting_draft(area_code, number)?;
        let made = self.make_pack(area_code, draft.as_at)?;
        if made.pack.manifest().sha256 != draft.manifest_sha256 {
            return Err(Refusal::Conflict(CHANGED.into()));
        }
        let file = made.pack.files.into_iter().find(|file| file.path == path).ok_or(Refusal::Absent)?;
        let subject = format!("draft {number}");
        let deed = who.deed(asking, "pack read before release", area_code, subject, path);
        self.store()?.record(&deed)?;
        Ok(file.bytes)
    }

    /// Approves a draft that somebody else prepared, quoting the SHA-256 that was shown: publishes it as
    /// the month's next version and locks the month.
    ///
    /// A conflict where somebody has decided already; and where the pack made again is not the one that
    /// was prepared, which makes the draft void.
    pub fn approve_pack(
        &self,
        (who, asking): (&Who, &Asking),
        area_code: &str,
        number: u32,
        seen_sha256: &str,
    ) -> Result<Approved, Refusal> {
        who.must_be(MANAGER, area_code)?;
        who.must_be_confirmed(asking.now)?;
        let draft = self.waiting_draft(area_code, number)?;
        if draft.prepared_by == who.person.id {
            return Err(Refusal::NotAllowed(
                "You prepared this pack. Another pooled budget manager must approve it.".into(),
            ));
        }
        if seen_sha256 != hex(&draft.manifest_sha256) {
            return Err(Refusal::Conflict(
                "The pack that you looked at is not the one that waits for approval. Look at it again."
                    .into(),
            ));
        }
        let made = self.make_pack(area_code, draft.as_at)?;
        if made.pack.manifest().sha256 != draft.manifest_sha256 {
            self.declare_void((who, asking), &draft)?;
            return Err(Refusal::Conflict(format!("{CHANGED} This one is void: prepare the pack again.")));
        }
        let files = stored(made.pack.files);
        let publication = NewPublication {
            area_code,
            as_at: draft.as_at,
            manifest_sha256: draft.manifest_sha256,
            plan_sha256: made.area.plan.sha256,
            published_at: asking.now,
            files: &files,
        };
        let approval = Approval {
            draft: &draft,
            decided_by: who.person.id,
            publication: &publication,
            inputs: &made.area.facts.inputs,
            plan_edition: made.area.plan.edition,
            last_commentary: made.last_commentary,
        };
        let detail = format!("{}, {} edition, {seen_sha256}", draft.as_at, draft.edition.name());
        let deed = who.deed(asking, "pack approved", area_code, format!("draft {number}"), detail);
        let version = self.change(|store| store.approve_draft(&approval, &deed))?;
        Ok(Approved { version, release_at: draft.release_at.max(asking.now) })
    }

    /// Takes a draft back, saying why.
    pub fn withdraw_pack(
        &self,
        (who, asking): (&Who, &Asking),
        area_code: &str,
        number: u32,
        reason: &str,
    ) -> Result<(), Refusal> {
        who.must_be(MANAGER, area_code)?;
        let reason = checked_reason("reason", reason, LONGEST_REASON, "Say why it is withdrawn")?;
        let draft = self.waiting_draft(area_code, number)?;
        let deed = who.deed(asking, "pack withdrawn", area_code, format!("draft {number}"), &*reason);
        let by = (who.person.id, &*reason);
        Ok(self.change(|store| store.end_draft(&draft, DraftState::Withdrawn, by, &deed))?)
    }

    /// Opens a month whose pack was approved, so that it can be restated.
    pub fn open_month(
        &self,
        (who, asking): (&Who, &Asking),
        area_code: &str,
        as_at: Month,
        reason: &str,
    ) -> Result<(), Refusal> {
        who.must_be(MANAGER, area_code)?;
        let reason = checked_reason("reason", reason, LONGEST_REASON, "Say why the month is opened")?;
        if self.approved_since(area_code, as_at)?.is_none() {
            return Err(Refusal::Conflict(
                "The pack of this month is not approved, or it is open already.".into(),
            ));
        }
        let subject = format!("month {as_at}");
        let deed = who.deed(asking, MONTH_OPENED, area_code, subject, reason);
        Ok(self.change(|store| store.unlock_month(area_code, as_at, &deed))?)
    }

    fn declare_void(&self, (who, asking): (&Who, &Asking), draft: &Draft) -> Result<(), Refusal> {
        let subject = format!("draft {}", draft.number);
        let reason = "What it was made from had changed";
        let deed = who.deed(asking, "pack void", &draft.area_code, subject, reason);
        let by = (who.person.id, reason);
        match self.change(|store| store.end_draft(draft, DraftState::Void, by, &deed)) {
            Ok(()) | Err(StoreError::Overtaken(_)) => Ok(()), // void already, or decided on
            Err(error) => Err(error.into()),
        }
    }

    fn waiting_draft(&self, area_code: &str, number: u32) -> Result<Draft, Refusal> {
        let mut drafts = self.store()?.drafts(area_code)?.into_iter();
        let draft = drafts.find(|draft| draft.number == number).ok_or(Refusal::Absent)?;
        match draft.state {
            DraftState::Prepared => Ok(draft),
            DraftState::Approved | DraftState::Withdrawn | DraftState::Void => {
                Err(Refusal::Conflict(format!(
                    "This pack does not wait any more: it was {} before. Look at the month’s packs again.",
                    match draft.state {
                        DraftState::Approved => "approved",
                        DraftState::Withdrawn => "withdrawn",
                        DraftState::Prepared | DraftState::Void => "found to be out of date",
                    }
                )))
            }
        }
    }

    /// Makes the month's pack from what is in force now.
    pub(super) fn make_pack(&self, area_code: &str, as_at: Month) -> Result<MadePack, Refusal> {
        let area = self.area_of_month(area_code, as_at)?;
        let commentary = self.store()?.commentary(Some(area_code))?;
        let restates = restates_next(&mut *self.store()?, area_code, as_at)?;
        let terms = PackTerms {
            commentary: &commentary,
            restates: restates.as_ref(),
            as_at,
            plan_sha256: area.plan.sha256,
            templates: &*self.templates_now()?,
            formats: Formats::ALL,
        };
        let last_commentary = commentary.last().map_or(0, |written| written.number);
        let pack = pack_of(area.agreement(), &area.facts, &terms)
            .map_err(|fault| Refusal::Broken(fault.to_string()))?;
        Ok(MadePack { area, pack, last_commentary })
    }
}

const CHANGED: &str = "Something that the pack is made from has changed since it was prepared.";

fn faults_of(new: &NewPack, blockers: &[Blocker], now: NaiveDateTime) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let reason = new.override_reason.trim();
    faults.extend(FieldFault::too_long("override_reason", "The reason", reason, LONGEST_REASON));
    let mut fault = |field: &str, message: String| {
        faults.push(FieldFault { field: field.to_owned(), message });
    };
    if new.release_at.is_some_and(|time| time <= now) {
        fault("release_day", "The time of release must be in the future".into());
    }
    if reason.is_empty() && !blockers.is_empty() {
        fault("override_reason", "Say why the pack goes out although something is missing".into());
        for blocker in blockers {
            fault("override_reason", blocker.words.clone());
        }
    }
    faults
}

fn listed(blockers: &[Blocker]) -> String {
    let words: Vec<&str> = blockers.iter().map(|blocker| blocker.words.as_str()).collect();
    words.join("; ")
}

/// A reason that can be kept.
pub(super) fn checked_reason(
    field: &str,
    reason: &str,
    longest: usize,
    if_empty: &str,
) -> Result<String, Refusal> {
    let reason = plain(reason);
    if reason.is_empty() {
        return Err(Refusal::field(field, if_empty));
    }
    match FieldFault::too_long(field, "The reason", &reason, longest) {
        Some(fault) => Err(Refusal::Invalid(vec![fault])),
        None => Ok(reason),
    }
}

fn stored(files: Vec<crate::packs::freeze::FrozenFile>) -> Vec<PackFile> {
    let packed = |path: &str, bytes: Vec<u8>| match path.ends_with(".pdf") {
        true => StoredBytes::plain(bytes),
        false => StoredBytes::compress(&bytes),
    };
    let kept = files.into_iter().map(|file| PackFile {
        bytes: packed(&file.path, file.bytes),
        path: file.path,
        sha256: file.sha256,
    });
    kept.collect()
}

fn shown_draft(who: &Who, draft: &Draft, names: &HashMap<u32, String>) -> DraftShown {
    let name = |id: u32| names.get(&id).cloned().unwrap_or_default();
    let is_manager = who.person.is(Role::PooledBudgetManager, &draft.area_code);
    let waits = draft.state == DraftState::Prepared;
    DraftShown {
        area_code: draft.area_code.clone(),
        number: draft.number,
        as_at: draft.as_at,
        manifest_sha256: hex(&draft.manifest_sha256),
        edition: draft.edition.name(),
        release_at: draft.release_at,
        is_at_once: draft.release_at <= draft.prepared_at,
        override_reason: draft.override_reason.clone(),
        prepared_by: name(draft.prepared_by),
        prepared_at: draft.prepared_at,
        state: draft.state.name(),
        decided_by: draft.decided_by.map(name),
        decided_at: draft.decided_at,
        reason: draft.reason.clone(),
        version: draft.version,
        may_approve: waits && is_manager && draft.prepared_by != who.person.id,
        may_withdraw: waits && is_manager,
    }
}
