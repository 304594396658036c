//! Whom jobs tell, and what.

use super::Fault;
use crate::{
    people::{Person, PersonState, Role},
    service::Service,
    store::{Claimed, MessageKind, NewMessage, StoreError},
};
use chrono::NaiveDateTime;

/// A message to be written with what a job does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub kind: MessageKind,
    pub subject: String,
    pub person: u32,
    pub title: String,
    pub body: String,
}

impl Told {
    pub fn message<'a>(&'a self, area_code: &'a str, made_at: NaiveDateTime) -> NewMessage<'a> {
        NewMessage {
            kind: self.kind,
            area_code,
            subject: &self.subject,
            person: self.person,
            title: &self.title,
            body: &self.body,
            made_at,
        }
    }
}

/// The same words to each of these people.
pub(super) fn to_each(
    people: &[Person],
    kind: MessageKind,
    subject: &str,
    title: &str,
    body: &str,
) -> Vec<Told> {
    let told = people.iter().map(|person| Told {
        kind,
        subject: subject.to_owned(),
        person: person.id,
        title: title.to_owned(),
        body: body.to_owned(),
    });
    told.collect()
}

impl Service {
    /// Who can sign in and is what is asked for.
    pub(super) fn people_who(&self, is: impl Fn(&Person) -> bool) -> Result<Vec<Person>, StoreError> {
        let mut people = self.store()?.people()?;
        people.retain(|person| person.state == PersonState::Active && is(person));
        Ok(people)
    }

    /// Who is told when a job fails: the area's managers; where it is of the whole service, every manager
    /// and administrator.
    fn people_of_job(&self, area_code: &str) -> Result<Vec<Person>, StoreError> {
        self.people_who(|person| match area_code {
            "" => person.is_any_anywhere(&[Role::PooledBudgetManager, Role::Administrator]),
            _ => person.is(Role::PooledBudgetManager, area_code),
        })
    }
}

/// What those who look after a job are told when it has failed for good.
pub(super) fn job_failed(service: &Service, claimed: &Claimed, fault: &str) -> Result<Vec<Told>, StoreError> {
    let people = service.people_of_job(&claimed.area_code)?;
    let job = &claimed.job;
    // It may fail again once somebody has had it run again.
    let subject = format!("{job}, slot {}, run {}", claimed.claim.slot, claimed.claim.term);
    let title = format!("The job “{job}” has failed");
    let body = format!(
        "The service tried several times and has given up: {fault}.\n\nMend what is named, then run it again from the page of jobs.\n"
    );
    Ok(to_each(&people, MessageKind::JobFailed, &subject, &title, &body))
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault::Wrong(error.to_string())
    }
}
