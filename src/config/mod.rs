//! Every setting of the web service, with its meaning: one list, held to the README by a test.
//!
//! A setting is looked for, in this order, in the environment (`OUTTURN_LISTEN`, or
//! `OUTTURN_LISTEN_FILE` with the name of a file that holds it), among the credentials that systemd
//! hands over (`$CREDENTIALS_DIRECTORY/listen`), in the settings' file, and in the list below.

mod database;
mod jobs;
mod limits;
mod network;
mod post;
mod read;
mod second_factor;

pub use network::Network;
pub use post::SmtpTls;
pub use read::{ConfigError, Sources, read, unknown_variables};

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf};

/// What the service is told about where it runs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Where health and measurements are told; nowhere where there is none.
    pub management_listen: Option<SocketAddr>,
    /// How people reach the service, such as `https://outturn.example.org`; empty where nobody said.
    pub public_url: String,
    pub database_url: Secret,
    pub workers: usize,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<Network>,
    pub templates: Option<PathBuf>,
    pub page_cache_bytes: usize,
    pub connections: usize,
    pub connections_per_address: usize,
    pub uploads_at_once: usize,
    /// How many files one person may send within a day, and how many bytes they may have.
    pub files_a_day: u32,
    pub file_bytes_a_day: u64,
    pub token_requests_a_minute: u32,
    /// How many seconds requests in hand have to end when the service is told to stop.
    pub stop_seconds: u64,
    pub service_name: String,
    /// Whom to ask for help, in words.
    pub contact: String,
    /// What is logged.
    pub log: String,
    pub single_sign_on_issuer: String,
    pub single_sign_on_client_id: String,
    pub single_sign_on_client_secret: Secret,
    /// Every address that the provider has was given out by its organisation.
    pub single_sign_on_vouches_for_addresses: bool,
    /// What second factors are sealed by; empty to keep them as they are.
    pub second_factor_key: Secret,
    /// Whether jobs run here.
    pub jobs: bool,
    /// How many jobs run at a time; 0 for as many as suit the machine.
    pub job_workers: usize,
    /// Where backups are put; nowhere where none is named.
    pub backup_folder: Option<PathBuf>,
    /// How many backups stay there.
    pub backups_kept: usize,
    /// The mail server that messages are handed to; empty for none.
    pub smtp_host: String,
    /// 0 for the usual one of `smtp_tls`.
    pub smtp_port: u16,
    pub smtp_tls: SmtpTls,
    /// Empty where the mail server asks for nobody.
    pub smtp_user: String,
    pub smtp_password: Secret,
    /// Certificates of the only authorities that vouch for the mail server; none for the public ones.
    pub smtp_certificates: Option<PathBuf>,
    /// Where messages come from.
    pub mail_from: String,
    /// The most bytes of a file that goes with a message.
    pub attachment_bytes: usize,
    /// Where each setting was found that somebody set, by its name.
    pub places: BTreeMap<&'static str, String>,
}

/// Something that is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// What it is; for whoever needs it, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "(none)" } else { "(hidden)" })
    }
}

/// One setting.
pub struct Setting {
    /// In the settings' file; in capitals after `OUTTURN_` in the environment.
    pub name: &'static str,
    /// What it holds where nobody says anything.
    pub default: &'static str,
    pub meaning: &'static str,
    pub is_secret: bool,
    set: fn(&mut Settings, &str) -> Result<(), String>,
    show: fn(&Settings) -> String,
}

/// Every setting, in the order in which somebody setting up the service would ask.
pub const SETTINGS: [Setting; 35] = [
    Setting {
        name: "listen",
        default: "127.0.0.1:8080",
        meaning: "address and port of the pages and the interface, for the proxy that speaks TLS",
        is_secret: false,
        set: |to, text| place(text).map(|address| to.listen = address),
        show: |from| from.listen.to_string(),
    },
    Setting {
        name: "management_listen",
        default: "127.0.0.1:9090",
        meaning: "address and port of `/health/live`, `/health/ready` and `/metrics`; empty for none. Keep it from the public",
        is_secret: false,
        set: |to, text| {
            to.management_listen = if text.is_empty() { None } else { Some(place(text)?) };
            Ok(())
        },
        show: |from| from.management_listen.map(|address| address.to_string()).unwrap_or_default(),
    },
    Setting {
        name: "public_url",
        default: "",
        meaning: "how people reach the service, like `https://outturn.example.org`; needed for single sign-on and links in messages",
        is_secret: false,
        set: |to, text| {
            let text = text.trim_end_matches('/');
            if !text.is_empty() && !text.starts_with("https://") && !text.starts_with("http://") {
                return Err("write the whole address, like https://outturn.example.org".into());
            }
            to.public_url = text.to_owned();
            Ok(())
        },
        show: |from| from.public_url.clone(),
    },
    database::URL,
    Setting {
        name: "workers",
        default: "0",
        meaning: "threads that answer; 0 for as many as there are processors",
        is_secret: false,
        set: |to, text| number(text, 0, 256).map(|workers| to.workers = workers),
        show: |from| from.workers.to_string(),
    },
    Setting {
        name: "trusted_proxies",
        default: "",
        meaning: "addresses or networks of your proxies, with commas between, like `10.0.0.5, 10.1.0.0/16`; only they are believed about whom they speak for",
        is_secret: false,
        set: |to, text| {
            let networks = text.split(',').map(str::trim).filter(|text| !text.is_empty());
            to.trusted_proxies = networks.map(Network::parse).collect::<Result<_, _>>()?;
            Ok(())
        },
        show: |from| from.trusted_proxies.iter().map(Network::to_string).collect::<Vec<_>>().join(", "),
    },
    Setting {
        name: "templates",
        default: "",
        meaning: "a folder of pack templates to use for the built-in ones",
        is_secret: false,
        set: |to, text| {
            to.templates = (!text.is_empty()).then(|| text.into());
            Ok(())
        },
        show: |from| from.templates.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default(),
    },
    Setting {
        name: "page_cache_bytes",
        default: "8388608",
        meaning: "memory for pages that were drawn and have not changed since",
        is_secret: false,
        set: |to, text| number(text, 0, 1 << 32).map(|bytes| to.page_cache_bytes = bytes),
        show: |from| from.page_cache_bytes.to_string(),
    },
    limits::CONNECTIONS,
    limits::CONNECTIONS_PER_ADDRESS,
    limits::UPLOADS_AT_ONCE,
    limits::FILES_A_DAY,
    limits::FILE_BYTES_A_DAY,
    limits::TOKEN_REQUESTS_A_MINUTE,
    Setting {
        name: "stop_seconds",
        default: "30",
        meaning: "how long requests in hand have to end when the service is told to stop",
        is_secret: false,
        set: |to, text| number(text, 0, 600).map(|seconds| to.stop_seconds = seconds as u64),
        show: |from| from.stop_seconds.to_string(),
    },
    Setting {
        name: "service_name",
        default: "Outturn",
        meaning: "what the service is called at the head of every page",
        is_secret: false,
        set: |to, text| {
            if text.is_empty() {
                return Err("give it a name".into());
            }
            to.service_name = text.to_owned();
            Ok(())
        },
        show: |from| from.service_name.clone(),
    },
    Setting {
        name: "contact",
        default: "",
        meaning: "whom to ask for help, at the foot of every page, like `Integration team, bcf@council.example`",
        is_secret: false,
        set: |to, text| {
            to.contact = text.to_owned();
            Ok(())
        },
        show: |from| from.contact.clone(),
    },
    Setting {
        name: "log",
        default: "info",
        meaning: "what is logged: `error`, `warn`, `info` (a line a request as well), `debug` or `off`",
        is_secret: false,
        set: |to, text| {
            if !["error", "warn", "info", "debug", "off"].contains(&text) {
                return Err("write error, warn, info, debug or off".into());
            }
            to.log = text.to_owned();
            Ok(())
        },
        show: |from| from.log.clone(),
    },
    Setting {
        name: "single_sign_on_issuer",
        default: "",
        meaning: "the provider of identities, like `https://login.example.org/tenant`; empty for no single sign-on",
        is_secret: false,
        set: |to, text| {
            if !text.is_empty() && !text.starts_with("https://") && !text.starts_with("http://") {
                return Err("write the whole address, like https://login.example.org".into());
            }
            to.single_sign_on_issuer = text.to_owned();
            Ok(())
        },
        show: |from| from.single_sign_on_issuer.clone(),
    },
    Setting {
        name: "single_sign_on_client_id",
        default: "",
        meaning: "what the provider calls this service",
        is_secret: false,
        set: |to, text| {
            to.single_sign_on_client_id = text.to_owned();
            Ok(())
        },
        show: |from| from.single_sign_on_client_id.clone(),
    },
    Setting {
        name: "single_sign_on_client_secret",
        default: "",
        meaning: "what this service shows the provider",
        is_secret: true,
        set: |to, text| {
            to.single_sign_on_client_secret = Secret::new(text);
            Ok(())
        },
        show: |from| shown(&from.single_sign_on_client_secret),
    },
    Setting {
        name: "single_sign_on_vouches_for_addresses",
        default: "false",
        meaning: "`true` only where every address that the provider has was given out by its organisation, as in a tenant of Entra ID; never of a provider at which anybody can register",
        is_secret: false,
        set: |to, text| yes_or_no(text).map(|vouches| to.single_sign_on_vouches_for_addresses = vouches),
        show: |from| from.single_sign_on_vouches_for_addresses.to_string(),
    },
    second_factor::KEY,
    jobs::ON,
    jobs::WORKERS,
    jobs::BACKUP_FOLDER,
    jobs::BACKUPS_KEPT,
    post::HOST,
    post::PORT,
    post::TLS,
    post::USER,
    post::PASSWORD,
    post::CERTIFICATES,
    post::FROM,
    post::ATTACHMENT_BYTES,
];

impl Setting {
    /// The name of its environment variable.
    pub fn variable(&self) -> String {
        format!("OUTTURN_{}", self.name.to_uppercase())
    }
}

impl Default for Settings {
    fn default() -> Settings {
        let mut settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            management_listen: None,
            public_url: String::new(),
            database_url: Secret::default(),
            workers: 0,
            trusted_proxies: Vec::new(),
            templates: None,
            page_cache_bytes: 0,
            connections: 0,
            connections_per_address: 0,
            uploads_at_once: 0,
            files_a_day: 0,
            file_bytes_a_day: 0,
            token_requests_a_minute: 0,
            stop_seconds: 0,
            service_name: String::new(),
            contact: String::new(),
            log: String::new(),
            single_sign_on_issuer: String::new(),
            single_sign_on_client_id: String::new(),
            single_sign_on_client_secret: Secret::default(),
            single_sign_on_vouches_for_addresses: false,
            second_factor_key: Secret::default(),
            jobs: false,
            job_workers: 0,
            backup_folder: None,
            backups_kept: 0,
            smtp_host: String::new(),
            smtp_port: 0,
            smtp_tls: SmtpTls::StartTls,
            smtp_user: String::new(),
            smtp_password: Secret::default(),
            smtp_certificates: None,
            mail_from: String::new(),
            attachment_bytes: 0,
            places: BTreeMap::new(),
        };
        for setting in &SETTINGS {
            (setting.set)(&mut settings, setting.default).expect("what stands in the list can be used");
        }
        settings
    }
}

impl Settings {
    /// How people reach the service. Where nobody said it, they sit before it.
    pub fn reached_at(&self) -> String {
        match self.public_url.as_str() {
            "" => format!("http://{}", self.listen),
            public => public.to_owned(),
        }
    }

    /// What must be set together.
    fn fit_together(&self) -> Result<(), ConfigError> {
        let wrong = |name: &str, message: &str| {
            Err(ConfigError::Wrong { place: "settings".into(), name: name.into(), message: message.into() })
        };
        if !self.single_sign_on_issuer.is_empty() {
            if self.single_sign_on_client_id.is_empty() || self.single_sign_on_client_secret.is_empty() {
                return wrong("single_sign_on_issuer", "set the client's id and secret as well");
            }
            if self.public_url.is_empty() {
                return wrong("public_url", "single sign-on needs it to send people back");
            }
        }
        if !self.smtp_host.is_empty() {
            if self.mail_from.is_empty() {
                return wrong("mail_from", "say where messages come from, like outturn@council.example");
            }
            if self.public_url.is_empty() {
                return wrong("public_url", "messages need it for their links");
            }
            if self.smtp_user.is_empty() != self.smtp_password.is_empty() {
                return wrong("smtp_user", "set it together with smtp_password, or neither");
            }
        }
        if self.single_sign_on_client_secret.reveal().eq_ignore_ascii_case("changeme") {
            return wrong("single_sign_on_client_secret", "this is an example, not a secret");
        }
        if self
            .management_listen
            .is_some_and(|management| management == self.listen && management.port() != 0)
        {
            return wrong("management_listen", "use another port than listen");
        }
        Ok(())
    }
}

fn shown(secret: &Secret) -> String {
    if secret.is_empty() { String::new() } else { "(hidden)".into() }
}

fn place(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, like 127.0.0.1:8080".into())
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("write true or false".into()),
    }
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("write a whole number from {least} to {most}"))
}
