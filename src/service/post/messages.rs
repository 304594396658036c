//! What became of messages, for those who answer for them.

use super::sender::next_try;
use crate::{
    people::Role,
    service::{Asking, Refusal, Service, Who, people::By, shown},
    store::{Message, MessageQuery, MessageState},
};
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

/// Who may look at messages: managers and auditors at those of their areas, whoever holds the role for
/// every area at all of them.
pub const MESSAGE_READERS: &[Role] = &[Role::PooledBudgetManager, Role::Auditor, Role::Administrator];

/// A message, as it is shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub struct MessageShown {
    pub number: u64,
    /// Such as `pack released`.
    pub kind: &'static str,
    /// Empty where no one area is meant.
    pub area_code: String,
    /// What it announces, such as `2015-11, version 2`; empty where it holds a link that opens something.
    pub subject: String,
    pub person: u32,
    pub person_name: String,
    pub title: String,
    #[serde(serialize_with = "shown::utc")]
    #[schemars(with = "String")]
    pub made_at: NaiveDateTime,
    /// `waiting`, `sending`, `sent`, `refused`, `returned`, `withheld` or `failed`.
    pub state: &'static str,
    /// How often it was tried since it was last asked for.
    pub tries: u64,
    /// When it is tried next, where it waits for a time.
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub next_try_at: Option<NaiveDateTime>,
    /// The address that it was sent to; empty before.
    pub sent_to: String,
    #[serde(serialize_with = "shown::utc_if_any")]
    #[schemars(with = "Option<String>")]
    pub sent_at: Option<NaiveDateTime>,
    /// Of all that was sent, in hexadecimal; empty before.
    pub sha256: String,
    /// What the mail server answered, or what went wrong last.
    pub told: String,
    /// Whoever asked may have it sent again.
    pub may_send_again: bool,
}

/// What a message says.
#[derive(Clone, Debug)]
pub struct MessageRead {
    pub shown: MessageShown,
    pub message_id: String,
    /// None where it holds a link that opens something.
    pub body: Option<String>,
}

impl Service {
    /// The messages that are wanted, the latest first, and how many there are in all.
    pub fn messages(
        &self,
        who: &Who,
        query: &MessageQuery,
        offset: u32,
        most: u32,
    ) -> Result<(Vec<MessageShown>, u64), Refusal> {
        let query = MessageQuery { areas: who.areas_as(MESSAGE_READERS)?, ..query.clone() };
        let (messages, in_all) = self.store()?.messages(&query, offset, most)?;
        Ok((self.shown_messages(Some(who), messages)?, in_all))
    }

    /// One message.
    pub fn message(&self, who: &Who, number: u64) -> Result<MessageRead, Refusal> {
        let message = self.readable_message(who, number)?;
        let body = (!message.kind.is_secret()).then(|| message.body.clone());
        let message_id = message.message_id.clone();
        let shown = self.shown_messages(Some(who), vec![message])?.pop().ok_or(Refusal::Absent)?;
        Ok(MessageRead { shown, message_id, body })
    }

    /// Has a message sent once more that was not delivered, by a manager of its area or an administrator.
    pub fn send_message_again(&self, who: &Who, asking: &Asking, number: u64) -> Result<(), Refusal> {
        let message = self.readable_message(who, number)?;
        if !may_decide(who, &message) {
            return Err(Refusal::NotAllowed(
                "A message is sent again by a pooled budget manager of its area, or by an administrator."
                    .into(),
            ));
        }
        if message.kind.is_secret() {
            return Err(Refusal::NotAllowed(
                "The link of this message is not kept. Make a new link on the person’s page.".into(),
            ));
        }
        let deed =
            who.deed(asking, "message sent again", &message.area_code, format!("message {number}"), "");
        Ok(self.change(|store| store.send_again(number, &deed))?)
    }

    /// Every message that is wanted, for the operator.
    pub fn messages_for_operator(
        &self,
        query: &MessageQuery,
        most: u32,
    ) -> Result<Vec<MessageShown>, Refusal> {
        let (messages, _) = self.store()?.messages(query, 0, most)?;
        self.shown_messages(None, messages)
    }

    /// Notes, for the operator, that a message came back; gives its number, none where no such message
    /// was sent.
    pub fn message_returned(
        &self,
        asking: &Asking,
        message_id: &str,
        told: &str,
    ) -> Result<Option<u64>, Refusal> {
        let deed = By::Operator.deed(asking, "message returned", "", told);
        Ok(self.change(|store| store.note_returned(message_id, told, &deed))?)
    }

    /// How many messages wait to be sent.
    pub fn waiting_messages(&self) -> Result<u64, Refusal> {
        let counts = self.store()?.message_counts()?;
        Ok(counts.iter().find(|(state, _)| *state == MessageState::Waiting).map_or(0, |(_, count)| *count))
    }

    /// Counts the messages for whoever measures.
    pub fn count_messages(&self) -> Result<(), Refusal> {
        let counts = self.store()?.message_counts()?;
        for state in MessageState::ALL {
            let count = counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
            self.measurements.set_messages(state.name(), count);
        }
        Ok(())
    }

    fn readable_message(&self, who: &Who, number: u64) -> Result<Message, Refusal> {
        let areas = who.areas_as(MESSAGE_READERS)?;
        let message = self.store()?.message(number)?.ok_or(Refusal::Absent)?;
        let is_readable = areas.is_none_or(|areas| areas.contains(&message.area_code));
        if is_readable { Ok(message) } else { Err(Refusal::Absent) }
    }

    fn shown_messages(
        &self,
        who: Option<&Who>,
        messages: Vec<Message>,
    ) -> Result<Vec<MessageShown>, Refusal> {
        let names = self.names()?;
        let now = self.time()?;
        Ok(messages
            .into_iter()
            .map(|message| MessageShown {
                number: message.number,
                kind: message.kind.name(),
                person: message.person,
                person_name: names.get(&message.person).cloned().unwrap_or_default(),
                made_at: message.made_at,
                state: message.state.name(),
                tries: message.tries(),
                next_try_at: next_try(&message, now),
                sent_at: message.sent_at,
                may_send_again: message.state.may_be_sent_again()
                    && !message.kind.is_secret()
                    && who.is_some_and(|who| may_decide(who, &message)),
                subject: if message.kind.is_secret() { String::new() } else { message.subject },
                area_code: message.area_code,
                title: message.title,
                sent_to: message.sent_to,
                sha256: message.sha256,
                told: message.told,
            })
            .collect())
    }
}

fn may_decide(who: &Who, message: &Message) -> bool {
    who.person.is_any_anywhere(&[Role::Administrator])
        || (!message.area_code.is_empty() && who.person.is(Role::PooledBudgetManager, &message.area_code))
}
