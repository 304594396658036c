//! Whoever asks.

use super::documented::{Documented, Gives, of};
use crate::{
    people::RoleHeld,
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

pub const ROUTES: &[Route] = &[Route::get("/api/v1/me", Allows::SignedIn, me).documented(
    Documented::new(
        "About",
        "getMe",
        "Whose token it is",
        Gives::json("The person and the roles held.", of::<Me>),
    )
    .noting("A first request to try a token with."),
)];

/// Somebody and what they may be.
#[derive(Serialize, JsonSchema)]
struct Me {
    person: u32,
    name: String,
    email: String,
    roles: Vec<HeldRole>,
}

/// A role that somebody holds.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Role")]
pub struct HeldRole {
    /// Such as `pooled budget manager`.
    role: String,
    /// Null for every area.
    area_code: Option<String>,
    /// The partner's id in the area's plan; for a partner's own people alone.
    partner_id: Option<String>,
}

impl HeldRole {
    pub fn of(held: &RoleHeld) -> HeldRole {
        HeldRole {
            role: held.role.name().to_owned(),
            area_code: held.area_code.clone(),
            partner_id: held.partner_id.clone(),
        }
    }
}

fn me(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let person = &asked.who()?.person;
    Ok(Answer::json(&Me {
        person: person.id,
        name: person.name.clone(),
        email: person.email.clone(),
        roles: person.roles.iter().map(HeldRole::of).collect(),
    }))
}
