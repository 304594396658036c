//! The writer: the one place from which a month end changes the store.

use super::{MonthEnd, MonthEndError, TakenIn};
use crate::{
    figures::agreement::AreaPlan,
    store::{NewPublication, PackFile, Published, RowFault, Sha256, Store},
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

/// How many areas' orders share a transaction, so that a durable write is paid for once.
const AREAS_A_TRANSACTION: usize = 8;

/// Something to be written.
pub enum Order<'a> {
    /// The area's files are to be accepted; whoever waits for it is told.
    Accept { plan: &'a AreaPlan, files: Arc<Vec<TakenIn>>, accepted: Option<mpsc::Sender<()>> },
    /// The pack, written to `beside`, is to be published and then put in its `place`.
    Publish {
        area_code: &'a str,
        manifest_sha256: Sha256,
        plan_sha256: Sha256,
        files: Vec<PackFile>,
        beside: PathBuf,
        place: PathBuf,
    },
}

pub type Orders<'a> = mpsc::SyncSender<Order<'a>>;

/// Carries out orders until there are no more, and gives what was published, by area.
///
/// Orders are carried out in batches: one transaction accepts, one publishes, and only then are packs
/// put in place. An area's files are always accepted before its pack is published.
pub fn write(
    mut store: Store,
    month_end: &MonthEnd<'_>,
    orders: mpsc::Receiver<Order<'_>>,
) -> Result<BTreeMap<String, Published>, MonthEndError> {
    let mut published = BTreeMap::new();
    let mut batch = Vec::new();
    while let Ok(order) = orders.recv() {
        let is_awaited = matches!(order, Order::Accept { accepted: Some(_), .. });
        batch.push(order);
        if is_awaited || batch.len() >= 2 * AREAS_A_TRANSACTION {
            carry_out(&mut store, month_end, std::mem::take(&mut batch), &mut published)?;
        }
    }
    carry_out(&mut store, month_end, batch, &mut published)?;
    Ok(published)
}

fn carry_out(
    store: &mut Store,
    month_end: &MonthEnd<'_>,
    batch: Vec<Order<'_>>,
    published: &mut BTreeMap<String, Published>,
) -> Result<(), MonthEndError> {
    accept(store, month_end, &batch)?;
    for order in &batch {
        if let Order::Accept { accepted: Some(accepted), .. } = order {
            // The worker that waits may have stopped; then nobody need be told.
            let _ = accepted.send(());
        }
    }
    publish(store, month_end, &batch, published)
}

fn accept(store: &mut Store, month_end: &MonthEnd<'_>, batch: &[Order<'_>]) -> Result<(), MonthEndError> {
    let mut files: Vec<(&AreaPlan, &TakenIn, Vec<RowFault<'_>>)> = Vec::new();
    for order in batch {
        match order {
            Order::Accept { plan, files: taken, .. } => {
                files.extend(taken.iter().map(|file| (*plan, file, file.row_faults())));
            }
            Order::Publish { .. } => {}
        }
    }
    let submissions: Vec<_> = files
        .iter()
        .map(|(plan, file, faults)| file.submission(plan, faults, month_end.intake, month_end.now))
        .collect();
    if !submissions.is_empty() {
        store.accept(&submissions)?;
    }
    Ok(())
}

fn publish(
    store: &mut Store,
    month_end: &MonthEnd<'_>,
    batch: &[Order<'_>],
    published: &mut BTreeMap<String, Published>,
) -> Result<(), MonthEndError> {
    let mut publications = Vec::new();
    let mut places = Vec::new();
    for order in batch {
        match order {
            Order::Publish { area_code, manifest_sha256, plan_sha256, files, beside, place } => {
                publications.push(NewPublication {
                    area_code,
                    as_at: month_end.as_at,
                    manifest_sha256: *manifest_sha256,
                    plan_sha256: *plan_sha256,
                    published_at: month_end.now,
                    files,
                });
                places.push((beside, place));
            }
            Order::Accept { .. } => {}
        }
    }
    if publications.is_empty() {
        return Ok(());
    }
    let versions = store.publish(&publications)?;
    for (publication, version) in publications.iter().zip(versions) {
        published.insert(publication.area_code.to_owned(), version);
    }
    for (beside, place) in places {
        put_in_place(beside, place)
            .map_err(|source| MonthEndError::Unwritable { path: place.clone(), source })?;
    }
    Ok(())
}

/// Puts a finished folder in the place of an older one, so that at every moment one of the two is whole.
fn put_in_place(beside: &Path, place: &Path) -> io::Result<()> {
    let old = beside.with_extension("old");
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    if place.exists() {
        fs::rename(place, &old)?;
    }
    fs::rename(beside, place)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}
