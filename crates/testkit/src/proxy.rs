//! A TCP proxy on loopback that can break what passes through it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

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
        let task = tokio::spawn(run(listener, upstream, wanted, applied_by));
        Self {
            address,
            mode,
            applied,
            task,
        }
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

async fn run(
    listener: TcpListener,
    upstream: SocketAddr,
    mut mode: watch::Receiver<Mode>,
    applied: watch::Sender<Mode>,
) {
    let address = listener.local_addr().expect("a bound port has an address");
    let mut listener = Some(listener);
    loop {
        let now = *mode.borrow_and_update();
        match (now, &listener) {
            (Mode::Refuse, Some(_)) => listener = None,
            (Mode::Refuse, None) | (_, Some(_)) => {}
            (_, None) => {
                let again = TcpListener::bind(address).await;
                listener = Some(again.expect("nobody took the port meanwhile"));
            }
        }
        applied.send_replace(now);
        let accept = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = mode.changed() => if changed.is_err() { return },
            accepted = accept => if let Ok((client, _)) = accepted {
                tokio::spawn(carry(client, upstream, mode.clone()));
            }
        }
    }
}

/// Carries one connection until it ends or the mode breaks it.
async fn carry(client: TcpStream, upstream: SocketAddr, mode: watch::Receiver<Mode>) {
    let mut until_open = mode.clone();
    if !passing(&mut until_open).await {
        return;
    }
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    let both = async {
        tokio::join!(
            pump(client_in, server_out, mode.clone()),
            pump(server_in, client_out, mode.clone())
        )
    };
    let mut broken = mode.clone();
    tokio::select! {
        _ = both => {}
        _ = broken.wait_for(|mode| matches!(mode, Mode::Cut | Mode::Refuse)) => {}
    }
}

/// Waits while nothing passes; false when the connection is to be broken.
async fn passing(mode: &mut watch::Receiver<Mode>) -> bool {
    let settled = mode.wait_for(|mode| *mode != Mode::BlackHole).await;
    settled.is_ok_and(|mode| *mode == Mode::Pass)
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if !passing(&mut mode).await || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
