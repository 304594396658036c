//! The public editions, for whoever comes: nothing before its release.

use super::{
    pack_changes::ChangedShown,
    pack_files::{Keeping, file_answer},
    packs::{MonthOfPacks, VersionPage, VersionShown, by_month, file_name},
};
use crate::{
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/public", Allows::Anyone, list),
    Route::get("/public/{area}/{month}/{version}", Allows::Anyone, version),
    Route::get("/public/{area}/{month}/{version}/{*file}", Allows::Anyone, file),
];

#[derive(Serialize)]
struct AreaOfPacks {
    area_name: String,
    area_code: String,
    months: Vec<MonthOfPacks>,
    /// Where all its months are, where only the latest is shown and there are others.
    all: String,
}

/// The page of public packs: each area's latest month, or all of one area's.
pub fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct List {
        areas: Vec<AreaOfPacks>,
    }
    let chosen = asked.query("area").filter(|area_code| !area_code.is_empty());
    let known = asked.service.public_packs()?;
    let shown = known.iter().filter(|area| chosen.is_none_or(|chosen| chosen == area.area_code));
    let areas = shown.map(|area| {
        let latest = area.versions.first().map(|latest| latest.as_at);
        let of_latest = area.versions.partition_point(|one| Some(one.as_at) == latest);
        let (versions, all) = match chosen {
            None if of_latest < area.versions.len() => {
                (&area.versions[..of_latest], format!("/public?area={}", area.area_code))
            }
            None | Some(_) => (&area.versions[..], String::new()),
        };
        AreaOfPacks {
            months: by_month(versions, &format!("/public/{}", area.area_code)),
            area_name: area.area_name.clone(),
            area_code: area.area_code.clone(),
            all,
        }
    });
    asked.page(&Page::new("packs/public", "Published packs"), &List { areas: areas.collect() })
}

fn version(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let key = (asked.area_code(), asked.month()?, asked.number("version")?);
    let (area_name, pack) = asked.service.public_pack(key.0, key.1, key.2)?;
    let changed = asked.service.what_changed_publicly(key)?;
    let under = format!("/public/{}", key.0);
    let page = VersionPage {
        changed: changed.map(|changed| ChangedShown::of(changed, &pack, &under)),
        pack: VersionShown::of(&pack, &under),
        area_name,
    };
    let title = format!("{}, {}, version {}", page.area_name, page.pack.month, key.2);
    asked.page(&Page::new("packs/version", title).under("/public", "Published packs"), &page)
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let key = (asked.area_code(), asked.month()?, asked.number("version")?);
    let path = asked.param("file");
    let file = asked.service.public_pack_file(key, path)?;
    Ok(file_answer(asked, &file_name(key, path), file, Keeping::Publicly))
}
