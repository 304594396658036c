//! Headings, paragraphs, lists, definitions and callouts.

use super::{
    super::document::{Block, Heading, Ink, List, Paragraph, ParagraphStyle, Text},
    fonts::Face,
    layout::Flow,
    lines::{Style, baseline, flow_lines, flowing, place_lines, set_text, text_mark},
    page::{Bookmark, Mark, Owner},
    tree::Role,
};

pub const BODY: Style = Style { size: 9.5, leading: 13.6, face: Face::Regular, ink: Ink::Text };
const LEAD: Style = Style { size: 12.5, leading: 17.5, face: Face::Regular, ink: Ink::Accent };
pub const NOTE: Style = Style { size: 7.8, leading: 10.8, face: Face::Regular, ink: Ink::Muted };
const KICKER: Style = Style { size: 10.0, leading: 14.0, face: Face::Bold, ink: Ink::Muted };
const COVER_TITLE: Style = Style { size: 27.0, leading: 34.0, face: Face::Bold, ink: Ink::Accent };
pub const HEADINGS: [Style; 3] = [
    Style { size: 19.0, leading: 24.0, face: Face::Bold, ink: Ink::Accent },
    Style { size: 13.0, leading: 17.5, face: Face::Bold, ink: Ink::Accent },
    Style { size: 10.5, leading: 14.5, face: Face::Bold, ink: Ink::Text },
];

pub fn heading<'a>(flow: &mut Flow<'a>, heading: &'a Heading) {
    let level = heading.level.clamp(1, 3).min(flow.level + 1);
    let cover = flow.level == 0;
    flow.level = level;
    let style = flow.spaced(if cover { COVER_TITLE } else { HEADINGS[usize::from(level) - 1] });
    let [before, after] = match level {
        1 if cover => [6.0, 14.0],
        1 => [26.0, 9.0],
        2 => [18.0, 6.0],
        _ => [12.0, 4.0],
    };
    flow.gap(before);
    flow.keep();
    if level == 1 && !cover {
        flow.ensure(80.0);
        let (x, y) = (flow.left, flow.y);
        flow.put(Owner::Layout, Mark::Fill { x, y, width: 34.0, height: 3.0, ink: Ink::Accent });
        flow.y += 9.0;
    }
    let element = flow.add(Role::Heading(level));
    let bookmark = flow.bookmarks.len();
    flow.bookmarks.push(Bookmark { level, title: heading.text.words() });
    let (broken, runs) = set_text(flow, &heading.text, style, element, flow.width);
    flow.ensure(broken.lines as f32 * style.leading);
    flow.anchor(&heading.id, Some(bookmark));
    place_lines(flow, &broken, &runs, style, 0..broken.lines);
    flow.after(after);
}

/// Places a paragraph; a few lines under a heading stay with the table or chart that they lead to.
pub fn paragraph<'a>(flow: &mut Flow<'a>, paragraph: &'a Paragraph, leads: bool) {
    let (style, before, after) = match paragraph.style {
        ParagraphStyle::Body => (BODY, 0.0, 7.0),
        ParagraphStyle::Lead => (LEAD, 2.0, 10.0),
        ParagraphStyle::Note => (NOTE, 0.0, 6.0),
        ParagraphStyle::Kicker => (KICKER, 0.0, 4.0),
    };
    let style = flow.spaced(style);
    let kicker = paragraph.style == ParagraphStyle::Kicker;
    flow.gap(before);
    if kicker {
        flow.keep();
    }
    let element = flow.add(Role::Paragraph);
    let (broken, runs) = set_text(flow, &paragraph.text, style, element, flow.width);
    let stays = leads && flow.leading(broken.lines as f32 * style.leading);
    flow_lines(flow, &broken, &runs, style);
    // A line above a title stays with the title.
    if !(kicker || stays) {
        flow.release();
    }
    flow.after(after);
}

/// Places a list; a short one under a heading stays with the table or chart that it leads to.
pub fn list<'a>(flow: &mut Flow<'a>, list: &'a List, leads: bool) {
    let parent = flow.parent;
    let style = flow.spaced(BODY);
    let whole = flow.add(Role::List { ordered: list.ordered });
    let indent = if list.ordered { 18.0 } else { 12.0 };
    for (at, item) in list.items.iter().enumerate() {
        flow.parent = flow.tree.add(whole, Role::ListItem);
        let label = flow.add(Role::Label);
        let body = flow.add(Role::ListBody);
        let words = if list.ordered { format!("{}. ", at + 1) } else { "• ".to_owned() };
        let span = flow.setting.set(&words);
        let (left, width) = (flow.left, flow.width);
        flow.left += indent;
        flow.width -= indent;
        let (broken, runs) = set_text(flow, item, style, body, flow.width);
        let stays = leads && flow.leading(broken.lines as f32 * style.leading);
        flow.ensure(broken.lines.min(2) as f32 * style.leading);
        let y = flow.y + baseline(style);
        let ink = if list.ordered { style.ink } else { Ink::Accent };
        flow.put(Owner::Element(label), text_mark(left + 1.0, y, Style { ink, ..style }, span));
        flow_lines(flow, &broken, &runs, style);
        flow.left = left;
        flow.width = width;
        flow.after(3.0);
        if !stays {
            flow.release();
        }
    }
    flow.parent = parent;
    flow.after(5.0);
}

/// Definitions that take no more of a page than this stand on one page.
const MOST_TOGETHER: f32 = 0.35;

pub fn definitions<'a>(flow: &mut Flow<'a>, pairs: &'a [(Text, Text)]) {
    let parent = flow.parent;
    let style = flow.spaced(BODY);
    let whole = flow.add(Role::List { ordered: false });
    let (left, width) = (flow.left, flow.width);
    let term_width = (width * 0.28).max(90.0);
    let term_style = Style { face: Face::Bold, ..style };
    let mut set = Vec::with_capacity(pairs.len());
    for (term, meaning) in pairs {
        flow.parent = flow.tree.add(whole, Role::ListItem);
        let label = flow.add(Role::Label);
        let body = flow.add(Role::ListBody);
        let (term_lines, term_runs) = set_text(flow, term, term_style, label, term_width - 12.0);
        let (lines, runs) = set_text(flow, meaning, style, body, width - term_width);
        let height = term_lines.lines.max(lines.lines) as f32 * style.leading + 7.0;
        set.push((flow.parent, height, term_lines, term_runs, lines, runs));
    }
    // A few facts belong together, such as a cause and its action.
    let heights: f32 = set.iter().map(|(_, height, ..)| height).sum();
    if heights < flow.page_height() * MOST_TOGETHER {
        flow.ensure(heights);
    }
    for (item, height, term_lines, term_runs, lines, runs) in set {
        flow.parent = item;
        flow.ensure(height.min(flow.page_height()));
        let (top, page) = (flow.y, flow.pages.len());
        flow.put(Owner::Layout, Mark::Rule { x: left, to: left + width, y: top, width: 0.4, ink: Ink::Rule });
        flow.y = top + 3.0;
        place_lines(flow, &term_lines, &term_runs, term_style, 0..term_lines.lines);
        flow.y = top + 3.0;
        flow.left = left + term_width;
        flow.width = width - term_width;
        flow_lines(flow, &lines, &runs, style);
        flow.left = left;
        flow.width = width;
        if flow.pages.len() == page {
            flow.y = flow.y.max(top + height);
        }
        flow.release();
    }
    flow.parent = parent;
    flow.after(10.0);
}

pub fn callout<'a>(flow: &mut Flow<'a>, title: &'a Text, blocks: &'a [Block]) {
    const PAD: f32 = 12.0;
    flow.gap(4.0);
    flow.keep();
    let (left, width, parent) = (flow.left, flow.width, flow.parent);
    let fill = Mark::Fill { x: left, y: 0.0, width, height: 0.0, ink: Ink::Band };
    let bar = Mark::Fill { x: left, y: 0.0, width: 3.0, height: 0.0, ink: Ink::Accent };
    flow.open_band([fill, bar]);
    flow.y += 9.0;
    flow.left += PAD;
    flow.width -= 2.0 * PAD;
    flow.parent = flow.add(Role::Division);
    if !title.0.is_empty() {
        let style = Style { size: 10.5, leading: 15.0, face: Face::Bold, ink: Ink::Accent };
        let element = flow.add(Role::Paragraph);
        flowing(flow, title, style, element);
        flow.y += 2.0;
    }
    flow.blocks(blocks);
    flow.y += 3.0;
    flow.close_band();
    flow.release();
    flow.left = left;
    flow.width = width;
    flow.parent = parent;
    flow.after(12.0);
}
