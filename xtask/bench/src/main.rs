//! Measures Stentor beside Alertmanager. `cargo xtask bench` starts it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks"
)]

mod alertmanager;
mod alerts;
mod browser;
mod clock;
mod delivery;
mod disk;
mod failure;
mod host;
mod http;
mod inhibition;
mod intake;
mod journal;
mod line;
mod lists;
mod load;
mod page;
mod peer;
mod report;
mod served;
mod server;
mod single;
mod sink;
mod start;
mod stats;
mod stentor;
mod storm;
mod swarm;
mod verify;
mod word;

use std::path::Path;
use std::process::ExitCode;

use disk::Disk;
use failure::{Failure, trying};
use report::{Part, Report};

const PARTS: [&str; 10] = [
    "intake",
    "delivery",
    "start",
    "verify",
    "word",
    "storm",
    "single",
    "page",
    "lists",
    "inhibition",
];

/// Measures a part in a folder, so many rounds of it, on a disk that was measured before.
type Measure = fn(&Path, usize, Disk) -> Result<Part, Failure>;

/// The parts that fill the table line by line, and what is said when they begin.
const BY_LINE: [(&str, &str, Measure); 6] = [
    (
        "word",
        "a public word to three mirrors on loopback",
        word::measure,
    ),
    (
        "storm",
        "100,000 alerts in batches of 1,000 over 4 connections",
        storm::measure,
    ),
    (
        "single",
        "one alert per request, 10 seconds",
        single::measure,
    ),
    (
        "page",
        "300 alerts, 50 a second, each a group of its own",
        page::measure,
    ),
    ("lists", "100,000 alerts and 2,000 services", lists::measure),
    (
        "inhibition",
        "1,000 rules, 10,000 alerts",
        inhibition::measure,
    ),
];

/// What the command line asked for.
struct Options {
    /// Parts to measure; empty means all.
    only: Vec<String>,
    rounds: usize,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match parse(&args).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(if matches!(failure, Failure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options {
        only: Vec::new(),
        rounds: 5,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--only", Some(part)) if PARTS.contains(&part.as_str()) => {
                options.only.push(part.clone());
            }
            ("--rounds", Some(n)) => {
                let rounds = n.parse().ok().filter(|n| *n > 0);
                options.rounds = rounds
                    .ok_or_else(|| Failure::Usage(format!("{n:?} is no number of rounds")))?;
            }
            _ => return Err(Failure::Usage(format!("{arg:?} is not understood"))),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), Failure> {
    let Options { only, rounds } = options;
    let wanted = |part: &str| only.is_empty() || only.iter().any(|o| o == part);
    // Beside the program rather than in /tmp, which may be memory.
    let exe = std::env::current_exe().map_err(trying("this program's place"))?;
    let target = exe.parent().unwrap_or(Path::new("."));
    let dir = tempfile::tempdir_in(target).map_err(trying("a folder"))?;
    let mut report = Report {
        facts: host::facts(),
        ..Report::default()
    };
    let before = host::load();
    println!("disk (load {before})");
    let disk = disk::measure(dir.path())?;
    report.disk = Some(disk);
    if wanted("intake") {
        println!("intake: 100,000 alerts in batches of 1,000 over 4 connections");
        report.intake = Some(intake::measure(dir.path(), *rounds)?);
    }
    if wanted("delivery") {
        println!("delivery: 300 alerts, 50 a second, each a message of its own");
        report.delivery = Some(delivery::measure(dir.path(), *rounds)?);
    }
    if wanted("start") {
        println!("start");
        report.start = Some(start::measure(dir.path(), *rounds)?);
    }
    if wanted("verify") {
        println!("verify");
        report.verify_ms = Some(verify::measure(dir.path())?);
    }
    for (part, what, measure) in BY_LINE {
        if wanted(part) {
            println!("{part}: {what}");
            report.parts.push(measure(dir.path(), *rounds, disk)?);
        }
    }
    report.facts.push(format!(
        "medians of {rounds} rounds; load average {before} before, {} after (the bench itself included)",
        host::load()
    ));
    report
        .facts
        .push(format!("peer: Alertmanager {}", alertmanager::version()));
    let block = report.markdown();
    println!("\n{block}");
    if only.is_empty() {
        // Read when run, not baked in: checkouts may share a target directory.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        let path = Path::new(&here).join("../../docs/performance.md");
        report::keep(&path, &block)?;
        println!("kept in docs/performance.md");
    }
    Ok(())
}
