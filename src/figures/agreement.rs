//! What the partners of one area agreed: the part of a plan that an area's figures are worked out from.
//!
//! A value of these types is sound: the plan's checks ran before it was built, so that every index
//! points at something and every set of shares sums to the whole.

use super::{
    facts::ReturnType,
    money::Pence,
    period::{FinancialYear, Month, MonthRange},
};
use std::collections::BTreeMap;

/// The agreement of one Health and Wellbeing Board area.
#[derive(Clone, Debug)]
pub struct AreaPlan {
    pub area: Area,
    pub windows: Windows,
    /// In the order of their ids: the order in which figures by partner are given.
    pub partners: Vec<Partner>,
    /// In the plan's order: the national ones and the area's own.
    pub measures: Vec<Measure>,
    pub pools: Vec<Pool>,
    pub schemes: Vec<Scheme>,
    pub risk_shares: Vec<RiskShareAgreement>,
    pub segments: Vec<Segment>,
    /// The rate per member per month, by segment (index) and year.
    pub rates: BTreeMap<(usize, FinancialYear), Pence>,
    pub practices: Vec<Practice>,
    /// The capitated contract, where the area has one.
    pub contract: Option<Contract>,
    pub kpis: Vec<Kpi>,
    /// Targets that lie in the plan itself; more may come as returns.
    pub targets: Vec<super::facts::Target>,
    /// What the pack's cover says beside the figures.
    pub paper: BoardPaper,
    /// Who sends which return, and by when; in the plan's order.
    pub returns_due: Vec<ReturnDue>,
}

/// A return that a partner owes for every month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnDue {
    /// Index into the area's partners.
    pub partner: usize,
    pub return_type: ReturnType,
    /// Days after the month's end.
    pub due_day: u32,
}

impl ReturnDue {
    /// The last day on which the return for a month is in time.
    pub fn due_on(self, month: Month) -> chrono::NaiveDate {
        let end = first_day(month.plus(1)) - chrono::Days::new(1);
        end + chrono::Days::new(self.due_day.into())
    }
}

fn first_day(month: Month) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(month.year(), month.month_of_year().cast_unsigned(), 1)
        .expect("every month has a first day")
}

/// The words of a board paper's cover that only the area knows; what is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardPaper {
    /// The day the board meets.
    pub meeting_on: Option<chrono::NaiveDate>,
    pub agenda_item: String,
    /// Whose report it is, such as "Director of Adult Social Services".
    pub report_of: String,
    /// Name, post and address of the officer to ask.
    pub contact: String,
    /// Why the paper comes to the board.
    pub purpose: String,
    /// In order; where there are none the pack asks the board to note the report.
    pub recommendations: Vec<String>,
    pub background_papers: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Nine-character geography code, such as `E06000060`.
    pub code: String,
    pub name: String,
    pub icb_code: String,
    pub icb_name: String,
    /// The board that the pack goes to; `<name> Health and Wellbeing Board` where the plan is silent.
    pub board_name: String,
    /// Words shown on every page, such as "Illustrative figures"; empty where there are none.
    pub standing_note: String,
}

/// The months that a return of each type may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    pub measures: MonthRange,
    pub targets: MonthRange,
    pub finance: MonthRange,
    pub capitation: MonthRange,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub id: String,
    /// Organisation Data Service code.
    pub org_code: String,
    pub name: String,
    pub kind: String,
}

/// How a measure's months are put together for the year to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureKind {
    /// Counts sum.
    Count,
    /// Σ numerator ÷ Σ denominator.
    Ratio,
    /// Numerators sum over the average population.
    PopulationRate,
    /// The mean of the months.
    Mean,
    /// A stock: the latest month.
    Latest,
}

impl MeasureKind {
    /// Whether the months of a measure of this kind add up to its year.
    pub fn adds_up(self) -> bool {
        match self {
            MeasureKind::Count | MeasureKind::PopulationRate => true,
            MeasureKind::Ratio | MeasureKind::Mean | MeasureKind::Latest => false,
        }
    }

    pub fn needs_denominator(self) -> bool {
        matches!(self, MeasureKind::Ratio | MeasureKind::PopulationRate)
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

/// A measure of the scorecard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    pub id: String,
    pub name: String,
    pub domain: String,
    pub unit: String,
    pub kind: MeasureKind,
    pub multiplier: i64,
    /// Decimals that the measure is published with, 0 to 4.
    pub decimals: u32,
    pub better: Better,
    /// How far off target is still amber, in basis points of the target.
    pub amber_bp: i64,
    /// What is counted over what, in words; empty where the plan is silent.
    pub definition: String,
    pub reported: Reported,
}

/// How often a measure is reported. What is reported for another month counts all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reported {
    #[default]
    Monthly,
    /// For the last month of each quarter of the financial year.
    Quarterly,
    /// For March.
    Yearly,
}

impl Reported {
    /// Whether a figure is expected for the month.
    pub fn expects(self, month: Month) -> bool {
        match self {
            Reported::Monthly => true,
            Reported::Quarterly => month.month_of_financial_year() % 3 == 0,
            Reported::Yearly => month.month_of_financial_year() == 12,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub id: String,
    pub name: String,
    pub kind: String,
    /// Index into the area's pools.
    pub pool: usize,
    /// Index into the area's partners.
    pub host: usize,
}

/// How the variance of a pool, or of a contract, is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskShareAgreement {
    /// A pool's id, or a contract's.
    pub id: String,
    /// Bands of an overspend, lowest first; the last has no end.
    pub over: Vec<Band>,
    /// Bands of an underspend, lowest first; the last has no end.
    pub under: Vec<Band>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub number: u32,
    /// Where the band ends, in basis points of the base; the last band has no end.
    pub upper_bp: Option<i64>,
    /// Partner (index) and basis points; they sum to 10,000.
    pub shares: Vec<(usize, i64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    pub id: String,
    /// Index into the area's partners.
    pub commissioner: usize,
    /// Index into the area's partners.
    pub provider: usize,
    /// The outcome incentive, in basis points of the contract's value to date.
    pub incentive_bp: i64,
}

/// A measure that the outcome incentive depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kpi {
    /// Index into the area's measures.
    pub measure: usize,
    /// Part of the pot; the area's weights sum to 10,000.
    pub weight_bp: i64,
    pub rule: AttainmentRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttainmentRule {
    /// All when the target is met, else nothing.
    Step,
    /// From nothing at the floor to all at the target; the floor lies this far from the target.
    Linear { floor_bp: i64 },
}

impl AreaPlan {
    /// Whether a measure's figure for a month without one was due by the end of `as_at`.
    ///
    /// It was where the measure is reported for that month and the last day was past on which a partner may
    /// send its measures. Where the plan gives no such days, it was due when its month closed.
    pub fn was_due(&self, measure: &Measure, month: Month, as_at: Month) -> bool {
        let days = self.returns_due.iter().filter(|owed| owed.return_type == ReturnType::Measures);
        let last_day = days.map(|owed| owed.due_on(month)).max();
        let has_come = last_day.is_none_or(|day| day < first_day(as_at.plus(1)));
        month <= as_at && measure.reported.expects(month) && has_come
    }

    pub fn risk_share(&self, agreement_id: &str) -> Option<&RiskShareAgreement> {
        self.risk_shares.iter().find(|agreement| agreement.id == agreement_id)
    }

    /// The rate per member per month; none where the plan gives no rate for that year.
    pub fn rate(&self, segment: usize, month: Month) -> Option<Pence> {
        self.rates.get(&(segment, month.financial_year())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarterly_measure_is_expected_for_the_quarters_last_months_and_a_yearly_one_for_march() {
        let expected = |reported: Reported| -> Vec<&str> {
            let year = FinancialYear::starting(2015).months();
            year.iter().filter(|month| reported.expects(*month)).map(Month::abbreviation).collect()
        };
        assert_eq!(expected(Reported::Monthly).len(), 12);
        assert_eq!(expected(Reported::Quarterly), ["Jun", "Sep", "Dec", "Mar"]);
        assert_eq!(expected(Reported::Yearly), ["Mar"]);
    }

    #[test]
    fn a_return_is_due_so_many_days_after_the_months_end() {
        let due = |month: &str, due_day| {
            let due = ReturnDue { partner: 0, return_type: ReturnType::Finance, due_day };
            due.due_on(Month::parse(month.as_bytes()).unwrap()).to_string()
        };
        assert_eq!(due("2015-11", 10), "2015-12-10");
        assert_eq!(due("2015-12", 1), "2016-01-01");
        assert_eq!(due("2016-01", 31), "2016-03-02"); // 29 February, then two days
    }
}
