//! Checking a return: everything that is wrong, doubtful or changed, at once. Stores nothing.

use super::{LARGEST_FILE, NewReturn, SENDERS, locked_rows::LockedRows, reference, sender};
use crate::{
    figures::{agreement::Partner, facts::ReturnType, period::Month, position::Position},
    month_end::{FileRefused, TakenIn, take_in_from},
    packs::{
        compose::{
            PackSource, compose,
            value::{Show, Value},
        },
        data::safe_text,
        difference::{Changed, difference},
    },
    returns::{
        changes::{Changes, changes, once_accepted},
        check::ReturnFacts,
        compare::{self, Sent},
        fault::{Fault, column_letters, grouped, shortened},
    },
    service::{Refusal, Service, Who, live::AreaNow},
    store::{Intake, sha256},
};
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

/// The most changed cells that are told one by one.
const MOST_CHANGES: usize = 200;

/// What a check found.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct CheckOutcome {
    /// `measures`, `targets`, `finance` or `capitation`.
    pub return_type: &'static str,
    /// The partner that it is for; empty for all.
    pub partner_id: String,
    pub file_name: String,
    pub rows: u32,
    /// Rows that cannot be taken.
    pub faulty_rows: u32,
    /// What must be mended before the return can be sent; the same fault in neighbouring rows once.
    pub faults: Vec<ToldFault>,
    /// Faults beyond the first thousand.
    pub faults_not_told: usize,
    /// What needs a comment before the return can be sent.
    pub queries: Vec<ToldFault>,
    pub queries_not_told: usize,
    /// How many cells are asked about.
    pub query_count: u32,
    /// What its sender may want to know.
    pub notes: Vec<String>,
    /// Rows about what nothing is held yet.
    pub new_rows: u32,
    pub changed_rows: u32,
    pub same_rows: u32,
    pub changes: Vec<ChangeTold>,
    pub changes_not_told: usize,
    /// What would move in the month's pack once the return is accepted; empty where rows are at fault.
    pub figures: Vec<FigureMoved>,
    /// The reference under which the same file was sent before.
    pub already_received: Option<String>,
}

/// A fault or query, in one row or several that follow each other.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ToldFault {
    /// As the sender's spreadsheet numbers it.
    pub row: u32,
    pub last_row: u32,
    /// The column's letters; empty where the whole row is meant.
    pub column: String,
    pub heading: String,
    /// What stands there.
    pub found: String,
    pub code: &'static str,
    /// What is wrong with it, as it follows what stands there.
    pub problem: String,
    /// What to write instead, or to do.
    pub remedy: String,
}

/// A cell that says something else than what is held.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct ChangeTold {
    pub row: u32,
    /// What the row speaks of.
    pub what: String,
    pub column: &'static str,
    pub was: String,
    pub now: String,
}

/// A figure of the month's pack that would move.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct FigureMoved {
    /// Its id in the pack.
    pub figure: String,
    /// Such as `Integrated care pool: Outturn`.
    pub name: String,
    pub before: String,
    pub after: String,
    /// After less before; empty where they are no numbers.
    pub difference: String,
}

impl CheckOutcome {
    /// Whether nothing must be mended.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    pub fn needs_comment(&self) -> bool {
        !self.queries.is_empty()
    }

    /// The faults, each of its rows on its own, as CSV with the rows and columns of the sender's
    /// spreadsheet. Text that a spreadsheet would run as a formula is kept from it.
    pub fn faults_as_csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer("\u{feff}".as_bytes().to_vec());
        let in_memory = "memory takes every row";
        writer
            .write_record(["row", "column", "heading", "what_is_there", "problem", "what_to_do"])
            .expect(in_memory);
        for fault in &self.faults {
            for row in fault.row..=fault.last_row {
                let texts = [&fault.column, &fault.heading, &fault.found, &fault.problem, &fault.remedy];
                let texts = texts.map(|text| plain_text(text));
                writer.write_record(std::iter::once(row.to_string()).chain(texts)).expect(in_memory);
            }
        }
        writer.into_inner().expect(in_memory)
    }
}

/// Text that no spreadsheet takes for a formula. Numbers, negative ones too, are left as they are.
fn plain_text(text: &str) -> String {
    let is_number = text.strip_prefix('-').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    if is_number { text.to_owned() } else { safe_text(text).into_owned() }
}

/// A return that was read and checked.
pub(super) struct Checked {
    pub area: Arc<AreaNow>,
    /// Empty for all.
    pub partner_id: String,
    pub taken: TakenIn,
    pub outcome: CheckOutcome,
}

impl Service {
    /// Checks a return for a month and says everything that is wrong with it, what needs a comment and
    /// what would change. Stores nothing.
    ///
    /// A file that cannot be read, or is no return, is refused under the field `file`.
    pub fn check_return(&self, who: &Who, new: &NewReturn<'_>) -> Result<CheckOutcome, Refusal> {
        Ok(self.checked(who, new)?.outcome)
    }

    /// The same for whoever runs the service, on the server itself; as for all partners where `on_behalf_of`
    /// names none.
    pub fn check_return_as_operator(&self, new: &NewReturn<'_>) -> Result<CheckOutcome, Refusal> {
        let area = self.area(new.area_code)?;
        let partner = match new.on_behalf_of {
            "" => None,
            id => {
                let known = area.agreement().partners.iter().find(|partner| partner.id == id);
                Some(known.cloned().ok_or_else(|| {
                    Refusal::field("on_behalf_of", format!("{id} is not a partner of the plan"))
                })?)
            }
        };
        Ok(self.checked_for(area, partner.as_ref(), new)?.outcome)
    }

    /// A return that waits, checked under the present plan: what its judge should see.
    pub fn return_preview(&self, who: &Who, area_code: &str, number: u32) -> Result<CheckOutcome, Refusal> {
        let sent = self.visible_return(who, area_code, number)?;
        let area = self.area(area_code)?;
        let bytes = self.store()?.sent_return_file(area_code, number)?.ok_or(Refusal::Absent)?;
        let partner = area.agreement().partners.iter().find(|partner| partner.id == sent.partner_id);
        let own = partner.map(|partner| partner.org_code.as_str());
        let taken = read(&area, own, sent.as_at, &sent.file_name, &bytes)?;
        let locked = self.locked_rows(&area, sent.as_at, &taken)?;
        Ok(CheckOutcome { partner_id: sent.partner_id, ..told(&area, sent.as_at, &taken, locked) })
    }

    pub(super) fn checked(&self, who: &Who, new: &NewReturn<'_>) -> Result<Checked, Refusal> {
        who.must_be(SENDERS, new.area_code)?;
        let area = self.area(new.area_code)?;
        if !area.reports_on(new.month) {
            return Err(Refusal::Absent);
        }
        let partner = sender(who, area.agreement(), new.on_behalf_of)?.cloned();
        self.checked_for(area, partner.as_ref(), new)
    }

    /// What a partner sends, or somebody for all.
    fn checked_for(
        &self,
        area: Arc<AreaNow>,
        partner: Option<&Partner>,
        new: &NewReturn<'_>,
    ) -> Result<Checked, Refusal> {
        let own = partner.map(|partner| partner.org_code.as_str());
        let taken = read(&area, own, new.month, new.file_name, new.bytes)?;
        if taken.return_type() == ReturnType::Targets && partner.is_some() {
            return Err(Refusal::field(
                "file",
                "Targets are sent by the pooled budget manager. Ask them to send the file",
            ));
        }
        let partner_id = partner.map(|partner| partner.id.clone()).unwrap_or_default();
        if taken.checked.faults.is_empty() {
            must_speak_of(&taken.checked.facts, new.month)?;
        }
        let locked = self.locked_rows(&area, new.month, &taken)?;
        let mut outcome = told(&area, new.month, &taken, locked);
        outcome.partner_id.clone_from(&partner_id);
        // Nobody holds two connections at once: with every one of them so held, all would wait for another.
        let lock = self.store()?.month_lock(new.area_code, new.month)?;
        if let Some(lock) = lock {
            outcome.notes.push(self.why_locked(new.month, lock)?);
        }
        let key = (new.month, taken.return_type(), partner_id.as_str());
        let same = self.store()?.return_received_before(new.area_code, key, sha256(new.bytes))?;
        outcome.already_received = same.map(|number| reference(new.area_code, number));
        Ok(Checked { area, partner_id, taken, outcome })
    }
}

/// Reads and checks a file of the service's size; refuses one that is no return.
fn read(
    area: &AreaNow,
    own: Option<&str>,
    month: Month,
    file_name: &str,
    bytes: &[u8],
) -> Result<TakenIn, Refusal> {
    if bytes.len() > LARGEST_FILE {
        return Err(Refusal::field("file", "The selected file must be smaller than 10MB"));
    }
    let taken = take_in_from(
        own.map(|own| (own, area.facts())),
        area.agreement(),
        month,
        Intake::Tolerant,
        file_name,
        bytes,
    );
    let taken = taken.map_err(|refused: FileRefused| Refusal::field("file", refused.reason))?;
    match taken.checked.counts.rows {
        0 => Err(Refusal::field("file", "The selected file is empty")),
        _ => Ok(taken),
    }
}

/// Refuses a return none of whose facts is of the month that it is sent for: it would count as that
/// month's, which nobody has sent. Targets are of no one month.
fn must_speak_of(facts: &ReturnFacts, month: Month) -> Result<(), Refusal> {
    let months: BTreeSet<Month> = match facts {
        ReturnFacts::Capitation(lines) => lines.iter().map(|line| line.month).collect(),
        ReturnFacts::Finance(lines) => lines.iter().map(|line| line.month).collect(),
        ReturnFacts::Measures(facts) => facts.iter().map(|fact| fact.month).collect(),
        ReturnFacts::Targets(_) => return Ok(()),
    };
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(()) };
    if months.contains(&month) {
        return Ok(());
    }
    let month = month.name();
    let theirs = match first == last {
        true => first.name(),
        false => format!("months from {} to {}", first.name(), last.name()),
    };
    Err(Refusal::field(
        "file",
        format!(
            "The selected file has no row of {month}: its rows are of {theirs}. Send it under its own month, or \
             together with the rows of {month}"
        ),
    ))
}

fn told(area: &AreaNow, month: Month, taken: &TakenIn, locked: LockedRows) -> CheckOutcome {
    let checked = &taken.checked;
    let sent = Sent {
        plan: area.agreement(),
        as_at: month,
        checked,
        heading: &taken.heading,
        positions: &taken.positions,
    };
    let mut queries = checked.queries.clone();
    queries.extend(compare::queries(area.facts(), sent));
    queries.extend_from_slice(&locked.queries);
    queries.sort_by_key(|query| (query.row, query.column));
    let mut faults = checked.faults.clone();
    faults.extend_from_slice(&locked.faults);
    faults.sort_by_key(|fault| fault.row);
    let unknown = taken.unknown_columns.iter();
    let mut notes: Vec<String> = unknown
        .map(|heading| format!("The column “{heading}” is not part of the return and is not read"))
        .collect();
    notes.extend(compare::profile_notes(area.facts(), sent));
    notes.extend(locked.notes());
    let Changes { new_rows, same_rows, changed_rows, mut cells } =
        changes(area.agreement(), area.facts(), &checked.facts);
    let changes_not_told = cells.len().saturating_sub(MOST_CHANGES);
    cells.truncate(MOST_CHANGES);
    let is_sound = faults.is_empty();
    let (faults, faults_not_told) = tell(&faults);
    let faults_not_told = faults_not_told + checked.faults_not_kept;
    let query_count = queries.len() as u32;
    let (queries, queries_not_told) = tell(&queries);
    CheckOutcome {
        return_type: checked.return_type.name(),
        partner_id: String::new(),
        file_name: taken.file_name.clone(),
        rows: checked.counts.rows,
        faulty_rows: checked.counts.rows - checked.counts.accepted + locked.faults.len() as u32,
        faults,
        faults_not_told,
        queries,
        queries_not_told,
        query_count,
        notes,
        new_rows,
        changed_rows,
        same_rows,
        changes: cells
            .into_iter()
            .map(|cell| ChangeTold {
                row: cell.row,
                what: cell.what,
                column: cell.column,
                was: cell.was,
                now: cell.now,
            })
            .collect(),
        changes_not_told,
        figures: match is_sound {
            true => figures_moved(area, month, &checked.facts),
            false => Vec::new(),
        },
        already_received: None,
    }
}

/// The tables and fields of the pack whose moves are told: what a board looks at first.
const TOLD: [(&str, &[&str]); 5] = [
    ("scorecard", &["latest_value", "latest_rag", "year_to_date", "rag"]),
    ("partners", &["outturn", "rag"]),
    ("pools", &["outturn", "rag"]),
    ("settlement", &["settlement"]),
    ("incentive", &["earned"]),
];

/// What would move in the month's pack: its main figures by measure, pool and partner.
fn figures_moved(area: &AreaNow, month: Month, sent: &ReturnFacts) -> Vec<FigureMoved> {
    let plan = area.agreement();
    let facts = once_accepted(area.facts(), sent);
    let (before, after) = (area.position(month), Position::of(plan, &facts, month));
    let (before, after) = (area.source(&before), PackSource { facts: &facts, ..area.source(&after) });
    let moved = difference(&compose(before), &compose(after));
    let is_told = |changed: &&Changed| {
        let field = changed.figure.rsplit('.').next().unwrap_or_default();
        // The fund's total stands under the pools.
        let is_repeated = changed.table == "partners" && changed.row == "Total";
        !is_repeated && TOLD.iter().any(|(table, fields)| *table == changed.table && fields.contains(&field))
    };
    let shown = |value: &Option<Value<'static>>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), |value| value.shown(Show::Plain))
    };
    moved
        .iter()
        .filter(is_told)
        .map(|changed| FigureMoved {
            figure: changed.figure.clone(),
            name: format!("{}: {}", changed.row, changed.column),
            before: shown(&changed.before),
            after: shown(&changed.after),
            difference: changed.difference.as_ref().map(Value::signed).unwrap_or_default(),
        })
        .collect()
}

fn tell(faults: &[Fault]) -> (Vec<ToldFault>, usize) {
    let (groups, not_told) = grouped(faults);
    let told = groups.into_iter().map(|group| {
        let (problem, remedy) = group.first.problem_and_remedy();
        ToldFault {
            row: group.first.row,
            last_row: group.last_row,
            column: group.first.column.map(column_letters).unwrap_or_default(),
            heading: group.first.heading.clone(),
            found: shortened(&group.first.found),
            code: group.first.code,
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        }
    });
    (told.collect(), not_told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_a_formula_is_kept_from_a_spreadsheet_and_numbers_are_not() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+44", "'+44"),
            ("-cmd", "'-cmd"),
            ("＝1+1", "'＝1+1"),
            ("-12.50", "-12.50"),
            ("12,34O.50", "12,34O.50"),
        ] {
            assert_eq!(plain_text(text), written);
        }
    }
}
