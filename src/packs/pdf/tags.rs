//! What makes a pack's PDF readable to those who listen, and lasting: its structure tree, links,
//! bookmarks, language, title and the statements of PDF/UA-1 and PDF/A-2a.

use std::collections::HashMap;

use super::{
    super::document::Document,
    content::{Stream, number},
    file::File,
    page::{Laid, paper},
    properties::{metadata, profile, text_string},
    tree::{Element, ElementId, Role, Tree},
};

const CATALOGUE: u32 = 1;
const PAGES: u32 = 2;
const PROPERTIES: u32 = 3;
const METADATA: u32 = 4;
const PROFILE: u32 = 5;
const STRUCTURE: u32 = 6;
const PARENTS: u32 = 7;
const OUTLINE: u32 = 8;
const RESOURCES: u32 = 9;

/// The number of the first object of the embedded fonts.
pub const FIRST_FONT: u32 = 10;

/// Which objects have which numbers.
pub struct Numbers {
    pages: u32,
    contents: u32,
    /// The list of each page's marked content.
    marked: u32,
    links: u32,
    bookmarks: u32,
    elements: u32,
    pub last: u32,
}

impl Numbers {
    pub fn of(laid: &Laid<'_>, font_objects: u32) -> Numbers {
        let count = laid.pages.len() as u32;
        let pages = FIRST_FONT + font_objects;
        let (contents, marked) = (pages + count, pages + 2 * count);
        let links = marked + count;
        let bookmarks = links + laid.pages.iter().map(|page| page.links.len() as u32).sum::<u32>();
        let elements = bookmarks + laid.bookmarks.len() as u32;
        let last = elements + laid.tree.elements.len() as u32 - 1;
        Numbers { pages, contents, marked, links, bookmarks, elements, last }
    }

    pub fn content(&self, page: usize) -> u32 {
        self.contents + page as u32
    }

    fn page(&self, page: usize) -> u32 {
        self.pages + page as u32
    }

    fn element(&self, id: ElementId) -> u32 {
        self.elements + id.0
    }
}

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

/// Writes everything but the content streams and the fonts' own objects.
pub fn write(
    file: &mut File,
    document: &Document,
    laid: &Laid<'_>,
    streams: &[Stream],
    numbers: &Numbers,
    fonts: &[u32; 3],
) {
    file.object(CATALOGUE, |out| catalogue(out, laid));
    file.object(PROPERTIES, |out| {
        let parts = [("/Title", &document.title), ("/Author", &document.author), ("/Subject", &document.subject)];
        out.extend_from_slice(b"<<");
        for (key, words) in parts {
            out.extend_from_slice(key.as_bytes());
            text_string(out, words);
        }
        out.extend_from_slice(b"/Creator(Outturn)/Producer(Outturn)>>");
    });
    file.plain_stream(METADATA, b"/Type/Metadata/Subtype/XML", metadata(document).as_bytes());
    file.stream(PROFILE, b"/N 3", &profile());
    file.object(RESOURCES, |out| {
        out.extend_from_slice(b"<</Font<<");
        for (key, &font) in ["/F1 ", "/F2 ", "/F3 "].iter().zip(fonts) {
            out.extend_from_slice(key.as_bytes());
            reference(out, font);
        }
        out.extend_from_slice(b">>>>");
    });
    pages(file, laid, numbers);
    links(file, laid, numbers);
    outline(file, laid, numbers);
    parents(file, laid, streams, numbers);
    elements(file, laid, streams, numbers);
}

fn reference(out: &mut Vec<u8>, object: u32) {
    number(out, object as i32);
    out.extend_from_slice(b" 0 R ");
}

/// Writes a key whose value is an object of its own.
fn refers(out: &mut Vec<u8>, key: &[u8], object: u32) {
    out.extend_from_slice(key);
    out.push(b' ');
    number(out, object as i32);
    out.extend_from_slice(b" 0 R");
}

fn catalogue(out: &mut Vec<u8>, laid: &Laid<'_>) {
    out.extend_from_slice(b"<</Type/Catalog/Lang(en-GB)/MarkInfo<</Marked true>>");
    out.extend_from_slice(b"/ViewerPreferences<</DisplayDocTitle true>>");
    refers(out, b"/Pages", PAGES);
    refers(out, b"/StructTreeRoot", STRUCTURE);
    refers(out, b"/Metadata", METADATA);
    out.extend_from_slice(b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)");
    refers(out, b"/DestOutputProfile", PROFILE);
    out.extend_from_slice(b">>]");
    if !laid.bookmarks.is_empty() {
        out.extend_from_slice(b"/PageMode/UseOutlines");
        refers(out, b"/Outlines", OUTLINE);
    }
    out.extend_from_slice(b">>");
}

fn pages(file: &mut File, laid: &Laid<'_>, numbers: &Numbers) {
    file.object(PAGES, |out| {
        out.extend_from_slice(b"<</Type/Pages/Count ");
        number(out, laid.pages.len() as i32);
        out.extend_from_slice(b"/Kids[");
        for at in 0..laid.pages.len() {
            reference(out, numbers.page(at));
        }
        out.extend_from_slice(b"]>>");
    });
    let mut link = numbers.links;
    for (at, page) in laid.pages.iter().enumerate() {
        let (width, height) = paper(page.orientation);
        file.object(numbers.page(at), |out| {
            out.extend_from_slice(b"<</Type/Page/Tabs/S/MediaBox[0 0 ");
            out.extend_from_slice(format!("{width:.1} {height:.1}]/StructParents {at}").as_bytes());
            refers(out, b"/Parent", PAGES);
            refers(out, b"/Resources", RESOURCES);
            refers(out, b"/Contents", numbers.content(at));
            if !page.links.is_empty() {
                out.extend_from_slice(b"/Annots[");
                for _ in &page.links {
                    reference(out, link);
                    link += 1;
                }
                out.push(b']');
            }
            out.extend_from_slice(b">>");
        });
    }
}

/// Where a link or a bookmark leads: the top of a line on a page.
fn destination(out: &mut Vec<u8>, laid: &Laid<'_>, numbers: &Numbers, (page, y): (usize, f32)) {
    out.extend_from_slice(b"/Dest[");
    reference(out, numbers.page(page));
    let top = paper(laid.pages[page].orientation).1 - (y - 8.0).max(0.0);
    out.extend_from_slice(b"/XYZ 0 ");
    number(out, top as i32);
    out.extend_from_slice(b" 0]");
}

fn links(file: &mut File, laid: &Laid<'_>, numbers: &Numbers) {
    let anchors: HashMap<&str, (usize, f32)> = laid
        .pages
        .iter()
        .enumerate()
        .flat_map(|(at, page)| page.anchors.iter().map(move |anchor| (anchor.id, (at, anchor.y))))
        .collect();
    let mut at = 0;
    for page in &laid.pages {
        let height = paper(page.orientation).1;
        for link in &page.links {
            file.object(numbers.links + at, |out| {
                out.extend_from_slice(b"<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[");
                let (bottom, top) = (height - link.y - link.height, height - link.y);
                let corners = format!("{:.1} {bottom:.1} {:.1} {top:.1}]", link.x, link.x + link.width);
                out.extend_from_slice(corners.as_bytes());
                out.extend_from_slice(format!("/StructParent {}/Contents", laid.pages.len() as u32 + at).as_bytes());
                text_string(out, link.words);
                destination(out, laid, numbers, anchors.get(link.target).copied().unwrap_or_default());
                out.extend_from_slice(b">>");
            });
            at += 1;
        }
    }
}

/// The bookmarks, nested as the headings are; only the first level stands open.
fn outline(file: &mut File, laid: &Laid<'_>, numbers: &Numbers) {
    let marks = &laid.bookmarks;
    if marks.is_empty() {
        return;
    }
    let mut places = vec![(0, 0.0); marks.len()];
    for (at, page) in laid.pages.iter().enumerate() {
        for anchor in &page.anchors {
            if let Some(heading) = anchor.heading {
                places[heading] = (at, anchor.y);
            }
        }
    }
    let above = |at: usize| (0..at).rev().find(|&before| marks[before].level < marks[at].level);
    let parents: Vec<Option<usize>> = (0..marks.len()).map(above).collect();
    let object = |at: usize| numbers.bookmarks + at as u32;
    let ends = |out: &mut Vec<u8>, parent: Option<usize>, sign: i32| {
        let children = (0..marks.len()).filter(|&at| parents[at] == parent);
        let Some(first) = children.clone().next() else { return };
        refers(out, b"/First", object(first));
        refers(out, b"/Last", object(children.clone().next_back().unwrap_or(first)));
        out.extend_from_slice(b"/Count ");
        number(out, sign * children.count() as i32);
    };
    file.object(OUTLINE, |out| {
        out.extend_from_slice(b"<</Type/Outlines");
        ends(out, None, 1);
        out.extend_from_slice(b">>");
    });
    for (at, mark) in marks.iter().enumerate() {
        file.object(object(at), |out| {
            out.extend_from_slice(b"<</Title");
            text_string(out, &mark.title);
            refers(out, b"/Parent", parents[at].map_or(OUTLINE, object));
            let sibling = |other: &usize| parents[*other] == parents[at];
            if let Some(before) = (0..at).rev().find(sibling) {
                refers(out, b"/Prev", object(before));
            }
            if let Some(after) = (at + 1..marks.len()).find(sibling) {
                refers(out, b"/Next", object(after));
            }
            ends(out, Some(at), -1);
            destination(out, laid, numbers, places[at]);
            out.extend_from_slice(b">>");
        });
    }
}

/// From marked content and links back to the elements that own them.
fn parents(file: &mut File, laid: &Laid<'_>, streams: &[Stream], numbers: &Numbers) {
    for (at, stream) in streams.iter().enumerate() {
        file.object(numbers.marked + at as u32, |out| {
            out.push(b'[');
            for &owner in &stream.owners {
                reference(out, numbers.element(owner));
            }
            out.push(b']');
        });
    }
    let links = laid.pages.iter().flat_map(|page| &page.links);
    let count = links.clone().count();
    file.object(PARENTS, |out| {
        out.extend_from_slice(b"<</Nums[");
        for at in 0..streams.len() {
            number(out, at as i32);
            out.push(b' ');
            reference(out, numbers.marked + at as u32);
        }
        for (at, link) in links.enumerate() {
            number(out, (streams.len() + at) as i32);
            out.push(b' ');
            reference(out, numbers.element(link.element));
        }
        out.extend_from_slice(b"]>>");
    });
    file.object(STRUCTURE, |out| {
        out.extend_from_slice(b"<</Type/StructTreeRoot");
        refers(out, b"/K", numbers.element(Tree::ROOT));
        refers(out, b"/ParentTree", PARENTS);
        out.extend_from_slice(b"/ParentTreeNextKey ");
        number(out, (streams.len() + count) as i32);
        out.extend_from_slice(b">>");
    });
}

/// A piece of marked content of an element, and the next of the same element.
struct Piece {
    page: u32,
    mark: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;

fn elements(file: &mut File, laid: &Laid<'_>, streams: &[Stream], numbers: &Numbers) {
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
    let all = laid.pages.iter().enumerate().flat_map(|(page, on)| on.links.iter().map(move |link| (page, link)));
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
fn content(kids: &mut Vec<u8>, count: &mut u32, pieces: &[Piece], first: u32, numbers: &Numbers) -> Option<u32> {
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
