//! Styles and scripts: carried in the program, kept by browsers for as long as they do not change.

use crate::{
    digest::{hex, sha256},
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use rust_embed::RustEmbed;
use std::sync::LazyLock;

pub const ROUTES: &[Route] = &[Route::get("/assets/{version}/{file}", Allows::Anyone, asset)];

#[derive(RustEmbed)]
#[folder = "report-templates/web/assets"]
struct Files;

static STYLES: LazyLock<String> = LazyLock::new(|| {
    let mut styles = String::new();
    if let Some(file) = Files::get("site.css") {
        styles.push_str(&String::from_utf8_lossy(&file.data));
    }
    styles
});

static STYLES_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/{}/site.css", &hex(&sha256(STYLES.as_bytes()))[..16]));

/// Where the style sheet of every page is; it changes with what the sheet says.
pub fn styles_address() -> &'static str {
    &STYLES_ADDRESS
}

/// Where a script is; it changes with what the script says.
pub fn script_address(file: &str) -> String {
    let bytes = Files::get(file).map(|file| file.data.into_owned()).unwrap_or_default();
    format!("/assets/{}/{file}", &hex(&sha256(&bytes))[..16])
}

fn asset(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let name = asked.param("file");
    let (content_type, body) = match name {
        "site.css" => ("text/css; charset=utf-8", STYLES.as_bytes().to_vec()),
        _ => {
            let content_type = match name.rsplit_once('.') {
                Some((_, "js")) => "text/javascript; charset=utf-8",
                Some((_, "svg")) => "image/svg+xml",
                _ => return Err(Refusal::Absent),
            };
            (content_type, Files::get(name).ok_or(Refusal::Absent)?.data.into_owned())
        }
    };
    let answer = Answer { status: 200, content_type, body, headers: Vec::new() };
    Ok(answer.with("cache-control", "public, max-age=31536000, immutable".into()))
}
