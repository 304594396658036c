//! Published packs and their files.

use super::{
    documented::{Documented, Gives, of},
    list::{List, PAGED},
};
use crate::{
    service::{
        Refusal,
        packs::{PackFileRead, PackVersion, PublicArea, WhatChanged},
    },
    web::{
        answer::{Answer, CSV, HTML, JSON},
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};

const PART: &str = "Packs";

/// The kinds of file that a pack holds.
pub const PACK_FILES: &[&str] = &["text/html", "application/pdf", "application/json", "text/csv"];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/packs", Allows::InArea(READERS), packs).documented(
        Documented::new(
            PART,
            "listPacks",
            "What was published for an area",
            Gives::json("Published packs, the latest month and version first.", of::<List<PackVersion>>),
        )
        .noting("A pack is not among them before its release, but for those who prepare and audit it.")
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}/packs/{month}/{version}", Allows::InArea(READERS), pack).documented(
        Documented::new(
            PART,
            "getPack",
            "A published pack and its files",
            Gives::json("The pack.", of::<PackVersion>),
        ),
    ),
    Route::get("/api/v1/areas/{area}/packs/{month}/{version}/changes", Allows::InArea(READERS), changes)
        .documented(Documented::new(
            PART,
            "getPackChanges",
            "What a pack says otherwise than the version before it",
            Gives::json("Each figure that moved; null for the first version.", of::<Option<WhatChanged>>),
        )),
    Route::get("/api/v1/areas/{area}/packs/{month}/{version}/files/{*file}", Allows::InArea(READERS), file)
        .documented(
            Documented::new(PART, "getPackFile", "A file of a published pack", Gives::file(PACK_FILES))
                .noting("The bytes as they were published, whose SHA-256 the manifest names."),
        ),
    Route::get("/api/v1/public/packs", Allows::Anyone, public_packs).documented(
        Documented::new(
            PART,
            "listPublicPacks",
            "What was published for everybody",
            Gives::json("Areas with public packs.", of::<List<PublicArea>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/public/packs/{area}/{month}/{version}/files/{*file}", Allows::Anyone, public_file)
        .documented(Documented::new(
            PART,
            "getPublicPackFile",
            "A file of a public pack",
            Gives::file(PACK_FILES),
        )),
];

fn packs(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.latest_first(asked.service.packs(asked.who()?, asked.area_code())?)
}

fn pack(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (month, version) = (asked.month()?, asked.number("version")?);
    Ok(Answer::json(&asked.service.pack(asked.who()?, asked.area_code(), month, version)?))
}

fn changes(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let pack = (asked.area_code(), asked.month()?, asked.number("version")?);
    asked.service.pack(asked.who()?, pack.0, pack.1, pack.2)?;
    Ok(Answer::json(&asked.service.what_changed((asked.who()?, &asked.asking), pack)?))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let pack = (asked.area_code(), asked.month()?, asked.number("version")?);
    let path = asked.param("file");
    let read = asked.service.pack_file((asked.who()?, &asked.asking), pack, path)?;
    Ok(as_file(path, read))
}

fn public_packs(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.latest_first(asked.service.public_packs()?.iter())
}

fn public_file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let pack = (asked.area_code(), asked.month()?, asked.number("version")?);
    let path = asked.param("file");
    Ok(as_file(path, asked.service.public_pack_file(pack, path)?))
}

fn as_file(path: &str, read: PackFileRead) -> Answer {
    pack_file(path, read.bytes)
}

/// A file of a pack, by its path within it.
pub fn pack_file(path: &str, bytes: Vec<u8>) -> Answer {
    let name = path.rsplit('/').next().unwrap_or_default();
    let kind = match name.rsplit_once('.') {
        Some((_, "html")) => HTML,
        Some((_, "pdf")) => "application/pdf",
        Some((_, "json")) => JSON,
        Some((_, "csv")) => CSV,
        _ => "application/octet-stream",
    };
    Answer::download(kind, name, bytes)
}
