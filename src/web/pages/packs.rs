//! An area's published packs: every version at an address that stays.

use super::{
    pack_changes::ChangedShown,
    pack_files::{Keeping, file_answer},
};
use crate::{
    service::{Refusal, packs::PackVersion},
    web::{
        answer::Answer,
        asked::Asked,
        page::{Page, Place},
        routes::{Allows, READERS, Route},
        words,
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}/packs", Allows::InArea(READERS), list),
    Route::get("/areas/{area}/packs/{month}/{version}", Allows::InArea(READERS), version),
    Route::get("/areas/{area}/packs/{month}/{version}/{*file}", Allows::InArea(READERS), file),
];

/// A version as a page shows it.
#[derive(Serialize)]
pub struct VersionShown {
    pub place: String,
    pub month: String,
    pub version: u32,
    pub edition: &'static str,
    /// When it was, or will be, released.
    pub release: String,
    pub published: String,
    /// `Current`, `Superseded` or `Not out yet`.
    pub status: &'static str,
    pub status_kind: &'static str,
    pub is_out: bool,
    pub superseded_by: Option<SupersededBy>,
    pub manifest_sha256: String,
    pub has_html: bool,
    pub has_pdf: bool,
    pub files: Vec<FileShown>,
}

#[derive(Serialize)]
pub struct SupersededBy {
    pub version: u32,
    pub place: String,
}

#[derive(Serialize)]
pub struct FileShown {
    pub path: String,
    pub place: String,
    pub size: String,
}

impl VersionShown {
    /// `under` is the address that months and versions lie under.
    pub fn of(pack: &PackVersion, under: &str) -> VersionShown {
        let place_of = |version: u32| format!("{under}/{}/{version}", pack.as_at);
        let place = place_of(pack.version);
        let (status, status_kind) = match (pack.is_out, pack.superseded_by) {
            (false, _) => ("Not out yet", "watch"),
            (true, Some(_)) => ("Superseded", ""),
            (true, None) => ("Current", "good"),
        };
        let has = |path: &str| pack.files.iter().any(|file| file.path == path);
        VersionShown {
            month: pack.as_at.name(),
            version: pack.version,
            edition: match pack.edition {
                "public" => "Public",
                _ => "Restricted",
            },
            release: words::moment(pack.release_at.unwrap_or(pack.published_at)),
            published: words::moment(pack.published_at),
            status,
            status_kind,
            is_out: pack.is_out,
            superseded_by: pack
                .superseded_by
                .map(|version| SupersededBy { version, place: place_of(version) }),
            manifest_sha256: pack.manifest_sha256.clone(),
            has_html: has("pack.html"),
            has_pdf: has("pack.pdf"),
            files: pack
                .files
                .iter()
                .map(|file| FileShown {
                    path: file.path.clone(),
                    place: format!("{place}/{}", file.path),
                    size: words::size(file.byte_count),
                })
                .collect(),
            place,
        }
    }
}

/// The versions of one month under its name.
#[derive(Serialize)]
pub struct MonthOfPacks {
    pub month: String,
    pub versions: Vec<VersionShown>,
}

/// Groups versions by month, in their order.
pub fn by_month(versions: &[PackVersion], under: &str) -> Vec<MonthOfPacks> {
    let mut months: Vec<MonthOfPacks> = Vec::new();
    for version in versions {
        let shown = VersionShown::of(version, under);
        match months.last_mut().filter(|month| month.month == shown.month) {
            Some(month) => month.versions.push(shown),
            None => months.push(MonthOfPacks { month: shown.month.clone(), versions: vec![shown] }),
        }
    }
    months
}

/// The area's navigation, at the latest month.
fn place(asked: &Asked<'_>) -> Result<Place, Refusal> {
    let area = asked.service.area(asked.area_code())?;
    Ok(Place {
        area_code: asked.area_code().to_owned(),
        area_name: area.agreement().area.name.clone(),
        month: area.latest_month(),
        has_contract: area.agreement().contract.is_some(),
        entry: "packs".to_owned(),
    })
}

fn under(asked: &Asked<'_>) -> String {
    format!("/areas/{}/packs", asked.area_code())
}

fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct List {
        area_name: String,
        months: Vec<MonthOfPacks>,
    }
    let place = place(asked)?;
    let packs = asked.service.packs(asked.who()?, asked.area_code())?;
    let months = by_month(&packs, &under(asked));
    let list = List { area_name: place.area_name.clone(), months };
    asked.page(&Page::new("packs/list", "Packs").at(place), &list)
}

/// The version that the path names.
fn named(asked: &Asked<'_>) -> Result<PackVersion, Refusal> {
    asked.service.pack(asked.who()?, asked.area_code(), asked.month()?, asked.number("version")?)
}

/// A version's page: what it is, its files, what changed.
#[derive(Serialize)]
pub struct VersionPage {
    pub area_name: String,
    pub pack: VersionShown,
    pub changed: Option<ChangedShown>,
}

fn version(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let pack = named(asked)?;
    let who = (asked.who()?, &asked.asking);
    let changed = asked.service.what_changed(who, (asked.area_code(), pack.as_at, pack.version))?;
    let place = place(asked)?;
    let page = VersionPage {
        area_name: place.area_name.clone(),
        changed: changed.map(|changed| ChangedShown::of(changed, &pack, &under(asked))),
        pack: VersionShown::of(&pack, &under(asked)),
    };
    let title = format!("{}, version {}", page.pack.month, pack.version);
    let place = Place { month: pack.as_at, ..place };
    asked.page(&Page::new("packs/version", title).at(place).under(under(asked), "Packs"), &page)
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let key = (asked.area_code(), asked.month()?, asked.number("version")?);
    let path = asked.param("file");
    let file = asked.service.pack_file((asked.who()?, &asked.asking), key, path)?;
    Ok(file_answer(asked, &file_name(key, path), file, Keeping::Privately))
}

/// What a file is called when it is kept: `E10000002-2015-11-v1-pack.pdf`.
pub fn file_name((area, month, version): (&str, crate::figures::period::Month, u32), path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    format!("{area}-{month}-v{version}-{name}")
}
