//! Open stores, shared by those who ask at the same time.

use super::{DatabaseUrl, Store, StoreError};
use std::time::Duration;

/// How long a request waits for an open store before it is told that the service is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// As many open stores as may be used at a time; each is opened when first needed.
#[derive(Clone)]
pub struct Pool {
    stores: r2d2::Pool<Stores>,
}

/// An open store, given back when dropped.
pub type Pooled = r2d2::PooledConnection<Stores>;

impl Pool {
    /// A pool of at most `most` stores; the first is opened at once, so that a database that cannot be
    /// used is told.
    pub fn open(database: &DatabaseUrl, most: u32) -> Result<Pool, StoreError> {
        Store::open(database)?;
        let pool = r2d2::Pool::builder()
            .max_size(most)
            .min_idle(Some(0))
            .connection_timeout(LONGEST_WAIT)
            .test_on_check_out(true)
            .build_unchecked(Stores { database: database.clone() });
        Ok(Pool { stores: pool })
    }

    /// An open store; waits for one where all are in use.
    pub fn get(&self) -> Result<Pooled, StoreError> {
        self.stores.get().map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// How the pool opens stores.
pub struct Stores {
    database: DatabaseUrl,
}

impl r2d2::ManageConnection for Stores {
    type Connection = Store;
    type Error = StoreError;

    fn connect(&self) -> Result<Store, StoreError> {
        let mut store = Store::open(&self.database)?;
        store.share_memory()?;
        Ok(store)
    }

    fn is_valid(&self, store: &mut Store) -> Result<(), StoreError> {
        store.answers()
    }

    /// A connection that does not answer is told when it is next asked for.
    fn has_broken(&self, store: &mut Store) -> bool {
        store.is_left_open()
    }
}
