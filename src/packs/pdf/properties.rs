//! A document's properties: text strings, the metadata of PDF/UA-1 and PDF/A-2a, and the colour
//! space that its colours are in.

use super::super::document::Document;

/// Writes a text string: a byte a character where PDFDocEncoding has it, otherwise UTF-16.
pub fn text_string(out: &mut Vec<u8>, text: &str) {
    if text.chars().all(|character| document_encoding(character).is_some()) {
        out.push(b'(');
        for byte in text.chars().filter_map(document_encoding) {
            if matches!(byte, b'(' | b')' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b')');
        return;
    }
    out.extend_from_slice(b"<feff");
    for unit in text.encode_utf16() {
        out.extend_from_slice(format!("{unit:04x}").as_bytes());
    }
    out.push(b'>');
}

/// A character's byte in PDFDocEncoding. Source: ISO 32000-1, annex D.3.
fn document_encoding(character: char) -> Option<u8> {
    match character {
        ' '..='~' => Some(character as u8),
        '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => Some(character as u8),
        '•' => Some(0x80),
        '…' => Some(0x83),
        '—' => Some(0x84),
        '–' => Some(0x85),
        '−' => Some(0x8a),
        '“' => Some(0x8d),
        '”' => Some(0x8e),
        '‘' => Some(0x8f),
        '’' => Some(0x90),
        '€' => Some(0xa0),
        _ => None,
    }
}

/// The metadata packet. It holds no date: the same document gives the same bytes on any day.
pub fn metadata(document: &Document) -> String {
    let [title, author, subject] =
        [&document.title, &document.author, &document.subject].map(|text| escaped(text));
    format!(
        r#"<?xpacket begin="{mark}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>en-GB</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Outturn</xmp:CreatorTool>
<pdf:Producer>Outturn</pdf:Producer>
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
{EXTENSION}</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#,
        mark = '\u{feff}',
    )
}

/// PDF/A-2 knows no PDF/UA property of its own, so the packet must describe it. Source: ISO
/// 19005-2, 6.6.2.3.
const EXTENSION: &str = r#"<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"#;

/// A text as XML has it; a control character, which XML cannot hold, is a space.
fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A colour profile of sRGB, made of its published primaries and curve.
///
/// Source: IEC 61966-2-1 for the curve and the primaries, adapted to D50; ICC.1:2004-10 for the
/// layout.
pub fn profile() -> Vec<u8> {
    /// D50, red, green and blue in XYZ, each in 65,536ths.
    const WHITE: [i32; 3] = [63_190, 65_536, 54_061];
    const RED: [i32; 3] = [28_578, 14_581, 912];
    const GREEN: [i32; 3] = [25_241, 46_981, 6_362];
    const BLUE: [i32; 3] = [9_376, 3_976, 46_809];
    /// Gamma 2.4 and its four constants, in 65,536ths.
    const CURVE: [i32; 5] = [157_286, 62_119, 3_417, 5_072, 2_651];
    /// The adaptation from D65 to D50.
    const ADAPTATION: [i32; 9] = [68_674, 1_502, -3_290, 1_939, 64_913, -1_118, -605, 988, 49_262];

    let numbers = |kind: &[u8; 4], lead: &[u8], values: &[i32]| {
        let mut tag = kind.to_vec();
        tag.extend_from_slice(&[0; 4]);
        tag.extend_from_slice(lead);
        for value in values {
            tag.extend_from_slice(&value.to_be_bytes());
        }
        tag
    };
    let words = |text: &str| {
        let mut tag = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenGB".to_vec();
        tag.extend_from_slice(&(text.len() as u32 * 2).to_be_bytes());
        tag.extend_from_slice(&28u32.to_be_bytes());
        tag.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        tag
    };
    let curve = numbers(b"para", &[0, 3, 0, 0], &CURVE);
    let tags: [(&[u8; 4], Vec<u8>); 10] = [
        (b"desc", words("sRGB")),
        (b"cprt", words("No copyright, use freely")),
        (b"wtpt", numbers(b"XYZ ", &[], &WHITE)),
        (b"chad", numbers(b"sf32", &[], &ADAPTATION)),
        (b"rXYZ", numbers(b"XYZ ", &[], &RED)),
        (b"gXYZ", numbers(b"XYZ ", &[], &GREEN)),
        (b"bXYZ", numbers(b"XYZ ", &[], &BLUE)),
        (b"rTRC", curve.clone()),
        (b"gTRC", curve.clone()),
        (b"bTRC", curve),
    ];
    let start = 128 + 4 + tags.len() * 12;
    let (mut table, mut data) = ((tags.len() as u32).to_be_bytes().to_vec(), Vec::new());
    for (name, tag) in &tags {
        table.extend_from_slice(*name);
        table.extend_from_slice(&((start + data.len()) as u32).to_be_bytes());
        table.extend_from_slice(&(tag.len() as u32).to_be_bytes());
        data.extend_from_slice(tag);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut header = vec![0; 128];
    header[0..4].copy_from_slice(&((start + data.len()) as u32).to_be_bytes());
    header[8..12].copy_from_slice(&[4, 0x20, 0, 0]);
    header[12..24].copy_from_slice(b"mntrRGB XYZ ");
    // The profile's own date is fixed: 1 January 2015.
    header[24..30].copy_from_slice(&[0x07, 0xdf, 0, 1, 0, 1]);
    header[36..40].copy_from_slice(b"acsp");
    for (at, value) in WHITE.iter().enumerate() {
        header[68 + at * 4..72 + at * 4].copy_from_slice(&value.to_be_bytes());
    }
    [header, table, data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        text_string(&mut out, text);
        out
    }

    #[test]
    fn text_strings_take_a_byte_a_character_where_they_can() {
        assert_eq!(written("£5 (net)"), b"(\xa35 \\(net\\))");
        assert_eq!(written("≥1"), b"<feff22650031>");
    }

    #[test]
    fn metadata_is_well_formed_and_says_both_standards() {
        let document = Document { title: "Health & <care>\u{1}".to_owned(), ..Document::default() };
        let packet = metadata(&document);
        let tree = roxmltree::Document::parse(packet.trim_start_matches('\u{feff}')).unwrap();
        let text = |name: &str| {
            tree.descendants().find(|node| node.tag_name().name() == name).and_then(|node| node.text())
        };
        assert_eq!(text("conformance"), Some("A"));
        assert!(packet.contains("<pdfuaid:part>1</pdfuaid:part>"));
        assert!(packet.contains("Health &amp; &lt;care&gt;"));
    }

    #[test]
    fn the_colour_profile_says_its_own_length() {
        let profile = profile();
        assert_eq!(
            profile.len() as u32,
            u32::from_be_bytes([profile[0], profile[1], profile[2], profile[3]])
        );
    }
}
