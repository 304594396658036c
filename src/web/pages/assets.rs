//! Styles and scripts: carried in the program, kept by browsers for as long as they do not change.

use crate::{
    digest::{hex, sha256},
    packs::html::style_sheet,
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
        scoped::scoped,
    },
};
use rust_embed::RustEmbed;

pub const ROUTES: &[Route] = &[Route::get("/assets/{version}/{file}", Allows::Anyone, asset)];

#[derive(RustEmbed)]
#[folder = "report-templates/web/assets"]
struct Files;

/// The one style sheet of every page, and where it is.
pub struct Styles {
    text: String,
    /// It changes with what the sheet says.
    pub address: String,
}

impl Styles {
    /// The site's sheet, and after it the pack's for what stands in `.paper`.
    pub fn with_pack(style: &str) -> Styles {
        let mut text = String::new();
        if let Some(file) = Files::get("site.css") {
            text.push_str(&String::from_utf8_lossy(&file.data));
        }
        text.push_str(&scoped(&style_sheet(style), ".paper"));
        let address = format!("/assets/{}/site.css", &hex(&sha256(text.as_bytes()))[..16]);
        Styles { text, address }
    }
}

/// Where a script or picture is; it changes with what is in it.
pub fn address_of(name: &str) -> String {
    let bytes = Files::get(name).map(|file| file.data.into_owned()).unwrap_or_default();
    format!("/assets/{}/{name}", &hex(&sha256(&bytes))[..16])
}

/// Where a script is; it changes with what the script says.
pub fn script_address(file: &str) -> String {
    let bytes = Files::get(file).map(|file| file.data.into_owned()).unwrap_or_default();
    format!("/assets/{}/{file}", &hex(&sha256(&bytes))[..16])
}

fn asset(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let name = asked.param("file");
    let (content_type, body) = match name {
        "site.css" => ("text/css; charset=utf-8", asked.site.styles.text.as_bytes().to_vec()),
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
