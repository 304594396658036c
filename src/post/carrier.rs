//! Handing a letter to the mail server, through TLS or not at all.
//!
//! One connection a letter, and one recipient a letter: so what the server answers is about that one
//! alone. Sources: RFC 5321; RFC 3207 for STARTTLS; RFC 8314, which asks for TLS from the first byte
//! where the server has it.

use super::letter::Sealed;
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{Certificate, CertificateStore, SmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
    response::Response,
};
use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// For saying goodbye, which decides nothing.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// The first step: what goes wrong at it says that there is no way to the server.
const CONNECTING: &str = "connecting";

/// Where the mail server is and how it is spoken to.
#[derive(Clone)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub way: TlsWay,
    /// Empty where the server asks for nobody.
    pub user: String,
    pub password: String,
    /// Certificates in PEM of the only authorities that are believed; none for the public ones.
    pub authorities: Option<Vec<u8>>,
}

/// How TLS begins. There is no third way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsWay {
    /// After the server has said that it can.
    StartTls,
    /// With the first byte.
    Implicit,
}

/// Hands letters over.
pub struct Carrier {
    server: MailServer,
    tls: TlsParameters,
}

/// What became of a letter, with the server's words or what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The server has taken it on.
    Accepted(String),
    /// The server will never take it for this recipient.
    Refused(String),
    /// The server does not have it; it may take it later.
    NotNow(String),
    /// The server may have it: the connection was lost before its answer.
    Unknown(String),
}

impl Carrier {
    /// # Errors
    /// Says which setting is wrong.
    pub fn new(server: MailServer) -> Result<Carrier, String> {
        let mut tls = TlsParameters::builder(server.host.clone());
        if let Some(pem) = &server.authorities {
            let authorities = Certificate::from_pem(pem)
                .ok()
                .filter(|_| pem.windows(BEGIN.len()).any(|part| part == BEGIN))
                .ok_or("smtp_certificates: the file holds no certificates in PEM")?;
            tls = tls.certificate_store(CertificateStore::None).add_root_certificate(authorities);
        }
        let tls = tls.build().map_err(|error| {
            format!(
                "smtp_certificates: the file's certificates cannot be used. Give those of the authority that vouches \
                 for your mail server, in PEM ({error})"
            )
        })?;
        Ok(Carrier { server, tls })
    }

    /// Hands the letter over, unless that would begin later than `until`.
    pub fn carry(&self, letter: &Sealed, until: Instant) -> Carried {
        let mut connection = match self.connected() {
            Ok(connection) => connection,
            Err(why) => return Carried::NotNow(why),
        };
        let carried = hand_over(&mut connection, letter, until);
        let _ = connection.set_timeout(Some(GOODBYE_WITHIN)); // whether it hears goodbye or not
        connection.abort();
        carried
    }

    /// A connection through TLS, on which the server knows who speaks.
    fn connected(&self) -> Result<SmtpConnection, String> {
        let own_name = ClientId::default();
        let place = (self.server.host.as_str(), self.server.port);
        let from_the_start = (self.server.way == TlsWay::Implicit).then_some(&self.tls);
        let connection =
            SmtpConnection::connect(place, Some(CONNECT_WITHIN), &own_name, from_the_start, None);
        let mut connection = connection.map_err(|error| in_words(CONNECTING, &error))?;
        connection.set_timeout(Some(ANSWER_WITHIN)).map_err(|error| error.to_string())?;
        if self.server.way == TlsWay::StartTls {
            if !connection.can_starttls() {
                connection.abort();
                return Err("the server offers no STARTTLS, and nothing is sent in clear".into());
            }
            connection.starttls(&self.tls, &own_name).map_err(|error| in_words("starting TLS", &error))?;
        }
        if !connection.is_encrypted() {
            connection.abort();
            return Err("the connection is not encrypted, and nothing is sent in clear".into());
        }
        if !self.server.user.is_empty() {
            let who = Credentials::new(self.server.user.clone(), self.server.password.clone());
            let done = connection.auth(&[Mechanism::Plain, Mechanism::Login], &who);
            if let Err(error) = done {
                connection.abort();
                return Err(in_words("signing in", &error));
            }
        }
        Ok(connection)
    }
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn hand_over(connection: &mut SmtpConnection, letter: &Sealed, until: Instant) -> Carried {
    // That the server does not like who sends says nothing about the recipient.
    if let Err(error) = connection.command(Mail::new(Some(letter.from.clone()), Vec::new())) {
        return Carried::NotNow(in_words("saying who sends", &error));
    }
    if let Err(error) = connection.command(Rcpt::new(letter.to.clone(), Vec::new())) {
        return refused_or_not_now("naming the recipient", &error);
    }
    if Instant::now() >= until {
        return Carried::NotNow("the server took so long that it was not handed over".into());
    }
    match connection.command(Data) {
        Ok(answer) if answer.has_code(GO_ON) => {}
        Ok(answer) => return Carried::NotNow(out_of_step(&answer)),
        Err(error) => return refused_or_not_now("asking to send", &error),
    }
    match connection.message(&letter.bytes) {
        Ok(answer) if answer.has_code(TAKEN) => Carried::Accepted(words_of(&answer)),
        Ok(answer) => Carried::Unknown(out_of_step(&answer)),
        Err(error) if error.is_permanent() || error.is_transient() => refused_or_not_now("sending", &error),
        Err(error) => Carried::Unknown(in_words("waiting for the server’s last answer", &error)),
    }
}

/// What a server answers to `DATA`, and to the end of a letter that it takes on. Source: RFC 5321, 4.3.2.
const GO_ON: u16 = 354;
const TAKEN: u16 = 250;

/// An answer to something else, such as one that somebody put in before TLS had begun: nothing that
/// follows can be relied on.
fn out_of_step(answer: &Response) -> String {
    format!("the server’s answers are out of step: {}", words_of(answer))
}

fn refused_or_not_now(step: &str, error: &Error) -> Carried {
    let words = in_words(step, error);
    if error.is_permanent() { Carried::Refused(words) } else { Carried::NotNow(words) }
}

fn words_of(answer: &Response) -> String {
    let message: Vec<&str> = answer.message().collect();
    short(&format!("{} {}", answer.code(), message.join(" ")))
}

/// What went wrong at which step and what to look at; the library's words last.
fn in_words(step: &str, error: &Error) -> String {
    let told = error.to_string();
    let plain = if error.is_permanent() || error.is_transient() {
        "the server answered that it will not"
    } else if took_too_long(error) {
        "the server did not answer in time"
    } else if error.is_tls() || told.contains("certificate") {
        "the server’s certificate is not one to rely on. Is smtp_host the name in it, and does smtp_certificates hold \
         its authority?"
    } else if error.is_client() {
        "the server offers no way to do this that is known here"
    } else if error.is_response() && told.contains("incomplete") {
        "the connection was lost"
    } else if error.is_response() {
        "the server’s answer cannot be understood. Is it a mail server, and is smtp_tls as it has it?"
    } else if step == CONNECTING {
        "the server cannot be reached. Are smtp_host and smtp_port right, and does nothing stand between?"
    } else {
        "the connection was lost"
    };
    short(&format!("{step}: {plain} ({told})"))
}

/// Whether the server was waited for in vain. A read that runs out of time is `WouldBlock` on Linux and
/// `TimedOut` elsewhere (the documentation of `TcpStream::set_read_timeout`); the library knows the latter.
fn took_too_long(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(error.source(), |error| error.source()).any(|error| {
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        matches!(kind, Some(ErrorKind::TimedOut | ErrorKind::WouldBlock))
    })
}

/// On one line, of a bearable length.
fn short(words: &str) -> String {
    const LONGEST: usize = 500;
    let plain = words.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_runs_out_of_time_is_told_by_either_of_its_names() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl std::fmt::Display for Outer {
            fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("network error")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let is_slow = |kind: ErrorKind| took_too_long(&Outer(kind.into()));
        assert!(is_slow(ErrorKind::TimedOut) && is_slow(ErrorKind::WouldBlock));
        assert!(!is_slow(ErrorKind::ConnectionReset) && !is_slow(ErrorKind::UnexpectedEof));
    }

    #[test]
    fn an_authority_that_is_none_is_refused_at_once() {
        let server = |authorities: &[u8]| MailServer {
            host: "mail.example.org".into(),
            port: 587,
            way: TlsWay::StartTls,
            user: String::new(),
            password: String::new(),
            authorities: Some(authorities.to_vec()),
        };
        for wrong in [&b""[..], b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let fault = Carrier::new(server(wrong)).err();
            assert!(fault.is_some_and(|words| words.starts_with("smtp_certificates")));
        }
    }
}
