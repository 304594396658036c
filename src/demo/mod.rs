//! The built-in example: Buckinghamshire's Better Care Fund as at November 2015, as tables.
//!
//! From the county's commissioning strategy of February 2015 come the nine measures and their
//! targets for 2015/16, the partners, the names of the services, the pool of £28m and the £7.6m that
//! protects social care. Delayed days are NHS England's published monthly figures for the county
//! (Open Government Licence). Everything else is illustrative and says so: the other actuals, the
//! budget and outturn of each scheme, the shares of the risk share, and a capitated contract for four
//! practices and 35,000 people in the manner of South Worcestershire's strategy of 2015.
//!
//! The files have the same columns as anyone's; nothing here is read in a way of its own.

use crate::people::{Role, RoleHeld};
use chrono::{NaiveDate, NaiveDateTime};

/// The month that the example is reported as at.
pub const AS_AT: &str = "2015-11";

/// The name and bytes of every table of the plan.
pub fn plan_files() -> Vec<(&'static str, &'static [u8])> {
    vec![
        ("areas.csv", include_bytes!("plan/areas.csv")),
        ("bands.csv", include_bytes!("plan/bands.csv")),
        ("contracts.csv", include_bytes!("plan/contracts.csv")),
        ("kpis.csv", include_bytes!("plan/kpis.csv")),
        ("measures.csv", include_bytes!("plan/measures.csv")),
        ("papers.csv", include_bytes!("plan/papers.csv")),
        ("partners.csv", include_bytes!("plan/partners.csv")),
        ("pools.csv", include_bytes!("plan/pools.csv")),
        ("practices.csv", include_bytes!("plan/practices.csv")),
        ("rates.csv", include_bytes!("plan/rates.csv")),
        ("returns_due.csv", include_bytes!("plan/returns_due.csv")),
        ("schemes.csv", include_bytes!("plan/schemes.csv")),
        ("segments.csv", include_bytes!("plan/segments.csv")),
        ("targets.csv", include_bytes!("plan/targets.csv")),
        ("windows.csv", include_bytes!("plan/windows.csv")),
    ]
}

/// The area, name and bytes of every return.
pub fn return_files() -> Vec<(&'static str, &'static str, &'static [u8])> {
    vec![
        ("E10000002", "capitation.csv", include_bytes!("returns/E10000002/capitation.csv")),
        ("E10000002", "finance.csv", include_bytes!("returns/E10000002/finance.csv")),
        ("E10000002", "measures.csv", include_bytes!("returns/E10000002/measures.csv")),
    ]
}

/// A return that waits for somebody to accept it when the example is opened: whose address, its name, its
/// bytes, and what its sender says of the figure that moved. The correction is made up.
pub fn sent_return() -> (&'static str, &'static str, &'static [u8], &'static str) {
    (
        "officer.trust@example.org",
        "finance-november-corrected.csv",
        include_bytes!("sent/finance.csv"),
        "Two invoices for assessment staff came in after the first return; December will be lower again.",
    )
}

/// The time at which the example is opened: its month's returns are coming in.
pub fn now() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(2015, 12, 8).expect("the day exists");
    day.and_hms_opt(10, 0, 0).expect("the time exists")
}

/// The area of the example.
pub const AREA: &str = "E10000002";

/// Address, name and roles of people who work with the example. They are made up.
pub fn people() -> Vec<(&'static str, &'static str, Vec<RoleHeld>)> {
    let in_area = |role, partner: Option<&str>| {
        vec![RoleHeld { role, area_code: Some(AREA.into()), partner_id: partner.map(str::to_owned) }]
    };
    vec![
        ("officer.council@example.org", "Priya Shah", in_area(Role::PartnerOfficer, Some("BCC"))),
        ("approver.council@example.org", "Tom Baker", in_area(Role::PartnerApprover, Some("BCC"))),
        ("officer.trust@example.org", "Grace Obi", in_area(Role::PartnerOfficer, Some("BHT"))),
        ("approver.trust@example.org", "Daniel Reed", in_area(Role::PartnerApprover, Some("BHT"))),
        ("manager@example.org", "Morgan Ellis", in_area(Role::PooledBudgetManager, None)),
        ("deputy@example.org", "Sam Whitfield", in_area(Role::PooledBudgetManager, None)),
        ("board@example.org", "Councillor Jean Marsh", in_area(Role::BoardMember, None)),
        ("alliance@example.org", "Dr Imran Malik", in_area(Role::AllianceMember, None)),
        ("auditor@example.org", "Ruth Lane", in_area(Role::Auditor, None)),
        (
            "administrator@example.org",
            "Alex Turner",
            vec![RoleHeld { role: Role::Administrator, area_code: None, partner_id: None }],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{money::Pence, period::Month};
    use std::collections::{BTreeMap, BTreeSet};

    type Row = BTreeMap<String, String>;

    fn rows(bytes: &[u8]) -> Vec<Row> {
        let mut reader = csv::Reader::from_reader(bytes);
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    fn plan(table: &str) -> Vec<Row> {
        let (_, bytes) = plan_files().into_iter().find(|(name, _)| *name == table).unwrap();
        rows(bytes)
    }

    fn returned(name: &str) -> Vec<Row> {
        let (_, _, bytes) = return_files().into_iter().find(|(_, file, _)| *file == name).unwrap();
        rows(bytes)
    }

    fn targets_of(measure: &str) -> Vec<(String, String)> {
        plan("targets.csv")
            .into_iter()
            .filter(|row| row["measure_id"] == measure)
            .map(|row| (row["period"].clone(), row["target"].clone()))
            .collect()
    }

    /// The monthly targets of a measure for 2015-16, in order.
    fn profile_of(measure: &str) -> Vec<i64> {
        let april = Month::new(2015, 4);
        targets_of(measure)
            .into_iter()
            .filter(|(period, _)| Month::parse(period.as_bytes()) >= april)
            .map(|(_, target)| target.parse().unwrap())
            .collect()
    }

    /// The target of a measure that has one for the whole of 2015-16 and none for a month.
    fn annual_only(measure: &str) -> String {
        let targets = targets_of(measure);
        assert_eq!(targets.len(), 1, "{measure}");
        assert_eq!(targets[0].0, "2015-16");
        targets[0].1.clone()
    }

    fn column(rows: &[Row], column: &str) -> BTreeSet<String> {
        rows.iter().map(|row| row[column].clone()).collect()
    }

    fn months(count: usize, target: i64) -> Vec<i64> {
        vec![target; count]
    }

    #[test]
    fn every_table_has_a_heading_and_rows_in_plain_utf_8() {
        let returns = return_files().into_iter().map(|(_, name, bytes)| (name, bytes));
        for (name, bytes) in plan_files().into_iter().chain(returns) {
            assert!(!rows(bytes).is_empty(), "{name}");
            assert!(std::str::from_utf8(bytes).is_ok(), "{name}");
            assert!(!bytes.contains(&b'\r') && bytes.ends_with(b"\n"), "{name}");
        }
        assert!(Month::parse(AS_AT.as_bytes()).is_some());
    }

    #[test]
    fn the_pool_is_28_million_of_which_7_6_million_protects_social_care() {
        let pool_of: BTreeMap<String, String> = plan("schemes.csv")
            .into_iter()
            .map(|row| (row["scheme_id"].clone(), row["pool_id"].clone()))
            .collect();
        let mut budget: BTreeMap<String, i64> = BTreeMap::new();
        for row in returned("finance.csv").iter().filter(|row| row["period"].as_str() >= "2015-04") {
            let line = Pence::parse(row["budget"].as_bytes()).unwrap();
            *budget.entry(pool_of[&row["scheme_id"]].clone()).or_default() += line.0;
        }
        // £20,400,000.00 + £7,600,000.00 = £28,000,000.00, in pence
        assert_eq!(budget["INTEGRATED"], 2_040_000_000);
        assert_eq!(budget["SOCIALCARE"], 760_000_000);
        assert_eq!(budget.values().sum::<i64>(), 2_800_000_000);
    }

    #[test]
    fn the_nine_measures_stand_first_in_the_order_of_the_paper() {
        let names: Vec<String> =
            plan("measures.csv").into_iter().map(|row| row["measure_name"].clone()).collect();
        assert_eq!(
            names[..9],
            [
                "Rate of emergency admissions",
                "Permanent admissions to care homes",
                "Reablement (proportion still at home after 91 days)",
                "Delayed transfers of care",
                "Emergency readmissions after 28 days",
                "Patient Experience (social care)",
                "Patient Experience (acute care)",
                "Patients >65 discharged to the same address",
                "Occupied bed days",
            ]
        );
    }

    #[test]
    fn emergency_admissions_by_month_fall_7_short_of_the_year() {
        let profile = profile_of("NEA");
        assert_eq!(profile, [months(3, 652), months(3, 672), months(3, 679), months(3, 660)].concat());
        // 3 × 652 + 3 × 672 + 3 × 679 + 3 × 660 = 7,989; 7,996 − 7,989 = 7
        assert_eq!(profile.iter().sum::<i64>(), 7_989);
        assert_eq!(targets_of("NEA")[0], ("2015-16".to_owned(), "7996".to_owned()));
    }

    #[test]
    fn delayed_transfers_by_month_add_up_to_the_year() {
        let profile = profile_of("DTOC");
        assert_eq!(profile, [months(9, 156), months(3, 155)].concat());
        // 9 × 156 + 3 × 155 = 1,869
        assert_eq!(profile.iter().sum::<i64>(), 1_869);
        assert_eq!(targets_of("DTOC")[0], ("2015-16".to_owned(), "1869".to_owned()));
    }

    #[test]
    fn the_other_targets_are_for_the_year_blank_or_to_be_confirmed_as_printed() {
        assert_eq!(annual_only("CAREHOMES"), "697");
        assert_eq!(annual_only("REABLE91"), "86");
        assert_eq!(annual_only("READMIT"), "");
        assert_eq!(annual_only("EXPSOCIAL"), "0.7");
        assert_eq!(annual_only("EXPACUTE"), "95");
        assert_eq!(annual_only("SAMEADDRESS"), "TBC");
        assert_eq!(annual_only("BEDDAYS"), "TBC");
        let all = plan("targets.csv");
        assert_eq!(all.iter().filter(|row| row["target"] == "TBC").count(), 2);
        assert_eq!(all.iter().filter(|row| row["target"].is_empty()).count(), 1);
    }

    #[test]
    fn the_shares_of_every_band_and_the_weights_sum_to_10_000() {
        let mut shares: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for row in plan("bands.csv") {
            let band = (row["agreement_id"].clone(), row["side"].clone(), row["band_no"].clone());
            *shares.entry(band).or_default() += row["share_bp"].parse::<i64>().unwrap();
        }
        assert!(shares.values().all(|sum| *sum == 10_000), "{shares:?}");
        let weights = plan("kpis.csv").into_iter().map(|row| row["weight_bp"].parse::<i64>().unwrap());
        assert_eq!(weights.sum::<i64>(), 10_000);
    }

    #[test]
    fn a_measure_that_earns_has_a_target_for_every_month() {
        for row in plan("kpis.csv") {
            assert_eq!(profile_of(&row["measure_id"]).len(), 12, "{}", row["measure_id"]);
        }
    }

    #[test]
    fn returns_speak_only_of_what_the_plan_names() {
        let (measures, finance, capitation) =
            (returned("measures.csv"), returned("finance.csv"), returned("capitation.csv"));
        let codes = column(&plan("partners.csv"), "org_code");
        for file in [&measures, &finance, &capitation] {
            assert!(column(file, "org_code").is_subset(&codes));
        }
        assert_eq!(column(&measures, "measure_id"), column(&plan("measures.csv"), "measure_id"));
        assert_eq!(column(&finance, "scheme_id"), column(&plan("schemes.csv"), "scheme_id"));
        assert_eq!(column(&finance, "partner_id"), column(&plan("partners.csv"), "partner_id"));
        assert_eq!(column(&capitation, "segment_id"), column(&plan("segments.csv"), "segment_id"));
        assert_eq!(column(&capitation, "practice_code"), column(&plan("practices.csv"), "practice_code"));
        assert!(finance.iter().all(|row| row["actual"].is_empty() || row["period"].as_str() <= AS_AT));
    }
}
