//! Signing in by a provider of identities: away, back, and out.

use super::sign_in::next_place;
use crate::{
    service::{Refusal, single_sign_on::CameBack},
    web::{
        answer::Answer,
        asked::Asked,
        dispatch::cookie,
        routes::{Allows, Route},
    },
};

pub const ROUTES: &[Route] = &[
    Route::get("/single-sign-on", Allows::Anyone, away),
    Route::get("/single-sign-on/back", Allows::Anyone, back),
    Route::post("/single-sign-on/logout", Allows::Anyone, out),
];

/// Leads the browser to the provider. It keeps its token, by which it is known when it comes back.
fn away(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let next = next_place(asked.query("next").unwrap_or_default());
    let anew = asked.query("anew").is_some();
    let place = asked.service.start_single_sign_on(&asked.asking, asked.browser(), &next, anew)?;
    Ok(Answer::see_other(place).with("set-cookie", cookie(&asked.token)))
}

fn back(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    if asked.query("error") == Some("access_denied") {
        return Ok(Answer::see_other("/sign-in"));
    }
    let came_back = CameBack {
        code: asked.query("code").unwrap_or_default(),
        state: asked.query("state").unwrap_or_default(),
        iss: asked.query("iss"),
    };
    let (token, next) = asked.service.finish_single_sign_on(&asked.asking, asked.browser(), came_back)?;
    Ok(Answer::see_other(next_place(&next)).with("set-cookie", cookie(&token)))
}

fn out(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.signed_out_elsewhere(&asked.asking, asked.field("logout_token"))?;
    Ok(Answer::html(String::new()))
}
