//! The capitated contract: segments, rates, practices, and the KPIs of its incentive.

use super::*;

#[test]
fn an_area_has_one_contract_at_most() {
    let files = with_change("contracts", "P1,P3,250\n", "P1,P3,250\nE06000101,CAP2,P1,P3,0\n");
    assert_eq!(
        faults(&files),
        ["contracts, row 3, column A \"area_code\": \"E06000101\" has a contract in row 2 already. An area \
             has one capitated contract at most"]
    );
}

#[test]
fn commissioner_and_provider_are_two_partners() {
    let files = with_change("contracts", "P1,P3,250", "P3,P3,20000");
    assert_eq!(
        faults(&files),
        [
            "contracts, row 2, column D \"provider_partner_id\": \"P3\" is the commissioner too. Write the \
             partner that provides the care",
            "contracts, row 2, column E \"incentive_bp\": \"20000\" is not a whole number from 0 to 10,000. \
             Write the incentive in basis points of the contract's value, like 250",
        ]
    );
}

#[test]
fn a_contract_is_not_named_like_a_pool() {
    let files = with_change("contracts", "CAP1", "POOL1");
    assert_eq!(
        faults(&files)[0],
        "contracts, row 2, column B \"contract_id\": \"POOL1\" is the id of a pool of the area too, so that \
         bands could mean either. Give another id"
    );
}

#[test]
fn a_contract_needs_a_rate_for_each_segment_and_year_of_the_capitation_window() {
    let files = with_change("windows", "capitation,2015-04,2016-03", "capitation,2015-03,2016-03");
    assert_eq!(
        faults(&files),
        ["rates: area E06000101 has contract CAP1 but no rate for SEG1 in 2014-15, SEG2 in 2014-15. Add a \
             row for each segment and year from 2014-15 to 2015-16"]
    );
    let files = with_change("windows", "capitation,2015-04,2016-03", "capitation,2012-04,2018-03");
    assert!(faults(&files)[0].contains("SEG1 in 2017-18, SEG2 in 2012-13 and 4 more. Add"));
}

#[test]
fn a_contract_needs_segments() {
    let files: Vec<_> = without("segments").into_iter().filter(|file| file.name != "rates.csv").collect();
    assert_eq!(
        faults(&files),
        ["segments: area E06000101 has contract CAP1 but the plan has no segments. Add a row for each"]
    );
}

#[test]
fn a_rate_is_money_for_a_known_segment_and_year_once() {
    let files = with_change(
        "rates",
        "E06000101,SEG2,2015-16,168.50\n",
        "E06000101,SEG2,2015-16,168.50\nE06000101,SEG9,2015-16,1.00\nE06000101,SEG2,2015-17,1.00\n\
         E06000101,SEG2,2015-16,-1.00\n",
    );
    assert_eq!(
        faults(&files),
        [
            "rates, row 4, column B \"segment_id\": \"SEG9\" is no segment of the plan. Correct it, or add \
             the segment to segments",
            "rates, row 5, column C \"fy\": \"2015-17\" is not a financial year. Write it like 2025-26",
            "rates, row 6, column C \"fy\": \"2015-16\" has a rate for SEG2 in row 3 already. Keep one of the \
             two rows",
            "rates, row 6, column D \"rate\": \"-1.00\" is not an amount of money of nought or more. Write \
             pounds and pence with two decimals, like 42.60",
        ]
    );
}

#[test]
fn a_practice_stands_once_in_its_area() {
    let files = with_change(
        "practices",
        "practice 1\n",
        "practice 1\nE06000101,A81000,Again\nE06000102,A81000,Another area's\n",
    );
    assert_eq!(
        faults(&files),
        ["practices, row 3, column B \"practice_code\": \"A81000\" stands in row 2 already. Keep one of \
             the two rows"]
    );
}

#[test]
fn the_weights_of_an_area_are_the_whole() {
    assert_eq!(
        faults(&with_change("kpis", "OWN01,4000", "OWN01,3000")),
        [
            "kpis, row 2: the weights of area E06000101, in rows 2 and 3, add up to 9,000 bp. They must add up \
             to 10,000"
        ]
    );
}

#[test]
fn a_kpi_is_a_measure_of_the_area_with_a_rule() {
    let files = with_change(
        "kpis",
        "E06000101,OWN01,4000,step,0\n",
        "E06000101,OWN02,4000,step,\nE06000101,FLW01,4000,cliff,0\nE06000101,OWN01,40%,linear,0\n\
         E06000101,nea,0,step,\n",
    );
    assert_eq!(
        faults(&files),
        [
            "kpis, row 3, column B \"measure_id\": \"OWN02\" is no measure of area E06000101. Correct it, or \
             add the measure to measures",
            "kpis, row 4, column D \"rule\": \"cliff\" is not known here. Write step or linear",
            "kpis, row 5, column C \"weight_bp\": \"40%\" is not a whole number from 0 to 10,000. Write the \
             measure's part of the incentive in basis points, like 1500",
            "kpis, row 5, column E \"floor_bp\": \"0\" is not a whole number from 1 to 10,000. Write how far \
             from target nothing is earned, in basis points, like 1000",
            "kpis, row 6, column B \"measure_id\": \"nea\" stands in row 2 already. Keep one of the two rows",
        ]
    );
}

#[test]
fn an_incentive_without_kpis_and_kpis_without_a_contract_are_notes() {
    assert_eq!(
        notes(&without("kpis")),
        ["kpis: area E06000101 has an incentive but no KPIs, so that none of it can be earned"]
    );
    let files: Vec<_> = without("contracts").into_iter().filter(|file| file.name != "bands.csv").collect();
    assert_eq!(
        notes(&files),
        ["kpis, row 2: area E06000101 has KPIs but no contract, so that nothing can be earned by them"]
    );
}

#[test]
fn a_contract_without_practices_is_a_note() {
    assert_eq!(
        notes(&without("practices")),
        ["practices: area E06000101 has contract CAP1 but no practice, so that it can report no members"]
    );
}
