//! Setting text: characters to codes, their widths, and where lines break.

use std::collections::BTreeSet;

use super::fonts::{Face, Fonts, SPACE, fonts, unseen};

/// A stretch of set text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// Width in thousandths of the type size.
pub type Ems = u32;

/// A width in points at a type size.
pub fn points(width: Ems, size: f32) -> f32 {
    width as f32 * size / 1000.0
}

/// All the text of a pack, set in the order in which it was met.
pub struct Setting {
    fonts: &'static Fonts,
    codes: Vec<u16>,
    missing: BTreeSet<char>,
}

/// A piece of a paragraph in one face, perhaps with a status sign before it.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub span: Span,
    pub face: Face,
    /// Room before the first character.
    pub lead: Ems,
}

/// A part of one piece on one line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    pub line: u32,
    pub piece: u32,
    pub span: Span,
    /// From the line's start to the first character.
    pub offset: Ems,
    pub width: Ems,
}

/// A paragraph in lines.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    pub segments: Vec<Segment>,
    pub lines: u32,
}

impl Setting {
    pub fn new() -> Setting {
        Setting { fonts: fonts(), codes: Vec::with_capacity(1 << 16), missing: BTreeSet::new() }
    }

    /// Sets a text; a character that the faces lack becomes a question mark and is remembered.
    pub fn set(&mut self, text: &str) -> Span {
        let start = self.codes.len() as u32;
        for character in text.chars() {
            match self.fonts.code(character) {
                Some(code) => self.codes.push(code),
                None if unseen(character) => {}
                None => {
                    self.missing.insert(character);
                    self.codes.push(self.fonts.code('?').expect("the repertoire has Basic Latin"));
                }
            }
        }
        Span { start, end: self.codes.len() as u32 }
    }

    /// Remembers the characters that the faces lack of a text that is set elsewhere.
    pub fn look_over(&mut self, text: &str) {
        let lacked = |character: &char| self.fonts.code(*character).is_none() && !unseen(*character);
        self.missing.extend(text.chars().filter(lacked));
    }

    pub fn codes(&self, span: Span) -> &[u16] {
        &self.codes[span.start as usize..span.end as usize]
    }

    pub fn width(&self, span: Span, face: Face) -> Ems {
        let advances = self.fonts.advances(face);
        self.codes(span).iter().map(|&code| Ems::from(advances[usize::from(code)])).sum()
    }

    /// The widths of the whole text and of its longest word.
    pub fn widths(&self, span: Span, face: Face) -> (Ems, Ems) {
        let advances = self.fonts.advances(face);
        let (mut whole, mut word, mut longest) = (0, 0, 0);
        for &code in self.codes(span) {
            let advance = Ems::from(advances[usize::from(code)]);
            whole += advance;
            word = if code == SPACE { 0 } else { word + advance };
            longest = longest.max(word);
        }
        (whole, longest)
    }

    /// Breaks a text in one face, giving the stretch of each line.
    pub fn break_plain(&self, span: Span, face: Face, measure: Ems) -> Vec<Span> {
        let broken = self.break_lines(&[Piece { span, face, lead: 0 }], measure);
        broken.segments.iter().map(|segment| segment.span).collect()
    }

    /// Fills lines one after another. A line's last space stays with it, so that words read from
    /// the page do not join; it takes no room. A word wider than the measure is cut.
    pub fn break_lines(&self, pieces: &[Piece], measure: Ems) -> Broken {
        let mut broken = Broken::default();
        let mut start = (0, pieces.first().map_or(0, |piece| piece.span.start));
        let mut chance: Option<(usize, u32)> = None;
        let mut used: Ems = 0;
        let mut used_at_chance: Ems = 0;
        let (mut piece_at, mut at) = start;
        while let Some(piece) = pieces.get(piece_at) {
            if at == piece.span.start {
                used += piece.lead;
            }
            let advances = self.fonts.advances(piece.face);
            while at < piece.span.end {
                let code = self.codes[at as usize];
                let advance = Ems::from(advances[usize::from(code)]);
                if code == SPACE {
                    used += advance;
                    at += 1;
                    chance = Some((piece_at, at));
                    used_at_chance = used;
                    continue;
                }
                if used + advance > measure && (piece_at, at) != start {
                    let (end, carried) = match chance {
                        Some(end) => (end, used - used_at_chance),
                        None => ((piece_at, at), 0),
                    };
                    self.finish_line(&mut broken, pieces, start, end);
                    start = end;
                    chance = None;
                    used = carried;
                    if carried == 0 && at == piece.span.start {
                        used += piece.lead;
                    }
                }
                used += advance;
                at += 1;
                if self.breaks_after(at, piece.span) {
                    chance = Some((piece_at, at));
                    used_at_chance = used;
                }
            }
            piece_at += 1;
            at = pieces.get(piece_at).map_or(0, |next| next.span.start);
        }
        let end = (pieces.len(), 0);
        self.finish_line(&mut broken, pieces, start, end);
        broken
    }

    /// All the codes, and the characters that the faces lack.
    pub fn finish(self) -> (Vec<u16>, Vec<char>) {
        (self.codes, self.missing.into_iter().collect())
    }

    /// After a hyphen or a solidus between letters a line may break too.
    fn breaks_after(&self, at: u32, span: Span) -> bool {
        let character =
            |at: u32| self.fonts.repertoire.get(usize::from(self.codes[at as usize]).wrapping_sub(1));
        at >= span.start + 2
            && at + 2 < span.end
            && matches!(character(at - 1), Some('-' | '/'))
            && character(at - 2).is_some_and(|c| c.is_alphabetic())
            && character(at).is_some_and(|c| c.is_alphabetic())
    }

    fn finish_line(&self, broken: &mut Broken, pieces: &[Piece], start: (usize, u32), end: (usize, u32)) {
        let mut offset = 0;
        for (piece_at, piece) in pieces.iter().enumerate().take(end.0 + 1).skip(start.0) {
            let from = if piece_at == start.0 { start.1 } else { piece.span.start };
            let to = if piece_at == end.0 { end.1 } else { piece.span.end };
            if from >= to {
                continue;
            }
            if from == piece.span.start {
                offset += piece.lead;
            }
            let span = Span { start: from, end: to };
            let width = self.width(span, piece.face);
            broken.segments.push(Segment { line: broken.lines, piece: piece_at as u32, span, offset, width });
            offset += width;
        }
        broken.lines += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, measure: Ems) -> Vec<String> {
        let mut setting = Setting::new();
        let span = setting.set(text);
        let word = |span: Span| -> String {
            setting
                .codes(span)
                .iter()
                .map(|&code| setting.fonts.repertoire[usize::from(setting.fonts.glyph(code)) - 1])
                .collect()
        };
        setting.break_plain(span, Face::Regular, measure).into_iter().map(word).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_keep_the_space_so_that_words_do_not_join() {
        // "pressure " is about 4,600 thousandths wide, "returned" about 4,300.
        assert_eq!(lines("pressure returned", 6_000), ["pressure ", "returned"]);
        assert_eq!(lines("pressure returned", 60_000), ["pressure returned"]);
    }

    #[test]
    fn a_line_does_not_break_at_a_no_break_space() {
        assert_eq!(lines("a month of £1.2\u{a0}million", 7_500), ["a month of ", "£1.2 million"]);
    }

    #[test]
    fn a_word_wider_than_the_measure_is_cut_and_nothing_is_lost() {
        let cut = lines("Llanfairpwllgwyngyll", 3_000);
        assert!(cut.len() > 2);
        assert_eq!(cut.concat(), "Llanfairpwllgwyngyll");
    }

    #[test]
    fn a_line_may_break_after_a_hyphen_between_letters_but_not_before_a_figure() {
        assert_eq!(lines("long-standing", 5_000), ["long-", "standing"]);
        assert_eq!(lines("x 2015-16", 4_200), ["x ", "2015-16"]);
    }

    #[test]
    fn pieces_of_different_faces_share_lines() {
        let mut setting = Setting::new();
        let pieces = [("Emergency ", Face::Regular), ("admissions", Face::Bold), (" rose", Face::Regular)]
            .map(|(text, face)| Piece { span: setting.set(text), face, lead: 0 });
        let broken = setting.break_lines(&pieces, 100_000);
        assert_eq!(broken.lines, 1);
        assert_eq!(broken.segments.len(), 3);
        assert_eq!(broken.segments[1].offset, broken.segments[0].width);
    }

    #[test]
    fn a_character_that_the_faces_lack_becomes_a_question_mark_and_is_reported() {
        let mut setting = Setting::new();
        let span = setting.set("漢");
        assert_eq!(setting.codes(span), [fonts().code('?').unwrap()]);
        assert_eq!(setting.finish().1, ['漢']);
    }

    #[test]
    fn an_empty_text_is_one_empty_line() {
        let mut setting = Setting::new();
        let span = setting.set("");
        assert_eq!(setting.break_plain(span, Face::Regular, 1_000), []);
        assert_eq!(setting.break_lines(&[Piece { span, face: Face::Regular, lead: 0 }], 1_000).lines, 1);
    }
}
