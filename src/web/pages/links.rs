//! Links that work once, and asking for one.

use crate::{
    people::password,
    service::{
        Refusal,
        links::{FilledIn, LinkOpened},
        refusal::FieldFault,
        sign_in::SignedIn,
    },
    store::LinkPurpose,
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
    Route::get("/links/{link}", Allows::Anyone, page),
    Route::post("/links/{link}", Allows::Anyone, follow),
    Route::get("/recover", Allows::Anyone, recover_page),
    Route::post("/recover", Allows::Anyone, recover),
];

#[derive(Serialize)]
struct Values {
    heading: &'static str,
    lead: &'static str,
    /// Empty for the first administrator, who says it.
    email: String,
    button: &'static str,
    link: String,
    form: Form,
    script: String,
}

fn page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.link_opened(&asked.asking, asked.param("link")) {
        Ok(opened) => draw(asked, &opened, FilledIn::default(), Vec::new()),
        Err(Refusal::Absent) => works_no_more(asked),
        Err(refusal) => Err(refusal),
    }
}

fn works_no_more(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let page = Page::new("account/link-gone", "This link works no more");
    Ok(asked.page(&page, &serde_json::json!({}))?.status(404))
}

fn draw(
    asked: &Asked<'_>,
    opened: &LinkOpened,
    filled_in: FilledIn<'_>,
    faults: Vec<FieldFault>,
) -> Result<Answer, Refusal> {
    let (heading, lead, button) = match opened.purpose {
        LinkPurpose::Invitation => (
            "Set up your account",
            "You have been invited to Outturn. Say what you are called and choose a password.",
            "Set up my account",
        ),
        LinkPurpose::Recovery => (
            "Choose a new password",
            "When you have chosen it, you are signed out everywhere else, and tokens that you made work no more.",
            "Keep the new password",
        ),
        LinkPurpose::FirstAdministrator => (
            "Become the first administrator",
            "Administrators manage people and plans. You can invite others afterwards.",
            "Set up my account",
        ),
    };
    let mut fields = Vec::new();
    if opened.purpose == LinkPurpose::FirstAdministrator {
        fields
            .push(Field::email("email", "Email address").hint("You sign in with it.").value(filled_in.email));
    }
    if opened.purpose != LinkPurpose::Recovery {
        let name = if filled_in.name.is_empty() { &opened.name } else { filled_in.name };
        fields.push(Field::text("name", "Your name").autocomplete("name").value(name));
    }
    fields.push(new_password("password", "Password"));
    let form = Form::refused(fields, faults);
    let (title, status) = (form.title(heading), form.status());
    let values = Values {
        heading,
        lead,
        email: opened.email.clone(),
        button,
        link: asked.param("link").to_owned(),
        form,
        script: super::sign_in::script(),
    };
    Ok(asked.page(&Page::new("account/link", title), &values)?.status(status))
}

/// The field for a password to be chosen.
pub(super) fn new_password(id: &'static str, label: &str) -> Field {
    Field::password(id, label, "new-password").hint(format!(
        "{} characters or more. Four words that have nothing to do with each other are easy to remember and hard \
         to guess. You can paste it from a password manager.",
        password::SHORTEST
    ))
}

fn follow(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let filled_in = FilledIn {
        email: asked.field("email"),
        name: asked.field("name"),
        password: asked.secret("password"),
    };
    let link = asked.param("link");
    match asked.service.use_link(&asked.asking, asked.browser(), link, filled_in) {
        Ok(signed_in @ SignedIn::Whole { .. }) => {
            Ok(super::sign_in::go_on(signed_in, "/account/second-factor"))
        }
        Ok(signed_in @ SignedIn::CodeOwed { .. }) => Ok(super::sign_in::go_on(signed_in, "/")),
        Err(Refusal::Invalid(faults)) => {
            let opened = asked.service.link_opened(&asked.asking, link)?;
            draw(asked, &opened, filled_in, faults)
        }
        Err(Refusal::Absent) => works_no_more(asked),
        Err(refusal) => Err(refusal),
    }
}

#[derive(Serialize)]
struct Recover {
    is_asked: bool,
    has_post: bool,
    form: Form,
}

fn recover_page(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw_recover(asked, Vec::new())
}

fn draw_recover(asked: &Asked<'_>, faults: Vec<FieldFault>) -> Result<Answer, Refusal> {
    let form =
        Form::refused(vec![Field::email("email", "Email address").value(asked.field("email"))], faults);
    let (title, status) = (form.title("Ask for a new link"), form.status());
    let values = Recover { is_asked: false, has_post: asked.service.has_post(), form };
    Ok(asked.page(&Page::new("account/recover", title), &values)?.status(status))
}

fn recover(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    match asked.service.ask_for_link(&asked.asking, asked.field("email")) {
        Ok(()) => {
            let page = Page::new("account/recover", "You have asked for a new link");
            let has_post = asked.service.has_post();
            asked.page(&page, &Recover { is_asked: true, has_post, form: Form::default() })
        }
        Err(Refusal::Invalid(faults)) => draw_recover(asked, faults),
        Err(refusal) => Err(refusal),
    }
}
