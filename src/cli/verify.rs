//! `outturn verify`: is a pack what its manifest says, and does the store give it again?

use super::{Database, Failure, StoredPlan, own_templates, plural, stored_plan};
use crate::{
    figures::period::Month,
    month_end::{PackTerms, pack_of, restates_of},
    packs::freeze::Formats,
    store::{Store, hex, sha256},
};
use clap::Args;
use serde_json::Value as Json;
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Component, Path, PathBuf},
};

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
            Failure::Refused(vec![format!("{} has no readable manifest: {error}", self.pack.display())])
        })?;
        let read: Json = serde_json::from_slice(&manifest)
            .map_err(|error| Failure::Refused(vec![format!("manifest.json is not a manifest: {error}")]))?;
        let files = self.check_files(&read)?;
        println!("{} as the manifest says.", plural(files, "file"));
        if self.files_only { Ok(()) } else { self.rebuild(&manifest, &read) }
    }

    /// Every file that the manifest names is there with its SHA-256, and no other file is.
    fn check_files(&self, manifest: &Json) -> Result<usize, Failure> {
        let Some(files) = manifest["files"].as_array() else {
            return Err(Failure::Refused(vec![
                "manifest.json is not a manifest: it names no files".to_owned(),
            ]));
        };
        let mut named = BTreeSet::from([PathBuf::from("manifest.json")]);
        let mut wrong = Vec::new();
        for file in files {
            let path = Path::new(file["path"].as_str().unwrap_or_default());
            if !path.components().all(|step| matches!(step, Component::Normal(_))) {
                wrong.push(format!("{} is no place within a pack", path.display()));
                continue;
            }
            match fs::read(self.pack.join(path)) {
                Err(error) => wrong.push(format!("{} cannot be read: {error}", path.display())),
                Ok(bytes) if Some(hex(&sha256(&bytes)).as_str()) != file["sha256"].as_str() => wrong.push(
                    format!("{} is not the file that was published: its SHA-256 differs", path.display()),
                ),
                Ok(_) => {}
            }
            named.insert(path.to_owned());
        }
        for path in files_under(&self.pack)?.difference(&named) {
            wrong.push(format!("{} was not published: the manifest does not name it", path.display()));
        }
        if wrong.is_empty() { Ok(files.len()) } else { Err(Failure::Refused(wrong)) }
    }

    /// Works the pack out again from what the store holds and compares it byte for byte.
    fn rebuild(&self, manifest: &[u8], read: &Json) -> Result<(), Failure> {
        let refused = |line: &str| Failure::Refused(vec![line.to_owned()]);
        let text = |name: &str| read[name].as_str().unwrap_or_default();
        let mut store = self.database.open_to_read()?;
        let StoredPlan { edition, plan, .. } = stored_plan(&mut store)?;
        if hex(&edition.sha256) != text("plan_sha256") {
            return Err(refused("The pack rests on another edition of the plan than the current one."));
        }
        let area = plan.area(text("area_code")).ok_or_else(|| refused("The plan has no such area."))?;
        let as_at =
            Month::parse(text("as_at").as_bytes()).ok_or_else(|| refused("The manifest names no month."))?;
        let held = |name: &str| {
            read["files"].as_array().is_some_and(|files| files.iter().any(|file| file["path"] == name))
        };
        // What was written since is left aside: the manifest names what the pack prints.
        let printed = |number: u32| {
            let named = read["commentary"].as_array();
            named.is_some_and(|named| named.iter().any(|named| named.as_u64() == Some(number.into())))
        };
        let mut commentary = store.commentary(Some(text("area_code")))?;
        commentary.retain(|written| printed(written.number));
        let restates = restates_of(&mut store, text("area_code"), as_at, read)?;
        let terms = PackTerms {
            commentary: &commentary,
            restates: restates.as_ref(),
            as_at,
            plan_sha256: edition.sha256,
            templates: &own_templates(self.templates.as_ref())?,
            formats: Formats {
                html: held("pack.html"),
                pdf: held("pack.pdf"),
                csv: held("data/datapackage.json"),
                json: held("positions.json"),
            },
        };
        self.must_hold_returns(&mut store, read)?;
        let in_force = store.facts_in_force(area, None)?;
        let again = pack_of(area, &in_force, &terms).map_err(|fault| refused(&fault.to_string()))?;
        if again.manifest().bytes == manifest {
            println!("The store gives the same pack again, byte for byte.");
            return Ok(());
        }
        let published = |path: &str| fs::read(self.pack.join(path)).unwrap_or_default();
        let differing = again.files.iter().filter(|file| published(&file.path) != file.bytes);
        let mut lines = vec!["The store does not give the same pack again; these files differ:".to_owned()];
        lines.extend(differing.map(|file| file.path.clone()));
        if self.templates.is_none() {
            lines.push(
                "If it was made with templates of your own, name their folder with --templates.".to_owned(),
            );
        }
        Err(Failure::Refused(lines))
    }

    /// Refuses where the store has not one of the returns that the pack was made from.
    fn must_hold_returns(&self, store: &mut Store, manifest: &Json) -> Result<(), Failure> {
        let held: BTreeSet<String> =
            store.submissions(manifest["area_code"].as_str())?.iter().map(|held| hex(&held.sha256)).collect();
        let named = manifest["returns"].as_array().map_or(&[][..], Vec::as_slice);
        let is_held = |named: &Json| named["sha256"].as_str().is_some_and(|sum| held.contains(sum));
        if named.is_empty() || named.iter().any(is_held) {
            return Ok(());
        }
        Err(Failure::Refused(vec![format!(
            "The database {} holds none of the returns that this pack was made from. Is --database right?",
            self.database.url()?
        )]))
    }
}

/// Every file under a folder, by its path within it.
fn files_under(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(within) = folders.pop() {
        for entry in fs::read_dir(folder.join(&within))? {
            let entry = entry?;
            let path = within.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}
