//! Removes what nobody needs any more of who signed in.

use super::super::{Fault, worker::Task};
use crate::store::Outcome;

pub(super) fn run(task: &Task<'_>) -> Result<Outcome, Fault> {
    let (claim, at) = (task.claimed.claim, task.service.time()?);
    let words = |removed: crate::store::Tidied| match removed.in_all() {
        0 => Outcome::NoChange("Nothing is old enough to be removed".into()),
        _ => Outcome::Changed(format!(
            "Removed what is too old: {}, {}, {}, {}, {}",
            super::counted(removed.sessions, "session", "sessions"),
            super::counted(removed.links, "link", "links"),
            super::counted(removed.keys, "key of a request", "keys of requests"),
            super::counted(removed.attempts, "attempt to sign in", "attempts to sign in"),
            super::counted(removed.half_sign_ins, "half sign-in", "half sign-ins"),
        )),
    };
    Ok(task.service.change(|store| store.end_tidied(claim, at, words))?)
}
