//! The tokens of a person's systems.

use crate::{
    service::{Refusal, refusal::FieldFault, tokens::LONGEST_DAYS},
    store::ApiToken,
    web::{
        answer::Answer,
        asked::Asked,
        form::{Field, Form},
        page::Page,
        routes::{Allows, Route},
        words::{day, moment},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/account/tokens", Allows::SignedIn, page),
    Route::post("/account/tokens", Allows::SignedIn, make),
    Route::post("/account/tokens/{number}/revoke", Allows::SignedIn, revoke),
];

#[derive(Serialize)]
struct Values {
    /// The token that was made just now; empty otherwise.
    made: String,
    tokens: Vec<TokenRow>,
    form: Form,
}

#[derive(Serialize)]
struct TokenRow {
    number: u32,
    name: String,
    made: String,
    expires: String,
    last_used: String,
    state: &'static str,
    /// The look of its tag.
    look: &'static str,
    counts: bool,
}

fn row(token: &ApiToken, asked: &Asked<'_>) -> TokenRow {
    let is_revoked = token.revoked_at.is_some();
    let counts = !is_revoked && asked.asking.now < token.expires_at;
    let (state, look) = match (is_revoked, counts) {
        (true, _) => ("Revoked", ""),
        (false, true) => ("In use", "good"),
        (false, false) => ("Expired", "watch"),
    };
    TokenRow {
        number: token.number,
        name: token.name.clone(),
        made: day(token.made_at.date()),
        expires: day(token.expires_at.date()),
        last_used: token.last_used_at.map_or_else(|| "Never".to_owned(), moment),
        state,
        look,
        counts,
    }
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, String::new(), ("", "90"), Vec::new())
}

fn draw(
    asked: &Asked<'_>,
    made: String,
    (name, days): (&str, &str),
    faults: Vec<FieldFault>,
) -> Result<Answer, Refusal> {
    let account = asked.service.account(asked.who()?, &asked.asking)?;
    let fields = vec![
        Field::text("token_name", "What it is for")
            .hint("Such as the system that will use it: “Finance ledger, month end”.")
            .value(name),
        Field::number("days", "For how many days")
            .hint(format!("From 1 to {LONGEST_DAYS}. The shorter, the safer."))
            .value(days),
    ];
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Tokens for your systems"), form.status());
    let tokens = account.tokens.iter().map(|token| row(token, asked)).collect();
    let page = Page::new("account/tokens", title).under("/account", "Your account");
    Ok(asked.page(&page, &Values { made, tokens, form })?.status(status))
}

fn make(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (name, days) = (asked.field("token_name"), asked.field("days"));
    match asked.service.make_api_token(asked.who()?, &asked.asking, name, days) {
        Ok(made) => draw(asked, made, ("", "90"), Vec::new()),
        Err(Refusal::Invalid(faults)) => draw(asked, String::new(), (name, days), faults),
        Err(refusal) => Err(refusal),
    }
}

fn revoke(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.revoke_api_token(asked.who()?, &asked.asking, asked.number("number")?)?;
    Ok(Answer::see_other("/account/tokens"))
}
