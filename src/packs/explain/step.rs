//! Steps of a working, and the sums in them as people write them.

use crate::{
    figures::{money::Pence, period::Month},
    packs::compose::{
        figure_id::id_of,
        value::{Show, Value, money},
    },
};
use rust_decimal::Decimal;

/// One step: the rule in words, what goes in, the sum, and what that comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The rule, such as `Band 1: up to £20,000.00 away from plan`.
    pub clause: String,
    /// Where the rule stands in the plan, such as `bands: INTEGRATED, over, band 1`; empty for a rule
    /// that holds for every plan.
    pub stands_in: String,
    pub inputs: Vec<Input>,
    /// The sum in figures, such as `£30,000.01 − £20,000.00`.
    pub arithmetic: String,
    pub result: Value<'static>,
}

/// What goes into a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub name: String,
    pub value: Value<'static>,
    /// Its id, where it is a figure of the pack.
    pub figure: Option<String>,
}

impl Step {
    pub(super) fn new(
        clause: impl Into<String>,
        arithmetic: impl Into<String>,
        result: Value<'static>,
    ) -> Step {
        Step {
            clause: clause.into(),
            stands_in: String::new(),
            inputs: Vec::new(),
            arithmetic: arithmetic.into(),
            result,
        }
    }

    pub(super) fn of(self, inputs: impl IntoIterator<Item = Input>) -> Step {
        Step { inputs: inputs.into_iter().collect(), ..self }
    }

    pub(super) fn stands_in(self, place: impl Into<String>) -> Step {
        Step { stands_in: place.into(), ..self }
    }
}

impl Input {
    pub(super) fn new(name: impl Into<String>, value: Value<'static>) -> Input {
        Input { name: name.into(), value, figure: None }
    }

    /// A figure of the pack: its table, what its key fields say, and its field.
    pub(super) fn figure(
        name: impl Into<String>,
        value: Value<'static>,
        table: &str,
        key: &[&str],
        field: &str,
    ) -> Input {
        Input { name: name.into(), value, figure: Some(id_of(table, key, field)) }
    }
}

/// What a sum of rows is called in ids.
pub(super) const TOTAL: &str = crate::packs::compose::figure_id::TOTAL;

/// `£1.00 + £2.00 − £0.50`; `nothing` where there are no terms.
pub(super) fn plus(terms: impl IntoIterator<Item = String>) -> String {
    let mut out = String::new();
    for term in terms {
        match (out.is_empty(), term.strip_prefix('\u{2212}')) {
            (true, _) => out.push_str(&term),
            (false, Some(size)) => out.push_str(&format!(" \u{2212} {size}")),
            (false, None) => out.push_str(&format!(" + {term}")),
        }
    }
    if out.is_empty() { "nothing".into() } else { out }
}

/// A sum of amounts of money. Where none are held the sum is nought for want of them, and that is said.
pub(super) fn plus_money(amounts: impl IntoIterator<Item = Pence>) -> String {
    let mut amounts = amounts.into_iter().map(money).peekable();
    match amounts.peek() {
        Some(_) => plus(amounts),
        None => "no amounts are held to add up, so the sum".into(),
    }
}

/// `£5.00 − £7.00`, and `£5.00 − (−£7.00)` where the second is below nought.
pub(super) fn minus_money(from: Pence, amount: Pence) -> String {
    format!("{} \u{2212} {}", money(from), in_brackets(money(amount)))
}

pub(super) fn minus(from: Decimal, amount: Decimal) -> String {
    format!("{} \u{2212} {}", number(from), in_brackets(number(amount)))
}

/// A negative number within a sum stands in brackets.
pub(super) fn in_brackets(number: String) -> String {
    if number.starts_with('\u{2212}') { format!("({number})") } else { number }
}

pub(super) fn number(number: Decimal) -> String {
    Value::Number(number).shown(Show::Plain)
}

pub(super) fn whole(number: i64) -> String {
    Value::Whole(number).shown(Show::Plain)
}

/// `2.5%` for 250 basis points.
pub(super) fn basis_points(bp: i64) -> String {
    format!("{}%", number(Decimal::from_i128_with_scale(i128::from(bp), 2).normalize()))
}

/// An exact part of an amount: `bp` basis points of it in pounds, not rounded.
pub(super) fn exact_part(amount: Pence, bp: i64) -> String {
    let mut pounds = Decimal::from_i128_with_scale(i128::from(amount.0) * i128::from(bp), 6).normalize();
    pounds.rescale(pounds.scale().max(2));
    let shown = number(pounds);
    match shown.strip_prefix('\u{2212}') {
        Some(size) => format!("\u{2212}£{size}"),
        None => format!("£{shown}"),
    }
}

/// `April 2015 to November 2015`, or the one month.
pub(super) fn span(first: Month, last: Month) -> String {
    if first == last { first.name() } else { format!("{} to {}", first.name(), last.name()) }
}
