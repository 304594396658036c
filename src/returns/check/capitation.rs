//! Rows of a capitation return: AREA, PERIOD, ORG, SEGMENT, PRACTICE, MEMBERS, MONEY, DUP.

use super::{Checker, Row, Seen, Sheet, finance::NOT_MONEY, forms};
use crate::figures::{
    agreement::AreaPlan,
    facts::{CapitationLine, Source},
    money::Pence,
};

// Columns, in the order of the return's column list.
const ORG_CODE: usize = 0;
const AREA_CODE: usize = 1;
const PERIOD: usize = 2;
const SEGMENT_ID: usize = 3;
const PRACTICE_CODE: usize = 4;
const MEMBERS: usize = 5;
const RATE: usize = 6;
const COST: usize = 7;

pub struct Rows<'a> {
    plan: &'a AreaPlan,
    seen: Seen,
    pub facts: Vec<CapitationLine>,
}

impl<'a> Rows<'a> {
    pub fn new(checker: &Checker<'a>) -> Rows<'a> {
        let plan = checker.plan;
        let keys = plan.windows.capitation.count() * plan.segments.len() * plan.practices.len();
        Rows { plan, seen: Seen::with_room_for(keys), facts: Vec::new() }
    }

    pub fn check(&mut self, checker: &Checker<'_>, sheet: &mut Sheet<'_>, row: Row<'_>) {
        let faults_before = sheet.faults.count();
        let window = self.plan.windows.capitation;
        sheet.area(row, AREA_CODE, checker);
        let month = sheet.month(row, PERIOD, window, checker.as_at);
        sheet.organisation(row, ORG_CODE, checker);
        let segment = sheet.id(row, SEGMENT_ID, &checker.segments, "SEGMENT", "segment");
        let practice = sheet.id(row, PRACTICE_CODE, &checker.practices, "PRACTICE", "practice");
        let members = forms::whole_number(sheet.field(row, MEMBERS));
        if members.is_none() {
            sheet.fault(
                row,
                MEMBERS,
                "MEMBERS",
                "is not a number of people. Write a whole number, like 1250",
            );
        }
        let [rate, cost] = [RATE, COST].map(|column| {
            let amount = Pence::parse(sheet.field(row, column));
            if amount.is_none() {
                sheet.fault(row, column, "MONEY", NOT_MONEY);
            }
            amount
        });

        let (Some(month), Some(segment), Some(practice)) = (month, segment, practice) else { return };
        let (Some(members), Some(rate), Some(cost)) = (members, rate, cost) else { return };
        if !sheet.is_sound_since(faults_before) {
            return;
        }
        let place = window.position(month).expect("the month was checked against the window");
        let key = (place * self.plan.segments.len() + usize::from(segment)) * self.plan.practices.len()
            + usize::from(practice);
        if !self.seen.first(key) {
            return sheet.duplicate(row, SEGMENT_ID, "month, segment and practice");
        }
        match self.plan.rate(usize::from(segment), month) {
            Some(agreed) if agreed != rate => {
                sheet.query(
                    row,
                    RATE,
                    "W_RATE",
                    format!("is not the contract's rate of {agreed}; the contract's is used"),
                );
            }
            Some(_) | None => {}
        }
        self.facts.push(CapitationLine {
            source: Source { submission: 0, row: row.number },
            month,
            segment,
            practice,
            members,
            cost,
        });
    }
}
