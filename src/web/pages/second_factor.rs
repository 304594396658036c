//! The second factor: setting it up, its recovery codes, turning it off.

use crate::{
    people::second_factor::Picture,
    service::{Refusal, refusal::FieldFault},
    web::{
        answer::Answer,
        asked::Asked,
        form::{Field, Form},
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/account/second-factor", Allows::SignedIn, page),
    Route::post("/account/second-factor", Allows::SignedIn, propose),
    Route::get("/account/second-factor/set-up", Allows::SignedIn, set_up_page),
    Route::post("/account/second-factor/set-up", Allows::SignedIn, turn_on),
    Route::post("/account/second-factor/recovery-codes", Allows::SignedIn, renew_codes),
    Route::post("/account/second-factor/off", Allows::SignedIn, turn_off),
];

#[derive(Serialize)]
struct Values {
    is_on: bool,
    recovery_codes_left: u32,
    form: Form,
    script: String,
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, Vec::new())
}

fn draw(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let account = asked.service.account(asked.who()?, &asked.asking)?;
    let mut fields = Vec::new();
    if account.has_second_factor && account.has_password {
        fields.push(Field::password("password", "Your password", "current-password"));
    }
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Second factor"), form.status());
    let values = Values {
        is_on: account.has_second_factor,
        recovery_codes_left: account.recovery_codes_left,
        form,
        script: super::sign_in::script(),
    };
    let page = Page::new("account/second-factor", title).under("/account", "Your account");
    Ok(asked.page(&page, &values)?.status(status))
}

fn propose(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.propose_second_factor(asked.who()?, &asked.asking)?;
    Ok(Answer::see_other("/account/second-factor/set-up"))
}

#[derive(Serialize)]
struct SetUp {
    /// In groups of four, as one types it.
    secret: String,
    picture: Picture,
    form: Form,
}

fn set_up_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw_set_up(asked, Vec::new())
}

fn draw_set_up(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let proposal = match asked.service.proposed_second_factor(asked.who()?, &asked.asking) {
        Err(Refusal::Absent) => return Ok(Answer::see_other("/account/second-factor")),
        proposal => proposal?,
    };
    let fields = vec![Field::code("code", "Code").hint("The six digits that the app shows now.")];
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Set up a second factor"), form.status());
    let letters: Vec<char> = proposal.secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let values = SetUp { secret: groups.join(" "), picture: proposal.picture, form };
    let page = Page::new("account/second-factor-set-up", title)
        .under("/account", "Your account")
        .under("/account/second-factor", "Second factor");
    Ok(asked.page(&page, &values)?.status(status))
}

#[derive(Serialize)]
struct Codes {
    is_new: bool,
    codes: Vec<String>,
}

fn turn_on(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.turn_on_second_factor(asked.who()?, &asked.asking, asked.field("code")) {
        Ok(codes) => draw_codes(asked, true, codes),
        Err(Refusal::Invalid(faults)) => draw_set_up(asked, faults),
        Err(Refusal::Absent) => Ok(Answer::see_other("/account/second-factor")),
        Err(refusal) => Err(refusal),
    }
}

fn renew_codes(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let codes = asked.service.renew_recovery_codes(asked.who()?, &asked.asking)?;
    draw_codes(asked, false, codes)
}

/// The codes are shown in the answer itself: they stand nowhere that could be looked at again.
fn draw_codes(asked: &Asked<'_>, is_new: bool, codes: Vec<String>) -> Result<Answer, Refusal> {
    let page = Page::new("account/recovery-codes", "Your recovery codes").under("/account", "Your account");
    asked.page(&page, &Codes { is_new, codes })
}

fn turn_off(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.turn_off_second_factor(asked.who()?, &asked.asking, asked.secret("password")) {
        Ok(()) => Ok(Answer::see_other("/account?done=second-factor-off")),
        Err(Refusal::Invalid(faults)) => draw(asked, faults),
        Err(refusal) => Err(refusal),
    }
}
