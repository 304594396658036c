//! Why something that was asked for was not done.

use super::size;
use crate::{
    packs::compose::value::{capital, plural},
    store::{SendLimits, StoreError},
};

/// Why a verb did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is not there, or whoever asks may not know whether it is: the answer is the same.
    #[error("there is nothing here")]
    Absent,
    /// Whoever asks has not signed in.
    #[error("sign in first")]
    NotSignedIn,
    /// They must show once more who they are.
    #[error("confirm that it is you")]
    NotConfirmed,
    /// Whoever asks may see it but not do this, and why.
    #[error("{0}")]
    NotAllowed(String),
    /// What was filled in cannot be used: everything that is wrong with it.
    #[error("{} to mend", .0.len())]
    Invalid(Vec<FieldFault>),
    /// Somebody else was first, or what was seen has changed since: what happened, and what to do.
    #[error("{0}")]
    Conflict(String),
    /// The month takes no more: since when, why, and who can open it.
    #[error("{0}")]
    Locked(String),
    /// Too often, or too many at once: what is in the way, and for how many seconds.
    #[error("{what}: wait {seconds} seconds")]
    TooMany { seconds: u32, what: &'static str },
    /// They have sent as much within a day as one person may: for how many seconds to wait, and what to do.
    #[error("{message}")]
    SentEnough { seconds: u32, message: String },
    /// What was sent is too large, of the wrong kind, or not to be understood.
    #[error("{message}")]
    BadRequest { status: u16, message: String },
    /// The system is at fault.
    #[error("{0}")]
    Failed(StoreError),
    /// The program is at fault; what happened, for the operator.
    #[error("{0}")]
    Broken(String),
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldFault {
    /// The field's name, which is its id on the page.
    pub field: String,
    /// What to do about it, such as `Enter the owner's name`.
    pub message: String,
}

impl FieldFault {
    /// What is wrong with a text that is longer than so many characters; `what` is such as `The reason`.
    pub fn too_long(field: &str, what: &str, text: &str, longest: usize) -> Option<FieldFault> {
        (text.chars().count() > longest).then(|| FieldFault {
            field: field.to_owned(),
            message: format!("{what} must be {} or fewer", plural(longest, "character")),
        })
    }
}

impl Refusal {
    /// One field is at fault.
    pub fn field(field: &str, message: impl Into<String>) -> Refusal {
        Refusal::Invalid(vec![FieldFault { field: field.to_owned(), message: message.into() }])
    }

    /// The same, where what sends the field calls it otherwise.
    pub fn renaming(mut self, field: &str, name: &str) -> Refusal {
        if let Refusal::Invalid(faults) = &mut self {
            for fault in faults.iter_mut().filter(|fault| fault.field == field) {
                name.clone_into(&mut fault.field);
            }
        }
        self
    }
}

impl From<StoreError> for Refusal {
    /// Somebody else being first, or having sent enough, is no failure: it is told with what to do.
    fn from(error: StoreError) -> Refusal {
        match error {
            StoreError::Overtaken(what) => Refusal::Conflict(capital(what)),
            StoreError::SentEnough { limits, wait } => {
                let seconds = u32::try_from(wait.num_seconds() + 1).unwrap_or(1);
                Refusal::SentEnough { seconds, message: sent_enough(&limits, seconds) }
            }
            other => Refusal::Failed(other),
        }
    }
}

fn sent_enough(limits: &SendLimits, seconds: u32) -> String {
    let wait = match seconds.div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes @ 2..=90 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    };
    format!(
        "You have sent as much within a day as one person may: {}, of {} in all. It was not kept. Send it in \
         {wait}, or have a colleague send it.",
        plural(limits.files, "file"),
        size(limits.bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_somebody_may_send_is_told_as_people_count() {
        let told = |files, bytes| sent_enough(&SendLimits { files, bytes }, 61);
        assert!(told(2_000, 2_000_000_000).contains(": 2,000 files, of 2.0 GB in all. "));
        assert!(told(1, 1_500_000).contains(": 1 file, of 1.5 MB in all. "));
    }
}
