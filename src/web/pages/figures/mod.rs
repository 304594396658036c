//! An area's figures as they stand now: the pack's own sections, a page each, and every figure's
//! working.
//!
//! What a page shows is what the pack shows: it draws blocks of the pack's own document. A section or
//! a figure that is added to the pack stands on a page from then on, and nothing here is changed.

mod overview;
mod section;
mod scorecard;
mod scorecard_table;
mod measure;
mod figure;
mod fund;
mod moved;
mod supposed;
mod what_if;
mod received;

use crate::{
    figures::period::Month,
    packs::{
        compose::Composed,
        document::{Document, Section},
        html,
    },
    service::{
        Refusal,
        live::{AreaNow, reports_on},
    },
    web::{
        answer::Answer,
        asked::Asked,
        page::{Link, Place},
        pages::home,
        routes::{Allows, READERS, Route},
    },
};
use std::sync::LazyLock;

pub use crate::service::suppose::ASK_WHAT_IF;
pub use moved::BY_MONTH;

pub const ROUTES: &[Route] = &[
    Route::get("/areas/{area}", Allows::InArea(READERS), latest),
    Route::get("/areas/{area}/{month}", Allows::InArea(READERS), overview::page),
    Route::get("/areas/{area}/{month}/scorecard", Allows::InArea(READERS), scorecard::page),
    Route::get("/areas/{area}/{month}/scorecard/by-month", Allows::InArea(READERS), section::scorecard),
    Route::get("/areas/{area}/{month}/measures/{measure}", Allows::InArea(READERS), measure::page),
    Route::get("/areas/{area}/{month}/figures/{figure}", Allows::InArea(READERS), figure::page),
    Route::get("/areas/{area}/{month}/received/{number}", Allows::InArea(READERS), received::page),
    Route::get("/areas/{area}/{month}/received/{number}/rows/{row}", Allows::InArea(READERS), received::row),
    Route::get("/areas/{area}/{month}/fund", Allows::InArea(READERS), fund::page),
    Route::get("/areas/{area}/{month}/what-if", Allows::InArea(ASK_WHAT_IF), what_if::page),
    Route::get(
        "/areas/{area}/{month}/what-if/figures/{figure}",
        Allows::InArea(ASK_WHAT_IF),
        what_if::figure,
    ),
    Route::get("/areas/{area}/{month}/received/{number}/file", Allows::InArea(READERS), received::file),
    Route::get("/areas/{area}/{month}/{section}", Allows::InArea(READERS), section::page),
];

/// The shapes of the statuses, which every page with a pack's figures holds once.
static SPRITE: LazyLock<String> = LazyLock::new(html::sprite);

/// Goes on to the month that was chosen, or to the latest; to the section of it that was looked at, where
/// one was.
fn latest(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let area = asked.service.area(asked.area_code())?;
    let chosen =
        asked.query("month").filter(|month| area.months().iter().any(|known| known.to_string() == *month));
    let latest = match home::is_new(&area) {
        true => home::working_month(asked.service, &area),
        false => area.latest_month(),
    };
    let month = chosen.map_or_else(|| latest.to_string(), str::to_owned);
    // A section's address is of small letters alone, so that nobody is led elsewhere.
    let is_section =
        |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || b"-/".contains(&byte));
    let section = asked.query("section").filter(|text| !text.is_empty()).filter(is_section);
    let section = section.map(|section| format!("/{section}")).unwrap_or_default();
    Ok(Answer::see_other(format!("/areas/{}/{month}{section}", asked.area_code())))
}

/// What nobody has returned anything of yet for the year up to the month, in a sentence; empty where
/// something of everything was. Sums over nothing are nought, which says nothing of what was spent.
fn nothing_returned(area: &AreaNow, as_at: Month) -> String {
    let (plan, facts) = (area.agreement(), area.facts());
    let first = as_at.financial_year().first_month();
    let is_meant = |month: Month| (first..=as_at).contains(&month);
    let mut missing = Vec::new();
    if !facts.measures.iter().any(|fact| is_meant(fact.month)) {
        missing.push("measures");
    }
    if !plan.pools.is_empty() && !facts.finance.iter().any(|line| is_meant(line.month)) {
        missing.push("finance");
    }
    if plan.contract.is_some() && !facts.capitation.iter().any(|line| is_meant(line.month)) {
        missing.push("capitation");
    }
    let kinds = match missing.as_slice() {
        [] => return String::new(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    };
    let what_to_do = match home::is_new(area) {
        true => {
            " Partners’ officers send the first return under Returns; it counts once somebody else has accepted it."
        }
        false => "",
    };
    format!(
        "No {kinds} return has been taken in for {} yet. What is nought for want of it says that nothing was \
         returned, not that nothing was spent, earned or due.{what_to_do}",
        if first == as_at { as_at.name() } else { format!("{} to {}", first.name(), as_at.name()) }
    )
}

impl Asked<'_> {
    /// The path's area and month as a place in the area's navigation; absent where the area has no
    /// figures as at the month.
    pub fn place(&self, entry: &str) -> Result<Place, Refusal> {
        let plan = self.service.plan()?;
        let plan = plan.area(self.area_code()).ok_or(Refusal::Absent)?;
        let month = self.month()?;
        if !reports_on(plan, month) {
            return Err(Refusal::Absent);
        }
        Ok(Place {
            area_code: self.area_code().to_owned(),
            area_name: plan.area.name.clone(),
            month,
            has_contract: plan.contract.is_some(),
            entry: entry.to_owned(),
        })
    }

    /// The pack's own document of what was composed, with the id of each figure.
    fn document(&self, composed: &Composed<'_>) -> Result<Document, Refusal> {
        let document = self.service.templates().document_with_figures(composed);
        document.map_err(|fault| Refusal::Broken(fault.to_string()))
    }
}

impl Place {
    /// `/areas/E10000002/2015-11`
    fn address(&self) -> String {
        format!("/areas/{}/{}", self.area_code, self.month)
    }

    /// Where a section's page is: the first is the overview.
    fn of_section(&self, document: &Document, id: &str) -> String {
        if is_first(document, id) { self.address() } else { format!("{}/{id}", self.address()) }
    }

    /// A part of the document, drawn for the page of the section `here`: each figure leads to how it
    /// was worked out, a reference to where that stands.
    fn drawn(&self, document: &Document, here: &str, blocks: &[crate::packs::document::Block]) -> String {
        let figures = format!("{}/figures/", self.address());
        let reference = |id: &str| match document.section_of(id) {
            Some(section) if section.id == here => format!("#{id}"),
            Some(section) if section.id == id => self.of_section(document, id),
            // The scorecard's own page has a table in the place of what the document shows there.
            Some(section) if section.id == scorecard::SECTION => {
                format!("{}/scorecard/by-month#{id}", self.address())
            }
            Some(section) => format!("{}#{id}", self.of_section(document, section.id)),
            None => self.address(),
        };
        html::fragment(blocks, html::Links { figures: &figures, reference: &reference })
    }

    /// Links to the document's sections, in its order.
    fn sections(&self, document: &Document, here: &str) -> Vec<Link> {
        let sections = document.sections().into_iter();
        sections
            .map(|section| Link {
                is_here: section.id == here,
                ..Link::to(self.of_section(document, section.id), words_of(&section))
            })
            .collect()
    }
}

fn is_first(document: &Document, id: &str) -> bool {
    document.sections().first().is_some_and(|section| section.id == id)
}

/// A section's heading without its number.
fn words_of(section: &Section<'_>) -> String {
    let words = section.title.words();
    words.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').trim().to_owned()
}
