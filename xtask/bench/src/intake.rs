//! How many alerts a second are taken in, and at what peak of memory.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::{self, Groups};
use crate::clock::{Watch, now};
use crate::failure::{Failure, trying};
use crate::load::load;
use crate::sink::Sink;
use crate::stats::median;
use crate::{alerts, stentor};

const ALERTS: usize = 100_000;
const BATCH: usize = 1_000;

/// Whose intake is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Candidate {
    Alertmanager,
    Sqlite,
    Postgres,
}

/// One round of one candidate.
#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    peak_mib: f64,
}

/// Medians of one candidate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Alerts a second, from the first request to the last 200.
    pub(crate) per_second: f64,
    /// Peak resident memory, in MiB.
    pub(crate) peak_mib: f64,
}

/// What was found.
pub(crate) struct Intake {
    pub(crate) alertmanager: Figures,
    pub(crate) sqlite: Figures,
    pub(crate) postgres: Figures,
}

/// Measures all candidates in turn, the order reversed in every other round.
pub(crate) fn measure(dir: &Path, rounds: usize) -> Result<Intake, Failure> {
    let sink = Sink::start(Watch::start()).map_err(trying("the receiver"))?;
    let postgres = PrivatePostgres::start();
    let mut order = [
        Candidate::Alertmanager,
        Candidate::Sqlite,
        Candidate::Postgres,
    ];
    let mut found: Vec<(Candidate, Round)> = Vec::new();
    for round in 0..rounds {
        for candidate in order {
            let place = dir.join(format!("intake-{round}-{candidate:?}"));
            let one = measure_one(&place, candidate, sink.address, &postgres)?;
            println!(
                "  {candidate:?}: {:.0} alerts/s, {:.0} MiB",
                one.per_second, one.peak_mib
            );
            found.push((candidate, one));
            fs::remove_dir_all(&place).map_err(trying("clearing up"))?;
        }
        order.reverse();
    }
    let figures = |candidate| {
        let rounds: Vec<Round> = found
            .iter()
            .filter(|(c, _)| *c == candidate)
            .map(|(_, round)| *round)
            .collect();
        let of = |value: fn(&Round) -> f64| {
            let values: Vec<f64> = rounds.iter().map(value).collect();
            median(&values).unwrap_or(f64::NAN)
        };
        Figures {
            per_second: of(|r| r.per_second),
            peak_mib: of(|r| r.peak_mib),
        }
    };
    Ok(Intake {
        alertmanager: figures(Candidate::Alertmanager),
        sqlite: figures(Candidate::Sqlite),
        postgres: figures(Candidate::Postgres),
    })
}

fn measure_one(
    place: &Path,
    candidate: Candidate,
    sink: SocketAddr,
    postgres: &PrivatePostgres,
) -> Result<Round, Failure> {
    fs::create_dir_all(place).map_err(trying("a folder"))?;
    let server = if candidate == Candidate::Alertmanager {
        alertmanager::start(place, Groups::One, sink)?
    } else {
        let data = place.join("data");
        stentor::create(&data, 0, sink)?;
        let database = (candidate == Candidate::Postgres).then(|| postgres.database());
        stentor::serve(&data, database.as_deref())?
    };
    // Whatever a start leaves to do in the background is not intake.
    thread::sleep(Duration::from_secs(1));
    let bodies = alerts::batches(ALERTS, BATCH, now());
    let took = load(server.address, &bodies)?.took;
    Ok(Round {
        per_second: ALERTS as f64 / took.as_secs_f64(),
        peak_mib: server.usage()?.peak_mib,
    })
}
