//! Figures: a headline, what is shown, and the drawing; alone or side by side.

use super::{
    super::document::{Figure, Ink, Mark as Drawn, Orientation},
    fonts::Face,
    layout::Flow,
    lines::{Style, baseline, text_mark},
    measure::{Ems, Span},
    page::{Mark, Owner, Pictured},
    tree::Role,
};

const HEADLINE: Style = Style { size: 8.8, leading: 11.6, face: Face::Bold, ink: Ink::Text };
const SUBTITLE: Style = Style { size: 7.4, leading: 9.8, face: Face::Regular, ink: Ink::Muted };
const GUTTER: f32 = 20.0;
const BELOW: f32 = 14.0;

/// A drawing is never set larger than this many times its own size.
const LARGEST: f32 = 1.1;

struct Set<'a> {
    figure: &'a Figure,
    headline: Vec<Span>,
    subtitle: Vec<Span>,
    scale: f32,
}

pub fn figure<'a>(flow: &mut Flow<'a>, figure: &'a Figure) {
    flow.gap(4.0);
    row(flow, std::slice::from_ref(figure), 1);
    flow.y += 2.0;
}

/// Two across on an upright page and three on a broad one at most, each row as full as the others.
pub fn grid<'a>(flow: &mut Flow<'a>, figures: &'a [Figure]) {
    let most = match flow.orientation() {
        Orientation::Portrait => 2,
        Orientation::Landscape => 3,
    };
    let across = figures.len().div_ceil(figures.len().div_ceil(most).max(1)).max(1);
    flow.gap(4.0);
    for figures in figures.chunks(across) {
        row(flow, figures, across);
    }
    flow.y += 2.0;
}

fn row<'a>(flow: &mut Flow<'a>, figures: &'a [Figure], across: usize) {
    let width = (flow.width - GUTTER * (across - 1) as f32) / across as f32;
    let room = flow.page_height();
    let set: Vec<Set<'a>> = figures.iter().map(|figure| set(flow, figure, width, room)).collect();
    let words = set.iter().map(words_height).fold(0.0, f32::max);
    let drawings = set.iter().map(|set| set.figure.drawing.height * set.scale).fold(0.0, f32::max);
    flow.ensure((words + drawings).min(room));
    let top = flow.y;
    for (at, set) in set.iter().enumerate() {
        let x = flow.left + at as f32 * (width + GUTTER);
        flow.anchor(&set.figure.id, None);
        let headline = flow.add(Role::Paragraph);
        let mut y = lines(flow, Owner::Element(headline), &set.headline, HEADLINE, x, top);
        if !set.subtitle.is_empty() {
            let subtitle = flow.add(Role::Paragraph);
            y = lines(flow, Owner::Element(subtitle), &set.subtitle, SUBTITLE, x, y);
        }
        debug_assert!(y <= top + words);
        let y = top + words;
        let drawing = &set.figure.drawing;
        let element = flow.add(Role::Figure(flow.figures.len() as u32));
        let bounds = [x, y, x + drawing.width * set.scale, y + drawing.height * set.scale];
        let page = flow.pages.len() - 1;
        let words = [&set.figure.alternative, &set.figure.headline, &set.figure.id];
        let alternative = words.into_iter().find(|words| !words.trim().is_empty()).unwrap_or(words[0]);
        flow.figures.push(Pictured { alternative, page, bounds });
        flow.put(Owner::Element(element), Mark::Drawing { x, y, scale: set.scale, drawing });
    }
    flow.y = top + words + drawings;
    flow.after(BELOW);
    flow.release();
}

fn set<'a>(flow: &mut Flow<'a>, figure: &'a Figure, width: f32, room: f32) -> Set<'a> {
    let ems = |style: Style| (width * 1000.0 / style.size) as Ems;
    for mark in &figure.drawing.marks {
        if let Drawn::Label { text, .. } = mark {
            flow.setting.look_over(text);
        }
    }
    let headline = flow.setting.set(&figure.headline);
    let subtitle = flow.setting.set(&figure.subtitle);
    let mut set = Set {
        figure,
        headline: flow.setting.break_plain(headline, HEADLINE.face, ems(HEADLINE)),
        subtitle: flow.setting.break_plain(subtitle, SUBTITLE.face, ems(SUBTITLE)),
        scale: 1.0,
    };
    let (wide, high) = (figure.drawing.width.max(1.0), figure.drawing.height.max(1.0));
    set.scale = (width / wide).min((room - words_height(&set)) / high).min(LARGEST);
    set
}

fn words_height(set: &Set<'_>) -> f32 {
    set.headline.len() as f32 * HEADLINE.leading + set.subtitle.len() as f32 * SUBTITLE.leading + 4.0
}

fn lines(flow: &mut Flow<'_>, owner: Owner, spans: &[Span], style: Style, x: f32, mut y: f32) -> f32 {
    for &span in spans {
        flow.put(owner, text_mark(x, y + baseline(style), style, span));
        y += style.leading;
    }
    y
}
