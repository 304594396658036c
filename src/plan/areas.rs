//! The areas and their partners.

use super::{
    findings::{Findings, LONGEST_NAME, LONGEST_TEXT},
    index::{AreaIndex, Index},
    tables::Tables,
};
use crate::figures::agreement::{Area, Partner};

/// Reads the areas, in the plan's order.
pub fn areas<'t>(tables: &'t Tables, findings: &mut Findings) -> (Vec<Area>, AreaIndex<'t>) {
    let table = tables.get("areas");
    let [code, name, icb_code, icb_name, board_name, standing_note] =
        table.columns(["area_code", "area_name", "icb_code", "icb_name", "board_name", "standing_note"]);
    let mut index = AreaIndex::new(table);
    let mut areas = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let area_code = findings.id(row, code);
        let area_name = findings.words(row, name, LONGEST_NAME);
        let board = findings.optional_words(row, board_name, LONGEST_NAME).map(str::to_owned);
        let area = Area {
            code: area_code.unwrap_or_default().to_owned(),
            icb_code: findings.id(row, icb_code).unwrap_or_default().to_owned(),
            icb_name: findings.words(row, icb_name, LONGEST_NAME),
            board_name: board.unwrap_or_else(|| format!("{area_name} Health and Wellbeing Board")),
            standing_note: findings
                .optional_words(row, standing_note, LONGEST_TEXT)
                .unwrap_or_default()
                .to_owned(),
            name: area_name,
        };
        let Some(area_code) = area_code else { continue };
        if !area_code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            findings.at_cell(
                row,
                code,
                "AREA",
                "cannot name the folder that holds the area's packs. Use letters, digits, - and _ only",
            );
        } else if !is_geography_code(area_code) {
            findings.note_at_cell(
                row,
                code,
                "AREA",
                "is not a letter and eight digits, like E06000060: is it the area's geography code?",
            );
        }
        if index.add(area_code, row, code, findings) {
            areas.push(area);
        }
    }
    (areas, index)
}

/// Reads the partners of each area, in the order of their ids.
pub fn partners<'t>(
    tables: &'t Tables,
    areas: &AreaIndex<'_>,
    findings: &mut Findings,
) -> (Vec<Vec<Partner>>, Index<'t>) {
    let table = tables.get("partners");
    let [area, id, org_code, name, kind] =
        table.columns(["area_code", "partner_id", "org_code", "partner_name", "partner_type"]);
    let mut index = Index::new("partner", table);
    let mut lists: Vec<Vec<(&'t str, Partner)>> = areas.lists();
    for row in table.rows() {
        let area = areas.find(row, area, findings);
        let partner_id = findings.id(row, id);
        let partner = Partner {
            id: partner_id.unwrap_or_default().to_owned(),
            org_code: findings.id(row, org_code).unwrap_or_default().to_owned(),
            name: findings.words(row, name, LONGEST_NAME),
            kind: findings.words(row, kind, LONGEST_NAME),
        };
        let (Some(area), Some(partner_id)) = (area, partner_id) else { continue };
        if index.add((area, partner_id), lists[area].len(), row, id, findings) {
            lists[area].push((partner_id, partner));
        }
    }
    for (area, list) in lists.iter_mut().enumerate() {
        list.sort_by_key(|(partner_id, _)| *partner_id);
        for (place, (partner_id, _)) in list.iter().enumerate() {
            index.place(area, partner_id, place);
        }
        if list.is_empty() && table.is_usable() {
            findings.at_row(
                table.name(),
                0,
                "MISSING",
                format!("area {} has no partner. Add one row for each of its partners", areas.code(area)),
            );
        }
    }
    let partners =
        lists.into_iter().map(|list| list.into_iter().map(|(_, partner)| partner).collect()).collect();
    (partners, index)
}

/// Whether a code is a letter and eight digits, as the Office for National Statistics writes them.
fn is_geography_code(code: &str) -> bool {
    match code.as_bytes() {
        [letter, digits @ ..] => {
            letter.is_ascii_uppercase() && digits.len() == 8 && digits.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    }
}
