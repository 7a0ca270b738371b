//! Takes webhooks on loopback, answers 200, and notes when each arrived.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::alerts::probe_in;
use crate::clock::Watch;
use crate::http;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A receiver; it runs until the process ends.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    arrived: Arc<Mutex<Vec<(usize, Duration)>>>,
}

impl Sink {
    /// Starts one that notes times as `watch` reads them.
    pub(crate) fn start(watch: Watch) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&arrived);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let to = Arc::clone(&to);
                // An end of the connection is the server's business.
                thread::spawn(move || drop(receive(stream, watch, &to)));
            }
        });
        Ok(Self { address, arrived })
    }

    /// The first arrival of each probe.
    pub(crate) fn arrived(&self) -> Vec<(usize, Duration)> {
        let all = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = all.clone();
        first.sort_unstable();
        first.dedup_by_key(|(probe, _)| *probe);
        first
    }
}

fn receive(
    mut stream: TcpStream,
    watch: Watch,
    to: &Mutex<Vec<(usize, Duration)>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let (_, length) = http::read_head(&mut stream, &mut buffer)?;
        let at = watch.read();
        let body = http::skip_body(&mut stream, &mut buffer, length)?;
        if let Some(probe) = probe_in(&body) {
            let mut arrived = to.lock().unwrap_or_else(PoisonError::into_inner);
            arrived.push((probe, at));
        }
        stream.write_all(OK)?;
    }
}
