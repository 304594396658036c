//! Plans and returns as spreadsheets save them: the same figures whatever the file is like.

use crate::{
    bench::{Bench, on_each_database},
    example::{self, AREA, AS_AT},
};
use outturn::demo;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::Value as Json;
use std::{fs, io::Write};

/// The example's figures from CSV files in UTF-8.
fn expected() -> Json {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &["--formats", "json"]).done();
    bench.positions(AREA)
}

/// Writes a table as a person would type it: amounts and months as numbers and dates.
fn write_sheet(sheet: &mut Worksheet, table: &[u8]) {
    let month = Format::new().set_num_format("mmm-yy");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let headings = &rows[0];
    for (row, record) in rows.iter().enumerate() {
        for (column, cell) in record.iter().enumerate() {
            let (row, column) = (row as u32, column as u16);
            let is_text = row == 0
                || headings[usize::from(column)].ends_with("_code")
                || headings[usize::from(column)].ends_with("_id")
                || headings[usize::from(column)].ends_with("_name")
                || ["fy", "text", "item"].contains(&&headings[usize::from(column)]);
            match (cell.split_once('-'), cell.parse::<f64>()) {
                _ if is_text => sheet.write_string(row, column, cell),
                (Some((year, number)), _)
                    if year.len() == 4
                        && number.len() == 2
                        && headings[usize::from(column)].contains("period") =>
                {
                    match (number.parse(), &headings[usize::from(column)]) {
                        // A financial year has the shape of a month, but no month is 16.
                        (Ok(number @ 1..=12), _) => {
                            let first = ExcelDateTime::from_ymd(year.parse().unwrap(), number, 1).unwrap();
                            sheet.write_datetime_with_format(row, column, &first, &month)
                        }
                        _ => sheet.write_string(row, column, cell),
                    }
                }
                (_, Ok(number)) => sheet.write_number(row, column, number),
                _ => sheet.write_string(row, column, cell),
            }
            .unwrap();
        }
    }
}

fn workbook_of(name: &str, table: &[u8]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    // A sheet before the return's, as a partner may have, with guidance.
    workbook
        .add_worksheet()
        .set_name("Guidance")
        .unwrap()
        .write_string(0, 0, "Please fill in the next sheet.")
        .unwrap();
    write_sheet(workbook.add_worksheet().set_name(name).unwrap(), table);
    workbook.save_to_buffer().unwrap()
}

#[test]
fn workbooks_give_the_same_figures_as_csv_files() {
    let expected = expected();
    on_each_database(|bench| {
        let mut plan = Workbook::new();
        for (name, bytes) in demo::plan_files() {
            write_sheet(plan.add_worksheet().set_name(name.trim_end_matches(".csv")).unwrap(), bytes);
        }
        bench.write("plan.xlsx", plan.save_to_buffer().unwrap());
        for (area, name, bytes) in demo::return_files() {
            let name = name.trim_end_matches(".csv");
            bench.write(&format!("returns/{area}/{name}.xlsx"), workbook_of(name, bytes));
        }
        bench
            .outturn(&[
                "run",
                "--plan",
                "plan.xlsx",
                "--returns",
                "returns",
                "--as-at",
                AS_AT,
                "--out",
                "out",
                "--formats",
                "json",
            ])
            .done();
        assert_eq!(bench.positions(AREA), expected);
    });
}

#[test]
fn encodings_line_ends_and_the_order_of_columns_change_no_figure() {
    let expected = expected();
    on_each_database(|bench| {
        example::write(bench);
        for name in ["finance.csv", "measures.csv", "capitation.csv"] {
            let path = format!("returns/{AREA}/{name}");
            let text = bench.text(&path);
            bench.write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n")));
        }
        // A pound sign and a dash in Windows-1252, in a column that no return has, put first.
        let path = format!("returns/{AREA}/capitation.csv");
        let text = bench.text(&path).replace('\u{feff}', "");
        let turned: Vec<u8> = text
            .lines()
            .enumerate()
            .flat_map(|(row, line)| {
                let mut cells: Vec<&str> = line.trim_end().split(',').collect();
                cells.reverse();
                let note: &[u8] = if row == 0 { b"note" } else { b"\xa37 \x96 caf\xe9" };
                [note, b",", cells.join(",").as_bytes(), b"\r\n"].concat()
            })
            .collect();
        bench.write(&path, turned);
        bench.run(AS_AT, &["--formats", "json"]).done();
        assert_eq!(bench.positions(AREA), expected);
    });
}

#[test]
fn a_hostile_workbook_refuses_its_area_with_a_sentence_and_the_others_go_on() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(3));
        let finance = bench.text("returns/E10000001/finance.csv");
        for (what, bytes, said) in [
            (
                "a document type in a sheet",
                with_part("xl/worksheets/sheet9.xml", b"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>"),
                "The selected file is damaged.",
            ),
            ("macros", with_part("xl/vbaProject.bin", b"x"), "The selected file holds macros."),
            (
                "a zip bomb",
                with_part("xl/media/image1.png", &vec![b' '; 101 << 20]),
                "unpacks to more than a workbook may hold",
            ),
            ("no workbook", b"PK\x03\x04 and then nothing".to_vec(), "The selected file is damaged."),
            (
                "a table of commas in a workbook's name",
                finance.into_bytes(),
                "Its name ends in .xlsx but it is not a workbook",
            ),
        ] {
            bench.write("returns/E10000001/hostile.xlsx", bytes);
            let ran = bench
                .run(AS_AT, &["--formats", "json"])
                .ended(1, &["E10000001: nothing was taken in or published.", "hostile.xlsx: ", said]);
            assert_eq!(ran.out.lines().count(), 2, "{what}: {ran:#?}");
            assert!(!ran.errors.contains("panicked"), "{what}: {ran:#?}");
        }
        assert_eq!(bench.held(), (1, 6, 2));
        fs::remove_file(bench.path("returns/E10000001/hostile.xlsx")).unwrap();
        bench.run(AS_AT, &["--formats", "json"]).done();
        assert_eq!(bench.held(), (1, 9, 3));
    });
}

/// An honest workbook with one part more.
fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
    let honest = workbook_of("finance", demo::return_files()[1].2);
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(honest)).unwrap();
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file(name, options).unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}
