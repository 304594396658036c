//! What a later version of a pack says otherwise, as a page tells it: in a sentence, then the money and
//! the other figures, each change once.

use crate::{
    figures::money::Pence,
    packs::{
        compose::value::{self, Show, Value},
        restated::Restated,
    },
    service::packs::{PackVersion, WhatChanged},
    web::words::counted,
};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::HashSet;

/// The most changed figures of a kind on one page.
const MOST_CHANGED: usize = 100;

/// The tables that show rows of others once more, or what a pack was made from rather than its figures.
const NOT_FIGURES: [&str; 7] =
    ["off_plan", "overspends", "variances", "returns", "rejects", "quality", "commentary"];

/// The tables that have a figure for each month: long lists of what other tables sum up.
const BY_MONTH: [&str; 4] = ["scorecard_months", "measure_months", "fund_months", "capitation_months"];

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
    /// It sums up nothing that is not in the others: folded away.
    is_folded: bool,
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
        let (by_month, sums): (Vec<_>, Vec<_>) =
            figures.into_iter().partition(|one| BY_MONTH.contains(&one.name.as_str()));
        let (money, others): (Vec<_>, Vec<_>) = sums.into_iter().partition(|one| one.is_money);
        let sentence = sentence(&money, &others, &by_month);
        let kinds =
            [("Money", money, false), ("Other figures", others, false), ("Month by month", by_month, true)];
        let kinds = kinds.into_iter().filter(|(_, figures, _)| !figures.is_empty());
        ChangedShown {
            before: changed.before,
            before_place: format!("{under}/{}/{}", pack.as_at, changed.before),
            sentence,
            kinds: kinds.map(|(title, figures, is_folded)| kind(title, &figures, is_folded)).collect(),
        }
    }
}

/// Each change once: of a figure that stands in several tables the first, and nothing of what a pack was
/// made from.
fn once(figures: Vec<Restated>) -> Vec<Restated> {
    let mut met = HashSet::new();
    let mut figures = figures;
    figures.retain(|one| {
        let is_figure = !NOT_FIGURES.contains(&one.name.as_str());
        let said = (one.row.clone(), one.column.clone(), one.old.clone(), one.new.clone());
        is_figure && met.insert(said)
    });
    figures
}

fn kind(title: &'static str, figures: &[Restated], is_folded: bool) -> Kind {
    Kind {
        title,
        is_folded,
        more: figures.len().saturating_sub(MOST_CHANGED),
        figures: figures.iter().take(MOST_CHANGED).map(shown).collect(),
    }
}

fn sentence(money: &[Restated], others: &[Restated], by_month: &[Restated]) -> String {
    if money.is_empty() && others.is_empty() && by_month.is_empty() {
        return "No figure differs.".to_owned();
    }
    let amount = |count: usize, one: &str, many: &str| counted(count as u64, one, many);
    let mut sentence = format!(
        "{} and {} differ",
        amount(money.len(), "amount of money", "amounts of money"),
        amount(others.len(), "other figure", "other figures")
    );
    if !by_month.is_empty() {
        let months = amount(by_month.len(), "figure of a single month", "figures of single months");
        sentence += &format!(", besides {months}");
    }
    let moved = |one: &&Restated| pence(&one.difference).map(|pence| pence.0.unsigned_abs());
    let largest = money.iter().filter(|one| moved(one).is_some()).max_by_key(moved);
    if let Some(largest) = largest.map(shown) {
        let FigureShown { figure, old, new, difference } = largest;
        sentence += &format!(". The most that any moved is {difference}: {figure}, from {old} to {new}");
    }
    sentence + "."
}

fn shown(one: &Restated) -> FigureShown {
    let value = |text: &str| match (text, one.is_money) {
        ("", _) => "not there".to_owned(),
        (text, true) => pence(text).map_or_else(|| text.to_owned(), value::money),
        (text, false) => number(text),
    };
    FigureShown {
        figure: match one.row.as_str() {
            "" => one.column.clone(),
            row => format!("{row}: {}", one.column),
        },
        old: value(&one.old),
        new: value(&one.new),
        difference: match one.difference.as_str() {
            "" => "not applicable".to_owned(),
            less if less.starts_with('+') => format!("+{}", value(&less[1..])),
            less => value(less),
        },
    }
}

/// Pounds and pence as a file of data holds them.
fn pence(text: &str) -> Option<Pence> {
    Pence::parse(text.strip_prefix('+').unwrap_or(text).as_bytes())
}

/// A number with its thousands set apart and a true minus; any other text as it is.
fn number(text: &str) -> String {
    match text.parse::<Decimal>() {
        Ok(number) => Value::Number(number).shown(Show::Plain),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(name: &str, row: &str, column: &str, is_money: bool, said: [&str; 3]) -> Restated {
        let [old, new, difference] = said.map(str::to_owned);
        let (row, column) = (row.to_owned(), column.to_owned());
        Restated {
            name: name.to_owned(),
            is_money,
            table: name.to_owned(),
            row,
            column,
            old,
            new,
            difference,
        }
    }

    #[test]
    fn each_change_is_told_once_and_what_a_pack_is_made_from_is_none() {
        let falls = ["10.00", "12.50", "+2.50"];
        let told = once(vec![
            moved("schemes", "Falls", "Outturn", true, falls),
            moved("overspends", "Falls", "Outturn", true, falls),
            moved("pools", "Falls", "Outturn", true, falls),
            moved("returns", "3", "SHA-256", false, ["ab", "cd", ""]),
        ]);
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn a_sentence_says_how_many_differ_and_what_moved_most() {
        let money = [
            moved("schemes", "Falls", "Outturn", true, ["20762938.56", "20763938.56", "+1000.00"]),
            moved("schemes", "Home care", "Outturn", true, ["5000.00", "3000.00", "-2000.00"]),
        ];
        let other = [moved("scorecard", "Falls", "Year to date", false, ["1200", "1100", "-100"])];
        assert_eq!(
            sentence(&money, &other, &[]),
            "2 amounts of money and 1 other figure differ. The most that any moved is \u{2212}£2,000.00: Home care: \
             Outturn, from £5,000.00 to £3,000.00."
        );
        assert_eq!(shown(&other[0]).difference, "\u{2212}100");
        assert_eq!(shown(&money[0]).difference, "+£1,000.00");
        assert_eq!(sentence(&[], &[], &[]), "No figure differs.");
    }
}
