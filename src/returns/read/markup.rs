//! The tags of an XML part, found piece by piece as it is unpacked, and nothing more of it.

use super::ReadError;
use memchr::{memchr, memchr3, memmem};

/// The longest tag, comment or literal section that a workbook may have, in bytes.
const LONGEST_MARKUP: usize = 1 << 20;

/// Finds the tags of a part; comments, literal sections and instructions are passed over.
#[derive(Default)]
pub(super) struct TagScan {
    /// The beginning of markup that the next piece will finish.
    held: Vec<u8>,
}

/// What a stretch that begins with `<` is.
enum Markup {
    /// A tag of this length, its brackets included.
    Tag(usize),
    /// Anything else that holds no tags, of this length.
    Passed(usize),
    /// A document type declaration or what belongs to one.
    Declaration,
    Unfinished,
}

impl TagScan {
    /// Calls `each` with what stands between the brackets of every tag that `piece` finishes. Fails
    /// where `each` does, at a document type declaration, and at bytes that are no UTF-8 XML.
    pub(super) fn take(
        &mut self,
        piece: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        if memchr(0, piece).is_some() {
            return Err(ReadError::Damaged);
        }
        self.held.extend_from_slice(piece);
        let mut at = 0;
        loop {
            let Some(open) = memchr(b'<', &self.held[at..]) else {
                self.held.clear();
                return Ok(());
            };
            at += open;
            match markup(&self.held[at..]) {
                Markup::Tag(length) => {
                    each(&self.held[at + 1..at + length - 1])?;
                    at += length;
                }
                Markup::Passed(length) => at += length,
                Markup::Declaration => return Err(ReadError::Damaged),
                Markup::Unfinished => break,
            }
        }
        self.held.drain(..at);
        if self.held.len() > LONGEST_MARKUP { Err(ReadError::Damaged) } else { Ok(()) }
    }
}

fn markup(text: &[u8]) -> Markup {
    const LITERAL: &[u8] = b"<![CDATA[";
    let passed = |start: usize, end: &[u8]| match memmem::find(&text[start..], end) {
        Some(length) => Markup::Passed(start + length + end.len()),
        None => Markup::Unfinished,
    };
    if text.starts_with(b"<!--") {
        passed(4, b"-->")
    } else if text.starts_with(LITERAL) {
        passed(LITERAL.len(), b"]]>")
    } else if text.starts_with(b"<?") {
        passed(2, b"?>")
    } else if b"<!--".starts_with(text) || LITERAL.starts_with(text) {
        Markup::Unfinished
    } else if text.starts_with(b"<!") {
        Markup::Declaration
    } else {
        tag_length(text).map_or(Markup::Unfinished, Markup::Tag)
    }
}

/// Up to the first `>` outside quotation marks.
fn tag_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr3(b'>', b'"', b'\'', &text[at..])?;
        if text[at] == b'>' {
            return Some(at + 1);
        }
        at += 1 + memchr(text[at], &text[at + 1..])? + 1;
    }
}

/// A tag's name without the prefix of its namespace.
pub(super) fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/').unwrap_or(tag.len());
    let name = &tag[..end];
    match memchr(b':', name) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// The value of a tag's attribute, as it is written.
pub(super) fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let mut rest = &tag[tag.iter().position(u8::is_ascii_whitespace)?..];
    loop {
        let equals = memchr(b'=', rest)?;
        let found = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let (&quote, value) = value.split_first()?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let end = memchr(quote, value)?;
        if found == name {
            return Some(&value[..end]);
        }
        rest = &value[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags found when the text comes in pieces of this size.
    fn tags(text: &str, size: usize) -> Result<Vec<String>, ReadError> {
        let mut scan = TagScan::default();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            scan.take(piece, |tag| {
                found.push(String::from_utf8_lossy(tag).into_owned());
                Ok(())
            })?;
        }
        Ok(found)
    }

    #[test]
    fn tags_are_found_whatever_the_pieces() {
        let text = "<?xml version='1.0'?><a x=\"1 > 0\"><!-- <b r='9'> it's --><![CDATA[<c '>]]>text<d/></a>";
        for size in 1..text.len() {
            assert_eq!(tags(text, size).unwrap(), ["a x=\"1 > 0\"", "d/", "/a"], "pieces of {size}");
        }
    }

    #[test]
    fn a_document_type_is_refused_whatever_the_pieces() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><a/>";
        for size in 1..text.len() {
            assert_eq!(tags(text, size), Err(ReadError::Damaged), "pieces of {size}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_xml_are_refused() {
        assert_eq!(tags("<\0a\0>\0", 3), Err(ReadError::Damaged));
    }

    #[test]
    fn attributes_are_found_by_their_whole_name() {
        let tag = b"x:c spans=\"1:3\" r = 'B7' s=\"2\"";
        assert_eq!(local_name(tag), b"c");
        assert_eq!(attribute(tag, b"r"), Some(&b"B7"[..]));
        assert_eq!(attribute(tag, b"s"), Some(&b"2"[..]));
        assert_eq!(attribute(tag, b"t"), None);
        assert_eq!(local_name(b"sheetData/"), b"sheetData");
    }
}
