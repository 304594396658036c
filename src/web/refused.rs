//! A refusal as a page, or as problem details under the interface.

use super::{
    Site,
    answer::{Answer, HTML},
    asked::{Asked, Method, RawRequest},
    interface::{
        documented::Takes,
        is_interface,
        problem::{Problem, Problems},
    },
    page::{Page, Shell},
    routes::Found,
};
use crate::service::{Refusal, Who};
use serde::Serialize;

#[derive(Serialize)]
struct Words {
    heading: &'static str,
    message: String,
    request_id: String,
    /// The page that it came from, to go back to; empty where there is none.
    back: String,
}

/// The page that tells whoever asked what is in the way and what they can do.
pub fn page(site: &Site, raw: &RawRequest, who: Option<&Who>, token: &str, refusal: &Refusal) -> Answer {
    log_failure(raw, refusal);
    if is_interface(&raw.path) {
        return Problems::of(refusal, false).answer(&raw.request_id);
    }
    if matches!(refusal, Refusal::NotSignedIn) && raw.method == "GET" {
        let mut place = raw.path.clone();
        if !raw.query.is_empty() {
            place = format!("{place}?{}", raw.query);
        }
        let next: String = form_urlencoded::byte_serialize(place.as_bytes()).collect();
        return Answer::see_other(format!("/sign-in?next={next}"));
    }
    if matches!(refusal, Refusal::NotConfirmed) {
        let next: String = form_urlencoded::byte_serialize(page_of(site, raw).as_bytes()).collect();
        return Answer::see_other(format!("/confirm?next={next}"));
    }
    let (status, heading, message) = match refusal {
        Refusal::Absent => (
            404,
            "Page not found",
            "If you typed the address, check it. If you followed a link, what it led to may have moved, \
             may not be out yet, or may not be for you to see."
                .to_owned(),
        ),
        Refusal::NotSignedIn => {
            (401, "Sign in first", "Your session has ended. Sign in and do it again.".into())
        }
        Refusal::NotConfirmed => (403, "Confirm that it is you", "Sign in once more to do this.".into()),
        Refusal::NotAllowed(why) => (403, "You cannot do this", why.clone()),
        Refusal::Invalid(faults) => (
            422,
            "There is a problem",
            faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(". "),
        ),
        Refusal::Conflict(what) => (409, "It has changed since you looked", what.clone()),
        Refusal::Locked(why) => (409, "The month is locked", why.clone()),
        Refusal::TooMany { seconds, what } => {
            (429, *what, format!("Wait {}, then try again.", wait(*seconds)))
        }
        Refusal::SentEnough { message, .. } => (429, "You have sent enough for today", message.clone()),
        Refusal::BadRequest { status, message } => (*status, "There is a problem", message.clone()),
        Refusal::Failed(_) | Refusal::Broken(_) => (
            500,
            "Sorry, there is a problem with the service",
            "Nothing was changed. Try again in a few minutes; if it happens again, give the reference below \
             to whoever looks after the service."
                .to_owned(),
        ),
    };
    let back = match refusal {
        Refusal::Conflict(_) | Refusal::Locked(_) | Refusal::NotAllowed(_) | Refusal::SentEnough { .. }
            if raw.method != "GET" =>
        {
            page_of(site, raw)
        }
        _ => String::new(),
    };
    let message = match message.ends_with(['.', '?', '!']) {
        true => message,
        false => message + ".",
    };
    let words = Words { heading, message, request_id: raw.request_id.clone(), back };
    let page = Page::new("refused", heading);
    let shell = Shell::of(site, who, token, &page);
    let answer = site.pages.draw(&shell, &page, &words);
    match answer {
        Ok(answer) => {
            let answer = answer.status(status);
            match refusal {
                Refusal::TooMany { seconds, .. } | Refusal::SentEnough { seconds, .. } => {
                    answer.with("retry-after", seconds.to_string())
                }
                _ => answer,
            }
        }
        Err(error) => {
            tracing::error!(request_id = raw.request_id, %error, "the error page cannot be drawn");
            Answer::html(
                "<!DOCTYPE html><title>Error</title><h1>Sorry, there is a problem with the service</h1>"
                    .into(),
            )
            .status(500)
        }
    }
}

/// How long to wait, in the unit that people count in.
fn wait(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Refuses a request that found its route, and notes what was asked for without a right to it.
pub fn answer(asked: &Asked<'_>, refusal: &Refusal) -> Answer {
    note(asked, refusal);
    page(asked.site, asked.raw, asked.who.as_ref(), &asked.token, refusal)
}

/// The problem details that tell whoever asked the interface what is in the way.
pub fn problems(asked: &Asked<'_>, refusal: &Refusal) -> Problems {
    note(asked, refusal);
    log_failure(asked.raw, refusal);
    let takes = asked.route.document.map(|document| document.takes);
    Problems::of(refusal, matches!(takes, Some(Takes::Form(_))))
}

fn note(asked: &Asked<'_>, refusal: &Refusal) {
    if let Some(who) = &asked.who {
        // What opens an account is in nobody's record, used or not.
        let is_secret = asked.route.path.contains("{link}");
        let path = if is_secret { asked.route.path } else { asked.raw.path.as_str() };
        let method = asked.route.method.name();
        asked.service.note_refusal(who, &asked.asking, method, path, refusal);
    }
}

fn log_failure(raw: &RawRequest, refusal: &Refusal) {
    if let Refusal::Failed(_) | Refusal::Broken(_) = refusal {
        tracing::error!(request_id = raw.request_id, error = %refusal, "a request failed");
    }
}

/// The path is there, but not by this method.
pub fn other_method(raw: &RawRequest, allowed: &str) -> Answer {
    let answer = plain(405, "This address does not take that kind of request");
    early(raw, answer.with("allow", allowed.to_owned()))
}

/// A refusal in a sentence, where no page can be drawn.
pub fn plain(status: u16, words: &str) -> Answer {
    Answer::html(format!(
        "<!DOCTYPE html><html lang=\"en-GB\"><title>{words}</title><main><h1>{words}</h1></main></html>"
    ))
    .status(status)
}

/// A refusal from before a route was found, as problem details where the interface was asked.
pub fn early(raw: &RawRequest, answer: Answer) -> Answer {
    if !is_interface(&raw.path) || answer.content_type != HTML {
        return answer;
    }
    let problem = Problem::of_status(answer.status);
    let mut told = Problems::new(problem, problem.meaning()).answer(&raw.request_id);
    told.headers.extend(answer.headers);
    told
}

/// The page that a request came from, as far as its path tells: itself, or what it lies in.
fn page_of(site: &Site, raw: &RawRequest) -> String {
    let mut path = raw.path.as_str();
    while !path.is_empty() {
        if let Found::Route(..) = site.router.find(Some(Method::Get), path) {
            // A draft's form is sent to the draft's own address, which says in its query whose it is.
            let has_query = path == raw.path && !raw.query.is_empty();
            return if has_query { format!("{path}?{}", raw.query) } else { path.to_owned() };
        }
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    "/".to_owned()
}
