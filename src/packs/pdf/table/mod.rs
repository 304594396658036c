//! Tables: measured columns, headings repeated on each page, rows that belong together kept so.

mod columns;
mod fitting;
mod plan;

use std::ops::Range;

use self::{
    columns::PAD,
    fitting::{Frame, begins_with, fitted, stays_with},
    plan::{Measured, Plan, face},
};
use super::{
    super::document::{Cell, Ink, Row, RowKind, Status, Table},
    fonts::{Face, SPACE},
    layout::Flow,
    lines::{Style, baseline, place_lines, set_text_and, text_mark},
    measure::{Ems, Span, points},
    page::{Mark, Owner, Placed},
    tree::{ElementId, Role},
};

const CAPTION: Style = Style { size: 8.8, leading: 12.0, face: Face::Bold, ink: Ink::Text };

/// A table that takes no more than this share of a page is not split.
const SMALL: f32 = 0.2;

/// Nor is one that a page holds, where the next is begun with less than this share of this one left.
const LEFT_WHITE: f32 = 0.35;

/// Marks of the rows on one page: rules first, then signs, then text.
#[derive(Default)]
struct Segment<'a> {
    rules: Vec<Mark<'a>>,
    signs: Vec<Placed<'a>>,
    texts: Vec<Placed<'a>>,
}

/// What stands below a table.
#[derive(Clone, Copy)]
pub struct Below {
    /// The room for a note that stays with the last row.
    pub note: f32,
    /// Nothing else follows on the page.
    pub last: bool,
}

/// Places a table.
pub fn table<'a>(flow: &mut Flow<'a>, table: &'a Table, below: Below) {
    if table.columns.is_empty() {
        return;
    }
    let measured = Measured::of(flow, table);
    let groups = row_groups(&table.rows);
    let parts = measured.parts(flow.width);
    for (at, columns) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let suffix =
            if parts.len() > 1 { format!(" (part {} of {})", at + 1, parts.len()) } else { String::new() };
        let part = Part {
            columns,
            suffix: &suffix,
            below: if last { below } else { Below { note: 0.0, last: false } },
            first: at == 0,
        };
        place(flow, &measured, &groups, part);
    }
}

/// A table, or a part of one too broad for the page.
struct Part<'p> {
    columns: &'p [usize],
    /// What the caption says of the part.
    suffix: &'p str,
    below: Below,
    first: bool,
}

fn place<'a>(flow: &mut Flow<'a>, measured: &Measured<'a>, groups: &[Range<usize>], part: Part<'_>) {
    let table = measured.table;
    let Below { note: tail, last } = part.below;
    let element = flow.add(Role::Table);
    flow.gap(6.0);
    flow.keep();
    let caption = (!table.caption.0.is_empty()).then(|| flow.tree.add(element, Role::Caption));
    let set = caption.map(|id| set_text_and(flow, &table.caption, part.suffix, CAPTION, id, flow.width));
    let above = set.as_ref().map_or(0.0, |(broken, _)| broken.lines as f32 * CAPTION.leading + 3.0);
    let frame = Frame { room: flow.room(), above, below: tail, last, groups };
    let plan = &fitted(flow, measured, part.columns, &frame);
    let above = above + plan.heading_height();
    let whole = above + plan.rows_height(0..plan.heights.len()) + tail;
    let small = whole <= flow.page_height() * SMALL;
    let stays_whole = whole <= frame.room.fresh && frame.room.here <= flow.page_height() * LEFT_WHITE;
    flow.ensure(match small || stays_whole {
        true => whole,
        false => (above + begins_with(plan, groups)).min(flow.page_height() * 0.5),
    });
    if part.first {
        flow.anchor(&table.id, None);
    }
    if let Some((broken, runs)) = &set {
        place_lines(flow, broken, runs, CAPTION, 0..broken.lines);
        flow.y += 3.0;
    }
    // A table of headings alone has no body, and so no head beside it.
    if groups.is_empty() {
        headings(flow, plan, Some(element));
    } else {
        let head = flow.tree.add(element, Role::TableHead);
        headings(flow, plan, Some(head));
        let body = flow.tree.add(element, Role::TableBody);
        rows(flow, plan, body, groups, tail);
    }
    flow.release();
    flow.after(if tail > 0.0 { 6.0 } else { 14.0 });
}

/// Rows that a tall cell holds together, in order.
fn row_groups(rows: &[Row]) -> Vec<Range<usize>> {
    let mut groups = Vec::with_capacity(rows.len());
    let mut at = 0;
    while at < rows.len() {
        let mut end = at + 1;
        let mut next = at;
        while next < end {
            let tallest = rows[next].cells.iter().map(|cell| usize::from(cell.rows)).max().unwrap_or(1);
            end = end.max(next + tallest).min(rows.len());
            next += 1;
        }
        groups.push(at..end);
        at = end;
    }
    groups
}

/// Draws the headings: as content the first time, as decoration on later pages.
fn headings<'a>(flow: &mut Flow<'a>, plan: &Plan<'a>, head: Option<ElementId>) {
    let style = plan.style(Face::Bold, Ink::Accent);
    let owner = |element: Option<ElementId>| element.map_or(Owner::Layout, Owner::Element);
    let grouped = !plan.groups.is_empty();
    let mut owners: Vec<Owner> = vec![Owner::Layout; plan.columns.len()];
    let mut rules = Vec::new();
    if grouped {
        let row = head.map(|head| flow.tree.add(head, Role::TableRow));
        let y = flow.y + plan.pad;
        for group in &plan.groups {
            let across = group.columns.len() as u8;
            let rows = if group.heading.is_some() { 1 } else { 2 };
            let element = row.map(|row| flow.tree.add(row, Role::ColumnHeading { columns: across, rows }));
            if group.heading.is_none() {
                owners[group.columns.start] = owner(element);
                continue;
            }
            let (left, right) =
                (plan.columns[group.columns.start].left, plan.columns[group.columns.end - 1].right);
            let pad = points(PAD, style.size);
            let width = points(flow.setting.width(group.span, style.face), style.size);
            let x = ((left + right - width) / 2.0).max(left + pad);
            flow.put(owner(element), text_mark(x, y + baseline(style), style, group.span));
            let y = y + plan.leading + plan.pad * 0.4;
            rules.push(Mark::Rule { x: left + pad, to: right - pad, y, width: 0.5, ink: Ink::Accent });
        }
        flow.y += plan.leading + 2.0 * plan.pad;
    }
    let row = head.map(|head| flow.tree.add(head, Role::TableRow));
    for (at, planned) in plan.columns.iter().enumerate() {
        if !grouped || planned.column.group.is_some() {
            owners[at] =
                owner(row.map(|row| flow.tree.add(row, Role::ColumnHeading { columns: 1, rows: 1 })));
        }
    }
    let bottom = flow.y + plan.heading_lines() as f32 * plan.leading + plan.pad;
    for (at, planned) in plan.columns.iter().enumerate() {
        let top = bottom - planned.heading.len() as f32 * plan.leading;
        for (line, &span) in planned.heading.iter().enumerate() {
            let x = plan.begin(planned, trimmed_width(flow, span, style.face));
            let y = top + line as f32 * plan.leading + baseline(style);
            flow.put(owners[at], text_mark(x, y, style, span));
        }
    }
    flow.y = bottom + plan.pad;
    rules.push(Mark::Rule { x: plan.left(), to: plan.right(), y: flow.y, width: 0.9, ink: Ink::Accent });
    for rule in rules {
        flow.put(Owner::Layout, rule);
    }
}

/// The width of a line without the space at its end.
fn trimmed_width(flow: &Flow<'_>, span: Span, face: Face) -> Ems {
    let spaces = flow.setting.codes(span).iter().rev().take_while(|&&code| code == SPACE).count() as u32;
    flow.setting.width(Span { end: span.end - spaces, ..span }, face)
}

fn rows<'a>(flow: &mut Flow<'a>, plan: &Plan<'a>, body: ElementId, groups: &[Range<usize>], tail: f32) {
    let mut segment = Segment::default();
    let whole = flow.page_height() - plan.heading_height();
    for (at, group) in groups.iter().enumerate() {
        let together = stays_with(plan, groups, at, tail);
        if !flow.fits(together) && together <= whole {
            turn_over(flow, plan, &mut segment);
        }
        for row in group.clone() {
            let element = flow.tree.add(body, Role::TableRow);
            let owners = row_owners(flow, plan, row, element);
            let lines = plan.heights[row];
            let mut from = 0;
            while from < lines {
                if !flow.fits(plan.row_height((lines - from).min(2))) {
                    turn_over(flow, plan, &mut segment);
                }
                let room = ((flow.floor() - flow.y - 2.0 * plan.pad + 0.05) / plan.leading).max(1.0) as u32;
                let to = lines.min(from + room);
                place_row(flow, plan, row, &owners, from..to, &mut segment);
                from = to;
            }
        }
    }
    flush(flow, &mut segment);
}

/// Goes to the next page and repeats the headings there.
fn turn_over<'a>(flow: &mut Flow<'a>, plan: &Plan<'a>, segment: &mut Segment<'a>) {
    if segment.rules.is_empty() {
        // Nothing but the headings is on this page: they go along where they may.
        flow.next_page();
    } else {
        flush(flow, segment);
        flow.next_page();
    }
    if flow.at_top() {
        headings(flow, plan, None);
    }
}

fn flush<'a>(flow: &mut Flow<'a>, segment: &mut Segment<'a>) {
    for mark in segment.rules.drain(..) {
        flow.put(Owner::Layout, mark);
    }
    let marks = &mut flow.page().marks;
    marks.append(&mut segment.signs);
    marks.append(&mut segment.texts);
    flow.release();
}

/// Makes the elements of a row's cells; a covered place has none.
fn row_owners(
    flow: &mut Flow<'_>,
    plan: &Plan<'_>,
    row: usize,
    element: ElementId,
) -> Vec<Option<ElementId>> {
    let table = plan.table;
    let left = table.rows.len() - row;
    let mut owners = Vec::with_capacity(plan.columns.len());
    for planned in &plan.columns {
        let cell = table.rows[row].cells.get(planned.at);
        if cell.is_some_and(Cell::is_covered) {
            owners.push(None);
            continue;
        }
        let rows = cell.map_or(1, |cell| usize::from(cell.rows).min(left) as u8);
        let role = if planned.column.names_row { Role::RowHeading { rows } } else { Role::Cell { rows } };
        owners.push(Some(flow.tree.add(element, role)));
    }
    owners
}

/// Places some of a row's lines, a rule below them (dotted between rows that a cell holds together), and moves the flow down.
fn place_row<'a>(
    flow: &mut Flow<'a>,
    plan: &Plan<'a>,
    row: usize,
    owners: &[Option<ElementId>],
    lines: Range<u32>,
    segment: &mut Segment<'a>,
) {
    let table = plan.table;
    let Row { kind, cells } = &table.rows[row];
    let style = plan.style(face(*kind), Ink::Text);
    let top = flow.y;
    if *kind == RowKind::Total {
        segment.rules.push(Mark::Rule {
            x: plan.left(),
            to: plan.right(),
            y: top,
            width: 0.8,
            ink: Ink::Text,
        });
    }
    let first = top + plan.pad + baseline(style);
    for (at, planned) in plan.columns.iter().enumerate() {
        let (Some(element), Some(cell)) = (owners[at], cells.get(planned.at)) else { continue };
        let set = plan.cell(row, at);
        let says_it = |status: &Status| cell.text == status.word();
        let plain = if cell.missing { Ink::Muted } else { Ink::Text };
        let style = Style { ink: cell.status.filter(says_it).map_or(plain, Status::ink), ..style };
        if let Some(status) = cell.status
            && lines.start == 0
        {
            let owner = match says_it(&status) {
                true => Owner::Layout,
                false => Owner::Element(flow.tree.add(element, Role::Sign(status))),
            };
            let mark = Mark::Sign { x: plan.sign(planned, set), y: first, size: style.size, status };
            segment.signs.push(Placed { owner, mark });
        }
        let owner = Owner::Element(element);
        let pushed = plan.pushed(planned, cell.status);
        match plan.lines(set) {
            None if lines.start == 0 && set.width > 0 => {
                let mark = text_mark(plan.begin(planned, set.width) + pushed, first, style, set.span);
                segment.texts.push(Placed { owner, mark });
            }
            None => {}
            Some(own) => {
                // A cell that stands in several rows goes on past the first of them.
                let end = if cell.rows > 1 { own.len() } else { own.len().min(lines.end as usize) };
                for (line, &span) in own.iter().enumerate().take(end).skip(lines.start as usize) {
                    let x = plan.begin(planned, trimmed_width(flow, span, style.face)) + pushed;
                    let y = first + (line as f32 - lines.start as f32) * plan.leading;
                    segment.texts.push(Placed { owner, mark: text_mark(x, y, style, span) });
                }
            }
        }
    }
    flow.y = top + plan.row_height(lines.end - lines.start);
    let below = table.rows.get(row + 1).map(|next| next.cells.as_slice()).unwrap_or_default();
    let goes_on = |at: usize| below.get(at).is_some_and(Cell::is_covered);
    let x =
        plan.columns.iter().find(|planned| !goes_on(planned.at)).map_or(plan.left(), |planned| planned.left);
    let (to, y) = (plan.right(), flow.y);
    segment.rules.push(match x > plan.left() {
        true => Mark::Leader { x, to, y, ink: Ink::Rule },
        false => Mark::Rule { x, to, y, width: 0.4, ink: Ink::Rule },
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rows: &[u8]) -> Row {
        let cells = rows.iter().map(|&rows| Cell { rows, ..Cell::text("") }).collect();
        Row { kind: RowKind::Body, cells }
    }

    #[test]
    fn rows_that_a_tall_cell_spans_stay_together() {
        let rows = [row(&[1, 1]), row(&[2, 1]), row(&[0, 1]), row(&[1, 1])];
        assert_eq!(row_groups(&rows), [0..1, 1..3, 3..4]);
    }

    #[test]
    fn spans_that_overlap_make_one_group() {
        let rows = [row(&[2, 1]), row(&[0, 2]), row(&[1, 0])];
        let groups = row_groups(&rows);
        assert_eq!((groups.len(), &groups[0]), (1, &(0..3)));
    }

    #[test]
    fn a_span_that_runs_past_the_last_row_ends_with_it() {
        let groups = row_groups(&[row(&[3, 1])]);
        assert_eq!((groups.len(), &groups[0]), (1, &(0..1)));
    }
}
