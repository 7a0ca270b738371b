//! `cargo xtask record`: finds or installs Alertmanager and lets `stentor-record` play scenarios with it.

use crate::apt::{self, Right};
use crate::machine::Machine;
use crate::shell::{self, Failure};

/// The program that is recorded, and the package of Debian that brings it.
const RECORDED: &str = "prometheus-alertmanager";

pub(crate) fn help() -> String {
    "Records how Debian's Alertmanager behaves in small scenarios, into crates/domain/tests/scenarios.\n\n\
     Usage: cargo xtask record [--only PART]... [--jobs N]\n\n\
     Each scenario is played in real time until two takes agree and nothing happened at the tick of a group.\n\
     A whole recording takes some five minutes and replaces all files.\n\n\
     Options:\n\
     \x20 --only PART    scenarios whose name contains PART; may be given several times\n\
     \x20 --jobs N       scenarios played at a time, 1 to 32; fewer on a machine that is busy (12)\n\
     \x20 -h, --help     print this\n\n\
     Example:\n\
     \x20 cargo xtask record                   everything\n\
     \x20 cargo xtask record --only silence    a part\n"
        .to_owned()
}

pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    install()?;
    let mut run = vec!["run", "--package", "stentor-record", "--"];
    run.extend(args.iter().map(String::as_str));
    if shell::show(&mut shell::cargo(&run))? {
        Ok(())
    } else {
        Err(Failure::Failed("see the messages above".into()))
    }
}

fn install() -> Result<(), Failure> {
    if Machine::this().any(&[RECORDED]) {
        return Ok(());
    }
    match Right::of_ours() {
        Some(right) => apt::install(right, &[RECORDED]),
        None => Err(Failure::Failed(format!(
            "missing, and neither root nor passwordless sudo to install; do it with\n\n  {}\n",
            apt::command(&[RECORDED])
        ))),
    }
}
