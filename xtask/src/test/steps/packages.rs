//! The real parts the tests start: found, installed, or named.

use super::super::parts::{PARTS, Part};
use super::{Ended, Step};
use crate::apt::{self, Right};
use crate::machine::Machine;
use crate::shell::Failure;

pub(super) const STEP: Step = Step {
    name: "packages",
    what: "the programs the tests start are here",
    remedy: "install what is named, then run the task again",
    run,
};

fn run(no_install: bool) -> Result<Ended, Failure> {
    let missing = look(&Machine::this());
    if missing.is_empty() {
        return Ok(Ended::Passed);
    }
    let packages = packages_of(&missing, apt::is_ubuntu());
    let command = apt::command(&packages);
    if no_install {
        return Err(Failure::Failed(format!(
            "missing; install with\n\n  {command}\n"
        )));
    }
    let Some(right) = Right::of_ours() else {
        return Err(Failure::Failed(format!(
            "missing, and neither root nor passwordless sudo to install; do it with\n\n  {command}\n"
        )));
    };
    apt::install(right, &packages)?;
    // Installed is not yet found: another python3 may come first on PATH and lack venv.
    let still = look(&Machine::this());
    if still.is_empty() {
        return Ok(Ended::PassedWith(format!(
            "installed {}",
            packages.join(" ")
        )));
    }
    let names: Vec<_> = still.iter().map(|part| part.what).collect();
    Err(Failure::Failed(format!(
        "installed {}, yet not found on PATH: {}",
        packages.join(" "),
        names.join("; ")
    )))
}

/// Prints what is here and answers what is not.
fn look(machine: &Machine) -> Vec<&'static Part> {
    let mut missing = Vec::new();
    for part in PARTS {
        let here = (part.here)(machine);
        println!(
            "  {} {}",
            if here { "found  " } else { "MISSING" },
            part.what
        );
        if !here {
            missing.push(part);
        }
    }
    missing
}

fn packages_of(missing: &[&Part], ubuntu: bool) -> Vec<&'static str> {
    let mut packages: Vec<_> = missing
        .iter()
        .flat_map(|part| if ubuntu { part.ubuntu } else { part.debian })
        .copied()
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_is_asked_for_once() {
        let all: Vec<_> = PARTS.iter().collect();
        for ubuntu in [false, true] {
            let packages = packages_of(&all, ubuntu);
            assert!(packages.contains(&"prometheus"));
            let mut once = packages.clone();
            once.dedup();
            assert_eq!(packages, once);
        }
    }

    #[test]
    fn an_empty_machine_lacks_every_part() {
        let empty = tempfile::tempdir().unwrap();
        let machine = Machine {
            path: vec![empty.path().into()],
            root: empty.path().into(),
        };
        assert_eq!(look(&machine).len(), PARTS.len());
    }
}
