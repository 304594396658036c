//! Messages: what was sent to whom, what became of it, and sending again what did not arrive.

use crate::{
    service::{
        Refusal,
        post::messages::{MESSAGE_READERS, MessageShown},
    },
    store::{MessageQuery, MessageState},
    web::{
        answer::Answer,
        asked::Asked,
        page::Page,
        routes::{Allows, READERS, Route},
        words,
    },
};
use serde::Serialize;

pub const ROUTES: &[Route] = &[
    Route::get("/messages", Allows::Anywhere(MESSAGE_READERS), list),
    Route::get("/messages/{number}", Allows::Anywhere(MESSAGE_READERS), one),
    Route::post("/messages/{number}/again", Allows::Anywhere(MESSAGE_READERS), again),
    Route::get("/areas/{area}/calendar.ics", Allows::InArea(READERS), calendar),
];

/// How many messages stand on a page.
const A_PAGE: u32 = 50;

#[derive(Serialize)]
struct List {
    has_post: bool,
    states: Vec<Choice>,
    area: String,
    is_filtered: bool,
    found: String,
    rows: Vec<Row>,
    page: String,
    earlier_page: String,
    later_page: String,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    words: &'static str,
    is_selected: bool,
}

#[derive(Serialize)]
struct Row {
    number: u64,
    title: String,
    person: u32,
    person_name: String,
    /// Empty where no one area is meant.
    area_code: String,
    kind: String,
    made: String,
    state: &'static str,
    /// How the state's tag looks.
    look: &'static str,
    /// When that was, or when it is tried next; may be empty.
    when: String,
}

#[derive(Serialize)]
struct One {
    row: Row,
    subject: String,
    sent_to: String,
    sent: String,
    message_id: String,
    sha256: String,
    told: String,
    tries: u64,
    /// Empty where the text is nobody's but the recipient's, or is not kept.
    body: String,
    is_secret: bool,
    may_send_again: bool,
    done: &'static str,
}

fn list(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let text = |name: &str| asked.query(name).unwrap_or_default().trim().to_owned();
    let (state, area) = (text("state"), text("area"));
    let query = MessageQuery {
        state: MessageState::from_name(&state),
        area_code: (!area.is_empty()).then(|| area.clone()),
        ..MessageQuery::default()
    };
    let who = asked.who()?;
    let number: u32 = asked.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    let (mut messages, in_all) =
        asked.service.messages(who, &query, (number - 1).saturating_mul(A_PAGE), A_PAGE)?;
    let pages = in_all.div_ceil(A_PAGE.into()).max(1);
    let mut page = u64::from(number);
    if page > pages {
        // Out of range is the first page.
        page = 1;
        messages = asked.service.messages(who, &query, 0, A_PAGE)?.0;
    }
    let place = |page: u64| {
        let mut address = form_urlencoded::Serializer::new(String::new());
        let filters = [("state", &state), ("area", &area)].into_iter().filter(|(_, value)| !value.is_empty());
        address.extend_pairs(filters).append_pair("page", &page.to_string());
        format!("/messages?{}", address.finish())
    };
    let states = MessageState::ALL.into_iter().map(|known| Choice {
        value: known.name(),
        words: in_words(known.name()).0,
        is_selected: query.state == Some(known),
    });
    let values = List {
        has_post: asked.service.has_post(),
        states: states.collect(),
        is_filtered: query != MessageQuery::default(),
        area: area.clone(),
        found: match in_all {
            0 if query != MessageQuery::default() => "No message is like that".into(),
            0 => "There is no message yet".into(),
            1 => "1 message".into(),
            _ => format!("{in_all} messages"),
        },
        rows: messages.into_iter().map(row).collect(),
        page: if pages > 1 { format!("Page {page} of {pages}") } else { String::new() },
        later_page: if page > 1 { place(page - 1) } else { String::new() },
        earlier_page: if page < pages { place(page + 1) } else { String::new() },
    };
    let title = if pages > 1 { format!("Messages (page {page} of {pages})") } else { "Messages".into() };
    asked.page(&Page::new("messages/list", title), &values)
}

fn number(asked: &Asked<'_>) -> Result<u64, Refusal> {
    // As large as any that is kept.
    asked.number("number").map(u64::from)
}

fn one(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let read = asked.service.message(asked.who()?, number(asked)?)?;
    let shown = read.shown;
    let or_none = |text: &str| if text.is_empty() { "none yet".to_owned() } else { text.to_owned() };
    let values = One {
        subject: shown.subject.clone(),
        sent_to: or_none(&shown.sent_to),
        sent: shown.sent_at.map_or_else(|| "not yet".to_owned(), words::moment),
        message_id: read.message_id,
        sha256: shown.sha256.clone(),
        told: shown.told.clone(),
        tries: shown.tries,
        is_secret: read.body.is_none(),
        body: read.body.unwrap_or_default(),
        may_send_again: shown.may_send_again,
        done: match asked.query("done") {
            Some("again") => "The message is sent again as soon as the mail server takes it",
            Some(_) | None => "",
        },
        row: row(shown),
    };
    let page = Page::new("messages/one", format!("Message {}", values.row.number));
    asked.page(&page.under("/messages", "Messages"), &values)
}

fn again(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let number = number(asked)?;
    asked.service.send_message_again(asked.who()?, &asked.asking, number)?;
    Ok(Answer::see_other(format!("/messages/{number}?done=again")))
}

/// The area's calendar, as any calendar program reads it.
fn calendar(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let calendar = asked.service.calendar(asked.who()?, asked.area_code())?;
    let name = format!("{}.ics", asked.area_code());
    Ok(Answer::download("text/calendar; charset=utf-8", &name, calendar.text().into_bytes()))
}

fn row(shown: MessageShown) -> Row {
    let (state, look) = in_words(shown.state);
    let when = match (shown.next_try_at, shown.sent_at) {
        (Some(next), _) => format!("tried {}, next {}", times(shown.tries), words::moment(next)),
        (None, Some(sent)) => words::moment(sent),
        (None, None) => String::new(),
    };
    Row {
        number: shown.number,
        title: shown.title,
        person: shown.person,
        person_name: shown.person_name,
        area_code: shown.area_code,
        kind: super::people::capital(shown.kind),
        made: words::moment(shown.made_at),
        state,
        look,
        when,
    }
}

fn times(tries: u64) -> String {
    match tries {
        0 => "not yet".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// A state in words, and how its tag looks.
fn in_words(state: &str) -> (&'static str, &'static str) {
    match MessageState::from_name(state) {
        Some(MessageState::Waiting) => ("Waiting", "notice"),
        Some(MessageState::Sending) => ("Being sent", "notice"),
        Some(MessageState::Sent) => ("Sent", "good"),
        Some(MessageState::Refused) => ("Refused", "bad"),
        Some(MessageState::Returned) => ("Came back", "bad"),
        Some(MessageState::Withheld) => ("Withheld", "watch"),
        Some(MessageState::Failed) | None => ("Failed", "bad"),
    }
}
