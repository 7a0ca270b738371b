//! Many connections from one thread, each with one request under way at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::http;

/// When to end.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After this time.
    Over(Duration),
    /// After so many requests.
    Count(usize),
}

/// Asks again and again; answers a second that were 200. `request` makes the request of a number.
pub(crate) fn ask(
    address: SocketAddr,
    connections: usize,
    until: Until,
    request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> Result<f64, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(trying("a runtime"))?;
    let (request, numbers) = (Arc::new(request), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        let mut all = JoinSet::new();
        let watch = Watch::start();
        for _ in 0..connections {
            let (request, numbers) = (Arc::clone(&request), Arc::clone(&numbers));
            all.spawn(async move {
                let stream = TcpStream::connect(address).await?;
                one(stream, watch, until, &*request, &numbers).await
            });
        }
        let mut answered = 0;
        while let Some(done) = all.join_next().await {
            let lost = |_| Failure::Unexpected("a connection of the driver".into());
            answered += done.map_err(lost)?.map_err(trying("asking"))?;
        }
        Ok(answered as f64 / watch.read().as_secs_f64())
    })
}

async fn one(
    mut stream: TcpStream,
    watch: Watch,
    until: Until,
    request: &(impl Fn(usize) -> Vec<u8> + Send + Sync),
    numbers: &AtomicUsize,
) -> io::Result<usize> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    let mut answered = 0;
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let is_over = match until {
            Until::Over(time) => watch.read() >= time,
            Until::Count(count) => number >= count,
        };
        if is_over {
            return Ok(answered);
        }
        stream.write_all(&request(number)).await?;
        buffer.clear();
        loop {
            if let Some((head, length)) = http::head_in(&buffer)?
                && buffer.len() >= head + length
            {
                break;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if buffer.get(9..12) != Some(b"200") {
            let said = String::from_utf8_lossy(&buffer).into_owned();
            return Err(io::Error::other(said));
        }
        answered += 1;
    }
}
