//! A return typed in, for whoever reports a few rows.

use super::{
    capital,
    home::title,
    page, return_type,
    upload::{draft_place, sent_place},
};
use crate::{
    figures::facts::ReturnType,
    service::{
        Refusal,
        refusal::FieldFault,
        returns::{EntryForm, NewReturn, SendOutcome},
    },
    store::ReturnWay,
    web::{answer::Answer, asked::Asked},
};
use serde::Serialize;

#[derive(Serialize)]
struct Values {
    base: String,
    heading: String,
    month_name: String,
    /// What a check found where nothing is wrong; empty before one.
    result: String,
    form: EntryForm,
    /// What is typed in are amounts of money, or whole numbers: neither for measures, whose cells
    /// say themselves what they take.
    is_money: bool,
    is_counted: bool,
    /// Why the month takes no returns; empty where it takes them.
    locked: String,
    errors: Vec<FieldFault>,
}

pub(super) fn form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let form = entry_form(asked, asked.query("for").unwrap_or_default())?;
    draw(asked, form, Vec::new(), String::new())
}

fn entry_form(asked: &Asked<'_>, on_behalf_of: &str) -> Result<EntryForm, Refusal> {
    let kind = return_type(asked)?;
    asked.service.entry_form(asked.who()?, asked.area_code(), asked.month()?, own(asked, on_behalf_of)?, kind)
}

/// The partner that is meant: the one that was chosen, else the first of the sender's own.
fn own<'a>(asked: &'a Asked<'_>, chosen: &'a str) -> Result<&'a str, Refusal> {
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let own = asked.who()?.person.partners_in(asked.param("area"));
    Ok(own.first().copied().unwrap_or_default())
}

pub(super) fn send(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let mut form = entry_form(asked, asked.field("on_behalf_of"))?;
    form.fill(|name| asked.field(name));
    let (file_name, bytes) = form.file();
    let partner_id = form.partner_id.clone();
    let new = NewReturn {
        area_code: asked.area_code(),
        month: asked.month()?,
        on_behalf_of: &partner_id,
        file_name: &file_name,
        bytes: &bytes,
        way: ReturnWay::Form,
        comment: "",
    };
    if form.is_empty() {
        let message = "Enter the figures of at least one row".to_owned();
        let fault = FieldFault { field: first_input(&form), message };
        return draw(asked, form, vec![fault], String::new());
    }
    let is_check = asked.field("action") == "check";
    let outcome = match is_check {
        true => SendOutcome::NotSent(Box::new(asked.service.check_return(asked.who()?, &new)?)),
        false => match asked.service.send_return(asked.who()?, &asked.asking, &new) {
            Ok(outcome) => outcome,
            // What was typed in is nowhere else: it stays on the page.
            Err(Refusal::Locked(why)) => {
                return Ok(draw_closed(asked, form, Vec::new(), String::new(), Some(why))?.status(409));
            }
            Err(Refusal::SentEnough { seconds, message }) => {
                let fault = FieldFault { field: first_input(&form), message };
                let page = draw(asked, form, vec![fault], String::new())?;
                return Ok(page.status(429).with("retry-after", seconds.to_string()));
            }
            Err(refusal) => return Err(refusal),
        },
    };
    let found = match outcome {
        SendOutcome::NotSent(found) => found,
        sent => return sent_place(asked, &sent),
    };
    if !found.is_sound() {
        let errors = form.show_faults(&found.faults);
        return draw(asked, form, errors, String::new());
    }
    if !is_check {
        return Ok(Answer::see_other(draft_place(&super::base(asked)?, &found)));
    }
    let is_locked = asked.service.month_state(asked.who()?, asked.area_code(), asked.month()?)?.is_locked;
    let result = match found.query_count {
        0 if is_locked => {
            "Everything can be taken once the month is open again. Nothing was stored.".to_owned()
        }
        0 => "Everything can be taken. Nothing was stored: select “Check and send” to send it.".to_owned(),
        count => format!(
            "Everything can be taken. {} will be asked about when you send it. Nothing was stored.",
            super::plural(count, "figure")
        ),
    };
    draw(asked, form, Vec::new(), result)
}

/// What a message leads to that is about no field of its own.
fn first_input(form: &EntryForm) -> String {
    let first = form.rows.first().and_then(|row| row.inputs.first());
    first.map(|input| input.name.clone()).unwrap_or_default()
}

fn draw(
    asked: &Asked<'_>,
    form: EntryForm,
    errors: Vec<FieldFault>,
    result: String,
) -> Result<Answer, Refusal> {
    draw_closed(asked, form, errors, result, None)
}

/// As [`draw`]; `closed` says why the month has just refused what was typed in.
fn draw_closed(
    asked: &Asked<'_>,
    form: EntryForm,
    errors: Vec<FieldFault>,
    result: String,
    closed: Option<String>,
) -> Result<Answer, Refusal> {
    let heading = format!("{} return, {}", capital(form.return_type), form.partner_name);
    let status = if errors.is_empty() { 200 } else { 422 };
    let mut title = title(&heading, &errors);
    if closed.is_some() {
        title.insert_str(0, "Error: ");
    }
    let locked = match closed {
        Some(why) => why,
        None => asked.service.month_state(asked.who()?, asked.area_code(), asked.month()?)?.why,
    };
    let page = page(asked, "returns/entry", title)?;
    let month_name = asked.month()?.name();
    let values = Values {
        base: super::base(asked)?,
        heading,
        month_name,
        result,
        is_money: form.return_type == ReturnType::Finance.name(),
        is_counted: form.return_type == ReturnType::Capitation.name(),
        locked,
        form,
        errors,
    };
    Ok(asked.page(&page, &values)?.status(status))
}
