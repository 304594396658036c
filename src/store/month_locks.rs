//! Months that take no more returns.

use super::{
    Deed, Store, StoreError,
    audit::{self, AUDIT},
    db::{Db, on_db},
    integer, kept_time, natural,
    schema::month_lock,
};
use crate::figures::period::Month;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Why a month takes no more returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockReason {
    /// The pooled budget manager ended data entry.
    Concluded,
    /// The pack of the month was approved.
    Approved,
}

impl LockReason {
    pub(super) fn name(self) -> &'static str {
        match self {
            LockReason::Concluded => "concluded",
            LockReason::Approved => "approved",
        }
    }

    fn from_name(name: &str) -> Option<LockReason> {
        [LockReason::Concluded, LockReason::Approved].into_iter().find(|why| why.name() == name)
    }
}

/// A month that is locked: why, by whom and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthLock {
    pub why: LockReason,
    pub locked_by: u32,
    pub locked_at: NaiveDateTime,
}

impl Store {
    /// The lock of an area's month; none where it takes returns.
    pub fn month_lock(&mut self, area_code: &str, as_at: Month) -> Result<Option<MonthLock>, StoreError> {
        lock_of(&mut self.db, area_code, as_at)
    }

    /// The areas whose month is locked, with their locks.
    pub fn month_locks(&mut self, as_at: Month) -> Result<BTreeMap<String, MonthLock>, StoreError> {
        self.db.read(|db| {
            let locked = month_lock::table.filter(month_lock::as_at.eq(as_at.number()));
            let areas: Vec<String> = locked.select(month_lock::area_code).load(db)?;
            let areas = areas.into_iter();
            areas
                .filter_map(|area| Some(lock_of(db, &area, as_at).transpose()?.map(|lock| (area, lock))))
                .collect()
        })
    }

    /// Locks an area's month. One that is locked already stays as it was locked.
    pub fn lock_month(
        &mut self,
        area_code: &str,
        as_at: Month,
        lock: MonthLock,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        self.db.write(&[area_code, AUDIT], |db| {
            if lock_of(db, area_code, as_at)?.is_some() {
                return Err(StoreError::Overtaken("the month is locked already"));
            }
            add_lock(db, area_code, as_at, lock)?;
            audit::add(db, deed)
        })
    }

    /// Lets an area's month take returns again.
    pub fn unlock_month(&mut self, area_code: &str, as_at: Month, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[area_code, AUDIT], |db| {
            let lock = month_lock::table.find((area_code, as_at.number()));
            let removed = on_db!(db, |c| diesel::delete(lock).execute(c))?;
            if removed == 0 {
                return Err(StoreError::Overtaken("the month is open already"));
            }
            audit::add(db, deed)
        })
    }
}

fn add_lock(db: &mut Db, area_code: &str, as_at: Month, lock: MonthLock) -> Result<(), StoreError> {
    let row = (
        month_lock::area_code.eq(area_code),
        month_lock::as_at.eq(as_at.number()),
        month_lock::why.eq(lock.why.name()),
        month_lock::locked_by.eq(integer(lock.locked_by)?),
        month_lock::locked_at.eq(kept_time(lock.locked_at)),
    );
    on_db!(db, |c| diesel::insert_into(month_lock::table).values(row).execute(c))?;
    Ok(())
}

/// The lock of an area's month, as a transaction sees it.
pub(super) fn lock_of(db: &mut Db, area_code: &str, as_at: Month) -> Result<Option<MonthLock>, StoreError> {
    let row: Option<(String, i32, NaiveDateTime)> = month_lock::table
        .find((area_code, as_at.number()))
        .select((month_lock::why, month_lock::locked_by, month_lock::locked_at))
        .first(db)
        .optional()?;
    row.map(|(why, locked_by, locked_at)| {
        let known = LockReason::from_name(&why);
        Ok(MonthLock {
            why: known.ok_or_else(|| StoreError::Damaged(format!("a month locked as {why:?}")))?,
            locked_by: natural(locked_by)?,
            locked_at,
        })
    })
    .transpose()
}
