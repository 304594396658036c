//! Workbooks through the real program: honest ones come back as written, hostile ones are refused with
//! a sentence, quickly, and the reading process alone may die of them.

use outturn::returns::read::{self, Format, ReadError, SentFile};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};
use std::{
    io::{Cursor, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn open(bytes: &[u8]) -> Result<SentFile<'_>, ReadError> {
    read::set_workbook_reader(Path::new(env!("CARGO_BIN_EXE_outturn")));
    read::open("return.xlsx", bytes)
}

fn rows(file: &SentFile<'_>, table: usize) -> Vec<(u32, Vec<String>)> {
    let mut rows = Vec::new();
    file.tables[table].for_each_row(|row, record| {
        let fields = record.iter().map(|field| std::str::from_utf8(field).unwrap().to_owned());
        rows.push((row, fields.collect()));
    });
    rows
}

/// Refused within two seconds.
fn refused(bytes: &[u8]) -> ReadError {
    let start = Instant::now();
    let error = open(bytes).err().expect("it is refused");
    assert!(start.elapsed() < Duration::from_secs(2), "{error}: took {:?}", start.elapsed());
    error
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

/// A sheet with these rows' XML, after what stands before `sheetData`.
fn sheet(before: &str, rows: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{before}<sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// A workbook of one sheet, written part by part, with further parts.
fn workbook(sheet: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let fixed = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONSHIPS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONSHIPS),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let fixed = fixed.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, content) in fixed.chain(parts.iter().copied()) {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const TWO_CELLS: &str = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>"#;

#[test]
fn a_workbook_comes_back_as_it_was_written() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("finance").unwrap();
    let month = CellFormat::new().set_num_format("mmm-yy");
    let day = CellFormat::new().set_num_format("dd/mm/yyyy");
    for (column, heading) in
        ["area_code", "period", "budget", "actual", "forecast", "note", "on"].iter().enumerate()
    {
        sheet.write_string(2, column as u16, *heading).unwrap();
    }
    let april = ExcelDateTime::from_ymd(2025, 4, 1).unwrap();
    let last_of_april = ExcelDateTime::from_ymd(2025, 4, 30).unwrap();
    sheet.write_string(3, 0, " E06000060 ").unwrap();
    sheet.write_datetime_with_format(3, 1, &april, &day).unwrap();
    sheet.write_number(3, 2, 12_340.5).unwrap();
    sheet.write_number(3, 3, 7).unwrap();
    sheet.write_formula(3, 4, Formula::new("=0.1+0.2").set_result("0.30000000000000004")).unwrap();
    sheet.write_string(3, 5, "a,\"b\"\nŵ £").unwrap();
    sheet.write_datetime_with_format(3, 6, &april, &day).unwrap();
    sheet.write_string(5, 0, "E06000060").unwrap();
    sheet.write_datetime_with_format(5, 1, &last_of_april, &month).unwrap();
    sheet.write_number(5, 2, 0.125).unwrap();
    sheet.write_boolean(5, 3, true).unwrap();
    sheet.write_formula(5, 4, Formula::new("=NA()").set_result("#N/A")).unwrap();
    workbook.add_worksheet().set_name("empty").unwrap();
    let other = workbook.add_worksheet().set_name("other").unwrap();
    other.write_string(0, 0, "x").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();

    let file = open(&bytes).unwrap();
    assert_eq!(file.format, Format::Xlsx);
    let names: Vec<_> = file.tables.iter().map(|table| table.sheet.as_deref().unwrap()).collect();
    assert_eq!(names, ["finance", "other"], "the empty sheet is no table");
    assert_eq!(file.tables[0].heading, ["area_code", "period", "budget", "actual", "forecast", "note", "on"]);
    let first = [" E06000060 ", "2025-04", "12340.50", "7.00", "0.30", "a,\"b\"\nŵ £", "2025-04-01"];
    let second = ["E06000060", "2025-04", "0.125", "TRUE", "#N/A", "", ""];
    let expected = [(4, first), (6, second)].map(|(row, fields)| (row, fields.map(str::to_owned).to_vec()));
    assert_eq!(rows(&file, 0), expected);
    assert_eq!(file.tables[1].row_count(), 0);
}

#[test]
fn a_workbook_written_by_hand_is_read() {
    let bytes = workbook(&sheet(r#"<dimension ref="A1:A2"/>"#, TWO_CELLS), &[]);
    let file = open(&bytes).unwrap();
    assert_eq!(file.tables[0].heading, ["1"]);
    assert_eq!(rows(&file, 0), [(2, vec!["2".to_owned()])]);
}

#[test]
fn a_sheet_without_cells_is_an_empty_file() {
    assert_eq!(refused(&workbook(&sheet("", ""), &[])), ReadError::Empty);
}

#[test]
fn a_cell_in_the_last_corner_is_refused() {
    let corner =
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let bytes = workbook(&sheet("", corner), &[]);
    assert!(bytes.len() < 2_000);
    assert_eq!(refused(&bytes), ReadError::TooManyRows { most: 100_000 });
    let stated = workbook(&sheet(r#"<dimension ref="A1:XFD1048576"/>"#, TWO_CELLS), &[]);
    assert_eq!(refused(&stated), ReadError::TooManyRows { most: 100_000 });
}

#[test]
fn rows_and_columns_may_go_as_far_as_the_limits_and_no_further() {
    let one = |cell: &str, row: u32| {
        let bytes = workbook(&sheet("", &format!(r#"<row r="{row}"><c r="{cell}"><v>1</v></c></row>"#)), &[]);
        open(&bytes).map(|_| ())
    };
    // Column 200 is GR.
    assert_eq!(one("GR100000", 100_000), Ok(()));
    assert_eq!(one("GS100000", 100_000), Err(ReadError::TooManyColumns { most: 200 }));
    assert_eq!(one("GR100001", 100_001), Err(ReadError::TooManyRows { most: 100_000 }));
}

#[test]
fn cells_that_do_not_say_where_they_are_count_all_the_same() {
    let rows = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(201));
    assert_eq!(refused(&workbook(&sheet("", &rows), &[])), ReadError::TooManyColumns { most: 200 });
}

#[test]
fn a_forged_count_of_strings_is_refused() {
    for attributes in [r#"uniqueCount="4000000000""#, r#"count="4000000000""#, r#"uniqueCount="1000000""#] {
        let strings = format!(
            r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {attributes}><si><t>a</t></si></sst>"#
        );
        let bytes = workbook(&sheet("", TWO_CELLS), &[("xl/sharedStrings.xml", strings.as_bytes())]);
        assert_eq!(refused(&bytes), ReadError::Damaged, "{attributes}");
    }
}

#[test]
fn a_zip_bomb_is_stopped_while_it_unpacks() {
    let zeros = vec![b' '; 60 << 20];
    let bytes = workbook(&sheet("", TWO_CELLS), &[("xl/theme/theme1.xml", &zeros)]);
    assert!(bytes.len() < 100_000);
    assert_eq!(refused(&bytes), ReadError::UnpacksTooLarge { megabytes: 100 });
}

#[test]
fn too_many_parts_are_refused() {
    let names: Vec<String> = (0..300).map(|number| format!("xl/media/image{number}.png")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"\x89PNG"[..])).collect();
    assert_eq!(refused(&workbook(&sheet("", TWO_CELLS), &parts)), ReadError::TooManyParts { most: 200 });
    // Five parts are there already.
    assert!(open(&workbook(&sheet("", TWO_CELLS), &parts[..195])).is_ok());
    assert!(open(&workbook(&sheet("", TWO_CELLS), &parts[..196])).is_err());
}

#[test]
fn what_is_no_part_of_a_plain_workbook_is_refused() {
    let nested = workbook(&sheet("", TWO_CELLS), &[]);
    let with = |name: &str, content: &[u8]| refused(&workbook(&sheet("", TWO_CELLS), &[(name, content)]));
    assert_eq!(with("xl/vbaProject.bin", b"x"), ReadError::Macros);
    assert_eq!(with("xl/externalLinks/externalLink1.xml", b"<a/>"), ReadError::ExternalLinks);
    for (name, content) in [
        ("xl/media/image1.png", nested.as_slice()),
        ("xl/embeddings/package1.xlsx", b"x"),
        ("xl/activeX/activeX1.bin", b"x"),
        ("run.exe", b"MZ"),
    ] {
        assert_eq!(with(name, content), ReadError::UnknownPart { part: name.to_owned() });
    }
    for name in ["../../etc/passwd", "/etc/passwd", "xl/media/../../../x.png", "xl\\media\\x.png", "C:/x.xml"]
    {
        assert_eq!(with(name, b"x"), ReadError::Damaged, "{name}");
    }
    assert_eq!(with("xl/WORKBOOK.xml", WORKBOOK.as_bytes()), ReadError::Damaged, "a name given twice");
}

#[test]
fn a_document_type_is_refused_in_any_part() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&b;</v></c></row></sheetData></worksheet>"#;
    assert_eq!(refused(&workbook(laughs, &[])), ReadError::Damaged);
    let external = br#"<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#;
    let bytes = workbook(&sheet("", TWO_CELLS), &[("docProps/app.xml", external)]);
    assert_eq!(refused(&bytes), ReadError::Damaged);
    // A sheet may lie under any name.
    let hidden = workbook(&sheet("", TWO_CELLS), &[("xl/media/image1.png", laughs.as_bytes())]);
    assert_eq!(refused(&hidden), ReadError::Damaged);
}

#[test]
fn a_workbook_cut_short_or_garbled_anywhere_stops_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..20 {
        sheet.write_string(row, 0, format!("text {row}")).unwrap();
        sheet.write_number(row, 1, f64::from(row)).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    for length in (4..bytes.len()).step_by(bytes.len() / 40) {
        refused(&bytes[..length]);
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 120) {
        let mut garbled = bytes.clone();
        garbled[at] ^= 0x55;
        // Some bytes matter to nobody; all that counts is that there is an answer.
        drop(open(&garbled));
    }
}

#[test]
fn rows_out_of_order_and_cells_given_twice_are_refused() {
    for rows in [
        r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#,
    ] {
        assert_eq!(refused(&workbook(&sheet("", rows), &[])), ReadError::Damaged);
    }
}

#[test]
fn a_formula_without_its_result_is_no_empty_cell() {
    let with = |cell: &str| {
        let rows = format!(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2">{cell}</row>"#);
        open(&workbook(&sheet("", &rows), &[])).map(|file| rows_of_first(&file))
    };
    assert_eq!(with(r#"<c r="A2"><f>1+1</f><v/></c>"#), Err(ReadError::FormulaWithoutResult { row: 2 }));
    assert_eq!(with(r#"<c r="A2"><f>1+1</f></c>"#), Err(ReadError::FormulaWithoutResult { row: 2 }));
    assert_eq!(with(r#"<c r="A2"><f>1+1</f><v>2</v></c>"#), Ok(1));
    assert_eq!(with(r#"<c r="A2" t="str"><f>IF(1,"","")</f><v></v></c>"#), Ok(0));
    assert_eq!(with(r#"<c r="A2" s="0"/>"#), Ok(0));
}

fn rows_of_first(file: &SentFile<'_>) -> u32 {
    file.tables[0].row_count()
}

#[test]
fn a_sheet_garbled_before_it_was_packed_stops_nothing() {
    let honest = sheet(r#"<dimension ref="A1:A2"/>"#, TWO_CELLS).into_bytes();
    for at in (0..honest.len()).step_by(3) {
        let mut garbled = honest.clone();
        garbled[at] = b"<>\"&9\0"[at % 6];
        let garbled = String::from_utf8(garbled).unwrap();
        // Some bytes matter to nobody; all that counts is that there is an answer.
        drop(open(&workbook(&garbled, &[])));
    }
}

#[test]
fn text_repeated_beyond_what_a_workbook_may_hold_is_refused() {
    // One text of 30,000 letters, pointed at from 5,000 cells: 150 MB from a small file.
    let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "long text ".repeat(3_000));
    let rows: String =
        (1..=5_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#)).collect();
    let bytes = workbook(&sheet("", &rows), &[("xl/sharedStrings.xml", strings.as_bytes())]);
    assert!(bytes.len() < 200_000);
    let start = Instant::now();
    assert_eq!(open(&bytes).err(), Some(ReadError::WorkbookTooDemanding));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn another_kind_of_archive_is_told_what_it_should_be() {
    let archive = |name: &str| {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(b"<x/>").unwrap();
        archive.finish().unwrap().into_inner()
    };
    assert_eq!(refused(&archive("word/document.xml")), ReadError::NotCsvOrXlsx);
    assert_eq!(refused(&archive("content.xml")), ReadError::OtherSpreadsheet);
    assert_eq!(refused(&archive("xl/workbook.bin")), ReadError::OtherSpreadsheet);
}

/// What the reading process answers when it is given a workbook that nothing has checked.
fn unchecked(bytes: &[u8]) -> Vec<u8> {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .arg("read-workbook")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let answer = child.wait_with_output().unwrap().stdout;
    assert!(start.elapsed() < Duration::from_secs(2));
    answer
}

#[test]
fn the_reading_process_is_limited_even_without_the_check_before_it() {
    // 4,000,000,000 strings would take 96 GB: it dies before its closing frame, which is a full stop.
    let strings = br#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4000000000"><si><t>a</t></si></sst>"#;
    let bytes = workbook(&sheet("", TWO_CELLS), &[("xl/sharedStrings.xml", strings)]);
    assert_ne!(unchecked(&bytes).last(), Some(&b'.'));
    // The last corner is refused, by its cells and not by what the sheet states of itself.
    let corner = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let answer = unchecked(&workbook(&sheet("", corner), &[]));
    assert_eq!(answer[answer.len() - 6], b'!');
    // The same process reads an honest workbook to its end.
    assert_eq!(unchecked(&workbook(&sheet("", TWO_CELLS), &[])).last(), Some(&b'.'));
}

/// Bytes that pack to about a thirtieth: noise among noughts.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|at| if at % 1_024 < 32 { next() | 1 } else { 0 }).collect()
}

#[test]
fn parts_may_be_as_large_as_the_limits_and_no_larger() {
    const LARGEST: usize = 50 << 20;
    let content = noise(LARGEST + 1);
    let with = |parts: &[(&str, &[u8])]| open(&workbook(&sheet("", TWO_CELLS), parts)).map(|_| ());
    let too_large = Err(ReadError::UnpacksTooLarge { megabytes: 100 });
    assert_eq!(with(&[("xl/media/a.png", &content[..LARGEST])]), Ok(()));
    assert_eq!(with(&[("xl/media/a.png", &content)]), too_large);
    // Two such parts leave no room for the workbook itself.
    assert_eq!(
        with(&[("xl/media/a.png", &content[..LARGEST]), ("xl/media/b.png", &content[..LARGEST])]),
        too_large
    );
}
