//! From the POST of an alert to its webhook, by the programs that take an alertmanager.yml, on an idle machine.

use std::path::Path;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::Groups;
use crate::clock::Watch;
use crate::delivery::{Figures, probe};
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::line::{Aim, compare, figure};
use crate::peer::{ALL, Peer, Rounds, Setup};
use crate::report::Part;
use crate::sink::Sink;

/// Measures all programs in turn.
pub(crate) fn measure(dir: &Path, rounds: usize, disk: Disk) -> Result<Part, Failure> {
    let postgres = PrivatePostgres::start();
    let found = Rounds::run(dir, &ALL, rounds, |peer, place| {
        let one = measure_one(place, peer, &postgres)?;
        println!("  {peer:?}: p50 {:.2} ms, p99 {:.2} ms", one.p50, one.p99);
        Ok(one)
    })?;
    let p50 = |peer| found.median(peer, |f| f.p50);
    let p99 = |peer| found.median(peer, |f| f.p99);
    let (ours, theirs) = (p99(Peer::Sqlite), p99(Peer::Alertmanager));
    let aim = 1.5 * theirs + disk.p99;
    let mut line = compare(
        "drop-in: POST to webhook, p99, ms",
        ours,
        theirs,
        Aim::Below(aim),
    );
    line.aim = format!("at most {aim:.2} (1.5 times theirs plus fdatasync p99)");
    line.met = ours <= aim;
    let (ours, theirs) = (p50(Peer::Sqlite), p50(Peer::Alertmanager));
    let median = compare("the same, p50, ms", ours, theirs, Aim::None);
    Ok(Part {
        lines: vec![line, median],
        notes: vec![format!(
            "drop-in: POST to webhook, on PostgreSQL: p50 {} ms, p99 {} ms.",
            figure(p50(Peer::Postgres)),
            figure(p99(Peer::Postgres))
        )],
    })
}

fn measure_one(place: &Path, peer: Peer, postgres: &PrivatePostgres) -> Result<Figures, Failure> {
    let watch = Watch::start();
    let sink = Sink::start(watch).map_err(trying("the receiver"))?;
    let setup = Setup {
        groups: Groups::Each,
        sink: Some(sink.address),
        rules: "",
    };
    let server = peer.start(place, &setup, Some(postgres))?;
    probe(&server, &sink, watch)
}
