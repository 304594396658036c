//! Messages to people, and what became of them.

use super::{
    documented::{Documented, Gives, Kind, Parameter, of},
    list::{CURSOR, LIMIT, List},
};
use crate::{
    service::{
        Refusal,
        post::messages::{MESSAGE_READERS, MessageShown},
    },
    store::{MessageQuery, MessageState},
    web::{
        answer::Answer,
        asked::Asked,
        routes::{Allows, Route},
    },
};

pub const ROUTES: &[Route] = &[Route::get("/api/v1/messages", Allows::Anywhere(MESSAGE_READERS), messages)
    .documented(
        Documented::new(
            "Messages",
            "listMessages",
            "What was sent to whom, the latest first",
            Gives::json("Messages, without their text.", of::<List<MessageShown>>),
        )
        .noting(
            "Whoever holds the role in some areas alone sees those areas' messages. A cursor keeps its place \
             while messages are added.",
        )
        .asking(&[
            LIMIT,
            CURSOR,
            Parameter::optional(
                "state",
                Kind::OneOf(&["waiting", "sending", "sent", "refused", "returned", "withheld", "failed"]),
                "What has become of it.",
            ),
            Parameter::optional("area", Kind::Id, "The code of an area."),
        ]),
    )];

fn messages(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    let query = MessageQuery {
        state: asked.query("state").and_then(MessageState::from_name),
        area_code: asked.query("area").map(str::to_owned),
        before: asked.query("cursor").and_then(|cursor| cursor.parse().ok()),
        ..MessageQuery::default()
    };
    let limit = asked.limit();
    let one_more = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let (mut found, _) = asked.service.messages(asked.who()?, &query, 0, one_more)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|message| message.number.to_string());
    Ok(asked.part(found, next))
}
