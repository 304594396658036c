//! The fund by month: a scheme, a partner, or a partner's part of a scheme, chosen by the query.

use super::SPRITE;
use crate::{
    figures::{
        agreement::AreaPlan,
        fund_line::{FundMonth, FundPart, months_of},
        money::Pence,
    },
    packs::{
        compose::{
            Composed, compose,
            table::DataTable,
            value::{Show, Value},
        },
        document::{Align, Block, Cell, Column, Row, RowKind, Table, Text},
    },
    service::Refusal,
    web::{answer::Answer, asked::Asked, drawn::RestsOn, page::Page},
};
use serde::Serialize;

#[derive(Serialize)]
struct FundPage<'a> {
    sprite: &'a str,
    address: String,
    schemes: Vec<Choice>,
    partners: Vec<Choice>,
    /// What was chosen, each with the address without it.
    chosen: Vec<Chosen>,
    months: String,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    words: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct Chosen {
    words: String,
    without: String,
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("fund")?;
    let area = asked.service.area(asked.area_code())?;
    let plan = area.agreement();
    if plan.schemes.is_empty() {
        return Err(Refusal::Absent);
    }
    let part = FundPart {
        scheme: plan.schemes.iter().position(|scheme| Some(scheme.id.as_str()) == asked.query("scheme")),
        partner: plan.partners.iter().position(|partner| Some(partner.id.as_str()) == asked.query("partner")),
    };
    asked.figures_page(RestsOn::Figures(area.version), || {
        let position = area.position(place.month);
        let composed = compose(area.source(&position));
        let document = asked.document(&composed)?;
        let months = months_of(area.facts(), part, place.month);
        let address = format!("{}/fund", place.address());
        let (scheme, partner) = names(plan, part);
        let chosen = |words: &str, kept: Option<(&str, &str)>| Chosen {
            words: words.to_owned(),
            without: kept
                .map_or_else(|| address.clone(), |(name, id)| format!("{address}?{name}={}", coded(id))),
        };
        let of_partner = part.partner.map(|index| ("partner", plan.partners[index].id.as_str()));
        let of_scheme = part.scheme.map(|index| ("scheme", plan.schemes[index].id.as_str()));
        let fund = FundPage {
            sprite: &SPRITE,
            schemes: plan
                .schemes
                .iter()
                .enumerate()
                .map(|(index, scheme)| choice(&scheme.id, &scheme.name, part.scheme == Some(index)))
                .collect(),
            partners: plan
                .partners
                .iter()
                .enumerate()
                .map(|(index, partner)| choice(&partner.id, &partner.name, part.partner == Some(index)))
                .collect(),
            chosen: scheme
                .map(|words| chosen(words, of_partner))
                .into_iter()
                .chain(partner.map(|words| chosen(words, of_scheme)))
                .collect(),
            months: if months.is_empty() {
                String::new()
            } else {
                let table = table(&composed, plan, part, &months);
                place.drawn(&document, "", &[Block::Table(table)])
            },
            address,
        };
        let words = asked.site.pages.part("figures/fund", &fund)?;
        let page = Page::new("figures/fund", "The fund by month")
            .under(place.address(), place.month.name())
            .at(place.clone());
        Ok((page, words))
    })
}

fn names(plan: &AreaPlan, part: FundPart) -> (Option<&str>, Option<&str>) {
    (
        part.scheme.map(|index| plan.schemes[index].name.as_str()),
        part.partner.map(|index| plan.partners[index].name.as_str()),
    )
}

fn choice(id: &str, words: &str, is_chosen: bool) -> Choice {
    Choice { id: id.to_owned(), words: words.to_owned(), is_chosen }
}

fn coded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn table(composed: &Composed<'_>, plan: &AreaPlan, part: FundPart, months: &[FundMonth]) -> Table {
    let money = |amount: Pence, show: Show| Value::Money(amount).cell(show);
    let rows = months.iter().map(|month| Row {
        kind: RowKind::Body,
        cells: vec![
            Cell::text(month.month.short_name()),
            money(month.budget, Show::Plain),
            month.actual.map_or_else(
                || Cell { missing: true, ..Cell::text("none") },
                |actual| money(actual, Show::Plain),
            ),
            money(month.forecast, Show::Plain),
            money(month.spend, Show::Plain),
            money(month.variance(), Show::SignedMoney),
        ],
    });
    let mut rows: Vec<Row> = rows.collect();
    let sum = |of: fn(&FundMonth) -> Pence| months.iter().map(of).sum::<Pence>();
    let with = |cell: Cell, field: &str| Cell { figure: figure_of(composed, plan, part, field), ..cell };
    rows.push(Row {
        kind: RowKind::Total,
        cells: vec![
            Cell::text("Year"),
            with(money(sum(|month| month.budget), Show::Plain), "budget_full_year"),
            money(months.iter().filter_map(|month| month.actual).sum(), Show::Plain),
            money(sum(|month| month.forecast), Show::Plain),
            with(money(sum(|month| month.spend), Show::Plain), "outturn"),
            with(money(sum(FundMonth::variance), Show::SignedMoney), "variance_full_year"),
        ],
    });
    let column = |heading: &str, align| Column {
        heading: heading.into(),
        group: None,
        align,
        names_row: align == Align::Start,
        share: None,
    };
    let caption = match names(plan, part) {
        (Some(scheme), Some(partner)) => format!("{scheme}: the part of {partner}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "All schemes and partners".into(),
    };
    Table {
        id: "fund-by-month".into(),
        caption: Text::plain(caption),
        columns: vec![
            column("Month", Align::Start),
            column("Budget", Align::End),
            column("Actual", Align::End),
            column("Forecast", Align::End),
            column("What counts", Align::End),
            column("Variance", Align::End),
        ],
        rows,
        dense: false,
    }
}

/// The figure of the pack that a sum over the year is; none for a partner's part of a scheme, but
/// its variance.
fn figure_of(composed: &Composed<'_>, plan: &AreaPlan, part: FundPart, field: &str) -> Option<Box<str>> {
    let (table, row, field) = match (part.scheme, part.partner) {
        (None, None) => ("pools", None, field),
        (Some(scheme), None) => ("schemes", Some(&plan.schemes[scheme].id), field),
        (None, Some(partner)) => ("partners", Some(&plan.partners[partner].id), field),
        (Some(scheme), Some(partner)) if field == "variance_full_year" => {
            ("variances", Some(&plan.schemes[scheme].id), plan.partners[partner].id.as_str())
        }
        (Some(_), Some(_)) => return None,
    };
    let table: &DataTable<'_> = composed.table(table)?;
    let place = table.field_index(field)?;
    let id = table.field_index(table.key[0])?;
    let keys = table.row_keys();
    let wanted = row.map_or("", |id| id.as_str());
    let (row, key) = table.rows.iter().zip(&keys).find(|(row, _)| row.values[id].plain() == wanted)?;
    let located = table.located(row, place)?;
    Some(table.figure_id(key, located.field).into())
}
