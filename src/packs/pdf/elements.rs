//! The structure tree as objects: each element with its name, its children or content, and its
//! attributes.

use std::collections::HashMap;

use super::{
    file::File,
    operators::{Stream, number},
    page::{Laid, paper},
    properties::text_string,
    tags::{Numbers, STRUCTURE, reference, refers},
    tree::{Element, ElementId, Role},
};

/// The standard name of a role.
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Document => "Document",
        Role::Heading(1) => "H1",
        Role::Heading(2) => "H2",
        Role::Heading(_) => "H3",
        Role::Paragraph => "P",
        Role::Division => "Div",
        Role::List { .. } => "L",
        Role::ListItem => "LI",
        Role::Label => "Lbl",
        Role::ListBody => "LBody",
        Role::Contents => "TOC",
        Role::ContentsItem => "TOCI",
        Role::Reference => "Reference",
        Role::Link => "Link",
        Role::Span | Role::Sign(_) => "Span",
        Role::Table => "Table",
        Role::Caption => "Caption",
        Role::TableHead => "THead",
        Role::TableBody => "TBody",
        Role::TableRow => "TR",
        Role::ColumnHeading { .. } | Role::RowHeading { .. } => "TH",
        Role::Cell { .. } => "TD",
        Role::Figure(_) => "Figure",
    }
}

/// A piece of marked content of an element, and the next of the same element.
struct Piece {
    page: u32,
    mark: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;

/// Writes every element of the tree.
pub fn elements(file: &mut File, laid: &Laid<'_>, streams: &[Stream], numbers: &Numbers) {
    let tree = &laid.tree;
    let mut first = vec![NONE; tree.elements.len()];
    let mut pieces: Vec<Piece> = Vec::with_capacity(tree.elements.len());
    for (page, stream) in streams.iter().enumerate().rev() {
        for (mark, owner) in stream.owners.iter().enumerate().rev() {
            let head = &mut first[owner.0 as usize];
            pieces.push(Piece { page: page as u32, mark: mark as u32, next: *head });
            *head = pieces.len() as u32 - 1;
        }
    }
    let mut links: HashMap<ElementId, Vec<(u32, usize)>> = HashMap::new();
    let all =
        laid.pages.iter().enumerate().flat_map(|(page, on)| on.links.iter().map(move |link| (page, link)));
    for (at, (page, link)) in all.enumerate() {
        links.entry(link.element).or_default().push((numbers.links + at as u32, page));
    }
    let mut kids = Vec::with_capacity(256);
    for (at, element) in tree.elements.iter().enumerate() {
        let id = ElementId(at as u32);
        file.object(numbers.element(id), |out| {
            out.extend_from_slice(b"<</S/");
            out.extend_from_slice(name(element.role).as_bytes());
            refers(out, b"/P", element.parent.map_or(STRUCTURE, |parent| numbers.element(parent)));
            kids.clear();
            let mut count = 0;
            for child in tree.children(id) {
                reference(&mut kids, numbers.element(child));
                count += 1;
            }
            let page = content(&mut kids, &mut count, &pieces, first[at], numbers);
            if let Some(page) = page {
                refers(out, b"/Pg", numbers.page(page as usize));
            }
            if element.role == Role::Link {
                for &(link, page) in links.get(&id).into_iter().flatten() {
                    kids.extend_from_slice(b"<</Type/OBJR");
                    refers(&mut kids, b"/Obj", link);
                    refers(&mut kids, b"/Pg", numbers.page(page));
                    kids.extend_from_slice(b">>");
                    count += 1;
                }
            }
            match count {
                0 => {}
                1 => {
                    out.extend_from_slice(b"/K ");
                    out.extend_from_slice(&kids);
                }
                _ => {
                    out.extend_from_slice(b"/K[");
                    out.extend_from_slice(&kids);
                    out.push(b']');
                }
            }
            attributes(out, element, laid);
            out.extend_from_slice(b">>");
        });
    }
}

/// Writes an element's own marked content and gives the page that its plain numbers are of.
fn content(
    kids: &mut Vec<u8>,
    count: &mut u32,
    pieces: &[Piece],
    first: u32,
    numbers: &Numbers,
) -> Option<u32> {
    let home = pieces.get(first as usize)?.page;
    let mut next = first;
    while let Some(piece) = pieces.get(next as usize) {
        if piece.page == home {
            number(kids, piece.mark as i32);
            kids.push(b' ');
        } else {
            kids.extend_from_slice(b"<</Type/MCR");
            refers(kids, b"/Pg", numbers.page(piece.page as usize));
            kids.extend_from_slice(b"/MCID ");
            number(kids, piece.mark as i32);
            kids.extend_from_slice(b">>");
        }
        *count += 1;
        next = piece.next;
    }
    Some(home)
}

fn attributes(out: &mut Vec<u8>, element: &Element, laid: &Laid<'_>) {
    let spans = |out: &mut Vec<u8>, columns: u8, rows: u8| {
        for (key, value) in [("/ColSpan ", columns), ("/RowSpan ", rows)] {
            if value > 1 {
                out.extend_from_slice(key.as_bytes());
                number(out, i32::from(value));
            }
        }
    };
    match element.role {
        Role::ColumnHeading { columns, rows } => {
            out.extend_from_slice(b"/A<</O/Table/Scope/Column");
            spans(out, columns, rows);
            out.extend_from_slice(b">>");
        }
        Role::RowHeading { rows } => {
            out.extend_from_slice(b"/A<</O/Table/Scope/Row");
            spans(out, 1, rows);
            out.extend_from_slice(b">>");
        }
        Role::Cell { rows } if rows > 1 => {
            out.extend_from_slice(b"/A<</O/Table");
            spans(out, 1, rows);
            out.extend_from_slice(b">>");
        }
        Role::List { ordered } => {
            let numbering: &[u8] = if ordered { b"Decimal" } else { b"Disc" };
            out.extend_from_slice(b"/A<</O/List/ListNumbering/");
            out.extend_from_slice(numbering);
            out.extend_from_slice(b">>");
        }
        Role::Sign(status) => {
            out.extend_from_slice(b"/ActualText");
            text_string(out, status.word());
        }
        Role::Figure(at) => {
            let figure = &laid.figures[at as usize];
            let height = paper(laid.pages[figure.page].orientation).1;
            let [left, top, right, bottom] = figure.bounds;
            out.extend_from_slice(b"/Alt");
            text_string(out, figure.alternative);
            let bounds = format!("{left:.0} {:.0} {right:.0} {:.0}", height - bottom, height - top);
            out.extend_from_slice(format!("/A<</O/Layout/Placement/Block/BBox[{bounds}]>>").as_bytes());
        }
        Role::Cell { .. }
        | Role::Document
        | Role::Heading(_)
        | Role::Paragraph
        | Role::Division
        | Role::ListItem
        | Role::Label
        | Role::ListBody
        | Role::Contents
        | Role::ContentsItem
        | Role::Reference
        | Role::Link
        | Role::Span
        | Role::Table
        | Role::Caption
        | Role::TableHead
        | Role::TableBody
        | Role::TableRow => {}
    }
}
