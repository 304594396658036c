//! Commentary: the cause, action, day and owner of each exception of a month.
//!
//! A measure off plan for the year to date and a scheme forecast to overspend by more than its tolerance
//! need one; the month's summary may have one. What was written stays until somebody writes anew or
//! closes it, month after month; nothing that was written is changed.
//!
//! Source: board-pack conventions, `expectations.md` section 5: exceptions have owner, cause, action, date.

use super::{Asking, FieldFault, Refusal, Service, Who, live::AreaNow, shown};
use crate::{
    figures::{period::Month, position::Position},
    packs::compose::exceptions::{MEASURE, findings},
    people::Role,
    returns::fault::is_unseen,
    store::{Commentary, NewCommentary, standing},
};
use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;

/// The subject of what is said of the month as a whole.
pub const SUMMARY: &str = "summary";
/// The most letters of a cause or an action.
const LONGEST_TEXT: usize = 2_000;
/// The most letters of an owner's name.
const LONGEST_NAME: usize = 100;

/// Something that the board must look at, and what its owner says of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exception {
    /// `measure/NEA`, `scheme/S01` or `summary`.
    pub subject: String,
    /// The measure's or scheme's name.
    pub name: String,
    /// What is out of the ordinary, such as `Year to date 5,403 against a target of 5,281`.
    pub finding: String,
    /// It is off plan as at the month; else it is listed because of what was said before.
    pub is_exception: bool,
    /// What stands; none where nothing was written, or the matter was closed.
    pub commentary: Option<CommentaryShown>,
    /// The number of the last one written, closed or not: what a change takes the place of.
    pub last: Option<u32>,
    /// Whoever asked may write about it.
    pub may_write: bool,
}

impl Exception {
    /// Whether publication waits for somebody to write about it.
    pub fn is_unanswered(&self) -> bool {
        self.is_exception && self.commentary.is_none()
    }
}

/// A commentary as it is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CommentaryShown {
    pub number: u32,
    #[serde(serialize_with = "shown::month")]
    #[schemars(with = "String")]
    pub as_at: Month,
    pub cause: String,
    pub action: String,
    #[serde(serialize_with = "shown::day_if_any")]
    #[schemars(with = "Option<String>")]
    pub action_by: Option<NaiveDate>,
    pub owner: String,
    pub written_by: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub written_at: NaiveDateTime,
    /// It ended the matter.
    pub closes: bool,
    /// It was written for an earlier month.
    pub is_carried: bool,
}

/// What somebody writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    pub cause: String,
    pub action: String,
    /// As `2015-12-31`; empty for none.
    pub action_by: String,
    pub owner: String,
}

impl Service {
    /// What must be explained in the month, and what was said of it before and is still open; the
    /// summary first, then measures and schemes in the plan's order.
    pub fn exceptions(&self, who: &Who, area_code: &str, as_at: Month) -> Result<Vec<Exception>, Refusal> {
        self.exceptions_of(Some(who), area_code, as_at)
    }

    /// The same, for whoever asks, if anybody does.
    pub(super) fn exceptions_of(
        &self,
        who: Option<&Who>,
        area_code: &str,
        as_at: Month,
    ) -> Result<Vec<Exception>, Refusal> {
        let area = self.area_of_month(area_code, as_at)?;
        let names = self.names()?;
        let all = self.store()?.commentary(Some(area_code))?;
        let standing = standing(&all, as_at, None);
        let position = area.position(as_at);
        let subjects = subjects_of(&area, &position);
        let is_open = self.commentary_closed(area_code, as_at)?.is_none();
        let listed = subjects.into_iter().filter_map(|subject| {
            let held = standing.get(subject.subject.as_str()).copied();
            let open = held.filter(|held| !held.closes).map(|held| shown(held, as_at, &names));
            let is_listed = subject.is_exception || open.is_some() || subject.subject == SUMMARY;
            is_listed.then(|| Exception {
                may_write: is_open && who.is_some_and(|who| may_write(who, &area, &subject.subject)),
                commentary: open,
                last: held.map(|held| held.number),
                ..subject
            })
        });
        Ok(listed.collect())
    }

    /// What stands for one subject as at the month: `measure/NEA`, `scheme/S01`, `summary`; none where
    /// nothing was written or the matter was closed.
    pub fn commentary_on(
        &self,
        area_code: &str,
        as_at: Month,
        subject: &str,
    ) -> Result<Option<CommentaryShown>, Refusal> {
        let names = self.names()?;
        let all = self.store()?.commentary(Some(area_code))?;
        let standing = standing(&all, as_at, None);
        let open = standing.get(subject).filter(|held| !held.closes);
        Ok(open.map(|held| shown(held, as_at, &names)))
    }

    /// One subject as at the month, and everything that was ever written of it, the latest first.
    pub fn commentary_history(
        &self,
        who: &Who,
        area_code: &str,
        as_at: Month,
        subject: &str,
    ) -> Result<(Exception, Vec<CommentaryShown>), Refusal> {
        let area = self.area_of_month(area_code, as_at)?;
        let names = self.names()?;
        let mut known = subjects_of(&area, &area.position(as_at)).into_iter();
        let known = known.find(|known| known.subject == subject).ok_or(Refusal::Absent)?;
        let all = self.store()?.commentary(Some(area_code))?;
        let held = standing(&all, as_at, None).get(subject).copied();
        let history = all.iter().filter(|written| written.subject == subject && written.as_at <= as_at);
        let mut history: Vec<&Commentary> = history.collect();
        history.sort_by_key(|written| std::cmp::Reverse((written.as_at, written.number)));
        let exception = Exception {
            commentary: held.filter(|held| !held.closes).map(|held| shown(held, as_at, &names)),
            last: held.map(|held| held.number),
            may_write: self.commentary_closed(area_code, as_at)?.is_none() && may_write(who, &area, subject),
            ..known
        };
        Ok((exception, history.into_iter().map(|written| shown(written, as_at, &names)).collect()))
    }

    /// Why nothing is written about a month any more, where its pack is approved.
    pub fn commentary_closed(&self, area_code: &str, as_at: Month) -> Result<Option<String>, Refusal> {
        match self.must_be_open(area_code, as_at) {
            Ok(()) => Ok(None),
            Err(Refusal::Locked(why)) => Ok(Some(why)),
            Err(refusal) => Err(refusal),
        }
    }

    /// Writes a commentary in the place of the one that the writer saw (`replaces`), or as the first.
    ///
    /// Refused where somebody else has written meanwhile, and where the month's pack is approved.
    pub fn write_commentary(
        &self,
        (who, asking): (&Who, &Asking),
        (area_code, as_at, subject): (&str, Month, &str),
        written: &Written,
        replaces: Option<u32>,
    ) -> Result<u32, Refusal> {
        let name = self.may_change(who, area_code, as_at, subject)?;
        let action_by = checked(written, subject)?;
        let (cause, action, owner) = (plain(&written.cause), plain(&written.action), plain(&written.owner));
        let new = NewCommentary {
            area_code,
            as_at,
            subject,
            cause: &cause,
            action: &action,
            action_by,
            owner: &owner,
            written_by: who.person.id,
            replaces,
            closes: false,
        };
        let deed = who.deed(asking, "commentary written", area_code, subject, format!("{name}, {as_at}"));
        Ok(self.change(|store| store.write_commentary(&new, &deed))?)
    }

    /// Closes the matter that the one seen (`replaces`) speaks of, saying why.
    pub fn close_commentary(
        &self,
        (who, asking): (&Who, &Asking),
        (area_code, as_at, subject): (&str, Month, &str),
        reason: &str,
        replaces: u32,
    ) -> Result<u32, Refusal> {
        let name = self.may_change(who, area_code, as_at, subject)?;
        let reason = plain(reason);
        let mut faults = Vec::new();
        check_text(&mut faults, "reason", &reason, "Say why the matter is closed");
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let all = self.store()?.commentary(Some(area_code))?;
        let seen = all.iter().find(|held| held.number == replaces && held.subject == subject);
        let seen = seen.ok_or(Refusal::Absent)?;
        let new = NewCommentary {
            area_code,
            as_at,
            subject,
            cause: &reason,
            action: &seen.action,
            action_by: seen.action_by,
            owner: &seen.owner,
            written_by: who.person.id,
            replaces: Some(replaces),
            closes: true,
        };
        let deed = who.deed(asking, "commentary closed", area_code, subject, format!("{name}: {reason}"));
        Ok(self.change(|store| store.write_commentary(&new, &deed))?)
    }

    /// The subject's name, where whoever asks may write about it in a month that is not locked.
    fn may_change(&self, who: &Who, area_code: &str, as_at: Month, subject: &str) -> Result<String, Refusal> {
        let area = self.area_of_month(area_code, as_at)?;
        let mut known = subjects_of(&area, &area.position(as_at)).into_iter();
        let known = known.find(|known| known.subject == subject).ok_or(Refusal::Absent)?;
        if !may_write(who, &area, subject) {
            return Err(Refusal::NotAllowed(
                "Pooled budget managers write about anything, a partner’s officers about the measures that \
                 their organisation reports."
                    .into(),
            ));
        }
        self.must_be_open(area_code, as_at)?;
        Ok(known.name)
    }

    /// The area, where it reports on the month.
    pub(super) fn area_of_month(
        &self,
        area_code: &str,
        as_at: Month,
    ) -> Result<std::sync::Arc<AreaNow>, Refusal> {
        let area = self.area(area_code)?;
        if area.reports_on(as_at) { Ok(area) } else { Err(Refusal::Absent) }
    }
}

/// Everything that can be written about, with what is out of the ordinary about it.
fn subjects_of(area: &AreaNow, position: &Position) -> Vec<Exception> {
    let plan = area.agreement();
    let subject = |subject: String, name: &str, finding: String, is_exception: bool| Exception {
        subject,
        name: name.to_owned(),
        finding,
        is_exception,
        commentary: None,
        last: None,
        may_write: false,
    };
    let mut subjects = vec![subject(SUMMARY.into(), "The month as a whole", String::new(), false)];
    subjects.extend(
        findings(plan, position)
            .into_iter()
            .map(|found| subject(found.subject, found.name, found.words, found.is_exception)),
    );
    subjects
}

/// Managers write about anything; a partner's officers about the measures that their partner reported
/// last.
fn may_write(who: &Who, area: &AreaNow, subject: &str) -> bool {
    let plan = area.agreement();
    let area_code = plan.area.code.as_str();
    if who.person.is(Role::PooledBudgetManager, area_code) {
        return true;
    }
    let Some(id) = subject.strip_prefix(MEASURE) else { return false };
    let Some(measure) = plan.measures.iter().position(|measure| measure.id == id) else { return false };
    let facts = area.facts().measures.iter().filter(|fact| usize::from(fact.measure) == measure);
    let last = facts.max_by_key(|fact| fact.month);
    let reporter = last.and_then(|fact| plan.partners.get(usize::from(fact.partner)));
    reporter.is_some_and(|partner| who.person.is_of(Role::PartnerOfficer, area_code, &partner.id))
}

/// What was typed, without the spaces around it; what can be neither seen nor printed is a space.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let is_lost = |letter: char| is_unseen(letter) || matches!(letter, '\u{fffe}' | '\u{ffff}');
    let shown = |letter: char| if is_lost(letter) && letter != '\n' { ' ' } else { letter };
    text.trim().chars().map(shown).collect()
}

/// The day by which the action is due, where everything can be kept.
fn checked(written: &Written, subject: &str) -> Result<Option<NaiveDate>, Refusal> {
    let mut faults = Vec::new();
    let (cause, action) = match subject {
        SUMMARY => ("Enter what the board should know", ""),
        _ => ("Enter the cause", "Enter what is being done"),
    };
    check_text(&mut faults, "cause", written.cause.trim(), cause);
    check_text(&mut faults, "action", written.action.trim(), action);
    let given = written.action_by.trim();
    let action_by = NaiveDate::parse_from_str(given, "%Y-%m-%d").ok();
    if !given.is_empty() && action_by.is_none() {
        faults.push(fault(
            "action_by",
            "Enter the day by which it is done as year, month and day, like 2016-01-31",
        ));
    }
    let owner = written.owner.trim();
    if owner.is_empty() {
        faults.push(fault("owner", "Enter the owner’s name"));
    } else if owner.chars().count() > LONGEST_NAME {
        faults.push(fault("owner", &format!("The owner’s name must be {LONGEST_NAME} characters or fewer")));
    }
    if faults.is_empty() { Ok(action_by) } else { Err(Refusal::Invalid(faults)) }
}

/// An empty text is at fault where there are words for it.
fn check_text(faults: &mut Vec<FieldFault>, field: &str, text: &str, if_empty: &str) {
    if text.is_empty() && !if_empty.is_empty() {
        faults.push(fault(field, if_empty));
    }
    if text.chars().count() > LONGEST_TEXT {
        faults.push(fault(field, &format!("Write {LONGEST_TEXT} characters or fewer")));
    }
}

fn fault(field: &str, message: &str) -> FieldFault {
    FieldFault { field: field.to_owned(), message: message.to_owned() }
}

fn shown(held: &Commentary, as_at: Month, names: &HashMap<u32, String>) -> CommentaryShown {
    CommentaryShown {
        number: held.number,
        as_at: held.as_at,
        cause: held.cause.clone(),
        action: held.action.clone(),
        action_by: held.action_by,
        owner: held.owner.clone(),
        written_by: names.get(&held.written_by).cloned().unwrap_or_default(),
        written_at: held.written_at,
        closes: held.closes,
        is_carried: held.as_at < as_at,
    }
}
