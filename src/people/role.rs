//! Roles, held for an area and, by a partner's own people, for a partner.

/// What somebody may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends returns for the own organisation.
    PartnerOfficer,
    /// Accepts or sends back what an officer of the own organisation sent.
    PartnerApprover,
    /// Runs the area's month: returns, commentary, packs.
    PooledBudgetManager,
    /// Reads the area's figures and packs.
    BoardMember,
    /// Reads the contract, the incentive and its working, and asks "what if".
    AllianceMember,
    /// Reads everything, changes nothing.
    Auditor,
    /// Manages people and plans; sees no area's figures by this role.
    Administrator,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::PartnerOfficer,
        Role::PartnerApprover,
        Role::PooledBudgetManager,
        Role::BoardMember,
        Role::AllianceMember,
        Role::Auditor,
        Role::Administrator,
    ];

    /// The name used on pages, in the store and in the interface.
    pub fn name(self) -> &'static str {
        match self {
            Role::PartnerOfficer => "partner officer",
            Role::PartnerApprover => "partner approver",
            Role::PooledBudgetManager => "pooled budget manager",
            Role::BoardMember => "board member",
            Role::AllianceMember => "alliance member",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
        }
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the role is held for one organisation.
    pub fn is_of_partner(self) -> bool {
        matches!(self, Role::PartnerOfficer | Role::PartnerApprover)
    }
}

/// A role that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleHeld {
    pub role: Role,
    /// None for every area.
    pub area_code: Option<String>,
    /// The partner's id in the area's plan; for a partner's own people alone.
    pub partner_id: Option<String>,
}

impl RoleHeld {
    /// Reads `auditor`, `board member@E10000002` or, for a partner's own people,
    /// `partner officer@E10000002/BCC`; hyphens may stand for the spaces.
    pub fn parse(text: &str) -> Option<RoleHeld> {
        let (role, place) = text.split_once('@').map_or((text, None), |(role, place)| (role, Some(place)));
        let role = Role::from_name(&role.trim().to_lowercase().replace('-', " "))?;
        let (area, partner) = match place {
            None => (None, None),
            Some(place) => place.split_once('/').map_or((Some(place), None), |(a, p)| (Some(a), Some(p))),
        };
        if area.is_some_and(str::is_empty) || partner.is_some_and(str::is_empty) {
            return None;
        }
        Some(RoleHeld { role, area_code: area.map(str::to_owned), partner_id: partner.map(str::to_owned) })
    }
}

/// As [`RoleHeld::parse`] reads it.
impl std::fmt::Display for RoleHeld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.role.name())?;
        if let Some(area_code) = &self.area_code {
            write!(f, "@{area_code}")?;
        }
        if let Some(partner_id) = &self.partner_id {
            write!(f, "/{partner_id}")?;
        }
        Ok(())
    }
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// Has a link to set a first password.
    Invited,
    Active,
    /// May not sign in any more.
    Disabled,
}

impl PersonState {
    pub const ALL: [PersonState; 3] = [PersonState::Invited, PersonState::Active, PersonState::Disabled];

    pub fn name(self) -> &'static str {
        match self {
            PersonState::Invited => "invited",
            PersonState::Active => "active",
            PersonState::Disabled => "disabled",
        }
    }
}

/// Somebody, and what they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: u32,
    /// In lower case.
    pub email: String,
    pub name: String,
    pub state: PersonState,
    pub roles: Vec<RoleHeld>,
}

impl Person {
    /// Whether the person holds the role in the area; for a partner's own people, for any partner there.
    pub fn is(&self, role: Role, area_code: &str) -> bool {
        self.held_in(area_code).any(|held| held.role == role)
    }

    /// Whether the person holds one of the roles in the area.
    pub fn is_any(&self, roles: &[Role], area_code: &str) -> bool {
        self.held_in(area_code).any(|held| roles.contains(&held.role))
    }

    /// Whether the person holds one of the roles in any area.
    pub fn is_any_anywhere(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|held| roles.contains(&held.role))
    }

    /// Whether the person holds the role for this partner of the area.
    pub fn is_of(&self, role: Role, area_code: &str, partner_id: &str) -> bool {
        self.held_in(area_code)
            .any(|held| held.role == role && held.partner_id.as_deref() == Some(partner_id))
    }

    /// The partners of the area whose own officer or approver the person is.
    pub fn partners_in<'a>(&'a self, area_code: &'a str) -> Vec<&'a str> {
        let mut partners: Vec<&str> =
            self.held_in(area_code).filter_map(|held| held.partner_id.as_deref()).collect();
        partners.sort_unstable();
        partners.dedup();
        partners
    }

    fn held_in<'a>(&'a self, area_code: &'a str) -> impl Iterator<Item = &'a RoleHeld> {
        self.roles.iter().filter(move |held| held.area_code.as_deref().is_none_or(|area| area == area_code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(roles: &[(Role, Option<&str>, Option<&str>)]) -> Person {
        let roles = roles.iter().map(|(role, area, partner)| RoleHeld {
            role: *role,
            area_code: area.map(str::to_owned),
            partner_id: partner.map(str::to_owned),
        });
        Person {
            id: 1,
            email: "ann@example.org".into(),
            name: "Ann".into(),
            state: PersonState::Active,
            roles: roles.collect(),
        }
    }

    #[test]
    fn a_role_counts_in_its_area_alone() {
        let manager = person(&[(Role::PooledBudgetManager, Some("E1"), None)]);
        assert!(manager.is(Role::PooledBudgetManager, "E1"));
        assert!(!manager.is(Role::PooledBudgetManager, "E2"));
        assert!(!manager.is(Role::Auditor, "E1"));
        assert!(person(&[(Role::Auditor, None, None)]).is(Role::Auditor, "E2"));
    }

    #[test]
    fn a_partners_own_people_are_of_that_partner_alone() {
        let officer = person(&[(Role::PartnerOfficer, Some("E1"), Some("BCC"))]);
        assert!(officer.is_of(Role::PartnerOfficer, "E1", "BCC"));
        assert!(!officer.is_of(Role::PartnerOfficer, "E1", "BHT"));
        assert!(!officer.is_of(Role::PartnerApprover, "E1", "BCC"));
        assert_eq!(officer.partners_in("E1"), ["BCC"]);
        assert!(officer.partners_in("E2").is_empty());
    }

    #[test]
    fn every_role_is_known_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
    }

    #[test]
    fn a_role_held_is_read_as_it_is_written() {
        for text in ["administrator", "board member@E10000002", "partner officer@E10000002/BCC"] {
            assert_eq!(RoleHeld::parse(text).unwrap().to_string(), text);
        }
        let hyphens = RoleHeld::parse("Partner-Officer@E1/BCC").unwrap();
        assert_eq!(hyphens.to_string(), "partner officer@E1/BCC");
        for wrong in ["", "king", "auditor@", "partner officer@E1/", "@E1"] {
            assert_eq!(RoleHeld::parse(wrong), None, "{wrong:?}");
        }
    }
}
