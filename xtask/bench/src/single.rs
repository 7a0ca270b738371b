//! One alert per request, over many connections at the same time.

use std::path::Path;
use std::time::Duration;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::Groups;
use crate::clock::Watch;
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::http;
use crate::line::{Aim, compare, thousands};
use crate::peer::{ALL, Peer, Rounds, Setup};
use crate::report::Part;
use crate::sink::Sink;
use crate::swarm::{self, Until};

const LASTS: Duration = Duration::from_secs(10);

/// Where fdatasync takes longer than this (median, in milliseconds), the disk decides and not the program.
const QUICK_MS: f64 = 0.25;

/// Measures all programs in turn.
pub(crate) fn measure(dir: &Path, rounds: usize, disk: Disk) -> Result<Part, Failure> {
    let postgres = PrivatePostgres::start();
    let mut part = Part::default();
    for (connections, aim) in [(16, 1.0), (64, 1.5)] {
        let found = Rounds::run(dir, &ALL, rounds, |peer, place| {
            let rate = measure_one(place, peer, connections, &postgres)?;
            println!("  {connections} connections, {peer:?}: {rate:.0} alerts/s");
            Ok(rate)
        })?;
        let of = |peer| found.median(peer, |rate| *rate);
        let (ours, theirs) = (of(Peer::Sqlite), of(Peer::Alertmanager));
        let what = format!("drop-in: one alert per request, {connections} connections, alerts/s");
        let is_quick = disk.p50 < QUICK_MS;
        let aim = if is_quick { Aim::Times(aim) } else { Aim::None };
        part.lines.push(compare(&what, ours, theirs, aim));
        if !is_quick {
            // What so many askers could have if each waited for one sync and nothing else.
            let bound = connections as f64 * 1000.0 / disk.p50;
            part.notes.push(format!(
                "{what}: the disk is slow; {:.2} of connections/fdatasync ({}).",
                ours / bound,
                thousands(bound)
            ));
        }
        let postgres = of(Peer::Postgres);
        part.notes.push(format!(
            "{what}, on PostgreSQL: {} ({:.1} times).",
            thousands(postgres),
            postgres / theirs
        ));
    }
    Ok(part)
}

fn measure_one(
    place: &Path,
    peer: Peer,
    connections: usize,
    postgres: &PrivatePostgres,
) -> Result<f64, Failure> {
    let sink = Sink::start(Watch::start()).map_err(trying("the receiver"))?;
    let setup = Setup {
        groups: Groups::One,
        sink: Some(sink.address),
        rules: "",
    };
    let server = peer.start(place, &setup, Some(postgres))?;
    let address = server.address;
    swarm::ask(address, connections, Until::Over(LASTS), move |i| {
        let body = format!(
            "[{{\"labels\":{{\"alertname\":\"Bench\",\"instance\":\"host-{i:07}\",\"shard\":\"{}\"}},\
             \"annotations\":{{\"summary\":\"host {i} is down\"}}}}]",
            i % 100
        );
        http::post("/api/v2/alerts", address, &body)
    })
}
