//! What a pack takes the place of, read from the store: when it is put forward, and when it is made again.

use crate::{
    figures::period::Month,
    packs::compose::Restates,
    store::{AuditEntry, AuditQuery, Store, StoreError},
};
use serde_json::Value as Json;

/// The deed by which a month whose pack was approved takes returns again; its detail says why.
pub const MONTH_OPENED: &str = "approved month opened";

/// What the month's next pack would take the place of; none where nothing was published of it.
pub fn restates_next(
    store: &mut Store,
    area_code: &str,
    as_at: Month,
) -> Result<Option<Restates>, StoreError> {
    let publications = store.publications(Some(area_code))?;
    let Some(last) = publications.into_iter().rfind(|one| one.as_at == as_at) else { return Ok(None) };
    let query = AuditQuery { from: Some(last.published_at), ..openings(area_code, as_at) };
    let opened = store.audit_entries(&query, 0, 1)?.0.into_iter().next();
    read(store, (area_code, as_at), (last.version + 1, last.version), opened).map(Some)
}

/// What the pack of this manifest took the place of; none where it names nothing, or nothing that is kept.
pub fn restates_of(
    store: &mut Store,
    area_code: &str,
    as_at: Month,
    manifest: &Json,
) -> Result<Option<Restates>, StoreError> {
    let said = &manifest["restates"];
    let number = |name: &str| said[name].as_u64().and_then(|number| u32::try_from(number).ok());
    let Some(versions) = number("version").zip(number("replaces")) else { return Ok(None) };
    let opened = match said["opened_by_entry"].as_u64() {
        None => None,
        Some(wanted) => {
            let query = AuditQuery { before: Some(wanted.saturating_add(1)), ..openings(area_code, as_at) };
            let found = store.audit_entries(&query, 0, 1)?.0.into_iter().next();
            found.filter(|entry| entry.number == wanted)
        }
    };
    read(store, (area_code, as_at), versions, opened).map(Some)
}

fn openings(area_code: &str, as_at: Month) -> AuditQuery {
    AuditQuery {
        area_code: Some(area_code.into()),
        subject: Some(format!("month {as_at}")),
        deed: Some(MONTH_OPENED.into()),
        ..AuditQuery::default()
    }
}

fn read(
    store: &mut Store,
    (area_code, as_at): (&str, Month),
    (version, replaces): (u32, u32),
    opened: Option<AuditEntry>,
) -> Result<Restates, StoreError> {
    let mut tables = Vec::new();
    for file in store.published_files(area_code, as_at, replaces)? {
        let name = file.path.strip_prefix("data/").and_then(|name| name.strip_suffix(".csv"));
        let bytes = store.published_file(area_code, as_at, replaces, &file.path)?;
        tables.extend(name.map(str::to_owned).zip(bytes));
    }
    Ok(Restates {
        version,
        replaces,
        opened_by_entry: opened.as_ref().map(|entry| entry.number),
        reason: opened.map(|entry| entry.detail).unwrap_or_default(),
        tables,
    })
}
