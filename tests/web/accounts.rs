//! People and their accounts: links, passwords, second factors, sessions, tokens.

use crate::site::{AREA, Browser, MONTH, TestSite, location, on_each_database, text, without_form_tokens};
use chrono::{NaiveDateTime, TimeDelta};
use outturn::{
    demo,
    people::second_factor,
    service::{Asking, Who, people::By},
    store::AuditQuery,
    web::answer::Answer,
};
use std::time::Instant;

const MANAGER: &str = "manager@example.org";
const PASSWORD: &str = "vexingly brisk otter";
const OVERVIEW: &str = "/areas/E10000002/2015-11";

/// Gives one of the example's people a password by a link, and the browser that they did it in.
fn with_password(site: &TestSite, email: &str) -> Browser {
    let browser = site.browser();
    let answer = browser.post(&link_for(site, email), &[("name", "Ann"), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303, "{}", text(&answer));
    browser
}

fn link_for(site: &TestSite, email: &str) -> String {
    let service = &site.site.service;
    let id = service.person_by_email(By::Operator, email).unwrap().id;
    service.make_link(By::Operator, &asking(demo::now()), id).unwrap()
}

fn asking(now: NaiveDateTime) -> Asking {
    Asking { now, request_id: "test".into(), address: "127.0.0.1".into() }
}

fn sign_in(browser: &Browser, email: &str, password: &str) -> Answer {
    browser.post("/sign-in", &[("email", email), ("password", password)])
}

/// The code of a secret, some steps from now by the example's clock.
fn code(secret: &str, steps: i64) -> String {
    let at = demo::now().and_utc().timestamp() + 30 * steps;
    second_factor::code_at(secret, u64::try_from(at).unwrap()).unwrap()
}

/// Turns on the second factor of whoever signed in; gives the secret and the recovery codes.
fn with_second_factor(browser: &Browser) -> (String, Vec<String>) {
    assert_eq!(location(&browser.post("/account/second-factor", &[])), "/account/second-factor/set-up");
    let page = text(&browser.get("/account/second-factor/set-up"));
    let secret = page.split("<dt>Key</dt><dd><code>").nth(1).unwrap().split('<').next().unwrap();
    let secret = secret.replace(' ', "");
    let answer = browser.post("/account/second-factor/set-up", &[("code", "000000")]);
    assert_eq!(answer.status, 422, "a wrong code turns nothing on");
    let page = text(&browser.post("/account/second-factor/set-up", &[("code", &code(&secret, 0))]));
    let codes = page.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
    (secret, codes.collect())
}

fn deeds(site: &TestSite) -> Vec<String> {
    let (entries, _) =
        site.site.service.store().unwrap().audit_entries(&AuditQuery::default(), 0, 100).unwrap();
    entries.into_iter().map(|entry| entry.deed).collect()
}

#[test]
fn a_person_signs_in_by_password_and_the_session_has_a_token_of_its_own() {
    on_each_database(|site| {
        with_password(site, MANAGER);
        let browser = site.browser();
        browser.get("/sign-in");
        let before = browser.token();
        let answer = browser.post(
            "/sign-in",
            &[("email", " Manager@Example.org"), ("password", PASSWORD), ("next", OVERVIEW)],
        );
        assert_eq!((answer.status, location(&answer)), (303, OVERVIEW.to_owned()));
        assert_ne!(browser.token(), before);
        assert_eq!(browser.get(OVERVIEW).status, 200);
        let cookie = answer.headers.iter().find(|(name, _)| *name == "set-cookie").unwrap().1.clone();
        assert!(cookie.starts_with("__Host-outturn="), "{cookie}");
        for flag in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.contains(flag), "{cookie} lacks {flag}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert!(deeds(site).starts_with(&["signed in".to_owned()]));
    });
}

#[test]
fn nobody_is_led_to_another_site_after_signing_in() {
    on_each_database(|site| {
        with_password(site, MANAGER);
        for next in
            ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/\t/e.example"]
        {
            let fields = [("email", MANAGER), ("password", PASSWORD), ("next", next)];
            assert_eq!(location(&site.browser().post("/sign-in", &fields)), "/", "{next:?}");
        }
    });
}

#[test]
fn an_address_that_nobody_has_is_answered_like_a_wrong_password() {
    on_each_database(|site| {
        with_password(site, MANAGER);
        let browser = site.browser();
        let wrong = |email: &str| {
            let start = Instant::now();
            let answer = sign_in(&browser, email, "not the right one");
            (
                answer.status,
                without_form_tokens(&text(&answer)).replace(email, "…"),
                start.elapsed().as_secs_f64(),
            )
        };
        wrong("warm.up@example.org");
        // Known with a password, known without one, unknown.
        let (known, without, unknown) =
            (wrong(MANAGER), wrong("board@example.org"), wrong("nobody@example.org"));
        assert_eq!(known.0, 422);
        assert_eq!((known.0, &known.1), (unknown.0, &unknown.1));
        assert_eq!((without.0, &without.1), (unknown.0, &unknown.1));
        assert!(text(&sign_in(&browser, MANAGER, "x")).contains("<title>Error: Sign in"));
        assert!((0.2..5.0).contains(&(known.2 / unknown.2)), "{} s against {} s", known.2, unknown.2);
        let asked = |email: &str| text(&browser.post("/recover", &[("email", email)]));
        assert_eq!(asked(MANAGER), asked("nobody@example.org"));
        assert_eq!(browser.post("/recover", &[("email", "no address")]).status, 422);
    });
}

#[test]
fn ten_guesses_in_five_minutes_are_evaluated_and_nobody_is_locked_out_for_good() {
    on_each_database(|site| {
        with_password(site, MANAGER);
        let browser = site.browser();
        for email in [MANAGER, "nobody@example.org"] {
            let statuses: Vec<u16> = (0..12).map(|_| sign_in(&browser, email, "wrong").status).collect();
            assert_eq!(statuses, [[422; 10].as_slice(), &[429; 2]].concat(), "{email}");
        }
        assert_eq!(sign_in(&browser, MANAGER, PASSWORD).status, 429, "nor is the right one, for now");
        let later = browser.before(&site.later(TimeDelta::seconds(301)));
        assert_eq!(sign_in(&later, MANAGER, PASSWORD).status, 303);
    });
}

#[test]
fn fifty_guesses_come_from_an_address() {
    on_each_database(|site| {
        let browser = site.browser();
        let mut statuses = Vec::new();
        for guess in 0..52 {
            statuses.push(browser.post("/recover", &[("email", &format!("p{guess}@example.org"))]).status);
        }
        assert_eq!(statuses, [[200; 50].as_slice(), &[429; 2]].concat());
        let token = browser.form_token();
        let mut raw = browser.request("POST", "/recover");
        raw.address = "127.0.0.2".into();
        raw.body = format!("email=q%40example.org&form_token={token}").into_bytes();
        assert_eq!(browser.send(raw).status, 200, "another address has guesses of its own");
    });
}

#[test]
fn with_a_second_factor_the_password_alone_opens_nothing() {
    on_each_database(|site| {
        let own = with_password(site, MANAGER);
        let (secret, codes) = with_second_factor(&own);
        assert_eq!(codes.len(), 10);
        let browser = site.browser();
        assert_eq!(location(&sign_in(&browser, MANAGER, PASSWORD)), "/sign-in/code?next=%2F");
        assert_eq!(browser.get(OVERVIEW).status, 303, "half signed in");
        assert_eq!(browser.get("/account").status, 303);
        assert_eq!(browser.get("/sign-in/code").status, 200);
        // The code that turned it on was used then.
        assert_eq!(browser.post("/sign-in/code", &[("code", &code(&secret, 0))]).status, 422);
        let next = code(&secret, 1);
        assert_eq!(browser.post("/sign-in/code", &[("code", &next)]).status, 303);
        assert_eq!(browser.get(OVERVIEW).status, 200);
        let again = site.browser();
        sign_in(&again, MANAGER, PASSWORD);
        assert_eq!(again.post("/sign-in/code", &[("code", &next)]).status, 422, "a code works once");
        assert_eq!(again.post("/sign-in/code", &[("code", &codes[3].to_uppercase())]).status, 303);
        let third = site.browser();
        sign_in(&third, MANAGER, PASSWORD);
        assert_eq!(
            third.post("/sign-in/code", &[("code", &codes[3])]).status,
            422,
            "a recovery code works once"
        );
        assert!(text(&again.get("/account")).contains("9 recovery codes left"));
    });
}

#[test]
fn the_code_must_follow_the_password_within_ten_minutes_and_is_guessed_ten_times() {
    on_each_database(|site| {
        let (_, codes) = with_second_factor(&with_password(site, MANAGER));
        let browser = site.browser();
        assert_eq!(location(&browser.post("/sign-in/code", &[("code", &codes[0])])), "/sign-in");
        sign_in(&browser, MANAGER, PASSWORD);
        let late = browser.before(&site.later(TimeDelta::minutes(11)));
        assert_eq!(location(&late.post("/sign-in/code", &[("code", &codes[0])])), "/sign-in");
        let guess = |_| browser.post("/sign-in/code", &[("code", "123456")]).status;
        assert_eq!((0..11).map(guess).collect::<Vec<_>>(), [[422; 10].as_slice(), &[429]].concat());
    });
}

#[test]
fn a_session_ends_when_idle_for_half_an_hour_and_after_twelve_hours() {
    on_each_database(|site| {
        let browser = with_password(site, MANAGER);
        let status = |minutes| browser.before(&site.later(TimeDelta::minutes(minutes))).get(OVERVIEW).status;
        assert_eq!(status(31), 303, "idle");
        for minutes in (0..12 * 60).step_by(25) {
            assert_eq!(status(minutes), 200, "after {minutes} minutes, never idle for long");
        }
        assert_eq!(status(12 * 60 - 1), 200);
        assert_eq!(status(12 * 60 + 1), 303, "twelve hours");
    });
}

#[test]
fn whoever_is_disabled_is_out_at_once() {
    on_each_database(|site| {
        let manager = with_password(site, MANAGER);
        let token = system_token(&manager);
        let administrator = site.as_person("administrator@example.org");
        assert_eq!(manager.get(OVERVIEW).status, 200);
        assert_eq!(administrator.post(&format!("/people/{}/disable", id_of(site, MANAGER)), &[]).status, 303);
        assert_eq!(manager.get(OVERVIEW).status, 303);
        assert!(who_has(site, &token).is_none());
        assert_eq!(sign_in(&site.browser(), MANAGER, PASSWORD).status, 422);
        assert_eq!(administrator.post(&format!("/people/{}/enable", id_of(site, MANAGER)), &[]).status, 303);
        assert_eq!(manager.get(OVERVIEW).status, 303, "the old session stays ended");
        assert!(who_has(site, &token).is_none(), "and the token revoked");
        assert_eq!(sign_in(&site.browser(), MANAGER, PASSWORD).status, 303);
    });
}

#[test]
fn changed_roles_count_from_the_next_request_on() {
    on_each_database(|site| {
        let (manager, administrator) = (site.as_person(MANAGER), site.as_person("administrator@example.org"));
        let id = id_of(site, MANAGER);
        let held = format!("pooled budget manager@{AREA}");
        assert_eq!(administrator.post(&format!("/people/{id}/roles/remove"), &[("held", &held)]).status, 303);
        assert_eq!(manager.get(OVERVIEW).status, 404);
        let fields = [("role", "board member"), ("place", AREA)];
        assert_eq!(administrator.post(&format!("/people/{id}/roles/add"), &fields).status, 303);
        assert_eq!(manager.get(OVERVIEW).status, 200);
        let unsound = [("role", "partner officer"), ("place", AREA)];
        assert_eq!(administrator.post(&format!("/people/{id}/roles/add"), &unsound).status, 422);
    });
}

#[test]
fn people_are_managed_by_administrators_alone_and_nobody_manages_themselves() {
    on_each_database(|site| {
        let (manager, administrator) = (site.as_person(MANAGER), site.as_person("administrator@example.org"));
        for place in ["/people", "/people/add", "/people/1"] {
            assert_eq!(manager.get(place).status, 404, "{place}");
            assert_eq!(administrator.get(place).status, 200, "{place}");
        }
        let own = id_of(site, "administrator@example.org");
        assert_eq!(administrator.post(&format!("/people/{own}/disable"), &[]).status, 403);
        let held = [("held", "administrator")];
        assert_eq!(administrator.post(&format!("/people/{own}/roles/remove"), &held).status, 403);
        let service = &site.site.service;
        let refused = service.disable(By::Operator, &asking(demo::now()), own);
        assert!(refused.is_err(), "the last administrator stays one, even for the operator");
    });
}

#[test]
fn a_link_works_once_and_for_a_week() {
    on_each_database(|site| {
        let administrator = site.as_person("administrator@example.org");
        let fields =
            [("name", "Nia Parry"), ("email", "nia@example.org"), ("role", "auditor"), ("place", "")];
        let page = text(&administrator.post("/people/add", &fields));
        let link = page.split("/links/").nth(1).unwrap().split('<').next().unwrap();
        let link = format!("/links/{link}");
        let late = site.browser().before(&site.later(TimeDelta::days(8)));
        assert_eq!(late.get(&link).status, 404);
        let nia = site.browser();
        assert!(text(&nia.get(&link)).contains("nia@example.org"));
        let set = |password: &str| nia.post(&link, &[("name", "Nia Parry"), ("password", password)]);
        for weak in ["", "short", "passwordpassword", "nia.nia.nia.nia.nia"] {
            assert_eq!(set(weak).status, 422, "{weak:?}");
        }
        let answer = set(PASSWORD);
        assert_eq!(location(&answer), "/account/second-factor", "a second factor is offered");
        assert_eq!(nia.get(OVERVIEW).status, 200);
        assert_eq!(set(PASSWORD).status, 404);
        assert_eq!(site.browser().get(&link).status, 404);
        let earlier = link_for(site, "nia@example.org");
        let later = link_for(site, "nia@example.org");
        assert_eq!((nia.get(&earlier).status, nia.get(&later).status), (404, 200), "a newer link ends it");
        let other = site.browser();
        assert_eq!(other.post(&later, &[("password", "grumpy kettle violins")]).status, 303);
        assert_eq!(nia.get(OVERVIEW).status, 303, "a new password ends every session");
    });
}

#[test]
fn the_first_administrators_link_works_on_a_store_without_one_alone() {
    on_each_database(|site| {
        let service = &site.site.service;
        assert_eq!(service.first_administrators_link(&asking(demo::now())).unwrap(), None);
    });
    let folder = tempfile::tempdir().unwrap();
    let site = crate::site::empty(folder.path());
    let link = site.site.service.first_administrators_link(&asking(demo::now())).unwrap().unwrap();
    let late = site.browser().before(&site.later(TimeDelta::hours(25)));
    assert_eq!(late.get(&link).status, 404);
    let browser = site.browser();
    let fields = [("email", "first@example.org"), ("name", "Fay First"), ("password", PASSWORD)];
    assert_eq!(browser.post(&link, &[("email", "x"), ("password", PASSWORD)]).status, 422);
    assert_eq!(browser.post(&link, &fields).status, 303);
    assert_eq!(browser.get("/people").status, 200);
    assert_eq!(browser.post(&link, &fields).status, 404);
    assert_eq!(site.site.service.first_administrators_link(&asking(demo::now())).unwrap(), None);
}

#[test]
fn what_cannot_be_taken_back_asks_once_more_who_it_is_and_returns() {
    on_each_database(|site| {
        let administrator = with_password(site, "administrator@example.org");
        assert_eq!(administrator.get("/people/add").status, 200, "fresh from signing in");
        let later = administrator.before(&site.later(TimeDelta::minutes(16)));
        assert_eq!(location(&later.get("/people/add")), "/confirm?next=%2Fpeople%2Fadd");
        let id = id_of(site, MANAGER);
        let asked = later.post(&format!("/people/{id}/disable"), &[]);
        assert_eq!(location(&asked), format!("/confirm?next=%2Fpeople%2F{id}"));
        assert_eq!(later.get("/people").status, 200, "looking needs no confirming");
        assert_eq!(later.post("/confirm", &[("password", "wrong")]).status, 422);
        let confirmed = later.post("/confirm", &[("password", PASSWORD), ("next", "/people/add")]);
        assert_eq!(location(&confirmed), "/people/add");
        assert_eq!(later.get("/people/add").status, 200);
    });
}

#[test]
fn people_see_and_end_their_own_sessions() {
    on_each_database(|site| {
        let (here, there) = (with_password(site, MANAGER), site.browser());
        sign_in(&there, MANAGER, PASSWORD);
        assert!(text(&here.get("/account")).contains("Sign out everywhere else"));
        assert_eq!(here.post("/account/sessions/99/end", &[]).status, 404);
        assert_eq!(here.post("/account/sessions/2/end", &[]).status, 303);
        assert_eq!((here.get("/account").status, there.get("/account").status), (200, 303));
        sign_in(&there, MANAGER, PASSWORD);
        let fields = [("present_password", PASSWORD), ("new_password", "grumpy kettle violins")];
        assert_eq!(here.post("/account/password", &[("present_password", "x"), fields[1]]).status, 422);
        assert_eq!(here.post("/account/password", &fields).status, 303);
        assert_eq!((here.get("/account").status, there.get("/account").status), (200, 303));
    });
}

#[test]
fn a_system_acts_for_its_person_by_token_and_by_no_cookie() {
    on_each_database(|site| {
        let manager = with_password(site, MANAGER);
        let token = system_token(&manager);
        let who = who_has(site, &token).unwrap();
        assert_eq!((who.person.email.as_str(), who.session.is_none()), (MANAGER, true));
        assert!(who.must_be_confirmed(demo::now()).is_err(), "nobody sits before it");
        assert!(who_has(site, &token[..token.len() - 1]).is_none());
        let page = text(&manager.get("/account/tokens"));
        assert!(page.contains("Ledger") && !page.contains(&token), "shown once");
        let later = site.later(TimeDelta::days(31));
        let kept = outturn::people::token::kept(&token);
        assert!(later.service.who_has_api_token(&kept).unwrap().is_none(), "expired");
        assert_eq!(manager.post("/account/tokens", &[("token_name", "x"), ("days", "366")]).status, 422);
        let other = site.as_person("deputy@example.org");
        assert_eq!(other.post("/account/tokens/1/revoke", &[]).status, 404, "not theirs");
        assert_eq!(manager.post("/account/tokens/1/revoke", &[]).status, 303);
        assert!(who_has(site, &token).is_none());
        // As a cookie it opens nothing.
        let mut raw = site.browser().request("GET", &format!("/areas/{AREA}/{MONTH}"));
        raw.headers = vec![("authorization".into(), format!("Bearer {token}"))];
        assert_eq!(site.browser().send(raw).status, 303);
    });
}

#[test]
fn the_record_tells_of_all_that_happens_to_an_account_and_of_no_secret() {
    on_each_database(|site| {
        let browser = with_password(site, MANAGER);
        let (secret, codes) = with_second_factor(&browser);
        let token = system_token(&browser);
        sign_in(&site.browser(), MANAGER, "a wrong password");
        sign_in(&site.browser(), "a password typed as an address", "x");
        browser.post("/recover", &[("email", MANAGER)]);
        browser.post("/account/name", &[("name", "Morgan")]);
        browser.post("/sign-out", &[]);
        let deeds = deeds(site);
        for deed in [
            "link made",
            "password set by link",
            "signed in",
            "second factor turned on",
            "token made",
            "sign-in failed",
            "new link asked for",
            "name changed",
            "signed out",
        ] {
            assert!(deeds.iter().any(|known| known == deed), "the record lacks {deed}: {deeds:?}");
        }
        let query = AuditQuery::default();
        let (entries, _) = site.site.service.store().unwrap().audit_entries(&query, 0, 100).unwrap();
        let record = format!("{entries:?}");
        for kept_out in [PASSWORD, "a wrong password", "typed as an address", &secret, &codes[0], &token] {
            assert!(!record.contains(kept_out), "the record has {kept_out}");
        }
        let chain = site.site.service.store().unwrap().verify_audit(None).unwrap();
        assert!(chain.faults.is_empty(), "{:?}", chain.faults);
    });
}

/// A token that the signed-in person made for 30 days.
fn system_token(browser: &Browser) -> String {
    let page = text(&browser.post("/account/tokens", &[("token_name", "Ledger"), ("days", "30")]));
    page.split("<code class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

fn who_has(site: &TestSite, token: &str) -> Option<Who> {
    site.site.service.who_has_api_token(&outturn::people::token::kept(token)).unwrap()
}

fn id_of(site: &TestSite, email: &str) -> u32 {
    site.site.service.person_by_email(By::Operator, email).unwrap().id
}
