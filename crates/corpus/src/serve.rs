//! The corpus on loopback, by plain HTTP/1.1, with the faults that the cases ask for.
//!
//! Written by hand, because a proper server does not cut, hang or talk without end.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::case::Fault;
use crate::write::read_case;

/// Serves a folder made by [`write`](crate::write) until it is dropped: `ADDRESS/NAME/mirror/…` and
/// `ADDRESS/NAME/visit-1/…`. Every answer may be read from any origin.
pub struct Server {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn start(dir: &Path) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let dir: Arc<Path> = dir.into();
        runtime.spawn(async move {
            let Ok(listener) = TcpListener::from_std(listener) else {
                return;
            };
            while let Ok((stream, _)) = listener.accept().await {
                let dir = Arc::clone(&dir);
                // A reader that goes away in the middle is no failure of ours.
                tokio::spawn(async move {
                    let _ = talk(stream, &dir).await;
                });
            }
        });
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    /// Without waiting, so that it may also be dropped inside another runtime.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Answers one request; the connection ends with it.
async fn talk(mut stream: TcpStream, dir: &Path) -> io::Result<()> {
    let Some(path) = asked(&mut stream).await? else {
        return Ok(());
    };
    let (file, fault) = look_up(dir, &path);
    if fault.hang {
        return std::future::pending().await;
    }
    if let Some(place) = fault.redirect {
        let head = format!("Location: {place}\r\nContent-Length: 0\r\n");
        return answer(&mut stream, 302, &head, b"").await;
    }
    let missing = file.is_none();
    let body = fault
        .body
        .map(String::into_bytes)
        .or(file)
        .unwrap_or_default();
    let nothing = missing && body.is_empty() && !fault.endless;
    let status = fault.status.unwrap_or(if nothing { 404 } else { 200 });
    if fault.endless {
        answer(&mut stream, status, "", b"{").await?;
        loop {
            stream.write_all(&[b' '; 8_192]).await?;
        }
    }
    let head = format!("Content-Length: {}\r\n", body.len());
    let sent = fault.truncate.unwrap_or(body.len()).min(body.len());
    answer(&mut stream, status, &head, &body[..sent]).await
}

async fn answer(stream: &mut TcpStream, status: u16, head: &str, body: &[u8]) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: no-store\r\n{head}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await
}

/// The path of a GET request without its query.
async fn asked(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut more = [0; 1_024];
        let n = stream.read(&mut more).await?;
        if n == 0 || head.len() > 32_768 {
            return Ok(None);
        }
        head.extend_from_slice(&more[..n]);
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    Ok(Some(path.trim_start_matches('/').to_owned()))
}

/// The file of `NAME/FOLDER/PATH` and what the case wants to go wrong with it.
fn look_up(dir: &Path, asked: &str) -> (Option<Vec<u8>>, Fault) {
    let nothing = (None, Fault::default());
    let mut parts = asked.splitn(3, '/');
    let (Some(name), Some(folder), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
        return nothing;
    };
    if [name, folder]
        .iter()
        .chain(&[path])
        .any(|part| part.contains(".."))
    {
        return nothing;
    }
    let home: PathBuf = dir.join(name);
    let file = std::fs::read(home.join(folder).join(path)).ok();
    let fault = match read_case(&home) {
        Ok(case) if folder == "mirror" => {
            let missing = || file.is_none().then(|| case.server.get("*")).flatten();
            let fault = case.server.get(path).or_else(missing);
            fault.cloned().unwrap_or_default()
        }
        _ => Fault::default(),
    };
    (file, fault)
}
