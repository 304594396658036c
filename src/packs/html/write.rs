//! The string that a page is written into: escaped words, and numbers without a formatter.

use super::Links;

/// A page being written.
pub struct Page<'l> {
    out: String,
    numbered: u32,
    /// Where its links lead; none for a page that stands alone.
    links: Option<Links<'l>>,
}

/// What a byte needs in running text and in an attribute between double quotes.
const AS_IT_IS: u8 = 0;
const ESCAPED: u8 = 1;
const ESCAPED_IN_ATTRIBUTES: u8 = 2;

const NEEDS: [u8; 256] = needs();

const fn needs() -> [u8; 256] {
    let mut needs = [AS_IT_IS; 256];
    let mut byte = 0;
    while byte < 0x20 {
        // HTML has no place for control characters, but for tabs and line ends.
        if byte != 0x09 && byte != 0x0a {
            needs[byte] = ESCAPED;
        }
        byte += 1;
    }
    needs[0x7f] = ESCAPED;
    needs[b'<' as usize] = ESCAPED;
    needs[b'>' as usize] = ESCAPED;
    needs[b'&' as usize] = ESCAPED;
    needs[b'"' as usize] = ESCAPED_IN_ATTRIBUTES;
    needs
}

impl<'l> Page<'l> {
    /// A page that stands alone.
    pub fn with_capacity(length: usize) -> Page<'l> {
        Page { out: String::with_capacity(length), numbered: 0, links: None }
    }

    /// A part of a page with these links.
    pub fn linking(length: usize, links: Links<'l>) -> Page<'l> {
        Page { links: Some(links), ..Page::with_capacity(length) }
    }

    pub fn links(&self) -> Option<Links<'l>> {
        self.links
    }

    pub fn finish(self) -> String {
        self.out
    }

    /// Markup, as it stands.
    #[inline]
    pub fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Words, between tags.
    #[inline]
    pub fn text(&mut self, words: &str) {
        self.escape(words, ESCAPED);
    }

    /// Words, in an attribute between double quotes.
    #[inline]
    pub fn attribute(&mut self, words: &str) {
        self.escape(words, ESCAPED_IN_ATTRIBUTES);
    }

    /// Words up to the given need are escaped.
    #[inline]
    fn escape(&mut self, words: &str, up_to: u8) {
        let must = |byte: &u8| {
            let need = NEEDS[usize::from(*byte)];
            need != AS_IT_IS && need <= up_to
        };
        let mut rest = words;
        while let Some(at) = rest.as_bytes().iter().position(must) {
            self.out.push_str(&rest[..at]);
            self.out.push_str(match rest.as_bytes()[at] {
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'&' => "&amp;",
                b'"' => "&quot;",
                _ => "\u{fffd}",
            });
            rest = &rest[at + 1..];
        }
        self.out.push_str(rest);
    }

    /// A number for a thing of which the document has no id.
    pub fn next_number(&mut self) -> u32 {
        self.numbered += 1;
        self.numbered
    }

    pub fn number(&mut self, number: u32) {
        let mut digits = [0u8; 10];
        let mut start = digits.len();
        let mut left = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.out.push_str(std::str::from_utf8(&digits[start..]).expect("digits are ASCII"));
    }

    pub fn hex(&mut self, byte: u8) {
        for digit in [byte >> 4, byte & 15] {
            self.out.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }

    /// A length or place in a drawing, to a tenth of a point.
    #[inline]
    pub fn tenth(&mut self, value: f32) {
        self.shifted((value * 10.0).round() as i32, 1);
    }

    /// A width of a line, to a hundredth of a point.
    pub fn hundredth(&mut self, value: f32) {
        self.shifted((value * 100.0).round() as i32, 2);
    }

    /// A whole number with so many of its digits behind the point, and no noughts at the end.
    #[inline]
    fn shifted(&mut self, scaled: i32, places: usize) {
        // Ten digits, the point and the sign.
        let mut digits = [0u8; 12];
        let mut start = digits.len();
        let mut left = scaled.unsigned_abs();
        let mut place = 0;
        let mut written = false;
        while place < places {
            let digit = (left % 10) as u8;
            left /= 10;
            place += 1;
            if digit != 0 || written {
                start -= 1;
                digits[start] = b'0' + digit;
                written = true;
            }
        }
        if written {
            start -= 1;
            digits[start] = b'.';
        }
        loop {
            if left == 0 && written {
                break;
            }
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            written = true;
        }
        if scaled < 0 {
            start -= 1;
            digits[start] = b'-';
        }
        self.out.push_str(std::str::from_utf8(&digits[start..]).expect("digits are ASCII"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::with_capacity(0);
        write(&mut page);
        page.finish()
    }

    #[test]
    fn markup_in_words_is_escaped() {
        assert_eq!(written(|page| page.text("a<b> & \"c\" £1")), "a&lt;b&gt; &amp; \"c\" £1");
        assert_eq!(written(|page| page.attribute("a<b> & \"c\"")), "a&lt;b&gt; &amp; &quot;c&quot;");
    }

    #[test]
    fn control_characters_are_shown_as_unknown() {
        assert_eq!(written(|page| page.text("a\u{0}b\u{1b}c\td")), "a\u{fffd}b\u{fffd}c\td");
    }

    #[test]
    fn numbers_are_written_to_their_place_without_needless_digits() {
        let tenths =
            [(0.0, "0"), (12.0, "12"), (12.34, "12.3"), (-0.26, "-.3"), (0.05, ".1"), (100.96, "101")];
        for (value, text) in tenths {
            assert_eq!(written(|page| page.tenth(value)), text);
        }
        for (value, text) in [(0.5, ".5"), (1.25, "1.25"), (1.0, "1"), (0.04, ".04"), (-20.5, "-20.5")] {
            assert_eq!(written(|page| page.hundredth(value)), text);
        }
        assert_eq!(written(|page| page.number(0)) + &written(|page| page.number(4096)), "04096");
        assert_eq!(written(|page| page.tenth(f32::NAN)), "0");
        assert_eq!(written(|page| page.hundredth(f32::MIN)), "-21474836.48");
    }
}
