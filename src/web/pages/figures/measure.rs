//! A measure's page: its chart, what it counts, how it stands, its months with where each came from,
//! and what was said of them before.

use super::{ASK_WHAT_IF, SPRITE, received::Shown};
use crate::{
    figures::{
        agreement::{Better, Measure, MeasureKind},
        facts::Source,
        measure::{MeasurePosition, MonthFigure, published_units},
        period::Month,
    },
    packs::{
        compose::{
            compose,
            value::{Show, Value},
        },
        document::{Align, Block, Cell, Column, Table, Text, Tile},
        pages,
    },
    service::{Refusal, commentary::CommentaryShown, live::AreaNow},
    store::MeasureSaid,
    web::{
        answer::Answer,
        asked::Asked,
        drawn::RestsOn,
        page::{Page, Place},
        words::{day, moment},
    },
};
use rust_decimal::Decimal;
use serde::Serialize;

#[derive(Serialize)]
struct MeasurePage<'a> {
    sprite: &'a str,
    name: &'a str,
    /// Parts of the pack's own page of a measure, drawn: its chart, how it stands, what it counts and
    /// what it earns, its months.
    chart: String,
    standing: String,
    facts: String,
    months: String,
    returns: Vec<Shown>,
    corrections: Vec<Correction>,
    /// What its owner says; none where nobody has written yet.
    said: Option<Said>,
    commentary: String,
    /// Where one can ask what would move; empty for whoever may not.
    what_if: String,
}

/// The commentary that stands for the month.
#[derive(Serialize)]
struct Said {
    cause: String,
    action: String,
    action_by: String,
    owner: String,
    written: String,
    /// The month that it was written for, where that was an earlier one.
    carried_from: String,
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
    let mut parts = Parts::default();
    for block in pages::measure(&composed, &measure.id).ok_or(Refusal::Absent)? {
        match block {
            Block::Figure(chart) => parts.chart.push(Block::Figure(chart)),
            Block::Definitions(mut pairs) => {
                pairs.extend(further_facts(area, index));
                parts.facts.push(Block::Definitions(pairs));
            }
            Block::Table(table) if table.id == "table-standing" => parts.standing.push(tiles(&table)),
            Block::Table(table) if table.id == "table-months" => {
                parts.months.push(Block::Table(with_sources(table, position)));
            }
            other => parts.facts.push(other),
        }
    }
    let subject = format!("measure/{}", measure.id);
    let commentary = asked.service.commentary_on(asked.area_code(), place.month, &subject)?;
    let drawn = |blocks: &[Block]| place.drawn(&document, "", blocks);
    let said = asked.service.measure_said(asked.area_code(), &measure.id)?;
    let numbers: Vec<u32> =
        position.months.iter().filter_map(|figure| Some(figure.value?.source.submission)).collect();
    let received = asked.service.received(asked.area_code())?;
    let returns = received.iter().filter(|one| numbers.contains(&one.submission.number));
    asked.site.pages.part(
        "figures/measure",
        &MeasurePage {
            sprite: &SPRITE,
            name: &measure.name,
            chart: drawn(&parts.chart),
            standing: drawn(&parts.standing),
            facts: drawn(&parts.facts),
            months: drawn(&parts.months),
            returns: returns.map(|one| Shown::of(asked, one, None)).collect::<Result<_, Refusal>>()?,
            corrections: corrections(measure, &said, place.month),
            said: commentary.map(shown_commentary),
            commentary: format!("{}/commentary/{subject}", place.address()),
            what_if: if asked.who()?.person.is_any(ASK_WHAT_IF, asked.area_code()) {
                let id: String = form_urlencoded::byte_serialize(measure.id.as_bytes()).collect();
                format!("{}/what-if?measure={id}", place.address())
            } else {
                String::new()
            },
        },
    )
}

/// The parts of the page, in the order of the pack's own.
#[derive(Default)]
struct Parts {
    chart: Vec<Block>,
    standing: Vec<Block>,
    facts: Vec<Block>,
    months: Vec<Block>,
}

fn shown_commentary(said: CommentaryShown) -> Said {
    Said {
        cause: said.cause,
        action: said.action,
        action_by: said.action_by.map(day).unwrap_or_default(),
        owner: said.owner,
        written: format!("{} by {}", moment(said.written_at), said.written_by),
        carried_from: if said.is_carried { said.as_at.name() } else { String::new() },
    }
}

/// A table of one row as tiles, one a column.
fn tiles(table: &Table) -> Block {
    let cells = table.rows.iter().flat_map(|row| table.columns.iter().zip(&row.cells));
    let tile = |(column, cell): (&Column, &Cell)| Tile {
        label: column.heading.clone(),
        value: cell.text.clone(),
        note: String::new(),
        status: cell.status.filter(|status| status.word() == cell.text),
        figure: cell.figure.clone(),
    };
    Block::Tiles(cells.map(tile).collect())
}

/// The table of months with the return and the row that each came from.
fn with_sources(mut table: Table, position: &MeasurePosition) -> Table {
    for row in &mut table.rows {
        let month = row.cells.first().map(|cell| cell.text.as_str());
        let figure = position.months.iter().find(|figure| Some(figure.month.short_name().as_str()) == month);
        row.cells.push(Cell::text(figure.map_or_else(String::new, from)));
    }
    table.columns.push(Column {
        heading: "Where it came from".into(),
        group: None,
        align: Align::Start,
        names_row: false,
        share: None,
    });
    table
}

/// Who reports the measure, and how it is judged.
fn further_facts(area: &AreaNow, index: usize) -> [(Text, Text); 4] {
    let measure = &area.agreement().measures[index];
    let better = match measure.better {
        Better::Higher => "Higher is better",
        Better::Lower => "Lower is better",
    };
    let together = match measure.kind {
        MeasureKind::Count => "The months are added up",
        MeasureKind::Ratio => "The sum of the numerators over the sum of the denominators",
        MeasureKind::PopulationRate => "Events to date over the average population",
        MeasureKind::Mean => "The average of the months",
        MeasureKind::Latest => "The latest month",
    };
    let tolerance = Decimal::from_i128_with_scale(i128::from(measure.amber_bp), 2).normalize();
    let tolerance = format!("Off target by at most {tolerance}% of it");
    [
        ("Reported by", reported_by(area, index)),
        ("Which way is better", better.to_owned()),
        ("Year to date", together.to_owned()),
        ("Within tolerance", tolerance),
    ]
    .map(|(name, words)| (Text::plain(name), Text::plain(words)))
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

fn from(figure: &MonthFigure) -> String {
    match figure.value {
        Some(value) => from_source(value.source),
        None => "nothing was reported".into(),
    }
}

fn from_source(source: Source) -> String {
    format!("submission {}, row {}", source.submission, source.row)
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
