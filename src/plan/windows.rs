//! The months that returns may speak of.

use super::{
    findings::Findings,
    tables::{Row, Tables},
};
use crate::figures::{agreement::Windows, facts::ReturnType, period::MonthRange};

/// The longest window: figures keep every month of it at hand.
const LONGEST_WINDOW: usize = 600;

/// Reads the four windows; none where one of them is missing or wrong.
pub fn windows(tables: &Tables, findings: &mut Findings) -> Option<Windows> {
    let table = tables.get("windows");
    if !table.is_usable() {
        return None;
    }
    let [kind, first, last] = table.columns(["return_type", "first_period", "last_period"]);
    let kinds = ReturnType::ALL.map(|kind| (kind.name(), kind));
    let mut found: [Option<(u32, Option<MonthRange>)>; 4] = [None; 4];
    let mut is_sure_of_kinds = true;
    for row in table.rows() {
        let window = window(row, first, last, findings);
        let Some(return_type) = findings.choice(row, kind, &kinds) else {
            is_sure_of_kinds = false;
            continue;
        };
        match found[return_type as usize] {
            Some((earlier, _)) => findings.at_cell(
                row,
                kind,
                "DUPLICATE",
                format!("stands in row {earlier} already. Keep one of the two rows"),
            ),
            None => found[return_type as usize] = Some((row.number(), window)),
        }
    }
    for return_type in ReturnType::ALL {
        if found[return_type as usize].is_none() && is_sure_of_kinds {
            findings.at_row(
                table.name(),
                0,
                "MISSING",
                format!("there is no window for {name}. Add a row for {name}", name = return_type.name()),
            );
        }
    }
    let of = |kind: ReturnType| found[kind as usize].and_then(|(_, window)| window);
    Some(Windows {
        measures: of(ReturnType::Measures)?,
        targets: of(ReturnType::Targets)?,
        finance: of(ReturnType::Finance)?,
        capitation: of(ReturnType::Capitation)?,
    })
}

fn window(row: Row<'_>, first: usize, last: usize, findings: &mut Findings) -> Option<MonthRange> {
    let (from, to) = (findings.month(row, first), findings.month(row, last));
    let (from, to) = (from?, to?);
    let window = MonthRange::new(from, to);
    match window {
        None => findings.at_cell(
            row,
            last,
            "PERIOD",
            format!("comes before the first month, {from}. Swap the two"),
        ),
        Some(window) if window.count() > LONGEST_WINDOW => {
            findings.at_cell(
                row,
                last,
                "PERIOD",
                format!("is more than {} years after {from}. Write a shorter window", LONGEST_WINDOW / 12),
            );
            return None;
        }
        Some(_) => {}
    }
    window
}
