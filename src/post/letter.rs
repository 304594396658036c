//! A letter as mail programs read it: plain text in UTF-8, with files beside it.
//!
//! The same letter is the same to the byte whenever it is written, so that one that is sent twice is
//! known to be one. Sources: RFC 5322, RFC 2045, and RFC 3834 for `Auto-Submitted`.

use chrono::NaiveDateTime;
use lettre::{
    Address, Message,
    message::{
        Attachment as AttachedPart, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

/// Who sends.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Without the brackets around it.
    pub message_id: &'a str,
    pub from: &'a Sender,
    /// An address.
    pub to: &'a str,
    pub title: &'a str,
    /// Plain text.
    pub body: &'a str,
    /// In UTC.
    pub made_at: NaiveDateTime,
    pub attachments: &'a [Attachment],
}

/// A file that goes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub kind: AttachmentKind,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    Pdf,
    Calendar,
}

/// A letter ready to be handed over.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub(super) from: Address,
    pub(super) to: Address,
    /// All that is sent.
    pub bytes: Vec<u8>,
}

impl Sender {
    /// Reads `outturn@council.example` or `Outturn <outturn@council.example>`; none where it is neither.
    pub fn parse(text: &str) -> Option<Sender> {
        text.parse().ok().filter(|mailbox: &Mailbox| mailbox.to_string().is_ascii()).map(Sender)
    }

    /// What stands after the @, which is also the end of the letters' own names.
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl Letter<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// Says in words what is wrong, such as an address that is none.
    pub fn sealed(&self) -> Result<Sealed, String> {
        let to: Address = self.to.parse().map_err(|_| "this is not an email address".to_owned())?;
        if !self.to.is_ascii() {
            return Err("an address with letters beyond A to Z cannot be written to".into());
        }
        let builder = Message::builder()
            .message_id(Some(format!("<{}>", self.message_id)))
            .date(self.made_at.and_utc().into())
            .from(self.from.0.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(on_one_line(self.title))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        let text = SinglePart::plain(self.body.trim_end().to_owned());
        let message = if self.attachments.is_empty() {
            builder.singlepart(text)
        } else {
            let name: String = self.message_id.chars().filter(char::is_ascii_alphanumeric).collect();
            let whole = MultiPart::mixed().boundary(format!("outturn-{name}")).singlepart(text);
            builder.multipart(self.attachments.iter().try_fold(whole, |whole, file| {
                let kind = ContentType::parse(file.kind.content_type()).map_err(|error| error.to_string())?;
                let part = AttachedPart::new(on_one_line(&file.name)).body(file.bytes.clone(), kind);
                Ok::<_, String>(whole.singlepart(part))
            })?)
        };
        let message = message.map_err(|error| error.to_string())?;
        Ok(Sealed { from: self.from.0.email.clone(), to, bytes: message.formatted() })
    }
}

impl AttachmentKind {
    fn content_type(self) -> &'static str {
        match self {
            AttachmentKind::Pdf => "application/pdf",
            AttachmentKind::Calendar => "text/calendar; charset=utf-8; method=PUBLISH",
        }
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// What would end a header line is a space in it.
fn on_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(title: &str, body: &str, attachments: &[Attachment]) -> String {
        let from = Sender::parse("Outturn <outturn@council.example>").unwrap();
        let made_at = NaiveDateTime::parse_from_str("2015-12-10 09:30", "%Y-%m-%d %H:%M").unwrap();
        let letter = Letter {
            message_id: "12.0011aabb@council.example",
            from: &from,
            to: "ann@example.org",
            title,
            body,
            made_at,
            attachments,
        };
        let sealed = letter.sealed().unwrap();
        assert_eq!(sealed.bytes, letter.sealed().unwrap().bytes, "it is the same whenever it is written");
        String::from_utf8(sealed.bytes).unwrap()
    }

    #[test]
    fn a_letter_says_who_made_it_when_and_that_no_person_did() {
        let text = written("The pack can be read", "Read it.\n", &[]);
        for line in [
            "Message-ID: <12.0011aabb@council.example>",
            "Date: Thu, 10 Dec 2015 09:30:00 +0000",
            "From: Outturn <outturn@council.example>",
            "To: ann@example.org",
            "Subject: The pack can be read",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("\r\n\r\nRead it.\r\n"), "{text:?}");
        assert!(text.is_ascii());
    }

    #[test]
    fn a_title_cannot_add_a_header_and_every_letter_is_ascii() {
        let text = written("£28m\r\nBcc: all@example.org", "It costs £28m – Zoë\n.\n", &[]);
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert!(text.is_ascii());
    }

    #[test]
    fn files_go_beside_the_text() {
        let pdf = Attachment {
            name: "E10000002 2015-11.pdf".into(),
            kind: AttachmentKind::Pdf,
            bytes: vec![0, 255, 10],
        };
        let calendar = Attachment {
            name: "due.ics".into(),
            kind: AttachmentKind::Calendar,
            bytes: b"BEGIN:VCALENDAR\r\n".to_vec(),
        };
        let text = written("t", "b", &[pdf, calendar]);
        assert!(text.contains("boundary=\"outturn-120011aabbcouncilexample\""), "{text}");
        assert!(text.contains("Content-Type: application/pdf\r\n") && text.contains("AP8K"), "{text}");
        assert!(text.contains("text/calendar") && text.contains("filename=\"due.ics\""), "{text}");
    }

    #[test]
    fn nobody_is_written_to_who_has_no_address() {
        let from = Sender::parse("outturn@council.example").unwrap();
        for to in [
            "",
            "ann",
            "ann@example.org, bob@example.org",
            "ann@example.org\r\nRCPT TO:<x@y.z>",
            "zoë@example.org",
        ] {
            let made_at = NaiveDateTime::default();
            let letter = Letter {
                message_id: "1@x.y",
                from: &from,
                to,
                title: "t",
                body: "b",
                made_at,
                attachments: &[],
            };
            assert!(letter.sealed().is_err(), "{to:?}");
        }
        assert!(Sender::parse("nobody").is_none());
        assert_eq!(from.domain(), "council.example");
    }
}
