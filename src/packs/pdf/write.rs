//! Pages to a PDF file. Here alone printpdf is named: it reads the faces and makes the fonts that the
//! file embeds, once in a process; what is new in each pack is written straight to bytes.

use std::{collections::BTreeMap, sync::OnceLock};

use lopdf::{Dictionary, Object, ObjectId, StringFormat};
use printpdf::{
    Codepoint, FontId, Mm, Op, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Pt, TextItem,
};
use sha2::{Digest, Sha256};

use super::{
    super::document::Document,
    file::{File, deflate_once},
    fonts::{Face, fonts},
    operators::{Stream, number, stream},
    page::Laid,
    tags,
};

/// What a face says of its characters.
pub struct FaceTables {
    /// Character to glyph.
    pub glyph_of: BTreeMap<u32, u16>,
    widths: BTreeMap<u16, u16>,
    units_per_em: u16,
}

impl FaceTables {
    /// A glyph's advance width in thousandths of the type size.
    pub fn advance(&self, glyph: u16) -> u16 {
        let units = u32::from(self.widths.get(&glyph).copied().unwrap_or_default());
        let em = u32::from(self.units_per_em).max(1);
        ((units * 1000 + em / 2) / em) as u16
    }
}

/// Reads a face's characters and widths.
pub fn read_face(whole: &[u8]) -> FaceTables {
    let face = parsed(whole);
    FaceTables {
        glyph_of: face.codepoint_to_glyph,
        widths: face.glyph_widths,
        units_per_em: face.units_per_em,
    }
}

/// Writes a pack that has been laid out.
pub fn write(document: &Document, laid: &Laid<'_>) -> Vec<u8> {
    let embedded = embedded();
    let streams: Vec<Stream> = laid.pages.iter().map(|page| stream(page, &laid.tree, &laid.codes)).collect();
    let numbers = tags::Numbers::of(laid, embedded.objects.len() as u32);
    let mut file = File::new(numbers.last);
    for (at, stream) in streams.iter().enumerate() {
        file.stream(numbers.content(at), b"", &stream.operators);
    }
    for object in &embedded.objects {
        match object {
            Embedded::Stream { at, entries, data } => file.plain_stream(*at, entries, data),
            Embedded::Plain { at, bytes } => file.object(*at, |out| out.extend_from_slice(bytes)),
        }
    }
    tags::write(&mut file, document, laid, &streams, &numbers, &embedded.fonts);
    file.finish(|so_far| {
        let digest = Sha256::digest(so_far);
        let mut entries = b"/Root 1 0 R/Info 3 0 R/ID[".to_vec();
        for _ in 0..2 {
            entries.push(b'<');
            for byte in digest.iter().take(16) {
                entries.extend_from_slice(format!("{byte:02x}").as_bytes());
            }
            entries.push(b'>');
        }
        entries.push(b']');
        entries
    })
}

/// An object of the embedded fonts, ready to be copied.
enum Embedded {
    Stream { at: u32, entries: Vec<u8>, data: Vec<u8> },
    Plain { at: u32, bytes: Vec<u8> },
}

/// The fonts as every pack embeds them.
struct EmbeddedFonts {
    objects: Vec<Embedded>,
    /// The object number of each face's font, in the order of [`Face::ALL`].
    fonts: [u32; 3],
}

fn embedded() -> &'static EmbeddedFonts {
    static EMBEDDED: OnceLock<EmbeddedFonts> = OnceLock::new();
    EMBEDDED.get_or_init(embed)
}

fn parsed(bytes: &[u8]) -> ParsedFont {
    ParsedFont::from_bytes(bytes, 0, &mut Vec::new()).expect("the faces are well-formed TrueType")
}

/// Has printpdf make a document that shows every character of every face, and takes its fonts.
fn embed() -> EmbeddedFonts {
    let mut document = PdfDocument::new("");
    let mut ops = Vec::new();
    let ids = Face::ALL.map(|face| FontId(format!("F{}", face as usize + 1)));
    for (face, id) in Face::ALL.into_iter().zip(&ids) {
        let subset = fonts().subset(face);
        let mut font = parsed(subset.whole);
        font.font_name = Some(subset.name.to_owned());
        font.original_bytes = subset.program.clone();
        let advances = fonts().advances(face);
        font.codepoint_to_glyph =
            fonts().repertoire.iter().zip(1..).map(|(&character, glyph)| (character as u32, glyph)).collect();
        // Widths are given in thousandths, as the text is measured by; so the metrics are too.
        let scale = |value: i16| (f32::from(value) * 1000.0 / f32::from(font.units_per_em)).round() as i16;
        font.font_metrics.ascent = scale(font.font_metrics.ascent);
        font.font_metrics.descent = scale(font.font_metrics.descent);
        let metrics = &mut font.pdf_font_metrics;
        for value in [&mut metrics.x_min, &mut metrics.y_min, &mut metrics.x_max, &mut metrics.y_max] {
            *value = (f32::from(*value) * 1000.0 / f32::from(font.units_per_em)).round() as i16;
        }
        metrics.units_per_em = 1000;
        font.units_per_em = 1000;
        font.glyph_widths =
            advances.iter().enumerate().map(|(glyph, &width)| (glyph as u16, width)).collect();
        document.resources.fonts.map.insert(id.clone(), printpdf::PdfFont::new(font));
        ops.push(Op::SetFont { font: PdfFontHandle::External(id.clone()), size: Pt(10.0) });
        let glyphs = fonts().repertoire.iter().zip(1..);
        let shown = glyphs.map(|(character, gid)| Codepoint::with_cid(gid, 0.0, character.to_string()));
        ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(shown.collect())] });
    }
    document.pages.push(PdfPage::new(Mm(210.0), Mm(297.0), ops));
    let mut made = document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new());
    describe_faces(&mut made);
    take_fonts(&made)
}

/// Says of each face what printpdf leaves out: how high its capitals stand, and that the italic slopes.
fn describe_faces(made: &mut lopdf::Document) {
    /// From Noto Sans's OS/2 and post tables: 714 thousandths, and 12 degrees.
    const CAPITALS: i64 = 714;
    const SLOPE: i64 = -12;
    /// Letters of a Latin kind, and sloped. Source: ISO 32000-1, table 123.
    const NONSYMBOLIC: i64 = 32;
    const ITALIC: i64 = 64;
    for object in made.objects.values_mut() {
        let Ok(entries) = object.as_dict_mut() else { continue };
        let Ok(name) = entries.get(b"FontName").and_then(Object::as_name) else { continue };
        let sloped = name == fonts().subset(Face::Italic).name.as_bytes();
        entries.set("CapHeight", CAPITALS);
        entries.set("ItalicAngle", if sloped { SLOPE } else { 0 });
        entries.set("Flags", if sloped { NONSYMBOLIC + ITALIC } else { NONSYMBOLIC });
    }
}

/// Takes the font objects out of a document and gives them numbers of their own.
fn take_fonts(made: &lopdf::Document) -> EmbeddedFonts {
    let mut numbering = Numbering { made, numbers: BTreeMap::new(), found: Vec::new() };
    let fonts = Face::ALL.map(|face| {
        let name = fonts().subset(face).name;
        let is_font = |object: &Object| {
            object.as_dict().is_ok_and(|dictionary| {
                dictionary
                    .get(b"BaseFont")
                    .and_then(Object::as_name)
                    .is_ok_and(|found| found == name.as_bytes())
            })
        };
        let id = made.objects.iter().find(|(_, object)| is_font(object)).map(|(id, _)| *id);
        numbering.number(id.expect("every face is shown, so every face is embedded"))
    });
    let mut objects = Vec::new();
    let mut done = 0;
    while let Some(&id) = numbering.found.get(done) {
        done += 1;
        let at = numbering.number(id);
        let object = made.get_object(id).expect("printpdf refers only to what it writes");
        objects.push(match object {
            Object::Stream(stream) => {
                let mut entries = Vec::new();
                let kept = |key: &[u8]| key != b"Length" && key != b"Filter";
                numbering.entries(&mut entries, &stream.dict, kept);
                entries.extend_from_slice(b"/Filter/FlateDecode");
                let plain = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
                Embedded::Stream { at, entries, data: deflate_once(&plain) }
            }
            other => {
                let mut bytes = Vec::new();
                numbering.write(&mut bytes, other);
                Embedded::Plain { at, bytes }
            }
        });
    }
    EmbeddedFonts { objects, fonts }
}

/// Numbers objects in the order in which they are met.
struct Numbering<'a> {
    made: &'a lopdf::Document,
    numbers: BTreeMap<ObjectId, u32>,
    found: Vec<ObjectId>,
}

impl Numbering<'_> {
    fn number(&mut self, id: ObjectId) -> u32 {
        if let Some(&number) = self.numbers.get(&id) {
            return number;
        }
        let number = tags::FIRST_FONT + self.found.len() as u32;
        self.numbers.insert(id, number);
        self.found.push(id);
        number
    }

    fn entries(&mut self, out: &mut Vec<u8>, dictionary: &Dictionary, kept: impl Fn(&[u8]) -> bool) {
        for (key, value) in dictionary.iter().filter(|(key, _)| kept(key)) {
            out.push(b'/');
            out.extend_from_slice(key);
            out.push(b' ');
            self.write(out, value);
        }
    }

    fn write(&mut self, out: &mut Vec<u8>, object: &Object) {
        match object {
            Object::Null => out.extend_from_slice(b"null"),
            Object::Boolean(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Object::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Object::Real(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Object::Name(name) => {
                out.push(b'/');
                out.extend_from_slice(name);
            }
            Object::String(bytes, StringFormat::Literal | StringFormat::Hexadecimal) => {
                out.push(b'<');
                for byte in bytes {
                    out.extend_from_slice(format!("{byte:02x}").as_bytes());
                }
                out.push(b'>');
            }
            Object::Array(values) => {
                out.push(b'[');
                for value in values {
                    self.write(out, value);
                    out.push(b' ');
                }
                out.push(b']');
            }
            Object::Dictionary(dictionary) => {
                out.extend_from_slice(b"<<");
                self.entries(out, dictionary, |_| true);
                out.extend_from_slice(b">>");
            }
            Object::Stream(_) => unreachable!("a stream is an object of its own"),
            Object::Reference(id) => {
                debug_assert!(self.made.objects.contains_key(id));
                let at = self.number(*id);
                number(out, at as i32);
                out.extend_from_slice(b" 0 R");
            }
        }
    }
}
