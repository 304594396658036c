//! What a sender who is bound to one organisation may send.

use super::*;

#[test]
fn what_is_told_of_a_row_agrees_with_who_sends_it_and_for_which_month() {
    let text =
        format!("{FINANCE}\nRXA,E1,2025-11,S1,P2,1.00,1.00,1.00\nRXA,E1,2025-13,S1,P1,1.00,1.00,1.00\n");
    let sent = read::open("return.csv", text.as_bytes()).unwrap();
    let known = recognise(&sent.tables[0].heading).unwrap();
    let plan = plan();
    let held = AreaFacts::default();
    let checker = Checker::new(&plan, month("2025-12")).sent_by("RXA", &held);
    let mut rows = checker.of_return(known.return_type, &sent.tables[0].heading, &known.positions);
    sent.tables[0].for_each_row(|number, record| rows.row(number, record));
    let told: Vec<String> = rows.finish().faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "finance, row 2, column E \"partner_id\": \"P2\" is another organisation than RXA, which sends the \
             return. Write P1, or take the row out",
            "finance, row 3, column C \"period\": \"2025-13\" is not a month. Write the year and month, like 2025-12",
        ]
    );
}

#[test]
fn a_partner_sends_no_rows_of_another_organisation() {
    let plan = plan();
    let rows = ["RXA,E1,2025-11,S1,P1,1.00,1.00,1.00", "RXB,E1,2025-11,S1,P2,1.00,x,1.00"];
    let found = checked_by(
        &Checker::new(&plan, month("2025-12")).sent_by("RXA", &AreaFacts::default()),
        FINANCE,
        &rows,
    );
    assert_eq!(
        found.faults[0].to_string(),
        "finance, row 3, column A \"org_code\": \"RXB\" is another organisation's row. Take it out: your own \
         rows have RXA"
    );
    assert_eq!((found.faults.len(), found.counts.accepted), (1, 1));
}

#[test]
fn a_partner_sends_nothing_about_a_measure_that_another_reports() {
    let plan = plan();
    let held = checked(MEASURES, &["RXB,E1,2025-10,M1,5,10,50", "RXA,E1,2025-09,M1,5,10,50"]);
    let ReturnFacts::Measures(measures) = held.facts else { unreachable!() };
    let held = AreaFacts { measures, ..AreaFacts::default() };
    // October is RXB's, September was RXA's; the months after are for whoever reported last; nobody has
    // reported M2 yet.
    let rows = [
        "RXA,E1,2025-10,M1,6,10,60",
        "RXA,E1,2025-09,M1,6,10,60",
        "RXA,E1,2025-11,M1,6,10,60",
        "RXA,E1,2025-11,M2,7,,7",
    ];
    let checker = || Checker::new(&plan, month("2025-12"));
    let found = checked_by(&checker().sent_by("RXA", &held), MEASURES, &rows);
    let rejects: Vec<_> = found.rejects.iter().map(|reject| (reject.row, reject.code)).collect();
    assert_eq!(rejects, [(2, "OWN"), (4, "OWN")]);
    assert!(found.faults[0].to_string().contains("is reported by"), "{}", found.faults[0]);
    assert_eq!(checked_by(&checker(), MEASURES, &rows).rejects, [], "a manager sends for all");
}

#[test]
fn the_contracts_provider_alone_sends_its_capitation_return() {
    let contract = Contract { id: "C1".into(), commissioner: 0, provider: 1, incentive_bp: 0 };
    let plan = AreaPlan { contract: Some(contract), ..plan() };
    let held = AreaFacts::default();
    for (org_code, accepted) in [("RXA", 0), ("RXB", 1)] {
        let checker = Checker::new(&plan, month("2025-12")).sent_by(org_code, &held);
        let row = format!("{org_code},E1,2025-11,G1,A1,5,10.00,50.00");
        let found = checked_by(&checker, CAPITATION, &[row.as_str()]);
        assert_eq!(found.counts.accepted, accepted, "{:?}", found.faults);
    }
}
