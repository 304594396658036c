//! The service: what people and partners' systems ask for, a verb each.
//!
//! Pages and the interface are two ways of asking for the same: both call these verbs, which check
//! that whoever asks may, do it in one transaction with its entry in the audit record, and answer with
//! values. Nothing here knows of HTTP or HTML.

pub mod account;
pub mod links;
pub mod live;
pub mod jobs;
pub mod people;
pub mod kept;
pub mod audit;
pub mod health;
mod measurements;
mod received;
pub mod suppose;
pub mod refusal;
pub mod commentary;
pub mod month;
pub mod packs;
pub mod plan;
pub mod plan_effect;
pub mod post;
pub mod publication;
mod shown;
pub mod sign_in;
pub mod single_sign_on;
pub mod rates;
mod sealed;
pub mod tokens;
pub mod returns;
mod guesses;
mod who;

pub use measurements::Measurements;
pub use refusal::{FieldFault, Refusal};
pub use shown::size;
pub use who::{Asking, Who};

use crate::{
    clock::Clock,
    packs::template::Templates,
    people::sealing::SealingKey,
    store::{DatabaseUrl, Pool, Pooled, SendLimits, Sha256, Store, StoreError},
};
use kept::Kept;
use live::Live;
use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Everything that answering needs; shared by all who answer.
pub struct Service {
    pool: Pool,
    database: DatabaseUrl,
    pub measurements: Measurements,
    pub clock: Clock,
    templates: RwLock<Arc<Templates>>,
    /// The built-in example: whoever comes may be anybody in it.
    pub is_example: bool,
    /// Grows with every change, so that what was worked out before is known to be old.
    mark: AtomicU64,
    live: Live,
    single_sign_on: Option<single_sign_on::Provider>,
    post: post::PostTerms,
    noted: audit::Noted,
    chain_checks: audit::ChainChecks,
    /// Jobs that have failed, as when it was last looked.
    failing: jobs::Failing,
    public_packs: RwLock<Option<packs::PublicPacks>>,
    /// What systems have asked for lately.
    rates: rates::Rates,
    /// How much one person may send within a day.
    send_limits: SendLimits,
    second_factor_key: Option<SealingKey>,
    /// The sessions of those who were here lately.
    known: Kept<Sha256, who::Known>,
}

impl Service {
    /// Opens the store.
    pub fn open(
        database: &DatabaseUrl,
        clock: Clock,
        templates: Templates,
        is_example: bool,
    ) -> Result<Service, StoreError> {
        const MOST_STORES: u32 = 6;
        const MOST_SESSIONS: usize = 4096;
        Ok(Service {
            pool: Pool::open(database, MOST_STORES)?,
            database: database.clone(),
            measurements: Measurements::default(),
            clock,
            templates: RwLock::new(Arc::new(templates)),
            is_example,
            mark: AtomicU64::new(1),
            live: Live::default(),
            single_sign_on: None,
            post: post::PostTerms::default(),
            noted: audit::Noted::default(),
            chain_checks: audit::ChainChecks::default(),
            failing: jobs::Failing::default(),
            public_packs: RwLock::new(None),
            rates: rates::Rates::default(),
            send_limits: Service::USUAL_SENDING,
            second_factor_key: None,
            known: Kept::new(MOST_SESSIONS),
        })
    }

    /// The templates of packs, as they were last taken up.
    pub fn templates(&self) -> Arc<Templates> {
        Arc::clone(&self.templates.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The templates of packs as their folder has them now, so that one that was mended there counts the
    /// next time that a pack is made.
    ///
    /// # Errors
    /// [`Refusal::Broken`] where the folder cannot be read; it names the file and the line.
    fn templates_now(&self) -> Result<Arc<Templates>, Refusal> {
        let held = self.templates();
        let Some(changed) = held.read_again().map_err(|fault| Refusal::Broken(fault.to_string()))? else {
            return Ok(held);
        };
        tracing::info!("the templates of packs have changed and were taken up");
        let changed = Arc::new(changed);
        *self.templates.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&changed);
        self.look_anew();
        Ok(changed)
    }

    /// An open store, to read from.
    pub fn store(&self) -> Result<Pooled, StoreError> {
        self.pool.get()
    }

    /// Changes the store: whatever was worked out before is old from then on.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = change(&mut *self.pool.get()?);
        self.mark.fetch_add(1, Ordering::Release);
        done
    }

    /// Grows with every change made here or, shortly after it, by another program.
    pub fn mark(&self) -> u64 {
        self.mark.load(Ordering::Acquire)
    }

    /// What was worked out before counts as old, although nothing was changed here: another program may
    /// have changed it just now.
    fn look_anew(&self) {
        self.mark.fetch_add(1, Ordering::Release);
    }

    /// Watches for changes that other programs make, until the service is dropped.
    pub fn watch(self: &Arc<Service>) {
        const PAUSE: Duration = Duration::from_millis(40);
        /// Jobs are counted no more often than this.
        const COUNTED_AGAIN_AFTER: Duration = Duration::from_secs(1);
        let service = Arc::downgrade(self);
        std::thread::spawn(move || {
            let mut seen = None;
            let mut counted: Option<Instant> = None;
            let mut must_count = false;
            loop {
                std::thread::sleep(PAUSE);
                let Some(service) = service.upgrade() else { return };
                let Ok(mark) = service.store().and_then(|mut store| store.mark()) else { continue };
                if seen.replace(mark) != Some(mark) {
                    service.mark.fetch_add(1, Ordering::Release);
                    must_count = true;
                }
                if must_count && counted.is_none_or(|at| at.elapsed() >= COUNTED_AGAIN_AFTER) {
                    (counted, must_count) = (Some(Instant::now()), false);
                    if let Err(error) = service.count_jobs() {
                        tracing::warn!(%error, "jobs cannot be counted");
                    }
                }
            }
        });
    }
}
