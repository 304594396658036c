//! Blank templates to send out: what a partner fills in comes back as a return that is recognised.
//!
//! The same plan gives the same bytes.

use super::columns::{ColumnSpec, Content, columns};
use crate::{
    figures::{
        agreement::AreaPlan,
        facts::ReturnType,
        period::{Month, MonthRange, Period},
    },
    returns::read::LAST_SHEET_ROW,
};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet,
    XlsxError,
};

/// A CSV template in UTF-8 with a byte-order mark, as spreadsheets expect it.
///
/// Without a plan it is the headings alone. With one there is a row for each thing that the plan lets
/// the return speak of in the month (in every month of its window where none is named), its ids filled in
/// and its figures left blank; rows that are not needed are taken out before it is sent.
pub fn csv_template(return_type: ReturnType, plan: Option<&AreaPlan>, month: Option<Month>) -> Vec<u8> {
    let columns = columns(return_type);
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let in_memory = "memory takes every row";
    writer.write_record(columns.iter().map(|column| column.heading)).expect(in_memory);
    for row in plan.map(|plan| rows_to_fill_in(return_type, plan, month)).unwrap_or_default() {
        let fields = columns.iter().map(|column| row.field(column.heading));
        writer.write_record(fields).expect(in_memory);
    }
    writer.into_inner().expect(in_memory)
}

/// A workbook template: a sheet named as the type with its headings alone, whose ids and periods are
/// chosen from lists where there is a plan, and notes that explain each column.
pub fn xlsx_template(return_type: ReturnType, plan: Option<&AreaPlan>) -> Vec<u8> {
    workbook(return_type, plan).expect("a template is within what a workbook can hold")
}

/// A row of ids whose figures are to be filled in.
#[derive(Default)]
struct RowToFillIn {
    area_code: String,
    org_code: String,
    period: String,
    /// The other ids, by heading.
    ids: Vec<(&'static str, String)>,
}

impl RowToFillIn {
    fn field(&self, heading: &str) -> &str {
        match heading {
            "area_code" => &self.area_code,
            "org_code" => &self.org_code,
            "period" => &self.period,
            _ => self.ids.iter().find(|(name, _)| *name == heading).map_or("", |(_, id)| id),
        }
    }
}

/// In the order of months, and of the plan within each month.
fn rows_to_fill_in(return_type: ReturnType, plan: &AreaPlan, month: Option<Month>) -> Vec<RowToFillIn> {
    window(return_type, plan)
        .iter()
        .filter(|known| month.is_none_or(|month| month == *known))
        .flat_map(|month| {
            let ids = match return_type {
                ReturnType::Capitation => capitation_ids(plan, month),
                ReturnType::Finance => finance_ids(plan),
                ReturnType::Measures | ReturnType::Targets => measure_ids(plan),
            };
            ids.into_iter().map(move |(org_code, ids)| RowToFillIn {
                area_code: plan.area.code.clone(),
                org_code,
                period: month.to_string(),
                ids,
            })
        })
        .collect()
}

/// The code of the organisation that reports a row (empty where the plan does not say) and the row's ids.
type Ids = (String, Vec<(&'static str, String)>);

fn measure_ids(plan: &AreaPlan) -> Vec<Ids> {
    plan.measures.iter().map(|measure| (String::new(), vec![("measure_id", measure.id.clone())])).collect()
}

/// Each scheme under its host.
fn finance_ids(plan: &AreaPlan) -> Vec<Ids> {
    plan.schemes
        .iter()
        .map(|scheme| {
            let host = &plan.partners[scheme.host];
            let ids = vec![("scheme_id", scheme.id.clone()), ("partner_id", host.id.clone())];
            (host.org_code.clone(), ids)
        })
        .collect()
}

/// Each segment at each practice, reported by the contract's provider; none without a contract.
fn capitation_ids(plan: &AreaPlan, month: Month) -> Vec<Ids> {
    let Some(contract) = &plan.contract else { return Vec::new() };
    let provider = &plan.partners[contract.provider].org_code;
    let mut rows = Vec::new();
    for (index, segment) in plan.segments.iter().enumerate() {
        let rate = plan.rate(index, month).map(|rate| rate.to_string()).unwrap_or_default();
        for practice in &plan.practices {
            let ids = vec![
                ("segment_id", segment.id.clone()),
                ("practice_code", practice.code.clone()),
                ("rate", rate.clone()),
            ];
            rows.push((provider.clone(), ids));
        }
    }
    rows
}

/// The month whose return is due next on the day: the first that has not been due yet, by the plan's own
/// days or else by the end of the month after it, within the months that the return may speak of.
pub fn month_due_next(return_type: ReturnType, plan: &AreaPlan, today: NaiveDate) -> Month {
    let window = window(return_type, plan);
    let owed = || plan.returns_due.iter().filter(|owed| owed.return_type == return_type);
    let is_ahead = |month: &Month| match owed().map(|owed| owed.due_on(*month)).max() {
        Some(due_on) => today <= due_on,
        None => {
            Month::new(today.year(), today.month().cast_signed()).is_none_or(|now| *month >= now.plus(-1))
        }
    };
    window.iter().find(is_ahead).unwrap_or(window.last())
}

/// The months that a return of the type may speak of.
pub fn window(return_type: ReturnType, plan: &AreaPlan) -> MonthRange {
    match return_type {
        ReturnType::Capitation => plan.windows.capitation,
        ReturnType::Finance => plan.windows.finance,
        ReturnType::Measures => plan.windows.measures,
        ReturnType::Targets => plan.windows.targets,
    }
}

/// What may stand in a column, where the plan says so.
fn choices(return_type: ReturnType, heading: &str, plan: &AreaPlan) -> Vec<String> {
    match heading {
        "area_code" => vec![plan.area.code.clone()],
        "org_code" => {
            let mut codes: Vec<_> = plan.partners.iter().map(|partner| partner.org_code.clone()).collect();
            codes.sort();
            codes.dedup();
            codes
        }
        "partner_id" => plan.partners.iter().map(|partner| partner.id.clone()).collect(),
        "measure_id" => plan.measures.iter().map(|measure| measure.id.clone()).collect(),
        "scheme_id" => plan.schemes.iter().map(|scheme| scheme.id.clone()).collect(),
        "segment_id" => plan.segments.iter().map(|segment| segment.id.clone()).collect(),
        "practice_code" => plan.practices.iter().map(|practice| practice.code.clone()).collect(),
        "period" => periods(return_type, window(return_type, plan)),
        _ => Vec::new(),
    }
}

/// The months of a window; for targets also the quarters and years that lie in it.
fn periods(return_type: ReturnType, window: MonthRange) -> Vec<String> {
    let months = window.iter().map(|month| month.to_string());
    let longer = window.iter().filter(|_| return_type == ReturnType::Targets).flat_map(|month| {
        let year = month.financial_year();
        let quarter = (month.month_of_financial_year() - 1) / 3 + 1;
        let starts_year = month == year.first_month();
        let quarter = Period::Quarter(year, quarter as u8);
        let year = starts_year.then_some(Period::Year(year));
        [Some(quarter).filter(|quarter| quarter.months().first() == month), year]
    });
    let longer = longer.flatten().filter(|period| {
        // `2010-11` reads as a month, so that year cannot be offered.
        window.contains(period.months().last()) && Period::parse(&period.to_string()) == Some(*period)
    });
    months.chain(longer.map(|period| period.to_string())).collect()
}

const LISTS: &str = "Lists";

fn workbook(return_type: ReturnType, plan: Option<&AreaPlan>) -> Result<Vec<u8>, XlsxError> {
    let columns = columns(return_type);
    let lists: Vec<(usize, Vec<String>)> = plan
        .map(|plan| columns.iter().map(|column| choices(return_type, column.heading, plan)).enumerate())
        .into_iter()
        .flatten()
        .filter(|(_, choices)| !choices.is_empty())
        .collect();

    let mut workbook = Workbook::new();
    // A fixed day, so that the same plan gives the same bytes.
    let made_on = ExcelDateTime::from_ymd(2015, 4, 1)?;
    let title = format!("Template for a {} return", return_type.name());
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made_on));
    let sheet = workbook.add_worksheet().set_name(return_type.name())?;
    write_entry_sheet(sheet, columns, &lists)?;
    write_notes(workbook.add_worksheet().set_name("Notes")?, columns)?;
    if !lists.is_empty() {
        write_lists(workbook.add_worksheet().set_name(LISTS)?, columns, &lists)?;
    }
    workbook.save_to_buffer()
}

fn heading_format() -> Format {
    Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top)
}

fn write_entry_sheet(
    sheet: &mut Worksheet,
    columns: &[ColumnSpec],
    lists: &[(usize, Vec<String>)],
) -> Result<(), XlsxError> {
    for (at, column) in (0..).zip(columns) {
        // Codes and periods are text, so that a spreadsheet makes no number or date of them.
        let format = match column.content {
            Content::Code | Content::Period => Format::new().set_num_format("@"),
            Content::Number => Format::new(),
            Content::Money => Format::new().set_num_format("0.00"),
        };
        sheet.set_column_width(at, 16)?.set_column_format(at, &format)?;
        sheet.write_string_with_format(0, at, column.heading, &heading_format())?;
    }
    for (list, (column, choices)) in lists.iter().enumerate() {
        let letters = super::fault::column_letters(list);
        let source = format!("={LISTS}!${letters}$2:${letters}${}", choices.len() + 1);
        let rule = DataValidation::new()
            .allow_list_formula(Formula::new(source))
            .set_error_title("Not in the plan")?
            .set_error_message("Choose one of the list, which holds what the plan names.")?;
        let column = *column as u16;
        sheet.add_data_validation(1, column, LAST_SHEET_ROW - 1, column, &rule)?;
    }
    Ok(())
}

fn write_notes(sheet: &mut Worksheet, columns: &[ColumnSpec]) -> Result<(), XlsxError> {
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (at, (heading, width)) in
        (0..).zip([("Column", 16), ("What stands in it", 70), ("Example", 16), ("In every row", 14)])
    {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, heading, &heading_format())?;
    }
    for (row, column) in (1..).zip(columns) {
        let needed = if column.required { "yes" } else { "may be empty" };
        for (at, text) in (0..).zip([column.heading, column.meaning, column.example, needed]) {
            sheet.write_string_with_format(row, at, text, &wrapped)?;
        }
    }
    Ok(())
}

fn write_lists(
    sheet: &mut Worksheet,
    columns: &[ColumnSpec],
    lists: &[(usize, Vec<String>)],
) -> Result<(), XlsxError> {
    for (at, (column, choices)) in (0..).zip(lists) {
        sheet.set_column_width(at, 16)?;
        let heading = format!("{} list", columns[*column].heading);
        sheet.write_string_with_format(0, at, heading, &heading_format())?;
        for (row, choice) in (1..).zip(choices) {
            sheet.write_string(row, at, choice)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        figures::{agreement::*, money::Pence, period::FinancialYear},
        returns::{read, recognise::recognise},
    };

    fn plan() -> AreaPlan {
        let month = |text: &str| Month::parse(text.as_bytes()).unwrap();
        let year = MonthRange::new(month("2015-04"), month("2016-03")).unwrap();
        let partner = |id: &str, org_code: &str| Partner {
            id: id.into(),
            org_code: org_code.into(),
            name: id.into(),
            kind: "council".into(),
        };
        AreaPlan {
            area: Area {
                code: "E06000060".into(),
                name: "Example".into(),
                icb_code: String::new(),
                icb_name: String::new(),
                board_name: String::new(),
                standing_note: String::new(),
            },
            windows: Windows { measures: year, targets: year, finance: year, capitation: year },
            partners: vec![partner("P1", "10A"), partner("P2", "11B")],
            measures: vec![],
            pools: vec![Pool { id: "POOL".into(), name: "Pool".into() }],
            schemes: vec![Scheme {
                id: "S01".into(),
                name: "Reablement".into(),
                kind: "reablement".into(),
                pool: 0,
                host: 1,
            }],
            risk_shares: vec![],
            segments: vec![Segment { id: "FRAIL".into(), name: "Frail".into() }],
            rates: [((0, FinancialYear::starting(2015)), Pence(3_825))].into(),
            practices: vec![
                Practice { code: "A81001".into(), name: "One".into() },
                Practice { code: "A81002".into(), name: "Two".into() },
            ],
            contract: Some(Contract { id: "C1".into(), commissioner: 0, provider: 1, incentive_bp: 0 }),
            kpis: vec![],
            targets: vec![],
            paper: BoardPaper::default(),
            returns_due: vec![],
        }
    }

    fn fields(csv: &[u8]) -> Vec<Vec<String>> {
        let file = read::open("template.csv", csv).unwrap();
        let mut rows = Vec::new();
        file.tables[0].for_each_row(|_, record| {
            rows.push(record.iter().map(|field| String::from_utf8(field.to_vec()).unwrap()).collect());
        });
        rows
    }

    #[test]
    fn every_template_is_recognised_as_what_it_is() {
        for return_type in ReturnType::ALL {
            for plan in [None, Some(&plan())] {
                let csv = csv_template(return_type, plan, None);
                let xlsx = xlsx_template(return_type, plan);
                for (name, bytes) in [("t.csv", &csv), ("t.xlsx", &xlsx)] {
                    let file = read::open(name, bytes).unwrap();
                    let recognised = recognise(&file.tables[0].heading).unwrap();
                    assert_eq!(recognised.return_type, return_type);
                    assert_eq!(recognised.unknown, []);
                    assert!(file.tables[1..].iter().all(|table| recognise(&table.heading).is_err()));
                }
            }
        }
    }

    #[test]
    fn a_template_without_a_plan_has_headings_alone() {
        assert_eq!(
            csv_template(ReturnType::Targets, None, None),
            "\u{feff}area_code,period,measure_id,target\r\n".as_bytes()
        );
        let xlsx = xlsx_template(ReturnType::Finance, None);
        let file = read::open("t.xlsx", &xlsx).unwrap();
        let sheets: Vec<_> = file.tables.iter().map(|table| table.sheet.as_deref().unwrap()).collect();
        assert_eq!(sheets, ["finance", "Notes"]);
        assert_eq!(file.tables[0].row_count(), 0);
        assert_eq!(file.tables[1].row_count(), 8);
    }

    #[test]
    fn a_plan_fills_in_the_ids_of_every_month() {
        let finance = fields(&csv_template(ReturnType::Finance, Some(&plan()), None));
        assert_eq!(finance.len(), 12);
        assert_eq!(finance[0], ["11B", "E06000060", "2015-04", "S01", "P2", "", "", ""]);
        let capitation = fields(&csv_template(ReturnType::Capitation, Some(&plan()), None));
        // Twelve months, one segment, two practices.
        assert_eq!(capitation.len(), 24);
        assert_eq!(capitation[23], ["11B", "E06000060", "2016-03", "FRAIL", "A81002", "", "38.25", ""]);
    }

    #[test]
    fn a_table_of_one_month_has_the_rows_of_that_month_alone() {
        let june = Month::new(2015, 6);
        let finance = fields(&csv_template(ReturnType::Finance, Some(&plan()), june));
        assert_eq!(finance, [["11B", "E06000060", "2015-06", "S01", "P2", "", "", ""]]);
    }

    #[test]
    fn the_month_that_is_due_next_is_the_first_whose_day_has_not_passed() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut plan = plan();
        let next =
            |plan: &AreaPlan, today: &str| month_due_next(ReturnType::Finance, plan, day(today)).to_string();
        // Without a day in the plan: the month that has just ended, within the plan's window.
        assert_eq!(next(&plan, "2015-12-08"), "2015-11");
        assert_eq!(next(&plan, "2014-01-01"), "2015-04");
        assert_eq!(next(&plan, "2020-01-01"), "2016-03");
        plan.returns_due = vec![ReturnDue { partner: 0, return_type: ReturnType::Finance, due_day: 10 }];
        assert_eq!(next(&plan, "2015-12-10"), "2015-11");
        assert_eq!(next(&plan, "2015-12-11"), "2015-12");
    }

    #[test]
    fn a_workbook_lists_what_the_plan_names() {
        let xlsx = xlsx_template(ReturnType::Finance, Some(&plan()));
        let file = read::open("t.xlsx", &xlsx).unwrap();
        let lists = file.tables.last().unwrap();
        let expected =
            ["org_code", "area_code", "period", "scheme_id", "partner_id"].map(|id| format!("{id} list"));
        assert_eq!(lists.heading, expected);
        assert_eq!(lists.row_count(), 12);
    }

    #[test]
    fn targets_may_be_for_months_quarters_and_years_within_the_window() {
        let month = |text: &str| Month::parse(text.as_bytes()).unwrap();
        let window = MonthRange::new(month("2015-03"), month("2016-03")).unwrap();
        let offered = periods(ReturnType::Targets, window);
        assert_eq!(offered[..2], ["2015-03", "2015-04"]);
        assert_eq!(offered[13..], ["2015-16-Q1", "2015-16", "2015-16-Q2", "2015-16-Q3", "2015-16-Q4"]);
        assert_eq!(periods(ReturnType::Measures, window).len(), 13);
        let ambiguous = MonthRange::new(month("2010-04"), month("2011-03")).unwrap();
        // November 2010 is offered; the year 2010-11, which is written alike, is not.
        let offered = periods(ReturnType::Targets, ambiguous);
        assert_eq!(offered.iter().filter(|period| *period == "2010-11").count(), 1);
    }

    #[test]
    fn the_same_plan_gives_the_same_bytes() {
        for return_type in ReturnType::ALL {
            assert_eq!(xlsx_template(return_type, Some(&plan())), xlsx_template(return_type, Some(&plan())));
        }
    }
}
