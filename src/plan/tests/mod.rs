//! A small made-up plan, and what must hold of any plan as a whole.

mod agreements;
mod contracts;
mod properties;
mod schedules;
mod shape;
mod targets;

use super::*;
use crate::figures::{
    agreement::{AttainmentRule, Better, MeasureKind},
    money::Pence,
    period::{FinancialYear, Month},
};

const TABLES: [(&str, &str); 16] = [
    (
        "areas",
        "area_code,area_name,icb_code,icb_name\n\
         E06000101,Ashdown,QAA,NHS Kelsall Integrated Care Board\n\
         E06000102,Barrowfield,QAB,NHS Derwent Integrated Care Board\n",
    ),
    (
        "windows",
        "return_type,first_period,last_period\nmeasures,2015-04,2016-03\ntargets,2015-04,2016-03\n\
         finance,2015-04,2016-03\ncapitation,2015-04,2016-03\n",
    ),
    (
        "partners",
        "area_code,partner_id,org_code,partner_name,partner_type\n\
         E06000101,P2,L100,Ashdown Council,LA\nE06000101,P1,QAA,Kelsall ICB,ICB\n\
         E06000101,P3,RA000,Ashdown Hospital,ACUTE\nE06000102,P1,QAB,Derwent ICB,ICB\n",
    ),
    ("pools", "area_code,pool_id,pool_name\nE06000101,POOL1,Discharge fund\n"),
    (
        "schemes",
        "area_code,scheme_id,scheme_name,scheme_type,pool_id,host_partner_id\n\
         E06000101,S001,Home care,Home care,POOL1,P2\nE06000101,S002,Equipment,Equipment,POOL1,P1\n",
    ),
    (
        "measures",
        "measure_id,measure_name,domain,unit,kind,multiplier,decimals,better,amber_bp,area_code,definition\n\
         nea,,,,,,,,,,\n\
         FLW01,Bed days lost,Flow,bed days,count,1,0,lower,1000,,Days of delay\n\
         OWN01,Visits by carers,Local,visits,count,1,0,higher,500,E06000101,\n",
    ),
    (
        "targets",
        "area_code,period,measure_id,target\nE06000101,2015-16,nea,7996\nE06000101,2015-04,OWN01,TBC\n\
         E06000101,2015-05,OWN01,\n",
    ),
    (
        "contracts",
        "area_code,contract_id,commissioner_partner_id,provider_partner_id,incentive_bp\nE06000101,CAP1,P1,P3,250\n",
    ),
    (
        "bands",
        "area_code,agreement_id,side,band_no,upper_bp,partner_id,share_bp\n\
         E06000101,POOL1,over,1,200,P1,6000\nE06000101,POOL1,over,1,200,P2,4000\n\
         E06000101,POOL1,over,2,,P1,10000\nE06000101,POOL1,under,1,,P2,10000\n\
         E06000101,CAP1,over,1,,P1,10000\nE06000101,CAP1,under,1,,P3,10000\n",
    ),
    ("segments", "segment_id,segment_name\nSEG1,Generally healthy\nSEG2,Frailty\n"),
    ("rates", "area_code,segment_id,fy,rate\nE06000101,SEG1,2015-16,14.80\nE06000101,SEG2,2015-16,168.50\n"),
    ("practices", "area_code,practice_code,practice_name\nE06000101,A81000,Ashdown practice 1\n"),
    (
        "kpis",
        "area_code,measure_id,weight_bp,rule,floor_bp\nE06000101,nea,6000,linear,1000\n\
         E06000101,OWN01,4000,step,0\n",
    ),
    (
        "papers",
        "area_code,item,text\nE06000101,meeting_on,2016-01-26\nE06000101,purpose,To report progress.\n\
         E06000101,recommendation,Note the report.\nE06000101,recommendation,Agree the targets.\n",
    ),
    (
        "returns_due",
        "area_code,partner_id,return_type,due_day\nE06000101,P2,finance,10\nE06000101,P2,measures,15\n",
    ),
    (
        "schedules",
        "area_code,job,schedule,catch_up\n,back up,every day at 23:30,\n,compute,every hour,none\n\
         E06000101,compute,every day at 07:00,\nE06000101,compute,0 12 * * MON-FRI,latest\n",
    ),
];

fn file(table: &str, text: &str) -> PlanFile {
    PlanFile { name: format!("{table}.csv"), bytes: text.as_bytes().to_vec() }
}

fn base() -> Vec<PlanFile> {
    TABLES.iter().map(|(table, text)| file(table, text)).collect()
}

/// The made-up plan with one table put in another's place, or added.
fn with(table: &str, text: &str) -> Vec<PlanFile> {
    let mut files = without(table);
    files.push(file(table, text));
    files
}

/// The made-up plan with some text of one table put in another's place.
fn with_change(table: &str, from: &str, to: &str) -> Vec<PlanFile> {
    let text = TABLES.iter().find(|(name, _)| *name == table).unwrap().1;
    assert!(text.contains(from), "{table} holds {from}");
    with(table, &text.replacen(from, to, 1))
}

fn without(table: &str) -> Vec<PlanFile> {
    base().into_iter().filter(|file| file.name != format!("{table}.csv")).collect()
}

fn faults(files: &[PlanFile]) -> Vec<String> {
    match read(files) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(Fault::to_string).collect(),
    }
}

fn notes(files: &[PlanFile]) -> Vec<String> {
    read(files).unwrap().notes.iter().map(Fault::to_string).collect()
}

#[test]
fn a_sound_plan_is_read_area_by_area() {
    let plan = read(&base()).unwrap();
    assert_eq!(plan.notes, []);
    assert_eq!(plan.areas.len(), 2);
    let ashdown = plan.area("E06000101").unwrap();
    assert_eq!(ashdown.area.board_name, "Ashdown Health and Wellbeing Board");
    assert_eq!(ashdown.area.icb_code, "QAA");
    assert_eq!(ashdown.windows.finance.first(), Month::new(2015, 4).unwrap());
    let ids: Vec<_> = ashdown.partners.iter().map(|partner| partner.id.as_str()).collect();
    assert_eq!(ids, ["P1", "P2", "P3"], "partners stand in the order of their ids");
    assert_eq!((ashdown.schemes[0].pool, ashdown.schemes[0].host), (0, 1), "P2 is the second partner");
    let ids: Vec<_> = ashdown.measures.iter().map(|measure| measure.id.as_str()).collect();
    assert_eq!(ids, ["nea", "FLW01", "OWN01"]);
    assert_eq!(ashdown.measures[1].kind, MeasureKind::Count);
    let pool = ashdown.risk_share("POOL1").unwrap();
    assert_eq!(pool.over[0].upper_bp, Some(200));
    assert_eq!(pool.over[0].shares, [(0, 6000), (1, 4000)]);
    assert_eq!((pool.over[1].upper_bp, pool.under.len()), (None, 1));
    let contract = ashdown.contract.as_ref().unwrap();
    assert_eq!((contract.commissioner, contract.provider, contract.incentive_bp), (0, 2, 250));
    assert_eq!(ashdown.rates[&(1, FinancialYear::starting(2015))], Pence(16_850));
    assert_eq!(ashdown.kpis[0].rule, AttainmentRule::Linear { floor_bp: 1000 });
    assert_eq!((ashdown.kpis[1].measure, ashdown.kpis[1].rule), (2, AttainmentRule::Step));
    assert_eq!(ashdown.paper.meeting_on, chrono::NaiveDate::from_ymd_opt(2016, 1, 26));
    assert_eq!(ashdown.paper.recommendations, ["Note the report.", "Agree the targets."]);
    let due: Vec<_> = ashdown.returns_due.iter().map(|due| (due.partner, due.return_type.name())).collect();
    assert_eq!(due, [(1, "finance"), (1, "measures")]);
}

#[test]
fn an_area_may_have_no_pool_no_contract_and_no_kpis() {
    let plan = read(&base()).unwrap();
    let barrowfield = plan.area("E06000102").unwrap();
    assert!(barrowfield.pools.is_empty() && barrowfield.schemes.is_empty());
    assert!(barrowfield.risk_shares.is_empty() && barrowfield.contract.is_none());
    assert!(barrowfield.kpis.is_empty() && barrowfield.targets.is_empty());
    assert_eq!(barrowfield.measures.len(), 2, "the other area's own measure is not here");
}

#[test]
fn four_tables_are_enough() {
    let needed = ["areas.csv", "windows.csv", "partners.csv", "measures.csv"];
    let files: Vec<_> = base().into_iter().filter(|file| needed.contains(&file.name.as_str())).collect();
    assert_eq!(read(&files).unwrap().areas.len(), 2);
}

#[test]
fn what_the_plan_leaves_empty_comes_from_the_catalogue_and_what_it_writes_wins() {
    let plan = read(&base()).unwrap();
    let nea = &plan.areas[0].measures[0];
    assert_eq!((nea.name.as_str(), nea.unit.as_str()), ("Non-elective admissions", "per 100,000"));
    assert_eq!((nea.kind, nea.multiplier, nea.decimals), (MeasureKind::PopulationRate, 100_000, 1));
    assert_eq!((nea.better, nea.amber_bp), (Better::Lower, 500));
    assert!(nea.definition.contains("residents of all ages"));

    let files = with_change("measures", "nea,,,,,,,,,,", "nea,Admissions,,,,,0,,250,,Our own");
    let plan = read(&files).unwrap();
    let nea = &plan.areas[0].measures[0];
    assert_eq!((nea.name.as_str(), nea.decimals, nea.amber_bp), ("Admissions", 0, 250));
    assert_eq!(nea.definition, "Our own");
}

#[test]
fn a_plan_of_national_measures_needs_no_column_but_their_ids() {
    let needed = ["areas.csv", "windows.csv", "partners.csv"];
    let mut files: Vec<_> = base().into_iter().filter(|file| needed.contains(&file.name.as_str())).collect();
    files.push(file("measures", "measure_id\nnea\nresidential_65p\nreablement_91d\n"));
    let plan = read(&files).unwrap();
    assert_eq!(plan.areas[0].measures[2].name, "Still at home 91 days after discharge into reablement");
}

#[test]
fn the_order_of_rows_changes_nothing_that_matters() {
    let turned: Vec<PlanFile> = TABLES
        .iter()
        .rev()
        .map(|(table, text)| match *table {
            "partners" | "bands" | "rates" => {
                let (heading, rows) = text.split_once('\n').unwrap();
                let mut rows: Vec<_> = rows.lines().collect();
                rows.reverse();
                file(table, &format!("{heading}\n{}\n", rows.join("\n")))
            }
            _ => file(table, text),
        })
        .collect();
    let (plan, turned) = (read(&base()).unwrap(), read(&turned).unwrap());
    assert_eq!(format!("{:?}", plan.areas), format!("{:?}", turned.areas));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_tables() {
    let mut files = with_change("partners", "P3,RA000", "P1,RA000");
    for file in &mut files {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        file.bytes = match file.name.as_str() {
            "windows.csv" => text.replace("finance,2015-04", "finance,April 2015"),
            "bands.csv" => text.replace("P2,4000", "P2,3999"),
            "rates.csv" => text.replace("14.80", "14.8"),
            _ => text,
        }
        .into_bytes();
    }
    assert_eq!(
        faults(&files),
        [
            "windows, row 4, column B \"first_period\": \"April 2015\" is not a month. Write year and month, \
             like 2025-12",
            "partners, row 4, column B \"partner_id\": \"P1\" stands in row 3 already. Keep one of the two \
             rows",
            "contracts, row 2, column D \"provider_partner_id\": \"P3\" is no partner of area E06000101. \
             Correct it, or add the partner to partners",
            "bands, row 2: the shares of band 1 of POOL1 (over) of area E06000101, in rows 2 and 3, add up to \
             9,999 bp. They must add up to 10,000",
            "bands, row 7, column F \"partner_id\": \"P3\" is no partner of area E06000101. Correct it, or \
             add the partner to partners",
            "rates, row 2, column D \"rate\": \"14.8\" is not an amount of money of nought or more. Write \
             pounds and pence with two decimals, like 42.60",
        ]
    );
}

#[test]
fn a_plan_can_be_cut_down_to_some_of_its_areas() {
    let plan = read(&base()).unwrap();
    let one = plan.only(&["E06000102".to_owned()]).unwrap();
    assert_eq!(one.areas.len(), 1);
    assert_eq!(one.areas[0].area.name, "Barrowfield");
    let lacking = plan.only(&["E06000102".to_owned(), "E06000999".to_owned()]).unwrap_err();
    assert_eq!(lacking, ["E06000999"]);
}

#[test]
fn an_exported_plan_is_the_same_plan() {
    let exported = export(&base()).unwrap();
    assert_eq!(exported.len(), TABLES.len());
    assert_eq!(exported[0].name, "areas.csv");
    let (plan, again) = (read(&base()).unwrap(), read(&exported).unwrap());
    assert_eq!(format!("{:?}", plan.areas), format!("{:?}", again.areas));
}

/// The made-up plan as a workbook, its numbers as numbers.
fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (table, text) in TABLES {
        let sheet = workbook.add_worksheet().set_name(table).unwrap();
        for (row, line) in (0u32..).zip(text.lines()) {
            for (column, cell) in (0u16..).zip(line.split(',')) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).unwrap(),
                    Err(_) if cell.is_empty() => continue,
                    Err(_) => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_and_a_folder_of_the_same_tables_are_the_same_plan() {
    let sheets = [PlanFile { name: "plan.xlsx".to_owned(), bytes: workbook() }];
    let (tables, sheets) = (read(&base()).unwrap(), read(&sheets).unwrap());
    assert_eq!(format!("{:?}", tables.areas), format!("{:?}", sheets.areas));
}

#[test]
fn a_workbook_is_exported_as_the_tables_that_it_holds() {
    let exported = export(&[PlanFile { name: "plan.xlsx".to_owned(), bytes: workbook() }]).unwrap();
    let bands = exported.iter().find(|table| table.name == "bands.csv").unwrap();
    assert_eq!(String::from_utf8(bands.bytes.clone()).unwrap(), TABLES[8].1);
}
