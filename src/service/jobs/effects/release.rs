//! Tells of the packs whose time of release has come: the board of the pack, the alliance of its statement.

use super::super::{
    Fault,
    telling::{Told, to_each},
    worker::Task,
};
use crate::{
    people::Role,
    service::Refusal,
    store::{Deed, MessageKind, Outcome, Release, Telling},
};

/// By its entry in the record a release is known to have been told of.
const RELEASED: &str = "pack released";

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let at = service.time()?;
    let begun = service.store()?.begin_releases(area_code, at)?;
    let mut releases = service.store()?.releases(Some(area_code))?;
    releases.retain(|release| release.release_at >= begun && release.release_at <= at);
    let told = releases.iter().map(|release| messages(task, release)).collect::<Result<Vec<_>, Fault>>()?;
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
                    "{} edition, by the clock; told: {}",
                    release.edition.name(),
                    super::counted(told.len(), "person", "people")
                ),
                ..Deed::default()
            },
            messages: told.iter().map(|told| told.message(area_code, at)).collect(),
        })
        .collect();
    let words = |count: usize| match count {
        0 => Outcome::NoChange("Every pack whose time has come was told of before".into()),
        _ => Outcome::Changed(format!("Told of {}", super::counted(count, "release", "releases"))),
    };
    Ok(service.change(|store| store.end_released((task.claimed.claim, area_code, at), &tellings, words))?)
}

/// What is told of a release, and to whom.
fn messages(task: &Task<'_>, release: &Release) -> Result<Vec<Told>, Fault> {
    let (service, area_code) = (task.service, task.area_code());
    let subject = format!("{}, version {}", release.as_at, release.version);
    let month = release.as_at.name();
    let board = service.people_who(|person| person.is(Role::BoardMember, area_code))?;
    let mut told = to_each(
        &board,
        MessageKind::PackReleased,
        &subject,
        &format!("The pack for {month} is out"),
        &format!("The board pack for {month}, version {}, can be read in the service.\n", release.version),
    );
    let has_contract = match service.area(area_code) {
        Ok(area) => area.agreement().contract.is_some(),
        Err(Refusal::Absent) => false,
        Err(refusal) => return Err(refusal.into()),
    };
    if has_contract {
        let alliance = service.people_who(|person| person.is(Role::AllianceMember, area_code))?;
        told.extend(to_each(
            &alliance,
            MessageKind::StatementReleased,
            &subject,
            &format!("The incentive statement for {month} is out"),
            &format!("The alliance’s incentive statement for {month} can be read in the service.\n"),
        ));
    }
    Ok(told)
}
