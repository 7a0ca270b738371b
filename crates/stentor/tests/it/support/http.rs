//! Plain HTTP requests on loopback, one connection each.

use std::net::SocketAddr;

use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use stentor_testkit::collected::PATIENCE;
use tokio::net::TcpStream;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Sends a request; `Err` when no whole answer came.
pub(crate) async fn send(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Result<Answer, String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let ask = async {
        let stream = TcpStream::connect(to).await.map_err(|e| text(&e))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| text(&e))?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", to.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_ref())));
        let answer = sender.send_request(request.map_err(|e| text(&e))?);
        let (head, body) = answer.await.map_err(|e| text(&e))?.into_parts();
        let body = body.collect().await.map_err(|e| text(&e))?.to_bytes();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("{method} {path}: no answer within {PATIENCE:?}")),
    }
}

/// Sends a request that must be answered, with whatever status.
pub(crate) async fn get(to: SocketAddr, path: &str) -> Answer {
    send(to, "GET", path, &[], "").await.unwrap()
}
