//! Preparing, approving, releasing and restating packs; commentary; the month's tasks.

mod approving;
mod reading;
mod commentary;

use crate::site::{AREA, Browser, MONTH, TestSite, text};
use outturn::{figures::period::Month, store::DatabaseUrl, web::answer::Answer};

const PREPARE: &str = "/areas/E10000002/2015-11/packs/prepare";
const PACKS: &str = "/areas/E10000002/packs/2015-11";

fn draft(number: u32, deed: &str) -> String {
    format!("/areas/{AREA}/{MONTH}/packs/drafts/{number}{deed}")
}

fn month() -> Month {
    Month::parse(MONTH.as_bytes()).unwrap()
}

/// Puts the month's pack forward and gives the SHA-256 that its page shows.
fn prepare(browser: &Browser, edition: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("edition", edition), ("override_reason", "The board meets on Thursday")];
    fields.extend(more);
    browser.post(PREPARE, &fields)
}

const AT_ONCE: [(&str, &str); 1] = [("release", "at once")];

/// The example's clock starts at 10:00 on 8 December 2015.
const NEXT_DAY: [(&str, &str); 5] = [
    ("release", "timed"),
    ("release_day", "9"),
    ("release_month", "12"),
    ("release_year", "2015"),
    ("release_time", "9:30am"),
];

fn shown_hash(page: &str) -> String {
    let field = page.split("name=\"manifest_sha256\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    field[..64].to_owned()
}

/// Has the deputy approve the draft with this number, quoting what its page shows.
fn approve(site: &TestSite, number: u32) -> Answer {
    let deputy = site.as_person("deputy@example.org");
    let hash = shown_hash(&text(&deputy.get(&draft(number, ""))));
    deputy.post(&draft(number, "/approve"), &[("manifest_sha256", &hash)])
}

/// `outturn verify` gives the month's version again, byte for byte; asked where the example is on SQLite.
fn assert_made_again(site: &TestSite, version: u32) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let mut store = site.site.service.store().unwrap();
    for file in store.published_files(AREA, month(), version).unwrap() {
        let bytes = store.published_file(AREA, month(), version, &file.path).unwrap().unwrap();
        std::fs::write(folder.path().join(&file.path), bytes).unwrap();
    }
    let DatabaseUrl::Sqlite(path) = &site.database else { return };
    let verified = std::process::Command::new(env!("CARGO_BIN_EXE_outturn"))
        .arg("verify")
        .arg(folder.path())
        .arg("--database")
        .arg(format!("sqlite:{}", path.display()))
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("byte for byte"));
}
