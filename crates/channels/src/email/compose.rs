//! From a message to a mail.

use std::time::SystemTime;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};

use super::Settings;
use crate::Message;
use crate::clean;

/// Longer subjects are not shown by any phone.
const MAX_SUBJECT: usize = 200;
/// Characters of text; a page is read at 3 a.m.
const MAX_TEXT: usize = 64 * 1024;

/// RFC 3834: keeps vacation responders from answering.
#[derive(Clone)]
pub(crate) struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Text for a header field. An encoded word (RFC 2047) that a stranger wrote out is broken up: decoded by the reader's
/// program, it could hold the line ends that were taken out here.
pub(crate) fn header(text: &str, max: usize) -> String {
    clean::line(&text.replace("=?", "= ?"), max)
}

/// Builds the mail: byte for byte the same for every repeat.
pub(super) fn compose(
    settings: &Settings,
    from: &lettre::Address,
    to: &lettre::Address,
    message: &Message,
) -> Result<lettre::Message, lettre::error::Error> {
    let name = |text: &str| Some(header(text, 100)).filter(|name| !name.is_empty());
    let from_name = settings.from_name.as_deref().and_then(name);
    let text = clean::lines(&message.text, MAX_TEXT);
    lettre::Message::builder()
        .message_id(Some(format!("<{}@{}>", message.key, from.domain())))
        .date(SystemTime::from(message.time))
        .from(Mailbox::new(from_name, from.clone()))
        .to(Mailbox::new(name(&message.person_name), to.clone()))
        .subject(header(&message.subject, MAX_SUBJECT))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(text.trim_end().replace('\n', "\r\n")) // the protocol ends the last line
}
