//! Headline figures, four across.

use super::{
    super::document::{Ink, Tile},
    fonts::Face,
    layout::Flow,
    lines::{SIGN_ROOM, Style, baseline, text_mark},
    measure::{Ems, Span, points},
    page::{Mark, Owner},
    tree::{ElementId, Role},
};

const LABEL: Style = Style { size: 7.8, leading: 10.2, face: Face::Bold, ink: Ink::Muted };
const VALUE: Style = Style { size: 19.0, leading: 25.0, face: Face::Bold, ink: Ink::Text };
const NOTE: Style = Style { size: 7.5, leading: 10.0, face: Face::Regular, ink: Ink::Muted };
const STATUS: Style = Style { size: 8.0, leading: 11.5, face: Face::Bold, ink: Ink::Text };
const GAP: f32 = 9.0;
const PAD: f32 = 9.0;

/// A tile's text, set in lines.
struct Set<'a> {
    tile: &'a Tile,
    label: Vec<Span>,
    value: Span,
    value_size: f32,
    note: Vec<Span>,
}

impl Set<'_> {
    /// The height of what stands below the value.
    fn below(&self) -> f32 {
        let status = if self.tile.status.is_some() { STATUS.leading + 2.0 } else { 0.0 };
        status + self.note.len() as f32 * NOTE.leading
    }
}

pub fn tiles<'a>(flow: &mut Flow<'a>, tiles: &'a [Tile]) {
    let across = match tiles.len() {
        0 => return,
        3 | 5 | 6 | 9 => 3,
        _ => 4,
    };
    let whole = flow.add(Role::List { ordered: false });
    let width = (flow.width - GAP * (across - 1) as f32) / across as f32;
    flow.gap(4.0);
    for row in tiles.chunks(across) {
        let set: Vec<Set<'a>> = row.iter().map(|tile| set(flow, tile, width - 2.0 * PAD)).collect();
        let most = |count: fn(&Set<'_>) -> usize| set.iter().map(count).max().unwrap_or(0) as f32;
        let labels = most(|set| set.label.len()) * LABEL.leading;
        let below = set.iter().map(Set::below).fold(0.0, f32::max);
        let height = 2.0 * PAD - 3.0 + labels + VALUE.leading + below;
        flow.ensure(height);
        let top = flow.y;
        for (at, set) in set.iter().enumerate() {
            let x = flow.left + at as f32 * (width + GAP);
            let ink = set.tile.status.map_or(Ink::Accent, |status| status.ink());
            flow.put(Owner::Layout, Mark::Fill { x, y: top, width, height, ink: Ink::Band });
            flow.put(Owner::Layout, Mark::Fill { x, y: top, width, height: 2.5, ink });
        }
        for (at, set) in set.iter().enumerate() {
            let x = flow.left + at as f32 * (width + GAP) + PAD;
            place(flow, set, whole, x, top + PAD, labels);
        }
        flow.y = top + height + GAP;
        flow.release();
    }
    flow.after(6.0);
}

fn set<'a>(flow: &mut Flow<'a>, tile: &'a Tile, width: f32) -> Set<'a> {
    let ems = |style: Style| (width * 1000.0 / style.size) as Ems;
    let setting = &mut flow.setting;
    let label = setting.set(&tile.label);
    let value = setting.set(&tile.value);
    let note = setting.set(&tile.note);
    let natural = points(setting.width(value, VALUE.face), VALUE.size);
    Set {
        tile,
        label: setting.break_plain(label, LABEL.face, ems(LABEL)),
        value,
        value_size: VALUE.size * (width / natural.max(1.0)).min(1.0),
        note: setting.break_plain(note, NOTE.face, ems(NOTE)),
    }
}

fn place<'a>(flow: &mut Flow<'a>, set: &Set<'a>, whole: ElementId, x: f32, top: f32, labels: f32) {
    let item = flow.tree.add(whole, Role::ListItem);
    let label = flow.tree.add(item, Role::Label);
    let body = flow.tree.add(item, Role::ListBody);
    let lines = |flow: &mut Flow<'a>, element, spans: &[Span], style: Style, mut y: f32| {
        for &span in spans {
            flow.put(Owner::Element(element), text_mark(x, y + baseline(style), style, span));
            y += style.leading;
        }
        y
    };
    lines(flow, label, &set.label, LABEL, top);
    let y = top + labels;
    let value = flow.tree.add(body, Role::Paragraph);
    let style = Style { size: set.value_size, ..VALUE };
    flow.put(Owner::Element(value), text_mark(x, y + baseline(VALUE), style, set.value));
    let mut y = y + VALUE.leading;
    if let Some(status) = set.tile.status {
        let element = flow.tree.add(body, Role::Paragraph);
        let base = y + baseline(STATUS);
        flow.put(Owner::Layout, Mark::Sign { x, y: base, size: STATUS.size, status });
        let word = flow.setting.set(status.word());
        let style = Style { ink: status.ink(), ..STATUS };
        flow.put(Owner::Element(element), text_mark(x + points(SIGN_ROOM, STATUS.size), base, style, word));
        y += STATUS.leading + 1.0;
    }
    if !set.tile.note.is_empty() {
        let element = flow.tree.add(body, Role::Paragraph);
        lines(flow, element, &set.note, NOTE, y);
    }
}
