//! Gives the headers of every answer to those that the HTTP server writes by itself.
//!
//! What is no request (400), has too large a head (431) or does not come (408) is answered by actix before
//! anything of ours sees it, with a bare head that nothing can be added to. Such a head is the last thing
//! that is written over its connection. So where what is about to be written ends in one, the headers are
//! put in here. Every answer of ours has them already and passes as it is.

use super::{headers::EVERY_ANSWER, watch::Connection};
use actix_codec::{AsyncRead, AsyncWrite, ReadBuf};
use actix_web::rt::net::TcpStream;
use std::{
    cell::OnceCell,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// A bare head is shorter.
const LONGEST: usize = 256;

/// A socket over which no bare head is written.
pub struct Completing {
    pub socket: TcpStream,
    /// As the watch knows it.
    pub connection: OnceCell<Arc<Connection>>,
    /// A head with its headers, and how much of it is written.
    completed: Vec<u8>,
    written: usize,
}

impl Completing {
    pub fn new(socket: TcpStream) -> Completing {
        Completing { socket, connection: OnceCell::new(), completed: Vec::new(), written: 0 }
    }
}

/// Where the bare head begins that these bytes end in.
pub fn bare_head(bytes: &[u8]) -> Option<usize> {
    const START: &[u8] = b"HTTP/1.";
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = bytes.len().saturating_sub(LONGEST);
    let at = from + bytes[from..].windows(START.len()).rposition(|window| window == START)?;
    let head = std::str::from_utf8(&bytes[at..]).ok()?;
    let is_one = head.find("\r\n\r\n") == Some(head.len() - 4) && head.contains("\r\ncontent-length: 0\r\n");
    (is_one && !head.contains(EVERY_ANSWER[0].0)).then_some(at)
}

/// Whether a body that is handed over in pieces of this size ends in a bare head, or a piece of it does.
pub fn looks_bare(body: &[u8], piece: usize) -> bool {
    let mut ends = (piece..body.len()).step_by(piece).chain([body.len()]);
    ends.any(|end| bare_head(&body[..end]).is_some())
}

/// The head with the headers of every answer.
fn completed(head: &[u8]) -> Vec<u8> {
    let mut whole = head[..head.len() - 2].to_vec();
    for (name, value) in EVERY_ANSWER {
        whole.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    whole.extend_from_slice(b"\r\n");
    whole
}

impl AsyncWrite for Completing {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let is_left_alone = this.connection.get().is_some_and(|connection| connection.is_left_alone());
        let Some(at) = bare_head(bytes).filter(|_| !is_left_alone) else {
            return Pin::new(&mut this.socket).poll_write(context, bytes);
        };
        if at > 0 {
            // What stands before it goes first; the rest is handed over again.
            return Pin::new(&mut this.socket).poll_write(context, &bytes[..at]);
        }
        if this.completed.is_empty() {
            this.completed = completed(bytes);
        }
        while this.written < this.completed.len() {
            let rest = &this.completed[this.written..];
            match ready!(Pin::new(&mut this.socket).poll_write(context, rest))? {
                0 => return Poll::Ready(Ok(0)),
                count => this.written += count,
            }
        }
        (this.completed, this.written) = (Vec::new(), 0);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl AsyncRead for Completing {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Sat, 28 Nov 2026 09:00:00 GMT\r\n\r\n";

    #[test]
    fn a_bare_head_is_found_at_the_end_alone() {
        assert_eq!(bare_head(BARE.as_bytes()), Some(0));
        assert_eq!(bare_head(format!("<html>\r\n\r\n{BARE}").as_bytes()), Some(10));
        assert_eq!(bare_head(format!("{BARE}more").as_bytes()), None);
        assert_eq!(bare_head(format!("{BARE}\r\n\r\n").as_bytes()), None);
        assert_eq!(bare_head(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
    }

    #[test]
    fn a_body_looks_bare_where_a_piece_of_it_ends_as_a_bare_head_does() {
        let sent = format!("0123{BARE}and so on");
        assert!(looks_bare(&sent.as_bytes()[..4 + BARE.len()], 1000));
        assert!(looks_bare(sent.as_bytes(), 4 + BARE.len()));
        assert!(
            !looks_bare(sent.as_bytes(), 10) && !looks_bare(sent.as_bytes(), 1000) && !looks_bare(b"", 10)
        );
    }

    #[test]
    fn a_completed_head_has_every_header_and_is_not_bare_any_more() {
        let whole = completed(BARE.as_bytes());
        assert_eq!(bare_head(&whole), None);
        let text = String::from_utf8(whole).unwrap();
        assert!(text.starts_with(&BARE[..BARE.len() - 2]) && text.ends_with("\r\n\r\n"));
        assert_eq!(text.matches("\r\n\r\n").count(), 1);
        for (name, value) in EVERY_ANSWER {
            assert!(text.contains(&format!("\r\n{name}: {value}\r\n")), "{name}");
        }
    }
}
