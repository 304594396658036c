//! Text in lines: runs of one style each, set, broken and placed over as many pages as they need.

use std::borrow::Cow;

use super::{
    super::document::{Ink, RunStyle, Status, Text},
    fonts::Face,
    layout::Flow,
    measure::{Broken, Ems, Piece, Span, points},
    page::{Link, Mark, Owner},
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

/// A run set and ready to be broken into lines.
pub struct SetRun<'a> {
    style: &'a RunStyle,
    words: &'a str,
    owner: Owner,
}

pub fn text_mark<'a>(x: f32, y: f32, style: Style, span: Span) -> Mark<'a> {
    Mark::Text { x, y, face: style.face, size: style.size, ink: style.ink, span }
}

/// From the top of a line to its baseline.
pub fn baseline(style: Style) -> f32 {
    (style.leading - style.size) / 2.0 + style.size * 0.86
}

/// Sets a text in lines of the flow's width, over as many pages as it needs.
pub fn flowing<'a>(flow: &mut Flow<'a>, text: &'a Text, style: Style, element: ElementId) {
    let (broken, runs) = set_text(flow, text, style, element, flow.width);
    flow_lines(flow, &broken, &runs, style);
}

/// Puts lines down, at least two on each side of a page's end.
pub fn flow_lines<'a>(flow: &mut Flow<'a>, broken: &Broken, runs: &[SetRun<'a>], style: Style) {
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
pub fn set_text<'a>(
    flow: &mut Flow<'a>,
    text: &'a Text,
    style: Style,
    element: ElementId,
    width: f32,
) -> (Broken, Vec<SetRun<'a>>) {
    set_text_and(flow, text, "", style, element, width)
}

/// Sets the runs of a text and some plain words after them.
pub fn set_text_and<'a>(
    flow: &mut Flow<'a>,
    text: &'a Text,
    further: &str,
    style: Style,
    element: ElementId,
    width: f32,
) -> (Broken, Vec<SetRun<'a>>) {
    let mixed = text.0.len() + usize::from(!further.is_empty()) > 1
        && text.0.iter().any(|run| {
            matches!(flow.leads_somewhere(&run.style), RunStyle::Reference(_) | RunStyle::Status(_))
        });
    let own = text.0.iter().map(|run| (run.text.as_str(), &run.style, run.text.as_str()));
    let further = (!further.is_empty()).then_some((further, &RunStyle::Plain, ""));
    let mut pieces = Vec::with_capacity(text.0.len());
    let mut runs = Vec::with_capacity(text.0.len());
    for (all, run, words) in own.chain(further) {
        let run = flow.leads_somewhere(run);
        let span = flow.setting.set(all);
        let (face, lead, role) = match run {
            RunStyle::Plain => (style.face, 0, Role::Span),
            RunStyle::Strong => (Face::Bold, 0, Role::Span),
            RunStyle::Emphasis => {
                (if style.face == Face::Bold { Face::Bold } else { Face::Italic }, 0, Role::Span)
            }
            RunStyle::Reference(_) => (style.face, 0, Role::Link),
            RunStyle::Status(_) => (Face::Bold, SIGN_ROOM, Role::Span),
        };
        let own = match role {
            Role::Link => flow.tree.add(element, role),
            _ if mixed => flow.tree.add(element, role),
            _ => element,
        };
        pieces.push(Piece { span, face, lead });
        runs.push(SetRun { style: run, words, owner: Owner::Element(own) });
    }
    let broken = flow.setting.break_lines(&pieces, (width * 1000.0 / style.size) as Ems);
    (broken, runs)
}

/// Puts down some of the lines from the flow's place and moves it below them.
pub fn place_lines<'a>(
    flow: &mut Flow<'a>,
    broken: &Broken,
    runs: &[SetRun<'a>],
    style: Style,
    lines: std::ops::Range<u32>,
) {
    let top = flow.y;
    for segment in broken.segments.iter().filter(|segment| lines.contains(&segment.line)) {
        let SetRun { style: run, words, owner } = &runs[segment.piece as usize];
        let line_top = top + (segment.line - lines.start) as f32 * style.leading;
        let y = line_top + baseline(style);
        let x = flow.left + points(segment.offset, style.size);
        let (face, ink) = match run {
            RunStyle::Plain => (style.face, style.ink),
            RunStyle::Strong => (Face::Bold, style.ink),
            RunStyle::Emphasis => {
                (if style.face == Face::Bold { Face::Bold } else { Face::Italic }, style.ink)
            }
            RunStyle::Reference(_) => (style.face, Ink::Accent),
            RunStyle::Status(status) => (Face::Bold, status.ink()),
        };
        if let RunStyle::Status(status) = run
            && segment.offset >= SIGN_ROOM
        {
            inline_sign(flow, *owner, *status, words, x - points(SIGN_ROOM, style.size), y, style.size);
        }
        flow.put(*owner, Mark::Text { x, y, face, size: style.size, ink, span: segment.span });
        if let RunStyle::Reference(target) = run {
            let width = points(segment.width, style.size);
            flow.put(
                Owner::Layout,
                Mark::Rule { x, to: x + width, y: y + 1.4, width: 0.4, ink: Ink::Accent },
            );
            if let Owner::Element(element) = *owner {
                let height = style.leading;
                flow.link(Link {
                    element,
                    target,
                    words: Cow::Borrowed(words),
                    x,
                    y: line_top,
                    width,
                    height,
                });
            }
        }
    }
    flow.y = top + (lines.end - lines.start) as f32 * style.leading;
}

/// A status's shape in a line: decoration where its word follows, otherwise it stands for the word.
fn inline_sign(flow: &mut Flow<'_>, owner: Owner, status: Status, words: &str, x: f32, y: f32, size: f32) {
    let owner = match owner {
        Owner::Element(element) if !status.is_told_by(words.trim()) => {
            Owner::Element(flow.tree.add(element, Role::Sign(status)))
        }
        Owner::Element(_) | Owner::Layout | Owner::Header | Owner::Footer => Owner::Layout,
    };
    flow.put(owner, Mark::Sign { x, y, size, status });
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
