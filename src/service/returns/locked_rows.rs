//! Rows of a locked month that come with another month's return.
//!
//! Partners correct earlier months with a later return, and that is in order once the month's pack is
//! approved: the pack stays as it was published, and the sender says why the month is corrected. While a
//! month's data entry has concluded and its pack is being made, nothing may change under it.

use crate::{
    figures::period::{Month, Period},
    month_end::TakenIn,
    returns::{changes::rows_that_change, columns::columns, fault::Fault},
    service::{Refusal, Service, live::AreaNow},
    store::LockReason,
};
use std::collections::{BTreeMap, BTreeSet};

/// Of a month whose data entry has concluded.
pub const CONCLUDED: &str = "LOCKED";
/// Of a month whose pack was approved.
pub const APPROVED: &str = "W_LOCKED";

/// What a return would change of locked months other than its own.
#[derive(Clone, Debug, Default)]
pub(super) struct LockedRows {
    /// Rows of months whose data entry has concluded: they cannot be taken.
    pub faults: Vec<Fault>,
    pub concluded: BTreeSet<Month>,
    /// Rows of months whose pack was approved: they need a comment.
    pub queries: Vec<Fault>,
    pub approved: BTreeSet<Month>,
}

impl Service {
    /// The rows of a return for `as_at` that would change a locked month. Rows that say what is held
    /// already change nothing.
    pub(super) fn locked_rows(
        &self,
        area: &AreaNow,
        as_at: Month,
        taken: &TakenIn,
    ) -> Result<LockedRows, Refusal> {
        let plan = area.agreement();
        let changed = rows_that_change(plan, area.facts(), &taken.checked.facts);
        let mut locks = BTreeMap::new();
        let mut found = LockedRows::default();
        for (row, period) in changed {
            let month = period.months().last();
            if month == as_at {
                continue;
            }
            let why = match locks.get(&month) {
                Some(why) => *why,
                None => {
                    let lock = self.store()?.month_lock(&plan.area.code, month)?;
                    *locks.entry(month).or_insert(lock.map(|lock| lock.why))
                }
            };
            let name = month.name();
            match why {
                None => {}
                Some(LockReason::Concluded) => {
                    let remedy = format!(
                        "is of a month whose data entry has concluded, and changes what is held. Leave {name} as it \
                         is held, or ask a pooled budget manager to open the month"
                    );
                    found.faults.push(of_period(taken, row, period, CONCLUDED, remedy));
                    found.concluded.insert(month);
                }
                Some(LockReason::Approved) => {
                    let remedy = format!(
                        "is of a month whose pack was approved, and changes what is held. Say in your comment why \
                         {name} is corrected"
                    );
                    found.queries.push(of_period(taken, row, period, APPROVED, remedy));
                    found.approved.insert(month);
                }
            }
        }
        Ok(found)
    }
}

impl LockedRows {
    /// What becomes of the months whose pack was approved.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.approved.iter().map(|month| {
            let name = month.name();
            format!(
                "Rows correct {name}, whose pack was approved. The pack stays as it was published; the figures of {name} \
                 and packs made from now on change"
            )
        })
    }
}

fn of_period(taken: &TakenIn, row: u32, period: Period, code: &'static str, remedy: String) -> Fault {
    let kind = taken.return_type();
    let column = columns(kind).iter().position(|column| column.heading == "period");
    let column = column.map(|column| taken.positions[column]);
    Fault {
        table: kind.name().into(),
        row,
        column,
        heading: column.map(|column| taken.heading[column].clone()).unwrap_or_default(),
        found: period.to_string(),
        code,
        remedy,
    }
}
