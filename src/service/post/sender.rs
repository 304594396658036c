//! Sending: a message is taken, looked at once more, handed to the mail server, and what became of it is
//! kept.
//!
//! Instances that share a database go by its server's clock: when a message is free, for how long it is
//! taken, and whether it is news.
//!
//! A message that may have been taken by the server is sent again all the same, under the same name:
//! better twice than never, and mail programs know it for one.

use super::recipients::About;
use crate::{
    digest::sha256,
    people::token,
    post::{Attachment, AttachmentKind, Carried, Carrier, Letter, Sealed},
    service::{Refusal, Service, jobs::retry::doubled},
    store::{
        Edition, HandedOver, Message, MessageEnd, MessageKind, MessageState, Release, StoreError, from_hex,
    },
};
use chrono::{NaiveDateTime, TimeDelta};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};

/// Handing over begins no later than this after the message was taken: a minute of the lease is left.
const BEGINS_WITHIN: Duration = Duration::from_secs(120);
/// How long to wait where nothing is to be sent.
const PAUSE: Duration = Duration::from_secs(2);
/// How long to wait where the database does not answer.
const LONG_PAUSE: Duration = Duration::from_secs(10);

/// What has waited for longer, such as for a mail server to be set, is no news any more. It is sent where
/// somebody asks for it again.
const OLD_NEWS: TimeDelta = TimeDelta::days(14);

/// A thread that sends what waits, until it is told to stop.
pub struct SendingThread {
    stop: Sender<()>,
    ended: Receiver<()>,
}

impl SendingThread {
    /// Starts to send.
    pub fn start(service: Arc<Service>, carrier: Carrier) -> SendingThread {
        let (stop, stopped) = channel();
        let (ends, ended) = channel();
        std::thread::spawn(move || {
            loop {
                // What is at fault in one message must not stop the others.
                let pause = match catch_unwind(AssertUnwindSafe(|| service.send_next(&carrier))) {
                    Ok(Ok(true)) => Duration::ZERO,
                    Ok(Ok(false)) => PAUSE,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "messages cannot be sent");
                        LONG_PAUSE
                    }
                    Err(_) => LONG_PAUSE, // the log says where
                };
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            let _ = ends.send(()); // whether anybody still waits for it or not
        });
        SendingThread { stop, ended }
    }

    /// Takes no further message, and waits so long for the one in hand. One that takes longer is sent
    /// again later, under the same name.
    pub fn stop(self, within: Duration) {
        drop(self.stop);
        let _ = self.ended.recv_timeout(within);
    }
}

impl Service {
    /// Sends the next message that waits; false where none does, or no mail server is set.
    pub fn send_next(&self, carrier: &Carrier) -> Result<bool, Refusal> {
        let Some(from) = &self.post.sender else { return Ok(false) };
        let started = Instant::now();
        let now = self.time()?;
        let taken = self.store()?.take_message(from.domain(), now)?;
        let Some(taken) = taken else { return Ok(false) };
        let ended = match self.sealed(&taken, now) {
            Ok((to, sealed)) => {
                let carried = carrier.carry(&sealed, started + BEGINS_WITHIN);
                self.end(&taken, &to, &sealed, carried)
            }
            Err(Unsendable::Withheld(why)) => self.end_unsent(&taken, MessageState::Withheld, why),
            Err(Unsendable::Faulty(why)) => self.end_unsent(&taken, MessageState::Failed, &why),
            Err(Unsendable::Failed(refusal)) => {
                tracing::warn!(message = taken.number, error = %refusal, "message not written");
                self.end_for_now(&taken, "the program could not write it: its log says why")
            }
        };
        match ended {
            // Somebody else has it by now, and says how it went.
            Ok(()) | Err(StoreError::Overtaken(_)) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    fn end(&self, taken: &Message, to: &str, sealed: &Sealed, carried: Carried) -> Result<(), StoreError> {
        let now = self.time()?;
        let handed_over = Some(HandedOver { to, at: now, sha256: sha256(&sealed.bytes) });
        let (state, told, handed_over) = match &carried {
            Carried::Accepted(told) => (MessageState::Sent, told.clone(), handed_over),
            Carried::Refused(told) => (MessageState::Refused, told.clone(), None),
            Carried::NotNow(told) => (MessageState::Waiting, told.clone(), None),
            Carried::Unknown(told) => {
                (MessageState::Waiting, format!("the server may have it: {told}"), handed_over)
            }
        };
        let state = if state == MessageState::Waiting { waits_or_failed(taken) } else { state };
        let number = taken.number;
        match state {
            MessageState::Sent => tracing::info!(message = number, "message sent"),
            _ => tracing::warn!(message = number, state = state.name(), told, "message not sent"),
        }
        let end = MessageEnd {
            state,
            free_from: now + wait_after(taken.tries()),
            told: &told,
            handed_over,
            is_emptied: taken.kind.is_secret() && state != MessageState::Waiting,
        };
        self.store()?.end_message(taken, &end)
    }

    /// It is tried again later, unless this was its last try.
    fn end_for_now(&self, taken: &Message, told: &str) -> Result<(), StoreError> {
        let state = waits_or_failed(taken);
        let end = MessageEnd {
            state,
            free_from: self.time()? + wait_after(taken.tries()),
            told,
            handed_over: None,
            is_emptied: taken.kind.is_secret() && state != MessageState::Waiting,
        };
        self.store()?.end_message(taken, &end)
    }

    fn end_unsent(&self, taken: &Message, state: MessageState, told: &str) -> Result<(), StoreError> {
        tracing::info!(message = taken.number, state = state.name(), told, "message not sent");
        let end = MessageEnd {
            state,
            free_from: self.time()?,
            told,
            handed_over: None,
            is_emptied: taken.kind.is_secret(),
        };
        self.store()?.end_message(taken, &end)
    }

    /// The address, and the letter as it is sent, where its recipient may still have it.
    fn sealed(&self, taken: &Message, now: NaiveDateTime) -> Result<(String, Sealed), Unsendable> {
        let from = self.post.sender.as_ref();
        let from = from.ok_or_else(|| Unsendable::Faulty("no mail server is set".into()))?;
        let person = self.store()?.person(taken.person)?;
        let person = person.ok_or(Unsendable::Withheld("the person is not known any more"))?;
        let about = About { kind: taken.kind, area_code: &taken.area_code, subject: &taken.subject };
        if about.role_of(&person).is_none() {
            return Err(Unsendable::Withheld("the person is not to have this any more"));
        }
        if !taken.was_asked_for_again() && now - taken.made_at > OLD_NEWS {
            return Err(Unsendable::Withheld("it waited for more than 14 days and is no news any more"));
        }
        if taken.kind.is_secret() {
            let link = from_hex(&taken.subject).map(|kept| self.store()?.link(&kept, now));
            if link.transpose()?.flatten().is_none() {
                return Err(Unsendable::Withheld("the link was used, has expired, or a newer one was made"));
            }
        }
        let letter = Letter {
            message_id: &taken.message_id,
            from,
            to: &person.email,
            title: &taken.title,
            body: &taken.body,
            made_at: taken.made_at,
            attachments: &self.attachments(taken)?,
        };
        let sealed = letter.sealed().map_err(Unsendable::Faulty)?;
        Ok((person.email, sealed))
    }

    fn attachments(&self, taken: &Message) -> Result<Vec<Attachment>, Refusal> {
        match taken.kind {
            MessageKind::PackReleased => {
                let mut releases = self.store()?.releases(Some(&taken.area_code))?.into_iter();
                let is_it =
                    |one: &Release| format!("{}, version {}", one.as_at, one.version) == taken.subject;
                let Some(release) = releases.find(is_it) else { return Ok(Vec::new()) };
                if !self.pack_to_attach(&release)? {
                    return Ok(Vec::new());
                }
                let Release { area_code, as_at, version, .. } = &release;
                let bytes = self.store()?.published_file(area_code, *as_at, *version, PDF)?;
                let name = format!("{area_code}-{as_at}-v{version}-{PDF}");
                Ok(bytes
                    .map(|bytes| Attachment { name, kind: AttachmentKind::Pdf, bytes })
                    .into_iter()
                    .collect())
            }
            MessageKind::ReturnDueSoon => {
                let calendar = self.calendar_of_return(&taken.area_code, &taken.subject)?;
                let file = calendar.map(|calendar| Attachment {
                    name: "due.ics".to_owned(),
                    kind: AttachmentKind::Calendar,
                    bytes: calendar.text().into_bytes(),
                });
                Ok(file.into_iter().collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a pack goes with its message: one that anybody may read, and is not too large.
    pub(super) fn pack_to_attach(&self, release: &Release) -> Result<bool, Refusal> {
        if release.edition == Edition::Restricted {
            return Ok(false);
        }
        let files = self.store()?.published_files(&release.area_code, release.as_at, release.version)?;
        let most = self.post.attachment_bytes;
        Ok(files.iter().any(|file| file.path == PDF && file.byte_count <= most))
    }
}

const PDF: &str = "pack.pdf";

/// Why a message is not sent at all.
enum Unsendable {
    /// Its recipient is not to have it any more.
    Withheld(&'static str),
    /// It cannot be written.
    Faulty(String),
    /// Nobody knows yet.
    Failed(Refusal),
}

impl From<Refusal> for Unsendable {
    fn from(refusal: Refusal) -> Unsendable {
        Unsendable::Failed(refusal)
    }
}

impl From<StoreError> for Unsendable {
    fn from(error: StoreError) -> Unsendable {
        Unsendable::Failed(error.into())
    }
}

/// What becomes of a message that was not sent this time.
fn waits_or_failed(taken: &Message) -> MessageState {
    if taken.is_last_try() { MessageState::Failed } else { MessageState::Waiting }
}

/// How long to wait after so many tries, and up to a fifth longer, so that not all come back at once.
fn wait_after(tries: u64) -> TimeDelta {
    let wait = doubled(u32::try_from(tries).unwrap_or(u32::MAX));
    let share = i32::from(token::random()[0]); // of 255
    wait + wait * share / (5 * 255)
}

/// When a message that waits is tried next, where that is later than now.
pub(super) fn next_try(message: &Message, now: NaiveDateTime) -> Option<NaiveDateTime> {
    (message.state == MessageState::Waiting && message.free_from > now).then_some(message.free_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_an_hour_and_a_fifth_longer_at_most() {
        for (tries, minutes) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (u64::MAX, 60)] {
            for _ in 0..50 {
                let least = TimeDelta::minutes(minutes);
                let wait = wait_after(tries);
                assert!(wait >= least && wait <= least + least / 5, "{tries}: {wait}");
            }
        }
    }
}
