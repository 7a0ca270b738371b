//! Lists: all alerts, a page of them, and the console's list of services.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use stentor_testkit::postgres::PrivatePostgres;

use crate::alertmanager::Groups;
use crate::alerts;
use crate::clock::{Watch, now};
use crate::disk::Disk;
use crate::failure::{Failure, trying};
use crate::http;
use crate::line::{Aim, alone, compare, figure};
use crate::load::load;
use crate::peer::{ALL, Peer, Rounds, Setup};
use crate::report::Part;
use crate::stats::{median, ms};
use crate::stentor;

const ALERTS: usize = 100_000;
const SERVICES: usize = 2_000;

/// Each list is asked for so many times; the median counts.
const TIMES: usize = 5;

const WHOLE: &str = "/api/v2/alerts";
const BY_SHARD: &str = "/api/v2/alerts?filter=shard%3D%227%22&limit=100";
const BY_INSTANCE: &str =
    "/api/v2/alerts?filter=instance%3D%22host-0000042.example.org%3A9100%22&limit=100";

/// Milliseconds.
struct Round {
    whole: f64,
    by_shard: f64,
    by_instance: f64,
}

/// Measures all programs in turn.
pub(crate) fn measure(dir: &Path, rounds: usize, _disk: Disk) -> Result<Part, Failure> {
    let postgres = PrivatePostgres::start();
    let found = Rounds::run(dir, &ALL, rounds, |peer, place| {
        let round = measure_one(place, peer, &postgres)?;
        println!(
            "  {peer:?}: whole {:.0} ms, of a shard {:.1} ms, of an instance {:.1} ms",
            round.whole, round.by_shard, round.by_instance
        );
        Ok(round)
    })?;
    let mut part = Part::default();
    let mut add = |what: &str, value: fn(&Round) -> f64, below: f64| {
        let (ours, theirs) = (Peer::Sqlite, Peer::Alertmanager);
        let (ours, theirs) = (found.median(ours, value), found.median(theirs, value));
        part.lines
            .push(compare(what, ours, theirs, Aim::Below(below)));
        let postgres = found.median(Peer::Postgres, value);
        part.notes
            .push(format!("{what}, on PostgreSQL: {}.", figure(postgres)));
    };
    add(
        "drop-in: list of 100,000 alerts whole, ms",
        |r| r.whole,
        1_000.0,
    );
    add(
        "a page of 100 of them by `shard` (theirs: all 1,000), ms",
        |r| r.by_shard,
        20.0,
    );
    add("those of one `instance`, ms", |r| r.by_instance, 20.0);
    let console = console(&dir.join("console"))?;
    println!("  console, {SERVICES} services: {console:.1} ms");
    part.lines.push(alone(
        "console: page with 2,000 services, ms",
        console,
        100.0,
    ));
    Ok(part)
}

fn measure_one(place: &Path, peer: Peer, postgres: &PrivatePostgres) -> Result<Round, Failure> {
    let setup = Setup {
        groups: Groups::One,
        sink: None,
        rules: "",
    };
    let server = peer.start(place, &setup, Some(postgres))?;
    load(server.address, &alerts::batches(ALERTS, 1_000, now()))?;
    Ok(Round {
        whole: time(WHOLE, server.address, "", 40_000_000)?,
        by_shard: time(BY_SHARD, server.address, "", 30_000)?,
        by_instance: time(BY_INSTANCE, server.address, "", 300)?,
    })
}

/// The median time of an answer that is at least so long, in milliseconds.
pub(crate) fn time(
    path: &str,
    address: SocketAddr,
    headers: &str,
    at_least: usize,
) -> Result<f64, Failure> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let watch = Watch::start();
        let (status, body) = http::whole(path, address, headers).map_err(trying(path))?;
        took.push(ms(watch.read()));
        if status != 200 || body.len() < at_least {
            let length = body.len();
            return Err(Failure::Unexpected(format!(
                "{path}: answered {status} with {length} bytes"
            )));
        }
    }
    Ok(median(&took).unwrap_or(f64::NAN))
}

/// The page that lists all services, signed in.
fn console(place: &Path) -> Result<f64, Failure> {
    fs::create_dir_all(place).map_err(trying("a folder"))?;
    let data = place.join("data");
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    stentor::create(&data, SERVICES, nobody)?;
    let server = stentor::serve(&data, None)?;
    let link = stentor::run(
        Command::new(stentor::program()?)
            .args(["sign-in", "ada", "--dir"])
            .arg(&data),
    )?;
    let token = link.trim().rsplit('/').next().unwrap_or_default();
    let cookie = http::post_for_cookie(&format!("/sign-in/{token}"), server.address)
        .map_err(trying("signing in"))?;
    let headers = format!("Cookie: {cookie}\r\n");
    time("/incidents/new", server.address, &headers, SERVICES * 20)
}
