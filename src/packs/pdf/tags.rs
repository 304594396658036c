//! What makes a pack's PDF readable to those who listen, and lasting: its structure tree, links,
//! bookmarks, language, title and the statements of PDF/UA-1 and PDF/A-2a.

use std::collections::HashMap;

use super::{
    super::document::Document,
    elements::elements,
    file::File,
    operators::{Stream, number},
    page::{Laid, paper},
    properties::{metadata, profile, text_string},
    tree::{ElementId, Tree},
};

const CATALOGUE: u32 = 1;
const PAGES: u32 = 2;
const PROPERTIES: u32 = 3;
const METADATA: u32 = 4;
const PROFILE: u32 = 5;
/// The root of the structure tree.
pub const STRUCTURE: u32 = 6;
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
    pub links: u32,
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

    pub fn page(&self, page: usize) -> u32 {
        self.pages + page as u32
    }

    pub fn element(&self, id: ElementId) -> u32 {
        self.elements + id.0
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
        let parts =
            [("/Title", &document.title), ("/Author", &document.author), ("/Subject", &document.subject)];
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

/// Writes a reference in a list.
pub fn reference(out: &mut Vec<u8>, object: u32) {
    number(out, object as i32);
    out.extend_from_slice(b" 0 R ");
}

/// Writes a key whose value is an object of its own.
pub fn refers(out: &mut Vec<u8>, key: &[u8], object: u32) {
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
    out.extend_from_slice(
        b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)",
    );
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
                out.extend_from_slice(
                    format!("/StructParent {}/Contents", laid.pages.len() as u32 + at).as_bytes(),
                );
                // Words of no letters say nothing; a link must say where it leads.
                text_string(out, if link.words.trim().is_empty() { link.target } else { &link.words });
                destination(out, laid, numbers, anchors[link.target]);
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
