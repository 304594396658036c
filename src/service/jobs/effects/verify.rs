//! Works the audit record's chain out again, and one published pack from what it was made from.

use super::super::{Fault, worker::Task};
use crate::{
    month_end::{PackTerms, pack_of, restates_of},
    packs::freeze::Formats,
    plan::PlanFile,
    store::{Outcome, Publication, Store, sha256},
};
use serde_json::Value as Json;

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let service = task.service;
    let chain = service.verify_audit(None)?;
    if !chain.faults.is_empty() {
        return Err(Fault::Wrong(format!("The audit record is not whole: {}", chain.faults.join("; "))));
    }
    let record =
        format!("The audit record is whole ({})", super::counted(chain.entries as usize, "entry", "entries"));
    let mut packs = service.store()?.publications(None)?;
    if packs.is_empty() {
        return task.unchanged(&format!("{record}; nothing is published yet"));
    }
    // Any one, chosen by the time: the same when the slot is run again.
    let [a, b, c, d, ..] = sha256(task.claimed.due_at.to_string().as_bytes());
    let chosen = packs.swap_remove(u32::from_be_bytes([a, b, c, d]) as usize % packs.len());
    let name = format!("{}, {}, version {}", chosen.area_code, chosen.as_at, chosen.version);
    let wrong = |faults: &[String]| {
        Fault::Wrong(format!("The pack {name} is not as published: {}", faults.join("; ")))
    };
    let files = read_files(&mut *service.store()?, &chosen).map_err(|faults| match faults {
        Unread::Faults(faults) => wrong(&faults),
        Unread::Store(error) => error.into(),
    })?;
    let words = match made_again(task, &chosen, &files)? {
        Again::Same => "made again, it is the same to the byte".to_owned(),
        Again::OfAnotherVersion(version) => {
            format!("its files are whole; version {version} of the program made it")
        }
        Again::Differs(paths) => {
            let faults: Vec<String> =
                paths.into_iter().map(|path| format!("{path} differs when made again")).collect();
            return Err(wrong(&faults));
        }
    };
    task.unchanged(&format!("{record}; the pack {name}: {words}"))
}

/// A file's path and what is in it.
type File = (String, Vec<u8>);

enum Unread {
    Faults(Vec<String>),
    Store(crate::store::StoreError),
}

impl From<crate::store::StoreError> for Unread {
    fn from(error: crate::store::StoreError) -> Unread {
        Unread::Store(error)
    }
}

/// Every file of the pack, each held against the SHA-256 that it was published with, and the manifest
/// against that of the version.
fn read_files(store: &mut Store, pack: &Publication) -> Result<Vec<File>, Unread> {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for listed in store.published_files(&pack.area_code, pack.as_at, pack.version)? {
        let read = store.published_file(&pack.area_code, pack.as_at, pack.version, &listed.path);
        match read {
            Ok(Some(bytes)) if sha256(&bytes) == listed.sha256 => files.push((listed.path, bytes)),
            Ok(_) | Err(crate::store::StoreError::Damaged(_)) => {
                faults.push(format!("{} is not the file that was published", listed.path));
            }
            Err(error) => return Err(error.into()),
        }
    }
    match files.iter().find(|(path, _)| path == MANIFEST) {
        Some((_, bytes)) if sha256(bytes) == pack.manifest_sha256 => {}
        Some(_) => faults.push("its manifest is another".into()),
        None => faults.push("it has no manifest".into()),
    }
    if faults.is_empty() { Ok(files) } else { Err(Unread::Faults(faults)) }
}

const MANIFEST: &str = "manifest.json";

/// How the pack compares with itself made again.
enum Again {
    Same,
    /// Another version of the program may draw it otherwise.
    OfAnotherVersion(String),
    Differs(Vec<String>),
}

/// Makes the pack again from the plan, the returns and the commentary of its time.
fn made_again(task: &Task<'_>, pack: &Publication, files: &[File]) -> Result<Again, Fault> {
    let broken = |what: &str| Fault::Wrong(format!("The pack {} {}: {what}", pack.area_code, pack.as_at));
    let held = |path: &str| files.iter().any(|(held, _)| held == path);
    let manifest = files.iter().find(|(path, _)| path == MANIFEST);
    let manifest: Json = manifest
        .and_then(|(_, bytes)| serde_json::from_slice(bytes).ok())
        .ok_or_else(|| broken("its manifest cannot be read"))?;
    let version = manifest["version"].as_str().unwrap_or_default();
    if version != env!("CARGO_PKG_VERSION") {
        return Ok(Again::OfAnotherVersion(version.to_owned()));
    }
    let mut store = task.service.store()?;
    let plan = store.plan_of(&pack.plan_sha256)?.ok_or_else(|| broken("the store has not its plan"))?;
    let plan: Vec<PlanFile> = plan.into_iter().map(|(name, bytes)| PlanFile { name, bytes }).collect();
    let plan = crate::plan::read_kept(&plan).map_err(|_| broken("its plan cannot be read"))?;
    let area = plan.area(&pack.area_code).ok_or_else(|| broken("its plan has no such area"))?;
    // What was written or taken in since is left aside: the manifest names what the pack rests on. Its time
    // does not say so, for returns may be taken in while a pack is made.
    let number = |named: &Json| named.as_u64().and_then(|number| u32::try_from(number).ok());
    let printed: Vec<u32> =
        manifest["commentary"].as_array().into_iter().flatten().filter_map(number).collect();
    let mut commentary = store.commentary(Some(&pack.area_code))?;
    commentary.retain(|written| printed.contains(&written.number));
    let returns = manifest["returns"].as_array().ok_or_else(|| broken("its manifest names no returns"))?;
    let returns: Vec<u32> = returns.iter().filter_map(|named| number(&named["submission"])).collect();
    let in_force = store.facts_of(area, &returns)?;
    let in_force = in_force.ok_or_else(|| broken("the store has not the returns that it rests on"))?;
    let restates = restates_of(&mut store, &pack.area_code, pack.as_at, &manifest)?;
    drop(store);
    let templates = task.service.templates_now().map_err(|fault| broken(&fault.to_string()))?;
    let terms = PackTerms {
        commentary: &commentary,
        restates: restates.as_ref(),
        as_at: pack.as_at,
        plan_sha256: pack.plan_sha256,
        templates: &templates,
        formats: Formats {
            html: held("pack.html"),
            pdf: held("pack.pdf"),
            csv: held("data/datapackage.json"),
            json: held("positions.json"),
        },
    };
    let again = pack_of(area, &in_force, &terms).map_err(|fault| broken(&fault.to_string()))?;
    let was = |path: &str| files.iter().find(|(held, _)| held == path).map(|(_, bytes)| bytes);
    let mut differing: Vec<String> = again
        .files
        .iter()
        .filter(|file| was(&file.path) != Some(&file.bytes))
        .map(|file| file.path.clone())
        .collect();
    let is_made = |path: &str| again.files.iter().any(|file| file.path == path);
    differing.extend(files.iter().filter(|(path, _)| !is_made(path)).map(|(path, _)| path.clone()));
    Ok(if differing.is_empty() { Again::Same } else { Again::Differs(differing) })
}
