//! What a request is answered with.

use serde::Serialize;

/// An answer, before the headers that every answer has.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

pub const HTML: &str = "text/html; charset=utf-8";
pub const JSON: &str = "application/json";
pub const CSV: &str = "text/csv; charset=utf-8";

impl Answer {
    pub fn html(body: String) -> Answer {
        Answer { status: 200, content_type: HTML, body: body.into_bytes(), headers: Vec::new() }
    }

    pub fn json(value: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(value).expect("an answer is plain values");
        Answer { status: 200, content_type: JSON, body, headers: Vec::new() }
    }

    /// A file to be kept under this name.
    pub fn download(content_type: &'static str, name: &str, body: Vec<u8>) -> Answer {
        Answer { status: 200, content_type, body, headers: Vec::new() }
            .with("content-disposition", disposition("attachment", name))
    }

    /// Go on there, by GET.
    pub fn see_other(place: impl Into<String>) -> Answer {
        Answer { status: 303, ..Answer::default() }.with("location", place.into())
    }

    /// Something was made, there.
    pub fn made(place: String, value: &impl Serialize) -> Answer {
        Answer::json(value).status(201).with("location", place)
    }

    /// It was done, and there is no more to say.
    pub fn done() -> Answer {
        Answer { status: 204, ..Answer::default() }
    }

    pub fn with(mut self, name: &'static str, value: String) -> Answer {
        self.headers.push((name, value));
        self
    }

    pub fn status(self, status: u16) -> Answer {
        Answer { status, ..self }
    }
}

/// A file's name in a header, by RFC 6266: plain for old programs, whole for the others.
pub fn disposition(kind: &str, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}
