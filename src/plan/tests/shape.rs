//! Tables, columns, and the cells of areas, partners, windows, measures and papers.

use super::*;

#[test]
fn a_plan_without_files_lacks_every_table_that_it_needs() {
    let faults = faults(&[]);
    let begin = |index: usize, start: &str| assert!(faults[index].starts_with(start), "{}", faults[index]);
    assert_eq!(faults.len(), 4);
    begin(0, "areas: the plan has no table of this name. Add areas.csv (or a sheet areas) with the columns");
    begin(1, "windows: ");
    begin(2, "partners: ");
    begin(3, "measures: ");
}

#[test]
fn a_missing_table_is_told_once_not_in_every_row_that_refers_to_it() {
    let faults = faults(&without("partners"));
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn a_missing_column_is_told_with_what_to_write_in_it() {
    assert_eq!(
        faults(&with("pools", "area_code,pool_id\nE06000101,POOL1\n")),
        ["pools, row 1: the column \"pool_name\" is missing. Add it and write the pool's name in each row"]
    );
    assert_eq!(
        faults(&with_change("measures", ",unit,", ",units,")),
        ["measures, row 1: the column \"unit\" is missing. Add it and write the measure's unit, like % or \
             per 100,000 in each row"]
    );
}

#[test]
fn a_required_table_must_have_rows() {
    let files = with("partners", "area_code,partner_id,org_code,partner_name,partner_type\n");
    assert_eq!(faults(&files), ["partners: has headings but no rows. Write at least one"]);
}

#[test]
fn an_unknown_table_and_an_unknown_column_are_notes() {
    let mut files = with_change(
        "pools",
        "pool_name\nE06000101,POOL1,Discharge fund",
        "pool_name,budget\nE06000101,POOL1,Discharge fund,5",
    );
    files.push(file("contacts", "name\nA. Person\n"));
    assert_eq!(
        notes(&files),
        [
            "pools, row 1: the column \"budget\" is not one of this table's and was left aside",
            "contacts: is not a table of a plan and was left aside",
        ]
    );
}

#[test]
fn columns_may_stand_in_any_order_and_headings_in_capitals() {
    let files =
        with("pools", "\u{feff}Pool_Name,POOL_ID,area_code\r\nDischarge fund,POOL1,E06000101\r\n,,\r\n");
    assert_eq!(read(&files).unwrap().areas[0].pools[0].name, "Discharge fund");
}

#[test]
fn a_table_or_a_column_that_stands_twice_is_refused() {
    let mut files = base();
    files.push(PlanFile { name: "Pools.csv".to_owned(), ..file("pools", TABLES[3].1) });
    assert_eq!(faults(&files), ["pools: stands in pools.csv and again in Pools.csv. Keep one of them"]);
    let files = with("pools", "area_code,pool_id,pool_name,pool_name\nE06000101,POOL1,A,B\n");
    assert_eq!(faults(&files), ["pools, row 1: the column \"pool_name\" stands twice. Keep one of the two"]);
}

#[test]
fn a_row_that_goes_beyond_the_headings_is_refused() {
    let files = with_change("pools", "Discharge fund", "Discharge, fund");
    assert_eq!(
        faults(&files),
        ["pools, row 2: has more cells than there are headings. Put text that holds a comma in quotation \
             marks"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let mut files = base();
    files.push(PlanFile { name: "old plan.xls".to_owned(), bytes: b"\xd0\xcf\x11\xe0".to_vec() });
    let faults = faults(&files);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("old plan.xls: "), "{}", faults[0]);
}

#[test]
fn areas_have_one_row_each_with_all_that_a_pack_names() {
    let files = with_change("areas", "E06000102,Barrowfield,QAB", "E06000101,,QAB");
    let faults = faults(&files);
    assert_eq!(
        faults[..2],
        [
            "areas, row 3, column A \"area_code\": \"E06000101\" stands in row 2 already. Keep one of the two \
             rows",
            "areas, row 3, column B \"area_name\": the empty cell needs an entry. Write the area's name, \
             like Buckinghamshire",
        ]
    );
    // The partner of the area that is gone is homeless now.
    assert_eq!(
        faults[2..],
        ["partners, row 5, column A \"area_code\": \"E06000102\" is the code of no area of the plan. \
             Correct it, or add the area to areas"]
    );
}

#[test]
fn an_unusual_area_code_is_a_note_and_one_that_cannot_name_a_folder_a_fault() {
    let with_code = |code: &str| {
        let mut files = with_change("areas", "E06000102", code);
        files.retain(|file| file.name != "partners.csv");
        let partners = TABLES[2].1.replace("E06000102", code);
        files.push(file("partners", &partners));
        files
    };
    assert_eq!(
        notes(&with_code("BARROW")),
        ["areas, row 3, column A \"area_code\": \"BARROW\" is not a letter and eight digits, like \
             E06000060: is it the area's geography code?"]
    );
    assert_eq!(
        faults(&with_code("../barrow")),
        ["areas, row 3, column A \"area_code\": \"../barrow\" cannot name the folder that holds the area's \
             packs. Use letters, digits, - and _ only"]
    );
}

#[test]
fn every_area_has_a_partner() {
    let files = with_change("partners", "E06000102,P1,QAB,Derwent ICB,ICB\n", "");
    assert_eq!(
        faults(&files),
        ["partners: area E06000102 has no partner. Add one row for each of its partners"]
    );
}

#[test]
fn an_id_is_short_and_plain() {
    let long = "P".repeat(41);
    for (id, remedy) in [
        ("P3 ", "begins or ends with a space. Take the space away"),
        ("P\u{7}3", "holds a line break or another invisible character. Write it anew on one line"),
        (long.as_str(), "is longer than 40 characters. Shorten it"),
    ] {
        let faults = faults(&with_change("partners", "P3,RA000", &format!("{id},RA000")));
        assert!(faults[0].starts_with("partners, row 4, column B"), "{}", faults[0]);
        assert!(faults[0].ends_with(remedy), "{}", faults[0]);
    }
}

#[test]
fn a_plan_that_was_taken_in_before_is_not_refused_for_a_rule_of_form() {
    let files = with_change("partners", "Ashdown Hospital", "Ashdown\u{200f} Hospital");
    assert_eq!(faults(&files).len(), 1);
    let kept = read_kept(&files).unwrap();
    assert_eq!(kept.areas[0].partners[2].name, "Ashdown\u{200f} Hospital");
    assert!(read_kept(&with_change("partners", "P3,RA000", ",RA000")).is_err());
}

#[test]
fn all_four_windows_are_given_once_and_run_forwards() {
    assert_eq!(
        faults(&with(
            "windows",
            "return_type,first_period,last_period\nmeasures,2015-04,2016-03\ntargets,2016-03,2015-04\n\
             measures,2015-04,2016-03\ncapitation,1900-04,2016-03\n"
        )),
        [
            "windows: there is no window for finance. Add a row for finance",
            "windows, row 3, column C \"last_period\": \"2015-04\" comes before the first month, 2016-03. \
             Swap the two",
            "windows, row 4, column A \"return_type\": \"measures\" stands in row 2 already. Keep one of the \
             two rows",
            "windows, row 5, column C \"last_period\": \"2016-03\" is more than 50 years after 1900-04. Write \
             a shorter window",
        ]
    );
    assert_eq!(
        faults(&with_change("windows", "finance", "money")),
        ["windows, row 4, column A \"return_type\": \"money\" is not known here. Write capitation, \
             finance, measures or targets"]
    );
}

#[test]
fn a_window_may_begin_with_the_date_of_the_first_of_a_month() {
    let january = with_change("windows", "finance,2015-04,2016-03", "finance,2015-01,2016-03-01");
    let finance = read(&january).unwrap().areas[0].windows.finance;
    assert_eq!(
        (finance.first(), finance.last()),
        (Month::new(2015, 1).unwrap(), Month::new(2016, 3).unwrap())
    );
    let end = with_change("windows", "finance,2015-04,2016-03", "finance,2015-04,2016-03-31");
    assert!(faults(&end)[0].contains("is not a month"));
}

#[test]
fn a_measure_says_how_it_is_counted() {
    let files = with_change(
        "measures",
        "FLW01,Bed days lost,Flow,bed days,count,1,0,lower,1000",
        "FLW01,Bed days lost,,bed days,sum,0,5,less,-1",
    );
    assert_eq!(
        faults(&files),
        [
            "measures, row 3, column C \"domain\": the empty cell needs an entry. Write the part of the \
             scorecard that the measure belongs to",
            "measures, row 3, column E \"kind\": \"sum\" is not known here. Write ratio, poprate, count, mean \
             or latest",
            "measures, row 3, column F \"multiplier\": \"0\" is not a whole number from 1 to 1,000,000. Write \
             what the quotient is multiplied by, like 100 or 100000",
            "measures, row 3, column G \"decimals\": \"5\" is not a whole number from 0 to 4. Write how many \
             decimals are shown, from 0 to 4",
            "measures, row 3, column H \"better\": \"less\" is not known here. Write higher or lower",
            "measures, row 3, column I \"amber_bp\": \"-1\" is not a whole number from 0 to 100,000. Write \
             how far off target is amber, in basis points, like 500 for 5%",
        ]
    );
}

#[test]
fn an_area_s_own_measure_has_an_id_of_its_own() {
    let files = with_change("measures", "OWN01,Visits", "FLW01,Visits");
    assert_eq!(
        faults(&files)[0],
        "measures, row 4, column A \"measure_id\": \"FLW01\" is every area's measure in row 3. Keep one of \
         the two rows, or give another id"
    );
    let twice = format!(
        "{}OWN01,Again,Local,visits,count,1,0,higher,500,E06000101,\n\
         OWN01,The other area's,Local,visits,count,1,0,higher,500,E06000102,\n",
        TABLES[5].1
    );
    assert_eq!(
        faults(&with("measures", &twice)),
        ["measures, row 5, column A \"measure_id\": \"OWN01\" stands in row 4 already. Keep one of the two \
             rows"]
    );
}

#[test]
fn what_the_catalogue_leaves_to_the_area_must_be_written() {
    let files = with_change("measures", "nea,,,,,,,,,,\n", "nea,,,,,,,,,,\nlocal_metric,,,,,,,,,,\n");
    let headings: Vec<_> = read(&files).unwrap_err().into_iter().map(|fault| fault.heading).collect();
    assert_eq!(headings, ["unit", "kind", "better"]);
}

#[test]
fn a_paper_s_items_are_known_and_said_once() {
    let files = with(
        "papers",
        "area_code,item,text\nE06000101,meeting_on,26 January 2016\nE06000101,purpose,One\n\
         E06000101,purpose,Two\nE06000101,weather,Fair\nE06000101,contact,\n",
    );
    assert_eq!(
        faults(&files),
        [
            "papers, row 2, column C \"text\": \"26 January 2016\" is not a date. Write year, month and day, \
             like 2016-01-26",
            "papers, row 4, column B \"item\": \"purpose\" is said in row 3 already. Keep one of the two rows",
            "papers, row 5, column B \"item\": \"weather\" is not known here. Write meeting_on, agenda_item, \
             report_of, contact, purpose, recommendation or background_paper",
            "papers, row 6, column C \"text\": the empty cell needs an entry. Write the words of the board \
             paper",
        ]
    );
}

#[test]
fn a_return_is_due_from_a_partner_once_and_of_a_type_that_is_sent_each_month() {
    let files = with(
        "returns_due",
        "area_code,partner_id,return_type,due_day\nE06000101,P2,finance,10\nE06000101,P2,finance,12\n\
         E06000101,P9,measures,10\nE06000101,P1,targets,10\nE06000101,P1,measures,0\n\
         E06000102,P1,capitation,5\n",
    );
    assert_eq!(
        faults(&files),
        [
            "returns_due, row 3, column C \"return_type\": \"finance\" is due from P2 in row 2 already. Keep one \
             of the two rows",
            "returns_due, row 4, column B \"partner_id\": \"P9\" is no partner of area E06000101. Correct it, or \
             add the partner to partners",
            "returns_due, row 5, column C \"return_type\": \"targets\" is not known here. Write measures, finance \
             or capitation",
            "returns_due, row 6, column D \"due_day\": \"0\" is not a whole number from 1 to 90. Write how many \
             days after the month's end the return is due, like 10",
        ]
    );
    let files = with("returns_due", "area_code,partner_id,return_type,due_day\nE06000102,P1,capitation,5\n");
    assert_eq!(notes(&files).len(), 1, "nobody has a contract to report on there");
}

#[test]
fn a_plan_of_rubbish_is_told_in_a_thousand_lines_of_which_the_last_counts_the_rest() {
    let rubbish = format!("area_code,pool_id,pool_name\n{}", "x,y,\n".repeat(5_000));
    let lines = faults(&with("pools", &rubbish));
    assert_eq!(lines.len(), 1_000);
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("the plan: has ") && last.ends_with(" more faults. See to these first"),
        "{last}"
    );
}

#[test]
fn a_plan_of_too_many_rows_is_refused_before_they_are_looked_at() {
    let rows = format!("area_code,pool_id,pool_name\n{}", "x,y,\n".repeat(300_000));
    let lines = faults(&with("pools", &rows));
    let told = "pools.csv: brings the plan to more than 300,000 rows. Leave out what is not needed";
    assert!(lines.iter().any(|line| line == told), "{}", lines[0]);
}
