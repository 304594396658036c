//! The HTTP server: requests in, answers out. The one file that names actix.

use super::{
    Site,
    answer::{Answer, HTML},
    asked::{Part, RawRequest},
    dispatch, refused,
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header::HeaderName},
    middleware::Compress,
    web::{Bytes, Data, Payload, block, route},
};
use futures_util::{StreamExt, stream};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};

/// How the server listens.
#[derive(Clone, Debug)]
pub struct Listening {
    pub address: SocketAddr,
    pub workers: usize,
}

/// The largest body of an upload, and of anything else.
pub const LARGEST_UPLOAD: usize = 10 * 1024 * 1024 + 64 * 1024;
const LARGEST_FORM: usize = 256 * 1024;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(120);

/// Serves until the process is told to stop; `ready` is told where.
pub fn serve(site: Arc<Site>, listening: &Listening, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let data = Data::from(site);
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).wrap(Compress::default()).default_service(route().to(handle))
        })
        .workers(listening.workers)
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(15))
        .shutdown_timeout(30)
        .worker_max_blocking_threads(4)
        .bind(listening.address)?;
        if let Some(address) = server.addrs().first() {
            ready(*address);
        }
        server.run().await
    })
}

async fn handle(site: Data<Site>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let mut raw = raw_request(&request);
    let is_head = raw.method == "HEAD";
    if let Err(answer) = read_body(&mut raw, &request, payload).await {
        return response(answer, &raw.request_id, is_head);
    }
    let raw = Arc::new(raw);
    let (site, asked) = (site.into_inner(), Arc::clone(&raw));
    let answer = block(move || dispatch::answer(&site, &asked)).await;
    let answer =
        answer.unwrap_or_else(|_| refused::plain(&raw, 500, "Sorry, there is a problem with the service"));
    response(answer, &raw.request_id, is_head)
}

fn raw_request(request: &HttpRequest) -> RawRequest {
    let headers = request.headers().iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let peer = request.peer_addr().map(|peer| peer.ip().to_string());
    RawRequest {
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: headers.collect(),
        address: peer.unwrap_or_default(),
        request_id: dispatch::new_token()[..16].to_owned(),
        ..RawRequest::default()
    }
}

/// Reads the body as it arrives, up to its limit and in time; a form with files is taken apart.
async fn read_body(raw: &mut RawRequest, request: &HttpRequest, payload: Payload) -> Result<(), Answer> {
    let content_type = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
    let limit = if boundary.is_some() { LARGEST_UPLOAD } else { LARGEST_FORM };
    let body = actix_web::rt::time::timeout(BODY_DEADLINE, whole(raw, payload, limit)).await;
    raw.body = match body {
        Err(_) => return Err(refused::plain(raw, 408, "What you sent took too long to arrive")),
        Ok(Err(answer)) => return Err(answer),
        Ok(Ok(body)) => body,
    };
    if let Some(boundary) = boundary {
        let body = Bytes::from(std::mem::take(&mut raw.body));
        let mut form = multer::Multipart::new(stream::iter([Ok::<_, io::Error>(body)]), boundary);
        let mut parts = Vec::new();
        let unreadable = |_| refused::plain(raw, 400, "The form that was sent cannot be read");
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(unreadable)?.to_vec();
            parts.push(Part { name, file_name, bytes });
        }
        raw.parts = parts;
    }
    Ok(())
}

async fn whole(raw: &RawRequest, mut payload: Payload, limit: usize) -> Result<Vec<u8>, Answer> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| refused::plain(raw, 400, "What was sent was cut off"))?;
        if body.len() + chunk.len() > limit {
            return Err(refused::plain(raw, 413, "The selected file must be smaller than 10MB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The headers that every answer has: nothing but our own may run, be framed or be guessed at.
const EVERY_ANSWER: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    ),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

fn response(answer: Answer, request_id: &str, is_head: bool) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    let is_set = |name: &str| answer.headers.iter().any(|(known, _)| *known == name);
    for (name, value) in EVERY_ANSWER.iter().filter(|(name, _)| !is_set(name)) {
        response.insert_header((*name, *value));
    }
    if !is_set("cache-control") {
        response.insert_header(("cache-control", "no-store"));
    }
    for (name, value) in &answer.headers {
        if let Ok(name) = HeaderName::from_lowercase(name.as_bytes()) {
            response.append_header((name, value.as_str()));
        }
    }
    response.insert_header(("x-request-id", request_id));
    match (answer.content_type, answer.body.is_empty()) {
        ("", true) => {}
        ("", false) => _ = response.content_type(HTML),
        (kind, _) => _ = response.content_type(kind),
    }
    if is_head { response.finish() } else { response.body(answer.body) }
}
