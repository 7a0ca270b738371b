//! Mail by a relay nearby, which knows how to go on from there. Left out of the small program.

#[cfg(feature = "mail")]
pub(super) use with_mail::send;

use super::options::Mail;

/// Whether this program can send mail.
pub(super) const HERE: bool = cfg!(feature = "mail");

#[cfg(feature = "mail")]
mod with_mail {
    use std::time::Duration;

    use lettre::message::{Mailbox, Message};
    use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

    use super::Mail;

    pub(in crate::follow) async fn send(
        mail: &Mail,
        subject: String,
        body: String,
    ) -> Result<(), String> {
        let mailbox = |text: &str| {
            let parsed: Result<Mailbox, _> = text.parse();
            parsed.map_err(|e| format!("{text}: {e}"))
        };
        let mut message = Message::builder()
            .message_id(None)
            .from(mailbox(&mail.from)?)
            .subject(subject);
        for to in &mail.to {
            message = message.to(mailbox(to)?);
        }
        let message = message.body(body).map_err(|e| e.to_string())?;
        let (host, port) = mail.relay()?;
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(Duration::from_secs(30)))
            .build()
            .send(message)
            .await
            .map(drop)
            .map_err(|e| e.to_string())
    }
}

#[cfg(not(feature = "mail"))]
pub(super) async fn send(_: &Mail, _: String, _: String) -> Result<(), String> {
    Err("this program is built without mail".to_owned())
}
