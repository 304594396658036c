//! Published packs: who may read which version, and since when.
//!
//! Nothing of a version can be read before its release time, except by the area's managers and auditors;
//! each such early reading is recorded. From then on a restricted edition is for the area's people, a
//! public one for everybody. A version that the command line published has no release time: it is for
//! the area's people since it was published. What somebody may not read answers as what is not there.
//!
//! Source: orderly release, `expectations.md` section 13.

use super::{Asking, Refusal, Service, Who, shown};
use crate::{
    figures::period::Month,
    packs::{
        compose::compose,
        restated::{Restated, restated},
    },
    people::Role,
    store::{Edition, Publication, PublishedFile, Release, Sha256, Store, hex},
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

/// A published version, as somebody may know of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PackVersion {
    pub area_code: String,
    #[serde(serialize_with = "shown::month")]
    #[schemars(with = "String")]
    pub as_at: Month,
    pub version: u32,
    pub manifest_sha256: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub published_at: NaiveDateTime,
    /// None where the command line published it.
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub release_at: Option<NaiveDateTime>,
    /// `restricted` or `public`.
    pub edition: &'static str,
    /// Its time has come: more than managers and auditors read it.
    pub is_out: bool,
    /// The version that has taken its place.
    pub superseded_by: Option<u32>,
    pub files: Vec<PackFileLine>,
}

/// A file of a version, as listed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PackFileLine {
    pub path: String,
    pub byte_count: u64,
    #[serde(skip)]
    #[schemars(skip)]
    pub sha256: Sha256,
}

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFileRead {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    pub bytes: Vec<u8>,
    /// It was read before its release.
    pub is_early: bool,
}

/// What a version says otherwise than the one before it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatChanged {
    pub before: u32,
    /// In the order of the pack.
    pub figures: Vec<Restated>,
}

/// The public versions of an area.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PublicArea {
    pub area_code: String,
    pub area_name: String,
    /// The latest month and version first.
    pub versions: Vec<PackVersion>,
}

/// The public versions as they were looked for last.
#[derive(Clone)]
pub(super) struct PublicPacks {
    mark: u64,
    looked_at: NaiveDateTime,
    /// When the next release comes.
    until: Option<NaiveDateTime>,
    areas: Arc<Vec<PublicArea>>,
}

/// Whether somebody may read a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    No,
    Yes,
    /// Before its release: it is recorded.
    Early,
}

/// Who reads: somebody of the area, or anybody at all.
#[derive(Clone, Copy)]
enum Reader<'a> {
    OfArea(&'a Who, &'a Asking),
    Anybody,
}

const EARLY_READERS: &[Role] = &[Role::PooledBudgetManager, Role::Auditor];
/// Whoever works with an area's packs or reads them.
const READERS: &[Role] = &[
    Role::PartnerOfficer,
    Role::PartnerApprover,
    Role::PooledBudgetManager,
    Role::BoardMember,
    Role::AllianceMember,
    Role::Auditor,
];

impl Service {
    /// The versions of an area that whoever asks may know of, the latest month and version first.
    pub fn packs(&self, who: &Who, area_code: &str) -> Result<Vec<PackVersion>, Refusal> {
        who.must_be(READERS, area_code)?;
        let is_early_reader = who.person.is_any(EARLY_READERS, area_code);
        self.versions(Some(area_code), |release, now| reading(true, is_early_reader, release, now))
    }

    /// One version.
    pub fn pack(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Month,
        version: u32,
    ) -> Result<PackVersion, Refusal> {
        one_of(&self.packs(who, area_code)?, area_code, as_at, version)
    }

    /// The public versions that are out, by area in the order of the areas' names. They are looked for
    /// when something was changed or released since: anybody may ask for them, and as often as they like.
    pub fn public_packs(&self) -> Result<Arc<Vec<PublicArea>>, Refusal> {
        let (mark, now) = (self.mark(), self.clock.now());
        let known = self.public_packs.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known
            && known.mark == mark
            && known.looked_at <= now
            && known.until.is_none_or(|until| now < until)
        {
            return Ok(known.areas);
        }
        let releases = self.store()?.releases(None)?;
        let until = releases.iter().map(|release| release.release_at).filter(|at| *at > now).min();
        let areas = Arc::new(self.public_packs_now()?);
        let known = PublicPacks { mark, looked_at: now, until, areas: Arc::clone(&areas) };
        *self.public_packs.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(areas)
    }

    fn public_packs_now(&self) -> Result<Vec<PublicArea>, Refusal> {
        let versions = self.versions(None, |release, now| reading(false, false, release, now))?;
        let names: BTreeMap<String, String> = match self.plan() {
            Ok(plan) => {
                let areas = plan.plan.areas.iter();
                areas.map(|plan| (plan.area.code.clone(), plan.area.name.clone())).collect()
            }
            Err(Refusal::Absent) => BTreeMap::new(),
            Err(refusal) => return Err(refusal),
        };
        let mut areas: BTreeMap<String, Vec<PackVersion>> = BTreeMap::new();
        for version in versions {
            areas.entry(version.area_code.clone()).or_default().push(version);
        }
        let area = |(area_code, versions)| PublicArea {
            area_name: names.get(&area_code).unwrap_or(&area_code).clone(),
            area_code,
            versions,
        };
        let mut areas: Vec<PublicArea> = areas.into_iter().map(area).collect();
        areas.sort_by_cached_key(|area| area.area_name.to_lowercase());
        Ok(areas)
    }

    /// One public version.
    pub fn public_pack(
        &self,
        area_code: &str,
        as_at: Month,
        version: u32,
    ) -> Result<(String, PackVersion), Refusal> {
        let areas = self.public_packs()?;
        let area = areas.iter().find(|area| area.area_code == area_code).ok_or(Refusal::Absent)?;
        Ok((area.area_name.clone(), one_of(&area.versions, area_code, as_at, version)?))
    }

    /// A file of a version, such as `pack.html` or `data/schemes.csv`, as it was published.
    pub fn pack_file(
        &self,
        (who, asking): (&Who, &Asking),
        (area_code, as_at, version): (&str, Month, u32),
        path: &str,
    ) -> Result<PackFileRead, Refusal> {
        who.must_be(READERS, area_code)?;
        self.read_file(Reader::OfArea(who, asking), (area_code, as_at, version), path)
    }

    /// A file of a public version that is out.
    pub fn public_pack_file(
        &self,
        (area_code, as_at, version): (&str, Month, u32),
        path: &str,
    ) -> Result<PackFileRead, Refusal> {
        self.read_file(Reader::Anybody, (area_code, as_at, version), path)
    }

    /// What a version says otherwise than the last one before it; none where it is the first.
    pub fn what_changed(
        &self,
        (who, asking): (&Who, &Asking),
        (area_code, as_at, version): (&str, Month, u32),
    ) -> Result<Option<WhatChanged>, Refusal> {
        let versions = self.packs(who, area_code)?;
        self.changed(Reader::OfArea(who, asking), &versions, (area_code, as_at, version))
    }

    /// What a public version says otherwise than the last public one before it.
    pub fn what_changed_publicly(
        &self,
        (area_code, as_at, version): (&str, Month, u32),
    ) -> Result<Option<WhatChanged>, Refusal> {
        let areas = self.public_packs()?;
        let area = areas.iter().find(|area| area.area_code == area_code).ok_or(Refusal::Absent)?;
        self.changed(Reader::Anybody, &area.versions, (area_code, as_at, version))
    }

    fn changed(
        &self,
        reader: Reader<'_>,
        versions: &[PackVersion],
        (area_code, as_at, version): (&str, Month, u32),
    ) -> Result<Option<WhatChanged>, Refusal> {
        let of_month = || versions.iter().filter(|one| one.as_at == as_at);
        let after = of_month().find(|one| one.version == version).ok_or(Refusal::Absent)?;
        let before = of_month().filter(|one| one.version < version).max_by_key(|one| one.version);
        let Some(before) = before else { return Ok(None) };
        let area = self.area(area_code)?;
        let position = area.position(as_at);
        let known = compose(area.source(&position));
        let mut store = self.store()?;
        // What comes of one look is one reading, however many files it is made of.
        for one in [after, before] {
            let early =
                early_or_absent(&mut store, reader, (area_code, as_at, one.version), self.clock.now())?;
            if early {
                let what = format!("what changed since version {}", before.version);
                record_early(&mut store, reader, (area_code, as_at, one.version), &what)?;
            }
        }
        let mut figures = Vec::new();
        for file in &after.files {
            let name = file.path.strip_prefix("data/").and_then(|name| name.strip_suffix(".csv"));
            let other = before.files.iter().find(|other| other.path == file.path);
            let (Some(name), Some(other)) = (name, other) else { continue };
            if file.sha256 == other.sha256 {
                continue;
            }
            let mut read =
                |version| store.published_file(area_code, as_at, version, &file.path)?.ok_or(Refusal::Absent);
            let (new, old) = (read(version)?, read(before.version)?);
            figures.extend(restated(name, &old, &new, &known));
        }
        let place = |one: &Restated| known.tables.iter().position(|table| table.name == one.name);
        figures.sort_by_key(|one| place(one).unwrap_or(usize::MAX));
        Ok(Some(WhatChanged { before: before.version, figures }))
    }

    fn read_file(
        &self,
        reader: Reader<'_>,
        (area_code, as_at, version): (&str, Month, u32),
        path: &str,
    ) -> Result<PackFileRead, Refusal> {
        let mut store = self.store()?;
        let key = (area_code, as_at, version);
        let is_early = early_or_absent(&mut store, reader, key, self.clock.now())?;
        let files = store.published_files(area_code, as_at, version)?;
        let file = files.into_iter().find(|file| file.path == path).ok_or(Refusal::Absent)?;
        let bytes = store.published_file(area_code, as_at, version, path)?.ok_or(Refusal::Absent)?;
        if is_early {
            record_early(&mut store, reader, key, path)?;
        }
        Ok(PackFileRead { sha256: hex(&file.sha256), bytes, is_early })
    }

    /// The versions that may be read, the latest month and version first.
    fn versions(
        &self,
        area_code: Option<&str>,
        reading: impl Fn(Option<&Release>, NaiveDateTime) -> Reading,
    ) -> Result<Vec<PackVersion>, Refusal> {
        let now = self.clock.now();
        let mut store = self.store()?;
        let releases = store.releases(area_code)?;
        let releases: BTreeMap<(&str, i32, u32), &Release> = releases
            .iter()
            .map(|release| ((release.area_code.as_str(), release.as_at.number(), release.version), release))
            .collect();
        let release_of = |one: &Publication| {
            releases.get(&(one.area_code.as_str(), one.as_at.number(), one.version)).copied()
        };
        let mut publications = store.publications(area_code)?;
        publications.retain(|one| reading(release_of(one), now) != Reading::No);
        let mut files = match publications.is_empty() {
            true => BTreeMap::new(),
            false => store.files_of_publications(area_code)?,
        };
        let mut shown: Vec<PackVersion> = publications
            .iter()
            .rev()
            .map(|one| {
                let key = (one.area_code.clone(), one.as_at.number(), one.version);
                version_of(one, release_of(one), files.remove(&key).unwrap_or_default(), now)
            })
            .collect();
        supersede(&mut shown);
        Ok(shown)
    }
}

fn reading(
    is_of_area: bool,
    is_early_reader: bool,
    release: Option<&Release>,
    now: NaiveDateTime,
) -> Reading {
    match release {
        None if is_of_area => Reading::Yes,
        None => Reading::No,
        Some(release) if release.release_at <= now => {
            if is_of_area || release.edition == Edition::Public {
                Reading::Yes
            } else {
                Reading::No
            }
        }
        Some(_) if is_early_reader => Reading::Early,
        Some(_) => Reading::No,
    }
}

/// Whether this is a reading before the release; absent where it may not be read.
fn early_or_absent(
    store: &mut Store,
    reader: Reader<'_>,
    (area_code, as_at, version): (&str, Month, u32),
    now: NaiveDateTime,
) -> Result<bool, Refusal> {
    let released = store.releases(Some(area_code))?;
    let release = released.iter().find(|one| one.as_at == as_at && one.version == version);
    let is_early_reader = match reader {
        Reader::OfArea(who, _) => who.person.is_any(EARLY_READERS, area_code),
        Reader::Anybody => false,
    };
    match reading(matches!(reader, Reader::OfArea(..)), is_early_reader, release, now) {
        Reading::No => Err(Refusal::Absent),
        Reading::Yes => Ok(false),
        Reading::Early => Ok(true),
    }
}

fn record_early(
    store: &mut Store,
    reader: Reader<'_>,
    (area_code, as_at, version): (&str, Month, u32),
    what: &str,
) -> Result<(), Refusal> {
    let Reader::OfArea(who, asking) = reader else { return Ok(()) };
    let subject = format!("pack {as_at} version {version}");
    Ok(store.record(&who.deed(asking, "pack read before release", area_code, subject, what))?)
}

fn version_of(
    publication: &Publication,
    release: Option<&Release>,
    files: Vec<PublishedFile>,
    now: NaiveDateTime,
) -> PackVersion {
    PackVersion {
        area_code: publication.area_code.clone(),
        as_at: publication.as_at,
        version: publication.version,
        manifest_sha256: hex(&publication.manifest_sha256),
        published_at: publication.published_at,
        release_at: release.map(|release| release.release_at),
        edition: release.map_or(Edition::Restricted, |release| release.edition).name(),
        is_out: release.is_none_or(|release| release.release_at <= now),
        superseded_by: None,
        files: files
            .into_iter()
            .map(|file| PackFileLine { path: file.path, byte_count: file.byte_count, sha256: file.sha256 })
            .collect(),
    }
}

/// The latest version of a month that is out takes the place of those before it.
fn supersede(versions: &mut [PackVersion]) {
    let mut latest: BTreeMap<(String, i32), u32> = BTreeMap::new();
    for one in versions.iter().filter(|one| one.is_out) {
        let held = latest.entry((one.area_code.clone(), one.as_at.number())).or_default();
        *held = one.version.max(*held);
    }
    for one in versions {
        let later = latest.get(&(one.area_code.clone(), one.as_at.number())).copied();
        one.superseded_by = later.filter(|later| *later > one.version);
    }
}

fn one_of(
    versions: &[PackVersion],
    area_code: &str,
    as_at: Month,
    version: u32,
) -> Result<PackVersion, Refusal> {
    let is_it =
        |one: &&PackVersion| (one.area_code.as_str(), one.as_at, one.version) == (area_code, as_at, version);
    versions.iter().find(is_it).cloned().ok_or(Refusal::Absent)
}
