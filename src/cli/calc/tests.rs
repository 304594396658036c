use super::*;
use serde_json::Value;

fn answers(lines: &str) -> Vec<Value> {
    let mut output = Vec::new();
    run(lines.as_bytes(), &mut output).unwrap();
    let text = String::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer_to(line: &str) -> Value {
    answers(line).remove(0)
}

/// The code that a line is refused with; every message says what to send.
fn code(line: &str) -> String {
    let answer = answer_to(line);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(["send", "must be", "say which"].iter().any(|word| message.contains(word)), "{answer}");
    answer["error"]["code"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn every_line_is_answered_in_order_whatever_the_others_are() {
    let split = r#"{"id":"b","function":"split","amount":7,"shares":{"P1":10000}}"#;
    let lines =
        format!("{{\"id\":1,\"function\":\"none\"}}\n\nnot json\r\n   \n[1]\n{split}\n{{\"id\":[2]}}");
    let answers = answers(&lines);
    assert_eq!(answers.len(), 5);
    let codes: Vec<&Value> = answers.iter().map(|answer| &answer["error"]["code"]).collect();
    let refused = ["unknown_function", "not_json", "not_a_request", "no_function"].map(Value::from);
    let [unknown, not_json, not_a_request, no_function] = &refused;
    assert_eq!(codes, [unknown, not_json, not_a_request, &Value::Null, no_function]);
    assert_eq!((&answers[1]["id"], &answers[3]["id"]), (&Value::Null, &"b".into()));
    assert_eq!(answers[4]["id"], serde_json::json!([2]));
}

#[test]
fn an_answer_has_the_id_of_its_line_letter_by_letter_whatever_else_is_wrong() {
    for (id, rest) in [
        ("12345678901234567890123", r#""function":"none""#),
        ("1.50", r#""function":7"#),
        (r#"{"a": [1,  "é"]}"#, r#""function":"split","function":"split""#),
        ("null", r#""function":"split","amount":true"#),
    ] {
        let mut output = Vec::new();
        run(format!("{{{rest},\"id\":{id}}}").as_bytes(), &mut output).unwrap();
        let answered = String::from_utf8(output).unwrap();
        assert!(answered.starts_with(&format!("{{\"id\":{id},\"error\":{{\"code\":\"")), "{answered}");
    }
}

#[test]
fn a_whole_number_is_the_same_however_it_is_written() {
    let split = |amount: &str| {
        answer_to(&format!(r#"{{"function":"split","amount":{amount},"shares":{{"a":1e4,"b":-0}}}}"#))
    };
    for amount in ["1000", "1000.0", "1e3"] {
        assert_eq!(split(amount)["parts"], serde_json::json!({"a": 1000, "b": 0}));
    }
    for amount in ["1e300", "-1e300", "18446744073709551615"] {
        assert_eq!(split(amount)["error"]["code"], "amount_out_of_range");
    }
}

#[test]
fn every_function_is_in_the_help_and_its_example_works() {
    for function in FUNCTIONS {
        assert!(help().contains(function.example));
        assert_eq!(answer_to(function.example)["error"], Value::Null, "{}", function.name);
    }
}

#[test]
fn an_amount_is_split_to_the_penny_in_the_order_asked() {
    let mut output = Vec::new();
    let line =
        r#"{"id":1,"function":"split","amount":-1,"shares":[{"key":"P2","bp":5000},{"key":"P1","bp":5000}]}"#;
    run(line.as_bytes(), &mut output).unwrap();
    // A penny in halves is a tie, and goes to the lower key.
    assert_eq!(String::from_utf8(output).unwrap(), "{\"id\":1,\"parts\":{\"P2\":0,\"P1\":-1}}\n");
}

#[test]
fn shares_that_are_not_the_whole_are_refused() {
    let split = |amount: &str, shares: &str| {
        code(&format!(r#"{{"function":"split","amount":{amount},"shares":{shares}}}"#))
    };
    assert_eq!(split("1", r#"{"a":9999}"#), "shares_not_whole");
    assert_eq!(split("1", r#"{"a":10001,"b":-1}"#), "share_out_of_range");
    assert_eq!(split("1", r#"{"a":5000,"a":5000}"#), "duplicate_key");
    assert_eq!(split("1", "[]"), "shares_not_whole");
    assert_eq!(split("1.5", r#"{"a":10000}"#), "bad_input");
    assert_eq!(split("null", r#"{"a":10000}"#), "bad_input");
    assert_eq!(split("9000000000000000000", r#"{"a":10000}"#), "amount_out_of_range");
}

#[test]
fn a_variance_is_laid_over_bands_whose_shares_may_be_lists_or_objects() {
    let line = r#"{"id":1,"function":"bands","base":100000000,"variance":-3000001,"bands":[
        {"upper_bp":200,"shares":[{"key":"P2","bp":5000},{"key":"P1","bp":5000}]},
        {"shares":{"P1":2500,"P3":7500}}]}"#
        .replace('\n', "");
    let answer = answer_to(&line);
    // 2% of £1,000,000 is £20,000, halved; of £10,000.01 beyond, a quarter is £2,500.00.
    assert_eq!(
        answer["bands"][0],
        serde_json::json!({"band":1,"amount":-2000000,"split":{"P2":-1000000,"P1":-1000000}})
    );
    assert_eq!(answer["bands"][1]["split"], serde_json::json!({"P1":-250000,"P3":-750001}));
    assert_eq!(answer["totals"], serde_json::json!({"P1":-1250000,"P2":-1000000,"P3":-750001}));
    assert_eq!(answer["working"][1]["arithmetic"], "30000.01, less 20000.00, negative as an underspend");
}

#[test]
fn bands_must_follow_each_other_and_only_the_last_has_no_end() {
    let bands = |ends: &[&str]| {
        let bands: Vec<String> =
            ends.iter().map(|end| format!(r#"{{"upper_bp":{end},"shares":{{"a":10000}}}}"#)).collect();
        code(&format!(r#"{{"function":"bands","base":1,"variance":1,"bands":[{}]}}"#, bands.join(",")))
    };
    assert_eq!(bands(&[]), "no_bands");
    assert_eq!(bands(&["100"]), "last_band_ends");
    assert_eq!(bands(&["null", "null"]), "band_without_end");
    assert_eq!(bands(&["200", "200", "null"]), "bands_out_of_order");
    assert_eq!(bands(&["0", "null"]), "bands_out_of_order");
}

#[test]
fn a_chart_is_answered_in_the_order_of_dates_with_a_field_for_each_limit() {
    let mut output = Vec::new();
    let line = r#"{"id":1,"function":"spc","points":[{"date":"2025-05-01","value":20},{"date":"2025-04-01","value":10},
        {"date":"2025-06-01"}],"improvement":"decrease","target":50}"#
        .replace('\n', "");
    run(line.as_bytes(), &mut output).unwrap();
    // Mean 15, one range of 10: limits 15 -/+ 26.6, near limits 15 -/+ 17.7333…
    let limits = r#""group":0,"mean":15.0,"lower":-11.6,"upper":41.6,"near_lower":-2.7333333333333334,"near_upper":32.733333333333334,"special_cause":"Common Cause","point_type":"common_cause""#;
    let expected = format!(
        "{{\"id\":1,\"points\":[{{\"date\":\"2025-04-01\",{limits}}},{{\"date\":\"2025-05-01\",{limits}}},{{\"date\":\"2025-06-01\",{limits}}}],\
         \"variation\":\"common_cause\",\"variation_icon\":\"common_cause\",\"assurance\":\"consistent_pass\",\"assurance_icon\":\"pass\"}}\n"
    );
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

#[test]
fn a_chart_of_what_cannot_be_charted_is_refused() {
    let spc = |points: &str, more: &str| code(&format!(r#"{{"function":"spc","points":[{points}]{more}}}"#));
    let point = r#"{"date":"2025-04-01","value":1}"#;
    assert_eq!(spc("", ""), "no_points");
    assert_eq!(spc(&format!("{point},{point}"), ""), "duplicate_date");
    for date in ["2025-02-29", "2025-4-1", "01/04/2025", "", "+025-04-01", "2025-04-01é"] {
        assert_eq!(spc(&format!(r#"{{"date":"{date}","value":1}}"#), ""), "bad_date", "{date}");
    }
    assert_eq!(spc(point, r#","rebase":["April"]"#), "bad_date");
    assert_eq!(spc(point, r#","fix_after":11.9"#), "baseline_too_short");
    assert_eq!(spc(point, r#","fix_after":-1"#), "baseline_too_short");
    assert_eq!(spc(point, r#","improvement":"up""#), "bad_input");
    assert_eq!(spc(r#"{"date":"2025-04-01","value":1e999}"#, ""), "bad_input");
    assert_eq!(spc(r#"{"date":"2025-04-01","value":"1"}"#, ""), "bad_input");
}

#[test]
fn a_target_far_away_leaves_the_limits_as_they_are() {
    let chart = |target: &str| {
        answer_to(&format!(
            r#"{{"function":"spc","points":[{{"date":"2025-04-01","value":1}},{{"date":"2025-05-01","value":3}},{{"date":"2025-06-01","value":2.5}}],"target":{target}}}"#
        ))
    };
    let (near, far) = (chart("100"), chart("1e40"));
    assert_eq!(near, far);
    assert_eq!(far["assurance"], "consistent_fail");
    assert_eq!(chart("-1e40")["assurance"], "consistent_pass");
}

#[test]
fn values_of_any_size_are_charted() {
    let points: Vec<String> = [1e308, -1e308, 5e-324, 0.1, 1e15, -0.0, 123456789.12345679]
        .iter()
        .zip(10..)
        .map(|(value, day)| format!(r#"{{"date":"2025-04-{day}","value":{value:e}}}"#))
        .collect();
    let answer =
        answer_to(&format!(r#"{{"function":"spc","points":[{}],"target":1e-320}}"#, points.join(",")));
    assert_eq!(answer["error"], Value::Null, "{answer}");
    assert_eq!(answer["assurance"], "inconsistent");
}
