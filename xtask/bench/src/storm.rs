//! 100,000 alerts at once to the programs that take an alertmanager.yml: taken in, told, and put on record.

use std::path::Path;
use std::thread;
use std::time::Duration;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::Groups;
use crate::alerts;
use crate::clock::{Watch, now};
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::http::{self, Connection};
use crate::line::{Aim, Line, compare, figure, thousands};
use crate::load::load;
use crate::peer::{ALL, Peer, Rounds, Setup};
use crate::report::Part;
use crate::server::Server;
use crate::sink::Sink;
use crate::stats::ms;
use crate::swarm::{self, Until};

const ALERTS: usize = 100_000;
const BATCH: usize = 1_000;

/// A storm that is not told after this long has failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// The urgent alert comes so long after the first request of a storm.
const URGENT_AFTER: Duration = Duration::from_millis(500);

/// Connections over which the receiver alone is tried: as many as `stentor` uses.
const TRIED: usize = 48;

/// One round of one program.
#[derive(Default)]
struct Round {
    per_second: f64,
    post_p50: f64,
    peak_mib: f64,
    /// From the first request to the last webhook, in seconds.
    told_s: f64,
    /// From the first request until what was told is durable, in seconds.
    recorded_s: f64,
    /// From the request of an urgent alert to its webhook, in milliseconds.
    urgent_ms: f64,
}

/// Measures all programs in turn.
pub(crate) fn measure(dir: &Path, rounds: usize, _disk: Disk) -> Result<Part, Failure> {
    let postgres = PrivatePostgres::start();
    let mut part = Part::default();
    for (groups, name) in [(Groups::One, "one group"), (Groups::Hundred, "100 groups")] {
        let found = Rounds::run(dir, &ALL, rounds, |peer, place| {
            let round = batches(place, peer, groups, &postgres)?;
            println!(
                "  {name}, {peer:?}: {:.0} alerts/s, POST p50 {:.1} ms, {:.0} MiB",
                round.per_second, round.post_p50, round.peak_mib
            );
            Ok(round)
        })?;
        let what = format!("drop-in: intake, {name}, alerts/s");
        part.lines
            .push(rate(&what, &found, Aim::Times(6.0), &mut part.notes));
    }
    let found = Rounds::run(dir, &ALL, rounds, |peer, place| {
        let round = told(place, peer, &postgres)?;
        println!(
            "  a group per alert, {peer:?}: {:.0} alerts/s, POST p50 {:.1} ms, {:.0} MiB, told after {:.2} s, on record \
             after {:.2} s, urgent after {:.0} ms",
            round.per_second,
            round.post_p50,
            round.peak_mib,
            round.told_s,
            round.recorded_s,
            round.urgent_ms
        );
        Ok(round)
    })?;
    each(&found, &mut part);
    let alone = receiver_alone()?;
    println!("  the receiver alone: {alone:.0} webhooks/s");
    part.notes.push(format!(
        "The receiver of webhooks alone, asked by a raw driver over {TRIED} connections that share the machine with it, \
         takes {} a second: it is not the limit.",
        thousands(alone)
    ));
    Ok(part)
}

fn rate(what: &str, found: &Rounds<Round>, aim: Aim, notes: &mut Vec<String>) -> Line {
    let of = |peer| found.median(peer, |r: &Round| r.per_second);
    let (theirs, postgres) = (of(Peer::Alertmanager), of(Peer::Postgres));
    notes.push(format!(
        "{what}, on PostgreSQL: {} ({:.1} times).",
        thousands(postgres),
        postgres / theirs
    ));
    compare(what, of(Peer::Sqlite), theirs, aim)
}

fn each(found: &Rounds<Round>, part: &mut Part) {
    let what = "drop-in: intake, a group per alert, alerts/s";
    let line = rate(what, found, Aim::Times(20.0), &mut part.notes);
    part.lines.push(line);
    let mut add = |what: &str, value: fn(&Round) -> f64, aim| {
        let (ours, theirs) = (Peer::Sqlite, Peer::Alertmanager);
        let (ours, theirs) = (found.median(ours, value), found.median(theirs, value));
        part.lines.push(compare(what, ours, theirs, aim));
        let postgres = found.median(Peer::Postgres, value);
        part.notes
            .push(format!("{what}, on PostgreSQL: {}.", figure(postgres)));
    };
    add("the same, POST p50, ms", |r| r.post_p50, Aim::Below(50.0));
    add(
        "the same, peak memory, MiB",
        |r| r.peak_mib,
        Aim::Part(1.0 / 3.0),
    );
    add(
        "the same, first POST to last webhook, s",
        |r| r.told_s,
        Aim::Part(0.5),
    );
    add(
        "the same, until what was told is durable (theirs: never), s",
        |r| r.recorded_s,
        Aim::Part(0.5),
    );
    add(
        "an urgent alert during that storm, POST to webhook, ms",
        |r| r.urgent_ms,
        Aim::Below(1_000.0),
    );
}

fn batches(
    place: &Path,
    peer: Peer,
    groups: Groups,
    postgres: &PrivatePostgres,
) -> Result<Round, Failure> {
    let sink = Sink::start(Watch::start()).map_err(trying("the receiver"))?;
    let setup = Setup {
        groups,
        sink: Some(sink.address),
        rules: "",
    };
    let server = peer.start(place, &setup, Some(postgres))?;
    let bodies = alerts::batches_of("warning", ALERTS, BATCH, now());
    let loaded = load(server.address, &bodies)?;
    Ok(Round {
        per_second: ALERTS as f64 / loaded.took.as_secs_f64(),
        post_p50: loaded.post_p50,
        peak_mib: server.usage()?.peak_mib,
        ..Round::default()
    })
}

fn told(place: &Path, peer: Peer, postgres: &PrivatePostgres) -> Result<Round, Failure> {
    let watch = Watch::start();
    let sink = Sink::start(watch).map_err(trying("the receiver"))?;
    let setup = Setup {
        groups: Groups::Each,
        sink: Some(sink.address),
        rules: "",
    };
    let server = peer.start(place, &setup, Some(postgres))?;
    let bodies = alerts::batches_of("warning", ALERTS, BATCH, now());
    let begun = watch.read();
    let (loaded, urgent) = thread::scope(|scope| {
        let urgent = scope.spawn(|| urgent(&server, watch));
        let loaded = load(server.address, &bodies);
        let lost = || Err(Failure::Unexpected("a thread of the driver".into()));
        (loaded, urgent.join().unwrap_or_else(|_| lost()))
    });
    let (loaded, urgent) = (loaded?, urgent?);
    // The urgent one is told too.
    while sink.count() <= ALERTS {
        if watch.read() > begun + PATIENCE {
            let n = sink.count();
            return Err(Failure::Unexpected(format!("{peer:?} told {n} alerts")));
        }
        thread::sleep(Duration::from_millis(10));
    }
    let told = sink.last().saturating_sub(begun);
    let recorded = match peer {
        Peer::Alertmanager => told,
        _ => recorded(&server, watch)?
            .max(sink.last())
            .saturating_sub(begun),
    };
    let arrived = sink.arrived();
    let urgent = arrived
        .first()
        .map_or(f64::NAN, |(_, at)| ms(at.saturating_sub(urgent)));
    Ok(Round {
        per_second: ALERTS as f64 / loaded.took.as_secs_f64(),
        post_p50: loaded.post_p50,
        peak_mib: server.usage()?.peak_mib,
        told_s: told.as_secs_f64(),
        recorded_s: recorded.as_secs_f64(),
        urgent_ms: urgent,
    })
}

/// Posts an urgent alert in the middle of a storm; when.
fn urgent(server: &Server, watch: Watch) -> Result<Duration, Failure> {
    let request = http::post("/api/v2/alerts", server.address, &alerts::urgent(0, now()));
    let mut connection = Connection::open(server.address).map_err(trying("connecting"))?;
    thread::sleep(URGENT_AFTER);
    let at = watch.read();
    match connection.ask(&request).map_err(trying("posting"))? {
        200 => Ok(at),
        status => Err(Failure::Unexpected(format!("answered {status}"))),
    }
}

/// When the journal grew last: nothing is told any more, so what grows it is what was told.
fn recorded(server: &Server, watch: Watch) -> Result<Duration, Failure> {
    const STILL: Duration = Duration::from_secs(1);
    let (mut seq, mut since) = (None, watch.read());
    while watch.read().saturating_sub(since) < STILL {
        let asked = watch.read();
        let answer = http::whole("/metrics", server.address, "");
        let (_, body) = answer.map_err(trying("asking for metrics"))?;
        let text = String::from_utf8_lossy(&body);
        let line = text
            .lines()
            .find(|line| line.starts_with("stentor_journal_seq "));
        let now = line.map(str::to_owned);
        if now != seq {
            (seq, since) = (now, asked);
        }
        thread::sleep(Duration::from_millis(20));
    }
    match seq {
        Some(_) => Ok(since),
        None => Err(Failure::Unexpected("no position of the journal".into())),
    }
}

/// How many webhooks a second the receiver takes from nobody in particular.
fn receiver_alone() -> Result<f64, Failure> {
    let sink = Sink::start(Watch::start()).map_err(trying("the receiver"))?;
    // About as long as a webhook about one alert.
    let body = alerts::probe(0, now())
        .replace("probe=", "probe ")
        .repeat(2);
    let webhook = http::post("/", sink.address, &body);
    swarm::ask(sink.address, TRIED, Until::Count(ALERTS), move |_| {
        webhook.clone()
    })
}
