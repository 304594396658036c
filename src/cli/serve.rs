//! `outturn serve`: the web service.

use super::{Failure, post, user};
use crate::{
    clock::Clock,
    config::{self, ConfigError, Secret, Settings, Sources},
    people::sealing::SealingKey,
    service::{Service, jobs::JobSettings, post::sender::SendingThread, single_sign_on::SingleSignOn},
    store::{DatabaseUrl, SendLimits},
    web::{
        Site,
        drawn::Drawn,
        log::Log,
        serve::{Places, serve},
    },
};
use clap::Args;
use std::{io::Write, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// How long jobs in hand have to end once every request is answered.
const JOBS_END_WITHIN: Duration = Duration::from_secs(10);

/// Serve the pages and the interface until told to stop
///
/// Settings stand in a file (--config), in the environment (OUTTURN_LISTEN and so on; OUTTURN_LISTEN_FILE
/// names a file that holds one) or among systemd's credentials. --print-config lists them all.
///
/// Example: outturn serve --config /etc/outturn.toml
#[derive(Args)]
pub struct Serve {
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OUTTURN_CONFIG")]
    config: Option<PathBuf>,
    /// Where to listen, whatever the settings say
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// sqlite:PATH or postgres://USER@HOST/NAME, whatever the settings say; without a password
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// List every setting as it would be used and where it was found, secrets hidden, and stop
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    pub fn run(self) -> Result<(), Failure> {
        let environment = |name: &str| std::env::var_os(name);
        let mut settings =
            config::read(&Sources { file: self.config.as_deref(), environment: &environment })?;
        if let Some(listen) = self.listen {
            settings.listen = listen;
            settings.places.insert("listen", "--listen".to_owned());
        }
        if let Some(database) = &self.database {
            super::without_secret(database)?;
            settings.database_url = Secret::new(database);
            settings.places.insert("database_url", "--database".to_owned());
        }
        if self.print_config {
            for told in unknown_variables() {
                eprintln!("Note: {told}");
            }
            super::output::text(&settings.listing());
            return Ok(());
        }
        start(&settings, Clock::default(), false)
    }
}

fn unknown_variables() -> Vec<String> {
    config::unknown_variables(std::env::vars_os().map(|(name, _)| name))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure::Refused(vec![error.to_string()])
    }
}

/// Opens the service and serves it.
pub(super) fn start(settings: &Settings, clock: Clock, is_example: bool) -> Result<(), Failure> {
    super::memory::give_back();
    let log = start_log(&settings.log);
    for told in unknown_variables() {
        tracing::warn!("{told}");
    }
    let database = DatabaseUrl::parse(settings.database_url.reveal())
        .map_err(|error| Failure::Refused(vec![format!("database_url: {error}")]))?;
    let templates = super::templates(settings.templates.as_ref())?;
    // Whoever cannot listen has changed nothing, and has ended nobody's link.
    let places = Places::take(settings).map_err(|error| Failure::Failed(error.to_string()))?;
    let service = Service::open(&database, clock, templates, is_example)?;
    let sending = SendLimits { files: settings.files_a_day, bytes: settings.file_bytes_a_day };
    let key = &settings.second_factor_key;
    let key = (!key.is_empty()).then(|| SealingKey::of(key.reveal()));
    let mut service = service
        .with_requests_a_minute(settings.token_requests_a_minute)
        .with_sending_a_day(sending)
        .with_second_factor_key(key)?;
    if let Some(provider) = single_sign_on(settings)? {
        service = service.with_single_sign_on(provider);
    }
    let (terms, carrier) = post::of(settings)?;
    let service = Arc::new(service.with_post(terms));
    service.watch();
    let sending = carrier.map(|carrier| SendingThread::start(Arc::clone(&service), carrier));
    let first =
        if is_example { None } else { service.first_administrators_link(&user::operator(&service.clock))? };
    let jobs = settings.jobs.then(|| {
        service.start_jobs(&JobSettings {
            workers: job_workers(settings.job_workers),
            backup_folder: settings.backup_folder.clone(),
            backups_kept: settings.backups_kept,
        })
    });
    let mut site = Site::new(service);
    site.service_name.clone_from(&settings.service_name);
    site.contact.clone_from(&settings.contact);
    site.public_url.clone_from(&settings.public_url);
    site.drawn = Drawn::with_room(settings.page_cache_bytes);
    let served = serve(Arc::new(site), settings, places, log, |listening| {
        let mut told = format!("Outturn is at http://{}/\n", listening.address);
        if let Some(management) = listening.management {
            told += &format!("Health and measurements are at http://{management}/\n");
        }
        if let Some(path) = &first {
            told += "Nobody manages people yet. Become the first administrator, within 24 hours:\n";
            told += &match settings.public_url.as_str() {
                "" => format!("  http://{}{path}\n", listening.address),
                public => format!("  {public}{path}\n"),
            };
        }
        // Whoever started the service may have stopped listening; it serves all the same.
        let _ = std::io::stdout().lock().write_all(told.as_bytes());
    });
    if jobs.is_some_and(|jobs| !jobs.stop(JOBS_END_WITHIN)) {
        tracing::warn!("a job was cut off: it is run again within two minutes, here or elsewhere");
    }
    if let Some(sending) = sending {
        // Requests have had their time by now; what is cut off goes out later under the same name.
        sending.stop(Duration::from_secs(settings.stop_seconds.min(5)));
    }
    Ok(served?)
}

/// As many jobs at a time as are wanted; where nobody said, as many as there are processors. More than four
/// would leave too few of the service's open stores to those who ask for pages.
fn job_workers(wanted: usize) -> usize {
    if wanted > 0 { wanted } else { super::run::processors().clamp(2, 4) }
}

/// The provider of identities, where one is set.
fn single_sign_on(settings: &Settings) -> Result<Option<SingleSignOn>, Failure> {
    if settings.single_sign_on_issuer.is_empty() {
        return Ok(None);
    }
    let provider = SingleSignOn {
        issuer: settings.single_sign_on_issuer.clone(),
        client_id: settings.single_sign_on_client_id.clone(),
        client_secret: settings.single_sign_on_client_secret.reveal().to_owned(),
        public_address: settings.public_url.clone(),
        vouches_for_addresses: settings.single_sign_on_vouches_for_addresses,
    };
    let faults = provider.faults();
    if faults.is_empty() { Ok(Some(provider)) } else { Err(Failure::Refused(faults)) }
}

/// Starts the log on standard error; what breaks unforeseen is told there too.
fn start_log(level: &str) -> Log {
    let log = Log::to(std::io::stderr(), ["info", "debug"].contains(&level));
    let lines = log.clone();
    // Libraries tell what only their makers need; of them, warnings are enough.
    let filter = match level {
        "off" => "off".to_owned(),
        "debug" => "info,outturn=debug".to_owned(),
        level => format!("warn,outturn={level}"),
    };
    let told = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(move || lines.clone())
        .try_init();
    if told.is_ok() {
        std::panic::set_hook(Box::new(|broken| {
            let place = broken.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "the program is at fault: a request or a task was given up");
        }));
    }
    log
}
