//! Bodies as they arrive: up to their limit, at a bearable speed, a few large ones at a time.

use super::{
    super::{
        Site,
        answer::Answer,
        asked::{Part, RawRequest},
    },
    Serving, plain,
};
use actix_web::{
    HttpRequest,
    rt::time::{sleep, timeout},
    web::{Bytes, Payload, block},
};
use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
    stream,
};
use std::{
    collections::VecDeque,
    io,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// The largest body of an upload, and of anything else.
pub const LARGEST_UPLOAD: usize = 10 * 1024 * 1024 + 64 * 1024;
pub const LARGEST_FORM: usize = 256 * 1024;
/// From when on a body must keep up a rate, and which.
const GRACE: Duration = Duration::from_secs(10);
const LEAST_BYTES_A_SECOND: u64 = 8 * 1024;
/// How long any body may take.
const WHOLE_DEADLINE: Duration = Duration::from_secs(120);
/// How long an upload waits for others to end.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const MOST_PARTS: usize = 64;

/// Why a body was not taken.
enum Fault {
    TooLarge,
    TooSlow,
    CutOff,
}

impl Fault {
    fn answer(&self) -> Answer {
        match self {
            Fault::TooLarge => plain(413, "The selected file must be smaller than 10MB"),
            Fault::TooSlow => plain(408, "What you sent took too long to arrive"),
            Fault::CutOff => plain(400, "What was sent was cut off"),
        }
    }
}

/// A place among the uploads in hand, given up when dropped.
pub(super) struct Place {
    uploads: Arc<AtomicUsize>,
    site: Arc<Site>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.uploads.fetch_sub(1, Ordering::AcqRel);
        self.site.service.measurements.uploads_in_hand.dec();
    }
}

/// Reads a request's body into `raw`. What is large has a place, to be held until it is answered: checking
/// a file takes longer than reading it.
pub(super) async fn read(
    serving: &Serving,
    raw: &mut RawRequest,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Option<Place>, Answer> {
    let content_type = raw.header("content-type").unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).ok();
    let is_form = ["", "application/x-www-form-urlencoded", "application/json"]
        .contains(&content_type.split(';').next().unwrap_or_default().trim());
    let limit = if is_form { LARGEST_FORM } else { LARGEST_UPLOAD };
    let length = raw.header("content-length").and_then(|length| length.parse::<u64>().ok());
    // What says that it is too large need not be sent at all.
    if length.is_some_and(|length| length > limit as u64) {
        return Err(Fault::TooLarge.answer());
    }
    let mut held = None;
    if !is_form {
        // Only for those who may send something does the service hold large things in memory.
        let (site, asking) = (serving.site(), raw.clone());
        let refused = block(move || super::super::dispatch::before_large(&site, &asking)).await;
        let refused = refused.unwrap_or_else(|_| Some(plain(401, "Sign in first")));
        if let Some(answer) = refused {
            return Err(answer);
        }
        held = Some(place(serving).await?);
    }
    if let Some(held) = request.conn_data::<super::Held>() {
        held.connection.receives();
    }
    let chunks = in_time(payload, limit);
    match boundary {
        Some(boundary) => raw.parts = parts(chunks, boundary).await?,
        None => raw.body = whole(chunks, length).await.map_err(|fault| fault.answer())?,
    }
    Ok(held)
}

/// Waits for a place among the uploads in hand.
async fn place(serving: &Serving) -> Result<Place, Answer> {
    const PAUSE: Duration = Duration::from_millis(20);
    let (uploads, most) = (&serving.uploads, serving.most_uploads);
    let started = Instant::now();
    loop {
        let taken = uploads
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| (taken < most).then_some(taken + 1));
        if taken.is_ok() {
            serving.site.service.measurements.uploads_in_hand.inc();
            return Ok(Place { uploads: Arc::clone(uploads), site: serving.site() });
        }
        if started.elapsed() > LONGEST_WAIT {
            let busy = plain(503, "Many files are being sent just now. Try again in a minute");
            return Err(busy.with("retry-after", "60".into()));
        }
        sleep(PAUSE).await;
    }
}

/// The body's chunks, ending with a fault where there are too many bytes or they come too slowly.
fn in_time(payload: Payload, limit: usize) -> impl Stream<Item = Result<Bytes, Fault>> + Unpin {
    let started = Instant::now();
    let state = Some((payload, 0u64));
    Box::pin(stream::unfold(state, move |state| async move {
        let (mut payload, before) = state?;
        let earned = Duration::from_millis(before * 1000 / LEAST_BYTES_A_SECOND);
        let allowed = (GRACE + earned).min(WHOLE_DEADLINE).saturating_sub(started.elapsed());
        match timeout(allowed, payload.next()).await {
            Err(_) => Some((Err(Fault::TooSlow), None)),
            Ok(None) => None,
            Ok(Some(Err(_))) => Some((Err(Fault::CutOff), None)),
            Ok(Some(Ok(chunk))) => {
                let total = before + chunk.len() as u64;
                if total > limit as u64 {
                    return Some((Err(Fault::TooLarge), None));
                }
                Some((Ok(chunk), Some((payload, total))))
            }
        }
    }))
}

async fn whole(
    mut chunks: impl Stream<Item = Result<Bytes, Fault>> + Unpin,
    length: Option<u64>,
) -> Result<Vec<u8>, Fault> {
    /// What is reserved on the word of whoever sends.
    const MOST_RESERVED: u64 = 64 * 1024;
    let mut body = Vec::with_capacity(length.unwrap_or(0).min(MOST_RESERVED) as usize);
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk?);
    }
    Ok(body)
}

/// Takes a form with files apart as it arrives, so that it is in memory once.
async fn parts(
    mut chunks: impl Stream<Item = Result<Bytes, Fault>> + Unpin,
    boundary: String,
) -> Result<Vec<Part>, Answer> {
    let queue = Queue::default();
    let read = parts_of(multer::Multipart::new(queue.clone(), boundary));
    // The server's chunks stay on their thread; what takes forms apart wants what may move.
    let fed = queue.clone();
    let feed = async {
        let mut fault = None;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => fed.push(chunk),
                Err(found) => fault = Some(found),
            }
        }
        fed.end();
        fault
    };
    let (read, feed) = (pin!(read), pin!(feed));
    let unreadable = |_| plain(400, "The form that was sent cannot be read");
    match select(read, feed).await {
        Either::Left((parts, _)) => parts.map_err(unreadable),
        Either::Right((Some(fault), _)) => Err(fault.answer()),
        Either::Right((None, read)) => read.await.map_err(unreadable),
    }
}

async fn parts_of(mut form: multer::Multipart<'_>) -> multer::Result<Vec<Part>> {
    let mut parts = Vec::new();
    while let Some(mut field) = form.next_field().await? {
        if parts.len() == MOST_PARTS {
            return Err(multer::Error::IncompleteStream);
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        parts.push(Part { name, file_name, bytes });
    }
    Ok(parts)
}

/// Chunks on their way from one future to another of the same task.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<Queued>>);

#[derive(Default)]
struct Queued {
    chunks: VecDeque<Bytes>,
    has_ended: bool,
    waker: Option<Waker>,
}

impl Queue {
    fn push(&self, chunk: Bytes) {
        self.change(|queued| queued.chunks.push_back(chunk));
    }

    fn end(&self) {
        self.change(|queued| queued.has_ended = true);
    }

    fn change(&self, change: impl FnOnce(&mut Queued)) {
        let mut queued = self.0.lock().expect("nobody stops while holding it");
        change(&mut queued);
        if let Some(waker) = queued.waker.take() {
            waker.wake();
        }
    }
}

impl Stream for Queue {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let mut queued = self.0.lock().expect("nobody stops while holding it");
        match queued.chunks.pop_front() {
            Some(chunk) => Poll::Ready(Some(Ok(chunk))),
            None if queued.has_ended => Poll::Ready(None),
            None => {
                queued.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
