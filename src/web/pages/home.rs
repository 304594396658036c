//! The first page: the areas of whoever has signed in, the published packs for everybody else.

use crate::{
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, READERS, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[Route::get("/", Allows::Anyone, home)];

#[derive(Serialize)]
struct Home {
    name: String,
    areas: Vec<AreaLink>,
}

#[derive(Serialize)]
struct AreaLink {
    code: String,
    name: String,
}

fn home(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let Some(who) = &asked.who else {
        return super::public::list(asked);
    };
    let plan = asked.service.plan()?;
    let areas = plan.plan.areas.iter().filter(|plan| who.person.is_any(READERS, &plan.area.code));
    let areas: Vec<AreaLink> =
        areas.map(|plan| AreaLink { code: plan.area.code.clone(), name: plan.area.name.clone() }).collect();
    asked.page(&Page::new("home", "Home"), &Home { name: who.person.name.clone(), areas })
}
