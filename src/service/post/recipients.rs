//! Whom each kind of message is for: one table, asked when a message is written and again right before
//! it is sent.

use crate::{
    people::{Person, PersonState, Role},
    service::Service,
    store::{MessageKind, StoreError},
};

/// Whom a kind of message is for.
#[derive(Clone, Copy)]
enum For {
    /// Holders of one of these roles in the message's area; in any area where it is of none.
    Holders(&'static [Role]),
    /// Holders of one of these roles for the partner that the message is about; the area's managers
    /// where it is about none.
    Partner(&'static [Role]),
    /// Whoever it is addressed to, in this state.
    Oneself(PersonState),
}

const TABLE: [(MessageKind, For); 10] = [
    (MessageKind::PackReleased, For::Holders(&[Role::BoardMember])),
    (MessageKind::StatementReleased, For::Holders(&[Role::AllianceMember])),
    (MessageKind::PackDrafted, For::Holders(MANAGERS)),
    (MessageKind::PackWaits, For::Holders(MANAGERS)),
    (MessageKind::ReturnDueSoon, For::Partner(OWN_PEOPLE)),
    (MessageKind::ReturnLate, For::Partner(OWN_PEOPLE)),
    (MessageKind::ReturnSentBack, For::Partner(OWN_PEOPLE)),
    (MessageKind::JobFailed, For::Holders(MANAGERS)),
    (MessageKind::Invitation, For::Oneself(PersonState::Invited)),
    (MessageKind::Recovery, For::Oneself(PersonState::Active)),
];

const MANAGERS: &[Role] = &[Role::PooledBudgetManager];
const MANAGERS_OF_ALL: &[Role] = &[Role::PooledBudgetManager, Role::Administrator];
const OWN_PEOPLE: &[Role] = &[Role::PartnerOfficer, Role::PartnerApprover];

/// What a message is about, as far as it decides whom it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub kind: MessageKind,
    /// Empty where no one area is meant.
    pub area_code: &'a str,
    /// What the message announces; of a return it ends with the partner.
    pub subject: &'a str,
}

impl About<'_> {
    /// The role by which the person gets it; none where it is not for them. Whoever needs no role gets it
    /// by none.
    pub fn role_of(self, person: &Person) -> Option<Option<Role>> {
        let rule = TABLE.iter().find(|(kind, _)| *kind == self.kind).map(|(_, rule)| *rule)?;
        let holds = |role: &Role| match self.area_code {
            "" => person.is_any_anywhere(&[*role]),
            area_code => person.is(*role, area_code),
        };
        let is_active = person.state == PersonState::Active;
        match rule {
            For::Holders(_) if self.area_code.is_empty() => {
                MANAGERS_OF_ALL.iter().find(|role| is_active && holds(role)).map(|role| Some(*role))
            }
            For::Holders(roles) => roles.iter().find(|role| is_active && holds(role)).map(|role| Some(*role)),
            For::Partner(roles) => match self.subject.rsplit_once(", ").map(|(_, partner)| partner) {
                None | Some("") => {
                    MANAGERS.iter().find(|role| is_active && holds(role)).map(|role| Some(*role))
                }
                Some(partner) => {
                    let is_own = |role: &&Role| is_active && person.is_of(**role, self.area_code, partner);
                    roles.iter().find(is_own).map(|role| Some(*role))
                }
            },
            For::Oneself(state) => (person.state == state).then_some(None),
        }
    }
}

impl Service {
    /// Everybody whom it is for, each with the role by which they get it.
    pub(super) fn recipients(&self, about: About<'_>) -> Result<Vec<(Person, Option<Role>)>, StoreError> {
        let people = self.store()?.people()?.into_iter();
        Ok(people.filter_map(|person| about.role_of(&person).map(|role| (person, role))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::RoleHeld;

    fn person(roles: &[&str]) -> Person {
        Person {
            id: 1,
            email: "ann@example.org".into(),
            name: "Ann".into(),
            state: PersonState::Active,
            roles: roles.iter().map(|held| RoleHeld::parse(held).unwrap()).collect(),
        }
    }

    fn gets(kind: MessageKind, area_code: &str, subject: &str, person: &Person) -> bool {
        About { kind, area_code, subject }.role_of(person).is_some()
    }

    #[test]
    fn every_kind_has_its_recipients() {
        for kind in MessageKind::ALL {
            assert_eq!(TABLE.iter().filter(|(known, _)| *known == kind).count(), 1, "{}", kind.name());
        }
    }

    #[test]
    fn a_role_counts_in_its_own_area_and_for_its_own_partner() {
        let board = person(&["board member@E1"]);
        assert!(gets(MessageKind::PackReleased, "E1", "2015-11, version 1", &board));
        assert!(!gets(MessageKind::PackReleased, "E2", "2015-11, version 1", &board));
        assert!(!gets(MessageKind::StatementReleased, "E1", "2015-11, version 1", &board));
        let officer = person(&["partner officer@E1/BCC"]);
        assert!(gets(MessageKind::ReturnLate, "E1", "2015-11, finance, BCC", &officer));
        assert!(!gets(MessageKind::ReturnLate, "E1", "2015-11, finance, BHT", &officer));
        assert!(gets(MessageKind::ReturnSentBack, "E1", "return 3, BCC", &officer));
        assert!(!gets(MessageKind::ReturnSentBack, "E1", "return 3, ", &officer));
        assert!(gets(
            MessageKind::ReturnSentBack,
            "E1",
            "return 3, ",
            &person(&["pooled budget manager@E1"])
        ));
    }

    #[test]
    fn a_job_of_the_whole_service_is_told_to_managers_and_administrators() {
        let administrator = person(&["administrator"]);
        assert!(gets(MessageKind::JobFailed, "", "slot 3", &administrator));
        assert!(!gets(MessageKind::JobFailed, "E1", "slot 3", &administrator));
        assert!(gets(MessageKind::JobFailed, "", "slot 3", &person(&["pooled budget manager@E1"])));
        assert!(!gets(MessageKind::JobFailed, "", "slot 3", &person(&["auditor"])));
    }

    #[test]
    fn nobody_who_may_not_sign_in_gets_anything() {
        let gone = Person { state: PersonState::Disabled, ..person(&["board member@E1", "administrator"]) };
        for kind in MessageKind::ALL {
            assert!(!gets(kind, "E1", "2015-11, version 1", &gone), "{}", kind.name());
        }
        let invited = Person { state: PersonState::Invited, ..person(&["board member@E1"]) };
        assert!(gets(MessageKind::Invitation, "", "link", &invited));
        assert!(!gets(MessageKind::PackReleased, "E1", "2015-11, version 1", &invited));
    }
}
