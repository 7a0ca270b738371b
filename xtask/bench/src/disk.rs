//! What the disk takes to make a small write durable: the floor of every answer that is durable first.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::stats::{ms, percentile};

const WRITES: usize = 1_000;

/// In milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disk {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Appends 4 KiB and calls fdatasync, again and again.
pub(crate) fn measure(dir: &Path) -> Result<Disk, Failure> {
    let path = dir.join("fdatasync");
    let mut file = File::create(&path).map_err(trying("a file"))?;
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let watch = Watch::start();
        file.write_all(&[0x5a; 4096]).map_err(trying("writing"))?;
        file.sync_data().map_err(trying("fdatasync"))?;
        took.push(ms(watch.read()));
    }
    std::fs::remove_file(&path).map_err(trying("clearing up"))?;
    let figure = |percent| percentile(&took, percent).unwrap_or(f64::NAN);
    Ok(Disk {
        p50: figure(50),
        p99: figure(99),
    })
}
