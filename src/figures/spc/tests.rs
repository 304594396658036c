use super::*;

/// As the field's package judges: what `calc` asks for.
const PACKAGE: Options = Options { trend_direction: TrendDirection::NextPoint, ..Options::SCORECARD };

fn charted(values: &[i128], options: &Options) -> Chart {
    let values: Vec<Option<i128>> = values.iter().copied().map(Some).collect();
    chart(Series { values: &values, rebased_at: &[] }, options)
}

/// The letters of a series under the scorecard's options.
fn letters(values: &[i128]) -> String {
    letters_under(values, &Options::SCORECARD)
}

fn letters_under(values: &[i128], options: &Options) -> String {
    charted(values, options).points.iter().map(|point| point.map_or('.', SpecialCause::letter)).collect()
}

/// The letters of `values` after a fixed baseline of 0, 100, 0, 100 and so on, which ends with 100: its
/// mean is 50, its ranges are 100, and it leaves limits of 50 -/+ 266 and near limits of 50 -/+ 177.33.
fn letters_after_baseline(values: &[i128], options: &Options) -> String {
    let values = [&[0, 100].repeat(6)[..], values].concat();
    let options = Options { baseline: Baseline::new(12), ..*options };
    letters_under(&values, &options).split_off(12)
}

fn limits(values: &[i128], options: &Options) -> Limits {
    charted(values, options).groups[0].limits.unwrap()
}

fn fraction(numerator: i128, denominator: i128) -> Option<Fraction> {
    Fraction::new(numerator, denominator)
}

#[test]
fn limits_lie_at_2_66_average_moving_ranges_on_either_side_of_the_mean() {
    // 10, 20, 30, 20: mean 20, ranges of 10 each; 20 -/+ 26.6, near limits 20 -/+ 17.7333...
    let limits = limits(&[10, 20, 30, 20], &PACKAGE);
    assert_eq!(Some(limits.mean()), fraction(20, 1));
    assert_eq!(limits.average_moving_range(), fraction(10, 1));
    assert_eq!((limits.lower(), limits.upper()), (fraction(-66, 10), fraction(466, 10)));
    assert_eq!((limits.near_lower(), limits.near_upper()), (fraction(68, 30), fraction(1132, 30)));
}

#[test]
fn a_range_of_exactly_3_267_times_the_average_is_screened() {
    // Nine ranges of 1 and one of r average (9 + r) / 10; r = 0.3267 x (9 + r) at r = 29403/6733.
    // In units of 1/6733 the ranges are 6733 and 29403.
    let series = |last: i128| {
        let mut values: Vec<i128> = (0..10).map(|point| (point % 2) * 6733).collect();
        values.push(6733 + last);
        values
    };
    let average = |last| limits(&series(last), &PACKAGE).average_moving_range();
    assert_eq!(average(29_403), fraction(6733, 1), "on the screen: left out");
    assert_eq!(average(29_402), fraction(9 * 6733 + 29_402, 10), "inside: kept");
    let unscreened = Options { screening: Screening::Off, ..PACKAGE };
    assert_eq!(limits(&series(29_403), &unscreened).average_moving_range(), fraction(9 * 6733 + 29_403, 10));
}

#[test]
fn six_points_on_one_side_are_no_shift_and_seven_are() {
    let after = |values: &[i128]| letters_after_baseline(values, &PACKAGE);
    // The baseline ends above the mean; 40 ends that run.
    assert_eq!(after(&[40, 60, 70, 60, 70, 60, 51, 40]), "........");
    assert_eq!(after(&[40, 60, 70, 60, 70, 60, 70, 51]), ".aaaaaaa");
    assert_eq!(after(&[40, 30, 40, 30, 40, 30, 49, 50]), "bbbbbbb.");
    assert_eq!(after(&[40, 60, 70, 60, 70, 60, 70, 50]), "........", "the seventh lies on the mean");
}

#[test]
fn seven_rising_points_are_a_trend_and_a_tie_breaks_it() {
    let after = |values: &[i128]| letters_after_baseline(values, &PACKAGE);
    assert_eq!(after(&[10, 20, 30, 40, 50, 60, 70]), "UUUUUUU");
    assert_eq!(after(&[10, 20, 30, 40, 50, 60, 9]), ".......", "six points rise");
    assert_eq!(after(&[10, 20, 30, 40, 40, 50, 60]), ".......", "a tie");
    assert_eq!(after(&[120, 70, 60, 50, 40, 30, 20]), "DDDDDDD");
}

#[test]
fn a_turn_belongs_to_the_later_of_two_trends() {
    let series = [10, 20, 30, 40, 50, 60, 70, 60, 50, 40, 30, 20, 10];
    for options in [PACKAGE, Options::SCORECARD] {
        assert_eq!(letters_after_baseline(&series, &options), "UUUUUUDDDDDDD");
    }
}

#[test]
fn the_end_of_a_trend_that_another_follows_is_labelled_by_the_option() {
    let fall_between = [10, 20, 30, 40, 50, 60, 70, 15, 25, 35, 45, 55, 65, 75];
    let tie_between = [10, 20, 30, 40, 50, 60, 70, 70, 80, 90, 100, 110, 120, 130];
    for series in [fall_between, tie_between] {
        assert_eq!(letters_after_baseline(&series, &Options::SCORECARD), "UUUUUUUUUUUUUU");
        assert_eq!(letters_after_baseline(&series, &PACKAGE), "UUUUUUDUUUUUUU");
    }
}

#[test]
fn two_points_of_three_near_a_limit_are_marked_and_a_point_outside_is_not_one_of_them() {
    let after = |values: &[i128]| letters_after_baseline(values, &PACKAGE);
    assert_eq!(after(&[0, 228, 229, 60]), ".hh.");
    assert_eq!(after(&[0, 228, 60, 229]), ".h.h");
    assert_eq!(after(&[0, 227, 60, 229]), "....", "227 is inside the near limit of 227.33");
    assert_eq!(after(&[0, 228, 60, 60, 229]), ".....", "two of four");
    assert_eq!(after(&[0, 228, 50, 229]), "....", "the third lies on the mean");
    assert_eq!(after(&[0, 228, 400, 60]), "..A.", "one near and one outside");
    assert_eq!(after(&[0, 228, 400, 229]), ".hAh", "the point outside lies on the same side");
    assert_eq!(after(&[60, -128, -129, 40]), ".ll.");
}

#[test]
fn a_point_on_a_limit_is_not_outside_it() {
    for (value, letter) in [(316, "."), (317, "A"), (-216, "."), (-217, "B")] {
        assert_eq!(letters_after_baseline(&[value], &PACKAGE), letter, "{value}");
    }
}

#[test]
fn the_first_rule_that_fits_gives_the_label() {
    let after = |values: &[i128]| letters_after_baseline(values, &PACKAGE);
    assert_eq!(after(&[0, 228, 229, 60, 61, 60, 61, 60]), ".hhaaaaa", "two in three before a shift");
    assert_eq!(after(&[0, 60, 70, 80, 228, 229, 400]), "UUUUUUA", "outside, then a trend");
}

#[test]
fn a_series_that_never_varies_has_its_limits_on_its_mean_unless_asked_otherwise() {
    let constant = [95; 36];
    let limits_on_mean = limits(&constant, &PACKAGE);
    assert_eq!((limits_on_mean.lower(), limits_on_mean.upper()), (fraction(95, 1), fraction(95, 1)));
    assert_eq!(letters(&constant), ".".repeat(36));
    let target = |target| assurance(Some(&limits_on_mean), Fraction::whole(target), Better::Higher);
    assert_eq!(
        [target(94), target(95), target(96)],
        [Assurance::Pass, Assurance::HitOrMiss, Assurance::Fail]
    );

    let without = limits(&constant, &Options { zero_variation: ZeroVariation::NoLimits, ..PACKAGE });
    assert_eq!((Some(without.mean()), without.upper()), (fraction(95, 1), None));
    assert_eq!(assurance(Some(&without), Fraction::whole(94), Better::Higher), Assurance::HitOrMiss);
}

#[test]
fn where_all_ranges_but_noughts_are_screened_the_limits_fall_on_the_mean() {
    // One range of 36 among 35: the average is 36/35, and 36 is far beyond 3.267 times that.
    let mut series = [0; 36];
    series[35] = 36;
    let limits = limits(&series, &PACKAGE);
    assert_eq!((limits.lower(), limits.upper()), (fraction(1, 1), fraction(1, 1)));
    assert_eq!(letters(&series), "B".repeat(35) + "A");
}

#[test]
fn one_point_has_a_mean_and_no_limits() {
    let limits = limits(&[7], &PACKAGE);
    assert_eq!((Some(limits.mean()), limits.upper()), (fraction(7, 1), None));
    assert_eq!(letters(&[7]), ".");
}

#[test]
fn a_missing_value_takes_both_its_ranges_and_is_special_in_nothing() {
    let values: [Option<i128>; 4] = [Some(10), None, Some(50), Some(52)];
    let chart = chart(Series { values: &values, rebased_at: &[] }, &PACKAGE);
    assert_eq!(chart.groups[0].limits.unwrap().average_moving_range(), fraction(2, 1));
    assert_eq!(chart.points[1], None);
    let missing: [Option<i128>; 6] = [None; 6];
    let chart = super::chart(Series { values: &missing, rebased_at: &[] }, &PACKAGE);
    assert_eq!((chart.groups[0].limits, chart.points), (None, vec![None; 6]));
}

#[test]
fn a_missing_value_among_rising_ones_is_no_trend() {
    let mut values: Vec<Option<i128>> =
        [0, 900, 0, 900, 400, 410, 420, 430, 440, 450, 460].into_iter().map(Some).collect();
    values[7] = None;
    let chart = chart(Series { values: &values, rebased_at: &[] }, &PACKAGE);
    assert!(!chart.points.contains(&Some(SpecialCause::Increasing)));
}

#[test]
fn no_rule_looks_across_a_rebase_and_each_group_has_its_own_limits() {
    let values: Vec<Option<i128>> = (0..12).map(|point| Some(point * 10)).collect();
    let whole = chart(Series { values: &values, rebased_at: &[0] }, &PACKAGE);
    assert_eq!(whole.groups.len(), 1, "a rebase at the first point begins the first group");
    let parts = chart(Series { values: &values, rebased_at: &[6] }, &PACKAGE);
    assert_eq!(parts.groups.iter().map(|group| group.first).collect::<Vec<_>>(), [0, 6]);
    assert_eq!(Some(parts.groups[1].limits.unwrap().mean()), fraction(85, 1));
    assert!(whole.points.contains(&Some(SpecialCause::Increasing)));
    assert_eq!(parts.points, vec![None; 12]);
}

#[test]
fn a_fixed_baseline_holds_twelve_points_or_more_and_its_limits_apply_to_all() {
    assert_eq!((Baseline::new(11), Baseline::new(12).is_some()), (None, true));
    let series = [&[0, 2].repeat(6)[..], &[100; 8]].concat();
    let fixed = limits(&series, &Options { baseline: Baseline::new(12), ..PACKAGE });
    assert_eq!((Some(fixed.mean()), fixed.average_moving_range()), (fraction(1, 1), fraction(2, 1)));
}

#[test]
fn a_chart_is_the_same_whatever_the_size_of_its_numbers() {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for length in 0..400 {
        let scale = [3, 10, 1000, 1 << 40][length % 4];
        let values: Vec<Option<i64>> = (0..length % 50)
            .map(|_| (next() % 11 > 0).then_some(next() as i64 % scale - scale / 2))
            .collect();
        let wide: Vec<Option<i128>> = values.iter().map(|value| value.map(i128::from)).collect();
        for options in [Options::SCORECARD, PACKAGE] {
            assert_eq!(
                chart(Series { values: &values, rebased_at: &[] }, &options),
                chart(Series { values: &wide, rebased_at: &[] }, &options),
                "{values:?}"
            );
        }
    }
}
