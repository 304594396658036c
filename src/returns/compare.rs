//! A checked return beside what is held: what would change, and what its sender should explain.
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
            let key = |target: &Target| (target.measure, target.period.to_string());
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
