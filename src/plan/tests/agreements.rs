//! Pools, schemes and the bands of risk shares.

use super::*;

/// The made-up plan with the bands of POOL1's overspend put otherwise.
fn with_over_bands(rows: &str) -> Vec<PlanFile> {
    let over = "E06000101,POOL1,over,1,200,P1,6000\nE06000101,POOL1,over,1,200,P2,4000\n\
                E06000101,POOL1,over,2,,P1,10000\n";
    with_change("bands", over, rows)
}

#[test]
fn a_scheme_names_a_pool_and_a_host_of_its_area() {
    let files = with(
        "schemes",
        "area_code,scheme_id,scheme_name,scheme_type,pool_id,host_partner_id\n\
         E06000101,S001,Home care,Home care,POOL2,P9\nE06000101,S001,Equipment,Equipment,POOL1,P1\n\
         E06000102,S001,Elsewhere,Equipment,POOL1,P1\n",
    );
    assert_eq!(
        faults(&files),
        [
            "schemes, row 2, column E \"pool_id\": \"POOL2\" is no pool of area E06000101. Correct it, or add \
             the pool to pools",
            "schemes, row 2, column F \"host_partner_id\": \"P9\" is no partner of area E06000101. Correct it, \
             or add the partner to partners",
            "schemes, row 3, column B \"scheme_id\": \"S001\" stands in row 2 already. Keep one of the two \
             rows",
            "schemes, row 4, column E \"pool_id\": \"POOL1\" is no pool of area E06000102. Correct it, or add \
             the pool to pools",
        ]
    );
}

#[test]
fn the_shares_of_a_band_are_the_whole() {
    let files = with_over_bands(
        "E06000101,POOL1,over,1,200,P1,6000\nE06000101,POOL1,over,1,200,P2,3999\n\
         E06000101,POOL1,over,2,,P1,10000\n",
    );
    assert_eq!(
        faults(&files),
        ["bands, row 2: the shares of band 1 of POOL1 (over) of area E06000101, in rows 2 and 3, add up to \
             9,999 bp. They must add up to 10,000"]
    );
}

#[test]
fn bands_are_numbered_without_a_gap() {
    let files = with_over_bands("E06000101,POOL1,over,1,200,P1,10000\nE06000101,POOL1,over,3,,P1,10000\n");
    assert_eq!(
        faults(&files),
        ["bands, row 2: POOL1 (over) of area E06000101 lacks band 2. Number its bands 1, 2, 3 without a gap"]
    );
}

#[test]
fn bands_rise_and_only_the_last_has_no_end() {
    let files = with_over_bands(
        "E06000101,POOL1,over,1,200,P1,10000\nE06000101,POOL1,over,2,200,P1,10000\n\
         E06000101,POOL1,over,3,,P1,10000\nE06000101,POOL1,over,4,1500,P1,10000\n",
    );
    assert_eq!(
        faults(&files),
        [
            "bands, row 3: band 2 of POOL1 (over) of area E06000101 ends at 200 bp, not above the band before \
             it, 200 bp. Write a higher upper_bp",
            "bands, row 4: band 3 of POOL1 (over) of area E06000101 has no end but is not the last. Write its \
             upper_bp",
            "bands, row 5: POOL1 (over) of area E06000101 ends at 1,500 bp with band 4, so that nobody bears \
             what lies beyond. Leave upper_bp of the last band empty",
        ]
    );
}

#[test]
fn the_rows_of_a_band_agree_on_its_end_and_name_each_partner_once() {
    let files = with_over_bands(
        "E06000101,POOL1,over,1,200,P2,4000\nE06000101,POOL1,over,1,250,P1,2000\n\
         E06000101,POOL1,over,1,200,P2,4000\nE06000101,POOL1,over,2,,P1,10000\n",
    );
    assert_eq!(
        faults(&files),
        [
            "bands, row 3: band 1 of POOL1 (over) of area E06000101 has another upper_bp than in row 2. Write \
             the same in each of its rows",
            "bands, row 4: the partner has a share of band 1 of POOL1 (over) of area E06000101 in row 2 \
             already. Keep one of the two rows",
        ]
    );
}

#[test]
fn an_agreement_has_both_sides() {
    let files = with_change("bands", "E06000101,POOL1,under,1,,P2,10000\n", "");
    assert_eq!(
        faults(&files),
        ["bands: POOL1 (under) of area E06000101 has no bands. Say who bears the variance on both sides, \
             over and under"]
    );
}

#[test]
fn where_an_area_has_bands_each_of_its_pools_has() {
    let mut files = with_change("pools", "E06000101,POOL1", "E06000101,POOL2,Housing\nE06000101,POOL1");
    assert_eq!(
        faults(&files),
        ["bands: pool POOL2 of area E06000101 has no bands. Say who bears its variance, over and under"]
    );
    // With no bands at all nothing is shared, and that may be so.
    files.retain(|file| file.name != "bands.csv");
    assert!(read(&files).unwrap().areas[0].risk_shares.is_empty());
}

#[test]
fn a_band_belongs_to_a_pool_or_the_contract_of_its_area() {
    let files = with_change("bands", "E06000101,CAP1,over", "E06000101,CAP2,over");
    assert_eq!(
        faults(&files),
        [
            "bands: CAP1 (over) of area E06000101 has no bands. Say who bears the variance on both sides, \
             over and under",
            "bands, row 6, column B \"agreement_id\": \"CAP2\" is no pool and no contract of area E06000101. \
             Correct it, or add it to pools or contracts",
        ]
    );
}

#[test]
fn the_cells_of_a_band_are_whole_numbers_and_known_words() {
    let files = with_over_bands(
        "E06000101,POOL1,Over,1,200,P1,10000\nE06000101,POOL1,over,0,2%,P1,10001\n\
         E06000101,POOL1,over,2,,P1,10000.0\n",
    );
    assert_eq!(
        faults(&files),
        [
            "bands, row 2, column C \"side\": \"Over\" is not known here. Write over or under",
            "bands, row 3, column D \"band_no\": \"0\" is not a whole number from 1 to 99. Write the band's \
             number, from 1",
            "bands, row 3, column E \"upper_bp\": \"2%\" is not a whole number from 1 to 1,000,000. Write \
             where the band ends, in basis points of the base; nothing for the last band",
            "bands, row 3, column G \"share_bp\": \"10001\" is not a whole number from 0 to 10,000. Write the \
             partner's share of the band in basis points, like 2500 for a quarter",
            "bands, row 4, column G \"share_bp\": \"10000.0\" is not a whole number from 0 to 10,000. Write \
             the partner's share of the band in basis points, like 2500 for a quarter",
        ]
    );
}
