//! Rows of a finance return: AREA, PERIOD, PARTNER, SCHEME, MONEY, NEGATIVE, FUTURE, DUP.

use super::{Checker, Row, Seen, Sheet, listed};
use crate::figures::{
    agreement::Partner,
    facts::{FinanceLine, Source},
    money::Pence,
};

// Columns, in the order of the return's column list.
const ORG_CODE: usize = 0;
const AREA_CODE: usize = 1;
const PERIOD: usize = 2;
const SCHEME_ID: usize = 3;
const PARTNER_ID: usize = 4;
const BUDGET: usize = 5;
const ACTUAL: usize = 6;
const FORECAST: usize = 7;

pub(super) const NOT_MONEY: &str = "is not an amount of money. Write pounds and pence with exactly two decimals, without commas or a pound \
     sign, like 16000.00";
const NOT_A_BUDGET: &str = "is not an amount of money of nought or more. Write pounds and pence with exactly two decimals, like 16000.00";

pub struct Rows<'a> {
    partners: &'a [Partner],
    schemes: usize,
    seen: Seen,
    pub facts: Vec<FinanceLine>,
}

impl<'a> Rows<'a> {
    pub fn new(checker: &Checker<'a>) -> Rows<'a> {
        let plan = checker.plan;
        let keys = plan.windows.finance.count() * plan.schemes.len() * plan.partners.len();
        Rows {
            partners: &plan.partners,
            schemes: plan.schemes.len(),
            seen: Seen::with_room_for(keys),
            facts: Vec::new(),
        }
    }

    pub fn check(&mut self, checker: &Checker<'_>, sheet: &mut Sheet<'_>, row: Row<'_>) {
        let faults_before = sheet.faults.count();
        let window = checker.plan.windows.finance;
        sheet.area(row, AREA_CODE, checker);
        let month = sheet.month(row, PERIOD, window, checker.as_at);
        let partner = self.partner(checker, sheet, row);
        let scheme = sheet.id(row, SCHEME_ID, &checker.schemes, "SCHEME", "scheme");

        let actual_given = !sheet.field(row, ACTUAL).is_empty();
        let budget = money(sheet, row, BUDGET);
        let forecast = money(sheet, row, FORECAST);
        let actual = if actual_given { money(sheet, row, ACTUAL) } else { None };
        if budget.is_some_and(|budget| budget < Pence::ZERO) {
            sheet.fault(row, BUDGET, "NEGATIVE", "is less than nought. Write a budget of nought or more");
        }
        if actual_given && month.is_some_and(|month| month > checker.as_at) {
            let remedy = format!(
                "is an actual for a month after {}. Leave it empty and give the forecast",
                checker.as_at
            );
            sheet.fault(row, ACTUAL, "FUTURE", remedy);
        }

        let (Some(month), Some(partner), Some(scheme)) = (month, partner, scheme) else { return };
        let (Some(budget), Some(forecast)) = (budget, forecast) else { return };
        if !sheet.is_sound_since(faults_before) {
            return;
        }
        let place = window.position(month).expect("the month was checked against the window");
        let key = (place * self.schemes + usize::from(scheme)) * self.partners.len() + usize::from(partner);
        if !self.seen.first(key) {
            return sheet.duplicate(row, SCHEME_ID, "month, scheme and partner");
        }
        if !actual_given && month <= checker.as_at {
            sheet.query(
                row,
                ACTUAL,
                "W_NOACTUAL",
                format!("stands for a month up to {}; the forecast is used as spend", checker.as_at),
            );
        }
        self.facts.push(FinanceLine {
            source: Source { submission: 0, row: row.number },
            month,
            scheme,
            partner,
            budget,
            actual,
            forecast,
        });
    }

    /// PARTNER: a partner of the area, sent by its own organisation.
    fn partner(&self, checker: &Checker<'_>, sheet: &mut Sheet<'_>, row: Row<'_>) -> Option<u16> {
        let index = sheet.id(row, PARTNER_ID, &checker.partners, "PARTNER", "partner")?;
        let partner = &self.partners[usize::from(index)];
        if sheet.field(row, ORG_CODE) != partner.org_code.as_bytes() {
            // A sender's own code is right; the organisation that the row speaks of is not theirs.
            let own = checker.sender.as_ref().map(|sender| sender.org_code);
            if let Some(own) = own.filter(|own| sheet.field(row, ORG_CODE) == own.as_bytes()) {
                let ids = self.partners.iter().filter(|partner| partner.org_code == own);
                let remedy = format!(
                    "is another organisation than {own}, which sends the return. Write {}, or take the row out",
                    listed(ids.map(|partner| partner.id.as_str()))
                );
                sheet.fault(row, PARTNER_ID, "PARTNER", remedy);
                return None;
            }
            let remedy =
                format!("is not the organisation code of {}. Write {}", partner.id, partner.org_code);
            sheet.fault(row, ORG_CODE, "PARTNER", remedy);
            return None;
        }
        Some(index)
    }
}

fn money(sheet: &mut Sheet<'_>, row: Row<'_>, column: usize) -> Option<Pence> {
    let amount = Pence::parse(sheet.field(row, column));
    if amount.is_none() {
        let is_negative_budget = column == BUDGET && sheet.field(row, column).starts_with(b"-");
        let remedy = if is_negative_budget { NOT_A_BUDGET } else { NOT_MONEY };
        sheet.fault(row, column, "MONEY", remedy);
    }
    amount
}
