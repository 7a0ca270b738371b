//! A server on loopback that answers each connection with raw bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stentor_egress::{Guard, Limits, Request, Target};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes for every request, keeping the connection.
    Bytes(String),
    /// This head, then body bytes for ever.
    Endless(&'static str),
    /// Nothing at all.
    Hang,
    /// Closes at once.
    Close,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer.clone(), requests.clone()));
            }
        });
        server
    }

    pub(crate) fn request(&self, path: &str) -> Request {
        let url = format!("http://{}{path}", self.address);
        Request::new(http::Method::GET, Target::parse(&url).unwrap())
    }
}

pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: Answer,
    requests: Arc<AtomicUsize>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(1..) = stream.read(&mut buffer).await {
        requests.fetch_add(1, Ordering::SeqCst);
        match &answer {
            Answer::Bytes(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
            }
            Answer::Endless(head) => {
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
            }
            Answer::Hang => std::future::pending().await,
            Answer::Close => return,
        }
    }
}

pub(crate) fn ok(body: &str) -> Answer {
    Answer::Bytes(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

pub(crate) fn loopback() -> Guard {
    Guard::allowing(["127.0.0.0/8".parse().unwrap()])
}

/// Limits for servers that hang; generous ones never bite in the other tests.
pub(crate) fn short() -> Limits {
    Limits {
        total: std::time::Duration::from_millis(200),
        ..Limits::default()
    }
}
