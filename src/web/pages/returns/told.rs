//! What a check found, as rows of tables.

use super::counted;
use crate::{
    service::returns::{ChangeTold, CheckOutcome, FigureMoved, ToldFault},
    web::words::grouped,
};
use serde::Serialize;

/// The most figures of the pack that are told one by one.
const MOST_FIGURES: usize = 40;

/// What accepting a return would change.
#[derive(Serialize)]
pub(super) struct WouldChange {
    words: String,
    cells: Vec<ChangeTold>,
    cells_more: String,
    figures: Vec<FigureMoved>,
    figures_more: String,
}

impl WouldChange {
    pub(super) fn of(found: &CheckOutcome) -> WouldChange {
        let figures = found.figures.iter().take(MOST_FIGURES).cloned();
        WouldChange {
            words: format!(
                "{} new, {} changed, {} the same as what is held.",
                counted(found.new_rows as usize, "row"),
                grouped(found.changed_rows as u64),
                grouped(found.same_rows as u64)
            ),
            cells: found.changes.clone(),
            cells_more: more(found.changes_not_told),
            figures: figures.collect(),
            figures_more: more(found.figures.len().saturating_sub(MOST_FIGURES)),
        }
    }
}

/// A fault or query, as a row of a table.
#[derive(Serialize)]
pub(super) struct Line {
    rows: String,
    column: String,
    found: String,
    problem: String,
    remedy: String,
}

pub(super) fn line(fault: ToldFault) -> Line {
    Line {
        rows: match fault.last_row {
            last if last == fault.row => fault.row.to_string(),
            last => format!("{} to {last}", fault.row),
        },
        column: match fault.column.as_str() {
            "" => "whole row".to_owned(),
            letters => format!("{letters} “{}”", fault.heading),
        },
        found: if fault.found.is_empty() && !fault.column.is_empty() { "empty".into() } else { fault.found },
        problem: fault.problem,
        remedy: if fault.remedy.is_empty() { "Say in your comment why".into() } else { fault.remedy },
    }
}

/// `and 312 more`; empty for none.
pub(super) fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        _ => format!("and {} more", grouped(count as u64)),
    }
}
