//! What a check found, as rows of tables.

use crate::{
    packs::compose::value::{Show, Value},
    service::returns::{ChangeTold, CheckOutcome, FigureMoved, ToldFault},
    web::words::{grouped, plural},
};
use rust_decimal::Decimal;
use serde::Serialize;

/// The most figures of the pack that are told one by one.
const MOST_FIGURES: usize = 40;

/// What accepting a return would change.
#[derive(Serialize)]
pub(super) struct WouldChange {
    words: String,
    cells: Vec<Cell>,
    cells_more: String,
    figures: Vec<FigureMoved>,
    figures_more: String,
}

/// A cell that says something else than what is held.
#[derive(Serialize)]
struct Cell {
    #[serde(flatten)]
    told: ChangeTold,
    /// What is in the file less what is held; empty where they are no numbers.
    difference: String,
}

/// How much more one amount or number is than another, as both are shown; empty where they are none.
fn difference(was: &str, now: &str) -> String {
    let number = |text: &str| {
        let plain: String = text.chars().filter(|letter| !matches!(letter, '£' | ',')).collect();
        plain.replace('\u{2212}', "-").parse::<Decimal>().ok()
    };
    let less = number(was).zip(number(now)).and_then(|(was, now)| now.checked_sub(was));
    let Some(less) = less else { return String::new() };
    let sign = match less {
        less if less > Decimal::ZERO => "+",
        less if less < Decimal::ZERO => "\u{2212}",
        _ => "",
    };
    let pounds = if now.contains('£') { "£" } else { "" };
    format!("{sign}{pounds}{}", Value::Number(less.abs()).shown(Show::Plain))
}

impl WouldChange {
    pub(super) fn of(found: &CheckOutcome) -> WouldChange {
        let figures = found.figures.iter().take(MOST_FIGURES).cloned();
        WouldChange {
            words: format!(
                "{} new, {} changed, {} the same as what is held.",
                plural(found.new_rows, "row"),
                grouped(found.changed_rows as u64),
                grouped(found.same_rows as u64)
            ),
            cells: found.changes.iter().map(cell).collect(),
            cells_more: more(found.changes_not_told),
            figures: figures.collect(),
            figures_more: more(found.figures.len().saturating_sub(MOST_FIGURES)),
        }
    }
}

fn cell(told: &ChangeTold) -> Cell {
    Cell { difference: difference(&told.was, &told.now), told: told.clone() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_says_how_much_more_the_file_has_than_what_is_held() {
        assert_eq!(difference("22560.06", "23060.16"), "+500.10");
        assert_eq!(difference("£1,200.00", "\u{2212}£1.00"), "\u{2212}£1,201.00");
        assert_eq!(difference("nothing", "12"), "");
    }
}
