//! Tables: every heading says what it heads, every cell is found by ear as it is by eye.

use super::write::Page;
use super::{class_of, icon, text};
use crate::packs::document::{Align, Cell, Column, RowKind, Table};

/// A table of more columns than this may be wider than a narrow screen, and has its own scroll.
const MOST_COLUMNS_WITHOUT_SCROLL: usize = 3;

pub fn draw(page: &mut Page, table: &Table) {
    page.raw("<div class=\"t\" id=\"");
    page.attribute(&table.id);
    if table.columns.len() > MOST_COLUMNS_WITHOUT_SCROLL {
        page.raw("\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
        page.attribute(&table.id);
        page.raw("_caption");
    }
    page.raw("\">\n<table class=\"");
    let wide = table.columns.len() > MOST_COLUMNS_WITHOUT_SCROLL;
    page.raw(match (table.dense, wide) {
        (true, true) => "dense wide",
        (true, false) => "dense",
        (false, true) => "wide",
        (false, false) => "",
    });
    page.raw("\">\n<caption id=\"");
    page.attribute(&table.id);
    page.raw("_caption\"><span>");
    text(page, &table.caption);
    page.raw("</span></caption>\n");
    headings(page, &table.columns);
    page.raw("<tbody>\n");
    for row in &table.rows {
        page.raw(match row.kind {
            RowKind::Body => "<tr>",
            RowKind::Total => "<tr class=\"sum\">",
        });
        for (cell, column) in row.cells.iter().zip(&table.columns) {
            if !cell.is_covered() {
                draw_cell(page, cell, column);
            }
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n</div>\n");
}

fn headings(page: &mut Page, columns: &[Column]) {
    let grouped = columns.iter().any(|column| column.group.is_some());
    if grouped {
        for run in columns.chunk_by(|a, b| a.group == b.group) {
            page.raw("<colgroup span=\"");
            page.number(run.len() as u32);
            page.raw("\"></colgroup>");
        }
        page.raw("\n<thead>\n<tr>");
        for run in columns.chunk_by(|a, b| a.group == b.group) {
            match &run[0].group {
                Some(group) => {
                    page.raw("<th scope=\"colgroup\" colspan=\"");
                    page.number(run.len() as u32);
                    page.raw("\">");
                    page.text(group);
                    page.raw("</th>");
                }
                None => run.iter().for_each(|column| column_heading(page, column, " rowspan=\"2\"")),
            }
        }
        page.raw("</tr>\n<tr>");
        for column in columns.iter().filter(|column| column.group.is_some()) {
            column_heading(page, column, "");
        }
    } else {
        page.raw("<thead>\n<tr>");
        columns.iter().for_each(|column| column_heading(page, column, ""));
    }
    page.raw("</tr>\n</thead>\n");
}

/// A column without words has no heading, only a place above it.
fn column_heading(page: &mut Page, column: &Column, span: &str) {
    let headed = !column.heading.is_empty();
    page.raw(if headed { "<th scope=\"col\"" } else { "<td" });
    page.raw(span);
    page.raw(match column.align {
        Align::Start => ">",
        Align::End => " class=\"e\">",
        Align::Centre => " class=\"c\">",
    });
    page.text(&column.heading);
    page.raw(if headed { "</th>" } else { "</td>" });
}

fn draw_cell(page: &mut Page, cell: &Cell, column: &Column) {
    let heads_row = column.names_row && !cell.text.is_empty();
    page.raw(match (heads_row, column.align) {
        (true, Align::Start) => "<th scope=\"row\"",
        (true, Align::End) => "<th scope=\"row\" class=\"e\"",
        (true, Align::Centre) => "<th scope=\"row\" class=\"c\"",
        (false, Align::Start) => "<td class=\"s\"",
        (false, Align::End) => "<td",
        (false, Align::Centre) => "<td class=\"c\"",
    });
    if cell.rows > 1 {
        page.raw(" rowspan=\"");
        page.number(u32::from(cell.rows));
        page.raw("\"");
    }
    page.raw(">");
    match cell.status {
        None => page.text(&cell.text),
        Some(status) if cell.text == status.word() => {
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
    page.raw(if heads_row { "</th>" } else { "</td>" });
}

/// A generous guess at how many bytes the table takes.
pub fn length(table: &Table) -> usize {
    let cells = table.rows.iter().flat_map(|row| &row.cells);
    let words: usize = cells.map(|cell| cell.text.len() + cell.status.map_or(18, |_| 110)).sum();
    1_000 + table.columns.len() * 90 + table.rows.len() * 24 + words
}
