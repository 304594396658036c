//! Blocks that only pages have: the scorecard at a glance with sparklines, and a measure on its own.
//!
//! They show the values of the pack's tables and nothing else, each with its figure's id.

use super::{
    compose::{
        Composed,
        table::{DataRow, DataRowKind, DataTable},
        value::{Show, Value},
    },
    difference::Changed,
    document::{Align, Block, Cell, Column, Row, RowKind, Table, Text},
};

/// A column of a table on a page: the field, its heading and how its values are written.
type Shown<'s> = (&'s str, &'s str, Show);

const GLANCE: [Shown<'static>; 9] = [
    ("measure", "Measure", Show::Plain),
    ("unit", "Unit", Show::Plain),
    ("latest_month", "Month", Show::Plain),
    ("latest_value", "Latest", Show::Plain),
    ("actual_to_date", "Year to date", Show::Plain),
    ("year_to_date_target", "Target", Show::Plain),
    ("rag", "Status", Show::Plain),
    ("variation", "Variation", Show::Plain),
    ("assurance", "Assurance", Show::Plain),
];

const STANDING: [Shown<'static>; 12] = [
    ("latest_month", "Month", Show::Plain),
    ("latest_value", "Latest", Show::Plain),
    ("latest_target", "Its target", Show::Plain),
    ("latest_rag", "Status", Show::Plain),
    ("actual_to_date", "Year to date", Show::Plain),
    ("year_to_date_target", "Target", Show::Plain),
    ("rag", "Status", Show::Plain),
    ("annual_target", "Target for the year", Show::Plain),
    ("actual_last_year", "Last year", Show::Plain),
    ("actual_change", "Change", Show::Plain),
    ("variation", "Variation", Show::Plain),
    ("assurance", "Assurance", Show::Plain),
];

const MONTHS: [Shown<'static>; 6] = [
    ("month", "Month", Show::Plain),
    ("value", "Value", Show::Plain),
    ("target", "Target", Show::Plain),
    ("rag", "Status", Show::Plain),
    ("numerator", "Counted", Show::Plain),
    ("denominator", "Counted over", Show::Plain),
];

const EARNED: [Shown<'static>; 6] = [
    ("rule", "Rule", Show::Plain),
    ("weight", "Weight", Show::Plain),
    ("target", "Target", Show::Plain),
    ("available", "Available", Show::Plain),
    ("achievement", "Achieved", Show::Plain),
    ("earned", "Would be earned", Show::Plain),
];

/// Every measure in a line, with its months as a sparkline; none where the plan has no measures.
pub fn scorecard_at_a_glance(composed: &Composed<'_>) -> Option<Block> {
    let data = composed.table("scorecard").filter(|data| !data.rows.is_empty())?;
    let mut table = shown(data, "at-a-glance", "Measures at a glance", &GLANCE, |_| true);
    table.columns.insert(
        2,
        Column {
            heading: "By month".into(),
            group: None,
            align: Align::Start,
            names_row: false,
            share: None,
        },
    );
    for (row, measure) in table.rows.iter_mut().zip(&composed.source().plan.measures) {
        let sketch = composed.spark(&measure.id).map(Box::new);
        row.cells.insert(2, Cell { sketch, ..Cell::text("") });
    }
    Some(Block::Table(table))
}

/// A measure on its own: what it is, how it stands, its process chart, its part of the incentive and its
/// months to the reporting month, the last first. None where the plan has no such measure.
pub fn measure(composed: &Composed<'_>, id: &str) -> Option<Vec<Block>> {
    let source = composed.source();
    let index = source.plan.measures.iter().position(|measure| measure.id == id)?;
    let measure = &source.plan.measures[index];
    let is_its = |row: &DataRow<'_>| matches!(&row.values[0], Value::Text(of) if of == id);
    let facts = [
        ("What it counts", measure.definition.as_str()),
        ("Part of the scorecard", &measure.domain),
        ("Unit", &measure.unit),
        ("Id", &measure.id),
    ];
    let facts = facts.into_iter().filter(|(_, words)| !words.is_empty());
    let mut blocks = vec![Block::Definitions(
        facts.map(|(name, words)| (Text::plain(name), Text::plain(words))).collect(),
    )];
    let standing = shown(composed.table("scorecard")?, "standing", "How it stands", &STANDING, is_its);
    blocks.push(Block::Table(standing));
    if source.position.scorecard[index].latest.is_some() {
        blocks.extend(composed.chart("process", id).map(Block::Figure));
    }
    if let Some(incentive) = composed.table("incentive") {
        let earned = shown(incentive, "earned", "Its part of the outcome incentive", &EARNED, is_its);
        if !earned.rows.is_empty() {
            blocks.push(Block::Table(earned));
        }
    }
    let as_at = source.position.as_at;
    let mut months = shown(composed.table("measure_months")?, "months", "By month", &MONTHS, |row| {
        is_its(row) && matches!(row.values[1], Value::Month(month) if month <= as_at)
    });
    months.rows.reverse();
    blocks.push(Block::Table(months));
    Some(blocks)
}

/// What moves, in a table: before, after and by how much. None where nothing does.
pub fn changes(changes: &[Changed]) -> Option<Block> {
    let columns = [
        ("Figure", Align::Start),
        ("", Align::Start),
        ("Before", Align::End),
        ("After", Align::End),
        ("Difference", Align::End),
    ];
    let columns = columns.into_iter().enumerate().map(|(place, (heading, align))| Column {
        heading: heading.into(),
        group: None,
        align,
        names_row: place == 0,
        share: None,
    });
    let side = |value: &Option<Value<'static>>| {
        value
            .as_ref()
            .map_or(Cell { missing: true, ..Cell::text("not there") }, |value| value.cell(Show::Plain))
    };
    let rows: Vec<Row> = changes
        .iter()
        .map(|change| Row {
            kind: RowKind::Body,
            cells: vec![
                Cell::text(&change.row),
                Cell::text(&change.column),
                side(&change.before),
                Cell { figure: Some(change.figure.as_str().into()), ..side(&change.after) },
                change
                    .difference
                    .as_ref()
                    .map_or(Cell::text(""), |difference| Cell::text(difference.signed())),
            ],
        })
        .collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            id: "table-changes".into(),
            caption: Text::plain("What moves"),
            columns: columns.collect(),
            rows,
            dense: true,
        })
    })
}

/// Rows of a table of the pack with these columns; the first column names the row.
fn shown(
    data: &DataTable<'_>,
    id: &str,
    caption: &str,
    columns: &[Shown<'_>],
    is_shown: impl Fn(&DataRow<'_>) -> bool,
) -> Table {
    let bound: Vec<(usize, Show)> =
        columns.iter().filter_map(|(field, _, show)| Some((data.field_index(field)?, *show))).collect();
    let keys = data.row_keys();
    let rows = data.rows.iter().zip(&keys).filter(|(row, _)| is_shown(row));
    let rows = rows.map(|(row, key)| Row {
        kind: if row.kind == DataRowKind::Total { RowKind::Total } else { RowKind::Body },
        cells: bound
            .iter()
            .map(|&(field, show)| {
                let figure = data
                    .located(row, field)
                    .filter(|_| row.shows(field))
                    .map(|at| data.figure_id(key, at.field).into());
                Cell { figure, ..row.cell(field, show) }
            })
            .collect(),
    });
    let rows = rows.collect();
    let columns = columns.iter().zip(&bound).enumerate().map(|(place, ((_, heading, _), (field, _)))| {
        let align = if data.fields[*field].kind.is_numeric() { Align::End } else { Align::Start };
        Column { heading: (*heading).into(), group: None, align, names_row: place == 0, share: None }
    });
    Table {
        id: format!("table-{id}"),
        caption: Text::plain(caption),
        columns: columns.collect(),
        rows,
        dense: true,
    }
}
