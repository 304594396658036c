//! Doing away with what must not be read any more, such as a secret that is kept sealed from now on.
//!
//! Source: SQLite's manual, "PRAGMA secure_delete" and "PRAGMA wal_checkpoint".

use super::{StoreError, db::Db};
use diesel::{connection::SimpleConnection, prelude::*};

impl Db {
    /// Runs `steps` so that nothing that they do away with can be read out of a SQLite file afterwards, nor
    /// out of the log beside it. On PostgreSQL it is the server's to clear away.
    pub(super) fn wiping<T>(
        &mut self,
        steps: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        #[derive(QueryableByName)]
        struct Checkpoint {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            busy: i32,
        }
        if let Db::Sqlite(connection) = self {
            connection.batch_execute("PRAGMA secure_delete = ON")?;
        }
        let done = steps(self)?;
        if let Db::Sqlite(connection) = self {
            connection.batch_execute("PRAGMA secure_delete = OFF")?;
            let log =
                diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(connection)?;
            if log.busy != 0 {
                tracing::warn!(
                    "another program reads the database: its log holds for a while what was done away with"
                );
            }
        }
        Ok(done)
    }
}
