//! A return typed into the service: the rows that a partner reports, and the file that they make.
//!
//! What is typed goes the way of any file, and is checked as one.

use super::{SENDERS, ToldFault, sender};
use crate::{
    figures::{
        agreement::{AreaPlan, Measure},
        facts::{AreaFacts, FinanceLine, ReturnType},
        measure::published_units,
        money::Pence,
        period::Month,
    },
    returns::columns::{ColumnSpec, Content, columns},
    service::{Refusal, Service, Who, refusal::FieldFault},
};
use rust_decimal::Decimal;
use serde::Serialize;

/// The rows that a partner reports for a month.
#[derive(Clone, Debug, Serialize)]
pub struct EntryForm {
    pub return_type: &'static str,
    pub partner_id: String,
    pub partner_name: String,
    pub month: String,
    pub rows: Vec<EntryRow>,
}

/// One row to be filled in.
#[derive(Clone, Debug, Serialize)]
pub struct EntryRow {
    /// What the row speaks of.
    pub label: String,
    pub inputs: Vec<EntryInput>,
    /// The columns that are filled in already.
    #[serde(skip)]
    ids: Vec<(&'static str, String)>,
    /// Measures alone: their value is worked out.
    #[serde(skip)]
    measure: Option<Measure>,
}

/// A cell to be filled in.
#[derive(Clone, Debug, Serialize)]
pub struct EntryInput {
    /// The field's name and id on the page.
    pub name: String,
    pub label: &'static str,
    pub value: String,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
    #[serde(skip)]
    heading: &'static str,
}

impl Service {
    /// The rows that a partner reports for a month, with what is held of them.
    ///
    /// Finance: the schemes that the partner hosts or has reported before. Measures: those that it has
    /// reported before. Capitation: each segment at each practice, for the contract's provider.
    pub fn entry_form(
        &self,
        who: &Who,
        area_code: &str,
        month: Month,
        on_behalf_of: &str,
        return_type: ReturnType,
    ) -> Result<EntryForm, Refusal> {
        who.must_be(SENDERS, area_code)?;
        let area = self.area(area_code)?;
        if !area.reports_on(month) {
            return Err(Refusal::Absent);
        }
        let plan = area.agreement();
        let partner = sender(who, plan, on_behalf_of)?.ok_or_else(|| {
            Refusal::NotAllowed(
                "A return is typed in by a partner's own people. Upload a file to send for all.".into(),
            )
        })?;
        let place = plan.partners.iter().position(|known| known.id == partner.id).ok_or(Refusal::Absent)?;
        if return_type == ReturnType::Targets {
            return Err(Refusal::Absent);
        }
        let mut rows = rows_of(plan, area.facts(), place, month, return_type);
        for (index, row) in rows.iter_mut().enumerate() {
            for input in &mut row.inputs {
                input.name = format!("r{index}-{}", input.heading);
            }
        }
        Ok(EntryForm {
            return_type: return_type.name(),
            partner_id: partner.id.clone(),
            partner_name: partner.name.clone(),
            month: month.to_string(),
            rows,
        })
    }
}

/// The rows that a partner reports for a month.
pub(super) fn rows_of(
    plan: &AreaPlan,
    facts: &AreaFacts,
    partner: usize,
    month: Month,
    return_type: ReturnType,
) -> Vec<EntryRow> {
    let mut rows = match return_type {
        ReturnType::Finance => finance_rows(plan, facts, partner, month),
        ReturnType::Measures => measure_rows(plan, facts, partner, month),
        ReturnType::Capitation => capitation_rows(plan, facts, partner, month),
        ReturnType::Targets => Vec::new(),
    };
    let org_code = &plan.partners[partner].org_code;
    for row in &mut rows {
        row.ids.extend(ids_of_all(plan, org_code, month));
    }
    rows
}

/// What every row of a month's return has.
fn ids_of_all(plan: &AreaPlan, org_code: &str, month: Month) -> [(&'static str, String); 3] {
    [("org_code", org_code.to_owned()), ("area_code", plan.area.code.clone()), ("period", month.to_string())]
}

impl EntryForm {
    /// Fills the form with what was typed.
    pub fn fill<'v>(&mut self, typed: impl Fn(&str) -> &'v str) {
        for input in self.rows.iter_mut().flat_map(|row| &mut row.inputs) {
            typed(&input.name).clone_into(&mut input.value);
        }
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| !row.is_filled_in())
    }

    /// The name and bytes of the file that the form makes. Rows without an entry are left out.
    pub fn file(&self) -> (String, Vec<u8>) {
        let kind = ReturnType::from_name(self.return_type).expect("the form is of a known return");
        let filled_in = self.rows.iter().filter(|row| row.is_filled_in());
        let name = format!("{}-{}-{}.csv", self.return_type, self.month, self.partner_id);
        (name, table(kind, filled_in, Vec::new()))
    }

    /// Puts the faults of its file beside the fields that they are about, and lists them.
    pub fn show_faults(&mut self, faults: &[ToldFault]) -> Vec<FieldFault> {
        let filled_in: Vec<usize> =
            (0..self.rows.len()).filter(|index| self.rows[*index].is_filled_in()).collect();
        let mut shown = Vec::new();
        for fault in faults {
            for line in fault.row..=fault.last_row {
                // The heading is row 1 of the file.
                let Some(row) = (line as usize).checked_sub(2).and_then(|at| filled_in.get(at)) else {
                    continue;
                };
                let row = &mut self.rows[*row];
                let place = row.inputs.iter().position(|input| input.heading == fault.heading).unwrap_or(0);
                let Some(input) = row.inputs.get_mut(place) else { continue };
                let found = if fault.found.is_empty() { "what is left empty" } else { &fault.found };
                let sentence = match fault.found.is_empty() {
                    true => format!("{} {}", capital(found), fault.problem),
                    false => format!("“{found}” {}", fault.problem),
                };
                let message = format!("{}, {}: {sentence}. {}", row.label, input.label, fault.remedy);
                input.error = format!("{sentence}. {}", fault.remedy).trim_end().to_owned();
                shown.push(FieldFault { field: input.name.clone(), message: message.trim_end().to_owned() });
            }
        }
        shown
    }
}

/// Rows as a CSV file, after what it starts with.
pub(super) fn table<'r>(
    kind: ReturnType,
    rows: impl Iterator<Item = &'r EntryRow>,
    start: Vec<u8>,
) -> Vec<u8> {
    let in_memory = "memory takes every row";
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(start);
    writer.write_record(columns(kind).iter().map(|column| column.heading)).expect(in_memory);
    for row in rows {
        writer.write_record(columns(kind).iter().map(|column| row.cell(column))).expect(in_memory);
    }
    writer.into_inner().expect(in_memory)
}

fn capital(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

impl EntryRow {
    fn new(
        label: String,
        ids: Vec<(&'static str, String)>,
        inputs: Vec<(&'static str, &'static str, String)>,
    ) -> EntryRow {
        let inputs = inputs.into_iter().map(|(heading, label, value)| EntryInput {
            name: String::new(),
            label,
            value,
            error: String::new(),
            heading,
        });
        EntryRow { label, inputs: inputs.collect(), ids, measure: None }
    }

    /// A row of these ids and what every row of the month's return has, with nothing to fill in.
    pub(super) fn of_ids(
        plan: &AreaPlan,
        org_code: &str,
        month: Month,
        ids: Vec<(&'static str, String)>,
    ) -> EntryRow {
        let mut row = EntryRow::new(String::new(), ids, Vec::new());
        row.ids.extend(ids_of_all(plan, org_code, month));
        row
    }

    /// The same row without its figures.
    pub(super) fn blank(self) -> EntryRow {
        EntryRow { inputs: Vec::new(), measure: None, ..self }
    }

    fn is_filled_in(&self) -> bool {
        self.inputs.iter().any(|input| !input.value.is_empty())
    }

    fn cell(&self, column: &ColumnSpec) -> String {
        let heading = column.heading;
        if let Some(input) = self.inputs.iter().find(|input| input.heading == heading) {
            return match column.content {
                Content::Money => with_pence(&input.value),
                Content::Code | Content::Period | Content::Number => input.value.clone(),
            };
        }
        if let Some((_, id)) = self.ids.iter().find(|(known, _)| *known == heading) {
            return id.clone();
        }
        match (heading, &self.measure) {
            ("value", Some(measure)) => self.value_of(measure),
            _ => String::new(),
        }
    }

    /// The measure's value from its parts. Where they cannot be read the row is at fault by them, and
    /// nought stands in.
    fn value_of(&self, measure: &Measure) -> String {
        let hundredths = |heading: &str| {
            let typed = self.inputs.iter().find(|input| input.heading == heading)?;
            let mut number: Decimal = typed.value.parse().ok()?;
            if number.scale() > 2 {
                return None;
            }
            number.rescale(2);
            i64::try_from(number.mantissa()).ok()
        };
        let units = hundredths("numerator")
            .and_then(|over| published_units(measure, over, hundredths("denominator")));
        units.map_or_else(
            || "0".to_owned(),
            |units| Decimal::from_i128_with_scale(units, measure.decimals).to_string(),
        )
    }
}

/// `16000` and `16000.5`, which can mean one amount alone, as a return writes them; all else as typed.
fn with_pence(typed: &str) -> String {
    let (whole, decimals) = typed.split_once('.').map_or((typed, None), |(whole, rest)| (whole, Some(rest)));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match decimals {
        None if is_number(digits) => format!("{typed}.00"),
        Some(tenths) if is_number(digits) && tenths.len() == 1 && is_number(tenths) => format!("{typed}0"),
        _ => typed.to_owned(),
    }
}

fn finance_rows(plan: &AreaPlan, facts: &AreaFacts, partner: usize, month: Month) -> Vec<EntryRow> {
    let own = || facts.finance.iter().filter(move |line| usize::from(line.partner) == partner);
    let mut rows = Vec::new();
    for (index, scheme) in plan.schemes.iter().enumerate() {
        let is_here = |line: &&FinanceLine| usize::from(line.scheme) == index;
        if scheme.host != partner && !own().any(|line| is_here(&line)) {
            continue;
        }
        let held = own().filter(is_here).find(|line| line.month == month);
        let shown = |amount: Option<Pence>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        rows.push(EntryRow::new(
            format!("{} {}", scheme.id, scheme.name),
            vec![("scheme_id", scheme.id.clone()), ("partner_id", plan.partners[partner].id.clone())],
            vec![
                ("budget", "Budget", shown(held.map(|line| line.budget))),
                ("actual", "Actual", shown(held.and_then(|line| line.actual))),
                ("forecast", "Forecast", shown(held.map(|line| line.forecast))),
            ],
        ));
    }
    rows
}

fn measure_rows(plan: &AreaPlan, facts: &AreaFacts, partner: usize, month: Month) -> Vec<EntryRow> {
    let shown = |number: i64| Decimal::new(number, 2).normalize().to_string();
    let mut rows = Vec::new();
    for (index, measure) in plan.measures.iter().enumerate() {
        let own = || {
            facts.measures.iter().filter(move |fact| {
                usize::from(fact.partner) == partner && usize::from(fact.measure) == index
            })
        };
        if own().next().is_none() {
            continue;
        }
        let held = own().find(|fact| fact.month == month);
        let mut inputs = vec![(
            "numerator",
            if measure.kind.needs_denominator() { "Counted" } else { "Value" },
            held.map(|fact| shown(fact.numerator_hundredths)).unwrap_or_default(),
        )];
        if measure.kind.needs_denominator() {
            let under = held.and_then(|fact| fact.denominator_hundredths);
            inputs.push(("denominator", "Out of", under.map(shown).unwrap_or_default()));
        }
        let ids = vec![("measure_id", measure.id.clone())];
        let unit = if measure.unit.is_empty() { String::new() } else { format!(" ({})", measure.unit) };
        let row = EntryRow::new(format!("{}{unit}", measure.name), ids, inputs);
        rows.push(EntryRow { measure: Some(measure.clone()), ..row });
    }
    rows
}

fn capitation_rows(plan: &AreaPlan, facts: &AreaFacts, partner: usize, month: Month) -> Vec<EntryRow> {
    if plan.contract.as_ref().is_none_or(|contract| contract.provider != partner) {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for (index, segment) in plan.segments.iter().enumerate() {
        for (place, practice) in plan.practices.iter().enumerate() {
            let held = facts.capitation.iter().find(|line| {
                line.month == month
                    && (usize::from(line.segment), usize::from(line.practice)) == (index, place)
            });
            rows.push(EntryRow::new(
                format!("{}, {}", segment.name, practice.name),
                vec![
                    ("segment_id", segment.id.clone()),
                    ("practice_code", practice.code.clone()),
                    ("rate", plan.rate(index, month).map(|rate| rate.to_string()).unwrap_or_default()),
                ],
                vec![
                    ("members", "Members", held.map(|line| line.members.to_string()).unwrap_or_default()),
                    ("cost", "Cost", held.map(|line| line.cost.to_string()).unwrap_or_default()),
                ],
            ));
        }
    }
    rows
}
