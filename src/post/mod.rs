//! The post: letters written, handed to a mail server and read when they come back; calendar files.
//!
//! Nothing here knows what is announced, or to whom. Letters go through TLS or not at all. Only this
//! room names lettre.

pub mod bounce;
pub mod carrier;
pub mod ics;
pub mod letter;
pub mod words;

pub use carrier::{Carried, Carrier, MailServer, TlsWay};
pub use letter::{Attachment, AttachmentKind, Letter, Sealed, Sender};
