//! Messages: what was sent to whom, what became of it, and sending again what did not arrive.

use super::list::{Choice, Listed, Pages};
use crate::{
    people::Role,
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

#[derive(Serialize)]
struct List {
    has_post: bool,
    /// Whoever may set a mail server, or ask for one.
    is_administrator: bool,
    /// How many wait, where any do.
    waiting: String,
    states: Vec<Choice>,
    area: String,
    is_filtered: bool,
    found: String,
    rows: Vec<Row>,
    pages: Pages,
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
    let messages =
        Listed::read(asked, "/messages", &[("state", &state), ("area", &area)], |offset, most| {
            asked.service.messages(who, &query, offset, most)
        })?;
    let states = MessageState::ALL.map(|known| Choice::of(known.name(), in_words(known.name()).0, &state));
    let title = messages.title("Messages");
    let waiting = match asked.service.has_post() {
        true => 0,
        false => {
            let waiting = MessageQuery { state: Some(MessageState::Waiting), ..MessageQuery::default() };
            asked.service.messages(who, &waiting, 0, 1)?.1
        }
    };
    let values = List {
        waiting: match waiting {
            0 => String::new(),
            count => words::counted(count, "message waits", "messages wait"),
        },
        has_post: asked.service.has_post(),
        is_administrator: who.person.is_any_anywhere(&[Role::Administrator]),
        states: states.into(),
        is_filtered: query != MessageQuery::default(),
        area,
        found: match messages.in_all {
            0 if query != MessageQuery::default() => "No message is like that".into(),
            0 => "There is no message yet".into(),
            in_all => words::counted(in_all, "message", "messages"),
        },
        rows: messages.items.into_iter().map(row).collect(),
        pages: messages.pages,
    };
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
        kind: words::capital(shown.kind),
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
