//! Every rule of the workload's specification, section 3, and the order in which they are tried.

use super::*;
use crate::{
    figures::{
        agreement::{
            Area, Better, BoardPaper, Contract, Measure, MeasureKind, Partner, Pool, Practice, Reported,
            Scheme, Segment, Windows,
        },
        facts::{RULES, Source, TargetValue},
        money::Pence,
        period::FinancialYear,
    },
    returns::{read, recognise::recognise},
};
use std::collections::BTreeMap;

mod own;

const MEASURES: &str = "org_code,area_code,period,measure_id,numerator,denominator,value";
const TARGETS: &str = "area_code,period,measure_id,target";
const FINANCE: &str = "org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast";
const CAPITATION: &str = "org_code,area_code,period,segment_id,practice_code,members,rate,cost";

fn month(text: &str) -> Month {
    Month::parse(text.as_bytes()).unwrap()
}

fn partner(id: &str, org_code: &str) -> Partner {
    Partner { id: id.into(), org_code: org_code.into(), name: id.into(), kind: "ICB".into() }
}

fn measure(id: &str, kind: MeasureKind, decimals: u32) -> Measure {
    Measure {
        id: id.into(),
        name: id.into(),
        domain: String::new(),
        unit: String::new(),
        kind,
        multiplier: 100,
        decimals,
        better: Better::Lower,
        amber_bp: 500,
        definition: String::new(),
        reported: Reported::Monthly,
    }
}

/// Area E1 with partners P1 (RXA) and P2 (RXB), measures M1 (a percentage) and M2 (a count), scheme
/// S1, segment G1 at £10.00 a month and practice A1, all of 2025-26.
fn plan() -> AreaPlan {
    let year = MonthRange::new(month("2025-04"), month("2026-03")).unwrap();
    AreaPlan {
        area: Area {
            code: "E1".into(),
            name: "Anywhere".into(),
            icb_code: String::new(),
            icb_name: String::new(),
            board_name: String::new(),
            standing_note: String::new(),
        },
        windows: Windows { measures: year, targets: year, finance: year, capitation: year },
        partners: vec![partner("P1", "RXA"), partner("P2", "RXB")],
        measures: vec![measure("M1", MeasureKind::Ratio, 1), measure("M2", MeasureKind::Count, 0)],
        pools: vec![Pool { id: "POOL".into(), name: "Pool".into() }],
        schemes: vec![Scheme {
            id: "S1".into(),
            name: "Scheme".into(),
            kind: String::new(),
            pool: 0,
            host: 0,
        }],
        risk_shares: Vec::new(),
        segments: vec![Segment { id: "G1".into(), name: "Segment".into() }],
        rates: [((0, FinancialYear::starting(2025)), Pence(1000))].into(),
        practices: vec![Practice { code: "A1".into(), name: "Practice".into() }],
        contract: None,
        kpis: Vec::new(),
        targets: Vec::new(),
        paper: BoardPaper::default(),
        returns_due: vec![],
    }
}

/// Checks a file of these rows as at December 2025.
fn checked(heading: &str, rows: &[&str]) -> CheckedReturn {
    let text = format!("{heading}\n{}\n", rows.join("\n"));
    let sent = read::open("return.csv", text.as_bytes()).unwrap();
    let table = &sent.tables[0];
    let known = recognise(&table.heading).unwrap();
    let plan = plan();
    let checker = Checker::new(&plan, month("2025-12"));
    let mut rows = checker.of_return(known.return_type, &table.heading, &known.positions);
    table.for_each_row(|number, record| rows.row(number, record));
    rows.finish()
}

/// Each row is turned away under the code beside it.
#[track_caller]
fn assert_turned_away(heading: &str, rows: &[(&str, &str)]) {
    for (row, code) in rows {
        let found = checked(heading, &[row]);
        assert_eq!(found.rejects.first().map(|reject| reject.code), Some(*code), "{row}");
        assert_eq!((found.counts.rows, found.counts.accepted), (1, 0), "{row}");
        assert!(RULES.iter().any(|(known, _)| known == code), "{code}");
        assert_eq!(found.counts.rejected, BTreeMap::from([(*code, 1)]), "{row}");
    }
}

/// Each row is accepted with the warning beside it, or with none.
#[track_caller]
fn assert_accepted(heading: &str, rows: &[(&str, Option<&'static str>)]) {
    for (row, warning) in rows {
        let found = checked(heading, &[row]);
        assert_eq!(found.faults, [], "{row}");
        assert_eq!(found.counts.accepted, 1, "{row}");
        assert!(warning.iter().all(|code| RULES.iter().any(|(known, _)| known == code)), "{row}");
        assert_eq!(found.counts.warnings, warning.iter().map(|code| (*code, 1)).collect(), "{row}");
        assert_eq!(found.queries.len(), warning.iter().count(), "{row}");
    }
}

// In the tables that follow each row keeps the rules before its code and breaks what it can of the
// rules after it: the order is the specification's.

#[test]
fn the_rules_of_measures_are_tried_in_their_order() {
    assert_turned_away(
        MEASURES,
        &[
            ("ORG,E9,2025-13,MX,-1,0,x", "AREA"),
            ("ORG,E1,2025-13,MX,-1,0,x", "PERIOD"),
            ("ORG,E1,2025-03,MX,-1,0,x", "PERIOD"),
            ("ORG,E1,2026-04,MX,-1,0,x", "PERIOD"),
            ("ORG,E1,2025-11,MX,-1,0,x", "ORG"),
            ("RXA,E1,2025-11,MX,-1,0,x", "MEASURE"),
            ("RXA,E1,2025-11,m1,-1,0,x", "MEASURE"),
            ("RXA,E1,2025-11,M1,1e3,0,1", "NUMBER"),
            ("RXA,E1,2025-11,M1,,0,1", "NUMBER"),
            ("RXA,E1,2025-11,M1,-1,n/a,1", "NUMBER"),
            ("RXA,E1,2025-11,M1,-1,0,12.34567", "NUMBER"),
            ("RXA,E1,2025-11,M1,-1,0,", "NUMBER"),
            ("RXA,E1,2025-11,M1,-1,0,1", "NEGATIVE"),
            ("RXA,E1,2025-11,M1,1,0,1", "DENOM"),
            ("RXA,E1,2025-11,M1,1,-8,1", "DENOM"),
            ("RXA,E1,2025-11,M1,1,,1", "DENOM"),
        ],
    );
}

#[test]
fn a_stated_value_is_queried_beyond_one_unit_in_the_last_place() {
    // 100 × 1 ÷ 8 = 12.5, to one decimal.
    assert_accepted(
        MEASURES,
        &[
            ("RXA,E1,2025-11,M1,1,8,12.5", None),
            ("RXA,E1,2025-11,M1,1,8,12.4", None),
            ("RXA,E1,2025-11,M1,1,8,12.6000", None),
            ("RXA,E1,2025-11,M1,1,8,12.6001", Some("W_VALUE")),
            ("RXA,E1,2025-11,M1,1,8,12.3999", Some("W_VALUE")),
            ("RXB,E1,2025-11,M2,7,,7", None),
            // A count has no use for a denominator, whatever it is.
            ("RXB,E1,2025-11,M2,7,0,8", None),
            ("RXB,E1,2025-11,M2,7,,8.1", Some("W_VALUE")),
        ],
    );
}

#[test]
fn the_rules_of_targets_are_tried_in_their_order() {
    assert_turned_away(
        TARGETS,
        &[
            ("E9,2025-13,MX,x", "AREA"),
            ("E1,2025-13,MX,x", "PERIOD"),
            ("E1,2024-25,MX,x", "PERIOD"),
            ("E1,2026-04,MX,x", "PERIOD"),
            ("E1,2025-11,MX,x", "MEASURE"),
            ("E1,2025-11,M1,tbc", "NUMBER"),
            ("E1,2025-11,M1,12.34", "NUMBER"),
            ("E1,2025-11,M2,12.0", "NUMBER"),
        ],
    );
}

#[test]
fn a_target_is_for_a_month_a_quarter_or_a_year_and_may_be_to_be_confirmed() {
    let rows = ["E1,2025-11,M1,12.3", "E1,2025-26-Q3,M1,TBC", "E1,2025-26,M1,", "E1,2025-12,M1,-1"];
    let found = checked(TARGETS, &rows);
    assert_eq!(found.faults, []);
    let ReturnFacts::Targets(targets) = found.facts else { panic!("a targets return") };
    assert_eq!(
        targets.iter().map(|target| (target.period.to_string(), target.value)).collect::<Vec<_>>(),
        [
            ("2025-11".to_owned(), TargetValue::Number(123_000)),
            ("2025-26-Q3".to_owned(), TargetValue::ToBeConfirmed),
            ("2025-26".to_owned(), TargetValue::NotSet),
            ("2025-12".to_owned(), TargetValue::Number(-10_000)),
        ]
    );
}

#[test]
fn the_rules_of_finance_are_tried_in_their_order() {
    assert_turned_away(
        FINANCE,
        &[
            ("ORG,E9,2025-13,SX,PX,-1,x,1", "AREA"),
            ("ORG,E1,2025-13,SX,PX,-1,x,1", "PERIOD"),
            ("ORG,E1,2026-04,SX,PX,-1,x,1", "PERIOD"),
            ("ORG,E1,2026-01,SX,PX,-1,x,1", "PARTNER"),
            ("RXB,E1,2026-01,SX,P1,-1,x,1", "PARTNER"),
            ("RXA,E1,2026-01,SX,P1,-1,x,1", "SCHEME"),
            ("RXA,E1,2026-01,S1,P1,-1,90.00,95.00", "MONEY"),
            ("RXA,E1,2026-01,S1,P1,-1.00,90.00,", "MONEY"),
            ("RXA,E1,2026-01,S1,P1,-1.00,90.0,95.00", "MONEY"),
            ("RXA,E1,2026-01,S1,P1,\"1,234.00\",90.00,95.00", "MONEY"),
            ("RXA,E1,2026-01,S1,P1,-1.00,90.00,95.00", "NEGATIVE"),
            ("RXA,E1,2026-01,S1,P1,100.00,90.00,95.00", "FUTURE"),
        ],
    );
}

#[test]
fn a_missing_actual_is_queried_up_to_the_reporting_month() {
    assert_accepted(
        FINANCE,
        &[
            ("RXA,E1,2025-12,S1,P1,100.00,-90.00,-95.00", None),
            ("RXA,E1,2025-12,S1,P1,0.00,,95.00", Some("W_NOACTUAL")),
            ("RXA,E1,2026-01,S1,P1,100.00,,95.00", None),
        ],
    );
}

#[test]
fn the_rules_of_capitation_are_tried_in_their_order() {
    assert_turned_away(
        CAPITATION,
        &[
            ("ORG,E9,2025-13,GX,AX,x,1,1", "AREA"),
            ("ORG,E1,2025-13,GX,AX,x,1,1", "PERIOD"),
            ("ORG,E1,2025-11,GX,AX,x,1,1", "ORG"),
            ("RXA,E1,2025-11,GX,AX,x,1,1", "SEGMENT"),
            ("RXA,E1,2025-11,G1,AX,x,1,1", "PRACTICE"),
            ("RXA,E1,2025-11,G1,A1,-5,1,1", "MEMBERS"),
            ("RXA,E1,2025-11,G1,A1,5.0,1,1", "MEMBERS"),
            ("RXA,E1,2025-11,G1,A1,5,10,50.00", "MONEY"),
            ("RXA,E1,2025-11,G1,A1,5,10.00,£50.00", "MONEY"),
        ],
    );
}

#[test]
fn a_rate_other_than_the_contracts_is_queried() {
    assert_accepted(
        CAPITATION,
        &[
            ("RXA,E1,2025-11,G1,A1,5,10.00,50.00", None),
            ("RXA,E1,2025-11,G1,A1,5,10.01,50.00", Some("W_RATE")),
        ],
    );
}

#[test]
fn the_first_good_row_of_a_key_wins_and_a_bad_one_never_stands_in_its_way() {
    for (heading, bad, good, same_key, other_key) in [
        (
            MEASURES,
            "RXA,E1,2025-11,M2,-7,,7",
            "RXA,E1,2025-11,M2,7,,7",
            "RXB,E1,2025-11,M2,8,,8",
            "RXA,E1,2025-10,M2,7,,7",
        ),
        (TARGETS, "E1,2025-11,M2,x", "E1,2025-11,M2,7", "E1,2025-11,M2,8", "E1,2025-11,M1,7"),
        (
            FINANCE,
            "RXA,E1,2025-11,S1,P1,1,1.00,1.00",
            "RXA,E1,2025-11,S1,P1,1.00,1.00,1.00",
            "RXA,E1,2025-11,S1,P1,2.00,2.00,2.00",
            "RXB,E1,2025-11,S1,P2,1.00,1.00,1.00",
        ),
        (
            CAPITATION,
            "RXA,E1,2025-11,G1,A1,x,10.00,1.00",
            "RXA,E1,2025-11,G1,A1,5,10.00,1.00",
            "RXB,E1,2025-11,G1,A1,6,10.00,1.00",
            "RXA,E1,2025-10,G1,A1,5,10.00,1.00",
        ),
    ] {
        let found = checked(heading, &[bad, good, same_key, other_key]);
        let rejects: Vec<_> = found.rejects.iter().map(|reject| (reject.row, reject.code)).collect();
        assert_eq!(rejects.len(), 2, "{heading}: {rejects:?}");
        assert_eq!((rejects[0].0, rejects[1]), (2, (4, "DUP")), "{heading}");
        let rows: Vec<u32> = sources(&found.facts).iter().map(|source| source.row).collect();
        assert_eq!(rows, [3, 5], "{heading}");
    }
}

fn sources(facts: &ReturnFacts) -> Vec<Source> {
    match facts {
        ReturnFacts::Capitation(facts) => facts.iter().map(|fact| fact.source).collect(),
        ReturnFacts::Finance(facts) => facts.iter().map(|fact| fact.source).collect(),
        ReturnFacts::Measures(facts) => facts.iter().map(|fact| fact.source).collect(),
        ReturnFacts::Targets(facts) => facts.iter().map(|fact| fact.source).collect(),
    }
}

#[test]
fn everything_wrong_with_a_row_is_told_and_counted_under_its_first_fault() {
    let found = checked(FINANCE, &["ORG,E9,2025-13,SX,PX,1,x,1"]);
    let codes: Vec<_> = found.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["AREA", "PERIOD", "PARTNER", "SCHEME", "MONEY", "MONEY", "MONEY"]);
    assert_eq!(found.counts.rejected, BTreeMap::from([("AREA", 1)]));
    assert_eq!(found.rejects.len(), 1);
}

#[test]
fn an_amount_with_its_comma_unquoted_is_a_cell_too_many() {
    assert_turned_away(FINANCE, &[("RXA,E1,2025-11,S1,P1,1,234.00,90.00,95.00", "COLUMNS")]);
    let found = checked(FINANCE, &["RXA,E1,2025-11,S1,P1,234.00,90.00,95.00,,"]);
    assert_eq!(found.counts.accepted, 1, "empty cells beyond the headings do not matter");
}

#[test]
fn a_field_is_taken_as_it_stands_and_the_id_that_was_meant_is_told() {
    let found = checked(FINANCE, &["RXA,E1,2025-11, s1,P1,1.00,1.00,1.00"]);
    assert_eq!(
        found.faults[0].to_string(),
        "finance, row 2, column D \"scheme_id\": \" s1\" is not a scheme of the plan. Write it exactly as \
         in the plan: S1"
    );
}

#[test]
fn a_return_without_rows_is_a_return_of_nothing() {
    let found = checked(FINANCE, &[]);
    assert_eq!((found.counts, found.facts), (IntakeCounts::default(), ReturnFacts::Finance(Vec::new())));
}

#[test]
fn an_empty_row_fails_the_first_rule_and_is_told_once() {
    for heading in [MEASURES, TARGETS, FINANCE, CAPITATION] {
        let empty = ",".repeat(heading.matches(',').count());
        assert_turned_away(heading, &[(&empty, "AREA"), (",", "AREA")]);
        let told: Vec<String> = checked(heading, &[&empty]).faults.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].ends_with("row 2: the row is empty. Delete it"), "{told:?}");
    }
}

#[test]
fn money_that_is_refused_is_told_its_form() {
    let told = |row: &str| checked(FINANCE, &[row]).faults[0].remedy.clone();
    for amount in ["16000", "0", "16000.5"] {
        let words = told(&format!("RXA,E1,2025-12,S1,P1,{amount},1.00,1.00"));
        assert!(words.contains("with exactly two decimals") && words.ends_with("like 16000.00"), "{words}");
    }
    assert!(told("RXA,E1,2025-12,S1,P1,-5,1.00,1.00").contains("of nought or more"));
    assert!(
        !told("RXA,E1,2025-12,S1,P1,5.00,-5,1.00").contains("nought or more"),
        "an actual may be below it"
    );
}

#[test]
fn rows_beyond_the_faults_that_are_kept_are_turned_away_and_counted_all_the_same() {
    let plan = plan();
    let rows = ["RXA,E1,2025-11,S1,P1,1.00,x,1.00"; 9];
    let whole = checked(FINANCE, &rows);
    let found = checked_by(&Checker::new(&plan, month("2025-12")).keeping(4), FINANCE, &rows);
    assert_eq!(found.faults, whole.faults[..4]);
    assert_eq!(found.faults_not_kept, whole.faults.len() - 4);
    assert_eq!((found.rejects, found.counts), (whole.rejects, whole.counts));
}

fn checked_by(checker: &Checker<'_>, heading: &str, rows: &[&str]) -> CheckedReturn {
    let text = format!("{heading}\n{}\n", rows.join("\n"));
    let sent = read::open("return.csv", text.as_bytes()).unwrap();
    let known = recognise(&sent.tables[0].heading).unwrap();
    let mut rows = checker.of_return(known.return_type, &sent.tables[0].heading, &known.positions);
    sent.tables[0].for_each_row(|number, record| rows.row(number, record));
    rows.finish()
}
