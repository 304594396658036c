//! Single sign-on with a real provider, run on this machine; skipped, saying so, without node and npm.

use crate::site::{Browser, TestSite, location, on_each_database, text};
use outturn::{
    clock::Clock,
    packs::template::Templates,
    service::{Service, single_sign_on::SingleSignOn},
    web::Site,
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, OnceLock},
};

const HERE: &str = "https://outturn.example.org";
const VERSION: &str = "9.13.3";

/// A provider of identities, which is stopped with the value.
struct Provider {
    process: Child,
    /// Kept open: whoever writes to a closed pipe is stopped.
    _says: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    /// Starts one; none where it cannot be installed here.
    fn start() -> Option<Provider> {
        static INSTALLED: OnceLock<Option<std::path::PathBuf>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(install).as_ref()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/provider.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(installed)
            .arg(format!("{HERE}/single-sign-on/back"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(process.stdout.take().unwrap());
        let mut issuer = String::new();
        while !issuer.starts_with("http://127.0.0.1:") {
            issuer.clear();
            assert_ne!(says.read_line(&mut issuer).unwrap(), 0, "the provider says where it is");
        }
        Some(Provider { process, _says: says, issuer: issuer.trim().to_owned() })
    }

    fn become_person(&self, sub: &str, email: &str, verified: &str) {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("sub", sub), ("email", email), ("verified", verified)])
            .finish();
        self.fetch(&format!("{}/become?{query}", self.issuer), &mut BTreeMap::new());
    }

    /// The status, where it leads and the body; cookies are kept.
    fn fetch(&self, place: &str, cookies: &mut BTreeMap<String, String>) -> (u16, Option<String>, String) {
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .new_agent();
        let held: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut answer = agent.get(place).header("cookie", held.join("; ")).call().unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        let leads_to = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        (answer.status().as_u16(), leads_to, answer.body_mut().read_to_string().unwrap())
    }

    /// Follows a browser at the provider until it leads back to the service; gives the place there.
    fn back_from(&self, place: &str) -> String {
        let mut cookies = BTreeMap::new();
        let mut place = place.to_owned();
        for _ in 0..10 {
            let (status, leads_to, body) = self.fetch(&place, &mut cookies);
            let next = leads_to.unwrap_or_else(|| panic!("{place} answers {status}: {body}"));
            if let Some(path) = next.strip_prefix(HERE) {
                return path.to_owned();
            }
            place = if next.starts_with('/') { format!("{}{next}", self.issuer) } else { next };
        }
        panic!("never led back");
    }

    fn site(&self, site: &TestSite) -> Arc<Site> {
        let service = Service::open(&site.database, Clock::default(), Templates::built_in(), false).unwrap();
        let settings = SingleSignOn {
            issuer: self.issuer.clone(),
            client_id: "outturn".into(),
            client_secret: "a secret of both".into(),
            public_address: HERE.into(),
            vouches_for_addresses: false,
        };
        assert!(settings.faults().is_empty());
        Arc::new(Site::new(Arc::new(service.with_single_sign_on(settings))))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Installs the provider below `target`, once.
fn install() -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/oidc-provider-{VERSION}"));
    if !folder.join("node_modules/oidc-provider/package.json").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let install = Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("oidc-provider@{VERSION}"))
            .output();
        if !install.is_ok_and(|done| done.status.success()) {
            eprintln!("skipped: npm cannot install oidc-provider here");
            return None;
        }
    }
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|done| done.status.success());
    if !has_node {
        eprintln!("skipped: there is no node here");
    }
    has_node.then_some(folder)
}

/// Where the service sends a browser that wants to sign in.
fn away(browser: &Browser, place: &str) -> String {
    location(&browser.get(place))
}

#[test]
fn an_invited_person_signs_in_by_the_provider_and_is_known_by_its_name_for_them() {
    let Some(provider) = Provider::start() else { return };
    on_each_database(|test_site| {
        let site = provider.site(test_site);
        let browser = test_site.browser().before(&site);
        assert!(text(&browser.get("/sign-in")).contains("/single-sign-on?next=%2F"));
        provider.become_person("4711", "Manager@Example.org", "yes");
        let out = away(&browser, "/single-sign-on?next=%2Faccount");
        for part in
            ["response_type=code", "code_challenge_method=S256", "nonce=", "state=", "scope=openid+email"]
        {
            assert!(out.contains(part), "{out} lacks {part}");
        }
        let before = browser.token();
        let back = provider.back_from(&out);
        let stranger = test_site.browser().before(&site);
        stranger.get("/sign-in");
        assert_eq!(stranger.get(&back).status, 403, "another browser cannot use what comes back");
        assert_eq!(location(&browser.get(&back)), "/account");
        assert_ne!(browser.token(), before, "the session has a token of its own");
        assert!(text(&browser.get("/account")).contains("single sign-on"));
        assert_eq!(browser.get(&back).status, 403, "nor does it work twice");

        // The address may change or be another's: the name counts.
        provider.become_person("4711", "board@example.org", "yes");
        let again = test_site.browser().before(&site);
        let back = provider.back_from(&away(&again, "/single-sign-on"));
        assert_eq!(location(&again.get(&back)), "/");
        assert!(text(&again.get("/account")).contains("manager@example.org"));

        // Confirming asks the provider anew.
        let out = away(&again, "/single-sign-on?anew=yes&next=%2Faccount%2Ftokens");
        assert!(out.contains("prompt=login") && out.contains("max_age=0"), "{out}");
        assert_eq!(location(&again.get(&provider.back_from(&out))), "/account/tokens");

        // Signing out there ends the sessions here.
        let (_, _, token) = provider.fetch(&format!("{}/sign-out", provider.issuer), &mut BTreeMap::new());
        assert_eq!(again.get("/account").status, 200);
        let told = |token: &str| {
            let mut raw = test_site.browser().before(&site).request("POST", "/single-sign-on/logout");
            raw.headers.clear();
            raw.body = format!("logout_token={token}").into_bytes();
            stranger.send(raw).status
        };
        assert_eq!(told(&format!("{token}x")), 400);
        assert_eq!(again.get("/account").status, 200);
        assert_eq!(told(&token), 200, "{token}");
        assert_eq!(again.get("/account").status, 303);
    });
}

#[test]
fn the_provider_lets_in_nobody_who_was_not_invited() {
    let Some(provider) = Provider::start() else { return };
    on_each_database(|test_site| {
        let site = provider.site(test_site);
        let status = |sub: &str, email: &str, verified: &str| {
            let browser = test_site.browser().before(&site);
            provider.become_person(sub, email, verified);
            let back = provider.back_from(&away(&browser, "/single-sign-on"));
            let status = browser.get(&back).status;
            assert_eq!(browser.get("/account").status, if status == 303 { 200 } else { 303 });
            status
        };
        assert_eq!(status("1", "nobody@example.org", "yes"), 403, "not invited");
        assert_eq!(status("2", "deputy@example.org", "no"), 403, "the address is not known to be theirs");
        assert_eq!(status("3", "deputy@example.org", "yes"), 303);
        assert_eq!(status("4", "deputy@example.org", "yes"), 403, "another cannot take the person over");
        let service = &test_site.site.service;
        let asking = outturn::service::Asking {
            now: outturn::demo::now(),
            request_id: String::new(),
            address: String::new(),
        };
        let by = outturn::service::people::By::Operator;
        let id = service.person_by_email(by, "deputy@example.org").unwrap().id;
        service.disable(by, &asking, id).unwrap();
        assert_eq!(status("3", "deputy@example.org", "yes"), 403, "disabled here");
    });
}

#[test]
fn without_a_provider_its_addresses_lead_nowhere() {
    on_each_database(|site| {
        let browser = site.browser();
        assert!(!text(&browser.get("/sign-in")).contains("/single-sign-on"));
        assert_eq!(browser.get("/single-sign-on").status, 404);
        assert_eq!(browser.get("/single-sign-on/back?code=x&state=y").status, 404);
    });
}
