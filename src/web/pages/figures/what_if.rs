//! What if: what would move were a measure's result, a scheme's outturn or a segment's members
//! otherwise. Nothing is stored; the address says everything, so that it can be passed on.

use super::{figure, moved::AllMoved, supposed::Filled};
use crate::{
    figures::position::Position,
    packs::compose::{
        compose,
        value::{Show, Value, money},
    },
    service::{FieldFault, Refusal, live::AreaNow},
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Page, Place},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct WhatIf {
    address: String,
    kpis: Vec<Choice>,
    measures: Vec<Choice>,
    schemes: Vec<Choice>,
    partners: Vec<Choice>,
    segments: Vec<Choice>,
    value: String,
    outturn: String,
    members: String,
    value_fault: String,
    outturn_fault: String,
    members_fault: String,
    faults: Vec<FieldFault>,
    /// What is supposed, in sentences.
    supposed: Vec<String>,
    is_asked: bool,
    moved: AllMoved,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    words: String,
    is_chosen: bool,
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("what-if")?;
    let area = asked.service.area(asked.area_code())?;
    let filled = Filled::of(asked, area.agreement());
    let faults = if filled.faults.is_empty() {
        match asked.service.suppose(asked.who()?, &area, place.month, &filled.changes) {
            Ok(_) => Vec::new(),
            Err(Refusal::Invalid(faults)) => faults,
            Err(refusal) => return Err(refusal),
        }
    } else {
        filled.faults.clone()
    };
    if !faults.is_empty() {
        let page = Page::new("figures/what-if", "Error: What if").at(place.clone());
        let shown = shown(asked, &area, &place, &filled, faults)?;
        return Ok(asked.page(&page, &shown)?.status(422));
    }
    asked.figures_page(RestsOn::Figures(area.version), || {
        let shown = shown(asked, &area, &place, &filled, Vec::new())?;
        let part = asked.site.pages.part("figures/what-if", &shown)?;
        Ok((Page::new("figures/what-if", "What if").at(place.clone()), part))
    })
}

/// How a figure would be worked out, were things as the query supposes.
pub fn figure(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("what-if")?;
    let area = asked.service.area(asked.area_code())?;
    let filled = Filled::of(asked, area.agreement());
    if !filled.faults.is_empty() {
        return Err(Refusal::Absent);
    }
    let facts = asked.service.suppose(asked.who()?, &area, place.month, &filled.changes)?;
    let position = Position::of(area.agreement(), &facts, place.month);
    let composed = compose(area.source_of(&facts, &position));
    let query = format!("?{}", asked.raw.query);
    let back = format!("{}/what-if{query}", place.address());
    figure::of(
        asked,
        &composed,
        &figure::Stand {
            figures: format!("{}/what-if/figures/", place.address()),
            query: &query,
            supposed: filled.supposed,
            under: (back, "What if".into()),
        },
        place,
    )
}

fn shown(
    asked: &Asked<'_>,
    area: &AreaNow,
    place: &Place,
    filled: &Filled,
    faults: Vec<FieldFault>,
) -> Result<WhatIf, Refusal> {
    let plan = area.agreement();
    let given = |name: &str| asked.query(name).unwrap_or_default().trim().to_owned();
    let position = area.position(place.month);
    let query = format!("?{}", asked.raw.query);
    let changed = if faults.is_empty() && !filled.changes.is_empty() {
        asked.service.what_if(asked.who()?, asked.area_code(), place.month, &filled.changes)?
    } else {
        Vec::new()
    };
    let figures = format!("{}/figures/", place.address());
    let why = |id: &str| format!("{}/what-if/figures/{id}{query}", place.address());
    let fault_of = |fields: [&str; 3]| {
        let found = faults.iter().find(|fault| fields.contains(&fault.field.as_str()));
        found.map(|fault| fault.message.clone()).unwrap_or_default()
    };
    let measure = |index: usize| {
        let measure = &plan.measures[index];
        let now = position.scorecard[index].year_to_date.value;
        let now = now.map_or_else(|| "nothing yet".to_owned(), |now| Value::Number(now).shown(Show::Plain));
        choice(&measure.id, format!("{} (now {now})", measure.name), &given("measure"))
    };
    let is_kpi = |index: &usize| plan.kpis.iter().any(|kpi| kpi.measure == *index);
    let scheme_now = |index: usize| money(position.fund.schemes[index].outturn_full_year);
    Ok(WhatIf {
        address: format!("{}/what-if", place.address()),
        kpis: (0..plan.measures.len()).filter(is_kpi).map(measure).collect(),
        measures: (0..plan.measures.len()).filter(|index| !is_kpi(index)).map(measure).collect(),
        schemes: (0..)
            .zip(&plan.schemes)
            .map(|(index, scheme)| {
                choice(&scheme.id, format!("{} (now {})", scheme.name, scheme_now(index)), &given("scheme"))
            })
            .collect(),
        partners: plan
            .partners
            .iter()
            .map(|partner| choice(&partner.id, partner.name.clone(), &given("partner")))
            .collect(),
        segments: if plan.contract.is_some() {
            plan.segments
                .iter()
                .map(|segment| choice(&segment.id, segment.name.clone(), &given("segment")))
                .collect()
        } else {
            Vec::new()
        },
        value: given("value"),
        outturn: given("outturn"),
        members: given("members"),
        value_fault: fault_of(["value", "measure", ""]),
        outturn_fault: fault_of(["outturn", "scheme", "partner"]),
        members_fault: fault_of(["members", "segment", ""]),
        supposed: filled.supposed.clone(),
        is_asked: faults.is_empty() && !filled.changes.is_empty(),
        faults,
        moved: AllMoved::of(&changed, &figures, why),
    })
}

fn choice(id: &str, words: String, chosen: &str) -> Choice {
    Choice { is_chosen: id == chosen, id: id.to_owned(), words }
}
