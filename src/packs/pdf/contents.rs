//! The contents page: laid out with the rest, its page numbers written when all pages are known.

use std::{borrow::Cow, collections::HashMap};

use super::{
    super::document::{Block, Ink},
    fonts::Face,
    layout::Flow,
    lines::{Style, baseline, text_mark},
    measure::{Ems, points},
    page::{Link, Mark, Owner, Placed},
    prose::{BODY, HEADINGS},
    tree::{ElementId, Role},
};

/// A page number in the contents that is not known yet.
pub struct Awaited<'a> {
    pub page: usize,
    pub right: f32,
    pub y: f32,
    pub style: Style,
    pub element: ElementId,
    pub target: &'a str,
}

pub fn contents<'a>(flow: &mut Flow<'a>, title: &'a str) {
    let parent = flow.parent;
    if !title.is_empty() {
        flow.gap(10.0);
        flow.keep();
        let style = HEADINGS[1];
        let element = flow.add(if flow.level == 0 { Role::Paragraph } else { Role::Heading(2) });
        let span = flow.setting.set(title);
        flow.ensure(style.leading);
        let mark = text_mark(flow.left, flow.y + baseline(style), style, span);
        flow.put(Owner::Element(element), mark);
        flow.y += style.leading + 4.0;
    }
    let whole = flow.add(Role::Contents);
    // What stands before the contents is the cover.
    let before = |block: &&Block| !matches!(block, Block::Contents { .. });
    let headings = flow.document.blocks.iter().skip_while(before).filter_map(Block::heading);
    let headings = headings.filter(|heading| heading.level <= 2);
    for heading in headings {
        let main = heading.level == 1;
        let style = Style { face: if main { Face::Bold } else { Face::Regular }, ..flow.spaced(BODY) };
        let indent = if main { 0.0 } else { 14.0 };
        let item = flow.tree.add(whole, Role::ContentsItem);
        let reference = flow.tree.add(item, Role::Reference);
        let element = flow.tree.add(reference, Role::Link);
        let height = style.leading + if main { 3.0 } else { 0.0 };
        flow.ensure(height);
        let words = heading.text.words();
        let span = flow.setting.set(&words);
        let (x, right) = (flow.left + indent, flow.left + flow.width);
        let y = flow.y + height - style.leading + baseline(style);
        let lines =
            flow.setting.break_plain(span, style.face, ((right - x - 40.0) * 1000.0 / style.size) as Ems);
        let span = lines.first().copied().unwrap_or(span);
        let end = x + points(flow.setting.width(span, style.face), style.size);
        flow.put(Owner::Element(element), text_mark(x, y, style, span));
        flow.put(Owner::Layout, Mark::Leader { x: end + 6.0, to: right - 24.0, y: y - 1.0, ink: Ink::Muted });
        flow.link(Link {
            element,
            target: &heading.id,
            words: Cow::Owned(words),
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
    flow.after(10.0);
}

/// Writes the page numbers of the contents, now that every heading has its page.
pub fn fill_contents(flow: &mut Flow<'_>) {
    let anchors = flow
        .pages
        .iter()
        .zip(1..)
        .flat_map(|(page, number)| page.anchors.iter().map(move |on| (on.id, number)));
    let numbers: HashMap<&str, u32> = anchors.collect();
    for awaited in std::mem::take(&mut flow.awaited) {
        let number = numbers[awaited.target];
        let span = flow.setting.set(&format!(" {number}"));
        let x = awaited.right - points(flow.setting.width(span, awaited.style.face), awaited.style.size);
        let owner = Owner::Element(awaited.element);
        let mark = text_mark(x, awaited.y, awaited.style, span);
        flow.pages[awaited.page].marks.push(Placed { owner, mark });
    }
}
