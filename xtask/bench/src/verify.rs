//! How long `stentor verify` takes on a mirror in a local directory, as a whole process.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::clock::Watch;
use crate::failure::{Failure, trying};
use crate::stats::{median, ms};
use crate::stentor;

const RUNS: usize = 20;

/// A mirror that is not written after this long is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// The median, in milliseconds.
pub(crate) fn measure(dir: &Path) -> Result<f64, Failure> {
    let data = dir.join("verify");
    let server = stentor::up(&data)?;
    let program = stentor::program()?;
    let verify = || {
        let mut command = Command::new(&program);
        command.arg("verify").arg(data.join("mirrors/one"));
        command.arg("--root").arg(data.join("repository/root.json"));
        command
    };
    let written = Watch::start();
    while let Err(error) = stentor::run(&mut verify()) {
        if written.read() > PATIENCE {
            return Err(error);
        }
        thread::sleep(Duration::from_millis(100));
    }
    server.stop()?;
    let mut took = Vec::new();
    for _ in 0..RUNS {
        let watch = Watch::start();
        stentor::run(&mut verify())?;
        took.push(ms(watch.read()));
    }
    std::fs::remove_dir_all(&data).map_err(trying("clearing up"))?;
    let median = median(&took).unwrap_or(f64::NAN);
    println!("  {median:.1} ms");
    Ok(median)
}
