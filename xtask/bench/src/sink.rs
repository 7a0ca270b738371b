//! Takes webhooks on loopback, answers 200, counts them, and notes when each probe arrived. One thread serves all
//! connections, so that it takes little of the machine from those who are measured.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::alerts::probe_in;
use crate::clock::Watch;
use crate::http;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A body is searched for a probe only so far: probes come alone.
const SEARCHED: usize = 4096;

/// A receiver; it runs until the process ends.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    noted: Arc<Noted>,
}

struct Noted {
    watch: Watch,
    count: AtomicUsize,
    /// When the last one came, in nanoseconds.
    last: AtomicU64,
    probes: Mutex<Vec<(usize, Duration)>>,
}

impl Sink {
    /// Starts one that notes times as `watch` reads them.
    pub(crate) fn start(watch: Watch) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let noted = Arc::new(Noted {
            watch,
            count: AtomicUsize::new(0),
            last: AtomicU64::new(0),
            probes: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let to = Arc::clone(&noted);
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    let to = Arc::clone(&to);
                    // An end of the connection is the server's business.
                    tokio::spawn(async move { drop(receive(stream, &to).await) });
                }
                #[expect(unreachable_code, reason = "names the type of the error")]
                io::Result::Ok(())
            })
        });
        Ok(Self { address, noted })
    }

    /// Webhooks so far.
    pub(crate) fn count(&self) -> usize {
        self.noted.count.load(Ordering::Acquire)
    }

    /// When the last one came.
    pub(crate) fn last(&self) -> Duration {
        Duration::from_nanos(self.noted.last.load(Ordering::Acquire))
    }

    /// The first arrival of each probe.
    pub(crate) fn arrived(&self) -> Vec<(usize, Duration)> {
        let probes = &self.noted.probes;
        let all = probes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = all.clone();
        first.sort_unstable();
        first.dedup_by_key(|(probe, _)| *probe);
        first
    }
}

async fn receive(mut stream: TcpStream, to: &Noted) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let (head, length) = loop {
            if let Some(found) = http::head_in(&buffer)? {
                break found;
            }
            fill(&mut stream, &mut buffer).await?;
        };
        let at = to.watch.read();
        let kept = length.min(SEARCHED);
        while buffer.len() < head + kept {
            fill(&mut stream, &mut buffer).await?;
        }
        if let Some(probe) = probe_in(&buffer[head..head + kept]) {
            let mut probes = to.probes.lock().unwrap_or_else(PoisonError::into_inner);
            probes.push((probe, at));
        }
        let mut left = (head + length).saturating_sub(buffer.len());
        buffer.drain(..buffer.len().min(head + length));
        while left > 0 {
            fill(&mut stream, &mut buffer).await?;
            let gone = left.min(buffer.len());
            buffer.drain(..gone);
            left -= gone;
        }
        let nanos = u64::try_from(to.watch.read().as_nanos()).unwrap_or(u64::MAX);
        to.last.fetch_max(nanos, Ordering::AcqRel);
        to.count.fetch_add(1, Ordering::AcqRel);
        stream.write_all(OK).await?;
    }
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}
