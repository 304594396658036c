//! What holds of every plan that is read, however its tables were spoilt.

use super::*;
use crate::figures::split::WHOLE_BP;
use proptest::prelude::*;

/// Cells that stand somewhere in a plan, beside arbitrary text.
fn cell() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "",
        "0",
        "1",
        "2",
        "-1",
        "200",
        "4000",
        "6000",
        "10000",
        "99999999999999999999",
        "1.50",
        "TBC",
        "P1",
        "P2",
        "P3",
        "POOL1",
        "CAP1",
        "nea",
        "OWN01",
        "local_metric",
        "SEG1",
        "over",
        "under",
        "step",
        "linear",
        "E06000101",
        "E06000102",
        "2015-16",
        "2015-04",
        "2015-16-Q1",
        "9999-00",
        "0000-01",
        "finance",
        "compute",
        "back up",
        "every hour",
        "0 5 * * *",
        "all",
    ];
    prop_oneof![3 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => any::<String>()]
}

/// Puts `cell` in the place of one cell of one table, counted from the heading on.
fn spoil(files: &mut [PlanFile], (table, at): (usize, usize), cell: &str) {
    let table = table % files.len();
    let text = String::from_utf8(files[table].bytes.clone()).unwrap();
    let mut cells: Vec<&str> = text.split_inclusive([',', '\n']).collect();
    let at = at % cells.len();
    let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
    let end = if cells[at].ends_with('\n') { "\n" } else { "," };
    let spoilt = format!("{quoted}{end}");
    cells[at] = &spoilt;
    files[table].bytes = cells.concat().into_bytes();
}

fn assert_sound(plan: &AreaPlan) {
    let (partners, measures) = (plan.partners.len(), plan.measures.len());
    assert!(plan.schemes.iter().all(|scheme| scheme.pool < plan.pools.len() && scheme.host < partners));
    assert!(plan.partners.windows(2).all(|pair| pair[0].id < pair[1].id));
    for agreement in &plan.risk_shares {
        for bands in [&agreement.over, &agreement.under] {
            let ends: Vec<_> = bands.iter().map(|band| band.upper_bp).collect();
            let (last, before) = ends.split_last().unwrap();
            assert!(last.is_none() && before.iter().all(Option::is_some) && before.is_sorted());
            for (number, band) in (1..).zip(bands) {
                assert_eq!(band.number, number);
                assert_eq!(band.shares.iter().map(|(_, share_bp)| share_bp).sum::<i64>(), WHOLE_BP);
                assert!(band.shares.iter().all(|(partner, _)| *partner < partners));
            }
        }
    }
    let weights: i64 = plan.kpis.iter().map(|kpi| kpi.weight_bp).sum();
    assert!(plan.kpis.is_empty() || weights == WHOLE_BP);
    assert!(plan.kpis.iter().all(|kpi| kpi.measure < measures));
    assert!(plan.targets.iter().all(|target| usize::from(target.measure) < measures));
    assert!(plan.measures.iter().all(|measure| measure.multiplier > 0 && measure.decimals <= 4));
    if let Some(contract) = &plan.contract {
        assert!(contract.commissioner < partners && contract.provider < partners);
        for (segment, month) in (0..plan.segments.len())
            .flat_map(|segment| plan.windows.capitation.iter().map(move |m| (segment, m)))
        {
            assert!(plan.rate(segment, month).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_with_spoilt_cells_is_refused_with_reasons_or_sound(
        spoilt in prop::collection::vec(((any::<usize>(), any::<usize>()), cell()), 1..4),
    ) {
        let mut files = base();
        for (place, cell) in &spoilt {
            spoil(&mut files, *place, cell);
        }
        match read(&files) {
            Ok(plan) => plan.areas.iter().for_each(assert_sound),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| !fault.remedy.is_empty()));
            }
        }
    }

    #[test]
    fn bytes_that_are_no_table_are_refused_with_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut files = without("areas");
        files.push(PlanFile { name: "areas.csv".to_owned(), bytes });
        prop_assert!(read(&files).is_err());
    }
}
