//! Figures that move, before and after: money first.

use crate::packs::{
    compose::value::{Show, Value},
    difference::Changed,
};
use serde::Serialize;

/// A figure that moves, as a row of a page's table.
#[derive(Serialize)]
pub struct Moved {
    /// Where the figure stands now, and how it was worked out.
    pub place: String,
    /// Of what: `Falls service`; empty where the column says it all.
    pub row: String,
    pub column: String,
    pub table: &'static str,
    pub before: String,
    pub after: String,
    pub difference: String,
    /// Where it is explained as supposed; empty where nothing is supposed.
    pub why: String,
}

/// The figures of money, the others, and those of one month each.
#[derive(Serialize)]
pub struct AllMoved {
    pub count: usize,
    pub money: Vec<Moved>,
    pub others: Vec<Moved>,
    pub by_month: Vec<Moved>,
    pub by_month_count: usize,
}

/// The tables that show rows of others once more.
const AGAIN: [&str; 2] = ["off_plan", "overspends"];

/// The tables that have a figure for each month: long lists of what other tables sum up.
pub const BY_MONTH: [&str; 4] = ["scorecard_months", "measure_months", "fund_months", "capitation_months"];

impl AllMoved {
    /// `figures` is what stands before a figure's id in its address; `why` gives where it is
    /// explained as supposed.
    pub fn of(changed: &[Changed], figures: &str, why: impl Fn(&str) -> String) -> AllMoved {
        let once = || changed.iter().filter(|changed| !AGAIN.contains(&changed.table));
        let (by_month, sums): (Vec<&Changed>, Vec<&Changed>) =
            once().partition(|changed| BY_MONTH.contains(&changed.table));
        let (money, others): (Vec<&Changed>, Vec<&Changed>) =
            sums.into_iter().partition(|changed| changed.is_money());
        let rows = |list: Vec<&Changed>| list.into_iter().map(|one| moved(one, figures, &why)).collect();
        AllMoved {
            count: once().count(),
            by_month_count: by_month.len(),
            money: rows(money),
            others: rows(others),
            by_month: rows(by_month),
        }
    }

    /// Without links to what stood before, for what never stood on a page.
    pub fn without_before(mut self) -> AllMoved {
        for moved in self.money.iter_mut().chain(&mut self.others).chain(&mut self.by_month) {
            moved.place.clear();
        }
        self
    }
}

fn moved(changed: &Changed, figures: &str, why: &impl Fn(&str) -> String) -> Moved {
    let shown = |value: &Option<Value<'_>>| {
        value.as_ref().map_or_else(|| "not there".to_owned(), |value| value.shown(Show::Plain))
    };
    Moved {
        place: if changed.before.is_some() { format!("{figures}{}", changed.figure) } else { String::new() },
        row: changed.row.clone(),
        column: changed.column.clone(),
        table: words_of(changed.table),
        before: shown(&changed.before),
        after: shown(&changed.after),
        difference: changed.difference.as_ref().map_or_else(|| "changed".to_owned(), Value::signed),
        why: if changed.after.is_some() { why(&changed.figure) } else { String::new() },
    }
}

/// A table of the pack, in a word or two.
fn words_of(table: &'static str) -> &'static str {
    match table {
        "scorecard" => "scorecard",
        "scorecard_months" => "scorecard by month",
        "measure_months" => "months of measures",
        "fund_months" => "fund by month",
        "fund_history" => "fund by year",
        "risk_share" => "risk share",
        "capitation_months" => "contract by month",
        "segments" => "contract by segment",
        "practices" => "contract by practice",
        other => other,
    }
}
