//! Whether a month takes returns, and why not.

use super::{LONGEST_TEXT, name_of, or_conflict};
use crate::{
    figures::{facts::ReturnType, period::Month},
    people::Role,
    schedule::london,
    service::{Asking, Refusal, Service, Who, live::AreaNow, publication::checked_reason},
    store::{LockReason, MonthLock},
};
use serde::Serialize;

/// Whether an area's month takes returns.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct MonthState {
    pub is_locked: bool,
    /// One of the three reasons, since when, and who can open it; empty where it takes returns.
    pub why: String,
    /// Whoever asks may lock it here, or open it.
    pub may_change: bool,
}

impl Service {
    /// Whether an area's month takes returns, and what whoever asks may do about it.
    pub fn month_state(&self, who: &Who, area_code: &str, month: Month) -> Result<MonthState, Refusal> {
        who.must_be(super::RETURN_READERS, area_code)?;
        let lock = self.store()?.month_lock(area_code, month)?;
        Ok(MonthState {
            is_locked: lock.is_some(),
            why: lock.map(|lock| self.why_locked(month, lock)).transpose()?.unwrap_or_default(),
            may_change: who.person.is(Role::PooledBudgetManager, area_code)
                && lock.is_none_or(|lock| lock.why == LockReason::Concluded),
        })
    }

    /// Ends data entry for a month; the reason goes into the audit record.
    pub fn lock_month(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        month: Month,
        reason: &str,
    ) -> Result<(), Refusal> {
        who.must_be(&[Role::PooledBudgetManager], area_code)?;
        self.must_report_on(area_code, month)?;
        let reason = checked_reason("reason", reason, LONGEST_TEXT, "Enter why no more returns are taken")?;
        let lock = MonthLock { why: LockReason::Concluded, locked_by: who.person.id, locked_at: asking.now };
        let deed = who.deed(asking, "month locked", area_code, format!("month {month}"), reason);
        self.change(|store| store.lock_month(area_code, month, lock, &deed)).map_err(or_conflict)
    }

    /// Lets a month take returns again; the reason goes into the audit record.
    pub fn unlock_month(
        &self,
        who: &Who,
        asking: &Asking,
        area_code: &str,
        month: Month,
        reason: &str,
    ) -> Result<(), Refusal> {
        who.must_be(&[Role::PooledBudgetManager], area_code)?;
        self.must_report_on(area_code, month)?;
        let reason = checked_reason("reason", reason, LONGEST_TEXT, "Enter why the month is opened again")?;
        // An approved month is opened where its pack is, so that the pack is restated.
        // Who is told may be asked of the store: it is given back first.
        let lock = self.store()?.month_lock(area_code, month)?;
        match lock {
            Some(lock) if lock.why == LockReason::Approved => return Err(self.locked(month, lock)?),
            Some(_) | None => {}
        }
        let deed = who.deed(asking, "month opened", area_code, format!("month {month}"), reason);
        self.change(|store| store.unlock_month(area_code, month, &deed)).map_err(or_conflict)
    }

    fn must_report_on(&self, area_code: &str, month: Month) -> Result<(), Refusal> {
        if self.area(area_code)?.reports_on(month) { Ok(()) } else { Err(Refusal::Absent) }
    }

    /// Refuses where the month takes no returns of this type.
    pub(super) fn must_take_returns(
        &self,
        area: &AreaNow,
        month: Month,
        return_type: ReturnType,
    ) -> Result<(), Refusal> {
        let plan = area.agreement();
        let lock = self.store()?.month_lock(&plan.area.code, month)?;
        if let Some(lock) = lock {
            return Err(self.locked(month, lock)?);
        }
        let window = match return_type {
            ReturnType::Capitation => plan.windows.capitation,
            ReturnType::Finance => plan.windows.finance,
            ReturnType::Measures => plan.windows.measures,
            ReturnType::Targets => plan.windows.targets,
        };
        if window.contains(month) {
            return Ok(());
        }
        Err(Refusal::Locked(format!(
            "Data input period has closed. The plan takes {} returns for {} to {}. Whoever looks after the plan \
             can open it with a new edition.",
            return_type.name(),
            window.first().name(),
            window.last().name()
        )))
    }

    pub(in crate::service) fn locked(&self, month: Month, lock: MonthLock) -> Result<Refusal, Refusal> {
        Ok(Refusal::Locked(self.why_locked(month, lock)?))
    }

    pub(super) fn why_locked(&self, month: Month, lock: MonthLock) -> Result<String, Refusal> {
        let by = name_of(&mut *self.store()?, lock.locked_by)?;
        let (since, month) = (london::in_words(lock.locked_at), month.name());
        Ok(match lock.why {
            LockReason::Concluded => format!(
                "Data entry has concluded. {month} has been locked since {since}. A pooled budget manager can open \
                 it again: ask {by}, who locked it."
            ),
            LockReason::Approved => format!(
                "Data has been approved and cannot be modified. The pack of {month} was approved on {since} by \
                 {by}. A pooled budget manager can open the month under Packs, so that it is restated."
            ),
        })
    }
}
