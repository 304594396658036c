//! Tables of a pack: of values that were composed, or of rows written out.

use super::{FigureIds, Reader, Reading, attributes, elements, fault, is_yes, required, status};
use crate::packs::{
    compose::{
        table::{DataRow, DataRowKind, DataTable},
        value::Show,
    },
    document::{Align, Block, Cell, Column, Paragraph, ParagraphStyle, Row, RowKind, Table, Text},
};
use roxmltree::Node;

pub fn read(reader: &Reader<'_, '_>, node: Node<'_, '_>) -> Reading<Option<Block>> {
    attributes(node, &["id", "of", "where", "most", "empty", "dense"])?;
    match node.attribute("of") {
        Some(name) => of_values(reader, node, name),
        None => written_out(reader, node).map(|table| Some(Block::Table(table))),
    }
}

/// A column of a table of values.
struct Bound {
    column: Column,
    field: usize,
    show: Show,
    spans: bool,
}

fn of_values(reader: &Reader<'_, '_>, node: Node<'_, '_>, name: &str) -> Reading<Option<Block>> {
    let Some(data) = reader.composed.table(name) else {
        return Err(fault(node, &format!("there is no table called \"{name}\"")));
    };
    let mut caption = Text::default();
    let mut bound = Vec::new();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "caption" => caption = reader.text(child)?,
            "column" => bound.push(bound_column(child, data)?),
            other => return Err(fault(child, &format!("<{other}> cannot stand in a table of values"))),
        }
    }
    let rows = chosen(node, data)?;
    if rows.is_empty() {
        return Ok(node.attribute("empty").map(|words| {
            Block::Paragraph(Paragraph { style: ParagraphStyle::Body, text: Text::plain(words) })
        }));
    }
    let id = node.attribute("id").unwrap_or(name);
    Ok(Some(Block::Table(Table {
        id: format!("table-{id}"),
        caption,
        rows: match reader.ids {
            FigureIds::LeftOut => drawn(&bound, &rows),
            FigureIds::Given => with_figures(drawn(&bound, &rows), &bound, &rows, data),
        },
        columns: bound.into_iter().map(|bound| bound.column).collect(),
        dense: is_yes(node, "dense")?,
    })))
}

fn drawn(bound: &[Bound], rows: &[&DataRow<'_>]) -> Vec<Row> {
    let mut covered = 0;
    rows.iter()
        .map(|row| {
            let (kind, tall) = match row.kind {
                DataRowKind::Body => (RowKind::Body, 1),
                DataRowKind::Total => (RowKind::Total, 1),
                DataRowKind::FirstOf(rows) => (RowKind::Body, rows),
            };
            let cells = bound
                .iter()
                .map(|bound| match (bound.spans, covered > 0) {
                    (true, true) => Cell::covered(),
                    (true, false) => Cell { rows: tall, ..row.cell(bound.field, bound.show) },
                    (false, _) => row.cell(bound.field, bound.show),
                })
                .collect();
            covered = if covered > 0 { covered - 1 } else { tall - 1 };
            Row { kind, cells }
        })
        .collect()
}

/// The rows as drawn, each cell with the id of the figure that it shows.
fn with_figures(
    mut drawn: Vec<Row>,
    bound: &[Bound],
    rows: &[&DataRow<'_>],
    data: &DataTable<'_>,
) -> Vec<Row> {
    let keys = data.row_keys();
    let mut keyed = data.rows.iter().zip(&keys);
    for (drawn, row) in drawn.iter_mut().zip(rows) {
        let Some((_, key)) = keyed.find(|(candidate, _)| std::ptr::eq(*candidate, *row)) else { break };
        for (cell, bound) in drawn.cells.iter_mut().zip(bound) {
            if !cell.is_covered() && row.shows(bound.field) && data.located(row, bound.field).is_some() {
                cell.figure = Some(data.figure_id(key, &data.fields[bound.field]).into());
            }
        }
    }
    drawn
}

/// The rows that `where="field=value"` and `most="n"` leave.
fn chosen<'t, 'a>(node: Node<'_, '_>, data: &'t DataTable<'a>) -> Reading<Vec<&'t DataRow<'a>>> {
    let condition = node.attribute("where").map(|condition| {
        let (name, wanted) =
            condition.split_once('=').ok_or_else(|| fault(node, "where is written field=value"))?;
        Ok((field(node, data, name)?, wanted))
    });
    let condition = condition.transpose()?;
    let most = match node.attribute("most") {
        None => usize::MAX,
        Some(number) => number.parse().map_err(|_| fault(node, "most is a whole number"))?,
    };
    let rows = data.rows.iter();
    Ok(rows
        .filter(|row| condition.is_none_or(|(field, wanted)| row.values[field].plain() == wanted))
        .take(most)
        .collect())
}

fn bound_column(node: Node<'_, '_>, data: &DataTable<'_>) -> Reading<Bound> {
    attributes(node, &["value", "heading", "group", "show", "align", "names-row", "spans", "share"])?;
    let index = field(node, data, required(node, "value")?)?;
    let show = node.attribute("show").map_or(Some(Show::Plain), Show::named);
    let show = show.ok_or_else(|| fault(node, "show is plain, pounds, signed-pounds or signed-money"))?;
    let usual = if data.fields[index].kind.is_numeric() { Align::End } else { Align::Start };
    Ok(Bound { column: column(node, usual)?, field: index, show, spans: is_yes(node, "spans")? })
}

fn field(node: Node<'_, '_>, data: &DataTable<'_>, name: &str) -> Reading<usize> {
    data.field_index(name).ok_or_else(|| {
        let names: Vec<&str> = data.fields.iter().map(|field| field.name.as_ref()).collect();
        fault(
            node,
            &format!("the table \"{}\" has no column \"{name}\"; it has {}", data.name, names.join(", ")),
        )
    })
}

fn column(node: Node<'_, '_>, usual: Align) -> Reading<Column> {
    let align = match node.attribute("align") {
        None => usual,
        Some("start") => Align::Start,
        Some("end") => Align::End,
        Some("centre") => Align::Centre,
        Some(_) => return Err(fault(node, "align is start, end or centre")),
    };
    let share =
        node.attribute("share").map(|share| share.parse().map_err(|_| fault(node, "share is a number")));
    Ok(Column {
        heading: required(node, "heading")?.to_owned(),
        group: node.attribute("group").map(str::to_owned),
        align,
        names_row: is_yes(node, "names-row")?,
        share: share.transpose()?,
    })
}

fn written_out(reader: &Reader<'_, '_>, node: Node<'_, '_>) -> Reading<Table> {
    let mut table = Table {
        id: format!("table-{}", required(node, "id")?),
        caption: Text::default(),
        columns: Vec::new(),
        rows: Vec::new(),
        dense: is_yes(node, "dense")?,
    };
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "caption" => table.caption = reader.text(child)?,
            "column" => {
                attributes(child, &["heading", "group", "align", "names-row", "share"])?;
                table.columns.push(column(child, Align::Start)?);
            }
            "row" => table.rows.push(row(reader, child, table.columns.len())?),
            other => return Err(fault(child, &format!("<{other}> cannot stand in a table"))),
        }
    }
    Ok(table)
}

fn row(reader: &Reader<'_, '_>, node: Node<'_, '_>, columns: usize) -> Reading<Row> {
    attributes(node, &["kind"])?;
    let kind = match node.attribute("kind") {
        None => RowKind::Body,
        Some("total") => RowKind::Total,
        Some(_) => return Err(fault(node, "the kind of a row is total, or it has none")),
    };
    let cells = elements(node, "cell")?.map(|cell| {
        attributes(cell, &["status"])?;
        let status = cell.attribute("status").map(|name| status(cell, name)).transpose()?;
        Ok(Cell { status, ..Cell::text(reader.text(cell)?.words()) })
    });
    let cells: Vec<Cell> = cells.collect::<Reading<_>>()?;
    if cells.len() != columns {
        return Err(fault(node, &format!("the row has {} cells under {columns} columns", cells.len())));
    }
    Ok(Row { kind, cells })
}
