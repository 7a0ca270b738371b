//! `cargo xtask bench`: finds or installs the peers, builds the release, and lets `stentor-bench` measure it.

use crate::apt::{self, Right};
use crate::machine::Machine;
use crate::shell::{self, Failure};

/// A program that is measured beside Stentor or under it, and the package of Debian that brings it.
const PEERS: [(&str, &str); 3] = [
    ("prometheus-alertmanager", "prometheus-alertmanager"),
    ("/usr/lib/postgresql", "postgresql"),
    // Not on everybody's search path.
    ("/usr/sbin/nginx", "nginx"),
];

pub(crate) fn help() -> String {
    "Builds the release and measures it beside Debian's Alertmanager, in turn on this machine.\n\n\
     Usage: cargo xtask bench [--only PART]... [--rounds N]\n\n\
     A whole run writes its figures into docs/performance.md and takes some minutes; it asks for an idle machine.\n\
     With --only the figures are printed and nothing is written.\n\n\
     Options:\n\
     \x20 --only PART    intake, delivery, start, verify, word, storm, single, page, lists or inhibition; may be given\n\
     \x20                several times\n\
     \x20 --rounds N     rounds of which the median counts (5)\n\
     \x20 -h, --help     print this\n\n\
     Example:\n\
     \x20 cargo xtask bench                          everything\n\
     \x20 cargo xtask bench --only intake --rounds 1   a quick look\n"
        .to_owned()
}

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    peers()?;
    // Apart, so that what the bench needs of a library does not change how the program is built.
    must(&["build", "--release", "--package", "stentor"])?;
    let mut run = vec!["run", "--release", "--package", "stentor-bench", "--"];
    run.extend(args.iter().map(String::as_str));
    must(&run)
}

fn must(args: &[&str]) -> Result<(), Failure> {
    if shell::show(&mut shell::cargo(args))? {
        Ok(())
    } else {
        Err(Failure::Failed("see the messages above".into()))
    }
}

fn peers() -> Result<(), Failure> {
    let machine = Machine::this();
    let here = |name: &str| match name.strip_prefix('/') {
        Some(_) => machine.file(name) || !machine.folders(name).is_empty(),
        None => machine.any(&[name]),
    };
    let missing: Vec<_> = PEERS
        .iter()
        .filter(|(name, _)| !here(name))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    match Right::of_ours() {
        Some(right) => apt::install(right, &missing),
        None => Err(Failure::Failed(format!(
            "missing, and neither root nor passwordless sudo to install; do it with\n\n  {}\n",
            apt::command(&missing)
        ))),
    }
}
