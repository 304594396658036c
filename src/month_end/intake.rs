//! Taking a file in: read it, know it by its headings, check its rows.

use crate::{
    figures::{
        agreement::AreaPlan,
        facts::{AreaFacts, ReturnType},
        period::Month,
    },
    returns::{
        check::{CheckedReturn, Checker, ReturnFacts},
        fault::{self, Fault},
        read::{self, SentTable},
        recognise::{Recognised, recognise},
    },
    store::{Intake, NewSubmission, RowFault, Severity, Sha256, StoredBytes, SubmissionFacts, sha256},
};
use chrono::NaiveDateTime;

/// A file that was read and checked, ready for the store.
pub struct TakenIn {
    pub file_name: String,
    pub sha256: Sha256,
    pub bytes: StoredBytes,
    pub checked: CheckedReturn,
    /// The headings as they stand.
    pub heading: Vec<String>,
    /// Where each column of the return stands, in the order of its column list.
    pub positions: Vec<usize>,
    /// Columns that no return has, whose content is not read.
    pub unknown_columns: Vec<String>,
}

/// A file that was refused, and everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRefused {
    pub file_name: String,
    /// Why the file as a whole cannot be used; empty where its rows are at fault.
    pub reason: String,
    pub faults: Vec<Fault>,
    /// How many faults were found beyond those that are kept.
    pub faults_not_kept: usize,
}

impl FileRefused {
    /// A file that cannot be used as a whole.
    pub fn whole(file_name: &str, reason: String) -> FileRefused {
        FileRefused { file_name: file_name.to_owned(), reason, faults: Vec::new(), faults_not_kept: 0 }
    }
}

/// Reads and checks one file of one area; touches nothing.
///
/// Under [`Intake::Whole`] one bad row refuses the file; under [`Intake::Tolerant`] only a file that
/// cannot be read, or is no return, is refused.
pub fn take_in(
    plan: &AreaPlan,
    as_at: Month,
    intake: Intake,
    file_name: &str,
    bytes: &[u8],
) -> Result<TakenIn, FileRefused> {
    take_in_by(&Checker::new(plan, as_at), intake, file_name, bytes)
}

/// The most faults of one file that the service keeps.
const MOST_FAULTS: usize = 5 * fault::MOST_TOLD;

/// As [`take_in`], for what anybody may send: with a `sender`'s organisation code, and what is
/// held, rows that are not theirs to send are faults; and beyond the first 5,000, faults are counted and no more.
pub fn take_in_from(
    sender: Option<(&str, &AreaFacts)>,
    plan: &AreaPlan,
    as_at: Month,
    intake: Intake,
    file_name: &str,
    bytes: &[u8],
) -> Result<TakenIn, FileRefused> {
    let checker = Checker::new(plan, as_at).keeping(MOST_FAULTS);
    let checker = match sender {
        Some((org_code, held)) => checker.sent_by(org_code, held),
        None => checker,
    };
    take_in_by(&checker, intake, file_name, bytes)
}

fn take_in_by(
    checker: &Checker<'_>,
    intake: Intake,
    file_name: &str,
    bytes: &[u8],
) -> Result<TakenIn, FileRefused> {
    let refused = |reason: String| FileRefused::whole(file_name, reason);
    let sent = read::open(file_name, bytes).map_err(|error| refused(error.to_string()))?;
    let (table, known) = first_return(&sent.tables).map_err(refused)?;
    let checked = check(checker, table, &known);
    if intake == Intake::Whole && !checked.faults.is_empty() {
        let CheckedReturn { faults, faults_not_kept, .. } = checked;
        return Err(FileRefused { faults, faults_not_kept, ..refused(String::new()) });
    }
    Ok(TakenIn {
        file_name: file_name.to_owned(),
        sha256: sha256(bytes),
        bytes: StoredBytes::compress(bytes),
        checked,
        heading: table.heading.clone(),
        positions: known.positions,
        unknown_columns: known.unknown.into_iter().map(|column| column.heading).collect(),
    })
}

/// The first table whose headings are those of a return; else why the first is none.
fn first_return<'t, 'a>(tables: &'t [SentTable<'a>]) -> Result<(&'t SentTable<'a>, Recognised), String> {
    let mut reason = None;
    for table in tables {
        match recognise(&table.heading) {
            Ok(known) => return Ok((table, known)),
            Err(error) => reason = reason.or(Some(error.to_string())),
        }
    }
    Err(reason.unwrap_or_else(|| "The selected file is empty".to_owned()))
}

fn check(checker: &Checker<'_>, table: &SentTable<'_>, known: &Recognised) -> CheckedReturn {
    let mut rows = checker.of_return(known.return_type, &table.heading, &known.positions);
    table.for_each_row(|number, record| rows.row(number, record));
    rows.finish()
}

impl TakenIn {
    pub fn return_type(&self) -> ReturnType {
        self.checked.return_type
    }

    /// What the store keeps of the file's faults.
    pub fn row_faults(&self) -> Vec<RowFault<'_>> {
        let rejects = self.checked.faults.iter().map(|fault| row_fault(Severity::Reject, fault));
        let queries = self.checked.queries.iter().map(|query| row_fault(Severity::Warning, query));
        rejects.chain(queries).collect()
    }

    /// As the store takes it.
    pub fn submission<'a>(
        &'a self,
        plan: &'a AreaPlan,
        faults: &'a [RowFault<'a>],
        intake: Intake,
        received_at: NaiveDateTime,
    ) -> NewSubmission<'a> {
        NewSubmission {
            plan,
            file_name: &self.file_name,
            sha256: self.sha256,
            bytes: &self.bytes,
            received_at,
            sent_by: None,
            intake,
            replaces: None,
            counts: &self.checked.counts,
            faults,
            facts: match &self.checked.facts {
                ReturnFacts::Capitation(facts) => SubmissionFacts::Capitation(facts),
                ReturnFacts::Finance(facts) => SubmissionFacts::Finance(facts),
                ReturnFacts::Measures(facts) => SubmissionFacts::Measures(facts),
                ReturnFacts::Targets(facts) => SubmissionFacts::Targets(facts),
            },
        }
    }
}

fn row_fault(severity: Severity, fault: &Fault) -> RowFault<'_> {
    RowFault {
        row: fault.row,
        code: fault.code,
        severity,
        column: fault.column,
        heading: &fault.heading,
        found: &fault.found,
        remedy: &fault.remedy,
    }
}
