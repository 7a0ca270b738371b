//! From nothing to ready, idle memory, the size of the program, and the start with a long journal.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, trying};
use crate::stats::{median, ms};
use crate::{journal, stentor};

/// Entries of the long journal.
const LONG: u64 = 1_000_000;

/// Entries since the newest snapshot at the worst moment to start: one less than a node appends between two.
const TAIL: u64 = 9_990;

/// How long a node is left alone before it counts as idle.
const IDLE: Duration = Duration::from_secs(5);

/// What was found; medians over the rounds.
pub(crate) struct Start {
    /// `stentor up` in a folder that is not there, until ready, in milliseconds.
    pub(crate) fresh_ms: f64,
    /// Resident memory when idle, in MiB.
    pub(crate) idle_mib: f64,
    /// The program on disk, in MB.
    pub(crate) binary_mb: f64,
    /// Until ready with a long journal, when the newest snapshot is as old as it gets, in milliseconds.
    pub(crate) long_ms: f64,
    /// The same without any snapshot, once, in milliseconds: after an upgrade that folds otherwise.
    pub(crate) unaided_ms: f64,
}

/// Measures them.
pub(crate) fn measure(dir: &Path, rounds: usize) -> Result<Start, Failure> {
    let (mut fresh, mut idle) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let data = dir.join(format!("start-{round}"));
        let server = stentor::up(&data)?;
        fresh.push(ms(server.ready_after));
        thread::sleep(IDLE);
        idle.push(server.usage()?.now_mib);
        drop(server);
        fs::remove_dir_all(&data).map_err(trying("clearing up"))?;
    }
    let (fresh_ms, idle_mib) = (of(&fresh), of(&idle));
    println!("  fresh: ready after {fresh_ms:.0} ms, idle {idle_mib:.1} MiB");
    let program = stentor::program()?;
    let size = fs::metadata(program).map_err(trying("the program"))?.len();
    let (long_ms, unaided_ms) = long(&dir.join("long"), rounds)?;
    println!(
        "  {LONG} entries: ready after {long_ms:.0} ms, without a snapshot {unaided_ms:.0} ms"
    );
    Ok(Start {
        fresh_ms,
        idle_mib,
        binary_mb: size as f64 / 1e6,
        long_ms,
        unaided_ms,
    })
}

fn of(values: &[f64]) -> f64 {
    median(values).unwrap_or(f64::NAN)
}

fn long(data: &Path, rounds: usize) -> Result<(f64, f64), Failure> {
    stentor::up(data)?.stop()?;
    let database = data.join("stentor.db");
    journal::fill(&database, LONG - TAIL, journal::incidents())?;
    let server = stentor::serve(data, None)?;
    let unaided = ms(server.ready_after);
    // It takes a snapshot, because it had to fold so much.
    thread::sleep(IDLE);
    server.stop()?;
    journal::fill(&database, LONG, journal::incidents())?;
    let mut took = Vec::new();
    for _ in 0..rounds {
        let server = stentor::serve(data, None)?;
        took.push(ms(server.ready_after));
        // Killed at once, so that it does not get to take another snapshot.
        drop(server);
    }
    fs::remove_dir_all(data).map_err(trying("clearing up"))?;
    Ok((of(&took), unaided))
}
