//! Every return of an area that whoever asks may see, by filter and page by page.

use super::{capital, page, plural, tag};
use crate::{
    figures::{facts::ReturnType, period::Month},
    people::Role,
    service::{
        Refusal,
        returns::{ReturnQuery, ReturnView},
    },
    web::{answer::Answer, asked::Asked, words::moment},
};
use serde::Serialize;

/// How many returns a page shows.
const PAGE: usize = 25;
const STATES: [&str; 4] = ["submitted", "accepted", "sent back", "withdrawn"];

#[derive(Serialize)]
struct Values {
    base: String,
    count: String,
    rows: Vec<Row>,
    months: Vec<Choice>,
    types: Vec<Choice>,
    partners: Vec<Choice>,
    states: Vec<Choice>,
    /// What is chosen, each with the address of the list without it.
    chosen: Vec<Removable>,
    pages: Vec<PageLink>,
}

#[derive(Serialize)]
struct Row {
    place: String,
    reference: String,
    name: String,
    month: String,
    partner: String,
    sent_by: String,
    sent_at: String,
    tag: &'static str,
    class: &'static str,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct Removable {
    words: String,
    place: String,
}

#[derive(Serialize)]
struct PageLink {
    words: String,
    place: String,
    is_here: bool,
}

pub(super) fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (who, area_code) = (asked.who()?, asked.area_code());
    let chosen = |name: &str| asked.query(name).filter(|value| !value.is_empty());
    let month = chosen("month").and_then(|month| Month::parse(month.as_bytes()));
    let return_type = chosen("type").and_then(ReturnType::from_name);
    let state = chosen("state").filter(|state| STATES.contains(state));
    let area = asked.service.area(area_code)?;
    let known = &area.agreement().partners;
    let partner = chosen("partner").and_then(|id| known.iter().find(|partner| partner.id == id));
    let query =
        ReturnQuery { month, return_type, partner_id: partner.map(|partner| partner.id.as_str()), state };
    let found = asked.service.sent_returns(who, area_code, query)?;
    let last = found.len().div_ceil(PAGE).max(1);
    let number = chosen("page").and_then(|page| page.parse().ok());
    let number = number.filter(|page| (1..=last).contains(page)).unwrap_or(1);
    let filters = [
        ("month", month.map(|month| (month.to_string(), month.name()))),
        ("type", return_type.map(|kind| (kind.name().to_owned(), capital(kind.name())))),
        ("partner", partner.map(|partner| (partner.id.clone(), partner.name.clone()))),
        ("state", state.map(|state| (state.to_owned(), tag(state).0.to_owned()))),
    ];
    let here = format!("{}/all", super::base(asked)?);
    let address = |without: &str, page: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in filters.iter().filter(|(name, _)| *name != without) {
            if let Some((value, _)) = value {
                query.append_pair(name, value);
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("{here}?{}", query.finish())
    };
    let removable = filters.iter().filter_map(|(name, value)| {
        let (_, words) = value.as_ref()?;
        Some(Removable { words: words.clone(), place: address(name, 1) })
    });
    let pages = (1..=last).filter(|_| last > 1).map(|page| PageLink {
        words: page.to_string(),
        place: address("", page),
        is_here: page == number,
    });
    let choice = |value: &str, words: String, is_chosen| Choice { value: value.to_owned(), words, is_chosen };
    let sees_all = who.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], area_code);
    let own = who.person.partners_in(area_code);
    let offered = known.iter().filter(|partner| sees_all || own.contains(&partner.id.as_str()));
    let title = match last {
        1 => "All returns".to_owned(),
        _ => format!("All returns (page {number} of {last})"),
    };
    let values = Values {
        count: plural(found.len(), "return"),
        rows: found.iter().skip((number - 1) * PAGE).take(PAGE).map(|sent| row(asked, sent)).collect(),
        months: asked
            .service
            .sent_returns(who, area_code, ReturnQuery::default())?
            .iter()
            .filter_map(|sent| Month::parse(sent.month.as_bytes()))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .rev()
            .map(|known| choice(&known.to_string(), known.name(), month == Some(known)))
            .collect(),
        types: ReturnType::ALL
            .into_iter()
            .map(|kind| choice(kind.name(), capital(kind.name()), return_type == Some(kind)))
            .collect(),
        partners: offered
            .map(|known| {
                choice(&known.id, known.name.clone(), partner.is_some_and(|chosen| chosen.id == known.id))
            })
            .collect(),
        states: STATES
            .into_iter()
            .map(|known| choice(known, tag(known).0.to_owned(), state == Some(known)))
            .collect(),
        chosen: removable.collect(),
        pages: pages.collect(),
        base: super::base(asked)?,
    };
    asked.page(&page(asked, "returns/list", title)?, &values)
}

fn row(asked: &Asked<'_>, sent: &ReturnView) -> Row {
    let (tag, class) = tag(sent.state);
    Row {
        place: format!("/areas/{}/{}/returns/{}", asked.area_code(), sent.month, sent.number),
        reference: sent.reference.clone(),
        name: capital(sent.return_type),
        month: Month::parse(sent.month.as_bytes()).map(Month::name).unwrap_or_default(),
        partner: sent.partner_name.clone(),
        sent_by: sent.sent_by.clone(),
        sent_at: moment(sent.sent_at),
        tag,
        class,
    }
}
