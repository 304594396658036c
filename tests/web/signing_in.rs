//! Signing in and out.

use crate::site::{AREA, MONTH, location, on_each_database, text, without_form_tokens};

#[test]
fn whoever_has_not_signed_in_is_asked_to() {
    on_each_database(|site| {
        let answer = site.browser().get(&format!("/areas/{AREA}/{MONTH}"));
        assert_eq!(
            (answer.status, location(&answer)),
            (303, format!("/sign-in?next=%2Fareas%2F{AREA}%2F{MONTH}"))
        );
    });
}

#[test]
fn a_manager_sees_the_area_until_signing_out() {
    on_each_database(|site| {
        let browser = site.as_person("manager@example.org");
        let page = browser.get(&format!("/areas/{AREA}/{MONTH}"));
        assert_eq!(page.status, 200, "{}", text(&page));
        assert!(text(&page).contains("Morgan Ellis"));
        assert_eq!(browser.post("/sign-out", &[]).status, 303);
        assert_eq!(browser.get(&format!("/areas/{AREA}/{MONTH}")).status, 303);
    });
}

#[test]
fn what_is_not_for_somebody_looks_as_if_it_were_not_there() {
    on_each_database(|site| {
        let browser = site.as_person("administrator@example.org");
        let hidden = browser.get(&format!("/areas/{AREA}/{MONTH}"));
        let absent = browser.get("/areas/E99999999/2015-11");
        assert_eq!((hidden.status, absent.status), (404, 404));
        let without_reference = |page: &str| without_form_tokens(page.split("Reference").next().unwrap());
        assert_eq!(without_reference(&text(&hidden)), without_reference(&text(&absent)));
    });
}

#[test]
fn a_form_that_is_not_ours_is_refused() {
    on_each_database(|site| {
        let browser = site.as_person("manager@example.org");
        let mut raw = browser.request("POST", "/sign-out");
        raw.body = b"form_token=00".to_vec();
        assert_eq!(browser.send(raw).status, 403);
        let mut raw = browser.request("POST", "/sign-out");
        raw.body = format!("form_token={}", browser.form_token()).into_bytes();
        raw.headers.push(("origin".into(), "https://elsewhere.example".into()));
        assert_eq!(browser.send(raw).status, 403);
        assert_eq!(browser.get(&format!("/areas/{AREA}/{MONTH}")).status, 200);
    });
}
