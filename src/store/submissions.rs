//! What partners sent: listed, known to be in force or not, and given back byte for byte.

use super::{
    Intake, Sha256, Store, StoreError,
    bytes::restored,
    db::Db,
    integer, length, natural, read_sha256,
    schema::{submission, submission_file},
};
use crate::figures::facts::ReturnType;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A submission as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    pub area_code: String,
    pub number: u32,
    pub return_type: ReturnType,
    pub file_name: String,
    pub sha256: Sha256,
    pub byte_count: u64,
    pub received_at: NaiveDateTime,
    pub sent_by: Option<String>,
    pub intake: Intake,
    pub replaces: Option<u32>,
    pub rows: u32,
    pub accepted: u32,
}

/// A return that figures were worked out from, as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub return_type: ReturnType,
    pub number: u32,
    pub file_name: String,
    pub sha256: Sha256,
}

impl Store {
    /// Whether the area's partners have sent anything yet.
    pub fn has_submissions(&mut self, area_code: &str) -> Result<bool, StoreError> {
        let of_area = submission::table.filter(submission::area_code.eq(area_code));
        let first = of_area.select(submission::number).first::<i32>(&mut self.db).optional()?;
        Ok(first.is_some())
    }

    /// The submissions of one area, or of all, in the order of area and number.
    pub fn submissions(&mut self, area_code: Option<&str>) -> Result<Vec<Submission>, StoreError> {
        list(&mut self.db, area_code)
    }

    /// The file of a submission as it was sent; none where there is no such submission.
    pub fn original_file(&mut self, area_code: &str, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let key = (area_code, integer(number)?);
        let file: Option<(String, Vec<u8>)> = submission_file::table
            .find(key)
            .select((submission_file::encoding, submission_file::content))
            .first(&mut self.db)
            .optional()?;
        file.map(|(encoding, content)| restored(&encoding, content)).transpose()
    }

    /// The submissions that an area's figures are worked out from, in the order of type and number.
    pub fn inputs_in_force(
        &mut self,
        area_code: &str,
        known_at: Option<NaiveDateTime>,
    ) -> Result<Vec<Input>, StoreError> {
        Ok(inputs(&in_force(list(&mut self.db, Some(area_code))?, known_at)))
    }
}

/// Every submission of an area, or of all, in the order of area and number.
pub(super) fn list(db: &mut Db, area_code: Option<&str>) -> Result<Vec<Submission>, StoreError> {
    let all = submission::table.order((submission::area_code, submission::number));
    let rows: Vec<SubmissionRow> = match area_code {
        Some(code) => all.filter(submission::area_code.eq(code)).load(db)?,
        None => all.load(db)?,
    };
    rows.into_iter().map(SubmissionRow::read).collect()
}

/// Those received by the time, less those that another of them replaces, later ones last.
///
/// The same file taken in again in its own place is as late as it was the first time.
pub(super) fn in_force(mut submissions: Vec<Submission>, known_at: Option<NaiveDateTime>) -> Vec<Submission> {
    submissions.retain(|submission| known_at.is_none_or(|time| submission.received_at <= time));
    let retired: HashSet<u32> = submissions.iter().filter_map(|submission| submission.replaces).collect();
    let mut in_force = later_ones_last(submissions);
    in_force.retain(|submission| !retired.contains(&submission.number));
    in_force
}

/// In the order in which they count: the same file taken in again in its own place is as late as it was
/// the first time.
pub(super) fn later_ones_last(mut submissions: Vec<Submission>) -> Vec<Submission> {
    let mut first_numbers: HashMap<u32, u32> = HashMap::new();
    let files: HashMap<u32, Sha256> = submissions.iter().map(|held| (held.number, held.sha256)).collect();
    for held in &submissions {
        let earlier = held.replaces.filter(|earlier| files.get(earlier) == Some(&held.sha256));
        let first = earlier.and_then(|earlier| first_numbers.get(&earlier).copied()).unwrap_or(held.number);
        first_numbers.insert(held.number, first);
    }
    submissions.sort_by_key(|held| (first_numbers.get(&held.number).copied(), held.number));
    submissions
}

/// How a manifest names them.
pub(super) fn inputs(in_force: &[Submission]) -> Vec<Input> {
    let mut inputs: Vec<Input> = in_force
        .iter()
        .map(|submission| Input {
            return_type: submission.return_type,
            number: submission.number,
            file_name: submission.file_name.clone(),
            sha256: submission.sha256,
        })
        .collect();
    inputs.sort_by_key(|input| (input.return_type, input.number));
    inputs
}

#[derive(Queryable)]
struct SubmissionRow {
    area_code: String,
    number: i32,
    return_type: String,
    file_name: String,
    sha256: String,
    byte_count: i64,
    received_at: NaiveDateTime,
    sent_by: Option<String>,
    intake: String,
    replaces: Option<i32>,
    row_count: i32,
    accepted: i32,
}

impl SubmissionRow {
    fn read(self) -> Result<Submission, StoreError> {
        let intake = Intake::from_name(&self.intake);
        Ok(Submission {
            area_code: self.area_code,
            number: natural(self.number)?,
            return_type: read_return_type(&self.return_type)?,
            file_name: self.file_name,
            sha256: read_sha256(&self.sha256)?,
            byte_count: length(self.byte_count)?,
            received_at: self.received_at,
            sent_by: self.sent_by,
            intake: intake.ok_or_else(|| StoreError::Damaged(format!("the intake {:?}", self.intake)))?,
            replaces: self.replaces.map(natural).transpose()?,
            rows: natural(self.row_count)?,
            accepted: natural(self.accepted)?,
        })
    }
}

pub(super) fn read_return_type(name: &str) -> Result<ReturnType, StoreError> {
    ReturnType::from_name(name).ok_or_else(|| StoreError::Damaged(format!("the return type {name:?}")))
}
