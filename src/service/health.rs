//! Whether the service can do its work just now.

use super::Service;
use crate::store::Store;
use serde::Serialize;

/// Less free space than this where the database is, and nothing should be sent to it.
const LEAST_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// What was looked at, each with `ok` or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    pub is_ready: bool,
    pub database: String,
    pub disk: String,
}

impl Service {
    /// Looks whether the database answers and is of this version, and whether there is room beside it.
    ///
    /// What is told names no address and no secret.
    pub fn health(&self) -> Health {
        let database = match Store::look(&self.database) {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                "does not answer, or is not of this version".to_owned()
            }
        };
        let folder = self.database.folder();
        let free = folder.and_then(|folder| rustix::fs::statvfs(folder).ok());
        let free = free.map(|told| told.f_bavail * told.f_frsize);
        let disk = match free {
            Some(free) if free < LEAST_FREE_BYTES => format!("{free} bytes are free"),
            Some(_) | None => "ok".to_owned(),
        };
        Health { is_ready: database == "ok" && disk == "ok", database, disk }
    }
}
