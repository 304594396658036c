//! Reading what a mail server sends back when it could not deliver a letter.
//!
//! Source: RFC 3464, delivery status notifications, within RFC 6522's `multipart/report`.

/// A letter that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Of the letter itself, without the brackets.
    pub message_id: String,
    /// What the server says, in its words.
    pub told: String,
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BounceFault {
    #[error("this is no delivery status notification (RFC 3464)")]
    NotOne,
    /// It is on its way still, or has arrived.
    #[error("the notification does not say that delivery failed")]
    NotFailed,
    #[error("the notification does not name the message that it is about")]
    Nameless,
}

/// Reads a notification as the mail server hands it over, headers and all.
pub fn read(bytes: &[u8]) -> Result<Returned, BounceFault> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    // A line that begins with a space goes on with the one before.
    let text = text.replace("\n ", " ").replace("\n\t", " ");
    let (head, rest) = text.split_once("\n\n").ok_or(BounceFault::NotOne)?;
    let kind = field(head, "content-type").unwrap_or_default().to_lowercase();
    if !kind.starts_with("multipart/report") || !kind.contains("delivery-status") {
        return Err(BounceFault::NotOne);
    }
    let action = field(rest, "action").ok_or(BounceFault::NotOne)?;
    if !action.eq_ignore_ascii_case("failed") {
        return Err(BounceFault::NotFailed);
    }
    let message_id = field(rest, "message-id").ok_or(BounceFault::Nameless)?;
    let message_id = message_id.trim_start_matches('<').split('>').next().unwrap_or_default().to_owned();
    if message_id.is_empty() {
        return Err(BounceFault::Nameless);
    }
    let told: Vec<&str> = ["status", "diagnostic-code"].iter().filter_map(|name| field(rest, name)).collect();
    Ok(Returned { message_id, told: told.join(" ").chars().filter(|c| !c.is_control()).take(500).collect() })
}

/// The first field of this name, in lower case.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.trim_end().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the example of RFC 3464, appendix E.
    const NOTIFICATION: &str = "Date: Thu, 7 Jul 1994 17:16:05 -0400\r\n\
        From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>\r\n\
        Message-Id: <199407072116.RAA14128@CS.UTK.EDU>\r\n\
        Subject: Returned mail: Cannot send message for 5 days\r\n\
        To: <outturn@council.example>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n\
        \tboundary=\"RAA14128.773615765/CS.UTK.EDU\"\r\n\
        \r\n\
        --RAA14128.773615765/CS.UTK.EDU\r\n\
        \r\n\
        The original message was received at Sat, 2 Jul 1994 17:10:28 -0400\r\n\
        \r\n\
        --RAA14128.773615765/CS.UTK.EDU\r\n\
        content-type: message/delivery-status\r\n\
        \r\n\
        Reporting-MTA: dns; cs.utk.edu\r\n\
        \r\n\
        Final-Recipient: rfc822;ann@example.org\r\n\
        Action: failed\r\n\
        Status: 5.1.1\r\n\
        Diagnostic-Code: smtp; 550 No such\r\n user here\r\n\
        \r\n\
        --RAA14128.773615765/CS.UTK.EDU\r\n\
        content-type: message/rfc822\r\n\
        \r\n\
        From: outturn@council.example\r\n\
        Message-ID:\r\n <12.0011aabb@council.example>\r\n\
        \r\n\
        Read the pack.\r\n\
        --RAA14128.773615765/CS.UTK.EDU--\r\n";

    #[test]
    fn a_notification_names_the_letter_that_came_back_and_why() {
        assert_eq!(
            read(NOTIFICATION.as_bytes()),
            Ok(Returned {
                message_id: "12.0011aabb@council.example".into(),
                told: "5.1.1 smtp; 550 No such user here".into(),
            })
        );
    }

    #[test]
    fn what_is_late_or_no_notification_brings_nothing_back() {
        let late = NOTIFICATION.replace("Action: failed", "Action: delayed");
        assert_eq!(read(late.as_bytes()), Err(BounceFault::NotFailed));
        let nameless = NOTIFICATION.replace("Message-ID:", "Other:");
        assert_eq!(read(nameless.as_bytes()), Err(BounceFault::Nameless));
        for other in ["", "Subject: hello\r\n\r\nAction: failed\r\nMessage-ID: <1@x.y>\r\n"] {
            assert_eq!(read(other.as_bytes()), Err(BounceFault::NotOne));
        }
    }
}
