//! Idempotency keys: a request that comes again has one effect and the same answer.
//!
//! Whoever sends the header `Idempotency-Key` may send the same request as often as they like, to
//! whichever instance: the first to come takes the key in the store, in one transaction. An effect
//! that was had is kept with its answer, until it is tidied up. A refusal changed nothing, so it frees the
//! key; so does what never changes anything, whose answers may be long and many.

use super::problem::{Problem, Problems};
use crate::{
    digest::Sha256,
    service::Refusal,
    store::{GivenKey, KeptAnswer, KeyState, sha256},
    web::{
        answer::{Answer, JSON},
        asked::Asked,
    },
};
use chrono::TimeDelta;

/// A request that was taken up so long ago and never answered was cut off.
const CUT_OFF_AFTER: TimeDelta = TimeDelta::minutes(5);
const LONGEST_KEY: usize = 255;
/// What a key may be, as the document says it. Blanks after it are not of it, as HTTP has it.
pub const PATTERN: &str = "^[!-~]{1,255}[ \\t]*$";

/// Answers a request that may change something; once for a key.
pub fn once(
    asked: &Asked<'_>,
    answer: impl FnOnce() -> Result<Answer, Problems>,
) -> Result<Answer, Problems> {
    let Some(key) = asked.raw.header("idempotency-key") else { return answer() };
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail =
            format!("Idempotency-Key has from 1 to {LONGEST_KEY} printed characters of ASCII, and no blanks");
        return Err(Problems::new(Problem::Malformed, detail));
    }
    let person = asked.who()?.person.id;
    let given = GivenKey { person, key, request_sha256: request_sha256(asked) };
    let now = asked.asking.now;
    let failed = |error| Problems::from(Refusal::Failed(error));
    let taken = asked.service.store().and_then(|mut store| store.take_key(&given, now, now - CUT_OFF_AFTER));
    match taken.map_err(failed)? {
        KeyState::Answered(kept) => return Ok(again(kept)),
        KeyState::OtherRequest => {
            return Err(Problems::new(Problem::KeyUsed, Problem::KeyUsed.meaning()));
        }
        KeyState::UnderWay => return Err(Problems::new(Problem::UnderWay, Problem::UnderWay.meaning())),
        KeyState::Taken => {}
    }
    let answer = answer();
    let changes_nothing = asked.route.document.is_some_and(|document| document.changes_nothing);
    let noted = asked.service.store().and_then(|mut store| match &answer {
        Ok(answer) if answer.status < 300 && !changes_nothing => store.keep_answer(&given, &kept(answer)),
        Ok(_) | Err(_) => store.free_key(&given),
    });
    if let Err(error) = noted {
        // What was done is done, and what was refused was not: that is what is told.
        tracing::error!(request_id = asked.raw.request_id, %error, "an answer was not kept for its key");
    }
    answer
}

/// Over everything that decides what a request does.
fn request_sha256(asked: &Asked<'_>) -> Sha256 {
    let raw = asked.raw;
    let mut whole = Vec::with_capacity(raw.body.len() + 256);
    let mut part = |bytes: &[u8]| {
        whole.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        whole.extend_from_slice(bytes);
    };
    for bytes in [raw.method.as_bytes(), raw.path.as_bytes(), raw.query.as_bytes(), &raw.body] {
        part(bytes);
    }
    for sent in &raw.parts {
        part(sent.name.as_bytes());
        part(sent.file_name.as_deref().unwrap_or_default().as_bytes());
        part(&sent.bytes);
    }
    sha256(&whole)
}

fn kept(answer: &Answer) -> KeptAnswer {
    let location = answer.headers.iter().find(|(name, _)| *name == "location");
    KeptAnswer {
        status: answer.status,
        content_type: answer.content_type.to_owned(),
        location: location.map(|(_, place)| place.clone()).unwrap_or_default(),
        body: answer.body.clone(),
    }
}

/// The answer that was given before. What changes something answers in JSON, or says nothing.
fn again(kept: KeptAnswer) -> Answer {
    let content_type = if kept.content_type.is_empty() { "" } else { JSON };
    let answer = Answer { status: kept.status, content_type, body: kept.body, headers: Vec::new() }
        .with("idempotency-replayed", "true".into());
    if kept.location.is_empty() { answer } else { answer.with("location", kept.location) }
}
