//! actix-web alone, serving the bytes of a file at `/page`: what the service is measured beside.
//!
//! `bare_actix ADDRESS WORKERS FILE`

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{Bytes, get},
};

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().expect("ADDRESS WORKERS FILE");
    let (address, workers, file) = (word(), word(), word());
    let page = Bytes::from(std::fs::read(file)?);
    let workers = workers.parse().expect("a number of workers");
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let page = page.clone();
            App::new().route(
                "/page",
                get().to(move || {
                    let page = page.clone();
                    async move { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page) }
                }),
            )
        })
        .workers(workers)
        .bind(address)?
        .run()
        .await
    })
}
