//! Facts as rows: each value read from where it lies when the database asks for it.

use super::{
    StoreError, SubmissionFacts,
    bulk::{self, Rows, Table, Value},
    db::Db,
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{CapitationLine, FinanceLine, MeasureFact, Source, Target, TargetValue},
};

/// Adds the facts of one submission. A fact that points at nothing in the plan makes it fail.
pub(super) fn add_facts(
    db: &mut Db,
    plan: &AreaPlan,
    submission: u32,
    facts: SubmissionFacts<'_>,
) -> Result<(), StoreError> {
    let submission = i64::from(submission);
    match facts {
        SubmissionFacts::Measures(facts) => {
            bulk::insert(db, Table::MeasureFact, &FactRows { plan, submission, facts })
        }
        SubmissionFacts::Targets(facts) => {
            let facts: Vec<TargetRow> =
                facts.iter().map(|target| TargetRow { target, period: target.period.to_string() }).collect();
            bulk::insert(db, Table::TargetFact, &FactRows { plan, submission, facts: &facts })
        }
        SubmissionFacts::Finance(facts) => {
            bulk::insert(db, Table::FinanceLine, &FactRows { plan, submission, facts })
        }
        SubmissionFacts::Capitation(facts) => {
            bulk::insert(db, Table::CapitationLine, &FactRows { plan, submission, facts })
        }
    }
}

/// How a target's state is written.
pub(super) const NUMBER: &str = "number";
pub(super) const TO_BE_CONFIRMED: &str = "to be confirmed";
pub(super) const NOT_SET: &str = "not set";

/// The facts of one submission in the columns of their table: area, submission, row and what follows.
struct FactRows<'a, F> {
    plan: &'a AreaPlan,
    submission: i64,
    facts: &'a [F],
}

/// A fact in the columns after the key, counted from 0.
trait Fact {
    fn source(&self) -> Source;
    fn value<'a>(&'a self, plan: &'a AreaPlan, column: usize) -> Value<'a>;
}

impl<F: Fact> Rows for FactRows<'_, F> {
    fn count(&self) -> usize {
        self.facts.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let fact = &self.facts[row];
        match column {
            0 => Value::Text(&self.plan.area.code),
            1 => Value::Integer(self.submission),
            2 => Value::Integer(fact.source().row.into()),
            _ => fact.value(self.plan, column - 3),
        }
    }
}

impl Fact for MeasureFact {
    fn source(&self) -> Source {
        self.source
    }

    fn value<'a>(&'a self, plan: &'a AreaPlan, column: usize) -> Value<'a> {
        match column {
            0 => id(&plan.measures, self.measure, |measure| &measure.id),
            1 => Value::Integer(self.month.number().into()),
            2 => id(&plan.partners, self.partner, |partner| &partner.id),
            3 => Value::Integer(self.numerator_hundredths),
            _ => self.denominator_hundredths.into(),
        }
    }
}

struct TargetRow<'a> {
    target: &'a Target,
    period: String,
}

impl Fact for TargetRow<'_> {
    fn source(&self) -> Source {
        self.target.source
    }

    fn value<'a>(&'a self, plan: &'a AreaPlan, column: usize) -> Value<'a> {
        let (state, number) = match self.target.value {
            TargetValue::Number(number) => (NUMBER, Some(number)),
            TargetValue::ToBeConfirmed => (TO_BE_CONFIRMED, None),
            TargetValue::NotSet => (NOT_SET, None),
        };
        match column {
            0 => id(&plan.measures, self.target.measure, |measure| &measure.id),
            1 => Value::Text(&self.period),
            2 => Value::Text(state),
            _ => number.into(),
        }
    }
}

impl Fact for FinanceLine {
    fn source(&self) -> Source {
        self.source
    }

    fn value<'a>(&'a self, plan: &'a AreaPlan, column: usize) -> Value<'a> {
        match column {
            0 => Value::Integer(self.month.number().into()),
            1 => id(&plan.schemes, self.scheme, |scheme| &scheme.id),
            2 => id(&plan.partners, self.partner, |partner| &partner.id),
            3 => Value::Integer(self.budget.0),
            4 => self.actual.map(|actual| actual.0).into(),
            _ => Value::Integer(self.forecast.0),
        }
    }
}

impl Fact for CapitationLine {
    fn source(&self) -> Source {
        self.source
    }

    fn value<'a>(&'a self, plan: &'a AreaPlan, column: usize) -> Value<'a> {
        match column {
            0 => Value::Integer(self.month.number().into()),
            1 => id(&plan.segments, self.segment, |segment| &segment.id),
            2 => id(&plan.practices, self.practice, |practice| &practice.code),
            3 => Value::Integer(self.members.into()),
            _ => Value::Integer(self.cost.0),
        }
    }
}

/// The id that an index stands for; null, which every table refuses, where it stands for nothing.
fn id<T>(list: &[T], index: u16, id_of: fn(&T) -> &String) -> Value<'_> {
    Value::from(list.get(usize::from(index)).map(|item| id_of(item).as_str()))
}
