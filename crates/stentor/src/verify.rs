//! `stentor verify`: is this mirror authentic, and is it fresh? Works without any server of ours.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stentor_engine::{Clock, SystemClock};
use stentor_verify::{Fetch, LocalDir, StateDir, Verification};

use crate::check::Output;
use crate::failure::{Failure, block_on, print};
use crate::mirror_http::HttpMirror;

/// Say whether a mirror of the public word is authentic and fresh.
///
/// Exit codes: 0 authentic and fresh; 3 authentic but stale; 4 not authentic; 5 could not be checked; 2 wrong usage.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stentor verify https://status.example.org --root root.json --state ~/.stentor-seen\n  stentor verify ./stentor-data/mirrors/one --root ./stentor-data/repository/root.json"
)]
pub(crate) struct Verify {
    /// The mirror: a URL or a directory
    mirror: String,
    /// The first trusted root.json, handed to you by another way than the mirror
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// Where to remember what was seen: without it, an older state put back cannot be told on a first visit
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// A root is far smaller; more is refused before it is read, in bytes.
const MAX_ROOT: u64 = 512 * 1024;

impl Verify {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let root = read_root(&self.root)?;
        let is_url = self.mirror.contains("://");
        let mirror: Box<dyn Fetch> = if is_url {
            Box::new(HttpMirror::new(&self.mirror)?)
        } else {
            Box::new(LocalDir::new(&self.mirror))
        };
        block_on(async {
            let check = Verification::new(&*mirror, &root, SystemClock.now());
            let report = match self.state {
                Some(dir) => check.run_with_state(&StateDir::new(dir)).await,
                None => check.run().await.report,
            };
            print(&match self.output {
                Output::Text => report.explain().trim_end().to_owned(),
                Output::Json => serde_json::to_string_pretty(&report).map_err(Failure::new)?,
            });
            Ok(ExitCode::from(report.exit_code))
        })
    }
}

fn read_root(path: &Path) -> Result<Vec<u8>, Failure> {
    let usage = |e: std::io::Error| Failure::usage(format!("--root {}: {e}", path.display()));
    let size = std::fs::metadata(path).map_err(usage)?.len();
    if size > MAX_ROOT {
        return Err(Failure::usage(format!(
            "--root {} is larger than any root",
            path.display()
        )));
    }
    std::fs::read(path).map_err(usage)
}
