//! The areas that somebody works with.

use super::{
    documented::{Documented, Gives, of},
    list::{List, PAGED},
    words::MonthName,
};
use crate::{
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, READERS, Route},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/api/v1/areas", Allows::SignedIn, areas).documented(
        Documented::new(
            "Areas and figures",
            "listAreas",
            "The areas that you work with",
            Gives::json("Your areas, in the plan's order.", of::<List<AreaNamed>>),
        )
        .asking(PAGED),
    ),
    Route::get("/api/v1/areas/{area}", Allows::InArea(READERS), area).documented(Documented::new(
        "Areas and figures",
        "getArea",
        "An area, its partners and its months",
        Gives::json("The area as the present plan has it.", of::<Area>),
    )),
];

/// An area by its name.
#[derive(Serialize, JsonSchema)]
struct AreaNamed {
    area_code: String,
    area_name: String,
}

/// An area as the plan has it.
#[derive(Serialize, JsonSchema)]
struct Area {
    area_code: String,
    area_name: String,
    icb_code: String,
    icb_name: String,
    board_name: String,
    /// The number of the plan's edition.
    plan_edition: u32,
    partners: Vec<Partner>,
    /// The latest month that anything was reported for.
    latest_month: MonthName,
    /// The months that figures can be worked out as at.
    months: Vec<MonthName>,
}

/// A partner of an area.
#[derive(Serialize, JsonSchema)]
struct Partner {
    partner_id: String,
    org_code: String,
    partner_name: String,
    partner_type: String,
}

fn areas(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let who = asked.who()?;
    let plan = asked.service.plan()?;
    let mine = plan.plan.areas.iter().filter(|plan| who.person.is_any(READERS, &plan.area.code));
    asked.list(
        mine.map(|plan| AreaNamed { area_code: plan.area.code.clone(), area_name: plan.area.name.clone() }),
    )
}

fn area(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let area = asked.service.area(asked.area_code())?;
    let agreement = area.agreement();
    let partners = agreement.partners.iter().map(|partner| Partner {
        partner_id: partner.id.clone(),
        org_code: partner.org_code.clone(),
        partner_name: partner.name.clone(),
        partner_type: partner.kind.clone(),
    });
    let months = agreement.windows.measures.iter().filter(|month| area.reports_on(*month));
    Ok(Answer::json(&Area {
        area_code: agreement.area.code.clone(),
        area_name: agreement.area.name.clone(),
        icb_code: agreement.area.icb_code.clone(),
        icb_name: agreement.area.icb_name.clone(),
        board_name: agreement.area.board_name.clone(),
        plan_edition: area.plan.edition,
        partners: partners.collect(),
        latest_month: MonthName(area.latest_month()),
        months: months.map(MonthName).collect(),
    }))
}
