//! What if, on the built-in example.

use super::*;
use crate::{
    figures::position::Position,
    packs::{
        compose::{PackSource, compose, value::Value},
        difference,
        example::Example,
    },
};

fn supposed(example: &Example, change: Change) -> AreaFacts {
    suppose(&example.plan, &example.facts, example.position.as_at, &[change]).unwrap()
}

fn position(example: &Example, facts: &AreaFacts) -> Position {
    Position::of(&example.plan, facts, example.position.as_at)
}

/// What moves in the pack where the facts are these: figure and difference.
fn moved(example: &Example, facts: &AreaFacts) -> BTreeMap<String, Option<Value<'static>>> {
    let position = position(example, facts);
    let after = compose(PackSource { facts, position: &position, ..example.source() });
    let changes = difference(&example.composed(), &after);
    changes.into_iter().map(|change| (change.figure, change.difference)).collect()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn measure(example: &Example, id: &str) -> usize {
    example.plan.measures.iter().position(|measure| measure.id == id).unwrap()
}

#[test]
fn a_year_to_date_is_reached_to_the_last_digit_whatever_the_kind_of_measure() {
    let example = Example::published();
    // A rate over a population, a ratio, a count and a stock.
    for (id, value) in
        [("NEA", "5200"), ("NEA", "0"), ("CAREPLAN", "65.0"), ("FRAILADMIT", "700"), ("ATRISK", "1000")]
    {
        let facts = supposed(&example, Change::YearToDate { measure: id.into(), value: number(value) });
        let position = position(&example, &facts);
        assert_eq!(position.scorecard[measure(&example, id)].year_to_date.value, Some(number(value)), "{id}");
        assert!(facts.measures.iter().all(|fact| fact.numerator_hundredths >= 0));
    }
}

#[test]
fn the_months_of_a_year_to_date_are_scaled_alike_and_denominators_stay() {
    let example = Example::published();
    let facts = supposed(&example, Change::YearToDate { measure: "NEA".into(), value: number("2600") });
    let nea = measure(&example, "NEA");
    let counts = |facts: &AreaFacts, of: fn(&MeasureFact) -> i64| -> Vec<i64> {
        let months = facts.measures.iter().filter(|fact| usize::from(fact.measure) == nea);
        months.filter(|fact| fact.month >= Month::new(2015, 4).unwrap()).map(of).collect()
    };
    let before = counts(&example.facts, |fact| fact.numerator_hundredths);
    let after = counts(&facts, |fact| fact.numerator_hundredths);
    let (all_before, all_after) = (before.iter().sum::<i64>(), after.iter().sum::<i64>());
    // Each month has its part of the whole, to less than one person. People stay whole.
    for (before, after) in before.iter().zip(&after) {
        assert!((after * all_before - before * all_after).abs() < 100 * all_before, "{before} {after}");
        assert_eq!(after % 100, 0);
    }
    let denominators = |fact: &MeasureFact| fact.denominator_hundredths.unwrap();
    assert_eq!(counts(&example.facts, denominators), counts(&facts, denominators));
}

#[test]
fn a_kpi_that_meets_its_target_earns_its_part_and_money_elsewhere_stays() {
    let example = Example::published();
    let position = &example.position;
    let nea = measure(&example, "NEA");
    let target = position.scorecard[nea].year_to_date.target.unwrap();
    let facts = supposed(&example, Change::YearToDate { measure: "NEA".into(), value: target });
    let kpi = example.plan.kpis.iter().position(|kpi| kpi.measure == nea).unwrap();
    let standing = &position.contract.as_ref().unwrap().incentive.kpis[kpi];
    let moved = moved(&example, &facts);
    let more = standing.available - standing.earned;
    assert!(more > Pence::ZERO);
    assert_eq!(moved["incentive.NEA.earned"], Some(Value::Money(more)));
    assert_eq!(moved["incentive.total.earned"], Some(Value::Money(more)));
    assert!(!moved.keys().any(|figure| figure.starts_with("schemes.") || figure.starts_with("segments.")));
}

#[test]
fn a_month_is_replaced_and_keeps_its_denominator() {
    let example = Example::published();
    let month = Month::new(2015, 11).unwrap();
    let change = Change::MeasureMonth {
        measure: "NEA".into(),
        month,
        numerator_hundredths: 5_053_00,
        denominator_hundredths: None,
    };
    let position = position(&example, &supposed(&example, change));
    let figure =
        position.scorecard[measure(&example, "NEA")].months.iter().find(|f| f.month == month).unwrap();
    // 5,053 of 505,300 residents are 1,000 per 100,000.
    assert_eq!(figure.value.unwrap().published, number("1000"));
}

#[test]
fn an_outturn_moves_the_years_last_forecast_by_the_difference() {
    let example = Example::published();
    let scheme = example.plan.schemes.iter().position(|scheme| scheme.id == "S01").unwrap();
    let present = example.position.fund.schemes[scheme].outturn_full_year;
    let facts =
        supposed(&example, Change::SchemeOutturn { scheme: "S01".into(), outturn: present + Pence(100_01) });
    let march = Month::new(2016, 3).unwrap();
    let changed: Vec<(&str, i64)> = facts
        .finance
        .iter()
        .zip(&example.facts.finance)
        .filter(|(after, before)| after != before)
        .map(|(after, before)| {
            assert_eq!((after.month, after.actual), (march, before.actual));
            let partner = &example.plan.partners[usize::from(after.partner)];
            (partner.id.as_str(), after.forecast.0 - before.forecast.0)
        })
        .collect();
    // The council's budget is 40% of the scheme's and the trust's 60%: of £100.01, £40.004 and £60.006,
    // of which the odd penny goes to the larger remainder.
    assert_eq!(changed, [("BCC", 40_00), ("BHT", 60_01)]);
    let moved = moved(&example, &facts);
    assert_eq!(moved["schemes.S01.outturn"], Some(Value::Money(Pence(100_01))));
    assert_eq!(moved["pools.total.variance_full_year"], Some(Value::Money(Pence(100_01))));
    assert!(!moved.contains_key("schemes.S01.actual_to_date"));
}

#[test]
fn one_partners_part_of_a_scheme_moves_alone_also_at_the_years_end() {
    for month in ["2015-11", "2016-03"] {
        let example = Example::as_at(month, |_, text| text);
        let change = Change::PartnerOutturn {
            scheme: "S01".into(),
            partner: "BHT".into(),
            outturn: Pence(300_000_00),
        };
        let facts = supposed(&example, change);
        let bht = example.plan.partners.iter().position(|partner| partner.id == "BHT").unwrap();
        let sum: Pence = facts
            .finance
            .iter()
            .filter(|line| (line.scheme, usize::from(line.partner)) == (0, bht))
            .filter(|line| line.month.financial_year() == example.position.as_at.financial_year())
            .map(|line| line.spend(example.position.as_at))
            .sum();
        assert_eq!(sum, Pence(300_000_00), "{month}");
        let changed =
            facts.finance.iter().zip(&example.facts.finance).filter(|(after, before)| after != before);
        assert_eq!(changed.count(), 1);
    }
}

#[test]
fn members_are_multiplied_or_set_month_by_month() {
    let example = Example::published();
    let members = |facts: &AreaFacts| -> Vec<u32> {
        let april = Month::new(2015, 4).unwrap();
        let of_segment = facts.capitation.iter().filter(|line| line.segment == 3 && line.month == april);
        of_segment.map(|line| line.members).collect()
    };
    let before: u32 = members(&example.facts).iter().sum();
    let segment = || "SEG4".to_owned();
    let tenth =
        supposed(&example, Change::Members { segment: segment(), members: Members::Times { bp: 11_000 } });
    assert_eq!(members(&tenth).iter().sum::<u32>(), (before * 11 + 5) / 10);
    let set = supposed(&example, Change::Members { segment: segment(), members: Members::EachMonth(300) });
    assert_eq!(members(&set).iter().sum::<u32>(), 300);
    let moved = moved(&example, &set);
    // 8 months of 300 members at £2,450.00.
    let position = position(&example, &set);
    let of_segment = position.contract.unwrap().capitation.segments[3];
    assert_eq!((of_segment.member_months, of_segment.contract_value), (2_400, Pence(2_400 * 2_450_00)));
    assert!(moved.contains_key("incentive.total.available") && moved.contains_key("corridor.total.share"));
    assert!(!moved.keys().any(|figure| figure.ends_with(".cost") || figure.contains("last-year")));
}

#[test]
fn what_the_plan_does_not_have_cannot_be_supposed() {
    let example = Example::published();
    let refused = |change: Change| {
        suppose(&example.plan, &example.facts, example.position.as_at, &[change]).unwrap_err()
    };
    let value = number("1");
    let year_to_date =
        |measure: &str, value: Decimal| refused(Change::YearToDate { measure: measure.into(), value });
    assert_eq!(year_to_date("NONE", value), WhatIfError::NoSuchMeasure("NONE".into()));
    // No target for readmissions, so that no month counts.
    assert_eq!(year_to_date("READMIT", value), WhatIfError::NoYearToDate("READMIT".into()));
    assert_eq!(year_to_date("NEA", -value), WhatIfError::NoResult { measure: "NEA".into() });
    assert_eq!(
        year_to_date("NEA", number("1.5")).to_string(),
        "no numerators give NEA a year to date of 1.5; the nearest is 2"
    );
    let outturn = |scheme: &str, partner: &str| {
        refused(Change::PartnerOutturn {
            scheme: scheme.into(),
            partner: partner.into(),
            outturn: Pence::ZERO,
        })
    };
    assert_eq!(outturn("S99", "BCC"), WhatIfError::NoSuchScheme("S99".into()));
    assert_eq!(outturn("S01", "NOBODY"), WhatIfError::NoSuchPartner("NOBODY".into()));
    assert_eq!(outturn("S01", "REDCROSS"), WhatIfError::NoLines("S01".into()));
    assert_eq!(
        refused(Change::Members { segment: "SEG9".into(), members: Members::EachMonth(1) }),
        WhatIfError::NoSuchSegment("SEG9".into())
    );
    let december = Month::new(2015, 12).unwrap();
    let month = Change::MeasureMonth {
        measure: "NEA".into(),
        month: december,
        numerator_hundredths: 1,
        denominator_hundredths: None,
    };
    assert_eq!(refused(month), WhatIfError::MonthDoesNotCount { measure: "NEA".into(), month: december });
}

#[test]
fn parts_in_proportion_always_sum_to_the_total() {
    for total in [0, 1, 7, 1_000_003] {
        for weights in [&[1, 1, 1][..], &[0, 0], &[5, 0, 2, 2], &[3]] {
            assert_eq!(in_proportion(total, weights).iter().sum::<i128>(), total);
        }
    }
    // One left over of ten in thirds: to the first.
    assert_eq!(in_proportion(10, &[1, 1, 1]), [4, 3, 3]);
}
