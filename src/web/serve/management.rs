//! Health and measurements, at an address of their own that is not for the public.

use super::{Watch, plain};
use crate::service::Service;
use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    http::StatusCode,
    rt::time::timeout,
    web::{Data, block, get, route},
};
use std::{io, net::TcpListener, sync::Arc, time::Duration};

/// How long the database may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(3);

struct Managed {
    service: Arc<Service>,
    watch: Arc<Watch>,
}

/// The server of `/health/live`, `/health/ready` and `/metrics`.
pub(super) fn server(service: Arc<Service>, watch: Arc<Watch>, listener: TcpListener) -> io::Result<Server> {
    let data = Data::new(Managed { service, watch });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/health/live", get().to(live))
            .route("/health/ready", get().to(ready))
            .route("/metrics", get().to(metrics))
            .default_service(route().to(absent))
    })
    .workers(1)
    .worker_max_blocking_threads(2)
    .max_connections(64)
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(30))
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

async fn live() -> HttpResponse {
    text(StatusCode::OK, "text/plain; charset=utf-8", "live\n".into())
}

async fn ready(managed: Data<Managed>) -> HttpResponse {
    let service = Arc::clone(&managed.service);
    match timeout(PATIENCE, block(move || service.health())).await {
        Ok(Ok(health)) => {
            let status = if health.is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            let body = serde_json::to_string(&health).unwrap_or_default();
            text(status, "application/json", body)
        }
        Ok(Err(_)) | Err(_) => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "application/json",
            r#"{"is_ready":false,"database":"does not answer in time","disk":"not looked at"}"#.into(),
        ),
    }
}

async fn metrics(managed: Data<Managed>) -> HttpResponse {
    let service = Arc::clone(&managed.service);
    // What the database does not tell in time is left as it was.
    let _ = timeout(PATIENCE, block(move || service.count_messages())).await;
    let measurements = &managed.service.measurements;
    measurements.connections_open.set(managed.watch.count() as i64);
    text(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", measurements.text())
}

async fn absent() -> HttpResponse {
    let answer = plain(404, "There is nothing here");
    text(StatusCode::NOT_FOUND, answer.content_type, String::from_utf8_lossy(&answer.body).into_owned())
}

fn text(status: StatusCode, content_type: &'static str, body: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.content_type(content_type);
    for (name, value) in super::headers::EVERY_ANSWER {
        response.insert_header((name, value));
    }
    response.body(body)
}
