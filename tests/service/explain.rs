//! Explanations: from a figure of a published pack down to the rows of the returns.

use crate::{
    bench::{Bench, on_each_database},
    example::{self, AREA, AS_AT},
};
use serde_json::Value as Json;

const OUTTURN: &str = "schemes.S01.outturn";

fn explain<'w>(words: &[&'w str]) -> Vec<&'w str> {
    [&["explain", "--area", AREA, "--as-at", AS_AT], words].concat()
}

#[test]
fn a_figure_is_explained_down_to_the_rows_that_were_sent() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &["--formats", "json"]).done();
        let said = bench.outturn(&explain(&[OUTTURN])).done().out;
        for line in [
            "Single point of referral: Outturn",
            "£311,701.90 + £147,050.00 = £458,751.90",
            "schemes.S01.actual_to_date  £311,701.90  Spend to date",
            "What it rests on: 24 rows",
            "finance.csv, submission 2, row 314: April 2015, Single point of referral, Buckinghamshire County Council: budget £16,666.66, actual £16,059.38, forecast £16,300.00",
            "finance.csv, submission 2: SHA-256 ",
        ] {
            assert!(said.contains(line), "{line}\n{said}");
        }
        let positions = bench.positions(AREA);
        let json: Json =
            serde_json::from_str(&bench.outturn(&explain(&[OUTTURN, "--json"])).done().out).unwrap();
        assert_eq!((&json["shown"], &json["value"]), (&Json::from("£458,751.90"), &Json::from("458751.90")));
        assert_eq!(json["sources"]["rows"].as_array().unwrap().len(), 24);
        assert_eq!(json["steps"][2]["inputs"][0]["figure"], "schemes.S01.actual_to_date");
        assert!(positions.to_string().contains("45875190"), "the same figure is in positions.json");
    });
}

#[test]
fn every_figure_that_is_listed_can_be_asked_for() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &["--formats", "json"]).done();
    let listed = bench.outturn(&explain(&["--list"])).done().out;
    assert!(listed.lines().count() > 3_000 && listed.lines().any(|id| id == OUTTURN));
    for id in listed.lines().step_by(311) {
        bench.outturn(&explain(&[id])).done();
    }
}

#[test]
fn a_figure_that_is_not_there_is_told_with_those_that_are() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &["--formats", "json"]).done();
    let near = "schemes.S01.outturn";
    bench
        .outturn(&explain(&["schemes.S01.spend"]))
        .ended(1, &["The pack has no figure schemes.S01.spend", near]);
    bench
        .outturn(&["explain", OUTTURN, "--area", AREA, "--as-at", "2019-04"])
        .ended(1, &["outside the plan's window"]);
    bench.outturn(&["explain", OUTTURN, "--area", "E99999999", "--as-at", AS_AT]).ended(1, &["E99999999"]);
}
