//! Links that work once: to set a first password, or a new one.

use super::{
    Asking, Refusal, Service,
    guesses::Guess,
    people::{By, checked_email, checked_name},
    post::told::Told,
    refusal::FieldFault,
    sign_in::{Browser, SignedIn, subject},
};
use crate::{
    people::{Person, PersonState, password, token},
    store::{Deed, LinkPurpose, MessageKind, OneTimeLink, hex},
};
use chrono::{NaiveDateTime, TimeDelta};

/// For how long a link for a person works, and the first administrator's.
const FOR_A_PERSON: TimeDelta = TimeDelta::days(7);
const FOR_THE_FIRST: TimeDelta = TimeDelta::hours(24);
/// And one that whoever knows the address can have sent there.
const FOR_WHOEVER_ASKS: TimeDelta = TimeDelta::hours(2);
/// What the audit record calls that.
const ASKED_FOR: &str = "new link asked for";
/// Nobody is sent a further link by asking again so soon.
const ASKED_LATELY: TimeDelta = TimeDelta::minutes(10);

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOpened {
    pub purpose: LinkPurpose,
    /// Empty for the first administrator's, who says it.
    pub email: String,
    pub name: String,
    has_second_factor: bool,
}

/// What whoever follows a link fills in.
#[derive(Clone, Copy, Debug, Default)]
pub struct FilledIn<'a> {
    /// Counts for the first administrator alone.
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
}

impl Service {
    /// What a link opens.
    ///
    /// # Errors
    /// [`Refusal::Absent`] where it never was one, was used, or has expired.
    pub fn link_opened(&self, asking: &Asking, link: &str) -> Result<LinkOpened, Refusal> {
        let link = self.store()?.link(&token::kept(link), asking.now)?.ok_or(Refusal::Absent)?;
        let Some(id) = link.person else {
            return Ok(LinkOpened {
                purpose: link.purpose,
                email: String::new(),
                name: String::new(),
                has_second_factor: false,
            });
        };
        let person = self.store()?.person(id)?.filter(|person| person.state != PersonState::Disabled);
        let person = person.ok_or(Refusal::Absent)?;
        let has_second_factor = self.store()?.credentials(id)?.totp_secret.is_some();
        Ok(LinkOpened { purpose: link.purpose, email: person.email, name: person.name, has_second_factor })
    }

    /// Uses a link: sets name and password, ends what sessions there were, and signs the person in, by
    /// code where they have a second factor.
    pub fn use_link(
        &self,
        asking: &Asking,
        browser: Browser<'_>,
        link: &str,
        filled_in: FilledIn<'_>,
    ) -> Result<SignedIn, Refusal> {
        let opened = self.link_opened(asking, link)?;
        let is_first = opened.purpose == LinkPurpose::FirstAdministrator;
        let mut faults: Vec<FieldFault> = Vec::new();
        let mut fault =
            |field: &str, message: String| faults.push(FieldFault { field: field.into(), message });
        let email = match is_first.then(|| checked_email(filled_in.email)).transpose() {
            Ok(email) => email.unwrap_or_else(|| opened.email.clone()),
            Err(message) => {
                fault("email", message);
                String::new()
            }
        };
        let name = match opened.purpose {
            LinkPurpose::Recovery => opened.name.clone(),
            LinkPurpose::Invitation | LinkPurpose::FirstAdministrator => checked_name(filled_in.name)
                .unwrap_or_else(|message| {
                    fault("name", message);
                    String::new()
                }),
        };
        if let Err(wrong) = password::check(filled_in.password, &name, &email, opened.has_second_factor) {
            fault("password", wrong.to_string());
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let hash = password::hash(filled_in.password);
        let kept = token::kept(link);
        let person = self.store()?.person_by_email(&email)?;
        let mut deed = Deed {
            at: asking.now,
            by: person.as_ref().map(|person| (person.id, name.clone())),
            deed: "password set by link",
            subject: person.as_ref().map(|person| subject(person.id)).unwrap_or_default(),
            detail: opened.purpose.name().to_owned(),
            request_id: asking.request_id.clone(),
            ..Deed::default()
        };
        let is_done = if is_first {
            deed.deed = "first administrator added";
            let first =
                self.change(|store| store.use_first_administrators_link(&kept, &email, &name, &hash, &deed))?;
            first.is_some()
        } else {
            self.change(|store| store.use_link(&kept, &name, &hash, &deed))?
        };
        if !is_done {
            return Err(Refusal::Absent);
        }
        let person = self.store()?.person_by_email(&email)?.ok_or(Refusal::Absent)?;
        let credentials = self.store()?.credentials(person.id)?;
        self.password_was_right(asking, browser, person, &credentials)
    }

    /// Makes the first administrator's link, where nobody manages people yet; gives its path.
    pub fn first_administrators_link(&self, asking: &Asking) -> Result<Option<String>, Refusal> {
        if self.store()?.administrators()? > 0 {
            return Ok(None);
        }
        let link = OneTimeLink {
            purpose: LinkPurpose::FirstAdministrator,
            person: None,
            expires_at: asking.now + FOR_THE_FIRST,
        };
        let deed = By::Operator.deed(asking, "link made", "", link.purpose.name());
        let made = token::new_token();
        self.change(|store| store.make_link(&token::kept(&made), &link, None, &deed))?;
        Ok(Some(place(&made)))
    }

    /// Makes a link for a person: an invitation, or to set a new password. Gives its path.
    pub(super) fn link_for(&self, by: By<'_>, asking: &Asking, person: &Person) -> Result<String, Refusal> {
        let purpose = match person.state {
            PersonState::Invited => LinkPurpose::Invitation,
            PersonState::Active => LinkPurpose::Recovery,
            PersonState::Disabled => {
                return Err(Refusal::NotAllowed(format!(
                    "{} may not sign in. Let them in again first",
                    person.name
                )));
            }
        };
        let deed = by.deed(asking, "link made", &subject(person.id), purpose.name());
        self.make_and_send(person, purpose, asking.now + FOR_A_PERSON, &deed)
    }

    /// Makes a link and, where a mail server is set, the message that takes it to its person; gives its
    /// path.
    fn make_and_send(
        &self,
        person: &Person,
        purpose: LinkPurpose,
        expires_at: NaiveDateTime,
        deed: &Deed,
    ) -> Result<String, Refusal> {
        let link = OneTimeLink { purpose, person: Some(person.id), expires_at };
        let made = token::new_token();
        let (path, kept) = (place(&made), token::kept(&made));
        // Without a mail server the link would only lie about.
        let told = match self.has_post() {
            true => self.tell_link(person, purpose, (&path, &hex(&kept)), expires_at, deed.at)?,
            false => None,
        };
        let message = told.as_ref().map(Told::new_message);
        let message = message.as_ref();
        // Whoever asks for a link must not end the one that its person was given.
        match deed.deed {
            ASKED_FOR => self.change(|store| store.make_further_link(&kept, &link, message, deed))?,
            _ => self.change(|store| store.make_link(&kept, &link, message, deed))?,
        }
        Ok(path)
    }

    /// Sends a new link to whoever has this address or, where no mail server is set, takes note that
    /// somebody asks for one; what is answered does not depend on who it is.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where it is no address; [`Refusal::TooMany`] where they were asked for too often.
    pub fn ask_for_link(&self, asking: &Asking, email: &str) -> Result<(), Refusal> {
        let email = checked_email(email).map_err(|message| Refusal::field("email", message))?;
        self.attempt(asking, Guess::Link { email: &email })?;
        let person = self.store()?.person_by_email(&email)?;
        let deed = Deed {
            at: asking.now,
            deed: ASKED_FOR,
            subject: person.as_ref().map(|person| subject(person.id)).unwrap_or_default(),
            detail: format!("from {}", asking.address),
            request_id: asking.request_id.clone(),
            ..Deed::default()
        };
        match person {
            Some(person) if self.may_be_sent_a_link(&person, asking)? => {
                let purpose = match person.state {
                    PersonState::Invited => LinkPurpose::Invitation,
                    PersonState::Active | PersonState::Disabled => LinkPurpose::Recovery,
                };
                self.make_and_send(&person, purpose, asking.now + FOR_WHOEVER_ASKS, &deed).map(drop)
            }
            Some(_) | None => Ok(self.change(|store| store.record(&deed))?),
        }
    }

    /// Whether whoever knows the address may have a link sent there: not to somebody who signs in by the
    /// organisation's account alone, and not again and again.
    fn may_be_sent_a_link(&self, person: &Person, asking: &Asking) -> Result<bool, Refusal> {
        if !self.has_post() || person.state == PersonState::Disabled {
            return Ok(false);
        }
        let mut store = self.store()?;
        let credentials = store.credentials(person.id)?;
        if person.state == PersonState::Active && credentials.password_hash.is_none() {
            return Ok(false);
        }
        let since = asking.now - ASKED_LATELY;
        let kinds = [MessageKind::Recovery, MessageKind::Invitation];
        let told: Result<Vec<bool>, _> =
            kinds.into_iter().map(|kind| store.was_told_since(person.id, kind, since)).collect();
        Ok(!told?.contains(&true))
    }
}

fn place(link: &str) -> String {
    format!("/links/{link}")
}
