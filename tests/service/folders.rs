//! Folders that lie within each other, and rows that lie in the wrong one.

use crate::{
    bench::{Bench, files, on_each_database},
    example::{self, AREA, AS_AT, area_codes},
};

#[test]
fn packs_put_among_the_returns_are_not_taken_for_returns() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    let words = ["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "returns/out"];
    bench.outturn(&words).done();
    let again = bench.outturn(&words).done();
    assert!(again.out.contains("published version 1, unchanged"), "{again:#?}");
    assert_eq!(bench.held(), (1, 3, 1));
}

#[test]
fn returns_that_lie_where_a_pack_would_be_put_are_not_lost() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    let before = files(&bench.path("returns"));
    bench
        .outturn(&["run", "--plan", "plan", "--returns", "returns", "--as-at", AS_AT, "--out", "returns"])
        .ended(1, &["returns/E10000002 is no published pack, and would be lost"]);
    assert_eq!(files(&bench.path("returns")), before);
    assert_eq!(bench.held(), (0, 0, 0));
}

#[test]
fn a_row_in_another_areas_file_does_not_make_that_file_this_areas() {
    on_each_database(|bench| {
        let codes = area_codes(2);
        example::write_for(bench, &codes);
        // One row of the second area's finance return names the first area.
        let path = format!("returns/{}/finance.csv", codes[1]);
        let table = bench.text(&path);
        bench.write(&path, table.replacen(&codes[1], &codes[0], 1));
        bench.run(AS_AT, &["--area", &codes[0]]).done();
        assert_eq!(bench.held(), (1, 3, 1));
    });
}

#[test]
fn an_earlier_months_figures_are_the_same_whenever_they_are_worked_out() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        // The actuals of October and November were not there at the end of September.
        bench.run("2015-09", &["--intake", "tolerant"]).done();
        let later = bench.positions(AREA)["budget"].clone();
        let early = Bench::on_sqlite();
        example::write(&early);
        let path = "returns/E10000002/finance.csv";
        let rows = early.text(path).lines().map(without_later_actual).collect::<Vec<_>>().join("\n");
        early.write(path, rows);
        early.run("2015-09", &[]).done();
        assert_eq!(later, early.positions(AREA)["budget"]);
    });
}

/// The row as it was sent at the end of September 2015: without actuals of later months.
fn without_later_actual(row: &str) -> String {
    let mut cells: Vec<&str> = row.split(',').collect();
    if cells[2].starts_with("20") && cells[2] > "2015-09" {
        cells[6] = "";
    }
    cells.join(",")
}

#[test]
fn verify_tells_a_file_that_was_put_into_a_pack() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &[]).done();
    bench.write("out/E10000002/data/invented.csv", "pool,budget\n");
    bench
        .outturn(&["verify", "out/E10000002", "--files-only"])
        .ended(1, &["data/invented.csv was not published: the manifest does not name it"]);
}
