//! Editions of the plan, each kept whole as it was sent.

use super::{
    Deed, Sha256, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    big_integer,
    bytes::restored,
    db::{Db, on_db},
    hex, kept_time, natural, read_sha256,
    schema::{plan_edition, plan_file},
    sha256,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::Digest;

/// What writers of the plan take turns for.
pub(super) const PLAN: &str = "plan";

/// One edition of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEdition {
    /// From 1, in the order of loading; the highest is current.
    pub number: u32,
    /// Of all its files' names and contents.
    pub sha256: Sha256,
    pub loaded_at: NaiveDateTime,
}

/// Which edition a plan has become, or already was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPlan {
    pub edition: PlanEdition,
    /// The current edition has the same files, so nothing was added.
    pub already_held: bool,
}

impl Store {
    /// Keeps the files of a plan as its next edition, unless the current edition is the same.
    ///
    /// Files are known by name and content; their order does not matter. Going back to an earlier
    /// edition's files is a new edition: the current one is always the last. It is loaded at the time of
    /// the deed, which is recorded where there is a new edition.
    pub fn keep_plan(&mut self, files: &[(String, Vec<u8>)], deed: &Deed) -> Result<KeptPlan, StoreError> {
        let sha256 = digest_of(files);
        self.db.write(&[PLAN, AUDIT], |db| {
            let current = latest_edition(db)?;
            if let Some(edition) = current.as_ref().filter(|edition| edition.sha256 == sha256) {
                return Ok(KeptPlan { edition: edition.clone(), already_held: true });
            }
            let number = current.map_or(1, |edition| edition.number + 1);
            let edition = PlanEdition { number, sha256, loaded_at: kept_time(deed.at) };
            add_edition(db, &edition, files)?;
            audit::add(db, &Deed { subject: format!("edition {number}"), ..deed.clone() })?;
            Ok(KeptPlan { edition, already_held: false })
        })
    }

    /// The current edition and its files in the order of their names; none before the first.
    #[expect(clippy::type_complexity, reason = "names and contents, as they were given")]
    pub fn current_plan(&mut self) -> Result<Option<(PlanEdition, Vec<(String, Vec<u8>)>)>, StoreError> {
        self.db.read(|db| {
            let Some(edition) = latest_edition(db)? else { return Ok(None) };
            let files = files_of(db, &edition)?;
            Ok(Some((edition, files)))
        })
    }

    /// The files of the edition with this SHA-256, in the order of their names; none where there is none.
    #[expect(clippy::type_complexity, reason = "names and contents, as they were given")]
    pub fn plan_of(&mut self, sha256: &Sha256) -> Result<Option<Vec<(String, Vec<u8>)>>, StoreError> {
        self.db.read(|db| {
            let row = plan_edition::table.filter(plan_edition::sha256.eq(hex(sha256)));
            let Some(row) = row.first::<EditionRow>(db).optional()? else { return Ok(None) };
            Ok(Some(files_of(db, &edition(row)?)?))
        })
    }

    /// Every edition, the first first.
    pub fn plan_editions(&mut self) -> Result<Vec<PlanEdition>, StoreError> {
        let rows: Vec<EditionRow> = plan_edition::table.order(plan_edition::number).load(&mut self.db)?;
        rows.into_iter().map(edition).collect()
    }
}

fn files_of(db: &mut Db, edition: &PlanEdition) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let files: Vec<(String, String, Vec<u8>)> = plan_file::table
        .filter(plan_file::edition.eq(super::integer(edition.number)?))
        .order(plan_file::name)
        .select((plan_file::name, plan_file::encoding, plan_file::content))
        .load(db)?;
    let files = files.into_iter();
    files.map(|(name, encoding, content)| Ok((name, restored(&encoding, content)?))).collect()
}

type EditionRow = (i32, String, NaiveDateTime);

fn edition((number, sha256, loaded_at): EditionRow) -> Result<PlanEdition, StoreError> {
    Ok(PlanEdition { number: natural(number)?, sha256: read_sha256(&sha256)?, loaded_at })
}

pub(super) fn latest_edition(db: &mut Db) -> Result<Option<PlanEdition>, StoreError> {
    let row = plan_edition::table.order(plan_edition::number.desc()).first::<EditionRow>(db).optional()?;
    row.map(edition).transpose()
}

pub(super) fn add_edition(
    db: &mut Db,
    edition: &PlanEdition,
    files: &[(String, Vec<u8>)],
) -> Result<(), StoreError> {
    let number = super::integer(edition.number)?;
    let row = (
        plan_edition::number.eq(number),
        plan_edition::sha256.eq(hex(&edition.sha256)),
        plan_edition::loaded_at.eq(edition.loaded_at),
    );
    on_db!(db, |c| diesel::insert_into(plan_edition::table).values(row).execute(c))?;
    for (name, bytes) in files {
        let stored = StoredBytes::compress(bytes);
        let row = (
            plan_file::edition.eq(number),
            plan_file::name.eq(name),
            plan_file::sha256.eq(hex(&sha256(bytes))),
            plan_file::byte_count.eq(big_integer(stored.byte_count())?),
            plan_file::encoding.eq(stored.encoding().name()),
            plan_file::content.eq(stored.content()),
        );
        on_db!(db, |c| diesel::insert_into(plan_file::table).values(row).execute(c))?;
    }
    Ok(())
}

/// Over name and content of every file in the order of names, each with its length before it, so that
/// no two sets of files read alike.
pub(super) fn digest_of(files: &[(String, Vec<u8>)]) -> Sha256 {
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    files.sort_unstable();
    let mut digest = sha2::Sha256::new();
    for part in files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
