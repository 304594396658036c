//! Tells of the packs whose time of release has come: the board of the pack, the alliance of its statement.

use super::super::{Fault, worker::Task};
use crate::{
    service::{
        Refusal,
        post::told::{Told, new_messages},
    },
    store::{Deed, Outcome, Release, Telling},
};
use chrono::NaiveDateTime;

/// By its entry in the record a release is known to have been told of.
const RELEASED: &str = "pack released";

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let at = service.time()?;
    let begun = service.store()?.begin_releases(area_code, at)?;
    let mut releases = service.store()?.releases(Some(area_code))?;
    releases.retain(|release| release.release_at >= begun && release.release_at <= at);
    let told =
        releases.iter().map(|release| told_of(task, release, at)).collect::<Result<Vec<_>, Refusal>>()?;
    let tellings: Vec<Telling<'_>> = releases
        .iter()
        .zip(&told)
        .map(|(release, told)| Telling {
            deed: Deed {
                at,
                deed: RELEASED,
                area_code: area_code.to_owned(),
                subject: format!("{}, version {}", release.as_at, release.version),
                detail: format!(
                    "{} edition, by the clock; {} made",
                    release.edition.name(),
                    super::counted(told.len(), "message", "messages")
                ),
                ..Deed::default()
            },
            messages: new_messages(told),
        })
        .collect();
    let made: usize = told.iter().map(Vec::len).sum();
    let words = |count: usize| match count {
        0 => Outcome::NoChange("Messages of every pack whose time has come were made before".into()),
        _ => Outcome::Changed(format!(
            "{} released, {} made",
            super::counted(count, "pack", "packs"),
            super::counted(made, "message", "messages")
        )),
    };
    Ok(service.change(|store| store.end_released((task.claimed.claim, area_code, at), &tellings, words))?)
}

/// What is told of a release: to nobody of an area that the plan has no more.
fn told_of(task: &Task<'_>, release: &Release, at: NaiveDateTime) -> Result<Vec<Told>, Refusal> {
    if task.service.plan()?.area(task.area_code()).is_none() {
        return Ok(Vec::new());
    }
    let mut told = task.service.tell_pack_released(release, at)?;
    told.extend(task.service.tell_statement_released(release, at)?);
    Ok(told)
}
