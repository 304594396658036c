//! What the sender of a checked return should explain, beside what is held and what was planned.
//!
//! What is asked about here is not wrong and is taken as it stands, once the sender has said why. It is
//! asked of the reporting month's rows alone: earlier months were asked about in their time.

use super::{
    check::{CheckedReturn, ReturnFacts},
    fault::Fault,
};
use crate::figures::{
    agreement::{AreaPlan, Better, Measure},
    facts::{AreaFacts, CapitationLine, FinanceLine, MeasureFact, Target, TargetValue},
    fraction::power_of_ten,
    measure::published_units,
    money::Pence,
    period::{Month, Period},
    profile::profiles,
};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// A figure that moved by more than this part of last month's is asked about.
const MOVED_PERCENT: i128 = 25; // our choice
/// Counts that stay below this move by a quarter for no reason at all.
const SMALL_COUNT: i64 = 10;
/// Spend above so many times the month's plan is asked about.
const TIMES_PLAN: i64 = 2;
/// A measure that misses its month's target by more than this part of it is asked about.
const MISSED_PERCENT: i128 = 50;

// Columns that are asked about, in the order of each return's column list.
const MEASURE_VALUE: usize = 6;
const FINANCE_ACTUAL: usize = 6;
const MEMBERS: usize = 5;
const COST: usize = 7;

/// A return that was checked, and where its columns stand.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub plan: &'a AreaPlan,
    /// The month that it is sent for.
    pub as_at: Month,
    pub checked: &'a CheckedReturn,
    pub heading: &'a [String],
    pub positions: &'a [usize],
}

/// What the sender should explain: figures that moved by more than a quarter on last month, and figures
/// far outside the plan (spend over twice the month's budget, a cost over twice what the contract pays, a
/// measure that misses its target by more than half). In row order.
pub fn queries(held: &AreaFacts, sent: Sent<'_>) -> Vec<Fault> {
    let mut asked = Vec::new();
    match &sent.checked.facts {
        ReturnFacts::Finance(lines) => ask_finance(held, sent, lines, &mut asked),
        ReturnFacts::Measures(facts) => ask_measures(held, sent, facts, &mut asked),
        ReturnFacts::Capitation(lines) => ask_capitation(held, sent, lines, &mut asked),
        ReturnFacts::Targets(_) => {}
    }
    asked
}

impl Sent<'_> {
    fn ask(self, row: u32, column: usize, found: String, code: &'static str, remedy: String) -> Fault {
        let position = self.positions[column];
        Fault {
            table: self.checked.return_type.name().into(),
            row,
            column: Some(position),
            heading: self.heading[position].clone(),
            found,
            code,
            remedy,
        }
    }

    fn moved(self, row: u32, column: usize, found: String, before: &str) -> Fault {
        let last = self.as_at.plus(-1).name();
        let remedy = format!("is more than a quarter away from {last}'s {before}. Say why in your comment");
        self.ask(row, column, found, "W_MOVED", remedy)
    }

    fn outside_plan(self, row: u32, column: usize, found: String, how: &str) -> Fault {
        self.ask(row, column, found, "W_PLAN", format!("{how}. Say why in your comment"))
    }
}

/// Whether a figure lies further from last month's than ordinary movement.
fn has_moved(before: i128, now: i128) -> bool {
    (now - before).abs() * 100 > before.abs() * MOVED_PERCENT
}

fn ask_finance(held: &AreaFacts, sent: Sent<'_>, lines: &[FinanceLine], asked: &mut Vec<Fault>) {
    let last = sent.as_at.plus(-1);
    // What the return itself says of last month is later than what is held.
    let before: HashMap<(u16, u16), Pence> = held
        .finance
        .iter()
        .chain(lines)
        .filter(|line| line.month == last)
        .filter_map(|line| Some(((line.scheme, line.partner), line.actual?)))
        .collect();
    for line in lines.iter().filter(|line| line.month == sent.as_at) {
        let Some(actual) = line.actual else { continue };
        let row = line.source.row;
        if let Some(before) = before.get(&(line.scheme, line.partner))
            && has_moved(before.0.into(), actual.0.into())
        {
            asked.push(sent.moved(row, FINANCE_ACTUAL, actual.to_string(), &before.to_string()));
        }
        if actual.0 > line.budget.0 * TIMES_PLAN {
            let how = match line.budget {
                Pence::ZERO => "is spend without a budget".to_owned(),
                budget => format!("is more than twice the month's budget of {budget}"),
            };
            asked.push(sent.outside_plan(row, FINANCE_ACTUAL, actual.to_string(), &how));
        }
    }
}

fn ask_capitation(held: &AreaFacts, sent: Sent<'_>, lines: &[CapitationLine], asked: &mut Vec<Fault>) {
    let last = sent.as_at.plus(-1);
    let before: HashMap<(u16, u16), (u32, Pence)> = held
        .capitation
        .iter()
        .chain(lines)
        .filter(|line| line.month == last)
        .map(|line| ((line.segment, line.practice), (line.members, line.cost)))
        .collect();
    for line in lines.iter().filter(|line| line.month == sent.as_at) {
        let row = line.source.row;
        if let Some((members, cost)) = before.get(&(line.segment, line.practice)) {
            let is_small = i64::from(*members.max(&line.members)) < SMALL_COUNT;
            if !is_small && has_moved((*members).into(), line.members.into()) {
                asked.push(sent.moved(row, MEMBERS, line.members.to_string(), &members.to_string()));
            }
            if has_moved(cost.0.into(), line.cost.0.into()) {
                asked.push(sent.moved(row, COST, line.cost.to_string(), &cost.to_string()));
            }
        }
        let Some(rate) = sent.plan.rate(line.segment.into(), line.month) else { continue };
        let paid = Pence(rate.0 * i64::from(line.members));
        if line.cost.0 > paid.0 * TIMES_PLAN {
            let how = format!("is more than twice the {paid} that the contract pays");
            asked.push(sent.outside_plan(row, COST, line.cost.to_string(), &how));
        }
    }
}

fn ask_measures(held: &AreaFacts, sent: Sent<'_>, facts: &[MeasureFact], asked: &mut Vec<Fault>) {
    let last = sent.as_at.plus(-1);
    let before: HashMap<u16, &MeasureFact> = held
        .measures
        .iter()
        .chain(facts)
        .filter(|fact| fact.month == last)
        .map(|fact| (fact.measure, fact))
        .collect();
    for fact in facts.iter().filter(|fact| fact.month == sent.as_at) {
        let (row, measure) = (fact.source.row, &sent.plan.measures[usize::from(fact.measure)]);
        let Some(now) = units(measure, fact) else { continue };
        if let Some(before) = before.get(&fact.measure)
            && before.numerator_hundredths.max(fact.numerator_hundredths) >= SMALL_COUNT * 100
            && let Some(was) = units(measure, before)
            && has_moved(was, now)
        {
            asked.push(sent.moved(row, MEASURE_VALUE, shown(measure, now), &shown(measure, was)));
        }
        let Some(target) = month_target(held, sent.plan, fact) else { continue };
        let now_scaled = now * power_of_ten(4 - measure.decimals);
        let missed_by = match measure.better {
            Better::Lower => now_scaled - i128::from(target),
            Better::Higher => i128::from(target) - now_scaled,
        };
        if missed_by * 100 > i128::from(target).abs() * MISSED_PERCENT {
            let target = Decimal::from_i128_with_scale(target.into(), 4).normalize();
            let how = format!("misses the month's target of {target} by more than half of it");
            asked.push(sent.outside_plan(row, MEASURE_VALUE, shown(measure, now), &how));
        }
    }
}

fn units(measure: &Measure, fact: &MeasureFact) -> Option<i128> {
    published_units(measure, fact.numerator_hundredths, fact.denominator_hundredths)
}

fn shown(measure: &Measure, units: i128) -> String {
    Decimal::from_i128_with_scale(units, measure.decimals).to_string()
}

/// Where the targets that are sent, beside those held and planned, do not add up to what was set for a
/// quarter or a year that they speak of.
pub fn profile_notes(held: &AreaFacts, sent: Sent<'_>) -> Vec<String> {
    let ReturnFacts::Targets(targets) = &sent.checked.facts else { return Vec::new() };
    let touched = profiles(targets);
    let mut notes = Vec::new();
    for ((measure, year), profile) in profiles(sent.plan.targets.iter().chain(&held.targets).chain(targets)) {
        let named = &sent.plan.measures[usize::from(measure)];
        if !named.kind.adds_up() || !touched.contains_key(&(measure, year)) {
            continue;
        }
        notes.extend(profile.differences(named.decimals).into_iter().map(|difference| {
            format!("{}: {}", named.name, difference.words(&difference.set.period.to_string()))
        }));
    }
    notes
}

/// The month's own target in ten-thousandths, where it is a number: as sent, else as planned.
fn month_target(held: &AreaFacts, plan: &AreaPlan, fact: &MeasureFact) -> Option<i64> {
    let is_meant =
        |target: &&Target| target.measure == fact.measure && target.period == Period::Month(fact.month);
    let target = held.targets.iter().find(is_meant).or_else(|| plan.targets.iter().find(is_meant))?;
    match target.value {
        TargetValue::Number(number) => Some(number),
        TargetValue::ToBeConfirmed | TargetValue::NotSet => None,
    }
}
