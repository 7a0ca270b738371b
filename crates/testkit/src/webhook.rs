//! A receiver of signed webhooks that checks them strictly and can misbehave.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::collected::Collected;

/// What the receiver does with one request. It has recorded it by then.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status and these header lines.
    Status(u16, Vec<(&'static str, String)>),
    /// This status and this body.
    Body(u16, &'static str),
    /// The same as status 200, but only after this time.
    Slow(Duration),
    /// Breaks the connection without an answer.
    Close,
    /// Never answers.
    Hang,
}

impl Answer {
    /// A bare status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status(status, Vec::new())
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method, such as `POST`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The header lines.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it had arrived, by the machine's clock.
    pub at: Timestamp,
    /// Whether the signature is right and the timestamp within five minutes, by an independent implementation of
    /// Standard Webhooks; otherwise why not.
    pub verdict: Result<(), String>,
}

impl Received {
    /// A header's value; empty when missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// The `webhook-id`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a webhook's body is JSON")
    }
}

/// The receiver. It ends when this is dropped.
#[derive(Debug)]
pub struct WebhookReceiver {
    /// Where it listens.
    pub address: SocketAddr,
    /// Every request so far, answered or not.
    pub requests: Collected<Received>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    task: JoinHandle<()>,
}

impl WebhookReceiver {
    /// Starts one that knows this secret (`whsec_…`) and answers 200 unless told otherwise.
    ///
    /// # Panics
    /// When the secret is none.
    pub async fn start(secret: &str) -> Self {
        let webhook = Arc::new(Webhook::new(secret).expect("a webhook secret"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let requests = Collected::default();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let (to, from) = (requests.clone(), answers.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (webhook, to, from) = (webhook.clone(), to.clone(), from.clone());
                let service = service_fn(move |request| {
                    receive(webhook.clone(), to.clone(), from.clone(), request)
                });
                tokio::spawn(async move {
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            address,
            requests,
            answers,
            task,
        }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Plans the answers of the next requests, after those already planned.
    pub fn plan(&self, answers: impl IntoIterator<Item = Answer>) {
        let mut planned = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        planned.extend(answers);
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The service's error makes hyper break the connection.
#[derive(Debug, thiserror::Error)]
#[error("closed as planned")]
struct Closed;

async fn receive(
    webhook: Arc<Webhook>,
    requests: Collected<Received>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Closed> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let answer = answers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop_front();
    requests.push(Received {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        verdict: judge(&webhook, &head.headers, &body),
        headers: head.headers,
        body,
        at: arrival(),
    });
    let mut response = Response::new(Full::default());
    match answer {
        None => {}
        Some(Answer::Status(status, headers)) => {
            *response.status_mut() = status.try_into().expect("a planned status is valid");
            for (name, value) in headers {
                let value = value.try_into().expect("a planned header is valid");
                response.headers_mut().insert(name, value);
            }
        }
        Some(Answer::Body(status, body)) => {
            *response.status_mut() = status.try_into().expect("a planned status is valid");
            *response.body_mut() = Full::from(body);
        }
        Some(Answer::Slow(time)) => tokio::time::sleep(time).await,
        Some(Answer::Close) => return Err(Closed),
        Some(Answer::Hang) => match std::future::pending::<Infallible>().await {},
    }
    Ok(response)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a fake of the outside has the outside's clock"
)]
fn arrival() -> Timestamp {
    Timestamp::now()
}

/// Strict where the library is lenient: an id without a dot, one well-formed signature, a body below 20 kB.
fn judge(webhook: &Webhook, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
    webhook
        .verify(body, headers)
        .map_err(|error| error.to_string())?;
    for name in [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "content-type",
    ] {
        let count = headers.get_all(name).iter().count();
        if count != 1 {
            return Err(format!("{count} times {name}"));
        }
    }
    let id = headers["webhook-id"].as_bytes();
    if id.is_empty() || id.contains(&b'.') {
        return Err("webhook-id is empty or has a dot".to_owned());
    }
    if headers["content-type"] != "application/json" {
        return Err("content-type is not application/json".to_owned());
    }
    if body.len() >= 20_000 {
        return Err(format!("{} bytes are too long", body.len()));
    }
    let json: serde_json::Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let complete =
        json["type"].is_string() && json["timestamp"].is_string() && json["data"].is_object();
    complete
        .then_some(())
        .ok_or_else(|| "type, timestamp or data is missing".to_owned())
}
