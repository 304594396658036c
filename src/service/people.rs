//! People, for administrators and for the operator: who there is, what they may be, whether they can
//! sign in. Every change counts at once: roles are read anew with every request.

use super::{Asking, Refusal, Service, Who, account::is_open, refusal::FieldFault, sign_in::subject};
use crate::{
    month_end::ON_THE_COMMAND_LINE,
    people::{Person, PersonState, Role, RoleHeld},
    returns::fault::is_unseen,
    store::{AuditEntry, AuditQuery, Deed, NewPerson, Session, StoreError},
};
use chrono::NaiveDateTime;
use std::collections::HashMap;

const LONGEST_NAME: usize = 100;
const LONGEST_EMAIL: usize = 254; // RFC 5321, 4.5.3.1.3, less the brackets

/// Who manages people.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// Somebody who must be an administrator.
    Person(&'a Who),
    /// Whoever has the store itself in hand, on the command line.
    Operator,
}

/// Somebody as listed.
#[derive(Clone, Debug)]
pub struct PersonListed {
    pub person: Person,
    pub last_seen_at: Option<NaiveDateTime>,
}

/// Somebody, and what an administrator sees of the account.
#[derive(Clone, Debug)]
pub struct PersonShown {
    pub person: Person,
    pub has_password: bool,
    pub has_second_factor: bool,
    pub has_single_sign_on: bool,
    /// Those that are open.
    pub sessions: Vec<Session>,
    /// What was done to the account lately, the latest first.
    pub history: Vec<AuditEntry>,
}

/// A person that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    pub person: u32,
    /// The path of the link by which they set a password.
    pub link: String,
}

impl By<'_> {
    pub(super) fn deed(self, asking: &Asking, deed: &'static str, subject: &str, detail: &str) -> Deed {
        match self {
            By::Person(who) => who.deed(asking, deed, "", subject, detail),
            By::Operator => Deed {
                at: asking.now,
                deed,
                subject: subject.to_owned(),
                detail: format!("{detail} {ON_THE_COMMAND_LINE}").trim_start().to_owned(),
                request_id: asking.request_id.clone(),
                ..Deed::default()
            },
        }
    }

    /// Refuses whoever is no administrator, as if there were no people.
    fn may_see(self) -> Result<(), Refusal> {
        match self {
            By::Person(who) if !who.person.is_any_anywhere(&[Role::Administrator]) => Err(Refusal::Absent),
            By::Person(_) | By::Operator => Ok(()),
        }
    }

    fn may_change(self, asking: &Asking) -> Result<(), Refusal> {
        self.may_see()?;
        match self {
            By::Person(who) => who.must_be_confirmed(asking.now),
            By::Operator => Ok(()),
        }
    }

    /// Nobody gives themselves roles or shuts themselves out.
    fn must_be_another(self, person: u32, what: &str) -> Result<(), Refusal> {
        match self {
            By::Person(who) if who.person.id == person => {
                Err(Refusal::NotAllowed(format!("Ask another administrator to {what}")))
            }
            By::Person(_) | By::Operator => Ok(()),
        }
    }
}

impl Service {
    /// Everybody, in the order of their names.
    pub fn people(&self, by: By<'_>) -> Result<Vec<PersonListed>, Refusal> {
        by.may_see()?;
        let mut store = self.store()?;
        let seen = store.last_seen()?;
        let people = store.people()?.into_iter();
        Ok(people
            .map(|person| PersonListed { last_seen_at: seen.get(&person.id).copied(), person })
            .collect())
    }

    /// What everybody is called, by id.
    pub(super) fn names(&self) -> Result<HashMap<u32, String>, Refusal> {
        let people = self.store()?.people()?;
        Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
    }

    /// Somebody, and what an administrator sees of the account.
    pub fn person_shown(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<PersonShown, Refusal> {
        const MOST_ENTRIES: u32 = 20;
        by.may_see()?;
        let mut store = self.store()?;
        let person = store.person(id)?.ok_or(Refusal::Absent)?;
        let credentials = store.credentials(id)?;
        let mut sessions = store.sessions(id)?;
        sessions.retain(|session| is_open(session, asking));
        // What is done with people is done in no area, and found there by the record's index.
        let area_code = Some(String::new());
        let query = AuditQuery { subject: Some(subject(id)), area_code, ..AuditQuery::default() };
        Ok(PersonShown {
            person,
            has_password: credentials.password_hash.is_some(),
            has_second_factor: credentials.totp_secret.is_some(),
            has_single_sign_on: credentials.has_single_sign_on,
            sessions,
            history: store.audit_entries(&query, 0, MOST_ENTRIES)?.0,
        })
    }

    /// Somebody by address, for the operator.
    pub fn person_by_email(&self, by: By<'_>, email: &str) -> Result<Person, Refusal> {
        by.may_see()?;
        self.store()?.person_by_email(&email.trim().to_lowercase())?.ok_or(Refusal::Absent)
    }

    /// Refuses whoever may not change people now: for pages that ask before they show a form.
    pub fn may_change_people(&self, by: By<'_>, asking: &Asking) -> Result<(), Refusal> {
        by.may_change(asking)
    }

    /// Adds a person, and makes the link by which they set a password.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with everything that is wrong: `email`, `name`, `role`, `area`, `partner`.
    pub fn invite(
        &self,
        by: By<'_>,
        asking: &Asking,
        email: &str,
        name: &str,
        roles: &[RoleHeld],
    ) -> Result<Invited, Refusal> {
        by.may_change(asking)?;
        let mut faults = Vec::new();
        let mut fault =
            |field: &str, message: String| faults.push(FieldFault { field: field.into(), message });
        let email = checked_email(email).unwrap_or_else(|message| {
            fault("email", message);
            String::new()
        });
        let name = checked_name(name).unwrap_or_else(|message| {
            fault("name", message);
            String::new()
        });
        for held in roles {
            faults.extend(self.role_fault(held)?);
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let new = NewPerson {
            email: &email,
            name: &name,
            state: PersonState::Invited,
            roles,
            created_at: asking.now,
        };
        let deed = by.deed(asking, "person added", "", &format!("{name}; {}", in_words(roles)));
        let id = self.change(|store| store.add_person(&new, &deed))?;
        let id = id.ok_or_else(|| Refusal::field("email", "Somebody has this email address already"))?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        Ok(Invited { person: id, link: self.link_for(by, asking, &person)? })
    }

    /// Makes a link for a person to set a first password, or a new one; gives its path.
    pub fn make_link(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<String, Refusal> {
        by.may_change(asking)?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        self.link_for(by, asking, &person)
    }

    /// Gives a person a further role.
    pub fn add_role(&self, by: By<'_>, asking: &Asking, id: u32, held: &RoleHeld) -> Result<(), Refusal> {
        by.may_change(asking)?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        if let Some(fault) = self.role_fault(held)? {
            return Err(Refusal::Invalid(vec![fault]));
        }
        if person.roles.contains(held) {
            return Err(Refusal::field("role", format!("{} holds this role already", person.name)));
        }
        let roles = person.roles.iter().cloned().chain([held.clone()]).collect();
        self.put_roles(by, asking, &person, roles)
    }

    /// Takes a role from a person.
    pub fn remove_role(&self, by: By<'_>, asking: &Asking, id: u32, held: &RoleHeld) -> Result<(), Refusal> {
        by.may_change(asking)?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        if !person.roles.contains(held) {
            return Err(Refusal::Absent);
        }
        let roles = person.roles.iter().filter(|other| *other != held).cloned().collect();
        self.put_roles(by, asking, &person, roles)
    }

    /// Gives a person exactly these roles.
    pub fn set_roles(
        &self,
        by: By<'_>,
        asking: &Asking,
        id: u32,
        roles: Vec<RoleHeld>,
    ) -> Result<(), Refusal> {
        by.may_change(asking)?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        let faults: Result<Vec<_>, Refusal> = roles.iter().map(|held| self.role_fault(held)).collect();
        let faults: Vec<FieldFault> = faults?.into_iter().flatten().collect();
        if faults.is_empty() {
            self.put_roles(by, asking, &person, roles)
        } else {
            Err(Refusal::Invalid(faults))
        }
    }

    /// Lets a person sign in no more: sessions and tokens are ended at once.
    pub fn disable(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<(), Refusal> {
        by.may_change(asking)?;
        by.must_be_another(id, "end your own account")?;
        self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        let deed = by.deed(asking, "person disabled", &subject(id), "");
        self.change(|store| store.disable_person(id, &deed)).map_err(overtaken)
    }

    /// Lets a person sign in again.
    pub fn enable(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<(), Refusal> {
        by.may_change(asking)?;
        let person = self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        if person.state != PersonState::Disabled {
            return Err(Refusal::Conflict(format!("{} can sign in already", person.name)));
        }
        let deed = by.deed(asking, "person enabled", &subject(id), "");
        Ok(self.change(|store| store.enable_person(id, &deed))?)
    }

    /// Ends every session of a person.
    pub fn end_sessions_of(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<(), Refusal> {
        by.may_change(asking)?;
        self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        let deed = by.deed(asking, "sessions ended", &subject(id), "");
        Ok(self.change(|store| store.end_sessions(id, None, &deed))?)
    }

    /// Takes the second factor from a person who has lost it.
    pub fn remove_second_factor(&self, by: By<'_>, asking: &Asking, id: u32) -> Result<(), Refusal> {
        by.may_change(asking)?;
        by.must_be_another(id, "take your second factor away, or turn it off under Your account")?;
        self.store()?.person(id)?.ok_or(Refusal::Absent)?;
        let deed = by.deed(asking, "second factor taken away", &subject(id), "");
        Ok(self.change(|store| store.turn_off_second_factor(id, &deed))?)
    }

    fn put_roles(
        &self,
        by: By<'_>,
        asking: &Asking,
        person: &Person,
        mut roles: Vec<RoleHeld>,
    ) -> Result<(), Refusal> {
        by.must_be_another(person.id, "change your own roles")?;
        roles.sort();
        roles.dedup();
        let deed = by.deed(asking, "roles changed", &subject(person.id), &in_words(&roles));
        self.change(|store| store.set_roles(person.id, &roles, &deed)).map_err(overtaken)
    }

    /// What is wrong with a role, by the plan.
    fn role_fault(&self, held: &RoleHeld) -> Result<Option<FieldFault>, Refusal> {
        let fault = |field: &str, message: String| Ok(Some(FieldFault { field: field.into(), message }));
        let Some(area_code) = &held.area_code else {
            return match (held.role.is_of_partner(), &held.partner_id) {
                (true, _) => fault("area", format!("Select the area of the {}", held.role.name())),
                (false, Some(_)) => fault("partner", format!("The {} is of no partner", held.role.name())),
                (false, None) => Ok(None),
            };
        };
        if held.role == Role::Administrator {
            return fault("area", "An administrator manages every area: select no area".into());
        }
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(Refusal::Absent) => {
                return fault("area", "Load a plan before giving roles in its areas".into());
            }
            Err(refusal) => return Err(refusal),
        };
        let Some(area) = plan.plan.areas.iter().find(|plan| plan.area.code == *area_code) else {
            return fault("area", format!("The plan has no area {area_code}"));
        };
        match (&held.partner_id, held.role.is_of_partner()) {
            (None, false) => Ok(None),
            (None, true) => fault("partner", format!("Select the partner of the {}", held.role.name())),
            (Some(_), false) => {
                fault("partner", format!("The {} is of no partner: select none", held.role.name()))
            }
            (Some(id), true) if !area.partners.iter().any(|partner| partner.id == *id) => {
                fault("partner", format!("{} has no partner {id}", area.area.name))
            }
            (Some(_), true) => Ok(None),
        }
    }
}

/// An address as kept, or what to do about it.
pub(super) fn checked_email(text: &str) -> Result<String, String> {
    let email = text.trim().to_lowercase();
    if email.is_empty() {
        return Err("Enter an email address".into());
    }
    let is_plain = email.chars().all(|c| !c.is_whitespace() && !c.is_control() && !",;:<>\"()".contains(c));
    let is_address = email.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.ends_with('.')
    });
    if is_plain && is_address && email.len() <= LONGEST_EMAIL {
        Ok(email)
    } else {
        Err("Enter an email address, like name@example.org".into())
    }
}

/// A name as kept, or what to do about it.
pub(super) fn checked_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err("Enter a name".into()),
        length if length > LONGEST_NAME => {
            Err(format!("The name must be {LONGEST_NAME} characters or fewer"))
        }
        _ if name.chars().any(is_unseen) => Err("The name must have letters only".into()),
        _ => Ok(name.to_owned()),
    }
}

fn in_words(roles: &[RoleHeld]) -> String {
    if roles.is_empty() {
        return "no roles".into();
    }
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn overtaken(error: StoreError) -> Refusal {
    match error {
        StoreError::Overtaken(why) => Refusal::Conflict(format!(
            "This was not done, for {why}. Make somebody else an administrator first"
        )),
        other => Refusal::Failed(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(checked_email(" Ann@Example.ORG ").as_deref(), Ok("ann@example.org"));
        for wrong in
            ["", "ann", "ann@", "@example.org", "ann@example", "a b@example.org", "a@b@c.org", "a:b@c.org"]
        {
            assert!(checked_email(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_is_what_people_write() {
        assert_eq!(checked_name(" Dr Zoë O’Neill-Sáez ").as_deref(), Ok("Dr Zoë O’Neill-Sáez"));
        assert!(checked_name(" ").is_err());
        assert!(checked_name("a\nb").is_err());
        assert!(checked_name(&"a".repeat(101)).is_err());
    }
}
