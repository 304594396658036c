//! Tables: measured columns, headings repeated on each page, rows that belong together kept so.

use super::{
    super::document::{Align, Cell, Column, Ink, Row, RowKind, Status, Table},
    columns::{Fit, Need, PAD, fit},
    fonts::Face,
    layout::Flow,
    measure::{Ems, Span, points},
    page::{Mark, Owner, Placed},
    prose::{SIGN_ROOM, Style, baseline, text_mark},
    tree::{ElementId, Role},
};

const CAPTION: Style = Style { size: 8.8, leading: 12.0, face: Face::Bold, ink: Ink::Text };

/// The type size that a table starts from.
const DENSE: f32 = 6.8;
const USUAL: f32 = 8.3;

/// A cell's text, set; broken into lines only where it is wider than its column.
#[derive(Clone, Copy)]
struct SetCell {
    span: Span,
    width: Ems,
    /// Its lines' place in the plan's list.
    lines: Option<(u32, u32)>,
}

/// A table measured and ready to be placed.
struct Plan<'a> {
    table: &'a Table,
    fit: Fit,
    /// The left edge of each column, and the right edge of the last.
    edges: Vec<f32>,
    /// Row by row.
    cells: Vec<SetCell>,
    lines: Vec<Span>,
    /// How many lines each row takes.
    heights: Vec<u32>,
    headings: Vec<Vec<Span>>,
    groups: Vec<Group<'a>>,
    /// In a column with signs they stand under one another: the widest text beside one.
    beside: Vec<Ems>,
    pad: f32,
    leading: f32,
}

/// Neighbouring columns under one heading.
struct Group<'a> {
    columns: std::ops::Range<usize>,
    heading: Option<&'a str>,
    span: Span,
}

/// Marks of the rows on one page: rules first, then signs, then text.
#[derive(Default)]
struct Segment<'a> {
    rules: Vec<Mark<'a>>,
    signs: Vec<Placed<'a>>,
    texts: Vec<Placed<'a>>,
}

pub fn table<'a>(flow: &mut Flow<'a>, table: &'a Table) {
    if table.columns.is_empty() {
        return;
    }
    let plan = plan(flow, table);
    let element = flow.add(Role::Table);
    flow.gap(6.0);
    flow.keep();
    let groups = row_groups(&table.rows);
    let heading_height = plan.heading_height();
    let first = groups.first().map_or(0.0, |rows| plan.rows_height(rows.clone()));
    let caption = flow.setting.set(&table.caption.words());
    let caption_lines = flow.setting.break_plain(caption, CAPTION.face, (flow.width * 1000.0 / CAPTION.size) as Ems);
    let least = caption_lines.len() as f32 * CAPTION.leading + heading_height + first + 4.0;
    flow.ensure(least.min(flow.page_height() * 0.5));
    flow.anchor(&table.id, None);
    if !caption_lines.is_empty() {
        let id = flow.tree.add(element, Role::Caption);
        for span in caption_lines {
            let mark = text_mark(flow.left, flow.y + baseline(CAPTION), CAPTION, span);
            flow.put(Owner::Element(id), mark);
            flow.y += CAPTION.leading;
        }
        flow.y += 3.0;
    }
    let head = flow.tree.add(element, Role::TableHead);
    headings(flow, &plan, Some(head));
    if !table.rows.is_empty() {
        let body = flow.tree.add(element, Role::TableBody);
        rows(flow, &plan, body, &groups);
    }
    flow.release();
    flow.y += 14.0;
}

/// Rows that a tall cell holds together, in order.
fn row_groups(rows: &[Row]) -> Vec<std::ops::Range<usize>> {
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

fn face(kind: RowKind) -> Face {
    match kind {
        RowKind::Body => Face::Regular,
        RowKind::Total => Face::Bold,
    }
}

fn plan<'a>(flow: &mut Flow<'a>, table: &'a Table) -> Plan<'a> {
    let columns = &table.columns;
    let setting = &mut flow.setting;
    let mut needs: Vec<Need> = Vec::with_capacity(columns.len());
    let mut heading_spans = Vec::with_capacity(columns.len());
    for column in columns {
        let span = setting.set(&column.heading);
        let (whole, longest) = setting.widths(span, Face::Bold);
        // A heading may take three lines, so that it does not make a column of numbers broad.
        let least = longest.max(whole.div_ceil(3) + 200).min(whole.max(longest));
        let wraps = column.align == Align::Start;
        needs.push(Need { natural: least, least, wraps, share: column.share });
        heading_spans.push(span);
    }
    let mut beside = vec![0; columns.len()];
    let mut cells = Vec::with_capacity(columns.len() * table.rows.len());
    for row in &table.rows {
        let face = face(row.kind);
        for (at, need) in needs.iter_mut().enumerate() {
            let Some(cell) = row.cells.get(at) else {
                cells.push(SetCell { span: Span::default(), width: 0, lines: None });
                continue;
            };
            let span = setting.set(&cell.text);
            let (width, longest) = setting.widths(span, face);
            let sign = if cell.status.is_some() { SIGN_ROOM } else { 0 };
            if sign > 0 {
                beside[at] = width.max(beside[at]);
            }
            need.natural = need.natural.max(width + sign);
            need.least = need.least.max(if need.wraps { longest + sign } else { width + sign });
            cells.push(SetCell { span, width, lines: None });
        }
    }
    let fit = fit(&needs, if table.dense { DENSE } else { USUAL }, flow.width);
    let size = fit.size;
    let mut edges = vec![flow.left];
    for &width in &fit.widths {
        edges.push(edges.last().copied().unwrap_or(flow.left) + width);
    }
    let measure = |at: usize| ((fit.widths[at] * 1000.0 / size) as Ems + 2).saturating_sub(2 * PAD);
    let headings =
        heading_spans.iter().enumerate().map(|(at, &span)| setting.break_plain(span, Face::Bold, measure(at))).collect();
    let mut lines = Vec::new();
    let mut heights = Vec::with_capacity(table.rows.len());
    for (row_at, row) in table.rows.iter().enumerate() {
        let mut most = 1;
        for (at, cell) in row.cells.iter().enumerate().take(columns.len()) {
            let set = &mut cells[row_at * columns.len() + at];
            let room = measure(at).saturating_sub(if cell.status.is_some() { SIGN_ROOM } else { 0 });
            if set.width > room {
                let from = lines.len() as u32;
                lines.extend(setting.break_plain(set.span, face(row.kind), room.max(1000)));
                set.lines = Some((from, lines.len() as u32));
                if cell.rows <= 1 {
                    most = most.max(lines.len() as u32 - from);
                }
            }
        }
        heights.push(most);
    }
    let leading = size * 1.28;
    let pad = if table.dense { 1.5 } else { 2.6 };
    let mut plan =
        Plan { table, fit, edges, cells, lines, heights, headings, groups: groups(flow, columns), beside, pad, leading };
    plan.make_room_for_tall_cells();
    plan
}

/// The headings above headings, or nothing if no column has one.
fn groups<'a>(flow: &mut Flow<'a>, columns: &'a [Column]) -> Vec<Group<'a>> {
    if columns.iter().all(|column| column.group.is_none()) {
        return Vec::new();
    }
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let heading = column.group.as_deref();
        match groups.last_mut() {
            Some(last) if heading.is_some() && last.heading == heading => last.columns.end = at + 1,
            _ => groups.push(Group { columns: at..at + 1, heading, span: flow.setting.set(heading.unwrap_or("")) }),
        }
    }
    groups
}

impl<'a> Plan<'a> {
    fn heading_lines(&self) -> usize {
        self.headings.iter().map(Vec::len).max().unwrap_or(0)
    }

    fn heading_height(&self) -> f32 {
        let groups = if self.groups.is_empty() { 0.0 } else { self.leading + 2.0 * self.pad };
        groups + self.heading_lines() as f32 * self.leading + 2.0 * self.pad
    }

    fn row_height(&self, lines: u32) -> f32 {
        lines as f32 * self.leading + 2.0 * self.pad
    }

    fn rows_height(&self, rows: std::ops::Range<usize>) -> f32 {
        rows.map(|row| self.row_height(self.heights[row])).sum()
    }

    /// A cell that stands in several rows may need more lines than they have: the last row grows.
    fn make_room_for_tall_cells(&mut self) {
        let across = self.table.columns.len();
        for (row_at, row) in self.table.rows.iter().enumerate() {
            for (at, cell) in row.cells.iter().enumerate().take(across).filter(|(_, cell)| cell.rows > 1) {
                let Some((from, to)) = self.cells[row_at * across + at].lines else { continue };
                let last = (row_at + usize::from(cell.rows)).min(self.heights.len()) - 1;
                let have: u32 = self.heights[row_at..=last].iter().sum();
                self.heights[last] += (to - from).saturating_sub(have);
            }
        }
    }

    fn style(&self, face: Face, ink: Ink) -> Style {
        Style { size: self.fit.size, leading: self.leading, face, ink }
    }

    /// Where text of a width begins in a column.
    fn begin(&self, column: usize, width: Ems) -> f32 {
        let size = self.fit.size;
        let (pad, width) = (points(PAD, size), points(width, size));
        let (left, right) = (self.edges[column] + pad, self.edges[column + 1] - pad);
        match self.table.columns[column].align {
            Align::Start => left,
            Align::End => right - width,
            Align::Centre => (left + right - width) / 2.0,
        }
    }

    fn right(&self) -> f32 {
        self.edges.last().copied().unwrap_or_default()
    }
}

/// Draws the headings: as content the first time, as decoration on later pages.
fn headings<'a>(flow: &mut Flow<'a>, plan: &Plan<'a>, head: Option<ElementId>) {
    let style = plan.style(Face::Bold, Ink::Accent);
    let columns = &plan.table.columns;
    let owner = |element: Option<ElementId>| element.map_or(Owner::Layout, Owner::Element);
    let grouped = !plan.groups.is_empty();
    let mut owners: Vec<Owner> = vec![Owner::Layout; columns.len()];
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
            let (left, right) = (plan.edges[group.columns.start], plan.edges[group.columns.end]);
            let pad = points(PAD, style.size);
            let width = points(flow.setting.width(group.span, style.face), style.size);
            let x = ((left + right - width) / 2.0).max(left + pad);
            flow.put(owner(element), text_mark(x, y + baseline(style), style, group.span));
            let y = y + plan.leading + plan.pad * 0.4;
            flow.put(Owner::Layout, Mark::Rule { x: left + pad, to: right - pad, y, width: 0.5, ink: Ink::Accent });
        }
        flow.y += plan.leading + 2.0 * plan.pad;
    }
    let row = head.map(|head| flow.tree.add(head, Role::TableRow));
    for (at, column) in columns.iter().enumerate() {
        if !grouped || column.group.is_some() {
            owners[at] = owner(row.map(|row| flow.tree.add(row, Role::ColumnHeading { columns: 1, rows: 1 })));
        }
    }
    let bottom = flow.y + plan.heading_lines() as f32 * plan.leading + plan.pad;
    for (at, lines) in plan.headings.iter().enumerate() {
        let top = bottom - lines.len() as f32 * plan.leading;
        for (line, &span) in lines.iter().enumerate() {
            let x = plan.begin(at, trimmed_width(flow, span, style.face));
            let y = top + line as f32 * plan.leading + baseline(style);
            flow.put(owners[at], text_mark(x, y, style, span));
        }
    }
    flow.y = bottom + plan.pad;
    let rule = Mark::Rule { x: plan.edges[0], to: plan.right(), y: flow.y, width: 0.9, ink: Ink::Accent };
    flow.put(Owner::Layout, rule);
}

/// The width of a line without the space at its end.
fn trimmed_width(flow: &Flow<'_>, span: Span, face: Face) -> Ems {
    let codes = flow.setting.codes(span);
    let spaces = codes.iter().rev().take_while(|&&code| code == super::fonts::SPACE).count() as u32;
    flow.setting.width(Span { end: span.end - spaces, ..span }, face)
}

fn rows<'a>(flow: &mut Flow<'a>, plan: &Plan<'a>, body: ElementId, groups: &[std::ops::Range<usize>]) {
    let mut segment = Segment::default();
    for group in groups {
        let together = plan.rows_height(group.clone());
        let whole = flow.page_height() - plan.heading_height();
        if !flow.fits(together) && together <= whole {
            turn_over(flow, plan, &mut segment);
        }
        for row in group.clone() {
            let element = flow.tree.add(body, Role::TableRow);
            let owners = row_owners(flow, plan, row, element);
            let mut from = 0;
            let lines = plan.heights[row];
            while from < lines {
                if !flow.fits(plan.row_height(if lines == 1 { 1 } else { 2.min(lines - from) })) && from + lines > 0 {
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
    flush(flow, segment);
    flow.next_page();
    headings(flow, plan, None);
}

fn flush<'a>(flow: &mut Flow<'a>, segment: &mut Segment<'a>) {
    if segment.rules.is_empty() {
        return;
    }
    for mark in segment.rules.drain(..) {
        flow.put(Owner::Layout, mark);
    }
    let marks = &mut flow.page().marks;
    marks.append(&mut segment.signs);
    marks.append(&mut segment.texts);
    flow.release();
}

/// Makes the elements of a row's cells; a covered place has none.
fn row_owners(flow: &mut Flow<'_>, plan: &Plan<'_>, row: usize, element: ElementId) -> Vec<Option<ElementId>> {
    let table = plan.table;
    let across = table.columns.len();
    let cells = &table.rows[row].cells;
    let role = |at: usize| {
        let rows = cells.get(at).map_or(1, |cell| usize::from(cell.rows).min(table.rows.len() - row) as u8);
        if table.columns[at].names_row { Role::RowHeading { rows } } else { Role::Cell { rows } }
    };
    let covered = |at: usize| cells.get(at).is_some_and(Cell::is_covered);
    (0..across).map(|at| (!covered(at)).then(|| flow.tree.add(element, role(at)))).collect()
}

/// Places some of a row's lines, a rule below them, and moves the flow down.
fn place_row<'a>(
    flow: &mut Flow<'a>,
    plan: &Plan<'a>,
    row: usize,
    owners: &[Option<ElementId>],
    lines: std::ops::Range<u32>,
    segment: &mut Segment<'a>,
) {
    let table = plan.table;
    let across = table.columns.len();
    let kind = table.rows[row].kind;
    let style = plan.style(face(kind), Ink::Text);
    let top = flow.y;
    if kind == RowKind::Total {
        segment.rules.push(Mark::Rule { x: plan.edges[0], to: plan.right(), y: top, width: 0.8, ink: Ink::Text });
    }
    let first = top + plan.pad + baseline(style);
    for (at, cell) in table.rows[row].cells.iter().enumerate().take(across) {
        let Some(element) = owners[at] else { continue };
        let set = &plan.cells[row * across + at];
        let owner = Owner::Element(element);
        let own = set.lines.map(|(from, to)| &plan.lines[from as usize..to as usize]);
        let ink = cell.status.filter(|status| cell.text == status.word()).map_or(Ink::Text, Status::ink);
        let style = Style { ink, ..style };
        if let Some(status) = cell.status
            && lines.start == 0
        {
            let widest = if own.is_some() { set.width } else { plan.beside[at].max(set.width) };
            let x = match table.columns[at].align {
                Align::Start => plan.begin(at, 0),
                Align::End => plan.begin(at, widest + SIGN_ROOM).max(plan.edges[at]),
                Align::Centre => plan.begin(at, set.width + SIGN_ROOM),
            };
            let owner = if cell.text == status.word() {
                Owner::Layout
            } else {
                Owner::Element(flow.tree.add(element, Role::Sign(status)))
            };
            segment.signs.push(Placed { owner, mark: Mark::Sign { x, y: first, size: style.size, status } });
        }
        let inset = match (cell.status.is_some(), table.columns[at].align) {
            (true, Align::Start) => points(SIGN_ROOM, style.size),
            (true, Align::Centre) => points(SIGN_ROOM, style.size) / 2.0,
            (true, Align::End) | (false, Align::Start | Align::Centre | Align::End) => 0.0,
        };
        match own {
            None if lines.start == 0 && set.width > 0 => {
                let mark = text_mark(plan.begin(at, set.width) + inset, first, style, set.span);
                segment.texts.push(Placed { owner, mark });
            }
            None => {}
            Some(own) => {
                // A cell that stands in several rows goes on past the first of them.
                let end = if cell.rows > 1 { own.len() } else { own.len().min(lines.end as usize) };
                for (line, &span) in own.iter().enumerate().take(end).skip(lines.start as usize) {
                    let width = trimmed_width(flow, span, style.face);
                    let y = first + (line as f32 - lines.start as f32) * plan.leading;
                    let mark = text_mark(plan.begin(at, width) + inset, y, style, span);
                    segment.texts.push(Placed { owner, mark });
                }
            }
        }
    }
    flow.y = top + plan.row_height(lines.end - lines.start);
    let covered_below = |at: usize| table.rows.get(row + 1).and_then(|next| next.cells.get(at)).is_some_and(Cell::is_covered);
    let from = (0..across).find(|&at| !covered_below(at)).unwrap_or(0);
    let rule = Mark::Rule { x: plan.edges[from], to: plan.right(), y: flow.y, width: 0.35, ink: Ink::Rule };
    segment.rules.push(rule);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rows: &[u8]) -> Row {
        let cells = rows.iter().map(|&rows| Cell { text: String::new(), status: None, rows }).collect();
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
        assert_eq!(row_groups(&rows), [0..3]);
    }

    #[test]
    fn a_span_that_runs_past_the_last_row_ends_with_it() {
        assert_eq!(row_groups(&[row(&[3, 1])]), [0..1]);
    }
}
