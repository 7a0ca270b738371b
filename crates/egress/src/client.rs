//! The HTTP client.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use http::response::Parts;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::connect::Connector;
use crate::trust;
use crate::{EgressError, Guard, Resolve, SystemResolver, Target};

/// Time and size limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the TCP connection, over all addresses of the name together.
    pub connect: Duration,
    /// For the whole request, from resolving the name to the last byte of the answer.
    pub total: Duration,
    /// Bytes of the answer's head.
    pub max_head: usize,
    /// Header lines in the answer.
    pub max_headers: usize,
    /// Idle connections kept open per host.
    pub max_idle_per_host: usize,
    /// How long an idle connection is kept.
    pub idle: Duration,
}

impl Default for Limits {
    /// 5 s to connect, 15 s in all (the lower end of what Standard Webhooks 1.0.0 asks for).
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
            max_head: 32 * 1024,
            max_headers: 100,
            max_idle_per_host: 4,
            idle: Duration::from_secs(30),
        }
    }
}

/// What to do with an answer longer than the request's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongBody {
    /// Fail: half a document is worthless.
    Refuse,
    /// Keep what came within the limits: only the status and a word for the log matter.
    Cut,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub target: Target,
    /// Header lines; `User-Agent`, `Host` and `Content-Length` are added.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// At most this many bytes of the answer are kept.
    pub max_body: usize,
    /// What happens beyond that.
    pub long_body: LongBody,
    /// How long it may take in all; [`Limits::total`] when `None`.
    pub within: Option<Duration>,
}

impl Request {
    /// A request without headers and body that accepts an answer of up to 64 KiB.
    #[must_use]
    pub fn new(method: Method, target: Target) -> Self {
        Self {
            method,
            target,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            max_body: 64 * 1024,
            long_body: LongBody::Refuse,
            within: None,
        }
    }
}

/// A complete answer. Every status but 3xx arrives here: what it means is the caller's business.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The header lines.
    pub headers: HeaderMap,
    /// The body, not longer than the request allowed.
    pub body: Bytes,
}

/// The client. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpsConnector<Connector>, Full<Bytes>>,
    limits: Limits,
}

impl Client {
    /// A client that trusts the machine's certificates and, in addition, the CA certificates in `extra_ca_pem`.
    ///
    /// # Errors
    /// [`EgressError::BadCa`].
    pub fn new(
        guard: Guard,
        limits: Limits,
        extra_ca_pem: Option<&[u8]>,
    ) -> Result<Self, EgressError> {
        Self::with_resolver(guard, limits, extra_ca_pem, Arc::new(SystemResolver))
    }

    /// A client that takes every certificate. Whoever sits on the wire reads and changes what is sent: only for
    /// receivers that were declared so.
    ///
    /// # Errors
    /// [`EgressError::BadCa`].
    pub fn unverified(guard: Guard, limits: Limits) -> Result<Self, EgressError> {
        let tls = trust::anyone()?;
        Ok(Self::build(guard, limits, tls, Arc::new(SystemResolver)))
    }

    /// The same with another resolver.
    ///
    /// # Errors
    /// [`EgressError::BadCa`].
    pub fn with_resolver(
        guard: Guard,
        limits: Limits,
        extra_ca_pem: Option<&[u8]>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, EgressError> {
        let tls = trust::known(extra_ca_pem)?;
        Ok(Self::build(guard, limits, tls, resolver))
    }

    fn build(guard: Guard, limits: Limits, tls: ClientConfig, resolver: Arc<dyn Resolve>) -> Self {
        let connector = Connector {
            guard: Arc::new(guard),
            resolver,
            timeout: limits.connect,
        };
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(limits.idle)
            .pool_max_idle_per_host(limits.max_idle_per_host)
            .http1_max_buf_size(limits.max_head.max(8192)) // hyper's own minimum
            .http1_max_headers(limits.max_headers)
            .build(https);
        Self { pool, limits }
    }

    /// Sends one request and reads the answer within the limits.
    ///
    /// # Errors
    /// Every [`EgressError`]; a redirect is one.
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        // Cheap: only texts about what went wrong need the name.
        let target = request.target.clone();
        let (limit, long_body) = (request.max_body, request.long_body);
        let after = request.within.unwrap_or(self.limits.total);
        let until = Instant::now() + after;
        let too_late = || EgressError::Timeout {
            host: target.origin().to_owned(),
            after,
        };
        let (head, body) = timeout_at(until, self.exchange(&target, request))
            .await
            .unwrap_or_else(|_| Err(too_late()))?;
        let mut kept = BytesMut::new();
        if !body.is_end_stream() {
            let end = timeout_at(until, read(&target, body, limit, &mut kept))
                .await
                .unwrap_or_else(|_| Err(too_late()));
            match end {
                // Only the beginning was wanted, and the status is known: what the rest runs into does not matter.
                Err(_) if long_body == LongBody::Cut => {}
                other => other?,
            }
        }
        Ok(Response {
            status: head.status,
            headers: head.headers,
            body: kept.freeze(),
        })
    }

    /// Sends the request and reads the head of the answer.
    async fn exchange(
        &self,
        target: &Target,
        request: Request,
    ) -> Result<(Parts, Incoming), EgressError> {
        let mut wire = http::Request::new(Full::new(request.body));
        *wire.method_mut() = request.method;
        *wire.uri_mut() = target.uri().clone();
        *wire.headers_mut() = request.headers;
        wire.headers_mut()
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(concat!(
                "Stentor/",
                env!("CARGO_PKG_VERSION")
            )));
        let answer = self.pool.request(wire).await;
        let answer = answer.map_err(|error| explain(target.origin(), error))?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            return Err(EgressError::Redirect {
                host: target.origin().to_owned(),
                status: head.status.as_u16(),
            });
        }
        Ok((head, body))
    }
}

/// Reads a body up to the limit into `kept`.
async fn read(
    target: &Target,
    mut body: Incoming,
    limit: usize,
    kept: &mut BytesMut,
) -> Result<(), EgressError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| EgressError::Protocol {
            host: target.origin().to_owned(),
            reason: error.to_string(),
        })?;
        let Ok(data) = frame.into_data() else {
            continue; // trailers
        };
        let room = limit - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Err(EgressError::BodyTooLong {
                host: target.origin().to_owned(),
                limit,
            });
        }
    }
    Ok(())
}

/// Our own error from under the libraries' wrapping, or the nearest description.
fn explain(host: &str, error: hyper_util::client::legacy::Error) -> EgressError {
    let connecting = error.is_connect();
    let mut reason = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        reason = cause.to_string();
        if let Some(ours) = cause.downcast_ref::<EgressError>() {
            return ours.clone();
        }
        next = cause.source();
    }
    let host = host.to_owned();
    if connecting {
        EgressError::Tls { host, reason }
    } else {
        EgressError::Protocol { host, reason }
    }
}
