//! A country's plan and returns, and how they are taken in.

use crate::{
    measure::{Spent, spent},
    workload,
};
use outturn::{
    figures::{agreement::AreaPlan, period::Month},
    month_end::{ReturnFile, TakenIn, gather_returns, take_in},
    plan::{self, Plan},
    store::{DatabaseUrl, Deed, Intake, RowFault, Store},
};
use std::{fs, path::Path};

/// How many areas share a transaction.
const AREAS_A_TRANSACTION: usize = 8;

/// A plan and the returns that belong to it.
pub struct Country {
    pub plan: Plan,
    returns: Vec<ReturnFile>,
}

/// What an intake took, by its two halves.
pub struct Parts {
    pub checking: Spent,
    pub storing: Spent,
}

impl Country {
    pub fn read(folder: &Path) -> Country {
        let files = plan::gather(&folder.join("plan")).expect("the plan is there");
        let plan = plan::read(&files).expect("the plan is sound");
        let (returns, _) = gather_returns(&folder.join("returns"), &plan).expect("the returns are there");
        Country { plan, returns }
    }

    /// Takes every return into a new database, on one thread, some areas at a time.
    pub fn take_in(&self, database: &DatabaseUrl) -> Parts {
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let mut store = Store::open(database).expect("the database can be made");
        let mut parts = Parts { checking: Spent::default(), storing: Spent::default() };
        for areas in self.plan.areas.chunks(AREAS_A_TRANSACTION) {
            let (taken, took) = spent(|| self.read_and_check(areas, workload::as_at()));
            parts.checking = parts.checking + took;
            let ((), took) = spent(|| {
                let faults: Vec<Vec<RowFault<'_>>> =
                    taken.iter().map(|(_, file)| file.row_faults()).collect();
                let batch: Vec<_> = taken
                    .iter()
                    .zip(&faults)
                    .map(|((plan, file), faults)| file.submission(plan, faults, Intake::Tolerant, now))
                    .collect();
                store.accept(&batch, &Deed::default()).expect("the returns are taken");
            });
            parts.storing = parts.storing + took;
        }
        // Closing writes what is still in the log into the database.
        let ((), took) = spent(|| drop(store));
        parts.storing = parts.storing + took;
        parts
    }

    /// The files of some areas, area by area, read and checked.
    fn read_and_check<'a>(&self, areas: &'a [AreaPlan], as_at: Month) -> Vec<(&'a AreaPlan, TakenIn)> {
        let mut taken = Vec::new();
        for plan in areas {
            for file in self.returns.iter().filter(|file| file.area_code == plan.area.code) {
                let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                let bytes = fs::read(&file.path).expect("the return can be read");
                match take_in(plan, as_at, Intake::Tolerant, &name, &bytes) {
                    Ok(file) => taken.push((plan, file)),
                    Err(refused) => panic!("{} was refused: {}", refused.file_name, refused.reason),
                }
            }
        }
        taken
    }
}
