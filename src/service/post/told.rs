//! What people are told, in words: a function a kind. Each gives messages that the store writes in the
//! transaction of what they announce.

use super::recipients::About;
use crate::{
    figures::{agreement::AreaPlan, period::Month},
    people::{Person, Role},
    post::words,
    schedule::london,
    service::{Refusal, Service, commentary::plain, returns::DueRow},
    store::{Edition, LinkPurpose, MessageKind, NewMessage, Release, SentReturn},
};
use chrono::NaiveDateTime;
use serde::Serialize;

/// A message to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub kind: MessageKind,
    /// Empty where no one area is meant.
    pub area_code: String,
    pub subject: String,
    pub person: u32,
    pub title: String,
    pub body: String,
    pub made_at: NaiveDateTime,
}

impl Told {
    /// As the store takes it.
    pub fn new_message(&self) -> NewMessage<'_> {
        NewMessage {
            kind: self.kind,
            area_code: &self.area_code,
            subject: &self.subject,
            person: self.person,
            title: &self.title,
            body: &self.body,
            made_at: self.made_at,
        }
    }
}

/// As the store takes them.
pub fn new_messages(told: &[Told]) -> Vec<NewMessage<'_>> {
    told.iter().map(Told::new_message).collect()
}

/// What every letter says.
#[derive(Serialize)]
struct Values<'a, T> {
    service: &'a str,
    contact: &'a str,
    /// The recipient's.
    name: &'a str,
    /// The area's; empty where no one is meant.
    area: &'a str,
    /// Why the recipient gets it.
    why: String,
    link: String,
    #[serde(flatten)]
    own: &'a T,
}

/// A job that has failed for good.
#[derive(Clone, Copy, Debug)]
pub struct FailedJob<'a> {
    /// Empty for one of the whole service.
    pub area_code: &'a str,
    /// In words, such as `The reminders`.
    pub job: &'a str,
    /// Which time of it: nobody is told of one twice.
    pub subject: &'a str,
    /// In UTC.
    pub due_at: NaiveDateTime,
    /// What went wrong last.
    pub told: &'a str,
    /// Where it is run again, such as `/runs/12`.
    pub path: &'a str,
}

impl Service {
    /// Tells the area's board that a pack is out; a public edition goes with it as a PDF, where it is not
    /// too large.
    pub fn tell_pack_released(&self, release: &Release, now: NaiveDateTime) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own {
            month: String,
            version: u32,
            is_restricted: bool,
            is_restated: bool,
            is_attached: bool,
        }
        let Release { area_code, as_at, version, .. } = release;
        let own = Own {
            month: as_at.name(),
            version: *version,
            is_restricted: release.edition == Edition::Restricted,
            is_restated: *version > 1,
            is_attached: self.pack_to_attach(release)?,
        };
        let about = About {
            kind: MessageKind::PackReleased,
            area_code,
            subject: &format!("{as_at}, version {version}"),
        };
        self.tell_all(about, &format!("/areas/{area_code}/packs/{as_at}/{version}"), &own, now)
    }

    /// Tells the alliance that its incentive statement is out; nobody where the area has no contract.
    pub fn tell_statement_released(
        &self,
        release: &Release,
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own {
            month: String,
        }
        let Release { area_code, as_at, version, .. } = release;
        if self.plan()?.area(area_code).is_none_or(|plan| plan.contract.is_none()) {
            return Ok(Vec::new());
        }
        let about = About {
            kind: MessageKind::StatementReleased,
            area_code,
            subject: &format!("{as_at}, version {version}"),
        };
        let own = Own { month: as_at.name() };
        self.tell_all(about, &format!("/areas/{area_code}/{as_at}/incentive"), &own, now)
    }

    /// Tells the area's managers that the clock has drafted a month's pack, and what is in its way.
    pub fn tell_pack_drafted(
        &self,
        area_code: &str,
        as_at: Month,
        blockers: &[String],
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own<'a> {
            month: String,
            blockers: &'a [String],
        }
        let own = Own { month: as_at.name(), blockers };
        let about = About { kind: MessageKind::PackDrafted, area_code, subject: &as_at.to_string() };
        self.tell_all(about, &format!("/areas/{area_code}/{as_at}/packs"), &own, now)
    }

    /// Tells the area's other managers that somebody's pack waits for them. The store says which draft.
    pub(in crate::service) fn tell_pack_waits(
        &self,
        by: &Person,
        (area_code, as_at): (&str, Month),
        is_overridden: bool,
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own<'a> {
            month: String,
            by: &'a str,
            is_overridden: bool,
        }
        let own = Own { month: as_at.name(), by: &by.name, is_overridden };
        let about = About { kind: MessageKind::PackWaits, area_code, subject: "" };
        let mut told = self.tell_all(about, &format!("/areas/{area_code}/{as_at}/packs"), &own, now)?;
        told.retain(|told| told.person != by.id);
        Ok(told)
    }

    /// Tells a partner's people that a return is due soon or, where its day has passed, that it is late.
    pub fn tell_return_due(
        &self,
        (area_code, month): (&str, Month),
        owed: &DueRow,
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own<'a> {
            month: String,
            return_type: &'a str,
            partner: &'a str,
            due_on: String,
        }
        let is_late = london::day_in_london(now) > owed.due_on;
        let own = Own {
            month: month.name(),
            return_type: owed.return_type,
            partner: &owed.partner_name,
            due_on: london::day_in_words(owed.due_on),
        };
        let about = About {
            kind: if is_late { MessageKind::ReturnLate } else { MessageKind::ReturnDueSoon },
            area_code,
            subject: &format!("{month}, {}, {}", owed.return_type, owed.partner_id),
        };
        self.tell_all(about, &format!("/areas/{area_code}/{month}/returns"), &own, now)
    }

    /// Tells whoever sent a return that it was sent back, and why.
    pub(in crate::service) fn tell_return_sent_back(
        &self,
        sent: &SentReturn,
        (by, reason): (&Person, &str),
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own<'a> {
            month: String,
            return_type: &'a str,
            file_name: &'a str,
            by: &'a str,
            reason: String,
        }
        let own = Own {
            month: sent.as_at.name(),
            return_type: sent.return_type.name(),
            file_name: &plain(&sent.file_name).replace('\n', " "),
            by: &by.name,
            reason: quoted(reason),
        };
        let (area_code, number) = (sent.area_code.as_str(), sent.number);
        let about = About {
            kind: MessageKind::ReturnSentBack,
            area_code,
            subject: &format!("return {number}, {}", sent.partner_id),
        };
        let path = format!("/areas/{area_code}/{}/returns/{number}", sent.as_at);
        let mut told = self.tell_all(about, &path, &own, now)?;
        told.retain(|told| told.person == sent.sent_by);
        Ok(told)
    }

    /// Tells the area's managers, or every manager and administrator, that a job has failed for good.
    pub fn tell_job_failed(&self, failed: &FailedJob<'_>, now: NaiveDateTime) -> Result<Vec<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own<'a> {
            job: &'a str,
            due: String,
            told: &'a str,
        }
        let own = Own { job: failed.job, due: london::in_words(failed.due_at), told: failed.told };
        let about =
            About { kind: MessageKind::JobFailed, area_code: failed.area_code, subject: failed.subject };
        self.tell_all(about, failed.path, &own, now)
    }

    /// The message that takes a link to its person; `kept` is what the store knows the link by.
    pub(in crate::service) fn tell_link(
        &self,
        person: &Person,
        purpose: LinkPurpose,
        (path, kept): (&str, &str),
        expires_at: NaiveDateTime,
        now: NaiveDateTime,
    ) -> Result<Option<Told>, Refusal> {
        #[derive(Serialize)]
        struct Own {
            until: String,
        }
        let kind = match purpose {
            LinkPurpose::Invitation => MessageKind::Invitation,
            LinkPurpose::Recovery => MessageKind::Recovery,
            LinkPurpose::FirstAdministrator => return Ok(None),
        };
        let own = Own { until: london::in_words(expires_at) };
        let about = About { kind, area_code: "", subject: kept };
        self.tell_one(about, (person, None), path, &own, now).map(Some)
    }

    fn tell_all(
        &self,
        about: About<'_>,
        path: &str,
        own: &impl Serialize,
        now: NaiveDateTime,
    ) -> Result<Vec<Told>, Refusal> {
        let people = self.recipients(about)?;
        people.iter().map(|(person, role)| self.tell_one(about, (person, *role), path, own, now)).collect()
    }

    fn tell_one(
        &self,
        about: About<'_>,
        (person, role): (&Person, Option<Role>),
        path: &str,
        own: &impl Serialize,
        made_at: NaiveDateTime,
    ) -> Result<Told, Refusal> {
        let plan = match about.area_code {
            "" => None,
            _ => Some(self.plan()?),
        };
        let area = plan.as_ref().and_then(|plan| plan.area(about.area_code)).map(name_of);
        let area = area.unwrap_or(about.area_code);
        let values = Values {
            service: &self.post.service_name,
            contact: &self.post.contact,
            name: &person.name,
            area,
            why: match (about.kind, role) {
                (_, Some(role)) if area.is_empty() => format!("you are {}", with_article(role)),
                (_, Some(role)) => format!("you are {} in {area}", with_article(role)),
                (MessageKind::Invitation, None) => "an administrator has invited you".to_owned(),
                (_, None) => "a new password was asked for with your address".to_owned(),
            },
            link: self.whole_link(path),
            own,
        };
        let template = about.kind.name().replace(' ', "-");
        let words = words::written(&template, &values).map_err(Refusal::Broken)?;
        Ok(Told {
            kind: about.kind,
            area_code: about.area_code.to_owned(),
            subject: about.subject.to_owned(),
            person: person.id,
            title: words.title,
            body: words.body,
            made_at,
        })
    }
}

fn name_of(plan: &AreaPlan) -> &str {
    &plan.area.name
}

fn with_article(role: Role) -> String {
    let name = role.name();
    let article = if name.starts_with('a') { "an" } else { "a" };
    format!("{article} {name}")
}

/// Each line marked as somebody else's words, so that none passes for the service's own.
fn quoted(words: &str) -> String {
    words.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn every_line_of_a_reason_is_marked_as_quoted() {
        assert_eq!(
            quoted("Row 3.\n\nSet a new password: https://…"),
            "> Row 3.\n> \n> Set a new password: https://…"
        );
    }
}
