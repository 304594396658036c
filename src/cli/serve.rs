//! `outturn serve`: the web service.

use super::{Database, Failure, user};
use crate::{
    clock::Clock,
    packs::template::Templates,
    service::Service,
    store::DatabaseUrl,
    web::{
        Site,
        serve::{Listening, serve},
    },
};
use clap::Args;
use std::{net::SocketAddr, sync::Arc};

/// Serve the pages and the interface until told to stop
///
/// Example: outturn serve --listen 127.0.0.1:8080
#[derive(Args)]
pub struct Serve {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    database: Database,
}

impl Serve {
    pub fn run(self) -> Result<(), Failure> {
        start(&self.database.url()?, self.listen, Clock::default(), false)
    }
}

/// Opens the service and serves it.
pub(super) fn start(
    database: &DatabaseUrl,
    listen: SocketAddr,
    clock: Clock,
    is_example: bool,
) -> Result<(), Failure> {
    let service = Arc::new(Service::open(database, clock, Templates::built_in(), is_example)?);
    service.watch();
    let first = if is_example { None } else { service.first_administrators_link(&user::operator(clock))? };
    let listening = Listening { address: listen, workers: super::run::processors() };
    serve(Arc::new(Site::new(service)), &listening, |address| {
        println!("Outturn is at http://{address}/");
        if let Some(path) = &first {
            println!("Nobody manages people yet. Become the first administrator, within 24 hours:");
            println!("  http://{address}{path}");
        }
    })?;
    Ok(())
}
