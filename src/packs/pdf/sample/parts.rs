//! What the sections of the made-up pack are built of.

use crate::packs::document::*;

pub const MEASURES: [&str; 8] = [
    "Emergency admissions, all ages",
    "Delayed transfers of care (days)",
    "Permanent admissions to residential and nursing care homes, aged 65 and over",
    "Still at home 91 days after discharge into reablement",
    "Injuries due to falls, 65+",
    "Dementia diagnosis rate",
    "Carers’ quality of life",
    "Avoidable admissions of children with long-term conditions",
];
pub const MONTHS: [&str; 9] =
    ["Apr 15", "May 15", "Jun 15", "Jul 15", "Aug 15", "Sep 15", "Oct 15", "Nov 15", "Dec 15"];
pub const PARTNERS: [&str; 6] =
    ["Council", "CCG North", "CCG South", "Acute trust", "Community trust", "Hospice"];
pub const STATUSES: [Status; 4] = [Status::Good, Status::Watch, Status::Bad, Status::Unknown];

/// A figure that looks like one.
pub fn figure(seed: usize) -> usize {
    (seed + 7) * 7_919 % 99_991
}

pub fn pounds(seed: usize) -> String {
    let amount = figure(seed) * 37;
    format!("£{},{:03},{:03}", 1 + amount / 1_000_000, amount / 1_000 % 1_000, amount % 1_000)
}

pub fn change(seed: usize) -> String {
    let sign = if figure(seed).is_multiple_of(3) { '−' } else { '+' };
    format!("{sign}£{},{:03}", 1 + figure(seed) % 800, figure(seed) % 1_000)
}

pub fn number(seed: usize) -> String {
    format!("{},{:03}.{}", 1 + figure(seed) % 9, figure(seed) % 1_000, figure(seed) % 10)
}

pub fn heading(level: u8, id: &str, words: &str) -> Block {
    Block::Heading(Heading { level, id: id.to_owned(), text: Text::plain(words) })
}

pub fn paragraph(style: ParagraphStyle, words: &str) -> Block {
    Block::Paragraph(Paragraph { style, text: Text::plain(words) })
}

pub fn column(heading: &str, align: Align) -> Column {
    Column { heading: heading.to_owned(), group: None, align, names_row: false, share: None }
}

pub fn named(heading: &str) -> Column {
    Column { names_row: true, ..column(heading, Align::Start) }
}

pub fn grouped(group: &str, heading: &str) -> Column {
    Column { group: Some(group.to_owned()), ..column(heading, Align::End) }
}

pub fn judged(seed: usize, text: String) -> Cell {
    Cell { status: Some(STATUSES[figure(seed) % 4]), ..Cell::text(text) }
}

pub fn said(seed: usize) -> Cell {
    let status = STATUSES[figure(seed) % 4];
    Cell { status: Some(status), ..Cell::text(status.word()) }
}

pub fn table(id: &str, caption: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>, dense: bool) -> Block {
    let last = rows.len().saturating_sub(1);
    let kind = |at: usize, cells: &[Cell]| {
        if at == last && cells[0].text == "Total" { RowKind::Total } else { RowKind::Body }
    };
    let rows =
        rows.into_iter().enumerate().map(|(at, cells)| Row { kind: kind(at, &cells), cells }).collect();
    Block::Table(Table { id: id.to_owned(), caption: Text::plain(caption), columns, rows, dense })
}

/// A line chart with limits.
pub fn chart(id: usize) -> Figure {
    let (width, height) = (240.0, 120.0);
    let x = |at: usize| 30.0 + at as f32 * 5.6;
    let y = |seed: usize| 20.0 + (figure(seed) % 70) as f32;
    let line = |seed: usize| (0..36).map(|at| Point { x: x(at), y: y(seed + at) }).collect::<Vec<_>>();
    let stroke = |ink, width, dash| Stroke { ink, width, dash };
    let mut marks = Vec::new();
    for (at, level) in [(0, 30.0), (1, 55.0), (2, 80.0)] {
        let (from, to) = (Point { x: 30.0, y: level }, Point { x: 226.0, y: level });
        let ink = if at == 1 { Ink::Mean } else { Ink::Limit };
        marks.push(Mark::Line {
            from,
            to,
            stroke: stroke(ink, 0.6, if at == 1 { Dash::Solid } else { Dash::Dashed }),
        });
    }
    marks.push(Mark::Polyline { points: line(id + 40), stroke: stroke(Ink::Target, 0.8, Dash::Dotted) });
    marks.push(Mark::Polyline { points: line(id), stroke: stroke(Ink::Actual, 1.2, Dash::Solid) });
    for (at, point) in line(id).into_iter().enumerate() {
        let (fill, shape) = match at % 12 {
            3 => (Ink::Concern, Shape::TriangleDown),
            5 => (Ink::Improvement, Shape::TriangleUp),
            _ => (Ink::Actual, Shape::Circle),
        };
        marks.push(Mark::Dot { at: point, radius: 1.4, fill, shape });
    }
    let label = |x, y, text: String, anchor| Mark::Label {
        at: Point { x, y },
        text,
        anchor,
        size: 6.5,
        ink: Ink::Muted,
        strong: false,
    };
    for (at, month) in ["Apr 13", "Oct 13", "Apr 14", "Oct 14", "Apr 15", "Oct 15"].iter().enumerate() {
        marks.push(label(x(at * 6), 110.0, (*month).to_owned(), Anchor::Middle));
    }
    for at in 0..4 {
        marks.push(label(26.0, 22.0 + at as f32 * 24.0, format!("{}", 400 - at * 100), Anchor::End));
    }
    Figure {
        id: format!("chart-{id}"),
        headline: format!("{} are above plan: {} in November", MEASURES[id % 8], number(id)),
        subtitle: "Per 100,000 people, April 2013 to November 2015".to_owned(),
        alternative: format!(
            "Line chart of 36 months. Mean {}, limits {} to {}. The latest value is {}.",
            number(id),
            number(id + 1),
            number(id + 2),
            number(id + 3)
        ),
        drawing: Drawing { width, height, marks },
    }
}
