//! The settings of the post.

use super::{Secret, Setting, number, shown};

/// How TLS to the mail server begins; without it nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    StartTls,
    Implicit,
}

impl SmtpTls {
    fn name(self) -> &'static str {
        match self {
            SmtpTls::StartTls => "starttls",
            SmtpTls::Implicit => "implicit",
        }
    }

    /// The port where servers wait for it. Source: RFC 8314, 7.3.
    pub fn usual_port(self) -> u16 {
        match self {
            SmtpTls::StartTls => 587,
            SmtpTls::Implicit => 465,
        }
    }
}

pub(super) const HOST: Setting = Setting {
    name: "smtp_host",
    default: "",
    meaning: "the mail server that messages are handed to, by the name in its certificate; empty for none, and messages wait",
    is_secret: false,
    set: |to, text| {
        text.clone_into(&mut to.smtp_host);
        Ok(())
    },
    show: |from| from.smtp_host.clone(),
};

pub(super) const PORT: Setting = Setting {
    name: "smtp_port",
    default: "0",
    meaning: "its port; 0 for the usual one, 587 for `starttls` and 465 for `implicit`",
    is_secret: false,
    set: |to, text| {
        const MOST: usize = 65_535;
        number(text, 0, MOST).map(|port| to.smtp_port = u16::try_from(port).unwrap_or_default())
    },
    show: |from| from.smtp_port.to_string(),
};

pub(super) const TLS: Setting = Setting {
    name: "smtp_tls",
    default: "starttls",
    meaning: "how TLS begins: `starttls`, or `implicit` with the first byte, which is the better where the server has it. Nothing is ever sent without TLS",
    is_secret: false,
    set: |to, text| {
        let known = [SmtpTls::StartTls, SmtpTls::Implicit].into_iter().find(|way| way.name() == text);
        to.smtp_tls = known.ok_or("write starttls or implicit")?;
        Ok(())
    },
    show: |from| from.smtp_tls.name().to_owned(),
};

pub(super) const USER: Setting = Setting {
    name: "smtp_user",
    default: "",
    meaning: "whom the mail server knows this service as; empty where it asks for nobody",
    is_secret: false,
    set: |to, text| {
        text.clone_into(&mut to.smtp_user);
        Ok(())
    },
    show: |from| from.smtp_user.clone(),
};

pub(super) const PASSWORD: Setting = Setting {
    name: "smtp_password",
    default: "",
    meaning: "its password there",
    is_secret: true,
    set: |to, text| {
        to.smtp_password = Secret::new(text);
        Ok(())
    },
    show: |from| shown(&from.smtp_password),
};

pub(super) const CERTIFICATES: Setting = Setting {
    name: "smtp_certificates",
    default: "",
    meaning: "a file of certificates in PEM: the only authorities that vouch for the mail server; empty for the public ones",
    is_secret: false,
    set: |to, text| {
        to.smtp_certificates = (!text.is_empty()).then(|| text.into());
        Ok(())
    },
    show: |from| from.smtp_certificates.as_ref().map(|file| file.display().to_string()).unwrap_or_default(),
};

pub(super) const FROM: Setting = Setting {
    name: "mail_from",
    default: "",
    meaning: "where messages come from and come back to, like `Outturn <outturn@council.example>`",
    is_secret: false,
    set: |to, text| {
        text.clone_into(&mut to.mail_from);
        Ok(())
    },
    show: |from| from.mail_from.clone(),
};

pub(super) const ATTACHMENT_BYTES: Setting = Setting {
    name: "attachment_bytes",
    default: "5000000",
    meaning: "the largest public pack that goes with its message; a larger one, and every restricted one, goes as a link",
    is_secret: false,
    set: |to, text| number(text, 0, 1 << 26).map(|bytes| to.attachment_bytes = bytes),
    show: |from| from.attachment_bytes.to_string(),
};
