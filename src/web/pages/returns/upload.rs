//! Choosing a file, what a check of it found, and the draft that waits for a comment.
//!
//! "Check only" stores nothing. "Check and send" sends what has neither faults nor queries; where there
//! are queries alone, the file is kept as its sender's draft, so that it need not be chosen again once
//! the comment is written.

use super::{
    base, capital,
    home::title,
    page, plural, return_type,
    told::{Line, WouldChange, line, more},
};
use crate::{
    service::{
        Refusal,
        refusal::FieldFault,
        returns::{CheckOutcome, NewReturn, SendOutcome},
    },
    store::{ReturnDraft, ReturnWay},
    web::{answer::Answer, asked::Asked, pages::assets::script_address},
};
use serde::Serialize;

/// The form that a file is chosen with.
#[derive(Default, Serialize)]
pub(super) struct UploadForm {
    base: String,
    month_name: String,
    /// For whom the return may be sent, where there is a choice.
    choices: Vec<Choice>,
    for_whom: String,
    /// Why the month takes no returns; empty where it takes them.
    locked: String,
    errors: Vec<FieldFault>,
    file_error: String,
    choice_error: String,
    script: String,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    is_chosen: bool,
}

/// What a check found, and the form to go on with.
#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    form: UploadForm,
    heading: String,
    lead: String,
    file_name: String,
    faults: Vec<Line>,
    fault_words: String,
    faults_more: String,
    /// All faults as a CSV file, within the link itself: nothing of a check is kept here.
    faults_csv: String,
    queries: Vec<Line>,
    query_words: String,
    queries_more: String,
    notes: Vec<String>,
    would: WouldChange,
    already: String,
    is_draft: bool,
    draft_place: String,
    partner_id: String,
    comment: String,
    comment_error: String,
    can_be_sent: bool,
    shows_form: bool,
}

pub(super) fn form(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let form = upload_form(asked, asked.query("for").unwrap_or_default(), Vec::new())?;
    asked.page(&page(asked, "returns/upload", "Send a return")?, &form)
}

fn upload_form(asked: &Asked<'_>, chosen: &str, errors: Vec<FieldFault>) -> Result<UploadForm, Refusal> {
    let choices = asked.service.may_send_for(asked.who()?, asked.area_code())?;
    let error_of = |field: &str| {
        errors
            .iter()
            .find(|fault| fault.field == field)
            .map(|fault| fault.message.clone())
            .unwrap_or_default()
    };
    let state = asked.service.month_state(asked.who()?, asked.area_code(), asked.month()?)?;
    Ok(UploadForm {
        locked: state.why,
        base: base(asked)?,
        month_name: asked.month()?.name(),
        for_whom: choices
            .first()
            .filter(|_| choices.len() == 1)
            .map(|choice| choice.1.clone())
            .unwrap_or_default(),
        choices: match choices.len() {
            0 | 1 => Vec::new(),
            _ => choices.into_iter().map(|(id, name)| Choice { is_chosen: id == chosen, id, name }).collect(),
        },
        file_error: error_of("file"),
        choice_error: error_of("on_behalf_of"),
        errors,
        script: script_address("upload.js"),
    })
}

pub(super) fn check_or_send(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let on_behalf_of = asked.field("on_behalf_of");
    let outcome = chosen_file(asked).and_then(|(file_name, bytes)| {
        let new = NewReturn {
            area_code: asked.area_code(),
            month: asked.month()?,
            on_behalf_of,
            file_name,
            bytes,
            way: ReturnWay::File,
            comment: "",
        };
        match asked.field("action") {
            "check" => {
                let outcome = asked.service.check_return(asked.who()?, &new)?;
                Ok(SendOutcome::NotSent(Box::new(outcome)))
            }
            _ => asked.service.send_return(asked.who()?, &asked.asking, &new),
        }
    });
    let was_check = asked.field("action") == "check";
    match outcome {
        Ok(SendOutcome::NotSent(found)) if !was_check && found.is_sound() => {
            Ok(Answer::see_other(draft_place(&base(asked)?, &found)))
        }
        Ok(SendOutcome::NotSent(found)) => {
            let status = if was_check { 200 } else { 422 };
            Ok(show(asked, *found, None, Vec::new(), None)?.status(status))
        }
        Ok(sent) => sent_place(asked, &sent),
        Err(Refusal::Invalid(errors)) => {
            let title = title("Send a return", &errors);
            let form = upload_form(asked, on_behalf_of, errors)?;
            Ok(asked.page(&page(asked, "returns/upload", title)?, &form)?.status(422))
        }
        Err(refusal) => Err(refusal),
    }
}

/// The one file that was chosen.
fn chosen_file<'a>(asked: &'a Asked<'_>) -> Result<(&'a str, &'a [u8]), Refusal> {
    let is_chosen = |name: &Option<String>| name.as_deref().is_some_and(|name| !name.is_empty());
    let chosen =
        asked.raw.parts.iter().filter(|part| part.name == "file" && is_chosen(&part.file_name)).count();
    if chosen > 1 {
        return Err(Refusal::field("file", "You can only select up to 1 file at the same time"));
    }
    let file = asked.file("file").ok_or_else(|| Refusal::field("file", "Select a return"))?;
    // Some browsers give the whole path.
    let name = file.file_name.as_deref().unwrap_or_default();
    Ok((name.rsplit(['/', '\\']).next().unwrap_or(name), &file.bytes))
}

pub(super) fn draft_place(base: &str, found: &CheckOutcome) -> String {
    format!("{base}/drafts/{}?for={}", found.return_type, found.partner_id)
}

/// Goes on to what a sent return leads to.
pub(super) fn sent_place(asked: &Asked<'_>, sent: &SendOutcome) -> Result<Answer, Refusal> {
    let base = base(asked)?;
    match sent {
        SendOutcome::Sent { number } => Ok(Answer::see_other(format!("{base}/{number}/received"))),
        SendOutcome::AlreadyReceived { number } => {
            Ok(Answer::see_other(format!("{base}/{number}/received?again=yes")))
        }
        SendOutcome::NotSent(_) => Err(Refusal::Broken("a return that was not sent leads nowhere".into())),
    }
}

fn the_draft(asked: &Asked<'_>, partner_id: &str) -> Result<ReturnDraft, Refusal> {
    let kind = return_type(asked)?;
    let drafts = asked.service.return_drafts(asked.who()?, asked.area_code(), asked.month()?)?;
    let found = drafts.into_iter().find(|draft| draft.return_type == kind && draft.partner_id == partner_id);
    found.ok_or(Refusal::Absent)
}

fn from_draft<'a>(
    asked: &'a Asked<'_>,
    draft: &'a ReturnDraft,
    comment: &'a str,
) -> Result<NewReturn<'a>, Refusal> {
    Ok(NewReturn {
        area_code: asked.area_code(),
        month: asked.month()?,
        on_behalf_of: &draft.partner_id,
        file_name: &draft.file_name,
        bytes: &draft.bytes,
        way: draft.way,
        comment,
    })
}

/// The draft checked once more: what is held may have changed since.
pub(super) fn draft(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let draft = the_draft(asked, asked.query("for").unwrap_or_default())?;
    let found = asked.service.check_return(asked.who()?, &from_draft(asked, &draft, "")?)?;
    show(asked, found, Some(""), Vec::new(), None)
}

pub(super) fn send_draft(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let draft = the_draft(asked, asked.field("on_behalf_of"))?;
    let comment = asked.field("comment");
    let new = from_draft(asked, &draft, comment)?;
    let (found, errors) = match asked.service.send_return(asked.who()?, &asked.asking, &new) {
        Ok(SendOutcome::NotSent(found)) => {
            let message = "Enter what explains the figures that are asked about";
            let fault = FieldFault { field: "comment".into(), message: message.into() };
            let errors = if found.is_sound() { vec![fault] } else { Vec::new() };
            (*found, errors)
        }
        Ok(sent) => return sent_place(asked, &sent),
        Err(Refusal::Invalid(errors)) => (asked.service.check_return(asked.who()?, &new)?, errors),
        // The draft is kept, but its comment stands on this page alone.
        Err(Refusal::Locked(why)) => {
            let found = asked.service.check_return(asked.who()?, &new)?;
            return Ok(show(asked, found, Some(comment), Vec::new(), Some(why))?.status(409));
        }
        Err(Refusal::SentEnough { seconds, message }) => {
            let found = asked.service.check_return(asked.who()?, &new)?;
            let errors = vec![FieldFault { field: "comment".into(), message }];
            let page = show(asked, found, Some(comment), errors, None)?;
            return Ok(page.status(429).with("retry-after", seconds.to_string()));
        }
        Err(refusal) => return Err(refusal),
    };
    Ok(show(asked, found, Some(comment), errors, None)?.status(422))
}

pub(super) fn discard_draft(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let key = (return_type(asked)?, asked.field("on_behalf_of"));
    asked.service.discard_return_draft(
        asked.who()?,
        &asked.asking,
        asked.area_code(),
        asked.month()?,
        key,
    )?;
    Ok(Answer::see_other(base(asked)?))
}

/// Shows what a check found; with a comment where it is a draft. `closed` says why the month has just
/// refused it.
fn show(
    asked: &Asked<'_>,
    found: CheckOutcome,
    comment: Option<&str>,
    errors: Vec<FieldFault>,
    closed: Option<String>,
) -> Result<Answer, Refusal> {
    let kind = capital(found.return_type);
    let faults_csv = match found.is_sound() {
        true => String::new(),
        false => format!("data:text/csv;base64,{}", base64(&found.faults_as_csv())),
    };
    let fault_count =
        found.faults.iter().map(|fault| (fault.last_row - fault.row + 1) as usize).sum::<usize>()
            + found.faults_not_told;
    let is_refused = closed.is_some();
    let mut form = upload_form(asked, &found.partner_id, errors)?;
    form.locked = closed.unwrap_or(form.locked);
    let is_closed = !form.locked.is_empty();
    let heading = match (found.is_sound(), comment) {
        (false, _) => format!("{kind} return: {} to mend", plural(fault_count, "cell")),
        (true, Some(_)) if is_closed => format!("{kind} return: kept as a draft"),
        (true, Some(_)) => format!("{kind} return: comment before you send it"),
        (true, None) => format!("{kind} return: nothing to mend"),
    };
    let is_sound = found.is_sound();
    let errors = &form.errors;
    let lead = match (is_sound, comment.is_some()) {
        (false, true) => {
            "The plan has changed since this draft was kept. Mend the file in your spreadsheet and \
                          send it anew."
                .to_owned()
        }
        (false, false) => format!(
            "{} of {} cannot be taken. Nothing was stored. Mend the file in your spreadsheet and choose it again.",
            capital(&plural(found.faulty_rows, "row")),
            found.rows
        ),
        (true, true) if is_closed => "Your file is kept as a draft that only you can see. It is not sent, and the \
                                      month takes no returns now: it can be sent once the month is open again."
            .to_owned(),
        (true, true) => "Your file is kept as a draft that only you can see. It is not sent yet.".to_owned(),
        (true, false) => {
            let can_be_taken = match found.rows {
                1 => "The row can be taken. Nothing was stored".to_owned(),
                rows => format!("All {} can be taken. Nothing was stored", plural(rows, "row")),
            };
            match is_closed {
                false => {
                    format!("{can_be_taken}: choose the file again and select “Check and send” to send it.")
                }
                true => format!("{can_be_taken}, and the month takes no returns now."),
            }
        }
    };
    let title = match is_sound && errors.is_empty() && !is_refused {
        true => heading.clone(),
        false => format!("Error: {heading}"),
    };
    let base = base(asked)?;
    let values = Found {
        lead,
        file_name: found.file_name.clone(),
        fault_words: plural(fault_count, "cell"),
        faults_more: more(found.faults_not_told),
        faults_csv,
        query_words: match found.query_count {
            1 => "1 figure is taken as it stands".to_owned(),
            count => format!("{} are taken as they stand", plural(count, "figure")),
        },
        queries_more: more(found.queries_not_told),
        would: WouldChange::of(&found),
        already: found.already_received.clone().unwrap_or_default(),
        is_draft: comment.is_some(),
        draft_place: format!("{base}/drafts/{}", found.return_type),
        partner_id: found.partner_id.clone(),
        comment: comment.unwrap_or_default().to_owned(),
        comment_error: errors.first().map(|fault| fault.message.clone()).unwrap_or_default(),
        can_be_sent: is_sound,
        shows_form: comment.is_none() || !is_sound,
        faults: found.faults.into_iter().map(line).collect(),
        queries: found.queries.into_iter().map(line).collect(),
        notes: found.notes,
        heading,
        form,
    };
    asked.page(&page(asked, "returns/found", title)?, &values)
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group =
            three.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_rfc_4648_gives_it() {
        for (text, written) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), written);
        }
    }
}
