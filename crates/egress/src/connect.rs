//! Opens connections to addresses the guard has passed, and to no others.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use crate::{EgressError, Guard, Resolve};

/// At most this many addresses of one name are tried.
const MAX_ADDRESSES: usize = 8;

/// The connector under the HTTP client.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) guard: Arc<Guard>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) timeout: Duration,
}

impl Connector {
    /// Resolves once, judges every address, and connects to one that passed. Refused addresses among permitted ones
    /// are skipped.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, EgressError> {
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self
                .resolver
                .resolve(host)
                .await
                .map_err(|error| EgressError::Resolve {
                    host: host.to_owned(),
                    reason: error.to_string(),
                })?,
        };
        let mut refused = None;
        let mut passed = Vec::new();
        for address in addresses {
            match self.guard.check(address) {
                Ok(()) => passed.push(address),
                Err(kind) => refused = refused.or(Some((address, kind))),
            }
        }
        if let (true, Some((address, kind))) = (passed.is_empty(), refused) {
            return Err(EgressError::Refused {
                host: host.to_owned(),
                address,
                kind,
            });
        }
        passed.truncate(MAX_ADDRESSES);
        // Each address gets its share of the time, so that one dead address family does not use it all up.
        let share = self.timeout / u32::try_from(passed.len().max(1)).unwrap_or(1);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no addresses");
        for address in passed {
            match timeout(share, TcpStream::connect(SocketAddr::new(address, port))).await {
                Ok(Ok(stream)) => {
                    // A page is one small message; waiting to fill a segment only delays it.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(EgressError::Connect {
            host: host.to_owned(),
            reason: last.to_string(),
        })
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let host = uri
                .host()
                .ok_or(EgressError::Target("the URL has no host"))?;
            let https = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
            let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
            Ok(TokioIo::new(this.connect(host, port).await?))
        })
    }
}
