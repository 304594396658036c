//! Returns with faults in them: everything is told at once, and nothing is half taken in.

use crate::{
    bench::{Bench, assert_same_files, files, on_each_database},
    example::{self, AREA, AS_AT},
};
use serde_json::json;

const FINANCE: &str = "returns/E10000002/finance.csv";

/// Spoils six rows of the finance return, each in another way, and repeats a seventh.
fn spoil(bench: &Bench) {
    let good = bench.text(FINANCE);
    let mut rows: Vec<String> = good.lines().map(str::to_owned).collect();
    rows[1] = rows[1].replace("16233.33", "\"£16,233.33\"");
    rows[2] = rows[2].replace("BHT,", "BTH,");
    rows[3] = rows[3].replace("2014-04", "2014-13");
    rows[4] = rows[4].replace("98130.50", "-98130.50");
    rows[5] = rows[5].replace("S03", "s03").replace("55600.00", "");
    rows[521] = rows[521].replace(",,", ",14000.00,");
    rows.push(rows[6].clone());
    bench.write(FINANCE, rows.join("\n") + "\n");
}

/// What is told of the spoilt return: place, what was found, what to write instead.
const TOLD: [&str; 8] = [
    "finance, row 2, column F \"budget\": \"£16,233.33\" is not an amount of money. Write ",
    "finance, row 3, column E \"partner_id\": \"BTH\" is not a partner of the plan. Write it exactly as in the plan",
    "finance, row 4, column C \"period\": \"2014-13\" is not a month. Write the year and month, like 2015-11",
    "finance, row 5, column F \"budget\": \"-98130.50\" is less than nought. Write a budget of nought or more",
    "finance, row 6, column D \"scheme_id\": \"s03\" is not a scheme of the plan. Write it exactly as in the plan: S03",
    "finance, row 6, column H \"forecast\": the empty cell is not an amount of money. Write ",
    "finance, row 522, column G \"actual\": \"14000.00\" is an actual for a month after 2015-11. Leave it empty and give the forecast",
    "finance, row 626, column D \"scheme_id\": \"S03\" repeats an earlier row for the same month, scheme and partner",
];

#[test]
fn a_faulty_return_is_refused_whole_with_all_its_faults_and_nothing_is_stored() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let (held, published) = (bench.held(), files(&bench.path("out")));
        spoil(bench);
        let refused = bench.run(AS_AT, &[]).ended(1, &TOLD);
        assert!(refused.errors.contains("E10000002: nothing was taken in or published."), "{refused:#?}");
        assert!(refused.errors.contains("finance.csv is refused: 8 faults to mend."), "{refused:#?}");
        assert_eq!(
            refused.errors.lines().filter(|line| line.starts_with("finance, row")).count(),
            TOLD.len()
        );
        assert_eq!(bench.held(), held);
        assert_eq!(files(&bench.path("out")), published);
        // The same before anything was ever stored: the plan alone is kept.
        let first = Bench::on_sqlite();
        example::write(&first);
        spoil(&first);
        first.run(AS_AT, &[]).ended(1, &TOLD);
        assert_eq!(first.held(), (1, 0, 0));
        assert_eq!(first.store().integrity_check().unwrap(), [""; 0]);
        assert!(!first.path("out").join(AREA).exists());
    });
}

#[test]
fn taken_in_tolerantly_the_good_rows_count_and_the_bad_ones_are_listed_in_the_pack() {
    on_each_database(|bench| {
        example::write(bench);
        spoil(bench);
        let ran = bench.run(AS_AT, &["--intake", "tolerant"]).done();
        // 1,136 rows of the example and one repeated, less seven rows at fault.
        assert!(ran.out.contains("1,130 rows accepted, 7 turned away"), "{ran:#?}");
        let positions = bench.positions(AREA);
        assert_eq!(
            positions["rejects"],
            json!([
                ["finance", 2, "MONEY"],
                ["finance", 3, "PARTNER"],
                ["finance", 4, "PERIOD"],
                ["finance", 5, "NEGATIVE"],
                ["finance", 6, "SCHEME"],
                ["finance", 522, "FUTURE"],
                ["finance", 626, "DUP"],
            ])
        );
        assert_eq!(
            positions["quality"]["finance"],
            json!({
                "rows": 625, "accepted": 618,
                "rejected": { "DUP": 1, "FUTURE": 1, "MONEY": 1, "NEGATIVE": 1, "PARTNER": 1, "PERIOD": 1, "SCHEME": 1 },
                "warnings": { "W_NOACTUAL": 1 },
            })
        );
        let page = bench.text("out/E10000002/pack.html");
        assert!(page.contains("an actual for a month still to come"));
    });
}

#[test]
fn the_same_file_is_the_same_submission_whatever_it_is_called() {
    on_each_database(|bench| {
        example::write(bench);
        let finance = bench.text(FINANCE);
        bench.write("returns/E10000002/finance - final.csv", &finance);
        bench.run(AS_AT, &[]).done();
        let (held, published) = (bench.held(), files(&bench.path("out")));
        assert_eq!(held, (1, 3, 1));
        bench.write("returns/E10000002/finance (copy).csv", &finance);
        bench.run(AS_AT, &[]).done();
        assert_eq!(bench.held(), held);
        assert_eq!(files(&bench.path("out")), published);
        let again = bench.outturn(&["returns", "submit", FINANCE, "--as-at", AS_AT]).done();
        assert!(again.out.contains("finance.csv is already received as submission"), "{again:#?}");
        assert_eq!(bench.held(), held);
    });
}

#[test]
fn a_folder_of_returns_is_taken_in_first_and_published_later_as_in_one_run() {
    let at_once = Bench::on_sqlite();
    example::write(&at_once);
    at_once.run(AS_AT, &[]).done();
    on_each_database(|bench| {
        example::write(bench);
        bench.outturn(&["plan", "load", "plan"]).done();
        let taken = bench.outturn(&["returns", "submit", "returns", "--as-at", AS_AT]).done();
        assert!(taken.out.contains("E10000002: "), "{taken:#?}");
        assert_eq!(bench.held(), (1, 3, 0));
        bench.outturn(&["publish", "--as-at", AS_AT, "--out", "out"]).done();
        assert_same_files(&files(&bench.path("out")), &files(&at_once.path("out")));
        // One file of those may not stand for another.
        bench.outturn(&["returns", "submit", "returns", "--replaces", "1"]).ended(2, &["--replaces"]);
    });
}

#[test]
fn a_return_is_checked_alone_without_a_database() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    let known = bench.outturn(&["returns", "check", FINANCE]).done();
    assert!(known.out.contains("A finance return of 624 rows"), "{known:#?}");
    let right = bench.outturn(&["returns", "check", FINANCE, "--plan", "plan", "--as-at", AS_AT]).done();
    assert!(right.errors.contains("Query: finance, row "), "{right:#?}");
    spoil(&bench);
    bench.outturn(&["returns", "check", FINANCE, "--plan", "plan", "--as-at", AS_AT]).ended(1, &TOLD);
    assert!(!bench.path("outturn.db").exists());
    // What was asked for is not passed over in silence.
    let unchecked = bench.outturn(&["returns", "check", FINANCE, "--partner", "BCC"]).done();
    assert!(unchecked.errors.contains("the rows are not checked"), "{unchecked:#?}");
    // Another program's file where nobody named one is none of the check's business.
    bench.write("outturn.db", "not a database");
    let known = bench.outturn(&["returns", "check", FINANCE]).done();
    assert!(known.out.contains("A finance return of 625 rows"), "{known:#?}");
    assert!(known.errors.contains("is left aside"), "{known:#?}");
}

#[test]
fn a_template_has_the_rows_of_one_month_and_one_of_targets_those_of_all() {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    let template = |kind: &str, out: &str, more: &[&str]| {
        let mut words = vec!["returns", "template", kind, "--plan", "plan", "--out", out];
        words.extend(more);
        bench.outturn(&words)
    };
    let months = |file: &str| {
        let text = std::fs::read_to_string(bench.path(file)).unwrap();
        let months =
            text.lines().skip(1).map(|line| line.split(',').find(|cell| cell.starts_with("20")).unwrap());
        months.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    template("finance", "finance.csv", &["--month", "2015-11"]).done();
    assert_eq!(months("finance.csv").into_iter().collect::<Vec<_>>(), ["2015-11"]);
    template("targets", "targets.csv", &[]).done();
    assert!(months("targets.csv").len() >= 12);
    template("finance", "finance.xlsx", &["--month", "2015-11"]).ended(2, &["--month goes with .csv"]);
}

#[test]
fn a_return_is_checked_by_a_database_as_the_service_checks_it_and_nothing_is_stored() {
    on_each_database(|bench| {
        example::write(bench);
        bench.outturn(&["plan", "load", "plan"]).done();
        bench.outturn(&["returns", "submit", "returns", "--as-at", AS_AT]).done();
        let heading = "org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast";
        let row =
            |month: &str| format!("{heading}\n612,E10000002,{month},S01,BCC,16666.67,26101.00,15700.00\n");
        bench.write("november.csv", row("2015-11"));
        bench.write("october.csv", row("2015-10"));
        let check = |file: &str, more: &[&str]| {
            let mut words = vec!["returns", "check", file, "--as-at", AS_AT];
            words.extend(more);
            bench.outturn(&words)
        };
        let found = check("november.csv", &["--partner", "BCC"]).done();
        assert!(found.out.contains("0 would be new, 1 would change and 0 would stay the same"), "{found:#?}");
        assert!(found.out.contains("Buckinghamshire County Council: Outturn: "), "{found:#?}");
        assert!(found.out.contains("actual: £15,014.88 would become £26,101.00\n"), "{found:#?}");
        assert!(found.errors.contains("Query: row 2, column G \"actual\": \"26101.00\""), "{found:#?}");
        check("october.csv", &[]).ended(1, &["has no row of November 2015"]);
        check("november.csv", &["--partner", "BHT"]).ended(1, &["row 2, column A \"org_code\": \"612\""]);
        check("november.csv", &["--partner", "NONE"]).ended(1, &["NONE is not a partner of the plan"]);
        assert_eq!(bench.held(), (1, 3, 0));
    });
}

#[test]
fn one_areas_refused_return_does_not_hold_up_the_others() {
    on_each_database(|bench| {
        example::write_for(bench, &example::area_codes(3));
        bench.mend("returns/E10000002/measures.csv", "3199", "3,199");
        let ran = bench.run(AS_AT, &["--json"]).ended(1, &["E10000002: nothing was taken in or published."]);
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let published: Vec<bool> = told["areas"]
            .as_array()
            .unwrap()
            .iter()
            .map(|area| area["published"].as_bool().unwrap())
            .collect();
        assert_eq!(published, [true, false, true]);
        // Three returns of each of two areas.
        assert_eq!(bench.held(), (1, 6, 2));
        assert!(bench.path("out/E10000003/pack.pdf").exists() && !bench.path("out/E10000002").exists());
    });
}
