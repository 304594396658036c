//! A month's way to publication: what is done, what waits, for whom and why.

use super::{
    Refusal, Service, Who,
    publication::DraftShown,
    returns::{DueState, SENDERS, reference},
};
use crate::{
    figures::period::Month,
    people::Role,
    store::{LockReason, NamedDraft},
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

/// How a return stands that was sent and about which nobody has decided.
const WAITING: &str = "waiting to be accepted";

pub(super) const MANAGER: &[Role] = &[Role::PooledBudgetManager];

/// Something that a pack should not go out without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocker {
    /// `figures`, `return` or `commentary`.
    pub kind: &'static str,
    pub words: String,
}

/// A return that the area's partners owe for the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReturnOwed {
    pub partner: String,
    pub return_type: &'static str,
    /// `received`, `waiting to be accepted`, `sent back`, `due` or `late`.
    pub state: &'static str,
    /// What the rows that are held of it lack; empty where nothing is held, or nothing is missing.
    pub lacks: &'static str,
    /// It came, and was accepted.
    pub is_in: bool,
}

/// A step of the month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Task {
    /// `returns`, `figures`, `commentary`, `review`, `approval` or `publication`.
    pub step: &'static str,
    pub state: TaskState,
    /// How it stands, such as `3 of 5 in`.
    pub status: String,
    /// What is in the way.
    pub blocked_by: Vec<String>,
    /// Who does it.
    pub done_by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Done,
    ToDo,
    /// It waits for somebody or for a time.
    Waits,
    CannotStart,
}

impl Service {
    /// The returns that partners owe for the month; none where the plan says nothing of them.
    pub fn returns_owed(&self, area_code: &str, as_at: Month) -> Result<Vec<ReturnOwed>, Refusal> {
        let rows = self.due_rows(None, area_code, as_at)?.into_iter();
        Ok(rows
            .map(|row| ReturnOwed {
                partner: row.partner_name,
                return_type: row.return_type,
                state: match row.state {
                    DueState::Accepted => "received",
                    DueState::Submitted => WAITING,
                    DueState::SentBack => "sent back",
                    DueState::NotDue | DueState::DueSoon => "due",
                    DueState::Late => "late",
                },
                lacks: row.lacks,
                is_in: row.is_accepted,
            })
            .collect())
    }

    /// The month's returns that whoever asks has begun and not sent, without their files.
    pub fn begun_returns(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Month,
    ) -> Result<Vec<NamedDraft>, Refusal> {
        who.must_be(SENDERS, area_code)?;
        Ok(self.store()?.named_return_drafts(area_code, as_at, who.person.id)?)
    }

    /// The month's returns that nobody has decided about, each in words. What they say is not in the
    /// month's figures, whether or not an earlier return of the same partner is.
    fn returns_undecided(&self, area_code: &str, as_at: Month) -> Result<Vec<String>, Refusal> {
        let area = self.area(area_code)?;
        let partners = &area.agreement().partners;
        let mut waiting = self.store()?.sent_returns(area_code, Some(as_at))?;
        waiting.retain(|sent| sent.decision.is_none());
        waiting.sort_unstable_by_key(|sent| sent.number);
        let words = waiting.iter().map(|sent| {
            let partner = partners.iter().find(|partner| partner.id == sent.partner_id);
            let partner = match sent.partner_id.as_str() {
                "" => "All partners",
                id => partner.map_or(id, |partner| partner.name.as_str()),
            };
            let (kind, reference) = (sent.return_type.name(), reference(area_code, sent.number));
            format!(
                "{partner}: the {kind} return {reference} waits to be accepted, and is not in the figures"
            )
        });
        Ok(words.collect())
    }

    /// What the month's pack should not go out without.
    pub fn blockers(&self, area_code: &str, as_at: Month) -> Result<Vec<Blocker>, Refusal> {
        let area = self.area_of_month(area_code, as_at)?;
        let mut blockers = Vec::new();
        if area.latest_month() < as_at {
            let words = format!("Nothing has been reported for {} yet", as_at.name());
            blockers.push(Blocker { kind: "figures", words });
        }
        let waiting = self.returns_undecided(area_code, as_at)?;
        blockers.extend(waiting.into_iter().map(|words| Blocker { kind: "return", words }));
        let owed = self.returns_owed(area_code, as_at)?.into_iter();
        for owed in owed.filter(|owed| !owed.is_in && owed.state != WAITING) {
            let mut words = format!("{}: the {} return is {}", owed.partner, owed.return_type, owed.state);
            if !owed.lacks.is_empty() {
                words += &format!(": {} of {}", owed.lacks, as_at.name());
            }
            blockers.push(Blocker { kind: "return", words });
        }
        for exception in self.exceptions_of(None, area_code, as_at)?.iter().filter(|one| one.is_unanswered())
        {
            let words = format!("{}: no commentary. {}", exception.name, exception.finding);
            blockers.push(Blocker { kind: "commentary", words });
        }
        Ok(blockers)
    }

    /// The steps of the month from returns to publication, in their order.
    pub fn month_tasks(&self, who: &Who, area_code: &str, as_at: Month) -> Result<Vec<Task>, Refusal> {
        who.must_be(&[Role::PooledBudgetManager, Role::Auditor], area_code)?;
        let blockers = self.blockers(area_code, as_at)?;
        let drafts = self.drafts(who, area_code, Some(as_at))?;
        let waiting = drafts.iter().find(|draft| draft.state == "prepared");
        let approved = drafts.iter().find(|draft| draft.state == "approved");
        let of = |kind: &str| -> Vec<String> {
            blockers.iter().filter(|one| one.kind == kind).map(|one| one.words.clone()).collect()
        };
        let is_locked = self.approved_since(area_code, as_at)?.is_some();
        let (figures, commentary) = (of("figures"), of("commentary"));
        let can_start = figures.is_empty();
        Ok(vec![
            self.returns_task(area_code, as_at, of("return"))?,
            Task {
                step: "figures",
                state: if can_start { TaskState::Done } else { TaskState::CannotStart },
                status: if can_start { "Worked out" } else { "Nothing reported yet" }.into(),
                blocked_by: figures,
                done_by: "Outturn, as each return is accepted".into(),
            },
            commentary_task(can_start, is_locked, commentary),
            review_task(waiting, approved, is_locked, &blockers),
            approval_task(who, waiting, approved, is_locked),
            self.publication_task(area_code, as_at, approved)?,
        ])
    }

    fn returns_task(&self, area_code: &str, as_at: Month, blocked_by: Vec<String>) -> Result<Task, Refusal> {
        let owed = self.returns_owed(area_code, as_at)?;
        let waiting = self.returns_undecided(area_code, as_at)?.len();
        let (expected, missing) = (owed.len(), owed.iter().filter(|owed| !owed.is_in).count());
        Ok(Task {
            step: "returns",
            state: if missing + waiting == 0 { TaskState::Done } else { TaskState::Waits },
            status: returns_status(expected, missing, waiting),
            blocked_by,
            done_by: "Partners’ officers and approvers".into(),
        })
    }

    fn publication_task(
        &self,
        area_code: &str,
        as_at: Month,
        approved: Option<&DraftShown>,
    ) -> Result<Task, Refusal> {
        let now = self.clock.now();
        let mut store = self.store()?;
        let versions = store.publications(Some(area_code))?;
        let latest = versions.iter().filter(|one| one.as_at == as_at).map(|one| one.version).max();
        let release = store.releases(Some(area_code))?.into_iter().rfind(|one| one.as_at == as_at);
        let (state, status) = match (latest, release, approved) {
            (None, ..) => (TaskState::CannotStart, "Cannot start yet".to_owned()),
            (Some(_), Some(release), _) if release.release_at > now => {
                (TaskState::Waits, format!("Version {} waits for its time", release.version))
            }
            (Some(version), _, Some(_)) => (TaskState::Done, format!("Version {version} is out")),
            (Some(version), _, None) => {
                (TaskState::Done, format!("Version {version} is out, from the command line"))
            }
        };
        Ok(Task {
            step: "publication",
            state,
            status,
            blocked_by: Vec::new(),
            done_by: "Outturn, at the time of release".into(),
        })
    }

    /// Since when the month takes no changes because its pack was approved; none where it is not.
    pub fn approved_since(&self, area_code: &str, as_at: Month) -> Result<Option<NaiveDateTime>, Refusal> {
        let lock = self.store()?.month_lock(area_code, as_at)?;
        Ok(lock.filter(|lock| lock.why == LockReason::Approved).map(|lock| lock.locked_at))
    }

    /// Refuses a change to a month whose pack was approved.
    pub(super) fn must_be_open(&self, area_code: &str, as_at: Month) -> Result<(), Refusal> {
        let lock = self.store()?.month_lock(area_code, as_at)?;
        match lock {
            Some(lock) if lock.why == LockReason::Approved => Err(self.locked(as_at, lock)?),
            Some(_) | None => Ok(()),
        }
    }
}

/// How many of the returns that are owed are in, and how many wait for somebody to look at them.
fn returns_status(expected: usize, missing: usize, waiting: usize) -> String {
    let owed = match (expected, missing) {
        (0, _) => "None are owed by the plan".to_owned(),
        (_, 0) => "All in".to_owned(),
        (_, _) => format!("{} of {expected} in", expected - missing),
    };
    match waiting {
        0 => owed,
        1 => format!("{owed}, 1 waits to be accepted"),
        _ => format!("{owed}, {waiting} wait to be accepted"),
    }
}

/// Nobody writes about an approved month: what its pack left unexplained is nothing to do any more.
fn commentary_task(can_start: bool, is_locked: bool, unexplained: Vec<String>) -> Task {
    let (state, status) = match (can_start, unexplained.len()) {
        (false, _) => (TaskState::CannotStart, "Cannot start yet".to_owned()),
        (true, 0) => (TaskState::Done, "Completed".to_owned()),
        (true, _) if is_locked => (TaskState::Done, "Closed with the pack".to_owned()),
        (true, count) => (TaskState::ToDo, format!("{count} to write")),
    };
    Task {
        step: "commentary",
        blocked_by: if state == TaskState::ToDo { unexplained } else { Vec::new() },
        state,
        status,
        done_by: "Pooled budget managers; partners’ officers for their own measures".into(),
    }
}

fn review_task(
    waiting: Option<&DraftShown>,
    approved: Option<&DraftShown>,
    is_locked: bool,
    blockers: &[Blocker],
) -> Task {
    let (state, status) = match (waiting, approved) {
        (Some(draft), _) => (TaskState::Done, format!("Prepared by {}", draft.prepared_by)),
        (None, Some(draft)) if is_locked => (TaskState::Done, format!("Prepared by {}", draft.prepared_by)),
        (None, _) if blockers.is_empty() => (TaskState::ToDo, "Ready to prepare".into()),
        (None, _) => (TaskState::ToDo, "Not ready".into()),
    };
    let blocked_by = match state {
        TaskState::Done => Vec::new(),
        TaskState::ToDo | TaskState::Waits | TaskState::CannotStart if blockers.is_empty() => Vec::new(),
        TaskState::ToDo | TaskState::Waits | TaskState::CannotStart => {
            vec!["What is named above is missing. The pack can go out without it only with a reason".into()]
        }
    };
    Task { step: "review", state, status, blocked_by, done_by: "A pooled budget manager".into() }
}

fn approval_task(
    who: &Who,
    waiting: Option<&DraftShown>,
    approved: Option<&DraftShown>,
    is_locked: bool,
) -> Task {
    let (state, status) = match (waiting, approved) {
        (Some(draft), _) if draft.may_approve => (TaskState::ToDo, "Waits for you".to_owned()),
        (Some(draft), _) => {
            let words = match draft.prepared_by == who.person.name {
                true => "Waits for another manager".to_owned(),
                false => "Waits for a manager".to_owned(),
            };
            (TaskState::Waits, words)
        }
        (None, Some(draft)) if is_locked => {
            (TaskState::Done, format!("Approved by {}", draft.decided_by.clone().unwrap_or_default()))
        }
        (None, _) => (TaskState::CannotStart, "Cannot start yet".into()),
    };
    let done_by = "A pooled budget manager other than the one who prepared it".into();
    Task { step: "approval", state, status, blocked_by: Vec::new(), done_by }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_whose_returns_are_in_is_not_done_while_a_correction_waits() {
        assert_eq!(returns_status(10, 0, 0), "All in");
        assert_eq!(returns_status(10, 0, 1), "All in, 1 waits to be accepted");
        assert_eq!(returns_status(10, 1, 2), "9 of 10 in, 2 wait to be accepted");
        assert_eq!(returns_status(0, 0, 1), "None are owed by the plan, 1 waits to be accepted");
    }
}
