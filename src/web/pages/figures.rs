//! An area's figures as they stand now: the pack's own sections, a page each.

use crate::{
    packs::compose::compose,
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        page::{Page, Place},
        routes::{Allows, READERS, Route},
    },
};

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}", Allows::InArea(READERS), latest),
    Route::get("/areas/{area}/{month}", Allows::InArea(READERS), overview),
];

/// Goes on to the latest month.
fn latest(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let area = asked.service.area(asked.area_code())?;
    Ok(Answer::see_other(format!("/areas/{}/{}", asked.area_code(), area.latest_month())))
}

impl Asked<'_> {
    /// The path's area and month as a place in the area's navigation.
    pub fn place(&self, entry: &str) -> Result<Place, Refusal> {
        let area = self.service.area(self.area_code())?;
        let month = self.month()?;
        if !area.reports_on(month) {
            return Err(Refusal::Absent);
        }
        Ok(Place {
            area_code: self.area_code().to_owned(),
            area_name: area.agreement().area.name.clone(),
            month,
            entry: entry.to_owned(),
        })
    }
}

fn overview(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("")?;
    let area = asked.service.area(asked.area_code())?;
    let position = area.position(place.month);
    let composed = compose(area.source(&position));
    let document =
        asked.service.templates.document(&composed).map_err(|fault| Refusal::Broken(fault.to_string()))?;
    asked.page(&Page::new("overview", "Overview").at(place), &serde_json::json!({ "title": document.title }))
}
