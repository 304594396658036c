//! What a later version of a pack says otherwise, as a page tells it: in a sentence, then the main figures and,
//! folded away, all others, each change once.

use super::figures::BY_MONTH;
use crate::{
    packs::{compose::value::Value, restated::Restated},
    service::packs::{PackVersion, WhatChanged},
    web::words::{counted, grouped},
};
use serde::Serialize;
use std::collections::HashSet;

/// The most changed figures of a kind on one page.
const MOST_CHANGED: usize = 100;

/// The tables that show rows of others once more, or what a pack was made from rather than its figures.
const NOT_FIGURES: [&str; 7] =
    ["off_plan", "overspends", "variances", "returns", "rejects", "quality", "commentary"];

/// Changed figures as they are listed: what a board looks at first, then what is folded away.
const KINDS: [&str; 4] = ["Main figures", "Other amounts of money", "Other figures", "Month by month"];

/// What changed, as a page shows it.
#[derive(Serialize)]
pub struct ChangedShown {
    before: u32,
    before_place: String,
    /// How many figures changed and by how much the most.
    sentence: String,
    kinds: Vec<Kind>,
}

/// Changed figures of a kind.
#[derive(Serialize)]
struct Kind {
    title: &'static str,
    /// It stands after another: folded away.
    is_folded: bool,
    count: String,
    figures: Vec<FigureShown>,
    /// How many more there are than are shown.
    more: usize,
}

/// A changed figure in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FigureShown {
    /// Such as `Falls service: Outturn`.
    figure: String,
    old: String,
    new: String,
    difference: String,
}

impl ChangedShown {
    pub fn of(changed: WhatChanged, pack: &PackVersion, under: &str) -> ChangedShown {
        let figures = once(changed.figures);
        let kinds = KINDS.map(|title| (title, figures.iter().filter(|one| kind_of(one) == title).collect()));
        let kinds = kinds.into_iter().filter(|(_, figures): &(_, Vec<_>)| !figures.is_empty());
        ChangedShown {
            before: changed.before,
            before_place: format!("{under}/{}/{}", pack.as_at, changed.before),
            sentence: sentence(&figures),
            kinds: kinds
                .enumerate()
                .map(|(place, (title, figures))| kind(title, &figures, place > 0))
                .collect(),
        }
    }
}

fn kind_of(one: &Restated) -> &'static str {
    match one {
        one if BY_MONTH.contains(&one.name.as_str()) => KINDS[3],
        one if one.main_part().is_some() => KINDS[0],
        one if one.is_money() => KINDS[1],
        _ => KINDS[2],
    }
}

/// Each change once: of a figure that stands in several tables the first, and nothing of what a pack was
/// made from.
fn once(figures: Vec<Restated>) -> Vec<Restated> {
    let mut met = HashSet::new();
    let mut figures = figures;
    figures.retain(|one| {
        let is_figure = !NOT_FIGURES.contains(&one.name.as_str());
        is_figure && met.insert((one.row.clone(), one.column.clone(), one.shown()))
    });
    figures
}

fn kind(title: &'static str, figures: &[&Restated], is_folded: bool) -> Kind {
    Kind {
        title,
        is_folded,
        count: grouped(figures.len() as u64),
        more: figures.len().saturating_sub(MOST_CHANGED),
        figures: figures.iter().take(MOST_CHANGED).map(|one| shown(one)).collect(),
    }
}

fn sentence(figures: &[Restated]) -> String {
    if figures.is_empty() {
        return "No figure differs.".to_owned();
    }
    let is_of_month = |one: &&Restated| BY_MONTH.contains(&one.name.as_str());
    let (by_month, sums): (Vec<_>, Vec<_>) = figures.iter().partition(is_of_month);
    let (money, others): (Vec<&Restated>, Vec<&Restated>) = sums.into_iter().partition(|one| one.is_money());
    let amount = |of: &[&Restated], one: &str, many: &str| counted(of.len() as u64, one, many);
    let mut sentence = format!(
        "{} and {} differ",
        amount(&money, "amount of money", "amounts of money"),
        amount(&others, "other figure", "other figures")
    );
    if !by_month.is_empty() {
        let months = amount(&by_month, "figure of a single month", "figures of single months");
        sentence += &format!(", besides {months}");
    }
    // Of several, the first in the order of the pack.
    let largest = money.iter().rev().filter(|one| moved(one).is_some()).max_by_key(|one| moved(one));
    if let Some(largest) = largest.map(|one| shown(one)) {
        let FigureShown { figure, old, new, difference } = largest;
        sentence += &format!(". The most that any moved is {difference}: {figure}, from {old} to {new}");
    }
    sentence + "."
}

/// By how much an amount of money moved, up or down.
fn moved(money: &Restated) -> Option<u64> {
    match money.difference {
        Some(Value::Money(amount)) => Some(amount.0.unsigned_abs()),
        _ => None,
    }
}

fn shown(one: &Restated) -> FigureShown {
    let [old, new, difference] = one.shown();
    FigureShown {
        figure: match one.row.as_str() {
            "" => one.column.clone(),
            row => format!("{row}: {}", one.column),
        },
        old,
        new,
        difference: Some(difference).filter(|words| !words.is_empty()).unwrap_or("not applicable".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::money::Pence, packs::difference::less};

    fn changed(name: &str, row: &str, column: &str, values: [Value<'static>; 2]) -> Restated {
        let [old, new] = values;
        Restated {
            name: name.to_owned(),
            field: column.to_owned(),
            table: name.to_owned(),
            row: row.to_owned(),
            column: column.to_owned(),
            difference: less(&new, &old),
            old: Some(old),
            new: Some(new),
        }
    }

    fn money(row: &str, old: i64, new: i64) -> Restated {
        changed("schemes", row, "Outturn", [old, new].map(|pounds| Value::Money(Pence(pounds))))
    }

    #[test]
    fn each_change_is_told_once_and_what_a_pack_is_made_from_is_none() {
        let falls = || money("Falls", 1000, 1250);
        let told = once(vec![
            falls(),
            Restated { name: "overspends".into(), ..falls() },
            Restated { name: "pools".into(), ..falls() },
            changed("returns", "3", "SHA-256", [Value::text("ab"), Value::text("cd")]),
        ]);
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn a_sentence_says_how_many_differ_and_what_moved_most() {
        let figures = [
            money("Falls", 2_076_293_856, 2_076_393_856),
            money("Home care", 500_000, 300_000),
            changed("scorecard", "Falls", "Year to date", [1200, 1100].map(Value::Whole)),
        ];
        assert_eq!(
            sentence(&figures),
            "2 amounts of money and 1 other figure differ. The most that any moved is \u{2212}£2,000.00: Home care: \
             Outturn, from £5,000.00 to £3,000.00."
        );
        assert_eq!(shown(&figures[2]).difference, "\u{2212}100");
        assert_eq!(shown(&figures[0]).difference, "+£1,000.00");
        assert_eq!(sentence(&[]), "No figure differs.");
    }
}
