//! Packs as published: frozen, numbered by version, kept whole.

use super::{
    Deed, Sha256, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    big_integer,
    bytes::restored,
    db::{Db, on_db},
    hex, integer, kept_time, length, natural, read_sha256,
    schema::{publication, publication_file},
};
use crate::figures::period::Month;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// An area's pack for one month, to be published.
pub struct NewPublication<'a> {
    pub area_code: &'a str,
    /// The month that the pack reports on.
    pub as_at: Month,
    /// Of the pack's manifest, which names the SHA-256 of everything else.
    pub manifest_sha256: Sha256,
    pub plan_sha256: Sha256,
    pub published_at: NaiveDateTime,
    pub files: &'a [PackFile],
}

/// A file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFile {
    /// Within the pack, such as `data/scorecard.csv`.
    pub path: String,
    /// Of the file as published.
    pub sha256: Sha256,
    pub bytes: StoredBytes,
}

/// The version that a pack has become, or already was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    pub version: u32,
    /// The latest version for that area and month has the same manifest: nothing was added.
    pub unchanged: bool,
}

/// A published pack as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub area_code: String,
    pub as_at: Month,
    pub version: u32,
    pub manifest_sha256: Sha256,
    pub plan_sha256: Sha256,
    pub published_at: NaiveDateTime,
}

/// A file of a published pack as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFile {
    pub path: String,
    pub sha256: Sha256,
    pub byte_count: u64,
}

/// The files of published packs by area, month's number and version.
pub type FilesByPublication = BTreeMap<(String, i32, u32), Vec<PublishedFile>>;

impl Store {
    /// Publishes a batch of packs in one durable transaction: all or none. Each new version has its entry
    /// in the record.
    pub fn publish(
        &mut self,
        batch: &[NewPublication<'_>],
        deed: &Deed,
    ) -> Result<Vec<Published>, StoreError> {
        let areas: Vec<&str> = batch.iter().map(|new| new.area_code).collect();
        self.db.write(&[&areas[..], &[AUDIT]].concat(), |db| {
            batch.iter().map(|new| publish_one(db, new, deed)).collect()
        })
    }

    /// What was published for one area, or for all, in the order of area, month and version.
    pub fn publications(&mut self, area_code: Option<&str>) -> Result<Vec<Publication>, StoreError> {
        let all =
            publication::table.order((publication::area_code, publication::as_at, publication::version));
        let rows: Vec<PublicationRow> = match area_code {
            Some(code) => all.filter(publication::area_code.eq(code)).load(&mut self.db)?,
            None => all.load(&mut self.db)?,
        };
        rows.into_iter().map(read_publication).collect()
    }

    /// The files of a published pack, in the order of their paths.
    pub fn published_files(
        &mut self,
        area_code: &str,
        as_at: Month,
        version: u32,
    ) -> Result<Vec<PublishedFile>, StoreError> {
        let rows: Vec<(String, String, i64)> = publication_file::table
            .filter(publication_file::area_code.eq(area_code))
            .filter(publication_file::as_at.eq(as_at.number()))
            .filter(publication_file::version.eq(integer(version)?))
            .order(publication_file::path)
            .select((publication_file::path, publication_file::sha256, publication_file::byte_count))
            .load(&mut self.db)?;
        rows.into_iter()
            .map(|(path, sha256, bytes)| {
                Ok(PublishedFile { path, sha256: read_sha256(&sha256)?, byte_count: length(bytes)? })
            })
            .collect()
    }

    /// The files of every published pack of an area, or of all, by area, month's number and version.
    pub fn files_of_publications(
        &mut self,
        area_code: Option<&str>,
    ) -> Result<FilesByPublication, StoreError> {
        let all = publication_file::table
            .order((
                publication_file::area_code,
                publication_file::as_at,
                publication_file::version,
                publication_file::path,
            ))
            .select((
                publication_file::area_code,
                publication_file::as_at,
                publication_file::version,
                publication_file::path,
                publication_file::sha256,
                publication_file::byte_count,
            ));
        let rows: Vec<(String, i32, i32, String, String, i64)> = match area_code {
            Some(code) => all.filter(publication_file::area_code.eq(code)).load(&mut self.db)?,
            None => all.load(&mut self.db)?,
        };
        let mut files = FilesByPublication::new();
        for (area_code, as_at, version, path, sha256, bytes) in rows {
            let file = PublishedFile { path, sha256: read_sha256(&sha256)?, byte_count: length(bytes)? };
            files.entry((area_code, as_at, natural(version)?)).or_default().push(file);
        }
        Ok(files)
    }

    /// A file of a published pack, as it was published; none where there is no such file.
    pub fn published_file(
        &mut self,
        area_code: &str,
        as_at: Month,
        version: u32,
        path: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = (area_code, as_at.number(), integer(version)?, path);
        let file: Option<(String, Vec<u8>)> = publication_file::table
            .find(key)
            .select((publication_file::encoding, publication_file::content))
            .first(&mut self.db)
            .optional()?;
        file.map(|(encoding, content)| restored(&encoding, content)).transpose()
    }
}

fn publish_one(db: &mut Db, new: &NewPublication<'_>, deed: &Deed) -> Result<Published, StoreError> {
    let manifest_sha256 = hex(&new.manifest_sha256);
    let latest: Option<(i32, String)> = publication::table
        .filter(publication::area_code.eq(new.area_code))
        .filter(publication::as_at.eq(new.as_at.number()))
        .order(publication::version.desc())
        .select((publication::version, publication::manifest_sha256))
        .first(db)
        .optional()?;
    if let Some((version, _)) = latest.as_ref().filter(|(_, manifest)| *manifest == manifest_sha256) {
        return Ok(Published { version: natural(*version)?, unchanged: true });
    }
    let version = natural(add_version(db, new)?)?;
    let entry = Deed {
        area_code: new.area_code.to_owned(),
        subject: format!("pack {}, version {version}", new.as_at),
        ..deed.clone()
    };
    audit::add(db, &entry)?;
    Ok(Published { version, unchanged: false })
}

/// Adds a pack as the month's next version, and gives its number.
pub(super) fn add_version(db: &mut Db, new: &NewPublication<'_>) -> Result<i32, StoreError> {
    let latest: Option<i32> = publication::table
        .filter(publication::area_code.eq(new.area_code))
        .filter(publication::as_at.eq(new.as_at.number()))
        .select(diesel::dsl::max(publication::version))
        .first(db)?;
    let version = latest.unwrap_or(0) + 1;
    let row = (
        publication::area_code.eq(new.area_code),
        publication::as_at.eq(new.as_at.number()),
        publication::version.eq(version),
        publication::manifest_sha256.eq(hex(&new.manifest_sha256)),
        publication::plan_sha256.eq(hex(&new.plan_sha256)),
        publication::published_at.eq(kept_time(new.published_at)),
    );
    on_db!(db, |c| diesel::insert_into(publication::table).values(row).execute(c))?;
    for file in new.files {
        let row = (
            publication_file::area_code.eq(new.area_code),
            publication_file::as_at.eq(new.as_at.number()),
            publication_file::version.eq(version),
            publication_file::path.eq(&file.path),
            publication_file::sha256.eq(hex(&file.sha256)),
            publication_file::byte_count.eq(big_integer(file.bytes.byte_count())?),
            publication_file::encoding.eq(file.bytes.encoding().name()),
            publication_file::content.eq(file.bytes.content()),
        );
        on_db!(db, |c| diesel::insert_into(publication_file::table).values(row).execute(c))?;
    }
    Ok(version)
}

type PublicationRow = (String, i32, i32, String, String, NaiveDateTime);

fn read_publication(row: PublicationRow) -> Result<Publication, StoreError> {
    let (area_code, as_at, version, manifest_sha256, plan_sha256, published_at) = row;
    Ok(Publication {
        area_code,
        as_at: super::facts::read_month(as_at)?,
        version: natural(version)?,
        manifest_sha256: read_sha256(&manifest_sha256)?,
        plan_sha256: read_sha256(&plan_sha256)?,
        published_at,
    })
}
