//! Tables: every heading says what it heads, every cell is found by ear as it is by eye.

use super::ink::{class_of, icon};
use super::write::Page;
use super::{figure, figure_link, figure_link_end, text};
use crate::packs::document::{Align, Cell, Column, RowKind, Sketch, Table};

/// A table of more columns than this may be wider than a narrow screen, and has its own scroll.
const MOST_COLUMNS_WITHOUT_SCROLL: usize = 3;
/// Tables of so many columns are drawn as cards on a narrow screen, where they stand on a page of the
/// service: those of more are months side by side, and stay tables.
const IN_CARDS: std::ops::RangeInclusive<usize> = 4..=12;
/// A table of few columns is set no wider than the text, so that the eye finds its way across.
const FEW_COLUMNS: usize = 4;
/// A column that holds longer words than this, in bytes, is not set narrower than reads well.
const LONG: usize = 18;

pub fn draw(page: &mut Page, table: &Table) {
    page.raw("<div class=\"t\" id=\"");
    page.attribute(&table.id);
    if table.columns.len() > MOST_COLUMNS_WITHOUT_SCROLL {
        page.raw("\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
        page.attribute(&table.id);
        page.raw("_caption");
    }
    page.raw("\">\n<table class=\"");
    page.raw(if table.dense { "dense " } else { "" });
    page.raw(if table.columns.len() <= FEW_COLUMNS { "few " } else { "" });
    // Where a cell stands in several rows, the first cell of a row is not always in the first column.
    let tall = table.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.rows > 1);
    let cards = page.links().is_some() && !tall && IN_CARDS.contains(&table.columns.len());
    page.raw(if tall { "tall" } else { "wide" });
    // The roles keep it a table for whoever hears it where its rows are drawn as cards.
    page.raw(if cards { " carded\" role=\"table" } else { "" });
    page.raw("\">\n<caption id=\"");
    page.attribute(&table.id);
    page.raw("_caption\"><span>");
    text(page, &table.caption);
    page.raw("</span></caption>\n");
    headings(page, table);
    page.raw("<tbody>\n");
    for row in &table.rows {
        page.raw(match row.kind {
            RowKind::Body => "<tr",
            RowKind::Total => "<tr class=\"sum\"",
        });
        page.raw(if cards { " role=\"row\">" } else { ">" });
        for (cell, column) in row.cells.iter().zip(&table.columns) {
            if !cell.is_covered() {
                draw_cell(page, cell, column, cards);
            }
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n</div>\n");
}

fn headings(page: &mut Page, table: &Table) {
    let columns = &table.columns;
    let long: Vec<bool> = (0..columns.len()).map(|at| holds_long_words(table, at)).collect();
    let columns_of = |run: &[usize]| run.iter().map(|at| (&columns[*at], long[*at])).collect::<Vec<_>>();
    let places: Vec<usize> = (0..columns.len()).collect();
    let grouped = columns.iter().any(|column| column.group.is_some());
    if grouped {
        let runs = || places.chunk_by(|a, b| columns[*a].group == columns[*b].group);
        for run in runs() {
            page.raw("<colgroup span=\"");
            page.number(run.len() as u32);
            page.raw("\"></colgroup>");
        }
        page.raw("\n<thead>\n<tr>");
        for run in runs() {
            match &columns[run[0]].group {
                Some(group) => {
                    page.raw("<th scope=\"colgroup\" colspan=\"");
                    page.number(run.len() as u32);
                    page.raw("\">");
                    page.text(group);
                    page.raw("</th>");
                }
                None => columns_of(run).into_iter().for_each(|of| column_heading(page, of, " rowspan=\"2\"")),
            }
        }
        page.raw("</tr>\n<tr>");
        let inside = columns_of(&places).into_iter().filter(|(column, _)| column.group.is_some());
        inside.for_each(|of| column_heading(page, of, ""));
    } else {
        page.raw("<thead>\n<tr>");
        columns_of(&places).into_iter().for_each(|of| column_heading(page, of, ""));
    }
    page.raw("</tr>\n</thead>\n");
}

fn holds_long_words(table: &Table, at: usize) -> bool {
    table.columns[at].align == Align::Start
        && table.rows.iter().filter_map(|row| row.cells.get(at)).any(|cell| cell.text.len() > LONG)
}

/// A column without words has no heading, only a place above it.
fn column_heading(page: &mut Page, (column, long): (&Column, bool), span: &str) {
    let headed = !column.heading.is_empty();
    page.raw(if headed { "<th scope=\"col\"" } else { "<td" });
    page.raw(span);
    page.raw(match (column.align, long) {
        (Align::Start, false) => ">",
        (Align::Start, true) => " class=\"l\">",
        (Align::End, _) => " class=\"e\">",
        (Align::Centre, _) => " class=\"c\">",
    });
    page.text(&column.heading);
    page.raw(if headed { "</th>" } else { "</td>" });
}

/// In a row that may be drawn as a card, a cell says itself which column it is of.
fn draw_cell(page: &mut Page, cell: &Cell, column: &Column, in_card: bool) {
    let heads_row = column.names_row && !cell.text.is_empty();
    page.raw(match (heads_row, column.align) {
        (true, Align::Start) => "<th scope=\"row\"",
        (true, Align::End) => "<th scope=\"row\" class=\"e\"",
        (true, Align::Centre) => "<th scope=\"row\" class=\"c\"",
        (false, Align::Start) => "<td class=\"s\"",
        (false, Align::End) => "<td",
        (false, Align::Centre) => "<td class=\"c\"",
    });
    if in_card {
        page.raw(if heads_row { " role=\"rowheader\"" } else { " role=\"cell\" data-column=\"" });
        if !heads_row {
            if let Some(group) = &column.group {
                page.attribute(group);
                page.raw(": ");
            }
            page.attribute(&column.heading);
            page.raw("\"");
        }
    }
    if cell.rows > 1 {
        page.raw(" rowspan=\"");
        page.number(u32::from(cell.rows));
        page.raw("\"");
    }
    page.raw(">");
    figure_link(page, cell.figure.as_deref());
    match cell.status {
        None => page.text(&cell.text),
        Some(status) if status.is_told_by(&cell.text) => {
            page.raw("<span class=\"st ");
            page.raw(class_of(status.ink()));
            page.raw("\">");
            icon(page, status);
            page.text(&cell.text);
            page.raw("</span>");
        }
        Some(status) => {
            icon(page, status);
            page.text(&cell.text);
            page.raw(" <span class=\"h\">");
            page.raw(status.word());
            page.raw("</span>");
        }
    }
    figure_link_end(page, cell.figure.as_deref());
    if let Some(sketch) = &cell.sketch {
        figure::inline(page, &sketch.drawing, &sketch.alternative);
    }
    page.raw(if heads_row { "</th>" } else { "</td>" });
}

/// A generous guess at how many bytes the table takes.
pub fn length(table: &Table) -> usize {
    let cells = table.rows.iter().flat_map(|row| &row.cells);
    let words: usize =
        cells.map(|cell| cell.text.len() + cell.status.map_or(18, |_| 110) + linked(cell)).sum();
    1_000 + table.columns.len() * 90 + table.rows.len() * 24 + words
}

fn linked(cell: &Cell) -> usize {
    let sketched = |sketch: &Sketch| 300 + sketch.drawing.marks.len() * 400;
    cell.figure.as_ref().map_or(0, |id| id.len() + 100) + cell.sketch.as_deref().map_or(0, sketched)
}
