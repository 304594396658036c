//! What the service says about itself.

use crate::site::{example, text};
use outturn::web::pages::about::COOKIES;

#[test]
fn whoever_comes_reads_the_statements() {
    let site = example();
    for (path, says) in [
        ("/accessibility", "partially compliant"),
        ("/cookies", "__Host-outturn"),
        ("/privacy", "not about patients"),
    ] {
        let answer = site.browser().get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(text(&answer).contains(says), "{path}");
    }
}

#[test]
fn every_cookie_that_is_set_is_told() {
    let site = example();
    let answer = site.browser().get("/");
    for (_, cookie) in answer.headers.iter().filter(|(name, _)| *name == "set-cookie") {
        let name = cookie.split('=').next().unwrap();
        assert!(COOKIES.iter().any(|told| told.name == name), "{name}");
    }
}
