//! Freezing a pack: every format drawn from the one document, and a manifest of what it all rests on.
//!
//! The same plan, returns and templates give the same bytes in every file: nothing here knows the
//! time, the machine or the order of other areas.

use super::{
    compose::{PackSource, compose},
    data, html, pdf, positions,
    template::{TemplateFault, Templates},
};
use crate::digest::{Sha256, hex, sha256};
use serde::Serialize;

/// Which kinds of file a pack holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formats {
    pub html: bool,
    pub pdf: bool,
    pub csv: bool,
    pub json: bool,
}

impl Formats {
    pub const ALL: Formats = Formats { html: true, pdf: true, csv: true, json: true };
    const NONE: Formats = Formats { html: false, pdf: false, csv: false, json: false };

    /// Reads `html,pdf,csv,json` in any order; the word that is none of them is given back.
    pub fn parse(list: &str) -> Result<Formats, String> {
        list.split(',').try_fold(Formats::NONE, |formats, word| match word.trim() {
            "html" => Ok(Formats { html: true, ..formats }),
            "pdf" => Ok(Formats { pdf: true, ..formats }),
            "csv" => Ok(Formats { csv: true, ..formats }),
            "json" => Ok(Formats { json: true, ..formats }),
            other => Err(other.to_owned()),
        })
    }
}

/// A pack that will not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenPack {
    /// In the order of their paths; the manifest is last.
    pub files: Vec<FrozenFile>,
    /// Characters that the PDF's font lacks, which it shows as question marks.
    pub missing_characters: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenFile {
    /// Within the pack, such as `data/scorecard.csv`.
    pub path: String,
    pub bytes: Vec<u8>,
    pub sha256: Sha256,
}

impl FrozenPack {
    /// The manifest, which names all else.
    pub fn manifest(&self) -> &FrozenFile {
        self.files.last().expect("a pack has a manifest")
    }
}

/// Draws the pack of one area in `formats`.
pub fn freeze(
    source: PackSource<'_>,
    templates: &Templates,
    formats: Formats,
) -> Result<FrozenPack, TemplateFault> {
    let composed = compose(source);
    let mut files = Vec::with_capacity(32);
    let mut missing_characters = String::new();
    if formats.csv {
        let name = format!("{}-{}", source.plan.area.code.to_ascii_lowercase(), source.position.as_at);
        let title = format!("{}, {}", source.plan.area.board_name, source.position.as_at.name());
        for table in &composed.tables {
            files.push(FrozenFile::new(format!("data/{}", data::file_name(table)), data::csv(table)));
        }
        files.push(FrozenFile::new(
            "data/datapackage.json",
            data::datapackage(&name, &title, &composed.tables),
        ));
    }
    if formats.html || formats.pdf {
        let document = templates.document(&composed)?;
        if formats.html {
            files.push(FrozenFile::new("pack.html", html::draw(&document, templates.style()).into_bytes()));
        }
        if formats.pdf {
            let drawn = pdf::draw(&document);
            missing_characters = drawn.missing_glyphs.into_iter().collect();
            files.push(FrozenFile::new("pack.pdf", drawn.bytes));
        }
    }
    if formats.json {
        let bytes = positions::positions_json(source.plan, source.facts, source.position);
        files.push(FrozenFile::new("positions.json", bytes));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = manifest(source, &files);
    files.push(FrozenFile::new("manifest.json", manifest));
    Ok(FrozenPack { files, missing_characters })
}

impl FrozenFile {
    fn new(path: impl Into<String>, bytes: Vec<u8>) -> FrozenFile {
        FrozenFile { path: path.into(), sha256: sha256(&bytes), bytes }
    }
}

#[derive(Serialize)]
struct Manifest<'a> {
    area_code: &'a str,
    as_at: String,
    /// The numbers of the commentary that is printed; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commentary: Vec<u32>,
    files: Vec<ManifestFile<'a>>,
    plan_sha256: &'a str,
    program: &'static str,
    /// What the pack takes the place of; left out where it is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    restates: Option<ManifestRestates>,
    returns: Vec<ManifestReturn<'a>>,
    version: &'static str,
}

/// A pack is made again from this: the version before, and the entry that says why.
#[derive(Serialize)]
struct ManifestRestates {
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by_entry: Option<u64>,
    replaces: u32,
    version: u32,
}

#[derive(Serialize)]
struct ManifestFile<'a> {
    bytes: usize,
    path: &'a str,
    sha256: String,
}

#[derive(Serialize)]
struct ManifestReturn<'a> {
    file: &'a str,
    return_type: &'static str,
    sha256: &'a str,
    submission: u32,
}

fn manifest(source: PackSource<'_>, files: &[FrozenFile]) -> Vec<u8> {
    let manifest = Manifest {
        area_code: &source.plan.area.code,
        as_at: source.position.as_at.to_string(),
        commentary: source.commentary.unwrap_or_default().iter().map(|used| used.number).collect(),
        files: files
            .iter()
            .map(|file| ManifestFile { bytes: file.bytes.len(), path: &file.path, sha256: hex(&file.sha256) })
            .collect(),
        plan_sha256: source.plan_sha256,
        program: env!("CARGO_PKG_NAME"),
        restates: source.restates.map(|restates| ManifestRestates {
            opened_by_entry: restates.opened_by_entry,
            replaces: restates.replaces,
            version: restates.version,
        }),
        returns: source
            .returns
            .iter()
            .map(|used| ManifestReturn {
                file: &used.file_name,
                return_type: used.return_type.name(),
                sha256: &used.sha256,
                submission: used.submission,
            })
            .collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain values");
    bytes.push(b'\n');
    bytes
}
