//! What the partners of one area said, as accepted: the facts that figures are worked out from.
//!
//! Partners, schemes, measures and the rest are indexes into the area's [`AreaPlan`].
//!
//! [`AreaPlan`]: super::agreement::AreaPlan

use super::{
    money::Pence,
    period::{Month, Period},
};
use std::collections::BTreeMap;

/// Where a fact came from: the area's submission (numbered from 1) and the row in its file as a
/// spreadsheet numbers it (the heading is row 1). Facts of the plan itself have submission 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub submission: u32,
    pub row: u32,
}

/// One month of one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasureFact {
    pub source: Source,
    pub measure: u16,
    pub month: Month,
    /// The partner that reported it.
    pub partner: u16,
    /// In hundredths.
    pub numerator_hundredths: i64,
    /// In hundredths; only kept for measures that need one.
    pub denominator_hundredths: Option<i64>,
}

/// What a measure was meant to reach in a month, quarter or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub source: Source,
    pub measure: u16,
    pub period: Period,
    pub value: TargetValue,
}

/// A target is a number, is still to be confirmed, or was left blank on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetValue {
    /// In ten-thousandths.
    Number(i64),
    ToBeConfirmed,
    NotSet,
}

/// One month of one partner's part of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinanceLine {
    pub source: Source,
    pub month: Month,
    pub scheme: u16,
    pub partner: u16,
    pub budget: Pence,
    /// None where the partner gave no actual.
    pub actual: Option<Pence>,
    pub forecast: Pence,
}

impl FinanceLine {
    /// Actual where there is one, else forecast; for a month after `as_at` always the forecast, also
    /// where the actual has come in since.
    pub fn spend(&self, as_at: Month) -> Pence {
        self.actual.filter(|_| self.month <= as_at).unwrap_or(self.forecast)
    }
}

/// One month of one segment at one practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapitationLine {
    pub source: Source,
    pub month: Month,
    pub segment: u16,
    pub practice: u16,
    pub members: u32,
    pub cost: Pence,
}

/// The types of return that partners send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReturnType {
    Capitation,
    Finance,
    Measures,
    Targets,
}

impl ReturnType {
    /// In the order of their names.
    pub const ALL: [ReturnType; 4] =
        [ReturnType::Capitation, ReturnType::Finance, ReturnType::Measures, ReturnType::Targets];

    /// The name used in files, on the command line and in the store.
    pub fn name(self) -> &'static str {
        match self {
            ReturnType::Capitation => "capitation",
            ReturnType::Finance => "finance",
            ReturnType::Measures => "measures",
            ReturnType::Targets => "targets",
        }
    }

    pub fn from_name(name: &str) -> Option<ReturnType> {
        ReturnType::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How many rows of the returns of one type were received, taken and turned away, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntakeCounts {
    pub rows: u32,
    pub accepted: u32,
    /// By reject code (`AREA`, `PERIOD`, …).
    pub rejected: BTreeMap<&'static str, u32>,
    /// By warning code (`W_VALUE`, …).
    pub warnings: BTreeMap<&'static str, u32>,
}

/// What a row can be turned away or queried by: the rule's code, and what it says in a few words.
///
/// Source: the workload's specification, section 3; `COLUMNS` is ours.
pub const RULES: [(&str, &str); 19] = [
    ("AREA", "names another area"),
    ("PERIOD", "not a month of this return"),
    ("ORG", "not a partner's organisation code"),
    ("MEASURE", "not a measure of the plan"),
    ("NUMBER", "not a number"),
    ("NEGATIVE", "less than nought"),
    ("DENOM", "denominator missing or nought"),
    ("PARTNER", "not a partner, or not its own organisation code"),
    ("SCHEME", "not a scheme of the plan"),
    ("MONEY", "not an amount of money"),
    ("FUTURE", "an actual for a month still to come"),
    ("SEGMENT", "not a segment of the plan"),
    ("PRACTICE", "not a practice of the plan"),
    ("MEMBERS", "not a whole number of people"),
    ("COLUMNS", "more cells than headings"),
    ("DUP", "repeats an earlier row"),
    ("W_NOACTUAL", "no actual for a month that has closed: the forecast is used as spend"),
    ("W_RATE", "not the contract's rate: the contract's is used"),
    ("W_VALUE", "not what the numerator and denominator give: they are used"),
];

/// A row that was turned away: the return's type, the row and the first rule that it fails.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    pub return_type: ReturnType,
    pub row: u32,
    pub code: &'static str,
}

/// Everything known about one area from its returns, each fact once, as now in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaFacts {
    pub measures: Vec<MeasureFact>,
    pub targets: Vec<Target>,
    pub finance: Vec<FinanceLine>,
    pub capitation: Vec<CapitationLine>,
    pub intake: BTreeMap<ReturnType, IntakeCounts>,
    /// Sorted by type and row.
    pub rejects: Vec<Reject>,
}
