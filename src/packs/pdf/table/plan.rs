//! A table measured: its columns' widths, its type size, and the lines and heights of its rows.

use super::{
    super::{
        super::document::{Align, Cell, Column, Ink, RowKind, Status, Table},
        fonts::Face,
        layout::Flow,
        lines::{SIGN_ROOM, Style},
        measure::{Ems, Span, points},
    },
    columns::{Need, PAD, parts, widths},
};

/// Room before text that stands to the right of a column of numbers.
const INSET: Ems = 700;

/// What a column of numbers likes beside its widest one.
const AIR: Ems = 600;

/// A heading no wider than this, such as a month's, stays on one line.
const ONE_LINE: Ems = 4_800;

/// Text wider than this takes several lines where it stands in several rows.
const LONG: Ems = 12_000;

/// A table's text, set and measured.
pub struct Measured<'a> {
    pub table: &'a Table,
    pub needs: Vec<Need>,
    headings: Vec<Span>,
    /// Row by row.
    cells: Vec<(Span, Ems)>,
    /// In a column with signs they stand under one another: the widest text beside one.
    beside: Vec<Ems>,
    /// Room before the text of a column.
    insets: Vec<Ems>,
}

/// From line to line, and the white above and below a row, as shares of the type size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch {
    pub leading: f32,
    pub pad: f32,
}

/// A table, or a part of one too broad for the page, ready to be placed.
pub struct Plan<'a> {
    pub table: &'a Table,
    /// Which of the table's columns these are.
    pub columns: Vec<PlannedColumn<'a>>,
    pub size: f32,
    pub leading: f32,
    pub pad: f32,
    pub groups: Vec<Group<'a>>,
    /// Row by row.
    cells: Vec<SetCell>,
    lines: Vec<Span>,
    /// How many lines each row takes.
    pub heights: Vec<u32>,
}

/// A column and where it stands.
pub struct PlannedColumn<'a> {
    /// Its place in the table.
    pub at: usize,
    pub column: &'a Column,
    pub left: f32,
    pub right: f32,
    pub heading: Vec<Span>,
    pub beside: Ems,
    inset: Ems,
}

/// Neighbouring columns under one heading.
pub struct Group<'a> {
    pub columns: std::ops::Range<usize>,
    pub heading: Option<&'a str>,
    pub span: Span,
}

/// A cell's text; its lines' place in the plan's list only where it is wider than its column.
#[derive(Clone, Copy)]
pub struct SetCell {
    pub span: Span,
    pub width: Ems,
    lines: Option<(u32, u32)>,
}

pub fn face(kind: RowKind) -> Face {
    match kind {
        RowKind::Body => Face::Regular,
        RowKind::Total => Face::Bold,
    }
}

/// The room that a cell's sign takes.
fn sign_room(cell: &Cell) -> Ems {
    if cell.status.is_some() { SIGN_ROOM } else { 0 }
}

impl<'a> Measured<'a> {
    pub fn of(flow: &mut Flow<'a>, table: &'a Table) -> Measured<'a> {
        let columns = &table.columns;
        let after_numbers =
            |at: usize| at > 0 && columns[at - 1].align == Align::End && columns[at].align == Align::Start;
        let insets: Vec<Ems> =
            (0..columns.len()).map(|at| if after_numbers(at) { INSET } else { 0 }).collect();
        let mut needs: Vec<Need> = Vec::with_capacity(columns.len());
        let mut headings = Vec::with_capacity(columns.len());
        for (column, inset) in columns.iter().zip(&insets) {
            let span = flow.setting.set(&column.heading);
            let (whole, longest) = flow.setting.widths(span, Face::Bold);
            // A long heading may take three lines, so that it does not make a column of numbers broad.
            let three_lines = longest.max(whole.div_ceil(3) + 200);
            let least = if whole <= ONE_LINE { whole } else { three_lines.min(whole) } + inset;
            let (heading, align) = (whole + inset, column.align);
            needs.push(Need { natural: least, least, heading, ideal: heading, align, share: column.share });
            headings.push(span);
        }
        let mut beside = vec![0; columns.len()];
        let mut cells = Vec::with_capacity(columns.len() * table.rows.len());
        for row in &table.rows {
            let face = face(row.kind);
            for (at, need) in needs.iter_mut().enumerate() {
                let Some(cell) = row.cells.get(at) else {
                    cells.push((Span::default(), 0));
                    continue;
                };
                let span = flow.setting.set(&cell.text);
                let (whole, longest) = flow.setting.widths(span, face);
                // A sign does not touch the number of the column before.
                let apart = if cell.status.is_some() && !need.wraps() { AIR / 2 } else { 0 };
                let room = sign_room(cell) + apart + insets[at];
                if cell.status.is_some() {
                    beside[at] = whole.max(beside[at]);
                }
                // Long words in several rows have the lines of all.
                let width = match cell.rows {
                    rows if rows > 1 && need.wraps() && whole > LONG => {
                        longest.max((whole.div_ceil(u32::from(rows)) + 1_500).min(whole))
                    }
                    _ => whole,
                };
                need.natural = need.natural.max(width + room);
                need.least = need.least.max(if need.wraps() { longest + room } else { width + room });
                let air = if need.wraps() { 0 } else { AIR };
                need.ideal = need.ideal.max(width + room + air);
                cells.push((span, whole));
            }
        }
        make_room_for_groups(flow, columns, &mut needs);
        Measured { table, needs, headings, cells, beside, insets }
    }

    /// Which columns stand together: all, or some in each part of a table too broad for the measure.
    pub fn parts(&self, measure: f32) -> Vec<Vec<usize>> {
        let columns = &self.table.columns;
        let named: Vec<usize> = (0..columns.len()).filter(|&at| columns[at].names_row).take(2).collect();
        parts(&self.needs, &named, measure)
    }

    /// Plans some of the columns in type of a size.
    pub fn plan(&self, flow: &mut Flow<'a>, part: &[usize], size: f32, pitch: Pitch) -> Plan<'a> {
        let table = self.table;
        let needs: Vec<Need> = part.iter().map(|&at| self.needs[at]).collect();
        let widths = widths(&needs, size, flow.width);
        // The widths were made of these same figures, so what just fits must not fail by a rounding.
        let measure = |width: f32| ((width * 1000.0 / size) as Ems + 4).saturating_sub(2 * PAD);
        let mut left = flow.left;
        let mut columns = Vec::with_capacity(part.len());
        for (&at, &width) in part.iter().zip(&widths) {
            let room = measure(width).saturating_sub(self.insets[at]);
            let heading = flow.setting.break_plain(self.headings[at], Face::Bold, room);
            let (column, beside, inset) = (&table.columns[at], self.beside[at], self.insets[at]);
            columns.push(PlannedColumn { at, column, left, right: left + width, heading, beside, inset });
            left += width;
        }
        let mut lines = Vec::new();
        let mut cells = Vec::with_capacity(part.len() * table.rows.len());
        let mut heights = Vec::with_capacity(table.rows.len());
        let rooms: Vec<Ems> = widths.iter().map(|&width| measure(width)).collect();
        for (row_at, row) in table.rows.iter().enumerate() {
            let mut most = 1;
            for (&at, &room) in part.iter().zip(&rooms) {
                let (span, width) = self.cells[row_at * table.columns.len() + at];
                let mut set = SetCell { span, width, lines: None };
                if let Some(cell) = row.cells.get(at) {
                    let room = room.saturating_sub(sign_room(cell) + self.insets[at]);
                    if width > room {
                        let from = lines.len() as u32;
                        lines.extend(flow.setting.break_plain(span, face(row.kind), room.max(1000)));
                        set.lines = Some((from, lines.len() as u32));
                        if cell.rows <= 1 {
                            most = most.max(lines.len() as u32 - from);
                        }
                    }
                }
                cells.push(set);
            }
            heights.push(most);
        }
        let groups = groups(flow, &columns);
        let (leading, pad) = (size * pitch.leading, size * pitch.pad);
        let mut plan = Plan { table, columns, size, leading, pad, groups, cells, lines, heights };
        plan.make_room_for_tall_cells();
        plan
    }
}

/// Columns under one heading are together at least as wide as that.
fn make_room_for_groups(flow: &mut Flow<'_>, columns: &[Column], needs: &mut [Need]) {
    let mut from = 0;
    for group in columns.chunk_by(|column, next| column.group.is_some() && column.group == next.group) {
        let under = &mut needs[from..from + group.len()];
        from += group.len();
        let Some(heading) = &group[0].group else { continue };
        let span = flow.setting.set(heading);
        let have: Ems = under.iter().map(|need| need.natural + 2 * PAD).sum();
        let short = (flow.setting.width(span, Face::Bold) + 2 * PAD).saturating_sub(have);
        for need in under {
            need.natural += short.div_ceil(group.len() as u32);
        }
    }
}

/// The headings above headings, or nothing if no column has one.
fn groups<'a>(flow: &mut Flow<'a>, columns: &[PlannedColumn<'a>]) -> Vec<Group<'a>> {
    if columns.iter().all(|column| column.column.group.is_none()) {
        return Vec::new();
    }
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (at, planned) in columns.iter().enumerate() {
        let heading = planned.column.group.as_deref();
        match groups.last_mut() {
            Some(last) if heading.is_some() && last.heading == heading => last.columns.end = at + 1,
            _ => groups.push(Group {
                columns: at..at + 1,
                heading,
                span: flow.setting.set(heading.unwrap_or("")),
            }),
        }
    }
    groups
}

impl Plan<'_> {
    pub fn set_pitch(&mut self, pitch: Pitch) {
        self.leading = self.size * pitch.leading;
        self.pad = self.size * pitch.pad;
    }

    pub fn heading_lines(&self) -> usize {
        self.columns.iter().map(|column| column.heading.len()).max().unwrap_or(0)
    }

    pub fn heading_height(&self) -> f32 {
        let groups = if self.groups.is_empty() { 0.0 } else { self.leading + 2.0 * self.pad };
        groups + self.heading_lines() as f32 * self.leading + 2.0 * self.pad
    }

    pub fn row_height(&self, lines: u32) -> f32 {
        lines as f32 * self.leading + 2.0 * self.pad
    }

    pub fn rows_height(&self, rows: std::ops::Range<usize>) -> f32 {
        rows.map(|row| self.row_height(self.heights[row])).sum()
    }

    pub fn cell(&self, row: usize, column: usize) -> &SetCell {
        &self.cells[row * self.columns.len() + column]
    }

    /// A cell's lines, if it has more than one.
    pub fn lines(&self, cell: &SetCell) -> Option<&[Span]> {
        cell.lines.map(|(from, to)| &self.lines[from as usize..to as usize])
    }

    pub fn style(&self, face: Face, ink: Ink) -> Style {
        Style { size: self.size, leading: self.leading, face, ink }
    }

    pub fn left(&self) -> f32 {
        self.columns.first().map_or(0.0, |column| column.left)
    }

    pub fn right(&self) -> f32 {
        self.columns.last().map_or(0.0, |column| column.right)
    }

    /// Where text of a width begins in a column.
    pub fn begin(&self, column: &PlannedColumn<'_>, width: Ems) -> f32 {
        let (pad, inset, width) =
            (points(PAD, self.size), points(column.inset, self.size), points(width, self.size));
        let (left, right) = (column.left + pad + inset, column.right - pad);
        match column.column.align {
            Align::Start => left,
            Align::End => right - width,
            Align::Centre => (left + right - width) / 2.0,
        }
    }

    /// Where a cell's sign stands: before text at the left, in a line of signs before numbers.
    pub fn sign(&self, column: &PlannedColumn<'_>, set: &SetCell) -> f32 {
        match column.column.align {
            Align::Start => self.begin(column, 0),
            Align::End => self.begin(column, column.beside.max(set.width) + SIGN_ROOM).max(column.left),
            Align::Centre => self.begin(column, set.width + SIGN_ROOM),
        }
    }

    /// How far a sign pushes the text of its cell to the right.
    pub fn pushed(&self, column: &PlannedColumn<'_>, status: Option<Status>) -> f32 {
        match (status, column.column.align) {
            (Some(_), Align::Start) => points(SIGN_ROOM, self.size),
            (Some(_), Align::Centre) => points(SIGN_ROOM, self.size) / 2.0,
            (Some(_), Align::End) | (None, Align::Start | Align::Centre | Align::End) => 0.0,
        }
    }

    /// A cell that stands in several rows may need more lines than they have: the last row grows.
    fn make_room_for_tall_cells(&mut self) {
        for (row_at, row) in self.table.rows.iter().enumerate() {
            for column in 0..self.columns.len() {
                let Some(rows) =
                    row.cells.get(self.columns[column].at).map(|cell| cell.rows).filter(|&rows| rows > 1)
                else {
                    continue;
                };
                let Some((from, to)) = self.cell(row_at, column).lines else { continue };
                let last = (row_at + usize::from(rows)).min(self.heights.len()) - 1;
                let have: u32 = self.heights[row_at..=last].iter().sum();
                self.heights[last] += (to - from).saturating_sub(have);
            }
        }
    }
}
