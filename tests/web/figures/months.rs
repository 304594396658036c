//! The months that are kept of an area's measures give the scorecard that its facts give.

use crate::site::{AREA, on_each_database};
use outturn::figures::{
    measure::{LastMonths, MeasurePosition, scorecard},
    period::Month,
};

#[test]
fn a_scorecard_from_the_months_that_are_kept_is_that_of_the_facts() {
    on_each_database(|site| {
        let service = &site.site.service;
        let (measures, area) = (service.measures(AREA).unwrap(), service.area(AREA).unwrap());
        let window = area.agreement().windows.measures;
        let mut judged = 0;
        // Also before the first month and after the last, when there is little or nothing to show.
        for later in -1..=window.count() as i32 {
            let as_at = window.first().plus(later);
            let expected = scorecard(area.agreement(), area.facts(), as_at);
            judged += expected.iter().filter(|position| position.year_to_date.value.is_some()).count();
            for (place, position) in expected.iter().enumerate() {
                assert_eq!(measures.last_months(place, as_at), last_months(position, as_at), "{as_at}");
            }
            let expected: Vec<_> = expected.into_iter().map(|position| position.with(())).collect();
            assert_eq!(measures.scorecard(as_at), expected, "{as_at}");
        }
        assert!(judged > 50, "{judged}");
    });
}

fn last_months(position: &MeasurePosition, as_at: Month) -> LastMonths {
    let mut last = LastMonths::default();
    for figure in &position.months {
        let back = as_at.since(figure.month);
        if (0..13).contains(&back) {
            last[12 - back as usize] = figure.value.map(|value| value.published.mantissa());
        }
    }
    last
}
