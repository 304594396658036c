//! Published packs and their files.

use super::{
    documented::{Body, Documented, Gives, Takes, of},
    list::{List, PAGED},
    words::{MonthName, Time},
};
use crate::{
    service::Refusal,
    store::{Publication, hex},
    web::{
        answer::{Answer, CSV, HTML, JSON},
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/packs", Allows::InArea(READERS), packs).documented(Documented {
        id: "listPacks",
        part: "Packs",
        summary: "What was published for an area",
        description: "",
        query: PAGED,
        takes: Takes::Nothing,
        gives: Gives::json("Published packs, in the order of month and version.", of::<List<Pack>>),
        refuses: &[],
    }),
    Route::get("/api/v1/areas/{area}/packs/{month}/{version}", Allows::InArea(READERS), pack).documented(
        Documented {
            id: "getPack",
            part: "Packs",
            summary: "A published pack and its files",
            description: "",
            query: &[],
            takes: Takes::Nothing,
            gives: Gives::json("The pack.", of::<PackWithFiles>),
            refuses: &[],
        },
    ),
    Route::get("/api/v1/areas/{area}/packs/{month}/{version}/files/{*file}", Allows::InArea(READERS), file)
        .documented(Documented {
            id: "getPackFile",
            part: "Packs",
            summary: "A file of a published pack",
            description: "The bytes as they were published, whose SHA-256 the manifest names.",
            query: &[],
            takes: Takes::Nothing,
            gives: Gives {
                status: 200,
                meaning: "The file.",
                body: Body::File(&["text/html", "application/pdf", "application/json", "text/csv"]),
            },
            refuses: &[],
        }),
];

/// A published pack.
#[derive(Serialize, JsonSchema)]
struct Pack {
    month: MonthName,
    version: u32,
    published_at: Time,
    manifest_sha256: String,
    plan_sha256: String,
}

/// A published pack and its files.
#[derive(Serialize, JsonSchema)]
struct PackWithFiles {
    #[serde(flatten)]
    pack: Pack,
    files: Vec<File>,
}

/// A file of a published pack.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PackFile")]
struct File {
    /// Within the pack, such as `data/scorecard.csv`.
    path: String,
    sha256: String,
    bytes: u64,
}

impl Pack {
    fn of(publication: &Publication) -> Pack {
        Pack {
            month: MonthName(publication.as_at),
            version: publication.version,
            published_at: Time(publication.published_at),
            manifest_sha256: hex(&publication.manifest_sha256),
            plan_sha256: hex(&publication.plan_sha256),
        }
    }
}

fn packs(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let published = asked.service.store()?.publications(Some(asked.area_code()))?;
    asked.list(published.iter().map(Pack::of))
}

fn pack(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (month, version) = (asked.month()?, asked.number("version")?);
    let mut store = asked.service.store()?;
    let published = store.publications(Some(asked.area_code()))?;
    let publication = published.iter().find(|pack| (pack.as_at, pack.version) == (month, version));
    let pack = Pack::of(publication.ok_or(Refusal::Absent)?);
    let files = store.published_files(asked.area_code(), month, version)?;
    let files = files.into_iter().map(|file| File {
        path: file.path,
        sha256: hex(&file.sha256),
        bytes: file.byte_count,
    });
    Ok(Answer::json(&PackWithFiles { pack, files: files.collect() }))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (month, version, path) = (asked.month()?, asked.number("version")?, asked.param("file"));
    let body = asked.service.store()?.published_file(asked.area_code(), month, version, path)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok(Answer::download(kind_of(name), name, body.ok_or(Refusal::Absent)?))
}

/// What kind of content a file of a pack has, by its name.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "html")) => HTML,
        Some((_, "pdf")) => "application/pdf",
        Some((_, "json")) => JSON,
        Some((_, "csv")) => CSV,
        _ => "application/octet-stream",
    }
}
