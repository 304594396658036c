//! One return: its confirmation, its page, its file, and what is decided about it.

use super::{
    base, capital,
    home::title,
    page, plural, tag,
    told::{Line, WouldChange, line},
};
use crate::{
    service::{
        Refusal,
        refusal::FieldFault,
        returns::{CHANGES_CONCLUDED, CORRECTS_APPROVED, CheckOutcome, ReturnEvent, ReturnView, ToldFault},
    },
    web::{
        answer::Answer,
        asked::Asked,
        words::{day, moment},
    },
};
use serde::Serialize;

const TEXT: &str = "text/plain; charset=utf-8";

#[derive(Serialize)]
struct Values {
    base: String,
    heading: String,
    month_name: String,
    sent: ReturnView,
    rows: String,
    queries: String,
    way: &'static str,
    sent_at: String,
    decided_at: String,
    tag: &'static str,
    class: &'static str,
    next: String,
    contacts: Vec<Contact>,
    timeline: Vec<Event>,
    errors: Vec<FieldFault>,
    reason: String,
    reason_error: String,
    /// The same file came once more.
    is_again: bool,
    is_sent_back: bool,
    /// For whoever may decide: what accepting it would change.
    would: Option<WouldChange>,
    asked_about: Vec<Line>,
    /// Why it cannot be accepted under the present plan; empty where it can.
    stands_in_the_way: String,
    may_send_again: bool,
}

#[derive(Serialize)]
struct Contact {
    name: String,
    email: String,
}

#[derive(Serialize)]
struct Event {
    what: String,
    by: String,
    at: String,
    detail: String,
}

/// The return of the path's number, where it is of the path's month.
fn asked_for(asked: &Asked<'_>) -> Result<ReturnView, Refusal> {
    let sent = asked.service.sent_return(asked.who()?, asked.area_code(), asked.number("number")?)?;
    if sent.month == asked.month()?.to_string() { Ok(sent) } else { Err(Refusal::Absent) }
}

pub(super) fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, "returns/one", Vec::new(), "")
}

/// The confirmation: it can be bookmarked, and says how things stand whenever it is opened.
pub(super) fn received(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    draw(asked, "returns/received", Vec::new(), "")
}

fn draw(
    asked: &Asked<'_>,
    template: &'static str,
    errors: Vec<FieldFault>,
    reason: &str,
) -> Result<Answer, Refusal> {
    let sent = asked_for(asked)?;
    let who = asked.who()?;
    let heading = match template {
        "returns/received" => "Return received".to_owned(),
        _ => format!("{} return, {}", capital(sent.return_type), sent.partner_name),
    };
    let (tag, class) = tag(sent.state);
    let contacts = asked.service.return_contacts(who, asked.area_code())?;
    let preview = match sent.may_decide {
        true => Some(asked.service.return_preview(who, asked.area_code(), sent.number)?),
        false => None,
    };
    let state = asked.service.month_state(who, asked.area_code(), asked.month()?)?;
    let timeline = asked.service.return_timeline(who, asked.area_code(), sent.number)?;
    let values = Values {
        base: base(asked)?,
        heading: heading.clone(),
        month_name: asked.month()?.name(),
        rows: plural(sent.rows, "row"),
        queries: plural(sent.queries, "figure"),
        way: match sent.way {
            "form" => "Typed in",
            "interface" => "Sent by a system",
            _ => "Uploaded",
        },
        sent_at: moment(sent.sent_at),
        decided_at: sent.decision.as_ref().map(|made| moment(made.decided_at)).unwrap_or_default(),
        tag,
        class,
        next: next_step(asked, &sent, state.is_locked)?,
        contacts: contacts.into_iter().map(|(name, email)| Contact { name, email }).collect(),
        timeline: timeline.into_iter().map(event).collect(),
        reason: reason.to_owned(),
        reason_error: errors.first().map(|fault| fault.message.clone()).unwrap_or_default(),
        is_again: asked.query("again").is_some(),
        is_sent_back: sent.state == "sent back",
        would: preview.as_ref().map(WouldChange::of),
        stands_in_the_way: match &preview {
            Some(_) if state.is_locked => state.why.clone(),
            Some(found) => stands_in_the_way(found, &sent),
            None => String::new(),
        },
        asked_about: preview.map(|found| found.queries.into_iter().map(line).collect()).unwrap_or_default(),
        may_send_again: ["sent back", "withdrawn", "accepted"].contains(&sent.state)
            && who.person.is_any(crate::service::returns::SENDERS, asked.area_code()),
        errors: Vec::new(),
        sent,
    };
    let status = if errors.is_empty() { 200 } else { 422 };
    let page = page(asked, template, title(&heading, &errors))?;
    Ok(asked.page(&page, &Values { errors, ..values })?.status(status))
}

/// Why a return that waits cannot be accepted as things stand; empty where it can.
fn stands_in_the_way(found: &CheckOutcome, sent: &ReturnView) -> String {
    let has = |faults: &[ToldFault], code: &str| faults.iter().any(|fault| fault.code == code);
    if has(&found.faults, CHANGES_CONCLUDED) {
        return "Rows of it change a month whose data entry has concluded. Open that month, or send the return back."
            .to_owned();
    }
    if !found.is_sound() {
        return format!(
            "{} of it cannot be taken under the present plan, which has changed since it was sent. It cannot be \
             accepted: send it back.",
            capital(&plural(found.faulty_rows, "row"))
        );
    }
    if has(&found.queries, CORRECTS_APPROVED) && sent.comment.is_empty() {
        return "Rows of it correct a month whose pack was approved, and its sender has not said why. Send it back \
                and ask for a new one with a comment."
            .to_owned();
    }
    String::new()
}

/// What happens next, and when.
fn next_step(asked: &Asked<'_>, sent: &ReturnView, is_locked: bool) -> Result<String, Refusal> {
    Ok(match sent.state {
        "submitted" if is_locked => format!(
            "It was not accepted before {} was locked, so its figures do not count. It can be accepted once a pooled \
             budget manager opens the month again; until then they can send it back.",
            asked.month()?.name()
        ),
        "accepted" => "Its figures count from now on. To correct it, send a new return.".to_owned(),
        "sent back" => "It has to be mended as the reason says, and sent again.".to_owned(),
        "withdrawn" => "Nothing of it counts. Send a new return when it is ready.".to_owned(),
        _ => {
            let who = match sent.partner_id.as_str() {
                "" => "Another pooled budget manager".to_owned(),
                _ => format!("An approver of {}, or a pooled budget manager,", sent.partner_name),
            };
            let due = asked.service.returns_due(asked.who()?, asked.area_code(), asked.month()?)?;
            let row = due
                .rows
                .iter()
                .find(|row| row.partner_id == sent.partner_id && row.return_type == sent.return_type);
            let when = match row {
                Some(row) if row.came_late => format!(" It was due by {} and came late.", day(row.due_on)),
                Some(row) => format!(" It is in time: it is due by {}.", day(row.due_on)),
                None => String::new(),
            };
            match sent.may_decide {
                true => format!(
                    "Look at what it would change, then accept it or send it back with a reason.{when}"
                ),
                false => format!(
                    "{who} looks at it and accepts it, or sends it back with a reason. You can see here when that is \
                     done.{when}"
                ),
            }
        }
    })
}

fn event(event: ReturnEvent) -> Event {
    let what = match event.deed.as_str() {
        "return sent" => "Sent",
        "return accepted" => "Accepted",
        "return sent back" => "Sent back",
        "return withdrawn" => "Withdrawn",
        other => other,
    };
    Event { what: what.to_owned(), by: event.by, at: moment(event.at), detail: event.detail }
}

/// A record to be saved, as plain text.
pub(super) fn receipt(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let sent = asked_for(asked)?;
    let place = asked.place("returns")?;
    let mut text = format!(
        "Receipt for a return\r\n\r\nReference: {}\r\nArea: {} ({})\r\nMonth: {}\r\nReturn: {}\r\nFor: {}\r\n\
         File: {}\r\nRows: {}\r\nSHA-256: {}\r\nSent by: {}\r\nReceived: {}\r\nState: {}\r\n",
        sent.reference,
        place.area_name,
        place.area_code,
        place.month.name(),
        sent.return_type,
        sent.partner_name,
        sent.file_name,
        sent.rows,
        sent.sha256,
        sent.sent_by,
        moment(sent.sent_at),
        tag(sent.state).0,
    );
    if let Some(decision) = &sent.decision {
        text += &format!("Decided by: {} on {}\r\n", decision.decided_by, moment(decision.decided_at));
    }
    Ok(Answer::download(TEXT, &format!("{}-receipt.txt", sent.reference), text.into_bytes()))
}

/// The file as it was sent, byte for byte.
pub(super) fn file(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let sent = asked_for(asked)?;
    let (name, bytes) = asked.service.sent_return_file(asked.who()?, asked.area_code(), sent.number)?;
    Ok(Answer::download("application/octet-stream", &name, bytes))
}

pub(super) fn accept(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let sent = asked_for(asked)?;
    asked.service.accept_return(asked.who()?, &asked.asking, asked.area_code(), sent.number)?;
    Ok(Answer::see_other(format!("{}/{}", base(asked)?, sent.number)))
}

pub(super) fn send_back(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let (sent, reason) = (asked_for(asked)?, asked.field("reason"));
    match asked.service.send_return_back(asked.who()?, &asked.asking, asked.area_code(), sent.number, reason)
    {
        Ok(()) => Ok(Answer::see_other(format!("{}/{}", base(asked)?, sent.number))),
        Err(Refusal::Invalid(faults)) => draw(asked, "returns/one", faults, reason),
        Err(refusal) => Err(refusal),
    }
}

pub(super) fn withdraw(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let sent = asked_for(asked)?;
    asked.service.withdraw_return(asked.who()?, &asked.asking, asked.area_code(), sent.number)?;
    Ok(Answer::see_other(format!("{}/{}", base(asked)?, sent.number)))
}
