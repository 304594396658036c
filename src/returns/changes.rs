//! What a checked return would change of what is held, were it accepted.

use super::check::ReturnFacts;
use crate::figures::{
    agreement::AreaPlan,
    facts::{AreaFacts, CapitationLine, FinanceLine, MeasureFact, Target, TargetValue},
    money::Pence,
    period::Period,
};
use rust_decimal::Decimal;
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

/// What a return would change of what is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that speak of what nothing was held about.
    pub new_rows: u32,
    pub same_rows: u32,
    pub changed_rows: u32,
    /// Each cell that changes, in row order.
    pub cells: Vec<ChangedCell>,
}

/// A cell that says something else than what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedCell {
    /// As a spreadsheet numbers it.
    pub row: u32,
    /// What the row speaks of, such as `November 2015, Reablement, BCC`.
    pub what: String,
    pub column: &'static str,
    pub was: String,
    pub now: String,
}

/// What would be held once a return was accepted: its rows in the place of those that speak of the same.
pub fn once_accepted(held: &AreaFacts, sent: &ReturnFacts) -> AreaFacts {
    let mut facts = held.clone();
    match sent {
        ReturnFacts::Finance(lines) => {
            replace(&mut facts.finance, lines, |line| (line.month, line.scheme, line.partner));
        }
        ReturnFacts::Measures(sent) => {
            replace(&mut facts.measures, sent, |fact| (fact.month, fact.measure));
        }
        ReturnFacts::Capitation(lines) => {
            replace(&mut facts.capitation, lines, |line| (line.month, line.segment, line.practice));
        }
        ReturnFacts::Targets(targets) => {
            replace(&mut facts.targets, targets, |target| (target.measure, target.period));
        }
    }
    facts
}

/// The rows of a return that would change what is held, or say what nothing is held about, with the period
/// that each speaks of. In row order.
pub fn rows_that_change(plan: &AreaPlan, held: &AreaFacts, sent: &ReturnFacts) -> Vec<(u32, Period)> {
    match sent {
        ReturnFacts::Finance(lines) => differing(
            held.finance.iter(),
            lines,
            |line| (line.month, line.scheme, line.partner),
            |line| (line.budget, line.actual, line.forecast),
            |line| (line.source.row, Period::Month(line.month)),
        ),
        ReturnFacts::Measures(facts) => differing(
            held.measures.iter(),
            facts,
            |fact| (fact.month, fact.measure),
            |fact| (fact.numerator_hundredths, fact.denominator_hundredths),
            |fact| (fact.source.row, Period::Month(fact.month)),
        ),
        ReturnFacts::Capitation(lines) => differing(
            held.capitation.iter(),
            lines,
            |line| (line.month, line.segment, line.practice),
            |line| (line.members, line.cost),
            |line| (line.source.row, Period::Month(line.month)),
        ),
        ReturnFacts::Targets(targets) => differing(
            plan.targets.iter().chain(&held.targets),
            targets,
            |target| (target.measure, target.period),
            |target| target.value,
            |target| (target.source.row, target.period),
        ),
    }
}

fn differing<'f, T: 'f, K: Eq + Hash, V: PartialEq>(
    held: impl Iterator<Item = &'f T>,
    sent: &[T],
    key: impl Fn(&T) -> K,
    value: impl Fn(&T) -> V,
    place: impl Fn(&T) -> (u32, Period),
) -> Vec<(u32, Period)> {
    let known: HashMap<K, V> = held.map(|fact| (key(fact), value(fact))).collect();
    let differs = |fact: &&T| known.get(&key(fact)).is_none_or(|known| *known != value(fact));
    sent.iter().filter(differs).map(place).collect()
}

fn replace<T: Copy, K: Eq + Hash>(held: &mut Vec<T>, sent: &[T], key: impl Fn(&T) -> K) {
    let replaced: HashSet<K> = sent.iter().map(&key).collect();
    held.retain(|fact| !replaced.contains(&key(fact)));
    held.extend(sent);
}

/// What a return would change of what is held.
pub fn changes(plan: &AreaPlan, held: &AreaFacts, sent: &ReturnFacts) -> Changes {
    let mut changes = Changes::default();
    match sent {
        ReturnFacts::Finance(lines) => {
            let key = |line: &FinanceLine| (line.month, line.scheme, line.partner);
            let known: HashMap<_, _> = held.finance.iter().map(|line| (key(line), line)).collect();
            for line in lines {
                let what = |plan: &AreaPlan| {
                    let scheme = &plan.schemes[usize::from(line.scheme)];
                    let partner = &plan.partners[usize::from(line.partner)];
                    format!("{}, {} {}, {}", line.month.name(), scheme.id, scheme.name, partner.id)
                };
                let cells = |line: &FinanceLine| {
                    let actual = line.actual.map_or("no actual".to_owned(), pounds);
                    [("budget", pounds(line.budget)), ("actual", actual), ("forecast", pounds(line.forecast))]
                };
                let before = known.get(&key(line)).map(|before| cells(before));
                changes.note(line.source.row, || what(plan), before, cells(line));
            }
        }
        ReturnFacts::Measures(facts) => {
            let key = |fact: &MeasureFact| (fact.month, fact.measure);
            let known: HashMap<_, _> = held.measures.iter().map(|fact| (key(fact), fact)).collect();
            for fact in facts {
                let what = || {
                    let measure = &plan.measures[usize::from(fact.measure)];
                    format!("{}, {}", fact.month.name(), measure.name)
                };
                let cells = |fact: &MeasureFact| {
                    let under = fact.denominator_hundredths.map_or("none".to_owned(), hundredths);
                    [("numerator", hundredths(fact.numerator_hundredths)), ("denominator", under)]
                };
                let before = known.get(&key(fact)).map(|before| cells(before));
                changes.note(fact.source.row, what, before, cells(fact));
            }
        }
        ReturnFacts::Capitation(lines) => {
            let key = |line: &CapitationLine| (line.month, line.segment, line.practice);
            let known: HashMap<_, _> = held.capitation.iter().map(|line| (key(line), line)).collect();
            for line in lines {
                let what = || {
                    let segment = &plan.segments[usize::from(line.segment)];
                    let practice = &plan.practices[usize::from(line.practice)];
                    format!("{}, {}, {}", line.month.name(), segment.name, practice.name)
                };
                let cells = |line: &CapitationLine| {
                    [("members", thousands(&line.members.to_string())), ("cost", pounds(line.cost))]
                };
                let before = known.get(&key(line)).map(|before| cells(before));
                changes.note(line.source.row, what, before, cells(line));
            }
        }
        ReturnFacts::Targets(targets) => {
            let key = |target: &Target| (target.measure, target.period);
            let all = plan.targets.iter().chain(&held.targets);
            let known: HashMap<_, _> = all.map(|target| (key(target), target)).collect();
            for target in targets {
                let what = || {
                    let measure = &plan.measures[usize::from(target.measure)];
                    format!("{}, {}", target.period, measure.name)
                };
                let cells = |target: &Target| {
                    let value = match target.value {
                        TargetValue::Number(number) => {
                            thousands(&Decimal::new(number, 4).normalize().to_string())
                        }
                        TargetValue::ToBeConfirmed => "to be confirmed".to_owned(),
                        TargetValue::NotSet => "none set".to_owned(),
                    };
                    [("target", value)]
                };
                let before = known.get(&key(target)).map(|before| cells(before));
                changes.note(target.source.row, what, before, cells(target));
            }
        }
    }
    changes
}

impl Changes {
    fn note<const CELLS: usize>(
        &mut self,
        row: u32,
        what: impl Fn() -> String,
        before: Option<[(&'static str, String); CELLS]>,
        now: [(&'static str, String); CELLS],
    ) {
        let Some(before) = before else {
            self.new_rows += 1;
            return;
        };
        if before == now {
            self.same_rows += 1;
            return;
        }
        self.changed_rows += 1;
        for ((column, was), (_, now)) in before.into_iter().zip(now).filter(|(was, now)| was != now) {
            self.cells.push(ChangedCell { row, what: what(), column, was, now });
        }
    }
}

/// `£12,340.50`, `−£5.00`.
fn pounds(amount: Pence) -> String {
    let sign = if amount < Pence::ZERO { "−" } else { "" };
    format!("{sign}£{}", thousands(&amount.abs().to_string()))
}

fn hundredths(number: i64) -> String {
    thousands(&Decimal::new(number, 2).normalize().to_string())
}

/// A number with commas between thousands.
fn thousands(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("−", digits));
    let (whole, decimals) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + decimals
}
