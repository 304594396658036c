//! Your account: name, password and sessions.

use super::links::new_password;
use crate::{
    service::{Refusal, refusal::FieldFault},
    store::Session,
    web::{
        answer::Answer,
        asked::Asked,
        form::{Field, Form},
        page::Page,
        routes::{Allows, Route},
        words::moment,
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/account", Allows::SignedIn, page),
    Route::get("/account/name", Allows::SignedIn, name_page),
    Route::post("/account/name", Allows::SignedIn, rename),
    Route::get("/account/password", Allows::SignedIn, password_page),
    Route::post("/account/password", Allows::SignedIn, change_password),
    Route::post("/account/sessions/end-others", Allows::SignedIn, end_others),
    Route::post("/account/sessions/{number}/end", Allows::SignedIn, end_one),
];

#[derive(Serialize)]
struct Values {
    name: String,
    email: String,
    roles: Vec<String>,
    has_password: bool,
    has_second_factor: bool,
    has_single_sign_on: bool,
    recovery_codes_left: u32,
    sessions: Vec<SessionRow>,
    has_other_sessions: bool,
    token_count: usize,
    done: &'static str,
}

/// A session in a list.
#[derive(Serialize)]
pub(super) struct SessionRow {
    number: u32,
    pub(super) is_this_one: bool,
    browser: String,
    address: String,
    way: String,
    started: String,
    last_seen: String,
}

impl SessionRow {
    pub(super) fn of(session: &Session, this_one: Option<u32>) -> SessionRow {
        SessionRow {
            number: session.number,
            is_this_one: this_one == Some(session.number),
            browser: browser_name(&session.browser),
            address: session.address.clone(),
            way: session.way.clone(),
            started: moment(session.started_at),
            last_seen: moment(session.last_seen_at),
        }
    }
}

/// `Firefox on Windows`, as far as a browser says what it is.
fn browser_name(agent: &str) -> String {
    let has = |word: &str| agent.contains(word);
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(word, _)| has(word)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => "A browser that does not say what it is".to_owned(),
    }
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let who = asked.who()?;
    let account = asked.service.account(who, &asked.asking)?;
    let this_one = who.session.as_ref().map(|session| session.number);
    let sessions: Vec<SessionRow> =
        account.sessions.iter().map(|session| SessionRow::of(session, this_one)).collect();
    let counts = account.tokens.iter();
    let counts = counts.filter(|token| token.revoked_at.is_none() && asked.asking.now < token.expires_at);
    let done = match asked.query("done") {
        Some("name") => "Your name is changed",
        Some("password") => {
            "Your password is changed, you are signed out everywhere else, and your tokens work no more"
        }
        Some("second-factor-off") => "The second factor is off",
        Some("session") => "The session is ended",
        Some("sessions") => "You are signed out everywhere else",
        Some(_) | None => "",
    };
    let values = Values {
        name: who.person.name.clone(),
        email: who.person.email.clone(),
        roles: super::people::roles_in_words(asked, &who.person.roles),
        has_password: account.has_password,
        has_second_factor: account.has_second_factor,
        has_single_sign_on: account.has_single_sign_on,
        recovery_codes_left: account.recovery_codes_left,
        has_other_sessions: sessions.iter().any(|session| !session.is_this_one),
        sessions,
        token_count: counts.count(),
        done,
    };
    asked.page(&Page::new("account/account", "Your account"), &values)
}

/// A page of one form below the account.
#[derive(Serialize)]
struct OneForm {
    heading: &'static str,
    action: &'static str,
    button: &'static str,
    form: Form,
    script: String,
}

fn draw(
    asked: &Asked<'_>,
    (heading, action, button): (&'static str, &'static str, &'static str),
    fields: Vec<Field>,
    faults: Vec<FieldFault>,
) -> Result<Answer, Refusal> {
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title(heading), form.status());
    let page = Page::new("account/one-form", title).under("/account", "Your account");
    let values = OneForm { heading, action, button, form, script: super::sign_in::script() };
    Ok(asked.page(&page, &values)?.status(status))
}

const NAME: (&str, &str, &str) = ("Change your name", "/account/name", "Change my name");
const PASSWORD: (&str, &str, &str) = ("Change your password", "/account/password", "Change my password");

fn name_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw_name(asked, &asked.who()?.person.name, Vec::new())
}

fn draw_name(asked: &Asked<'_>, name: &str, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let field = Field::text("name", "Your name").autocomplete("name").value(name);
    draw(asked, NAME, vec![field.hint("Others see it beside what you do.")], faults)
}

fn rename(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.rename(asked.who()?, &asked.asking, asked.field("name")) {
        Ok(()) => Ok(Answer::see_other("/account?done=name")),
        Err(Refusal::Invalid(faults)) => draw_name(asked, asked.field("name"), faults),
        Err(refusal) => Err(refusal),
    }
}

fn password_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw_password(asked, Vec::new())
}

fn draw_password(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let who = asked.who()?;
    let mut fields = Vec::new();
    if asked.service.ways_to_confirm(who)?.password {
        fields.push(Field::password("present_password", "Present password", "current-password"));
    } else {
        who.must_be_confirmed(asked.asking.now)?;
    }
    fields.push(new_password("new_password", "New password"));
    draw(asked, PASSWORD, fields, faults)
}

fn change_password(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (present, new) = (asked.secret("present_password"), asked.secret("new_password"));
    match asked.service.change_password(asked.who()?, &asked.asking, present, new) {
        Ok(()) => Ok(Answer::see_other("/account?done=password")),
        Err(Refusal::Invalid(faults)) => draw_password(asked, faults),
        Err(refusal) => Err(refusal),
    }
}

fn end_one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.end_own_session(asked.who()?, &asked.asking, asked.number("number")?)?;
    Ok(Answer::see_other("/account?done=session"))
}

fn end_others(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.end_own_other_sessions(asked.who()?, &asked.asking)?;
    Ok(Answer::see_other("/account?done=sessions"))
}
