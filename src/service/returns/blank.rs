//! Blank returns: the rows of a month that somebody reports, to be filled in with a spreadsheet.

use super::{
    RETURN_READERS,
    form::{EntryRow, rows_of, table},
};
use crate::{
    figures::{agreement::AreaPlan, facts::ReturnType, period::Month},
    people::Role,
    service::{Refusal, Service, Who},
};

impl Service {
    /// A blank return as a CSV file: the rows of the month that whoever asks reports, as [`entry_form`] has
    /// them, their ids filled in and their figures left empty; the rows of all partners for pooled budget
    /// managers and auditors.
    ///
    /// Who has reported nothing yet gets a row for each scheme or measure of the plan.
    ///
    /// [`entry_form`]: Service::entry_form
    pub fn blank_return(
        &self,
        who: &Who,
        area_code: &str,
        month: Month,
        return_type: ReturnType,
    ) -> Result<Vec<u8>, Refusal> {
        who.must_be(RETURN_READERS, area_code)?;
        let area = self.area(area_code)?;
        if !area.reports_on(month) {
            return Err(Refusal::Absent);
        }
        let plan = area.agreement();
        let own = who.person.partners_in(area_code);
        let sees_all = who.person.is_any(&[Role::PooledBudgetManager, Role::Auditor], area_code);
        let partners: Vec<usize> = (0..plan.partners.len())
            .filter(|place| sees_all || own.contains(&plan.partners[*place].id.as_str()))
            .collect();
        let mut rows: Vec<EntryRow> = match return_type {
            ReturnType::Targets => Vec::new(),
            _ => partners
                .iter()
                .flat_map(|place| rows_of(plan, area.facts(), *place, month, return_type))
                .collect(),
        };
        if rows.is_empty() {
            rows = first_rows(plan, &partners, sees_all, month, return_type);
        }
        let rows: Vec<EntryRow> = rows.into_iter().map(EntryRow::blank).collect();
        // Spreadsheets know UTF-8 by its mark.
        Ok(table(return_type, rows.iter(), "\u{feff}".as_bytes().to_vec()))
    }
}

/// Rows for whoever has reported nothing yet and hosts nothing: the plan does not say what they report.
fn first_rows(
    plan: &AreaPlan,
    partners: &[usize],
    sees_all: bool,
    month: Month,
    return_type: ReturnType,
) -> Vec<EntryRow> {
    let row = |org_code: &str, ids| EntryRow::of_ids(plan, org_code, month, ids);
    let measures = |org_code: &str| -> Vec<EntryRow> {
        let ids = plan.measures.iter().map(|measure| vec![("measure_id", measure.id.clone())]);
        ids.map(|ids| row(org_code, ids)).collect()
    };
    let own = partners.iter().map(|place| &plan.partners[*place]);
    match return_type {
        ReturnType::Targets => measures(""),
        ReturnType::Measures if sees_all => measures(""),
        ReturnType::Measures => own.flat_map(|partner| measures(&partner.org_code)).collect(),
        ReturnType::Finance => own
            .flat_map(|partner| {
                plan.schemes.iter().map(|scheme| {
                    let ids = vec![("scheme_id", scheme.id.clone()), ("partner_id", partner.id.clone())];
                    row(&partner.org_code, ids)
                })
            })
            .collect(),
        ReturnType::Capitation => Vec::new(),
    }
}
