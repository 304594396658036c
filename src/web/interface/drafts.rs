//! Packs on their way: prepared by one person, approved by another who saw the same bytes.
//!
//! They are approved on the service's pages alone, by a person who has just shown who they are.

use super::{
    documented::{Documented, Gives, of},
    list::{List, PAGED},
    months::Reason,
    packs::{PACK_FILES, pack_file},
    problem::Problem,
    words::Time,
};
use crate::{
    people::Role,
    service::{
        Refusal,
        month::Blocker,
        publication::{DraftShown, NewPack},
    },
    store::Edition,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PART: &str = "Drafts";
const MANAGER: &[Role] = &[Role::PooledBudgetManager];
const MANAGER_OR_AUDITOR: &[Role] = &[Role::PooledBudgetManager, Role::Auditor];

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas/{area}/months/{month}/draft", Allows::InArea(MANAGER), to_prepare).documented(
        Documented::new(
            PART,
            "getPackToPrepare",
            "The pack as it would be published now, and what it should not go out without",
            Gives::json("Its SHA-256 and what blocks it.", of::<ToPrepare>),
        )
        .refusing(&[Problem::Locked]),
    ),
    Route::post("/api/v1/areas/{area}/months/{month}/drafts", Allows::InArea(MANAGER), prepare).documented(
        Documented::new(
            PART,
            "preparePack",
            "Put the month's pack forward for somebody else to approve",
            Gives::made("The draft.", of::<DraftShown>),
        )
        .noting(
            "It is approved on the service's pages, by another pooled budget manager who has just shown who they \
             are. A month whose pack was approved must be opened first.",
        )
        .taking(of::<Preparing>)
        .refusing(&[Problem::Conflict, Problem::Locked]),
    ),
    Route::get("/api/v1/areas/{area}/drafts", Allows::InArea(MANAGER_OR_AUDITOR), drafts).documented(
        Documented::new(
            PART,
            "listDrafts",
            "Packs put forward, the latest first",
            Gives::json("Drafts.", of::<List<DraftShown>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}/drafts/{number}", Allows::InArea(MANAGER_OR_AUDITOR), draft).documented(
        Documented::new(PART, "getDraft", "A draft", Gives::json("The draft.", of::<DraftShown>)),
    ),
    Route::get(
        "/api/v1/areas/{area}/drafts/{number}/files/{*file}",
        Allows::InArea(MANAGER_OR_AUDITOR),
        file,
    )
    .documented(
        Documented::new(PART, "getDraftFile", "A file of a draft that waits", Gives::file(PACK_FILES))
            .noting("Made again from what it was prepared from. Each such reading is recorded.")
            .refusing(&[Problem::Conflict]),
    ),
    Route::post("/api/v1/areas/{area}/drafts/{number}/withdraw", Allows::InArea(MANAGER), withdraw)
        .documented(
            Documented::new(
                PART,
                "withdrawPack",
                "Take a draft back, saying why",
                Gives::done("It is withdrawn."),
            )
            .taking(of::<Reason>)
            .refusing(&[Problem::Conflict, Problem::NotAllowed]),
        ),
];

/// A month's pack as it would be published now.
#[derive(Serialize, JsonSchema)]
struct ToPrepare {
    manifest_sha256: String,
    blockers: Vec<Blocker>,
}

/// To whom a pack goes.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum EditionName {
    /// To the area's own people.
    Restricted,
    /// To everybody.
    Public,
}

/// How a pack is to be published.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Preparing {
    edition: EditionName,
    /// Null for as soon as it is approved.
    release_at: Option<Time>,
    /// Why it goes out although something blocks it.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    override_reason: String,
}

fn to_prepare(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (manifest_sha256, blockers) =
        asked.service.pack_to_prepare(asked.who()?, asked.area_code(), asked.month()?)?;
    Ok(Answer::json(&ToPrepare { manifest_sha256, blockers }))
}

fn prepare(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Preparing = asked.json()?;
    let new = NewPack {
        edition: match given.edition {
            EditionName::Restricted => Edition::Restricted,
            EditionName::Public => Edition::Public,
        },
        release_at: given.release_at.map(|time| time.0),
        override_reason: given.override_reason,
    };
    let by = (asked.who()?, &asked.asking);
    let prepared = asked.service.prepare_pack(by, asked.area_code(), asked.month()?, &new);
    // A form has a day and a time apart.
    let draft = prepared.map_err(|refusal| refusal.renaming("release_day", "release_at"))?;
    Ok(Answer::made(format!("/api/v1/areas/{}/drafts/{}", asked.area_code(), draft.number), &draft))
}

fn drafts(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.latest_first(asked.service.drafts(asked.who()?, asked.area_code(), None)?)
}

fn draft(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::json(&asked.service.draft(asked.who()?, asked.area_code(), asked.number("number")?)?))
}

fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let by = (asked.who()?, &asked.asking);
    let path = asked.param("file");
    let bytes = asked.service.draft_file(by, asked.area_code(), asked.number("number")?, path)?;
    Ok(pack_file(path, bytes))
}

fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let given: Reason = asked.json()?;
    let by = (asked.who()?, &asked.asking);
    asked.service.withdraw_pack(by, asked.area_code(), asked.number("number")?, &given.reason)?;
    Ok(Answer::done())
}
