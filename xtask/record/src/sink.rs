//! Takes webhooks on loopback, answers 200, and notes when each arrived.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use serde::Deserialize;
use stentor_testkit::scenario::{Notification, Pairs, ToldAlert};

use crate::clock::{Clock, now};
use crate::failure::{Failure, trying};
use crate::http;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A message as it came.
#[derive(Clone)]
struct Arrival {
    at: Timestamp,
    path: String,
    body: Vec<u8>,
}

/// A receiver; it runs until the process ends.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Sink {
    pub(crate) fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(trying("a port"))?;
        let address = listener.local_addr().map_err(trying("a port"))?;
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&arrivals);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let to = Arc::clone(&to);
                // An end of the connection is the server's business.
                thread::spawn(move || drop(receive(stream, &to)));
            }
        });
        Ok(Self { address, arrivals })
    }

    /// Everything that arrived, in order of time.
    pub(crate) fn notifications(&self, clock: &Clock) -> Result<Vec<Notification>, Failure> {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let mut arrivals = arrivals.clone();
        arrivals.sort_by_key(|arrival| arrival.at);
        arrivals.iter().map(|a| notification(a, clock)).collect()
    }
}

fn receive(mut stream: TcpStream, to: &Mutex<Vec<Arrival>>) -> io::Result<()> {
    let at = now();
    let (path, body) = http::read_request(&mut stream)?;
    let mut arrivals = to.lock().unwrap_or_else(PoisonError::into_inner);
    arrivals.push(Arrival { at, path, body });
    drop(arrivals);
    stream.write_all(OK)
}

/// A webhook of version 4, as far as it is recorded.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    version: String,
    receiver: String,
    status: String,
    group_key: String,
    group_labels: Pairs,
    common_labels: Pairs,
    alerts: Vec<WebhookAlert>,
    truncated_alerts: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookAlert {
    status: String,
    labels: Pairs,
    annotations: Pairs,
    fingerprint: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

fn notification(arrival: &Arrival, clock: &Clock) -> Result<Notification, Failure> {
    let wrong = |why: String| Failure::Unexpected(format!("a webhook to {}: {why}", arrival.path));
    let told: Webhook =
        serde_json::from_slice(&arrival.body).map_err(|error| wrong(error.to_string()))?;
    if told.version != "4" {
        return Err(wrong(format!("its version is {}", told.version)));
    }
    let alerts = told.alerts.into_iter().map(|alert| ToldAlert {
        status: alert.status,
        labels: alert.labels,
        annotations: alert.annotations,
        fingerprint: alert.fingerprint,
        starts_at: clock.units(alert.starts_at),
        // The year 1 stands for no time.
        ends_at: (alert.ends_at > Timestamp::UNIX_EPOCH).then(|| clock.units(alert.ends_at)),
    });
    Ok(Notification {
        at: clock.units(arrival.at),
        path: arrival.path.clone(),
        receiver: told.receiver,
        status: told.status,
        group_key: told.group_key,
        group_labels: told.group_labels,
        common_labels: told.common_labels,
        alerts: alerts.collect(),
        truncated: told.truncated_alerts,
    })
}
