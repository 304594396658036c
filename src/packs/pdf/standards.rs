//! Checks of whole files against rules of PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2).

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document as Read, Object, ObjectId};

use super::{
    checks::{Kid, catalogue, dictionary, elements, file, kids, name},
    draw,
};
use crate::packs::document::{
    Align, Block, Column, Document, Figure, Heading, Orientation, Run, RunStyle, Status, Table, Text,
};

fn words(entries: &Dictionary, key: &[u8]) -> String {
    let bytes = entries.get(key).and_then(Object::as_str).unwrap();
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The codes that each page font shows anywhere in the file.
fn shown(file: &Read) -> BTreeMap<String, BTreeSet<u16>> {
    let mut shown: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for page in file.get_pages().into_values() {
        let content = lopdf::content::Content::decode(&file.get_page_content(page)).unwrap();
        let mut font = String::new();
        for operation in &content.operations {
            match operation.operator.as_str() {
                "Tf" => font = String::from_utf8(operation.operands[0].as_name().unwrap().to_vec()).unwrap(),
                "Tj" => shown.entry(font.clone()).or_default().extend(
                    operation.operands[0]
                        .as_str()
                        .unwrap()
                        .chunks(2)
                        .map(|pair| u16::from_be_bytes([pair[0], pair[1]])),
                ),
                _ => {}
            }
        }
    }
    shown
}

/// A glyph's advance in thousandths, read from a TrueType program's own tables.
fn advance(program: &[u8], glyph: u16) -> i64 {
    let short = |at: usize| i64::from(u16::from_be_bytes([program[at], program[at + 1]]));
    let table = |tag: &[u8; 4]| {
        let at =
            (0..short(4) as usize).map(|at| 12 + at * 16).find(|&at| &program[at..at + 4] == tag).unwrap();
        (short(at + 8) << 16 | short(at + 10)) as usize
    };
    let metrics = short(table(b"hhea") + 34) - 1;
    let units = short(table(b"hmtx") + 4 * i64::from(glyph).min(metrics) as usize);
    (units * 1000 + short(table(b"head") + 18) / 2) / short(table(b"head") + 18)
}

/// PDF/A-2 6.2.11, PDF/UA-1 7.21: embedded, widths as in the program, every code with a character.
#[test]
fn fonts_are_embedded_with_their_own_widths_and_every_code_shown_has_a_character() {
    let file = file();
    let page = file.get_dictionary(*file.get_pages().values().next().unwrap()).unwrap();
    let fonts = dictionary(&file, page.get(b"Resources").unwrap()).get(b"Font").unwrap();
    let fonts = dictionary(&file, fonts);
    for (key, codes) in shown(&file) {
        let font = dictionary(&file, fonts.get(key.as_bytes()).unwrap());
        assert_eq!((name(font, b"Subtype"), name(font, b"Encoding")), ("Type0", "Identity-H"));
        let below = dictionary(&file, &font.get(b"DescendantFonts").and_then(Object::as_array).unwrap()[0]);
        assert_eq!((name(below, b"Subtype"), name(below, b"CIDToGIDMap")), ("CIDFontType2", "Identity"));
        let descriptor = dictionary(&file, below.get(b"FontDescriptor").unwrap());
        assert_eq!(name(descriptor, b"FontName"), name(font, b"BaseFont"));
        assert_eq!(name(below, b"BaseFont"), name(font, b"BaseFont"));
        assert!(!descriptor.has(b"CIDSet"), "a set of glyphs need not be given, and so cannot be wrong");
        let program = descriptor.get(b"FontFile2").and_then(Object::as_reference).unwrap();
        let program = file.get_object(program).unwrap().as_stream().unwrap().decompressed_content().unwrap();
        let map = font.get(b"ToUnicode").and_then(Object::as_reference).unwrap();
        let map = file.get_object(map).unwrap().as_stream().unwrap();
        let map = map.decompressed_content().unwrap_or_else(|_| map.content.clone());
        let map = String::from_utf8(map).unwrap();
        let widths = below.get(b"W").and_then(Object::as_array).unwrap();
        let first = widths[0].as_i64().unwrap();
        let widths = widths[1].as_array().unwrap();
        for code in codes {
            assert_ne!(code, 0, "the glyph of a missing character is not shown");
            let given = widths[(i64::from(code) - first) as usize].as_i64().unwrap();
            assert!((given - advance(&program, code)).abs() <= 1, "code {code} of {key}");
            let line = map.lines().find_map(|line| line.strip_prefix(&format!("<{code:04X}> <"))).unwrap();
            assert!(!matches!(&line[..4], "0000" | "FEFF" | "FFFE"), "code {code} of {key}");
        }
    }
}

/// PDF/A-2 6.1.3, 6.2.3, 6.6.2: identifier, output intent, and properties that agree with the metadata.
#[test]
fn the_properties_are_those_of_the_metadata_and_colours_have_a_profile() {
    let file = file();
    assert_eq!(file.trailer.get(b"ID").and_then(Object::as_array).unwrap().len(), 2);
    let metadata = catalogue(&file).get(b"Metadata").and_then(Object::as_reference).unwrap();
    let metadata = file.get_object(metadata).and_then(Object::as_stream).unwrap();
    assert!(!metadata.dict.has(b"Filter"), "the packet can be read without a decoder");
    let packet = std::str::from_utf8(&metadata.content).unwrap();
    assert!(!packet.lines().next().unwrap().contains("encoding="));
    let packet = roxmltree::Document::parse(packet.trim_start_matches('\u{feff}')).unwrap();
    let said = |element: &str| -> String {
        let found = packet.descendants().find(|node| node.tag_name().name() == element).unwrap();
        found
            .descendants()
            .filter(|node| node.is_text())
            .filter_map(|node| node.text())
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let properties = dictionary(&file, file.trailer.get(b"Info").unwrap());
    for (key, element) in [
        ("Title", "title"),
        ("Author", "creator"),
        ("Subject", "description"),
        ("Creator", "CreatorTool"),
        ("Producer", "Producer"),
    ] {
        assert_eq!(words(properties, key.as_bytes()), said(element));
    }
    assert!(said("namespaceURI").ends_with("pdfua/ns/id/"), "the packet describes what PDF/A does not know");
    let intents = catalogue(&file).get(b"OutputIntents").and_then(Object::as_array).unwrap();
    let intent = dictionary(&file, &intents[0]);
    assert_eq!(name(intent, b"S"), "GTS_PDFA1");
    let profile = intent.get(b"DestOutputProfile").and_then(Object::as_reference).unwrap();
    let profile = file.get_object(profile).unwrap().as_stream().unwrap();
    assert_eq!(profile.dict.get(b"N").and_then(Object::as_i64).unwrap(), 3);
    let profile = profile.decompressed_content().unwrap();
    assert_eq!((&profile[12..20], &profile[36..40]), (b"mntrRGB ".as_slice(), b"acsp".as_slice()));
}

/// PDF/A-2 6.1 to 6.5: nothing that acts, hides, is laid over or lies outside the file.
#[test]
fn nothing_in_the_file_acts_or_shines_through() {
    fn keys(object: &Object, found: &mut BTreeSet<String>) {
        match object {
            Object::Dictionary(entries) => entries.iter().for_each(|(key, value)| {
                found.insert(String::from_utf8_lossy(key).into_owned());
                keys(value, found);
            }),
            Object::Array(values) => values.iter().for_each(|value| keys(value, found)),
            Object::Stream(stream) => {
                let entries = Object::Dictionary(stream.dict.clone());
                keys(&entries, found);
                assert!(!stream.dict.has(b"F"), "a stream's bytes are in the file");
            }
            _ => {}
        }
    }
    let file = file();
    let mut found = BTreeSet::new();
    let plain =
        |object: &&Object| object.as_dict().map_or(true, |entries| !entries.has(b"A") || !entries.has(b"S"));
    file.objects.values().filter(plain).for_each(|object| keys(object, &mut found));
    for key in [
        "AA",
        "OpenAction",
        "JavaScript",
        "AcroForm",
        "EmbeddedFiles",
        "OCProperties",
        "ExtGState",
        "SMask",
        "Group",
        "XObject",
        "Encrypt",
        "A",
    ] {
        assert!(!found.contains(key), "{key} has no place here");
    }
    let links = file.objects.values().filter_map(|object| object.as_dict().ok());
    let links: Vec<_> = links.filter(|entries| name(entries, b"Type") == "Annot").collect();
    assert!(!links.is_empty());
    for link in links {
        assert_eq!(name(link, b"Subtype"), "Link");
        assert_eq!(link.get(b"F").and_then(Object::as_i64).unwrap(), 4, "it is printed and not hidden");
        assert!(link.has(b"StructParent") && !link.get(b"Contents").unwrap().as_str().unwrap().is_empty());
    }
}

/// PDF/UA-1 7.2 and 7.5, ISO 32000-1 14.8.4: which elements stand in which.
fn check_structure(file: &Read) {
    let all = elements(file);
    let names: BTreeMap<ObjectId, &str> =
        all.iter().map(|(id, element)| (*id, name(element, b"S"))).collect();
    assert_eq!(names[&all[0].0], "Document");
    for (id, element) in &all {
        let all = kids(file, element);
        let below: Vec<&str> = all
            .iter()
            .filter_map(|kid| match kid {
                Kid::Element(id) => Some(names[id]),
                Kid::Marked(..) | Kid::Link(_) => None,
            })
            .collect();
        let only = |allowed: &[&str]| below.iter().all(|name| allowed.contains(name));
        let count = |wanted: &str| below.iter().filter(|&&name| name == wanted).count();
        match names[id] {
            "Table" => {
                assert!(only(&["Caption", "THead", "TBody", "TR"]));
                assert!(below.iter().skip(1).all(|&name| name != "Caption"), "a caption comes first");
                assert!(count("THead") <= 1 && count("THead") <= count("TBody"), "a head has a body");
                assert!(count("TR") == 0 || count("TBody") == 0);
            }
            "THead" | "TBody" => assert!(only(&["TR"]) && !below.is_empty()),
            "TR" => assert!(only(&["TH", "TD"]) && !below.is_empty()),
            "L" => assert!(only(&["LI"])),
            "LI" => assert!(only(&["Lbl", "LBody"])),
            "TOC" => assert!(only(&["TOCI"])),
            "TOCI" => assert!(only(&["Reference"])),
            "Link" => {
                let links = all.iter().filter(|kid| matches!(kid, Kid::Link(_))).count();
                let shown = all.iter().filter(|kid| matches!(kid, Kid::Marked(..))).count();
                assert!(links >= 1 && shown >= 1, "a link has words and a place to press");
            }
            "Figure" => assert!(!words(element, b"Alt").trim().is_empty()),
            "P" | "H1" | "H2" | "H3" | "Caption" | "LBody" | "Lbl" | "Span" | "Reference" | "TD" | "TH" => {
                assert!(only(&["Span", "Link", "P"]));
            }
            "Document" | "Div" => {}
            other => panic!("{other} is not a standard role"),
        }
    }
}

#[test]
fn elements_stand_only_where_the_standard_lets_them() {
    check_structure(&file());
}

fn run(text: &str, style: RunStyle) -> Run {
    Run { text: text.to_owned(), style }
}

/// What a template of one's own may give: tables without rows, links to nothing, figures without words.
fn odd() -> Document {
    let column = |heading: &str, group: Option<&str>| Column {
        heading: heading.to_owned(),
        group: group.map(str::to_owned),
        align: Align::End,
        names_row: false,
        share: None,
    };
    let table = |id: &str, caption: Vec<Run>, group| {
        Block::Table(Table {
            id: id.to_owned(),
            caption: Text(caption),
            columns: vec![column("One", None), column("Two", group)],
            rows: Vec::new(),
            dense: true,
        })
    };
    let caption = vec![
        run("Where ", RunStyle::Plain),
        run("care", RunStyle::Status(Status::Bad)),
        run(" is off plan, as ", RunStyle::Plain),
        run("the first table", RunStyle::Reference("plain".to_owned())),
        run(" says, and ", RunStyle::Plain),
        run("another", RunStyle::Reference("nowhere".to_owned())),
    ];
    Document {
        title: "Odd".to_owned(),
        blocks: vec![
            Block::Heading(Heading { level: 1, id: "top".to_owned(), text: Text::plain("Odd") }),
            Block::Contents { title: "Contents".to_owned() },
            Block::PageBreak(Orientation::Landscape),
            Block::Heading(Heading { level: 2, id: "next".to_owned(), text: Text::plain("Next") }),
            table("plain", Vec::new(), None),
            table("said", caption, Some("Both")),
            Block::Figure(Figure {
                id: "figure".to_owned(),
                headline: String::new(),
                subtitle: String::new(),
                alternative: String::new(),
                drawing: Default::default(),
            }),
        ],
        ..Document::default()
    }
}

#[test]
fn a_link_to_what_is_not_in_the_pack_is_plain_text_and_a_caption_keeps_its_links() {
    let file = Read::load_mem(&draw(&odd()).bytes).unwrap();
    check_structure(&file);
    let links = file.objects.values().filter_map(|object| object.as_dict().ok());
    let links = links.filter(|entries| name(entries, b"Subtype") == "Link");
    let mut said: Vec<String> = links.map(|link| words(link, b"Contents")).collect();
    said.sort();
    assert_eq!(said, ["Next", "the first table"]);
    let all = elements(&file);
    let names: BTreeMap<ObjectId, &str> =
        all.iter().map(|(id, element)| (*id, name(element, b"S"))).collect();
    let in_caption = all.iter().filter(|(_, element)| {
        element.get(b"P").and_then(Object::as_reference).is_ok_and(|id| names.get(&id) == Some(&"Caption"))
    });
    let in_caption: Vec<&str> = in_caption.map(|(id, _)| names[id]).collect();
    assert_eq!(in_caption, ["Span", "Span", "Span", "Link", "Span", "Span"]);
}
