//! `bands`: a variance laid out over the bands of a risk share.

use super::{
    Fault, Function, read_fields,
    shares::{Shares, Whole, checked_amount},
    split::Parts,
    write_object,
};
use crate::figures::{agreement::Band, money::Pence, risk_share::banded};
use serde::{Deserialize, Serialize};

pub(super) const FUNCTION: Function = Function {
    name: "bands",
    about: "A variance from plan in pence over the bands of a risk share, each band split in its shares.",
    example: r#"{"id": 1, "function": "bands", "base": 100000000, "variance": 3000001, "bands": [{"upper_bp": 200, "shares": {"P1": 5000, "P2": 5000}}, {"upper_bp": null, "shares": {"P1": 2500, "P2": 7500}}]}"#,
    answer,
};

/// The furthest that a band may end: a hundred times plan.
const FURTHEST_END_BP: i64 = 1_000_000;

#[derive(Deserialize)]
struct Asked {
    base: Whole,
    variance: Whole,
    bands: Vec<AskedBand>,
}

#[derive(Deserialize)]
struct AskedBand {
    upper_bp: Option<Whole>,
    shares: Shares,
}

#[derive(Serialize)]
struct Answer<'a> {
    bands: Vec<AnsweredBand<'a>>,
    totals: Parts<'a>,
    working: Vec<AnsweredStep>,
}

#[derive(Serialize)]
struct AnsweredBand<'a> {
    band: u32,
    amount: i64,
    split: Parts<'a>,
}

#[derive(Serialize)]
struct AnsweredStep {
    clause: String,
    arithmetic: String,
    result: i64,
}

fn answer(line: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
    let asked: Asked = read_fields(line, &FUNCTION)?;
    let base = Pence(checked_amount("base", asked.base)?);
    if base < Pence::ZERO {
        return Err(Fault::new("negative_base", "base is below nought: send the plan in pence, 0 or more"));
    }
    let variance = Pence(checked_amount("variance", asked.variance)?);
    check_ends(&asked.bands)?;

    let mut keys: Vec<&str> = Vec::new();
    for band in &asked.bands {
        keys.extend(band.shares.checked()?.iter().map(|(key, _)| key.as_str()));
    }
    // A key's place in the order of keys stands for it, so that ties go to the lower key.
    keys.sort_unstable();
    keys.dedup();
    let place = |key: &String| keys.binary_search(&key.as_str()).expect("every key was gathered");
    let bands: Vec<Band> = (1..)
        .zip(&asked.bands)
        .map(|(number, AskedBand { upper_bp, shares: Shares(shares) })| Band {
            number,
            upper_bp: upper_bp.map(|Whole(end)| end),
            shares: shares.iter().map(|(key, bp)| (place(key), *bp)).collect(),
        })
        .collect();

    let shared = banded(base, variance, &bands);
    let parts = |split: &[(usize, Pence)]| split.iter().map(|(place, part)| (keys[*place], *part)).collect();
    let answer = Answer {
        bands: shared
            .bands
            .iter()
            .map(|band| AnsweredBand {
                band: band.number,
                amount: band.amount.0,
                split: Parts(parts(&band.split)),
            })
            .collect(),
        totals: Parts(keys.iter().enumerate().map(|(place, key)| (*key, shared.share_of(place))).collect()),
        working: shared
            .working()
            .into_iter()
            .map(|step| AnsweredStep {
                clause: step.clause,
                arithmetic: step.arithmetic,
                result: step.result.0,
            })
            .collect(),
    };
    write_object(&answer, output);
    Ok(())
}

/// Every band but the last must end, and further out than the one before.
fn check_ends(bands: &[AskedBand]) -> Result<(), Fault> {
    let Some((last, others)) = bands.split_last() else {
        return Err(Fault::new("no_bands", "bands is empty: send one band or more, lowest first"));
    };
    if last.upper_bp.is_some() {
        let message = "the last band ends, so that a variance beyond it would be nobody's: \
                       send null as its upper_bp";
        return Err(Fault::new("last_band_ends", message));
    }
    let mut begins = 0;
    for (number, band) in (1..).zip(others) {
        match band.upper_bp {
            Some(Whole(end)) if begins < end && end <= FURTHEST_END_BP => begins = end,
            Some(Whole(end)) => {
                let message = format!(
                    "band {number} ends at {end} bp and begins at {begins}: \
                     send bands lowest first, each ending beyond its beginning and by {FURTHEST_END_BP}"
                );
                return Err(Fault::new("bands_out_of_order", message));
            }
            None => {
                let message = format!("band {number} has no end: send its upper_bp; only the last has none");
                return Err(Fault::new("band_without_end", message));
            }
        }
    }
    Ok(())
}
