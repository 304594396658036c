//! The steps of every request: which route, who asks, may they, is the form ours; then its answer.

use super::{
    Site,
    answer::{Answer, HTML},
    asked::{Asked, Method, RawRequest},
    form_token,
    interface::{self, is_interface},
    refused,
    routes::{Allows, Found},
};
pub use crate::people::token::new_token;
use crate::{
    digest::sha256,
    people::token::kept,
    service::{Asking, Refusal, Who},
    store::Sha256,
};

/// The cookie that holds a browser's token.
pub const COOKIE: &str = "__Host-outturn";

/// An answer, and what is told of the request in the log.
pub struct Answered {
    pub answer: Answer,
    /// The route's pattern; [`NO_ROUTE`] where the path leads nowhere.
    pub route: &'static str,
    /// Who asked.
    pub person: Option<u32>,
}

/// Stands for a route where there is none.
pub const NO_ROUTE: &str = "(none)";

/// What the provider of identities sends, without a browser: it shows by its signature whose it is.
const FROM_PROVIDER: &str = "/single-sign-on/logout";

/// Answers a request: whatever happens, there is an answer.
pub fn answer(site: &Site, raw: &RawRequest) -> Answer {
    answered(site, raw).answer
}

/// Answers a request, and tells what it was.
pub fn answered(site: &Site, raw: &RawRequest) -> Answered {
    let held = raw.cookie(COOKIE).filter(|token| is_token(token));
    let (token, is_new) = held.map_or_else(|| (new_token(), true), |token| (token.to_owned(), false));
    let asking = Asking {
        now: site.service.clock.now(),
        request_id: raw.request_id.clone(),
        address: raw.address.clone(),
    };
    let mut answered = routed(site, raw, &token, asking);
    let answer = &mut answered.answer;
    let sets_one = answer.headers.iter().any(|(name, _)| *name == "set-cookie");
    // What others may keep must not hand one browser's token to another.
    let is_for_all =
        answer.headers.iter().any(|(name, value)| *name == "cache-control" && value.starts_with("public"));
    if is_new && !sets_one && !is_for_all && answer.content_type == HTML {
        answer.headers.push(("set-cookie", cookie(&token)));
    }
    answered
}

/// Refuses something large before it is read, from whoever has not signed in and holds no token.
pub fn before_large(site: &Site, raw: &RawRequest) -> Option<Answer> {
    match site.router.find(Method::from_name(&raw.method), &raw.path) {
        Found::Route(..) => {
            let token = raw.cookie(COOKIE).unwrap_or_default();
            let is_known = matches!(who_asks(site, raw, token), Ok(Some(_)));
            (!is_known).then(|| refused::plain(401, "Sign in first"))
        }
        Found::OtherMethod(allowed) => Some(refused::other_method(raw, &allowed)),
        Found::Nothing => Some(refused::plain(404, "Page not found")),
    }
}

fn nowhere(answer: Answer, who: Option<&Who>) -> Answered {
    Answered { answer, route: NO_ROUTE, person: who.map(|who| who.person.id) }
}

/// The header that gives a browser its token.
pub fn cookie(token: &str) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn routed(site: &Site, raw: &RawRequest, token: &str, asking: Asking) -> Answered {
    let (route, params) = match site.router.find(Method::from_name(&raw.method), &raw.path) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethod(allowed) => return nowhere(refused::other_method(raw, &allowed), None),
        Found::Nothing => {
            let who = site.service.who_has(&sha256(token.as_bytes())).ok().flatten();
            return nowhere(refused::page(site, raw, who.as_ref(), token, &Refusal::Absent), who.as_ref());
        }
    };
    let who = match who_asks(site, raw, token).and_then(|who| counted(site, raw, who)) {
        Ok(who) => who,
        Err(refusal) => {
            let answer = refused::page(site, raw, None, token, &refusal);
            return Answered { answer, route: route.path, person: None };
        }
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
    let answer = match allowed(&asked) {
        Ok(()) if is_interface(&raw.path) => interface::answer(&asked),
        Ok(()) => (route.answer)(&asked).unwrap_or_else(|refusal| refused::answer(&asked, &refusal)),
        Err(refusal) => refused::answer(&asked, &refusal),
    };
    Answered { answer, route: route.path, person: asked.who.as_ref().map(|who| who.person.id) }
}

/// Who asks: by the token in the header `Authorization` under the interface, else by the session of the
/// browser's cookie. A cookie never counts under the interface, which takes no form tokens.
fn who_asks(site: &Site, raw: &RawRequest, token: &str) -> Result<Option<Who>, Refusal> {
    if !is_interface(&raw.path) {
        return site.service.who_has(&sha256(token.as_bytes()));
    }
    let Some(given) = system_token(raw)? else { return Ok(None) };
    let who = site.service.who_has_api_token(&given)?;
    who.map(Some).ok_or(Refusal::NotSignedIn)
}

/// What is kept of the token in the header `Authorization`; none without that header.
fn system_token(raw: &RawRequest) -> Result<Option<Sha256>, Refusal> {
    let Some(given) = raw.header("authorization") else { return Ok(None) };
    let (scheme, given) = given.split_once(' ').ok_or(Refusal::NotSignedIn)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(kept(given.trim())))
    } else {
        Err(Refusal::NotSignedIn)
    }
}

/// Counts a request of a system, which may make only so many a minute.
fn counted(site: &Site, raw: &RawRequest, who: Option<Who>) -> Result<Option<Who>, Refusal> {
    if who.is_some()
        && is_interface(&raw.path)
        && let Some(token) = system_token(raw)?
    {
        site.service.count_request(&token)?;
    }
    Ok(who)
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
    let has_no_form = is_interface(&asked.raw.path) || asked.route.path == FROM_PROVIDER;
    if asked.route.method.is_unsafe() && !has_no_form {
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
    let is_right = form_token::is_right(asked.field("form_token"), &asked.token);
    if same_site && is_right { Ok(()) } else { Err(refused()) }
}
