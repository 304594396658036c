//! Checks of where pages break: what stays together, and what is repeated.

use super::{
    fonts::fonts,
    layout::lay_out,
    page::{Laid, Mark, Owner, Placed},
    tree::{ElementId, Role},
};
use crate::packs::document::{
    Align, Block, Cell, Column, Document, Heading, Orientation, Paragraph, ParagraphStyle, Row, RowKind,
    Table, Text,
};

fn paragraph(words: &str) -> Block {
    Block::Paragraph(Paragraph { style: ParagraphStyle::Body, text: Text::plain(words) })
}

fn heading(level: u8, id: &str) -> Block {
    Block::Heading(Heading { level, id: id.to_owned(), text: Text::plain(id) })
}

fn document(blocks: Vec<Block>) -> Document {
    Document { blocks, ..Document::default() }
}

/// A table of pairs of rows, each pair under one name.
fn pairs(count: usize) -> Block {
    let column = |heading: &str| Column {
        heading: heading.to_owned(),
        group: None,
        align: Align::Start,
        names_row: false,
        share: None,
    };
    let rows = (0..count * 2).map(|at| {
        let name = if at % 2 == 0 { Cell { rows: 2, ..Cell::text("Measure") } } else { Cell::covered() };
        Row {
            kind: RowKind::Body,
            cells: vec![name, Cell::text(if at % 2 == 0 { "Target" } else { "Actual" })],
        }
    });
    Block::Table(Table {
        id: "pairs".to_owned(),
        caption: Text::plain("Pairs"),
        columns: ["Measure", "Row"].map(column).to_vec(),
        rows: rows.collect(),
        dense: false,
    })
}

/// The roles of a page's content in the order in which it is drawn.
fn roles(laid: &Laid<'_>, page: usize) -> Vec<Role> {
    let role = |placed: &Placed<'_>| match placed.owner {
        Owner::Element(element) => Some(laid.tree.role(element)),
        Owner::Layout | Owner::Header | Owner::Footer => None,
    };
    laid.pages[page].marks.iter().filter_map(role).collect()
}

/// On which page an element's first mark is.
fn page_of(laid: &Laid<'_>, element: ElementId) -> Option<usize> {
    let owns = |placed: &Placed<'_>| placed.owner == Owner::Element(element);
    laid.pages.iter().position(|page| page.marks.iter().any(owns))
}

#[test]
fn no_heading_or_caption_is_left_at_the_foot_of_a_page() {
    for lines in 20..60 {
        let mut blocks = vec![heading(1, "title")];
        blocks.extend((0..lines).map(|_| paragraph("A line.")));
        blocks.extend([
            heading(2, "section"),
            heading(3, "part"),
            pairs(30),
            heading(2, "last"),
            paragraph("End."),
        ]);
        let document = document(blocks);
        let laid = lay_out(&document);
        for page in 0..laid.pages.len() {
            let last = roles(&laid, page).last().copied();
            let left = matches!(last, Some(Role::Heading(_) | Role::Caption | Role::ColumnHeading { .. }));
            assert!(!left, "{last:?} ends page {} after {lines} lines", page + 1);
        }
    }
}

#[test]
fn a_line_between_a_heading_and_its_table_stays_with_both() {
    for lines in 20..60 {
        let mut blocks = vec![heading(1, "title")];
        blocks.extend((0..lines).map(|_| paragraph("A line.")));
        blocks.extend([heading(2, "section"), paragraph("What the table says."), pairs(4)]);
        let document = document(blocks);
        let laid = lay_out(&document);
        let all = (0..laid.tree.elements.len() as u32).map(ElementId);
        let page = |wanted: Role| {
            all.clone().rfind(|&id| laid.tree.role(id) == wanted).and_then(|id| page_of(&laid, id))
        };
        let paged = [Role::Heading(2), Role::Paragraph, Role::Caption].map(page);
        assert!(paged.iter().all(|on| *on == paged[0]), "{paged:?} after {lines} lines");
    }
}

#[test]
fn a_pair_of_rows_is_not_split_over_pages() {
    let document = document(vec![heading(1, "title"), pairs(100)]);
    let laid = lay_out(&document);
    assert!(laid.pages.len() > 2);
    let mut all = (0..laid.tree.elements.len() as u32).map(ElementId);
    let body = all.find(|&id| laid.tree.role(id) == Role::TableBody).unwrap();
    let rows: Vec<ElementId> = laid.tree.children(body).collect();
    assert_eq!(rows.len(), 200);
    let page = |row: ElementId| laid.tree.children(row).filter_map(|cell| page_of(&laid, cell)).next();
    for pair in rows.chunks(2) {
        assert_eq!(page(pair[0]), page(pair[1]));
    }
}

/// A dense table of numbers with a name in each row.
fn numbers(rows: usize, columns: usize) -> Block {
    let column = |at: usize| Column {
        heading: if at == 0 { "Measure".to_owned() } else { format!("Month {at}") },
        group: None,
        align: if at == 0 { Align::Start } else { Align::End },
        names_row: at == 0,
        share: None,
    };
    let row = |at: usize| {
        let cell =
            |column| Cell::text(if column == 0 { format!("Measure {at}") } else { "1,234.5".to_owned() });
        Row { kind: RowKind::Body, cells: (0..columns).map(cell).collect() }
    };
    Block::Table(Table {
        id: "numbers".to_owned(),
        caption: Text::plain("Numbers"),
        columns: (0..columns).map(column).collect(),
        rows: (0..rows).map(row).collect(),
        dense: true,
    })
}

/// The sizes of the type in the cells of tables, and how many rows are on each page.
fn cells(laid: &Laid<'_>) -> (f32, Vec<usize>) {
    let mut most = 0.0;
    let on = |page: usize| {
        laid.pages[page].marks.iter().filter_map(|placed| {
            if let (Owner::Element(element), Mark::Text { size, .. }) = (placed.owner, placed.mark) {
                Some((laid.tree.role(element), size))
            } else {
                None
            }
        })
    };
    let rows = (0..laid.pages.len())
        .map(|page| {
            let names = on(page).filter(|(role, _)| matches!(role, Role::RowHeading { .. }));
            names.inspect(|&(_, size)| most = size.max(most)).count()
        })
        .collect();
    (most, rows)
}

#[test]
fn a_dense_table_with_room_is_set_large_and_one_that_just_fills_a_page_stays_on_it() {
    let size = |rows: usize| {
        let document = document(vec![heading(1, "title"), numbers(rows, 8)]);
        let laid = lay_out(&document);
        let (size, rows) = cells(&laid);
        (size, rows.len())
    };
    assert_eq!(size(10), (8.4, 1));
    let (small, pages) = size(70);
    assert!((6.3..8.4).contains(&small) && pages == 1, "70 rows of {small} points on {pages} pages");
    assert!(size(150).1 <= 3);
}

#[test]
fn fewer_than_three_rows_do_not_stand_apart_from_their_table() {
    for before in 0..12 {
        for rows in 6..90 {
            let mut blocks = vec![heading(1, "title")];
            blocks.extend((0..before * 4).map(|_| paragraph("A line.")));
            blocks.push(numbers(rows, 3));
            let document = document(blocks);
            let laid = lay_out(&document);
            let (_, on) = cells(&laid);
            assert_eq!(on.iter().sum::<usize>(), rows);
            assert!(on.iter().all(|&rows| rows == 0 || rows >= 3), "{on:?} after {before}");
        }
    }
}

#[test]
fn text_takes_another_line_before_type_is_small() {
    let Block::Table(mut table) = numbers(10, 8) else { unreachable!() };
    for row in &mut table.rows {
        row.cells[0] =
            Cell::text("A measure whose name is long (of people who were asked; higher is better)");
        row.cells[1..].fill(Cell::text("1,234"));
    }
    let document = document(vec![heading(1, "title"), Block::Table(table)]);
    let (size, rows) = cells(&lay_out(&document));
    assert!(size >= 8.0 && rows.len() == 1, "{size} points on {} pages", rows.len());
}

/// The page that each heading of level 2 is on.
fn sections(laid: &Laid<'_>) -> Vec<usize> {
    let all = (0..laid.tree.elements.len() as u32).map(ElementId);
    all.filter(|&id| laid.tree.role(id) == Role::Heading(2)).filter_map(|id| page_of(laid, id)).collect()
}

#[test]
fn a_section_begins_on_the_page_of_the_one_before_where_its_first_table_does() {
    let section = |id: &str, rows: usize, paper| {
        [Block::Paper(paper), heading(2, id), paragraph("What it says."), numbers(rows, 3)]
    };
    let pages = |rows: usize, paper: Orientation| {
        let first = section("first", rows, Orientation::Portrait);
        let blocks = [heading(1, "title")].into_iter().chain(first).chain(section("second", 10, paper));
        let document = document(blocks.collect());
        sections(&lay_out(&document))
    };
    assert_eq!(pages(10, Orientation::Portrait), [0, 0]);
    // Room for the heading and some rows, but no reason to part them from the rest.
    assert_eq!(pages(36, Orientation::Portrait), [0, 1]);
    assert_eq!(pages(10, Orientation::Landscape), [0, 1]);
}

#[test]
fn lines_stand_closer_where_that_spares_a_page_for_a_few() {
    for (lines, pages) in [(33, 1), (36, 1), (39, 1), (44, 2)] {
        let lines = (0..lines).map(|_| paragraph("A line."));
        let document = document([heading(1, "title")].into_iter().chain(lines).collect());
        assert_eq!(lay_out(&document).pages.len(), pages);
    }
}

#[test]
fn headings_are_repeated_as_decoration_so_that_they_are_heard_once() {
    let document = document(vec![heading(1, "title"), pairs(100)]);
    let laid = lay_out(&document);
    let repeated =
        |placed: &&Placed<'_>| placed.owner == Owner::Layout && matches!(placed.mark, Mark::Text { .. });
    assert_eq!(laid.pages[1].marks.iter().filter(repeated).count(), 2);
    assert!(!roles(&laid, 1).iter().any(|role| matches!(role, Role::ColumnHeading { .. })));
}

#[test]
fn the_contents_give_the_page_that_each_heading_is_on() {
    let mut blocks = vec![heading(1, "title"), Block::Contents { title: "Contents".to_owned() }];
    for section in ["first", "second", "third"] {
        blocks.extend([Block::PageBreak(Orientation::Landscape), heading(1, section)]);
    }
    let document = document(blocks);
    let laid = lay_out(&document);
    let mut numbers = Vec::new();
    for placed in &laid.pages[0].marks {
        if let (Owner::Element(element), Mark::Text { span, .. }) = (placed.owner, placed.mark)
            && laid.tree.role(element) == Role::Link
        {
            let codes = &laid.codes[span.start as usize..span.end as usize];
            let fonts = fonts();
            numbers
                .push(codes.iter().map(|&code| fonts.repertoire[usize::from(code) - 1]).collect::<String>());
        }
    }
    assert_eq!(numbers, ["first", "second", "third", " 2", " 3", " 4"]);
    assert_eq!(laid.pages[1].orientation, Orientation::Landscape);
}

#[test]
fn a_callout_longer_than_a_page_goes_on_in_a_band_on_the_next() {
    let callout =
        Block::Callout { title: Text::plain("Note"), blocks: (0..80).map(|_| paragraph("Line.")).collect() };
    let document = document(vec![callout]);
    let laid = lay_out(&document);
    assert!(laid.pages.len() > 1);
    for page in &laid.pages {
        let bands = page
            .marks
            .iter()
            .filter(|placed| matches!(placed.mark, Mark::Fill { height, .. } if height > 50.0));
        // The band and the bar at its left.
        assert_eq!(bands.count(), 2);
    }
}
