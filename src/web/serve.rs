//! The HTTP server: requests in, answers out. The one place that names actix.
//!
//! Every connection is watched ([`watch`]), bodies are taken at a bearable speed ([`body`]), and every
//! answer has the same headers ([`headers`]), whoever writes it ([`bare`]).

mod bare;
mod body;
mod headers;
mod management;
mod places;
mod watch;

pub use body::{LARGEST_FORM, LARGEST_UPLOAD};
pub use headers::EVERY_ANSWER;
pub use places::{NoPlace, Places};
pub use watch::{BODY_DEADLINE, HEAD_DEADLINE};

use super::{
    Site,
    answer::Answer,
    asked::RawRequest,
    dispatch::{self, Answered},
    interface::conditional::COMPRESSED,
    log::{Log, RequestLine},
    refused::{self, plain},
};
use crate::config::{Network, Settings};
use actix_http::{HttpService, Protocol};
use actix_service::{ServiceFactoryExt, map_config};
use actix_web::{
    App, HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{AppConfig, Server, fn_service},
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    rt::net::TcpStream,
    web::{Bytes, Data, Payload, block, route},
};
use bare::Completing;
use std::{
    convert::Infallible,
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use watch::{Bounds, Connection, Held, Watch};

/// The longest path with its query.
const LONGEST_URL: usize = 8 * 1024;

/// Where the service came to listen.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    pub address: SocketAddr,
    /// Of health and measurements.
    pub management: Option<SocketAddr>,
}

/// What every request needs.
struct Serving {
    site: Arc<Site>,
    log: Log,
    trusted: Vec<Network>,
    /// Where plain HTTP is sent on to; empty where nobody said.
    public_url: String,
    /// Files in hand.
    uploads: Arc<AtomicUsize>,
    most_uploads: usize,
    /// Of this run's request ids, so that they differ from those of the runs before.
    run: String,
    requests: AtomicU32,
}

impl Serving {
    fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site)
    }
}

/// Serves at `places` until the process is told to stop; `ready` is told where.
///
/// Requests in hand are answered first, for as long as the settings allow.
pub fn serve(
    site: Arc<Site>,
    settings: &Settings,
    places: Places,
    log: Log,
    ready: impl FnOnce(Listening),
) -> io::Result<()> {
    let room = watch::room_for_connections();
    let watch = Watch::start(Bounds {
        in_all: settings.connections.min(room),
        per_address: settings.connections_per_address,
        trusted: settings.trusted_proxies.clone(),
    });
    let serving = Data::new(Serving {
        site: Arc::clone(&site),
        log: log.clone(),
        trusted: settings.trusted_proxies.clone(),
        public_url: settings.public_url.clone(),
        uploads: Arc::default(),
        most_uploads: settings.uploads_at_once,
        run: dispatch::new_token()[..8].to_owned(),
        requests: AtomicU32::new(0),
    });
    let workers = if settings.workers > 0 { settings.workers } else { processors() };
    let stopped = actix_web::rt::System::new().block_on(async move {
        let watched = Arc::clone(&watch);
        let mut listening = Listening { address: places.pages.local_addr()?, management: None };
        let server = Server::build();
        let stops = server.graceful_shutdown_signal();
        let server = server
            .workers(workers)
            .shutdown_timeout(settings.stop_seconds)
            .worker_max_blocking_threads(4)
            .listen("pages", places.pages, move || {
                let (watched, stops) = (Arc::clone(&watched), stops.clone());
                let app = App::new().app_data(serving.clone()).default_service(route().to(handle));
                let answering = HttpService::build()
                    .graceful_shutdown_signal(move || {
                        let stops = stops.clone();
                        async move { stops.notified().await }
                    })
                    .client_request_timeout(HEAD_DEADLINE)
                    .client_disconnect_timeout(Duration::from_secs(2))
                    .keep_alive(HEAD_DEADLINE)
                    .on_connect_ext(move |taken: &Completing, data| {
                        let peer =
                            taken.socket.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
                        if let Some(held) = watched.take_in(&taken.socket, peer) {
                            let _ = taken.connection.set(Arc::clone(&held.connection)); // it is new
                            data.insert(held);
                        }
                    })
                    .finish(map_config(app, |()| AppConfig::default()));
                fn_service(|socket: TcpStream| async move {
                    let peer = socket.peer_addr().ok();
                    Ok((Completing::new(socket), Protocol::Http1, peer))
                })
                .and_then(answering)
            })?;
        let mut managing = None;
        if let Some(listener) = places.management {
            listening.management = Some(listener.local_addr()?);
            let server = management::server(Arc::clone(&site.service), watch, listener)?;
            managing = Some(server.handle());
            actix_web::rt::spawn(server);
        }
        ready(listening);
        let stopped = server.run().await;
        if let Some(managing) = managing {
            managing.stop(false).await;
        }
        stopped
    });
    log.flush();
    stopped
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

async fn handle(serving: Data<Serving>, request: HttpRequest, payload: Payload) -> HttpResponse<Told> {
    let started = Instant::now();
    let connection = request.conn_data::<Held>().map(|held| Arc::clone(&held.connection));
    if let Some(connection) = &connection {
        connection.works();
    }
    let mut raw = raw_request(&serving, &request);
    let request_id = raw.request_id.clone();
    let answered = answer(&serving, &mut raw, &request, payload, connection.as_deref()).await;
    let took = started.elapsed();
    let answer = answered.answer;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let method = match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    };
    let service = &serving.site.service;
    service.measurements.answered(method, answered.route, status.as_str(), took);
    if serving.log.tells_requests {
        serving.log.request(&RequestLine {
            time: service.clock.now(),
            request_id: &request_id,
            method: request.method().as_str(),
            route: answered.route,
            status: status.as_u16(),
            took,
            person: answered.person,
        });
    }
    response(answer, status, &request_id, connection)
}

async fn answer(
    serving: &Data<Serving>,
    raw: &mut RawRequest,
    request: &HttpRequest,
    payload: Payload,
    connection: Option<&Connection>,
) -> Answered {
    let at_once = |raw: &RawRequest, answer| Answered {
        answer: refused::early(raw, answer),
        route: dispatch::NO_ROUTE,
        person: None,
    };
    if request.uri().path_and_query().map_or(0, |whole| whole.as_str().len()) > LONGEST_URL {
        return at_once(raw, plain(414, "The address is too long"));
    }
    if let Some(place) = secure_place(serving, raw, request) {
        return at_once(raw, Answer { status: 308, ..Answer::default() }.with("location", place));
    }
    // What is known and unchanged is answered here and now, without changing threads.
    if let Some((answer, person)) = serving.site.cached_for(raw) {
        let answer = if accepts_gzip(raw) { smaller(answer) } else { answer };
        let route = serving.site.router.pattern(&raw.path).unwrap_or(dispatch::NO_ROUTE);
        return Answered { answer, route, person: Some(person) };
    }
    let mut place = None;
    if raw.method != "GET" && raw.method != "HEAD" {
        let read = body::read(serving, raw, request, payload).await;
        if let Some(connection) = connection {
            connection.works();
        }
        match read {
            Ok(held) => place = held,
            Err(answer) => return at_once(raw, answer),
        }
    }
    if serving.site.draws_from_memory(raw) {
        let mut answered = dispatch::answered(&serving.site, raw);
        if accepts_gzip(raw) {
            answered.answer = smaller(answered.answer);
        }
        return answered;
    }
    let (site, asked) = (serving.site(), std::mem::take(raw));
    let (path, request_id) = (asked.path.clone(), asked.request_id.clone());
    let answered = block(move || {
        // Even where nobody waits for the answer any more.
        let _place = place;
        let mut answered = dispatch::answered(&site, &asked);
        if accepts_gzip(&asked) {
            answered.answer = smaller(answered.answer);
        }
        answered
    });
    raw.path = path;
    raw.request_id = request_id;
    answered.await.unwrap_or_else(|_| at_once(raw, plain(500, "Sorry, there is a problem with the service")))
}

/// Where the same is asked for by HTTPS, when a trusted proxy says that it was asked for without.
fn secure_place(serving: &Serving, raw: &RawRequest, request: &HttpRequest) -> Option<String> {
    let peer = request.peer_addr()?.ip();
    let proto = request.headers().get("x-forwarded-proto")?.to_str().ok()?;
    let is_trusted = serving.trusted.iter().any(|network| network.holds(peer));
    let is_told =
        is_trusted && proto.eq_ignore_ascii_case("http") && serving.public_url.starts_with("https://");
    let mark = if raw.query.is_empty() { "" } else { "?" };
    is_told.then(|| format!("{}{}{mark}{}", serving.public_url, raw.path, raw.query))
}

fn raw_request(serving: &Serving, request: &HttpRequest) -> RawRequest {
    let kept = request.headers().iter().filter(|(name, _)| headers::READ.contains(&name.as_str()));
    // What is not of ASCII is kept too: left out, a key that names a request would go unseen.
    let kept = kept
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into()));
    let mut request_id = String::with_capacity(16);
    request_id.push_str(&serving.run);
    let number = serving.requests.fetch_add(1, Ordering::Relaxed);
    for shift in (0..8).rev() {
        request_id.push(char::from(b"0123456789abcdef"[(number >> (shift * 4)) as usize & 15]));
    }
    RawRequest {
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: kept.collect(),
        address: client_address(serving, request),
        request_id,
        ..RawRequest::default()
    }
}

/// From where it was asked: what trusted proxies say, from the last to the first that is not one.
fn client_address(serving: &Serving, request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr() else { return String::new() };
    let is_trusted = |address: IpAddr| serving.trusted.iter().any(|network| network.holds(address));
    let mut client = peer.ip();
    if is_trusted(client) {
        let told = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let told: Vec<&str> = told.flat_map(|value| value.split(',')).collect();
        for address in told.iter().rev() {
            let Ok(address) = address.trim().parse() else { break };
            client = address;
            if !is_trusted(client) {
                break;
            }
        }
    }
    client.to_canonical().to_string()
}

fn accepts_gzip(raw: &RawRequest) -> bool {
    raw.header("accept-encoding").is_some_and(|value| value.contains("gzip"))
}

/// The answer with its body compressed, where that is worth it.
fn smaller(answer: Answer) -> Answer {
    const WORTH_IT: usize = 1400; // it fits one packet anyway
    let is_text = ["text/", "application/json", "image/svg", "application/problem"]
        .iter()
        .any(|kind| answer.content_type.starts_with(kind));
    let is_done = answer.headers.iter().any(|(name, _)| *name == "content-encoding");
    if !is_text || is_done || answer.body.len() < WORTH_IT {
        return answer;
    }
    let room = Vec::with_capacity(answer.body.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(room, flate2::Compression::new(3));
    match encoder.write_all(&answer.body).and_then(|()| encoder.finish()) {
        Ok(body) => {
            let mut answer = Answer { body, ..answer };
            for (_, tag) in answer.headers.iter_mut().filter(|(name, _)| *name == "etag") {
                *tag = format!("{}{COMPRESSED}", tag.trim_end_matches('"'));
            }
            answer.with("content-encoding", "gzip".into()).with("vary", "accept-encoding".into())
        }
        Err(_) => answer,
    }
}

/// The headers of every answer, ready to be copied.
static READY: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
    let ready = EVERY_ANSWER.iter();
    ready.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
});

fn response(
    answer: Answer,
    status: StatusCode,
    request_id: &str,
    connection: Option<Arc<Connection>>,
) -> HttpResponse<Told> {
    let mut response = HttpResponse::with_body(status, Told::new(answer.body.into(), connection));
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in READY.iter() {
        headers.insert(name.clone(), value.clone());
    }
    // An answer without a body has no kind of content.
    if !answer.content_type.is_empty() {
        let content_type = HeaderValue::from_static(answer.content_type);
        headers.insert(HeaderName::from_static("content-type"), content_type);
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    for (name, value) in &answer.headers {
        let Ok(value) = HeaderValue::from_str(value) else { continue };
        let ours = HeaderName::from_static(name);
        // A cookie may be set beside another, and an answer may vary by several things; anything else is
        // said once, as the answer says it.
        if ["set-cookie", "vary"].contains(name) {
            headers.append(ours, value);
        } else {
            headers.insert(ours, value);
        }
    }
    response
}

/// A body that is handed over in pieces, so that the watch knows when it was taken.
struct Told {
    bytes: Bytes,
    connection: Option<Arc<Connection>>,
}

impl Told {
    /// The most that is handed over at a time.
    const PIECE: usize = 64 * 1024;

    fn new(bytes: Bytes, connection: Option<Arc<Connection>>) -> Told {
        if let Some(connection) = &connection {
            connection.answers(bytes.len());
            // Somebody's file may look like anything: nothing is put into it.
            if bare::looks_bare(&bytes, Told::PIECE) {
                connection.leave_alone();
            }
        }
        Told { bytes, connection }
    }
}

impl MessageBody for Told {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let piece = self.bytes.len().min(Told::PIECE);
        let piece = self.bytes.split_to(piece);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.waits();
        }
    }
}
