//! A section of the pack as a page.

use super::{
    SPRITE, is_first, nothing_returned,
    overview::{MonthChoice, choices},
    scorecard, words_of,
};
use crate::{
    packs::compose::compose,
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Link, Page},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct Section<'a> {
    sprite: &'a str,
    title: &'a str,
    sections: Vec<Link>,
    /// Of the pack's document, drawn.
    content: String,
    /// The months that the same section can be looked at for.
    area_address: String,
    section: &'a str,
    months: Vec<MonthChoice>,
    /// Where the fund's months can be asked for; empty where the section has nothing of the fund.
    fund: String,
    /// What nobody has returned anything of yet; empty where there is something of everything.
    nothing_returned: String,
}

/// The sections that have the fund's figures, for which its months can be asked.
const OF_FUND: [&str; 3] = ["pooled-budget", "schemes", "variances"];

/// A section, by the id of its heading.
pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, asked.param("section"))
}

/// The scorecard as the pack has it, with targets and actuals by month.
pub fn scorecard(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, scorecard::SECTION)
}

fn draw(asked: &Asked<'_>, id: &str) -> Result<Answer, Refusal> {
    let place = asked.place(id)?;
    let area = asked.service.area(asked.area_code())?;
    asked.figures_page(RestsOn::Figures(area.version), || {
        let position = area.position(place.month);
        let composed = compose(area.source(&position));
        let document = asked.document(&composed)?;
        let sections = document.sections();
        let section = sections.iter().find(|section| section.id == id).ok_or(Refusal::Absent)?;
        let title = words_of(section);
        let part = asked.site.pages.part(
            "figures/section",
            &Section {
                sprite: &SPRITE,
                title: &title,
                sections: place.sections(&document, id),
                nothing_returned: nothing_returned(&area, place.month),
                content: place.drawn(&document, id, section.blocks),
                area_address: format!("/areas/{}", place.area_code),
                section: if id == scorecard::SECTION { "scorecard/by-month" } else { id },
                months: choices(area.months(), place.month),
                fund: if OF_FUND.contains(&id) { format!("{}/fund", place.address()) } else { String::new() },
            },
        )?;
        let entry = if is_first(&document, id) { "" } else { id };
        let place = crate::web::page::Place { entry: entry.to_owned(), ..place.clone() };
        Ok((Page::new("figures/section", title).at(place), part))
    })
}
