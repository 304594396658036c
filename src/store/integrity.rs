//! Whether everything in the store is still as it was written.

use super::{
    Sha256, Store, StoreError,
    bytes::restored,
    db::{Db, on_db},
    packed::{CapitationRow, FinanceRow, MeasureRow, Packed, TargetRow},
    read_sha256,
    schema::{
        capitation_line, finance_line, measure_fact, plan_file, publication_file, sent_return,
        sent_return_file, submission, submission_facts, submission_file, target_fact,
    },
    sha256,
    submissions::read_return_type,
};
use crate::figures::facts::ReturnType;
use diesel::{prelude::*, sql_types::Text};

impl Store {
    /// Looks at everything that is kept and says, in words, what is not as it was written; nothing
    /// where all is well.
    ///
    /// The database's own check (on SQLite), then every file against its SHA-256, then the facts of
    /// every submission against the number of rows that it was said to have, and what was packed of them
    /// against the rows.
    pub fn integrity_check(&mut self) -> Result<Vec<String>, StoreError> {
        self.db.read(|db| {
            let mut faults = database_faults(db)?;
            check_plans(db, &mut faults)?;
            check_submissions(db, &mut faults)?;
            // A store of an earlier version, looked at before it is brought up to date, has none yet.
            if db.has_table("submission_facts")? {
                check_packed(db, &mut faults)?;
            }
            if db.has_table("sent_return")? {
                check_sent_returns(db, &mut faults)?;
            }
            check_publications(db, &mut faults)?;
            Ok(faults)
        })
    }
}

fn database_faults(db: &mut Db) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    match db {
        Db::Sqlite(connection) => {
            let lines: Vec<Line> = diesel::sql_query("PRAGMA integrity_check").load(connection)?;
            Ok(lines.into_iter().map(|line| line.integrity_check).filter(|line| line != "ok").collect())
        }
        Db::Postgresql(_) => Ok(Vec::new()),
    }
}

fn check_plans(db: &mut Db, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let keys: Vec<(i32, String)> = plan_file::table
        .select((plan_file::edition, plan_file::name))
        .order((plan_file::edition, plan_file::name))
        .load(db)?;
    for (edition, name) in keys {
        let file: (String, String, Vec<u8>) = plan_file::table
            .find((edition, &name))
            .select((plan_file::sha256, plan_file::encoding, plan_file::content))
            .first(db)?;
        if !is_whole(&read_sha256(&file.0)?, &file.1, file.2) {
            faults.push(format!("plan edition {edition}: {name} is not what was loaded"));
        }
    }
    Ok(())
}

fn check_submissions(db: &mut Db, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let rows: Vec<(String, i32, String, String, i32)> = submission::table
        .order((submission::area_code, submission::number))
        .select((
            submission::area_code,
            submission::number,
            submission::return_type,
            submission::sha256,
            submission::accepted,
        ))
        .load(db)?;
    let mut facts_of_submissions = 0;
    for (area, number, return_type, sha256, accepted) in rows {
        let file: Option<(String, Vec<u8>)> = submission_file::table
            .find((&area, number))
            .select((submission_file::encoding, submission_file::content))
            .first(db)
            .optional()?;
        let sha256 = read_sha256(&sha256)?;
        if !file.is_some_and(|(encoding, content)| is_whole(&sha256, &encoding, content)) {
            faults.push(format!("{area}, submission {number}: the file is not what was sent"));
        }
        let found = fact_count(db, read_return_type(&return_type)?, Some((&area, number)))?;
        if found != i64::from(accepted) {
            faults.push(format!("{area}, submission {number}: {found} facts of {accepted}"));
        }
        facts_of_submissions += found;
    }
    let mut facts = 0;
    for return_type in ReturnType::ALL {
        facts += fact_count(db, return_type, None)?;
    }
    if facts != facts_of_submissions {
        faults.push(format!("{} facts belong to no submission", facts - facts_of_submissions));
    }
    Ok(())
}

/// Holds what was packed of each submission against its rows, which it must say again.
fn check_packed(db: &mut Db, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let of_submission = submission::area_code
        .eq(submission_facts::area_code)
        .and(submission::number.eq(submission_facts::submission));
    let keys: Vec<(String, i32, String)> = submission_facts::table
        .inner_join(submission::table.on(of_submission))
        .order((submission_facts::area_code, submission_facts::submission))
        .select((submission_facts::area_code, submission_facts::submission, submission::return_type))
        .load(db)?;
    for (area, number, return_type) in keys {
        let bytes =
            submission_facts::table.find((&area, number)).select(submission_facts::content).first(db)?;
        let packed = Packed { submission: number, bytes };
        if !says_its_rows(db, &area, &packed, read_return_type(&return_type)?)? {
            faults.push(format!("{area}, submission {number}: its facts in one piece are not its rows"));
        }
    }
    Ok(())
}

fn says_its_rows(
    db: &mut Db,
    area: &str,
    packed: &Packed,
    return_type: ReturnType,
) -> Result<bool, StoreError> {
    macro_rules! says {
        ($table:ident, $said:ident, $row:ty, ($($column:ident),*)) => {{
            let query = $table::table
                .filter($table::area_code.eq(area).and($table::submission.eq(packed.submission)))
                .order($table::row)
                .select(($($table::$column),*));
            let rows: Vec<$row> = on_db!(db, |c| query.load(c)?);
            let said = packed.$said().and_then(|said| said.collect::<Result<Vec<_>, _>>());
            said.is_ok_and(|said| said == rows)
        }};
    }
    Ok(match return_type {
        ReturnType::Capitation => says!(
            capitation_line,
            capitation,
            CapitationRow,
            (submission, row, month, segment_id, practice_code, members, cost)
        ),
        ReturnType::Finance => says!(
            finance_line,
            finance,
            FinanceRow,
            (submission, row, month, scheme_id, partner_id, budget, actual, forecast)
        ),
        ReturnType::Measures => says!(
            measure_fact,
            measures,
            MeasureRow,
            (submission, row, measure_id, month, partner_id, numerator, denominator)
        ),
        ReturnType::Targets => {
            says!(target_fact, targets, TargetRow, (submission, row, measure_id, period, state, target))
        }
    })
}

fn check_sent_returns(db: &mut Db, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let rows: Vec<(String, i32, String)> = sent_return::table
        .order((sent_return::area_code, sent_return::number))
        .select((sent_return::area_code, sent_return::number, sent_return::sha256))
        .load(db)?;
    for (area, number, sha256) in rows {
        let file: Option<(String, Vec<u8>)> = sent_return_file::table
            .find((&area, number))
            .select((sent_return_file::encoding, sent_return_file::content))
            .first(db)
            .optional()?;
        let sha256 = read_sha256(&sha256)?;
        if !file.is_some_and(|(encoding, content)| is_whole(&sha256, &encoding, content)) {
            faults.push(format!("{area}, return {number}: the file is not what was sent"));
        }
    }
    Ok(())
}

/// How many facts a submission has; or, of none, how many there are of its type.
fn fact_count(
    db: &mut Db,
    return_type: ReturnType,
    submission: Option<(&str, i32)>,
) -> Result<i64, StoreError> {
    macro_rules! count_of {
        ($table:ident) => {
            match submission {
                Some((area, number)) => $table::table
                    .filter($table::area_code.eq(area).and($table::submission.eq(number)))
                    .count()
                    .get_result(db)?,
                None => $table::table.count().get_result(db)?,
            }
        };
    }
    Ok(match return_type {
        ReturnType::Capitation => count_of!(capitation_line),
        ReturnType::Finance => count_of!(finance_line),
        ReturnType::Measures => count_of!(measure_fact),
        ReturnType::Targets => count_of!(target_fact),
    })
}

fn check_publications(db: &mut Db, faults: &mut Vec<String>) -> Result<(), StoreError> {
    use publication_file::dsl::{area_code, as_at, content, encoding, path, version};
    let keys: Vec<(String, i32, i32, String)> = publication_file::table
        .order((area_code, as_at, version, path))
        .select((area_code, as_at, version, path))
        .load(db)?;
    for (area, month, number, name) in keys {
        let file: (String, String, Vec<u8>) = publication_file::table
            .find((&area, month, number, &name))
            .select((publication_file::sha256, encoding, content))
            .first(db)?;
        if !is_whole(&read_sha256(&file.0)?, &file.1, file.2) {
            let month = super::facts::read_month(month)?;
            faults.push(format!("{area}, {month}, version {number}: {name} is not what was published"));
        }
    }
    Ok(())
}

fn is_whole(digest: &Sha256, encoding: &str, content: Vec<u8>) -> bool {
    restored(encoding, content).is_ok_and(|bytes| sha256(&bytes) == *digest)
}
