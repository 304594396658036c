//! People, for administrators: the list, and inviting somebody.

use super::list::Choice;
use crate::{
    people::{Person, PersonState, Role, RoleHeld},
    service::{Refusal, people::By, refusal::FieldFault},
    web::{
        answer::Answer,
        asked::Asked,
        form::{Field, Form},
        page::Page,
        routes::{Allows, Route},
        words::{capital, moment},
    },
};
use serde::Serialize;

pub(super) const ADMINISTRATORS: Allows = Allows::Anywhere(&[Role::Administrator]);

pub const ROUTES: &[Route] = &[
    Route::get("/people", ADMINISTRATORS, page),
    Route::get("/people/add", ADMINISTRATORS, add_page),
    Route::post("/people/add", ADMINISTRATORS, add),
];

#[derive(Serialize)]
struct Values {
    people: Vec<PersonRow>,
    count: String,
    words: String,
    states: Vec<Choice>,
    roles: Vec<Choice>,
    is_filtered: bool,
}

#[derive(Serialize)]
struct PersonRow {
    id: u32,
    name: String,
    email: String,
    state: &'static str,
    look: &'static str,
    roles: Vec<String>,
    last_seen: String,
}

/// A person's state in words, and the look of its tag.
pub(super) fn state_in_words(state: PersonState) -> (&'static str, &'static str) {
    match state {
        PersonState::Invited => ("Invited", "notice"),
        PersonState::Active => ("Can sign in", "good"),
        PersonState::Disabled => ("Cannot sign in", ""),
    }
}

/// `Partner officer, Buckinghamshire: Buckinghamshire County Council`, a role each.
pub(super) fn roles_in_words(asked: &Asked<'_>, roles: &[RoleHeld]) -> Vec<String> {
    let plan = asked.service.plan().ok();
    let in_words = |held: &RoleHeld| {
        let role = capital(held.role.name());
        let Some(area_code) = &held.area_code else {
            return if held.role == Role::Administrator { role } else { format!("{role}, every area") };
        };
        let area = plan.iter().flat_map(|plan| &plan.plan.areas).find(|area| area.area.code == *area_code);
        let area_name = area.map_or(area_code, |area| &area.area.name);
        let Some(partner_id) = &held.partner_id else { return format!("{role}, {area_name}") };
        let partner = area.and_then(|area| area.partners.iter().find(|partner| partner.id == *partner_id));
        format!("{role}, {area_name}: {}", partner.map_or(partner_id, |partner| &partner.name))
    };
    roles.iter().map(in_words).collect()
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let words = asked.query("words").unwrap_or_default().trim().to_owned();
    let state = asked.query("state").unwrap_or_default();
    let role = asked.query("role").unwrap_or_default();
    let sought = words.to_lowercase();
    let is_wanted = |person: &Person| {
        (sought.is_empty() || person.name.to_lowercase().contains(&sought) || person.email.contains(&sought))
            && (state.is_empty() || person.state.name() == state)
            && (role.is_empty() || person.roles.iter().any(|held| held.role.name() == role))
    };
    let listed = asked.service.people(By::Person(asked.who()?))?;
    let people: Vec<PersonRow> = listed
        .iter()
        .filter(|listed| is_wanted(&listed.person))
        .map(|listed| {
            let (state, look) = state_in_words(listed.person.state);
            PersonRow {
                id: listed.person.id,
                name: listed.person.name.clone(),
                email: listed.person.email.clone(),
                state,
                look,
                roles: roles_in_words(asked, &listed.person.roles),
                last_seen: listed.last_seen_at.map_or_else(|| "Never".to_owned(), moment),
            }
        })
        .collect();
    let states = PersonState::ALL.map(|known| Choice::of(known.name(), state_in_words(known).0, state));
    let roles = Role::ALL.map(|known| Choice::of(known.name(), capital(known.name()), role));
    let values = Values {
        count: match people.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        },
        people,
        is_filtered: !(words.is_empty() && state.is_empty() && role.is_empty()),
        words,
        states: states.into(),
        roles: roles.into(),
    };
    asked.page(&Page::new("people/people", "People"), &values)
}

/// Roles and the places where they can be held, to choose from.
#[derive(Serialize)]
pub(super) struct RoleChoice {
    roles: Vec<Choice>,
    role_error: String,
    /// Every area; each area; each partner of each area.
    places: Vec<Choice>,
    place_error: String,
}

impl RoleChoice {
    /// The lists, with what was selected and what is wrong with it.
    pub(super) fn of(asked: &Asked<'_>, faults: &[FieldFault]) -> RoleChoice {
        let (role, place) = (asked.field("role"), asked.field("place"));
        let mut places = vec![Choice::of("", "Every area", place)];
        for area in asked.service.plan().iter().flat_map(|plan| &plan.plan.areas) {
            let (code, name) = (&area.area.code, &area.area.name);
            places.push(Choice::of(code, name, place));
            for partner in &area.partners {
                places.push(Choice::of(
                    format!("{code}/{}", partner.id),
                    format!("{name}: {}", partner.name),
                    place,
                ));
            }
        }
        let error = |field: &str| {
            let fault = faults.iter().find(|fault| fault.field == field);
            fault.map(|fault| fault.message.clone()).unwrap_or_default()
        };
        let mut roles = vec![Choice::of("", "Select a role", role)];
        roles.extend(Role::ALL.map(|known| Choice::of(known.name(), capital(known.name()), role)));
        RoleChoice { roles, role_error: error("role"), places, place_error: error("place") }
    }
}

/// The role that was selected.
pub(super) fn selected_role(asked: &Asked<'_>) -> Result<RoleHeld, Refusal> {
    let (role, place) = (asked.field("role"), asked.field("place"));
    let text = if place.is_empty() { role.to_owned() } else { format!("{role}@{place}") };
    RoleHeld::parse(&text).ok_or_else(|| Refusal::field("role", "Select a role"))
}

/// Faults as the form's fields are named: areas and partners are selected from one list.
pub(super) fn by_fields(mut faults: Vec<FieldFault>) -> Vec<FieldFault> {
    for fault in &mut faults {
        if ["area", "partner"].contains(&fault.field.as_str()) {
            "place".clone_into(&mut fault.field);
        }
    }
    faults
}

#[derive(Serialize)]
struct Add {
    form: Form,
    choice: RoleChoice,
}

fn add_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.may_change_people(By::Person(asked.who()?), &asked.asking)?;
    draw_add(asked, Vec::new())
}

fn draw_add(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let choice = RoleChoice::of(asked, &faults);
    let fields = vec![
        Field::text("name", "Name").value(asked.field("name")),
        Field::email("email", "Email address")
            .autocomplete("off")
            .hint("They sign in with it.")
            .value(asked.field("email")),
    ];
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Add a person"), form.status());
    let page = Page::new("people/add", title).under("/people", "People");
    Ok(asked.page(&page, &Add { form, choice })?.status(status))
}

fn add(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let by = By::Person(asked.who()?);
    let mut roles = Vec::new();
    if !(asked.field("role").is_empty() && asked.field("place").is_empty()) {
        match selected_role(asked) {
            Ok(held) => roles.push(held),
            Err(Refusal::Invalid(faults)) => return draw_add(asked, faults),
            Err(refusal) => return Err(refusal),
        }
    }
    match asked.service.invite(by, &asked.asking, asked.field("email"), asked.field("name"), &roles) {
        Ok(invited) => super::person::draw_link(asked, invited.person, &invited.link),
        Err(Refusal::Invalid(faults)) => draw_add(asked, by_fields(faults)),
        Err(refusal) => Err(refusal),
    }
}
