//! What a reader meets in a whole pack: sections in order, links that lead somewhere, sentences that
//! agree with their figures.

use outturn::demo;
use std::{collections::HashSet, fs, path::Path, process::Command};
use tempfile::TempDir;

const AREA: &str = "E10000002";

/// The page of the example, its plan and returns changed first.
fn page(change: impl Fn(&str, &str) -> String) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in demo::plan_files() {
        write(&folder, &format!("plan/{name}"), &change(name, std::str::from_utf8(bytes).unwrap()));
    }
    for (_, name, bytes) in demo::return_files() {
        write(&folder, &format!("returns/{AREA}/{name}"), &change(name, std::str::from_utf8(bytes).unwrap()));
    }
    let words = ["run", "--plan", "plan", "--returns", "returns", "--as-at", "2015-11", "--out", "out"];
    let ran = Command::new(env!("CARGO_BIN_EXE_outturn"))
        .args(words)
        .args(["--database", "sqlite:outturn.db"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    fs::read_to_string(folder.path().join("out").join(AREA).join("pack.html")).unwrap()
}

fn write(folder: &TempDir, path: &str, content: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
    fs::write(path, content).unwrap();
}

/// What stands between `open` and the next `close`, each time.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inside, _)| inside).collect()
}

/// The headings of the sections, after the cover's.
fn sections(page: &str) -> Vec<&str> {
    let headings = between(page, "<h1 id=\"", "</h1>");
    headings.into_iter().filter_map(|heading| Some(heading.split_once('>')?.1)).skip(1).collect()
}

fn assert_numbered_in_order(sections: &[&str]) {
    for (number, section) in (1..).zip(sections) {
        assert!(section.starts_with(&format!("{number}. ")), "{section} is not number {number}");
    }
}

#[test]
fn sections_are_numbered_in_order() {
    let page = page(|_, text| text.to_owned());
    let sections = sections(&page);
    assert_eq!(sections.len(), 11);
    assert_numbered_in_order(&sections);
}

#[test]
fn the_numbers_close_up_where_a_section_is_left_out() {
    // Without its contract the area has no sections on the contract and its incentive.
    let page = page(|name, text| match name {
        "contracts.csv" | "kpis.csv" => text.split_inclusive('\n').take(1).collect(),
        "bands.csv" => text.split_inclusive('\n').filter(|row| !row.contains(",FRAILTY,")).collect(),
        _ => text.to_owned(),
    });
    let sections = sections(&page);
    assert_eq!(sections.len(), 9);
    assert!(!sections.iter().any(|section| section.contains("contract") || section.contains("incentive")));
    assert_numbered_in_order(&sections);
}

#[test]
fn every_link_of_a_pack_leads_to_a_place_in_it() {
    let page = page(|_, text| text.to_owned());
    let ids: HashSet<&str> = between(&page, " id=\"", "\"").into_iter().collect();
    for link in between(&page, "href=\"#", "\"") {
        assert!(ids.contains(link), "nothing has the id {link}");
    }
}

#[test]
fn sentences_agree_with_their_figures() {
    let page = page(|_, text| text.to_owned());
    // 1 of the example's 12 measures is on plan, 1 of its 5 KPIs has earned all it can, 1 row is queried.
    for said in [
        "1 of 12 measures is on plan for the year to date; 2 are within tolerance and 2 are off plan.",
        "1 of 5 KPIs would earn its whole part",
        "none was turned away and 1 is queried.",
    ] {
        assert!(page.contains(said), "the pack does not say: {said}");
    }
}
