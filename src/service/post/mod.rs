//! The post: who is told what, and how it gets to them.
//!
//! [`told`] writes messages, within the transaction of what they announce; [`sender`] hands them to the
//! mail server, after looking once more whether their recipient may have them; [`messages`] shows what
//! became of them; [`calendar`] is what an area's people put in their calendars.

pub mod calendar;
pub mod messages;
mod recipients;
pub mod sender;
pub mod told;

use super::Service;
use crate::post::Sender;

/// What messages say of the service, and where they come from.
#[derive(Clone, Debug)]
pub struct PostTerms {
    /// How people reach the service; what links begin with.
    pub public_url: String,
    pub service_name: String,
    /// Whom to ask for help; empty where nobody said.
    pub contact: String,
    /// None where no mail server is set: messages wait then.
    pub sender: Option<Sender>,
    /// The most bytes of a file that goes with a message.
    pub attachment_bytes: u64,
}

impl Default for PostTerms {
    fn default() -> PostTerms {
        PostTerms {
            public_url: String::new(),
            service_name: "Outturn".to_owned(),
            contact: String::new(),
            sender: None,
            attachment_bytes: 5_000_000,
        }
    }
}

impl Service {
    /// The service with what its messages say of it.
    pub fn with_post(self, post: PostTerms) -> Service {
        Service { post, ..self }
    }

    /// Whether a mail server is set.
    pub fn has_post(&self) -> bool {
        self.post.sender.is_some()
    }

    /// A path of the service as a link that can be opened from anywhere.
    fn whole_link(&self, path: &str) -> String {
        format!("{}{path}", self.post.public_url)
    }
}
