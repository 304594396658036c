//! A pack's files as answers: whole, each with the headers that it needs.

use crate::{
    digest::sha256,
    service::packs::PackFileRead,
    web::{
        answer::{Answer, CSV, HTML, JSON, disposition},
        asked::Asked,
        interface::conditional::names,
    },
};

/// How long an answer may be kept, and by whom.
#[derive(Clone, Copy)]
pub enum Keeping {
    /// By the reader's browser, which asks each time whether it still may show it.
    Privately,
    /// By anybody, for a while.
    Publicly,
}

/// A file of a pack; nothing of it where the browser holds it already.
pub fn file_answer(asked: &Asked<'_>, name: &str, file: PackFileRead, keeping: Keeping) -> Answer {
    let tag = format!("\"{}\"", file.sha256);
    let cache = match keeping {
        Keeping::Privately if file.is_early => "no-store",
        Keeping::Privately => "private, no-cache",
        Keeping::Publicly => "public, max-age=300, must-revalidate",
    };
    let answer = if asked.raw.header("if-none-match").is_some_and(|held| names(held, &tag)) {
        Answer { status: 304, content_type: HTML, ..Answer::default() }
    } else {
        whole(name, file.bytes)
    };
    answer.with("etag", tag).with("cache-control", cache.into())
}

/// The file, shown by the browser where it can be, under a style of its own that alone may apply.
pub fn whole(name: &str, bytes: Vec<u8>) -> Answer {
    let (content_type, kind) = match name.rsplit_once('.') {
        Some((_, "html")) => (HTML, "inline"),
        Some((_, "pdf")) => ("application/pdf", "inline"),
        Some((_, "json")) => (JSON, "inline"),
        Some((_, "csv")) => (CSV, "attachment"),
        Some(_) | None => ("application/octet-stream", "attachment"),
    };
    let policy = policy_of(&bytes, content_type);
    Answer { status: 200, content_type, body: bytes, headers: Vec::new() }
        .with("content-disposition", disposition(kind, name))
        .with("content-security-policy", policy)
}

/// Nothing may load or run; of a page, its one style block may apply, known by its hash.
fn policy_of(bytes: &[u8], content_type: &str) -> String {
    const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let text = if content_type == HTML { str::from_utf8(bytes).unwrap_or_default() } else { "" };
    let style = text.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    match style {
        Some((style, _)) => {
            let hash = base64(&sha256(style.as_bytes()));
            format!("{NOTHING}; img-src data:; style-src 'sha256-{hash}'")
        }
        None => NOTHING.to_owned(),
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, written) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), written);
        }
    }
}
