//! Packs on their way: prepared by one person, approved by another, released at a time.

use super::{
    Deed, Input, LockReason, NewMessage, NewPublication, Sha256, Store, StoreError,
    audit::{self, AUDIT},
    db::{Db, on_db},
    facts::read_month,
    hex, integer,
    jobs::{self, JOBS, Origin},
    kept_time, messages, month_locks, natural,
    plans::{PLAN, latest_edition},
    publications::add_version,
    read_sha256,
    schema::{month_lock, pack_draft, release},
    submissions::{in_force, inputs, list},
};
use crate::figures::period::Month;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// To whom a version is readable once it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// To the area's own people.
    Restricted,
    /// To everybody.
    Public,
}

impl Edition {
    pub const ALL: [Edition; 2] = [Edition::Restricted, Edition::Public];

    pub fn name(self) -> &'static str {
        match self {
            Edition::Restricted => "restricted",
            Edition::Public => "public",
        }
    }

    pub fn from_name(name: &str) -> Option<Edition> {
        Edition::ALL.into_iter().find(|edition| edition.name() == name)
    }
}

/// What has become of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// Waits for somebody else to approve it.
    Prepared,
    Approved,
    Withdrawn,
    /// What it was made from had changed before it was approved.
    Void,
}

impl DraftState {
    const ALL: [DraftState; 4] =
        [DraftState::Prepared, DraftState::Approved, DraftState::Withdrawn, DraftState::Void];

    pub fn name(self) -> &'static str {
        match self {
            DraftState::Prepared => "prepared",
            DraftState::Approved => "approved",
            DraftState::Withdrawn => "withdrawn",
            DraftState::Void => "void",
        }
    }
}

/// A pack to be put forward for approval.
pub struct NewDraft<'a> {
    pub area_code: &'a str,
    pub as_at: Month,
    /// Of the pack's manifest, which is what is approved.
    pub manifest_sha256: Sha256,
    pub edition: Edition,
    /// In UTC; a time that has passed by then means at once.
    pub release_at: NaiveDateTime,
    /// Why it goes out although something is missing; empty where nothing is.
    pub override_reason: &'a str,
    pub prepared_by: u32,
}

/// A draft as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub area_code: String,
    pub number: u32,
    pub as_at: Month,
    pub manifest_sha256: Sha256,
    pub edition: Edition,
    pub release_at: NaiveDateTime,
    pub override_reason: String,
    pub prepared_by: u32,
    pub prepared_at: NaiveDateTime,
    pub state: DraftState,
    pub decided_by: Option<u32>,
    pub decided_at: Option<NaiveDateTime>,
    pub reason: String,
    pub version: Option<u32>,
}

/// When and to whom a version is readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub area_code: String,
    pub as_at: Month,
    pub version: u32,
    /// In UTC.
    pub release_at: NaiveDateTime,
    pub edition: Edition,
}

/// A draft that somebody approves, with the pack that it is published as.
pub struct Approval<'a> {
    pub draft: &'a Draft,
    pub decided_by: u32,
    pub publication: &'a NewPublication<'a>,
    /// The returns that the pack was made from: others in force by now stop it.
    pub inputs: &'a [Input],
    /// The edition of the plan that it was made from.
    pub plan_edition: u32,
    /// The number of the area's last commentary that it was made with.
    pub last_commentary: u32,
}

impl Store {
    /// Puts a pack forward; one at a time for each month, and none of a month whose pack was approved until
    /// it is opened. `messages` tell of it; which draft they announce is set here.
    pub fn prepare_draft(
        &mut self,
        new: &NewDraft<'_>,
        messages: &[NewMessage<'_>],
        deed: &Deed,
    ) -> Result<u32, StoreError> {
        self.db.write(&[new.area_code, AUDIT], |db| {
            let waiting: Option<i32> = pack_draft::table
                .filter(pack_draft::area_code.eq(new.area_code))
                .filter(pack_draft::as_at.eq(new.as_at.number()))
                .filter(pack_draft::state.eq(DraftState::Prepared.name()))
                .select(pack_draft::number)
                .first(db)
                .optional()?;
            if waiting.is_some() {
                return Err(StoreError::Overtaken(
                    "a pack of this month waits for approval already. Approve or withdraw that one first",
                ));
            }
            let lock = month_locks::lock_of(db, new.area_code, new.as_at)?;
            if lock.is_some_and(|lock| lock.why == LockReason::Approved) {
                return Err(StoreError::Overtaken(
                    "a pack of this month was approved meanwhile. Open the month first, under Packs",
                ));
            }
            let last: Option<i32> = pack_draft::table
                .filter(pack_draft::area_code.eq(new.area_code))
                .select(diesel::dsl::max(pack_draft::number))
                .first(db)?;
            let number = last.unwrap_or(0) + 1;
            let row = (
                pack_draft::area_code.eq(new.area_code),
                pack_draft::number.eq(number),
                pack_draft::as_at.eq(new.as_at.number()),
                pack_draft::manifest_sha256.eq(hex(&new.manifest_sha256)),
                pack_draft::edition.eq(new.edition.name()),
                pack_draft::release_at.eq(kept_time(new.release_at)),
                pack_draft::override_reason.eq(new.override_reason),
                pack_draft::prepared_by.eq(integer(new.prepared_by)?),
                pack_draft::prepared_at.eq(kept_time(deed.at)),
                pack_draft::state.eq(DraftState::Prepared.name()),
                pack_draft::reason.eq(""),
            );
            on_db!(db, |c| diesel::insert_into(pack_draft::table).values(row).execute(c))?;
            let subject = format!("draft {number}");
            audit::add(db, &Deed { subject: subject.clone(), ..deed.clone() })?;
            for message in messages {
                messages::add(db, &NewMessage { subject: &subject, ..*message })?;
            }
            natural(number)
        })
    }

    /// An area's drafts, the latest first.
    pub fn drafts(&mut self, area_code: &str) -> Result<Vec<Draft>, StoreError> {
        let rows: Vec<DraftRow> = pack_draft::table
            .filter(pack_draft::area_code.eq(area_code))
            .order(pack_draft::number.desc())
            .select(DraftRow::as_select())
            .load(&mut self.db)?;
        rows.into_iter().map(read_draft).collect()
    }

    /// Takes a waiting draft back, or declares it void.
    pub fn end_draft(
        &mut self,
        draft: &Draft,
        state: DraftState,
        (decided_by, reason): (u32, &str),
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[&draft.area_code, AUDIT], |db| {
            let row = waiting(draft)?;
            let decided = (
                pack_draft::state.eq(state.name()),
                pack_draft::decided_by.eq(Some(integer(decided_by)?)),
                pack_draft::decided_at.eq(Some(kept_time(deed.at))),
                pack_draft::reason.eq(reason),
            );
            decide_once(on_db!(db, |c| diesel::update(row).set(decided).execute(c))?)?;
            audit::add(db, deed)
        })
    }

    /// Publishes a waiting draft as the month's next version, to be released at its time, and locks the
    /// month: all of it or nothing. Gives the version.
    ///
    /// The clock tells of it when its time comes.
    ///
    /// Overtaken where the draft waits no more, or other returns, another plan or other commentary are
    /// in force than the pack was made from.
    pub fn approve_draft(&mut self, approval: &Approval<'_>, deed: &Deed) -> Result<u32, StoreError> {
        let draft = approval.draft;
        self.db.write(&[&draft.area_code, PLAN, AUDIT, JOBS], |db| {
            rests_on_what_is_in_force(db, approval)?;
            let version = add_version(db, approval.publication)?;
            let row = waiting(draft)?;
            let decided = (
                pack_draft::state.eq(DraftState::Approved.name()),
                pack_draft::decided_by.eq(Some(integer(approval.decided_by)?)),
                pack_draft::decided_at.eq(Some(kept_time(deed.at))),
                pack_draft::version.eq(Some(version)),
            );
            decide_once(on_db!(db, |c| diesel::update(row).set(decided).execute(c))?)?;
            let row = (
                release::area_code.eq(&draft.area_code),
                release::as_at.eq(draft.as_at.number()),
                release::version.eq(version),
                release::release_at.eq(kept_time(draft.release_at.max(deed.at))),
                release::edition.eq(draft.edition.name()),
            );
            jobs::begin_releases(db, &draft.area_code, deed.at)?;
            on_db!(db, |c| diesel::insert_into(release::table).values(row).execute(c))?;
            let release_at = draft.release_at.max(deed.at);
            jobs::enqueue(db, "release", &draft.area_code, release_at, Origin::Event)?;
            lock_as_approved(db, draft, approval.decided_by, deed.at)?;
            audit::add(db, deed)?;
            natural(version)
        })
    }

    /// When the versions of one area, or of all, are readable, and to whom.
    pub fn releases(&mut self, area_code: Option<&str>) -> Result<Vec<Release>, StoreError> {
        let all = release::table.order((release::area_code, release::as_at, release::version));
        let rows: Vec<(String, i32, i32, NaiveDateTime, String)> = match area_code {
            Some(code) => all.filter(release::area_code.eq(code)).load(&mut self.db)?,
            None => all.load(&mut self.db)?,
        };
        let read = |(area_code, as_at, version, release_at, edition): (String, i32, i32, _, String)| {
            Ok(Release {
                area_code,
                as_at: read_month(as_at)?,
                version: natural(version)?,
                release_at,
                edition: read_edition(&edition)?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

/// The row of a draft, while it waits and is what was seen.
fn waiting(draft: &Draft) -> Result<Waiting<'_>, StoreError> {
    Ok(pack_draft::table
        .filter(pack_draft::area_code.eq(draft.area_code.as_str()))
        .filter(pack_draft::number.eq(integer(draft.number)?))
        .filter(pack_draft::manifest_sha256.eq(hex(&draft.manifest_sha256)))
        .filter(pack_draft::state.eq(DraftState::Prepared.name())))
}

type Waiting<'a> = diesel::dsl::Filter<
    diesel::dsl::Filter<
        diesel::dsl::Filter<
            diesel::dsl::Filter<pack_draft::table, diesel::dsl::Eq<pack_draft::area_code, &'a str>>,
            diesel::dsl::Eq<pack_draft::number, i32>,
        >,
        diesel::dsl::Eq<pack_draft::manifest_sha256, String>,
    >,
    diesel::dsl::Eq<pack_draft::state, &'static str>,
>;

fn decide_once(rows: usize) -> Result<(), StoreError> {
    const DECIDED: &str = "somebody has decided on this pack already. Look at it again";
    if rows == 1 { Ok(()) } else { Err(StoreError::Overtaken(DECIDED)) }
}

fn rests_on_what_is_in_force(db: &mut Db, approval: &Approval<'_>) -> Result<(), StoreError> {
    let area_code = approval.draft.area_code.as_str();
    let now = inputs(&in_force(list(db, Some(area_code))?, None));
    let edition = latest_edition(db)?.map_or(0, |edition| edition.number);
    let commentary = super::commentary::last_number(db, area_code)?;
    if now == approval.inputs && edition == approval.plan_edition && commentary == approval.last_commentary {
        return Ok(());
    }
    Err(StoreError::Overtaken("what the pack is made from has just changed. Look at it again"))
}

fn lock_as_approved(db: &mut Db, draft: &Draft, by: u32, at: NaiveDateTime) -> Result<(), StoreError> {
    let key = month_lock::table.find((draft.area_code.as_str(), draft.as_at.number()));
    on_db!(db, |c| diesel::delete(key).execute(c))?;
    let row = (
        month_lock::area_code.eq(&draft.area_code),
        month_lock::as_at.eq(draft.as_at.number()),
        month_lock::why.eq(LockReason::Approved.name()),
        month_lock::locked_by.eq(integer(by)?),
        month_lock::locked_at.eq(kept_time(at)),
    );
    on_db!(db, |c| diesel::insert_into(month_lock::table).values(row).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pack_draft)]
struct DraftRow {
    area_code: String,
    number: i32,
    as_at: i32,
    manifest_sha256: String,
    edition: String,
    release_at: NaiveDateTime,
    override_reason: String,
    prepared_by: i32,
    prepared_at: NaiveDateTime,
    state: String,
    decided_by: Option<i32>,
    decided_at: Option<NaiveDateTime>,
    reason: String,
    version: Option<i32>,
}

fn read_draft(row: DraftRow) -> Result<Draft, StoreError> {
    let known = DraftState::ALL.into_iter().find(|known| known.name() == row.state);
    Ok(Draft {
        area_code: row.area_code,
        number: natural(row.number)?,
        as_at: read_month(row.as_at)?,
        manifest_sha256: read_sha256(&row.manifest_sha256)?,
        edition: read_edition(&row.edition)?,
        release_at: row.release_at,
        override_reason: row.override_reason,
        prepared_by: natural(row.prepared_by)?,
        prepared_at: row.prepared_at,
        state: known.ok_or_else(|| StoreError::Damaged(format!("the state {:?} of a draft", row.state)))?,
        decided_by: row.decided_by.map(natural).transpose()?,
        decided_at: row.decided_at,
        reason: row.reason,
        version: row.version.map(natural).transpose()?,
    })
}

fn read_edition(name: &str) -> Result<Edition, StoreError> {
    Edition::from_name(name).ok_or_else(|| StoreError::Damaged(format!("the edition {name:?} of a pack")))
}
