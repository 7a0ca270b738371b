//! A TCP proxy on loopback that can break what passes through it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the proxy does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything.
    Pass,
    /// Breaks open connections, and new ones as soon as they are accepted.
    Cut,
    /// Keeps connections open and accepts new ones, but nothing passes until the mode changes, as when packets vanish.
    BlackHole,
    /// Breaks open connections and does not listen.
    Refuse,
}

/// The proxy. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where to connect instead of to the upstream.
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    applied: watch::Receiver<Mode>,
    sent: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one in front of `upstream`, passing everything.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let (mode, wanted) = watch::channel(Mode::Pass);
        let (applied_by, applied) = watch::channel(Mode::Pass);
        let (sent_by, sent) = watch::channel(0);
        let way = Way {
            upstream,
            sent: Arc::new(sent_by),
        };
        let task = tokio::spawn(run(listener, way, wanted, applied_by));
        Self {
            address,
            mode,
            applied,
            sent,
            task,
        }
    }

    /// How many bytes clients have sent through it so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        *self.sent.borrow()
    }

    /// Waits until clients have sent so many bytes.
    ///
    /// # Panics
    /// When the proxy's task has died.
    pub async fn has_sent(&self, bytes: u64) {
        let mut sent = self.sent.clone();
        let enough = sent.wait_for(|sent| *sent >= bytes).await;
        enough.expect("the proxy runs");
    }

    /// Changes what it does; when this returns, new connections meet the new mode.
    ///
    /// # Panics
    /// When the proxy's task has died.
    pub async fn set(&mut self, mode: Mode) {
        self.mode.send_replace(mode);
        self.applied
            .wait_for(|now| *now == mode)
            .await
            .expect("the proxy runs");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where everything goes, and how much went there.
#[derive(Clone)]
struct Way {
    upstream: SocketAddr,
    sent: Arc<watch::Sender<u64>>,
}

async fn run(
    listener: TcpListener,
    way: Way,
    mut mode: watch::Receiver<Mode>,
    applied: watch::Sender<Mode>,
) {
    let address = listener.local_addr().expect("a bound port has an address");
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let now = *mode.borrow_and_update();
        if now == Mode::Refuse {
            listener = None;
        } else if listener.is_none() {
            let again = TcpListener::bind(address).await;
            listener = Some(again.expect("nobody took the port meanwhile"));
        }
        if matches!(now, Mode::Cut | Mode::Refuse) {
            connections.shutdown().await;
        }
        applied.send_replace(now);
        let accept = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased; // a connection accepted after a change meets the new mode
            changed = mode.changed() => if changed.is_err() { return },
            accepted = accept => match accepted {
                Ok((client, _)) if now != Mode::Cut => {
                    connections.spawn(carry(client, way.clone(), mode.clone()));
                }
                _ => {}
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Carries one connection until it ends; a mode that breaks connections drops this.
async fn carry(client: TcpStream, way: Way, mut mode: watch::Receiver<Mode>) {
    until_passing(&mut mode).await;
    let Ok(server) = TcpStream::connect(way.upstream).await else {
        return;
    };
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    tokio::join!(
        pump(client_in, server_out, mode.clone(), Some(&way.sent)),
        pump(server_in, client_out, mode, None)
    );
}

async fn until_passing(mode: &mut watch::Receiver<Mode>) {
    let _ = mode.wait_for(|mode| *mode != Mode::BlackHole).await;
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mode: watch::Receiver<Mode>,
    counted: Option<&watch::Sender<u64>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        until_passing(&mut mode).await;
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        if let Some(sent) = counted {
            sent.send_modify(|sent| *sent += count as u64);
        }
    }
    until_passing(&mut mode).await;
    let _ = to.shutdown().await;
}
