//! Second factors, kept so that a copy of the database gives none away.

use crate::site::{Browser, TestSite, location, on_each_database, text};
use chrono::TimeDelta;
use outturn::{
    clock::Clock,
    demo,
    packs::template::Templates,
    people::{sealing::SealingKey, second_factor},
    service::{Service, people::By},
    store::{Credentials, DatabaseUrl},
    web::Site,
};
use std::sync::Arc;

const MANAGER: &str = "manager@example.org";

fn service(site: &TestSite, later: i64) -> Service {
    let clock = Clock::starting_at(demo::now() + TimeDelta::minutes(later));
    Service::open(&site.database, clock, Templates::built_in(), true).unwrap()
}

/// The example with a key for second factors, so many minutes later.
fn with_key(site: &TestSite, words: &str, later: i64) -> Option<Arc<Site>> {
    let service = service(site, later).with_second_factor_key(Some(SealingKey::of(words)));
    service.ok().map(|service| Arc::new(Site::new(Arc::new(service))))
}

fn kept(site: &TestSite) -> Credentials {
    let id = site.site.service.person_by_email(By::Operator, MANAGER).unwrap().id;
    site.site.service.store().unwrap().credentials(id).unwrap()
}

/// Sets a second factor up in the browser; gives its secret.
fn set_up(browser: &Browser, now: chrono::NaiveDateTime) -> String {
    assert_eq!(location(&browser.post("/account/second-factor", &[])), "/account/second-factor/set-up");
    let page = text(&browser.get("/account/second-factor/set-up"));
    let secret = page.split("<dt>Key</dt><dd><code>").nth(1).unwrap().split('<').next().unwrap();
    let secret = secret.replace(' ', "");
    let answer = browser.post("/account/second-factor/set-up", &[("code", &code(&secret, now))]);
    assert!(text(&answer).contains("recovery"), "{}", text(&answer));
    secret
}

fn code(secret: &str, now: chrono::NaiveDateTime) -> String {
    second_factor::code_at(secret, u64::try_from(now.and_utc().timestamp()).unwrap()).unwrap()
}

#[test]
fn a_second_factor_is_sealed_and_works_by_the_key_alone() {
    on_each_database(|site| {
        let sealing = with_key(site, "a key that nobody can guess", 0).unwrap();
        let browser = site.as_person(MANAGER).before(&sealing);
        let secret = set_up(&browser, sealing.service.clock.now());
        let sealed = kept(site).totp_secret.unwrap();
        assert!(sealed.starts_with("sealed ") && !sealed.contains(&secret), "{sealed}");
        // Whoever has the password owes the code, which counts where the key is.
        let id = site.site.service.person_by_email(By::Operator, MANAGER).unwrap().id;
        let asking = outturn::service::Asking {
            now: sealing.service.clock.now(),
            request_id: String::new(),
            address: "127.0.0.1".into(),
        };
        let link = sealing.service.make_link(By::Operator, &asking, id).unwrap();
        let signs_in = |served: &Arc<Site>| {
            let browser = site.browser().before(served);
            let password = [("email", MANAGER), ("password", "vexingly brisk otter")];
            assert_eq!(location(&browser.post("/sign-in", &password)), "/sign-in/code?next=%2F");
            browser.post("/sign-in/code", &[("code", &code(&secret, served.service.clock.now()))]).status
        };
        let set = [("password", "vexingly brisk otter")];
        assert_eq!(site.browser().before(&sealing).post(&link, &set).status, 303);
        let later = with_key(site, "a key that nobody can guess", 10).unwrap();
        assert_eq!(signs_in(&later), 303);
        let without = Arc::new(Site::new(Arc::new(service(site, 20).with_second_factor_key(None).unwrap())));
        for _ in 0..12 {
            assert_eq!(signs_in(&without), 422, "a service without the key knows no code of theirs");
        }
        let browser = site.browser().before(&without);
        let password = [("email", MANAGER), ("password", "vexingly brisk otter")];
        browser.post("/sign-in", &password);
        let told = text(&browser.post("/sign-in/code", &[("code", "123 456")]));
        assert!(told.contains("cannot be checked at present"), "no guess was counted: {told}");
        let told = text(&browser.post("/sign-in/code", &[("code", "00000-00000-00000-00000")]));
        assert!(told.contains("a recovery code that you have not used"), "{told}");
        assert!(with_key(site, "another key", 30).is_none(), "a wrong key is told at the start");
    });
}

#[test]
fn second_factors_that_were_kept_as_they_are_are_sealed_once_there_is_a_key() {
    on_each_database(|site| {
        let browser = site.as_person(MANAGER);
        let secret = set_up(&browser, site.site.service.clock.now());
        assert_eq!(kept(site).totp_secret.as_deref(), Some(secret.as_str()));
        assert!(is_in_files(site, &secret) || matches!(site.database, DatabaseUrl::Postgresql(_)));
        for later in [10, 20] {
            let sealing = with_key(site, "a key that nobody can guess", later).unwrap();
            let sealed = kept(site).totp_secret.unwrap();
            assert!(sealed.starts_with("sealed "), "{sealed}");
            assert!(sealing.service.store().unwrap().second_factors().unwrap().len() == 1);
            assert!(!is_in_files(site, &secret), "a copy of the database gives it away");
        }
    });
}

/// Whether a text stands anywhere in a SQLite file or its log.
fn is_in_files(site: &TestSite, text: &str) -> bool {
    let DatabaseUrl::Sqlite(path) = &site.database else { return false };
    let log = format!("{}-wal", path.display());
    let holds = |bytes: Vec<u8>| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    [path.as_path(), std::path::Path::new(&log)]
        .map(|file| std::fs::read(file).is_ok_and(holds))
        .contains(&true)
}

#[test]
fn a_set_up_that_was_begun_under_a_lost_key_does_not_stand_in_the_way_of_another() {
    on_each_database(|site| {
        let first = with_key(site, "a key that nobody can guess", 0).unwrap();
        site.as_person(MANAGER).before(&first).post("/account/second-factor", &[]);
        assert!(kept(site).totp_proposed.is_some());
        assert!(with_key(site, "another key", 10).is_some());
        assert_eq!(kept(site).totp_proposed, None);
    });
}

#[test]
fn an_administrator_takes_the_second_factor_of_a_disabled_person_away_where_the_key_is_lost() {
    on_each_database(|site| {
        let first = with_key(site, "a key that nobody can guess", 0).unwrap();
        set_up(&site.as_person(MANAGER).before(&first), first.service.clock.now());
        let id = site.site.service.person_by_email(By::Operator, MANAGER).unwrap().id;
        let administrator = site.as_person("administrator@example.org");
        assert_eq!(administrator.post(&format!("/people/{id}/disable"), &[]).status, 303);
        assert!(with_key(site, "another key", 10).is_none());
        let place = format!("/people/{id}/second-factor/remove");
        assert!(text(&administrator.get(&format!("/people/{id}"))).contains(&place));
        assert_eq!(administrator.post(&place, &[]).status, 303);
        assert!(with_key(site, "another key", 20).is_some());
    });
}
