//! How long from the POST of an alert to its webhook, on an idle server that is told not to wait.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::alertmanager::{self, Groups};
use crate::clock::{Watch, now};
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};
use crate::server::Server;
use crate::sink::Sink;
use crate::stats::{median, ms, percentile};
use crate::{alerts, stentor};

const PROBES: usize = 300;
const EVERY: Duration = Duration::from_millis(20);

/// A webhook that is not here after this long is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Medians over the rounds, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// What was found.
pub(crate) struct Delivery {
    pub(crate) alertmanager: Figures,
    pub(crate) stentor: Figures,
}

/// Measures both in turn, the order reversed in every other round.
pub(crate) fn measure(dir: &Path, rounds: usize) -> Result<Delivery, Failure> {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut order = [true, false];
        if round % 2 == 1 {
            order.reverse();
        }
        for is_ours in order {
            let place = dir.join(format!("delivery-{round}-{is_ours}"));
            let one = measure_one(&place, is_ours)?;
            let name = if is_ours { "Stentor" } else { "Alertmanager" };
            println!("  {name}: p50 {:.2} ms, p99 {:.2} ms", one.p50, one.p99);
            if is_ours { &mut ours } else { &mut theirs }.push(one);
            fs::remove_dir_all(&place).map_err(trying("clearing up"))?;
        }
    }
    Ok(Delivery {
        alertmanager: medians(&theirs),
        stentor: medians(&ours),
    })
}

fn medians(rounds: &[Figures]) -> Figures {
    let of = |value: fn(&Figures) -> f64| {
        let values: Vec<f64> = rounds.iter().map(value).collect();
        median(&values).unwrap_or(f64::NAN)
    };
    Figures {
        p50: of(|f| f.p50),
        p99: of(|f| f.p99),
    }
}

fn measure_one(place: &Path, is_ours: bool) -> Result<Figures, Failure> {
    fs::create_dir_all(place).map_err(trying("a folder"))?;
    let watch = Watch::start();
    let sink = Sink::start(watch).map_err(trying("the receiver"))?;
    let server = if is_ours {
        let data = place.join("data");
        stentor::create(&data, PROBES, sink.address)?;
        stentor::serve(&data, None)?
    } else {
        alertmanager::start(place, Groups::Each, sink.address)?
    };
    // Whatever a start leaves to do in the background is not delivery.
    thread::sleep(Duration::from_secs(2));
    probe(&server, &sink, watch)
}

/// Posts the probes to a server that tells `sink`, whose times `watch` reads.
pub(crate) fn probe(server: &Server, sink: &Sink, watch: Watch) -> Result<Figures, Failure> {
    let sent = send(server, watch)?;
    let end = watch.read() + PATIENCE;
    while sink.arrived().len() < PROBES {
        if watch.read() > end {
            let n = sink.arrived().len();
            return Err(Failure::Unexpected(format!(
                "{n} of {PROBES} webhooks arrived"
            )));
        }
        thread::sleep(Duration::from_millis(50));
    }
    let arrived = sink.arrived();
    let waits: Vec<f64> = arrived
        .iter()
        .zip(&sent)
        .map(|((_, at), sent)| ms(at.saturating_sub(*sent)))
        .collect();
    let figure = |percent| percentile(&waits, percent).unwrap_or(f64::NAN);
    Ok(Figures {
        p50: figure(50),
        p99: figure(99),
    })
}

/// Posts one probe after the other; when each was sent.
fn send(server: &Server, watch: Watch) -> Result<Vec<Duration>, Failure> {
    let start = now();
    let requests: Vec<_> = (0..PROBES)
        .map(|i| http::post("/api/v2/alerts", server.address, &alerts::probe(i, start)))
        .collect();
    let mut connection = Connection::open(server.address).map_err(trying("connecting"))?;
    let begin = watch.read();
    let mut sent = Vec::new();
    for (request, i) in requests.iter().zip(0..) {
        let due = begin + EVERY * i;
        thread::sleep(due.saturating_sub(watch.read()));
        sent.push(watch.read());
        let status = connection.ask(request).map_err(trying("posting"))?;
        if status != 200 {
            return Err(Failure::Unexpected(format!("answered {status}")));
        }
    }
    Ok(sent)
}
