//! A measure's page: its chart, what it counts, how it stands, its months with where each came from,
//! and what was said of them before.

use super::{SPRITE, received::Shown};
use crate::{
    figures::{
        agreement::Measure,
        facts::Source,
        measure::{MeasurePosition, MonthFigure, published_units},
        period::Month,
    },
    packs::{
        compose::{
            Composed, compose,
            table::{DataTable, FieldKind},
            value::{Show, Value},
        },
        document::{Align, Block, Cell, Column, Row, RowKind, Table, Text},
    },
    service::{Refusal, live::AreaNow},
    store::MeasureSaid,
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Page, Place},
    },
};
use rust_decimal::Decimal;
use serde::Serialize;

#[derive(Serialize)]
struct MeasurePage<'a> {
    sprite: &'a str,
    name: &'a str,
    domain: &'a str,
    unit: &'a str,
    definition: &'a str,
    better: &'static str,
    kind: &'static str,
    tolerance: String,
    /// The partners that report it.
    reported_by: String,
    /// The chart, drawn; empty where nothing was reported yet.
    chart: String,
    facts: Vec<Fact>,
    /// Its months, drawn as a table.
    months: String,
    returns: Vec<Shown>,
    corrections: Vec<Correction>,
    commentary: String,
    back: String,
}

/// A figure of the measure's row of the scorecard.
#[derive(Serialize)]
struct Fact {
    name: String,
    meaning: &'static str,
    words: String,
    place: String,
}

#[derive(Serialize)]
struct Correction {
    month: String,
    before: String,
    before_from: String,
    after: String,
    after_from: String,
}

pub fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let place = asked.place("scorecard")?;
    let mark = asked.service.mark();
    let area = asked.service.area(asked.area_code())?;
    let measures = &area.agreement().measures;
    let index =
        measures.iter().position(|measure| measure.id == asked.param("measure")).ok_or(Refusal::Absent)?;
    asked.figures_page(RestsOn::Everything(mark), || {
        let measure = &area.agreement().measures[index];
        let part = drawn(asked, &area, index, &place)?;
        let page = Page::new("figures/measure", measure.name.clone())
            .under(format!("{}/scorecard", place.address()), "Scorecard")
            .at(place);
        Ok((page, part))
    })
}

fn drawn(asked: &Asked<'_>, area: &AreaNow, index: usize, place: &Place) -> Result<String, Refusal> {
    let measure = &area.agreement().measures[index];
    let whole = area.position(place.month);
    let composed = compose(area.source(&whole));
    let position = &whole.scorecard[index];
    let document = asked.document(&composed)?;
    let blocks = |block: Block| place.drawn(&document, "", &[block]);
    let chart = position.latest.as_ref().and_then(|_| composed.chart("process", &measure.id));
    let said = asked.service.measure_said(asked.area_code(), &measure.id)?;
    let shown: Vec<Source> = position.months.iter().filter_map(|figure| Some(figure.value?.source)).collect();
    let received = asked.service.received(asked.area_code())?;
    let returns =
        received.iter().filter(|one| shown.iter().any(|source| source.submission == one.submission.number));
    let returns = returns.map(|one| Shown::of(asked, one, None)).collect::<Result<_, Refusal>>()?;
    asked.site.pages.part(
        "figures/measure",
        &MeasurePage {
            sprite: &SPRITE,
            name: &measure.name,
            domain: &measure.domain,
            unit: &measure.unit,
            definition: &measure.definition,
            better: better(measure),
            kind: kind(measure),
            tolerance: format!(
                "{}%",
                Decimal::from_i128_with_scale(i128::from(measure.amber_bp), 2).normalize()
            ),
            reported_by: reported_by(area, index),
            chart: chart.map(|chart| blocks(Block::Figure(chart))).unwrap_or_default(),
            facts: facts(&composed, measure, place),
            months: months(&composed, measure, position, place.month)
                .map(|table| blocks(Block::Table(table)))
                .unwrap_or_default(),
            returns,
            corrections: corrections(measure, &said, place.month),
            commentary: format!("{}/commentary", place.address()),
            back: format!("{}/scorecard", place.address()),
        },
    )
}

fn better(measure: &Measure) -> &'static str {
    match measure.better {
        crate::figures::agreement::Better::Higher => "Higher is better",
        crate::figures::agreement::Better::Lower => "Lower is better",
    }
}

/// How the months are put together.
fn kind(measure: &Measure) -> &'static str {
    use crate::figures::agreement::MeasureKind;
    match measure.kind {
        MeasureKind::Count => "The months are added up",
        MeasureKind::Ratio => "The sum of the numerators over the sum of the denominators",
        MeasureKind::PopulationRate => "Events to date over the average population",
        MeasureKind::Mean => "The average of the months",
        MeasureKind::Latest => "The latest month",
    }
}

fn reported_by(area: &AreaNow, index: usize) -> String {
    let facts = area.facts().measures.iter().filter(|fact| usize::from(fact.measure) == index);
    let mut partners: Vec<u16> = facts.map(|fact| fact.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    let names =
        partners.into_iter().map(|partner| area.agreement().partners[usize::from(partner)].name.as_str());
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "Nobody has reported it yet".into() } else { names.join(" and ") }
}

/// What the scorecard says of the measure, each figure with its place.
fn facts(composed: &Composed<'_>, measure: &Measure, place: &Place) -> Vec<Fact> {
    let Some(table) = composed.table("scorecard") else { return Vec::new() };
    let keys = table.row_keys();
    let id = table.field_index("measure_id");
    let row = table
        .rows
        .iter()
        .zip(&keys)
        .find(|(row, _)| id.is_some_and(|id| row.values[id].plain() == measure.id));
    let Some((row, key)) = row else { return Vec::new() };
    (0..table.fields.len())
        .filter_map(|field| table.located(row, field))
        .map(|located| Fact {
            name: located.field.words(),
            meaning: located.field.meaning,
            words: located.value.shown(Show::Plain),
            place: format!("{}/figures/{}", place.address(), table.figure_id(key, located.field)),
        })
        .collect()
}

/// The measure's rows of the pack's table of months up to the reporting month, the latest first, with the
/// return and the row that each came from.
fn months(
    composed: &Composed<'_>,
    measure: &Measure,
    position: &MeasurePosition,
    as_at: Month,
) -> Option<Table> {
    let table = composed.table("measure_months")?;
    let (id, month) = (table.field_index("measure_id")?, table.field_index("month")?);
    let fields: Vec<usize> = (0..table.fields.len()).filter(|field| *field != id).collect();
    let keys = table.row_keys();
    let mut rows: Vec<Row> = Vec::new();
    for (row, key) in table.rows.iter().zip(&keys).filter(|(row, _)| row.values[id].plain() == measure.id) {
        let Value::Month(of) = row.values[month] else { continue };
        if of > as_at {
            continue;
        }
        let figure = position.months.iter().find(|figure| figure.month == of);
        let mut cells: Vec<Cell> = fields.iter().map(|field| cell(table, row, key, *field)).collect();
        cells.push(Cell::text(figure.map_or_else(String::new, from)));
        rows.push(Row { kind: RowKind::Body, cells });
    }
    rows.reverse();
    let mut columns: Vec<Column> = fields.iter().map(|field| column(table, *field, month)).collect();
    columns.push(Column {
        heading: "Where it came from".into(),
        group: None,
        align: Align::Start,
        names_row: false,
        share: None,
    });
    let caption = Text::plain(format!("{} ({}), the latest month first", measure.name, measure.unit));
    Some(Table { id: "months".into(), caption, columns, rows, dense: true })
}

fn cell(
    table: &DataTable<'_>,
    row: &crate::packs::compose::table::DataRow<'_>,
    key: &str,
    field: usize,
) -> Cell {
    let figure = table.located(row, field).map(|located| table.figure_id(key, located.field).into());
    Cell { figure, ..row.values[field].cell(Show::Plain) }
}

fn column(table: &DataTable<'_>, field: usize, month: usize) -> Column {
    let of = &table.fields[field];
    let align = if of.kind.is_numeric() { Align::End } else { Align::Start };
    debug_assert!(of.kind != FieldKind::Text, "a measure's months are named by their months");
    Column { heading: of.words(), group: None, align, names_row: field == month, share: None }
}

fn from(figure: &MonthFigure) -> String {
    match figure.value {
        Some(value) => from_source(value.source),
        None => "nothing was reported".into(),
    }
}

fn from_source(source: Source) -> String {
    format!("return {}, row {}", source.submission, source.row)
}

/// What was said of a month and then otherwise, the latest month first.
fn corrections(measure: &Measure, said: &[MeasureSaid], as_at: Month) -> Vec<Correction> {
    let shown = |said: &MeasureSaid| {
        let units = published_units(measure, said.numerator_hundredths, said.denominator_hundredths);
        let number = units.map(|units| Decimal::from_i128_with_scale(units, measure.decimals));
        let value =
            number.map_or_else(|| "no data".to_owned(), |number| Value::Number(number).shown(Show::Plain));
        let part = |units: i64| {
            Value::Number(Decimal::from_i128_with_scale(i128::from(units), 2).normalize()).shown(Show::Plain)
        };
        match said.denominator_hundredths {
            Some(under) => format!("{value} ({} of {})", part(said.numerator_hundredths), part(under)),
            None => value,
        }
    };
    let mut corrections: Vec<Correction> = said
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] if before.month == after.month && before.month <= as_at => Some((before, after)),
            _ => None,
        })
        .filter(|(before, after)| shown(before) != shown(after))
        .map(|(before, after)| Correction {
            month: before.month.name(),
            before: shown(before),
            before_from: from_source(before.source),
            after: shown(after),
            after_from: from_source(after.source),
        })
        .collect();
    corrections.reverse();
    corrections
}
