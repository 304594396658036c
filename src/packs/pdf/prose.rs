//! Headings, paragraphs, lists, definitions, callouts and the contents page.

use super::{
    super::document::{Block, Heading, Ink, List, Paragraph, ParagraphStyle, Run, RunStyle, Status, Text},
    fonts::Face,
    layout::Flow,
    measure::{Broken, Ems, Piece, Span, points},
    page::{Bookmark, Link, Mark, Owner},
    tree::{ElementId, Role},
};

/// The room of a status's shape before its words, in thousandths of the type size.
pub const SIGN_ROOM: Ems = 1000;

/// How a paragraph is set.
#[derive(Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub leading: f32,
    pub face: Face,
    pub ink: Ink,
}

pub const BODY: Style = Style { size: 9.5, leading: 13.6, face: Face::Regular, ink: Ink::Text };
const LEAD: Style = Style { size: 12.5, leading: 17.5, face: Face::Regular, ink: Ink::Accent };
pub const NOTE: Style = Style { size: 7.8, leading: 10.8, face: Face::Regular, ink: Ink::Muted };
const KICKER: Style = Style { size: 10.0, leading: 14.0, face: Face::Bold, ink: Ink::Muted };
const COVER_TITLE: Style = Style { size: 27.0, leading: 34.0, face: Face::Bold, ink: Ink::Accent };
const HEADINGS: [Style; 3] = [
    Style { size: 19.0, leading: 24.0, face: Face::Bold, ink: Ink::Accent },
    Style { size: 13.0, leading: 17.5, face: Face::Bold, ink: Ink::Accent },
    Style { size: 10.5, leading: 14.5, face: Face::Bold, ink: Ink::Text },
];

/// A run set and ready to be broken into lines.
struct SetRun<'a> {
    run: &'a Run,
    owner: Owner,
}

/// A page number in the contents that is not known yet.
pub struct Awaited<'a> {
    pub page: usize,
    pub right: f32,
    pub y: f32,
    pub style: Style,
    pub element: ElementId,
    pub target: &'a str,
}

pub fn heading<'a>(flow: &mut Flow<'a>, heading: &'a Heading) {
    let level = heading.level.clamp(1, 3).min(flow.level + 1);
    let cover = flow.level == 0;
    flow.level = level;
    let style = if cover { COVER_TITLE } else { HEADINGS[usize::from(level) - 1] };
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
    flow.y += after;
}

pub fn paragraph<'a>(flow: &mut Flow<'a>, paragraph: &'a Paragraph) {
    let (style, before, after) = match paragraph.style {
        ParagraphStyle::Body => (BODY, 0.0, 7.0),
        ParagraphStyle::Lead => (LEAD, 2.0, 10.0),
        ParagraphStyle::Note => (NOTE, 0.0, 6.0),
        ParagraphStyle::Kicker => (KICKER, 0.0, 4.0),
    };
    let kicker = paragraph.style == ParagraphStyle::Kicker;
    flow.gap(before);
    if kicker {
        flow.keep();
    }
    let element = flow.add(Role::Paragraph);
    flowing(flow, &paragraph.text, style, element);
    // A line above a title stays with the title.
    if !kicker {
        flow.release();
    }
    flow.y += after;
}

pub fn list<'a>(flow: &mut Flow<'a>, list: &'a List) {
    let parent = flow.parent;
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
        let (broken, runs) = set_text(flow, item, BODY, body, flow.width);
        let least = broken.lines.min(2);
        flow.ensure(least as f32 * BODY.leading);
        let y = flow.y + baseline(BODY);
        let ink = if list.ordered { BODY.ink } else { Ink::Accent };
        flow.put(Owner::Element(label), text_mark(left + 1.0, y, Style { ink, ..BODY }, span));
        flow_lines(flow, &broken, &runs, BODY);
        flow.left = left;
        flow.width = width;
        flow.y += 3.0;
        flow.release();
    }
    flow.parent = parent;
    flow.y += 5.0;
}

pub fn definitions<'a>(flow: &mut Flow<'a>, pairs: &'a [(Text, Text)]) {
    let parent = flow.parent;
    let whole = flow.add(Role::List { ordered: false });
    let (left, width) = (flow.left, flow.width);
    let term_width = (width * 0.28).max(90.0);
    for (term, meaning) in pairs {
        flow.parent = flow.tree.add(whole, Role::ListItem);
        let label = flow.add(Role::Label);
        let body = flow.add(Role::ListBody);
        let term_style = Style { face: Face::Bold, ..BODY };
        let (term_lines, term_runs) = set_text(flow, term, term_style, label, term_width - 12.0);
        let (lines, runs) = set_text(flow, meaning, BODY, body, width - term_width);
        let height = term_lines.lines.max(lines.lines) as f32 * BODY.leading + 7.0;
        flow.ensure(height.min(flow.page_height()));
        let top = flow.y;
        flow.put(Owner::Layout, Mark::Rule { x: left, to: left + width, y: top, width: 0.4, ink: Ink::Rule });
        flow.y = top + 3.0;
        place_lines(flow, &term_lines, &term_runs, term_style, 0..term_lines.lines);
        flow.y = top + 3.0;
        flow.left = left + term_width;
        flow.width = width - term_width;
        flow_lines(flow, &lines, &runs, BODY);
        flow.left = left;
        flow.width = width;
        flow.y = flow.y.max(if flow.y > top { top + height } else { flow.y });
        flow.release();
    }
    flow.parent = parent;
    flow.y += 10.0;
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
    flow.y += 12.0;
}

pub fn contents<'a>(flow: &mut Flow<'a>, title: &'a str) {
    let parent = flow.parent;
    if !title.is_empty() {
        flow.gap(10.0);
        flow.keep();
        let style = HEADINGS[1];
        let element = flow.add(Role::Paragraph);
        let span = flow.setting.set(title);
        flow.ensure(style.leading);
        let mark = text_mark(flow.left, flow.y + baseline(style), style, span);
        flow.put(Owner::Element(element), mark);
        flow.y += style.leading + 4.0;
    }
    let whole = flow.add(Role::Contents);
    let headings = flow.document.blocks.iter().filter_map(|block| match block {
        Block::Heading(heading) if heading.level <= 2 => Some(heading),
        _ => None,
    });
    for heading in headings.skip(1) {
        let main = heading.level == 1;
        let style = Style { face: if main { Face::Bold } else { Face::Regular }, ..BODY };
        let indent = if main { 0.0 } else { 14.0 };
        let item = flow.tree.add(whole, Role::ContentsItem);
        let reference = flow.tree.add(item, Role::Reference);
        let element = flow.tree.add(reference, Role::Link);
        let height = style.leading + if main { 3.0 } else { 0.0 };
        flow.ensure(height);
        let span = flow.setting.set(&heading.text.words());
        let (x, right) = (flow.left + indent, flow.left + flow.width);
        let y = flow.y + height - style.leading + baseline(style);
        let lines = flow.setting.break_plain(span, style.face, ((right - x - 40.0) * 1000.0 / style.size) as Ems);
        let span = lines.first().copied().unwrap_or(span);
        let end = x + points(flow.setting.width(span, style.face), style.size);
        flow.put(Owner::Element(element), text_mark(x, y, style, span));
        flow.put(Owner::Layout, Mark::Leader { x: end + 6.0, to: right - 24.0, y: y - 1.0, ink: Ink::Muted });
        flow.link(Link {
            element,
            target: &heading.id,
            words: title_of(heading),
            x,
            y: y - baseline(style),
            width: right - x,
            height: style.leading,
        });
        let page = flow.pages.len() - 1;
        flow.awaited.push(Awaited { page, right, y, style, element, target: &heading.id });
        flow.y += height;
        flow.release();
    }
    flow.parent = parent;
    flow.y += 10.0;
}

/// Writes the page numbers of the contents, now that every heading has its page.
pub fn fill_contents(flow: &mut Flow<'_>) {
    for awaited in std::mem::take(&mut flow.awaited) {
        let on = |page: &super::page::Page<'_>| page.anchors.iter().any(|anchor| anchor.id == awaited.target);
        let number = flow.pages.iter().position(on).map_or(1, |at| at + 1);
        let span = flow.setting.set(&format!(" {number}"));
        let x = awaited.right - points(flow.setting.width(span, awaited.style.face), awaited.style.size);
        let placed = super::page::Placed {
            owner: Owner::Element(awaited.element),
            mark: text_mark(x, awaited.y, awaited.style, span),
        };
        flow.pages[awaited.page].marks.push(placed);
    }
}

pub fn text_mark<'a>(x: f32, y: f32, style: Style, span: Span) -> Mark<'a> {
    Mark::Text { x, y, face: style.face, size: style.size, ink: style.ink, span }
}

/// From the top of a line to its baseline.
pub fn baseline(style: Style) -> f32 {
    (style.leading - style.size) / 2.0 + style.size * 0.86
}

/// Sets a text in lines of the flow's width, over as many pages as it needs.
fn flowing<'a>(flow: &mut Flow<'a>, text: &'a Text, style: Style, element: ElementId) {
    let (broken, runs) = set_text(flow, text, style, element, flow.width);
    flow_lines(flow, &broken, &runs, style);
}

/// Puts lines down, at least two on each side of a page's end.
fn flow_lines<'a>(flow: &mut Flow<'a>, broken: &Broken, runs: &[SetRun<'a>], style: Style) {
    let mut from = 0;
    while from < broken.lines {
        let left = broken.lines - from;
        let room = ((flow.floor() - flow.y + 0.05) / style.leading).max(0.0) as u32;
        let here = split(left, room);
        if here == 0 && !flow.at_top() {
            flow.next_page();
            if !flow.fits(style.leading) {
                flow.release();
            }
            continue;
        }
        let here = here.max(1);
        place_lines(flow, broken, runs, style, from..from + here);
        from += here;
        if from < broken.lines {
            flow.release();
            flow.next_page();
        }
    }
}

/// How many of the lines left go on a page with room for so many: never one alone on either side.
fn split(left: u32, room: u32) -> u32 {
    if left <= room {
        return left;
    }
    let here = if left - room == 1 { room.saturating_sub(1) } else { room };
    if here < 2 { 0 } else { here }
}

/// Sets the runs of a text, with an element for each part that has a role of its own.
fn set_text<'a>(
    flow: &mut Flow<'a>,
    text: &'a Text,
    style: Style,
    element: ElementId,
    width: f32,
) -> (Broken, Vec<SetRun<'a>>) {
    let mixed = text.0.len() > 1
        && text.0.iter().any(|run| matches!(run.style, RunStyle::Reference(_) | RunStyle::Status(_)));
    let mut pieces = Vec::with_capacity(text.0.len());
    let mut runs = Vec::with_capacity(text.0.len());
    for run in &text.0 {
        let (face, lead, role) = match &run.style {
            RunStyle::Plain => (style.face, 0, Role::Span),
            RunStyle::Strong => (Face::Bold, 0, Role::Span),
            RunStyle::Emphasis => (if style.face == Face::Bold { Face::Bold } else { Face::Italic }, 0, Role::Span),
            RunStyle::Reference(_) => (style.face, 0, Role::Link),
            RunStyle::Status(_) => (Face::Bold, SIGN_ROOM, Role::Span),
        };
        let own = match role {
            Role::Link => flow.tree.add(element, role),
            _ if mixed => flow.tree.add(element, role),
            _ => element,
        };
        let span = flow.setting.set(&run.text);
        pieces.push(Piece { span, face, lead });
        runs.push(SetRun { run, owner: Owner::Element(own) });
    }
    let broken = flow.setting.break_lines(&pieces, (width * 1000.0 / style.size) as Ems);
    (broken, runs)
}

/// Puts down some of the lines from the flow's place and moves it below them.
fn place_lines<'a>(
    flow: &mut Flow<'a>,
    broken: &Broken,
    runs: &[SetRun<'a>],
    style: Style,
    lines: std::ops::Range<u32>,
) {
    let top = flow.y;
    for segment in broken.segments.iter().filter(|segment| lines.contains(&segment.line)) {
        let SetRun { run, owner } = &runs[segment.piece as usize];
        let line_top = top + (segment.line - lines.start) as f32 * style.leading;
        let y = line_top + baseline(style);
        let x = flow.left + points(segment.offset, style.size);
        let (face, ink) = match &run.style {
            RunStyle::Plain => (style.face, style.ink),
            RunStyle::Strong => (Face::Bold, style.ink),
            RunStyle::Emphasis => (if style.face == Face::Bold { Face::Bold } else { Face::Italic }, style.ink),
            RunStyle::Reference(_) => (style.face, Ink::Accent),
            RunStyle::Status(status) => (Face::Bold, status.ink()),
        };
        if let RunStyle::Status(status) = run.style
            && segment.offset >= SIGN_ROOM
        {
            inline_sign(flow, *owner, status, &run.text, x - points(SIGN_ROOM, style.size), y, style.size);
        }
        flow.put(*owner, Mark::Text { x, y, face, size: style.size, ink, span: segment.span });
        if let RunStyle::Reference(target) = &run.style {
            let width = points(segment.width, style.size);
            flow.put(Owner::Layout, Mark::Rule { x, to: x + width, y: y + 1.4, width: 0.4, ink: Ink::Accent });
            if let Owner::Element(element) = *owner {
                let height = style.leading;
                flow.link(Link { element, target, words: &run.text, x, y: line_top, width, height });
            }
        }
    }
    flow.y = top + (lines.end - lines.start) as f32 * style.leading;
}

/// A status's shape in a line: decoration where its word follows, otherwise it stands for the word.
fn inline_sign(flow: &mut Flow<'_>, owner: Owner, status: Status, words: &str, x: f32, y: f32, size: f32) {
    let owner = match owner {
        Owner::Element(element) if words.trim() != status.word() => {
            Owner::Element(flow.tree.add(element, Role::Sign(status)))
        }
        Owner::Element(_) | Owner::Layout | Owner::Header | Owner::Footer => Owner::Layout,
    };
    flow.put(owner, Mark::Sign { x, y, size, status });
}

fn title_of(heading: &Heading) -> &str {
    heading.text.0.first().map_or("", |run| run.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_paragraph_stands_alone_at_the_end_or_the_head_of_a_page() {
        // Five lines and room for four: three here, two there.
        assert_eq!(split(5, 4), 3);
        // Five lines and room for one: all go over.
        assert_eq!(split(5, 1), 0);
        // Three lines and room for two: two there would leave one here, so all go over.
        assert_eq!(split(3, 2), 0);
        assert_eq!(split(4, 4), 4);
        assert_eq!(split(9, 5), 5);
    }
}
