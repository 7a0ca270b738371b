//! A strict little server that takes files by HTTP PUT with a bearer token, and can misbehave.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::authority::Authority;

/// How it treats people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Honest,
    /// Answers 200 with a page of its own for what is not there.
    SaysYesToAll,
    /// Answers every GET with ten gigabytes.
    Endless,
    /// Points elsewhere.
    Redirects,
    /// Has no room.
    Full,
    /// Keeps what comes, and breaks the connection instead of answering.
    KeepsAndBreaks,
    /// Breaks the connection before it keeps anything.
    Breaks,
}

/// A file as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The `Content-Type` it came with.
    pub media_type: String,
    /// The `Cache-Control` it came with.
    pub cache_control: String,
}

#[derive(Debug)]
struct Inner {
    files: HashMap<String, Kept>,
    manner: Manner,
    /// Headers that go with every file, and with the word that there is none.
    headers: Vec<(&'static str, &'static str)>,
    requests: usize,
}

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct PutServer {
    /// Where it listens.
    pub address: SocketAddr,
    scheme: &'static str,
    inner: Arc<Mutex<Inner>>,
    task: JoinHandle<()>,
}

impl PutServer {
    /// Starts one that writes only for whoever holds `token`. Everybody may read.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(token: &str) -> Self {
        Self::start_with(token, None).await
    }

    /// The same over TLS, with a certificate of this authority.
    ///
    /// # Panics
    /// When there is no free port, or the certificate is none.
    pub async fn start_over_tls(token: &str, authority: &Authority) -> Self {
        Self::start_with(token, Some(acceptor(authority))).await
    }

    async fn start_with(token: &str, tls: Option<TlsAcceptor>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let inner = Arc::new(Mutex::new(Inner {
            files: HashMap::new(),
            manner: Manner::Honest,
            headers: Vec::new(),
            requests: 0,
        }));
        let (shared, token) = (Arc::clone(&inner), format!("Bearer {token}"));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, token, tls) = (Arc::clone(&shared), token.clone(), tls.clone());
                tokio::spawn(async move {
                    let Some(tls) = tls else {
                        return serve(stream, shared, token).await;
                    };
                    // Where there is no handshake, it is the client's part to say why.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, shared, token).await;
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            inner,
            task,
        }
    }

    /// The address below which files lie.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}/up", self.scheme, self.address)
    }

    /// Changes how it treats people.
    pub fn set(&self, manner: Manner) {
        self.lock().manner = manner;
    }

    /// Sends these headers with every file, and where there is none.
    pub fn send_headers(&self, headers: &[(&'static str, &'static str)]) {
        self.lock().headers = headers.to_vec();
    }

    /// A file, when it is there.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<Kept> {
        self.lock().files.get(path).cloned()
    }

    /// Changes a file behind everybody's back.
    pub fn tamper(&self, path: &str, bytes: &[u8]) {
        if let Some(kept) = self.lock().files.get_mut(path) {
            kept.bytes = bytes.to_vec();
        }
    }

    /// How many requests came so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.lock().requests
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Drop for PutServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn acceptor(authority: &Authority) -> TlsAcceptor {
    let certificate =
        CertificateDer::from_pem_file(authority.certificate()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(authority.key()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions that ring has")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    inner: Arc<Mutex<Inner>>,
    token: String,
) {
    let service = service_fn(move |request| answer(Arc::clone(&inner), token.clone(), request));
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The service's error makes hyper break the connection.
#[derive(Debug, thiserror::Error)]
#[error("broken as planned")]
struct Broken;

type Body = BoxBody<Bytes, Infallible>;

async fn answer(
    inner: Arc<Mutex<Inner>>,
    token: String,
    request: Request<Incoming>,
) -> Result<Response<Body>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let mut inner = lock(&inner);
    inner.requests += 1;
    let Some(path) = head.uri.path().strip_prefix("/up/").map(str::to_owned) else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    let header = |name: hyper::header::HeaderName| {
        let value = head.headers.get(name).and_then(|v| v.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let allowed = header(AUTHORIZATION) == token;
    if inner.manner == Manner::Redirects {
        let mut response = status(StatusCode::FOUND);
        let elsewhere = HeaderValue::from_static("http://127.0.0.1:9/");
        response.headers_mut().insert(LOCATION, elsewhere);
        return Ok(response);
    }
    match head.method {
        Method::GET => match (inner.manner, inner.files.get(&path)) {
            (Manner::Endless, _) => Ok(endless()),
            (Manner::SaysYesToAll, None) => {
                Ok(full(StatusCode::OK, b"<html>Welcome!</html>".to_vec()))
            }
            (_, kept) => {
                let mut response = match kept {
                    Some(kept) => full(StatusCode::OK, kept.bytes.clone()),
                    None => status(StatusCode::NOT_FOUND),
                };
                for (name, value) in &inner.headers {
                    let value = HeaderValue::from_static(value);
                    response.headers_mut().insert(*name, value);
                }
                Ok(response)
            }
        },
        Method::PUT | Method::DELETE if !allowed => Ok(status(StatusCode::UNAUTHORIZED)),
        Method::PUT => match inner.manner {
            Manner::Full => Ok(status(StatusCode::INSUFFICIENT_STORAGE)),
            Manner::Breaks => Err(Broken),
            manner => {
                let kept = Kept {
                    bytes: body.to_vec(),
                    media_type: header(CONTENT_TYPE),
                    cache_control: header(CACHE_CONTROL),
                };
                inner.files.insert(path, kept);
                if manner == Manner::KeepsAndBreaks {
                    return Err(Broken);
                }
                Ok(status(StatusCode::CREATED))
            }
        },
        Method::DELETE => Ok(status(match inner.files.remove(&path) {
            Some(_) => StatusCode::NO_CONTENT,
            None => StatusCode::NOT_FOUND,
        })),
        _ => Ok(status(StatusCode::METHOD_NOT_ALLOWED)),
    }
}

fn status(status: StatusCode) -> Response<Body> {
    full(status, Vec::new())
}

fn full(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Full::from(bytes).boxed());
    *response.status_mut() = status;
    response
}

fn endless() -> Response<Body> {
    let part = Bytes::from(vec![b'x'; 1 << 20]);
    let parts = stream::iter((0..10_000).map(move |_| Ok(Frame::data(part.clone()))));
    Response::new(BodyExt::boxed(StreamBody::new(parts)))
}
