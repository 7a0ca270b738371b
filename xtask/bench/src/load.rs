//! Batches of alerts, posted over a few connections.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};
use crate::stats::{ms, percentile};

/// Connections at the same time.
pub(crate) const CONNECTIONS: usize = 4;

/// What a load took.
pub(crate) struct Loaded {
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// From a request to its answer, the median, in milliseconds.
    pub(crate) post_p50: f64,
}

/// Posts all bodies.
pub(crate) fn load(address: SocketAddr, bodies: &[String]) -> Result<Loaded, Failure> {
    let post = |body: &String| http::post("/api/v2/alerts", address, body);
    let requests: Mutex<VecDeque<Vec<u8>>> = Mutex::new(bodies.iter().map(post).collect());
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(address).map_err(trying("connecting"))?);
    }
    let watch = Watch::start();
    let outcomes: Vec<Result<Vec<f64>, Failure>> = thread::scope(|scope| {
        let threads: Vec<_> = connections
            .into_iter()
            .map(|connection| scope.spawn(|| post_all(connection, &requests)))
            .collect();
        let lost = || Err(Failure::Unexpected("a thread of the driver".into()));
        threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|_| lost()))
            .collect()
    });
    let took = watch.read();
    let waits: Vec<Vec<f64>> = outcomes.into_iter().collect::<Result<_, _>>()?;
    let post_p50 = percentile(&waits.concat(), 50).unwrap_or(f64::NAN);
    Ok(Loaded { took, post_p50 })
}

/// How long each request waited for its answer, in milliseconds.
fn post_all(
    mut connection: Connection,
    requests: &Mutex<VecDeque<Vec<u8>>>,
) -> Result<Vec<f64>, Failure> {
    let mut waits = Vec::new();
    loop {
        let mut waiting = requests.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(request) = waiting.pop_front() else {
            return Ok(waits);
        };
        drop(waiting);
        let watch = Watch::start();
        let status = connection.ask(&request).map_err(trying("posting"))?;
        waits.push(ms(watch.read()));
        if status != 200 {
            return Err(Failure::Unexpected(format!("answered {status}")));
        }
    }
}
