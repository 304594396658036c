//! A mail server that does as it is told: takes letters through TLS, or fails at a step.

use outturn::post::{Carrier, MailServer, TlsWay};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, SystemTime},
};

/// What goes wrong with one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It is closed before a word was said.
    Closed,
    /// Not a word is said.
    Hangs,
    NoStartTls,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is from an authority that nobody knows.
    WrongAuthority,
    /// Answers with this at this command; `.` is the end of the letter.
    Says(&'static str, &'static str),
    /// Takes the letter and is gone before it says so.
    CutAfterData,
}

/// A letter whose end has come to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    pub from: String,
    pub to: String,
    pub text: String,
    pub at: SystemTime,
    /// The server said that it has it.
    pub was_accepted: bool,
}

impl Came {
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        let line = self.text.lines().find_map(|line| line.strip_prefix(start.as_str()));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.text)).trim_end()
    }
}

#[derive(Default)]
struct Heard {
    came: Vec<Came>,
    in_clear: Vec<String>,
}

pub struct FakeServer {
    port: u16,
    way: TlsWay,
    authority: String,
    heard: Arc<Mutex<Heard>>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

struct Certificates {
    right: Arc<ServerConfig>,
    wrong_name: Arc<ServerConfig>,
    wrong_authority: Arc<ServerConfig>,
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

fn certificate(issuer: &Issuer<'static, KeyPair>, name: &str) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    Arc::new(config.unwrap())
}

impl FakeServer {
    pub fn start(way: TlsWay) -> FakeServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (issuer, pem) = authority();
        let certificates = Arc::new(Certificates {
            right: certificate(&issuer, "localhost"),
            wrong_name: certificate(&issuer, "elsewhere.example"),
            wrong_authority: certificate(&authority().0, "localhost"),
        });
        let (heard, faults) = (Arc::<Mutex<Heard>>::default(), Arc::<Mutex<VecDeque<Fault>>>::default());
        let server =
            FakeServer { port, way, authority: pem, heard: Arc::clone(&heard), faults: Arc::clone(&faults) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let fault = faults.lock().unwrap().pop_front().unwrap_or(Fault::None);
                let (heard, certificates) = (Arc::clone(&heard), Arc::clone(&certificates));
                // Whoever goes away in between is no fault of the test's.
                thread::spawn(move || talk(stream, way, fault, &heard, &certificates));
            }
        });
        server
    }

    /// What goes wrong with the next connections.
    pub fn next(&self, faults: &[Fault]) {
        self.faults.lock().unwrap().extend(faults);
    }

    pub fn carrier(&self) -> Carrier {
        self.carrier_for("", "")
    }

    pub fn carrier_for(&self, user: &str, password: &str) -> Carrier {
        let server = MailServer {
            host: "localhost".into(),
            port: self.port,
            way: self.way,
            user: user.into(),
            password: password.into(),
            authorities: Some(self.authority.clone().into_bytes()),
        };
        Carrier::new(server).unwrap()
    }

    /// The settings by which the program reaches it, in an environment.
    pub fn environment(&self, folder: &std::path::Path) -> Vec<(&'static str, String)> {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.authority).unwrap();
        vec![
            ("OUTTURN_SMTP_HOST", "localhost".into()),
            ("OUTTURN_SMTP_PORT", self.port.to_string()),
            ("OUTTURN_SMTP_CERTIFICATES", file.display().to_string()),
            ("OUTTURN_MAIL_FROM", "Outturn <outturn@council.example>".into()),
            ("OUTTURN_PUBLIC_URL", "https://outturn.example.org".into()),
        ]
    }

    /// Every letter whose end has come.
    pub fn came(&self) -> Vec<Came> {
        self.heard.lock().unwrap().came.clone()
    }

    /// Every line that came before TLS had begun.
    pub fn in_clear(&self) -> Vec<String> {
        self.heard.lock().unwrap().in_clear.clone()
    }
}

trait Both: Read + Write {}
impl<T: Read + Write> Both for T {}

fn talk(
    stream: TcpStream,
    way: TlsWay,
    fault: Fault,
    heard: &Mutex<Heard>,
    certificates: &Certificates,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(40)))?;
    match fault {
        Fault::Closed => return Ok(()),
        Fault::Hangs => {
            thread::sleep(Duration::from_secs(15));
            return Ok(());
        }
        _ => {}
    }
    let config = match fault {
        Fault::WrongName => &certificates.wrong_name,
        Fault::WrongAuthority => &certificates.wrong_authority,
        _ => &certificates.right,
    };
    let within_tls = |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        StreamOwned::new(connection, stream)
    };
    if way == TlsWay::Implicit {
        return letters(within_tls(stream), true, fault, heard);
    }
    let mut plain = BufReader::new(stream.try_clone()?);
    let mut out = stream.try_clone()?;
    out.write_all(b"220 mail.example ESMTP\r\n")?;
    loop {
        let mut line = String::new();
        if plain.read_line(&mut line)? == 0 {
            return Ok(());
        }
        heard.lock().unwrap().in_clear.push(line.trim_end().to_owned());
        match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" if fault == Fault::NoStartTls => out.write_all(b"250-mail.example\r\n250 8BITMIME\r\n")?,
            "EHLO" => out.write_all(b"250-mail.example\r\n250 STARTTLS\r\n")?,
            "STARTTLS" => {
                out.write_all(b"220 go on\r\n")?;
                return letters(within_tls(stream), false, fault, heard);
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => out.write_all(b"250 ok\r\n")?, // whoever goes on in clear is let, and found out
        }
    }
}

fn letters(stream: impl Both, greets: bool, fault: Fault, heard: &Mutex<Heard>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let answer = |stream: &mut BufReader<_>, words: &str| {
        let out: &mut _ = stream.get_mut();
        Write::write_all(out, format!("{words}\r\n").as_bytes())?;
        Write::flush(out)
    };
    if greets {
        answer(&mut stream, "220 mail.example ESMTP")?;
    }
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let command = line.split([' ', ':']).next().unwrap_or_default();
        let said = match fault {
            Fault::Says(at, words) if at == command => Some(words),
            _ => None,
        };
        if let Some(words) = said {
            answer(&mut stream, words)?;
            continue;
        }
        match command {
            "EHLO" => answer(&mut stream, "250-mail.example\r\n250 AUTH PLAIN LOGIN")?,
            // The user `outturn` with the password `secret`: RFC 4616.
            "AUTH" if line == "AUTH PLAIN AG91dHR1cm4Ac2VjcmV0" => answer(&mut stream, "235 welcome")?,
            "AUTH" => answer(&mut stream, "535 5.7.8 who are you")?,
            "MAIL" => {
                line.clone_into(&mut from);
                answer(&mut stream, "250 ok")?;
            }
            "RCPT" => {
                line.clone_into(&mut to);
                answer(&mut stream, "250 ok")?;
            }
            "DATA" => {
                answer(&mut stream, "354 go on")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                let refused = match fault {
                    Fault::Says(".", words) => Some(words),
                    _ => None,
                };
                let was_accepted = refused.is_none() && fault != Fault::CutAfterData;
                let came =
                    Came { from: from.clone(), to: to.clone(), text, at: SystemTime::now(), was_accepted };
                heard.lock().unwrap().came.push(came);
                if fault == Fault::CutAfterData {
                    return Ok(());
                }
                answer(&mut stream, refused.unwrap_or("250 2.0.0 queued as 4711"))?;
            }
            "QUIT" => return answer(&mut stream, "221 bye"),
            _ => answer(&mut stream, "500 what")?,
        }
    }
}
