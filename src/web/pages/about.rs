//! What the service says about itself: accessibility, cookies, privacy. Whoever comes may read it.

use crate::{
    service::Refusal,
    web::{
        answer::Answer,
        asked::Asked,
        dispatch::COOKIE,
        page::Page,
        routes::{Allows, Route},
        words,
    },
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub const ROUTES: &[Route] = &[
    Route::get("/accessibility", Allows::Anyone, accessibility),
    Route::get("/cookies", Allows::Anyone, cookies),
    Route::get("/privacy", Allows::Anyone, privacy),
];

/// What the statement is built from: what was tested and what is known to be amiss.
const ACCESSIBILITY: &str = include_str!("../../../report-templates/web/about/accessibility.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tested {
    prepared_on: toml::value::Datetime,
    reviewed_on: toml::value::Datetime,
    compliance: String,
    check: Vec<Check>,
    #[serde(default)]
    issue: Vec<Issue>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Check {
    what: String,
    how: String,
    result: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    what: String,
    criterion: String,
    until: String,
}

#[derive(Serialize)]
struct Accessibility<'a> {
    service_name: &'a str,
    contact: &'a str,
    compliance: String,
    checks: Vec<Check>,
    issues: Vec<Issue>,
    prepared_on: String,
    reviewed_on: String,
}

fn accessibility(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let tested: Tested = toml::from_str(ACCESSIBILITY).map_err(|error| Refusal::Broken(error.to_string()))?;
    let day = |date: toml::value::Datetime| {
        let day = date
            .date
            .and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()));
        day.map(words::day).ok_or_else(|| Refusal::Broken("the accessibility statement has no day".into()))
    };
    let values = Accessibility {
        service_name: &asked.site.service_name,
        contact: &asked.site.contact,
        compliance: tested.compliance,
        checks: tested.check,
        issues: tested.issue,
        prepared_on: day(tested.prepared_on)?,
        reviewed_on: day(tested.reviewed_on)?,
    };
    asked.page(&Page::new("about/accessibility", "Accessibility statement"), &values)
}

/// Every cookie that the service sets.
pub const COOKIES: &[Cookie] = &[Cookie {
    name: COOKIE,
    purpose: "Tells your browser from others: that you have signed in, and that forms come from pages we sent you",
    ends: "When you close the browser. Being signed in ends before: after 30 minutes without use, after 12 hours, or when you sign out",
}];

/// A cookie, for the page about them.
#[derive(Serialize)]
pub struct Cookie {
    pub name: &'static str,
    pub purpose: &'static str,
    pub ends: &'static str,
}

#[derive(Serialize)]
struct Cookies<'a> {
    service_name: &'a str,
    cookies: &'static [Cookie],
}

fn cookies(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let values = Cookies { service_name: &asked.site.service_name, cookies: COOKIES };
    asked.page(&Page::new("about/cookies", "Cookies"), &values)
}

#[derive(Serialize)]
struct Privacy<'a> {
    service_name: &'a str,
    contact: &'a str,
    kept: &'static [Kept],
}

/// Something that is kept about the people who use the service.
#[derive(Serialize)]
struct Kept {
    what: &'static str,
    why: &'static str,
    seen_by: &'static str,
}

const KEPT: &[Kept] = &[
    Kept {
        what: "Your name, work email address and roles",
        why: "To let you in, to show you what is yours to see, and to write to you",
        seen_by: "Administrators; colleagues see your name beside what you did",
    },
    Kept {
        what: "When you signed in, from which network address and with which browser",
        why: "So that you and administrators can tell whether it was you, and end a session that was not",
        seen_by: "You and administrators",
    },
    Kept {
        what: "What you sent, accepted, wrote, approved or published, and when; what you were refused",
        why: "Figures on which public money is paid must show who answered for them",
        seen_by: "Auditors and administrators; colleagues in the area see it beside the return or pack",
    },
    Kept {
        what: "The messages that were sent to you: to which address, when, what they said, and what your mail server answered",
        why: "To show who was told what, and to put right what did not arrive",
        seen_by: "Administrators; your area’s pooled budget managers and auditors. Nobody can see a link by which you choose a password",
    },
];

fn privacy(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let values = Privacy { service_name: &asked.site.service_name, contact: &asked.site.contact, kept: KEPT };
    asked.page(&Page::new("about/privacy", "Privacy"), &values)
}
