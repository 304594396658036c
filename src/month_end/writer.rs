//! The writer: the one place from which a month end changes the store.

use super::{MonthEnd, MonthEndError, TakenIn, place::Places};
use crate::{
    figures::agreement::AreaPlan,
    store::{Accepted, NewPublication, PackFile, Published, RowFault, Sha256, Store},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
};

/// How many areas' orders share a transaction, so that a durable write is paid for once.
const AREAS_A_TRANSACTION: usize = 4;

/// How many orders may wait while a transaction is written: enough that the workers go on meanwhile,
/// few enough that memory does not grow with the number of areas.
pub const ORDERS_WAITING: usize = 6 * AREAS_A_TRANSACTION;

/// Something to be written.
pub enum Order<'a> {
    /// The area's files are to be accepted; whoever waits for it is told.
    Accept {
        plan: &'a AreaPlan,
        files: Arc<Vec<TakenIn>>,
        /// They were taken for the area's first, numbered from 1.
        as_first: bool,
        accepted: Option<mpsc::Sender<()>>,
    },
    /// The pack, written beside its place, is to be published and then put there.
    Publish { area_code: &'a str, manifest_sha256: Sha256, plan_sha256: Sha256, files: Vec<PackFile> },
}

pub type Orders<'a> = mpsc::SyncSender<Order<'a>>;

/// Carries out orders until there are no more, and gives what was published, by area.
///
/// Orders are carried out in batches: one transaction accepts, one publishes, and only then are packs
/// put in place. An area's files are always accepted before its pack is published.
pub fn write(
    mut store: Store,
    month_end: &MonthEnd<'_>,
    places: Option<&Places<'_>>,
    orders: mpsc::Receiver<Order<'_>>,
) -> Result<BTreeMap<String, Published>, MonthEndError> {
    let mut published = BTreeMap::new();
    let mut batch = Vec::new();
    while let Ok(order) = orders.recv() {
        let is_awaited = matches!(order, Order::Accept { accepted: Some(_), .. });
        batch.push(order);
        if is_awaited || batch.len() >= 2 * AREAS_A_TRANSACTION {
            carry_out(&mut store, month_end, places, std::mem::take(&mut batch), &mut published)?;
        }
    }
    carry_out(&mut store, month_end, places, batch, &mut published)?;
    Ok(published)
}

fn carry_out(
    store: &mut Store,
    month_end: &MonthEnd<'_>,
    places: Option<&Places<'_>>,
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
    for area_code in publish(store, month_end, &batch, published)? {
        if let Some(places) = places {
            places.put(area_code)?;
        }
    }
    Ok(())
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
    if submissions.is_empty() {
        return Ok(());
    }
    check_first(batch, &store.accept(&submissions, &month_end.deed("returns taken in"))?)
}

/// Nobody else may have taken in returns of an area whose files were taken for its first.
fn check_first(batch: &[Order<'_>], numbers: &[Accepted]) -> Result<(), MonthEndError> {
    let mut rest = numbers;
    for order in batch {
        let Order::Accept { plan, files, as_first, .. } = order else { continue };
        let (of_area, others) = rest.split_at(files.len());
        rest = others;
        let are_first = (1..).zip(of_area).all(|(number, accepted)| accepted.number == number);
        if *as_first && !are_first {
            return Err(MonthEndError::Overtaken { area_code: plan.area.code.clone() });
        }
    }
    Ok(())
}

/// Publishes the batch's packs and gives the codes of their areas.
fn publish<'a>(
    store: &mut Store,
    month_end: &MonthEnd<'_>,
    batch: &[Order<'a>],
    published: &mut BTreeMap<String, Published>,
) -> Result<Vec<&'a str>, MonthEndError> {
    let (mut publications, mut codes) = (Vec::new(), Vec::new());
    for order in batch {
        match order {
            Order::Publish { area_code, manifest_sha256, plan_sha256, files } => {
                codes.push(*area_code);
                publications.push(NewPublication {
                    area_code,
                    as_at: month_end.as_at,
                    manifest_sha256: *manifest_sha256,
                    plan_sha256: *plan_sha256,
                    published_at: month_end.now,
                    files,
                });
            }
            Order::Accept { .. } => {}
        }
    }
    if publications.is_empty() {
        return Ok(codes);
    }
    let versions = store.publish(&publications, &month_end.deed("pack published"))?;
    published.extend(codes.iter().map(|code| (*code).to_owned()).zip(versions));
    Ok(codes)
}
