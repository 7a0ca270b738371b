//! What we depend on: licences, bans, duplicates, sources. Offline: advisories need a fresh database and are not asked.

use super::{Ended, Step, must};
use crate::shell::{cargo, succeeds};

pub(super) const STEP: Step = Step {
    name: "deny",
    what: "dependencies obey deny.toml (licences, bans, sources)",
    remedy: "prefer another crate, or fewer of its features; an exception in deny.toml carries its reason",
    run: |_| {
        if !succeeds(&mut cargo(&["deny", "--version"])) {
            return Ok(Ended::Skipped("cargo-deny not installed".into()));
        }
        must(&mut cargo(&[
            "deny",
            "--workspace",
            "--offline",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))
    },
};
