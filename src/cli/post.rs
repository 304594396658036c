//! `outturn post`: messages, as the operator looks after them.

use super::{Database, Failure, counted, plural, user};
use crate::{
    clock::Clock,
    config::{self, Settings, SmtpTls, Sources},
    post::{Carried, Carrier, Letter, MailServer, Sender, TlsWay, bounce, words},
    service::post::PostTerms,
    store::{MessageQuery, MessageState},
};
use clap::{Args, Subcommand};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Messages: what became of them, whether the mail server takes them, those that come back
#[derive(Subcommand)]
pub enum PostCommand {
    List(List),
    Test(Test),
    Bounce(Bounce),
}

/// List messages, the latest first
///
/// Example: outturn post list --state failed
#[derive(Args)]
pub struct List {
    /// waiting, sending, sent, refused, returned, withheld or failed
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<MessageState>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    most: u32,
    /// Print the list as JSON, a line a message
    #[arg(long)]
    json: bool,
    /// A TOML file of settings, to tell whether a mail server is set
    #[arg(long, value_name = "FILE", env = "OUTTURN_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

/// Send a test message and tell what the mail server says
///
/// The settings are those of outturn serve. Nothing is kept.
///
/// Example: outturn post test ann@example.org --config /etc/outturn.toml
#[derive(Args)]
pub struct Test {
    /// Whom to send it to
    address: String,
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OUTTURN_CONFIG")]
    config: Option<PathBuf>,
}

/// Take note of a message that came back, from a delivery status notification on standard input
///
/// For the mail server that receives what is sent to mail_from: let it hand each such message over.
///
/// Example: outturn post bounce < notification.eml
#[derive(Args)]
pub struct Bounce {
    #[command(flatten)]
    database: Database,
}

impl PostCommand {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            PostCommand::List(list) => list.run(),
            PostCommand::Test(test) => test.run(),
            PostCommand::Bounce(bounce) => bounce.run(),
        }
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let settings = settings(self.config.as_deref())?;
        let service = user::open_to_read(&self.database)?;
        let query = MessageQuery { state: self.state, ..MessageQuery::default() };
        let messages = service.messages_for_operator(&query, self.most)?;
        for message in &messages {
            if self.json {
                let line =
                    serde_json::to_string(message).map_err(|error| Failure::Failed(error.to_string()))?;
                println!("{line}");
            } else {
                println!(
                    "{}\t{}\t{}\t{}\t{}\t{}",
                    message.number,
                    message.made_at.format("%Y-%m-%dT%H:%M:%SZ"),
                    message.state,
                    message.kind,
                    message.person_name,
                    message.told
                );
            }
        }
        if !self.json {
            eprintln!("{}", plural(messages.len(), "message"));
        }
        let waiting = service.waiting_messages()?;
        if settings.smtp_host.is_empty() && waiting > 0 {
            eprintln!(
                "{}, and the settings read here name no mail server: nothing is sent unless those of the service set smtp_host.",
                counted(waiting, "message waits", "messages wait")
            );
        }
        Ok(())
    }
}

impl Test {
    fn run(self) -> Result<(), Failure> {
        const BEGINS_WITHIN: Duration = Duration::from_secs(120);
        let settings = settings(self.config.as_deref())?;
        let (terms, carrier) = of(&settings)?;
        let (Some(from), Some(carrier)) = (terms.sender, carrier) else {
            return Err(Failure::Refused(vec!["No mail server is set: set smtp_host and mail_from.".into()]));
        };
        let values = serde_json::json!({
            "service": terms.service_name,
            "contact": terms.contact,
            "why": "whoever runs the service tries out its post",
        });
        let words = words::written("test", &values).map_err(Failure::Failed)?;
        let made_at = Clock::default().now();
        let letter = Letter {
            message_id: &format!("test.{}@{}", made_at.and_utc().timestamp_micros(), from.domain()),
            from: &from,
            to: &self.address,
            title: &words.title,
            body: &words.body,
            made_at,
            attachments: &[],
        };
        let sealed = letter.sealed().map_err(Failure::Usage)?;
        match carrier.carry(&sealed, Instant::now() + BEGINS_WITHIN) {
            Carried::Accepted(told) => {
                println!("The mail server has taken it on: {told}");
                Ok(())
            }
            Carried::Refused(told) => {
                Err(Failure::Refused(vec![format!("The mail server refuses it: {told}")]))
            }
            Carried::NotNow(told) => Err(Failure::Failed(format!("it was not sent: {told}"))),
            Carried::Unknown(told) => Err(Failure::Failed(format!("it may have been sent: {told}"))),
        }
    }
}

impl Bounce {
    fn run(self) -> Result<(), Failure> {
        /// Longer than any notification, even with the whole message in it.
        const LONGEST: u64 = 100_000_000;
        let mut bytes = Vec::new();
        io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)?;
        let returned = bounce::read(&bytes).map_err(|fault| Failure::Refused(vec![fault.to_string()]))?;
        let (service, asking) = user::open(&self.database)?;
        match service.message_returned(&asking, &returned.message_id, &returned.told)? {
            Some(number) => {
                println!("Message {number} came back: {}", returned.told);
                Ok(())
            }
            None => Err(Failure::Refused(vec![format!(
                "This service has sent no message {}: nothing was noted.",
                returned.message_id
            )])),
        }
    }
}

/// What messages say of the service and, where a mail server is set, what hands them to it.
pub(super) fn of(settings: &Settings) -> Result<(PostTerms, Option<Carrier>), Failure> {
    let refused = |message: String| Failure::Refused(vec![message]);
    let mut terms = PostTerms {
        public_url: settings.reached_at(),
        service_name: settings.service_name.clone(),
        contact: settings.contact.clone(),
        sender: None,
        attachment_bytes: settings.attachment_bytes as u64,
    };
    if settings.smtp_host.is_empty() {
        return Ok((terms, None));
    }
    let from = Sender::parse(&settings.mail_from);
    let from = from.ok_or_else(|| {
        refused("mail_from: write an address, like Outturn <outturn@council.example>".to_owned())
    })?;
    terms.sender = Some(from);
    let authorities = settings.smtp_certificates.as_ref().map(|path| {
        let bytes = std::fs::read(path);
        bytes.map_err(|error| {
            refused(format!("smtp_certificates: {} cannot be read: {error}", path.display()))
        })
    });
    let server = MailServer {
        host: settings.smtp_host.clone(),
        port: match settings.smtp_port {
            0 => settings.smtp_tls.usual_port(),
            port => port,
        },
        way: match settings.smtp_tls {
            SmtpTls::StartTls => TlsWay::StartTls,
            SmtpTls::Implicit => TlsWay::Implicit,
        },
        user: settings.smtp_user.clone(),
        password: settings.smtp_password.reveal().to_owned(),
        authorities: authorities.transpose()?,
    };
    Ok((terms, Some(Carrier::new(server).map_err(refused)?)))
}

pub(super) fn settings(file: Option<&Path>) -> Result<Settings, Failure> {
    let environment = |name: &str| std::env::var_os(name);
    Ok(config::read(&Sources { file, environment: &environment })?)
}

fn state(text: &str) -> Result<MessageState, String> {
    MessageState::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = MessageState::ALL.iter().map(|state| state.name()).collect();
        format!("write one of {}", names.join(", "))
    })
}
