//! Taking returns in: a batch at a time, whole or not at all.

use super::{
    Deed, Sha256, Store, StoreError, StoredBytes,
    audit::{self, AUDIT},
    big_integer,
    db::{Db, on_db},
    fact_rows::add_facts,
    fault_rows::{REJECT, WARNING, add_faults, shown},
    hex, integer, kept_time, natural,
    packed::pack,
    read_sha256,
    schema::{row_fault, submission, submission_facts, submission_file},
    submissions::read_return_type,
};
use crate::figures::{
    agreement::AreaPlan,
    facts::{CapitationLine, FinanceLine, IntakeCounts, MeasureFact, ReturnType, Target},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A return that was read and checked, to be taken into the store.
pub struct NewSubmission<'a> {
    /// The agreement of the area whose return it is: it gives the area's code, and the ids that the
    /// facts point at.
    pub plan: &'a AreaPlan,
    pub file_name: &'a str,
    /// Of the file as sent.
    pub sha256: Sha256,
    /// The file as sent.
    pub bytes: &'a StoredBytes,
    pub received_at: NaiveDateTime,
    pub sent_by: Option<&'a str>,
    pub intake: Intake,
    /// The area's earlier submission of the same type that this one retires altogether.
    pub replaces: Option<u32>,
    pub counts: &'a IntakeCounts,
    pub faults: &'a [RowFault<'a>],
    pub facts: SubmissionFacts<'a>,
}

/// The facts of a submission; their source's submission is the store's to set. What they are is the
/// return's type.
#[derive(Clone, Copy, Debug)]
pub enum SubmissionFacts<'a> {
    Measures(&'a [MeasureFact]),
    Targets(&'a [Target]),
    Finance(&'a [FinanceLine]),
    Capitation(&'a [CapitationLine]),
}

impl SubmissionFacts<'_> {
    pub fn return_type(&self) -> ReturnType {
        match self {
            SubmissionFacts::Measures(_) => ReturnType::Measures,
            SubmissionFacts::Targets(_) => ReturnType::Targets,
            SubmissionFacts::Finance(_) => ReturnType::Finance,
            SubmissionFacts::Capitation(_) => ReturnType::Capitation,
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            SubmissionFacts::Measures(facts) => facts.len(),
            SubmissionFacts::Targets(facts) => facts.len(),
            SubmissionFacts::Finance(facts) => facts.len(),
            SubmissionFacts::Capitation(facts) => facts.len(),
        }
    }
}

/// How a return with bad rows is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// One bad row refuses the file.
    Whole,
    /// Good rows are taken, bad rows are listed.
    Tolerant,
}

impl Intake {
    pub fn name(self) -> &'static str {
        match self {
            Intake::Whole => "whole",
            Intake::Tolerant => "tolerant",
        }
    }

    pub fn from_name(name: &str) -> Option<Intake> {
        [Intake::Whole, Intake::Tolerant].into_iter().find(|intake| intake.name() == name)
    }
}

/// What was wrong, or doubtful, in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFault<'a> {
    /// As a spreadsheet numbers it.
    pub row: u32,
    pub code: &'static str,
    pub severity: Severity,
    /// From 0, where one cell is meant.
    pub column: Option<usize>,
    pub heading: &'a str,
    pub found: &'a str,
    pub remedy: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The row was turned away.
    Reject,
    /// The row was taken.
    Warning,
}

impl Severity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Severity::Reject => REJECT,
            Severity::Warning => WARNING,
        }
    }
}

/// The number that a return has in its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub number: u32,
    /// The area's partners sent the same bytes before: nothing was added.
    pub already_held: bool,
}

impl Store {
    /// Takes in a batch of returns, of one area or many, in one durable transaction: all or none.
    ///
    /// The same bytes for the same area and type of return are the same submission, whatever else was
    /// sent in between; where their rows are judged otherwise now they are a new one, in the old one's
    /// place, and where they replace another submission they are sent anew. A batch in the order of area
    /// codes is fastest.
    ///
    /// Each area has one entry in the record for what was added, whatever the number of its returns.
    pub fn accept(&mut self, batch: &[NewSubmission<'_>], deed: &Deed) -> Result<Vec<Accepted>, StoreError> {
        let areas: Vec<&str> = batch.iter().map(|new| new.plan.area.code.as_str()).collect();
        self.db.write(&[&areas[..], &[AUDIT]].concat(), |db| {
            let mut held = Held::of_areas(db, &areas)?;
            let accepted: Vec<Accepted> = batch
                .iter()
                .map(|new| accept_one(db, &mut held, new, SentBefore::Same))
                .collect::<Result<_, _>>()?;
            record(db, batch, &accepted, deed)?;
            Ok(accepted)
        })
    }
}

/// Adds an entry for each area that has something new.
fn record(
    db: &mut Db,
    batch: &[NewSubmission<'_>],
    accepted: &[Accepted],
    deed: &Deed,
) -> Result<(), StoreError> {
    let mut added: BTreeMap<&str, Vec<(u32, &str)>> = BTreeMap::new();
    for (new, accepted) in batch.iter().zip(accepted).filter(|(_, accepted)| !accepted.already_held) {
        added.entry(new.plan.area.code.as_str()).or_default().push((accepted.number, new.file_name));
    }
    for (area_code, files) in added {
        let numbers: Vec<String> = files.iter().map(|(number, _)| number.to_string()).collect();
        let names: Vec<&str> = files.iter().map(|(_, name)| *name).collect();
        let noun = if files.len() == 1 { "submission" } else { "submissions" };
        let entry = Deed {
            area_code: area_code.to_owned(),
            subject: format!("{noun} {}", numbers.join(", ")),
            detail: format!("{} {}", names.join(", "), deed.detail),
            ..deed.clone()
        };
        audit::add(db, &entry)?;
    }
    Ok(())
}

/// What a file counts as whose bytes the area's partners have sent before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SentBefore {
    /// What it was: an old file that still lies in a folder does not undo what came after it. Only with
    /// another submission to replace is it sent anew.
    Same,
    /// Sent anew, unless nothing of its type came after it: somebody wants it to count again.
    Anew,
}

/// What the areas of a batch hold already, kept up as the batch goes in.
#[derive(Default)]
pub(super) struct Held {
    /// The latest of the same bytes.
    numbers: HashMap<(String, ReturnType, Sha256), u32>,
    submissions: HashMap<(String, u32), HeldOne>,
    last: HashMap<String, u32>,
    last_of_type: HashMap<(String, ReturnType), u32>,
}

#[derive(Clone, Copy)]
struct HeldOne {
    return_type: ReturnType,
    sha256: Sha256,
    replaces: Option<u32>,
}

impl Held {
    pub(super) fn of_areas(db: &mut Db, areas: &[&str]) -> Result<Held, StoreError> {
        let mut areas = areas.to_vec();
        areas.sort_unstable();
        areas.dedup();
        let mut held = Held::default();
        for area_code in areas {
            let rows: Vec<(i32, String, String, Option<i32>)> = submission::table
                .filter(submission::area_code.eq(area_code))
                .select((
                    submission::number,
                    submission::return_type,
                    submission::sha256,
                    submission::replaces,
                ))
                .load(db)?;
            for (number, return_type, sha256, replaces) in rows {
                let one = HeldOne {
                    return_type: read_return_type(&return_type)?,
                    sha256: read_sha256(&sha256)?,
                    replaces: replaces.map(natural).transpose()?,
                };
                held.add(area_code, natural(number)?, one);
            }
        }
        Ok(held)
    }

    fn add(&mut self, area_code: &str, number: u32, one: HeldOne) {
        let area = || area_code.to_owned();
        let latest = |held: &mut u32| *held = number.max(*held);
        latest(self.numbers.entry((area(), one.return_type, one.sha256)).or_default());
        latest(self.last.entry(area()).or_default());
        latest(self.last_of_type.entry((area(), one.return_type)).or_default());
        self.submissions.insert((area(), number), one);
    }

    fn get(&self, area_code: &str, number: u32) -> Option<HeldOne> {
        self.submissions.get(&(area_code.to_owned(), number)).copied()
    }

    /// The submission that a file is, where it is none of its own.
    fn same(&self, new: &NewSubmission<'_>, before: SentBefore) -> Option<u32> {
        let (area_code, return_type) = (new.plan.area.code.as_str(), new.facts.return_type());
        let number = *self.numbers.get(&(area_code.to_owned(), return_type, new.sha256))?;
        let is_last = self.last_of_type.get(&(area_code.to_owned(), return_type)) == Some(&number);
        let is_same = match (before, new.replaces) {
            (SentBefore::Same, None) => true,
            (SentBefore::Anew, None) => is_last,
            (_, Some(replaced)) => {
                // A file in its own place is what it was; and so is one whose sender did not hear that
                // it was taken in.
                self.get(area_code, replaced).is_some_and(|held| held.sha256 == new.sha256)
                    || is_last && self.get(area_code, number)?.replaces == Some(replaced)
            }
        };
        is_same.then_some(number)
    }
}

/// Takes one return in, within a transaction that has taken its turn for the area.
pub(super) fn accept_one(
    db: &mut Db,
    held: &mut Held,
    new: &NewSubmission<'_>,
    before: SentBefore,
) -> Result<Accepted, StoreError> {
    let area_code = new.plan.area.code.as_str();
    let return_type = new.facts.return_type();
    let mut replaces = new.replaces;
    if let Some(number) = held.same(new, before) {
        if !is_judged_otherwise(db, number, new)? {
            return Ok(Accepted { number, already_held: true });
        }
        replaces = Some(number);
    }
    if new.counts.accepted as usize != new.facts.count() {
        return Err(StoreError::Miscounted {
            area_code: area_code.to_owned(),
            file_name: new.file_name.to_owned(),
            accepted: new.counts.accepted,
            facts: new.facts.count(),
        });
    }
    let is_of_type = |number| held.get(area_code, number).is_some_and(|held| held.return_type == return_type);
    if let Some(number) = replaces.filter(|&number| !is_of_type(number)) {
        return Err(StoreError::NothingToReplace {
            area_code: area_code.to_owned(),
            return_type: return_type.name(),
            number,
        });
    }
    let number = held.last.get(area_code).map_or(1, |last| last + 1);
    add_submission(db, new, number, replaces)?;
    add_faults(db, new, number)?;
    add_facts(db, new.plan, number, new.facts)?;
    add_packed(db, new, number)?;
    held.add(area_code, number, HeldOne { return_type, sha256: new.sha256, replaces });
    Ok(Accepted { number, already_held: false })
}

/// Whether a file that is held under `number` is judged otherwise now: where the plan has gained the ids
/// that its rows name, or has changed what they are held against.
///
/// Months that have closed since do not matter, else each would restate the packs before it; nor does an
/// earlier month that is worked out again, for which later months are still to come. But rows that were
/// turned away and are accepted now always do.
fn is_judged_otherwise(db: &mut Db, number: u32, new: &NewSubmission<'_>) -> Result<bool, StoreError> {
    let held: Vec<(i32, String)> = row_fault::table
        .filter(row_fault::area_code.eq(new.plan.area.code.as_str()))
        .filter(row_fault::submission.eq(integer(number)?))
        .filter(row_fault::code.ne(NO_ACTUAL))
        .select((row_fault::row, row_fault::code))
        .load(db)?;
    let held: HashSet<(u32, &str)> = held
        .iter()
        .map(|(row, code)| Ok((natural(*row)?, code.as_str())))
        .collect::<Result<_, StoreError>>()?;
    let now = new.faults.iter().filter(|fault| fault.code != NO_ACTUAL);
    let now: HashSet<(u32, &str)> = now.map(|fault| (fault.row, fault.code)).collect();

    let still: HashSet<u32> =
        new.faults.iter().filter(|fault| fault.severity == Severity::Reject).map(|fault| fault.row).collect();
    let accepts_more =
        held.difference(&now).any(|(row, code)| !code.starts_with("W_") && !still.contains(row));
    let is_earlier_month = now.difference(&held).any(|(_, code)| *code == "FUTURE");
    Ok(accepts_more || !is_earlier_month && held != now)
}

/// What a row is asked about once its month has closed.
const NO_ACTUAL: &str = "W_NOACTUAL";

fn add_submission(
    db: &mut Db,
    new: &NewSubmission<'_>,
    number: u32,
    replaces: Option<u32>,
) -> Result<(), StoreError> {
    let area_code = new.plan.area.code.as_str();
    let row = (
        submission::area_code.eq(area_code),
        submission::number.eq(integer(number)?),
        submission::return_type.eq(new.facts.return_type().name()),
        submission::file_name.eq(shown(new.file_name)),
        submission::sha256.eq(hex(&new.sha256)),
        submission::byte_count.eq(big_integer(new.bytes.byte_count())?),
        submission::received_at.eq(kept_time(new.received_at)),
        submission::sent_by.eq(new.sent_by),
        submission::intake.eq(new.intake.name()),
        submission::replaces.eq(replaces.map(integer).transpose()?),
        submission::row_count.eq(integer(new.counts.rows)?),
        submission::accepted.eq(integer(new.counts.accepted)?),
    );
    on_db!(db, |c| diesel::insert_into(submission::table).values(row).execute(c))?;
    let row = (
        submission_file::area_code.eq(area_code),
        submission_file::submission.eq(integer(number)?),
        submission_file::encoding.eq(new.bytes.encoding().name()),
        submission_file::content.eq(new.bytes.content()),
    );
    on_db!(db, |c| diesel::insert_into(submission_file::table).values(row).execute(c))?;
    Ok(())
}

fn add_packed(db: &mut Db, new: &NewSubmission<'_>, number: u32) -> Result<(), StoreError> {
    let row = (
        submission_facts::area_code.eq(new.plan.area.code.as_str()),
        submission_facts::submission.eq(integer(number)?),
        submission_facts::content.eq(pack(new.plan, new.facts)),
    );
    on_db!(db, |c| diesel::insert_into(submission_facts::table).values(row).execute(c))?;
    Ok(())
}
