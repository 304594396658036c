//! Signing in and out, and confirming who one is.

use crate::{
    people::PersonState,
    service::{
        Refusal,
        refusal::FieldFault,
        sign_in::{Browser, SignedIn},
        single_sign_on,
    },
    web::{
        answer::Answer,
        asked::Asked,
        dispatch::{cookie, new_token},
        form::{Field, Form},
        page::Page,
        routes::{Allows, Route},
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/sign-in", Allows::Anyone, page),
    Route::post("/sign-in", Allows::Anyone, by_password),
    Route::get("/sign-in/code", Allows::Anyone, code_page),
    Route::post("/sign-in/code", Allows::Anyone, by_code),
    Route::post("/sign-in/example", Allows::Anyone, as_example),
    Route::post("/sign-out", Allows::SignedIn, sign_out),
    Route::get("/confirm", Allows::SignedIn, confirm_page),
    Route::post("/confirm", Allows::SignedIn, confirm),
];

#[derive(Serialize)]
struct Values {
    next: String,
    /// In the built-in example alone: whom one can be.
    people: Vec<ExamplePerson>,
    form: Form,
    script: String,
    has_single_sign_on: bool,
    /// `next`, as it stands in an address.
    next_in_address: String,
}

#[derive(Serialize)]
struct ExamplePerson {
    id: u32,
    name: String,
    roles: String,
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, asked.query("next").unwrap_or_default(), "", Vec::new())
}

fn draw(asked: &Asked<'_>, next: &str, email: &str, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let mut people = Vec::new();
    if asked.service.is_example {
        let everybody = asked.service.store()?.people()?.into_iter();
        for person in everybody.filter(|person| person.state == PersonState::Active) {
            let mut roles: Vec<&str> = person.roles.iter().map(|held| held.role.name()).collect();
            roles.dedup();
            people.push(ExamplePerson { id: person.id, name: person.name.clone(), roles: roles.join(", ") });
        }
    }
    let fields = vec![
        Field::email("email", "Email address").value(email),
        Field::password("password", "Password", "current-password"),
    ];
    let form = Form::refused(fields, faults);
    let title = form.title("Sign in");
    let status = form.status();
    let values = values(asked, next, people, form);
    Ok(asked.page(&Page::new("account/sign-in", title), &values)?.status(status))
}

fn values(asked: &Asked<'_>, next: &str, people: Vec<ExamplePerson>, form: Form) -> Values {
    let next = next_place(next);
    Values {
        next_in_address: in_address(&next),
        next,
        people,
        form,
        script: script(),
        has_single_sign_on: asked.service.has_single_sign_on(),
    }
}

fn in_address(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Where the script is that shows a password on request.
pub(super) fn script() -> String {
    super::assets::address_of("account.js")
}

/// Where to go after signing in: a path of this site, or home.
pub(super) fn next_place(next: &str) -> String {
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains(|c: char| c.is_control() || c.is_whitespace());
    if is_path { next.to_owned() } else { "/".to_owned() }
}

fn by_password(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let email = asked.field("email");
    let done = asked.service.sign_in(&asked.asking, asked.browser(), email, asked.secret("password"));
    match done {
        Ok(signed_in) => Ok(go_on(signed_in, asked.field("next"))),
        Err(Refusal::Invalid(faults)) => draw(asked, asked.field("next"), email, faults),
        Err(refusal) => Err(refusal),
    }
}

/// Goes on as whoever has signed in, or to the page that asks for the code.
pub(super) fn go_on(signed_in: SignedIn, next: &str) -> Answer {
    let next = next_place(next);
    let (place, token) = match signed_in {
        SignedIn::Whole { token } => (next, token),
        SignedIn::CodeOwed { token } => (format!("/sign-in/code?next={}", in_address(&next)), token),
    };
    Answer::see_other(place).with("set-cookie", cookie(&token))
}

fn code_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    if !asked.service.owes_code(&asked.asking, asked.browser())? {
        return Ok(Answer::see_other("/sign-in"));
    }
    draw_code(asked, asked.query("next").unwrap_or_default(), Vec::new())
}

fn draw_code(asked: &Asked<'_>, next: &str, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let fields =
        vec![Field::code("code", "Code").hint(
            "The six digits that your app shows for Outturn now. If you have lost it, a recovery code.",
        )];
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Enter your code"), form.status());
    let values = values(asked, next, Vec::new(), form);
    Ok(asked.page(&Page::new("account/code", title), &values)?.status(status))
}

fn by_code(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.give_code(&asked.asking, asked.browser(), asked.field("code")) {
        Ok(token) => Ok(go_on(SignedIn::Whole { token }, asked.field("next"))),
        Err(Refusal::Invalid(faults)) => draw_code(asked, asked.field("next"), faults),
        Err(Refusal::NotSignedIn) => Ok(Answer::see_other("/sign-in")),
        Err(refusal) => Err(refusal),
    }
}

fn as_example(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let person = asked.field("person").parse().map_err(|_| Refusal::Absent)?;
    let token = asked.service.sign_in_as_example(&asked.asking, asked.browser(), person)?;
    Ok(go_on(SignedIn::Whole { token }, asked.field("next")))
}

fn sign_out(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.service.sign_out(asked.who()?, &asked.asking)?;
    Ok(Answer::see_other("/sign-in")
        .with("set-cookie", cookie(&new_token()))
        .with("clear-site-data", "\"cache\", \"storage\"".into()))
}

#[derive(Serialize)]
struct Confirm {
    next: String,
    next_in_address: String,
    has_single_sign_on: bool,
    form: Form,
    script: String,
}

fn confirm_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw_confirm(asked, asked.query("next").unwrap_or_default(), Vec::new())
}

fn draw_confirm(asked: &Asked<'_>, next: &str, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let ways = asked.service.ways_to_confirm(asked.who()?)?;
    let mut fields = Vec::new();
    if ways.password {
        fields.push(Field::password("password", "Password", "current-password"));
    }
    if ways.password && ways.code {
        fields.push(Field::code("code", "Code").hint("The six digits that your app shows for Outturn now."));
    }
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title("Confirm that it is you"), form.status());
    let next = next_place(next);
    let session = asked.who()?.session.as_ref();
    let values = Confirm {
        next_in_address: in_address(&next),
        next,
        has_single_sign_on: asked.service.has_single_sign_on()
            && session.is_some_and(|session| session.way == single_sign_on::WAY),
        form,
        script: script(),
    };
    Ok(asked.page(&Page::new("account/confirm", title), &values)?.status(status))
}

fn confirm(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (password, code) = (asked.secret("password"), asked.field("code"));
    match asked.service.confirm(asked.who()?, &asked.asking, password, code) {
        Ok(()) => Ok(Answer::see_other(next_place(asked.field("next")))),
        Err(Refusal::Invalid(faults)) => draw_confirm(asked, asked.field("next"), faults),
        Err(refusal) => Err(refusal),
    }
}

impl Asked<'_> {
    /// The browser that asks, for signing in.
    pub(super) fn browser(&self) -> Browser<'_> {
        Browser { token: &self.token, agent: self.raw.header("user-agent").unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::next_place;

    #[test]
    fn signing_in_leads_to_this_site_alone() {
        assert_eq!(next_place("/areas/E1/2015-11?x=1#y"), "/areas/E1/2015-11?x=1#y");
        for elsewhere in [
            "",
            "https://elsewhere.example",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "\\/elsewhere.example",
            "/\t/elsewhere.example",
            "/\n/elsewhere.example",
            " //elsewhere.example",
            "javascript:alert(1)",
            "areas",
        ] {
            assert_eq!(next_place(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
