//! The built-in example as a plan and returns to start from, for one area or for many.

use crate::bench::Bench;
use outturn::demo;

/// The area of the example.
pub const AREA: &str = "E10000002";
/// The month that it is reported as at.
pub const AS_AT: &str = "2015-11";

/// Writes the example to the bench's `plan` and `returns`.
pub fn write(bench: &Bench) {
    write_for(bench, &[AREA.to_owned()]);
}

/// Codes of as many made-up areas.
pub fn area_codes(areas: usize) -> Vec<String> {
    (1..=areas).map(|number| format!("E10{number:06}")).collect()
}

/// Writes the example once for each area, with that area's code.
pub fn write_for(bench: &Bench, area_codes: &[String]) {
    for (name, bytes) in demo::plan_files() {
        let table = std::str::from_utf8(bytes).unwrap();
        let (heading, rows) = table.split_once('\n').unwrap();
        // A national row stands once.
        let (of_area, national): (Vec<&str>, Vec<&str>) =
            rows.split_inclusive('\n').partition(|row| row.contains(AREA));
        let copies: String = area_codes.iter().map(|code| of_area.concat().replace(AREA, code)).collect();
        bench.write(&format!("plan/{name}"), format!("{heading}\n{}{copies}", national.concat()));
    }
    for (_, name, bytes) in demo::return_files() {
        let table = std::str::from_utf8(bytes).unwrap();
        for code in area_codes {
            bench.write(&format!("returns/{code}/{name}"), table.replace(AREA, code));
        }
    }
}
