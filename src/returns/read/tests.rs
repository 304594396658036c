use super::*;
use proptest::prelude::*;

type RowsRead = Vec<(u32, Vec<String>)>;

fn rows(table: &SentTable<'_>) -> RowsRead {
    let mut rows = Vec::new();
    table.for_each_row(|row, record| {
        let fields = record.iter().map(|field| std::str::from_utf8(field).unwrap().to_owned());
        rows.push((row, fields.collect()));
    });
    rows
}

fn csv_rows(text: &[u8]) -> (Vec<String>, RowsRead) {
    let file = open("return.csv", text).unwrap();
    (file.tables[0].heading.clone(), rows(&file.tables[0]))
}

fn refused(name: &str, bytes: &[u8]) -> ReadError {
    open(name, bytes).err().expect("it is refused")
}

fn row(number: u32, fields: &[&str]) -> (u32, Vec<String>) {
    (number, fields.iter().map(|field| (*field).to_owned()).collect())
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let (heading, rows) = csv_rows(b"a,b\n1,2\n\n\"x\ny\",\"3\"\n5,6");
    assert_eq!(heading, ["a", "b"]);
    // Row 3 is blank; the line break within row 4 starts no row.
    assert_eq!(rows, [row(2, &["1", "2"]), row(4, &["x\ny", "3"]), row(5, &["5", "6"])]);
}

#[test]
fn every_kind_of_line_end_is_read() {
    for ends in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "\"x,\"\"y\"\"\",", "3,4", ""].join(ends);
        let (heading, rows) = csv_rows(text.as_bytes());
        assert_eq!(heading, ["a", "b"]);
        assert_eq!(rows, [row(2, &["1", "2"]), row(4, &["x,\"y\"", ""]), row(5, &["3", "4"])], "{ends:?}");
    }
    let (_, mixed) = csv_rows(b"a\r\n1\r2\n\r\n\"3\r4\"\r5");
    assert_eq!(mixed, [row(2, &["1"]), row(3, &["2"]), row(5, &["3\r4"]), row(6, &["5"])]);
}

#[test]
fn fields_are_taken_as_they_stand() {
    let (heading, rows) = csv_rows(b" a ,b\n 1 ,\t\nx\"y,\"\"\n");
    assert_eq!(heading, [" a ", "b"]);
    assert_eq!(rows, [row(2, &[" 1 ", "\t"]), row(3, &["x\"y", ""])]);
}

#[test]
fn a_short_row_is_filled_up_and_a_long_one_handed_on() {
    let (_, rows) = csv_rows(b"a,b,c\n1\n1,2,3,4,5\n,,\n");
    assert_eq!(rows, [row(2, &["1", "", ""]), row(3, &["1", "2", "3", "4", "5"]), row(4, &["", "", ""])]);
}

#[test]
fn blank_lines_above_the_heading_count_as_rows() {
    let (heading, rows) = csv_rows(b"\n\na,b\n1,2\n");
    assert_eq!((heading.len(), rows), (2, vec![row(4, &["1", "2"])]));
}

#[test]
fn utf_8_is_borrowed_with_or_without_its_mark() {
    let file = open("r.CSV", "\u{feff}név,b\n£1,ő\n".as_bytes()).unwrap();
    assert_eq!(file.format, Format::Csv { encoding: Encoding::Utf8WithMark });
    assert_eq!(file.tables[0].heading, ["név", "b"]);
    assert_eq!(rows(&file.tables[0]), [row(2, &["£1", "ő"])]);
    assert_eq!(open("r.csv", b"a\n1").unwrap().format, Format::Csv { encoding: Encoding::Utf8 });
}

#[test]
fn windows_1252_is_recognised_and_read() {
    let file = open("r.csv", b"a,b\n\xa31,\x80 \x93x\x94\n").unwrap();
    assert_eq!(file.format, Format::Csv { encoding: Encoding::Windows1252 });
    assert_eq!(rows(&file.tables[0]), [row(2, &["£1", "€ “x”"])]);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_row() {
    assert_eq!(refused("r.csv", b"a\n\xa3\n\x81\n"), ReadError::NotText { row: 3 });
    assert_eq!(refused("r.csv", b"a\n1\0\n"), ReadError::NotText { row: 2 });
    assert_eq!(refused("r.csv", b"\xef\xbb\xbfa\n\xa3\n"), ReadError::NotText { row: 2 });
    assert_eq!(refused("r.csv", b"\xff\xfea\0,\0b\0"), ReadError::Utf16);
}

#[test]
fn a_file_divided_by_anything_but_commas_is_told_so() {
    assert_eq!(refused("r.csv", b"a;b\n1;2\n"), ReadError::NotDividedByCommas);
    assert_eq!(refused("r.csv", b"a\tb\n1\t2\n"), ReadError::NotDividedByCommas);
    assert!(ReadError::NotDividedByCommas.to_string().contains("CSV (comma delimited)"));
    assert_eq!(csv_rows(b"a\n1\n").0, ["a"]);
}

#[test]
fn quotation_marks_out_of_order_are_refused_with_the_row_where_they_open() {
    assert_eq!(refused("r.csv", b"a,b\n\"x\ny\",2\n3,\"4\n5,6\n"), ReadError::UnclosedQuote { row: 3 });
    assert_eq!(refused("r.csv", b"a,b\n1,\"x\"y\n"), ReadError::MisplacedQuote { row: 2 });
    // Two stray marks would otherwise swallow the row between them.
    assert_eq!(refused("r.csv", b"a,b\n1,\"see\n2,3\n4,\"note\n"), ReadError::MisplacedQuote { row: 2 });
}

#[test]
fn an_empty_file_is_told_so() {
    for text in [&b""[..], b"\xef\xbb\xbf", b"\n\n", b"\r\n"] {
        assert_eq!(refused("r.csv", text).to_string(), "The selected file is empty");
    }
}

#[test]
fn a_row_may_be_as_long_as_the_limit_and_no_longer() {
    let text = |length: usize| format!("a\n1\n{}\n2\n", "x".repeat(length));
    assert_eq!(csv_rows(text(LONGEST_ROW).as_bytes()).1.len(), 3);
    let too_long = ReadError::RowTooLong { row: 3, kilobytes: 64 };
    assert_eq!(refused("r.csv", text(LONGEST_ROW + 1).as_bytes()), too_long);
    let broken_lines = format!("a\n1\n\"{}\"\n", "xy\n".repeat(LONGEST_ROW / 3 + 1));
    assert_eq!(refused("r.csv", broken_lines.as_bytes()), too_long);
}

#[test]
fn there_may_be_as_many_rows_as_the_limit_and_no_more() {
    let text = "1\n".repeat(MOST_CSV_ROWS);
    assert_eq!(open("r.csv", text.as_bytes()).unwrap().tables[0].row_count() as usize, MOST_CSV_ROWS - 1);
    let too_many = ReadError::TooManyRows { most: MOST_CSV_ROWS };
    assert_eq!(refused("r.csv", (text + "1").as_bytes()), too_many);
}

#[test]
fn there_may_be_as_many_columns_as_the_limit_and_no_more() {
    let heading = vec!["a"; MOST_COLUMNS].join(",");
    assert_eq!(csv_rows(heading.as_bytes()).0.len(), MOST_COLUMNS);
    let too_many = ReadError::TooManyColumns { most: MOST_COLUMNS };
    assert_eq!(refused("r.csv", (heading + ",a").as_bytes()), too_many);
}

#[test]
fn what_is_neither_csv_nor_xlsx_is_refused_by_name_and_by_content() {
    let plain = "The selected file must be a CSV or XLSX";
    for (name, bytes) in [
        ("r.pdf", &b"a,b"[..]),
        ("r", b"a,b"),
        ("r.csv", b"%PDF-1.7"),
        ("r.xlsx", b"\x89PNG\r\n"),
        ("r.csv", b"<html><table>"),
    ] {
        assert_eq!(refused(name, bytes).to_string(), plain, "{name}");
    }
    for name in ["r.xls", "r.xlsb", "r.ods", "r.XLSM"] {
        assert_eq!(refused(name, b"PK\x03\x04"), ReadError::OtherSpreadsheet);
    }
    assert_eq!(refused("r.csv", b"PK\x03\x04"), ReadError::WorkbookNamedCsv);
    assert_eq!(refused("r.xlsx", b"a,b\n"), ReadError::TextNamedXlsx);
}

#[test]
fn an_old_workbook_and_one_with_a_password_are_told_apart() {
    let mut compound = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    compound.resize(4_096, 0);
    assert_eq!(refused("r.xlsx", &compound), ReadError::OtherSpreadsheet);
    compound.extend(b"EncryptedPackage".iter().flat_map(|&letter| [letter, 0]));
    assert_eq!(refused("r.xlsx", &compound).to_string(), "The selected file is password protected");
}

proptest! {
    #[test]
    fn what_another_program_writes_is_read_as_it_was(
        rows_written in prop::collection::vec(prop::collection::vec("[a-c,\"\r\n £]{0,5}", 3), 1..8),
        ends in prop::sample::select(vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')]),
    ) {
        let mut writer = csv::WriterBuilder::new().terminator(ends).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        rows_written.iter().for_each(|fields| writer.write_record(fields).unwrap());
        let text = writer.into_inner().unwrap();
        let (heading, rows_read) = csv_rows(&text);
        prop_assert_eq!(heading, ["x", "y", "z"]);
        let numbered: RowsRead = (2..).zip(rows_written).collect();
        prop_assert_eq!(rows_read, numbered);
    }

    #[test]
    fn no_bytes_stop_the_reader(bytes in prop::collection::vec(prop::sample::select(b"a,\"\r\n\xa3\xc3\x81".to_vec()), 0..40)) {
        if let Ok(file) = open("r.csv", &bytes) {
            prop_assert!(file.tables[0].row_count() as usize <= bytes.len());
        }
    }
}
