//! Signed webhooks by Standard Webhooks 1.0.0.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use stentor_egress::{Client, LongBody, Request, Response, Target};

use crate::clean;
use crate::secret::{SecretRef, Secrets};
use crate::signature::Signer;
use crate::{Address, Channel, Message, Outcome};

/// The standard asks for less than 20 kB.
const MAX_BODY: usize = 20_000;
/// Characters of the text when everything fits, and when it does not: each takes up to 4 bytes as JSON.
const MAX_TEXT: [usize; 2] = [4000, 1000];
/// How much of the answer is kept for the operator.
const MAX_ANSWER: usize = 1024;

/// Posts messages. The receiver recognises a repeat by its `webhook-id`.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    secrets: Secrets,
}

impl Webhook {
    /// A channel that leaves by this client, whose guard and limits apply.
    #[must_use]
    pub fn new(client: Client, secrets: Secrets) -> Self {
        Self { client, secrets }
    }

    async fn post(
        &self,
        url: &Target,
        secret: &SecretRef,
        message: &Message,
        now: Timestamp,
    ) -> Outcome {
        // A secret that is missing or malformed is the operator's to mend, and meanwhile worth another attempt.
        let secret = match self.secrets.resolve(secret).await {
            Ok(secret) => secret,
            Err(error) => return Outcome::retry(error),
        };
        let signer = match Signer::new(&secret) {
            Ok(signer) => signer,
            Err(error) => return Outcome::retry(error),
        };
        let body = match body(message) {
            Ok(body) => body,
            Err(error) => return Outcome::failed(error),
        };
        let headers = match headers(&signer, message, now, &body) {
            Ok(headers) => headers,
            Err(error) => return Outcome::failed(error),
        };
        let request = Request {
            headers,
            body,
            max_body: MAX_ANSWER,
            long_body: LongBody::Cut,
            ..Request::new(Method::POST, url.clone())
        };
        match self.client.send(request).await {
            Ok(answer) => judge(url, &answer, now),
            Err(error) if error.is_permanent() => Outcome::failed(error),
            Err(error) => Outcome::retry(error),
        }
    }
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn destination(&self, to: &Address) -> Option<String> {
        match to {
            Address::Webhook { url, .. } => Some(url.origin().to_owned()),
            Address::Email(_) => None,
        }
    }

    async fn send(&self, to: &Address, message: &Message, now: Timestamp) -> Outcome {
        if message.drill {
            return Outcome::refused_drill();
        }
        match to {
            Address::Webhook { url, secret } => self.post(url, secret, message, now).await,
            Address::Email(_) => Outcome::wrong_address(self.name()),
        }
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    person: String,
    subject: String,
    text: String,
    link: Option<&'a str>,
    /// Null when the particulars were too long; the link leads to them.
    event: Option<&'a Value>,
}

/// The body: the same for every repeat, and below the limit whatever the message holds. What does not fit is left out
/// rather than not sent.
fn body(message: &Message) -> Result<Bytes, String> {
    for (max_text, event) in [
        (MAX_TEXT[0], Some(&message.event)),
        (MAX_TEXT[1], Some(&message.event)),
        (MAX_TEXT[1], None),
    ] {
        let payload = Payload {
            r#type: &message.event_type,
            timestamp: message.time,
            data: Data {
                person: clean::line(&message.person_name, 200),
                subject: clean::line(&message.subject, 250),
                text: clean::lines(&message.text, max_text),
                link: message.link.as_deref(),
                event,
            },
        };
        let json = serde_json::to_vec(&payload).map_err(|error| error.to_string())?;
        if json.len() < MAX_BODY {
            return Ok(json.into());
        }
    }
    Err("the link or event type of the message is too long for a webhook".to_owned())
}

fn headers(
    signer: &Signer,
    message: &Message,
    now: Timestamp,
    body: &[u8],
) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
    let id = format!("msg_{}", message.key);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-timestamp", HeaderValue::from(now.as_second()));
    let signature = signer.sign(&id, now, body);
    headers.insert("webhook-signature", HeaderValue::try_from(signature)?);
    headers.insert("webhook-id", HeaderValue::try_from(id)?);
    Ok(headers)
}

/// What the answer means: only 2xx is success, 410 says that the receiver wants no more, everything else may pass.
fn judge(url: &Target, answer: &Response, now: Timestamp) -> Outcome {
    let status = answer.status;
    if status.is_success() {
        return Outcome::Delivered {
            detail: format!("{url} answered {}", status.as_u16()),
        };
    }
    if status == StatusCode::GONE {
        return Outcome::failed(format!(
            "{url} answered 410: the receiver wants no more webhooks; remove the address or ask its owner"
        ));
    }
    let said = clean::line(&String::from_utf8_lossy(&answer.body), 200);
    Outcome::Retry {
        error: format!("{url} answered {}: {said}", status.as_u16()),
        after: answer
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| retry_after(value, now)),
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    Some(Duration::try_from(date.timestamp().duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_takes_seconds_and_dates() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let check = |value: &str, expect: Option<u64>| {
            assert_eq!(
                retry_after(value, now),
                expect.map(Duration::from_secs),
                "{value}"
            );
        };
        check("120", Some(120));
        check(" 0 ", Some(0));
        check("Sun, 01 Mar 2026 12:01:30 GMT", Some(90));
        check("Sun, 01 Mar 2026 11:00:00 GMT", Some(0));
        check("-5", None);
        check("soon", None);
        check("", None);
    }
}
