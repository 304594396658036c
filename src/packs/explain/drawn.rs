//! An explanation as blocks, so that a page and any other format draw it like everything else.

use super::{Explanation, Input, Step, named_return};
use crate::packs::{
    compose::value::{Show, Value},
    document::{Align, Block, Cell, Column, Paragraph, ParagraphStyle, Row, RowKind, Table, Text},
};

impl Explanation {
    /// Paragraphs, definitions and tables without a heading; cells of figures have their ids.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![self.facts()];
        if !self.steps.is_empty() {
            blocks.push(Block::Table(self.working()));
        }
        let made_from = self.made_from();
        if !made_from.is_empty() {
            blocks.push(Block::Table(inputs(&made_from)));
        }
        if self.sources.count > 0 {
            blocks.push(Block::Table(self.rows()));
            if self.sources.count > self.sources.first().len() {
                let (shown, all) = (self.sources.first().len() as i64, self.sources.count as i64);
                blocks.push(note(format!(
                    "The first {} of {} rows are listed.",
                    Value::Whole(shown).shown(Show::Plain),
                    Value::Whole(all).shown(Show::Plain)
                )));
            }
        } else if self.steps.is_empty() {
            blocks.push(note("The table says all there is to know of this figure.".into()));
        }
        blocks
    }

    fn facts(&self) -> Block {
        let pair = |name: &str, what: String| (Text::plain(name), Text::plain(what));
        Block::Definitions(vec![
            pair("Figure", format!("{}: {}", self.row, self.column)),
            pair("Value", self.value.shown(Show::Plain)),
            pair("What it is", self.meaning.to_owned()),
            pair("Table", self.title.clone()),
        ])
    }

    fn working(&self) -> Table {
        let with_places = self.steps.iter().any(|step| !step.stands_in.is_empty());
        let mut columns = vec![
            column("", Align::End, false, None),
            column("Rule", Align::Start, true, Some(4.0)),
            column("Sum", Align::Start, false, Some(4.0)),
        ];
        if with_places {
            columns.push(column("In the plan", Align::Start, false, Some(2.0)));
        }
        columns.push(column("Comes to", Align::End, false, None));
        let last = self.steps.len();
        let row = |(number, step): (usize, &Step)| {
            let mut cells =
                vec![Cell::text(number.to_string()), Cell::text(&step.clause), Cell::text(&step.arithmetic)];
            if with_places {
                cells.push(Cell::text(&step.stands_in));
            }
            cells.push(step.result.cell(Show::Plain));
            Row { kind: if number == last { RowKind::Total } else { RowKind::Body }, cells }
        };
        table("working", "How it is worked out", columns, (1..).zip(&self.steps).map(row).collect())
    }

    fn rows(&self) -> Table {
        let columns = vec![
            column("Return", Align::Start, true, None),
            column("Row", Align::End, false, None),
            column("Month", Align::Start, false, None),
            column("Of", Align::Start, false, Some(3.0)),
            column("What the row says", Align::Start, false, Some(4.0)),
        ];
        let rows = self.sources.first().iter().map(|row| Row {
            kind: RowKind::Body,
            cells: vec![
                Cell::text(named_return(row)),
                Cell::text(Value::Whole(i64::from(row.source.row)).shown(Show::Plain)),
                Cell::text(&row.period),
                Cell::text(&row.subject),
                Cell::text(&row.says),
            ],
        });
        table("sources", "What it rests on", columns, rows.collect())
    }
}

fn inputs(made_from: &[&Input]) -> Table {
    let columns =
        vec![column("Figure", Align::Start, true, Some(4.0)), column("Value", Align::End, false, None)];
    let rows = made_from.iter().map(|input| Row {
        kind: RowKind::Body,
        cells: vec![
            Cell::text(&input.name),
            Cell { figure: input.figure.as_deref().map(Into::into), ..input.value.cell(Show::Plain) },
        ],
    });
    table("made-from", "The figures that it is made from", columns, rows.collect())
}

fn column(heading: &str, align: Align, names_row: bool, share: Option<f32>) -> Column {
    Column { heading: heading.into(), group: None, align, names_row, share }
}

fn table(id: &str, caption: &str, columns: Vec<Column>, rows: Vec<Row>) -> Table {
    Table { id: format!("table-{id}"), caption: Text::plain(caption), columns, rows, dense: true }
}

fn note(words: String) -> Block {
    Block::Paragraph(Paragraph { style: ParagraphStyle::Note, text: Text::plain(words) })
}
