//! What the cover of the board paper says: one row, one fact.

use super::{
    findings::{Findings, LONGEST_TEXT},
    index::AreaIndex,
    tables::{Row, Tables},
};
use crate::figures::agreement::BoardPaper;
use chrono::NaiveDate;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Item {
    MeetingOn,
    Agenda,
    ReportOf,
    Contact,
    Purpose,
    Recommendation,
    BackgroundPaper,
}

const ITEMS: [(&str, Item); 7] = [
    ("meeting_on", Item::MeetingOn),
    ("agenda_item", Item::Agenda),
    ("report_of", Item::ReportOf),
    ("contact", Item::Contact),
    ("purpose", Item::Purpose),
    ("recommendation", Item::Recommendation),
    ("background_paper", Item::BackgroundPaper),
];

/// Reads the words of each area's cover.
pub fn papers(tables: &Tables, areas: &AreaIndex<'_>, findings: &mut Findings) -> Vec<BoardPaper> {
    let table = tables.get("papers");
    let [area, item, text] = table.columns(["area_code", "item", "text"]);
    let mut papers = vec![BoardPaper::default(); areas.count()];
    let mut first_rows: HashMap<(usize, Item), u32> = HashMap::new();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let kind = findings.choice(row, item, &ITEMS);
        let words = findings.words(row, text, LONGEST_TEXT);
        let (Some(area), Some(kind)) = (area, kind) else { continue };
        let paper = &mut papers[area];
        let place = match kind {
            Item::Recommendation => {
                paper.recommendations.push(words);
                continue;
            }
            Item::BackgroundPaper => {
                paper.background_papers.push(words);
                continue;
            }
            Item::MeetingOn => {
                paper.meeting_on = date(row, text, findings);
                None
            }
            Item::Agenda => Some(&mut paper.agenda_item),
            Item::ReportOf => Some(&mut paper.report_of),
            Item::Contact => Some(&mut paper.contact),
            Item::Purpose => Some(&mut paper.purpose),
        };
        if let Some(place) = place {
            *place = words;
        }
        if let Some(first) = first_rows.insert((area, kind), row.number()) {
            findings.at_cell(
                row,
                item,
                "DUPLICATE",
                format!("is said in row {first} already. Keep one of the two rows"),
            );
        }
    }
    papers
}

fn date(row: Row<'_>, column: usize, findings: &mut Findings) -> Option<NaiveDate> {
    let text = row.text(column);
    let date = (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    if date.is_none() && !text.is_empty() {
        findings.at_cell(row, column, "DATE", "is not a date. Write year, month and day, like 2016-01-26");
    }
    date
}
