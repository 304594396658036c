//! Published English figures, taken in through a plan and returns like any partner's.

use crate::bench::{Bench, on_each_database, shared};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write,
};

/// NHS England's columns of delayed days, and the measures that they become.
const DELAYED_DAYS: [(&str, &str, &str); 6] = [
    ("DTOC", "days_total", "Delayed transfers of care (days)"),
    ("DTOC_NHS", "days_nhs", "Delayed days: the NHS's"),
    ("DTOC_SC", "days_social_care", "Delayed days: social care's"),
    ("DTOC_BOTH", "days_both", "Delayed days: both"),
    ("DTOC_ACUTE", "days_acute", "Delayed days: acute beds"),
    ("DTOC_NONACUTE", "days_non_acute", "Delayed days: non-acute beds"),
];

/// The six founding areas and the acute trust of each.
const FOUNDING_AREAS: [(&str, &str, &str); 6] = [
    ("E10000002", "Buckinghamshire", "RXQ"),
    ("E10000016", "Kent", "RVV"),
    ("E06000044", "Portsmouth", "RHU"),
    ("E10000034", "Worcestershire", "RWP"),
    ("E06000027", "Torbay", "RA9"),
    ("E10000008", "Devon", "RA9"),
];

const ENGLAND: &str = "E92000001";
const FIRST: &str = "2011-04";
const LAST: &str = "2019-12";
const MONTHS: usize = 105;

type Row = HashMap<String, String>;

fn table(file: &str) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_path(shared(file)?).unwrap();
    Some(reader.deserialize().map(|row| row.unwrap()).collect())
}

/// The code of a row's area. People who live outside England are counted as areas of their own.
fn area_of(row: &Row) -> String {
    if row["ons_code"].is_empty() { format!("ABROAD-{}", row["la_code"]) } else { row["ons_code"].clone() }
}

fn month_of(row: &Row) -> &str {
    &row["period"][..7]
}

/// The months in their order.
fn months() -> Vec<String> {
    (2011 * 12 + 3..2019 * 12 + 12).map(|month| format!("{}-{:02}", month / 12, month % 12 + 1)).collect()
}

/// A plan whose areas have a council, and those with a trust its A&E departments.
fn write_plan(bench: &Bench, areas: &BTreeMap<String, (String, String)>) {
    let windows = ["measures", "targets", "finance", "capitation"]
        .map(|kind| format!("{kind},{FIRST},{LAST}\n"))
        .concat();
    bench.write("plan/windows.csv", format!("return_type,first_period,last_period\n{windows}"));
    let mut measures =
        "measure_id,measure_name,domain,unit,kind,multiplier,decimals,better,amber_bp\n".to_owned();
    for (id, _, name) in DELAYED_DAYS {
        writeln!(measures, "{id},{name},Better Care Fund,days,count,1,0,lower,500").unwrap();
    }
    writeln!(measures, "AE4,Seen in A&E within four hours (type 1),Urgent care,%,ratio,100,1,higher,300")
        .unwrap();
    bench.write("plan/measures.csv", measures);
    let mut rows = "area_code,area_name,icb_code,icb_name\n".to_owned();
    let mut partners = "area_code,partner_id,org_code,partner_name,partner_type\n".to_owned();
    let mut targets = "area_code,period,measure_id,target\n".to_owned();
    for (code, (name, trust)) in areas {
        writeln!(rows, "{code},\"{name}\",ENG,NHS England").unwrap();
        writeln!(partners, "{code},COUNCIL,LA,\"{name} council\",LA").unwrap();
        if !trust.is_empty() {
            writeln!(partners, "{code},TRUST,{trust},{trust},NHS trust").unwrap();
            for month in months().iter().filter(|month| ("2016-04"..="2019-03").contains(&month.as_str())) {
                writeln!(targets, "{code},{month},AE4,95").unwrap();
            }
        }
    }
    bench.write("plan/areas.csv", rows);
    bench.write("plan/partners.csv", partners);
    bench.write("plan/targets.csv", targets);
}

const HEADING: &str = "org_code,area_code,period,measure_id,numerator,denominator,value\n";

/// Writes each area's delayed days as its council would send them, empty cells and all.
fn write_delayed_days(bench: &Bench, rows: &[Row], areas: &BTreeMap<String, (String, String)>) {
    let mut returns: BTreeMap<String, String> = BTreeMap::new();
    for row in rows {
        let area = area_of(row);
        if !areas.contains_key(&area) {
            continue;
        }
        let text = returns.entry(area.clone()).or_insert_with(|| HEADING.to_owned());
        for (measure, column, _) in DELAYED_DAYS {
            let days = &row[column];
            writeln!(text, "LA,{area},{},{measure},{days},,{days}", month_of(row)).unwrap();
        }
    }
    for (area, text) in returns {
        bench.write(&format!("returns/{area}/delayed_days.csv"), text);
    }
}

/// Writes what each trust sent of its type 1 departments: seen within four hours over all who came.
fn write_accident_and_emergency(bench: &Bench, rows: &[Row]) {
    for (area, _, trust) in FOUNDING_AREAS {
        let mut text = HEADING.to_owned();
        for row in rows.iter().filter(|row| row["org_code"] == trust && row["type"] == "1") {
            let (seen, came) = seen_in_time(row);
            let value = (seen as f64 / came as f64 * 1000.0).round() / 10.0;
            writeln!(text, "{trust},{area},{},AE4,{seen},{came},{value}", month_of(row)).unwrap();
        }
        bench.write(&format!("returns/{area}/a_and_e.csv"), text);
    }
}

fn seen_in_time(row: &Row) -> (u64, u64) {
    let (came, breaches): (u64, u64) =
        (row["attendances"].parse().unwrap(), row["breaches"].parse().unwrap());
    (came - breaches, came)
}

fn founding_areas() -> BTreeMap<String, (String, String)> {
    FOUNDING_AREAS
        .iter()
        .map(|(code, name, trust)| ((*code).to_owned(), ((*name).to_owned(), (*trust).to_owned())))
        .collect()
}

fn measure<'a>(positions: &'a Json, id: &str) -> &'a Json {
    positions["scorecard"].as_array().unwrap().iter().find(|measure| measure["measure_id"] == id).unwrap()
}

/// A percentage to one decimal, half away from nought, in whole numbers.
fn percentage(numerator: u64, denominator: u64) -> String {
    let tenths = (numerator * 2_000 + denominator) / (denominator * 2);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[test]
fn the_founding_areas_packs_show_what_nhs_england_published() {
    let (Some(delays), Some(attendances)) =
        (table("realdata/dtoc_la_monthly.csv"), table("realdata/ae_attendances_2016_2019_seed_trusts.csv"))
    else {
        return;
    };
    on_each_database(|bench| {
        write_plan(bench, &founding_areas());
        write_delayed_days(bench, &delays, &founding_areas());
        write_accident_and_emergency(bench, &attendances);
        bench.run(LAST, &[]).done();
        for (area, _, trust) in FOUNDING_AREAS {
            let positions = bench.positions(area);
            for (id, column, _) in DELAYED_DAYS {
                let published: BTreeMap<&str, &str> = delays
                    .iter()
                    .filter(|row| row["ons_code"] == area)
                    .map(|row| (month_of(row), row[column].as_str()))
                    .collect();
                let expected: Vec<&str> = published.values().copied().collect();
                assert_eq!(expected.len(), MONTHS);
                assert_eq!(measure(&positions, id)["values"], Json::from(expected), "{area} {id}");
            }
            let expected: Vec<Option<String>> = months()
                .iter()
                .map(|month| {
                    let row = attendances.iter().find(|row| {
                        row["org_code"] == trust && row["type"] == "1" && month_of(row) == month.as_str()
                    })?;
                    let (seen, came) = seen_in_time(row);
                    Some(percentage(seen, came))
                })
                .collect();
            assert_eq!(expected.iter().flatten().count(), 36);
            assert_eq!(measure(&positions, "AE4")["values"], Json::from(expected), "{area}");
            for file in ["pack.html", "pack.pdf", "data/measure_months.csv", "manifest.json"] {
                assert!(bench.path("out").join(area).join(file).exists(), "{area} {file}");
            }
        }
        // As at March 2019 the year to date is that financial year's patients over that year's.
        bench.run("2019-03", &["--formats", "json"]).done();
        for (area, _, trust) in FOUNDING_AREAS {
            let year = attendances.iter().filter(|row| {
                row["org_code"] == trust
                    && row["type"] == "1"
                    && ("2018-04"..="2019-03").contains(&month_of(row))
            });
            let (seen, came) =
                year.map(seen_in_time).fold((0, 0), |(seen, came), row| (seen + row.0, came + row.1));
            let positions = bench.positions(area);
            let found = &measure(&positions, "AE4")["ytd"];
            assert_eq!(found["value"], Json::from(percentage(seen, came)), "{area}");
            assert_eq!(
                (&found["target"], &found["months"]),
                (&Json::from("95.0"), &Json::from(12)),
                "{area}"
            );
        }
    });
}

#[test]
fn the_sum_of_all_councils_is_england_in_every_month() {
    let Some(delays) = table("realdata/dtoc_la_monthly.csv") else { return };
    let mut areas: BTreeMap<String, (String, String)> = BTreeMap::new();
    for row in delays.iter().filter(|row| row["ons_code"] != ENGLAND) {
        areas.insert(area_of(row), (row["la_name"].clone(), String::new()));
    }
    let bench = Bench::on_sqlite();
    write_plan(&bench, &areas);
    write_delayed_days(&bench, &delays, &areas);
    let ran = bench.run(LAST, &["--intake", "tolerant", "--formats", "json"]).done();
    // 52 rows of the table have a total and no breakdown: five empty cells each.
    let empty: usize =
        areas.keys().map(|area| bench.positions(area)["rejects"].as_array().unwrap().len()).sum();
    assert_eq!(empty, 52 * 5, "{ran:?}");
    let positions: Vec<Json> = areas.keys().map(|area| bench.positions(area)).collect();
    for (id, column, _) in DELAYED_DAYS {
        let mut sums = [0_u64; MONTHS];
        for area in &positions {
            for (sum, value) in sums.iter_mut().zip(measure(area, id)["values"].as_array().unwrap()) {
                *sum += value.as_str().map_or(0, |days| days.parse().unwrap());
            }
        }
        let england: BTreeMap<&str, u64> = delays
            .iter()
            .filter(|row| row["ons_code"] == ENGLAND)
            .map(|row| (month_of(row), row[column].parse().unwrap()))
            .collect();
        assert_eq!(sums.to_vec(), england.into_values().collect::<Vec<_>>(), "{column}");
    }
    eprintln!("{} areas add up to England in {MONTHS} months of six measures", areas.len());
}

#[test]
fn dirty_cells_are_told_with_what_to_write_instead() {
    let (Some(delays), Some(discharges)) = (
        table("realdata/dtoc_la_monthly.csv"),
        table("realdata/discharge_ready_date_2024_2025_seven_trusts.csv"),
    ) else {
        return;
    };
    // The City of London left the breakdown empty where it had no delayed day.
    let city = BTreeMap::from([("E09000001".to_owned(), ("City of London".to_owned(), String::new()))]);
    let bench = Bench::on_sqlite();
    write_plan(&bench, &city);
    write_delayed_days(&bench, &delays, &city);
    let refused = bench.run(LAST, &[]).ended(
        1,
        &[
            "E09000001: nothing was taken in or published.",
            "delayed_days.csv is refused: 110 faults to mend.",
            "column E \"numerator\": the empty cell is not a number. Write digits",
            "column G \"value\": the empty cell is not a number. Write digits",
        ],
    );
    // 11 months of five empty measures, each empty in numerator and value; not one line is left out.
    let rows: BTreeSet<&str> = refused
        .errors
        .lines()
        .filter_map(|line| line.strip_prefix("measures, row ")?.split_once(','))
        .map(|(row, _)| row)
        .collect();
    assert!(!rows.is_empty() && !bench.path("out/E09000001").exists(), "{refused:?}");

    // A trust whose spreadsheet divided by nought.
    let trust = BTreeMap::from([("E06000001".to_owned(), ("Hartlepool".to_owned(), "RBK".to_owned()))]);
    write_plan(&bench, &trust);
    let mut text = HEADING.to_owned();
    for row in
        discharges.iter().filter(|row| row["org_code"] == "RBK" && row["perc_patients_delayed"] == "#NUM!")
    {
        let month = &row["month"][..7];
        writeln!(
            text,
            "RBK,E06000001,{},AE4,{},{},{}",
            month.replace("2024", "2018"),
            row["dd_bed_days"],
            row["patients_discharged_volume"],
            row["perc_patients_delayed"]
        )
        .unwrap();
    }
    bench.write("returns/E06000001/discharges.csv", text);
    bench
        .outturn(&["returns", "check", "returns/E06000001/discharges.csv", "--plan", "plan", "--as-at", LAST])
        .ended(
            1,
            &[
                "discharges.csv is refused: 4 faults to mend.",
                "measures, row 2, column G \"value\": \"#NUM!\" is not a number. Write digits",
                "measures, row 2, column F \"denominator\": \"0\" must be more than nought for this measure",
            ],
        );
}
