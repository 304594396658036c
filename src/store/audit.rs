//! The audit record: who did what, each entry bound by its hash to the one before.
//!
//! Every change that a person makes is written with its entry in one transaction, so that there is
//! never one without the other.

use super::{
    Sha256, Store, StoreError,
    db::{Db, on_db},
    hex, kept_time, natural, read_sha256,
    schema::audit_entry,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::Digest;

/// What a writer takes turns for, so that entries have one order.
pub(super) const AUDIT: &str = "audit";

/// The hash before the first entry.
const BEFORE_THE_FIRST: Sha256 = [0; 32];

/// Something that was done, to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deed {
    pub at: NaiveDateTime,
    /// Who did it; none where nobody had signed in.
    pub by: Option<(u32, String)>,
    /// Such as `return accepted`.
    pub deed: &'static str,
    /// Empty where no one area is meant.
    pub area_code: String,
    /// What it was done to, such as `return 12`. What is numbered as it is written sets this itself.
    pub subject: String,
    /// In words; no secrets.
    pub detail: String,
    pub request_id: String,
}

/// An entry of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub number: u64,
    pub at: NaiveDateTime,
    pub person: Option<u32>,
    pub person_name: String,
    pub deed: String,
    pub area_code: String,
    pub subject: String,
    pub detail: String,
    pub request_id: String,
    pub previous_sha256: Sha256,
    pub sha256: Sha256,
}

/// Which entries are wanted; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub area_code: Option<String>,
    /// The areas that whoever asks may read of; none where all.
    pub areas: Option<Vec<String>>,
    pub subject: Option<String>,
    pub person: Option<u32>,
    pub deed: Option<String>,
    /// Words that stand in the name, deed, subject or detail.
    pub words: Option<String>,
    pub from: Option<NaiveDateTime>,
    pub until: Option<NaiveDateTime>,
    /// Earlier entries than the one of this number.
    pub before: Option<u64>,
}

/// What [`Store::verify_audit`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditChain {
    pub entries: u64,
    /// The hash of the last entry: whoever has kept an earlier one can tell whether it is still there.
    pub head: Sha256,
    /// What is wrong, in words; nothing where the record is whole.
    pub faults: Vec<String>,
}

impl Store {
    /// Records something that changed nothing else, such as a refusal.
    pub fn record(&mut self, deed: &Deed) -> Result<(), StoreError> {
        self.db.write(&[AUDIT], |db| add(db, deed))
    }

    /// The entries that are wanted, the latest first, and how many there are in all.
    pub fn audit_entries(
        &mut self,
        query: &AuditQuery,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        self.db.read(|db| {
            let count: i64 = wanted(query)?.count().get_result(db)?;
            let rows: Vec<EntryRow> = wanted(query)?
                .order(audit_entry::number.desc())
                .offset(offset.into())
                .limit(most.into())
                .select(audit_entry::all_columns)
                .load(db)?;
            Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, super::length(count)?))
        })
    }

    /// The hash of the last entry: whoever keeps it can tell later whether entries were cut off.
    pub fn audit_head(&mut self) -> Result<Sha256, StoreError> {
        Ok(last(&mut self.db)?.1)
    }

    /// Works the whole chain out again.
    ///
    /// `known` is a head that somebody kept: it must be one of the hashes.
    pub fn verify_audit(&mut self, known: Option<&Sha256>) -> Result<AuditChain, StoreError> {
        const PAGE: i64 = 10_000;
        self.db.read(|db| {
            let mut chain = AuditChain { entries: 0, head: BEFORE_THE_FIRST, faults: Vec::new() };
            let mut is_known = known.is_none_or(|known| *known == BEFORE_THE_FIRST);
            let mut after = 0i64;
            loop {
                let rows: Vec<EntryRow> = audit_entry::table
                    .filter(audit_entry::number.gt(after))
                    .order(audit_entry::number)
                    .limit(PAGE)
                    .load(db)?;
                let Some(row) = rows.last() else { break };
                after = row.0;
                for entry in rows.into_iter().map(read) {
                    let entry = entry?;
                    chain.entries += 1;
                    if entry.number != chain.entries {
                        chain.faults.push(format!(
                            "entry {} stands where entry {} should: entries are missing",
                            entry.number, chain.entries
                        ));
                        chain.entries = entry.number;
                    }
                    if entry.previous_sha256 != chain.head {
                        chain.faults.push(format!("entry {} does not follow the one before", entry.number));
                    }
                    if hash_of(&entry) != entry.sha256 {
                        chain.faults.push(format!("entry {} is not what was written", entry.number));
                    }
                    chain.head = entry.sha256;
                    is_known |= known == Some(&entry.sha256);
                }
            }
            if !is_known {
                chain.faults.push("no entry has the hash that was kept: later entries are gone".into());
            }
            Ok(chain)
        })
    }
}

type Wanted<'a> = audit_entry::BoxedQuery<'a, super::db::MultiBackend>;

fn wanted(query: &AuditQuery) -> Result<Wanted<'_>, StoreError> {
    let mut wanted = audit_entry::table.into_boxed();
    if let Some(area_code) = &query.area_code {
        wanted = wanted.filter(audit_entry::area_code.eq(area_code));
    }
    if let Some(areas) = &query.areas {
        wanted = wanted.filter(audit_entry::area_code.eq_any(areas));
    }
    if let Some(subject) = &query.subject {
        wanted = wanted.filter(audit_entry::subject.eq(subject));
    }
    if let Some(person) = query.person {
        wanted = wanted.filter(audit_entry::person.eq(Some(person.cast_signed())));
    }
    if let Some(deed) = &query.deed {
        wanted = wanted.filter(audit_entry::deed.eq(deed));
    }
    if let Some(words) = &query.words {
        let pattern = format!("%{}%", words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        wanted = wanted.filter(
            (audit_entry::person_name.like(pattern.clone()).escape('\\'))
                .or(audit_entry::deed.like(pattern.clone()).escape('\\'))
                .or(audit_entry::subject.like(pattern.clone()).escape('\\'))
                .or(audit_entry::detail.like(pattern).escape('\\')),
        );
    }
    if let Some(from) = query.from {
        wanted = wanted.filter(audit_entry::at.ge(from));
    }
    if let Some(until) = query.until {
        wanted = wanted.filter(audit_entry::at.lt(until));
    }
    if let Some(before) = query.before {
        wanted = wanted.filter(audit_entry::number.lt(super::big_integer(before)?));
    }
    Ok(wanted)
}

/// Adds an entry to the record, within the transaction of what it speaks of.
///
/// The transaction must have taken its turn for [`AUDIT`].
pub(super) fn add(db: &mut Db, deed: &Deed) -> Result<(), StoreError> {
    let (number, previous_sha256) = last(db)?;
    let mut entry = AuditEntry {
        number: number + 1,
        at: kept_time(deed.at),
        person: deed.by.as_ref().map(|(id, _)| *id),
        person_name: deed.by.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        deed: deed.deed.to_owned(),
        area_code: deed.area_code.clone(),
        subject: deed.subject.clone(),
        detail: super::fault_rows::shown(&deed.detail).into_owned(),
        request_id: deed.request_id.clone(),
        previous_sha256,
        sha256: BEFORE_THE_FIRST,
    };
    entry.sha256 = hash_of(&entry);
    let row = (
        audit_entry::number.eq(super::big_integer(entry.number)?),
        audit_entry::at.eq(entry.at),
        audit_entry::person.eq(entry.person.map(super::integer).transpose()?),
        audit_entry::person_name.eq(&entry.person_name),
        audit_entry::deed.eq(&entry.deed),
        audit_entry::area_code.eq(&entry.area_code),
        audit_entry::subject.eq(&entry.subject),
        audit_entry::detail.eq(&entry.detail),
        audit_entry::request_id.eq(&entry.request_id),
        audit_entry::previous_sha256.eq(hex(&entry.previous_sha256)),
        audit_entry::sha256.eq(hex(&entry.sha256)),
    );
    on_db!(db, |c| diesel::insert_into(audit_entry::table).values(row).execute(c))?;
    Ok(())
}

/// The last entry's number and hash.
fn last(db: &mut Db) -> Result<(u64, Sha256), StoreError> {
    let last: Option<(i64, String)> = audit_entry::table
        .order(audit_entry::number.desc())
        .select((audit_entry::number, audit_entry::sha256))
        .first(db)
        .optional()?;
    last.map_or(Ok((0, BEFORE_THE_FIRST)), |(number, sha256)| {
        Ok((super::length(number)?, read_sha256(&sha256)?))
    })
}

/// Over everything in the entry, each part with its length before it, so that no two entries read alike.
fn hash_of(entry: &AuditEntry) -> Sha256 {
    let mut digest = sha2::Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    part(b"outturn audit entry");
    part(&entry.previous_sha256);
    part(&entry.number.to_be_bytes());
    part(&entry.at.and_utc().timestamp_micros().to_be_bytes());
    part(entry.person.map(|id| id.to_string()).unwrap_or_default().as_bytes());
    for words in
        [&entry.person_name, &entry.deed, &entry.area_code, &entry.subject, &entry.detail, &entry.request_id]
    {
        part(words.as_bytes());
    }
    digest.finalize().into()
}

type EntryRow =
    (i64, NaiveDateTime, Option<i32>, String, String, String, String, String, String, String, String);

fn read(row: EntryRow) -> Result<AuditEntry, StoreError> {
    let (number, at, person, person_name, deed, area_code, subject, detail, request_id, previous, sha256) =
        row;
    Ok(AuditEntry {
        number: super::length(number)?,
        at,
        person: person.map(natural).transpose()?,
        person_name,
        deed,
        area_code,
        subject,
        detail,
        request_id,
        previous_sha256: read_sha256(&previous)?,
        sha256: read_sha256(&sha256)?,
    })
}
