//! The steps of every request: which route, who asks, may they, is the form ours; then its answer.

use super::{
    Site,
    answer::{Answer, HTML},
    asked::{Asked, Method, RawRequest, form_token},
    refused,
    routes::{Allows, Found},
};
pub use crate::people::token::new_token;
use crate::{
    digest::sha256,
    service::{Asking, Refusal, Who},
};
use subtle::ConstantTimeEq;

/// The cookie that holds a browser's token.
pub const COOKIE: &str = "__Host-outturn";

/// What is asked for with a token of its own, not a cookie.
const INTERFACE: &str = "/api/";

/// What the provider of identities sends, without a browser: it shows by its signature whose it is.
const FROM_PROVIDER: &str = "/single-sign-on/logout";

/// Answers a request: whatever happens, there is an answer.
pub fn answer(site: &Site, raw: &RawRequest) -> Answer {
    let held = raw.cookie(COOKIE).filter(|token| is_token(token));
    let (token, is_new) = held.map_or_else(|| (new_token(), true), |token| (token.to_owned(), false));
    let asking = Asking {
        now: site.service.clock.now(),
        request_id: raw.request_id.clone(),
        address: raw.address.clone(),
    };
    let mut answer = match raw.method.as_str() {
        "GET" | "HEAD" => routed(site, raw, Method::Get, &token, asking),
        "POST" => routed(site, raw, Method::Post, &token, asking),
        _ => refused::other_method(site, raw, "GET, HEAD, POST"),
    };
    let sets_one = answer.headers.iter().any(|(name, _)| *name == "set-cookie");
    if is_new && !sets_one && answer.content_type == HTML {
        answer = answer.with("set-cookie", cookie(&token));
    }
    answer
}

/// The header that gives a browser its token.
pub fn cookie(token: &str) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn routed(site: &Site, raw: &RawRequest, method: Method, token: &str, asking: Asking) -> Answer {
    let (route, params) = match site.router.find(method, &raw.path) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethod(other) => return refused::other_method(site, raw, other.name()),
        Found::Nothing => {
            let who = site.service.who_has(&sha256(token.as_bytes())).ok().flatten();
            return refused::page(site, raw, who.as_ref(), token, &Refusal::Absent);
        }
    };
    let who = match who_asks(site, raw, token) {
        Ok(who) => who,
        Err(refusal) => return refused::page(site, raw, None, token, &refusal),
    };
    let query = form_urlencoded::parse(raw.query.as_bytes()).into_owned().collect();
    let asked = Asked {
        site,
        service: &site.service,
        route,
        raw,
        params,
        query,
        form: form_of(raw),
        who,
        asking,
        token: token.to_owned(),
    };
    match allowed(&asked).and_then(|()| (route.answer)(&asked)) {
        Ok(answer) => answer,
        Err(refusal) => refused::page(site, raw, asked.who.as_ref(), token, &refusal),
    }
}

/// Whose session the browser's cookie is; of the interface, whose token was sent: no cookie counts there.
fn who_asks(site: &Site, raw: &RawRequest, token: &str) -> Result<Option<Who>, Refusal> {
    if !raw.path.starts_with(INTERFACE) {
        return site.service.who_has(&sha256(token.as_bytes()));
    }
    let given = raw.header("authorization").and_then(|value| value.split_once(' '));
    match given {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            site.service.who_has_api_token(&sha256(token.trim().as_bytes()))
        }
        Some(_) | None => Ok(None),
    }
}

fn form_of(raw: &RawRequest) -> Vec<(String, String)> {
    if raw.parts.is_empty() {
        return form_urlencoded::parse(&raw.body).into_owned().collect();
    }
    let fields = raw.parts.iter().filter(|part| part.file_name.is_none());
    fields.map(|part| (part.name.clone(), String::from_utf8_lossy(&part.bytes).into_owned())).collect()
}

/// Whether whoever asks may have this route, and what they send comes from a page of ours.
fn allowed(asked: &Asked<'_>) -> Result<(), Refusal> {
    match (asked.route.allows, &asked.who) {
        (Allows::Anyone, _) | (Allows::SignedIn, Some(_)) => {}
        (Allows::SignedIn | Allows::InArea(_) | Allows::Anywhere(_), None) => {
            return Err(Refusal::NotSignedIn);
        }
        (Allows::InArea(roles), Some(who)) => who.must_be(roles, asked.area_code())?,
        (Allows::Anywhere(roles), Some(who)) => {
            if !who.person.is_any_anywhere(roles) {
                return Err(Refusal::Absent);
            }
        }
    }
    let has_no_form = asked.raw.path.starts_with(INTERFACE) || asked.route.path == FROM_PROVIDER;
    if asked.route.method == Method::Post && !has_no_form {
        is_ours(asked)?;
    }
    Ok(())
}

/// A form must come from a page of this service and hold what that page was given.
fn is_ours(asked: &Asked<'_>) -> Result<(), Refusal> {
    let refused = || Refusal::BadRequest {
        status: 403,
        message: "This form was not sent from a page of this service, or the page was open for too long. \
                      Go back, load the page again and send the form once more"
            .into(),
    };
    let same_site = match (asked.raw.header("sec-fetch-site"), asked.raw.header("origin")) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = asked.raw.header("host").unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, from)| from == host)
        }
        (None, None) => true,
    };
    let given = asked.field("form_token");
    let is_right: bool = given.as_bytes().ct_eq(form_token(&asked.token).as_bytes()).into();
    if same_site && is_right { Ok(()) } else { Err(refused()) }
}
