//! The document as a page: one HTML file that needs nothing but itself.
//!
//! The page is written straight into one string, front to back. Its words and figures are the
//! document's alone; what is added are roles, landmarks and the status words that are heard. Every id
//! that the page adds of its own holds an underscore, which no id of a document does.
//!
//! A part of a document can be drawn as well, to stand in a page of a web service: [`fragment`] gives its
//! elements alone, with every figure a link to how it was worked out, and [`style_sheet`] and [`sprite`]
//! what such a page needs once. Nothing that is drawn has a style or a script of its own.

mod figure;
#[cfg(test)]
mod fragment_tests;
mod ink;
mod table;
#[cfg(test)]
mod tests;
mod write;

use crate::packs::document::{
    Block, Document, Drawing, Heading, List, Orientation, Paragraph, ParagraphStyle, RunStyle, Status, Text,
    Tile,
};
pub use ink::class_of;
use ink::{icon, palette};
use write::Page;

/// What a page of the web service adds to the pack's own style: figures as links, and sparklines.
const PAGES_STYLE: &str = include_str!("../../report-templates/board-pack/pages.css");

/// Where the links of a fragment lead.
#[derive(Clone, Copy)]
pub struct Links<'l> {
    /// What stands before a figure's id in the address of its explanation.
    pub figures: &'l str,
    /// The address of what has this id, a heading, a table or a chart of the document; `#id` where it
    /// stands on the same page.
    pub reference: &'l dyn Fn(&str) -> String,
}

/// Draws blocks of a document as they stand, for a page that has [`style_sheet`] and [`sprite`].
///
/// `class="figure"` is on the link of each figure. What the fragment numbers of its own is numbered
/// from 1: a page that holds several fragments has a callout in one of them at most.
pub fn fragment(content: &[Block], links: Links<'_>) -> String {
    let mut page = Page::linking(length_of(content), links);
    blocks(&mut page, content, content);
    page.finish()
}

/// A drawing of its own, such as a sparkline in a cell, with what it shows in words.
pub fn drawing(drawing: &Drawing, alternative: &str) -> String {
    let mut page = Page::with_capacity(400 + drawing.marks.len() * 300);
    figure::inline(&mut page, drawing, alternative);
    page.finish()
}

/// The shapes of the statuses, which every page with a fragment holds once.
pub fn sprite() -> String {
    let mut page = Page::with_capacity(1_000);
    ink::sprite(&mut page);
    page.finish()
}

/// The palette and the style sheet `style` in one, for pages to link to.
pub fn style_sheet(style: &str) -> String {
    let mut page = Page::with_capacity(1_500 + style.len() + PAGES_STYLE.len());
    palette(&mut page);
    page.raw(style);
    page.raw(PAGES_STYLE);
    page.finish()
}

/// Draws the whole page in the style sheet `style`. The same document always gives the same bytes.
pub fn draw(document: &Document, style: &str) -> String {
    let mut page = Page::with_capacity(style.len() + 6_000 + length_of(&document.blocks));
    head(&mut page, document, style);
    page.raw(
        "<a class=\"skip\" href=\"#_main\">Skip to the main content</a>\n<header class=\"head\"><div><p>",
    );
    page.text(&document.running_head);
    page.raw("</p>");
    for words in [&document.running_date, &document.standing_note] {
        paragraph_if_any(&mut page, words);
    }
    page.raw("</div></header>\n<main id=\"_main\">\n");
    body(&mut page, document);
    page.raw("</main>\n<footer class=\"foot\"><div>");
    for words in [&document.reference, &document.standing_note] {
        paragraph_if_any(&mut page, words);
    }
    page.raw("</div></footer>\n</body>\n</html>\n");
    page.finish()
}

fn paragraph_if_any(page: &mut Page, words: &str) {
    if !words.is_empty() {
        page.raw("<p>");
        page.text(words);
        page.raw("</p>");
    }
}

fn head(page: &mut Page, document: &Document, style: &str) {
    page.raw("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.text(&document.title);
    page.raw("</title>\n");
    for (name, words) in [("author", &document.author), ("description", &document.subject)] {
        if !words.is_empty() {
            page.raw("<meta name=\"");
            page.raw(name);
            page.raw("\" content=\"");
            page.attribute(words);
            page.raw("\">\n");
        }
    }
    page.raw("<style>\n");
    palette(page);
    page.raw(style);
    page.raw("</style>\n</head>\n<body>\n");
    ink::sprite(page);
}

/// The cover, what stands before the contents, then the contents beside the rest.
fn body(page: &mut Page, document: &Document) {
    let (cover, rest) = document.blocks.split_at(cover_length(&document.blocks));
    if cover.is_empty() {
        page.raw("<div class=\"cover\"><h1>");
        page.text(&document.title);
        page.raw("</h1></div>\n");
    } else {
        page.raw("<div class=\"cover\">\n");
        blocks(page, &document.blocks, cover);
        page.raw("</div>\n");
    }
    match rest.iter().position(|block| matches!(block, Block::Contents { .. })) {
        Some(at) => {
            pages(page, &document.blocks, &rest[..at], "front");
            page.raw("<div class=\"beside\">\n");
            block(page, &document.blocks, &rest[at]);
            pages(page, &document.blocks, &rest[at + 1..], "words");
            page.raw("</div>\n");
        }
        None => pages(page, &document.blocks, rest, "plain"),
    }
}

/// The cover runs from a heading of level 1 near the start to the next heading, page or contents.
fn cover_length(blocks: &[Block]) -> usize {
    let mut titled = false;
    for (at, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading(heading) if heading.level == 1 && !titled => titled = true,
            Block::Heading(_) | Block::PageBreak(_) | Block::Paper(_) | Block::Contents { .. } => {
                return if titled { at } else { 0 };
            }
            Block::Paragraph(_)
            | Block::List(_)
            | Block::Tiles(_)
            | Block::Table(_)
            | Block::Figure(_)
            | Block::FigureGrid(_)
            | Block::Callout { .. }
            | Block::Definitions(_) => {}
        }
    }
    if titled { blocks.len() } else { 0 }
}

/// Blocks in their printed pages, which matter on paper alone.
fn pages(page: &mut Page, whole: &[Block], content: &[Block], class: &str) {
    if content.iter().all(|block| matches!(block, Block::PageBreak(_) | Block::Paper(_))) {
        return;
    }
    page.raw("<div class=\"");
    page.raw(class);
    page.raw("\">\n<div class=\"pg\">");
    let mut paper = Orientation::Portrait;
    for part in content {
        let turned = match part {
            Block::PageBreak(orientation) => Some(*orientation),
            Block::Paper(orientation) => Some(*orientation).filter(|orientation| *orientation != paper),
            Block::Heading(_)
            | Block::Paragraph(_)
            | Block::List(_)
            | Block::Tiles(_)
            | Block::Table(_)
            | Block::Figure(_)
            | Block::FigureGrid(_)
            | Block::Callout { .. }
            | Block::Definitions(_)
            | Block::Contents { .. } => None,
        };
        if let Some(orientation) = turned {
            paper = orientation;
            page.raw(match orientation {
                Orientation::Portrait => "</div>\n<div class=\"pg\">",
                Orientation::Landscape => "</div>\n<div class=\"pg broad\">",
            });
        }
        block(page, whole, part);
    }
    page.raw("</div>\n</div>\n");
}

/// Some of the blocks of the `whole`.
fn blocks(page: &mut Page, whole: &[Block], content: &[Block]) {
    for part in content {
        block(page, whole, part);
    }
}

fn block(page: &mut Page, whole: &[Block], block: &Block) {
    match block {
        Block::Heading(of) => heading(page, of),
        Block::Paragraph(of) => paragraph(page, of),
        Block::List(of) => list(page, of),
        Block::Tiles(of) => tiles(page, of),
        Block::Table(of) => table::draw(page, of),
        Block::Figure(of) => figure::draw(page, of),
        Block::FigureGrid(figures) => {
            page.raw("<div class=\"grid\">\n");
            figures.iter().for_each(|of| figure::draw(page, of));
            page.raw("</div>\n");
        }
        Block::Callout { title, blocks: inside } => {
            let number = page.next_number();
            page.raw("<div class=\"apart\" role=\"group\" aria-labelledby=\"apart_");
            page.number(number);
            page.raw("\">\n<p class=\"name\" id=\"apart_");
            page.number(number);
            page.raw("\">");
            text(page, title);
            page.raw("</p>\n");
            blocks(page, whole, inside);
            page.raw("</div>\n");
        }
        Block::Definitions(pairs) => {
            page.raw("<dl class=\"facts\">\n");
            for (name, what) in pairs {
                page.raw("<div><dt>");
                text(page, name);
                page.raw("</dt><dd>");
                text(page, what);
                page.raw("</dd></div>\n");
            }
            page.raw("</dl>\n");
        }
        Block::Contents { title } => contents(page, whole, title),
        Block::PageBreak(_) | Block::Paper(_) => {}
    }
}

fn heading(page: &mut Page, heading: &Heading) {
    let level = ["1", "2", "3"][usize::from(heading.level.clamp(1, 3)) - 1];
    page.raw("<h");
    page.raw(level);
    page.raw(" id=\"");
    page.attribute(&heading.id);
    page.raw("\">");
    text(page, &heading.text);
    page.raw("</h");
    page.raw(level);
    page.raw(">\n");
}

fn paragraph(page: &mut Page, paragraph: &Paragraph) {
    page.raw(match paragraph.style {
        ParagraphStyle::Body => "<p>",
        ParagraphStyle::Lead => "<p class=\"lead\">",
        ParagraphStyle::Note => "<p class=\"note\">",
        ParagraphStyle::Kicker => "<p class=\"kicker\">",
    });
    text(page, &paragraph.text);
    page.raw("</p>\n");
}

fn list(page: &mut Page, list: &List) {
    page.raw(if list.ordered { "<ol>\n" } else { "<ul>\n" });
    for item in &list.items {
        page.raw("<li>");
        text(page, item);
        page.raw("</li>\n");
    }
    page.raw(if list.ordered { "</ol>\n" } else { "</ul>\n" });
}

/// A tile's status is said in full, unless its value or note says it already.
fn tiles(page: &mut Page, tiles: &[Tile]) {
    page.raw("<dl class=\"tiles\">\n");
    for tile in tiles {
        page.raw("<div");
        if let Some(status) = tile.status {
            page.raw(" class=\"");
            page.raw(class_of(status.ink()));
            page.raw("\"");
        }
        page.raw("><dt>");
        page.text(&tile.label);
        page.raw("</dt><dd class=\"big\">");
        let says_status = |status: &Status| status.word() == tile.value;
        if let Some(status) = tile.status.filter(says_status) {
            icon(page, status);
        }
        figure_link(page, tile.figure.as_deref());
        page.text(&tile.value);
        figure_link_end(page, tile.figure.as_deref());
        page.raw("</dd>");
        if let Some(status) = tile.status.filter(|status| !says_status(status)) {
            page.raw("<dd class=\"st say\">");
            icon(page, status);
            page.raw(status.word());
            page.raw("</dd>");
        }
        if !tile.note.is_empty() && tile.status.is_none_or(|status| status.word() != tile.note) {
            page.raw("<dd>");
            page.text(&tile.note);
            page.raw("</dd>");
        }
        page.raw("</div>\n");
    }
    page.raw("</dl>\n");
}

/// Opens the link of a figure to its explanation, where the page has such links.
fn figure_link(page: &mut Page, figure: Option<&str>) {
    if let (Some(links), Some(id)) = (page.links(), figure) {
        page.raw("<a class=\"figure\" href=\"");
        page.attribute(links.figures);
        page.attribute(id);
        page.raw("\">");
    }
}

fn figure_link_end(page: &mut Page, figure: Option<&str>) {
    if page.links().is_some() && figure.is_some() {
        page.raw("</a>");
    }
}

/// Links to the headings of level 1 and 2 that follow.
fn contents(page: &mut Page, whole: &[Block], title: &str) {
    let number = page.next_number();
    page.raw("<nav aria-labelledby=\"contents_");
    page.number(number);
    page.raw("\">\n<p id=\"contents_");
    page.number(number);
    page.raw("\">");
    page.text(title);
    page.raw("</p>\n<ul>\n");
    let is_contents = |block: &Block| matches!(block, Block::Contents { .. });
    let after = whole.iter().position(is_contents).map_or(0, |at| at + 1);
    let listed = whole[after..].iter().filter_map(Block::heading).filter(|heading| heading.level <= 2);
    let highest = listed.clone().map(|heading| heading.level).min().unwrap_or(1);
    for heading in listed {
        page.raw(if heading.level > highest { "<li class=\"two\"><a href=\"#" } else { "<li><a href=\"#" });
        page.attribute(&heading.id);
        page.raw("\">");
        for run in &heading.text.0 {
            page.text(&run.text);
        }
        page.raw("</a></li>\n");
    }
    page.raw("</ul>\n</nav>\n");
}

fn text(page: &mut Page, text: &Text) {
    for run in &text.0 {
        match &run.style {
            RunStyle::Plain => page.text(&run.text),
            RunStyle::Strong => {
                page.raw("<strong>");
                page.text(&run.text);
                page.raw("</strong>");
            }
            RunStyle::Emphasis => {
                page.raw("<em>");
                page.text(&run.text);
                page.raw("</em>");
            }
            RunStyle::Reference(id) => {
                page.raw("<a href=\"");
                match page.links() {
                    None => {
                        page.raw("#");
                        page.attribute(id);
                    }
                    Some(links) => page.attribute(&(links.reference)(id)),
                }
                page.raw("\">");
                page.text(&run.text);
                page.raw("</a>");
            }
            RunStyle::Status(status) => {
                page.raw("<span class=\"st ");
                page.raw(class_of(status.ink()));
                page.raw("\">");
                icon(page, *status);
                page.text(&run.text);
                page.raw("</span>");
            }
        }
    }
}

/// A generous guess at the length of the page, so that the string seldom grows.
fn length_of(blocks: &[Block]) -> usize {
    blocks
        .iter()
        .map(|block| match block {
            Block::Table(of) => table::length(of),
            Block::Figure(of) => figure::length(of),
            Block::FigureGrid(figures) => figures.iter().map(figure::length).sum(),
            Block::Callout { blocks, .. } => 400 + length_of(blocks),
            Block::Tiles(tiles) => tiles.len() * 320,
            Block::List(list) => 400 * list.items.len(),
            Block::Definitions(pairs) => 300 * pairs.len(),
            Block::Contents { .. } => 3_000,
            Block::Heading(_) | Block::Paragraph(_) | Block::PageBreak(_) | Block::Paper(_) => 500,
        })
        .sum()
}
