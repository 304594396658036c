//! The three faces that every pack is set in, cut down once to the characters that a pack may use.
//!
//! All faces share one numbering: a character has the same code in each, so text can be set before
//! its face is known. The codes are those that the printed text carries.

use std::sync::OnceLock;

use subsetter::GlyphRemapper;

use super::write::read_face;

/// The code of a space, where a line may break.
pub const SPACE: u16 = 1;

/// Where the codes run out: the space that no line may break at. It is written as a space.
const LAST_DIRECT: usize = 0x180;

/// Characters beyond the Latin letters that councils and health bodies write.
const SIGNS: &str =
    "–—‘’‚“”„†‡•…‰‹›⁄€№™−√∞≈≠≤≥◊←↑→↓▲►▼◄■□●○✓✗\u{2070}\u{2074}\u{2080}\u{2081}\u{2082}\u{2083}ȘșȚț";

/// How a run of text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    Regular,
    Bold,
    Italic,
}

impl Face {
    pub const ALL: [Face; 3] = [Face::Regular, Face::Bold, Face::Italic];
}

/// A face cut down to the repertoire.
pub struct Subset {
    /// The name that the file gives the face, with the six letters that mark a subset.
    pub name: &'static str,
    /// The whole face as it was made, for its measurements.
    pub whole: &'static [u8],
    /// The font program with only the repertoire's glyphs, numbered by code.
    pub program: Vec<u8>,
    /// Advance width by code, in thousandths of the type size.
    advances: Vec<u16>,
}

/// The faces and the characters they have in common.
pub struct Fonts {
    /// Code less one to character.
    pub repertoire: Vec<char>,
    codes: Box<[u16; LAST_DIRECT]>,
    further: Vec<(char, u16)>,
    no_break_space: u16,
    subsets: [Subset; 3],
}

/// The fonts, made at first use and kept.
pub fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(Fonts::make)
}

/// Characters that say how text may be set and are not drawn: the soft hyphen and the carriage return.
pub fn unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\r')
}

impl Fonts {
    /// The code of a character, if the faces have it.
    #[inline]
    pub fn code(&self, character: char) -> Option<u16> {
        let code = match self.codes.get(character as usize) {
            Some(&code) => code,
            None => match self.further.binary_search_by_key(&character, |&(c, _)| c) {
                Ok(at) => self.further[at].1,
                Err(_) => 0,
            },
        };
        (code != 0).then_some(code)
    }

    /// What a code is written as: the two kinds of space share a glyph.
    #[inline]
    pub fn glyph(&self, code: u16) -> u16 {
        if code == self.no_break_space { SPACE } else { code }
    }

    /// Advance widths by code, in thousandths of the type size.
    #[inline]
    pub fn advances(&self, face: Face) -> &[u16] {
        &self.subset(face).advances
    }

    pub fn subset(&self, face: Face) -> &Subset {
        &self.subsets[face as usize]
    }

    fn make() -> Fonts {
        let faces = [
            ("OUTTRN+NotoSans", ttf_noto_sans::REGULAR),
            ("OUTTRB+NotoSans-Bold", ttf_noto_sans::BOLD),
            ("OUTTRI+NotoSans-Italic", ttf_noto_sans::ITALIC),
        ];
        let tables = faces.map(|(_, whole)| read_face(whole));
        let wanted = (' '..='~').chain('¡'..='ſ').filter(|&c| c != '\u{ad}').chain(SIGNS.chars());
        let repertoire: Vec<char> =
            wanted.filter(|&c| tables.iter().all(|face| face.glyph_of.contains_key(&(c as u32)))).collect();
        let no_break_space = repertoire.len() as u16 + 1;

        let mut codes = Box::new([0; LAST_DIRECT]);
        let mut further = Vec::new();
        let alike = [
            ('\u{a0}', ' '),
            ('\u{2007}', ' '),
            ('\u{2009}', ' '),
            ('\u{202f}', ' '),
            ('\u{2010}', '-'),
            ('\u{2011}', '-'),
        ];
        let own = repertoire.iter().enumerate().map(|(at, &c)| (c, at as u16 + 1));
        let other = alike.iter().map(|&(c, like)| {
            let code = if like == ' ' { no_break_space } else { like as u16 - ' ' as u16 + SPACE };
            (c, code)
        });
        for (character, code) in own.chain(other).chain([('\n', SPACE), ('\t', SPACE)]) {
            match codes.get_mut(character as usize) {
                Some(place) => *place = code,
                None => further.push((character, code)),
            }
        }
        further.sort_unstable();

        let subsets = [0, 1, 2].map(|at: usize| {
            let (name, whole) = faces[at];
            let table = &tables[at];
            let mut remapper = GlyphRemapper::new();
            let mut advances = vec![0];
            for &character in &repertoire {
                let glyph = table.glyph_of[&(character as u32)];
                remapper.remap(glyph);
                advances.push(table.advance(glyph));
            }
            advances.push(advances[usize::from(SPACE)]);
            let program = subsetter::subset(whole, 0, &remapper).expect("the faces are well-formed TrueType");
            Subset { name, whole, program, advances }
        });
        Fonts { repertoire, codes, further, no_break_space, subsets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_the_money_and_the_measures_is_in_all_three_faces() {
        for character in "£−–—‘’“”•…€≤≥→▲▼●■○ŵŷŴ".chars() {
            assert!(fonts().code(character).is_some(), "{character} is missing");
        }
    }

    #[test]
    fn figures_are_all_of_one_width_so_that_columns_line_up() {
        for face in Face::ALL {
            let widths: Vec<u16> =
                ('0'..='9').map(|c| fonts().advances(face)[usize::from(fonts().code(c).unwrap())]).collect();
            assert!(widths.iter().all(|&width| width == widths[0]), "{face:?}: {widths:?}");
        }
    }

    #[test]
    fn a_no_break_space_is_written_as_a_space_but_is_not_a_place_to_break() {
        let code = fonts().code('\u{a0}').unwrap();
        assert_ne!(code, SPACE);
        assert_eq!(fonts().glyph(code), SPACE);
    }
}
