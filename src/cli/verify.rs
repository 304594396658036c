//! `outturn verify`: is a pack what its manifest says, and does the store give it again?

use super::{Database, Failure, counted, templates};
use crate::{
    figures::{period::Month, position::Position},
    packs::{
        compose::{PackSource, ReturnUsed},
        freeze::{Formats, freeze, hexadecimal},
    },
    plan::PlanFile,
    store::{hex, sha256},
};
use clap::Args;
use serde_json::Value as Json;
use std::{fs, path::PathBuf};

/// Check a pack's files against its manifest, and work it out again from the stored returns
///
/// Example: outturn verify packs/E10000002
#[derive(Args)]
pub struct Verify {
    /// The folder of one area's pack
    pack: PathBuf,
    /// Templates that the pack was made with, where they were not the built-in ones
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Check the files alone, without the store
    #[arg(long)]
    files_only: bool,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub fn run(self) -> Result<(), Failure> {
        let manifest = fs::read(self.pack.join("manifest.json")).map_err(|error| {
            Failure::Usage(format!("{} has no readable manifest: {error}", self.pack.display()))
        })?;
        let read: Json = serde_json::from_slice(&manifest)
            .map_err(|error| Failure::Refused(vec![format!("manifest.json is not a manifest: {error}")]))?;
        let files = self.check_files(&read)?;
        println!("{} as the manifest says.", counted(files, "file"));
        if self.files_only { Ok(()) } else { self.rebuild(&manifest, &read) }
    }

    fn check_files(&self, manifest: &Json) -> Result<usize, Failure> {
        let files = manifest["files"].as_array().cloned().unwrap_or_default();
        let mut wrong = Vec::new();
        for file in &files {
            let path = file["path"].as_str().unwrap_or_default();
            match fs::read(self.pack.join(path)) {
                Err(error) => wrong.push(format!("{path} cannot be read: {error}")),
                Ok(bytes) if Some(hex(&sha256(&bytes)).as_str()) != file["sha256"].as_str() => {
                    wrong.push(format!("{path} is not the file that was published: its SHA-256 differs"));
                }
                Ok(_) => {}
            }
        }
        if wrong.is_empty() { Ok(files.len()) } else { Err(Failure::Refused(wrong)) }
    }

    /// Works the pack out again from what the store holds and compares it byte for byte.
    fn rebuild(&self, manifest: &[u8], read: &Json) -> Result<(), Failure> {
        let refused = |line: &str| Failure::Refused(vec![line.to_owned()]);
        let text = |name: &str| read[name].as_str().unwrap_or_default();
        let mut store = self.database.open()?;
        let (edition, files) = store.current_plan()?.ok_or_else(|| refused("The store holds no plan."))?;
        if hex(&edition.sha256) != text("plan_sha256") {
            return Err(refused("The pack rests on another edition of the plan than the current one."));
        }
        let files: Vec<PlanFile> = files.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
        let plan = crate::plan::read(&files)
            .map_err(|faults| Failure::Refused(crate::returns::fault::told(&faults)))?;
        let area = plan.area(text("area_code")).ok_or_else(|| refused("The plan has no such area."))?;
        let as_at =
            Month::parse(text("as_at").as_bytes()).ok_or_else(|| refused("The manifest names no month."))?;
        let in_force = store.facts_in_force(area, None)?;
        let returns: Vec<ReturnUsed> = in_force
            .inputs
            .iter()
            .map(|input| ReturnUsed {
                return_type: input.return_type,
                file_name: input.file_name.clone(),
                submission: input.number,
                sha256: hexadecimal(&input.sha256),
            })
            .collect();
        let held = |name: &str| {
            read["files"].as_array().is_some_and(|files| files.iter().any(|file| file["path"] == name))
        };
        let formats = Formats {
            html: held("pack.html"),
            pdf: held("pack.pdf"),
            csv: held("data/datapackage.json"),
            json: held("positions.json"),
        };
        let position = Position::of(area, &in_force.facts, as_at);
        let source = PackSource {
            plan: area,
            facts: &in_force.facts,
            position: &position,
            returns: &returns,
            plan_sha256: text("plan_sha256"),
        };
        let templates = templates(self.templates.as_ref())?;
        let again = freeze(source, &templates, formats).map_err(|fault| refused(&fault.to_string()))?;
        if again.manifest().bytes == manifest {
            println!("The store gives the same pack again, byte for byte.");
            return Ok(());
        }
        let published = |path: &str| fs::read(self.pack.join(path)).unwrap_or_default();
        let differing = again.files.iter().filter(|file| published(&file.path) != file.bytes);
        let mut lines = vec!["The store does not give the same pack again; these files differ:".to_owned()];
        lines.extend(differing.map(|file| file.path.clone()));
        Err(Failure::Refused(lines))
    }
}
