//! One pack, four formats: the same figures in each.

use crate::{
    bench::{Bench, json, on_each_database},
    example::{self, AREA, AS_AT},
};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

/// The text of a PDF, or none, saying so, where `pdftotext` is not installed.
pub fn text_of_pdf(path: &Path) -> Option<String> {
    match Command::new("pdftotext").args(["-layout", path.to_str().unwrap(), "-"]).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) => panic!("pdftotext: {output:?}"),
        Err(_) => {
            eprintln!("skipped: pdftotext is not installed");
            None
        }
    }
}

/// The example's pack.
fn published() -> Bench {
    let bench = Bench::on_sqlite();
    example::write(&bench);
    bench.run(AS_AT, &[]).done();
    bench
}

/// What stands between each `<tag …>` and its end, for tags that do not hold themselves.
fn contents<'a>(page: &'a str, tag: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{tag}"), format!("</{tag}>"));
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find(&start) {
        rest = &rest[at + start.len()..];
        if !rest.starts_with(['>', ' ']) {
            continue;
        }
        let (_, inner) = rest.split_once('>').unwrap();
        let (inner, after) = inner.split_once(&end).unwrap();
        found.push(inner);
        rest = after;
    }
    found
}

/// Without tags, and with the characters that stand for themselves.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(c),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// The words of a text that hold a digit, and how often each stands there.
fn numbers(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for word in text.split_whitespace().filter(|word| word.contains(|c: char| c.is_ascii_digit())) {
        *found.entry(word.to_owned()).or_insert(0) += 1;
    }
    found
}

#[test]
fn every_number_of_the_pages_tables_stands_on_paper_as_often() {
    let bench = published();
    let Some(paper) = text_of_pdf(&bench.path("out/E10000002/pack.pdf")) else { return };
    let on_paper = numbers(&paper);
    let page = bench.text("out/E10000002/pack.html");
    let cells: Vec<String> = ["td", "th"].iter().flat_map(|tag| contents(&page, tag)).map(plain).collect();
    let in_tables = numbers(&cells.join(" "));
    assert!(in_tables.len() > 500, "{} different numbers", in_tables.len());
    let missing: Vec<_> =
        in_tables.iter().filter(|(number, count)| on_paper.get(*number).unwrap_or(&0) < *count).collect();
    assert!(missing.is_empty(), "missing on paper: {missing:?}");
    eprintln!("{} different numbers of the tables stand on paper", in_tables.len());
}

#[test]
fn the_page_needs_no_script_and_nothing_from_elsewhere() {
    let bench = published();
    let page = bench.text("out/E10000002/pack.html");
    for absent in
        ["<script", "javascript:", " onload=", " onclick=", "src=\"http", "<link", "@import", "url(http"]
    {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("<html lang=\"en-GB\""));
    for table in contents(&page, "table") {
        assert!(
            table.contains("<caption") && table.contains("scope=\"col\""),
            "{}",
            &table[..200.min(table.len())]
        );
    }
    // Every place that is linked to is there, once.
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let once: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), once.len(), "an id stands twice");
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(once.contains(link), "nothing is called {link}");
    }
}

#[test]
fn the_sections_stand_in_order_on_the_page_and_on_paper() {
    let bench = published();
    let page = bench.text("out/E10000002/pack.html");
    let headings: Vec<String> = contents(&page, "h1").into_iter().map(plain).collect();
    let (title, sections) = headings.split_first().unwrap();
    assert_eq!(title, "Better Care Fund and integrated care: board pack, November 2015");
    for (number, heading) in (1..).zip(sections) {
        assert!(heading.starts_with(&format!("{number}. ")), "{headings:?}");
    }
    assert_eq!(sections.len(), 11, "{headings:?}");
    let Some(paper) = text_of_pdf(&bench.path("out/E10000002/pack.pdf")) else { return };
    let mut from = 0;
    for heading in sections {
        // The last place, for each stands in the table of contents as well.
        let place = paper[from..].rfind(heading.as_str());
        from += place.unwrap_or_else(|| panic!("{heading:?} is not on paper in its order"));
    }
}

/// The rows of one of the pack's tables, by heading.
fn rows(bench: &Bench, table: &str) -> Vec<BTreeMap<String, String>> {
    let path = bench.path("out").join(AREA).join("data").join(format!("{table}.csv"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Whole pence from an amount in pounds.
fn pence(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap_or_else(|_| panic!("{amount:?} is no amount"))
}

#[test]
fn the_tables_beside_the_pack_hold_the_same_figures_as_the_positions() {
    on_each_database(|bench| {
        example::write(bench);
        bench.run(AS_AT, &[]).done();
        let positions = bench.positions(AREA);
        let budget = &positions["budget"];
        for (table, id, key) in [
            ("pools", "pool_id", "pools"),
            ("partners", "partner_id", "partners"),
            ("schemes", "scheme_id", "schemes"),
        ] {
            let rows = rows(bench, table);
            let lines: Vec<_> = rows.iter().filter(|row| budget[key].get(&row[id]).is_some()).collect();
            assert_eq!(lines.len(), budget[key].as_object().unwrap().len(), "{table}");
            for row in lines {
                let figures = &budget[key][&row[id]];
                for (column, figure) in [
                    ("budget_to_date", "budget_ytd"),
                    ("actual_to_date", "actual_ytd"),
                    ("variance_to_date", "variance_ytd"),
                    ("budget_full_year", "budget_fy"),
                    ("outturn", "outturn_fy"),
                    ("variance_full_year", "variance_fy"),
                ] {
                    assert_eq!(
                        Json::from(pence(&row[column])),
                        figures[figure],
                        "{table} {} {column}",
                        row[id]
                    );
                }
                assert_eq!(
                    Json::from(row["variance_full_year_percent"].as_str()),
                    figures["variance_fy_pct"],
                    "{table}"
                );
            }
        }
        let settled: BTreeMap<String, Json> = rows(bench, "settlement")
            .into_iter()
            .map(|row| (row["partner_id"].clone(), pence(&row["settlement"]).into()))
            .collect();
        assert_eq!(Json::from_iter(settled), positions["settlement"]);
        let scorecard = positions["scorecard"].as_array().unwrap();
        let lines = rows(bench, "scorecard");
        assert_eq!(lines.len(), scorecard.len());
        for (row, measure) in lines.iter().zip(scorecard) {
            assert_eq!(Json::from(row["measure_id"].as_str()), measure["measure_id"]);
            for (column, figure) in [
                ("latest_month", &measure["latest"]["period"]),
                ("latest_value", &measure["latest"]["value"]),
                ("year_to_date", &measure["ytd"]["value"]),
                ("last_year", &measure["prev_ytd"]["value"]),
            ] {
                let shown = row[column].as_str();
                // What is missing says why, in brackets.
                let value = if shown.starts_with('[') { Json::Null } else { Json::from(shown) };
                assert_eq!(value, *figure, "{} {column}", row["measure_id"]);
            }
        }
        for (measure, months) in scorecard.iter().map(|measure| (&measure["measure_id"], &measure["values"]))
        {
            let values: Vec<Json> = rows(bench, "measure_months")
                .iter()
                .filter(|row| *measure == row["measure_id"].as_str())
                .map(|row| row["value"].as_str())
                .map(|value| if value.starts_with('[') { Json::Null } else { Json::from(value) })
                .collect();
            assert_eq!(Json::from(values), *months, "{measure}");
        }
    });
}

#[test]
fn the_data_package_names_every_table_and_every_column_of_it() {
    let bench = published();
    let data = bench.path("out").join(AREA).join("data");
    let package = json(&data.join("datapackage.json"));
    let resources = package["resources"].as_array().unwrap();
    let named: BTreeSet<String> =
        resources.iter().map(|resource| resource["path"].as_str().unwrap().to_owned()).collect();
    let there: BTreeSet<String> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "datapackage.json")
        .collect();
    assert_eq!(named, there);
    for resource in resources {
        let mut reader = csv::Reader::from_path(data.join(resource["path"].as_str().unwrap())).unwrap();
        let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let fields: Vec<&str> = resource["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(fields, headings, "{}", resource["path"]);
    }
}

#[test]
fn the_manifest_names_the_plan_the_returns_and_every_file() {
    let bench = published();
    let manifest = json(&bench.path("out").join(AREA).join("manifest.json"));
    assert_eq!((manifest["area_code"].as_str(), manifest["as_at"].as_str()), (Some(AREA), Some(AS_AT)));
    let returns = manifest["returns"].as_array().unwrap();
    for (kept, (name, path)) in returns.iter().zip([
        ("capitation", "capitation.csv"),
        ("finance", "finance.csv"),
        ("measures", "measures.csv"),
    ]) {
        let bytes = std::fs::read(bench.path("returns").join(AREA).join(path)).unwrap();
        let sha256 = outturn::store::hex(&outturn::store::sha256(&bytes));
        assert_eq!(kept["sha256"].as_str(), Some(sha256.as_str()), "{name}: {kept}");
    }
    assert_eq!(returns.len(), 3);
    assert!(manifest.to_string().contains(env!("CARGO_PKG_VERSION")));
}
