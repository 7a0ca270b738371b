//! A TCP proxy before the server that breaks connections around a COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What happens to the next message that holds a COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    Nothing,
    /// The message is lost and the connection breaks.
    BeforeTheServer,
    /// The server works, its answer is lost and the connection breaks.
    BeforeTheClient,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    cut: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(Cut::Nothing as u8));
        let shared = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, cut }
    }

    pub(crate) fn cut_next(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }
}

async fn forward(mut client: TcpStream, server: u16, cut: Arc<AtomicU8>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let mut up = vec![0; 64 * 1024];
    let mut down = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let message = &up[..length];
                let planned = if message.windows(6).any(|word| word == b"COMMIT") {
                    cut.swap(Cut::Nothing as u8, Ordering::SeqCst)
                } else {
                    Cut::Nothing as u8
                };
                if planned == Cut::BeforeTheServer as u8 {
                    return;
                }
                if server.write_all(message).await.is_err() {
                    return;
                }
                if planned == Cut::BeforeTheClient as u8 {
                    // The server has committed once it answers.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
