//! The steps of `cargo xtask test`, in the order in which they run: what fails fast comes first.

mod cargo_test;
mod clippy;
mod deny;
mod doc;
mod fmt;
mod packages;

use std::process::Command;

use crate::shell::{self, Failure};

/// One thing to check.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// What it does, for the list and the heading.
    pub(crate) what: &'static str,
    /// What to do when it fails.
    pub(crate) remedy: &'static str,
    /// Runs it; the argument says that nothing may be installed.
    pub(crate) run: fn(bool) -> Result<Ended, Failure>,
}

/// How a step ended well.
#[derive(Debug)]
pub(crate) enum Ended {
    Passed,
    /// With something worth a line in the closing report.
    PassedWith(String),
    /// Not done, and why: never to be mistaken for a pass.
    Skipped(String),
}

pub(crate) const STEPS: &[Step] = &[
    packages::STEP,
    fmt::STEP,
    clippy::STEP,
    cargo_test::STEP,
    doc::STEP,
    deny::STEP,
];

/// Runs a command that must succeed.
fn must(command: &mut Command) -> Result<Ended, Failure> {
    if shell::show(command)? {
        Ok(Ended::Passed)
    } else {
        Err(Failure::Failed("see the messages above".into()))
    }
}
