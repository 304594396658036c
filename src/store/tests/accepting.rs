//! Taking returns in and reading the facts that are in force.

use super::*;
use crate::store::{Severity, StoreError};

#[test]
fn the_same_bytes_for_an_area_and_type_are_one_submission() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let (here, there) = (plan("E06000001"), plan("E06000002"));
        let lines = [line(2, "2025-04", 0, 0, 100)];
        assert!(!store.has_submissions("E06000001").unwrap());
        let sent = send(&mut store, &[Return::finance(&here, b"a", &lines)]).unwrap();
        assert_eq!(sent, [new(1)]);
        let again = [
            Return::finance(&here, b"a", &lines),
            Return::finance(&there, b"a", &lines),
            Return::of(&here, b"a", 0, SubmissionFacts::Targets(&[])),
            Return::finance(&there, b"a", &lines),
        ];
        // Another area and another type are other submissions; within a batch the rule is the same.
        assert_eq!(send(&mut store, &again).unwrap(), [held(1), new(1), new(2), held(1)]);
        assert_eq!(store.submissions(None).unwrap().len(), 3);
        assert_eq!(store.submissions(Some("E06000001")).unwrap().len(), 2);
        let facts = in_force(&mut store, &here).facts;
        assert_eq!(facts.finance, under(1, &lines));
        assert!(store.has_submissions("E06000001").unwrap());
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn every_fact_comes_back_as_it_was_taken() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let source = |row| Source { submission: 0, row };
        let fact = |row, denominator_hundredths| MeasureFact {
            source: source(row),
            measure: 1,
            month: month("2025-12").plus(row as i32),
            partner: 1,
            numerator_hundredths: i64::MAX,
            denominator_hundredths,
        };
        let target = |row, period: &str, value| Target {
            source: source(row),
            measure: 0,
            period: Period::parse(period).unwrap(),
            value,
        };
        let measures = [fact(2, None), fact(3, Some(100))];
        let targets = [
            target(2, "2025-04", TargetValue::Number(-19_031_000)),
            target(3, "2025-26-Q1", TargetValue::ToBeConfirmed),
            target(4, "2025-26", TargetValue::NotSet),
        ];
        let capitation = [CapitationLine {
            source: source(9),
            month: month("2023-04"),
            segment: 1,
            practice: 1,
            members: 999_999_999,
            cost: Pence(-1),
        }];
        let returns = [
            Return::of(&plan, b"m", 2, SubmissionFacts::Measures(&measures)),
            Return::of(&plan, b"t", 3, SubmissionFacts::Targets(&targets)),
            Return::of(&plan, b"c", 1, SubmissionFacts::Capitation(&capitation)),
        ];
        assert_eq!(send(&mut store, &returns).unwrap(), [new(1), new(2), new(3)]);
        let found = in_force(&mut store, &plan);
        let kinds: Vec<ReturnType> = found.inputs.iter().map(|input| input.return_type).collect();
        assert_eq!(kinds, [ReturnType::Capitation, ReturnType::Measures, ReturnType::Targets]);
        let mut facts = found.facts;
        facts.measures.iter_mut().for_each(|fact| fact.source.submission -= 1);
        facts.targets.iter_mut().for_each(|fact| fact.source.submission -= 2);
        facts.capitation.iter_mut().for_each(|fact| fact.source.submission -= 3);
        assert_eq!(facts.measures, measures);
        assert_eq!(facts.targets, targets);
        assert_eq!(facts.capitation, capitation);
    });
}

#[test]
fn a_later_submission_supersedes_row_by_row_and_the_earlier_file_stays() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let first =
            [line(2, "2025-04", 0, 0, 100), line(3, "2025-04", 0, 1, 200), line(4, "2025-05", 0, 0, 300)];
        let second = [line(2, "2025-04", 0, 1, 999), line(3, "2025-06", 1, 0, 400)];
        let earlier = b"area_code,\xff\r\n".repeat(50);
        send(&mut store, &[Return::finance(&plan, &earlier, &first)]).unwrap();
        send(&mut store, &[Return::finance(&plan, b"second", &second)]).unwrap();
        let facts = in_force(&mut store, &plan).facts;
        // Of the first, rows 2 and 4 are left; row 3 gave way to the second's row 2.
        let expected = [under(1, &[first[0], first[2]]), under(2, &second)].concat();
        assert_eq!(facts.finance, expected);
        assert_eq!(facts.intake[&ReturnType::Finance].rows, 5);
        assert_eq!(store.original_file("E06000001", 1).unwrap().unwrap(), earlier);
        assert_eq!(store.original_file("E06000001", 2).unwrap().unwrap(), b"second");
        assert_eq!(store.original_file("E06000001", 3).unwrap(), None);
    });
}

#[test]
fn a_submission_that_is_replaced_does_not_count_at_all() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let (first, second) = ([line(2, "2025-04", 0, 0, 100)], [line(2, "2025-05", 0, 0, 300)]);
        send(&mut store, &[Return::finance(&plan, b"first", &first)]).unwrap();
        let replacing =
            |content, number| Return { replaces: Some(number), ..Return::finance(&plan, content, &second) };
        send(&mut store, &[replacing(b"second", 1)]).unwrap();
        let found = in_force(&mut store, &plan);
        assert_eq!(found.facts.finance, under(2, &second));
        assert_eq!(found.facts.intake[&ReturnType::Finance].rows, 1);
        assert_eq!(found.inputs.iter().map(|input| input.number).collect::<Vec<_>>(), [2]);
        assert_eq!(store.inputs_in_force("E06000001", None).unwrap(), found.inputs);
        // Only a submission of the same area and type can be replaced.
        for number in [0, 3, 99] {
            let refused = send(&mut store, &[replacing(b"third", number)]);
            assert!(matches!(refused, Err(StoreError::NothingToReplace { .. })), "{number}");
        }
        let of_other_type =
            Return { replaces: Some(1), ..Return::of(&plan, b"t", 0, SubmissionFacts::Targets(&[])) };
        assert!(matches!(send(&mut store, &[of_other_type]), Err(StoreError::NothingToReplace { .. })));
    });
}

#[test]
fn what_was_known_on_a_day_can_be_asked_for_ever() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let (first, second) = ([line(2, "2025-04", 0, 0, 100)], [line(2, "2025-04", 0, 0, 300)]);
        let on = |day, content, lines, replaces| Return {
            received_at: january(day),
            replaces,
            ..Return::finance(&plan, content, lines)
        };
        send(&mut store, &[on(10, b"first", &first, None)]).unwrap();
        send(&mut store, &[on(20, b"second", &second, Some(1))]).unwrap();
        let mut known = |day| store.facts_in_force(&plan, Some(january(day))).unwrap().facts.finance;
        assert_eq!(known(9), []);
        assert_eq!(known(10), under(1, &first));
        assert_eq!(known(19), under(1, &first));
        assert_eq!(known(20), under(2, &second));
    });
}

#[test]
fn facts_under_ids_that_the_plan_no_longer_has_are_left_out_and_counted() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let mut plan = plan("E06000001");
        let lines = [line(2, "2025-04", 0, 0, 100), line(3, "2025-04", 1, 0, 200)];
        send(&mut store, &[Return::finance(&plan, b"first", &lines)]).unwrap();
        plan.schemes.remove(0);
        let found = in_force(&mut store, &plan);
        // Scheme S002 is now the first.
        assert_eq!(found.facts.finance, under(1, &[FinanceLine { scheme: 0, ..lines[1] }]));
        assert_eq!(found.left_out, 1);
    });
}

#[test]
fn rejects_and_counts_are_summed_over_what_is_in_force() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let fault = |row, code, severity| RowFault {
            row,
            code,
            severity,
            column: Some(5),
            heading: "budget",
            found: "12,34O\t\0\"'\\N",
            remedy: "is not an amount of money.\r\nWrite pounds",
        };
        // Row 7 fails two rules: it is turned away by the first.
        let faults = [
            fault(7, "MONEY", Severity::Reject),
            fault(7, "DUP", Severity::Reject),
            fault(3, "AREA", Severity::Reject),
            fault(4, "W_NOACTUAL", Severity::Warning),
        ];
        let counts = |rows| IntakeCounts {
            rows,
            accepted: 1,
            rejected: [("AREA", 1), ("MONEY", 1)].into(),
            warnings: [("W_NOACTUAL", 1)].into(),
        };
        let lines = [line(4, "2025-04", 0, 0, 100)];
        let with_faults = |content, rows| Return {
            counts: counts(rows),
            faults: &faults,
            ..Return::finance(&plan, content, &lines)
        };
        send(&mut store, &[with_faults(b"first", 3), with_faults(b"second", 4)]).unwrap();
        let retiring = Return { replaces: Some(1), ..with_faults(b"third", 5) };
        send(&mut store, &[retiring]).unwrap();
        let facts = in_force(&mut store, &plan).facts;
        // The second and third count: 4 and 5 rows, two of each reject and warning.
        let expected = IntakeCounts {
            rows: 9,
            accepted: 2,
            rejected: [("AREA", 2), ("MONEY", 2)].into(),
            warnings: [("W_NOACTUAL", 2)].into(),
        };
        assert_eq!(facts.intake, [(ReturnType::Finance, expected)].into());
        let reject = |row, code| Reject { return_type: ReturnType::Finance, row, code };
        assert_eq!(
            facts.rejects,
            [reject(3, "AREA"), reject(3, "AREA"), reject(7, "MONEY"), reject(7, "MONEY")]
        );
    });
}

#[test]
fn ids_with_quotes_tabs_backslashes_and_other_scripts_survive() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let mut plan = plan("E06000001");
        let odd = ["\\N", "a\tb\\t\r\nc", "O'Brien \"&\" £ – 東京 🏥", "\\.", " ", ""];
        plan.schemes = odd
            .iter()
            .map(|id| Scheme { id: (*id).into(), name: String::new(), kind: String::new(), pool: 0, host: 0 })
            .collect();
        let lines: Vec<FinanceLine> =
            (0..odd.len()).map(|n| line(n as u32 + 2, "2025-04", n as u16, 0, 100)).collect();
        send(&mut store, &[Return::finance(&plan, b"odd", &lines)]).unwrap();
        let found = in_force(&mut store, &plan);
        assert_eq!((found.facts.finance, found.left_out), (under(1, &lines), 0));
    });
}

#[test]
fn a_file_is_taken_in_anew_in_its_own_place_once_more_of_it_is_accepted() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let (first, second) = (line(2, "2025-04", 0, 0, 100), line(3, "2025-04", 1, 0, 200));
        let reject = [RowFault {
            row: 3,
            code: "SCHEME",
            severity: Severity::Reject,
            column: Some(3),
            heading: "scheme_id",
            found: "S002",
            remedy: "is not a scheme of the plan",
        }];
        let correction = [line(2, "2025-04", 0, 0, 300)];
        let lines = [first];
        let partly_taken = Return { faults: &reject, ..Return::finance(&plan, b"a", &lines) };
        assert_eq!(send(&mut store, &[partly_taken]).unwrap(), [new(1)]);
        assert_eq!(send(&mut store, &[Return::finance(&plan, b"b", &correction)]).unwrap(), [new(2)]);

        // The plan has gained the scheme: both rows of the first file are right now.
        let both = [first, second];
        assert_eq!(send(&mut store, &[Return::finance(&plan, b"a", &both)]).unwrap(), [new(3)]);
        assert_eq!(send(&mut store, &[Return::finance(&plan, b"a", &both)]).unwrap(), [held(3)]);
        // The file stands where it stood, so that the correction still counts.
        let facts = in_force(&mut store, &plan).facts;
        let expected = [under(3, &both[1..]), under(2, &correction)].concat();
        assert_eq!(facts.finance, expected);
        // The plan has lost the scheme again: the row is told as turned away, rather than count nowhere.
        let lines = [first];
        let fewer = Return { faults: &reject, ..Return::finance(&plan, b"a", &lines) };
        assert_eq!(send(&mut store, &[fewer]).unwrap(), [new(4)]);
    });
}

#[test]
fn a_file_is_taken_in_anew_where_its_rows_are_judged_otherwise_but_for_an_earlier_month() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let lines = [line(2, "2025-05", 0, 0, 100), line(3, "2025-06", 0, 0, 200)];
        let fault = |row, code, severity| RowFault {
            row,
            code,
            severity,
            column: Some(5),
            heading: "actual",
            found: "",
            remedy: "is empty",
        };
        let no_actual = |row| fault(row, "W_NOACTUAL", Severity::Warning);
        let of = |faults, lines| Return { faults, ..Return::finance(&plan, b"file", lines) };
        let (may, june) = ([no_actual(2)], [no_actual(2), no_actual(3)]);
        let still_to_come = [no_actual(2), fault(3, "FUTURE", Severity::Reject)];
        let denominator = [fault(2, "DENOM", Severity::Reject)];
        for (faults, lines, number) in [
            (&may[..], &lines[..], 1),
            (&may, &lines, 1),
            // Another month has closed.
            (&june, &lines, 1),
            // The month before is worked out again: what was accepted since stays.
            (&still_to_come, &lines[..1], 1),
            // The plan holds the row against something else.
            (&denominator, &lines[1..], 2),
            (&june, &lines, 3),
        ] {
            let accepted = send(&mut store, &[of(faults, lines)]).unwrap();
            assert_eq!(accepted[0].number, number);
        }
        assert_eq!(in_force(&mut store, &plan).facts.finance, under(3, &lines));
    });
}

#[test]
fn a_file_held_before_is_sent_anew_where_it_replaces_what_came_after_it() {
    on_each_database(|url| {
        let mut store = Store::open(url).unwrap();
        let plan = plan("E06000001");
        let (first, second) = ([line(2, "2025-04", 0, 0, 100)], [line(2, "2025-04", 0, 0, 300)]);
        let a = |replaces| Return { replaces, ..Return::finance(&plan, b"a", &first) };
        send(&mut store, &[a(None), Return::finance(&plan, b"b", &second)]).unwrap();
        // Of itself it adds nothing, nor does it in its own place.
        assert_eq!(send(&mut store, &[a(None), a(Some(1))]).unwrap(), [held(1), held(1)]);
        assert_eq!(in_force(&mut store, &plan).facts.finance, under(2, &second));
        assert_eq!(send(&mut store, &[a(Some(2)), a(Some(2))]).unwrap(), [new(3), held(3)]);
        assert_eq!(in_force(&mut store, &plan).facts.finance, under(3, &first));
        assert!(matches!(send(&mut store, &[a(Some(9))]), Err(StoreError::NothingToReplace { .. })));
    });
}
