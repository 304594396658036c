//! The overview of an area's month: the pack's summary, the month to look at, and what is new.

use super::{SPRITE, nothing_returned, words_of};
use crate::{
    figures::period::Month,
    packs::compose::compose,
    service::Refusal,
    store::Provenance,
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Link, Page},
        words::moment,
    },
};
use serde::Serialize;

/// How many of the latest returns are told.
const MOST_NEWS: usize = 5;

#[derive(Serialize)]
struct Overview<'a> {
    sprite: &'a str,
    month: String,
    area_address: String,
    months: Vec<MonthChoice>,
    /// What nobody has returned anything of yet; empty where there is something of everything.
    nothing_returned: String,
    news: Vec<News>,
    sections: Vec<Link>,
    summary: String,
}

#[derive(Serialize)]
pub(super) struct MonthChoice {
    code: String,
    name: String,
    is_shown: bool,
}

#[derive(Serialize)]
struct News {
    place: String,
    number: u32,
    return_type: &'static str,
    file_name: String,
    rows: u32,
    at: String,
    by: String,
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("")?;
    let mark = asked.service.mark();
    let area = asked.service.area(asked.area_code())?;
    asked.figures_page(RestsOn::Everything(mark), || {
        let position = area.position(place.month);
        let composed = compose(area.source(&position));
        let document = asked.document(&composed)?;
        let first = document.sections().into_iter().next();
        let here = first.as_ref().map_or("", |section| section.id);
        let mut received = asked.service.received(asked.area_code())?;
        received.sort_by_key(|one| std::cmp::Reverse((one.submission.received_at, one.submission.number)));
        let overview = Overview {
            sprite: &SPRITE,
            month: place.month.name(),
            area_address: format!("/areas/{}", place.area_code),
            nothing_returned: nothing_returned(&area, place.month),
            months: choices(area.months(), place.month),
            news: received.iter().take(MOST_NEWS).map(|one| news(one, &place.address())).collect(),
            sections: place.sections(&document, here),
            summary: first
                .as_ref()
                .map(|section| place.drawn(&document, here, section.blocks))
                .unwrap_or_default(),
        };
        let title = first.as_ref().map_or_else(|| "Overview".to_owned(), words_of);
        let part = asked.site.pages.part("figures/overview", &overview)?;
        Ok((
            Page::new("figures/overview", format!("{title}, {}", place.month.name())).at(place.clone()),
            part,
        ))
    })
}

/// The months to choose from; the one that is shown is always among them.
pub(super) fn choices(mut months: Vec<Month>, shown: Month) -> Vec<MonthChoice> {
    if !months.contains(&shown) {
        months.push(shown);
        months.sort_unstable_by(|a, b| b.cmp(a));
    }
    months
        .into_iter()
        .map(|month| MonthChoice { code: month.to_string(), name: month.name(), is_shown: month == shown })
        .collect()
}

fn news(one: &Provenance, address: &str) -> News {
    let submission = &one.submission;
    let sent = one.sent.as_ref();
    News {
        place: format!("{address}/received/{}", submission.number),
        number: submission.number,
        return_type: submission.return_type.name(),
        file_name: submission.file_name.clone(),
        rows: submission.accepted,
        at: moment(sent.map_or(submission.received_at, |sent| sent.accepted_at)),
        by: sent.map(|sent| sent.accepted_by.clone()).unwrap_or_default(),
    }
}
